"""Every key and value of a generated text is found where it stands.

The texts are valid by construction. What `tomllib` or `json` reads from one is the truth about its
paths and values, and the text itself is the truth about places: what is cut out between two
positions, read alone, must be the key or the value.
"""

import json
import re
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from fractal_settings.positions import Path, Position, json_positions, toml_positions

# One seed a text: drawing each character by itself would take minutes for as many texts.
seeds = st.randoms(use_true_random=True)

LETTERS = [*"ab-_ .=#[]{},\té😀中", "\u0301"]
ESCAPES = [r"\"", r"\\", r"\n", r"\t", r"\u00e9", r"\U0001F600", r"\r", r"\b", r"\f"]
SPACES = ["", "", " ", "\t", "  \t "]
GAPS = ["", "", "", "\n", "\t\n  ", " # é😀 ]}\n", "\n#\n # = [\n\t"]
COMMENTS = ["", "", " ", '\t# é \'""" [x', "#"]
NUMBERS = [
    *["0", "+7", "-1_000", "0xDEAD_beef", "0o17", "0b1_0", "1e5", "-3.1_4", "6.0E-1_0", "3.10"],
    *["nan", "-nan", "+inf", "inf", "true", "false"],
    *["2024-02-29", "07:32:00", "00:32:00.999999", "1979-05-27T07:32:00Z", "1979-05-27 07:32:00"],
    *["1979-05-27t00:32:00.5-07:00", "1979-05-27 07:32:00+01:30", "1979-05-27 07:32:00z"],
]


@dataclass
class Table:
    """What a table holds, by how it is written: as pairs, or under headers of its own."""

    pairs: list[tuple[str, str]]
    tables: list[tuple[str, "Table"]] = field(default_factory=list)
    arrays: list[tuple[str, list["Table"]]] = field(default_factory=list)


def name_of(key: str) -> str:
    """The first part of a TOML key, as `tomllib` reads it."""
    return next(iter(tomllib.loads(f"{key} = 0")))


class TomlAuthor:
    """Writes TOML in every way that TOML allows."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.one = random.choice
        self.lines: list[str] = []

    def some(self, pieces: list[str], most: int = 5) -> str:
        return "".join(self.random.choices(pieces, k=self.random.randint(0, most)))

    def basic(self) -> str:
        return '"' + self.some([*LETTERS, "'", *ESCAPES]) + '"'

    def literal(self) -> str:
        return "'" + self.some([*LETTERS, '"', "\\"]) + "'"

    def long_basic(self) -> str:
        inner = self.some([*LETTERS, "'''", '"', '""', "\n", "\\\n \t\n x", *ESCAPES], 12)
        return '"""' + re.sub('"{3,}', '""', inner) + '"""'

    def long_literal(self) -> str:
        inner = self.some([*LETTERS, '"""', "'", "''", "\n", "\\"], 12)
        return "'''" + re.sub("'{3,}", "''", inner) + "'''"

    def bare(self) -> str:
        return "".join(self.random.choices("aB3-_", k=self.random.randint(1, 3)))

    def key(self) -> str:
        return self.one([self.bare, self.bare, self.basic, self.literal])()

    def keys(self, most: int) -> list[str]:
        keys = [self.key() for _ in range(self.random.randint(0, most))]
        return list({name_of(key): key for key in keys}.values())

    def dotted(self, parts: list[str]) -> str:
        return f"{self.one(SPACES)}.{self.one(SPACES)}".join(parts)

    def value(self, depth: int = 3) -> str:
        kinds = [self.basic, self.literal, self.long_basic, self.long_literal]
        kinds += [lambda: self.one(NUMBERS)] * 4
        if depth:
            kinds += [lambda: self.array(depth - 1), lambda: self.inline_table(depth - 1)] * 2
        return self.one(kinds)()

    def array(self, depth: int) -> str:
        items = [self.value(depth) for _ in range(self.random.randint(0, 4))]
        text = "".join(f"{item}{self.one(GAPS)},{self.one(GAPS)}" for item in items)
        if items and self.random.random() < 0.5:
            text = text[: text.rindex(",")]
        return f"[{self.one(GAPS)}{text}]"

    def inline_table(self, depth: int) -> str:
        pairs = [f"{self.one(SPACES)}{k}={self.one(SPACES)}{v}" for k, v in self.pairs(3, depth)]
        return "{" + f"{self.one(SPACES)},".join(pairs) + self.one(SPACES) + "}"

    def pairs(self, most: int, depth: int = 3) -> list[tuple[str, str]]:
        """Keys, dotted or not, each with blanks behind it, and their values."""
        pairs = []
        for first in self.keys(most):
            below = self.keys(2) if self.random.random() < 0.3 else []
            paths = [[first, second, *self.keys(1)] for second in below] or [[first]]
            pairs += [(self.dotted(path) + self.one(SPACES), self.value(depth)) for path in paths]
        self.random.shuffle(pairs)
        return pairs

    def table(self, depth: int) -> Table:
        table = Table(self.pairs(3))
        taken = {name_of(key) for key, _ in table.pairs}
        for key in self.keys(3) if depth else []:
            if name_of(key) not in taken:
                if self.random.random() < 0.5:
                    table.tables.append((key, self.table(depth - 1)))
                else:
                    length = self.random.randint(1, 3)
                    table.arrays.append((key, [self.table(depth - 1) for _ in range(length)]))
        return table

    def write_table(self, header: str, table: Table, path: list[str]) -> None:
        """A section, then those below it: a table's in any order, an array's beside its item."""
        self.write(header)
        for key, value in table.pairs:
            self.write(f"{key}={self.one(SPACES)}{value}")
        below = self.sections(table, path)
        self.random.shuffle(below)
        for where, tables, brackets in below:
            for each in tables:
                name = self.one(SPACES) + self.dotted(where) + self.one(SPACES)
                self.write_table("[" * brackets + name + "]" * brackets, each, where)

    def sections(self, table: Table, path: list[str]) -> list[tuple[list[str], list[Table], int]]:
        """Those of the tables below too: `[a.b]` may stand before `[a]`, and far from it."""
        found = [([*path, key], tables, 2) for key, tables in table.arrays]
        for key, below in table.tables:
            bodies = self.sections(below, [*path, key])
            if below.pairs or not bodies or self.random.random() < 0.5:
                found.append(([*path, key], [Table(below.pairs)], 1))
            found += bodies
        return found

    def write(self, statement: str) -> None:
        before = self.one(GAPS) + self.one(SPACES)
        self.lines.append(before + statement + self.one(COMMENTS) if statement else "")

    def text(self) -> str:
        self.write_table("", self.table(2), [])
        return self.one(["\n", "\n", "\r\n"]).join("\n".join(self.lines).split("\n"))


