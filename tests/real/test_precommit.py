"""The hook of .pre-commit-hooks.yaml, installed by pre-commit from a clone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.real import servers

ROOT = Path(__file__).parents[2]
CONFIG = ("settings.toml", "local.json", "slurm-prod.json", "slurm-staging.json")


def git(folder: Path, *words: str) -> None:
    name = ["-c", "user.name=Nobody", "-c", "user.email=nobody@example.org"]
    subprocess.run(
        [servers.program("git"), *name, *words], cwd=folder, check=True, capture_output=True
    )


@pytest.fixture(scope="module")
def hook(tmp_path_factory, had):
    """Run the hook of a clone of this repository on files of another one; its output and code."""
    with had():
        servers.program("git")
        program = servers.program("pre-commit", str(Path(sys.executable).parent))
        if not (ROOT / ".git").exists():
            raise servers.UnavailableError("there is no repository to clone")
    folder = tmp_path_factory.mktemp("pre-commit")
    git(folder, "clone", "--quiet", f"file://{ROOT}", "clone")

    def run(repository: Path, *files: str) -> tuple[int, str]:
        found = subprocess.run(
            [program, "try-repo", str(folder / "clone"), "fractal-settings", "--files", *files],
            cwd=repository,
            env={**os.environ, "PRE_COMMIT_HOME": str(folder / "home")},
            capture_output=True,
            text=True,
            check=False,
        )
        return found.returncode, found.stdout + found.stderr

    return run


@pytest.fixture
def repository(tmp_path):
    """A repository that has committed the example."""
    (tmp_path / "config").mkdir()
    for name in CONFIG:
        (tmp_path / "config" / name).write_bytes((ROOT / "config" / name).read_bytes())
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "Settings")
    return tmp_path


def plant(repository: Path, name: str, right: str, wrong: str) -> str:
    path = repository / "config" / name
    text = path.read_text()
    assert right in text
    path.write_text(text.replace(right, wrong, 1))
    git(repository, "add", "--all")
    return f"config/{name}"


def test_it_passes_on_the_example(hook, repository):
    code, output = hook(repository, *(f"config/{name}" for name in CONFIG))
    assert "fractal-settings check" in output
    assert "Passed" in output
    assert code == 0


def test_it_fails_on_planted_mistakes_and_tells_them_all(hook, repository):
    files = [
        plant(repository, "settings.toml", "JWT_EXPIRE_SECONDS", "JWT_EXPIRE_SECOND"),
        plant(repository, "settings.toml", '= "3.11"', "= 3.10"),
        plant(repository, "slurm-prod.json", '"target_num_jobs"', '"target_num_job"'),
    ]
    code, output = hook(repository, *files)
    assert "Failed" in output
    assert "error[FS115]: JWT_EXPIRE_SECOND is no setting" in output
    assert "error[FS203]" in output
    assert "error[FS311]" in output
    assert code == 1


@pytest.mark.parametrize(
    ("path", "looked_at"),
    [
        ("config/settings.toml", True),
        ("deep/er/settings.toml", True),
        ("settings.toml", True),
        ("config/slurm.json", True),
        ("deep/config/slurm.json", False),
        ("config/deep/x.json", False),
        ("settings.json", False),
        ("app-settings.toml", False),
    ],
)
def test_it_looks_at_settings_and_what_stands_beside_them(path, looked_at):
    (about,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert bool(re.search(about["files"], path)) == looked_at
