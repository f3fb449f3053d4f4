"""YAML's double-quoted scalars, and the flat mappings of them that compose and Kubernetes take."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ENTRY = re.compile(
    r'^(?P<indent> *)(?P<key>[A-Za-z_][A-Za-z0-9_]*|"(?:\\.|[^"\\])*"): '
    r'"(?P<value>(?:\\.|[^"\\])*)"$',
    re.MULTILINE,
)
_ESCAPE = re.compile(r'\\(?:U([0-9a-f]{8})|(["\\nrt]))')
_SHORT = {'"': '"', "\\": "\\", "\n": "n", "\r": "r", "\t": "t"}
_LONG = {short: character for character, short in _SHORT.items()}


def quoted(text: str) -> str:
    """The text as a double-quoted scalar; whatever is not printable is escaped."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in _SHORT:
        return "\\" + _SHORT[character]
    if character.isprintable():
        return character
    return f"\\U{ord(character):08x}"


def unquoted(scalar: str) -> str:
    """The text of a double-quoted scalar that `quoted` wrote, without its quotes."""
    return _ESCAPE.sub(
        lambda found: _LONG[found[2]] if found[2] else chr(int(found[1], 16)), scalar
    )


def entries(values: Mapping[str, str], *, indent: int) -> str:
    """Lines of a block mapping."""
    return "".join(
        f"{' ' * indent}{name if _KEY.fullmatch(name) else quoted(name)}: {quoted(value)}\n"
        for name, value in values.items()
    )


def read_entries(text: str, *, indent: int) -> Iterator[tuple[str, str, int]]:
    """Name, value and line of each entry at that depth, of a text that `entries` wrote."""
    for found in _ENTRY.finditer(text):
        if len(found["indent"]) == indent:
            key = found["key"]
            name = unquoted(key[1:-1]) if key.startswith('"') else key
            yield name, unquoted(found["value"]), text.count("\n", 0, found.start()) + 1
