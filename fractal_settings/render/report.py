"""What the reports for programs have in common."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fractal_settings.redact import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fractal_settings.problems import Problem

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class EnvironmentReport:
    """What was found for one environment of one configuration folder.

    Attributes:
        folder: the folder as it is displayed, or empty where the environment alone serves.
        environment: the environment's name, or empty.
        problems: in the order in which they are to be told.
        to_inject: names of the secrets that a deployment must be given (`--static`).
    """

    folder: str
    environment: str
    problems: tuple[Problem, ...]
    to_inject: tuple[str, ...] = ()


def encodable(text: str) -> str:
    """The text with bytes that were not UTF-8 escaped, so that every reader takes it.

    Many readers of JSON refuse a lone surrogate, and no stream in UTF-8 can carry one.
    """
    return _SURROGATE.sub(lambda match: printable(match[0]), text)


Same = tuple[str, str, str, object, str, str]


def sameness(problem: Problem) -> Same:
    """What problems of several environments have in common if they are one mistake."""
    return (
        problem.code,
        problem.name,
        problem.message,
        problem.origin,
        problem.expected,
        problem.hint,
    )


def told(problem: Problem, environments: Sequence[str]) -> str:
    """A problem in words: the headline, then, a line each, what else a person needs to know.

    Its control characters are escaped, but for the line breaks.
    """
    origin = problem.origin
    facts = {
        "environments" if environments[1:] else "environment": ", ".join(environments),
        "place": origin.place if origin and not origin.path else "",
        "expected": problem.expected,
        "fix": problem.hint,
    }
    headline = f"{problem.message} ({problem.label})" if problem.label else problem.message
    text = "\n".join([headline, *(f"{what}: {fact}" for what, fact in facts.items() if fact)])
    return "\n".join(printable(line) for line in text.split("\n"))
