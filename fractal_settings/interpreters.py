"""The interpreters from which task environments are made, and their defaulting (spec rule 4)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from .redact import Values

VERSIONS = ("3.9", "3.10", "3.11", "3.12")
DEFAULT_VERSION = "FRACTAL_TASKS_PYTHON_DEFAULT_VERSION"

_ASK = 'import sys; print("%d.%d" % sys.version_info[:2]); print(sys.executable)'
_ASK_SECONDS = 20


def interpreter_name(version: str) -> str:
    """The setting that holds the interpreter of a version.

    >>> interpreter_name("3.10")
    'FRACTAL_TASKS_PYTHON_3_10'
    """
    return f"FRACTAL_TASKS_PYTHON_{version.replace('.', '_')}"


INTERPRETERS = {interpreter_name(version): version for version in VERSIONS}


class ServerPython(NamedTuple):
    """The Python that runs the server (D6).

    Attributes:
        version: such as `3.11`; or empty if it could not be told.
        executable: its absolute path.
        why: who named it.
        failure: why its version could not be told, or empty.
    """

    version: str
    executable: str
    why: str
    failure: str = ""


OWN = ServerPython(
    f"{sys.version_info[0]}.{sys.version_info[1]}",
    sys.executable,
    "the Python of fractal-settings: no other was named",
)

Named = str | Path | tuple[str, str | Path] | ServerPython


def server_python(
    named: Named | None, variable: str | None, path: str | None, cwd: Path
) -> ServerPython:
    """The server's Python: as named by an argument, else by the variable, else our own.

    An executable is asked for its version by running it.

    Args:
        named: an executable, or a pair of version and executable.
        variable: the value of FRACTAL_SERVER_PYTHON.
        path: where to look for an executable that is no path.
        cwd: from where a relative path counts.
    """
    if isinstance(named, ServerPython):
        return named
    if isinstance(named, tuple):
        version, executable = named[0], str(named[1])
        if not executable.startswith("/"):
            return ServerPython("", executable, "named by server_python", "no absolute path")
        return ServerPython(version, executable, "named by server_python")
    if named:
        return _asked(str(named), "named by server_python", path, cwd)
    if variable:
        return _asked(variable, "named by FRACTAL_SERVER_PYTHON", path, cwd)
    return OWN


def _asked(executable: str, why: str, path: str | None, cwd: Path) -> ServerPython:
    import subprocess

    from .commands import find_command

    if executable == sys.executable:
        return ServerPython(OWN.version, executable, why)
    found = executable if "/" in executable else find_command(executable, path, cwd)
    if not found:
        return ServerPython("", executable, why, "no such command on PATH")
    try:
        answer = subprocess.run(  # noqa: S603 - running it is the question
            [str(cwd / found), "-I", "-c", _ASK],
            capture_output=True,
            text=True,
            timeout=_ASK_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return ServerPython("", found, why, f"it did not answer within {_ASK_SECONDS} s")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it cannot be run"
        return ServerPython("", found, why, reason.lower())
    lines = answer.stdout.splitlines()
    if answer.returncode or len(lines) != 2:  # noqa: PLR2004 - a line a question
        return ServerPython("", found, why, "it is no working Python")
    return ServerPython(lines[0], lines[1], why)


class Defaulting(NamedTuple):
    """What rule 4 does to the given values.

    Attributes:
        values: to validate in their place.
        derived: what was set, by name: from what.
        discarded: the given interpreters that have no effect.
        missing: the interpreter that the default version needs and that is not given, or empty.
        python: the server's Python that was taken, or None if none was needed.
    """

    values: dict[str, object]
    derived: dict[str, str] = {}  # noqa: RUF012 - never changed
    discarded: tuple[str, ...] = ()
    missing: str = ""
    python: ServerPython | None = None

    @property
    def unsuitable(self) -> bool:
        """Whether the server's Python is none for which tasks can be collected."""
        return self.python is not None and self.python.version not in VERSIONS


def default_interpreters(
    given: Mapping[str, object], ask: Callable[[], ServerPython]
) -> Defaulting:
    """Apply the defaulting of rule 4 to raw values.

    Args:
        given: raw values by name.
        ask: finds the server's Python; called only if no default version is set.
    """
    values = Values(given)
    version = values.get(DEFAULT_VERSION)
    if version is not None:
        missing = ""
        if isinstance(version, str) and version in VERSIONS:
            name = interpreter_name(version)
            missing = name if values.get(name) is None else ""
        return Defaulting(values, missing=missing)
    python = ask()
    discarded = tuple(name for name in INTERPRETERS if values.get(name) is not None)
    for name in INTERPRETERS:
        values.pop(name, None)
    values.pop(DEFAULT_VERSION, None)
    if python.version not in VERSIONS:
        return Defaulting(values, discarded=discarded, python=python)
    name = interpreter_name(python.version)
    values[DEFAULT_VERSION], values[name] = python.version, python.executable
    source = f"{python.executable}, {python.why}"
    derived = {DEFAULT_VERSION: source, name: source}
    return Defaulting(values, derived, discarded, python=python)
