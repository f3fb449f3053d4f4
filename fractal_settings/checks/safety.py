"""What could give a secret away: the server accepts it all, so these are warnings."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath

from ..git import would_commit
from ..origins import Origin, Source
from ..problems import Problem, problem
from ..redact import is_secret, printable, without_passwords
from ..sources.layers import Layer
from ..sources.toml import DEFAULT, SETTINGS_FILE, TomlFile
from .facts import Check, Facts

JWT_KEY = "JWT_SECRET_KEY"
# HMAC-SHA256 needs a key of at least its own length (RFC 7518, section 3.2).
SHORTEST_KEY = 32
FEWEST_CHARACTERS = 8
_SHOWN = 5
_OTHERS_MAY_READ = stat.S_IRGRP | stat.S_IROTH
_SECRET_FILES = (Source.SECRETS, Source.LOCAL_SECRETS)
_ADMIN_PASSWORD = "FRACTAL_DEFAULT_ADMIN_PASSWORD"

# A key made of these alone is a placeholder.
WORDS = (
    "123 1234 12345 123456 12345678 123456789 1234567890 256 512 a access admin an api app at "
    "auth bit bits change char characters default demo dev development dummy enter example "
    "fake for fractal generate here hs256 in insecure insert is it jwt key least letmein "
    "local long me mine my new no none not now oauth of one only password placeholder please "
    "prod production put random real replace safe sample secret secrets server set settings "
    "sign signing so some staging string super test testing text that the thing this to token "
    "top unsafe use value very with xxx you your"
)
# Keys that documentation prints: FastAPI's tutorial.
KNOWN_KEYS = frozenset({"09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7"})
_LONGEST_PLACEHOLDER = 200


def committed_secret(facts: Facts) -> Iterator[Problem]:
    """What git holds, everybody with the repository has, for good."""
    secrets = list(_written_secrets(facts))
    files = dict.fromkeys(facts.cwd / layer.places.origin(name).path for name, layer in secrets)
    answers = would_commit(files, facts.path) if files else {}
    unknown: dict[str, None] = {}
    for name, layer in secrets:
        origin = layer.places.origin(name)
        committed = answers[facts.cwd / origin.path]
        # With --static somebody says that the file is what is committed.
        if committed or (committed is None and facts.static):
            yield _committed(facts, name, layer)
        elif committed is None:
            unknown[origin.path] = None
    if unknown:
        yield problem(
            "FS502",
            f"whether git tracks {_listed(unknown)} cannot be told: git is not on PATH, or does "
            "not trust the repository",
            hint="look with `git status`, as the user to whom the repository belongs",
        )


def _written_secrets(facts: Facts) -> Iterator[tuple[str, Layer]]:
    """Each secret that stands in a file, and the layer that says it."""
    for layer in facts.merged.layers if facts.merged else ():
        for name, value in layer.values.items():
            if (
                isinstance(value, str)
                and value
                and _gives_away(name, value)
                and layer.places.origin(name).path
            ):
                yield name, layer


def _gives_away(name: str, value: str) -> bool:
    if not is_secret(name):
        return without_passwords(value) != value
    return not _is_public_default(name, value)


def _is_public_default(name: str, value: str) -> bool:
    from ..model import Settings

    return name == _ADMIN_PASSWORD and value == Settings.model_fields[name].default


def _committed(facts: Facts, name: str, layer: Layer) -> Problem:
    origin = layer.places.origin(name)
    shown = printable(origin.path)
    elsewhere = f"let git ignore {shown}"
    if PurePath(origin.path).name == SETTINGS_FILE:
        elsewhere = "write it in .secrets.toml, which git ignores, or in a secret file"
    what = printable(name) if is_secret(name) else f"the password in {printable(name)}"
    return problem(
        "FS501",
        f"{what} stands in {shown}, which git tracks or would track",
        name=name,
        origin=origin,
        snippet=layer.places.snippet(name),
        layers=facts.merged.history(name) if facts.merged else (),
        hint=f"{elsewhere}; what was committed once is known: change it",
    )


def readable_by_others(facts: Facts) -> Iterator[Problem]:
    """A file made for secrets alone, which other users of this machine can read."""
    if facts.static:
        return
    for origin in dict.fromkeys(_secret_files(facts)):
        path = facts.cwd / origin.path
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
        except (OSError, ValueError):  # gone since it was read
            continue
        if mode & _OTHERS_MAY_READ:
            who = "every user" if mode & stat.S_IROTH else "its group"
            shown = printable(origin.path)
            yield problem(
                "FS503",
                f"{shown} can be read by {who}: its mode is {mode:04o}",
                name=origin.name,
                origin=origin,
                expected="mode 0600, or 0400",
                hint=f"chmod 600 {shown}",
            )


def _secret_files(facts: Facts) -> Iterator[Origin]:
    for file in facts.files:
        if file.source in _SECRET_FILES:
            yield Origin(file.source, path=file.path)
    for layer in facts.merged.layers if facts.merged else ():
        if layer.source is Source.ENVIRONMENT:
            for name in layer.values:
                origin = layer.places.origin(name)
                if origin.path and not _is_mounted(facts, facts.cwd / origin.path):
                    yield origin


def _is_mounted(facts: Facts, path: Path) -> bool:
    """Whether the file is in one of the two folders, whose modes others choose."""
    return any(path.is_relative_to(folder) for folder in facts.mounts)


def weak_key(facts: Facts) -> Iterator[Problem]:
    """Who guesses the key can sign a token for any user."""
    key = facts.text(JWT_KEY)
    if not key:
        return
    size = len(key.encode("utf-8", "replace"))
    new = "make one: python3 -c 'import secrets; print(secrets.token_hex(32))'"
    if is_placeholder(key):
        yield facts.problem(
            "FS505", f"{JWT_KEY} is a placeholder that everybody knows", name=JWT_KEY, hint=new
        )
    elif size < SHORTEST_KEY:
        yield facts.problem(
            "FS504",
            f"{JWT_KEY} is short: {size} bytes",
            name=JWT_KEY,
            expected=f"at least {SHORTEST_KEY} bytes, made at random",
            hint=new,
        )
    elif len(set(key)) < FEWEST_CHARACTERS:
        yield facts.problem(
            "FS504",
            f"{JWT_KEY} is easy to guess: it has fewer than {FEWEST_CHARACTERS} different "
            "characters",
            name=JWT_KEY,
            expected=f"at least {SHORTEST_KEY} bytes, made at random",
            hint=new,
        )


def is_placeholder(value: str) -> bool:
    """Whether the text stands for a secret that was never made: a word, or a mark repeated.

    >>> is_placeholder("<Change-Me!>"), is_placeholder("00000000")
    (True, True)
    """
    plain = re.sub(r"[\W_]", "", value[:_LONGEST_PLACEHOLDER].casefold())
    if len(set(plain)) < 2 or plain in KNOWN_KEYS:  # noqa: PLR2004 - one mark repeated
        return True
    words = WORDS.split()
    reached = {0}
    for at in range(len(plain)):
        if at in reached:
            reached |= {at + len(word) for word in words if plain.startswith(word, at)}
    return len(plain) in reached


def shared_key(facts: Facts) -> Iterator[Problem]:
    """A token signed in one environment would be taken in the other."""
    key = facts.text(JWT_KEY)
    if not (key and facts.environment):
        return
    sharing = [
        f"[{printable(environment)}]"
        for environment in _environments(facts.files)
        if environment != facts.environment and _key_of(facts.files, environment) == key
    ]
    if sharing:
        yield facts.problem(
            "FS506",
            f"{JWT_KEY} is the same in {_listed(dict.fromkeys(sharing))}",
            name=JWT_KEY,
            hint="give each environment a key of its own, in a section of its own",
        )


def _environments(files: tuple[TomlFile, ...]) -> dict[str, None]:
    return {
        section: None for file in files for section in file.sections if section.lower() != DEFAULT
    }


def _key_of(files: tuple[TomlFile, ...], environment: str) -> object:
    """The key that the files give an environment, the last one said."""
    said: object = None
    for file in files:
        for section in (DEFAULT, environment):
            table = file.document.data.get(section)
            if isinstance(table, Mapping) and JWT_KEY in table:
                said = table[JWT_KEY]
    return said


def _listed(names: Mapping[str, None]) -> str:
    shown = list(names)
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return ", ".join(shown[:_SHOWN]) + more


SAFETY: tuple[Check, ...] = (committed_secret, readable_by_others, weak_key, shared_key)
