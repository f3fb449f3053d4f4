"""What every rival loads: a file with all settings in four sections, and ten variables."""

from pathlib import Path

SECTIONS = ("default", "dev", "staging", "prod")

SECTION = """
[{section}]
PROJECT_NAME = "Fractal {section}"
PROJECT_VERSION = "2.9.0a8"
OAUTH_GITHUB_CLIENT_ID = "{section}-github"
OAUTH_GITHUB_CLIENT_SECRET = "made up"
OAUTH_INSTITUTE_CLIENT_ID = "{section}-institute"
OAUTH_INSTITUTE_CLIENT_SECRET = "made up too"
OAUTH_INSTITUTE_OIDC_CONFIGURATION_ENDPOINT = "https://login.example/{section}/openid-configuration"
OAUTH_INSTITUTE_REDIRECT_URL = "https://{section}.example/auth/institute/callback/"
JWT_EXPIRE_SECONDS = 3600
JWT_SECRET_KEY = "8f9c{section}d1e27c5b3a4906f8e1d2c3b4a5968778695a4b3c2d1e0f"
COOKIE_EXPIRE_SECONDS = 43200
DB_ECHO = true
POSTGRES_USER = "fractal"
POSTGRES_PASSWORD = "made up as well"
POSTGRES_HOST = "db-{section}.example"
POSTGRES_PORT = "5433"
POSTGRES_DB = "fractal_{section}"
FRACTAL_DEFAULT_ADMIN_EMAIL = "admin@{section}.example"
FRACTAL_DEFAULT_ADMIN_PASSWORD = "made up for the admin"
FRACTAL_DEFAULT_ADMIN_USERNAME = "root-{section}"
FRACTAL_TASKS_DIR = "/srv/fractal/{section}/tasks"
FRACTAL_RUNNER_BACKEND = "slurm"
FRACTAL_RUNNER_WORKING_BASE_DIR = "/srv/fractal/{section}/jobs"
FRACTAL_LOGGING_LEVEL = 30
FRACTAL_LOCAL_CONFIG_FILE = "/etc/fractal/{section}/local.json"
FRACTAL_API_MAX_JOB_LIST_LENGTH = 25
FRACTAL_GRACEFUL_SHUTDOWN_TIME = 10
FRACTAL_SLURM_CONFIG_FILE = "/etc/fractal/{section}/slurm.json"
FRACTAL_SLURM_WORKER_PYTHON = "/opt/worker/bin/python3.11"
FRACTAL_TASKS_PYTHON_DEFAULT_VERSION = "3.11"
FRACTAL_TASKS_PYTHON_3_9 = "/usr/bin/python3.9"
FRACTAL_TASKS_PYTHON_3_10 = "/usr/bin/python3.10"
FRACTAL_TASKS_PYTHON_3_11 = "/usr/bin/python3.11"
FRACTAL_TASKS_PYTHON_3_12 = "/usr/bin/python3.12"
FRACTAL_SLURM_POLL_INTERVAL = 15
FRACTAL_SLURM_SBATCH_SLEEP = 0.5
FRACTAL_SLURM_ERROR_HANDLING_INTERVAL = 8
FRACTAL_API_SUBMIT_RATE_LIMIT = 4
FRACTAL_RUNNER_TASKS_INCLUDE_IMAGE = "Copy OME-Zarr structure"
FRACTAL_API_V1_MODE = "exclude"
FRACTAL_MAX_PIP_VERSION = "24.2"
"""

VARIABLES = {
    "PROJECT_NAME": "Fractal from the environment",
    "JWT_SECRET_KEY": "c29tZXRoaW5nIGxvbmcgZW5vdWdoIHRvIHNpZ24gd2l0aA",
    "JWT_EXPIRE_SECONDS": "7200",
    "DB_ECHO": "false",
    "POSTGRES_HOST": "db.environment.example",
    "POSTGRES_PASSWORD": "made up in the environment",
    "FRACTAL_LOGGING_LEVEL": "40",
    "FRACTAL_TASKS_DIR": "/mnt/tasks",
    "FRACTAL_SLURM_SBATCH_SLEEP": "1.5",
    "FRACTAL_API_V1_MODE": "include_read_only",
}


def write(folder: Path) -> Path:
    """Put `config/settings.toml` into the folder, which becomes the working directory."""
    (folder / "config").mkdir()
    text = "".join(SECTION.format(section=section) for section in SECTIONS)
    (folder / "config" / "settings.toml").write_text(text, encoding="utf-8")
    return folder


def many_clients(count: int) -> str:
    """A settings.toml with so many OAuth clients, four names each."""
    lines = ["[default]", "[prod]"]
    for number in range(count):
        client = f"OAUTH_C{number:04}"
        lines += [
            f'{client}_CLIENT_ID = "id-{number}"',
            f'{client}_CLIENT_SECRET = "made up {number}"',
            f'{client}_OIDC_CONFIGURATION_ENDPOINT = "https://login.example/{number}"',
            f'{client}_REDIRECT_URL = "https://f.example/{number}"',
        ]
    return "\n".join(lines) + "\n"


def many_sections(count: int) -> str:
    """A settings.toml with so many sections of all settings, `[prod]` the last of them."""
    names = ["default", *(f"site{number:03}" for number in range(count - 2)), "prod"]
    return "".join(SECTION.format(section=name) for name in names)
