"""SLURM: whether its controller answers, and takes jobs as the SLURM file describes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from ..commands import find_command
from ..origins import Origin, Source
from ..problems import Problem, problem
from ..redact import printable
from .commands import CANNOT_RUN, Answer, Ask, Command, ask_here
from .probe import Fact, Finding, Probe, Scene, Waiting, quote
from .slurm_file import SlurmFile, read_slurm_file

_BACKEND = "FRACTAL_RUNNER_BACKEND"
CLIENTS = ("scontrol", "sinfo", "sbatch", "squeue")
_CHECKED = {"sbatch", "squeue", "sudo"}  # the first two by `check`, the last one apart
_UNAUTHENTIC = r"[Mm]unge|authentication|Zero Bytes"
_NO_JOBS = re.compile(r"down|drain|fail|future|unknown|inval|no_respond", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cluster:
    """A SLURM to ask.

    Attributes:
        ask: runs commands where the server would.
        name: as messages name it.
        limit: how long a probe may take, in seconds.
        file: what jobs will ask for, or None if that is not known.
    """

    ask: Ask
    name: str
    limit: float
    file: SlurmFile | None = field(repr=False)


class _Partition(NamedTuple):
    state: str
    nodes: frozenset[str]


def probes(scene: Scene) -> list[Probe]:
    """One probe, for the backend `slurm`."""
    if scene.text(_BACKEND) != "slurm":
        return []
    return [Probe("SLURM", partial(_look, scene))]


def _look(scene: Scene) -> Iterator[Finding]:
    missing = {
        each
        for each in (*CLIENTS, "sudo")
        if not find_command(each, scene.facts.path, scene.facts.cwd)
    }
    if "sudo" in missing:
        yield problem(
            "FS648",
            "SLURM: the command sudo is not on PATH, and the server calls sbatch through it",
            name=_BACKEND,
            hint="apt install sudo, and let the server's user run commands as others",
        )
    yield from missing_clients(sorted(missing - _CHECKED), "SLURM", "FS630")
    if missing & set(CLIENTS):
        return
    conf = scene.environ.get("SLURM_CONF")
    if conf and not (scene.facts.cwd / conf).is_file():
        # Every client waits a minute for a controller that it cannot know.
        yield problem(
            "FS631",
            f"SLURM: SLURM_CONF names {printable(conf)}, which is no file",
            name="SLURM_CONF",
            origin=Origin(Source.ENVIRONMENT, "SLURM_CONF"),
            hint="unset SLURM_CONF, or point it to slurm.conf",
        )
        return
    yield from look_at(Cluster(ask_here, "SLURM", scene.limit, read_slurm_file(scene)))


def missing_clients(missing: Sequence[str], name: str, code: str) -> Iterator[Finding]:
    """The problem of client commands that are not there."""
    if missing:
        yield problem(
            code,
            f"{name}: not on PATH: {', '.join(missing)}",
            name=_BACKEND,
            hint="apt install slurm-client, or add the folder of SLURM's commands to PATH",
        )


def look_at(cluster: Cluster) -> Iterator[Finding]:
    """Ask the controller, look at its partitions, and show it the jobs to come."""
    yield Waiting(
        problem(
            "FS634",
            f"{cluster.name}: the controller gives no answer within {cluster.limit:g} s",
            name=_BACKEND,
            hint="scontrol ping",
        )
    )
    (pong,) = cluster.ask([Command(("scontrol", "ping"))])
    refusal = _no_controller(pong, cluster)
    if refusal:
        yield refusal
        return
    # All in one question: each one is a login, where SLURM is behind ssh.
    version, listing, *tests = cluster.ask(
        [
            Command(("sinfo", "--version")),
            Command(("sinfo", "--all", "--noheader", "--format=%R|%a|%T")),
            *(cluster.file.tests() if cluster.file else ()),
        ]
    )
    partitions = _partitions(listing.output)
    yield Fact(
        f"{quote(version.output)}, the controller is up, partitions: {', '.join(partitions)}"
    )
    if cluster.file:
        yield from _jobs(cluster, cluster.file, partitions, tests)


def _no_controller(pong: Answer, cluster: Cluster) -> Problem | None:
    name, said = cluster.name, f"{pong.output}\n{pong.errors}"
    if pong.status >= CANNOT_RUN:
        return problem(
            "FS630",
            f"{name}: scontrol does not run: {quote(pong.errors)}",
            name=_BACKEND,
            hint="apt install --reinstall slurm-client",
        )
    if re.search(_UNAUTHENTIC, said):
        return _unauthentic(name, said)
    if re.search(r" is UP\b", pong.output):
        return None
    if "is DOWN" not in pong.output:
        return problem(
            "FS632",
            f"{name}: the clients have no usable configuration: {quote(_line(said))}",
            name=_BACKEND,
            hint="SLURM_CONF=/path/to/slurm.conf scontrol ping",
        )
    # A controller that does not believe this munge is DOWN to ping as well; others say more, and
    # take 9 s for one that is not there.
    (answer,) = cluster.ask([Command(("timeout", "1", "sinfo"))])
    if re.search(_UNAUTHENTIC, answer.errors):
        return _unauthentic(name, answer.errors)
    return problem(
        "FS633",
        f"{name}: the controller does not answer: {quote(pong.output)}",
        name=_BACKEND,
        hint="systemctl start slurmctld, on the machine that scontrol names",
    )


def _unauthentic(name: str, said: str) -> Problem:
    return problem(
        "FS635",
        f"{name}: the controller takes no questions, because authentication fails: "
        f"{quote(_line(said, _UNAUTHENTIC))}",
        name=_BACKEND,
        hint="systemctl status munge; and compare the checksum of /etc/munge/munge.key there",
    )


def _line(text: str, about: str = "") -> str:
    """The first line that is `about` something, without the program's name before it."""
    for line in text.splitlines():
        if line.strip() and re.search(about, line):
            return re.sub(r"^(\w+: )?((error|fatal): )?(allocation failure: )?", "", line.strip())
    return ""


