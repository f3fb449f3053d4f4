"""What a written file looks like, and what is left alone."""

from __future__ import annotations

import itertools
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fractal_settings.problems import FractalConfigurationError
from fractal_settings.writing import NEIGHBOURS, Draft, make_folder, write_file, write_files

AS_ROOT = os.geteuid() == 0


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def refusal(path: Path, **options: bool) -> str:
    with pytest.raises(FractalConfigurationError) as caught:
        write_file(Draft(path, "new"), **options)
    (problem,) = caught.value.problems
    assert problem.hint
    return f"{problem.code} {problem.message}"


def test_a_new_file_has_the_text_and_the_mode_that_the_umask_leaves(tmp_path):
    before = os.umask(0o027)
    try:
        write_file(Draft(tmp_path / "a", "é\n"))
    finally:
        os.umask(before)
    assert (tmp_path / "a").read_bytes() == b"\xc3\xa9\n"
    assert mode(tmp_path / "a") == 0o640
    assert names(tmp_path) == ["a"]


def test_a_byte_that_is_not_utf_8_is_written_as_it_was(tmp_path):
    write_file(Draft(tmp_path / "a", "\udcff"))
    assert (tmp_path / "a").read_bytes() == b"\xff"


def test_a_secret_is_0600_even_if_the_umask_would_allow_more(tmp_path):
    before = os.umask(0)
    try:
        write_file(Draft(tmp_path / "a", "new", secret=True))
    finally:
        os.umask(before)
    assert mode(tmp_path / "a") == 0o600


@pytest.mark.parametrize("old", [0o644, 0o600, 0o664, 0o400])
def test_a_replaced_file_keeps_its_mode(tmp_path, old):
    (tmp_path / "a").write_text("old")
    (tmp_path / "a").chmod(old)
    write_file(Draft(tmp_path / "a", "new"), force=True)
    assert (tmp_path / "a").read_text() == "new"
    assert mode(tmp_path / "a") == old


@pytest.mark.parametrize(("old", "new"), [(0o644, 0o600), (0o640, 0o600), (0o400, 0o400)])
def test_a_secret_that_replaces_a_file_leaves_nothing_to_group_and_others(tmp_path, old, new):
    (tmp_path / "a").write_text("old")
    (tmp_path / "a").chmod(old)
    write_file(Draft(tmp_path / "a", "new", secret=True), force=True)
    assert mode(tmp_path / "a") == new


@pytest.mark.skipif(not AS_ROOT, reason="only root can give a file away")
def test_a_replaced_file_keeps_its_owner(tmp_path):
    (tmp_path / "a").write_text("old")
    os.chown(tmp_path / "a", 1234, 2345)
    write_file(Draft(tmp_path / "a", "new", secret=True), force=True)
    status = (tmp_path / "a").stat()
    assert (status.st_uid, status.st_gid) == (1234, 2345)


