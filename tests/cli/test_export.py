"""`export` gives out what the layers set, valid, whole, and with secrets only on purpose."""

from __future__ import annotations

import json
import os
import stat
import tomllib
from pathlib import Path

import pytest

from tests.formats import readers

TOML = """
[default]
PROJECT_NAME = "two\\nlines"
FRACTAL_TASKS_PYTHON_DEFAULT_VERSION = "3.11"
FRACTAL_TASKS_PYTHON_3_11 = "/usr/bin/python3.11"
[prod]
POSTGRES_DB = "fractal"
DB_ECHO = true
JWT_EXPIRE_SECONDS = 300
FRACTAL_SLURM_SBATCH_SLEEP = 0.5
POSTGRES_PORT = 5433
FRACTAL_TASKS_DIR = "tasks"
FRACTAL_RUNNER_WORKING_BASE_DIR = "../jobs"
OAUTH_GITHUB_CLIENT_ID = "fractal"
"""
EVIL = "p@ss:/w?#%rd'\"\\ $x é"
SECRETS = {
    "JWT_SECRET_KEY": "4b1d5e0f7c2a49d8b6e3",
    "POSTGRES_PASSWORD": EVIL,
    "OAUTH_GITHUB_CLIENT_SECRET": "made-up",
}
EXPORTED = {
    "PROJECT_NAME": "two\nlines",
    "FRACTAL_TASKS_PYTHON_DEFAULT_VERSION": "3.11",
    "FRACTAL_TASKS_PYTHON_3_11": "/usr/bin/python3.11",
    "POSTGRES_DB": "fractal",
    "DB_ECHO": "true",
    "JWT_EXPIRE_SECONDS": "300",
    "FRACTAL_SLURM_SBATCH_SLEEP": "0.5",
    "POSTGRES_PORT": "5433",
    "FRACTAL_TASKS_DIR": "tasks",
    "FRACTAL_RUNNER_WORKING_BASE_DIR": "../jobs",
    "OAUTH_GITHUB_CLIENT_ID": "fractal",
    **SECRETS,
}


