"""TOML and JSON texts: parsed within limits, and quoted line by line without their secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from .problems import Snippet
from .reading import UnreadableError
from .redact import MARK, printable, redacted

if TYPE_CHECKING:
    from .positions import Position

KeyPath = tuple[str | int, ...]
Language = Literal["toml", "json"]

MAX_DEPTH = 64
MAX_PARTS = 64
MAX_KEYS = 20_000
_COUNTED = {"=": "keys", ".": "parts of keys", ",": "values", "[": "sections and lists"}

# Patterns are compiled when a text is suspicious or broken: a cold start needs none of them.
_TOML_TOKEN = (
    r'"""(?:\\.|[^\\])*?(?:"""|\Z)|' + r"'''.*?(?:'''|\Z)|" + r'"(?:\\.|[^"\\\n])*"?|'
    r"'[^'\n]*'?|#[^\n]*|[\[\]{}.,=\n]"
)
JSON_TOKEN = r'"(?:\\.|[^"\\])*(?:"|\Z)|[\[\]{}:\n]'
_SAFE_LINE = r"\s*(?:(?P<header>\[{1,2}[\w .-]*\]{0,2}\s*\Z)|(?P<key>[A-Z][A-Z0-9_]*)\s*=)"


class Document:
    """A text that was parsed, and where in it each value stands.

    Its repr shows neither text nor data: both may hold secrets.
    """

    def __init__(self, language: Language, text: str, data: dict[str, object]) -> None:
        self.language = language
        self.text = text
        self.data = data

    @cached_property
    def positions(self) -> dict[KeyPath, Position]:
        """Where each key stands; computed when a report first asks."""
        from .positions import json_positions, toml_positions

        find = toml_positions if self.language == "toml" else json_positions
        return find(self.text)

    @cached_property
    def _lines(self) -> list[str]:
        return [line.removesuffix("\r") for line in self.text.split("\n")]

    def position(self, path: KeyPath) -> Position | None:
        """The place of a key, or of the nearest table around it that has one."""
        while path:
            if path in self.positions:
                return self.positions[path]
            path = path[:-1]
        return None

    def snippet(self, path: KeyPath, *, show: bool = True) -> Snippet | None:
        """The key and its value, and nothing else of the line: what stands beside may be secret.

        Args:
            path: of the key.
            show: whether the value may be seen.
        """
        position = self.positions.get(path)
        if position is None:
            return None
        line = self._lines[position.line - 1]
        end = position.end_column - 1 if position.end_line == position.line else len(line)
        value = line[position.column - 1 : end] if show else MARK
        same = position.key_line == position.line and position.key_column < position.column
        head = printable(line[position.key_column - 1 : position.column - 1]) if same else ""
        shown = printable(str(redacted("", value)))
        return Snippet(head + shown, len(head), max(1, len(shown)))

    def key_snippet(self, path: KeyPath) -> Snippet | None:
        """The key, or the header of a table, underlined; never a value, which may be secret."""
        position = self.positions.get(path)
        if position is None:
            return None
        line = self._lines[position.key_line - 1]
        start = position.key_column - 1
        if (position.line, position.column) == (position.key_line, position.key_column):
            end = position.end_column - 1  # a table, whose value is its name
            header = line.lstrip().startswith("[")
            opening = line[:start].lstrip() if header else ""
            closing = line[end : line.rfind("]") + 1].split("#")[0].rstrip() if header else ""
            return _underlined(opening, line[start:end], closing)
        end = position.column - 1 if position.line == position.key_line else len(line)
        name = line[start:end].rstrip("=: \t")
        return _underlined("", name, line[start + len(name) : end] + "...")


def _underlined(before: str, text: str, after: str) -> Snippet:
    head, shown = printable(before), printable(text)
    return Snippet(head + shown + printable(after), len(head), max(1, len(shown)))


def parse_toml(text: str) -> Document:
    """Parse a TOML text that is within the limits.

    Raises:
        UnreadableError: it is not TOML, or beyond a limit; with the line.
    """
    import tomllib

    _refuse_large_toml(text)
    try:
        return Document("toml", text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        from .malformed import malformed_toml

        raise malformed_toml(text, str(error)) from None
    except (ValueError, RecursionError):  # a number of more digits than Python converts
        from .malformed import huge_number

        raise huge_number("FS106", text) from None


def parse_json(text: str) -> Document:
    """Parse a JSON text that is within the limits and whose top is an object.

    Raises:
        UnreadableError: it is not JSON, no object, beyond a limit, or names a key twice.
    """
    import json

    _refuse_deep(JSON_TOKEN, text)
    count, repeated = 0, False

    def collect(pairs: list[tuple[str, object]]) -> dict[str, object]:
        nonlocal count, repeated
        count += len(pairs)
        made = dict(pairs)
        repeated = repeated or len(made) < len(pairs)
        return made

    try:
        data = json.loads(text, object_pairs_hook=collect)
    except json.JSONDecodeError as error:
        from .malformed import malformed_json

        raise malformed_json(text, error.pos, error.msg) from None
    except (ValueError, RecursionError):
        from .malformed import huge_number

        raise huge_number("FS107", text) from None
    if count > MAX_KEYS:
        raise _beyond(f"has {count} keys, more than {MAX_KEYS}", 0)
    if repeated:
        from .malformed import repeated_key

        raise repeated_key(text)
    if not isinstance(data, dict):
        from .malformed import no_object

        raise no_object(text, data)
    return Document("json", text, data)


def syntax_snippet(text: str, line: int, column: int) -> Snippet | None:
    """The line of a syntax error, where it is certain that it shows no secret.

    That is a header, or what a setting that is no secret is given; a name that nobody knows may be
    a misspelt one, and text over several lines may hold anything.
    """
    from .model import names
    from .redact import may_be_secret

    lines = text.split("\n")
    if not 0 < line <= len(lines) or '"""' in text or "'''" in text:
        return None
    wrong = lines[line - 1].rstrip("\r")
    match = re.match(_SAFE_LINE, wrong)
    if match is None or may_be_secret(wrong) or not (match["header"] or match["key"] in names()):
        return None
    shown = printable(str(redacted("", wrong)))
    if not column:  # the whole line is meant
        return Snippet(shown, 0, max(1, len(shown)))
    start = len(printable(lines[line - 1][: column - 1]))
    return Snippet(shown, min(start, len(shown)), 1)


def _refuse_large_toml(text: str) -> None:
    # Each look is cheap; the exact count is made only for a text that could be beyond a limit.
    brackets = text.count("[") + text.count("{") - text.count("\n[")
    dotted = text.count(".") >= MAX_PARTS and any(
        line.count(".") >= MAX_PARTS for line in text.split("\n")
    )
    many = any(text.count(mark) > MAX_KEYS for mark in _COUNTED)
    if not (dotted or many or brackets > MAX_DEPTH):
        return
    _refuse_deep(_TOML_TOKEN, text)
    line, parts = 1, 1
    counts = dict.fromkeys(_COUNTED, 0)
    for token in _tokens(_TOML_TOKEN, text):
        if token in counts:
            counts[token] += 1
            if counts[token] > MAX_KEYS:
                raise _beyond(f"has more than {MAX_KEYS} {_COUNTED[token]}", line)
        parts = parts + 1 if token == "." else 1 if token in "[{,=\n" else parts
        if parts > MAX_PARTS:
            raise _beyond(f"has a key of more than {MAX_PARTS} parts in line {line}", line)
        line += token.count("\n")


def _refuse_deep(tokens: str, text: str) -> None:
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    line, depth = 1, 0
    for token in _tokens(tokens, text):
        if token in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise _beyond(f"is nested more than {MAX_DEPTH} deep in line {line}", line)
        elif token in "]}":
            depth = max(0, depth - 1)
        line += token.count("\n")


def _tokens(pattern: str, text: str) -> Iterator[str]:
    return (match[0] for match in re.finditer(pattern, text, re.DOTALL))


def _beyond(reason: str, line: int) -> UnreadableError:
    return UnreadableError("FS104", reason, line=line, hint="make the file plainer")
