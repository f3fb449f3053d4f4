"""A probe is data: a name, and a function that yields what it finds as it finds it."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ..checks.facts import Facts
from ..problems import Problem
from ..redact import printable

_LONGEST = 160


class Fact(NamedTuple):
    """Something seen that is no problem, in a few words."""

    text: str


class Waiting(NamedTuple):
    """The next step may never end; if it does not, this is the problem."""

    problem: Problem


Finding = Fact | Waiting | Problem


@dataclass(frozen=True, slots=True)
class SshTarget:
    """Where `slurm_ssh` logs in.

    Attributes:
        host: a name or address, `HOST:PORT` for another port than 22.
        user: of that host; empty for the one that ssh takes.
        key: path of the private key; empty for those that ssh takes.
    """

    host: str
    user: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """What probes look at, and from where.

    Attributes:
        facts: the settings that are right, and their places.
        environ: the environment of the processes that they start.
        server_python: the executable that was named as the server's Python, or empty.
        ssh: where to log in, if that was said.
        limit: how long one probe may take, in seconds.
        clock: tells the time of day, in seconds since the epoch.
    """

    facts: Facts = field(repr=False)
    environ: Mapping[str, str] = field(repr=False)
    server_python: str = ""
    ssh: SshTarget | None = None
    limit: float = 5.0
    clock: Callable[[], float] = time.time

    def text(self, name: str) -> str:
        """A setting as text; empty if it is unset or was refused."""
        value = self.facts.values.get(name)
        return "" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Probe:
    """One question to one service.

    Attributes:
        name: as the report shows it.
        look: yields findings. It runs in a process of its own that is killed at the limit.
    """

    name: str
    look: Callable[[], Iterator[Finding]]


def quote(text: str) -> str:
    """The first line of what somebody else said, escaped and cut to a line's length."""
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    shown = printable(first)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}..."


def resolve(host: str, port: int, unresolved: Problem) -> Generator[Finding, None, bool]:
    """Look a host name up; whether it has an address. If it has none, `unresolved` is found."""
    yield Waiting(unresolved)
    try:
        socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # UnicodeError: no name that DNS could hold
        yield unresolved
        return False
    return True


def ask_resolver(host: str) -> str:
    """The fix of a name without address."""
    return f"getent hosts {printable(host)}   # asks the resolver of this machine"
