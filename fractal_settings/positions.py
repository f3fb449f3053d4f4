"""Line and column of each key and value of a TOML or JSON text.

`tomllib` and `json` give data without places. These scanners run over text that one of those two
has already accepted, so they need not know what is malformed: they look only for where things
start and end, in one pass. Nesting is recursion: whoever reads the file limits its depth first.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from bisect import bisect_right
from typing import NamedTuple

Path = tuple[str | int, ...]


class Position(NamedTuple):
    """Where a key and its value stand; lines and columns count from 1, columns in characters.

    A table that a header or a dotted key makes has no text of its own: its value is its name, as
    written there. An item of an array has no key: its key is where it starts.

    Attributes:
        key_line: where the key starts, of a dotted key its last part.
        key_column: the same.
        line: where the value starts.
        column: the same.
        end_line: where the value ends.
        end_column: one past its last character.
    """

    key_line: int
    key_column: int
    line: int
    column: int
    end_line: int
    end_column: int


_Span = tuple[int, int, int]  # offsets: of the key, of its value, past its value
_Spans = dict[Path, _Span]

# Every repeat is possessive and knows by one character whether it goes on: nothing is read twice,
# and a long text needs no more memory than a short one. Before Python 3.11.5 a possessive repeat
# of a group matches wrongly; there a group is read with the memory that it takes.
_ONCE = "+" if sys.version_info >= (3, 11, 5) else ""
_BLANK = r"[ \t\r\n]*+"
_GAP = rf"{_BLANK}(?:\#[^\n]*+{_BLANK})*{_ONCE}"
_SPACE = r"[ \t]*+"
_BARE = r"[A-Za-z0-9_-]++"
_QUOTED = rf""" "[^"\\]*+(?:\\.[^"\\]*+)*{_ONCE}" """.strip()
_LITERAL = r"'[^']*+'"
# Up to two quotes may stand before the three that close.
_LONG_QUOTED = r''' """[^"\\]*+(?:(?:\\.|(?!""")")[^"\\]*+)*'''.strip() + _ONCE + r'"{3,5}+'
_LONG_LITERAL = rf"'''[^']*+(?:(?!''')'[^']*+)*{_ONCE}'{{3,5}}+"
# The blank between a date and its time is the only one in a value without quotes.
_WORD = rf"[A-Za-z0-9_+.:-]++(?:(?=[ ][0-9])[ ][0-9.:Zz+-]++)?{_ONCE}"
_PLAIN = rf"(?:{_LONG_QUOTED}|{_LONG_LITERAL}|{_QUOTED}|{_LITERAL}|{_WORD})"

_TOML_NEXT = re.compile(rf"{_GAP},?+{_GAP}")
_TOML_ITEM = re.compile(rf"({_PLAIN}){_GAP},?+{_GAP}", re.DOTALL)
_TOML_NAME = rf"({_BARE}|{_QUOTED}|{_LITERAL}){_SPACE}"
_TOML_PAIR = re.compile(rf"{_TOML_NAME}={_SPACE}({_PLAIN}){_GAP},?+{_GAP}", re.DOTALL)
_TOML_KEY = re.compile(rf"{_TOML_NAME}(\.?+){_SPACE}", re.DOTALL)
_TOML_EQUALS = re.compile(rf"={_SPACE}")
_TOML_HEADER = re.compile(rf"\[\[?+{_SPACE}")
_TOML_HEADER_END = re.compile(rf"\]\]?+{_GAP}")

_JSON_OPEN = re.compile(rf"[\[{{]{_BLANK}")
_JSON_NEXT = re.compile(rf"{_BLANK},?+{_BLANK}")
_JSON_ITEM = re.compile(rf"({_QUOTED}|{_WORD}){_BLANK},?+{_BLANK}", re.DOTALL)
_JSON_KEY = re.compile(rf"({_QUOTED}){_BLANK}:{_BLANK}", re.DOTALL)


def toml_positions(text: str) -> dict[Path, Position]:
    """The position of every key, table and array item of a TOML text.

    A table that is named by a header of its own stands there; one that only longer names imply
    stands where the first of them names it. Tables of an array have their index in the path.

    Args:
        text: TOML that `tomllib.loads` accepts; for other text the result means nothing.

    Raises:
        ValueError: the text is no TOML (not every such text is noticed).
    """
    spans: _Spans = {}
    newest: dict[Path, int] = {}
    table: Path = ()
    at = _past(_TOML_NEXT, text, 0)
    while at < len(text):
        if text[at] == "[":
            table, at = _header(text, at, spans, newest)
        else:
            at = _pair(text, at, table, spans)
    return _positions(text, spans)


def json_positions(text: str) -> dict[Path, Position]:
    """The position of every member and array item of a JSON text.

    Of a name that an object has twice the last counts, as for `json.loads`.

    Args:
        text: JSON that `json.loads` accepts; for other text the result means nothing.

    Raises:
        ValueError: the text is no JSON (not every such text is noticed).
    """
    spans: _Spans = {}
    at = _past(_JSON_NEXT, text, 0)
    if text.startswith(("{", "["), at):
        _json_inside(text, at, (), spans)
    return _positions(text, _last_said(spans))


