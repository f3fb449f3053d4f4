"""`show` gives the effective settings, and no secret unless it is asked to."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "data"))
import gallery

TOML = """
[default]
PROJECT_NAME = "Fractal at the Institute"
FRACTAL_TASKS_PYTHON_DEFAULT_VERSION = "3.11"
FRACTAL_TASKS_PYTHON_3_11 = "/usr/bin/python3.11"

[prod]
POSTGRES_HOST = "db.example.org"
DB_ECHO = true
FRACTAL_SLURM_SBATCH_SLEEP = 0.5
FRACTAL_TASKS_DIR = "/srv/fractal/tasks"
OAUTH_GITHUB_CLIENT_ID = "fractal"
OAUTH_GITHUB_REDIRECT_URL = "https://user:canary@fractal.example.org/"
"""
SECRETS = {
    "JWT_SECRET_KEY": "canary-0c5f1e97d2f84a63b7d9e5f1b06a4c2d",
    "OAUTH_GITHUB_CLIENT_SECRET": "canary-oauth",
    "FRACTAL_DEFAULT_ADMIN_PASSWORD": "canary-admin",
}


@pytest.fixture
def show(call, tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config/settings.toml").write_text(TOML)

    def called(*arguments: str, **environ: str):
        return call("show", "--env", "prod", *arguments, **SECRETS, **environ)

    return called


def test_without_names_every_setting_and_client_variable_is_shown(show):
    lines = show().out.splitlines()
    shown = [line.split()[0] for line in lines]
    assert len(shown) == len(set(shown)) == 35 + 3
    assert "OAUTH_GITHUB_CLIENT_SECRET" in shown
    assert ["DB_ECHO", "true"] in [line.split() for line in lines]


def test_named_settings_alone_are_shown(show):
    outcome = show("POSTGRES_HOST", "DB_ECHO")
    assert (outcome.code, outcome.err) == (0, "")
    assert [line.split() for line in outcome.out.splitlines()] == [
        ["DB_ECHO", "true"],
        ["POSTGRES_HOST", "db.example.org"],
    ]


def test_the_name_of_the_clients_list_stands_for_all_their_variables(show):
    lines = show("OAUTH_CLIENTS_CONFIG").out.splitlines()
    assert [line.split() for line in lines] == [
        ["OAUTH_GITHUB_CLIENT_ID", "fractal"],
        ["OAUTH_GITHUB_CLIENT_SECRET", "***"],
        ["OAUTH_GITHUB_REDIRECT_URL", "https://user:***@fractal.example.org/"],
    ]


def test_each_origin_is_told_with_file_line_and_section(show):
    names = ("PROJECT_NAME", "POSTGRES_HOST", "POSTGRES_PORT", "JWT_SECRET_KEY")
    lines = show("--origin", *names).out.splitlines()
    assert {line.split()[0]: line.split("  ")[-1].strip() for line in lines} == {
        "PROJECT_NAME": "config/settings.toml:3 [default]",
        "POSTGRES_HOST": "config/settings.toml:8 [prod]",
        "POSTGRES_PORT": "default",
        "JWT_SECRET_KEY": "environment JWT_SECRET_KEY",
    }


def test_the_origin_of_a_derived_value_says_from_what(show, tmp_path):
    text = TOML.replace('FRACTAL_TASKS_PYTHON_DEFAULT_VERSION = "3.11"\n', "")
    (tmp_path / "config/settings.toml").write_text(text)
    (line,) = show("--origin", "FRACTAL_TASKS_PYTHON_DEFAULT_VERSION").out.splitlines()
    assert line.split(None, 2) == [
        "FRACTAL_TASKS_PYTHON_DEFAULT_VERSION",
        "3.11",
        "derived from /usr/bin/python3.11, named by FRACTAL_SERVER_PYTHON",
    ]


@pytest.mark.parametrize("format_", ["table", "toml", "json", "env"])
def test_no_format_shows_a_secret_unless_it_is_revealed(format_, show):
    hidden = show("--format", format_, "--origin")
    assert (hidden.code, hidden.err) == (0, "")
    assert "canary" not in hidden.out
    revealed = show("--format", format_, "--reveal")
    assert all(secret in revealed.out for secret in SECRETS.values())
    assert "user:canary@" in revealed.out


def test_a_machine_format_never_gives_three_asterisks_as_a_value(show):
    assert "***" not in show("--format", "toml").out
    assert "***" not in show("--format", "env").out
    assert "***" not in show("--format", "json").out


def test_toml_is_a_section_that_can_be_read_back(show):
    names = ["DB_ECHO", "FRACTAL_SLURM_SBATCH_SLEEP", "FRACTAL_TASKS_DIR", "POSTGRES_USER"]
    outcome = show("--format", "toml", *names, "JWT_SECRET_KEY")
    assert tomllib.loads(outcome.out) == {
        "prod": {
            "DB_ECHO": True,
            "FRACTAL_TASKS_DIR": "/srv/fractal/tasks",
            "FRACTAL_SLURM_SBATCH_SLEEP": 0.5,
        }
    }


def test_toml_with_origins_has_them_as_comments(show):
    text = show("--format", "toml", "--origin", "POSTGRES_HOST").out
    assert text.splitlines() == [
        "[prod]",
        "# config/settings.toml:8 [prod]",
        'POSTGRES_HOST = "db.example.org"',
    ]


def test_json_marks_what_is_redacted_and_has_null_for_what_is_unset(show):
    names = ["JWT_SECRET_KEY", "DB_ECHO", "POSTGRES_USER"]
    document = json.loads(show("--format", "json", *names).out)
    assert document == {
        "JWT_SECRET_KEY": {"redacted": True},
        "DB_ECHO": True,
        "POSTGRES_USER": None,
    }


def test_json_with_origins_has_the_place_of_each(show):
    document = json.loads(show("--format", "json", "--origin", "POSTGRES_HOST").out)
    assert document["POSTGRES_HOST"] == {
        "value": "db.example.org",
        "origin": {
            "source": "settings",
            "name": "POSTGRES_HOST",
            "path": "config/settings.toml",
            "section": "prod",
            "line": 8,
            "column": 17,
        },
    }


def test_env_is_what_a_shell_reads(show):
    outcome = show("--format", "env", "PROJECT_NAME", "DB_ECHO", "POSTGRES_USER")
    assert [shlex.split(line) for line in outcome.out.splitlines()] == [
        ["PROJECT_NAME=Fractal at the Institute"],
        ["DB_ECHO=true"],
    ]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("POSTGRES_HOSTNAME", "POSTGRES_HOSTNAME is no setting; POSTGRES_HOST is"),
        ("NONSENSE", "NONSENSE is no setting"),
        ("OAUTH_GITLAB_CLIENT_ID", "OAUTH_GITLAB_CLIENT_ID is no setting"),
    ],
)
def test_a_name_that_is_no_setting_is_wrong_usage(name, said, show):
    outcome = show(name)
    assert (outcome.code, outcome.out) == (2, "")
    assert f"Error: {said}" in outcome.err


def test_a_refused_configuration_is_reported_on_stderr_and_ends_with_1(show):
    outcome = show("POSTGRES_HOST", DB_ECHO="maybe", JWT_EXPIRE_SECONDS="1h")
    assert (outcome.code, outcome.out) == (1, "")
    assert 'error[FS202]: DB_ECHO is "maybe", not a boolean' in outcome.err
    assert "error[FS201]" in outcome.err
    assert "canary" not in outcome.err


def test_what_the_server_only_misses_when_it_starts_is_no_reason_to_refuse(call):
    outcome = call("show", "JWT_SECRET_KEY")
    assert (outcome.code, outcome.out) == (0, "JWT_SECRET_KEY  unset\n")


@pytest.mark.parametrize("format_", ["table", "json"])
def test_control_characters_are_shown_escaped(format_, show):
    arguments = ["--format", format_, "--origin", "PROJECT_NAME", "POSTGRES_USER"]
    out = show(*arguments, PROJECT_NAME="\x1b[2J", POSTGRES_USER="two\nlines\x9b").out
    assert "\x1b" not in out
    assert "\x9b" not in out


@pytest.mark.parametrize("columns", [60, 100])
def test_on_a_terminal_it_is_a_table_that_fits(columns, show, tmp_path):
    assert show().code == 0
    environ = {**SECRETS, "FRACTAL_ENV": "prod", "PROJECT_NAME": "\x1b[2J"}
    told = gallery.run(["show", "--origin"], environ, tmp_path, columns)
    lines = told.stdout.splitlines()
    assert lines[0].split() == ["setting", "value", "origin"]
    assert [line for line in lines if len(line) > columns] == []
    assert "canary" not in told.stdout
    assert "\x1b" not in told.stdout


@pytest.mark.parametrize("format_", ["toml", "json", "env"])
def test_a_byte_that_is_not_utf_8_is_given_as_it_is_or_told(tmp_path, format_):
    shown = raw(tmp_path, format_, FRACTAL_TASKS_DIR=b"/srv/\xff", PROJECT_NAME=b"x")
    assert b"PROJECT_NAME" in shown.stdout
    if format_ == "env":
        assert b"FRACTAL_TASKS_DIR='/srv/\xff'\n" in shown.stdout
    else:
        assert b"FRACTAL_TASKS_DIR" not in shown.stdout
        assert b"FRACTAL_TASKS_DIR is left out: it holds bytes that are not UTF-8" in shown.stderr


@pytest.mark.parametrize("format_", ["toml", "json", "env"])
def test_of_a_secret_that_is_not_shown_nothing_is_told(tmp_path, format_):
    shown = raw(tmp_path, format_, JWT_SECRET_KEY=b"canary\xff")
    assert b"left out" not in shown.stderr
    assert b"canary" not in shown.stdout + shown.stderr


def test_a_machine_format_is_utf_8_in_any_locale(tmp_path):
    shown = raw(tmp_path, "toml", PROJECT_NAME="Łódź".encode(), PYTHONIOENCODING=b"latin-1")
    assert tomllib.loads(shown.stdout.decode("utf-8"))["default"]["PROJECT_NAME"] == "Łódź"


def raw(folder: Path, format_: str, **environ: bytes) -> subprocess.CompletedProcess[bytes]:
    source = str(Path(gallery.cli.__file__).parents[2])
    interpreters = {
        "FRACTAL_TASKS_PYTHON_DEFAULT_VERSION": b"3.11",
        "FRACTAL_TASKS_PYTHON_3_11": b"/usr/bin/python3.11",
    }
    return subprocess.run(
        [sys.executable, "-m", "fractal_settings", "show", "--format", format_],
        cwd=folder,
        env={"PYTHONPATH": source, **interpreters, **environ},
        capture_output=True,
        check=True,
    )
