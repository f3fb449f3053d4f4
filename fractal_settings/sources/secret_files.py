"""Secrets as files: systemd's credentials, mounted folders, and `<SECRET>_FILE` variables."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from ..folders import Version, read_version
from ..names import SECRETS_DIR, SYSTEMD_CREDENTIALS, is_setting, nearest, secret_file_of
from ..origins import Origin, Source
from ..problems import Problem, Snippet, problem
from ..reading import MAX_SECRET, UnreadableError, read_regular
from ..redact import printable
from .layers import Reading, assignment, display

_FOLDERS = {SYSTEMD_CREDENTIALS: Source.CREDENTIALS, SECRETS_DIR: Source.SECRETS_DIR}
_NEAR_NAMES = 20


class SecretPlaces(NamedTuple):
    """Places of values that stand in a file each."""

    source: Source
    paths: Mapping[str, str]
    variables: Mapping[str, str] = {}

    def origin(self, name: str) -> Origin:
        """The file, and the variable that pointed to it, if one did."""
        return Origin(self.source, self.variables.get(name, name), self.paths.get(name, ""))

    def snippet(self, name: str) -> Snippet | None:
        """Nothing: most such files hold a secret and nothing else."""
        del name
        return None


def mounts(cwd: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The folders of secret files that the environment names."""
    return tuple(cwd / environ[variable] for variable in _FOLDERS if environ.get(variable))


def secret_folders(cwd: Path, environ: Mapping[str, str], settings: frozenset[str]) -> Reading:
    """The layers of `$CREDENTIALS_DIRECTORY` and `$FRACTAL_SECRETS_DIR`."""
    reading = Reading()
    for variable, source in _FOLDERS.items():
        if environ.get(variable):
            reading.add(_read_folder(cwd / environ[variable], variable, source, cwd, settings))
    return reading


def _read_folder(
    folder: Path, variable: str, source: Source, cwd: Path, settings: frozenset[str]
) -> Reading:
    shown = display(folder, cwd)
    try:
        version = read_version(folder, lambda name: is_setting(name, settings), limit=MAX_SECRET)
    except UnreadableError as unreadable:
        reading = Reading()
        reading.refuse(unreadable, Origin(Source.ENVIRONMENT, variable, shown))
        return reading
    except (OSError, ValueError) as error:
        return _unusable_folder(error, shown, variable)
    return _secrets(version, shown, source, settings)


def _secrets(version: Version, shown: str, source: Source, settings: frozenset[str]) -> Reading:
    reading = Reading()
    values: dict[str, object] = {}
    paths: dict[str, str] = {}
    for name, content in version.contents.items():
        path = f"{shown}/{name}"
        if isinstance(content, UnreadableError):
            reading.refuse(content, Origin(source, name, path), name=name)
        else:
            values[name] = secret_text(content)
            paths[name] = path
    others = [name for name in version.names if name not in version.contents]
    reading.problems += _near_misses(others, values, shown, source, settings)
    reading.say(source, values, SecretPlaces(source, paths))
    return reading


def secret_text(data: bytes) -> str:
    """What a secret file says: one newline at the end dropped, bytes kept as in a variable."""
    text = data.decode("utf-8", "surrogateescape")
    return (
        text.removesuffix("\n").removesuffix("\r")
        if text.endswith("\r\n")
        else (text.removesuffix("\n"))
    )


def _near_misses(
    others: list[str],
    present: Collection[str],
    shown: str,
    source: Source,
    settings: Collection[str],
) -> Iterator[Problem]:
    for name in others[:_NEAR_NAMES]:
        near = nearest(name.split(".")[0], settings) if not name.startswith(".") else None
        if near and near not in present:
            yield problem(
                "FS127",
                f"{shown}/{printable(name)} is passed over: no setting is called that",
                name=printable(name),
                origin=Origin(source, name, f"{shown}/{printable(name)}"),
                hint=f"name the file {near}",
            )


def _unusable_folder(error: OSError | ValueError, shown: str, variable: str) -> Reading:
    reading = Reading()
    if isinstance(error, FileNotFoundError):
        code, reason = "FS102", "does not exist"
    elif isinstance(error, NotADirectoryError):
        code, reason = "FS103", "is not a directory"
    else:
        number = getattr(error, "errno", None)
        code = "FS102"
        reason = f"cannot be opened: {os.strerror(number).lower()}" if number else "has no name"
    reading.obstruct(
        problem(
            code,
            f"{variable}: the folder {printable(shown)} {reason}",
            name=variable,
            origin=Origin(Source.ENVIRONMENT, variable),
            hint=f"make {variable} name a folder that can be read, or unset it",
            snippet=assignment(variable, shown),
        )
    )
    return reading


def pointed_files(cwd: Path, environ: Mapping[str, str]) -> Reading:
    """The layer of the `<SECRET>_FILE` variables; a secret given in both forms is refused."""
    reading = Reading()
    values: dict[str, object] = {}
    paths: dict[str, str] = {}
    variables: dict[str, str] = {}
    for variable, given in environ.items():
        if not variable.endswith("_FILE"):
            continue
        secret = secret_file_of(variable)
        if secret is None:
            continue
        origin = Origin(Source.ENVIRONMENT, variable)
        if secret in environ:
            reading.problems.append(_both(secret, variable, origin))
            reading.unread.add(secret)
            continue
        if not given:
            reading.problems.append(_no_path(secret, variable, origin))
            reading.unread.add(secret)
            continue
        path = cwd / given
        shown = display(path, cwd)
        origin = Origin(Source.ENVIRONMENT, variable, shown if _leads_on(given, cwd) else "")
        try:
            values[secret] = secret_text(read_regular(path, limit=MAX_SECRET))
            paths[secret], variables[secret] = shown, variable
        except FileNotFoundError:
            missing = UnreadableError(
                "FS102", "does not exist", hint=f"mend {variable}, or unset it"
            )
            reading.refuse(missing, origin, name=secret)
        except UnreadableError as unreadable:
            reading.refuse(unreadable, origin, name=secret)
    if values:
        places = SecretPlaces(Source.ENVIRONMENT, paths, variables)
        reading.say(Source.ENVIRONMENT, values, places)
    return reading


def _leads_on(given: str, cwd: Path) -> bool:
    """Whether a path starts at something; else it may be the secret itself, by mistake."""
    parts = Path(given).parts
    first = cwd.joinpath(*parts[: 1 + given.startswith("/")])
    with suppress(OSError, ValueError):
        return first.is_symlink() or first.exists()
    return False


def _both(secret: str, variable: str, origin: Origin) -> Problem:
    return problem(
        "FS125",
        f"both {secret} and {variable} are set",
        name=secret,
        origin=origin,
        hint=f"unset one of the two: unset {secret}",
    )


def _no_path(secret: str, variable: str, origin: Origin) -> Problem:
    return problem(
        "FS102",
        f"{variable} is empty: it names no file",
        name=secret,
        origin=origin,
        hint=f"unset {variable}, or name the file",
    )
