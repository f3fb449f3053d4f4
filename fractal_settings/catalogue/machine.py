"""The codes of this machine."""

from __future__ import annotations

from fractal_settings.problems import Severity

from .entry import Entry, example

_SLURM_FILE = """{
  "default_slurm_config": {"partition": "main"},
  "batching_config": {
    "target_cpus_per_job": 8, "max_cpus_per_job": 16,
    "target_mem_per_job": "32G", "max_mem_per_job": "64G",
    "target_num_jobs": 4, "max_num_jobs": 20
  }
}
"""
_SLURM = {
    "PATH": "slurm/bin",
    "FRACTAL_RUNNER_BACKEND": "slurm",
    "FRACTAL_SLURM_CONFIG_FILE": "config/slurm.json",
}
_SBATCH = {"config/slurm.json": _SLURM_FILE, "slurm/bin/sbatch*": "#!/bin/sh\n"}

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="FS401",
        title="A command is not on PATH",
        severity=Severity.ERROR,
        meaning=(
            "The backend slurm calls `sbatch` and `squeue`, slurm_ssh calls `ssh`, and the server "
            "looks for them when it starts. The PATH of a service is rarely that of a login: "
            "systemd and cron know nothing of a module that your shell loads."
        ),
        fix="Install the command, or add its directory to the PATH with which the server starts.",
        broken=example(files=_SBATCH, environ=_SLURM),
        right=example(files={**_SBATCH, "slurm/bin/squeue*": "#!/bin/sh\n"}, environ=_SLURM),
    ),
    Entry(
        code="FS402",
        title="A path that is no directory",
        severity=Severity.WARNING,
        meaning=(
            "Something that is no directory has the name that the setting gives. The server "
            "starts, and the first task collection or job that wants to write there fails."
        ),
        fix="Name a directory, or move the file away.",
        broken=example(files={"tasks": "notes on tasks\n"}, FRACTAL_TASKS_DIR="tasks"),
        right=example(files={"tasks/": ""}, FRACTAL_TASKS_DIR="tasks"),
    ),
    Entry(
        code="FS403",
        title="A directory that is not writable",
        severity=Severity.WARNING,
        meaning=(
            "The user who runs this check may not write there. If the server runs as the same one, "
            "the first task collection or job fails. The report says as which user it looked."
        ),
        fix="Let the server's user write there, or run the check as that user.",
        broken=example(FRACTAL_TASKS_DIR="/usr", needs="a user other than root"),
        right=example(files={"tasks/": ""}, FRACTAL_TASKS_DIR="tasks"),
    ),
)
