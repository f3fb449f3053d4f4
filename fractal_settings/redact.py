"""What is secret, and how it is shown.

A value of a secret setting leaves this package only where `--reveal` was typed. Everything that
makes text for a person or a program asks here first.
"""

from __future__ import annotations

import re

MARK = "***"

SECRETS = frozenset({"JWT_SECRET_KEY", "POSTGRES_PASSWORD", "FRACTAL_DEFAULT_ADMIN_PASSWORD"})

_PUBLIC = ("_CLIENT_ID", "_OIDC_CONFIGURATION_ENDPOINT", "_REDIRECT_URL", "_CLIENTS_CONFIG")
_SUSPICIOUS = ("PASSWORD", "SECRET", "PWD", "TOKEN")
_USERINFO = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#:@]*):[^\s/?#]*@")


class Secret(str):
    """A str, equal and hashable as such, whose repr does not show it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Secret('{MARK}')"


def is_secret(name: str) -> bool:
    """Whether the setting's value is a secret: three by name, and each client's CLIENT_SECRET."""
    return name in SECRETS or (name.startswith("OAUTH_") and name.endswith("_CLIENT_SECRET"))


def may_be_secret(name: str) -> bool:
    """Whether a name nobody knows may carry a secret: a misspelt one must not show it."""
    upper = name.upper()
    return is_secret(name) or any(word in upper for word in _SUSPICIOUS) or "KEY" in upper


def sanitized_away(name: str) -> bool:
    """Whether `get_sanitized` masks the field (spec rule 7)."""
    upper = name.upper()
    return not upper.startswith("FRACTAL") or any(word in upper for word in _SUSPICIOUS)


def redacted(name: str, value: object) -> object:
    """The value as it may be shown: a secret becomes the mark, a password in a URL too."""
    if value is None:
        return None
    if is_secret(name) or _foreign(name):
        return MARK
    if isinstance(value, str) and "://" in value:
        return _USERINFO.sub(rf"\g<scheme>:{MARK}@", value)
    return value


def _foreign(name: str) -> bool:
    """Whether an OAUTH_ variable is none of ours: what another program keeps there is unknown."""
    return name.startswith("OAUTH_") and not name.endswith(_PUBLIC)


def printable(text: str) -> str:
    """The text with control characters, line breaks and undecodable bytes escaped."""
    if text.isprintable():
        return text
    return "".join(_escaped(character) for character in text)


def _escaped(character: str) -> str:
    if character.isprintable():
        return character
    if "\udc80" <= character <= "\udcff":  # how Python carries a byte that is not UTF-8
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
