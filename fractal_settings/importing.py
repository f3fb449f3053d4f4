"""Variables found elsewhere, into the files of a settings folder: what would be written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from .documents import parse_toml
from .formats import docker, dotenv, environment, shell, systemd, toml
from .formats.assignments import Reading
from .formats.toml import Change
from .model import names
from .names import (
    OAUTH_LIST,
    OURS,
    four_variables,
    is_setting,
    looks_ours,
    nearest,
    secret_file_of,
)
from .origins import Origin, Source
from .problems import FractalConfigurationError, Problem, problem
from .reading import MAX_DOCUMENT, MAX_DOTENV, UnreadableError, decode, read_regular, too_large
from .redact import is_secret, printable
from .sources.layers import unreadable_problem
from .sources.toml import SETTINGS_FILE
from .texts import typed
from .writing import NEIGHBOURS, Draft

SECRETS_FILE = ".secrets.toml"
IGNORE_FILE = ".gitignore"
IGNORED = (SECRETS_FILE, ".secrets.local.toml", "settings.local.toml", NEIGHBOURS)
"""What git must not take from a settings folder."""

_EXPORT = re.compile(r"^[ \t]*export[ \t]", re.MULTILINE)
_PLAIN_LINE = re.compile(r"^[ \t]*(?!#|;|export[ \t]|set[ \t])[^ \t\n]", re.MULTILINE)
_ONLY_A_SHELL = re.compile(r"^[^#'\n]*(?:\$\(|`|\$[A-Za-z_]|;[ \t]*export[ \t])", re.MULTILINE)
_NEAR_SEARCHES = 20
_SHOWN_OTHERS = 12


class Importable(NamedTuple):
    """A format that can be imported.

    Attributes:
        title: what it is, in a few words.
        read: its reader; of the environment given it takes what the file refers to.
        any_bytes: whether it may hold bytes that are not UTF-8.
        limit: the largest size accepted, in bytes.
    """

    title: str
    read: Callable[[str, Mapping[str, str]], Reading]
    any_bytes: bool = False
    limit: int = MAX_DOCUMENT


IMPORTABLE: Mapping[str, Importable] = {
    "dotenv": Importable("a dotenv file", dotenv.read, limit=MAX_DOTENV),
    "shell": Importable("a shell file", lambda text, _: shell.read(text), any_bytes=True),
    "systemd": Importable("a systemd EnvironmentFile", lambda text, _: systemd.read(text)),
    "docker": Importable("an env file of Docker", lambda text, _: docker.read(text)),
    "env0": Importable(
        "the output of env -0", lambda text, _: environment.read(text), any_bytes=True
    ),
}


def guess(data: bytes) -> str:
    """The format of a file, told by its looks.

    A NUL is that of `env -0`. `export` may stand in a dotenv file too, but not with what only a
    shell does: run a command, or put in a variable whose name has no braces.
    """
    if b"\0" in data:
        return "env0"
    text = data.decode("utf-8", "surrogateescape")
    exports = _EXPORT.search(text) is not None
    shell = text.startswith("#!") or (
        exports and (_ONLY_A_SHELL.search(text) or not _PLAIN_LINE.search(text))
    )
    return "shell" if shell else "dotenv"


def read(data: bytes, format_: str, environ: Mapping[str, str], shown: str) -> Reading:
    """The variables of a file.

    Args:
        data: the file.
        format_: a key of IMPORTABLE.
        environ: where a variable is looked up that a dotenv file refers to and does not set.
        shown: the file as problems name it.

    Raises:
        FractalConfigurationError: it cannot be read in this format.
    """
    source = IMPORTABLE[format_]
    try:
        if len(data) > source.limit:
            raise too_large(source.limit)
        if source.any_bytes:
            text = data.decode("utf-8", "surrogateescape")
        else:
            text = decode(data.removeprefix(b"\xef\xbb\xbf"))
        return source.read(text, environ)
    except UnreadableError as unreadable:
        origin = Origin(Source.DOTENV, path=shown)
        raise FractalConfigurationError([unreadable_problem(unreadable, origin)]) from None


class Planned(NamedTuple):
    """A file that would be written.

    Attributes:
        draft: path and text.
        section: of the changes, or empty.
        changes: what is new in it; the raw values may be secret.
        lines: lines that are new in it, if it is no TOML.
        is_new: whether the file is not there yet.
    """

    draft: Draft
    section: str
    changes: tuple[Change, ...]
    lines: tuple[str, ...]
    is_new: bool


class Plan(NamedTuple):
    """What an import would do.

    Attributes:
        files: those that would change, in the order to write them: what keeps secrets out of git
            comes before the secrets.
        unchanged: how many settings stand there already as they are.
        problems: what an administrator should know of it.
    """

    files: tuple[Planned, ...]
    unchanged: int
    problems: tuple[Problem, ...]


def plan(reading: Reading, *, into: Path, section: str, shown: str) -> Plan:
    """What an import would write.

    Args:
        reading: the variables.
        into: the settings folder.
        section: the environment.
        shown: the file that was read, as problems name it.

    Raises:
        FractalConfigurationError: a file of the folder cannot be read or edited.
    """
    found = reading.values
    known = {name: value for name, value in found.items() if _is_known(name)}
    problems = [*_of_reading(reading, shown), *_left_out(found, reading, shown)]
    refused = [each for name in known for each in _not_in_toml(name, known[name])]
    problems += refused
    for each in refused:
        del known[each.name]
    values, mistyped = typed(known)
    lines = {each.name: each.line for each in reading.assignments}
    problems += [_mistyped(each, shown, lines[each.name]) for each in mistyped]
    public = {name: value for name, value in values.items() if not is_secret(name)}
    secret = {name: value for name, value in values.items() if is_secret(name)}
    files = [planned_ignore(into)]
    if secret:
        files.append(_planned(into / SECRETS_FILE, section, secret, secret=True))
    files.append(_planned(into / SETTINGS_FILE, section, public))
    unchanged = len(values) - sum(len(each.changes) for each in files)
    return Plan(tuple(each for each in files if _does_something(each)), unchanged, tuple(problems))


def _is_known(name: str) -> bool:
    return is_setting(name, names()) and name != OAUTH_LIST


def _does_something(planned: Planned) -> bool:
    return bool(planned.is_new or planned.changes or planned.lines)


def _planned(
    path: Path, section: str, values: Mapping[str, object], *, secret: bool = False
) -> Planned:
    old = _text(path)
    if old is not None:
        _refuse_other_case(old, section, path)
    if old is None:
        new = toml.new_file(section, values)
        made = tuple(Change(name, None, value) for name, value in values.items())
        return Planned(Draft(path, new, secret), section, made, (), is_new=True)
    new = toml.edit(old, section, values, path=str(path))
    made = toml.changes(old, section, values)
    lines = () if made or new == old else (f"[{section}]",)
    return Planned(Draft(path, new, secret), section, made, lines, is_new=False)


def _refuse_other_case(text: str, section: str, path: Path) -> None:
    try:
        sections = parse_toml(text).data
    except UnreadableError as unreadable:
        raise _refusal(unreadable, path) from None
    alike = [each for each in sections if each != section and each.lower() == section.lower()]
    if alike:
        raise FractalConfigurationError(
            [
                problem(
                    "FS114",
                    f"[{printable(section)}] and [{printable(alike[0])}] would differ only in case",
                    origin=Origin(Source.SETTINGS, path=str(path)),
                    hint=f"--env {printable(alike[0])}",
                )
            ]
        )


def planned_ignore(folder: Path) -> Planned:
    """The folder's .gitignore, with the lines that are missing in it."""
    path = folder / IGNORE_FILE
    old = _text(path)
    there = (old or "").splitlines()
    missing = tuple(line for line in IGNORED if line not in there)
    head = old + "\n" if old and not old.endswith("\n") else old or ""
    new = head + "".join(f"{line}\n" for line in missing)
    return Planned(Draft(path, new, adds=True), "", (), missing, is_new=old is None)


