"""The codes of reading: files, sections, names."""

from __future__ import annotations

from ..problems import Severity
from .entry import Entry, Example

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "FS101",
        "No settings.toml where one was named",
        Severity.ERROR,
        "",
        "",
        Example(),
        Example(),
    ),
    Entry("FS102", "A file or folder cannot be read", Severity.ERROR, "", "", Example(), Example()),
    Entry(
        "FS103", "Something that is no regular file", Severity.ERROR, "", "", Example(), Example()
    ),
    Entry("FS104", "Beyond a limit", Severity.ERROR, "", "", Example(), Example()),
    Entry("FS105", "Not UTF-8", Severity.ERROR, "", "", Example(), Example()),
    Entry("FS106", "Not TOML", Severity.ERROR, "", "", Example(), Example()),
    Entry("FS107", "Not JSON", Severity.ERROR, "", "", Example(), Example()),
    Entry("FS108", "A key named twice in JSON", Severity.ERROR, "", "", Example(), Example()),
    Entry("FS109", "An empty settings.toml", Severity.ERROR, "", "", Example(), Example()),
    Entry("FS110", "No environment chosen", Severity.ERROR, "", "", Example(), Example()),
    Entry("FS111", "An unknown environment", Severity.ERROR, "", "", Example(), Example()),
    Entry("FS112", "A reserved name as environment", Severity.ERROR, "", "", Example(), Example()),
    Entry("FS113", "A key outside a section", Severity.ERROR, "", "", Example(), Example()),
    Entry("FS114", "Something that is no section", Severity.ERROR, "", "", Example(), Example()),
    Entry("FS115", "An unknown key", Severity.ERROR, "", "", Example(), Example()),
    Entry("FS116", "A key not in capitals", Severity.ERROR, "", "", Example(), Example()),
    Entry("FS117", "A table or a list as a value", Severity.ERROR, "", "", Example(), Example()),
    Entry(
        "FS118",
        "A name of ours outside the environment",
        Severity.ERROR,
        "",
        "",
        Example(),
        Example(),
    ),
    Entry(
        "FS119", "OAUTH_CLIENTS_CONFIG set directly", Severity.ERROR, "", "", Example(), Example()
    ),
    Entry(
        "FS120",
        "A file that changes while it is read",
        Severity.ERROR,
        "",
        "",
        Example(),
        Example(),
    ),
    Entry(
        "FS121",
        "A dotenv line that is no assignment",
        Severity.WARNING,
        "",
        "",
        Example(),
        Example(),
    ),
    Entry("FS122", "A variable that has no effect", Severity.WARNING, "", "", Example(), Example()),
    Entry("FS123", "A variable for stock Dynaconf", Severity.WARNING, "", "", Example(), Example()),
    Entry("FS125", "A secret given in two forms", Severity.ERROR, "", "", Example(), Example()),
    Entry(
        "FS127", "A secret file that is passed over", Severity.NOTE, "", "", Example(), Example()
    ),
    Entry(
        "FS128", "A value that overrides an equal one", Severity.NOTE, "", "", Example(), Example()
    ),
)
