"""One section of a TOML file: the values that it gives, and the keys that give none."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from ..documents import Document
from ..located import literal
from ..names import (
    OAUTH_LIST,
    OURS,
    four_variables,
    is_oauth,
    is_setting,
    nearest,
    oauth_name,
    secret_file_of,
)
from ..origins import Origin, Source
from ..problems import Problem, Snippet, problem
from ..redact import is_secret, printable, redacted

_LONGEST = 200
_NEAR_SEARCHES = 100  # a search takes up to a millisecond


class Section(NamedTuple):
    """Places of the values of one table of one file."""

    document: Document
    source: Source
    path: str
    name: str

    def origin(self, name: str) -> Origin:
        """The place of the value."""
        position = self.document.position((self.name, name))
        line, column = (position.line, position.column) if position else (0, 0)
        return Origin(self.source, name, self.path, self.name, line, column)

    def key_origin(self, name: str) -> Origin:
        """The place of the key itself."""
        position = self.document.position((self.name, name))
        line, column = (position.key_line, position.key_column) if position else (0, 0)
        return Origin(self.source, name, self.path, self.name, line, column)

    def snippet(self, name: str) -> Snippet | None:
        """The key and its value, a secret one redacted."""
        return self.document.snippet((self.name, name), show=not is_secret(name))

    def key_snippet(self, name: str) -> Snippet | None:
        """The key, underlined, without its value."""
        return self.document.key_snippet((self.name, name))


def section_values(
    table: Mapping[str, object], places: Section, settings: Collection[str]
) -> tuple[dict[str, object], list[Problem]]:
    """What a section says of settings, and the refusals of its other keys."""
    values = {}
    problems: list[Problem] = []
    for key, value in table.items():
        if is_setting(key, settings) and key != OAUTH_LIST and not isinstance(value, (dict, list)):
            values[key] = value
        else:
            search = len(problems) < _NEAR_SEARCHES
            problems.append(_refused_key(key, value, places, settings, search=search))
    return values, problems


def _refused_key(
    key: str, value: object, places: Section, settings: Collection[str], *, search: bool
) -> Problem:
    shown = printable(key)
    if key == OAUTH_LIST:
        return _key_problem("FS119", key, places, f"{key} is never set directly", four_variables())
    if key in OURS or secret_file_of(key):
        return _key_problem(
            "FS118",
            key,
            places,
            f"{key} counts only in the environment, not in a file",
            f"remove it here and set the variable {key}",
        )
    if isinstance(value, (dict, list)):
        what = "a table" if isinstance(value, dict) else "a list"
        return _key_problem(
            "FS117",
            key,
            places,
            f"{shown} is {what}, and no setting takes one",
            _one_value(key, value, settings),
        )
    if key != key.upper() and is_setting(key.upper(), settings):
        return _key_problem(
            "FS116",
            key,
            places,
            f"{shown} is not in capitals: names are case-sensitive",
            f"{key.upper()} = ...",
        )
    return _unknown_key(key, places, nearest(key, settings) if search else None)


def _unknown_key(key: str, places: Section, near: str | None) -> Problem:
    """The problem of a key that nothing is called, with what it was meant to be."""
    shown = printable(key) or '""'
    if is_oauth(key):
        client, field_ = oauth_name(key)
        message = (
            f"{shown} is no OAuth setting: client {printable(client)!r} has no "
            f"{printable(field_) or 'field'}"
        )
        hint = f"{near} = ..." if near else four_variables()
    else:
        message = f"{shown} is no setting" + (f"; {near} is" if near else "")
        hint = f"{near} = ..." if near else "remove it, or see: fractal-settings explain --list"
    return _key_problem("FS115", key, places, message, hint)


def _key_problem(code: str, key: str, places: Section, message: str, hint: str) -> Problem:
    return problem(
        code,
        message,
        name=printable(key),
        origin=places.key_origin(key),
        hint=hint,
        snippet=places.key_snippet(key),
    )


def _one_value(key: str, value: object, settings: Collection[str]) -> str:
    """The line that was meant: what stands alone in a list, or is named as part of another key."""
    parts = [f"{key}_{part}".upper() for part in (value if isinstance(value, dict) else ())]
    meant = [part for part in parts if is_setting(part, settings)]
    if meant:
        return f"{meant[0]} = ..."
    if not is_setting(key, settings):
        return "write one KEY = value a line"
    only = value[0] if isinstance(value, list) and len(value) == 1 else None
    plain = isinstance(only, str | int | float) and not is_secret(key)
    text = literal(redacted(key, only)) if plain else "..."
    return f"{key} = {text if len(text) <= _LONGEST else '...'}"
