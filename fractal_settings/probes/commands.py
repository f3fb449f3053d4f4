"""Programs that a probe asks, here or on another machine."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from typing import NamedTuple

CANNOT_RUN = 126  # a shell's status, and from here on: not executable, not found


class Command(NamedTuple):
    """A program to run, and what to say to it."""

    words: tuple[str, ...]
    stdin: str = ""


class Answer(NamedTuple):
    """What a program answered.

    Attributes:
        status: its own; from 126 on, that of a shell which could not run it.
        output: its standard output.
        errors: its standard error, or why it could not be run.
    """

    status: int
    output: str
    errors: str


Ask = Callable[[Sequence[Command]], list[Answer]]


def ask_here(commands: Sequence[Command]) -> list[Answer]:
    """Run commands on this machine, one after the other; they end with the probe's process."""
    return [_ask(command) for command in commands]


def _ask(command: Command) -> Answer:
    try:
        done = subprocess.run(  # noqa: S603 - running it is the question
            command.words,
            input=command.stdin,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except (OSError, ValueError) as error:  # ValueError: a NUL in a path
        reason = (getattr(error, "strerror", None) or "it cannot be run").lower()
        return Answer(CANNOT_RUN, "", reason)
    return Answer(done.returncode, done.stdout, done.stderr)
