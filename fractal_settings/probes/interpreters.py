"""The interpreters: each runs, is the version that its setting says, and can make environments."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from ..interpreters import INTERPRETERS
from ..problems import Problem, problem
from ..redact import printable
from .commands import CANNOT_RUN, Answer, Command, ask_here
from .probe import Fact, Finding, Probe, Scene, Waiting, quote

WORKER = "FRACTAL_SLURM_WORKER_PYTHON"

_VERSION = 'import sys; print("%d.%d" % sys.version_info[:2])'
_CAN_MAKE_ENVIRONMENTS = f"""{_VERSION}
for module in "venv", "ensurepip":
    try:
        __import__(module)
    except ImportError:
        print(module)
"""
_HAS_SERVER = f"""{_VERSION}
try:
    from importlib.metadata import version
    print(version("fractal-server"))
except ImportError:
    print("")
"""


class Running(NamedTuple):
    """What an interpreter says of itself: its version, and the lines after it."""

    version: str
    lines: tuple[str, ...]


def probes(scene: Scene) -> list[Probe]:
    """One probe for each interpreter that is set and runs on this machine."""
    found = [
        Probe(f"Python {version}", partial(_task_python, scene, name, version))
        for name, version in INTERPRETERS.items()
        if scene.text(name)
    ]
    if scene.text(WORKER) and scene.text("FRACTAL_RUNNER_BACKEND") == "slurm":
        found.append(Probe("worker Python", partial(_worker_python, scene)))
    return found


def _task_python(scene: Scene, name: str, version: str) -> Iterator[Finding]:
    executable = scene.text(name)
    running = yield from _run(scene, name, ("-I", "-c", _CAN_MAKE_ENVIRONMENTS))
    if running is None:
        return
    shown = printable(executable)
    if running.version != version:
        yield problem(
            "FS668",
            f"{name}: {shown} is Python {printable(running.version)}, not {version}",
            name=name,
            hint=f"name a Python {version}, such as /usr/bin/python{version}",
        )
    if "venv" in running.lines:
        yield problem(
            "FS669",
            f"{name}: {shown} has no module venv, so no task environment can be made",
            name=name,
            hint=f"apt install python{printable(running.version)}-venv",
        )
    elif "ensurepip" in running.lines:
        yield problem(
            "FS670",
            f"{name}: {shown} has no module ensurepip, so its environments have no pip",
            name=name,
            hint=f"apt install python{printable(running.version)}-venv",
        )
    if not running.lines:
        yield Fact(f"{shown} is {printable(running.version)}, with venv and ensurepip")


def _worker_python(scene: Scene) -> Iterator[Finding]:
    running = yield from _run(scene, WORKER, ("-c", _HAS_SERVER))
    if running:
        yield from worker_findings(scene, running, "")


def worker_question(executable: str) -> Command:
    """What to run on another machine, to hear of its worker interpreter."""
    return Command((executable, "-c", _HAS_SERVER))


def worker_findings(scene: Scene, running: Running, where: str) -> Iterator[Finding]:
    """Whether the worker has the fractal-server with which it must understand the server's jobs."""
    shown = f"{printable(scene.text(WORKER))}{where}"
    installed = running.lines[0] if running.lines else ""
    if not installed:
        yield problem(
            "FS672",
            f"{WORKER}: {shown} has no fractal-server, so no job can start",
            name=WORKER,
            hint=f"{printable(scene.text(WORKER))} -m pip install fractal-server",
        )
        return
    yield Fact(f"{shown} is {printable(running.version)}, with fractal-server {quote(installed)}")
    own = _of_server(scene.server_python)
    if own and own != installed:
        yield problem(
            "FS673",
            f"{WORKER}: {shown} has fractal-server {quote(installed)}, the server has {quote(own)}",
            name=WORKER,
            hint=f"{printable(scene.text(WORKER))} -m pip install fractal-server=={quote(own)}",
        )


def _of_server(executable: str) -> str:
    """The version of fractal-server beside the server's Python; empty if that is not known."""
    if not executable:
        return ""
    (answer,) = ask_here([Command((executable, "-c", _HAS_SERVER))])
    running = read_answer(answer)
    return running.lines[0] if running and running.lines else ""


def _run(
    scene: Scene, name: str, arguments: tuple[str, ...]
) -> Generator[Finding, None, Running | None]:
    executable = Path(scene.text(name))
    shown = printable(str(executable))
    yield Waiting(
        problem(
            "FS671",
            f"{name}: {shown} does not answer within {scene.limit:g} s",
            name=name,
            hint=f"{shown} -c pass",
        )
    )
    refusal = _not_runnable(name, executable)
    if refusal:
        yield refusal
        return None
    (answer,) = ask_here([Command((str(executable), *arguments))])
    running = read_answer(answer)
    if running is None:
        yield does_not_run("FS667", name, shown, answer)
    return running


def _not_runnable(name: str, executable: Path) -> Problem | None:
    shown = printable(str(executable))
    try:
        executable.stat()
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "not a path").lower()
        return problem(
            "FS665",
            f"{name}: there is no {shown}: {reason}",
            name=name,
            hint=f"command -v {printable(executable.name)}   # tells where it is, if it is",
        )
    if executable.is_dir() or not os.access(executable, os.X_OK):
        what = "a directory" if executable.is_dir() else "not executable by this user"
        return problem(
            "FS666",
            f"{name}: {shown} is {what}",
            name=name,
            hint="name the interpreter itself, which this user may run",
        )
    return None


def read_answer(answer: Answer) -> Running | None:
    """What the interpreter said; None if it is no working Python."""
    lines = answer.output.splitlines()
    if answer.status or not lines:
        return None
    return Running(lines[0], tuple(line for line in lines[1:] if line))


def does_not_run(code: str, name: str, shown: str, answer: Answer) -> Problem:
    """The problem of an interpreter that is there, and is no working Python."""
    lines = [line for line in answer.errors.splitlines() if line.strip()]
    if any(line.startswith("Traceback") for line in lines):
        lines = lines[-1:]
    how = quote(lines[0]) if lines else f"it ends with status {answer.status}"
    what = "cannot be run" if answer.status >= CANNOT_RUN else "does not run"
    return problem(
        code,
        f"{name}: {shown} {what}: {how}",
        name=name,
        hint=f"{shown} -c pass   # must end in silence",
    )
