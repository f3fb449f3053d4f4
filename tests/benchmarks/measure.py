"""Costs of whole processes, taken in turns so that a busy machine slows every rival alike."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

RIVALS = Path(__file__).parent / "rivals"

Costs = Mapping[str, float]


def output_of(*arguments: str, cwd: Path, variables: Mapping[str, str]) -> str:
    """What Python prints, run in the folder with these variables."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=environment(variables),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


def least_seconds(
    script: str, *arguments: str, cwd: Path, variables: Mapping[str, str]
) -> dict[str, float]:
    """What `warm.py` or `scale.py` measured."""
    printed = output_of(str(RIVALS / script), *arguments, cwd=cwd, variables=variables)
    return {name: float(value) for name, value in json.loads(printed).items()}


def cpu_seconds(script: str, *, cwd: Path, variables: Mapping[str, str]) -> float:
    """User and system time of the whole process, from its start to its end."""
    process = subprocess.Popen(
        [sys.executable, str(RIVALS / script)], cwd=cwd, env=environment(variables)
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, script
    return usage.ru_utime + usage.ru_stime


def peak_kib(script: str, *, cwd: Path, variables: Mapping[str, str]) -> float:
    """The most memory that the process ever held.

    Out of /proc: what wait4 tells of a child is never less than its parent held when it forked.
    """
    code = (
        "import re, runpy, sys, warnings; sys.path.insert(0, sys.argv[1].rpartition('/')[0]);"
        "runpy.run_path(sys.argv[1], run_name='__main__');"
        "print(re.search(r'VmHWM:\\s+(\\d+) kB', open('/proc/self/status').read())[1])"
    )
    return float(output_of("-c", code, str(RIVALS / script), cwd=cwd, variables=variables))


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables, with what Python itself needs to start as it was started here."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return {**kept, **variables}


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
