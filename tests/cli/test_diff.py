"""`diff` shows two environments side by side, and of secrets only whether they differ."""

from __future__ import annotations

import pytest

TOML = """
[default]
FRACTAL_TASKS_PYTHON_DEFAULT_VERSION = "3.11"
FRACTAL_TASKS_PYTHON_3_11 = "/usr/bin/python3.11"
POSTGRES_DB = "fractal"

[staging]
POSTGRES_HOST = "db-staging.example.org"
OAUTH_GITHUB_CLIENT_ID = "staging"

[prod]
POSTGRES_HOST = "db.example.org"
DB_ECHO = true

[twin]
POSTGRES_HOST = "db.example.org"
DB_ECHO = "yes"
"""
SECRETS = """
[staging]
JWT_SECRET_KEY = "canary-staging-0c5f1e97d2f84a63b7d9"
POSTGRES_PASSWORD = "canary-password"
OAUTH_GITHUB_CLIENT_SECRET = "canary-oauth"

[prod]
JWT_SECRET_KEY = "canary-prod-7b1d93c4e0a25f86d3c7b1a9"
POSTGRES_PASSWORD = "canary-password"

[twin]
JWT_SECRET_KEY = "canary-prod-7b1d93c4e0a25f86d3c7b1a9"
POSTGRES_PASSWORD = "canary-password"
"""


@pytest.fixture
def diff(call, tmp_path):
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "settings.toml").write_text(TOML)
    (folder / ".secrets.toml").write_text(SECRETS)
    (folder / ".secrets.toml").chmod(0o600)

    def called(*arguments: str, **environ: str):
        return call("diff", *arguments, **environ)

    return called


def test_what_differs_is_told_side_by_side_with_its_origins(diff):
    outcome = diff("staging", "prod")
    assert outcome.code == 1
    assert outcome.out.splitlines() == [
        "OAUTH_GITHUB_CLIENT_ID",
        "  - staging: staging  (config/settings.toml:9 [staging])",
        "  + prod: unset  (default)",
        "OAUTH_GITHUB_CLIENT_SECRET",
        "  - staging: ***  (config/.secrets.toml:5 [staging])",
        "  + prod: unset  (default)",
        "JWT_SECRET_KEY",
        "  - staging: *** (differs)  (config/.secrets.toml:3 [staging])",
        "  + prod: *** (differs from it)  (config/.secrets.toml:8 [prod])",
        "DB_ECHO",
        "  - staging: false  (default)",
        "  + prod: true  (config/settings.toml:13 [prod])",
        "POSTGRES_HOST",
        "  - staging: db-staging.example.org  (config/settings.toml:8 [staging])",
        "  + prod: db.example.org  (config/settings.toml:12 [prod])",
    ]
    assert outcome.err == "5 settings differ\n"


def test_equal_environments_end_with_0_whatever_way_they_say_it(diff):
    outcome = diff("prod", "twin")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "no setting differs\n")


def test_equal_settings_are_shown_on_demand_and_do_not_count(diff):
    outcome = diff("prod", "twin", "--all")
    assert outcome.code == 0
    lines = outcome.out.splitlines()
    at = lines.index("JWT_SECRET_KEY")
    assert lines[at + 1 : at + 3] == [
        "    prod: ***  (config/.secrets.toml:8 [prod])",
        "    twin: ***  (config/.secrets.toml:12 [twin])",
    ]


def test_a_variable_is_the_same_in_both(diff):
    assert "POSTGRES_HOST" not in diff("staging", "prod", POSTGRES_HOST="localhost").out


@pytest.mark.parametrize("arguments", [["staging", "prod"], ["prod", "twin", "--all"]])
def test_no_secret_is_shown(arguments, diff):
    outcome = diff(*arguments)
    assert "canary" not in outcome.out + outcome.err


def test_a_side_that_cannot_be_resolved_ends_with_2_and_its_report(diff, tmp_path):
    with (tmp_path / "config/settings.toml").open("a") as file:
        file.write("POSTGRES_USER = 7\n")
    outcome = diff("prod", "twin")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("environment twin is refused:\n\nerror[FS206]: POSTGRES_USER")
    assert "environment prod" not in outcome.err


def test_an_unknown_environment_ends_with_2(diff):
    outcome = diff("prod", "production")
    assert (outcome.code, outcome.out) == (2, "")
    assert 'error[FS111]: no file has a section for environment "production"' in outcome.err


@pytest.mark.parametrize("arguments", [[], ["prod"], ["prod", "twin", "staging"]])
def test_it_takes_two_environments(arguments, diff):
    outcome = diff(*arguments)
    assert (outcome.code, outcome.out) == (2, "")


def test_control_characters_are_told_escaped(diff, tmp_path):
    with (tmp_path / "config/settings.toml").open("a") as file:
        file.write('["o\\u001bdd"]\nPROJECT_NAME = "\\u001b[2J"\n')
    outcome = diff("prod", "o\x1bdd")
    assert outcome.code == 1
    assert "  + o\\x1bdd: \\x1b[2J  (config/settings.toml:19 [o\\x1bdd])" in outcome.out
    assert "\x1b" not in outcome.out + outcome.err
