"""Real servers, each on a free loopback port, in a folder of its own, stopped by its pid."""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = os.geteuid() == 0


class UnavailableError(Exception):
    """A server cannot be had here; the text says why."""


def program(name: str, *more: str) -> str:
    """The path of a server's program, or UnavailableError."""
    folders = [*more, *os.environ["PATH"].split(":"), "/usr/sbin", "/sbin"]
    found = shutil.which(name, path=":".join(folders))
    if found is None:
        raise UnavailableError(f"{name} is not installed (.ci/servers installs it)")
    return found


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def until(ready: Callable[[], bool], what: str, seconds: float = 20) -> None:
    """Wait until `ready`.

    Raises:
        UnavailableError: it was not, in time.
    """
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise UnavailableError(f"{what} did not come up in {seconds} s")
        time.sleep(0.02)


def listens(port: int) -> bool:
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0


def stop(process: subprocess.Popen, how: int = signal.SIGTERM) -> None:
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def stop_pid(pidfile: Path, how: int = signal.SIGTERM) -> None:
    """Stop a daemon by its pid file, and wait until it is gone."""
    try:
        pid = int(pidfile.read_text())
        os.kill(pid, how)
    except (OSError, ValueError):
        return
    end = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and not _is_zombie(pid):
        if time.monotonic() > end:
            os.kill(pid, signal.SIGKILL)
            return
        time.sleep(0.02)


def _is_zombie(pid: int) -> bool:
    try:
        return ") Z" in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True


# --- PostgreSQL -----------------------------------------------------------------------------


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
    packed = Path(__file__).parents[2] / ".tools/postgresql-10/package/native"
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


# --- SLURM ----------------------------------------------------------------------------------

SLURM_CONF = """\
ClusterName=doctor
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ctld}
SlurmdPort={slurmd}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SwitchType=switch/none
ReturnToService=2
EnforcePartLimits=ALL
MessageTimeout=10
GresTypes=gpu
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=2000 Gres=gpu:v100:1 Feature=ssd State=UNKNOWN
NodeName=ghost NodeAddr=127.0.0.1 Port={ghost} CPUs=2 RealMemory=2000 State=DOWN Reason=test
PartitionName=main Nodes={host} Default=YES MaxTime=60 State=UP
PartitionName=small Nodes={host} MaxMemPerNode=500 MaxCPUsPerNode=1 State=UP
PartitionName=closed Nodes={host} State=DOWN
PartitionName=inactive Nodes={host} State=INACTIVE
PartitionName=members Nodes={host} AllowAccounts=lab State=UP
PartitionName=roots Nodes={host} AllowGroups=nobody-is-here State=UP
PartitionName=deserted Nodes=ghost State=UP
"""


