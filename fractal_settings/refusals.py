"""Refusals: what is wrong with one value, at its place, and a right one in its place's form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .database import port_number
from .located import AS_TEXT, WITHOUT_NUL, assign, located, shown
from .meant import meant
from .model import Settings, about
from .origins import Source
from .problems import Problem, problem
from .readers import BOOLEAN, CHOICE, INTEGER, NUL, NUMBER, RELATIVE, TEXT, UNRESOLVABLE, VERSION
from .redact import is_secret, printable, redacted

if TYPE_CHECKING:
    from .merge import Merged


def code_of(name: str, context: Mapping[str, object], kind: str) -> tuple[str, str]:
    """The problem's code, and a reason or nothing, of what pydantic says of a field."""
    if "code" in context:
        return str(context["code"]), str(context["reason"])
    if kind == "extra_forbidden":
        return "FS115", ""
    default = Settings.model_fields[name].default
    if isinstance(default, bool):
        return BOOLEAN, ""
    return {int: INTEGER, float: NUMBER}.get(type(default), "FS119"), ""


def refusal(name: str, value: object, code: str, reason: str, merged: Merged | None) -> Problem:
    """The problem of a value that its reader refused."""
    origin = merged.origin(name) if merged else None
    what, expected, right = _wrong(name, code, reason)
    if right is not None and (near := meant(name, code, value)) is not None:
        right = near
    shown_name = printable(name)
    if code in {NUL, UNRESOLVABLE, RELATIVE}:
        message = (
            f"{shown_name} {what}"
            if is_secret(name)
            else (f"{shown_name} {what}: {shown(name, value)}")
        )
    elif code in {"FS115", "FS119"}:
        message = f"{shown_name} {what}"
    else:
        message = f"{shown_name} is {shown(name, value)}, {what}"
    found = located(
        problem(
            code,
            message,
            name=name,
            origin=origin,
            expected=expected,
            hint=assign(origin, name, right) if right is not None else _HINTS.get(code, ""),
        ),
        merged,
    )
    return _unquoted(found, value)


def _wrong(name: str, code: str, reason: str) -> tuple[str, str, object]:
    """What is wrong, what is expected, and a right value, or None."""
    extra = about(name) if name in Settings.model_fields else {}
    unit = f", in {extra['unit']}" if "unit" in extra else ""
    default = Settings.model_fields[name].default if name in Settings.model_fields else None
    choices = ", ".join(f'"{each}"' for each in _choices(name))
    example = extra.get("example") or default
    return {
        INTEGER: ("not an integer", f"an integer{unit}", default),
        BOOLEAN: ("not a boolean", "true or false", default),
        NUMBER: ("not a number", f"a number{unit}", default),
        VERSION: ("not a version", f"one of {choices}", "3.11"),
        CHOICE: ("not a choice", f"one of {choices}", default),
        TEXT: ("not text", "text in quotes", example),
        NUL: ("holds a NUL character", "text without NUL, which no variable can carry", None),
        RELATIVE: ("is not an absolute path", "a path that starts with /", example),
        UNRESOLVABLE: (f"cannot be resolved ({reason})", "a path without a loop of links", None),
        "FS115": ("is no setting", "", None),
        "FS119": ("takes OAuthClientConfig instances", "a list of OAuthClientConfig", None),
    }[code]


_HINTS = {
    TEXT: AS_TEXT,
    NUL: WITHOUT_NUL,
    UNRESOLVABLE: "mend the link, or write an absolute path",
    "FS115": "leave it out",
    "FS119": "pass a list of OAuthClientConfig(...)",
}


def _choices(name: str) -> tuple[str, ...]:
    choices = about(name).get("choices", ()) if name in Settings.model_fields else ()
    return tuple(choices) if isinstance(choices, tuple) else ()


def _unquoted(found: Problem, value: object) -> Problem:
    """Show the quoted form where TOML read something that has no quotes."""
    if (
        found.code not in {TEXT, VERSION, CHOICE, RELATIVE}
        or isinstance(value, str)
        or found.origin is None
        or found.snippet is None
        or found.origin.source is Source.OVERRIDES
    ):
        return _nearest_choice(found, value)
    start, length = found.snippet.start, found.snippet.length
    text = found.snippet.text[start : start + length]
    name = found.name
    if is_secret(name):
        return found._replace(label="unquoted: text needs quotes", hint=f'{name} = "..."')
    read = str(value).lower() if isinstance(value, bool) else str(redacted("", value))
    label = f"unquoted: TOML reads {text} as {read}" if read != text else "unquoted"
    choices = _choices(name)
    is_path = str(about(name).get("example", "")).startswith("/")
    is_no_port = name == "POSTGRES_PORT" and port_number(text) is None
    keep = is_path or is_no_port or (choices and text not in choices)
    hint = found.hint if keep else f'{name} = "{text}"'
    return found._replace(label=label, hint=hint)


def _nearest_choice(found: Problem, value: object) -> Problem:
    from difflib import get_close_matches

    choices = _choices(found.name)
    if found.code not in {CHOICE, VERSION} or not isinstance(value, str) or len(value) > 64:  # noqa: PLR2004 - a choice is a word
        return found
    near = get_close_matches(value.strip().strip("\"'").lower(), choices, n=1, cutoff=0.6)
    if not near:
        return found
    return found._replace(hint=assign(found.origin, found.name, near[0]))
