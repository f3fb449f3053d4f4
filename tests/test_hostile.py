"""What stock Dynaconf would obey has no effect here: variables, keys, tokens, hooks, includes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fractal_settings import resolve

SETTINGS = """\
[default]
POSTGRES_DB = "@format {env[PATH]}"
POSTGRES_USER = "@read_file secret.txt"
PROJECT_NAME = "@jinja {{ 1 + 1 }}"
FRACTAL_MAX_PIP_VERSION = "@int 24"
[prod]
POSTGRES_PASSWORD = "@get POSTGRES_DB"
FRACTAL_TASKS_DIR = "/tasks"
"""
INTERPRETERS = {
    "FRACTAL_TASKS_PYTHON_DEFAULT_VERSION": "3.11",
    "FRACTAL_TASKS_PYTHON_3_11": "/usr/bin/python3.11",
}
MARK = "import pathlib\npathlib.Path('ran').write_text('hostile')\n"
HOSTILE = {
    "REDIS_PORT_FOR_DYNACONF": "abc",
    "ENV_FOR_DYNACONF": "dev",
    "FORCE_ENV_FOR_DYNACONF": "dev",
    "AUTO_CAST_FOR_DYNACONF": "true",
    "LOADERS_FOR_DYNACONF": "['evil']",
    "CORE_LOADERS_FOR_DYNACONF": "@int x",
    "INCLUDES_FOR_DYNACONF": "evil.py",
    "PRELOAD_FOR_DYNACONF": "evil.py",
    "SETTINGS_FILE_FOR_DYNACONF": "evil.py",
    "SECRETS_FOR_DYNACONF": "evil.toml",
    "MERGE_ENABLED_FOR_DYNACONF": "true",
    "NESTED_SEPARATOR_FOR_DYNACONF": "_",
    "DOTTED_LOOKUP_FOR_DYNACONF": "true",
    "ENVVAR_PREFIX_FOR_DYNACONF": "POSTGRES",
    "DEFAULT_ENV_FOR_DYNACONF": "prod",
    "FRESH_VARS_FOR_DYNACONF": "['POSTGRES_DB']",
    "SYSENV_FALLBACK_FOR_DYNACONF": "true",
    "VAULT_ENABLED_FOR_DYNACONF": "true",
    "REDIS_ENABLED_FOR_DYNACONF": "true",
    "LOAD_DOTENV_FOR_DYNACONF": "true",
    "DOTENV_PATH_FOR_DYNACONF": "evil.env",
    "DYNACONF_POSTGRES_DB": "evil",
    "DYNACONF_INSTANCE": "evil",
    "ROOT_PATH_FOR_DYNACONF": "/",
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.toml").write_text(SETTINGS)
    for place in (tmp_path, tmp_path / "config"):
        for name in ("evil.py", "dynaconf_hooks.py", "conftest.py"):
            (place / name).write_text(MARK)
        (place / "evil.toml").write_text('[prod]\nPOSTGRES_DB = "evil"\n')
        (place / "evil.env").write_text("POSTGRES_DB=evil\n")
        (place / ".env").write_text("POSTGRES_DB=evil\nFRACTAL_TASKS_DIR=/evil\n")
        (place / "secret.txt").write_text("evil")
    return tmp_path


def show(folder: Path, variables: dict[str, str]) -> dict:
    root = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-m", "fractal_settings", "show", "--env", "prod", "--format", "json",
         "--origin", "--reveal"],
        cwd=folder,
        env={
            **INTERPRETERS,
            **variables,
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{root}{os.pathsep}{folder}",
        },
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_no_hostile_variable_changes_a_value_or_runs_code(folder):
    assert show(folder, HOSTILE) == show(folder, {})
    assert not list(folder.rglob("ran"))


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_variable_of_dynaconf_s_is_told_as_having_no_effect(folder, name):
    resolved = resolve("prod", environ={name: HOSTILE[name]}, cwd=folder)
    assert [each.name for each in resolved.problems if each.code == "FS123"] == [name]


def test_tokens_are_text_in_toml_and_in_variables(folder):
    resolved = resolve(
        "prod", environ={**INTERPRETERS, "POSTGRES_HOST": "@get POSTGRES_DB"}, cwd=folder
    )
    assert resolved.settings.POSTGRES_DB == "@format {env[PATH]}"
    assert resolved.settings.POSTGRES_USER == "@read_file secret.txt"
    assert resolved.settings.PROJECT_NAME == "@jinja {{ 1 + 1 }}"
    assert resolved.settings.POSTGRES_PASSWORD == "@get POSTGRES_DB"
    assert resolved.settings.POSTGRES_HOST == "@get POSTGRES_DB"
    assert resolved.settings.FRACTAL_MAX_PIP_VERSION == "@int 24"


@pytest.mark.parametrize("key", ["dynaconf_include", "dynaconf_merge", "DYNACONF_INCLUDE"])
def test_a_key_of_dynaconf_s_is_refused_at_its_line(folder, key):
    settings = folder / "config" / "settings.toml"
    settings.write_text(SETTINGS + f'{key} = "evil.toml"\n')
    resolved = resolve("prod", environ=INTERPRETERS, cwd=folder)
    assert resolved.settings is None
    problem = next(each for each in resolved.problems if each.name == key)
    assert (problem.code, problem.origin.line) == ("FS115", 9)


@pytest.mark.parametrize("section", ["dynaconf", "global", "main", "GLOBAL"])
def test_a_section_that_dynaconf_reads_unasked_is_refused(folder, section):
    settings = folder / "config" / "settings.toml"
    settings.write_text(SETTINGS + f'[{section}]\nPOSTGRES_DB = "evil"\n')
    resolved = resolve("prod", environ=INTERPRETERS, cwd=folder)
    assert [each.code for each in resolved.problems if each.severity == "error"] == ["FS114"]