@pytest.mark.skipif(not AS_ROOT, reason="only root can play two users")
def test_another_user_s_file_is_not_taken_over(tmp_path):
    tmp_path.chmod(0o777)
    for folder in itertools.takewhile(lambda each: mode(each) == 0o700, tmp_path.parents):
        folder.chmod(0o755)
    (tmp_path / "a").write_text("old")
    child = os.fork()
    if not child:
        os.setuid(1234)
        found = refusal(tmp_path / "a", force=True)
        os._exit(0 if found.startswith("FS705") else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert (tmp_path / "a").read_text() == "old"


def test_a_replaced_file_keeps_its_access_list(tmp_path):
    access_list = bytes.fromhex(
        "0200000001000600ffffffff02000600d204000004000400ffffffff10000600ffffffff20000000ffffffff"
    )  # u::rw- u:1234:rw- g::r-- m::rw- o::---
    (tmp_path / "a").write_text("old")
    try:
        os.setxattr(tmp_path / "a", "system.posix_acl_access", access_list)
    except OSError as error:
        pytest.skip(f"no access lists on this filesystem: {error}")
    write_file(Draft(tmp_path / "a", "new"), force=True)
    assert os.getxattr(tmp_path / "a", "system.posix_acl_access") == access_list


def test_a_file_that_is_there_is_not_replaced_unasked(tmp_path):
    (tmp_path / "a").write_text("old")
    assert refusal(tmp_path / "a") == f"FS701 {tmp_path}/a is already there"
    assert (tmp_path / "a").read_text() == "old"


@pytest.mark.parametrize("force", [False, True])
def test_a_symbolic_link_is_neither_followed_nor_replaced_unasked(tmp_path, force):
    (tmp_path / "a").write_text("old")
    (tmp_path / "link").symlink_to("a")
    assert refusal(tmp_path / "link", force=force).startswith("FS702")
    (tmp_path / "nowhere").symlink_to("missing")
    assert refusal(tmp_path / "nowhere", force=force).startswith("FS702")
    assert (tmp_path / "a").read_text() == "old"
    assert names(tmp_path) == ["a", "link", "nowhere"]


def test_a_symbolic_link_is_followed_when_that_is_asked_for(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/a").write_text("old")
    (tmp_path / "link").symlink_to("deep/a")
    write_file(Draft(tmp_path / "link", "new"), force=True, follow_links=True)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "deep/a").read_text() == "new"
    assert names(tmp_path / "deep") == ["a"]


def test_a_folder_that_is_a_link_is_an_ordinary_folder(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "config").symlink_to("real")
    write_file(Draft(tmp_path / "config/a", "new"))
    assert (tmp_path / "real/a").read_text() == "new"


@pytest.mark.parametrize("force", [False, True])
def test_what_is_no_regular_file_is_left_alone(tmp_path, force):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    assert refusal(tmp_path / "folder", force=force).startswith("FS703")
    assert refusal(tmp_path / "folder/..", force=force).startswith("FS703")
    assert refusal(tmp_path / "fifo", force=force).startswith("FS703")
    assert refusal(Path("/dev/null"), force=force).startswith("FS703")
    assert refusal(Path("/"), force=force).startswith("FS703")


def test_a_path_that_cannot_be_written_says_why(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "loop").symlink_to("loop")
    assert "no such file or directory" in refusal(tmp_path / "missing/a")
    assert "not a directory" in refusal(tmp_path / "file/a")
    assert "file name too long" in refusal(tmp_path / ("n" * 256))
    assert "NUL" in refusal(tmp_path / "a\0b")
    assert "symbolic link" in refusal(tmp_path / "loop", follow_links=True)


def test_the_longest_name_a_file_can_have_is_no_obstacle(tmp_path):
    write_file(Draft(tmp_path / ("n" * 255), "new"))
    assert names(tmp_path) == ["n" * 255]


def test_of_several_files_none_is_written_if_one_is_in_the_way(tmp_path):
    (tmp_path / "b").write_text("old")
    os.mkfifo(tmp_path / "c")
    with pytest.raises(FractalConfigurationError) as caught:
        write_files(Draft(tmp_path / name, "new") for name in "abc")
    assert [problem.code for problem in caught.value.problems] == ["FS701", "FS703"]
    assert names(tmp_path) == ["b", "c"]
    write_files(Draft(tmp_path / name, "new") for name in "xy")
    assert (tmp_path / "y").read_text() == "new"


def test_a_writer_that_still_lives_keeps_its_neighbour_and_a_dead_one_s_is_removed(tmp_path):
    import fcntl

    write_file(Draft(tmp_path / "a", "old"))
    program = (
        "import os, sys, signal\n"
        "from pathlib import Path\n"
        "from fractal_settings.writing import Draft, write_file\n"
        "os.fsync = lambda descriptor: os.kill(os.getpid(), signal.SIGKILL)\n"
        "write_file(Draft(Path(sys.argv[1]), 'new', secret=True), force=True)\n"
    )
    run = subprocess.run([sys.executable, "-c", program, str(tmp_path / "a")], check=False)
    assert run.returncode == -9
    (left,) = tmp_path.glob(NEIGHBOURS)
    with left.open() as living:
        fcntl.flock(living, fcntl.LOCK_EX)
        write_file(Draft(tmp_path / "a", "newer"), force=True)
        assert left.exists()
    write_file(Draft(tmp_path / "other", "new"))
    assert left.exists()
    write_file(Draft(tmp_path / "a", "newest"), force=True)
    assert names(tmp_path) == ["a", "other"]


def exit_codes(action: Callable[[int], None], count: int) -> list[int]:
    """Of processes that each do the same at the same time; 2 is FS701."""
    children = []
    for number in range(count):
        child = os.fork()
        if not child:
            code = 1
            try:
                action(number)
                code = 0
            except FractalConfigurationError as error:
                code = 2 if error.problems[0].code == "FS701" else 1
            finally:
                os._exit(code)
        children.append(child)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def test_writers_at_the_same_time_leave_one_whole_file_and_nothing_else(tmp_path):
    contents = [str(number) * 100_000 for number in range(6)]

    def write_often(number: int) -> None:
        for _ in range(20):
            write_file(Draft(tmp_path / "a", contents[number]), force=True)
            assert (tmp_path / "a").read_text() in contents

    assert exit_codes(write_often, 6) == [0] * 6
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_text() in contents


def test_of_writers_at_the_same_time_one_makes_the_file_and_the_others_are_told(tmp_path):
    def write_once(number: int) -> None:
        write_file(Draft(tmp_path / "a", str(number) * 100_000))

    assert sorted(exit_codes(write_once, 6)) == [0, 2, 2, 2, 2, 2]
    assert names(tmp_path) == ["a"]
    assert len((tmp_path / "a").read_text()) == 100_000


def test_a_folder_is_made_with_those_around_it(tmp_path):
    make_folder(tmp_path / "a/b")
    make_folder(tmp_path / "a/b")
    assert (tmp_path / "a/b").is_dir()
    (tmp_path / "file").write_text("")
    with pytest.raises(FractalConfigurationError, match="FS704"):
        make_folder(tmp_path / "file/b")
