"""What of this machine an administrator should know; the server looks at none of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ..problems import Problem
from ..redact import printable
from .facts import Check, Facts
from .values import DIRECTORIES


def directories(facts: Facts) -> Iterator[Problem]:
    """A path that is no directory, or not writable, breaks the first job."""
    if facts.static:
        return
    for name in DIRECTORIES:
        path = facts.values.get(name)
        if not isinstance(path, Path):
            continue
        try:
            is_there, is_directory = path.exists(), path.is_dir()
        except (OSError, ValueError):
            is_there = is_directory = False
        shown = printable(str(path))
        if is_there and not is_directory:
            yield facts.problem(
                "FS402",
                f"{name}: {shown} is not a directory",
                name=name,
                hint="name a directory, or move the file away",
            )
        elif is_directory and not os.access(path, os.W_OK | os.X_OK):
            yield facts.problem(
                "FS403",
                f"{name}: {shown} is not writable by user {os.geteuid()}",
                name=name,
                hint="let the user that runs the server write there (chown or chmod)",
            )


MACHINE: tuple[Check, ...] = (directories,)
