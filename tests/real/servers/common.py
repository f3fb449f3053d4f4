"""What servers share: programs, ports, waiting, stopping."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
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