class JsonAuthor:
    """Writes JSON in every way that `json.loads` takes, a name twice in an object included."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.one = random.choice

    def blank(self) -> str:
        return self.one(["", "", " ", "\n", "\r\n\t", " \r "])

    def string(self) -> str:
        plain = [c for c in LETTERS if c != "\t"]
        escapes = [r"\"", r"\\", r"\/", r"\n", r"\u00e9", r"\ud83d\ude00", r"\ud800"]
        pieces = [*plain, *escapes, "\ud800", "\u2028", "\x7f"]
        return '"' + "".join(self.random.choices(pieces, k=self.random.randint(0, 5))) + '"'

    def value(self, depth: int = 5) -> str:
        words = ["0", "-0.0", "12E+5", "-1.5e-3", "true", "false", "null", "NaN", "-Infinity"]
        if not depth or self.random.random() < 0.4:
            return self.one([self.string(), self.one(words)])
        named = self.random.random() < 0.6
        inside = []
        for _ in range(self.random.randint(0, 5)):
            name = f"{self.string()}{self.blank()}:{self.blank()}" if named else ""
            inside.append(f"{self.blank()}{name}{self.value(depth - 1)}{self.blank()}")
        text = ",".join(inside) or self.blank()
        return "{" + text + "}" if named else f"[{text}]"

    def text(self) -> str:
        return f"{self.blank()}{self.value()}{self.blank()}"


def places(data: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    """Every path below some data, and the value there."""
    if isinstance(data, dict | list):
        for name, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield (*path, name), value
            yield from places(value, (*path, name))


class Cutter:
    """Cuts out of a text what stands at a position."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *(m.end() for m in re.finditer("\n", text)), len(text) + 1]

    def offset(self, line: int, column: int) -> int:
        offset = self.starts[line - 1] + column - 1
        assert column >= 1
        assert offset < self.starts[line], "the column is on its line"
        return offset

    def key(self, at: Position) -> str:
        """From the key to its value."""
        return self.text[self.offset(*at[0:2]) : self.offset(*at[2:4])]

    def value(self, at: Position) -> str:
        return self.text[self.offset(*at[2:4]) : self.offset(*at[4:6])]


