"""Problems at their place: origin, quoted line, every layer's say, and the fix in its form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .origins import Origin, Source
from .problems import Problem
from .redact import MARK, is_secret, printable, redacted

if TYPE_CHECKING:
    from .merge import Merged

AS_TEXT = "give it as text"
WITHOUT_NUL = "remove the NUL; TOML writes it \\u0000"

_LONGEST = 60
_TOML = {
    Source.SETTINGS,
    Source.SECRETS,
    Source.LOCAL,
    Source.LOCAL_SECRETS,
}


def located(problem: Problem, merged: Merged | None, name: str = "") -> Problem:
    """The same problem with the place of the effective value of `name` (its own, by default)."""
    name = name or problem.name
    origin = merged.origin(name) if merged else None
    if merged is None or origin is None:
        return problem
    return problem._replace(
        origin=origin,
        snippet=problem.snippet or merged.snippet(name),
        layers=problem.layers or merged.history(name),
    )


def assign(origin: Origin | None, name: str, value: object) -> str:
    """How the place writes `name` with the value: TOML in a TOML file, `NAME=value` elsewhere."""
    if is_secret(name):
        value = "..."
    if origin is None or origin.source in _TOML:
        return f"{printable(name)} = {literal(value)}"
    text = value if isinstance(value, str) else literal(value)
    if origin.source in {Source.CREDENTIALS, Source.SECRETS_DIR}:
        return printable(f"let {origin.path} hold {text}")
    return printable(f"{name}={text}")


def give(secret: str) -> str:
    """How a secret is given: in no file that is committed."""
    return (
        f"set the variable {printable(secret)}, mount a secret file, or write it in .secrets.toml"
    )


def literal(value: object) -> str:
    """A value as TOML writes it; text that TOML cannot hold as it is, escaped."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    return str(value)


def quoted(text: str) -> str:
    """Text in double quotes, escaped."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{printable(escaped)}"'


def shown(name: str, value: object) -> str:
    """A value in a sentence: short, escaped, and never a secret's."""
    value = redacted(name, value)
    if value == MARK:
        return MARK
    if isinstance(value, bool | int | float):
        kind = "the boolean" if isinstance(value, bool) else "the number"
        text = literal(value)
        return f"{kind} {text if len(text) <= _LONGEST else text[:_LONGEST] + '...'}"
    if isinstance(value, str):
        text = quoted(value)
        return text if len(text) <= _LONGEST else f'{text[:_LONGEST]}..."'
    if value is None:
        return "None"
    if type(value).__module__ == "datetime":  # TOML has them, and needs no quotes for them
        return f"the {'date' if type(value).__name__ == 'date' else 'time'} {value}"
    if isinstance(value, dict):
        return "a table"
    return "a list" if isinstance(value, list | tuple) else f"of type {type(value).__name__}"
