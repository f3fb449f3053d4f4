"""Coverage-guided fuzzing with atheris: `python -m tests.fuzz.coverage_guided [libFuzzer flags]`.

It stops at the first breach and writes the input to the working directory; given such a file as
argument it tries that alone. At the end it tells its figures as JSON.
"""

from __future__ import annotations

import json
import mmap
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import atheris

# Rendering is tried by chance, so that what it covers tells nothing of an input.
RENDERING = ["fractal_settings.render", "fractal_settings.catalogue"]
with atheris.instrument_imports(include=["fractal_settings", "dotenv"], exclude=RENDERING):
    from tests.fuzz.trial import Outcome, Report, Trial

from tests.fuzz.changes import Bytes, configuration  # noqa: E402 - as atheris has it

MEMORY_MIB = 256
TELL_EVERY = 50_000
INPUTS, LOADED, SLOWEST = range(3)


class Figures:
    """What the run amounts to: kept where the process that fuzzes and its parent both see it."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.kept = memoryview(mmap.mmap(-1, 4096)).cast("d")

    def add(self, outcome: Outcome) -> None:
        """Count one trial."""
        self.kept[INPUTS] += 1
        self.kept[LOADED] += outcome.loaded
        self.kept[SLOWEST] = max(self.kept[SLOWEST], outcome.seconds)
        if self.kept[INPUTS] % TELL_EVERY == 0:
            self.tell(resource.RUSAGE_SELF)

    def tell(self, who: int) -> None:
        """Print as JSON."""
        figures = {
            "inputs": int(self.kept[INPUTS]),
            "reached a Settings": int(self.kept[LOADED]),
            "share": round(self.kept[LOADED] / max(1, self.kept[INPUTS]), 3),
            "slowest, seconds of processor time": round(self.kept[SLOWEST], 3),
            "largest memory, MiB": round(resource.getrusage(who).ru_maxrss / 1024, 1),
            "wall seconds": round(time.monotonic() - self.began),
        }
        print(json.dumps(figures), flush=True)  # noqa: T201 - it is what the run is for


def fuzz(folder: Path, figures: Figures) -> None:
    """Fuzz until libFuzzer ends the process."""
    trial = Trial(folder)

    def one(data: bytes) -> None:
        number = int(figures.kept[INPUTS])
        report = Report.EVERY if number % 2048 == 0 else Report.NONE
        if number % 64 == 1:
            report = Report.MOST
        figures.add(trial.run(configuration(Bytes(data)), report=report))

    flags = [f"-rss_limit_mb={MEMORY_MIB}", "-timeout=60", "-max_len=512", "-len_control=10"]
    atheris.Setup([sys.argv[0], *flags, *sys.argv[1:]], one)
    atheris.Fuzz()


def main() -> int:
    """Fuzz in a child, clean up behind it, and tell the figures."""
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        figures = Figures()
        child = os.fork()
        if not child:
            fuzz(Path(folder).resolve(), figures)
        _, status = os.waitpid(child, 0)
        figures.tell(resource.RUSAGE_CHILDREN)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main())
