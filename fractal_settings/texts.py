"""Values as text for an environment, and text as values for TOML."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from .model import Settings, names
from .names import OAUTH_LIST, is_setting
from .redact import redacted

if TYPE_CHECKING:
    from .loading import Resolved
    from .problems import Problem

_TOML_INTEGERS = range(-(2**63), 2**63)


def text(value: object) -> str:
    """The text that the server reads as the same value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def layered(resolved: Resolved, *, with_defaults: bool = False) -> dict[str, str]:
    """What the layers set, as text in the order of the model, each OAuth variable by its name.

    Nothing derived is among it: the server derives its own.

    Args:
        resolved: the configuration.
        with_defaults: whether the settings that no layer sets are given with their defaults. The
            version that the server reports is left to it.
    """
    given = {name: value for name, value in resolved.merged.values.items() if value is not None}
    if with_defaults:
        given = _defaults() | given
    order = list(Settings.model_fields)
    at_clients = order.index(OAUTH_LIST)
    known = sorted(
        (name for name in given if is_setting(name, names()) and name != OAUTH_LIST),
        key=lambda name: (order.index(name) if name in order else at_clients, name),
    )
    return {name: text(given[name]) for name in known}


def _defaults() -> dict[str, object]:
    return {
        name: field.default
        for name, field in Settings.model_fields.items()
        if isinstance(field.default, str | int | float)
    }


def shows_secrets(values: Mapping[str, str]) -> bool:
    """Whether there is something among the values that reports redact."""
    return any(redacted(name, value) != value for name, value in values.items())


def typed(values: Mapping[str, str]) -> tuple[dict[str, object], list[Problem]]:
    """The values as TOML can hold them, numbers and booleans as such; and what is refused.

    A value that its type refuses stays the text that it is.
    """
    from .build import build
    from .interpreters import OWN

    settings = {name: value for name, value in values.items() if name in names()}
    built = build(settings, python=lambda: OWN, cwd=Path("/"))
    found: dict[str, object] = {
        name: _held(value, built.values.get(name)) for name, value in values.items()
    }
    refused = [each for each in built.problems if each.name not in built.values]
    return found, [each for each in refused if each.name in values]


def _held(value: str, read: object) -> object:
    if isinstance(read, bool):
        return read
    if isinstance(read, int) and read in _TOML_INTEGERS:
        return read
    if isinstance(read, float) and read - read == 0:  # neither infinite nor undefined
        return read
    return value
