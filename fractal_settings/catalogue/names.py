"""The codes of names: keys and variables that count otherwise than their author thinks."""

from __future__ import annotations

from fractal_settings.problems import Severity

from .entry import PROD, Entry, example

_GITHUB = {"OAUTH_GITHUB_CLIENT_ID": "fractal", "OAUTH_GITHUB_CLIENT_SECRET": "made-up"}
_PASSWORD_FILE = {"POSTGRES_PASSWORD_FILE": "secrets/database"}
_ECHO = "[prod]\nDB_ECHO = true\n"
_DOTENV = ".fractal_server.env"

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="FS115",
        title="An unknown key",
        severity=Severity.ERROR,
        meaning=(
            "No setting is called that. It is most often misspelt, and the server would run with "
            "the default in its place. The four variables of an OAuth client are the only names "
            "that can be made up in part."
        ),
        fix="Write the name that the report proposes, or remove the key.",
        broken=example('[prod]\nFRACTAL_RUNNER_WORKDIR = "/srv/fractal/jobs"\n', PROD),
        right=example('[prod]\nFRACTAL_RUNNER_WORKING_BASE_DIR = "/srv/fractal/jobs"\n', PROD),
    ),
    Entry(
        code="FS116",
        title="A key not in capitals",
        severity=Severity.ERROR,
        meaning=(
            "The key, the environment variable and the attribute of the settings have one and the "
            "same name, in capitals. Stock Dynaconf takes either; here one spelling means one "
            "setting, so that no two keys can be the same one."
        ),
        fix="Write the name in capitals.",
        broken=example('[prod]\npostgres_host = "db.institute.example"\n', PROD),
        right=example('[prod]\nPOSTGRES_HOST = "db.institute.example"\n', PROD),
    ),
    Entry(
        code="FS117",
        title="A table or a list as a value",
        severity=Severity.ERROR,
        meaning=(
            "Every setting is one value that an environment variable could hold too, so none is a "
            "table or a list. A heading such as `[prod.postgres]` makes a table within `[prod]`."
        ),
        fix="Write each setting as one `NAME = value` with its whole name.",
        broken=example('[prod]\n\n[prod.POSTGRES]\nHOST = "db.institute.example"\n', PROD),
        right=example('[prod]\nPOSTGRES_HOST = "db.institute.example"\n', PROD),
    ),
    Entry(
        code="FS118",
        title="A name of ours outside the environment",
        severity=Severity.ERROR,
        meaning=(
            "FRACTAL_ENV, FRACTAL_SETTINGS_DIR, FRACTAL_SECRETS_DIR and FRACTAL_SERVER_PYTHON say "
            "where and how settings are read, so they must be known before any file is. In a file "
            "or an override they would come too late, and have no effect."
        ),
        fix="Remove it there and set it in the environment, or use the command line's option.",
        broken=example('[default]\nFRACTAL_ENV = "prod"\n\n[prod]\n', PROD),
        right=example("[default]\n\n[prod]\n", FRACTAL_ENV="prod"),
    ),
    Entry(
        code="FS119",
        title="OAUTH_CLIENTS_CONFIG set directly",
        severity=Severity.ERROR,
        meaning=(
            "The list of OAuth clients is made of the variables of each client; the server has no "
            "way to read it from one. As a variable of its own it would make the server look for a "
            "client named CLIENTS."
        ),
        fix="Write each client's variables, `OAUTH_<CLIENT>_CLIENT_ID` and so on.",
        broken=example(OAUTH_CLIENTS_CONFIG='[{"CLIENT_NAME": "GITHUB", "CLIENT_ID": "fractal"}]'),
        right=example(environ=_GITHUB),
    ),
    Entry(
        code="FS121",
        title="A dotenv line that is no assignment",
        severity=Severity.WARNING,
        meaning=(
            "A line of `.fractal_server.env` is not of the form `NAME=value`, or a quote in it is "
            "not closed. The server passes over such a line in silence, and what it was meant to "
            "set keeps another value."
        ),
        fix="Write `NAME=value`, and close each quote; put a `#` before what is a comment.",
        broken=example(files={_DOTENV: "POSTGRES_HOST: db.institute.example\n"}),
        right=example(files={_DOTENV: "POSTGRES_HOST=db.institute.example\n"}),
    ),
    Entry(
        code="FS122",
        title="A variable that has no effect",
        severity=Severity.WARNING,
        meaning=(
            "The variable begins as the server's do, and no setting is called that. The server "
            "passes over it in silence, and the setting that was meant keeps another value."
        ),
        fix="Correct the name if it is misspelt; else unset it.",
        broken=example(FRACTAL_LOG_LEVEL="10"),
        right=example(FRACTAL_LOGGING_LEVEL="10"),
    ),
    Entry(
        code="FS123",
        title="A variable for stock Dynaconf",
        severity=Severity.WARNING,
        meaning=(
            "Variables that begin with DYNACONF_ or end in _FOR_DYNACONF steer Dynaconf where it "
            "is used as it comes; some of them make it run code. Here it only merges what was "
            "already read, and none of them has any effect."
        ),
        fix="Unset it. FRACTAL_ENV chooses the environment, FRACTAL_SETTINGS_DIR the folder.",
        broken=example("[dev]\n\n[prod]\n", PROD, ENV_FOR_DYNACONF="prod"),
        right=example("[dev]\n\n[prod]\n", FRACTAL_ENV="prod"),
    ),
    Entry(
        code="FS125",
        title="A secret given in two forms",
        severity=Severity.ERROR,
        meaning=(
            "Both the variable of a secret and the one that names its file are set, be it to "
            "nothing. The two may differ, and which one counts would be a rule that somebody has "
            "to remember in the night of an incident."
        ),
        fix="Unset one of the two, as a rule the variable: a file is harder to read for others.",
        broken=example(
            files={"secrets/database": "made-up\n"},
            environ={**_PASSWORD_FILE, "POSTGRES_PASSWORD": "made-up"},
        ),
        right=example(files={"secrets/database": "made-up\n"}, environ=_PASSWORD_FILE),
    ),
    Entry(
        code="FS127",
        title="A secret file that is passed over",
        severity=Severity.NOTE,
        meaning=(
            "A file in the folder of secrets is named nearly like a setting. Only a file with the "
            "exact name of one is read; others may be there for other programs."
        ),
        fix="Give the file the name of the setting, if it was meant for it.",
        broken=example(
            files={"secrets/POSTGRES_PASSWD": "made-up\n"}, FRACTAL_SECRETS_DIR="secrets"
        ),
        right=example(
            files={"secrets/POSTGRES_PASSWORD": "made-up\n"}, FRACTAL_SECRETS_DIR="secrets"
        ),
    ),
    Entry(
        code="FS128",
        title="A value that overrides an equal one",
        severity=Severity.WARNING,
        meaning=(
            "A setting has the same value in two places, one of which overrides the other. It "
            "changes nothing today; once the lower one is changed, the upper one still hides it."
        ),
        fix="Keep the one in the place where a change is to be made.",
        broken=example(
            "[default]\nJWT_EXPIRE_SECONDS = 3600\n\n[prod]\nJWT_EXPIRE_SECONDS = 3600\n", PROD
        ),
        right=example("[default]\nJWT_EXPIRE_SECONDS = 3600\n\n[prod]\n", PROD),
    ),
    Entry(
        code="FS129",
        title="A file of the settings folder that is passed over",
        severity=Severity.WARNING,
        meaning=(
            "A file in the settings folder is named nearly like one that would be read and is not "
            "there. Four are: `settings.toml`, `.secrets.toml`, `settings.local.toml` and "
            "`.secrets.local.toml`, in lower case and with their dots. What this one says has no "
            "effect."
        ),
        fix="Give the file the name that it was meant to have, or another ending.",
        broken=example("[prod]\n", PROD, files={"config/settings-local.toml": _ECHO}),
        right=example("[prod]\n", PROD, files={"config/settings.local.toml": _ECHO}),
    ),
)
