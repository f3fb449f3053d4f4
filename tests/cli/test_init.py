"""`init` writes a folder to start from, and replaces nothing."""

from __future__ import annotations

import stat
import subprocess
import sys
import tomllib

import pytest

from fractal_settings import Settings
from fractal_settings.importing import IGNORED
from fractal_settings.names import OAUTH_LIST
from fractal_settings.redact import SECRETS


def test_what_it_writes_passes_check_at_once_and_strictly(call):
    assert call("init").code == 0
    outcome = call("check", "--env", "dev", "--strict")
    assert outcome.code == 0, outcome.out


def test_it_does_so_on_a_python_for_which_no_tasks_can_be_collected(call, tmp_path):
    """As on 3.13: then a default version is set."""
    (tmp_path / "python").write_text("#!/bin/sh\nprintf '3.13\\n/opt/python3.13\\n'\n")
    (tmp_path / "python").chmod(0o755)
    python = {"FRACTAL_SERVER_PYTHON": str(tmp_path / "python")}
    assert call("init", **python).code == 0
    outcome = call("check", "--env", "dev", **python)
    assert outcome.code == 0, outcome.out


def test_it_writes_the_four_files(call, tmp_path):
    outcome = call("init", "here")
    assert outcome.out.splitlines() == [
        "wrote here/.gitignore",
        "wrote here/.secrets.toml",
        "wrote here/settings.toml",
        "wrote here/settings.schema.json",
    ]
    assert outcome.err == "now look: fractal-settings --config-dir here check --env dev\n"
    assert stat.S_IMODE((tmp_path / "here/.secrets.toml").stat().st_mode) == 0o600
    assert (tmp_path / "here/.gitignore").read_text().splitlines() == list(IGNORED)


def test_the_folder_is_the_one_that_would_be_read(call, tmp_path):
    call("init", FRACTAL_SETTINGS_DIR="by-variable")
    call("--config-dir", "by-option", "init")
    assert {path.name for path in tmp_path.iterdir()} == {"by-variable", "by-option"}


def test_settings_toml_has_every_setting_with_its_meaning_and_the_required_ones_first(
    call, tmp_path
):
    call("init")
    text = (tmp_path / "config/settings.toml").read_text()
    sections = tomllib.loads(text)
    assert list(sections) == ["default", "dev", "staging", "prod"]
    places = [
        text.index(f"\n# {name}")
        for name in ["JWT_SECRET_KEY", "POSTGRES_DB", "FRACTAL_TASKS_DIR", "PROJECT_NAME"]
    ]
    assert places == sorted(places)
    flowing = text.replace("\n# ", " ")
    for name, field in Settings.model_fields.items():
        if name != OAUTH_LIST:
            assert f"# {name}" in text
            assert field.description in flowing


def test_each_setting_that_is_commented_out_may_be_taken_in(call, tmp_path):
    call("init")
    path = tmp_path / "config/settings.toml"
    lines = []
    for line in path.read_text().splitlines():
        name, equals, _ = line.removeprefix("# ").partition(" = ")
        taken = line.startswith("# ") and equals and name.isupper() and "[staging]" not in lines
        lines.append(line.removeprefix("# ") if taken and "[dev]" not in lines else line)
    path.write_text("\n".join(lines))
    secret = "OAUTH_INSTITUTE_CLIENT_SECRET"
    outcome = call("show", "--env", "dev", "--format", "json", **{secret: "made-up"})
    assert outcome.code == 0, outcome.err
    assert len(lines) > 100
    for name in Settings.model_fields:
        if name not in {OAUTH_LIST, "PROJECT_VERSION", *SECRETS}:
            assert any(line.startswith(f"{name} = ") for line in lines), name


def test_each_folder_gets_a_key_of_its_own(call, tmp_path):
    keys = set()
    for name in ("a", "b"):
        call("init", name)
        secrets = tomllib.loads((tmp_path / name / ".secrets.toml").read_text())
        keys.add(secrets["dev"]["JWT_SECRET_KEY"])
    assert len(keys) == 2
    assert all(len(key) == 64 for key in keys)


def test_no_file_is_written_if_one_is_in_the_way(call, tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config/settings.toml").write_text("[default]\n")
    outcome = call("init")
    assert outcome.code == 1
    assert "error[FS701]: config/settings.toml is already there" in outcome.err
    assert [path.name for path in (tmp_path / "config").iterdir()] == ["settings.toml"]
    assert call("init", "--force").code == 0
    assert call("check", "--env", "dev").code == 0


def test_nothing_is_written_if_gitignore_is_in_the_way(call, tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "ours").write_text("mine\n")
    (tmp_path / "config/.gitignore").symlink_to("../ours")
    outcome = call("init")
    assert (outcome.code, outcome.out) == (1, "")
    assert "error[FS702]: config/.gitignore is a symbolic link" in outcome.err
    assert [path.name for path in (tmp_path / "config").iterdir()] == [".gitignore"]
    assert call("init", "--follow-links").code == 0
    assert (tmp_path / "ours").read_text().splitlines() == ["mine", *IGNORED]


@pytest.mark.parametrize(
    "verb", [["init"], ["import", "old.env", "--env", "prod", "--write"]], ids=["init", "import"]
)
def test_a_secret_is_written_only_where_git_ignores_it_already(verb, tmp_path):
    """Stopped in the midst by a limit that .gitignore keeps and no other file."""
    (tmp_path / "old.env").write_text(f"POSTGRES_PASSWORD={'x' * 100}\n")
    limited = (
        "import resource, sys; from fractal_settings.cli import run;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)); sys.exit(run(sys.argv[1:]))"
    )
    # -B, or Python would leave caches of the code that are cut off by the limit.
    done = subprocess.run(
        [sys.executable, "-B", "-c", limited, *verb],
        cwd=tmp_path,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "error[FS704]: config/" in done.stderr
    assert [path.name for path in (tmp_path / "config").iterdir()] == [".gitignore"]


def test_lines_of_gitignore_are_added_and_none_is_lost(call, tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config/.gitignore").write_text("mine\n.secrets.toml")
    assert call("init").code == 0
    lines = (tmp_path / "config/.gitignore").read_text().splitlines()
    assert lines == ["mine", *IGNORED]
    outcome = call("init", "--force")
    assert "wrote config/.gitignore" not in outcome.out.splitlines()
    assert outcome.code == 0


def test_a_folder_that_cannot_be_made_is_told(call, tmp_path):
    (tmp_path / "file").write_text("")
    outcome = call("init", "file/config")
    assert outcome.code == 1
    assert "error[FS704]: file/config cannot be written: not a directory" in outcome.err
