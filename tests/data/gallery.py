"""The gallery of broken configurations: how a case is laid out, made and reported.

A folder below `broken/` is a working directory, with a `case.toml` that says what else there is:

    title      what is wrong, in a few words
    arguments  of the command line
    environ    the environment variables, all of them
    special    files that git cannot hold, by path: `text` in another `encoding`, `parts` to be
               repeated, a `kind` (directory, fifo, link `to` somewhere), a `mode`
    user       "nobody": not root, where the tests run as root
    repository the files that git tracks; it is a git repository then
    writer     a file that another program keeps writing to
    planted    every problem that is to be told, by hand: code, name of the setting, source,
               path, section, line and column; the folder or the environment where several are
               checked
    to_inject  what is to be given at deployment (--static)
    hidden     what no report may show, beside the canaries

`expected.txt` and `expected.json` are what `check` prints on a terminal of 100 columns, and with
`--format json`; `refresh.py` writes them. A secret in any of the files is a canary.
"""

from __future__ import annotations

import contextlib
import io
import os
import pty
import shutil
import subprocess
import sys
import tempfile
import termios
import threading
import tomllib
import tty
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest import mock

from fractal_settings import cli

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent / "broken"
OURS = ("case.toml", "expected.txt", "expected.json")
COLUMNS = 100
NOBODY = 65534
PLACE = "/tmp/gallery-00000000"  # as long as the folders of mkdtemp: reports wrap alike
WRITER = (
    "import os, sys\nfd = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND)\n"
    "while True: os.write(fd, b'x'); os.ftruncate(fd, 9000)"
)


class Case(NamedTuple):
    name: str
    data: dict[str, Any]

    @property
    def folder(self) -> Path:
        return HERE / self.name

    @property
    def arguments(self) -> list[str]:
        return list(self.data["arguments"])

    @property
    def environ(self) -> dict[str, str]:
        return {name: said(value) for name, value in self.data["environ"].items()}

    @property
    def planted(self) -> list[dict[str, Any]]:
        return list(self.data["planted"])

    @property
    def formats(self) -> tuple[str, ...]:
        """Its reports. SARIF has the whole catalogue in each: it is made where it pays."""
        return tuple(FORMATS) if self.name.startswith("layers-") else ALWAYS

    def make(self, work: Path) -> None:
        """Make the working directory."""
        work.chmod(0o755)
        shutil.copytree(
            self.folder, work, dirs_exist_ok=True, ignore=lambda *_: OURS, symlinks=True
        )
        for path in work.rglob(".secrets*.toml"):
            path.chmod(0o600)
        for name, special in self.data.get("special", {}).items():
            make_special(work / name, special)
        if "repository" in self.data:
            git(work, "init", "--quiet")
            for name in self.data["repository"]:
                git(work, "add", "--", name)


class Told(NamedTuple):
    """What one run printed, and its exit code."""

    stdout: str
    stderr: str
    code: int


def cases() -> list[Case]:
    """All cases, by their names."""
    return [
        Case(path.parent.name, tomllib.loads(path.read_text("utf-8")))
        for path in sorted(HERE.glob("*/case.toml"))
    ]


def said(value: str | dict[str, str]) -> str:
    """Text, or bytes in another encoding as Python keeps those of a variable."""
    if isinstance(value, str):
        return value
    return value["text"].encode(value["encoding"]).decode("utf-8", "surrogateescape")


def make_special(path: Path, special: dict[str, Any]) -> None:
    """Make a file that git cannot hold, or that would be large."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if special.get("kind") == "directory":
        path.mkdir(exist_ok=True)
    elif special.get("kind") == "fifo":
        os.mkfifo(path)
    elif special.get("kind") == "link":
        path.symlink_to(special["to"])
    elif "parts" in special:
        path.write_text("".join(text * times for text, times in special["parts"]), "utf-8")
    elif "text" in special:
        path.write_bytes(special["text"].encode(special["encoding"]))
    if "mode" in special:
        path.chmod(special["mode"])


def git(work: Path, *arguments: str) -> None:
    """Ask git, which looks at no configuration of this user or machine."""
    environ = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    environ["PATH"] = os.environ["PATH"]
    subprocess.run([shutil.which("git") or "git", "-C", work, *arguments], env=environ, check=True)


@contextlib.contextmanager
def made(case: Case) -> Iterator[Path]:
    """The case's working directory, for as long as it is needed."""
    work = Path(tempfile.mkdtemp(prefix="gallery-", dir="/tmp"))
    try:
        case.make(work)
        yield work
    finally:
        for folder in (work, *work.rglob("*/")):
            if folder.is_dir() and not folder.is_symlink():
                folder.chmod(0o755)
        shutil.rmtree(work)


