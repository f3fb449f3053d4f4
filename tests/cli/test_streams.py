"""Standard streams that were closed before the start, or that take nothing more."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SERVER = {
    "PATH": os.defpath,
    "JWT_SECRET_KEY": "canary-0c5f1e97d2f84a63b7d9e5f1b06a4c2d",
    "POSTGRES_DB": "fractal",
    "POSTGRES_PASSWORD": "made-up-password",
    "FRACTAL_DEFAULT_ADMIN_PASSWORD": "made-up",
    "FRACTAL_TASKS_DIR": "/srv/tasks",
    "FRACTAL_RUNNER_WORKING_BASE_DIR": "/srv/jobs",
    "FRACTAL_TASKS_PYTHON_DEFAULT_VERSION": "3.11",
    "FRACTAL_TASKS_PYTHON_3_11": "/usr/bin/python3.11",
}
KEPT = {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
FULL = "fractal-settings: the output cannot be written: No space left on device\n"


def shell(cwd, command: str) -> subprocess.CompletedProcess[str]:
    """Have a shell call the command line, with its streams as the shell's words say."""
    return subprocess.run(
        ["/bin/sh", "-c", f"'{sys.executable}' -m fractal_settings {command}"],
        cwd=cwd,
        env=KEPT | SERVER,
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_run_starts_the_command_whichever_stream_was_closed(tmp_path, closed):
    done = shell(tmp_path, f"run -- sh -c ': > started; exit 7' {closed}")
    assert (done.returncode, done.stdout, done.stderr) == (7, "", "")
    assert (tmp_path / "started").exists()


def test_export_without_an_output_ends_well(tmp_path):
    done = shell(tmp_path, "export --format json --reveal >&-")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("closed", [">&-", "2>&-"])
def test_doctor_asks_and_judges_whichever_stream_was_closed(tmp_path, closed):
    done = shell(tmp_path, f"-q doctor --only directories {closed}")
    assert "Traceback" not in done.stderr
    assert done.returncode == 0
    assert ("FRACTAL_TASKS_DIR: is to be made" in done.stdout) == (closed == "2>&-")


@pytest.mark.parametrize("words", ["export --format json --reveal", "explain --list", "explain -h"])
def test_a_full_disk_is_told_whatever_was_to_be_written(tmp_path, words):
    done = shell(tmp_path, f"{words} > /dev/full")
    assert (done.returncode, done.stderr) == (1, FULL)


def test_a_failure_that_is_not_of_the_output_is_not_called_so(tmp_path):
    (tmp_path / "gone").mkdir()
    done = shell(
        tmp_path,
        "--version > /dev/null; cd gone; rmdir ../gone; "
        f"'{sys.executable}' -m fractal_settings run -- true",
    )
    assert done.returncode == 2
    assert done.stderr.endswith("Error: the working directory: no such file or directory\n")


def test_import_of_a_closed_input_is_told(tmp_path):
    done = shell(tmp_path, "import - --env prod <&-")
    assert (done.returncode, done.stdout) == (1, "")
    assert "error[FS102]: standard input is closed" in done.stderr
