"""What the JSON files of the SLURM and local backends hold (spec rules 9 and 10, D9)."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from .readers import Reads, or_none, refuse

_MEMORY = re.compile(r"([0-9]{1,4000})([MGT]?)")
_UNITS = {"": 1, "M": 1, "G": 1_000, "T": 1_000_000}
WHOLE, TEXT, MEMORY = "FS313", "FS314", "FS315"


def whole(value: object) -> int:
    """An integer; 200.0 is one, a boolean is none, text only if `int` reads it."""
    if type(value) is int:
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            pass
    raise refuse(WHOLE)


def plain_text(value: object) -> str:
    """Text; a number is taken as its text, as the server takes it."""
    if isinstance(value, str):
        return value
    if type(value) in {int, float}:
        return str(value)
    raise refuse(TEXT)


def memory(value: object) -> int:
    """Memory in MB: an integer, or ASCII digits with one unit at most; not negative."""
    if isinstance(value, str):
        match = _MEMORY.fullmatch(value)
        if match:
            return int(match[1]) * _UNITS[match[2]]
    elif not isinstance(value, bool):
        megabytes = int(value) if isinstance(value, float) and value.is_integer() else value
        if isinstance(megabytes, int) and megabytes >= 0:
            return megabytes
    raise refuse(MEMORY)


Whole = Annotated[int, Reads(whole)]
OptionalWhole = Annotated[int | None, Reads(or_none(whole))]
OptionalText = Annotated[str | None, Reads(or_none(plain_text))]
Memory = Annotated[int, Reads(memory)]
OptionalMemory = Annotated[int | None, Reads(or_none(memory))]
Item = Annotated[str, Reads(plain_text)]

_STRICT = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class SlurmOptions(BaseModel):
    """What a job asks SLURM for."""

    model_config = _STRICT

    partition: OptionalText = Field(None, description="Partition of the job.")
    cpus_per_task: OptionalWhole = Field(None, description="CPUs of a task.")
    mem: OptionalMemory = Field(None, description="Memory of a task, in MB.")
    constraint: OptionalText = Field(None, description="Features that a node must have.")
    gres: OptionalText = Field(None, description="Generic resources, such as GPUs.")
    gpus: OptionalText = Field(None, description="GPUs of the job.")
    time: OptionalText = Field(None, description="Time limit of the job.")
    account: OptionalText = Field(None, description="Account that the job is charged to.")
    extra_lines: list[Item] | None = Field(None, description="Further lines of the batch script.")
    pre_submission_commands: list[Item] | None = Field(
        None, description="Commands to run before `sbatch`."
    )


class Batching(BaseModel):
    """How tasks are packed into SLURM jobs: what to aim at, and what not to exceed."""

    model_config = _STRICT

    target_cpus_per_job: Whole = Field(description="CPUs of a job to aim at.")
    max_cpus_per_job: Whole = Field(description="CPUs of a job at most.")
    target_mem_per_job: Memory = Field(description="Memory of a job to aim at, in MB.")
    max_mem_per_job: Memory = Field(description="Memory of a job at most, in MB.")
    target_num_jobs: Whole = Field(description="Number of jobs to aim at.")
    max_num_jobs: Whole = Field(description="Number of jobs at most.")


class SlurmConfig(BaseModel):
    """The file that FRACTAL_SLURM_CONFIG_FILE names."""

    model_config = _STRICT

    default_slurm_config: SlurmOptions = Field(description="For every task.")
    gpu_slurm_config: SlurmOptions | None = Field(None, description="For tasks that need a GPU.")
    batching_config: Batching = Field(description="How tasks are packed into jobs.")
    user_local_exports: dict[str, Item] | None = Field(
        None, description="Variables to export, their values relative to the user's cache."
    )


class LocalConfig(BaseModel):
    """The file that FRACTAL_LOCAL_CONFIG_FILE names."""

    model_config = _STRICT

    parallel_tasks_per_job: OptionalWhole = Field(
        None, description="Tasks that run at a time; null for no limit."
    )