@pytest.fixture
def export(call, tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config/settings.toml").write_text(TOML)

    def called(*arguments: str, **environ: str):
        return call("export", "--env", "prod", *arguments, **SECRETS, **environ)

    return called


def by_toml(path: Path) -> dict[str, str]:
    (section,) = tomllib.loads(path.read_text()).values()
    return {k: str(v).lower() if isinstance(v, bool) else str(v) for k, v in section.items()}


READERS = {
    "dotenv": readers.by_python_dotenv,
    "shell": readers.by_shell,
    "compose": readers.by_compose,
    "k8s": lambda path: dict.__or__(*readers.by_kubernetes(path)),
    "json": readers.by_json,
    "toml": by_toml,
}
if readers.LIBRARIES:
    READERS["systemd"] = readers.by_systemd


@pytest.mark.parametrize("name", READERS)
def test_what_is_set_arrives_with_whoever_reads_the_format(export, tmp_path, name):
    outcome = export("--format", name, "-o", "out")
    assert outcome.code == 0, outcome.err
    assert outcome.out == ""
    assert READERS[name](tmp_path / "out") == EXPORTED
    printed = export("--format", name, "--reveal")
    assert printed.out == (tmp_path / "out").read_text()


def test_docker_cannot_carry_a_line_break_and_nothing_is_written(export, tmp_path):
    outcome = export("--format", "docker", "-o", "out")
    assert outcome.code == 1
    assert (
        "error[FS710]: PROJECT_NAME cannot be written as an env file of Docker: it has a line "
        "break, and Docker knows no way to write one\n  fix: export it as compose" in outcome.err
    )
    assert not (tmp_path / "out").exists()
    assert export("--format", "docker", "-o", "out", PROJECT_NAME="one line").code == 0
    found = readers.by_docker_s_rules((tmp_path / "out").read_bytes())
    assert found == EXPORTED | {"PROJECT_NAME": "one line"}


def test_secrets_are_printed_only_when_that_is_asked_for(export):
    outcome = export("--format", "json")
    assert outcome.code == 1
    assert outcome.out == ""
    assert "error[FS711]" in outcome.err
    assert "OAUTH_GITHUB_CLIENT_SECRET, JWT_SECRET_KEY, POSTGRES_PASSWORD" in outcome.err
    for secret in SECRETS.values():
        assert secret not in outcome.err


def test_a_password_in_an_address_is_a_secret_too(call, tmp_path):
    minimal = {
        "JWT_SECRET_KEY": "4b1d5e0f7c2a49d8b6e3",
        "POSTGRES_DB": "x",
        "FRACTAL_TASKS_DIR": "/t",
        "FRACTAL_RUNNER_WORKING_BASE_DIR": "/j",
        "PROJECT_NAME": "https://u:canary@host/",
    }
    outcome = call("export", "--format", "json", **minimal)
    assert outcome.code == 1
    assert "PROJECT_NAME, JWT_SECRET_KEY" in outcome.err
    assert "canary" not in outcome.err
    assert call("export", "--format", "json", "-o", "out", **minimal).code == 0
    assert json.loads((tmp_path / "out").read_text()) == minimal
    assert call("export", "--format", "k8s", "-o", "k8s", **minimal).code == 0
    assert set(readers.by_kubernetes(tmp_path / "k8s")[1]) == {"JWT_SECRET_KEY", "PROJECT_NAME"}


def test_a_file_with_secrets_is_its_owner_s_alone(export, tmp_path):
    before = os.umask(0)
    try:
        assert export("--format", "dotenv", "-o", "out").code == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o600


def test_a_file_that_is_there_is_replaced_only_when_that_is_asked_for(export, tmp_path):
    (tmp_path / "out").write_text("mine")
    assert "FS701" in export("--format", "dotenv", "-o", "out").err
    assert (tmp_path / "out").read_text() == "mine"
    assert export("--format", "dotenv", "-o", "out", "--force").code == 0
    (tmp_path / "link").symlink_to("out")
    assert "FS702" in export("--format", "dotenv", "-o", "link", "--force").err


def test_neither_defaults_nor_derived_values_are_given_unless_asked_for(call):
    minimal = {
        "JWT_SECRET_KEY": "4b1d5e0f7c2a49d8b6e3",
        "POSTGRES_DB": "x",
        "FRACTAL_TASKS_DIR": "t",
        "FRACTAL_RUNNER_WORKING_BASE_DIR": "/j",
    }
    outcome = call("export", "--format", "json", "--reveal", **minimal)
    assert json.loads(outcome.out) == minimal
    outcome = call("export", "--format", "json", "--reveal", "--with-defaults", **minimal)
    found = json.loads(outcome.out)
    assert found.items() >= minimal.items()
    assert found["COOKIE_EXPIRE_SECONDS"] == "86400"
    assert found["DB_ECHO"] == "false"
    assert found["FRACTAL_SLURM_SBATCH_SLEEP"] == "0.0"
    assert not {"PROJECT_VERSION", "FRACTAL_TASKS_PYTHON_DEFAULT_VERSION", "POSTGRES_USER"} & set(
        found
    )
    assert not any(name.startswith("FRACTAL_TASKS_PYTHON_") for name in found)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"JWT_EXPIRE_SECONDS": "3min"}, "FS201"),
        ({"JWT_SECRET_KEY": ""}, "FS301"),
        ({"POSTGRES_PORT": "0"}, "FS309"),
        ({"FRACTAL_RUNNER_BACKEND": "slurm"}, "FS302"),
        ({"FRACTAL_ENV": "prod", "OAUTH_X_CLIENT_ID": "x"}, "FS212"),
    ],
)
def test_what_the_server_would_refuse_is_not_exported(call, tmp_path, change, code):
    (tmp_path / "config").mkdir()
    (tmp_path / "config/settings.toml").write_text(TOML)
    outcome = call("export", "--env", "prod", "--format", "json", "--reveal", **SECRETS | change)
    assert (outcome.code, outcome.out) == (1, "")
    assert f"error[{code}]" in outcome.err


def test_what_only_this_machine_lacks_does_not_matter(export):
    outcome = export(
        "--format",
        "json",
        "--reveal",
        FRACTAL_RUNNER_BACKEND="slurm",
        FRACTAL_SLURM_CONFIG_FILE="/etc/fractal/slurm.json",
        PATH="/nowhere",
    )
    assert outcome.code == 0, outcome.err


def test_a_secret_from_a_file_is_exported_as_its_variable(call, tmp_path):
    (tmp_path / "key").write_text("4b1d5e0f7c2a49d8b6e3\n")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/POSTGRES_PASSWORD").write_text(EVIL)
    outcome = call(
        "export",
        "--format",
        "json",
        "--reveal",
        JWT_SECRET_KEY_FILE="key",
        FRACTAL_SECRETS_DIR="secrets",
        POSTGRES_DB="x",
        FRACTAL_TASKS_DIR="/t",
        FRACTAL_RUNNER_WORKING_BASE_DIR="/j",
    )
    found = json.loads(outcome.out)
    assert found["JWT_SECRET_KEY"] == "4b1d5e0f7c2a49d8b6e3"
    assert found["POSTGRES_PASSWORD"] == EVIL
    assert not any(name.endswith("_FILE") for name in found)


def test_toml_is_a_settings_file_of_the_same_environment(export, call, tmp_path):
    (tmp_path / "copy").mkdir()
    assert export("--format", "toml", "-o", "copy/settings.toml").code == 0
    both = [
        call(
            "--config-dir", folder, "show", "--env", "prod", "--format", "json", "--reveal", **more
        )
        for folder, more in (("config", SECRETS), ("copy", {}))
    ]
    assert both[0].out == both[1].out
    assert both[0].code == 0
