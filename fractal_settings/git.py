"""What git holds; the only door to it.

A repository may be a stranger's. Its configuration can name programs that git runs (hooks, a file
system monitor, filters, transports): none of them may run only because something was looked up.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

_SECONDS = 10
_HARMLESS = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.untrackedCache=false",
    "core.pager=cat",
    "protocol.allow=never",
    "safe.bareRepository=explicit",
)
_NO_REPOSITORY = "not a git repository"


def would_commit(files: Iterable[Path], path: str | None) -> dict[Path, bool | None]:
    """Whether git tracks each file, or would if everything were added; None if it cannot be told.

    A link is followed: what counts is where the content stands.

    Args:
        files: absolute.
        path: where to look for git.
    """
    by_folder: dict[Path, list[Path]] = {}
    real = {file: Path(os.path.realpath(file)) for file in files}
    for target in dict.fromkeys(real.values()):
        by_folder.setdefault(target.parent, []).append(target)
    git = _command(path)
    known: dict[Path, bool | None] = {}
    for folder, targets in by_folder.items():
        listed = _listed(git, folder, targets)
        for target in targets:
            known[target] = None if listed is None else target.name in listed
    return {file: known[target] for file, target in real.items()}


def _command(path: str | None) -> str | None:
    """Where git is; a relative entry of PATH could be a stranger's folder."""
    import shutil

    entries = [entry for entry in (path or "").split(os.pathsep) if entry.startswith("/")]
    return shutil.which("git", path=os.pathsep.join(entries)) if entries else None


def _listed(git: str | None, folder: Path, files: Iterable[Path]) -> frozenset[str] | None:
    """The names that git tracks or would; None if it cannot be told."""
    import subprocess

    if git is None:
        return None if _looks_like_a_repository(folder) else frozenset()
    options = [word for each in _HARMLESS for word in ("-c", each)]
    try:
        answer = subprocess.run(  # noqa: S603 - git, by its absolute path
            [
                git,
                *options,
                "--literal-pathspecs",
                "ls-files",
                "--cached",
                "--others",
                "--exclude-standard",
                "-z",
                "--",
                *(file.name for file in files),
            ],
            cwd=folder,
            env=_environment(),
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if answer.returncode == 0:
        return frozenset(os.fsdecode(name) for name in answer.stdout.split(b"\0") if name)
    if _NO_REPOSITORY in answer.stderr.decode("utf-8", "replace"):
        return frozenset()
    return None


def _environment() -> Mapping[str, str]:
    """No GIT_ variable of the caller's; the user's own ignore file and trust count."""
    import pwd

    try:
        home = pwd.getpwuid(os.geteuid()).pw_dir
    except KeyError:
        home = "/"
    return {
        "HOME": home,
        "LC_ALL": "C",
        "PATH": os.defpath,
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_TERMINAL_PROMPT": "0",
    }


def _looks_like_a_repository(folder: Path) -> bool:
    return any((each / ".git").exists() for each in (folder, *folder.parents))
