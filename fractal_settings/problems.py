"""A problem: what is wrong, where, and what to write instead.

A problem never holds the value of a secret: what it quotes was redacted when it was made.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple, TypedDict, Unpack

from .origins import Origin, Say


class Severity(StrEnum):
    """How much a problem matters (spec: the rule of severity)."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


_LEVELS = {Severity.WARNING: logging.WARNING, Severity.NOTE: logging.INFO}


class Snippet(NamedTuple):
    """The line that a problem is about, ready to show: redacted, control characters escaped.

    Attributes:
        text: the line.
        start: index in `text` of the first character to underline.
        length: how many characters to underline, at least 1.
    """

    text: str
    start: int
    length: int


class Problem(NamedTuple):
    """One finding.

    Attributes:
        code: its stable code, such as `FS203`; `explain CODE` tells more.
        severity: error, warning or note.
        name: the setting or variable at fault, or empty.
        message: the headline, one line.
        origin: where the value at fault stands, or None where nothing stands.
        hint: the fix; where possible text to paste.
        expected: what would have been right, or empty.
        label: what to say under the caret, or empty.
        snippet: the line at fault, or None.
        layers: every layer's say on the name, the effective one first.
        environment: the environment that was being resolved, or empty.
    """

    code: str
    severity: Severity
    message: str
    name: str = ""
    origin: Origin | None = None
    hint: str = ""
    expected: str = ""
    label: str = ""
    snippet: Snippet | None = None
    layers: tuple[Say, ...] = ()
    environment: str = ""

    def __str__(self) -> str:
        where = f" ({self.origin})" if self.origin else ""
        return f"{self.severity}[{self.code}]: {self.message}{where}"


class Details(TypedDict, total=False):
    """The optional parts of a problem."""

    name: str
    origin: Origin | None
    hint: str
    expected: str
    label: str
    snippet: Snippet | None
    layers: tuple[Say, ...]
    environment: str


def problem(code: str, message: str, **details: Unpack[Details]) -> Problem:
    """Make a problem whose severity is the one that the catalogue gives its code.

    Raises:
        KeyError: the catalogue has no such code.
    """
    from .catalogue import CATALOGUE

    return Problem(code=code, severity=CATALOGUE[code].severity, message=message, **details)


def errors(problems: Iterable[Problem], *, strict: bool = False) -> list[Problem]:
    """Those that refuse; `strict` counts warnings among them."""
    refusing = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    return [each for each in problems if each.severity in refusing]


def in_environment(problems: Iterable[Problem], environment: str) -> tuple[Problem, ...]:
    """The same problems, marked with the environment in which they were found."""
    return tuple(each._replace(environment=environment) for each in problems)


def log(problems: Iterable[Problem]) -> None:
    """Log warnings at WARNING and notes at INFO (spec rule 11); errors are raised, not logged."""
    logger = logging.getLogger("fractal_settings")
    for each in problems:
        if each.severity in _LEVELS:
            logger.log(_LEVELS[each.severity], "%s", each)


class FractalConfigurationError(RuntimeError):
    """The configuration is refused.

    Attributes:
        problems: everything that was found, warnings and notes included. The text of the error is
            their report; neither holds a secret.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        from .render.text import report

        return report(self.problems)
