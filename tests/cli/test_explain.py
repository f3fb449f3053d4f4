"""`explain` tells of a setting what it means and who says what of it, and of a code what to do."""

from __future__ import annotations

import os

import pytest

from fractal_settings import Settings
from fractal_settings.catalogue import CATALOGUE

TOML = """
[default]
FRACTAL_TASKS_PYTHON_3_10 = "/usr/bin/python3.10"
JWT_EXPIRE_SECONDS = 180

[prod]
JWT_EXPIRE_SECONDS = 3600
FRACTAL_TASKS_DIR = "tasks"
OAUTH_GITHUB_CLIENT_ID = "fractal"
"""
LOCAL = "[prod]\nJWT_EXPIRE_SECONDS = 7200\n"


@pytest.fixture
def explain(call, tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config/settings.toml").write_text(TOML)
    (tmp_path / "config/settings.local.toml").write_text(LOCAL)
    (tmp_path / ".fractal_server.env").write_text("\nJWT_EXPIRE_SECONDS=60\n")

    def called(*arguments: str, **environ: str):
        return call("explain", *arguments, **environ)

    return called


def test_a_setting_is_told_with_every_layers_say_the_winner_first(explain):
    outcome = explain("JWT_EXPIRE_SECONDS", "--env", "prod", JWT_EXPIRE_SECONDS="900")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines() == [
        "JWT_EXPIRE_SECONDS",
        "  Lifetime of a JWT token.",
        "",
        "  type:      integer",
        "  unit:      seconds",
        "  default:   180",
        "  layers:    (environment prod; the first is used)",
        "    environment JWT_EXPIRE_SECONDS       900   used",
        "    .fractal_server.env:2                60    overridden",
        "    config/settings.local.toml:2 [prod]  7200  overridden",
        "    config/settings.toml:7 [prod]        3600  overridden",
        "    config/settings.toml:4 [default]     180   overridden",
        "    default                              180   overridden",
    ]


def test_a_value_that_becomes_another_is_told_with_what_it_becomes(explain, tmp_path):
    lines = explain("FRACTAL_TASKS_DIR", "--env", "prod").out.splitlines()
    assert "    config/settings.toml:8 [prod]  tasks  used" in lines
    assert f"  effective: {tmp_path}/tasks" in lines
    assert any(line.startswith("  warning[FS217]: ") for line in lines)


def test_a_required_setting_says_when_it_is_required(explain):
    always = explain("POSTGRES_DB", "--env", "prod").out
    sometimes = explain("FRACTAL_SLURM_WORKER_PYTHON", "--env", "prod").out
    assert "  required:  always\n" in always
    assert "  required:  for the backend slurm_ssh\n" in sometimes


def test_a_missing_setting_is_told_to_be_missing(explain):
    out = explain("POSTGRES_DB", "--env", "prod").out
    assert "  error[FS301]: POSTGRES_DB is missing\n" in out


def test_a_wrong_value_is_told_to_be_wrong(explain):
    out = explain("JWT_EXPIRE_SECONDS", "--env", "prod", JWT_EXPIRE_SECONDS="1h").out
    assert '  error[FS201]: JWT_EXPIRE_SECONDS is "1h", not an integer\n' in out


def test_a_derived_value_says_from_what_and_a_discarded_one_why(explain):
    version = explain("FRACTAL_TASKS_PYTHON_DEFAULT_VERSION", "--env", "prod").out
    discarded = explain("FRACTAL_TASKS_PYTHON_3_10", "--env", "prod").out.splitlines()
    derived = "derived from /usr/bin/python3.11, named by FRACTAL_SERVER_PYTHON"
    assert f"    {derived}  3.11  used\n" in version
    rows = [line.split("  ")[2:] for line in discarded if line.startswith("    ")]
    cells = [[cell.strip() for cell in row if cell] for row in rows]
    assert [
        "derived from FRACTAL_TASKS_PYTHON_DEFAULT_VERSION, which is unset",
        "none",
        "used",
    ] in cells
    assert ["config/settings.toml:3 [default]", "/usr/bin/python3.10", "discarded"] in cells
    assert any("FS227" in line for line in discarded)


def test_a_secret_is_told_to_be_one_and_never_shown(explain):
    key = "canary-0c5f1e97d2f84a63b7d9e5f1b06a4c2d"
    outcome = explain("JWT_SECRET_KEY", "--env", "prod", JWT_SECRET_KEY=key)
    assert "  type:      text, secret\n" in outcome.out
    assert "    environment JWT_SECRET_KEY  ***   used\n" in outcome.out
    assert "canary" not in outcome.out + outcome.err


def test_a_clients_variable_and_the_list_of_clients_are_settings_too(explain):
    secret = {"OAUTH_GITHUB_CLIENT_SECRET": "canary"}
    one = explain("OAUTH_GITHUB_CLIENT_ID", "--env", "prod", **secret).out
    all_of_them = explain("OAUTH_CLIENTS_CONFIG", "--env", "prod", **secret).out
    assert "  required:  for the OAuth client GITHUB\n" in one
    assert "    config/settings.toml:9 [prod]  fractal  used\n" in one
    assert "  effective: GITHUB\n" in all_of_them
    assert (
        "    config/settings.toml:9 [prod] OAUTH_GITHUB_CLIENT_ID  fractal  used\n" in all_of_them
    )
    assert "canary" not in one + all_of_them


@pytest.mark.parametrize("name", [*Settings.model_fields, "OAUTH_GITHUB_CLIENT_SECRET"])
def test_every_setting_is_explained_with_its_type(name, explain):
    outcome = explain(name, "--env", "prod", OAUTH_GITHUB_CLIENT_SECRET="made-up")
    assert outcome.code == 0
    assert outcome.out.startswith(f"{name}\n  ")
    assert "\n  type:      " in outcome.out
    assert "\n  layers:    (environment prod; the first is used)\n" in outcome.out


def test_with_no_environment_chosen_it_is_told_that_not_all_layers_were_heard(explain):
    outcome = explain("JWT_EXPIRE_SECONDS")
    assert outcome.code == 1
    assert "  type:      integer\n" in outcome.out
    assert "error[FS110]: no environment was chosen" in outcome.err


def test_with_an_unreadable_file_it_is_told_that_not_all_layers_were_heard(explain, tmp_path):
    (tmp_path / "config/settings.local.toml").write_text("[prod\n")
    outcome = explain("JWT_EXPIRE_SECONDS", "--env", "prod")
    assert outcome.code == 1
    assert "error[FS106]: config/settings.local.toml is not TOML" in outcome.err


def test_whatever_kept_a_place_from_being_read_is_told_and_nothing_else(explain, monkeypatch):
    monkeypatch.setattr(os.path, "samestat", lambda one, other: one is other)
    outcome = explain("DB_ECHO", "--env", "prod", JWT_EXPIRE_SECONDS="soon")
    assert outcome.code == 1
    assert "error[FS120]: config was replaced by another each time it was read" in outcome.err
    assert outcome.err.endswith("\n1 error\n")


def test_an_unknown_key_keeps_no_place_from_being_read(explain, tmp_path):
    (tmp_path / "config/settings.toml").write_text(f"{TOML}NO_SETTING = 1\n")
    outcome = explain("DB_ECHO", "--env", "prod")
    assert (outcome.code, outcome.err) == (0, "")


def test_no_client_is_the_default(explain):
    assert "  default:   none\n" in explain("OAUTH_CLIENTS_CONFIG", "--env", "prod").out


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_code_is_explained_with_its_fix_and_both_examples(code, explain):
    outcome = explain(code.lower())
    entry = CATALOGUE[code]
    assert outcome.code == 0
    assert outcome.out.startswith(f"{entry.severity}[{code}]: {entry.title}\n")
    assert "\nFix: " in outcome.out
    assert "\nBroken:\n" in outcome.out
    assert "\nRight:\n" in outcome.out
    words = outcome.out.split()
    for text in (entry.meaning, entry.fix):
        assert " ".join(text.split()) in " ".join(words)


def test_the_variables_of_an_example_are_told_apart_from_its_file(explain):
    lines = explain("FS122").out.splitlines()
    assert lines.index("  # variables") < lines.index("  FRACTAL_LOG_LEVEL=10")


@pytest.mark.parametrize(
    "name", ["FRACTAL_ENV", "FRACTAL_SETTINGS_DIR", "FRACTAL_SECRETS_DIR", "FRACTAL_SERVER_PYTHON"]
)
def test_what_counts_in_the_environment_alone_is_explained(name, explain):
    outcome = explain(name)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith(f"{name}\n  ")


def test_the_list_has_every_setting_and_every_code(explain):
    listed = [line.split()[0] for line in explain("--list").out.splitlines() if line]
    assert listed == [*Settings.model_fields, *CATALOGUE]


def test_the_help_lists_every_code(explain):
    outcome = explain("--help")
    assert outcome.code == 0
    assert all(f"  {code} " in outcome.out for code in CATALOGUE)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["POSTGRES_HOSTNAME"], "POSTGRES_HOSTNAME is no setting and no code; POSTGRES_HOST is"),
        (["postgres_host"], "postgres_host is no setting and no code; POSTGRES_HOST is"),
        (["FS999"], "FS999 is no setting and no code; --list lists them"),
        (["OAUTH_MY_IDP_CLIENT_ID"], "OAUTH_MYIDP_CLIENT_ID is"),
        ([], "name a setting or a code, or use --list"),
        (["DB_ECHO", "PROJECT_NAME"], "unexpected extra argument"),
    ],
)
def test_what_is_neither_setting_nor_code_is_wrong_usage(arguments, said, explain):
    outcome = explain(*arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err
