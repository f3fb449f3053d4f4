"""The settings themselves: each one's type, default and meaning stand here and nowhere else."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    NamedTuple,
    NotRequired,
    TypedDict,
    Unpack,
    get_args,
)

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from .frozen import redacted_fields, refuse_change, set_private
from .interpreters import VERSIONS
from .readers import (
    VERSION,
    BackendName,
    Boolean,
    Directory,
    File,
    Integer,
    Interpreter,
    Number,
    OptionalSecret,
    OptionalText,
    Port,
    Reads,
    SecretText,
    Text,
    V1Mode,
    VersionName,
    choice,
    or_none,
)
from .redact import MARK, Secret, sanitized_away

if TYPE_CHECKING:
    from sqlalchemy import URL

    from .checks.facts import Check
    from .merge import Merged

BACKENDS: tuple[str, ...] = get_args(BackendName)
V1_MODES: tuple[str, ...] = get_args(V1Mode)


class About(TypedDict):
    """What is known of a setting beside its type, default and meaning."""

    unit: NotRequired[str]
    type: NotRequired[str]
    required: NotRequired[str]
    example: NotRequired[str]
    choices: NotRequired[tuple[str, ...]]


def _setting(default: object, meaning: str, **about: Unpack[About]) -> Any:  # noqa: ANN401 - as pydantic's Field
    return Field(default, description=meaning, json_schema_extra={**about})  # type: ignore[dict-item]


@cache
def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    from . import __version__

    try:
        return version("fractal-server")
    except PackageNotFoundError:
        return __version__


class OAuthClientConfig(BaseModel):
    """An OAuth client, collected from `OAUTH_<CLIENT>_*` (spec rule 2).

    Raises:
        FractalConfigurationError: made with something missing, empty in name, or no text.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    CLIENT_NAME: Text = Field(description="Name of the client: the part after `OAUTH_`.")
    CLIENT_ID: Text = Field(description="Id under which the provider knows the server.")
    CLIENT_SECRET: SecretText = Field(description="Secret that goes with the id.")
    OIDC_CONFIGURATION_ENDPOINT: OptionalText = Field(
        None,
        description="Discovery address of the provider; GOOGLE and GITHUB need none.",
    )
    REDIRECT_URL: OptionalText = Field(
        None, description="Address to which the provider sends the browser back."
    )

    __setattr__ = set_private
    __delattr__ = refuse_change
    __repr_args__ = redacted_fields

    def __init__(self, /, **values: object) -> None:
        from .clients import refuse_client

        refuse_client(values)
        super().__init__(**values)


def _no_clients() -> list[OAuthClientConfig]:  # pydantic inspects `list` for milliseconds
    return []


class Context(NamedTuple):
    """What settings remember of how they were made; it takes no part in equality.

    Attributes:
        merged: where their values came from.
        environment: the one chosen, or empty.
        cwd: the working directory; None for the current one.
        path: the PATH on which commands are looked for; None for the current one.
    """

    merged: "Merged | None" = None
    environment: str = ""
    cwd: Path | None = None
    path: str | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Context)

    def __hash__(self) -> int:
        return hash(Context)


