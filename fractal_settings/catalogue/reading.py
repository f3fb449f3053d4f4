"""The codes of reading: folders, files, and what they hold before a name counts."""

from __future__ import annotations

from fractal_settings.problems import Severity

from .entry import PROD, SETTINGS, Entry, example

_PROD = '[prod]\nPOSTGRES_DB = "fractal"\n'
_TWO = '[dev]\nPOSTGRES_DB = "fractal_dev"\n\n[prod]\nPOSTGRES_DB = "fractal"\n'
_LOCAL_JSON = "config/local.json"

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="FS101",
        title="No settings.toml where one was named",
        severity=Severity.ERROR,
        meaning=(
            "A settings folder was named, by `--config-dir`, by FRACTAL_SETTINGS_DIR or as an "
            "argument, or there is a `config/` with other TOML files of ours or one that is named "
            "nearly so, and it has no `settings.toml`. A server that then ran on its environment "
            "alone would run with other values than its administrator wrote down."
        ),
        fix=(
            "Correct the folder's name, or write the file: `fractal-settings init` does. Where "
            "the environment alone is to serve, name no folder."
        ),
        broken=example(FRACTAL_SETTINGS_DIR="/etc/fractal-settings"),
        right=example(
            files={"etc/settings.toml": "[default]\nCOOKIE_EXPIRE_SECONDS = 28800\n"},
            FRACTAL_SETTINGS_DIR="etc",
        ),
    ),
    Entry(
        code="FS102",
        title="A file or folder cannot be read",
        severity=Severity.ERROR,
        meaning=(
            "It was named, or stands where settings are looked for, but the system does not "
            "let this user read it, or nothing is there, or it is a link that leads nowhere. What "
            "it holds may be what makes the difference between two environments, so nothing is "
            "guessed."
        ),
        fix=(
            "Make the path lead to a file that the server's user can read, or unset the variable "
            "that names it."
        ),
        broken=example(
            without=("JWT_SECRET_KEY",), environ={"JWT_SECRET_KEY_FILE": "/run/secrets/jwt-key"}
        ),
        right=example(
            files={"secrets/jwt-key": "made-up-5b0c1e97d2f84a63b7d9e5f1\n"},
            without=("JWT_SECRET_KEY",),
            environ={"JWT_SECRET_KEY_FILE": "secrets/jwt-key"},
        ),
    ),
    Entry(
        code="FS103",
        title="Something that is no regular file",
        severity=Severity.ERROR,
        meaning=(
            "A directory, a FIFO, a socket or a device stands where a file is expected, or a file "
            "where a folder is. Docker makes a directory of each bind mount whose source is "
            "missing, which is how it happens most often."
        ),
        fix="Remove it and put the file, or a link to it, in its place.",
        broken=example(files={f"{SETTINGS}/": ""}),
        right=example(_PROD, PROD),
    ),
    Entry(
        code="FS104",
        title="Beyond a limit",
        severity=Severity.ERROR,
        meaning=(
            "Files are looked at before they are parsed, because a few kilobytes can keep a parser "
            "busy for seconds. A TOML or JSON file may have 1 MiB, 20,000 keys, 64 levels and 64 "
            "parts in a dotted key; a secret file 64 KiB; a dotenv file 64 KiB, its lines 4 KiB, "
            "and a value in which `${...}` is replaced 64 KiB."
        ),
        fix="Make the file plainer. No configuration of the server comes near these limits.",
        broken=example(f"[prod]\nPOSTGRES_DB = {'[' * 65}'fractal'{']' * 65}\n", PROD),
        right=example(_PROD, PROD),
    ),
    Entry(
        code="FS105",
        title="Not UTF-8",
        severity=Severity.ERROR,
        meaning=(
            "TOML, JSON and the dotenv file are UTF-8 by definition. A file that an editor saved "
            "as Latin-1 or UTF-16, or a TOML or JSON file with a byte order mark, would be read as "
            "something else than its author sees."
        ),
        fix="Save the file as UTF-8, without a byte order mark.",
        broken=example('[prod]\nPROJECT_NAME = "Fractal Z\udcfcrich"\n', PROD),
        right=example('[prod]\nPROJECT_NAME = "Fractal Zürich"\n', PROD),
    ),
    Entry(
        code="FS106",
        title="Not TOML",
        severity=Severity.ERROR,
        meaning=(
            "The file breaks the rules of TOML, so none of it counts. Most often text lacks its "
            "quotes, or a key or a section stands in the file twice."
        ),
        fix="Mend the line that the report shows, or the one before it.",
        broken=example("[prod]\nPOSTGRES_DB = fractal\n", PROD),
        right=example(_PROD, PROD),
    ),
    Entry(
        code="FS107",
        title="Not JSON",
        severity=Severity.ERROR,
        meaning=(
            "The file of the SLURM or local backend breaks the rules of JSON, or holds something "
            "else than an object. JSON allows neither comments nor a comma after the last entry, "
            "and wants double quotes."
        ),
        fix="Mend the place that the report shows.",
        broken=example(
            files={_LOCAL_JSON: '{\n  "parallel_tasks_per_job": 4,\n}\n'},
            FRACTAL_LOCAL_CONFIG_FILE=_LOCAL_JSON,
        ),
        right=example(
            files={_LOCAL_JSON: '{\n  "parallel_tasks_per_job": 4\n}\n'},
            FRACTAL_LOCAL_CONFIG_FILE=_LOCAL_JSON,
        ),
    ),
    Entry(
        code="FS108",
        title="A key named twice in JSON",
        severity=Severity.ERROR,
        meaning=(
            "JSON lets an object name a key twice, and nearly every reader takes the last one in "
            "silence. Only one of the two values can have been meant."
        ),
        fix="Keep one of the two.",
        broken=example(
            files={
                _LOCAL_JSON: (
                    '{\n  "parallel_tasks_per_job": 4,\n  "parallel_tasks_per_job": null\n}\n'
                )
            },
            FRACTAL_LOCAL_CONFIG_FILE=_LOCAL_JSON,
        ),
        right=example(
            files={_LOCAL_JSON: '{\n  "parallel_tasks_per_job": null\n}\n'},
            FRACTAL_LOCAL_CONFIG_FILE=_LOCAL_JSON,
        ),
    ),
    Entry(
        code="FS109",
        title="An empty settings.toml",
        severity=Severity.ERROR,
        meaning=(
            "The file is there and holds nothing. That is what a failed copy, a full disk or a "
            "template that was never filled in leaves behind, and with it the server would run on "
            "defaults. An empty `.secrets.toml` is fine."
        ),
        fix="Write a section, if need be `[default]` with nothing in it, or remove the folder.",
        broken=example("# to be filled in\n"),
        right=example("# The environment says it all.\n[default]\n"),
    ),
    Entry(
        code="FS110",
        title="No environment chosen",
        severity=Severity.ERROR,
        meaning=(
            "`settings.toml` has sections for environments, and nobody said which one this is. A "
            "container in production must never run on another environment's values because a "
            "variable was forgotten, so there is no environment by default."
        ),
        fix="Pass `--env`, or set FRACTAL_ENV where the server is started.",
        broken=example(_TWO),
        right=example(_TWO, FRACTAL_ENV="prod"),
    ),
    Entry(
        code="FS111",
        title="An unknown environment",
        severity=Severity.ERROR,
        meaning=(
            "The environment that was chosen has a section in none of the files. With `[default]` "
            "alone the server would run on values that were meant for no environment at all. Names "
            "of sections are case-sensitive."
        ),
        fix="Choose one of the sections that the report lists, or write the one that is missing.",
        broken=example(_TWO, ("check", "--env", "production")),
        right=example(_TWO, PROD),
    ),
    Entry(
        code="FS112",
        title="A reserved name as environment",
        severity=Severity.ERROR,
        meaning=(
            "`[default]` counts in every environment and is none itself, and Dynaconf keeps the "
            "names global, main and dynaconf for purposes of its own."
        ),
        fix="Choose an environment that has a section of its own.",
        broken=example(_TWO, ("check", "--env", "default")),
        right=example(_TWO, PROD),
    ),
    Entry(
        code="FS113",
        title="A key outside a section",
        severity=Severity.ERROR,
        meaning=(
            "A key above the first section belongs to no environment. Dynaconf passes over such "
            "keys in silence, so the value would be lost."
        ),
        fix="Move it below `[default]`, or below the section of the environment it is meant for.",
        broken=example('POSTGRES_HOST = "db.institute.example"\n\n[default]\n'),
        right=example('[default]\nPOSTGRES_HOST = "db.institute.example"\n'),
    ),
    Entry(
        code="FS114",
        title="Something that is no section",
        severity=Severity.ERROR,
        meaning=(
            "The name of the table is reserved, or empty, or differs from another one only in "
            "case, or it is a list of tables (`[[prod]]`). Dynaconf would read some of these as "
            "something else, and lose others."
        ),
        fix="Write one `[name]` for each environment, and `[default]` for what they share.",
        broken=example("[global]\nCOOKIE_EXPIRE_SECONDS = 28800\n"),
        right=example("[default]\nCOOKIE_EXPIRE_SECONDS = 28800\n"),
    ),
    Entry(
        code="FS120",
        title="A file that changes while it is read",
        severity=Severity.ERROR,
        meaning=(
            "The file was being written each of the five times that it was read, so that no "
            "reading of it was whole. Half a file of settings may well be valid, and mean "
            "something else."
        ),
        fix="Write the new content to a neighbour and rename that, so that readers see it whole.",
        broken=example(_PROD, PROD, needs=f"a program that keeps writing to {SETTINGS}"),
        right=example(_PROD, PROD),
    ),
)
