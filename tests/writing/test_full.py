"""A writer on a full filesystem, or over a quota of one file, leaves the old file whole."""

from __future__ import annotations

import os
import resource
import signal
import stat
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from fractal_settings.problems import FractalConfigurationError
from fractal_settings.writing import Draft, write_file


@pytest.fixture
def small(tmp_path):
    """A filesystem of 64 KiB."""
    if os.geteuid() != 0:
        pytest.skip("NOT TESTED: only root can mount a small filesystem")
    mount = ["/usr/bin/mount", "-t", "tmpfs", "-o", "size=64k", "none", str(tmp_path)]
    run = subprocess.run(mount, capture_output=True, text=True, check=False)
    if run.returncode:
        pytest.skip(f"NOT TESTED: no filesystem can be mounted here: {run.stderr.strip()}")
    yield tmp_path
    subprocess.run(["/usr/bin/umount", str(tmp_path)], check=True)


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def whole(path: Path, text: str, mode: int) -> bool:
    return path.read_text() == text and stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.parametrize("secret", [False, True])
def test_on_a_full_filesystem_the_old_file_stays(small, secret):
    path = small / "settings"
    path.write_text("old")
    path.chmod(0o600)
    with pytest.raises(FractalConfigurationError, match="no space left on device") as caught:
        write_file(Draft(path, "x" * 100_000, secret=secret), force=True)
    assert [problem.code for problem in caught.value.problems] == ["FS704"]
    assert whole(path, "old", 0o600)
    assert names(small) == ["settings"]


def test_on_a_filesystem_filled_to_the_last_byte_nothing_is_left_behind(small):
    path = small / "settings"
    path.write_text("old")
    with suppress(OSError), (small / "ballast").open("wb", buffering=0) as ballast:
        while ballast.write(b"x" * 4096):
            pass
    with pytest.raises(FractalConfigurationError, match="no space left on device"):
        write_file(Draft(path, "new"), force=True)
    with pytest.raises(FractalConfigurationError, match="no space left on device"):
        write_file(Draft(small / "first", "new", secret=True))
    assert names(small) == ["ballast", "settings"]
    assert path.read_text() == "old"
    (small / "ballast").unlink()
    write_file(Draft(path, "new"), force=True)
    assert path.read_text() == "new"


def test_beyond_the_largest_file_allowed_the_old_file_stays(tmp_path):
    """What needs no root: the kernel refuses to let a file grow past a limit of the process."""
    path = tmp_path / "settings"
    path.write_text("old")
    child = os.fork()
    if not child:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))
        try:
            write_file(Draft(path, "x" * 100_000), force=True)
        except FractalConfigurationError as error:
            os._exit(error.problems[0].code == "FS704")
        os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
    assert path.read_text() == "old"
    assert names(tmp_path) == ["settings"]
