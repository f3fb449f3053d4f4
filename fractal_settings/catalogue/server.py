"""The codes of what the server requires before it starts, its runners' files included."""

from __future__ import annotations

from fractal_settings.problems import Severity

from .entry import SETTINGS, STATIC, Entry, Example, example

_BASE = """[default]
POSTGRES_DB = "fractal"
FRACTAL_TASKS_DIR = "/srv/fractal/tasks"
FRACTAL_TASKS_PYTHON_DEFAULT_VERSION = "3.11"
FRACTAL_TASKS_PYTHON_3_11 = "/usr/bin/python3.11"
FRACTAL_RUNNER_WORKING_BASE_DIR = "/srv/fractal/jobs"
"""
_SSH = 'FRACTAL_RUNNER_BACKEND = "slurm_ssh"\n'
_WORKER = 'FRACTAL_SLURM_WORKER_PYTHON = "/opt/fractal/bin/python3.11"\n'
_FILE = 'FRACTAL_SLURM_CONFIG_FILE = "config/slurm.json"\n'
_LOCAL = "config/local.json"

_OPTIONS = '"default_slurm_config": {"partition": "main", "mem": "2G"}'
_BATCHING = """"batching_config": {
    "target_cpus_per_job": 8, "max_cpus_per_job": 16,
    "target_mem_per_job": "32G", "max_mem_per_job": "64G",
    "target_num_jobs": 4, "max_num_jobs": 20
  }"""


def _static(toml: str, slurm: str = f"{_OPTIONS},\n  {_BATCHING}") -> Example:
    """A folder that is complete, with lines to add to it and the content of its SLURM file."""
    return Example(
        {SETTINGS: _BASE + toml, "config/slurm.json": f"{{\n  {slurm}\n}}\n"}, {}, STATIC
    )


def _slurm(options: str = _OPTIONS, batching: str = _BATCHING) -> Example:
    """A folder that is complete, whose SLURM file has these two parts."""
    backend = 'FRACTAL_RUNNER_BACKEND = "slurm"\n'
    return _static(backend + _FILE, f"{options},\n  {batching}")


def _options(text: str) -> Example:
    return _slurm(f'"default_slurm_config": {{"partition": "main", {text}}}')


