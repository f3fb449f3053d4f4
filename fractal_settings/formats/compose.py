"""A compose file that holds a service's environment, to be merged with the one that runs it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from . import yaml
from .assignments import Assignment, Reading
from .environment import text_obstacle

_NAME = re.compile(r"[^\s=]+")
_HEAD = "services:\n  fractal-server:\n    environment:"
_INDENT = 6


def obstacle(name: str, value: str) -> str | None:
    """Why a compose file cannot hold the variable; or None."""
    if not _NAME.fullmatch(name):
        return "its name has whitespace"
    return text_obstacle(name, value)


def write(values: Mapping[str, str]) -> str:
    """The text of a compose file; each `$` is doubled, for compose expands single ones."""
    if not values:
        return f"{_HEAD} {{}}\n"
    doubled = {name: value.replace("$", "$$") for name, value in values.items()}
    return f"{_HEAD}\n{yaml.entries(doubled, indent=_INDENT)}"


def read(text: str) -> Reading:
    """What `write` wrote."""
    found = yaml.read_entries(text, indent=_INDENT)
    return Reading(
        tuple(Assignment(name, value.replace("$$", "$"), line) for name, value, line in found)
    )