def _positions(text: str, spans: _Spans) -> dict[Path, Position]:
    starts = [0]
    at = text.find("\n")
    while at >= 0:
        starts.append(at + 1)
        at = text.find("\n", at + 1)
    starts.append(len(text) + 1)
    make = tuple.__new__  # a NamedTuple's own constructor doubles the time of all this
    positions = {}
    line, first, following = 1, 0, starts[1]
    for path, (key, start, end) in spans.items():
        if not first <= key < following:
            line = bisect_right(starts, key)
            first, following = starts[line - 1], starts[line]
        column = key - first + 1
        if end < following:
            where = (line, column, line, start - first + 1, line, end - first + 1)
        else:
            value_line, end_line = bisect_right(starts, start), bisect_right(starts, end)
            value_column = start - starts[value_line - 1] + 1
            end_column = end - starts[end_line - 1] + 1
            where = (line, column, value_line, value_column, end_line, end_column)
        positions[path] = make(Position, where)
    return positions


def _header(text: str, at: int, spans: _Spans, newest: dict[Path, int]) -> tuple[Path, int]:
    """The table that a header opens, and where the next statement is.

    `newest` has the index of the last table in each array of tables so far.
    """
    parts, after = _key(text, _past(_TOML_HEADER, text, at))
    table: Path = ()
    for name, span in parts[:-1]:
        table = (*table, name)
        spans.setdefault(table, span)
        if table in newest:
            table = (*table, newest[table])
    name, span = parts[-1]
    table = (*table, name)
    if text.startswith("[[", at):
        spans.setdefault(table, span)
        newest[table] = newest.get(table, -1) + 1
        table = (*table, newest[table])
    spans[table] = span
    return table, _past(_TOML_HEADER_END, text, after)


def _pair(text: str, at: int, table: Path, spans: _Spans) -> int:
    """Where the next statement is, or the next pair of an inline table."""
    plain = _TOML_PAIR.match(text, at)
    if plain:
        spans[*table, _unquoted(plain[1])] = (at, *plain.span(2))
        return plain.end()
    parts, at = _key(text, at)
    for name, span in parts[:-1]:
        table = (*table, name)
        spans.setdefault(table, span)
    name, (key, _, _) = parts[-1]
    return _value(text, key, _past(_TOML_EQUALS, text, at), (*table, name), spans)


def _key(text: str, at: int) -> tuple[list[tuple[str, _Span]], int]:
    """The parts of a dotted key, and where the key ends."""
    parts = []
    dot = "."
    while dot:
        part = _match(_TOML_KEY, text, at)
        name, dot = part.groups()
        parts.append((_unquoted(name), (at, at, part.end(1))))
        at = part.end()
    return parts, at


def _unquoted(name: str) -> str:
    if name[0] == '"' and "\\" in name:
        return next(iter(tomllib.loads(f"{name} = 0")))
    return name[1:-1] if name[0] in "\"'" else name


def _value(text: str, key: int, at: int, path: Path, spans: _Spans) -> int:
    """Where the next pair or item is, behind the value at `at`."""
    if text.startswith("[", at):
        end = _array(text, at, path, spans)
    elif text.startswith("{", at):
        end = _past(_TOML_NEXT, text, at + 1)
        while not text.startswith("}", end):
            end = _pair(text, end, path, spans)
        end += 1
    else:
        plain = _match(_TOML_ITEM, text, at)
        spans[path] = (key, at, plain.end(1))
        return plain.end()
    spans[path] = (key, at, end)
    return _past(_TOML_NEXT, text, end)


def _array(text: str, at: int, path: Path, spans: _Spans) -> int:
    """Past the array at `at`."""
    at = _past(_TOML_NEXT, text, at + 1)
    index = 0
    while not text.startswith("]", at):
        plain = _TOML_ITEM.match(text, at)
        if plain:
            spans[*path, index] = (at, at, plain.end(1))
            at = plain.end()
        else:
            at = _value(text, at, at, (*path, index), spans)
        index += 1
    return at + 1


def _json_inside(text: str, at: int, path: Path, spans: _Spans) -> int:
    """Past the object or array at `at`."""
    named = text.startswith("{", at)
    at = _past(_JSON_OPEN, text, at)
    index = 0
    while not text.startswith(("}", "]"), at):
        key = at
        if named:
            name = _match(_JSON_KEY, text, at)
            member = (*path, json.loads(name[1]))
            at = name.end()
        else:
            member = (*path, index)
            index += 1
        plain = _JSON_ITEM.match(text, at)
        if plain:
            spans[member] = (key, at, plain.end(1))
            at = plain.end()
        else:
            end = _json_inside(text, at, member, spans)
            spans.pop(member, None)
            spans[member] = (key, at, end)
            at = _past(_JSON_NEXT, text, end)
    return at + 1


def _last_said(spans: _Spans) -> _Spans:
    """Without what stood inside a value whose name was given a second time.

    In `spans` a container comes behind what is inside it, so that backwards it comes before.
    """
    kept: _Spans = {}
    for path, span in reversed(spans.items()):
        above = kept.get(path[:-1])
        if len(path) == 1 or (above and above[1] < span[0]):
            kept[path] = span
    return kept


def _past(pattern: re.Pattern[str], text: str, at: int) -> int:
    return _match(pattern, text, at).end()


def _match(pattern: re.Pattern[str], text: str, at: int) -> re.Match[str]:
    match = pattern.match(text, at)
    if match is None:
        raise ValueError(f"offset {at}: not what was promised")
    return match