class Terminal:
    """A terminal without colours, and what was printed on it."""

    def __init__(self, columns: int = COLUMNS) -> None:
        self.ours, self.theirs = pty.openpty()
        termios.tcsetwinsize(self.theirs, (50, columns))
        tty.setraw(self.theirs)
        self.parts: list[bytes] = []
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self) -> None:
        with contextlib.suppress(OSError):  # the other end was closed
            while part := os.read(self.ours, 65536):
                self.parts.append(part)

    @contextlib.contextmanager
    def as_stdout(self) -> Iterator[None]:
        stream = open(self.theirs, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - no path
        with stream, contextlib.redirect_stdout(stream):
            yield
        self.reader.join()
        os.close(self.ours)

    @property
    def text(self) -> str:
        return b"".join(self.parts).decode("utf-8")


def run(arguments: list[str], environ: dict[str, str], work: Path, columns: int = 0) -> Told:
    """The command line in this process, its stdout a terminal of so many columns, or none."""
    terminal = Terminal(columns) if columns else None
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(work),
        mock.patch.dict(os.environ, {**environ, "NO_COLOR": "1", "TERM": "xterm"}, clear=True),
        contextlib.redirect_stderr(err),
        terminal.as_stdout() if terminal else contextlib.redirect_stdout(out),
    ):
        code = cli.run(arguments)
    text = terminal.text if terminal else out.getvalue()
    return Told(text.replace(str(work), PLACE), err.getvalue(), code)


FORMATS = {
    "drawn": ((), COLUMNS),
    "narrated": ((), 0),
    "json": (("--format", "json"), 0),
    "github": (("--format", "github"), 0),
    "sarif": (("--format", "sarif"), 0),
}
ALWAYS = ("drawn", "narrated", "json", "github")


def reports(case: Case, *formats: str) -> dict[str, Told]:
    """What `check` says of a case, in the formats named or in all of the case's."""
    with made(case) as work, writing(case, work):
        return {each: report(case, work, *FORMATS[each]) for each in formats or case.formats}


def report(case: Case, work: Path, arguments: tuple[str, ...], columns: int) -> Told:
    """What `check` says of a case whose working directory is made."""
    say = as_nobody if case.data.get("user") == "nobody" else run
    while True:
        told = say([*case.arguments, *arguments], case.environ, work, columns)
        if "writer" not in case.data or "each time it was read" in told.stdout:
            return told


@contextlib.contextmanager
def writing(case: Case, work: Path) -> Iterator[None]:
    """Let the case's other program write, if there is one."""
    if "writer" not in case.data:
        yield
        return
    path = str(work / case.data["writer"])
    with subprocess.Popen([sys.executable, "-c", WRITER, path]) as writer:
        try:
            yield
        finally:
            writer.kill()


def as_nobody(arguments: list[str], environ: dict[str, str], work: Path, columns: int) -> Told:
    """The same as another user than root; reports name that user."""
    told = run(arguments, environ, work)  # imports what nobody may not read
    if os.geteuid():
        told = run(arguments, environ, work, columns)
        return told._replace(stdout=told.stdout.replace(f"user {os.geteuid()}", f"user {NOBODY}"))
    reading, writing_end = os.pipe()
    child = os.fork()
    if not child:
        status = 1
        with contextlib.suppress(Exception), os.fdopen(writing_end, "w") as pipe:
            os.setuid(NOBODY)
            told = run(arguments, environ, work, columns)
            pipe.write("\0".join([told.stdout, told.stderr, str(told.code)]))
            status = 0
        os._exit(status)
    os.close(writing_end)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    if os.waitpid(child, 0)[1]:
        raise RuntimeError(f"it failed as user {NOBODY}: {arguments}")
    out, err, code = text.split("\0")
    return Told(out, err, int(code))
