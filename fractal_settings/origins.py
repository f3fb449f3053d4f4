"""Where a value comes from, and the order in which sources win.

A source is a kind of place. A layer is what one place says: names and raw values. An origin is
the place of one value, exact enough for a person to go there.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Literal, NamedTuple

from .redact import printable


class Source(IntEnum):
    """The sources, lowest first: a later one overrides an earlier one (design: layers).

    Within a TOML file, `[default]` comes before the section of the chosen environment. The last
    two override nothing: a derived value comes from others, and the SLURM or local JSON file of a
    runner holds what is no setting.
    """

    DEFAULTS = 1
    SETTINGS = 2
    SECRETS = 3
    LOCAL = 4
    LOCAL_SECRETS = 5
    DOTENV = 6
    CREDENTIALS = 7
    SECRETS_DIR = 8
    ENVIRONMENT = 9
    OVERRIDES = 10
    DERIVED = 11
    RUNNER_FILE = 12

    @property
    def label(self) -> str:
        """The source in one word or two, as reports say it."""
        return _LABELS[self]


_LABELS = {
    Source.DEFAULTS: "default",
    Source.SETTINGS: "settings.toml",
    Source.SECRETS: ".secrets.toml",
    Source.LOCAL: "settings.local.toml",
    Source.LOCAL_SECRETS: ".secrets.local.toml",
    Source.DOTENV: ".fractal_server.env",
    Source.CREDENTIALS: "credential",
    Source.SECRETS_DIR: "secret file",
    Source.ENVIRONMENT: "environment",
    Source.OVERRIDES: "override",
    Source.DERIVED: "derived",
    Source.RUNNER_FILE: "runner file",
}


class Origin(NamedTuple):
    """The place of one value.

    Attributes:
        source: the kind of place.
        name: the key or the variable as its author spelt it; for a derived value, from what.
        path: the file, relative to the working directory where it lies below it; or empty.
        section: the section of a TOML file; or empty.
        line: counted from 1; 0 where the place has no lines.
        column: of the value, in characters, counted from 1; 0 where unknown.
    """

    source: Source
    name: str = ""
    path: str = ""
    section: str = ""
    line: int = 0
    column: int = 0

    @property
    def place(self) -> str:
        """File, line and column, or the variable: what `-->` points to."""
        if self.source is Source.DEFAULTS:
            return self.source.label
        if not self.path:
            return f"{self.source.label} {self.name}".rstrip()
        return ":".join([self.path, *(str(n) for n in (self.line, self.column) if n)])

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.path and self.line else self.place
        return printable(f"{where} [{self.section}]" if self.section else where)


Status = Literal["used", "overridden", "discarded", "refused"]


class Say(NamedTuple):
    """What one layer says of one setting.

    Attributes:
        origin: where it says so.
        value: the raw value, or the redaction mark for a secret; never a secret.
        status: what became of it.
    """

    origin: Origin
    value: object
    status: Status
