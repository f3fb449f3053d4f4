"""A dotenv file, as python-dotenv reads it: the server's own `.fractal_server.env`.

python-dotenv expands `${...}` even between single quotes and knows no escape for it. What it puts
in is not expanded again, so `${:-$}`, the default of a variable without a name, stands for a
dollar that only looks like a reference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..reading import UnreadableError
from .assignments import Assignment, Reading, Skipped
from .environment import BARE, text_obstacle

_NAME = re.compile(r"[^\s=#'\"]+")
_REFERENCE = re.compile(r"\$\{([^}:]+)")


def obstacle(name: str, value: str) -> str | None:
    """Why a dotenv file cannot hold the variable; or None."""
    if not _NAME.fullmatch(name):
        return "its name has whitespace, quotes or a number sign"
    if reason := text_obstacle(name, value):
        return reason
    try:
        read(write({name: value}))
    except UnreadableError as error:
        return f"the file {error.reason}"
    return None


def write(values: Mapping[str, str]) -> str:
    """The text of a dotenv file."""
    return "".join(f"{name}={_quoted(value)}\n" for name, value in values.items())


def _quoted(value: str) -> str:
    if BARE.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace("${", "${:-$}{")
    if value.endswith("\\"):
        escaped += "${:-}"  # before python-dotenv 1.2.2 a quote after `\\` did not close
    if "\r" in value:  # a file's carriage returns are taken for line ends, but for escaped ones
        return '"' + escaped.replace('"', '\\"').replace("\r", "\\r") + '"'
    return "'" + escaped.replace("'", "\\'") + "'"


def read(text: str, environ: Mapping[str, str] | None = None) -> Reading:
    """What python-dotenv reads, references filled in.

    Args:
        text: of the file.
        environ: where a variable is looked up that the file refers to and does not set.

    Raises:
        UnreadableError: a line or an expanded value is too long.
    """
    from ..sources.dotenv import parse_dotenv

    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    own = parse_dotenv(text, {}).values
    outside = {name for name in _REFERENCE.findall(text) if name not in own}
    found = {name: (environ or {})[name] for name in outside if name in (environ or {})}
    values, lines, unparsed, overridden = parse_dotenv(text, found)
    return Reading(
        (
            *(Assignment(*each) for each in overridden if each[0] in values),
            *(Assignment(name, value, lines[name]) for name, value in values.items()),
        ),
        tuple(Skipped(line, "it is no assignment, or a quote is not closed") for line in unparsed),
        _borrowed(text, outside) if outside else (),
    )


def _borrowed(text: str, outside: set[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    from ..sources.dotenv import parse_dotenv

    marked = parse_dotenv(text, {name: f"\0{name}\0" for name in outside}).values
    return tuple(
        (name, tuple(dict.fromkeys(value.split("\0")[1::2])))
        for name, value in marked.items()
        if "\0" in value
    )