@dataclass(frozen=True)
class Slurm:
    """A controller and one node of 2 CPUs and 2,000 MB, with one GPU that is /dev/null."""

    folder: Path
    conf: Path
    port: int

    @property
    def environ(self) -> dict[str, str]:
        return {"SLURM_CONF": str(self.conf)}

    def ask(self, *command: str) -> str:
        """Run a client command, and give back what it prints."""
        done = subprocess.run(
            command, env={**os.environ, **self.environ}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def jobs(self) -> list[str]:
        """The ids of all jobs that the controller remembers."""
        return self.ask("squeue", "-h", "-a", "-t", "all", "-o", "%i").split()


@contextlib.contextmanager
def slurm(folder: Path) -> Iterator[Slurm]:
    munged, mungekey = program("munged"), program("mungekey")
    slurmctld, slurmd, sinfo = program("slurmctld"), program("slurmd"), program("sinfo")
    if not ROOT:
        raise UnavailableError("slurmd needs root")
    for each in (folder, folder / "state", folder / "spool"):
        each.mkdir()
        each.chmod(0o755)
    host = socket.gethostname().split(".")[0]
    conf = folder / "slurm.conf"
    port, node_port = free_port(), free_port()
    values = {"ctld": port, "slurmd": node_port, "ghost": free_port(), "user": getpass.getuser()}
    conf.write_text(SLURM_CONF.format(host=host, folder=folder, **values))
    (folder / "gres.conf").write_text(f"NodeName={host} Name=gpu Type=v100 File=/dev/null\n")
    key = folder / "munge.key"
    subprocess.run([mungekey, "--create", f"--keyfile={key}"], check=True)
    subprocess.run(
        [
            *(munged, "--force", f"--key-file={key}", f"--socket={folder}/munge.socket"),
            *(f"--pid-file={folder}/munged.pid", f"--log-file={folder}/munged.log"),
            f"--seed-file={folder}/munge.seed",
        ],
        check=True,
        capture_output=True,
    )
    env = {**os.environ, "SLURM_CONF": str(conf)}
    try:
        subprocess.run([slurmctld, "-c"], env=env, check=True, capture_output=True)
        subprocess.run([slurmd, "-c", "-N", host], env=env, check=True, capture_output=True)
        question = [sinfo, "-h", "-p", "main", "-o", "%t"]

        def idle() -> bool:
            listens(port)
            said = subprocess.run(question, env=env, capture_output=True, text=True, check=False)
            return said.stdout.strip() == "idle"

        until(lambda: listens(port), "slurmctld")
        until(idle, "slurmd")
        yield Slurm(folder, conf, port)
    finally:
        for name in ("slurmd", "slurmctld", "munged"):
            stop_pid(folder / f"{name}.pid")


# --- ssh ------------------------------------------------------------------------------------


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


# --- an OpenID provider ---------------------------------------------------------------------


@dataclass(frozen=True)
class Provider:
    """An OpenID provider at `url`; `discovery` is its discovery document."""

    url: str

    @property
    def discovery(self) -> str:
        return f"{self.url}/.well-known/openid-configuration"


@contextlib.contextmanager
def oidc_provider(
    folder: Path, *, certificate: Path | None = None, headers: tuple[str, ...] = ()
) -> Iterator[Provider]:
    """oidc-provider-mock under uvicorn.

    Args:
        folder: for its log.
        certificate: a PEM file with key and certificate: serve by TLS.
        headers: more headers (`Name: value`); a `Date:` replaces the server's own.
    """
    folder.mkdir(exist_ok=True)
    port = free_port()
    command = [
        *(sys.executable, "-W", "ignore", "-m", "uvicorn", "--factory", "oidc_provider_mock:app"),
        *("--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *(("--ssl-certfile", str(certificate)) if certificate else ()),
        *(word for each in headers for word in ("--header", each)),
        *(("--no-date-header",) if any(each.startswith("Date:") for each in headers) else ()),
    ]
    with (folder / f"{port}.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        until(lambda: listens(port) or process.poll() is not None, "oidc-provider-mock")
        if process.poll() is not None:
            raise UnavailableError(
                f"oidc-provider-mock: {(folder / f'{port}.log').read_text()[-300:]}"
            )
        yield Provider(f"{'https' if certificate else 'http'}://127.0.0.1:{port}")
    finally:
        stop(process)


def certificates(folder: Path) -> Path:
    """An authority, and certificates of its own with their keys, each in one PEM file.

    `good` is for 127.0.0.1, `other` for another name, `expired` was for 127.0.0.1.
    """
    folder.mkdir()
    openssl = program("openssl")

    def run(*arguments: str) -> None:
        subprocess.run([openssl, *arguments], cwd=folder, check=True, capture_output=True)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    run(
        *("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2"),
        "-subj",
        "/CN=ca",
    )
    for name, subject, days in (
        ("good", "IP:127.0.0.1", "2"),
        ("other", "DNS:other.example.org", "2"),
        ("expired", "IP:127.0.0.1", "-1"),
    ):
        run("req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        (folder / f"{name}.ext").write_text(f"subjectAltName={subject}\n")
        run(
            *("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key"),
            *("-CAcreateserial", "-days", days, "-extfile", f"{name}.ext", "-out", f"{name}.crt"),
        )
        joined = (folder / f"{name}.key").read_text() + (folder / f"{name}.crt").read_text()
        (folder / f"{name}.pem").write_text(joined)
    return folder


# --- Redis ----------------------------------------------------------------------------------


@contextlib.contextmanager
def redis(folder: Path) -> Iterator[int]:
    """A Redis; yields its port."""
    server = program("redis-server")
    folder.mkdir()
    port = free_port()
    process = subprocess.Popen(
        [server, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
    )
    try:
        until(lambda: listens(port), "redis-server")
        yield port
    finally:
        stop(process)


# --- what is there but no use ----------------------------------------------------------------


@contextlib.contextmanager
def black_hole(folder: Path | None = None) -> Iterator[int]:
    """Accepts every connection and says nothing; yields its port.

    With `folder`, it listens there as PostgreSQL's socket of port 5432.
    """
    address = ("127.0.0.1", 0) if folder is None else f"{folder}/.s.PGSQL.5432"
    family = socket.AF_INET if folder is None else socket.AF_UNIX
    with socket.socket(family) as listener:
        listener.bind(address)
        listener.listen(64)
        yield 5432 if folder is not None else listener.getsockname()[1]


def server_venv() -> Path:
    """The virtual environment of the real fractal-server."""
    default = Path(__file__).parents[2] / ".tools" / "fractal-server"
    venv = Path(os.environ.get("FRACTAL_SERVER_VENV") or default)
    if not (venv / "bin" / "fractalctl").exists():
        raise UnavailableError(f"no fractal-server in {venv} (.ci/servers makes it)")
    return venv
