"""A file for `docker run --env-file`: NAME=value lines, taken as they are.

By the rules that the package kvfile of docker/cli documents: no quotes, no escapes, blanks before
the name dropped, the value verbatim up to the end of the line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from .assignments import Assignment, Reading, Skipped
from .environment import text_obstacle

LONGEST_LINE = 65_535
_NAME = re.compile(r"[^\s=#][^\s=]*")


def obstacle(name: str, value: str) -> str | None:
    """Why an env file of Docker cannot hold the variable; or None."""
    if not _NAME.fullmatch(name):
        return "its name has whitespace or starts with a number sign"
    if "\n" in value:
        return "it has a line break, and Docker knows no way to write one"
    if value.endswith("\r"):
        return "it ends in a carriage return, which Docker takes for the end of the line"
    if reason := text_obstacle(name, value):
        return reason
    if len(f"{name}={value}".encode()) > LONGEST_LINE:
        return f"its line is longer than the {LONGEST_LINE:,} bytes that Docker reads"
    return None


def write(values: Mapping[str, str]) -> str:
    """The text of an env file."""
    return "".join(f"{name}={value}\n" for name, value in values.items())


def read(text: str) -> Reading:
    """What Docker reads."""
    assignments, skipped = [], []
    for number, whole in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        line = whole.removesuffix("\r").lstrip()
        name, equals, value = line.partition("=")
        if equals and name:
            assignments.append(Assignment(name, value, number))
        elif line and not line.startswith("#"):
            skipped.append(Skipped(number, "it has no ="))
    return Reading(tuple(assignments), tuple(skipped))
