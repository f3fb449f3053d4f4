"""The codes of what the server requires."""

from __future__ import annotations

from ..problems import Severity
from .entry import Entry, Example

ENTRIES: tuple[Entry, ...] = (
    Entry("FS301", "A required setting is missing", Severity.ERROR, "", "", Example(), Example()),
    Entry("FS302", "The SLURM file is not set", Severity.ERROR, "", "", Example(), Example()),
    Entry(
        "FS303", "The worker interpreter is not set", Severity.ERROR, "", "", Example(), Example()
    ),
    Entry(
        "FS304", "The runner's file does not exist", Severity.ERROR, "", "", Example(), Example()
    ),
    Entry("FS309", "Not a port", Severity.ERROR, "", "", Example(), Example()),
    Entry("FS310", "A database password to be given at deployment", Severity.NOTE, "", "", Example(), Example()),
    Entry(
        "FS311", "An unknown key in a runner's file", Severity.ERROR, "", "", Example(), Example()
    ),
    Entry(
        "FS312", "A missing key in a runner's file", Severity.ERROR, "", "", Example(), Example()
    ),
    Entry(
        "FS313", "Not an integer in a runner's file", Severity.ERROR, "", "", Example(), Example()
    ),
    Entry("FS314", "Not text in a runner's file", Severity.ERROR, "", "", Example(), Example()),
    Entry("FS315", "Not an amount of memory", Severity.ERROR, "", "", Example(), Example()),
    Entry(
        "FS316",
        "Not a list of texts in a runner's file",
        Severity.ERROR,
        "",
        "",
        Example(),
        Example(),
    ),
    Entry(
        "FS317", "Not an object in a runner's file", Severity.ERROR, "", "", Example(), Example()
    ),
    Entry("FS318", "A target above its maximum", Severity.WARNING, "", "", Example(), Example()),
    Entry("FS319", "No partition by default", Severity.WARNING, "", "", Example(), Example()),
    Entry("FS320", "A line twice", Severity.WARNING, "", "", Example(), Example()),
    Entry("FS321", "No task at a time", Severity.WARNING, "", "", Example(), Example()),
)
