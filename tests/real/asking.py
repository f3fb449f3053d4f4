"""Settings as a server would have them, and what the probes of one service say of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import fractal_settings
from fractal_settings import resolve
from fractal_settings.probes import Outcome, Scene, probes, run
from fractal_settings.problems import Severity

MARK = str(os.getpid())
PATH = os.environ["PATH"]
COMMAND = (sys.executable, "-m", "fractal_settings")
IMPORTABLE = {"PYTHONPATH": str(Path(fractal_settings.__file__).parents[1])}


def settings(**variables: str) -> dict[str, str]:
    """An environment in which nothing is wrong; `variables` are beside or instead."""
    complete = {
        "PATH": PATH,
        "HOME": "/nonexistent",
        "DOCTOR_TEST": MARK,  # tells what the tests start from everything else
        "JWT_SECRET_KEY": "made-up-5b0c1e97d2f84a63b7d9e5f1",
        "POSTGRES_DB": "fractal",
        "FRACTAL_TASKS_DIR": "/srv/fractal/tasks",
        "FRACTAL_RUNNER_WORKING_BASE_DIR": "/srv/fractal/jobs",
    }
    return complete | variables


class Said(list[Outcome]):
    """The outcomes of probes."""

    @property
    def codes(self) -> set[str]:
        """Those of errors and warnings; notes need no action."""
        return {
            each.code
            for outcome in self
            for each in outcome.problems
            if each.severity is not Severity.NOTE
        }

    @property
    def notes(self) -> set[str]:
        return {
            each.code
            for outcome in self
            for each in outcome.problems
            if each.severity is Severity.NOTE
        }

    @property
    def facts(self) -> str:
        return "; ".join(fact for outcome in self for fact in outcome.facts)

    def problem(self, code: str):
        (found,) = [each for outcome in self for each in outcome.problems if each.code == code]
        return found


def ask(service: str, environ: dict[str, str], cwd: Path = Path("/"), **scene: object) -> Said:
    """What the probes of a service find, which must take no longer than the limit and a second."""
    resolved = resolve(environ=environ, cwd=cwd)
    seen = Scene(resolved.facts, environ, **scene)
    began = time.monotonic()
    said = Said(run(probes(service, seen), seen))
    assert time.monotonic() - began < seen.limit + 1
    return said


class Report(NamedTuple):
    """How the command ended, and what it reported."""

    status: int
    problems: list[dict[str, object]]
    talk: str

    @property
    def codes(self) -> set[str]:
        """Those of errors and warnings."""
        return {str(each["code"]) for each in self.problems if each["severity"] != "note"}


def doctor(
    environ: dict[str, str], cwd: Path, *arguments: str, before: tuple[str, ...] = ()
) -> Report:
    """Run the command, as a person would."""
    done = subprocess.run(
        [*before, *COMMAND, "doctor", *arguments, "--format", "json"],
        env=environ | IMPORTABLE,
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode in {0, 1}, done.stderr
    (report,) = json.loads(done.stdout)["reports"]
    return Report(done.returncode, report["problems"], done.stderr)
