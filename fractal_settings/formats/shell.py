"""A file of `export NAME='value'` lines, to be read by `sh` with `.` or `source`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .assignments import Assignment, Reading, Skipped
from .environment import BARE, portable_name_obstacle

_BLANK = re.compile(r"(?:[ \t\n;]|\\\n|#[^\n]*)*")
_EXPORT = re.compile(r"export(?:[ \t]|\\\n)+(?=[A-Za-z_][A-Za-z0-9_]*=)")
_HEAD = re.compile(r"(?:[ \t]|\\\n)*(?P<name>[A-Za-z_][A-Za-z0-9_]*)=")
_EXPORT_ONLY = re.compile(
    r"export(?:[ \t]+[A-Za-z_][A-Za-z0-9_]*)+[ \t]*(?=[;\n#]|\Z)|set[ \t]+[-+]a\b"
)
_WORD = re.compile(
    r"'(?P<single>[^']*)'"
    r'|"(?P<double>(?:[^"\\$`]|\\.)*)"'
    r"|\\(?P<escaped>.)"
    r"|(?P<bare>[^\s'\"\\$`;&|<>(){}~]|(?<![=:])~)",
    re.DOTALL,
)
_IN_DOUBLE = re.compile(r'\\(?:([\\"$`])|\n)')
_END = re.compile(r"[ \t]*(?:#[^\n]*)?(?:[\n;]|\Z)")
_REST = re.compile(r"[^\n]*(?:\n|\Z)")


def obstacle(name: str, value: str) -> str | None:
    """Why a shell file cannot hold the variable; or None."""
    del value
    return portable_name_obstacle(name)


def write(values: Mapping[str, str]) -> str:
    """The text of a shell file."""
    return "".join(f"export {name}={_quoted(value)}\n" for name, value in values.items())


def _quoted(value: str) -> str:
    return value if BARE.fullmatch(value) else "'" + value.replace("'", "'\\''") + "'"


def read(text: str) -> Reading:
    """What `sh` would set, of assignments whose values need no running of anything.

    A statement with `$`, a backquote, a pipe or the like is passed over, and so is any command.
    """
    assignments, skipped = [], []
    at, line, counted = 0, 1, 0
    while (at := _end(_BLANK, text, at)) < len(text):
        line, counted = line + text.count("\n", counted, at), at
        if _EXPORT_ONLY.match(text, at):  # marks for export what other lines set
            at = _end(_EXPORT_ONLY, text, at)
            continue
        found, stop = _statement(text, _end(_EXPORT, text, at))
        if found and (end := _END.match(text, stop)):
            assignments += [Assignment(name, value, line) for name, value in found]
            at = end.end()
        else:
            reason = "its value is only known to a shell" if found else "it is no assignment"
            skipped.append(Skipped(line, reason))
            at = _end(_REST, text, max(stop, at))
    return Reading(tuple(assignments), tuple(skipped))


def _statement(text: str, at: int) -> tuple[list[tuple[str, str]], int]:
    """The assignments of one statement, and where it ends."""
    found = []
    while head := _HEAD.match(text, at):
        value, at = _word(text, head.end())
        found.append((head["name"], value))
    return found, at


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _word(text: str, at: int) -> tuple[str, int]:
    """The word that starts there, its quotes removed, and where it ends."""
    parts = []
    while found := _WORD.match(text, at):
        at = found.end()
        if found["double"] is not None:
            parts.append(_IN_DOUBLE.sub(lambda escape: escape[1] or "", found["double"]))
        elif found["escaped"] != "\n":
            parts.append(found["single"] or found["escaped"] or found["bare"] or "")
    return "".join(parts), at
