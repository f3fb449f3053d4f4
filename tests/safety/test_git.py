"""A secret that git holds is found, by asking git; nothing of the repository is run."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fractal_settings import resolve
from fractal_settings.checking import examine
from fractal_settings.git import would_commit

KEY = "0c5f1e97d2f84a63b7d9e5f1b06a4c2d"
SECRETS = f'[prod]\nJWT_SECRET_KEY = "{KEY}"\n'
SETTINGS = """\
[default]
POSTGRES_DB = "fractal"
FRACTAL_TASKS_DIR = "/srv/fractal/tasks"
FRACTAL_TASKS_PYTHON_DEFAULT_VERSION = "3.11"
FRACTAL_TASKS_PYTHON_3_11 = "/usr/bin/python3.11"
FRACTAL_RUNNER_WORKING_BASE_DIR = "/srv/fractal/jobs"
[prod]
FRACTAL_DEFAULT_ADMIN_EMAIL = "admin@example.org"
"""
NOBODY = 65534
PATH = os.environ["PATH"]
GIT = str(shutil.which("git"))


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(
        [GIT, *identity, *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        env={"PATH": PATH, "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"},
    ).stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A real repository with a settings folder whose secrets file is not committed yet."""
    git(tmp_path, "init", "-q")
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.toml").write_text(SETTINGS)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "settings")
    write(tmp_path / "config" / ".secrets.toml", SECRETS)
    return tmp_path


def write(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o600)


def found(folder: Path, *, environ: dict[str, str] | None = None, static: bool = False):
    world = {"PATH": PATH, "FRACTAL_ENV": "prod"} if environ is None else environ
    resolved = resolve(
        world.get("FRACTAL_ENV"), environ=world, cwd=folder, server_python=None, static=static
    )
    return [each for each in examine(resolved).problems if each.code in {"FS501", "FS502"}]


def codes(folder: Path, **arguments) -> list[str]:
    return [each.code for each in found(folder, **arguments)]


def checked(folder: Path) -> list[tuple[str, str, int]]:
    """The codes of `fractal-settings check` with their places."""
    process = subprocess.run(
        [sys.executable, "-m", "fractal_settings", "check", "--env", "prod", "--format", "json"],
        cwd=folder,
        env={"PATH": PATH, "PYTHONPATH": str(Path(__file__).parents[2])},
        check=False,
        capture_output=True,
        text=True,
    )
    assert KEY not in process.stdout + process.stderr
    problems = json.loads(process.stdout)["reports"][0]["problems"]
    return [
        (each["code"], each["origin"]["path"], each["origin"]["line"])
        for each in problems
        if each["code"] == "FS501"
    ]


def test_check_flags_a_committed_secret_and_is_silent_when_the_file_is_ignored(repository):
    assert checked(repository) == [("FS501", "config/.secrets.toml", 2)]  # it would be added

    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "by mistake")
    assert checked(repository) == [("FS501", "config/.secrets.toml", 2)]

    git(repository, "rm", "-q", "--cached", "config/.secrets.toml")
    (repository / ".gitignore").write_text(".secrets.toml\n")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "ignored")
    assert checked(repository) == []


def test_a_file_that_is_ignored_and_tracked_all_the_same_is_flagged(repository):
    (repository / ".gitignore").write_text(".secrets.toml\n")
    assert codes(repository) == []
    git(repository, "add", "-f", "config/.secrets.toml")
    assert codes(repository) == ["FS501"]


def test_every_file_that_holds_a_secret_is_asked_for(repository):
    (repository / "config" / ".secrets.toml").unlink()
    (repository / "config" / "settings.toml").write_text(
        SETTINGS + 'POSTGRES_PASSWORD = "made-up"\nPOSTGRES_HOST = "postgresql://u:made-up@h/d"\n'
    )
    (repository / "config" / "settings.local.toml").write_text('[prod]\nJWT_SECRET_KEY = "x"\n')
    (repository / ".fractal_server.env").write_text("OAUTH_GITHUB_CLIENT_SECRET=made-up\n")
    write(repository / "jwt", KEY)
    (repository / "mounted").mkdir()
    write(repository / "mounted" / "FRACTAL_DEFAULT_ADMIN_PASSWORD", "made-up")
    environ = {
        "PATH": PATH,
        "FRACTAL_ENV": "prod",
        "JWT_SECRET_KEY_FILE": "jwt",
        "FRACTAL_SECRETS_DIR": "mounted",
    }
    assert {(each.origin.path, each.name) for each in found(repository, environ=environ)} == {
        ("config/settings.toml", "POSTGRES_PASSWORD"),
        ("config/settings.toml", "POSTGRES_HOST"),
        ("config/settings.local.toml", "JWT_SECRET_KEY"),
        (".fractal_server.env", "OAUTH_GITHUB_CLIENT_SECRET"),
        ("jwt", "JWT_SECRET_KEY"),
        ("mounted/FRACTAL_DEFAULT_ADMIN_PASSWORD", "FRACTAL_DEFAULT_ADMIN_PASSWORD"),
    }


