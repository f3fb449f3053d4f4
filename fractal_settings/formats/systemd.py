"""A systemd `EnvironmentFile=`, by the rules of systemd.exec(5)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .assignments import Assignment, Reading, Skipped
from .environment import BARE, portable_name_obstacle, text_obstacle

_ESCAPED_IN_QUOTES = re.compile(r'([\\"`$])')
_NO_CHARACTER = re.compile(
    "[\ufeff\ufdd0-\ufdef"
    + "".join(f"{chr(n + 0xFFFE)}{chr(n + 0xFFFF)}" for n in range(0, 0x110000, 0x10000))
    + "]"
)
_SPACE = " \t\r"

# One assignment: the name, then quoted and unquoted parts up to the end of the line.
_COMMENT = re.compile(r"[#;][^\n\r]*")
_NAME = re.compile(r"[^\n\r][^=\n\r]*")
_QUOTED = re.compile(
    r"[ \t]*(?:'(?P<single>[^']*)(?:'|\Z)|\"(?P<double>(?:\\.|[^\"\\])*)(?:\"|\\?\Z))", re.DOTALL
)
_PLAIN = re.compile(r"[ \t]*(?P<plain>(?:\\.|[^\n\r\\])*(?:\\\Z)?)", re.DOTALL)
_IN_DOUBLE = re.compile(r'\\([\\"`$]|\n)')
_IN_PLAIN = re.compile(r"\\(.?)", re.DOTALL)


def obstacle(name: str, value: str) -> str | None:
    """Why an EnvironmentFile cannot hold the variable; or None."""
    if _NO_CHARACTER.search(value):
        return "it holds a Unicode noncharacter or a byte order mark, which systemd refuses"
    return portable_name_obstacle(name) or text_obstacle(name, value)


def write(values: Mapping[str, str]) -> str:
    """The text of an EnvironmentFile."""
    return "".join(f"{name}={_quoted(value)}\n" for name, value in values.items())


def _quoted(value: str) -> str:
    if BARE.fullmatch(value):
        return value
    return '"' + _ESCAPED_IN_QUOTES.sub(r"\\\1", value) + '"'


def read(text: str) -> Reading:
    """What systemd reads; a line without `=` is passed over."""
    assignments, skipped = [], []
    at, line, counted = 0, 1, 0
    while at < len(text):
        if text[at] in _SPACE + "\n":
            at += 1
            continue
        line, counted = line + text.count("\n", counted, at), at
        if comment := _COMMENT.match(text, at):
            at = comment.end()
            continue
        at, name = _match(_NAME, text, at)
        if text[at : at + 1] != "=":
            skipped.append(Skipped(line, "it has no ="))
            continue
        at, value = _value(text, at + 1)
        if name.startswith("="):
            skipped.append(Skipped(line, "it has no name"))
        else:
            assignments.append(Assignment(name.rstrip(_SPACE), value, line))
    return Reading(tuple(assignments), tuple(skipped))


def _match(pattern: re.Pattern[str], text: str, at: int) -> tuple[int, str]:
    found = pattern.match(text, at)
    return (found.end(), found[0]) if found else (at, "")


def _value(text: str, at: int) -> tuple[int, str]:
    parts = []
    while quoted := _QUOTED.match(text, at):
        at = quoted.end()
        if quoted["single"] is not None:
            parts.append(quoted["single"])
        else:
            parts.append(_IN_DOUBLE.sub(lambda e: "" if e[1] == "\n" else e[1], quoted["double"]))
    plain = _PLAIN.match(text, at)
    if plain is None:
        return at, "".join(parts)
    return plain.end(), "".join([*parts, _unescaped(plain["plain"])])


def _unescaped(plain: str) -> str:
    stripped = plain.rstrip(_SPACE)
    if len(stripped) < len(plain) and (len(stripped) - len(stripped.rstrip("\\"))) % 2:
        stripped = plain[: len(stripped) + 1]  # the first blank is escaped, and stays
    return _IN_PLAIN.sub(lambda escape: "" if escape[1] in "\n\r" else escape[1], stripped)
