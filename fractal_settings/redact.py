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
# Where the password of a URL starts: also of one that stands percent-encoded in another. What is
# a port is none. It ends at the last @ of the text, because people write any mark in a password.
_USERINFO = (
    r"(?i)(?::|%3A)(?://|%2F%2F)(?:(?!:|%3A|@|%40|[/?#\s]).)*(?::|%3A)"
    r"(?![0-9]{1,5}+(?:[/?#]|\Z))"
)
_PARAMETERS = ("password", "passwd", "pwd", "secret", "token", "api_key", "apikey")
_PARAMETER = (
    rf"(?i)((?:\b|_)(?:{'|'.join(_PARAMETERS)})\s*(?:(=)|%3D)\s*)"
    r"(?(2)(?:'[^']*'|[^\s&]+)|(?:(?!%26)[^\s&])+)"
)
_LONGEST = 4_096  # bits of an integer: Python writes no more than 4,300 digits


class Secret(str):
    """A str, equal and hashable as such, whose repr does not show it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Secret('{MARK}')"


class WithPassword(str):
    """A str, equal and hashable as such, whose repr does not show the passwords of its URLs."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(without_passwords(str(self)))


class Values(dict[str, object]):
    """Raw values by name, whose repr tells the names alone."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Values({', '.join(self)})"


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
    if isinstance(value, str):
        return without_passwords(value)
    if isinstance(value, int) and value.bit_length() > _LONGEST:
        return hex(value)
    return value


def without_passwords(text: str) -> str:
    """The text with the passwords of its URLs and connection strings redacted.

    >>> without_passwords("postgresql://fractal:made-up@db/fractal?password=made-up&x=1")
    'postgresql://fractal:***@db/fractal?password=***&x=1'
    """
    end = max(text.rfind("@"), text.rfind("%40"))
    if end >= 0 and ("://" in text or "%" in text):
        for found in re.finditer(_USERINFO, text):
            if found.end() <= end:
                text = f"{text[: found.end()]}{MARK}{text[end:]}"
                break
    if ("=" in text or "%" in text) and any(word in text.lower() for word in _PARAMETERS):
        text = re.sub(_PARAMETER, rf"\1{MARK}", text)
    return text


def _foreign(name: str) -> bool:
    """Whether an OAUTH_ variable is none of ours: what another program keeps there is unknown."""
    return name.startswith("OAUTH_") and not name.endswith(_PUBLIC)


def has_raw_bytes(text: str) -> bool:
    """Whether a variable's bytes were not UTF-8: Python carries each as a lone surrogate."""
    return any("\ud800" <= character <= "\udfff" for character in text)


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
