"""Readers of raw values, one a kind: what TOML or a variable gave becomes the declared type.

Text is read as a variable would be; any other value must have exactly the declared type. A
refusal's type is the code of its problem.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from errno import ELOOP
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from .redact import MARK, Secret, WithPassword, without_passwords

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, ValidationInfo
    from pydantic_core.core_schema import SerSchema

INTEGER, BOOLEAN, VERSION, CHOICE, NUMBER = "FS201", "FS202", "FS203", "FS204", "FS205"
TEXT, NUL, RELATIVE, UNRESOLVABLE = "FS206", "FS208", "FS209", "FS229"

_LOOP = "a loop of links"

_LONGEST_INTEGER = 4_300  # characters: the server refuses more, blanks and underscores included

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
    return value if without_passwords(value) == value else WithPassword(value)


def secret(value: object) -> Secret:
    """Text whose repr does not show it."""
    return Secret(text(value))


def port(value: object) -> str:
    """Text, for which an integer is taken too."""
    if type(value) is not int:
        return text(value)
    try:
        return str(value)
    except ValueError:  # more digits than Python writes
        raise refuse(TEXT) from None


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
    context: Mapping[str, Path] = info.context or {}
    return _resolved(context["cwd"] / path)


def _resolved(path: Path) -> Path:
    try:
        resolved = path.resolve()
    except UnicodeEncodeError:
        raise refuse(UNRESOLVABLE, "a character that no path can have") from None
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links, before 3.13
        raise refuse(UNRESOLVABLE, getattr(error, "strerror", None) or _LOOP) from None
    try:
        resolved.stat()
    except OSError as error:
        if error.errno == ELOOP:  # since 3.13 only this tells of a loop
            raise refuse(UNRESOLVABLE, _LOOP) from None
    return resolved


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
            if code == INTEGER and len(value) > _LONGEST_INTEGER:
                raise refuse(code)
            read(value)
            return str(value)
        if type(value) in types:
            str(value)  # an integer of more digits than Python writes could not be shown
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


class Reads:
    """Marks a field with its reader.

    It gives pydantic the core schema itself: what pydantic would learn of each function by
    inspection costs a cold start milliseconds, and is known here.
    """

    def __init__(
        self,
        read: Callable[[object], object],
        then: CoreSchema | None = None,
        *,
        written: SerSchema | None = None,
    ) -> None:
        self.read = read
        self.then = then
        self.written = written

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Read, then let pydantic read on where `then` says so."""
        del source, handler
        if self.then is not None:
            return core_schema.no_info_before_validator_function(self.read, self.then)
        return core_schema.no_info_plain_validator_function(self.read, serialization=self.written)


class ReadsDirectory:
    """Marks a field whose reader needs the working directory of the validation's context."""

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Read, with the context."""
        del source, handler
        return core_schema.with_info_plain_validator_function(_directory_or_none)


def _redact(value: object) -> str | None:
    return None if value is None else MARK


def _redact_passwords(value: object) -> object:
    return without_passwords(value) if isinstance(value, str) else value


def _in_json(function: Callable[[object], object]) -> SerSchema:
    return core_schema.plain_serializer_function_ser_schema(
        function, return_schema=core_schema.any_schema(), when_used="json"
    )


def _directory_or_none(value: object, info: ValidationInfo) -> Path | None:
    return None if value is None else directory(value, info)


_HIDDEN = _in_json(_redact)
_SHOWN = _in_json(_redact_passwords)

Text = Annotated[str, Reads(text, written=_SHOWN)]
OptionalText = Annotated[str | None, Reads(or_none(text), written=_SHOWN)]
SecretText = Annotated[str, Reads(secret, written=_HIDDEN)]
OptionalSecret = Annotated[str | None, Reads(or_none(secret), written=_HIDDEN)]
Port = Annotated[str | None, Reads(or_none(port))]
Interpreter = Annotated[str | None, Reads(or_none(absolute))]
File = Annotated[Path | None, Reads(or_none(file_path))]
Directory = Annotated[Path | None, ReadsDirectory()]
Integer = Annotated[int, Reads(integer, core_schema.int_schema())]
Number = Annotated[float, Reads(number, core_schema.float_schema())]
Boolean = Annotated[bool, Reads(boolean, core_schema.bool_schema())]

BackendName = Literal["local", "local_experimental", "slurm", "slurm_ssh"]
V1Mode = Literal["include", "include_read_only", "exclude"]
VersionName = Literal["3.9", "3.10", "3.11", "3.12"]
