"""An sshd and keys."""

from __future__ import annotations

import contextlib
import getpass
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .common import ROOT, free_port, listens, program, stop_pid, until


@dataclass(frozen=True)
class Sshd:
    """An sshd that lets the user in who runs the tests, by `key`."""

    folder: Path
    port: int
    user: str
    key: Path
    known_hosts: Path
    pidfile: Path = field(repr=False)

    def children(self) -> list[int]:
        """The sessions it serves now."""
        pid = self.pidfile.read_text().strip()
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [int(each) for each in text.split()]


def new_key(path: Path, passphrase: str = "") -> Path:
    subprocess.run(
        [program("ssh-keygen"), "-q", "-t", "ed25519", "-N", passphrase, "-f", str(path)],
        check=True,
    )
    return path


@contextlib.contextmanager
def sshd(
    folder: Path,
    *,
    environ: Mapping[str, str] | None = None,
    more: str = "Subsystem sftp internal-sftp\n",
) -> Iterator[Sshd]:
    """An sshd.

    Args:
        folder: where it lives; made.
        environ: what its sessions find set.
        more: lines of sshd_config.
    """
    server = program("sshd")
    folder.mkdir()
    if ROOT:
        Path("/run/sshd").mkdir(exist_ok=True)
    host_key, key = new_key(folder / "host_key"), new_key(folder / "key")
    authorized = folder / "authorized_keys"
    authorized.write_text(key.with_suffix(".pub").read_text())
    port = free_port()
    given = " ".join(f"{name}={value}" for name, value in (environ or {}).items())
    config = folder / "sshd_config"
    config.write_text(
        f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {host_key}\nPidFile {folder}/pid\n"
        f"AuthorizedKeysFile {authorized}\nPasswordAuthentication no\nUsePAM no\nStrictModes no\n"
        f"MaxStartups 100:30:200\n" + (f"SetEnv {given}\n" if given else "") + more
    )
    known = folder / "known_hosts"
    host_pub = host_key.with_suffix(".pub").read_text().rsplit(" ", 1)[0]
    known.write_text(f"[127.0.0.1]:{port} {host_pub}\n")
    subprocess.run([server, "-f", str(config), "-E", str(folder / "log")], check=True)
    try:
        until(lambda: listens(port), "sshd")
        yield Sshd(folder, port, getpass.getuser(), key, known, folder / "pid")
    finally:
        stop_pid(folder / "pid")
