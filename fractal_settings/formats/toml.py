"""A section of a settings file: written anew, or put into a text of which the rest stays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from ..documents import parse_toml
from ..problems import FractalConfigurationError, problem
from ..redact import printable
from ..texts import text as text_of
from ..texts import typed
from .assignments import Assignment, Reading
from .environment import text_obstacle

if TYPE_CHECKING:
    from ..positions import Position


def obstacle(name: str, value: str) -> str | None:
    """Why TOML cannot hold the variable; or None."""
    return text_obstacle(name, value)


def write(values: Mapping[str, str], section: str = "default") -> str:
    """A settings file of one section; numbers and booleans where they say the same as the text."""
    found, _ = typed(values)
    exact = {
        name: value if text_of(value) == values[name] else values[name]
        for name, value in found.items()
    }
    return new_file(section, exact)


def new_file(section: str, values: Mapping[str, object]) -> str:
    """A settings file of one section."""
    import tomli_w

    return tomli_w.dumps({section: dict(values)})


def read(text: str) -> Reading:
    """The values of all sections, as text."""
    import tomllib

    return Reading(
        tuple(
            Assignment(name, text_of(value), number)
            for section in tomllib.loads(text).values()
            for number, (name, value) in enumerate(section.items(), start=2)
        )
    )


class Change(NamedTuple):
    """What an edit does to one key; the raw values may be secret.

    Attributes:
        name: the key.
        old: its value before, or None where it is new.
        new: its value after.
    """

    name: str
    old: object
    new: object


class _Splice(NamedTuple):
    start: int
    end: int
    text: str


def changes(text: str, section: str, values: Mapping[str, object]) -> tuple[Change, ...]:
    """What `edit` would change.

    Raises:
        UnreadableError: the text is no TOML.
    """
    table = parse_toml(text).data.get(section)
    old = table if isinstance(table, dict) else {}
    return tuple(
        Change(name, old.get(name), value)
        for name, value in values.items()
        if name not in old or not _same(old[name], value)
    )


def _same(one: object, other: object) -> bool:
    return type(one) is type(other) and one == other


def edit(text: str, section: str, values: Mapping[str, object], *, path: str) -> str:
    """Set keys of a section; all other text, comments and order included, stays as it is.

    A new key comes behind the last one of its section, a new section at the end.

    Args:
        text: of a settings file.
        section: to be made if it is not there.
        values: by key.
        path: of the file, for the problem.

    Raises:
        UnreadableError: the text is no TOML.
        FractalConfigurationError: the section is written so that no line can be put in (FS726).
    """
    import tomllib

    document = parse_toml(text)
    wanted = {each.name: each.new for each in changes(text, section, values)}
    newline = "\r\n" if "\r\n" in text else "\n"
    if section not in document.data:
        result = _appended(text, section, wanted, newline)
    elif not isinstance(document.data[section], dict) or not wanted:
        result = text
    else:
        result = _spliced(text, section, wanted, newline)
    expected = {**document.data, section: {**_table(document.data.get(section)), **values}}
    try:
        if repr(tomllib.loads(result)) == repr(expected):  # unlike ==, nan and true are themselves
            return result
    except tomllib.TOMLDecodeError:
        pass
    raise FractalConfigurationError(
        [
            problem(
                "FS726",
                f"[{printable(section)}] of {printable(path)} is written so that no line can be "
                "put in",
                hint=f"write it as [{printable(section)}] with one NAME = value a line",
            )
        ]
    )


def _table(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, dict) else {}


def _lines(values: Mapping[str, object], newline: str) -> str:
    import tomli_w

    return tomli_w.dumps(dict(values)).replace("\n", newline)


def _appended(text: str, section: str, values: Mapping[str, object], newline: str) -> str:
    if text and not text.endswith("\n"):
        text += newline
    gap = newline if text.strip() else ""
    return text + gap + new_file(section, values).replace("\n", newline)


def _spliced(text: str, section: str, wanted: Mapping[str, object], newline: str) -> str:
    positions = parse_toml(text).positions
    starts = _line_starts(text)
    inside = [place for path, place in positions.items() if path[:-1] == (section,)]
    splices = []
    new = {}
    for name, value in wanted.items():
        place = positions.get((section, name))
        if place is None:
            new[name] = value
        else:
            literal = _lines({"x": value}, newline).removeprefix("x = ").rstrip("\r\n")
            splices.append(_Splice(*_span(place, starts), literal))
    if new:
        header = positions[section,].key_line
        last = max((place.end_line for place in inside), default=header)
        at = starts[last] if last < len(starts) else len(text)
        ends = not text[:at].endswith("\n")
        splices.append(_Splice(at, at, (newline if ends else "") + _lines(new, newline)))
    for start, end, literal in sorted(splices, reverse=True):
        text = text[:start] + literal + text[end:]
    return text


def _line_starts(text: str) -> list[int]:
    starts = [0]
    while at := text.find("\n", starts[-1]) + 1:
        starts.append(at)
    return starts


def _span(place: Position, starts: list[int]) -> tuple[int, int]:
    return (
        starts[place.line - 1] + place.column - 1,
        starts[place.end_line - 1] + place.end_column - 1,
    )