def test_an_empty_secret_and_the_public_default_are_no_secrets(repository):
    write(
        repository / "config" / ".secrets.toml",
        '[prod]\nJWT_SECRET_KEY = ""\nFRACTAL_DEFAULT_ADMIN_PASSWORD = "1234"\n',
    )
    assert codes(repository) == []


def test_what_counts_is_where_a_link_leads(repository, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "secrets.toml"
    secrets = repository / "config" / ".secrets.toml"
    secrets.rename(outside)
    secrets.symlink_to(outside)
    assert codes(repository) == []

    copy = tmp_path_factory.mktemp("deployed")
    (copy / "config").symlink_to(repository / "config")
    outside.rename(secrets)
    assert codes(copy) == ["FS501"]


def test_static_looks_at_the_committed_file_alone(repository):
    assert codes(repository, static=True) == []

    (repository / "config" / "settings.toml").write_text(SETTINGS + f'JWT_SECRET_KEY = "{KEY}"\n')
    assert codes(repository, static=True) == ["FS501"]

    (repository / ".gitignore").write_text("settings.toml\n")
    git(repository, "rm", "-q", "--cached", "config/settings.toml")
    assert codes(repository, static=True) == []


def test_without_git_it_cannot_be_told_and_without_a_repository_there_is_nothing_to_tell(
    repository,
):
    environ = {"FRACTAL_ENV": "prod", "PATH": "/nowhere"}
    assert codes(repository, environ=environ) == ["FS502"]
    shutil.rmtree(repository / ".git")
    assert codes(repository, environ=environ) == []
    assert codes(repository) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_repository_of_somebody_else_is_unknown(repository):
    for path in [repository, *repository.rglob("*")]:
        os.chown(path, NOBODY, NOBODY)
    assert codes(repository) == ["FS502"]


def test_nothing_of_the_repository_is_run(repository, tmp_path_factory):
    sentinels = tmp_path_factory.mktemp("sentinels")
    program = repository / ".git" / "program"
    program.write_text(f'#!/bin/sh\ntouch "{sentinels}/$$"\ncat\n')
    program.chmod(0o755)
    for name in ("core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "pager.ls-files",
                 "filter.x.clean", "filter.x.smudge", "filter.x.process", "diff.external",
                 "alias.ls-files", "credential.helper", "gpg.program"):  # fmt: skip
        git(repository, "config", name, str(program))
    git(repository, "config", "core.untrackedCache", "true")
    git(repository, "config", "extensions.partialClone", "origin")
    git(repository, "config", "remote.origin.url", f"ext::{program}")
    git(repository, "config", "remote.origin.promisor", "true")
    git(repository, "config", "protocol.ext.allow", "always")
    (repository / ".gitattributes").write_text("* filter=x diff=x\n")
    for hook in ("post-index-change", "pre-auto-gc", "fsmonitor-watchman", "post-checkout"):
        shutil.copy(program, repository / ".git" / "hooks" / hook)
    secrets = repository / "config" / ".secrets.toml"
    os.utime(secrets, (0, 0))  # so that git would like to look at it again
    os.utime(repository / "config" / "settings.toml", (0, 0))

    assert codes(repository) == ["FS501"]
    assert list(sentinels.iterdir()) == []

    git(repository, "status")  # it is the guard that keeps them from being run
    assert list(sentinels.iterdir())


def test_git_is_not_led_astray_by_variables_or_a_command_in_the_folder(
    repository, tmp_path_factory, monkeypatch
):
    other = tmp_path_factory.mktemp("other")
    git(other, "init", "-q")
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.setenv(name, str(other / ".git"))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.excludesFile")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(repository / "config" / "settings.toml"))
    fake = repository / "git"
    fake.write_text("#!/bin/sh\ntouch led-astray\n")
    fake.chmod(0o755)
    monkeypatch.chdir(repository)

    file = repository / "config" / ".secrets.toml"
    assert would_commit([file], f".:{PATH}") == {file: True}
    assert not (repository / "led-astray").exists()


@pytest.mark.parametrize("name", ["*.toml", ":(top)x", "--help", "a\nb", "\udcff", "ä"])
def test_a_name_is_no_pattern(name, repository):
    files = [repository / name, repository / "config" / ".secrets.toml"]
    assert would_commit(files, PATH) == {files[0]: False, files[1]: True}
    files[0].write_text("")
    assert would_commit(files, PATH) == {files[0]: True, files[1]: True}
