"""What any environment of a process can hold; and the output of `env -0`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .assignments import Assignment, Reading, Skipped

LONGEST = 131_071
"""The longest `NAME=value` that Linux hands to a process, in bytes (MAX_ARG_STRLEN, less a NUL)."""

PORTABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
BARE = re.compile(r"[A-Za-z0-9_./:@%+,-]+")  # text that no reader of a file takes for more


def obstacle(name: str, value: str) -> str | None:
    """Why no environment can hold the variable; or None."""
    if "\0" in name or "\0" in value:
        return "it holds a NUL character, and no environment can"
    if "=" in name or not name:
        return "no variable can have that name"
    try:
        length = len(f"{name}={value}".encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return "it holds half a surrogate pair, which is no text"
    if length > LONGEST:
        return f"it is longer than the {LONGEST:,} bytes that Linux hands to a process"
    return None


def text_obstacle(name: str, value: str) -> str | None:
    """Why a UTF-8 text cannot hold the variable; or None."""
    try:
        f"{name}{value}".encode()
    except UnicodeEncodeError:
        return "it holds bytes that are not UTF-8"
    return None


def portable_name_obstacle(name: str) -> str | None:
    """Why the name is none that every shell and service manager takes; or None."""
    if PORTABLE_NAME.fullmatch(name):
        return None
    return "its name has other characters than A-Z, a-z, 0-9 and _"


def write(values: Mapping[str, str]) -> str:
    """The variables as `env -0` prints them."""
    return "".join(f"{name}={value}\0" for name, value in values.items())


def read(text: str) -> Reading:
    """The variables that `env -0` printed; an entry counts as a line."""
    assignments, skipped = [], []
    for number, entry in enumerate(text.split("\0"), start=1):
        name, equals, value = entry.partition("=")
        if equals and name:
            assignments.append(Assignment(name, value, number))
        elif entry.strip():
            skipped.append(Skipped(number, "it is not NAME=value"))
    return Reading(tuple(assignments), tuple(skipped))
