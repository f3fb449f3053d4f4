"""Configurations made of choices: mostly right ones, changed in a few places.

Whoever makes the choices (bytes of a coverage-guided fuzzer, or hypothesis) makes all of them:
the same choices make the same configuration.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from .bases import (
    BASES,
    DOTENV,
    FILES,
    LOCAL,
    LOCAL_SECRETS,
    SECRETS,
    SETTINGS,
    Configuration,
)
from .words import FOLDERS, JSON, LINES, LITERALS, NAMES, SPECIALS, VALUES

T = TypeVar("T")

MANY = 4  # changes to one configuration
LARGEST = 1024 * 1024 + 2  # bytes of a file: beyond the limit of each


class Choices(Protocol):
    """Whoever chooses."""

    def number(self, most: int) -> int:
        """From 0 to `most`; 0 where there is no choice left."""

    def blob(self, longest: int) -> bytes:
        """Bytes, that many at most."""


class Bytes:
    """Choices read from bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def number(self, most: int) -> int:
        width = 1 if most < 256 else 2 if most < 65536 else 3
        part = self.data[self.at : self.at + width]
        self.at += width
        return int.from_bytes(part, "big") % (most + 1)

    def blob(self, longest: int) -> bytes:
        length = min(self.number(255), longest)
        part = self.data[self.at : self.at + length]
        self.at += length
        return part


def configuration(choose: Choices) -> Configuration:
    """A right configuration with up to four changes."""
    made = one_of(choose, BASES)()
    for _ in range(choose.number(MANY)):
        one_of(choose, CHANGES)(made, choose)
    return made


def one_of(choose: Choices, things: Sequence[T]) -> T:
    return things[choose.number(len(things) - 1)]


def text(choose: Choices) -> str:
    """A value of a variable: one of those that have surprised somebody, or any bytes."""
    if choose.number(1):
        return choose.blob(64).decode("utf-8", "surrogateescape")
    return one_of(choose, VALUES)


def set_variable(made: Configuration, choose: Choices) -> None:
    made.environ[one_of(choose, NAMES)] = text(choose)


def set_any_variable(made: Configuration, choose: Choices) -> None:
    name = one_of(choose, ("", "OAUTH_", "FRACTAL_", "JWT_")) + choose.blob(16).decode(
        "utf-8", "surrogateescape"
    )
    made.environ[name] = text(choose)


def set_folder(made: Configuration, choose: Choices) -> None:
    made.environ[one_of(choose, FOLDERS)] = "{TMP}/" + one_of(
        choose, ("config", "mounted", "credentials", "run", "none", "a\x00b", ".", "run/jwt")
    )


def unset_variable(made: Configuration, choose: Choices) -> None:
    if made.environ:
        del made.environ[one_of(choose, sorted(made.environ))]


def choose_environment(made: Configuration, choose: Choices) -> None:
    made.environment = one_of(choose, ("prod", "dev", "Prod", "default", "main", "none", "\x00"))


def override(made: Configuration, choose: Choices) -> None:
    value: object = one_of(
        choose, (None, 1, -1, 2.5, True, float("nan"), [1], {"a": 1}, b"x", 10**5000, "x", "")
    )
    made.overrides[one_of(choose, NAMES)] = text(choose) if choose.number(1) else value


def some_file(made: Configuration, choose: Choices) -> str:
    """One that is read: of those there, or any other."""
    if made.files and choose.number(3):
        return one_of(choose, sorted(made.files))
    return one_of(choose, sorted(FILES))


def content(made: Configuration, path: str) -> bytes:
    there = made.files.get(path, b"")
    return there if isinstance(there, bytes) else b""


def insert(made: Configuration, choose: Choices, new: bytes) -> None:
    """Put bytes into a file, in place of some that were there."""
    path = some_file(made, choose)
    old = content(made, path)
    start = choose.number(len(old))
    end = min(start + choose.number(15), len(old))
    made.files[path] = old[:start] + new + old[end:]


def insert_bytes(made: Configuration, choose: Choices) -> None:
    insert(made, choose, choose.blob(64))


def insert_json(made: Configuration, choose: Choices) -> None:
    insert(made, choose, one_of(choose, JSON))


def new_content(made: Configuration, choose: Choices) -> None:
    made.files[some_file(made, choose)] = choose.blob(255)


def add_line(made: Configuration, choose: Choices) -> None:
    """Put a line between two of a file."""
    path = some_file(made, choose)
    lines = content(made, path).split(b"\n")
    lines.insert(choose.number(len(lines)), one_of(choose, LINES))
    made.files[path] = b"\n".join(lines)


def set_key(made: Configuration, choose: Choices) -> None:
    """Give a setting in a TOML file, in any section."""
    path = one_of(choose, (SETTINGS, SECRETS, LOCAL, LOCAL_SECRETS))
    name = one_of(choose, NAMES).encode()
    literal = choose.blob(32) if choose.number(2) == 0 else one_of(choose, LITERALS)
    lines = content(made, path).split(b"\n")
    lines.insert(choose.number(len(lines)), name + b" = " + literal)
    made.files[path] = b"\n".join(lines)


def set_in_dotenv(made: Configuration, choose: Choices) -> None:
    line = one_of(choose, NAMES) + "=" + text(choose)
    made.files[DOTENV] = content(made, DOTENV) + line.encode("utf-8", "surrogateescape") + b"\n"


def set_in_folder(made: Configuration, choose: Choices) -> None:
    folder = one_of(choose, ("mounted/", "credentials/"))
    made.files[folder + one_of(choose, NAMES)] = choose.blob(64)


def repeat(made: Configuration, choose: Choices) -> None:
    """A file so often over: near a limit, and beyond."""
    path = some_file(made, choose)
    made.files[path] = (content(made, path) * one_of(choose, (2, 3, 20, 200)))[:LARGEST]


def remove(made: Configuration, choose: Choices) -> None:
    made.files.pop(some_file(made, choose), None)


def no_file(made: Configuration, choose: Choices) -> None:
    made.files[some_file(made, choose)] = one_of(choose, SPECIALS)


CHANGES: tuple[Callable[[Configuration, Choices], None], ...] = (
    set_variable,
    set_variable,
    set_variable,
    set_any_variable,
    set_folder,
    unset_variable,
    choose_environment,
    override,
    insert_bytes,
    insert_bytes,
    insert_json,
    new_content,
    add_line,
    set_key,
    set_key,
    set_in_dotenv,
    set_in_folder,
    repeat,
    remove,
    no_file,
)
