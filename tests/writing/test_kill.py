"""A writer that is killed with SIGKILL leaves the old file or the new one, whole."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

from fractal_settings import writing
from fractal_settings.writing import NEIGHBOURS, Draft, write_file

OLD = "old\n" * 50_000
NEW = "new\n" * 50_000


@pytest.fixture
def small_process() -> Iterator[Callable[..., int]]:
    """Calls in a process that holds little, of which a fork costs little."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        yield lambda act, *arguments, **named: pool.apply(act, arguments, named)


def in_child(action: Callable[[], None]) -> int:
    child = os.fork()
    if child:
        return child
    try:
        action()
    finally:
        os._exit(3)


def killed(child: int) -> bool:
    status = os.waitpid(child, 0)[1]
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def stands_whole(path: Path, mode: int, *contents: str) -> str:
    text = path.read_text()
    assert text in contents
    assert stat.S_IMODE(path.stat().st_mode) == mode
    return text


def next_run_is_undisturbed(path: Path, mode: int) -> None:
    write_file(Draft(path, NEW, secret=mode == 0o600), force=True)
    assert stands_whole(path, mode, NEW)
    assert list(path.parent.iterdir()) == [path]


# One write goes through fewer lines of writing.py than these; at the last ones nobody dies.
LINES = range(1, 121)


def neighbours_are_private(folder: Path) -> bool:
    return all(stat.S_IMODE(each.stat().st_mode) == 0o600 for each in folder.glob(NEIGHBOURS))


def kill_at_line(number: int, path: Path, *, secret: bool) -> None:
    """Write in this process, and have the kernel kill it when that line is reached."""
    passed = 0

    def count(frame: FrameType, event: str, _: object) -> Callable[..., object] | None:
        nonlocal passed
        if frame.f_code.co_filename != writing.__file__:
            return None
        if event == "line":
            passed += 1
            if passed == number:
                os.kill(os.getpid(), signal.SIGKILL)
        return count

    os.umask(0)
    sys.settrace(count)
    write_file(Draft(path, NEW, secret=secret), force=True)


def killed_at_each_line_of_a_replacement(folder: Path, mode: int, *, secret: bool) -> int:
    seen, died, path = set(), 0, folder / "settings"
    for moment in LINES:
        path.write_text(OLD)
        path.chmod(mode)
        died += killed(in_child(lambda n=moment: kill_at_line(n, path, secret=secret)))
        seen.add(stands_whole(path, mode, OLD, NEW))
        assert neighbours_are_private(folder) or not secret
        next_run_is_undisturbed(path, mode)
    assert seen == {OLD, NEW}
    return died


@pytest.mark.parametrize(("mode", "secret"), [(0o644, False), (0o600, True)])
def test_killed_at_each_line_of_a_replacement(small_process, tmp_path, mode, secret):
    assert small_process(killed_at_each_line_of_a_replacement, tmp_path, mode, secret=secret) > 60


def killed_at_each_line_of_a_first_write(folder: Path) -> int:
    seen, died, path = set(), 0, folder / "secrets"
    for moment in LINES:
        path.unlink(missing_ok=True)
        died += killed(in_child(lambda n=moment: kill_at_line(n, path, secret=True)))
        seen.add(path.exists() and stands_whole(path, 0o600, NEW))
        assert neighbours_are_private(folder)
        next_run_is_undisturbed(path, 0o600)
    assert seen == {False, NEW}
    return died


def test_killed_at_each_line_of_a_first_write(small_process, tmp_path):
    assert small_process(killed_at_each_line_of_a_first_write, tmp_path) > 40


def killed_at_random_moments(folder: Path, moments: int) -> int:
    """From outside, while the writer replaces the file again and again."""
    path, chance = folder / "secrets", random.Random(5)  # noqa: S311
    write_file(Draft(path, OLD, secret=True))

    def forever() -> None:
        while True:
            for text in (NEW, OLD):
                write_file(Draft(path, text, secret=True), force=True)

    seen, left = set(), 0
    for _ in range(moments):
        child = in_child(forever)
        time.sleep(chance.uniform(0.001, 0.012))
        os.kill(child, signal.SIGKILL)
        assert killed(child)
        seen.add(stands_whole(path, 0o600, OLD, NEW))
        left = max(left, len(list(folder.glob(NEIGHBOURS))))
    assert seen == {OLD, NEW}
    next_run_is_undisturbed(path, 0o600)
    return left


def test_killed_at_200_random_moments(small_process, tmp_path):
    left = small_process(killed_at_random_moments, tmp_path, 200)
    assert 1 <= left <= 2  # each writer removes what the one before it left
