"""A settings folder to start from, made of the model."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping

from .interpreters import DEFAULT_VERSION, VERSIONS, interpreter_name
from .located import literal
from .model import Settings, about
from .names import OAUTH_LIST
from .redact import SECRETS

SCHEMA_FILE = "settings.schema.json"

_WIDTH = 98
_HEAD = f"""\
#:schema ./{SCHEMA_FILE}
# Settings of Fractal Server. [default] holds for every environment, each other section for one:
# choose it with --env, or with the variable FRACTAL_ENV. Take the # away in front of what you set.
# Secrets do not belong here, but into .secrets.toml, secret files or the environment.
# Look what holds: fractal-settings show --env dev --origin
"""
_SECRETS_HEAD = """\
# Secrets, by section as in settings.toml. Git must not have this file, nor others read it.
"""
_OAUTH = """\
# OAuth clients: four variables each, with the client's name in capitals and without underscores.
# GOOGLE and GITHUB need no OIDC_CONFIGURATION_ENDPOINT.
# OAUTH_INSTITUTE_CLIENT_ID = "fractal"
# OAUTH_INSTITUTE_OIDC_CONFIGURATION_ENDPOINT = "https://login.example.org/.well-known/openid-configuration"
# OAUTH_INSTITUTE_REDIRECT_URL = "https://fractal.example.org/auth/institute/callback/"
# OAUTH_INSTITUTE_CLIENT_SECRET: a secret
"""
_DEV = {
    "POSTGRES_DB": "fractal_dev",
    "FRACTAL_TASKS_DIR": "/tmp/fractal-dev/tasks",  # noqa: S108 - an example for one's own machine
    "FRACTAL_RUNNER_WORKING_BASE_DIR": "/tmp/fractal-dev/jobs",  # noqa: S108 - the same
    "FRACTAL_LOGGING_LEVEL": 10,
}
_STAGING = ("POSTGRES_HOST", "POSTGRES_DB", "FRACTAL_TASKS_DIR", "FRACTAL_RUNNER_WORKING_BASE_DIR")


def settings_text(version: str) -> str:
    """A settings.toml with the sections default, dev, staging and prod.

    Args:
        version: of the Python that would run the server. Where it is none for which tasks can be
            collected, a default version is set.
    """
    required = [name for name in _names() if about(name).get("required") == "always"]
    rest = [name for name in _names() if name not in required]
    python = {} if version in VERSIONS else _python()
    sections = [
        _HEAD,
        "[default]",
        "# Required, here or in the section of each environment",
        *(_commented(name, python) for name in required),
        "# Optional",
        *(_commented(name, python) for name in rest),
        _OAUTH,
        "",
        "# On a developer's own machine",
        "[dev]",
        *(f"{name} = {literal(value)}" for name, value in _DEV.items()),
        "",
        "",
        *_environment("staging", "A server to try things out"),
        *_environment("prod", "The service"),
    ]
    return "\n".join(sections).rstrip("\n") + "\n"


def secrets_text(key: str) -> str:
    """A .secrets.toml with a key for dev.

    Args:
        key: the JWT key.
    """
    return "\n".join(
        [
            _SECRETS_HEAD,
            "[dev]",
            f'JWT_SECRET_KEY = "{key}"',
            '# POSTGRES_PASSWORD = "..."',
            "",
            "[staging]",
            *(f'# {name} = "..."' for name in _secrets()),
            "",
            "[prod]",
            *(f'# {name} = "..."' for name in _secrets()),
            "",
        ]
    )


def _secrets() -> list[str]:
    return [name for name in Settings.model_fields if name in SECRETS]


def _names() -> list[str]:
    return [name for name in Settings.model_fields if name != OAUTH_LIST]


def _python() -> dict[str, object]:
    newest = VERSIONS[-1]
    return {
        DEFAULT_VERSION: newest,
        interpreter_name(newest): about(interpreter_name(newest))["example"],
    }


def _commented(name: str, given: Mapping[str, object]) -> str:
    """A setting's meaning, and its default or an example behind a #."""
    field = Settings.model_fields[name]
    extra = about(name)
    unit = f" In {extra['unit']}." if "unit" in extra else ""
    meaning = f"{field.description}{unit}"
    if extra.get("required") not in {None, "always"}:
        meaning += f" Required {extra['required']}."
    choices = extra.get("choices")
    example = field.default if field.default is not None else extra.get("example")
    if isinstance(choices, tuple | list):
        meaning += f" One of: {', '.join(map(str, choices))}."
        example = example or choices[-1]
    lines = list(_comment(meaning))
    if name in SECRETS:
        lines.append(f"# {name}: a secret")
    elif name in given:
        lines.append(f"{name} = {literal(given[name])}")
    elif isinstance(example, str | int | float):
        lines.append(f"# {name} = {literal(example)}")
    else:
        lines.append(f"# {name}")
    return "\n".join([*lines, ""])


def _comment(text: str) -> Iterable[str]:
    return (f"# {line}" for line in textwrap.wrap(text, _WIDTH, break_on_hyphens=False))


def _environment(name: str, title: str) -> Iterator[str]:
    yield f"# {title}"
    yield f"[{name}]"
    for each in _STAGING:
        yield f"# {each} = {literal(about(each)['example'])}"
    yield from ["", ""]
