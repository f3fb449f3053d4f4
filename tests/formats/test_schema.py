"""The schema says of a settings file what the loader says, as far as a schema can."""

from __future__ import annotations

import json
import tomllib

import pytest
from jsonschema import Draft7Validator

from fractal_settings import Settings, resolve
from fractal_settings.names import OAUTH_LIST
from fractal_settings.schema import DRAFT, schema

SCHEMA = json.loads(json.dumps(schema()))
FINE = [
    'PROJECT_NAME = "x"',
    "JWT_EXPIRE_SECONDS = 60",
    'JWT_EXPIRE_SECONDS = "60"',
    'JWT_EXPIRE_SECONDS = " 1_000 "',
    "DB_ECHO = true",
    *(f'DB_ECHO = "{text}"' for text in ["true", "False", "YES", "n", "on", "OFF", "1", "0"]),
    "FRACTAL_SLURM_SBATCH_SLEEP = 1",
    "FRACTAL_SLURM_SBATCH_SLEEP = 0.5",
    *(f'FRACTAL_SLURM_SBATCH_SLEEP = "{text}"' for text in ["1", ".5", "1.", "1e-3", "1_0.0_1"]),
    "POSTGRES_PORT = 5432",
    'POSTGRES_PORT = "5432"',
    'FRACTAL_RUNNER_BACKEND = "slurm_ssh"',
    'FRACTAL_API_V1_MODE = "exclude"',
    'FRACTAL_TASKS_PYTHON_3_10 = "/usr/bin/python3.10"',
    'FRACTAL_TASKS_DIR = "relative"',
    'OAUTH_GITHUB_CLIENT_ID = "x"\nOAUTH_GITHUB_CLIENT_SECRET = "y"',
    "",
]
WRONG = [
    "PROJECT_NAME = 1",
    "PROJECT_NAMES = 'x'",
    "project_name = 'x'",
    'JWT_EXPIRE_SECONDS = "3min"',
    'JWT_EXPIRE_SECONDS = ""',
    "JWT_EXPIRE_SECONDS = 1.5",
    "JWT_EXPIRE_SECONDS = true",
    "DB_ECHO = 1",
    'DB_ECHO = "maybe"',
    'FRACTAL_SLURM_SBATCH_SLEEP = "soon"',
    "FRACTAL_SLURM_SBATCH_SLEEP = false",
    "POSTGRES_PORT = 1.5",
    "FRACTAL_TASKS_PYTHON_DEFAULT_VERSION = 3.10",
    'FRACTAL_TASKS_PYTHON_DEFAULT_VERSION = "3.1"',
    'FRACTAL_RUNNER_BACKEND = "slrum"',
    'FRACTAL_TASKS_PYTHON_3_10 = "python3.10"',
    'FRACTAL_SLURM_WORKER_PYTHON = ""',
    "OAUTH_GITHUB_CLIENT_ID = 1",
    "OAUTH_MY_IDP_CLIENT_ID = 'x'",
    "OAUTH_CLIENTS_CONFIG = []",
    "FRACTAL_ENV = 'prod'",
    "FRACTAL_TASKS_DIR = ['x']",
    "[anywhere.deeper]\nX = 1",
]


def schema_accepts(text: str) -> bool:
    return Draft7Validator(SCHEMA).is_valid(tomllib.loads(text))


def loader_accepts(text: str, folder) -> bool:
    (folder / "settings.toml").write_text(text)
    python = ("3.11", "/usr/bin/python3.11")
    found = resolve(
        "anywhere", config_dir=folder, cwd=folder, environ={}, server_python=python
    ).problems
    return not any(problem.severity == "error" for problem in found if problem.code != "FS210")


@pytest.mark.parametrize("line", FINE)
def test_both_accept(tmp_path, line):
    text = f"[anywhere]\n{line}\n"
    assert schema_accepts(text)
    assert loader_accepts(text, tmp_path)


@pytest.mark.parametrize("line", WRONG)
def test_both_refuse(tmp_path, line):
    text = f"[anywhere]\n{line}\n"
    assert not schema_accepts(text)
    assert not loader_accepts(text, tmp_path)


@pytest.mark.parametrize(
    "text", ["PROJECT_NAME = 'x'\n[anywhere]\n", "[main]\n[anywhere]\n", "[[anywhere]]\n"]
)
def test_both_refuse_what_is_no_file_of_sections(tmp_path, text):
    assert not schema_accepts(text)
    assert not loader_accepts(text, tmp_path)


def test_the_schema_is_one_and_has_every_setting_with_its_meaning_and_default():
    Draft7Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == DRAFT
    properties = SCHEMA["definitions"]["section"]["properties"]
    assert set(properties) == set(Settings.model_fields) - {OAUTH_LIST}
    for name, about in properties.items():
        field = Settings.model_fields[name]
        assert about["description"].startswith(field.description)
        assert about.get("default", field.default) == field.default
    assert properties["JWT_EXPIRE_SECONDS"]["description"].endswith("In seconds.")
    assert properties["POSTGRES_DB"]["description"].endswith("Required always.")
