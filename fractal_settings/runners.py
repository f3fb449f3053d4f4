"""The JSON files of the SLURM and local backends, read, and what is wrong with them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from .documents import Document, KeyPath, parse_json
from .located import quoted, shown
from .origins import Origin, Source
from .problems import Problem, Snippet, problem
from .readers import Reads
from .reading import MAX_DOCUMENT, UnreadableError, decode, read_regular
from .redact import MARK, may_be_secret, printable
from .runner_configs import MEMORY, TEXT, WHOLE, Batching, LocalConfig, SlurmConfig, SlurmOptions

_LIST, _OBJECT = "FS316", "FS317"
_PLAIN_LINE = re.compile(r'\s*(?:"(?P<key>\w+)"\s*:[^"]*(?:"[^"]*")?)?[\s\[\]{},]*')


class Loaded(NamedTuple):
    """A runner's file, or what is wrong with it.

    Attributes:
        config: what it says; None if it is refused.
        problems: what is wrong with it, or not advisable.
        document: the text that says it; None if it cannot be read.
    """

    config: SlurmConfig | LocalConfig | None
    problems: tuple[Problem, ...] = ()
    document: Document | None = None


def read_runner_file(
    model: type[SlurmConfig | LocalConfig], path: Path, display: str, name: str
) -> Loaded:
    """Read and validate a runner's file.

    Args:
        model: what it must be.
        path: absolute, or relative to the process's working directory.
        display: the path as reports show it.
        name: the setting that names the file.
    """
    origin = Origin(Source.RUNNER_FILE, "", printable(display))
    text = ""
    try:
        text = decode(read_regular(path, limit=MAX_DOCUMENT))
        document = parse_json(text)
    except FileNotFoundError:
        return Loaded(None, (_missing_file(name, display, path),))
    except UnreadableError as unreadable:
        found = problem(
            unreadable.code,
            f"{name}: {printable(display)} {unreadable.reason}",
            name=name,
            origin=Origin(origin.source, "", origin.path, "", unreadable.line, unreadable.column),
            hint=unreadable.hint,
            snippet=_syntax_snippet(text, unreadable.line, unreadable.column),
        )
        return Loaded(None, (found,))
    return _validated(model, document, name, origin.path)


def _syntax_snippet(text: str, line: int, column: int) -> Snippet | None:
    """The line of an error, if it holds no more than a key of these files and its value."""
    lines = text.split("\n")
    if not (0 < line <= len(lines) and column and lines[line - 1].strip()):
        return None
    found = _PLAIN_LINE.fullmatch(lines[line - 1])
    if found is None or (found["key"] and found["key"] not in _KEYS):
        return None
    before, after = lines[line - 1][: column - 1], lines[line - 1][column - 1 :].rstrip()
    return Snippet(printable(before) + printable(after), len(printable(before)), 1)


_KEYS = {
    *(*SlurmConfig.model_fields, *SlurmOptions.model_fields, *Batching.model_fields),
    *LocalConfig.model_fields,
} - {"extra_lines", "pre_submission_commands", "user_local_exports"}


def _missing_file(name: str, display: str, path: Path) -> Problem:
    return problem(
        "FS304",
        f"{name}: {printable(display)} does not exist",
        name=name,
        expected=f"a JSON file: {printable(str(path))}",
        hint="write the file, or correct the path",
    )


def _validated(
    model: type[SlurmConfig | LocalConfig], document: Document, name: str, path: str
) -> Loaded:
    try:
        config = model.model_validate(document.data)
    except ValidationError as error:
        found = [
            _refusal(each["loc"], each["type"], dict(each.get("ctx") or {}), document, name, path)
            for each in error.errors(include_url=False, include_input=False)
        ]
        return Loaded(None, (*found, *_advice(model, document, name, path)), document)
    return Loaded(config, tuple(_advice(model, document, name, path)), document)


def _refusal(
    location: KeyPath,
    kind: str,
    context: dict[str, object],
    document: Document,
    name: str,
    path: str,
) -> Problem:
    shown_key = ".".join(printable(str(part)) for part in location)
    if kind == "missing":
        return _at(
            document,
            location[:-1],
            path,
            "FS312",
            f"{shown_key} is missing",
            name,
            hint=f'"{location[-1]}": ...',
            at="key",
        )
    if kind == "extra_forbidden":
        near = _nearest_key(location)
        return _at(
            document,
            location,
            path,
            "FS311",
            f"{shown_key} is no key of this file",
            name,
            hint=f'"{near}": ...' if near else "remove it",
            at="key",
        )
    value = _value(document.data, location)
    code = str(context.get("code", _LIST if kind == "list_type" else _OBJECT))
    expected, right = _EXPECTED[code]
    right = _meant(code, value) or right
    seen = _shown_json(value, hidden=_hidden(location))
    return _at(
        document,
        location,
        path,
        code,
        f"{shown_key} is {seen}, not {expected}",
        name,
        hint=f'"{location[-1]}": {right}' if isinstance(location[-1], str) else right,
    )


_EXPECTED = {
    WHOLE: ("an integer", "1"),
    TEXT: ("text", '"..."'),
    MEMORY: ("memory in MB: digits with one of M, G, T at most", '"10G"'),
    _LIST: ("a list of texts", '["..."]'),
    _OBJECT: ("an object", "{ ... }"),
}


def _meant(code: str, value: object) -> str:
    """A right value that the wrong one comes near, as JSON; or empty."""
    if code == _LIST and isinstance(value, str):
        return f"[{quoted(value)}]"
    if code == WHOLE and isinstance(value, float) and 1 <= value < math.inf:
        return str(int(value))
    if code == MEMORY and isinstance(value, str):
        amount = re.fullmatch(r"([0-9]{1,9}) ?([MGT])i?B?", value.strip(), re.IGNORECASE)
        return f'"{amount[1]}{amount[2].upper()}"' if amount else ""
    return ""


def _hidden(location: KeyPath) -> bool:
    return location[:1] == ("user_local_exports",) or any(
        may_be_secret(str(part)) for part in location
    )


def _shown_json(value: object, *, hidden: bool) -> str:
    kinds = {list: "a list", dict: "an object", type(None): "null", bool: "a boolean"}
    if type(value) in kinds and not (isinstance(value, bool) and not hidden):
        return kinds[type(value)]
    return MARK if hidden else shown("", value)


def _value(data: object, location: KeyPath) -> object:
    for part in location:
        if isinstance(data, dict):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int):
            data = data[part]
    return data


def _nearest_key(location: KeyPath) -> str | None:
    from difflib import get_close_matches

    models: dict[KeyPath, type[BaseModel]] = {
        ("default_slurm_config",): SlurmOptions,
        ("gpu_slurm_config",): SlurmOptions,
        ("batching_config",): Batching,
    }
    known = [*SlurmConfig.model_fields, *LocalConfig.model_fields]
    if location[:-1] in models:
        known = list(models[location[:-1]].model_fields)
    key = str(location[-1])
    begun = [each for each in known if key and (each.startswith(key) or key.startswith(each))]
    found = begun or get_close_matches(key, known, n=1)
    return found[0] if found else None


def _at(
    document: Document,
    location: KeyPath,
    path: str,
    code: str,
    message: str,
    name: str,
    *,
    hint: str,
    at: str = "value",
) -> Problem:
    position = document.position(location)
    key = at == "key"
    line, column = 1, 1
    if position:
        line, column = (
            (position.key_line, position.key_column) if key else (position.line, position.column)
        )
    return problem(
        code,
        f"{path}: {message}",
        name=name,
        origin=Origin(Source.RUNNER_FILE, ".".join(map(str, location)), path, "", line, column),
        hint=hint,
        snippet=document.key_snippet(location)
        if key
        else document.snippet(location, show=not _hidden(location)),
    )


def _advice(
    model: type[SlurmConfig | LocalConfig], document: Document, name: str, path: str
) -> Iterator[Problem]:
    """What is not advisable in the keys that are right, whatever is wrong with the others."""
    if model is LocalConfig:
        tasks = _read(LocalConfig, document.data, "parallel_tasks_per_job")
        if isinstance(tasks, int) and tasks < 1:
            yield _at(
                document,
                ("parallel_tasks_per_job",),
                path,
                "FS321",
                f"parallel_tasks_per_job is {tasks}: no task could run",
                name,
                hint='"parallel_tasks_per_job": 1, or null for no limit',
            )
        return
    batching = _value(document.data, ("batching_config",))
    for what in ("cpus_per_job", "mem_per_job", "num_jobs"):
        target, most = (_read(Batching, batching, f"{end}_{what}") for end in ("target", "max"))
        unit = " MB" if what == "mem_per_job" else ""
        if isinstance(target, int) and isinstance(most, int) and target > most:
            yield _at(
                document,
                ("batching_config", f"target_{what}"),
                path,
                "FS318",
                f"batching_config.target_{what} is {target}{unit}, above max_{what}, {most}{unit}",
                name,
                hint=f'"target_{what}": {most}',
            )
    default = _value(document.data, ("default_slurm_config",))
    if isinstance(default, dict) and _read(SlurmOptions, default, "partition") in {None, ""}:
        yield _at(
            document,
            ("default_slurm_config",),
            path,
            "FS319",
            "default_slurm_config names no partition",
            name,
            hint='"partition": "main"',
            at="key",
        )
    for section in ("default_slurm_config", "gpu_slurm_config"):
        again = _repeated(_value(document.data, (section, "extra_lines")))
        if again is not None:
            yield _at(
                document,
                (section, "extra_lines", again),
                path,
                "FS320",
                f"{section}.extra_lines names a line twice: the server then puts all of them in "
                "any order",
                name,
                hint="keep each line once",
            )


def _read(model: type[BaseModel], table: object, key: str) -> object:
    """The value of a key as its field reads it; None if it is missing, and ... if it is refused."""
    if not isinstance(table, dict) or key not in table:
        return None
    (reads,) = (mark for mark in model.model_fields[key].metadata if isinstance(mark, Reads))
    with suppress(PydanticCustomError):
        return reads.read(table[key])
    return ...


def _repeated(lines: object) -> int | None:
    """The index of the first line that was there before."""
    seen: set[str] = set()
    for index, line in enumerate(lines if isinstance(lines, list) else ()):
        if str(line) in seen:
            return index
        seen.add(str(line))
    return None
