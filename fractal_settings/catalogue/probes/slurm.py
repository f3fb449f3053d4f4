"""FS630 to FS649: SLURM."""

from __future__ import annotations

import json

from ...problems import Severity
from ..entry import COMPLETE, Entry, Example

_ONLY = ("doctor", "--only", "slurm")
_NEEDS = "a SLURM with the partition main"
_JOB: dict[str, object] = {"partition": "main", "cpus_per_task": 1, "mem": 100}
_BATCHING = {
    "target_cpus_per_job": 1,
    "max_cpus_per_job": 1,
    "target_mem_per_job": 100,
    "max_mem_per_job": 100,
    "target_num_jobs": 1,
    "max_num_jobs": 1,
}


def _entry(
    code: str,
    title: str,
    meaning: str,
    fix: str,
    severity: Severity = Severity.ERROR,
    *,
    needs: str = _NEEDS,
    asks: dict[str, object] | None = None,
    **broken: str,
) -> Entry:
    settings = {
        "FRACTAL_RUNNER_BACKEND": "slurm",
        "FRACTAL_SLURM_CONFIG_FILE": "slurm.json",
    }
    wrong = Example(
        slurm_file(_JOB | (asks or {})), {**COMPLETE, **settings, **broken}, _ONLY, needs
    )
    right = Example(slurm_file(_JOB), {**COMPLETE, **settings}, _ONLY, _NEEDS)
    return Entry(code, title, severity, meaning, fix, wrong, right)


def slurm_file(job: dict[str, object]) -> dict[str, str]:
    """A SLURM file in which every task asks for this."""
    content = {"default_slurm_config": job, "batching_config": _BATCHING}
    return {"slurm.json": json.dumps(content, indent=2) + "\n"}


ENTRIES: tuple[Entry, ...] = (
    _entry(
        "FS630",
        "A client command of SLURM is missing or broken",
        "`scontrol` or `sinfo` is not on PATH, or does not run. (`sbatch` and `squeue` are looked "
        "for by `check`, because the server does so too.)",
        "Install SLURM's client commands, or add their folder to PATH.",
        needs="a machine with a part of SLURM's client commands",
    ),
    _entry(
        "FS631",
        "SLURM_CONF names no file",
        "Every client command then waits for a minute for a controller that it cannot know, so "
        "none was run.",
        "Unset SLURM_CONF, or point it to slurm.conf.",
        SLURM_CONF="/nonexistent/slurm.conf",
    ),
    _entry(
        "FS632",
        "SLURM's clients have no usable configuration",
        "There is no slurm.conf and no controller that hands one out, or slurm.conf does not "
        "parse; SLURM's own words are in the message.",
        "Copy slurm.conf from the cluster, or mend the line that is named.",
        needs="a slurm.conf that does not parse",
    ),
    _entry(
        "FS633",
        "SLURM's controller is down",
        "`scontrol ping` reaches no controller: slurmctld does not run, or not where slurm.conf "
        "says.",
        "Start slurmctld on the machine that the message names.",
        needs="a SLURM whose controller was stopped",
    ),
    _entry(
        "FS634",
        "SLURM's controller gives no answer",
        "Something accepts the connection at the controller's address and says nothing within the "
        "time limit.",
        "Look at slurmctld's log, and for a firewall on the way; `--timeout` gives more time.",
        needs="a controller that hangs",
    ),
    _entry(
        "FS635",
        "SLURM's authentication fails",
        "The clients cannot prove who asks: munged does not run here, or its key is not the "
        "cluster's.",
        "`systemctl start munge`; compare `/etc/munge/munge.key` with the cluster's.",
        needs="a SLURM whose munged was stopped",
    ),
    _entry(
        "FS636",
        "The partition does not exist",
        "SLURM has no partition of that name, so that no job is accepted.",
        "Write one of the partitions that the message lists.",
        asks={"partition": "maim"},
    ),
    _entry(
        "FS637",
        "The partition is not up",
        "The partition is there, and its state is down, drain or inactive. SLURM may take jobs for "
        "it without a word, and never start them.",
        "`scontrol update PartitionName=NAME State=UP`, or another partition.",
        asks={"partition": "closed"},
        needs="a SLURM with a partition that is down",
    ),
    _entry(
        "FS638",
        "The account is refused",
        "The account does not exist, or this user may not use it in this partition.",
        "`sacctmgr show associations format=user,account,partition` lists what is allowed.",
        asks={"account": "nobody"},
        needs="a SLURM that asks for accounts",
    ),
    _entry(
        "FS639",
        "GPUs or other resources are refused",
        "No node of the partition has what `gres` or `gpus` asks for, or it is not written as "
        "SLURM writes it.",
        '`sinfo --format="%P %G"` lists what the partitions have.',
        asks={"gres": "gpu:8"},
    ),
    _entry(
        "FS640",
        "The constraint is refused",
        "No node of the partition has the feature.",
        '`sinfo --format="%P %f"` lists the features.',
        asks={"constraint": "no-such-feature"},
    ),
    _entry(
        "FS641",
        "Too much memory",
        "No node of the partition has so much memory, or the partition allows less.",
        '`sinfo --format="%P %m"` lists the memory of the nodes, in MB.',
        asks={"mem": 100_000_000},
    ),
    _entry(
        "FS642",
        "Too many CPUs",
        "No node of the partition has so many CPUs, or the partition allows fewer.",
        '`sinfo --format="%P %c"` lists the CPUs of the nodes.',
        asks={"cpus_per_task": 10_000},
    ),
    _entry(
        "FS643",
        "The time limit is refused",
        "The time is longer than the partition allows, or is not written as SLURM writes it.",
        '`sinfo --format="%P %l"` lists the limits; write `1-12:00:00` or `36:00:00`.',
        asks={"time": "forever"},
    ),
    _entry(
        "FS644",
        "An extra line is refused",
        "A line of `extra_lines` has an option that sbatch does not know or does not accept here.",
        "Mend or remove the line.",
        asks={"extra_lines": ["#SBATCH --no-such-option"]},
    ),
    _entry(
        "FS645",
        "A job is refused as a whole",
        "Each thing that the job asks for is accepted by itself, and all of them together are not: "
        "for example, the nodes with the GPU have less memory.",
        "Ask for less of one thing, or for another partition.",
        asks={"gres": "gpu:1", "mem": 2000},
        needs="a SLURM in which no node has both",
    ),
    _entry(
        "FS646",
        "No node of the partition takes jobs",
        "The partition is up, and all its nodes are down, drained or failed. Jobs wait.",
        "`sinfo --list-reasons` says why.",
        Severity.WARNING,
        asks={"partition": "deserted"},
        needs="a SLURM with a partition whose nodes are down",
    ),
    _entry(
        "FS647",
        "The largest job is refused",
        "One task is accepted. The server packs several into one job, up to `max_cpus_per_job` and "
        "`max_mem_per_job`, and a job of that size is refused.",
        "Lower both to what one node of the partition has.",
        Severity.WARNING,
    ),
    _entry(
        "FS648",
        "The command sudo is missing",
        "With the backend `slurm`, the server calls `sbatch` as the user whose job it is, by "
        "`sudo -u`.",
        "Install sudo, and let the server's user run commands as the others, without a password.",
        needs="a machine without sudo",
    ),
    _entry(
        "FS649",
        "The partition refuses every job of this user",
        "Even a job that asks for nothing is refused in this partition: its `AllowGroups` leave "
        "the user out, or it has no node that could ever run a job.",
        "`scontrol show partition NAME`, or another partition.",
        needs="a SLURM with a partition that is for others",
        asks={"partition": "others"},
    ),
)