def _text(path: Path) -> str | None:
    """The text of a file of the folder, or None if it is not there."""
    try:
        return decode(read_regular(path, limit=MAX_DOCUMENT))
    except FileNotFoundError:
        return None
    except UnreadableError as unreadable:
        raise _refusal(unreadable, path) from None


def _refusal(unreadable: UnreadableError, path: Path) -> FractalConfigurationError:
    origin = Origin(Source.SETTINGS, path=str(path))
    return FractalConfigurationError([unreadable_problem(unreadable, origin)])


def _of_reading(reading: Reading, shown: str) -> Iterator[Problem]:
    for line, reason in reading.skipped:
        yield problem(
            "FS720",
            f"line {line} of {shown} was not taken over: {reason}",
            origin=Origin(Source.DOTENV, path=shown, line=line),
            hint="write the value by hand, or import the env -0 of a process that has it",
        )
    lines = {each.name: each.line for each in reading.assignments}
    for name in reading.repeated:
        if _is_known(name):
            yield _at(
                "FS725",
                name,
                shown,
                lines[name],
                f"{printable(name)} is set more than once, the last time in line {lines[name]}",
                hint="look whether that value is the one that was meant",
            )
    for name, variables in reading.borrowed:
        if _is_known(name):
            listed = ", ".join(map(printable, variables))
            yield _at(
                "FS724",
                name,
                shown,
                lines[name],
                f"{printable(name)} depends on a variable that {shown} does not set: {listed}",
                hint="look whether the value written is the one that the server would have",
            )


