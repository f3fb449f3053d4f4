"""What an administrator should know of the values: the server accepts them all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from ..database import PARTS
from ..interpreters import INTERPRETERS
from ..located import assign, give, shown
from ..problems import Problem, problem
from ..redact import has_raw_bytes, is_secret, printable
from ..sources.layers import Layer
from .facts import Check, Facts

DIRECTORIES = ("FRACTAL_TASKS_DIR", "FRACTAL_RUNNER_WORKING_BASE_DIR")
_PATHS = (
    *DIRECTORIES,
    "FRACTAL_LOCAL_CONFIG_FILE",
    "FRACTAL_SLURM_CONFIG_FILE",
    "FRACTAL_SLURM_WORKER_PYTHON",
    *INTERPRETERS,
)
_SECONDS = (
    "JWT_EXPIRE_SECONDS",
    "COOKIE_EXPIRE_SECONDS",
    "FRACTAL_GRACEFUL_SHUTDOWN_TIME",
    "FRACTAL_SLURM_POLL_INTERVAL",
    "FRACTAL_SLURM_ERROR_HANDLING_INTERVAL",
    "FRACTAL_API_SUBMIT_RATE_LIMIT",
)
_ZERO_IS_FINE = {
    "FRACTAL_API_SUBMIT_RATE_LIMIT",
    "FRACTAL_GRACEFUL_SHUTDOWN_TIME",
    "FRACTAL_SLURM_ERROR_HANDLING_INTERVAL",
}


def relative_directory(facts: Facts) -> Iterator[Problem]:
    """A relative directory depends on where the server is started (spec rule 3)."""
    for name in DIRECTORIES:
        raw = facts.raw.get(name)
        absolute = facts.values.get(name)
        if raw is None or absolute is None or PurePath(str(raw)).is_absolute():
            continue
        yield facts.problem(
            "FS217",
            f"{name} is {shown(name, str(raw))}, a relative path: "
            + (
                "it depends on where the server is started"
                if facts.static
                else f"it becomes {printable(str(absolute))}"
            ),
            name=name,
            hint=_absolute(facts, name, str(raw)),
        )


def _absolute(facts: Facts, name: str, raw: str) -> str:
    if _is_unexpanded(raw):
        return "write the path in full"
    right = f"/srv/fractal/{PurePath(raw).name}" if facts.static else str(facts.values[name])
    return assign(facts.origin(name), name, right)


def unexpanded_path(facts: Facts) -> Iterator[Problem]:
    """`~` and `$` in a path stay as they are: nothing expands them."""
    for name in _PATHS:
        raw = facts.raw.get(name)
        text = str(raw) if isinstance(raw, str | PurePath) else ""
        if _is_unexpanded(text):
            sign = "~" if text.startswith("~") else "$"
            yield facts.problem(
                "FS226",
                f"{name} is {shown(name, text)}: nothing expands the {sign}",
                name=name,
                hint="write the path in full",
            )


def _is_unexpanded(path: str) -> bool:
    return path.startswith("~") or "$" in path


def impossible_time(facts: Facts) -> Iterator[Problem]:
    """A negative or zero time is accepted and makes no sense."""
    for name in _SECONDS:
        seconds = facts.values.get(name)
        if not isinstance(seconds, int) or seconds > 0 or (seconds == 0 and name in _ZERO_IS_FINE):
            continue
        what = "zero" if seconds == 0 else "negative"
        yield facts.problem(
            "FS218",
            f"{name} is {what}: {seconds} seconds",
            name=name,
            expected="a positive number of seconds",
            hint=assign(facts.origin(name), name, _usual(name)),
        )


def _usual(name: str) -> object:
    from ..model import Settings

    return Settings.model_fields[name].default


def undecodable(facts: Facts) -> Iterator[Problem]:
    """Bytes that are no UTF-8 may not arrive as they are; in a URL they never do (D14)."""
    for name, value in facts.raw_text():
        if name not in PARTS and not value.isascii() and has_raw_bytes(value):
            what = "" if is_secret(name) else f": {shown(name, value)}"
            yield facts.problem(
                "FS222",
                f"{printable(name)} holds bytes that are not UTF-8{what}",
                name=name,
                hint="write it in UTF-8",
            )


def no_address(facts: Facts) -> Iterator[Problem]:
    """The first superuser is made with this address (D14)."""
    name = "FRACTAL_DEFAULT_ADMIN_EMAIL"
    address = facts.text(name)
    if address is not None and not _is_address(address):
        yield facts.problem(
            "FS223",
            f"{name} is {shown(name, address)}, not an e-mail address",
            name=name,
            hint=assign(facts.origin(name), name, "admin@example.org"),
        )


def _is_address(text: str) -> bool:
    local, _, domain = text.partition("@")
    labels = domain.split(".")
    blank = any(character.isspace() for character in text)
    return bool(local) and not blank and "@" not in domain and len(labels) > 1 and all(labels)


def default_admin_password(facts: Facts) -> Iterator[Problem]:
    """Everybody who reads the server's page knows the default."""
    name = "FRACTAL_DEFAULT_ADMIN_PASSWORD"
    if facts.environment == "dev" or facts.text(name) != _usual(name):
        return
    if facts.static or facts.obstacles or name in facts.unread:
        return  # a secret: it may well be given at deployment, or where nothing could be read
    where = f"environment {printable(facts.environment)}" if facts.environment else "the server"
    yield facts.problem(
        "FS224",
        f"{where} starts with the default admin password",
        name=name,
        hint=give(name),
    )


def empty_password(facts: Facts) -> Iterator[Problem]:
    """An empty password is a password for PostgreSQL, and a wrong one."""
    name = "POSTGRES_PASSWORD"
    if facts.text(name) == "" and name not in facts.unread:
        yield facts.problem(
            "FS225", f"{name} is empty", name=name, hint="give the password, or unset it"
        )


def overridden_by_the_same(facts: Facts) -> Iterator[Problem]:
    """A value that overrides an equal one may have been meant to differ."""
    if facts.merged is None:
        return
    said: dict[str, Layer] = {}
    for layer in facts.merged.layers:
        for name, value in layer.values.items():
            lower = said.get(name)
            if lower and type(lower.values[name]) is type(value) and lower.values[name] == value:
                yield problem(
                    "FS128",
                    f"{printable(name)} overrides the same value of {lower.places.origin(name)}",
                    name=name,
                    origin=layer.places.origin(name),
                    snippet=layer.places.snippet(name),
                    layers=facts.merged.history(name),
                    hint="remove one of the two",
                )
            said[name] = layer


ADVICE: tuple[Check, ...] = (
    relative_directory,
    unexpanded_path,
    impossible_time,
    undecodable,
    no_address,
    default_admin_password,
    empty_password,
)
# Settings made directly have no environment, and may never meet a server.
DIRECT: tuple[Check, ...] = tuple(each for each in ADVICE if each is not default_admin_password)
# Not worth a look at each load: only a report asks.
TIDINESS: tuple[Check, ...] = (overridden_by_the_same,)
