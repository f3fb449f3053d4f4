"""Costs of whole processes, taken in turns so that a busy machine slows every rival alike."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

RIVALS = Path(__file__).parent / "rivals"

Costs = Mapping[str, float]

# Dynaconf imports these where it finds them. Other tests may need them installed, settings do not:
# no rival sees them.
START = (
    "import importlib, sys; sys.modules |= dict.fromkeys(['jinja2', 'flask', 'django']);"
    "sys.path.insert(0, sys.argv[1]);"
    "rival = importlib.import_module(sys.argv[2]);"
)


def command(code: str, rival: str, *arguments: str) -> list[str]:
    """Run the code, for which `rival` is that module of `rivals/` and argv[3:] the arguments."""
    return [sys.executable, "-c", START + code, str(RIVALS), rival, *arguments]


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables, with what Python itself needs to start as it was started here."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return {**kept, **variables}


def output_of(
    code: str, rival: str, *arguments: str, cwd: Path, variables: Mapping[str, str]
) -> str:
    """What the code prints, run in the folder with these variables."""
    return subprocess.run(
        command(code, rival, *arguments),
        cwd=cwd,
        env=environment(variables),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


def least_seconds(
    script: str, *arguments: str, cwd: Path, variables: Mapping[str, str]
) -> dict[str, float]:
    """What `warm` or `scale` measured."""
    code = "rival.main(*sys.argv[3:])"
    printed = output_of(code, script, *arguments, cwd=cwd, variables=variables)
    return {name: float(value) for name, value in json.loads(printed).items()}


def cpu_seconds(rival: str, *, cwd: Path, variables: Mapping[str, str]) -> float:
    """User and system time of a whole process that loads once, from its start to its end."""
    process = subprocess.Popen(command("rival.load()", rival), cwd=cwd, env=environment(variables))
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, rival
    return usage.ru_utime + usage.ru_stime


def peak_kib(rival: str, *, cwd: Path, variables: Mapping[str, str]) -> float:
    """The most memory that a process held which loads once.

    Out of /proc: what wait4 tells of a child is never less than its parent held when it forked.
    """
    code = "rival.load(); print(open('/proc/self/status').read())"
    peak = re.search(r"VmHWM:\s+(\d+) kB", output_of(code, rival, cwd=cwd, variables=variables))
    assert peak
    return float(peak[1])


def least(
    take: Callable[[], Costs], good: Callable[[Costs], bool], *, fewest: int, most: int
) -> Costs:
    """The least cost of each over several turns: noise only ever adds.

    More turns are taken while the result is not good, because more turns only come nearer to the
    truth.
    """
    costs = take()
    for turn in range(1, most):
        if turn >= fewest and good(costs):
            break
        costs = {name: min(costs[name], cost) for name, cost in take().items()}
    return costs
