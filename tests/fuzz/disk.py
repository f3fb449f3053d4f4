"""A working directory that is changed from one configuration to the next."""

from __future__ import annotations

import os
from pathlib import Path

from .bases import Special


class Disk:
    """A working directory that is changed from one configuration to the next."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.there: dict[str, bytes | Special] = {}
        for name in ("bin", "config", "run", "mounted", "credentials"):
            (folder / name).mkdir()

    def lay_out(self, files: dict[str, bytes | Special]) -> None:
        """Make the files be exactly these."""
        for path in [path for path in self.there if files.get(path) != self.there[path]]:
            self._remove(path)
        for path, what in files.items():
            if path not in self.there:
                self._make(self.folder / path, what)
                self.there[path] = what

    def fill(self, text: str) -> str:
        return text.replace("{TMP}", str(self.folder))

    def _remove(self, path: str) -> None:
        what = self.there.pop(path)
        if isinstance(what, Special) and what.kind == "directory":
            (self.folder / path).rmdir()
        else:
            (self.folder / path).unlink()

    def _make(self, path: Path, what: bytes | Special) -> None:
        if isinstance(what, bytes):
            path.write_bytes(what)
        elif what.kind == "directory":
            path.mkdir()
        elif what.kind == "fifo":
            os.mkfifo(path)
        elif what.kind == "holes":
            with path.open("wb") as file:
                file.truncate(int(what.target))
        else:
            path.symlink_to(path if what.kind == "loop" else self.fill(what.target))
