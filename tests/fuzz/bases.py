"""Right configurations, one for each way in which the server is configured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

SERVER_PYTHON = ("3.11", "/usr/bin/python3.11")


@dataclass
class Configuration:
    """What is on the disk, in the environment and in the call.

    Attributes:
        files: content by path below the working directory; for what is no file, a Special.
        environ: the environment variables, with {TMP} for the working directory.
        environment: the argument of load.
        overrides: the same.
    """

    files: dict[str, bytes | Special]
    environ: dict[str, str]
    environment: str | None = None
    overrides: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Special:
    """A directory, a FIFO, a link, or a file of holes."""

    kind: str
    target: str = ""


SETTINGS = "config/settings.toml"
SECRETS = "config/.secrets.toml"
LOCAL = "config/settings.local.toml"
LOCAL_SECRETS = "config/.secrets.local.toml"
DOTENV = ".fractal_server.env"
SLURM = "config/slurm.json"
LOCAL_JSON = "config/local.json"
JWT_FILE = "run/jwt"
MOUNTED = "mounted/POSTGRES_PASSWORD"
CREDENTIAL = "credentials/FRACTAL_DEFAULT_ADMIN_PASSWORD"

FILES: dict[str, bytes] = {
    SETTINGS: b"""\
[default]
POSTGRES_DB = "fractal"
POSTGRES_PORT = 5432
FRACTAL_TASKS_DIR = "/srv/fractal/tasks"
FRACTAL_RUNNER_WORKING_BASE_DIR = "jobs"
FRACTAL_TASKS_PYTHON_DEFAULT_VERSION = "3.11"
FRACTAL_TASKS_PYTHON_3_11 = "/usr/bin/python3.11"

[dev]
DB_ECHO = true
FRACTAL_SLURM_SBATCH_SLEEP = 0.5

[prod]
FRACTAL_RUNNER_BACKEND = "slurm"
FRACTAL_SLURM_CONFIG_FILE = "config/slurm.json"
OAUTH_INSTITUTE_CLIENT_ID = "fractal"
OAUTH_INSTITUTE_OIDC_CONFIGURATION_ENDPOINT = "https://idp.example.org/.well-known"
""",
    SECRETS: b"""\
[default]
JWT_SECRET_KEY = "made-up-5b0c1e97d2f84a63b7d9e5f1"
[prod]
OAUTH_INSTITUTE_CLIENT_SECRET = 'made-up'
""",
    LOCAL: b'[dev]\nPROJECT_NAME = """My\nFractal"""\n',
    LOCAL_SECRETS: b'[prod]\n"JWT_SECRET_KEY" = "made-up-of-this-machine-0123456789"\n',
    DOTENV: b"export POSTGRES_HOST='db.example.org'\nPOSTGRES_USER=${USER:-fractal}\n# none\n",
    SLURM: b"""\
{"default_slurm_config": {"partition": "main", "mem": "2G", "extra_lines": ["#SBATCH -x n1"]},
 "gpu_slurm_config": {"gres": "gpu:1", "cpus_per_task": 4},
 "batching_config": {"target_cpus_per_job": 8, "max_cpus_per_job": 16, "target_mem_per_job": "32G",
  "max_mem_per_job": 64000, "target_num_jobs": 4, "max_num_jobs": 20},
 "user_local_exports": {"CELLPOSE_PATH": "models"}}
""",
    LOCAL_JSON: b'{"parallel_tasks_per_job": 4}\n',
    JWT_FILE: b"made-up-in-a-file-0123456789abcdef\n",
    MOUNTED: b"made-up\r\n",
    CREDENTIAL: b"made-up-too",
}
ENVIRON = {
    "JWT_SECRET_KEY": "made-up-5b0c1e97d2f84a63b7d9e5f1",
    "POSTGRES_DB": "fractal",
    "FRACTAL_TASKS_DIR": "/srv/fractal/tasks",
    "FRACTAL_RUNNER_WORKING_BASE_DIR": "jobs",
    "PATH": "{TMP}/bin",
    "USER": "fractal",
}
BASES: tuple[Callable[[], Configuration], ...] = (
    lambda: Configuration({}, dict(ENVIRON)),
    lambda: Configuration({DOTENV: FILES[DOTENV]}, dict(ENVIRON)),
    lambda: Configuration(dict(FILES), {"PATH": ""}, "dev"),
    lambda: Configuration(dict(FILES), {"PATH": "{TMP}/bin", "FRACTAL_ENV": "prod"}),
    lambda: Configuration(
        {name: FILES[name] for name in (SETTINGS, MOUNTED, JWT_FILE, DOTENV)},
        {
            "FRACTAL_ENV": "dev",
            "FRACTAL_SECRETS_DIR": "{TMP}/mounted",
            "JWT_SECRET_KEY_FILE": "{TMP}/run/jwt",
        },
    ),
    lambda: Configuration(
        {name: FILES[name] for name in (SETTINGS, SECRETS, CREDENTIAL, LOCAL_JSON)},
        {
            "FRACTAL_SETTINGS_DIR": "config",
            "CREDENTIALS_DIRECTORY": "{TMP}/credentials",
            "FRACTAL_LOCAL_CONFIG_FILE": "config/local.json",
        },
        "dev",
        {"FRACTAL_LOGGING_LEVEL": 10},
    ),
    lambda: Configuration(
        {SLURM: FILES[SLURM]},
        {
            **ENVIRON,
            "FRACTAL_RUNNER_BACKEND": "slurm_ssh",
            "FRACTAL_SLURM_CONFIG_FILE": "{TMP}/config/slurm.json",
            "FRACTAL_SLURM_WORKER_PYTHON": "/usr/bin/python3",
        },
    ),
    lambda: Configuration(
        {},
        {
            **ENVIRON,
            "OAUTH_GITHUB_CLIENT_ID": "id",
            "OAUTH_GITHUB_CLIENT_SECRET": "made-up",
            "OAUTH_IDP_CLIENT_ID": "id",
            "OAUTH_IDP_CLIENT_SECRET": "made-up",
            "OAUTH_IDP_OIDC_CONFIGURATION_ENDPOINT": "https://u:p@idp.example.org/",
        },
    ),
)
