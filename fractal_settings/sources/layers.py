"""A layer: what one place says, and where in it each value stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..origins import Origin, Source
from ..problems import Problem, Snippet, problem
from ..reading import UnreadableError
from ..redact import Secret, Values, is_secret, printable, redacted

if TYPE_CHECKING:
    from typing import Protocol

    class Places(Protocol):
        """Finds the values of one layer again; asked only for reports."""

        def origin(self, name: str) -> Origin:
            """The place of the value."""

        def snippet(self, name: str) -> Snippet | None:
            """The line of the value, a secret one redacted."""


class Layer(NamedTuple):
    """Names and raw values of one place.

    Attributes:
        source: the kind of place, which decides what the layer overrides.
        values: raw: text, or what TOML or a caller gave. Holds secrets, so no repr shows them.
        places: finds each value again.
    """

    source: Source
    values: Mapping[str, object]
    places: Places

    def __repr__(self) -> str:
        return f"Layer({self.source!r}, {sorted(self.values)})"


class Reading:
    """What a source yields.

    Attributes:
        layers: lowest first.
        problems: found while reading.
        obstacles: those of the problems for which a place could not be read, so that what is
            missing may stand there.
        unread: the names that stand in a file of their own which could not be read.
    """

    __slots__ = ("layers", "obstacles", "problems", "unread")

    def __init__(self) -> None:
        self.layers: list[Layer] = []
        self.problems: list[Problem] = []
        self.obstacles: list[Problem] = []
        self.unread: set[str] = set()

    def add(self, other: Reading) -> None:
        """Append what a later source says."""
        self.layers += other.layers
        self.problems += other.problems
        self.obstacles += other.obstacles
        self.unread |= other.unread

    def say(self, source: Source, values: Mapping[str, object], places: Places) -> None:
        """Append a layer; no repr of it shows a secret."""
        kept = Values(values)
        for name, value in values.items():
            if is_secret(name) and isinstance(value, str):
                kept[name] = Secret(value)
        self.layers.append(Layer(source, kept, places))

    def obstruct(self, *obstacles: Problem) -> None:
        """Note problems for which all that a place says is unknown."""
        self.problems += obstacles
        self.obstacles += obstacles

    def refuse(
        self,
        unreadable: UnreadableError,
        origin: Origin,
        *,
        name: str = "",
        snippet: Snippet | None = None,
    ) -> None:
        """Note a place that could not be read: one name's own file, or all that a file says."""
        found = unreadable_problem(unreadable, origin, name=name, snippet=snippet)
        if name:
            self.problems.append(found)
            self.unread.add(name)
        else:
            self.obstruct(found)


class Variables(NamedTuple):
    """Places of values that have a name and no line: variables, overrides."""

    source: Source
    values: Mapping[str, object]

    def __repr__(self) -> str:
        return f"Variables({self.source!r})"

    def origin(self, name: str) -> Origin:
        """The variable."""
        return Origin(self.source, name)

    def snippet(self, name: str) -> Snippet | None:
        """The assignment, as a shell would write it."""
        return assignment(name, self.values.get(name))


def assignment(name: str, value: object, *, show: bool = True) -> Snippet:
    """`NAME=value`, underlined at the value; a secret one, or one not to be shown, redacted."""
    text = str(redacted(name, value)) if show else "***"
    head = f"{printable(name)}="
    shown = printable(text)
    return Snippet(head + shown, len(head), max(1, len(shown)))


def unreadable_problem(
    unreadable: UnreadableError, origin: Origin, *, name: str = "", snippet: Snippet | None = None
) -> Problem:
    """The problem of a file that cannot be used, at its place."""
    subject = origin.path or origin.place
    if origin.source is Source.ENVIRONMENT:
        named = f"{origin.name}: {origin.path}"
        subject = named if origin.path else f"the file that {origin.name} names"
    return problem(
        unreadable.code,
        f"{printable(subject)} {unreadable.reason}",
        name=name,
        origin=Origin(
            origin.source,
            origin.name,
            origin.path,
            origin.section,
            unreadable.line,
            unreadable.column,
        ),
        hint=unreadable.hint,
        snippet=snippet,
    )


def display(path: Path, cwd: Path) -> str:
    """A path as reports show it: relative where it lies below the working directory."""
    absolute = cwd / path
    if cwd.parent != cwd and absolute.is_relative_to(cwd):
        return str(absolute.relative_to(cwd))
    return str(absolute)


def in_order(layers: Iterable[Layer]) -> list[Layer]:
    """The layers, lowest source first; those of one source stay as they were read."""
    return sorted(layers, key=lambda layer: layer.source)