def _local(text: str) -> Example:
    return example(files={_LOCAL: text}, FRACTAL_LOCAL_CONFIG_FILE=_LOCAL)


ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="FS301",
        title="A required setting is missing",
        severity=Severity.ERROR,
        meaning=(
            "The server refuses to start without JWT_SECRET_KEY, POSTGRES_DB, FRACTAL_TASKS_DIR "
            "and FRACTAL_RUNNER_WORKING_BASE_DIR. An empty key or database name counts as missing. "
            "The report says where was looked, and which name nearly like it is there."
        ),
        fix=(
            "Give it: a secret as a variable, a mounted file or in `.secrets.toml`; the others in "
            "`settings.toml`."
        ),
        broken=example(without=("POSTGRES_DB",), POSTGRES_DATABASE="fractal"),
        right=example(POSTGRES_DB="fractal"),
    ),
    Entry(
        code="FS302",
        title="The SLURM file is not set",
        severity=Severity.ERROR,
        meaning=(
            "The backends slurm and slurm_ssh read from a JSON file which partition, memory and "
            "time to ask SLURM for, and how to pack tasks into jobs. There is no default for it."
        ),
        fix="Set FRACTAL_SLURM_CONFIG_FILE to the path of that file.",
        broken=_static('FRACTAL_RUNNER_BACKEND = "slurm"\n'),
        right=_slurm(),
    ),
    Entry(
        code="FS303",
        title="The worker interpreter is not set",
        severity=Severity.ERROR,
        meaning=(
            "With the backend slurm_ssh the jobs run on another cluster, where the server's own "
            "interpreter does not exist. So it must be told which one runs the tasks there."
        ),
        fix="Set FRACTAL_SLURM_WORKER_PYTHON to an interpreter's absolute path on the cluster.",
        broken=_static(_SSH + _FILE),
        right=_static(_SSH + _FILE + _WORKER),
    ),
    Entry(
        code="FS304",
        title="The runner's file does not exist",
        severity=Severity.ERROR,
        meaning=(
            "The JSON file of the backend in use is named, and is not there. A relative path "
            "counts from the directory in which the server is started, not from the settings "
            "folder. The file of another backend is not looked at."
        ),
        fix="Write the file, or correct the path; an absolute one is the same everywhere.",
        broken=example(FRACTAL_LOCAL_CONFIG_FILE="local.json"),
        right=_local('{"parallel_tasks_per_job": 4}\n'),
    ),
    Entry(
        code="FS309",
        title="Not a port",
        severity=Severity.ERROR,
        meaning=(
            "POSTGRES_PORT is text for the server, which makes a number of it at the first use of "
            "the database. What is no integer from 1 to 65535 would let it start, and then fail."
        ),
        fix="Write the port's number alone.",
        broken=example('[default]\nPOSTGRES_PORT = "5432/tcp"\n'),
        right=example('[default]\nPOSTGRES_PORT = "5432"\n'),
    ),
    Entry(
        code="FS310",
        title="A database password to be given at deployment",
        severity=Severity.NOTE,
        meaning=(
            "With `--static` only what is committed is looked at, and a password should not be. "
            "Whether one is needed depends on how the database lets users in: over a UNIX socket "
            "it often asks for none."
        ),
        fix="Where the database asks for it, set POSTGRES_PASSWORD or mount it as a secret file.",
        broken=_static(""),
        right=example(environ={"POSTGRES_PASSWORD": "made-up"}),
    ),
    Entry(
        code="FS311",
        title="An unknown key in a runner's file",
        severity=Severity.ERROR,
        meaning=(
            "The server refuses a SLURM or local JSON file with a key that it does not know, so "
            "that a misspelt one is not passed over."
        ),
        fix="Correct the name or remove the key. What SLURM alone knows goes into `extra_lines`.",
        broken=_options('"memory": "2G"'),
        right=_options('"mem": "2G"'),
    ),
    Entry(
        code="FS312",
        title="A missing key in a runner's file",
        severity=Severity.ERROR,
        meaning=(
            "A SLURM JSON file needs `default_slurm_config`, and `batching_config` with all six of "
            "its keys; the server refuses it otherwise."
        ),
        fix="Add the key.",
        broken=_slurm(batching=_BATCHING.replace(',\n    "target_num_jobs": 4', "")),
        right=_slurm(),
    ),
    Entry(
        code="FS313",
        title="Not an integer in a runner's file",
        severity=Severity.ERROR,
        meaning=(
            "The key counts something: CPUs, jobs or tasks. A boolean, a number with decimals or a "
            "word is none. The server would cut off decimals without a word."
        ),
        fix="Write a whole number.",
        broken=_local('{"parallel_tasks_per_job": 2.5}\n'),
        right=_local('{"parallel_tasks_per_job": 2}\n'),
    ),
    Entry(
        code="FS314",
        title="Not text in a runner's file",
        severity=Severity.ERROR,
        meaning=(
            "The key is handed to SLURM, or to the shell, as text. A number is taken as its text; "
            "a boolean, a list or an object has none."
        ),
        fix="Write the text in double quotes.",
        broken=_options('"constraint": ["gpu", "a100"]'),
        right=_options('"constraint": "gpu&a100"'),
    ),
    Entry(
        code="FS315",
        title="Not an amount of memory",
        severity=Severity.ERROR,
        meaning=(
            "Memory is a number of MB, or digits in quotes with M, G (1,000 MB) or T (1,000,000 "
            "MB) behind them. Other units, decimals, blanks and negative amounts are refused."
        ),
        fix='Write it as a number of MB, or in the form "10G".',
        broken=_options('"mem": "1.5GB"'),
        right=_options('"mem": "1500M"'),
    ),
    Entry(
        code="FS316",
        title="Not a list of texts in a runner's file",
        severity=Severity.ERROR,
        meaning=(
            "`extra_lines` and `pre_submission_commands` hold any number of lines, so each is a "
            "list, also for a single line."
        ),
        fix="Put brackets around it.",
        broken=_options('"extra_lines": "#SBATCH --exclusive"'),
        right=_options('"extra_lines": ["#SBATCH --exclusive"]'),
    ),
    Entry(
        code="FS317",
        title="Not an object in a runner's file",
        severity=Severity.ERROR,
        meaning=(
            "The parts of a SLURM JSON file are objects, keys with values in braces. The server "
            "would take some lists for one, and read them as something else than was meant."
        ),
        fix="Write it in braces: `{ ... }`.",
        broken=_slurm('"default_slurm_config": [{"partition": "main"}]'),
        right=_slurm('"default_slurm_config": {"partition": "main"}'),
    ),
    Entry(
        code="FS318",
        title="A target above its maximum",
        severity=Severity.WARNING,
        meaning=(
            "The server packs tasks into jobs so that each comes near the target and none exceeds "
            "the maximum. With the target above the maximum it can do only one of the two."
        ),
        fix="Lower the target or raise the maximum.",
        broken=_slurm(batching=_BATCHING.replace('job": 8', 'job": 32')),
        right=_slurm(),
    ),
    Entry(
        code="FS319",
        title="No partition by default",
        severity=Severity.WARNING,
        meaning=(
            "Each job names a partition when it is submitted. If `default_slurm_config` has none, "
            "no task that asks for no GPU can be run, even if the cluster has a default partition."
        ),
        fix="Name a partition in `default_slurm_config`.",
        broken=_slurm('"default_slurm_config": {"mem": "2G"}'),
        right=_slurm(),
    ),
    Entry(
        code="FS320",
        title="A line twice",
        severity=Severity.WARNING,
        meaning=(
            "`extra_lines` has a line twice. The server drops repeated lines, and with them the "
            "order of all the others: a line that needs an earlier one may come before it."
        ),
        fix="Keep each line once.",
        broken=_options('"extra_lines": ["module load cuda", "module load cuda"]'),
        right=_options('"extra_lines": ["module load cuda"]'),
    ),
    Entry(
        code="FS321",
        title="No task at a time",
        severity=Severity.WARNING,
        meaning=(
            "`parallel_tasks_per_job` is zero or negative. The local backend runs tasks in groups "
            "of that size: with zero every job fails, and with less no task is run at all."
        ),
        fix="Write 1 or more, or `null` for no limit.",
        broken=_local('{"parallel_tasks_per_job": 0}\n'),
        right=_local('{"parallel_tasks_per_job": null}\n'),
    ),
)
