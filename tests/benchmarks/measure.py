"""What things cost, measured in turns so that a busy machine slows every rival alike."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median

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


def ratio(turns: Sequence[Costs], one: str, other: str) -> float:
    """How many times the other's cost the one's is: the median over the turns.

    Within a turn both meet the same machine, however busy it is; the next turn may meet another.
    """
    return median(turn[one] / turn[other] for turn in turns)


def in_turns(
    take: Callable[[], Costs], good: Callable[[Sequence[Costs]], bool], *, fewest: int, most: int
) -> Sequence[Costs]:
    """Several turns; more of them while the result is not good, for more come nearer the truth."""
    turns = [take() for _ in range(fewest)]
    while len(turns) < most and not good(turns):
        turns.append(take())
    return turns
