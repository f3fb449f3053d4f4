"""The shape of an entry in the catalogue of codes."""

from __future__ import annotations

import os
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from fractal_settings.problems import Severity

SETTINGS = "config/settings.toml"
COMPLETE: Mapping[str, str] = MappingProxyType(
    {
        "JWT_SECRET_KEY": "made-up-5b0c1e97d2f84a63b7d9e5f1",
        "POSTGRES_DB": "fractal",
        "FRACTAL_DEFAULT_ADMIN_PASSWORD": "made-up-too",
        "FRACTAL_TASKS_DIR": "/srv/fractal/tasks",
        "FRACTAL_RUNNER_WORKING_BASE_DIR": "/srv/fractal/jobs",
        "FRACTAL_TASKS_PYTHON_DEFAULT_VERSION": "3.11",
        "FRACTAL_TASKS_PYTHON_3_11": "/usr/bin/python3.11",
    }
)
CHECK = ("check",)
PROD = ("check", "--env", "prod")
STATIC = ("check", "--static")
_NOTHING: Mapping[str, str] = MappingProxyType({})


class Example(NamedTuple):
    """A small configuration: enough to reach a code, or to show how it is done right.

    Attributes:
        files: content by path below the working directory. The last character of a path says what
            it is, as in `ls -F`: `/` a directory, `*` an executable, `@` a symbolic link to the
            content, `|` a FIFO. A byte that is not UTF-8 stands as `surrogateescape` carries it.
        environ: the environment variables.
        arguments: of the command line that finds it.
        needs: what must be there for it to be run (a service), in words; or empty.
    """

    files: Mapping[str, str] = _NOTHING
    environ: Mapping[str, str] = _NOTHING
    arguments: tuple[str, ...] = CHECK
    needs: str = ""

    def make(self, folder: Path) -> None:
        """Make the files below a folder."""
        for name, content in self.files.items():
            path = folder / name.rstrip("/*@|")
            path.parent.mkdir(parents=True, exist_ok=True)
            match name[-1]:
                case "/":
                    path.mkdir(exist_ok=True)
                case "@":
                    path.symlink_to(content)
                case "|":
                    os.mkfifo(path)
                case kind:
                    path.write_bytes(content.encode("utf-8", "surrogateescape"))
                    path.chmod(0o755 if kind == "*" else 0o644)


class Entry(NamedTuple):
    """One code.

    Attributes:
        code: `FS` and three digits; the first says the stage.
        title: what is wrong, in a few words.
        severity: of every problem of this code.
        meaning: why it matters, in whole sentences.
        fix: what to do.
        broken: an example that reaches the code.
        right: the same, done right.
    """

    code: str
    title: str
    severity: Severity
    meaning: str
    fix: str
    broken: Example
    right: Example


def example(
    toml: str | None = None,
    arguments: tuple[str, ...] = CHECK,
    *,
    files: Mapping[str, str] = _NOTHING,
    environ: Mapping[str, str] = _NOTHING,
    without: tuple[str, ...] = (),
    needs: str = "",
    **variables: str,
) -> Example:
    """An example in which nothing is wrong but what is given.

    Args:
        toml: the text of settings.toml; there is none by default.
        arguments: of the command line.
        files: other files.
        environ: variables beside those of COMPLETE, of which the TOML's names are left out.
        without: names of COMPLETE that are to be missing.
        needs: what must be there for it to be run.
        variables: the same as `environ`.
    """
    if toml is not None:
        files = {SETTINGS: toml, **files}
    rest = {
        name: value
        for name, value in COMPLETE.items()
        if name not in without and name not in (toml or "")
    }
    return Example(files, {**rest, **environ, **variables}, arguments, needs)
