"""Where a command is, seen from a working directory that may be another than this process's."""

from __future__ import annotations

import os
from pathlib import Path


def find_command(command: str, path: str | None, cwd: Path) -> str | None:
    """Where the command is; relative entries of PATH count from the working directory."""
    import shutil

    if not path:
        return None
    entries = [str(cwd / entry) for entry in path.split(os.pathsep)]
    return shutil.which(command, path=os.pathsep.join(entries))
