"""The example in config/ is one to start from."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
COMMITTED = [
    ".secrets.toml.example",
    "local.json",
    "settings.toml",
    "slurm-prod.json",
    "slurm-staging.json",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working directory with what git holds of config/."""
    (tmp_path / "config").mkdir()
    for name in COMMITTED:
        shutil.copy(ROOT / "config" / name, tmp_path / "config")
    return tmp_path


def run(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command, on a PATH where no SLURM is."""
    kept = {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "fractal_settings", *arguments],
        cwd=folder,
        env={"PATH": str(folder / "bin"), **kept, **variables},
        check=False,
        capture_output=True,
        text=True,
    )


def errors(folder: Path, *arguments: str, **variables: str) -> dict[str, list[Any]]:
    """What `check` finds, by the name at fault."""
    process = run(folder, "check", "--format", "json", *arguments, **variables)
    found: dict[str, list[Any]] = {}
    for report in json.loads(process.stdout)["reports"]:
        for each in report["problems"]:
            if each["severity"] == "error":
                found.setdefault(each["name"], []).append(each)
    assert process.returncode == bool(found)
    return found


def secrets_of(environment: str) -> set[str]:
    example = ROOT / "config" / ".secrets.toml.example"
    return set(tomllib.loads(example.read_text(encoding="utf-8"))[environment])


def test_it_passes_a_static_check_of_all_environments(folder: Path) -> None:
    process = run(folder, "check", "--all", "--static", "--strict")

    assert process.returncode == 0, process.stdout


def test_a_misspelt_key_in_prod_alone_fails_at_its_line(folder: Path) -> None:
    path = folder / "config" / "settings.toml"
    lines = path.read_text(encoding="utf-8").splitlines()
    line = lines.index("[prod]") + 1
    lines.insert(line, 'POSTGRES_DATABASE = "fractal"')
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = errors(folder, "--all", "--static")

    assert list(found) == ["POSTGRES_DATABASE"]
    (problem,) = found["POSTGRES_DATABASE"]
    assert problem["origin"]["path"] == "config/settings.toml"
    assert (problem["origin"]["section"], problem["origin"]["line"]) == ("prod", line + 1)


@pytest.mark.parametrize(
    ("environment", "commands"),
    [("dev", []), ("staging", ["ssh"]), ("prod", ["sbatch", "squeue"])],
)
def test_with_the_secrets_of_the_example_only_the_commands_of_its_host_are_missing(
    environment: str, commands: list[str], folder: Path
) -> None:
    given = {name: f"made up for this test, {name.lower()}" for name in secrets_of(environment)}
    found = errors(folder, "--env", environment, **given)

    assert {each["code"][:3] for of_name in found.values() for each in of_name} <= {"FS4"}
    messages = " ".join(each["message"] for of_name in found.values() for each in of_name)
    assert [command for command in ("ssh", "sbatch", "squeue") if command in messages] == commands


def test_prod_names_everything_that_is_missing_at_once(folder: Path) -> None:
    process = run(folder, "check", "--config-dir", "config", FRACTAL_ENV="prod")

    assert process.returncode == 1
    for missing in ("JWT_SECRET_KEY", "OAUTH_INSTITUTE_CLIENT_SECRET", "sbatch", "squeue"):
        assert missing in process.stdout


def test_no_secret_stands_in_the_example() -> None:
    example = tomllib.loads((ROOT / "config/.secrets.toml.example").read_text(encoding="utf-8"))

    assert {value for section in example.values() for value in section.values()} == {""}
