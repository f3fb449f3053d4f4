"""Probes talk to the real services, side by side, and leave nothing behind.

Each runs in a process of its own, in a session of its own: whatever it waits for, in C code, in
the kernel or in a program that it started, ends with it when the limit has passed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, Pipe, wait
from typing import TYPE_CHECKING

from ..located import located
from ..problems import Problem, problem
from .probe import Fact, Finding, Probe, Scene, SshTarget, Waiting

if TYPE_CHECKING:
    from ..merge import Merged

__all__ = ["Outcome", "Probe", "Scene", "SshTarget", "probes", "run"]

_INTERRUPTIONS = {signal.SIGINT, signal.SIGTERM}
_AT_ONCE = 32
_GRACE = 0.2


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one probe found.

    Attributes:
        name: of the probe.
        facts: what it saw, in words.
        problems: what is wrong.
        seconds: how long it took.
    """

    name: str
    facts: tuple[str, ...]
    problems: tuple[Problem, ...]
    seconds: float


def probes(service: str, scene: Scene) -> list[Probe]:
    """The probes of one service that the settings give reason for.

    Raises:
        KeyError: there is no such service.
    """
    from . import directories, interpreters, oauth, postgres, slurm, ssh

    rooms = {
        "postgres": postgres.probes,
        "slurm": slurm.probes,
        "ssh": ssh.probes,
        "interpreters": interpreters.probes,
        "directories": directories.probes,
        "oauth": oauth.probes,
    }
    return rooms[service](scene)


@dataclass(slots=True)
class _Running:
    probe: Probe
    pid: int
    began: float
    facts: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    waiting: Problem | None = None

    def note(self, finding: Finding) -> None:
        match finding:
            case Fact(text):
                self.facts.append(text)
            case Waiting(what):
                self.waiting = what
            case _:
                self.problems.append(finding)


def run(all_probes: Iterable[Probe], scene: Scene) -> Generator[Outcome]:
    """Run probes side by side; yields the outcome of each as it ends.

    A probe that takes longer than the scene's limit is killed, with all that it started; so are
    those that still run when the caller stops iterating, or is interrupted.
    """
    to_come = deque(all_probes)
    running: dict[Connection, _Running] = {}
    try:
        while to_come or running:
            while to_come and len(running) < _AT_ONCE:
                with _uninterrupted() as before:
                    _start(to_come.popleft(), scene, running, before)
            first = min(each.began for each in running.values()) + scene.limit
            ready = wait(list(running), max(0.0, first - time.monotonic()))
            for receiver in [each for each in running if each in ready]:
                if _ended(receiver, running[receiver]):
                    yield _sum_up(receiver, running)
            late = time.monotonic() - scene.limit
            for receiver in [each for each, one in running.items() if one.began <= late]:
                yield _sum_up(receiver, running, _silent(running[receiver], scene.limit))
    finally:
        with _uninterrupted():
            for receiver in list(running):
                _sum_up(receiver, running)


@contextlib.contextmanager
def _uninterrupted() -> Iterator[set[int]]:
    """Put SIGINT and SIGTERM off: no probe may be started and not be known, or be left running."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _INTERRUPTIONS)
    try:
        yield {int(each) for each in before}
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start(
    probe: Probe, scene: Scene, running: dict[Connection, _Running], signals: set[int]
) -> None:
    ours, theirs = Pipe(duplex=False)
    pid = os.fork()
    if pid:
        running[ours] = _Running(probe, pid, time.monotonic())
        theirs.close()
        return
    status = 1
    try:
        os.setsid()
        for each in _INTERRUPTIONS:
            signal.signal(each, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, signals)
        _look(probe, scene, theirs)
        status = 0
    finally:
        try:
            if status:
                sys.excepthook(*sys.exc_info())
        finally:
            os._exit(status)  # what the streams hold is the parent's to write


def _look(probe: Probe, scene: Scene, to: Connection) -> None:
    signal.setitimer(signal.ITIMER_REAL, scene.limit + 1)  # if nobody is left to kill it
    os.environ.clear()
    os.environ.update(scene.environ)
    os.chdir(scene.facts.cwd)
    for finding in probe.look():
        to.send(_placed(finding, scene.facts.merged))
    to.send(None)


def _placed(finding: Finding, merged: Merged | None) -> Finding:
    """The finding with the place of its setting, unless it has one."""
    match finding:
        case Waiting(what):
            return Waiting(what if what.origin else located(what, merged))
        case Problem(origin=None):
            return located(finding, merged)
    return finding


def _ended(receiver: Connection, one: _Running) -> bool:
    """Take in one message; whether it was the last."""
    try:
        finding = receiver.recv()
    except EOFError:
        one.problems.append(
            problem("FS600", f"the probe {one.probe.name} broke down", hint="--skip its service")
        )
        return True
    if finding is not None:
        one.note(finding)
    return finding is None


def _silent(one: _Running, limit: float) -> Problem:
    return one.waiting or problem(
        "FS601",
        f"the probe {one.probe.name} did not end within {limit:g} s",
        hint=f"--timeout {limit * 4:g}",
    )


def _sum_up(receiver: Connection, running: dict[Connection, _Running], *more: Problem) -> Outcome:
    """Kill what is left of the probe, reap it, and say what it found."""
    one = running.pop(receiver)
    seconds = time.monotonic() - one.began
    receiver.close()
    for kill in (os.killpg, os.kill):  # its group; itself, if it has not yet made one
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(one.pid, signal.SIGKILL)
    end = time.monotonic() + _GRACE  # one that hangs in the kernel is not waited for
    while os.waitpid(one.pid, os.WNOHANG) == (0, 0) and time.monotonic() < end:
        time.sleep(0.001)
    return Outcome(one.probe.name, tuple(one.facts), (*one.problems, *more), seconds)
