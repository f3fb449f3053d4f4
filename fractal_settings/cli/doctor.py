"""`doctor`: what `check` finds, then what the real services say."""

from __future__ import annotations

import math
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import click

from ..database import LARGEST_PORT, port_number
from ..problems import Problem, Severity, errors, in_environment
from ..render.report import EnvironmentReport
from .check import (
    format_option,
    ignore_option,
    ignored_codes,
    looked_as,
    strict_option,
    tell,
)
from .common import Options, emit, environment_option, flush, is_terminal, wants_color

if TYPE_CHECKING:
    from ..loading import Resolved
    from ..probes import Outcome, Probe, Scene, SshTarget

SERVICES = ("postgres", "slurm", "ssh", "interpreters", "directories", "oauth")

_TERMINATED = 128 + signal.SIGTERM
_STYLES = {"ok": "green", "note": "cyan", "warning": "yellow", "error": "red", "...": "dim"}


def _number(_: click.Context, param: click.Parameter, value: float) -> float:
    """Refuse nan, which no comparison puts outside of a range."""
    if math.isnan(value):
        raise click.BadParameter("nan is no number.", param=param)
    return value


def _host(_: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Refuse a port that is none."""
    if value and ":" in value and port_number(value.partition(":")[2]) is None:
        raise click.BadParameter(f"the port is no integer from 1 to {LARGEST_PORT}.", param=param)
    return value


@click.command(
    epilog="Example: fractal-settings doctor --env prod   asks the database, SLURM, the "
    "interpreters, the directories and the OAuth providers before the server needs them."
)
@environment_option
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True, max=3600),
    callback=_number,
    default=5.0,
    show_default=True,
    metavar="SECONDS",
    help="How long each probe may take; they run side by side.",
)
@click.option(
    "--only", type=click.Choice(SERVICES), multiple=True, help="Probe this service; repeatable."
)
@click.option(
    "--skip",
    type=click.Choice(SERVICES),
    multiple=True,
    help="Leave this service out; repeatable.",
)
@click.option(
    "--ssh-host",
    metavar="HOST[:PORT]",
    callback=_host,
    help="For the backend slurm_ssh: where to log in.",
)
@click.option("--ssh-user", metavar="USER", default="", help="As whom to log in there.")
@click.option("--ssh-key", metavar="FILE", default="", help="The private key to log in with.")
@strict_option
@ignore_option
@format_option
@click.pass_obj
def command(
    options: Options,
    *,
    environment: str | None,
    timeout: float,
    only: tuple[str, ...],
    skip: tuple[str, ...],
    ssh_host: str | None,
    ssh_user: str,
    ssh_key: str,
    strict: bool,
    ignore: tuple[str, ...],
    format_: str,
) -> int:
    """Ask the real services whether the settings are right for them.

    Finds all that `check` finds, then talks to the services that the settings name, as the user
    who runs it. It changes nothing and leaves nothing behind. Exits with 1 if an error was found.
    """
    from ..probes import SshTarget, probes

    if only and skip:
        raise click.UsageError("--only and --skip exclude each other")
    if (ssh_user or ssh_key) and not ssh_host:
        raise click.UsageError("--ssh-user and --ssh-key go with --ssh-host")
    ignored = ignored_codes(ignore)
    resolved = options.resolve(environment)
    target = SshTarget(ssh_host, ssh_user, ssh_key) if ssh_host else None
    scene = _scene(options, resolved, target, timeout)
    services = only or [each for each in SERVICES if each not in skip]
    if resolved.facts.obstacles:  # what the settings name is not known
        options.talk("no service is asked: not every place of settings could be read")
        services = []
    chosen = [probe for service in services for probe in probes(service, scene)]
    with _ended_by_sigterm():
        outcomes = _watched(options, chosen, scene, format_)
    told = [each for outcome in outcomes for each in outcome.problems]
    found = tuple(
        each
        for each in (*_checked(resolved, told), *in_environment(told, resolved.environment))
        if each.code not in ignored
    )
    tell(
        options,
        [EnvironmentReport(resolved.folder, resolved.environment, found, ())],
        format_,
        static=True,
    )
    return 1 if errors(found, strict=strict) else 0


def _checked(resolved: Resolved, told: Sequence[Problem]) -> tuple[Problem, ...]:
    """What `check` finds; a directory that hung in its probe is not touched again."""
    from ..checking import examine

    hung = {each.name for each in told if each.code == "FS681"}
    values = {name: value for name, value in resolved.values.items() if name not in hung}
    return examine(resolved._replace(facts=resolved.facts._replace(values=values))).problems


def _scene(options: Options, resolved: Resolved, target: SshTarget | None, timeout: float) -> Scene:
    from ..names import SERVER_PYTHON
    from ..probes import Scene

    environ = dict(os.environ)
    if resolved.facts.path is not None:
        environ["PATH"] = resolved.facts.path
    return Scene(
        resolved.facts,
        environ,
        options.server_python or environ.get(SERVER_PYTHON, ""),
        target,
        timeout,
    )


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end the program by way of its clean-up."""

    def end(*_: object) -> None:
        sys.exit(_TERMINATED)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _watched(
    options: Options, chosen: Sequence[Probe], scene: Scene, format_: str
) -> list[Outcome]:
    """Run the probes, and show each as it ends: in a live list, or line by line."""
    from ..probes import run

    talk = format_ != "text"
    if not talk:
        options.talk(looked_as())
    with closing(run(chosen, scene)) as running:
        if not talk and is_terminal() and not options.quiet:
            return _live(chosen, running)
        ended = []
        for outcome in running:
            ended.append(outcome)
            line = " ".join(_row(outcome))
            if talk:
                options.talk(line)
            else:
                emit(line)
                flush()
        if not talk and ended:
            emit("")
        return ended


def _live(chosen: Sequence[Probe], running: Iterator[Outcome]) -> list[Outcome]:
    from rich.console import Console
    from rich.live import Live
    from rich.table import Table
    from rich.text import Text

    rows = {probe.name: ("...", "", f"{probe.name}") for probe in chosen}
    console = Console(no_color=not wants_color(), highlight=False)

    def table() -> Table:
        grid = Table.grid(padding=(0, 1))
        for state, seconds, text in rows.values():
            grid.add_row(Text(state, style=_STYLES[state]), seconds, Text(text))
        return grid

    ended = []
    # No thread refreshes it: probes are forked, and that must not happen beside threads.
    with Live(table(), console=console, auto_refresh=False, redirect_stdout=False) as live:
        for outcome in running:
            ended.append(outcome)
            state, seconds, text = _row(outcome)
            rows[outcome.name] = (state.strip(), seconds, text)
            live.update(table(), refresh=True)
    emit("")
    return ended


def _row(outcome: Outcome) -> tuple[str, str, str]:
    """How it went, how long it took, and what was seen."""
    return (
        f"{_state(outcome.problems):<7}",
        f"{outcome.seconds:5.1f} s",
        f"{outcome.name}: {'; '.join(_seen(outcome))}",
    )


def _state(problems: Sequence[Problem]) -> str:
    found = {each.severity for each in problems}
    return next((str(severity) for severity in Severity if severity in found), "ok")


def _seen(outcome: Outcome) -> list[str]:
    codes = dict.fromkeys(each.code for each in outcome.problems)
    return [*outcome.facts, *codes]
