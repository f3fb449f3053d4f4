"""What is outside of the configuration: environment variables and working directory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from .merge import process_environ
from .problems import FractalConfigurationError, problem


class World(NamedTuple):
    """What is outside: nothing else of it is looked at.

    Attributes:
        environ: the environment variables. Holds secrets.
        cwd: the working directory, absolute.
    """

    environ: Mapping[str, str]
    cwd: Path

    def __repr__(self) -> str:
        return f"World(cwd={self.cwd})"


def working_directory() -> Path:
    """The working directory of this process.

    Raises:
        FractalConfigurationError: it is no more, or may not be entered.
    """
    try:
        return Path.cwd()
    except OSError as error:
        reason = (error.strerror or "it cannot be told").lower()
    raise FractalConfigurationError(
        [
            problem(
                "FS102",
                f"the working directory: {reason}",
                hint="start it in a directory that exists and that its user may enter",
            )
        ]
    )


def wrong_type(
    environment: object, config_dir: object, environ: object, cwd: object, overrides: object
) -> str:
    """What is wrong with the types of the arguments, without a value; or empty."""
    arguments: tuple[tuple[str, object, tuple[type, ...], str], ...] = (
        ("environment", environment, (str,), "a str"),
        ("config_dir", config_dir, (str, Path), "a str or a Path"),
        ("environ", environ, (Mapping,), "a mapping of str to str"),
        ("cwd", cwd, (str, Path), "a str or a Path"),
        ("overrides", overrides, (Mapping,), "a mapping by name"),
    )
    for name, value, types, expected in arguments:
        if not (value is None or isinstance(value, types)):
            return f"{name} is of type {type(value).__name__}, not {expected}"
    given = environ if isinstance(environ, Mapping) else {}
    named = overrides if isinstance(overrides, Mapping) else {}
    for each in (*given, *given.values(), *named):
        if not isinstance(each, str):
            return f"environ or overrides holds a {type(each).__name__} where a str must be"
    return ""


def outside(environ: Mapping[str, str] | None, cwd: str | Path | None) -> World:
    """What was given, or else what this process has.

    Raises:
        FractalConfigurationError: the working directory is needed, and is no more.
    """
    directory = Path() if cwd is None else Path(cwd)
    if not directory.is_absolute():
        directory = working_directory() / directory
    return World(process_environ() if environ is None else environ, directory)
