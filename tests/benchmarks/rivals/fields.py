"""The same fields for every rival: names, types and defaults of Fractal Server's settings.

Plain pydantic, none of our rules: what anybody would write who has only the server's page. That
it stays the same list as our model is a test.
"""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator


class OAuthClient(BaseModel):
    CLIENT_NAME: str
    CLIENT_ID: str
    CLIENT_SECRET: str
    OIDC_CONFIGURATION_ENDPOINT: str | None = None
    REDIRECT_URL: str | None = None


class Fields(BaseModel):
    model_config = ConfigDict(extra="ignore")

    PROJECT_NAME: str = "Fractal Server"
    PROJECT_VERSION: str = "2.9.0a8"
    OAUTH_CLIENTS_CONFIG: list[OAuthClient] = []
    JWT_EXPIRE_SECONDS: int = 180
    JWT_SECRET_KEY: str | None = None
    COOKIE_EXPIRE_SECONDS: int = 86400
    DB_ECHO: bool = False
    POSTGRES_USER: str | None = None
    POSTGRES_PASSWORD: str | None = None
    POSTGRES_HOST: str | None = "localhost"
    POSTGRES_PORT: str | None = "5432"
    POSTGRES_DB: str | None = None
    FRACTAL_DEFAULT_ADMIN_EMAIL: str = "admin@fractal.xy"
    FRACTAL_DEFAULT_ADMIN_PASSWORD: str = "1234"
    FRACTAL_DEFAULT_ADMIN_USERNAME: str = "admin"
    FRACTAL_TASKS_DIR: Path | None = None
    FRACTAL_RUNNER_BACKEND: Literal["local", "local_experimental", "slurm", "slurm_ssh"] = "local"
    FRACTAL_RUNNER_WORKING_BASE_DIR: Path | None = None
    FRACTAL_LOGGING_LEVEL: int = 20
    FRACTAL_LOCAL_CONFIG_FILE: Path | None = None
    FRACTAL_API_MAX_JOB_LIST_LENGTH: int = 50
    FRACTAL_GRACEFUL_SHUTDOWN_TIME: int = 30
    FRACTAL_SLURM_CONFIG_FILE: Path | None = None
    FRACTAL_SLURM_WORKER_PYTHON: str | None = None
    FRACTAL_TASKS_PYTHON_DEFAULT_VERSION: Literal["3.9", "3.10", "3.11", "3.12"] | None = None
    FRACTAL_TASKS_PYTHON_3_9: str | None = None
    FRACTAL_TASKS_PYTHON_3_10: str | None = None
    FRACTAL_TASKS_PYTHON_3_11: str | None = None
    FRACTAL_TASKS_PYTHON_3_12: str | None = None
    FRACTAL_SLURM_POLL_INTERVAL: int = 5
    FRACTAL_SLURM_SBATCH_SLEEP: float = 0
    FRACTAL_SLURM_ERROR_HANDLING_INTERVAL: int = 5
    FRACTAL_API_SUBMIT_RATE_LIMIT: int = 2
    FRACTAL_RUNNER_TASKS_INCLUDE_IMAGE: str = (
        "Copy OME-Zarr structure;Convert Metadata Components from 2D to 3D"
    )
    FRACTAL_API_V1_MODE: Literal["include", "include_read_only", "exclude"] = "include"
    FRACTAL_MAX_PIP_VERSION: str = "24.0"

    @model_validator(mode="before")
    @classmethod
    def _collect_clients(cls, values: dict[str, object]) -> dict[str, object]:
        clients: dict[str, dict[str, object]] = {}
        for name, value in values.items():
            if name.startswith("OAUTH_") and name != "OAUTH_CLIENTS_CONFIG":
                _, client, key = name.split("_", 2)
                clients.setdefault(client, {"CLIENT_NAME": client})[key] = value
        return {**values, "OAUTH_CLIENTS_CONFIG": [clients[client] for client in sorted(clients)]}
