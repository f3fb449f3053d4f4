"""Taplo, the TOML language tool of editors, with our schema."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from fractal_settings.schema import schema
from tests.real import servers

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture(scope="module")
def lint(tmp_path_factory, had):
    """Lint a file with the schema; what Taplo said, or the empty text if it is content."""
    with had():
        taplo = servers.program("taplo", str(Path(sys.executable).parent))
    path = tmp_path_factory.mktemp("schema") / "settings.schema.json"
    path.write_text(json.dumps(schema()))

    def run(file: Path) -> str:
        found = subprocess.run(
            [taplo, "lint", "--schema", path.as_uri(), str(file)],
            cwd=file.parent,
            capture_output=True,
            text=True,
            check=False,
        )
        return found.stderr if found.returncode else ""

    return run


def test_it_accepts_the_example(lint):
    assert lint(CONFIG / "settings.toml") == ""


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("POSTGRES_DB", "POSTGRES_DBB", "('POSTGRES_DBB' was unexpected)"),
        ("PROJECT_NAME", "project_name", "('project_name' was unexpected)"),
        ('"slurm_ssh"', '"slrum_ssh"', '"slrum_ssh" is not one of ["local","local_experimental",'),
        ('DEFAULT_VERSION = "3.11"', "DEFAULT_VERSION = 3.10", '3.1 is not of type "string"'),
        ('"/usr/bin/python3.11"', '"python3.11"', '"python3.11" does not match "^/"'),
        ("\n[default]", '\nPROJECT_NAME = "x"\n[default]', '"x" is not of type "object"'),
    ],
)
def test_it_refuses_the_example_with_a_mistake(lint, tmp_path, right, wrong, said):
    text = (CONFIG / "settings.toml").read_text()
    assert right in text
    (tmp_path / "settings.toml").write_text(text.replace(right, wrong, 1))
    assert said in lint(tmp_path / "settings.toml")
