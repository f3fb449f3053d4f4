"""What a reader finds in a file of variables."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple


class Assignment(NamedTuple):
    """One variable that a file sets.

    Attributes:
        name: the variable's.
        value: its text, after the format's own quoting.
        line: where, counted from 1.
    """

    name: str
    value: str
    line: int


class Skipped(NamedTuple):
    """A place that was passed over.

    Attributes:
        line: where, counted from 1.
        reason: why, without any of its text: there may be a secret in it.
    """

    line: int
    reason: str


class Reading(NamedTuple):
    """A file of variables.

    Attributes:
        assignments: in the order of the file; the last of a name counts.
        skipped: what its format cannot read.
        borrowed: for a value that depends on the environment, the variables it takes from there.
    """

    assignments: tuple[Assignment, ...]
    skipped: tuple[Skipped, ...] = ()
    borrowed: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def values(self) -> dict[str, str]:
        """Each variable's value, the last one where there are several."""
        return {name: value for name, value, _ in self.assignments}

    @property
    def repeated(self) -> tuple[str, ...]:
        """The names that are set more than once."""
        counted = Counter(assignment.name for assignment in self.assignments)
        return tuple(name for name, times in counted.items() if times > 1)
