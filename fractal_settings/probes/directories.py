"""The two directories: can be made, have room, are nobody else's, and lie apart."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from ..problems import problem
from ..redact import printable
from .probe import Fact, Finding, Probe, Scene, Waiting

_TASKS, _JOBS = "FRACTAL_TASKS_DIR", "FRACTAL_RUNNER_WORKING_BASE_DIR"
_GIB = 1024**3
_LEAST_SPACE = 1  # GiB: one task environment with its packages
_LEAST_INODES = 20_000  # files of one task environment, roughly


def probes(scene: Scene) -> list[Probe]:
    """One probe for each directory that is set, and one for both."""
    paths = {name: scene.facts.values.get(name) for name in (_TASKS, _JOBS)}
    found = [
        Probe(name, partial(_look, scene, name, path))
        for name, path in paths.items()
        if isinstance(path, Path)
    ]
    tasks, jobs = paths.values()
    if isinstance(tasks, Path) and isinstance(jobs, Path):
        found.append(Probe("directories apart", partial(_apart, scene, tasks, jobs)))
    return found


def _hangs(scene: Scene, name: str, path: Path) -> Waiting:
    return Waiting(
        problem(
            "FS681",
            f"{name}: the filesystem of {printable(str(path))} does not answer within "
            f"{scene.limit:g} s",
            name=name,
            hint=f"df {printable(str(path))}; a network filesystem whose server is away hangs so",
        )
    )


def _look(scene: Scene, name: str, path: Path) -> Iterator[Finding]:
    yield _hangs(scene, name, path)
    there = _nearest(path)
    if there != path:
        yield from _to_be_made(name, path, there)
    elif not path.is_dir():
        return  # what `check` reports
    else:
        yield from _others_may_write(name, path)
    yield from _room(name, there)


def _nearest(path: Path) -> Path:
    """The path itself, or the first above it that is there and may be looked at."""
    return next(each for each in (path, *path.parents) if os.path.exists(each))  # noqa: PTH110 - Path's raises


def _to_be_made(name: str, path: Path, there: Path) -> Iterator[Finding]:
    shown, above = printable(str(path)), printable(str(there))
    if os.path.islink(path):  # noqa: PTH114 - Path's raises
        reason = "it is a link that leads nowhere"
    elif not there.is_dir():
        reason = f"{above} is no directory"
    elif not os.access(there, os.W_OK | os.X_OK):
        reason = f"{above} may not be written in by user {os.geteuid()}"
    else:
        yield Fact(f"is to be made, below {above}")
        return
    yield problem(
        "FS675",
        f"{name}: {shown} is not there for this user, and cannot be made: {reason}",
        name=name,
        hint=f"install -d -o USER {shown}   # USER: who runs the server",
    )


def _others_may_write(name: str, path: Path) -> Iterator[Finding]:
    mode = path.stat().st_mode
    if mode & stat.S_IWOTH:
        yield problem(
            "FS677",
            f"{name}: {printable(str(path))} may be written by everybody "
            f"(mode {stat.S_IMODE(mode):04o})",
            name=name,
            hint=f"chmod o-w {printable(str(path))}",
        )


def _room(name: str, there: Path) -> Iterator[Finding]:
    room = os.statvfs(there)
    free = room.f_bavail * room.f_frsize / _GIB
    yield Fact(f"{free:.1f} GiB free on {_filesystem(there)}")
    if free < _LEAST_SPACE:
        yield problem(
            "FS678",
            f"{name}: {free:.2f} GiB are free there, less than {_LEAST_SPACE}",
            name=name,
            hint=f"du -xh {printable(str(there))} | sort -h | tail",
        )
    if room.f_files and room.f_favail < _LEAST_INODES:  # some filesystems count none
        yield problem(
            "FS679",
            f"{name}: {room.f_favail} more files can be made there, fewer than {_LEAST_INODES}",
            name=name,
            hint=f"df -i {printable(str(there))}",
        )


def _filesystem(path: Path) -> str:
    """Type and mount point, as the kernel lists them."""
    real = os.path.realpath(path)
    best = ("", "an unknown filesystem")
    try:
        mounts = Path("/proc/self/mounts").read_text("utf-8", "replace")
    except OSError:
        return best[1]
    for line in mounts.splitlines():
        _, point, kind, *_ = line.split(" ")
        point = point.replace("\\040", " ")
        inside = real == point or real.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best[0]):
            best = point, f"{printable(point)} ({kind})"
    return best[1]


def _apart(scene: Scene, tasks: Path, jobs: Path) -> Iterator[Finding]:
    yield _hangs(scene, _TASKS, tasks)
    real_tasks, real_jobs = (Path(os.path.realpath(path)) for path in (tasks, jobs))
    if real_tasks == real_jobs:
        how = "are the same directory"
    elif real_tasks.is_relative_to(real_jobs):
        how = f"lie one in the other: {_TASKS} is below {_JOBS}"
    elif real_jobs.is_relative_to(real_tasks):
        how = f"lie one in the other: {_JOBS} is below {_TASKS}"
    else:
        yield Fact("they lie apart")
        return
    yield problem(
        "FS676",
        f"{_TASKS} and {_JOBS} {how}: {printable(str(real_tasks))}, {printable(str(real_jobs))}",
        name=_TASKS,
        hint=f"name two directories, such as {printable(str(real_tasks.parent / 'tasks'))} and "
        f"{printable(str(real_tasks.parent / 'jobs'))}",
    )
