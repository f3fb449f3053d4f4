"""One trial: a configuration is laid out and loaded, and nothing may happen but what was promised.

Everything that a trial needs is imported before it: what it imports would be told by the guard.
"""

from __future__ import annotations

import difflib  # noqa: F401 - imported before the guard listens, as all below
import encodings.unicode_escape  # noqa: F401
import importlib
import io  # noqa: F401
import json
import logging
import pkgutil
import shlex  # noqa: F401
import time
import tomllib  # noqa: F401
from enum import Enum, auto
from functools import partial
from pathlib import Path
from typing import NamedTuple

import dotenv.parser
import dotenv.variables  # noqa: F401

import fractal_settings
from fractal_settings import FractalConfigurationError, load, resolve
from fractal_settings.checking import examine
from fractal_settings.render import github, sarif
from fractal_settings.render import json as render_json
from fractal_settings.render.report import EnvironmentReport

from .bases import BASES, SERVER_PYTHON, SETTINGS, Configuration
from .disk import Disk
from .guard import Guard

APART = tuple(f"fractal_settings.{name}" for name in ("__main__", "cli", "probes"))
SECONDS = 1.0  # of processor time: the wall clock tells of the other programs, too
GIVEN = (
    "FRACTAL_SETTINGS_DIR",
    "FRACTAL_SECRETS_DIR",
    "CREDENTIALS_DIRECTORY",
    "FRACTAL_SLURM_CONFIG_FILE",
    "FRACTAL_LOCAL_CONFIG_FILE",
)


class Report(Enum):
    """Whether every check is run and told, and how."""

    NONE = auto()
    MOST = auto()
    EVERY = auto()


class Outcome(NamedTuple):
    """What came of a trial.

    Attributes:
        loaded: whether it reached a Settings.
        seconds: of processor time, of the slowest step.
    """

    loaded: bool
    seconds: float


class BreachError(AssertionError):
    """Something happened that never may."""


class Trial:
    """Trials in one folder.

    Attributes:
        folder: the working directory of each.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.disk = Disk(folder)
        self.guard = Guard()
        logging.getLogger("fractal_settings").addHandler(logging.NullHandler())
        logging.getLogger("fractal_settings").propagate = False
        for module in pkgutil.walk_packages(fractal_settings.__path__, "fractal_settings."):
            if not module.name.startswith(APART):
                importlib.import_module(module.name)
        broken = Configuration({SETTINGS: b"[default]\nPOSTGRES_DATABASE = 1\n"}, {"FRACTAL_": ""})
        for made in [broken, *(base() for base in BASES)]:  # imports what is lazy
            self.disk.lay_out(made.files)
            self._reported(made)
            self._loaded(made)

    def run(self, made: Configuration, *, report: Report = Report.NONE) -> Outcome:
        """Load, check, and, if asked, report.

        Raises:
            BreachError: another exception than FractalConfigurationError, more than a second, or
                a file opened, code run or a module imported that was not to be.
        """
        self.disk.lay_out(made.files)
        given = {made.environ[name] for name in made.environ if self._names_a_file(name)}
        files = frozenset(str(self.folder / self.disk.fill(each)) for each in given)
        with self.guard.on((str(self.folder),), files):
            loaded, seconds = self._timed(self._loaded, made)
            if report is not Report.NONE:
                act = partial(self._reported, report=report)
                seconds = max(seconds, self._timed(act, made)[1])
        breaches = self.guard.heard()
        if breaches:
            raise BreachError(breaches)
        if seconds > SECONDS:
            raise BreachError(f"{seconds:.2f} s")
        return Outcome(loaded, seconds)

    def _names_a_file(self, name: str) -> bool:
        return name in GIVEN or name.endswith("_FILE")

    def _timed(self, act, made: Configuration) -> tuple[bool, float]:
        began = time.process_time()
        done = act(made)
        return done, time.process_time() - began

    def _arguments(self, made: Configuration) -> dict[str, object]:
        return {
            "environ": {name: self.disk.fill(value) for name, value in made.environ.items()},
            "cwd": self.folder,
            "overrides": made.overrides,
            "server_python": SERVER_PYTHON,
        }

    def _loaded(self, made: Configuration) -> bool:
        try:
            settings = load(made.environment, **self._arguments(made))
        except FractalConfigurationError as error:
            str(error)
            return False
        try:
            settings.check()
        except FractalConfigurationError as error:
            str(error)
        repr(settings)
        settings.get_sanitized()
        return True

    def _reported(self, made: Configuration, *, report: Report = Report.EVERY) -> bool:
        resolved = resolve(made.environment, **self._arguments(made))
        found = EnvironmentReport(resolved.folder, resolved.environment, *examine(resolved))
        json.loads(render_json.render([found]))
        github.render([found])
        if report is Report.EVERY:  # most of a SARIF log is the same each time
            json.loads(sarif.render([found]))
        return resolved.settings is not None
