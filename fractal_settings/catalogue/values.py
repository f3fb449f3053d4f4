"""The codes of values."""

from __future__ import annotations

from ..problems import Severity
from .entry import Entry, Example

ENTRIES: tuple[Entry, ...] = (
    Entry("FS201", "Not an integer", Severity.ERROR, "", "", Example(), Example()),
    Entry("FS202", "Not a boolean", Severity.ERROR, "", "", Example(), Example()),
    Entry("FS203", "Not a Python version", Severity.ERROR, "", "", Example(), Example()),
    Entry("FS204", "Not one of the choices", Severity.ERROR, "", "", Example(), Example()),
    Entry("FS205", "Not a number", Severity.ERROR, "", "", Example(), Example()),
    Entry("FS206", "Not text", Severity.ERROR, "", "", Example(), Example()),
    Entry("FS208", "A NUL character", Severity.ERROR, "", "", Example(), Example()),
    Entry("FS209", "Not an absolute path", Severity.ERROR, "", "", Example(), Example()),
    Entry(
        "FS210",
        "The interpreter of the default version is missing",
        Severity.ERROR,
        "",
        "",
        Example(),
        Example(),
    ),
    Entry(
        "FS211",
        "The server's Python is no version it can use",
        Severity.ERROR,
        "",
        "",
        Example(),
        Example(),
    ),
    Entry("FS212", "An incomplete OAuth client", Severity.ERROR, "", "", Example(), Example()),
    Entry("FS213", "An OAuth client without a name", Severity.ERROR, "", "", Example(), Example()),
    Entry(
        "FS214",
        "An OAuth variable that has no effect",
        Severity.WARNING,
        "",
        "",
        Example(),
        Example(),
    ),
    Entry(
        "FS215",
        "OAuth clients that differ only in case",
        Severity.WARNING,
        "",
        "",
        Example(),
        Example(),
    ),
    Entry("FS216", "An empty OAuth id or secret", Severity.WARNING, "", "", Example(), Example()),
    Entry("FS217", "A relative directory", Severity.WARNING, "", "", Example(), Example()),
    Entry("FS218", "A negative or zero time", Severity.WARNING, "", "", Example(), Example()),
    Entry("FS220", "A pause that cannot be slept", Severity.ERROR, "", "", Example(), Example()),
    Entry(
        "FS221", "Bytes in the URL that are not UTF-8", Severity.ERROR, "", "", Example(), Example()
    ),
    Entry("FS222", "Bytes that are not UTF-8", Severity.WARNING, "", "", Example(), Example()),
    Entry("FS223", "No e-mail address", Severity.WARNING, "", "", Example(), Example()),
    Entry("FS224", "The default admin password", Severity.WARNING, "", "", Example(), Example()),
    Entry("FS225", "An empty database password", Severity.WARNING, "", "", Example(), Example()),
    Entry("FS226", "~ or $ in a path", Severity.WARNING, "", "", Example(), Example()),
    Entry("FS227", "An interpreter that is discarded", Severity.NOTE, "", "", Example(), Example()),
    Entry("FS228", "The server's Python was taken", Severity.NOTE, "", "", Example(), Example()),
    Entry(
        "FS229", "A directory that cannot be resolved", Severity.ERROR, "", "", Example(), Example()
    ),
)
