"""What loading a configuration may do: open the files that it was given, and nothing else.

Python tells of every file opened, program started, socket, import and compilation (audit events);
what is not on the list here is a breach.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

HARMLESS = {
    "builtins.id",
    "object.__getattr__",
    "object.__setattr__",
    "object.__delattr__",
    "os.listdir",
    "sys._getframe",
    "sys.unraisablehook",
}
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Guard:
    """Listens while it is on; there is one, because Python forgets no listener."""

    def __init__(self) -> None:
        self.listening = False
        self.folders: tuple[str, ...] = ()
        self.files: frozenset[str] = frozenset()
        self.breaches: list[str] = []
        sys.addaudithook(self._hear)

    @contextmanager
    def on(self, folders: tuple[str, ...], files: frozenset[str]) -> Iterator[None]:
        """Listen.

        Args:
            folders: those below which any file may be opened.
            files: further ones.
        """
        self.folders, self.files = folders, files
        self.listening = True
        try:
            yield
        finally:
            self.listening = False

    def heard(self) -> list[str]:
        """The breaches since it was last asked."""
        breaches, self.breaches = self.breaches, []
        return breaches

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if not self.listening or event in HARMLESS:
            return
        if event == "open":
            path, _, flags = arguments
            if not (self._is_given(path) and isinstance(flags, int) and not flags & WRITES):
                self.breaches.append(f"open {path!r} {flags!r}")
        else:
            self.breaches.append(f"{event} {arguments!r}"[:120])

    def _is_given(self, named: object) -> bool:
        path = os.fsdecode(named) if isinstance(named, str | bytes | os.PathLike) else "/"
        if "/" not in path:
            return True  # a name in a folder that was opened before
        plain = os.path.normpath(path)
        return path in self.files or any(
            plain == each or plain.startswith(f"{each}/") for each in self.folders
        )