@settings(max_examples=1000, deadline=None)
@given(seeds)
def test_every_key_and_value_of_a_toml_text_is_where_its_position_says(random):
    text = TomlAuthor(random).text()
    note(text)
    truth = dict(places(tomllib.loads(text)))
    positions = toml_positions(text)
    assert set(positions) == set(truth)

    cut = Cutter(text)
    for path, value in truth.items():
        key, written = cut.key(positions[path]), cut.value(positions[path])
        if isinstance(value, dict | list) and not written.startswith(("{", "[")):
            name = path[-1] if isinstance(path[-1], str) else path[-2]
            assert tomllib.loads(f"{written} = 0") == {name: 0}, "a table stands at its own name"
        else:
            assert repr(tomllib.loads(f"x = {written}")["x"]) == repr(value)
            assert written == written.strip(), "no blanks around it"
        if key:
            assert tomllib.loads(f"{key} 0") == {path[-1]: 0}
            assert key == key.lstrip(), "no blanks before it"


@settings(max_examples=1000, deadline=None)
@given(seeds)
def test_every_key_and_value_of_a_json_text_is_where_its_position_says(random):
    text = JsonAuthor(random).text()
    note(text)
    truth = dict(places(json.loads(text)))
    positions = json_positions(text)
    assert set(positions) == set(truth)

    cut = Cutter(text)
    for path, value in truth.items():
        key, written = cut.key(positions[path]), cut.value(positions[path])
        assert repr(json.loads(written)) == repr(value)
        assert written == written.strip(), "no blanks around it"
        if isinstance(path[-1], str):
            assert json.loads("{" + key + "0}") == {path[-1]: 0}
            assert key.startswith('"')
        else:
            assert key == ""


def settings_file(size: int) -> str:
    keys = "\n".join(f'FRACTAL_NUMBER_{n} = "some text"  # why' for n in range(30))
    return "\n".join(f"# a section\n[section_{n}]\n{keys}\n" for n in range(size // 10))


GROWING: dict[str, Callable[[int], str]] = {
    "a settings file": settings_file,
    "an array": lambda size: f"a = [{'1, ' * size}]",
    "arrays of tables": lambda size: "[[a]]\nb = 1\n[[a.c]]\n[a.c.d]\n" * size,
    "comments": lambda size: "# said\n" * size * 10,
    "unlike headers": lambda size: "".join(f"[a.b{n}]\n" for n in range(size)),
    "dotted keys": lambda size: "".join(f"a.b{n}.'c'.d = 1\n" for n in range(size)),
    "inline tables": lambda size: "".join(f"k{n} = {{ a = [1, {{}}] }}\n" for n in range(size)),
    "one string of quotes": lambda size: 'a = """' + '""x' * size * 10 + '"""',
    "one string of escapes": lambda size: 'a = "' + r"\\\"" * size * 10 + '"',
    "one string of lines": lambda size: "a = '''" + "'\n" * size * 10 + "'''\nb = 1",
}


def seconds(work: Callable[[str], object], text: str) -> float:
    started = time.process_time()
    work(text)
    return time.process_time() - started


def is_linear(work: Callable[[str], object], small: str, large: str) -> bool:
    """Whether the large text, ten times the small one, takes at most thirty times as long.

    The least times of up to twenty rounds are compared, so that a busy machine does not count.
    """
    best_small = best_large = float("inf")
    for _ in range(20):
        best_small = min(best_small, *(seconds(work, small) for _ in range(3)))
        best_large = min(best_large, seconds(work, large))
        if best_large <= 30 * best_small:
            return True
    return False


@pytest.mark.parametrize("kind", GROWING)
def test_ten_times_the_toml_takes_at_most_thirty_times_as_long(kind):
    assert is_linear(toml_positions, GROWING[kind](300), GROWING[kind](3000))


def test_ten_times_the_json_takes_at_most_thirty_times_as_long():
    member = r'"\\\" é": [1, {"a": null}, "\\\\"]'
    small, large = ("[" + ",".join(["{" + member + "}"] * size) + "]" for size in (300, 3000))
    assert is_linear(json_positions, small, large)


def test_a_settings_file_is_scanned_in_less_time_than_tomllib_parses_it():
    text = settings_file(100)
    ours = min(seconds(toml_positions, text) for _ in range(10))
    assert ours < min(seconds(tomllib.loads, text) for _ in range(10))
