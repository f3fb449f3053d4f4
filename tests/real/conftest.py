"""Real servers for a session of tests: started when first asked for, stopped by pid at its end.

A test that needs one that cannot be had here is skipped, and says why; with FRACTAL_REAL_REQUIRED=1
it fails.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real import servers

HERE = Path(__file__).parent
SERVERS = re.compile(r"postgres|munged|slurmctld|slurmd|sshd|redis-server|uvicorn")
# Rules for databases and users that only tests name; scram-sha-256 for everything else.
HBA = """\
host no_rule all 127.0.0.1/32 reject
host trusting all 127.0.0.1/32 trust
local by_system all peer
"""


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.real)


@contextlib.contextmanager
def _had() -> Iterator[None]:
    """Skip, or fail where that is asked for, if a server cannot be had."""
    try:
        yield
    except servers.UnavailableError as unavailable:
        if os.environ.get("FRACTAL_REAL_REQUIRED") == "1":
            pytest.fail(str(unavailable))
        pytest.skip(str(unavailable))


@pytest.fixture(scope="session")
def had():
    """A context in which what cannot be had is a reason to skip."""
    return _had


@contextlib.contextmanager
def started(server):
    """Enter a server; only what goes wrong in starting it is a reason to skip."""
    with contextlib.ExitStack() as stack:
        with _had():
            running = stack.enter_context(server)
        yield running


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    """A folder that every user may enter, as pytest's own is not."""
    with tempfile.TemporaryDirectory(prefix="doctor-", ignore_cleanup_errors=True) as folder:
        path = Path(folder)
        path.chmod(0o755)
        yield path


@pytest.fixture(scope="session")
def postgres(home):
    with started(servers.postgres(home / "postgres", password="p@ss:/w?#%rd", hba=HBA)) as running:
        yield running


@pytest.fixture(scope="session")
def old_postgres(home):
    with _had():
        bindir = servers.unpacked_postgres_10(home / "postgres-10-programs")
    with started(
        servers.postgres(
            home / "postgres-10",
            password="made-up",
            bindir=str(bindir),
            environ={"LD_LIBRARY_PATH": str(bindir.parent / "lib")},
        )
    ) as running:
        yield running


@pytest.fixture(scope="session")
def german_postgres(home):
    with _had():
        environ = servers.german(home / "locales")
    with started(
        servers.postgres(
            home / "german-postgres",
            password="made-up",
            hba=HBA,
            environ=environ,
            config={"lc_messages": "de_DE.UTF-8"},
        )
    ) as running:
        yield running


@pytest.fixture(scope="session")
def certificates(home) -> Path:
    """A folder with an authority (ca.pem), and what it signed for 127.0.0.1."""
    with _had():
        return servers.certificates(home / "certificates")


@pytest.fixture(scope="session")
def tls_postgres(home, certificates):
    """A PostgreSQL that lets nobody in without TLS and a client certificate."""
    good = (certificates / "good.pem").read_text()
    with started(
        servers.postgres(
            home / "tls-postgres",
            password="made-up",
            hba="hostssl all all 127.0.0.1/32 scram-sha-256 clientcert=verify-full\n"
            "host all all 127.0.0.1/32 reject\n",
            files={
                "server.pem": good,
                "ca.pem": (certificates / "ca.pem").read_text(),
            },
            config={
                "ssl": "on",
                "ssl_cert_file": "server.pem",
                "ssl_key_file": "server.pem",
                "ssl_ca_file": "ca.pem",
            },
        )
    ) as running:
        yield running


@pytest.fixture(scope="session")
def slurm(home):
    with started(servers.slurm(home / "slurm")) as running:
        yield running


@pytest.fixture(scope="session")
def sshd(home, slurm):
    """An sshd whose sessions find the SLURM of the tests."""
    with started(servers.sshd(home / "sshd", environ=slurm.environ)) as running:
        yield running


@pytest.fixture(scope="session")
def provider(home):
    with started(servers.oidc_provider(home / "provider")) as running:
        yield running


@pytest.fixture(scope="session")
def redis(home):
    with started(servers.redis(home / "redis")) as port:
        yield port


@pytest.fixture(scope="session")
def fractal_server() -> Path:
    """The virtual environment of the real fractal-server."""
    with _had():
        return servers.server_venv()


@pytest.fixture
def black_hole() -> Iterator[int]:
    with servers.black_hole() as port:
        yield port


@pytest.fixture
def nothing_left():
    """Assert that no process outlives the test, which it or something it started has started."""
    yield
    assert started_by_tests() == []


def started_by_tests() -> list[str]:
    """The command lines of our children, and of whatever runs with the tests' settings."""
    found, mark = [], f"DOCTOR_TEST={os.getpid()}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            marked = mark in (folder / "environ").read_bytes().split(b"\0")
        except (OSError, ValueError):  # it has ended meanwhile
            continue
        if command and (parent == os.getpid() or marked) and not SERVERS.search(command):
            found.append(command)
    return found
