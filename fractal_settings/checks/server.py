"""What the server requires before it starts (spec rule 6), and what certainly breaks later."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ..commands import find_command
from ..database import PARTS, bad_bytes, bad_port, port_number
from ..located import assign, give, located
from ..names import nearest
from ..problems import Problem
from ..redact import has_raw_bytes, is_secret, printable
from ..sources.layers import display
from .facts import Check, Facts

_SLURM_FILE = "FRACTAL_SLURM_CONFIG_FILE"
_LOCAL_FILE = "FRACTAL_LOCAL_CONFIG_FILE"
_WORKER = "FRACTAL_SLURM_WORKER_PYTHON"
_BACKEND = "FRACTAL_RUNNER_BACKEND"
_SLEEP = "FRACTAL_SLURM_SBATCH_SLEEP"
_COMMANDS = {"slurm": ("sbatch", "squeue"), "slurm_ssh": ("ssh",)}


def _missing(facts: Facts, name: str, why: str = "") -> Iterator[Problem]:
    value = facts.values.get(name, _REFUSED)
    empty_counts = name in {"JWT_SECRET_KEY", "POSTGRES_DB"}
    if value is _REFUSED or not (value is None or (empty_counts and value == "")):
        return
    if name in facts.unread or (value is None and facts.obstacles):
        return
    state = "is empty" if value == "" else "is missing"
    code = (
        "FS301"
        if name not in {_SLURM_FILE, _WORKER}
        else ("FS302" if name == _SLURM_FILE else "FS303")
    )
    yield facts.problem(
        code,
        f"{name} {state}{why}",
        name=name,
        expected=_looked(facts, name) if value is None else "",
        hint=_give(facts, name),
    )


_REFUSED = object()


def _looked(facts: Facts, name: str) -> str:
    """Where the name was looked for, and what is there that is nearly called so."""
    if facts.merged is None:
        return ""
    places = dict.fromkeys(
        origin.path + (f" [{origin.section}]" if origin.section else "")
        if origin.path
        else origin.source.label
        for origin in (layer.places.origin(name) for layer in facts.merged.layers)
    )
    near = [each for each in facts.near if nearest(each, [name]) == name]
    looked = printable(f"{name} in one of: {', '.join(places)}") if places else ""
    return looked + (f"; there is {near[0]}" if near else "")


def _give(facts: Facts, name: str) -> str:
    from ..model import about

    if is_secret(name):
        return give(name)
    origins = [layer.places.origin(name) for layer in facts.merged.layers] if facts.merged else []
    return assign(origins[0] if origins else None, name, about(name)["example"])


def jwt_key(facts: Facts) -> Iterator[Problem]:
    """The server signs tokens with it."""
    yield from _missing(facts, "JWT_SECRET_KEY")


def tasks_directory(facts: Facts) -> Iterator[Problem]:
    """Task packages are stored there."""
    yield from _missing(facts, "FRACTAL_TASKS_DIR")


def sbatch_sleep(facts: Facts) -> Iterator[Problem]:
    """`time.sleep` refuses a negative, infinite or undefined time when a job starts (D14)."""
    seconds = facts.values.get(_SLEEP)
    if isinstance(seconds, float) and not (math.isfinite(seconds) and seconds >= 0):
        yield facts.problem(
            "FS220",
            f"{_SLEEP} is {seconds}: no job could be submitted",
            name=_SLEEP,
            expected="a number of seconds, 0 or more",
            hint=assign(facts.origin(_SLEEP), _SLEEP, 0),
        )


def database_name(facts: Facts) -> Iterator[Problem]:
    """Without it there is no URL."""
    yield from _missing(facts, "POSTGRES_DB")


def database_port(facts: Facts) -> Iterator[Problem]:
    """The server finds a port that is none at the first use of the URL (D8)."""
    port = facts.text("POSTGRES_PORT")
    if port is not None and port_number(port) is None:
        yield located(bad_port(port, facts.origin("POSTGRES_PORT")), facts.merged)


def database_bytes(facts: Facts) -> Iterator[Problem]:
    """A byte that is no UTF-8 cannot be part of a URL (D14)."""
    for name in PARTS:
        text = facts.text(name)
        if text is not None and has_raw_bytes(text):
            yield located(bad_bytes(name, text), facts.merged)


def base_directory(facts: Facts) -> Iterator[Problem]:
    """Jobs write there."""
    yield from _missing(facts, "FRACTAL_RUNNER_WORKING_BASE_DIR")


def worker_python(facts: Facts) -> Iterator[Problem]:
    """Over ssh the server cannot offer its own interpreter."""
    if facts.values.get(_BACKEND) == "slurm_ssh":
        yield from _missing(facts, _WORKER, f", and {_BACKEND} is slurm_ssh")


def slurm_file(facts: Facts) -> Iterator[Problem]:
    """The SLURM backends load it when the server starts."""
    backend = facts.values.get(_BACKEND)
    if backend not in _COMMANDS:
        return
    yield from _missing(facts, _SLURM_FILE, f", and {_BACKEND} is {backend}")
    yield from _runner_file(facts, _SLURM_FILE)


def local_file(facts: Facts) -> Iterator[Problem]:
    """The local backends load it when a job starts (D9)."""
    if facts.values.get(_BACKEND) not in _COMMANDS and _BACKEND in facts.values:
        yield from _runner_file(facts, _LOCAL_FILE)


def _runner_file(facts: Facts, name: str) -> Iterator[Problem]:
    from ..runner_configs import LocalConfig, SlurmConfig
    from ..runners import read_runner_file

    path = facts.values.get(name)
    if not isinstance(path, Path) or (facts.static and path.is_absolute()):
        return
    if path == Path():
        yield facts.problem(
            "FS103",
            f"{name} is empty, or a dot: that is the working directory, not a file",
            name=name,
            hint="name the file" if name == _SLURM_FILE else "name the file, or unset it",
        )
        return
    # The server starts in the working directory; a committed folder may be anywhere below it.
    base = facts.cwd
    if facts.static and facts.base and (_is_there(facts.base / path) or not _is_there(base / path)):
        base = facts.base
    model = SlurmConfig if name == _SLURM_FILE else LocalConfig
    shown_path = display(base / path, facts.cwd)
    for found in read_runner_file(model, base / path, shown_path, name).problems:
        yield located(found, facts.merged) if found.code == "FS304" else found


def _is_there(path: Path) -> bool:
    with suppress(OSError):  # a name that is too long, before Python 3.14
        return path.exists()
    return False


def commands(facts: Facts) -> Iterator[Problem]:
    """The SLURM backends call them; the server looks for them when it starts."""
    if facts.static:
        return
    backend = facts.values.get(_BACKEND)
    for command in _COMMANDS.get(str(backend), ()):
        if not find_command(command, facts.path, facts.cwd):
            yield facts.problem(
                "FS401",
                f"{_BACKEND} is {backend}, and the command {command} is not on PATH",
                name=_BACKEND,
                expected=f"{command} in one of: {printable(facts.path)}"
                if facts.path
                else "a PATH: it is unset or empty",
                hint=f"install {command}, or add its directory to PATH",
            )


DATABASE: tuple[Check, ...] = (database_name, database_port, database_bytes)
RUNNER: tuple[Check, ...] = (
    base_directory,
    worker_python,
    slurm_file,
    local_file,
    commands,
    sbatch_sleep,
)
SERVER: tuple[Check, ...] = (jwt_key, tasks_directory, *DATABASE, *RUNNER)
