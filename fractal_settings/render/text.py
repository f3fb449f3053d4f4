"""The report as a person reads it: drawn for a terminal, narrated for a pipe or a reader aloud."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from ..located import literal, quoted
from ..origins import Say
from ..problems import Problem, Severity, Snippet
from ..redact import MARK, printable

Style = Literal["drawn", "narrated"]

WIDTH = 100
_LONGEST_VALUE = 40
_COLORS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.NOTE: "36"}
_BOLD, _BLUE = "1", "34"


def report(
    problems: Sequence[Problem],
    *,
    style: Style = "drawn",
    width: int = WIDTH,
    color: bool = False,
) -> str:
    """All problems, a blank line between two, and how many there are.

    Args:
        problems: in the order in which to tell them.
        style: drawn, with the line underlined; or narrated, line by line.
        width: columns to fit in; a path or a fix is never broken.
        color: whether to use ANSI colours, in the drawn style.
    """
    one = _Drawn(width, color=color) if style == "drawn" else _Narrated(width)
    parts = ["\n".join(one.lines(each)) for each in problems]
    return "\n\n".join([*parts, summary(problems)])


def summary(problems: Iterable[Problem]) -> str:
    """How many problems there are, in words.

    >>> summary([])
    'no problems'
    """
    found = list(problems)
    counts = []
    for severity in Severity:
        number = sum(each.severity is severity for each in found)
        if number:
            counts.append(f"{number} {severity}{'' if number == 1 else 's'}")
    return ", ".join(counts) if counts else "no problems"


def value_text(value: object) -> str:
    """A raw value in a table: as TOML writes it, short."""
    if value == MARK:
        return MARK
    text = quoted(value) if isinstance(value, str) else printable(literal(value))
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 3]}..."


class _Drawn:
    def __init__(self, width: int, *, color: bool) -> None:
        self.width = max(width, 40)
        self.color = color

    def lines(self, each: Problem) -> Iterator[str]:
        head = f"{each.severity}[{each.code}]"
        wrapped = self._wrap(f"{head}: {each.message}", "    ")
        first = wrapped[0]
        yield self._paint(head, _COLORS[each.severity]) + self._paint(first[len(head) :], _BOLD)
        for line in wrapped[1:]:
            yield self._paint(line, _BOLD)
        origin = each.origin
        number = str(origin.line) if origin and origin.line else ""
        pad = " " * max(2, len(number))
        if origin:
            section = f" [{printable(origin.section)}]" if origin.section else ""
            where = f"{printable(origin.place)}{section}"
            yield f"{pad}{self._paint('-->', _BLUE)} {where}"
        bar = f"{pad} {self._paint('|', _BLUE)}"
        if each.snippet:
            room = self.width - len(pad) - 3
            text, marks = self._window(each.snippet, room)
            yield bar
            gutter = self._paint(number.rjust(len(pad)), _BLUE)
            yield f"{gutter} {self._paint('|', _BLUE)} {text}"
            beside = f"{marks} {each.label}" if each.label else marks
            fits = columns(beside) <= room
            for line in [beside] if fits else [marks, *textwrap.wrap(each.label, room)]:
                yield f"{bar} {self._paint(line, _COLORS[each.severity])}"
        for title, lines in self._details(each):
            key = f"{pad} {self._paint('=', _BLUE)} {title + ':':<9} "
            indent = " " * (len(pad) + 13)
            if title == "fix" and columns(lines[0]) > self.width - len(indent):
                key, indent = f"{key.rstrip()}\n", ""  # text to paste, on a line of its own
            for index, line in enumerate(lines):
                yield (key if index == 0 else indent) + line

    def _details(self, each: Problem) -> Iterator[tuple[str, list[str]]]:
        room = self.width - 17
        if each.expected:
            yield "expected", textwrap.wrap(each.expected, room, break_long_words=False)
        if len(each.layers) > 1:
            yield "layers", _table(each.layers, room)
        if each.hint:
            yield "fix", fix_lines(each.hint, room)

    def _window(self, snippet: Snippet, room: int) -> tuple[str, str]:
        """The part of the line around what is underlined that fits, and the underline."""
        text, start, length = snippet
        if columns(text) > room:
            left = max(0, min(start - room // 3, len(text) - room + 6))
            right = left + room - 6
            before, after = ("..." if left else ""), ("..." if right < len(text) else "")
            text = before + text[left:right] + after
            start = start - left + len(before)
            length = min(length, len(text) - start - len(after))
        marks = " " * columns(text[:start]) + "^" * max(1, columns(text[start : start + length]))
        return text, marks

    def _wrap(self, text: str, indent: str) -> list[str]:
        return textwrap.wrap(
            text,
            self.width,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [text]

    def _paint(self, text: str, color: str) -> str:
        return f"\x1b[{color}m{text}\x1b[0m" if self.color and text else text


class _Narrated:
    def __init__(self, width: int) -> None:
        self.width = width

    def lines(self, each: Problem) -> Iterator[str]:
        yield f"{each.severity}[{each.code}]: {each.message}"
        if each.origin:
            section = f", section [{printable(each.origin.section)}]" if each.origin.section else ""
            yield f"  at: {printable(each.origin.place)}{section}"
        if each.snippet:
            label = f" ({each.label})" if each.label else ""
            yield f"  there: {_cut(each.snippet.text, self.width)}{label}"
        if each.expected:
            yield f"  expected: {each.expected}"
        for say in each.layers if len(each.layers) > 1 else ():
            yield f"  {say.status}: {value_text(say.value)} of {say.origin}"
        if each.hint:
            yield f"  fix: {each.hint}"


def fix_lines(hint: str, room: int) -> list[str]:
    """The fix; text to paste stays on one line."""
    if " = " in hint or "=" in hint.split(" ", maxsplit=1)[0]:
        return [hint]
    return textwrap.wrap(hint, room, break_long_words=False, break_on_hyphens=False) or [hint]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 3]}..."


def _table(says: Sequence[Say], room: int) -> list[str]:
    rows = [(str(say.origin), value_text(say.value), say.status) for say in says]
    widest_place = max(columns(place) for place, _, _ in rows)
    left = max(8, room - widest_place - 14)
    values = [_cut(value, left) for _, value, _ in rows]
    widest = max(columns(value) for value in values)
    return [
        f"{_padded(place, widest_place)}  {_padded(value, widest)}  {status}"
        for (place, _, status), value in zip(rows, values, strict=True)
    ]


def _padded(text: str, width: int) -> str:
    return text + " " * (width - columns(text))


def columns(text: str) -> int:
    """How many columns a terminal gives the text."""
    if text.isascii():
        return len(text)
    return sum(_columns_of(character) for character in text)


def _columns_of(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
