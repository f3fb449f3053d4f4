"""PostgreSQL: a new one, an old one, and one that speaks German."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .common import ROOT, UnavailableError, free_port, program, stop, until


@dataclass(frozen=True)
class Postgres:
    """A cluster whose superuser is `fractal_user`; `folder` holds its socket."""

    folder: Path
    port: int
    password: str
    bin: str
    process: subprocess.Popen

    def sql(self, *statements: str, db: str = "postgres") -> str:
        """Run statements as the superuser, each by itself, and give back psql's bare output."""
        done = subprocess.run(
            [
                *(program("psql", self.bin), "-XqAt", "-v", "ON_ERROR_STOP=1"),
                *("-h", str(self.folder), "-p", str(self.port), "-U", "fractal_user", "-d", db),
                *(word for each in statements for word in ("-c", each)),
            ],
            env={"PGPASSWORD": self.password, "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def sessions(self) -> list[str]:
        """The clients connected now, this question's own left out."""
        rows = self.sql(
            "select usename || '@' || datname from pg_stat_activity"
            " where backend_type = 'client backend' and pid <> pg_backend_pid()"
        )
        return rows.split()

    def variables(self, db: str = "fractal") -> dict[str, str]:
        return {
            "POSTGRES_USER": "fractal_user",
            "POSTGRES_PASSWORD": self.password,
            "POSTGRES_HOST": "127.0.0.1",
            "POSTGRES_PORT": str(self.port),
            "POSTGRES_DB": db,
        }


def newest_postgres() -> str:
    base = Path("/usr/lib/postgresql")
    return str(max(base.glob("*/bin"), key=lambda each: int(each.parent.name), default=base))


@contextlib.contextmanager
def postgres(
    folder: Path,
    *,
    password: str,
    bindir: str = "",
    hba: str = "",
    config: Mapping[str, str] | None = None,
    files: Mapping[str, str] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Iterator[Postgres]:
    """A PostgreSQL that asks for scram-sha-256 passwords, unless `hba` says more.

    Args:
        folder: where it lives; made, and given to the user who runs it.
        password: of its superuser, `fractal_user`.
        bindir: its programs, by default the newest installed.
        hba: lines that come before those of initdb in pg_hba.conf.
        config: more configuration parameters.
        files: texts to put into the data folder with mode 0600 (keys, certificates).
        environ: more variables for its programs.
    """
    bindir = bindir or newest_postgres()
    initdb = program("initdb", bindir)
    server = str(Path(initdb).resolve().with_name("postgres"))
    owner = {"user": "postgres", "group": "postgres"} if ROOT else {}
    if ROOT and "postgres" not in {each.pw_name for each in pwd.getpwall()}:
        raise UnavailableError("there is no user `postgres` to run PostgreSQL as")
    folder.mkdir()
    pwfile = folder / "password"
    pwfile.write_text(password)
    if ROOT:
        for each in (folder, pwfile):
            shutil.chown(each, "postgres", "postgres")
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **(environ or {})}
    data = folder / "data"
    made = subprocess.run(
        [
            *(initdb, "-D", str(data), "-U", "fractal_user", f"--pwfile={pwfile}"),
            *("--auth=scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync"),
        ],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        **owner,
    )
    if made.returncode:
        raise UnavailableError(f"initdb: {made.stderr}")
    for name, text in (files or {}).items():
        path = data / name
        path.write_text(text)
        path.chmod(0o600)
        if ROOT:
            shutil.chown(path, "postgres", "postgres")
    rules = data / "pg_hba.conf"
    rules.write_text(hba + rules.read_text())
    port = free_port()
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": str(folder),
        "fsync": "off",
        "superuser_reserved_connections": "3",
        **(config or {}),
    }
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [server, "-D", str(data), *(f"--{key}={each}" for key, each in settings.items())],
            cwd=folder,
            env=env,
            stdout=log,
            stderr=log,
            **owner,
        )
    isready = program("pg_isready", newest_postgres())
    try:
        until(
            lambda: subprocess.call([isready, "-q", "-h", str(folder), "-p", str(port)]) == 0,
            "PostgreSQL",
        )
        yield Postgres(folder, port, password, bindir, process)
    finally:
        stop(process, signal.SIGINT)


def german(folder: Path) -> dict[str, str]:
    """Variables with which a program finds the locale de_DE.UTF-8, made in `folder`."""
    folder.mkdir(mode=0o755)
    subprocess.run(
        [program("localedef"), "-i", "de_DE", "-f", "UTF-8", str(folder / "de_DE.UTF-8")],
        check=False,
        capture_output=True,
    )
    if not (folder / "de_DE.UTF-8").exists():
        raise UnavailableError("localedef makes no de_DE (.ci/servers installs locales)")
    return {"LOCPATH": str(folder)}


def unpacked_postgres_10(folder: Path) -> Path:
    """The programs of an old PostgreSQL, made ready in `folder`; gives back its bin."""
    packed = Path(__file__).parents[3] / ".tools/postgresql-10/package/native"
    if not packed.exists():
        raise UnavailableError(f"no old PostgreSQL in {packed} (.ci/servers gets it)")
    native = folder / "native"
    shutil.copytree(packed, native)
    for link in json.loads((native / "pg-symlinks.json").read_text()):
        target = folder / link["target"]
        if not target.exists():
            target.symlink_to(folder / link["source"])
    for path in native.rglob("*"):
        path.chmod(0o755)
    return native / "bin"
