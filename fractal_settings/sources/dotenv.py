"""The dotenv file of the working directory; the only door to python-dotenv.

Read as `load_dotenv(override=False)` reads it (spec rule 12), but `os.environ` is left alone.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from ..names import OURS, is_oauth, secret_file_of
from ..origins import Origin, Source
from ..problems import Problem, Snippet, problem
from ..reading import MAX_DOTENV, UnreadableError, read_regular
from ..redact import Values, printable
from .layers import Reading, assignment

DOTENV = ".fractal_server.env"
MAX_LINE = 4 * 1024
MAX_VALUE = 64 * 1024
MAX_EXPANDED = 1024 * 1024
MAX_SEARCHED = 16_000_000  # characters: each `${` may be looked for its end to the end of its value

_TRUE = {"1", "true", "t", "yes", "y"}


class DotenvLines(NamedTuple):
    """Places of the values of a dotenv file."""

    path: str
    lines: Mapping[str, int]
    values: Mapping[str, object]

    def __repr__(self) -> str:
        return f"DotenvLines({self.path!r})"

    def origin(self, name: str) -> Origin:
        """The line that sets the name last."""
        return Origin(Source.DOTENV, name, self.path, "", self.lines.get(name, 0))

    def snippet(self, name: str) -> Snippet | None:
        """The assignment, a secret value redacted."""
        return assignment(name, self.values.get(name))


def disabled(environ: Mapping[str, str]) -> bool:
    """Whether PYTHON_DOTENV_DISABLED switches the file off."""
    return environ.get("PYTHON_DOTENV_DISABLED", "").casefold() in _TRUE


def read_dotenv(
    cwd: Path, environ: Mapping[str, str], settings: frozenset[str]
) -> tuple[Reading, dict[str, str]]:
    """The layer of the dotenv file, if it is there, and all that the file sets.

    Args:
        cwd: the working directory.
        environ: wins over the file, also inside `${X}`.
        settings: the names of the settings.
    """
    reading = Reading()
    if disabled(environ):
        return reading, {}
    origin = Origin(Source.DOTENV, path=DOTENV)
    try:
        text = _text(read_regular(cwd / DOTENV, limit=MAX_DOTENV))
        values, lines, unparsed, _ = parse_dotenv(text, environ)
    except FileNotFoundError:
        return reading, {}
    except UnreadableError as unreadable:
        reading.refuse(unreadable, origin)
        return reading, {}
    places = DotenvLines(DOTENV, lines, Values(values))
    ours = {name for name in values if name in OURS or secret_file_of(name)}
    known = {
        name: value
        for name, value in values.items()
        if name in settings or (is_oauth(name) and name not in ours)
    }
    reading.say(Source.DOTENV, known, places)
    reading.problems += [_unparsed(line) for line in unparsed]
    reading.problems += [_ours(places, name) for name in values if name in ours]
    return reading, values


class Parsed(NamedTuple):
    """A dotenv text; its values may be secret.

    Attributes:
        values: text by name, references filled in.
        lines: where each name was set last, counted from 1.
        unparsed: the lines that are no assignment.
        overridden: name, value and line of what a later line sets again.
    """

    values: dict[str, str]
    lines: dict[str, int]
    unparsed: list[int]
    overridden: list[tuple[str, str, int]]

    def __repr__(self) -> str:
        return f"Parsed({len(self.values)} values)"


def parse_dotenv(text: str, environ: Mapping[str, str]) -> Parsed:
    """What a dotenv text sets, by the rules of python-dotenv.

    Raises:
        UnreadableError: a line or an expanded value is too long.
    """
    import io

    from dotenv.parser import parse_stream

    _refuse_long_lines(text)
    said: dict[str, str | None] = {}
    lines: dict[str, int] = {}
    unparsed: list[int] = []
    overridden: list[tuple[str, str, int]] = []
    # A real variable wins, also when it is empty.
    seen: ChainMap[str, str | None] = ChainMap({**environ}, said)
    searched = expanded = 0
    for binding in parse_stream(io.StringIO(text)):
        blank = len(binding.original.string) - len(binding.original.string.lstrip())
        line = binding.original.line + binding.original.string[:blank].count("\n")
        if binding.key is not None and binding.value is not None:
            searched += binding.value.count("${") * len(binding.value)
            if searched > MAX_SEARCHED:
                raise _too_long(f"refers to variables too often, line {line}", line)
            value = _expanded(binding.value, seen, line)
            expanded += len(value)
            if expanded > MAX_EXPANDED:
                raise _too_long(
                    f"has values of more than {MAX_EXPANDED // 1024} KiB, line {line}", line
                )
            if (earlier := said.get(binding.key)) is not None:
                overridden.append((binding.key, earlier, lines[binding.key]))
            said[binding.key], lines[binding.key] = value, line
        elif binding.key is not None:  # `export NAME` takes back what was said of the name
            said[binding.key] = None
            unparsed.append(line)
        elif binding.error:
            unparsed.append(line)
    values = {name: value for name, value in said.items() if value is not None}
    return Parsed(values, lines, unparsed, overridden)


def _expanded(value: str, seen: Mapping[str, str | None], line: int) -> str:
    from dotenv.variables import parse_variables

    parts, size = [], 0
    for atom in parse_variables(value):
        part = atom.resolve(seen)
        size += len(part)
        if size > MAX_VALUE:
            raise _too_long(f"has a value of more than {MAX_VALUE // 1024} KiB, line {line}", line)
        parts.append(part)
    return "".join(parts)


def _refuse_long_lines(text: str) -> None:
    for number, line in enumerate(text.split("\n"), 1):
        if len(line.encode("utf-8", "surrogateescape")) > MAX_LINE:
            raise _too_long(
                f"has a line of more than {MAX_LINE // 1024} KiB, line {number}", number
            )


def _too_long(reason: str, line: int) -> UnreadableError:
    return UnreadableError("FS104", reason, line=line, hint="shorten it")


def _text(data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableError(
            "FS105",
            f"is not UTF-8: byte 0x{data[error.start]:02x} in line {line}",
            line=line,
            hint="save the file as UTF-8",
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _unparsed(line: int) -> Problem:
    return problem(
        "FS121",
        f"line {line} of {DOTENV} is no assignment: what it names is not set",
        origin=Origin(Source.DOTENV, path=DOTENV, line=line),
        hint="write NAME=value, close each quote, and leave out a line of export NAME alone",
    )


def _ours(places: DotenvLines, name: str) -> Problem:
    return problem(
        "FS118",
        f"{printable(name)} counts only in the environment, not in a file",
        name=name,
        origin=places.origin(name),
        hint=f"remove it here and set the variable {name}",
        snippet=places.snippet(name),
    )
