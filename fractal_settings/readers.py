"""Readers of raw values, one a kind: what TOML or a variable gave becomes the declared type.

Text is read as a variable would be; any other value must have exactly the declared type. A
refusal's type is the code of its problem.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Annotated, Literal, TypeVar

from pydantic import BeforeValidator, PlainSerializer, PlainValidator, ValidationInfo
from pydantic_core import PydanticCustomError

from .redact import MARK, Secret

INTEGER, BOOLEAN, VERSION, CHOICE, NUMBER = "FS201", "FS202", "FS203", "FS204", "FS205"
TEXT, NUL, RELATIVE, UNRESOLVABLE = "FS206", "FS208", "FS209", "FS229"

T = TypeVar("T")


def refuse(code: str, reason: str = "") -> PydanticCustomError:
    """A refusal for pydantic to collect; it never holds the value."""
    return PydanticCustomError("refused", "{code}", {"code": code, "reason": reason})


def text(value: object) -> str:
    """Text, kept to the letter (spec rule 1)."""
    if not isinstance(value, str):
        raise refuse(TEXT)
    if "\0" in value:
        raise refuse(NUL)
    return value


def secret(value: object) -> Secret:
    """Text whose repr does not show it."""
    return Secret(text(value))


def port(value: object) -> str:
    """Text, for which an integer is taken too."""
    return str(value) if type(value) is int else text(value)


def absolute(value: object) -> str:
    """Text that is an absolute path; an empty one is none."""
    path = text(value)
    if not path.startswith("/"):
        raise refuse(RELATIVE)
    return path


def file_path(value: object) -> Path:
    """A path, unchanged."""
    if isinstance(value, PurePath):
        return Path(value)
    return Path(text(value))


def directory(value: object, info: ValidationInfo) -> Path:
    """A path; a relative one is resolved against the working directory (spec rule 3)."""
    path = file_path(value)
    if path.is_absolute():
        return path
    cwd = info.context["cwd"] if info.context else Path.cwd()
    try:
        return Path(cwd / path).resolve()
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links, before 3.13
        raise refuse(UNRESOLVABLE, getattr(error, "strerror", None) or "a loop of links") from None


def integer(value: object) -> object:
    """What pydantic and `int` both read as an integer (D5)."""
    return _number(value, INTEGER, int, (int,))


def number(value: object) -> object:
    """What pydantic and `float` both read as a number (D5)."""
    return _number(value, NUMBER, float, (int, float))


def _number(
    value: object, code: str, read: Callable[[str], object], types: tuple[type, ...]
) -> object:
    try:
        if isinstance(value, str):
            read(value)
            return str(value)
        if type(value) in types:
            return read(value)  # type: ignore[arg-type]  # both take their own type too
    except (ValueError, OverflowError):
        raise refuse(code) from None
    raise refuse(code)


def boolean(value: object) -> object:
    """A boolean, or what pydantic reads as one in text."""
    if isinstance(value, str | bool):
        return value
    raise refuse(BOOLEAN)


def choice(*choices: str, code: str = CHOICE) -> Callable[[object], str]:
    """One of the given texts, to the letter."""

    def read(value: object) -> str:
        if isinstance(value, str) and value in choices:
            return str(value)
        raise refuse(code)

    return read


def or_none(read: Callable[[object], T]) -> Callable[[object], T | None]:
    """The same reader, for a setting of which None is a value."""
    return lambda value: None if value is None else read(value)


def _redact(value: object) -> str | None:
    return None if value is None else MARK


_Hidden = PlainSerializer(_redact, return_type=str, when_used="json-unless-none")

Text = Annotated[str, PlainValidator(text)]
OptionalText = Annotated[str | None, PlainValidator(or_none(text))]
SecretText = Annotated[str, PlainValidator(secret), _Hidden]
OptionalSecret = Annotated[str | None, PlainValidator(or_none(secret)), _Hidden]
Port = Annotated[str | None, PlainValidator(or_none(port))]
Interpreter = Annotated[str | None, PlainValidator(or_none(absolute))]
File = Annotated[Path | None, PlainValidator(or_none(file_path))]
Directory = Annotated[
    Path | None,
    PlainValidator(lambda value, info: None if value is None else directory(value, info)),
]
Integer = Annotated[int, BeforeValidator(integer)]
Number = Annotated[float, BeforeValidator(number)]
Boolean = Annotated[bool, BeforeValidator(boolean)]

BackendName = Literal["local", "local_experimental", "slurm", "slurm_ssh"]
V1Mode = Literal["include", "include_read_only", "exclude"]
VersionName = Literal["3.9", "3.10", "3.11", "3.12"]
