"""Redis, a black hole, and where the real fractal-server is."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

from .common import UnavailableError, free_port, listens, program, stop, until


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
    default = Path(__file__).parents[3] / ".tools" / "fractal-server"
    venv = Path(os.environ.get("FRACTAL_SERVER_VENV") or default)
    if not (venv / "bin" / "fractalctl").exists():
        raise UnavailableError(f"no fractal-server in {venv} (.ci/servers makes it)")
    return venv
