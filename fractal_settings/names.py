"""What a name can be: a setting, one of an OAuth client's, one of ours, or a stray."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

from .redact import SECRETS

OAUTH_FIELDS = ("CLIENT_ID", "CLIENT_SECRET", "OIDC_CONFIGURATION_ENDPOINT", "REDIRECT_URL")
OAUTH_LIST = "OAUTH_CLIENTS_CONFIG"

ENV = "FRACTAL_ENV"
SETTINGS_DIR = "FRACTAL_SETTINGS_DIR"
SECRETS_DIR = "FRACTAL_SECRETS_DIR"
SERVER_PYTHON = "FRACTAL_SERVER_PYTHON"
OURS = frozenset({ENV, SETTINGS_DIR, SECRETS_DIR, SERVER_PYTHON})

SYSTEMD_CREDENTIALS = "CREDENTIALS_DIRECTORY"

PREFIXES = ("FRACTAL_", "OAUTH_", "POSTGRES_", "JWT_", "DB_", "COOKIE_")

FILE_SUFFIX = "_FILE"


class OAuthName(NamedTuple):
    """An OAUTH_ variable, taken apart as the server does it (spec rule 2)."""

    client: str
    field: str

    @property
    def known(self) -> bool:
        """Whether the field is one of the four."""
        return self.field in OAUTH_FIELDS


def oauth_name(name: str) -> OAuthName:
    """Take `OAUTH_<CLIENT>_<FIELD>` apart: the client ends at the second underscore.

    >>> oauth_name("OAUTH_MY_IDP_CLIENT_ID")
    OAuthName(client='MY', field='IDP_CLIENT_ID')
    """
    client, _, field = name.removeprefix("OAUTH_").partition("_")
    return OAuthName(client, field)


def is_oauth(name: str) -> bool:
    """Whether the name speaks of an OAuth client."""
    return name.startswith("OAUTH_") and name != OAUTH_LIST


def is_setting(name: str, settings: Collection[str]) -> bool:
    """Whether a file may hold the name: a setting's, or a well-formed OAuth one."""
    return name in settings or (is_oauth(name) and oauth_name(name).known)


def secret_file_of(name: str) -> str | None:
    """The secret whose value stands in the file that variable `name` points to, if it does.

    >>> secret_file_of("JWT_SECRET_KEY_FILE")
    'JWT_SECRET_KEY'
    """
    secret = name.removesuffix(FILE_SUFFIX)
    if secret == name:
        return None
    if secret in SECRETS:
        return secret
    if is_oauth(secret) and oauth_name(secret).field == "CLIENT_SECRET":
        return secret
    return None


_INTERPRETER = r"FRACTAL_TASKS_PYTHON_\d+_\d+"
_SAME = {  # what other programs call it
    "FRACTAL_ENVIRONMENT": ENV,
    "POSTGRES_DATABASE": "POSTGRES_DB",
}


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` most likely was meant to be; costs milliseconds."""
    from difflib import get_close_matches

    candidates = list(known)
    upper = name.upper().replace("-", "_")
    if upper in candidates:
        return upper
    if is_oauth(upper):
        return _nearest_oauth(upper)
    if re.fullmatch(_INTERPRETER, upper):  # of a version that the server does not know
        return None
    found = get_close_matches(_SAME.get(upper, upper), candidates, n=1, cutoff=0.8)
    if not found and "_" in upper:
        begun = [each for each in candidates if each.startswith(f"{upper}_")]
        found = begun if len(begun) == 1 else []
    return found[0] if found else None


def _nearest_oauth(name: str) -> str | None:
    from difflib import get_close_matches

    for field in OAUTH_FIELDS:  # OAUTH_MY_IDP_CLIENT_ID: the client's name has an underscore
        client = name.removeprefix("OAUTH_").removesuffix(f"_{field}")
        if name.endswith(f"_{field}") and "_" in client:
            return f"OAUTH_{client.replace('_', '')}_{field}"
    client, field = oauth_name(name)
    found = get_close_matches(field, OAUTH_FIELDS, n=1, cutoff=0.6)
    return f"OAUTH_{client}_{found[0]}" if found else None


def looks_ours(name: str) -> bool:
    """Whether a variable looks as if it were meant for the server."""
    return name.upper().startswith(PREFIXES)


def is_dynaconf(name: str) -> bool:
    """Whether stock Dynaconf would read the variable; here it has no effect."""
    return name.startswith("DYNACONF_") or name.endswith("_FOR_DYNACONF")


def four_variables() -> str:
    """How an OAuth client is written."""
    return "write " + ", ".join(f"OAUTH_<CLIENT>_{name}" for name in OAUTH_FIELDS)
