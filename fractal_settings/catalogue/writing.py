"""FS7xx: what goes wrong where settings are written, taken over from elsewhere, or handed on."""

from __future__ import annotations

from ..problems import Severity
from .entry import SETTINGS, Entry, Example, example

_MINIMAL = '[default]\nPOSTGRES_DB = "fractal"\n'
_DOTENV = ("export", "--format", "dotenv", "-o", "fractal.env")


def _import(*more: str) -> tuple[str, ...]:
    return ("import", "old.env", "--env", "prod", *more)


ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="FS701",
        title="A file is in the way",
        severity=Severity.ERROR,
        meaning=(
            "The file to be written is already there. Nothing is replaced unless that is asked "
            "for, because what stands in it may be the only copy."
        ),
        fix="Name another file, or pass `--force` to replace this one.",
        broken=example(_MINIMAL, ("init", "config")),
        right=example(_MINIMAL, ("init", "other")),
    ),
    Entry(
        code="FS702",
        title="A symbolic link is in the way",
        severity=Severity.ERROR,
        meaning=(
            "The file to be written is a symbolic link. Whoever can make links in a shared folder "
            "could otherwise choose which file is overwritten, and with whose secrets."
        ),
        fix="Name the file that the link points to, or pass `--follow-links`.",
        broken=example(files={"other.env": "", "fractal.env@": "other.env"}, arguments=_DOTENV),
        right=example(arguments=_DOTENV),
    ),
    Entry(
        code="FS703",
        title="Something that is no regular file is in the way",
        severity=Severity.ERROR,
        meaning="A directory, a FIFO, a socket or a device has the name of the file to be written.",
        fix="Name a file.",
        broken=example(files={"fractal.env/": ""}, arguments=_DOTENV),
        right=example(
            files={"fractal.env/": ""}, arguments=(*_DOTENV[:-1], "fractal.env/fractal.env")
        ),
    ),
    Entry(
        code="FS704",
        title="A file cannot be written",
        severity=Severity.ERROR,
        meaning=(
            "The system refused to write it: no such folder, no permission, no room, or a "
            "filesystem that is read-only. What was there before is untouched."
        ),
        fix="Do what the message says: make the folder, let this user write there, or make room.",
        broken=example(arguments=(*_DOTENV[:-1], "server/fractal.env")),
        right=example(files={"server/": ""}, arguments=(*_DOTENV[:-1], "server/fractal.env")),
    ),
    Entry(
        code="FS705",
        title="The file belongs to somebody else",
        severity=Severity.ERROR,
        meaning=(
            "Replacing the file would make it belong to the user who runs this command, and its "
            "owner might no longer be able to read it. Only root can hand it back."
        ),
        fix="Run the command as the file's owner or as root.",
        broken=example(
            files={"fractal.env": ""},
            arguments=(*_DOTENV, "--force"),
            needs="a user other than root, and a file of somebody else",
        ),
        right=example(files={"fractal.env": ""}, arguments=(*_DOTENV, "--force")),
    ),
    Entry(
        code="FS710",
        title="The target cannot carry the value",
        severity=Severity.ERROR,
        meaning=(
            "Each format has things that it cannot express: Docker's env file no line break, "
            "systemd's no byte that is not UTF-8, no environment a NUL. A file with that value "
            "would be read as something else, so none is written."
        ),
        fix="Choose a format that can carry it, hand it over as a secret file, or change it.",
        broken=example(
            arguments=("export", "--format", "docker", "--reveal"), PROJECT_NAME="two\nlines"
        ),
        right=example(
            arguments=("export", "--format", "compose", "--reveal"), PROJECT_NAME="two\nlines"
        ),
    ),
    Entry(
        code="FS711",
        title="Secrets would be shown",
        severity=Severity.ERROR,
        meaning=(
            "The export holds secrets and would go to standard output, where a terminal keeps "
            "them in its scrollback and a job in its log."
        ),
        fix="Write to a file with `-o FILE` (mode 0600), or pass `--reveal` if you mean it.",
        broken=example(arguments=("export", "--format", "dotenv")),
        right=example(arguments=("export", "--format", "dotenv", "--reveal")),
    ),
    Entry(
        code="FS720",
        title="A line could not be taken over",
        severity=Severity.WARNING,
        meaning=(
            "The line is no assignment that its format knows, or its value is only known to a "
            "shell that runs it. Nothing is run, so the line is left out."
        ),
        fix="Write the value into TOML by hand, or import the `env -0` of a process that has it.",
        broken=Example(
            files={"old.env": "export POSTGRES_DB=$(cat /etc/database)\n"},
            arguments=_import("--format", "shell"),
        ),
        right=Example(
            files={"old.env": "export POSTGRES_DB=fractal\n"},
            arguments=_import("--format", "shell"),
        ),
    ),
    Entry(
        code="FS721",
        title="A variable that looks like a setting was not taken over",
        severity=Severity.WARNING,
        meaning=(
            "Its name begins like a setting's but is none, so the server never used it, or it "
            "counts only in the environment."
        ),
        fix="Correct the name if it is misspelt; else leave it out.",
        broken=Example(files={"old.env": "POSTGRES_DBB=fractal\n"}, arguments=_import()),
        right=Example(files={"old.env": "POSTGRES_DB=fractal\n"}, arguments=_import()),
    ),
    Entry(
        code="FS722",
        title="Other variables were left out",
        severity=Severity.NOTE,
        meaning="They belong to something else: a whole environment holds PATH, HOME and the like.",
        fix="Nothing needs to be done.",
        broken=Example(files={"old.env": "LANG=C\nPOSTGRES_DB=fractal\n"}, arguments=_import()),
        right=Example(files={"old.env": "POSTGRES_DB=fractal\n"}, arguments=_import()),
    ),
    Entry(
        code="FS723",
        title="A value does not fit its setting's type",
        severity=Severity.WARNING,
        meaning=(
            "The value was kept as the text that it was, so that nothing is lost; the server "
            "refuses it, and so does `check`."
        ),
        fix="Correct the value in the TOML that was written.",
        broken=Example(files={"old.env": "JWT_EXPIRE_SECONDS=3min\n"}, arguments=_import()),
        right=Example(files={"old.env": "JWT_EXPIRE_SECONDS=180\n"}, arguments=_import()),
    ),
    Entry(
        code="FS724",
        title="A value depends on the environment",
        severity=Severity.WARNING,
        meaning=(
            "The dotenv file refers to a variable that it does not set itself. TOML has no such "
            "references: the value is written as it is here and now, for the user who imports it."
        ),
        fix="Look whether the value written is the one that the server would have.",
        broken=Example(
            files={"old.env": "FRACTAL_TASKS_DIR=${HOME}/tasks\n"},
            environ={"HOME": "/home/fractal"},
            arguments=_import(),
        ),
        right=Example(
            files={"old.env": "FRACTAL_TASKS_DIR=/home/fractal/tasks\n"}, arguments=_import()
        ),
    ),
    Entry(
        code="FS725",
        title="A variable is set twice",
        severity=Severity.WARNING,
        meaning="The last one counts, as it does for the reader of that format.",
        fix="Look whether the value written is the one that was meant.",
        broken=Example(files={"old.env": "POSTGRES_DB=a\nPOSTGRES_DB=b\n"}, arguments=_import()),
        right=Example(files={"old.env": "POSTGRES_DB=b\n"}, arguments=_import()),
    ),
    Entry(
        code="FS726",
        title="The TOML file cannot be edited without harm",
        severity=Severity.ERROR,
        meaning=(
            "Its sections are written in a way (an inline table, or dotted keys) into which no "
            "line can be put without rewriting the rest."
        ),
        fix="Write the section as `[name]` with one `KEY = value` a line, then import again.",
        broken=Example(
            files={
                SETTINGS: 'prod = { POSTGRES_DB = "a" }\n',
                "old.env": "POSTGRES_USER=fractal\n",
            },
            arguments=_import(),
        ),
        right=Example(
            files={SETTINGS: '[prod]\nPOSTGRES_DB = "a"\n', "old.env": "POSTGRES_USER=fractal\n"},
            arguments=_import(),
        ),
    ),
    Entry(
        code="FS730",
        title="The command cannot be run",
        severity=Severity.ERROR,
        meaning=(
            "The configuration is fine, but the command after `--` is not on PATH (exit code "
            "127), or the system refuses to run it (exit code 126), or the present locale has no "
            "way to write one of the settings (exit code 78)."
        ),
        fix="Name a command that is installed, if need be by its path.",
        broken=example(arguments=("run", "--", "no-such-command")),
        right=example(
            arguments=("run", "--", "true"),
            needs="a process of its own, which becomes the command",
            PATH="/usr/bin:/bin",
        ),
    ),
)
