"""The settings folder: settings.toml and its three optional neighbours, section by section."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from ..documents import Document, parse_toml, syntax_snippet
from ..folders import Version, read_version
from ..names import is_setting
from ..origins import Origin, Source
from ..problems import Problem, problem
from ..reading import MAX_DOCUMENT, UnreadableError, decode
from ..redact import printable
from .layers import Reading
from .sections import Section, section_values

SETTINGS_FILE = "settings.toml"
FILES = {
    SETTINGS_FILE: Source.SETTINGS,
    ".secrets.toml": Source.SECRETS,
    "settings.local.toml": Source.LOCAL,
    ".secrets.local.toml": Source.LOCAL_SECRETS,
}
DEFAULT = "default"
RESERVED = frozenset({"global", "main", "dynaconf"})


class TomlFile(NamedTuple):
    """A file of the folder, parsed."""

    source: Source
    path: str
    document: Document

    @property
    def sections(self) -> list[str]:
        """The names of its tables, `default` included."""
        return [name for name, value in self.document.data.items() if isinstance(value, dict)]


class Folder(NamedTuple):
    """The files of one settings folder, all of one moment.

    Attributes:
        path: as reports show it.
        files: those that are there and could be parsed, lowest first.
        reading: the problems so far.
    """

    path: str
    files: tuple[TomlFile, ...]
    reading: Reading

    @property
    def environments(self) -> tuple[str, ...]:
        """The environments of settings.toml, in its order."""
        return self._environments([file for file in self.files if file.source is Source.SETTINGS])

    @property
    def all_environments(self) -> tuple[str, ...]:
        """Those of settings.toml, then those that another file alone has a section for."""
        return self._environments(self.files)

    def _environments(self, files: Iterable[TomlFile]) -> tuple[str, ...]:
        sections = dict.fromkeys(section for file in files for section in file.sections)
        return tuple(name for name in sections if name.lower() not in {DEFAULT, *RESERVED})


def read_folder(
    folder: Path, shown: str, *, named: bool, committed_only: bool = False
) -> Folder | None:
    """Read a settings folder; None if there is none and none was named.

    All files are of one moment also while the folder is swapped for another by a link.

    Args:
        folder: absolute.
        shown: the folder as reports show it.
        named: whether somebody said that it is there.
        committed_only: whether to read settings.toml alone.
    """
    wanted = {SETTINGS_FILE} if committed_only else FILES
    try:
        version = read_version(folder, wanted.__contains__, limit=MAX_DOCUMENT)
    except UnreadableError as unreadable:
        reading = Reading()
        reading.refuse(unreadable, Origin(Source.SETTINGS, path=shown))
        return Folder(shown, (), reading)
    except (OSError, ValueError) as error:
        return _no_folder(error, shown, named=named)
    return _parsed(version, shown, named=named)


def _no_folder(error: OSError | ValueError, shown: str, *, named: bool) -> Folder | None:
    if isinstance(error, FileNotFoundError) and not named:
        return None
    other = "name another with --config-dir or FRACTAL_SETTINGS_DIR"
    if isinstance(error, NotADirectoryError):
        code, reason = "FS103", "is not a directory"
        hint = f"put a folder in its place, or {other}"
    elif isinstance(error, FileNotFoundError):
        code, reason = "FS101", "does not exist"
        hint = f"fractal-settings init writes one; or {other}"
    elif isinstance(error, PermissionError):
        code, reason = "FS102", f"cannot be opened by user {os.geteuid()}: permission denied"
        hint = "let the user that runs the server enter and read it (chmod or chown)"
    elif isinstance(error, OSError) and error.errno:
        code, reason = "FS102", f"cannot be opened: {os.strerror(error.errno).lower()}"
        hint = f"make it a folder that can be read, or {other}"
    else:
        code, reason, hint = "FS102", "has a name that no folder can have", other
    reading = Reading()
    reading.obstruct(
        problem(
            code,
            f"the settings folder {printable(shown)} {reason}",
            origin=Origin(Source.SETTINGS, path=printable(shown)),
            hint=hint,
        )
    )
    return Folder(shown, (), reading)


def _parsed(version: Version, shown: str, *, named: bool) -> Folder | None:
    reading = Reading()
    files: list[TomlFile] = []
    for name, source in FILES.items():
        if name not in version.contents:
            continue
        path = f"{shown}/{name}" if shown != "." else name
        content = version.contents[name]
        text = ""
        try:
            if isinstance(content, UnreadableError):
                raise content
            text = decode(content)
            files.append(TomlFile(source, path, parse_toml(text)))
        except UnreadableError as unreadable:
            snippet = syntax_snippet(text, unreadable.line, unreadable.column)
            if source in {Source.SECRETS, Source.LOCAL_SECRETS}:
                snippet = None
            reading.refuse(unreadable, Origin(source, path=path), snippet=snippet)
    strangers = _strangers(version.names)
    if SETTINGS_FILE not in version.contents:
        if not (named or files or reading.problems or SETTINGS_FILE in strangers):
            return None
        reading.obstruct(_no_settings_file(shown, strangers.pop(SETTINGS_FILE, "")))
    reading.problems += [_passed_over(shown, *each) for each in strangers.items()]
    for file in files:
        reading.problems += _structure(file)
        if file.source is Source.SETTINGS and not file.document.data:
            reading.obstruct(_empty(file))
    return Folder(shown, tuple(files), reading)


def _strangers(names: Collection[str]) -> dict[str, str]:
    if FILES.keys() >= set(names):
        return {}
    from .misnamed import misnamed

    return misnamed(names, FILES)


def _no_settings_file(shown: str, stranger: str) -> Problem:
    near = f": {printable(stranger)} is not read" if stranger else ""
    return problem(
        "FS101",
        f"the settings folder {printable(shown)} has no {SETTINGS_FILE}{near}",
        origin=Origin(Source.SETTINGS, path=f"{shown}/{stranger or SETTINGS_FILE}"),
        hint=f"name it {SETTINGS_FILE}" if stranger else "fractal-settings init writes one",
    )


def _passed_over(shown: str, meant: str, stranger: str) -> Problem:
    return problem(
        "FS129",
        f"{printable(stranger)} is passed over: no file of a settings folder is called that",
        origin=Origin(FILES[meant], path=f"{shown}/{stranger}" if shown != "." else stranger),
        hint=f"name it {meant}",
    )


def _empty(file: TomlFile) -> Problem:
    return problem(
        "FS109",
        f"{file.path} is empty",
        origin=Origin(file.source, path=file.path, line=1),
        hint="write a section: [default]",
    )


def _structure(file: TomlFile) -> list[Problem]:
    """What is wrong with a file whatever the environment: its top level."""
    found = []
    seen: dict[str, str] = {}
    for name, value in file.document.data.items():
        if isinstance(value, dict):
            refusal = _section_refusal(name, seen)
            seen.setdefault(name.lower(), name)
            if refusal:
                message, hint = refusal
                found.append(_top_level(file, name, "FS114", message, hint))
        elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
            found.append(
                _top_level(
                    file,
                    name,
                    "FS114",
                    f"[[{printable(name)}]] is a list of tables, not a section",
                    f"[{printable(name)}]",
                )
            )
        else:
            found.append(
                _top_level(
                    file,
                    name,
                    "FS113",
                    f"{printable(name)} stands outside a section",
                    "move it below [default], or below the section of an environment",
                )
            )
    return found


def _section_refusal(name: str, seen: Mapping[str, str]) -> tuple[str, str] | None:
    shown, lower = printable(name), name.lower()
    if lower in RESERVED:
        return (
            f"[{shown}] is a name that Dynaconf keeps for itself",
            "name the section after an environment, such as [dev] or [prod]",
        )
    if lower == DEFAULT and name != DEFAULT:
        return (f"[{shown}] is not [default]", "[default]")
    if lower in seen:
        return (
            f"[{shown}] and [{printable(seen[lower])}] differ only in case",
            f"keep one of the two: [{printable(seen[lower])}]",
        )
    if not name:
        return ('[""] is a section without a name', "[default]")
    return None


def _top_level(file: TomlFile, name: str, code: str, message: str, hint: str) -> Problem:
    position = file.document.position((name,))
    line, column = (position.key_line, position.key_column) if position else (0, 0)
    return problem(
        code,
        message,
        name="" if code == "FS114" else printable(name),
        origin=Origin(file.source, name, file.path, "", line, column),
        hint=hint,
        snippet=file.document.key_snippet((name,)),
    )


def folder_layers(folder: Folder, environment: str | None, settings: Collection[str]) -> Reading:
    """The layers of a folder for an environment: each file's [default], then its section."""
    reading = Reading()
    for file in folder.files:
        reading.unread |= {
            key for key in _misplaced(file, environment) if is_setting(key, settings)
        }
        for name in (DEFAULT, environment):
            table = file.document.data.get(name) if name else None
            if isinstance(table, dict):
                places = Section(file.document, file.source, file.path, str(name))
                values, problems = section_values(table, places, settings)
                reading.say(file.source, values, places)
                reading.problems += problems
                if len(values) < len(table):
                    reading.unread |= {
                        key for key in table if key not in values and is_setting(key, settings)
                    }
    return reading


def _misplaced(file: TomlFile, environment: str | None) -> Iterator[str]:
    """Keys that were meant to count: outside a section, or in one that is written otherwise."""
    exact = {DEFAULT, environment or DEFAULT}
    meant = {name.lower() for name in exact}
    for name, value in file.document.data.items():
        if not isinstance(value, dict):
            yield name
        elif name.lower() in meant and name not in exact:
            yield from value
