"""Runs the commands that README.md and docs/ print, and compares or writes what they say.

examples.py [PAGE ...]            compare, show what differs; exit 1 if anything does
examples.py --write [PAGE ...]    write the true output into the pages

In a page, fenced blocks tell what a reader does and sees; comments, which Markdown does not show,
tell what stands behind them:

    <!-- start: config -->    a new folder, with a copy of config/ and a key for dev
    <!-- start: empty -->     a new folder, empty
    <!-- file: PATH -->       the next block is the content of this file in that folder
    <!-- not run: REASON -->  the next block is left as it is
    <!-- slow: REASON -->     the next block is run in this checkout, and only by --write

Each block marked `console` is run in one `sh`: its lines after `$ ` are the commands (`> ` goes on
with one), and what follows a command is all that it printed on a terminal.
"""

import argparse
import difflib
import errno
import getpass
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import termios
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

import fractal_settings

ROOT = Path(__file__).parents[1]
HOME = "/home/fractal"  # where the pages say that it happened
KEY = "7d0c6ec1a2f04d8c9d1f4f3f0a3b5b8e6f1c2d3e4a5b6c7d8e9f0a1b2c3d4e5f"
UNCOMMITTED = (".secrets.toml", "settings.local.toml", ".secrets.local.toml")
DIRECTIVE = re.compile(r"<!-- (start|file|not run|slow): (.+) -->")
SEPARATOR = "{ last=$?; printf '\\036'; (exit $last); }"


class Block(NamedTuple):
    """The text between two fences of a page: `lines[start:end]`."""

    language: str
    start: int
    end: int


def blocks(lines: list[str]) -> Iterator[Block]:
    """The fenced blocks of a page."""
    fence, language, start = "", "", 0
    for number, line in enumerate(lines):
        opening = re.fullmatch(r"(`{3,})\{?([\w-]*)\}?.*", line)
        if not fence and opening:
            fence, language, start = opening[1], opening[2], number + 1
        elif fence and line == fence:
            yield Block(language, start, number)
            fence = ""


