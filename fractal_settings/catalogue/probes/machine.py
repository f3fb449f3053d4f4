"""FS665 to FS681: interpreters and directories."""

from __future__ import annotations

from ...problems import Severity
from ..entry import Entry, Example, example

_INTERPRETERS = ("doctor", "--only", "interpreters")
_DIRECTORIES = ("doctor", "--only", "directories")
_NEEDS = "the interpreter of the example, with venv and ensurepip"
_WORKER_NEEDS = "an interpreter with fractal-server at the path of the example"


def _python(path: str, needs: str = "") -> Example:
    return example(None, _INTERPRETERS, needs=needs, FRACTAL_TASKS_PYTHON_3_11=path)


def _worker(path: str, needs: str) -> Example:
    return example(
        None,
        _INTERPRETERS,
        needs=needs,
        FRACTAL_RUNNER_BACKEND="slurm",
        FRACTAL_SLURM_WORKER_PYTHON=path,
    )


_GOOD_PYTHON = _python("/usr/bin/python3.11", _NEEDS)
_GOOD_WORKER = _worker("/opt/fractal/bin/python", _WORKER_NEEDS)


def _directories(tasks: str, jobs: str = "jobs", needs: str = "") -> Example:
    return example(
        None,
        _DIRECTORIES,
        needs=needs,
        FRACTAL_TASKS_DIR=tasks,
        FRACTAL_RUNNER_WORKING_BASE_DIR=jobs,
    )


_GOOD_DIRECTORIES = _directories("tasks")

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "FS665",
        "The interpreter is not there",
        Severity.ERROR,
        "The server takes any absolute path. It finds out that nothing is there when the first "
        "task is collected, or the first job starts.",
        "Install that Python, or mend the path.",
        _python("/nonexistent/python3.11"),
        _GOOD_PYTHON,
    ),
    Entry(
        "FS666",
        "The interpreter may not be executed",
        Severity.ERROR,
        "The path leads to a directory, or to a file that this user may not run.",
        "Name the interpreter itself, such as `bin/python3.11` in the directory.",
        _python("/usr"),
        _GOOD_PYTHON,
    ),
    Entry(
        "FS667",
        "The interpreter does not run",
        Severity.ERROR,
        "It is there, may be executed, and fails: a shim of pyenv whose version is not selected, "
        "an environment whose Python was removed, or no Python at all.",
        "Run it by hand; name the real interpreter instead of a shim.",
        _python("/usr/bin/false"),
        _GOOD_PYTHON,
    ),
    Entry(
        "FS668",
        "The interpreter is another version",
        Severity.ERROR,
        "FRACTAL_TASKS_PYTHON_3_11 must be a Python 3.11, and so on: packages are collected for "
        "the version that their task asks for.",
        "Name an interpreter of the version in the setting's name.",
        _python("/usr/bin/python3.12", "a Python 3.12 at the path of the example"),
        _GOOD_PYTHON,
    ),
    Entry(
        "FS669",
        "The interpreter has no venv",
        Severity.ERROR,
        "Each task package gets an environment of its own, made by `python -m venv`.",
        "Install the package that has it; on Debian `python3.11-venv`.",
        _python("/usr/bin/python3.11", "a Python whose venv was removed"),
        _GOOD_PYTHON,
    ),
    Entry(
        "FS670",
        "The interpreter has no ensurepip",
        Severity.ERROR,
        "venv puts pip into a new environment by ensurepip. Debian packs it apart, so that venv is "
        "there and fails.",
        "Install the package that has it; on Debian `python3.11-venv`.",
        _python("/usr/bin/python3.11", "a Debian without python3.11-venv"),
        _GOOD_PYTHON,
    ),
    Entry(
        "FS671",
        "The interpreter gives no answer",
        Severity.ERROR,
        "It was started and did not end within the time limit, as on a network filesystem whose "
        "server is away.",
        "Run it by hand; `--timeout` gives a slow filesystem more time.",
        _python("/usr/bin/yes", "a program that never ends"),
        _GOOD_PYTHON,
    ),
    Entry(
        "FS672",
        "The worker has no fractal-server",
        Severity.ERROR,
        "A SLURM job runs `python -m fractal_server...` with the worker's Python. Without the "
        "package no job starts.",
        "Install there the version of fractal-server that the server has.",
        _worker("/usr/bin/python3.11", "an interpreter without fractal-server"),
        _GOOD_WORKER,
    ),
    Entry(
        "FS673",
        "The worker has another fractal-server",
        Severity.ERROR,
        "Server and worker exchange pickles, and the worker refuses those of another version. The "
        "server's version is known if its Python was named (`--server-python`).",
        "Install there the version of fractal-server that the server has.",
        _worker("/opt/old/bin/python", "an interpreter with another fractal-server"),
        _GOOD_WORKER,
    ),
    Entry(
        "FS675",
        "A directory cannot be made",
        Severity.ERROR,
        "The directory is not there. The server would make it, and this user may not write in what "
        "is above it, or that is no directory.",
        "Make it, and give it to the user that runs the server: `install -d -o USER PATH`.",
        _directories("/dev/null/tasks"),
        _GOOD_DIRECTORIES,
    ),
    Entry(
        "FS676",
        "The two directories are not apart",
        Severity.ERROR,
        "Task packages and jobs must not lie one in the other: what cleans or moves one of them "
        "takes part of the other along.",
        "Name two directories beside each other.",
        _directories("fractal", "fractal/jobs"),
        _GOOD_DIRECTORIES,
    ),
    Entry(
        "FS677",
        "Everybody may write in a directory",
        Severity.WARNING,
        "Any user of the machine can change the code that jobs run, or their files.",
        "`chmod o-w` it.",
        _directories("/tmp", needs="a directory with mode 1777"),  # noqa: S108 - the example of one
        _GOOD_DIRECTORIES,
    ),
    Entry(
        "FS678",
        "Little space is left",
        Severity.WARNING,
        "Less than 1 GiB is free on the filesystem, and one task environment with its packages can "
        "need that.",
        "Make room, or name a directory on another filesystem.",
        _directories("tasks", needs="a filesystem that is nearly full"),
        _GOOD_DIRECTORIES,
    ),
    Entry(
        "FS679",
        "Few more files can be made",
        Severity.WARNING,
        "A filesystem has a number of inodes, one for each file. Fewer than 20,000 are left, and "
        "one task environment can need that.",
        "Remove files, or name a directory on another filesystem.",
        _directories("tasks", needs="a filesystem with few inodes left"),
        _GOOD_DIRECTORIES,
    ),
    Entry(
        "FS681",
        "A filesystem gives no answer",
        Severity.ERROR,
        "A question about the directory did not come back within the time limit, as on a network "
        "filesystem whose server is away. Programs that touch it hang, and cannot be killed.",
        "Bring the filesystem's server back, or unmount it: `umount -f -l`.",
        _directories("tasks", needs="a filesystem that hangs"),
        _GOOD_DIRECTORIES,
    ),
)
