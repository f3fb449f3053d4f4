"""Whatever stands in files and environment: settings, or a FractalConfigurationError, and no more.

The same trials as those of the coverage-guided fuzzer, for a short time in every run of the tests.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.bases import BASES, SETTINGS, Configuration, Special
from tests.fuzz.changes import CHANGES, configuration
from tests.fuzz.trial import SECONDS, BreachError, Report, Trial

EXAMPLES = 400
LEAST_LOADED = 0.1


class Drawn:
    """Choices that hypothesis makes."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data

    def number(self, most: int) -> int:
        return self.data.draw(st.integers(0, most))

    def blob(self, longest: int) -> bytes:
        return self.data.draw(st.binary(max_size=longest))


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    return Trial(tmp_path_factory.mktemp("trial").resolve())


def test_what_is_changed_in_a_configuration_breaks_nothing(trial):
    outcomes = []

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.data_too_large, HealthCheck.too_slow],
    )
    @given(st.data())
    def try_it(data: st.DataObject) -> None:
        made = configuration(Drawn(data))
        report = Report.EVERY if len(outcomes) % 50 == 0 else Report.NONE
        outcomes.append(trial.run(made, report=report))

    try_it()
    assert len(outcomes) >= EXAMPLES
    assert sum(each.loaded for each in outcomes) >= LEAST_LOADED * len(outcomes)


@pytest.mark.parametrize("base", BASES)
def test_every_base_is_right(base, trial):
    assert trial.run(base(), report=Report.EVERY).loaded


@pytest.mark.parametrize("change", dict.fromkeys(CHANGES))
def test_every_change_can_be_made_to_every_base(change, trial):
    for base in BASES:
        made = base()
        change(made, FirstChoice())
        trial.run(made)


class FirstChoice:
    """Always the first of the choices."""

    def number(self, most: int) -> int:
        del most
        return 0

    def blob(self, longest: int) -> bytes:
        return b"x"[:longest]


def reads_another_file() -> None:
    with Path("/etc/passwd").open("rb"):
        pass


def writes_a_file() -> None:
    with Path("written").open("w"):
        pass


def runs_a_program() -> None:
    import subprocess

    subprocess.run(["/bin/true"], check=True)


def imports_a_module() -> None:
    sys.modules.pop("colorsys", None)  # what was imported before is not imported again
    import colorsys  # noqa: F401


def evaluates_text() -> None:
    eval("1 + 1")  # noqa: S307 - it is to be caught


def takes_long() -> None:
    until = time.process_time() + SECONDS
    while time.process_time() <= until:
        pass


def raises_another_error() -> None:
    raise KeyError("made up")


@pytest.mark.parametrize(
    "breach",
    [
        reads_another_file,
        writes_a_file,
        runs_a_program,
        imports_a_module,
        evaluates_text,
        takes_long,
        raises_another_error,
    ],
)
def test_a_trial_sees_each_kind_of_breach(breach, tmp_path, monkeypatch, trial):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(trial, "_loaded", lambda made: made is breach())
    with pytest.raises((BreachError, KeyError)):
        trial.run(Configuration({}, {}))


def test_a_trial_lays_out_what_is_no_file(trial):
    for kind in ("directory", "fifo", "loop"):
        trial.run(Configuration({SETTINGS: Special(kind)}, {}))
