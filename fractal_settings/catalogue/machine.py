"""The codes of this machine."""

from __future__ import annotations

from ..problems import Severity
from .entry import Entry, Example

ENTRIES: tuple[Entry, ...] = (
    Entry("FS401", "A command is not on PATH", Severity.ERROR, "", "", Example(), Example()),
    Entry("FS402", "A path that is no directory", Severity.WARNING, "", "", Example(), Example()),
    Entry(
        "FS403", "A directory that is not writable", Severity.WARNING, "", "", Example(), Example()
    ),
)
