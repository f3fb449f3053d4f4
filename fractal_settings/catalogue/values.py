"""The codes of values: their types, and what an administrator should know of them."""

from __future__ import annotations

from fractal_settings.problems import Severity

from .entry import PROD, Entry, example

_DEFAULT_VERSION = "FRACTAL_TASKS_PYTHON_DEFAULT_VERSION"
_INTERPRETERS = (_DEFAULT_VERSION, "FRACTAL_TASKS_PYTHON_3_11")

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="FS201",
        title="Not an integer",
        severity=Severity.ERROR,
        meaning=(
            "The setting is a whole number. In TOML it stands without quotes or as text of digits; "
            "in a variable it is always such text. A unit (`1h`), a decimal point (`30.0`) and a "
            "boolean are refused, as they are by the server."
        ),
        fix="Write the number alone, in the unit that the report names.",
        broken=example('[prod]\nJWT_EXPIRE_SECONDS = "1h"\n', PROD),
        right=example("[prod]\nJWT_EXPIRE_SECONDS = 3600\n", PROD),
    ),
    Entry(
        code="FS202",
        title="Not a boolean",
        severity=Severity.ERROR,
        meaning=(
            "The setting is either on or off. In TOML that is `true` or `false`; a variable may "
            "say true, yes, on, 1 or false, no, off, 0 as well."
        ),
        fix="Write true or false.",
        broken=example(DB_ECHO="debug"),
        right=example(DB_ECHO="true"),
    ),
    Entry(
        code="FS203",
        title="Not a Python version",
        severity=Severity.ERROR,
        meaning=(
            "The server collects tasks for Python 3.9, 3.10, 3.11 and 3.12, and knows each by this "
            "very text. Without quotes TOML reads a version as a number, and the number 3.10 is "
            "3.1."
        ),
        fix='Write one of the four in quotes, such as "3.10".',
        broken=example(
            "[prod]\nFRACTAL_TASKS_PYTHON_DEFAULT_VERSION = 3.10\n"
            'FRACTAL_TASKS_PYTHON_3_10 = "/usr/bin/python3.10"\n',
            PROD,
        ),
        right=example(
            '[prod]\nFRACTAL_TASKS_PYTHON_DEFAULT_VERSION = "3.10"\n'
            'FRACTAL_TASKS_PYTHON_3_10 = "/usr/bin/python3.10"\n',
            PROD,
        ),
    ),
    Entry(
        code="FS204",
        title="Not one of the choices",
        severity=Severity.ERROR,
        meaning=(
            "The setting takes one of a few words, to the letter: capitals, blanks and hyphens "
            "count."
        ),
        fix="Write one of the words that the report lists.",
        broken=example('[prod]\nFRACTAL_API_V1_MODE = "read-only"\n', PROD),
        right=example('[prod]\nFRACTAL_API_V1_MODE = "include_read_only"\n', PROD),
    ),
    Entry(
        code="FS205",
        title="Not a number",
        severity=Severity.ERROR,
        meaning=(
            "The setting is a number that may have decimals. Its decimal sign is a point, and it "
            "has no unit."
        ),
        fix="Write the number alone, with a decimal point if it needs one.",
        broken=example('[prod]\nFRACTAL_SLURM_SBATCH_SLEEP = "0,5"\n', PROD),
        right=example("[prod]\nFRACTAL_SLURM_SBATCH_SLEEP = 0.5\n", PROD),
    ),
    Entry(
        code="FS206",
        title="Not text",
        severity=Severity.ERROR,
        meaning=(
            "The setting is text, and TOML holds something else: a number, a date or a boolean "
            "that lacks its quotes. Made into text again it would not always be what was written: "
            "24.10 would be 24.1, and 007 is no TOML at all."
        ),
        fix="Put the value in quotes.",
        broken=example("[prod]\nFRACTAL_MAX_PIP_VERSION = 24.0\n", PROD),
        right=example('[prod]\nFRACTAL_MAX_PIP_VERSION = "24.0"\n', PROD),
    ),
    Entry(
        code="FS208",
        title="A NUL character",
        severity=Severity.ERROR,
        meaning=(
            "The text holds a NUL, the character with the number 0. No environment variable can "
            "carry one, so the server could never be given this value, and no file can be named "
            "so."
        ),
        fix="Remove the character; in TOML it is written `\\u0000`.",
        broken=example('[prod]\nPROJECT_NAME = "Fractal\\u0000"\n', PROD),
        right=example('[prod]\nPROJECT_NAME = "Fractal"\n', PROD),
    ),
    Entry(
        code="FS209",
        title="Not an absolute path",
        severity=Severity.ERROR,
        meaning=(
            "Interpreters are started from other directories and on other machines than the "
            "server's, so the server wants their whole path, that of an interpreter which it will "
            "discard included. An empty text counts as given."
        ),
        fix="Write the path from `/` on, or remove the setting.",
        broken=example('[prod]\nFRACTAL_SLURM_WORKER_PYTHON = "python3.11"\n', PROD),
        right=example('[prod]\nFRACTAL_SLURM_WORKER_PYTHON = "/usr/bin/python3.11"\n', PROD),
    ),
    Entry(
        code="FS210",
        title="The interpreter of the default version is missing",
        severity=Severity.ERROR,
        meaning=(
            "With a default version set, the server makes task environments from the interpreter "
            "that is given for that version, and refuses to start without it. It does not take its "
            "own in that place, not even where the versions agree."
        ),
        fix="Give the interpreter of that version, or choose a version whose interpreter is given.",
        broken=example(
            '[prod]\nFRACTAL_TASKS_PYTHON_DEFAULT_VERSION = "3.12"\n'
            'FRACTAL_TASKS_PYTHON_3_11 = "/usr/bin/python3.11"\n',
            PROD,
        ),
        right=example(
            '[prod]\nFRACTAL_TASKS_PYTHON_DEFAULT_VERSION = "3.11"\n'
            'FRACTAL_TASKS_PYTHON_3_11 = "/usr/bin/python3.11"\n',
            PROD,
        ),
    ),
    Entry(
        code="FS211",
        title="The server's Python is no version it can use",
        severity=Severity.ERROR,
        meaning=(
            "No default version is set, so the server takes its own Python, and that is none of "
            "3.9 to 3.12, or could not be asked. Which Python runs the server is not known here: "
            "it is the one that `--server-python` or FRACTAL_SERVER_PYTHON names, else our own."
        ),
        fix=(
            "Name the server's Python, or set FRACTAL_TASKS_PYTHON_DEFAULT_VERSION and the "
            "interpreter of that version."
        ),
        broken=example(without=_INTERPRETERS, FRACTAL_SERVER_PYTHON="/opt/fractal-server/python"),
        right=example(FRACTAL_SERVER_PYTHON="/opt/fractal-server/python"),
    ),
    Entry(
        code="FS217",
        title="A relative directory",
        severity=Severity.WARNING,
        meaning=(
            "The server resolves the directory against the one it is started in. Started by hand "
            "and by a service manager it would use two different places, and tasks that were "
            "collected in one would be missing in the other."
        ),
        fix="Write the absolute path.",
        broken=example('[prod]\nFRACTAL_TASKS_DIR = "fractal/tasks"\n', PROD),
        right=example('[prod]\nFRACTAL_TASKS_DIR = "/srv/fractal/tasks"\n', PROD),
    ),
    Entry(
        code="FS218",
        title="A negative or zero time",
        severity=Severity.WARNING,
        meaning=(
            "The server accepts it, and does not take it as endless: a token with such a lifetime "
            "has expired when it is made, so nobody can log in, and an interval of nothing keeps a "
            "thread busy."
        ),
        fix="Write a positive number of seconds; for a long time, a large one.",
        broken=example("[prod]\nJWT_EXPIRE_SECONDS = -1\n", PROD),
        right=example("[prod]\nJWT_EXPIRE_SECONDS = 86400\n", PROD),
    ),
    Entry(
        code="FS220",
        title="A pause that cannot be slept",
        severity=Severity.ERROR,
        meaning=(
            "The server sleeps this long between two calls of `sbatch`, and Python refuses to "
            "sleep for a negative, infinite or undefined time. The server would start, and each "
            "task of several SLURM jobs would fail."
        ),
        fix="Write 0 or a positive number of seconds.",
        broken=example("[prod]\nFRACTAL_SLURM_SBATCH_SLEEP = -0.5\n", PROD),
        right=example("[prod]\nFRACTAL_SLURM_SBATCH_SLEEP = 0.5\n", PROD),
    ),
    Entry(
        code="FS221",
        title="Bytes in the URL that are not UTF-8",
        severity=Severity.ERROR,
        meaning=(
            "A variable or a secret file has bytes that are not UTF-8, and the database's URL is "
            "made of it. A URL is text: the first connection to the database would fail."
        ),
        fix="Write the value in UTF-8, for instance in a terminal or an editor that is set to it.",
        broken=example(POSTGRES_USER="j\udcfcrgen"),
        right=example(POSTGRES_USER="jürgen"),
    ),
    Entry(
        code="FS222",
        title="Bytes that are not UTF-8",
        severity=Severity.WARNING,
        meaning=(
            "A variable or a secret file has bytes that are not UTF-8. Python keeps them as they "
            "are, and fails once it has to write them: in a log, in an answer of the API, in JSON."
        ),
        fix="Write the value in UTF-8, for instance in a terminal or an editor that is set to it.",
        broken=example(PROJECT_NAME="Fractal Z\udcfcrich"),
        right=example(PROJECT_NAME="Fractal Zürich"),
    ),
    Entry(
        code="FS223",
        title="No e-mail address",
        severity=Severity.WARNING,
        meaning=(
            "At its first start the server makes a superuser with this e-mail address. With text "
            "that is none that fails, and there is nobody who could log in."
        ),
        fix="Write an address of the form `name@domain.example`.",
        broken=example('[prod]\nFRACTAL_DEFAULT_ADMIN_EMAIL = "admin@localhost"\n', PROD),
        right=example('[prod]\nFRACTAL_DEFAULT_ADMIN_EMAIL = "it@institute.example"\n', PROD),
    ),
    Entry(
        code="FS224",
        title="The default admin password",
        severity=Severity.WARNING,
        meaning=(
            "The first superuser gets the password that is printed in the server's documentation. "
            "From the first start until somebody changes it, everybody who reaches the server can "
            "be its administrator. In an environment named dev nothing is said of it."
        ),
        fix="Set FRACTAL_DEFAULT_ADMIN_PASSWORD as you set the other secrets.",
        broken=example("[prod]\n", PROD, without=("FRACTAL_DEFAULT_ADMIN_PASSWORD",)),
        right=example("[prod]\n", PROD),
    ),
    Entry(
        code="FS225",
        title="An empty database password",
        severity=Severity.WARNING,
        meaning=(
            "An empty password is one that the server sends. PostgreSQL never accepts it, and "
            "where none is asked for, it is not needed. Most often a variable was "
            "declared and never filled."
        ),
        fix="Give the password, or unset the variable.",
        broken=example(POSTGRES_PASSWORD=""),
        right=example(environ={"POSTGRES_PASSWORD": "made-up"}),
    ),
    Entry(
        code="FS226",
        title="~ or $ in a path",
        severity=Severity.WARNING,
        meaning=(
            "Nothing expands a home directory or a variable in a path: not the server, and in TOML "
            "and in the environment not we either. A directory named `~` or `$USER` would be made. "
            "(In `.fractal_server.env`, `${NAME}` is replaced.)"
        ),
        fix="Write the path in full.",
        broken=example('[prod]\nFRACTAL_TASKS_DIR = "/home/$USER/fractal"\n', PROD),
        right=example('[prod]\nFRACTAL_TASKS_DIR = "/home/fractal/fractal"\n', PROD),
    ),
    Entry(
        code="FS227",
        title="An interpreter that is discarded",
        severity=Severity.NOTE,
        meaning=(
            "Without a default version, the server takes its own Python as the only interpreter "
            "for tasks, and forgets all that are given, the one of its own version included."
        ),
        fix="Set FRACTAL_TASKS_PYTHON_DEFAULT_VERSION: then all that are given stay.",
        broken=example(
            '[prod]\nFRACTAL_TASKS_PYTHON_3_10 = "/usr/bin/python3.10"\n',
            PROD,
            without=_INTERPRETERS,
        ),
        right=example(
            '[prod]\nFRACTAL_TASKS_PYTHON_DEFAULT_VERSION = "3.10"\n'
            'FRACTAL_TASKS_PYTHON_3_10 = "/usr/bin/python3.10"\n',
            PROD,
        ),
    ),
    Entry(
        code="FS228",
        title="The server's Python was taken",
        severity=Severity.NOTE,
        meaning=(
            "No default version is set, so tasks are collected with the Python that runs the "
            "server. It cannot be seen from here: the report says which one was taken for it, and "
            "why. If the server runs on another one, its version and path will be others."
        ),
        fix=(
            "Name it with `--server-python` or FRACTAL_SERVER_PYTHON, or set the default version "
            "and its interpreter, and nothing depends on it."
        ),
        broken=example(without=_INTERPRETERS),
        right=example(),
    ),
    Entry(
        code="FS229",
        title="A directory that cannot be resolved",
        severity=Severity.ERROR,
        meaning=(
            "A relative directory becomes an absolute one, for which its symbolic links are "
            "followed, and these lead in a circle. The server refuses to start."
        ),
        fix="Mend the link, or write an absolute path that does not lead through it.",
        broken=example(files={"tasks@": "tasks"}, FRACTAL_TASKS_DIR="tasks"),
        right=example(files={"tasks/": ""}, FRACTAL_TASKS_DIR="tasks"),
    ),
)
