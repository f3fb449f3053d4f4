"""All that can be said of a configuration without talking to a service: what `check` reports."""

from __future__ import annotations

from typing import NamedTuple

from .checks.facts import run
from .checks.machine import MACHINE
from .checks.safety import SAFETY
from .checks.server import SERVER
from .checks.values import TIDINESS
from .loading import Resolved
from .origins import Source
from .problems import Problem, Severity, in_environment, problem
from .redact import is_secret

_MISSING = {"FS301", "FS212"}
_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


class Examined(NamedTuple):
    """What was found.

    Attributes:
        problems: all of them, sorted by place.
        to_inject: the secrets that are to be given at deployment, where only what is committed
            was looked at.
    """

    problems: tuple[Problem, ...]
    to_inject: tuple[str, ...]


def examine(resolved: Resolved) -> Examined:
    """Run every check on a resolved configuration; what was refused hides no other problem."""
    facts = resolved.facts
    found = [*resolved.problems, *run((*TIDINESS, *SERVER, *MACHINE, *SAFETY), facts)]
    to_inject: list[str] = []
    if facts.static:
        to_inject = sorted({each.name for each in found if _can_be_injected(each)})
        found = [each for each in found if not _can_be_injected(each)]
        found += _no_password(resolved)
    ordered = sorted(_once(found), key=_place)
    return Examined(in_environment(ordered, resolved.environment), tuple(to_inject))


def _once(found: list[Problem]) -> list[Problem]:
    return list(
        {(each.code, each.name, each.message, each.origin): each for each in found}.values()
    )


def _can_be_injected(each: Problem) -> bool:
    return each.code in _MISSING and is_secret(each.name)


def _no_password(resolved: Resolved) -> list[Problem]:
    name = "POSTGRES_PASSWORD"
    facts = resolved.facts
    if facts.obstacles or name in facts.unread or facts.values.get(name, "refused") is not None:
        return []
    return [
        problem(
            "FS310",
            f"{name} is not committed: give it at deployment, if the database asks for one",
            name=name,
            hint=f"set {name} in the environment or mount a secret file",
        )
    ]


def _place(each: Problem) -> tuple[int, str, int, int, int, str, str]:
    origin = each.origin
    if origin is None:
        return (max(Source) + 1, "", 0, 0, _ORDER[each.severity], each.code, each.name)
    return (
        origin.source,
        origin.path,
        origin.line,
        origin.column,
        _ORDER[each.severity],
        each.code,
        each.name,
    )