class Settings(BaseModel):
    """The configuration of Fractal Server, frozen.

    Made by `load`, or directly of values: then no environment is read (D12).

    Raises:
        FractalConfigurationError: a value is refused; its problems hold all refusals.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    PROJECT_NAME: Text = _setting("Fractal Server", "Name of the service.")
    PROJECT_VERSION: Text = Field(
        default_factory=_version,
        description="Version that the service reports; by default that of the installed "
        "`fractal-server`, else of this package.",
    )

    OAUTH_CLIENTS_CONFIG: list[OAuthClientConfig] = Field(
        default_factory=_no_clients,
        description="OAuth clients in the order of their names, collected from "
        "`OAUTH_<CLIENT>_*`; never set directly.",
    )
    JWT_EXPIRE_SECONDS: Integer = _setting(180, "Lifetime of a JWT token.", unit="seconds")
    JWT_SECRET_KEY: OptionalSecret = _setting(
        None,
        "Key that signs the JWT tokens; whoever knows it can be anybody, so it must be hard to "
        "guess and never be disclosed.",
        required="always",
    )
    COOKIE_EXPIRE_SECONDS: Integer = _setting(
        86400, "Lifetime of the cookie that holds a token.", unit="seconds"
    )

    DB_ECHO: Boolean = _setting(False, "Whether database operations are logged in full.")
    POSTGRES_USER: OptionalText = _setting(None, "Database user.", example="fractal")
    POSTGRES_PASSWORD: OptionalSecret = _setting(None, "Password of the database user.")
    POSTGRES_HOST: OptionalText = _setting(
        "localhost",
        "Host of the PostgreSQL server, or the directory of its UNIX socket.",
        example="db.example.org",
    )
    POSTGRES_PORT: Port = _setting("5432", "Port of the PostgreSQL server, from 1 to 65535.")
    POSTGRES_DB: OptionalText = _setting(
        None, "Name of the database.", required="always", example="fractal"
    )

    FRACTAL_DEFAULT_ADMIN_EMAIL: Text = _setting(
        "admin@fractal.xy",
        "E-mail address of the first superuser, made at the first start; change it after that.",
    )
    FRACTAL_DEFAULT_ADMIN_PASSWORD: SecretText = _setting(
        Secret("1234"),
        "Password of the first superuser, made at the first start; change it after that.",
    )
    FRACTAL_DEFAULT_ADMIN_USERNAME: Text = _setting(
        "admin", "Name of the first superuser, made at the first start; change it after that."
    )
    FRACTAL_TASKS_DIR: Directory = _setting(
        None,
        "Directory of task packages and their environments; a relative one is resolved against "
        "the working directory.",
        required="always",
        example="/srv/fractal/tasks",
    )
    FRACTAL_RUNNER_BACKEND: Annotated[BackendName, Reads(choice(*BACKENDS))] = _setting(
        "local", "How jobs are run.", choices=BACKENDS
    )
    FRACTAL_RUNNER_WORKING_BASE_DIR: Directory = _setting(
        None,
        "Base directory of jobs: each gets a subdirectory for what its set-up, run and tear-down "
        "need; a relative one is resolved against the working directory.",
        required="always",
        example="/srv/fractal/jobs",
    )
    FRACTAL_LOGGING_LEVEL: Integer = _setting(
        20,
        "Least level of the log records that the console shows: 10 is DEBUG, 20 INFO, 30 WARNING.",
    )
    FRACTAL_LOCAL_CONFIG_FILE: File = _setting(
        None,
        "JSON file with the configuration of the local backends.",
        example="/etc/fractal/local.json",
    )
    FRACTAL_API_MAX_JOB_LIST_LENGTH: Integer = _setting(
        50, "Number of job ids that the server keeps in `app.state.jobsV1` and `app.state.jobsV2`."
    )
    FRACTAL_GRACEFUL_SHUTDOWN_TIME: Integer = _setting(
        30, "Time that the executors get to shut down.", unit="seconds"
    )
    FRACTAL_SLURM_CONFIG_FILE: File = _setting(
        None,
        "JSON file with the configuration of the SLURM backends.",
        required="for the backends slurm and slurm_ssh",
        example="/etc/fractal/slurm.json",
    )
    FRACTAL_SLURM_WORKER_PYTHON: Interpreter = _setting(
        None,
        "Absolute path of the interpreter that runs tasks on the SLURM nodes; where it is unset, "
        "the server's own is used.",
        type="absolute path",
        required="for the backend slurm_ssh",
        example="/opt/fractal/bin/python",
    )
    FRACTAL_TASKS_PYTHON_DEFAULT_VERSION: Annotated[
        VersionName | None, Reads(or_none(choice(*VERSIONS, code=VERSION)))
    ] = _setting(
        None,
        "Python version for the collection of tasks that name none; where it is unset, that of the "
        "server, whose interpreter is then the only one.",
        choices=VERSIONS,
    )
    FRACTAL_TASKS_PYTHON_3_9: Interpreter = _setting(
        None,
        "Absolute path of the Python 3.9 interpreter from which task environments are made; it "
        "needs `venv`.",
        type="absolute path",
        required="where FRACTAL_TASKS_PYTHON_DEFAULT_VERSION is 3.9",
        example="/usr/bin/python3.9",
    )
    FRACTAL_TASKS_PYTHON_3_10: Interpreter = _setting(
        None,
        "Absolute path of the Python 3.10 interpreter from which task environments are made; it "
        "needs `venv`.",
        type="absolute path",
        required="where FRACTAL_TASKS_PYTHON_DEFAULT_VERSION is 3.10",
        example="/usr/bin/python3.10",
    )
    FRACTAL_TASKS_PYTHON_3_11: Interpreter = _setting(
        None,
        "Absolute path of the Python 3.11 interpreter from which task environments are made; it "
        "needs `venv`.",
        type="absolute path",
        required="where FRACTAL_TASKS_PYTHON_DEFAULT_VERSION is 3.11",
        example="/usr/bin/python3.11",
    )
    FRACTAL_TASKS_PYTHON_3_12: Interpreter = _setting(
        None,
        "Absolute path of the Python 3.12 interpreter from which task environments are made; it "
        "needs `venv`.",
        type="absolute path",
        required="where FRACTAL_TASKS_PYTHON_DEFAULT_VERSION is 3.12",
        example="/usr/bin/python3.12",
    )
    FRACTAL_SLURM_POLL_INTERVAL: Integer = _setting(
        5, "Time between two looks at unfinished SLURM jobs.", unit="seconds"
    )
    FRACTAL_SLURM_SBATCH_SLEEP: Number = _setting(
        0.0,
        "Time between two `sbatch` calls, where one task makes several SLURM jobs.",
        unit="seconds",
    )
    FRACTAL_SLURM_ERROR_HANDLING_INTERVAL: Integer = _setting(
        5,
        "Time to wait for an output file that is missing (the job was cancelled, has failed, or "
        "is slow to write) before the task is given up.",
        unit="seconds",
    )
    FRACTAL_API_SUBMIT_RATE_LIMIT: Integer = _setting(
        2,
        "Time before the v1 endpoint that applies a workflow takes the same path and query again.",
        unit="seconds",
    )
    FRACTAL_RUNNER_TASKS_INCLUDE_IMAGE: Text = _setting(
        "Copy OME-Zarr structure;Convert Metadata Components from 2D to 3D",
        'Names of the tasks whose input arguments need `metadata["image"]`, separated by `;`.',
    )
    FRACTAL_API_V1_MODE: Annotated[V1Mode, Reads(choice(*V1_MODES))] = _setting(
        "include", "Whether the v1 API is served.", choices=V1_MODES
    )
    FRACTAL_MAX_PIP_VERSION: Text = _setting(
        "24.0", "Newest `pip` that task collection may install."
    )

    _context: Context = PrivateAttr(default_factory=Context)

    __setattr__ = set_private
    __delattr__ = refuse_change
    __repr_args__ = redacted_fields

    def __init__(self, /, **values: object) -> None:
        from .build import build_direct

        build_direct(self, values)

    @property
    def DATABASE_ASYNC_URL(self) -> "URL":
        """The URL of the database for asynchronous drivers; its str hides the password (rule 8).

        Raises:
            FractalConfigurationError: POSTGRES_PORT is no port.
        """
        from .database import database_url

        return database_url(self)

    @property
    def DATABASE_SYNC_URL(self) -> "URL":
        """The URL of the database for synchronous drivers, equal to the asynchronous one."""
        return self.DATABASE_ASYNC_URL

    def check(self) -> None:
        """Refuse what the server refuses before it starts, all at once (spec rule 6).

        Raises:
            FractalConfigurationError: with every problem, warnings and notes included.
        """
        from .checks.server import SERVER

        self._refuse(SERVER)

    def check_db(self) -> None:
        """Refuse settings with which the server has no database (spec rule 6, D8).

        Raises:
            FractalConfigurationError: with every problem of the POSTGRES_ settings.
        """
        from .checks.server import DATABASE

        self._refuse(DATABASE)

    def check_runner(self) -> None:
        """Refuse settings with which the chosen backend cannot run jobs (spec rule 6, D9).

        Raises:
            FractalConfigurationError: with every problem of the runner's settings and files.
        """
        from .checks.server import RUNNER

        self._refuse(RUNNER)

    def _refuse(self, checks: "Iterable[Check]") -> None:
        from .build import refuse_settings

        refuse_settings(self, checks)

    def get_sanitized(self) -> dict[str, object]:
        """All settings, with `***` for those that are nobody's business (spec rule 7)."""
        return {name: MARK if sanitized_away(name) else value for name, value in self}


@cache
def names() -> frozenset[str]:
    """The names of the 36 settings."""
    return frozenset(Settings.model_fields)


def about(name: str) -> Mapping[str, object]:
    """What is known of a setting beside its type, default and meaning."""
    extra = Settings.model_fields[name].json_schema_extra
    return extra if isinstance(extra, dict) else {}