def new_folder(parent: Path, start: str) -> Path:
    """What a reader has before the first command, in a folder named `work`."""
    home = Path(tempfile.mkdtemp(dir=parent))
    work, tools = home / "work", home / "bin"
    work.mkdir()
    tools.mkdir()
    script(tools / "python", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    script(
        tools / "fractal-settings",
        f"#!{sys.executable}\nfrom fractal_settings.__main__ import main\nmain()\n",
    )
    if start == "config":
        shutil.copytree(ROOT / "config", work / "config", ignore=lambda *_: UNCOMMITTED)
        secrets = work / "config" / ".secrets.toml"
        secrets.write_text(f'[dev]\nJWT_SECRET_KEY = "{KEY}"\n', encoding="utf-8")
        secrets.chmod(0o600)
        pretend_set_up(work, tools)
    return work


def script(path: Path, text: str) -> None:
    """Write an executable file."""
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def pretend_set_up(work: Path, tools: Path) -> None:
    """Let `make` find the environment made already: the one that runs this."""
    shutil.copy(ROOT / "Makefile", work)
    (work / ".venv").mkdir()
    (work / ".venv" / "bin").symlink_to(tools)
    (work / "requirements").mkdir()
    for path in ("requirements/run.txt", "pyproject.toml", ".venv/run.stamp"):
        (work / path).touch()


def in_folder(commands: list[str], work: Path) -> list[str]:
    """What each command prints, told as if the folder were the reader's."""
    home = work.parent
    environ = {
        "PATH": f"{home}/bin:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(Path(fractal_settings.__file__).parents[1]),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    user = f"user {getpass.getuser()}"
    return [
        said.replace(f"{home}/bin:", "").replace(str(home), HOME).replace(user, "user fractal")
        for said in output(commands, work, environ)
    ]


def output(commands: list[str], folder: Path, environ: Mapping[str, str]) -> list[str]:
    """What each command prints on a terminal of 100 columns, without bold and colours."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (50, 100))
    process = subprocess.Popen(
        ["/bin/sh", "-c", f"\n{SEPARATOR}\n".join(commands)],
        cwd=folder,
        env={**environ, "TERM": "xterm", "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    said = plain(read_all(ours).decode())
    process.wait()
    return said.split("\x1e")


def plain(said: str) -> str:
    """The text without what a terminal adds: carriage returns, bold, blanks to the edge."""
    return re.sub(r"\x1b\[[0-9;]*m|\r(?=\n)| +(?=\r?$)", "", said, flags=re.MULTILINE)


def read_all(terminal: int) -> bytes:
    """Everything that is written to a terminal until its last writer is gone."""
    parts: list[bytes] = []
    with open(terminal, "rb", buffering=0) as file:
        while True:
            try:
                part = file.read(65536)
            except OSError as error:
                if error.errno != errno.EIO:  # Linux's end of file for a terminal
                    raise
                part = b""
            if not part:
                return b"".join(parts)
            parts.append(part)


def session(lines: list[str], printed_by: Callable[[list[str]], list[str]]) -> list[str]:
    """The lines of a console block, with its commands run again."""
    typed: list[list[str]] = []
    for line in lines:
        if line.startswith("$ "):
            typed.append([line])
        elif line.startswith("> ") and typed:
            typed[-1].append(line)
    said = printed_by(["\n".join(line[2:] for line in command) for command in typed])
    told: list[str] = []
    for command, printed in zip(typed, said, strict=True):
        told += [*command, *printed.rstrip("\n").splitlines()]
    return told


def refreshed(page: str, parent: Path, *, slow: bool) -> str:
    """The page with the true output below each of its commands, the slow ones only if asked."""
    lines = page.splitlines()
    own = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    told: list[str] = []
    work: Path | None = None
    done = 0
    for block in blocks(lines):
        above = lines[done : block.start]
        told += above
        done = block.end
        content = lines[block.start : block.end]
        said = dict(match.groups() for line in above if (match := DIRECTIVE.fullmatch(line)))
        if "start" in said:
            work = new_folder(parent, said["start"])
        if "not run" in said or ("slow" in said and not slow):
            told += content
            continue
        if "slow" in said:
            told += session(content, partial(output, folder=ROOT, environ=own))
            continue
        work = work or new_folder(parent, "config")
        if "file" in said:
            path = work / said["file"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join(content) + "\n", encoding="utf-8")
        if block.language == "console":
            content = session(content, partial(in_folder, work=work))
        told += content
    told += lines[done:]
    return "\n".join(told) + "\n"


def pages() -> list[Path]:
    """README.md and every page in docs/ that is written by hand."""
    made = {"_build", "reference"}
    written = (path for path in (ROOT / "docs").rglob("*.md") if not made & {*path.parts})
    return [ROOT / "README.md", *sorted(written)]


def main() -> int:
    """Compare or write; the exit status tells whether anything differed."""
    parser = argparse.ArgumentParser(description="run the examples in the documentation")
    parser.add_argument("--write", action="store_true", help="write the true output")
    parser.add_argument("pages", nargs="*", type=Path)
    arguments = parser.parse_args()
    differ = False
    with tempfile.TemporaryDirectory() as folder:
        for path in arguments.pages or pages():
            printed = path.read_text(encoding="utf-8")
            true = refreshed(printed, Path(folder).resolve(), slow=arguments.write)
            name = os.path.relpath(path)
            if true != printed:
                differ = True
                lines = (text.splitlines() for text in (printed, true))
                print("\n".join(difflib.unified_diff(*lines, name, f"{name}, run", lineterm="")))
            if arguments.write:
                path.write_text(true, encoding="utf-8")
    return int(differ and not arguments.write)


if __name__ == "__main__":
    sys.exit(main())