def _partitions(listing: str) -> dict[str, _Partition]:
    found: dict[str, _Partition] = {}
    for line in listing.splitlines():
        fields = line.rsplit("|", 2)
        if len(fields) == 3:  # noqa: PLR2004 - as asked for
            name, state, nodes = fields
            seen = found.get(name, _Partition(state, frozenset()))
            found[name] = _Partition(state, seen.nodes | {nodes})
    return found


def _jobs(
    cluster: Cluster,
    file: SlurmFile,
    partitions: Mapping[str, _Partition],
    tests: Sequence[Answer],
) -> Iterator[Finding]:
    *of_sections, of_largest = tests
    for section, answer in zip(file.sections, of_sections, strict=True):
        hopeless = list(_partition_problems(cluster, file, section, partitions))
        yield from hopeless
        if any(each.code in {"FS636", "FS637"} for each in hopeless):
            continue
        if answer.status:
            yield from _refused(cluster, file, section, answer)
        else:
            yield Fact(f"{section} is accepted")
    if of_largest.status and not of_sections[0].status:
        yield file.problem(
            "FS647",
            f"{cluster.name} refuses a job of the size that batching_config allows: "
            f"{quote(_reason(of_largest))}",
            "batching_config",
            "max_cpus_per_job",
            hint="lower max_cpus_per_job and max_mem_per_job to what one node has",
        )


def _partition_problems(
    cluster: Cluster, file: SlurmFile, section: str, partitions: Mapping[str, _Partition]
) -> Iterator[Problem]:
    for name in file.partitions(section):
        shown = printable(name)
        if name not in partitions:
            yield file.problem(
                "FS636",
                f"{cluster.name}: there is no partition {shown}",
                section,
                "partition",
                hint=f'"partition": one of {", ".join(map(printable, partitions))}',
            )
        elif partitions[name].state != "up":
            yield file.problem(
                "FS637",
                f"{cluster.name}: the partition {shown} is {printable(partitions[name].state)}: "
                "its jobs never start",
                section,
                "partition",
                hint=f"scontrol update PartitionName={shown} State=UP, or another partition",
            )
        elif all(_NO_JOBS.match(state) for state in partitions[name].nodes):
            yield file.problem(
                "FS646",
                f"{cluster.name}: no node of the partition {shown} takes jobs: "
                f"{', '.join(sorted(partitions[name].nodes))}",
                section,
                "partition",
                hint=f"sinfo --partition {shown} --list-reasons",
            )


def _refused(cluster: Cluster, file: SlurmFile, section: str, whole: Answer) -> Iterator[Finding]:
    """Find what of a job is refused, by asking for each thing alone."""
    parts = file.parts(section)
    bare, *answers = cluster.ask([file.bare(section), *(part.test for part in parts)])
    if bare.status:
        yield _bare_refusal(cluster, file, section, bare)
        return
    at_fault = [
        (part, answer) for part, answer in zip(parts, answers, strict=True) if answer.status
    ]
    for part, answer in at_fault:
        yield file.problem(
            part.code,
            f"{cluster.name} refuses {printable(part.shown)}: {quote(_reason(answer))}",
            section,
            *part.keys,
            hint=part.hint,
        )
    if not at_fault:
        yield file.problem(
            "FS645",
            f"{cluster.name} refuses {section} as a whole: {quote(_reason(whole))}",
            section,
            hint="ask for less of one thing: each by itself is accepted",
        )


def _bare_refusal(cluster: Cluster, file: SlurmFile, section: str, bare: Answer) -> Problem:
    reason = quote(_reason(bare))
    if "account" in reason.lower():
        return file.problem(
            "FS638",
            f"{cluster.name} refuses the account: {reason}",
            section,
            "account",
            hint="sacctmgr show associations user=USER format=account,partition",
        )
    return file.problem(
        "FS649",
        f"{cluster.name}: the partition refuses even the smallest job: {reason}",
        section,
        "partition",
        hint="scontrol show partition; its AllowGroups, AllowAccounts and nodes",
    )


def _reason(answer: Answer) -> str:
    lines = [line for line in answer.errors.splitlines() if line.strip()]
    return _line(lines[-1] if lines and "--help" not in lines[-1] else answer.errors)