def _at(code: str, name: str, shown: str, line: int, message: str, *, hint: str) -> Problem:
    origin = Origin(Source.DOTENV, name, shown, line=line)
    return problem(code, message, name=printable(name), origin=origin, hint=hint)


def _left_out(found: Mapping[str, str], reading: Reading, shown: str) -> Iterator[Problem]:
    lines = {each.name: each.line for each in reading.assignments}
    others = []
    searches = 0
    for name in found:
        if _is_known(name):
            continue
        if looks_ours(name):
            searches += 1
            hint = _instead(name, search=searches <= _NEAR_SEARCHES)
            message = f"{printable(name)} was not taken over: {_why_not(name)}"
            yield _at("FS721", name, shown, lines[name], message, hint=hint)
        else:
            others.append(name)
    if others:
        yield problem(
            "FS722",
            f"{len(others)} other variable{'s were' if len(others) > 1 else ' was'} left out: "
            f"{_listed(others)}",
            origin=Origin(Source.DOTENV, path=shown),
        )


def _listed(variables: Sequence[str]) -> str:
    shown = ", ".join(printable(each) for each in sorted(variables)[:_SHOWN_OTHERS])
    return shown + (", ..." if len(variables) > _SHOWN_OTHERS else "")


def _why_not(name: str) -> str:
    if name in OURS or secret_file_of(name):
        return "it counts only in the environment"
    if name == OAUTH_LIST:
        return "it is made of the variables of each client"
    return "no setting is called that"


def _instead(name: str, *, search: bool) -> str:
    if secret := secret_file_of(name):
        return f"write the content of that file as {secret}, or keep the variable"
    if name in OURS:
        return "keep it in the environment"
    if name == OAUTH_LIST:
        return four_variables()
    near = nearest(name, names()) if search else None
    return f"did you mean {near}? else leave it out" if near else "leave it out"


def _not_in_toml(name: str, value: str) -> Iterator[Problem]:
    if reason := environment.obstacle(name, value) or toml.obstacle(name, value):
        yield problem(
            "FS710",
            f"{printable(name)} cannot be written as TOML: {reason}",
            name=name,
            hint="hand it over in the environment or as a secret file, or change it",
        )


def _mistyped(refusal: Problem, shown: str, line: int) -> Problem:
    return _at(
        "FS723",
        refusal.name,
        shown,
        line,
        f"{refusal.message}; it is kept as text",
        hint=refusal.hint or "correct it in what was written",
    )
