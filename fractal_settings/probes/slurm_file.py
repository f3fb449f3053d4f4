"""The SLURM file as the jobs that it leads to, and where in it each thing stands they ask for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..documents import Document, KeyPath
from ..origins import Origin, Source
from ..problems import Problem, errors, problem
from ..redact import printable
from ..runner_configs import SlurmConfig
from ..runners import read_runner_file
from ..sources.layers import display
from .commands import Command

if TYPE_CHECKING:
    from .probe import Scene

_NAME = "FRACTAL_SLURM_CONFIG_FILE"
_DEFAULT, _GPU = "default_slurm_config", "gpu_slurm_config"


class _Option(NamedTuple):
    """How a key of the file becomes an option of sbatch, and what its refusal means."""

    line: str
    code: str
    hint: str


_OPTIONS = {
    "cpus_per_task": _Option(
        "--cpus-per-task={}", "FS642", 'sinfo --format="%P %c"   # CPUs of a node'
    ),
    "mem": _Option("--mem={}M", "FS641", 'sinfo --format="%P %m"   # memory of a node, in MB'),
    "constraint": _Option(
        "--constraint={}", "FS640", 'sinfo --format="%P %f"   # features of the nodes'
    ),
    "gres": _Option("--gres={}", "FS639", 'sinfo --format="%P %G"   # generic resources'),
    "gpus": _Option("--gpus={}", "FS639", 'sinfo --format="%P %G"   # generic resources'),
    "time": _Option("--time={}", "FS643", 'sinfo --format="%P %l"   # time limits'),
    "account": _Option(
        "--account={}", "FS638", "sacctmgr show associations format=user,account,partition"
    ),
}


class Part(NamedTuple):
    """One thing that a job asks for, asked for by itself.

    Attributes:
        code: of the problem if it is refused.
        shown: the option.
        test: the command that asks.
        keys: below the section, of its place in the file.
        hint: the fix.
    """

    code: str
    shown: str
    test: Command
    keys: KeyPath
    hint: str


@dataclass(frozen=True, slots=True)
class SlurmFile:
    """The file, read and valid.

    Attributes:
        config: what it says.
        document: its text.
        path: as reports show it.
    """

    config: SlurmConfig
    document: Document = field(repr=False)
    path: str

    @property
    def sections(self) -> tuple[str, ...]:
        """The kinds of job: of every task, and of a task that needs a GPU."""
        return (_DEFAULT, _GPU) if self.config.gpu_slurm_config else (_DEFAULT,)

    def _options(self, section: str) -> dict[str, object]:
        """What a job asks for; that of a GPU task overrides that of every task."""
        options = self.config.default_slurm_config.model_dump(exclude_unset=True)
        if section == _GPU and self.config.gpu_slurm_config:
            options |= self.config.gpu_slurm_config.model_dump(exclude_unset=True)
        return {key: value for key, value in options.items() if value is not None}

    def partitions(self, section: str) -> list[str]:
        """The partitions that a job may run in."""
        names = str(self._options(section).get("partition", ""))
        return [name for name in names.split(",") if name]

    def tests(self) -> list[Command]:
        """Ask whether each section's job is accepted, and then the largest, submitting none."""
        return [*(self._whole(section) for section in self.sections), self._largest()]

    def _whole(self, section: str) -> Command:
        options = self._options(section)
        given = [
            option.line.format(options[key]) for key, option in _OPTIONS.items() if key in options
        ]
        return self._test(section, *given, extra=self._extra(section))

    def bare(self, section: str) -> Command:
        """Ask for nothing but the partition."""
        return self._test(section)

    def parts(self, section: str) -> list[Part]:
        """Each thing that the job asks for beside the partition, by itself."""
        options = self._options(section)
        parts = []
        for key, option in _OPTIONS.items():
            if key in options:
                line = option.line.format(options[key])
                test = self._test(section, line)
                parts.append(Part(option.code, line, test, (key,), option.hint))
        for index, line in enumerate(self._extra(section)):
            test = self._test(section, extra=(line,))
            hint = "mend or remove the line; sbatch --help lists the options"
            parts.append(Part("FS644", line, test, ("extra_lines", index), hint))
        return parts

    def _largest(self) -> Command:
        """The largest job into which batching packs tasks; one task's, if it packs none."""
        options, batching = self._options(_DEFAULT), self.config.batching_config
        cpus, memory = options.get("cpus_per_task"), options.get("mem")
        if not isinstance(cpus, int) or not isinstance(memory, int) or cpus < 1 or memory < 1:
            return self._whole(_DEFAULT)
        tasks = min(batching.max_cpus_per_job // cpus, batching.max_mem_per_job // memory)
        if tasks <= 1:
            return self._whole(_DEFAULT)
        size = f"--cpus-per-task={cpus}", f"--mem={tasks * memory}M"
        return self._test(_DEFAULT, *size, tasks=tasks)

    def _extra(self, section: str) -> list[str]:
        lines = self._options(section).get("extra_lines", [])
        return lines if isinstance(lines, list) else []

    def _test(
        self,
        section: str,
        *options: str,
        extra: Iterator[str] | list[str] | tuple[str, ...] = (),
        tasks: int = 1,
    ) -> Command:
        partition = self._options(section).get("partition")
        named = [f"--partition={partition}"] if partition else []
        head = [f"#SBATCH {option}" for option in (*named, f"--ntasks={tasks}", *options)]
        script = "\n".join(["#!/bin/sh", *head, *extra, "exit 0", ""])
        return Command(("sbatch", "--test-only"), script)

    def problem(
        self, code: str, message: str, section: str, *keys: str | int, hint: str
    ) -> Problem:
        """A problem at a key of a section, or where every task's section has it."""
        location: KeyPath = (section, *keys)
        if section == _GPU and keys and location[:2] not in self.document.positions:
            location = (_DEFAULT, *keys)
        position = self.document.position(location)
        line, column = (position.line, position.column) if position else (1, 1)
        name = ".".join(map(str, location))
        return problem(
            code,
            message,
            name=_NAME,
            origin=Origin(Source.RUNNER_FILE, name, self.path, "", line, column),
            snippet=self.document.snippet(location),
            hint=hint,
        )


def read_slurm_file(scene: Scene) -> SlurmFile | None:
    """The SLURM file, if the settings name one that `check` has nothing against."""
    given = scene.facts.values.get(_NAME)
    if not isinstance(given, Path):
        return None
    path = scene.facts.cwd / given
    shown = printable(display(path, scene.facts.cwd))
    loaded = read_runner_file(SlurmConfig, path, shown, _NAME)
    config, document = loaded.config, loaded.document
    if errors(loaded.problems) or not isinstance(config, SlurmConfig) or document is None:
        return None
    return SlurmFile(config, document, shown)
