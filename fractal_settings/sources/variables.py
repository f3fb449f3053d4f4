"""The environment, and overrides given in code or with `--set`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from ..names import (
    OURS,
    is_dynaconf,
    is_oauth,
    is_setting,
    looks_ours,
    nearest,
    secret_file_of,
)
from ..origins import Source
from ..problems import Problem, problem
from ..redact import Values, printable
from .layers import Reading, Variables

if TYPE_CHECKING:
    from .layers import Places

NEAR_SEARCHES = 20


def environment_layer(environ: Mapping[str, str], settings: frozenset[str]) -> Reading:
    """The layer of the environment: each setting's variable, and all OAuth ones."""
    values = Values(
        (name, value)
        for name, value in environ.items()
        if name in settings
        or (name.startswith("OAUTH_") and is_oauth(name) and secret_file_of(name) is None)
    )
    reading = Reading()
    places = Variables(Source.ENVIRONMENT, values)
    reading.say(Source.ENVIRONMENT, values, places)
    return reading


def override_layer(overrides: Mapping[str, object] | None, settings: frozenset[str]) -> Reading:
    """The layer of the overrides; an unknown one is refused."""
    reading = Reading()
    if not overrides:
        return reading
    places = Variables(Source.OVERRIDES, Values(overrides))
    values = {}
    for name, value in overrides.items():
        if is_setting(name, settings):
            values[name] = value
        else:
            reading.problems.append(_unknown_override(name, places, settings))
    reading.say(Source.OVERRIDES, values, places)
    return reading


def _unknown_override(name: str, places: Places, settings: Collection[str]) -> Problem:
    if name in OURS:
        return problem(
            "FS118",
            f"{name} counts only in the environment, not as an override",
            name=name,
            origin=places.origin(name),
            hint=f"set the variable {name}",
        )
    near = nearest(name, settings)
    code = "FS116" if near == name.upper() else "FS115"
    return problem(
        code,
        f"{printable(name)} is no setting" + (f"; {near} is" if near else ""),
        name=printable(name),
        origin=places.origin(name),
        hint=f"{near}=..." if near else "remove it",
    )


def stray_variables(
    names: Iterable[str], places: Places, settings: frozenset[str]
) -> Iterator[Problem]:
    """The variables that look meant for the server and have no effect, with their nearest name."""
    searches = 0
    for name in names:
        if is_dynaconf(name):
            yield problem(
                "FS123",
                f"{printable(name)} has no effect: it speaks to stock Dynaconf",
                name=printable(name),
                origin=places.origin(name),
                hint="unset it; write the setting in settings.toml, or set its own variable",
            )
        elif looks_ours(name) and not _has_effect(name, settings):
            searches += 1
            near = nearest(name, settings | OURS) if searches <= NEAR_SEARCHES else None
            yield problem(
                "FS122",
                f"{printable(name)} has no effect: no setting is called that",
                name=printable(name),
                origin=places.origin(name),
                hint=f"did you mean {near}? else unset it" if near else "unset it",
            )


def _has_effect(name: str, settings: frozenset[str]) -> bool:
    if name.startswith("OAUTH_"):
        return True  # each makes a client, or is told of beside one
    return name in settings or name in OURS or secret_file_of(name) is not None
