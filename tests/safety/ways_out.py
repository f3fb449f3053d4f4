"""Every way in which something that a person or a program reads leaves the package."""

from __future__ import annotations

import contextlib
import copy
import io
import logging
import os
import pickle
import pprint
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

from fractal_settings import FractalConfigurationError, load, resolve
from fractal_settings.catalogue import CATALOGUE
from fractal_settings.checking import examine
from fractal_settings.cli import run
from fractal_settings.loading import Resolved
from fractal_settings.model import names
from fractal_settings.render import github, sarif
from fractal_settings.render import json as render_json
from fractal_settings.render.report import EnvironmentReport
from fractal_settings.render.text import report

from .arrangements import SECRETS, Arrangement

ENVIRONMENT = "prod"
PYTHON = ("3.11", "/usr/bin/python3.11")
HERE = str(Path(__file__).parent)
Told = Iterator[tuple[str, str]]


def library(made: Arrangement, cwd: Path) -> Told:
    """What a program can get hold of, and what it logs."""
    said = Recorder()
    with said.recording():
        resolved = resolve(ENVIRONMENT, **arguments(made, cwd))
        error = refusal(lambda: load(ENVIRONMENT, **arguments(made, cwd)))
        settings = resolved.settings
        refusals = [error] if error else []
        if settings:
            refusals += filter(None, map(refusal, (settings.check, settings.check_db,
                                                   settings.check_runner)))  # fmt: skip
        yield from objects(resolved)
        yield from reports(resolved)
        for at, each in enumerate(refusals):
            yield from exception(f"refusal {at}", each)
    yield from said.told()


def arguments(made: Arrangement, cwd: Path) -> dict[str, object]:
    return {
        "environ": {"PATH": "", **made.environ},
        "overrides": made.overrides,
        "cwd": cwd,
        "server_python": PYTHON,
    }


def refusal(act: Callable[[], object]) -> FractalConfigurationError | None:
    try:
        act()
    except FractalConfigurationError as error:
        return error
    return None


def objects(resolved: Resolved) -> Told:
    """The repr and str of everything that can be reached from what is public."""
    reached = list(reachable(resolved, "resolved"))
    for path, thing in reached:
        yield f"repr of {path}", repr(thing)
        yield f"str of {path}", f"{thing}" if not isinstance(thing, str) else repr(thing)
    settings = resolved.settings
    yield "pprint", pprint.pformat(resolved)
    for name in (*sorted(names()), *SECRETS):
        yield f"history of {name}", repr(resolved.history(name))
    if settings is not None:
        yield "get_sanitized", repr(settings.get_sanitized())
        yield "model_dump", repr(settings.model_dump())
        yield "model_dump_json", settings.model_dump_json()
        yield "dict", repr(dict(settings))
        yield "vars", repr(vars(settings))
        if "://" not in str(settings.POSTGRES_HOST):  # the rest is a URL object's own affair
            yield "URL", f"{settings.DATABASE_ASYNC_URL!r} {settings.DATABASE_SYNC_URL}"
        yield "a copy", repr(copy.deepcopy(settings)) + repr(settings.model_copy())
    for at, each in enumerate(resolved.problems):
        yield f"pickle of problem {at}", pickle.dumps(each).decode("latin-1")
        yield f"copy of problem {at}", repr(copy.deepcopy(each)) + repr(each._asdict())


def reachable(thing: object, path: str, depth: int = 0) -> Iterator[tuple[str, object]]:
    """The thing and all that hangs on it by a public name, while it is of this package."""
    yield path, thing
    if depth > 4:
        return
    public = [name for name in getattr(type(thing), "_fields", ()) if not name.startswith("_")]
    public += [name for name in getattr(type(thing), "model_fields", ()) if name in thing.__dict__]
    for name in public:
        yield from reachable(getattr(thing, name), f"{path}.{name}", depth + 1)
    if isinstance(thing, (list, tuple)) and not public:
        for each in thing:
            if type(each).__module__.startswith("fractal_settings"):
                yield from reachable(each, f"{path}[]", depth + 1)


def reports(resolved: Resolved) -> Told:
    """What `check` finds, in all formats."""
    examined = examine(resolved)
    found = EnvironmentReport(resolved.folder, resolved.environment, *examined)
    yield "report, drawn", report(examined.problems)
    yield "report, narrated", report(examined.problems, style="narrated", width=60)
    yield "report, in colour", report(examined.problems, color=True, width=40)
    yield "report, JSON", render_json.render([found])
    yield "report, GitHub", github.render([found])
    told = {each.code: CATALOGUE[each.code] for each in examined.problems}
    with mock.patch.object(sarif, "CATALOGUE", told):  # the rest of it is the same each time
        yield "report, SARIF", sarif.render([found])
    yield "repr of the problems", repr(examined)


def exception(name: str, error: BaseException) -> Told:
    """Everything that a traceback shows, its causes and its frames' local names included."""
    yield f"{name}: str", str(error)
    yield f"{name}: repr", repr(error) + repr(error.args) + repr(vars(error))
    yield f"{name}: pickle", pickle.dumps(error).decode("latin-1")
    yield f"{name}: copy", repr(copy.deepcopy(error)) + str(copy.copy(error))
    for at, each in enumerate(chain(error)):
        frames = each.__traceback__
        while frames and frames.tb_frame.f_code.co_filename.startswith(HERE):
            frames = frames.tb_next  # the test's own local names hold the canaries
        shown = traceback.TracebackException(type(each), each, frames, capture_locals=True)
        shown.__cause__ = shown.__context__ = None  # each has its turn
        yield f"{name}: traceback {at}", "".join(shown.format())


def chain(error: BaseException) -> Iterator[BaseException]:
    """The exception, its causes and its contexts."""
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop()
        if each is not None:
            yield each
            waiting += [each.__cause__, each.__context__]


FEW = [
    ["check", "--env", ENVIRONMENT],
    ["show", "--env", ENVIRONMENT, "--format", "toml"],
    ["explain", "--env", ENVIRONMENT, "JWT_SECRET_KEY"],
]


class Recorder(logging.Handler):
    """What is logged at any level by anybody, and what is warned of."""

    def __init__(self) -> None:
        super().__init__(0)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{self.format(record)} {record.args!r} {vars(record)!r}")

    @contextlib.contextmanager
    def recording(self) -> Iterator[None]:
        root = logging.getLogger()
        level = root.level
        root.addHandler(self)
        root.setLevel(0)
        logging.getLogger("fractal_settings").setLevel(1)
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                yield
            self.lines += [f"warning {each.message!r} {each!r}" for each in caught]
        finally:
            root.removeHandler(self)
            root.setLevel(level)
            logging.getLogger("fractal_settings").setLevel(logging.NOTSET)

    def told(self) -> Told:
        yield "logs and warnings", "\n".join(self.lines)


def command_line(made: Arrangement, cwd: Path, *, few: bool = False, verb: str = "") -> Told:
    """What the verbs print, or one of them, with everything that is logged on the way."""
    commands = FEW if few else [
        *(["check", "--env", ENVIRONMENT, "--format", each]
          for each in ("text", "json", "github", "sarif")),
        ["check", "--all"],
        ["check", "--all", "--static"],
        *(["show", "--env", ENVIRONMENT, "--origin", "--format", each]
          for each in ("table", "toml", "json", "env")),
        *(["explain", "--env", ENVIRONMENT, each] for each in (*SECRETS, "POSTGRES_HOST")),
        ["diff", ENVIRONMENT, "staging", "--all"],
        *(["export", "--env", ENVIRONMENT, "--format", each] for each in ("dotenv", "json", "k8s")),
        ["--set", f"JWT_SECRET_KEY={made.canaries[0].value}", "check"],
        ["--set", f"JWT_SECRET={made.canaries[0].value}", "check"],
        ["--set", "POSTGRES_PORT=1", "--set", "POSTGRES_HOST=127.0.0.1", "doctor",
         "--env", ENVIRONMENT, "--only", "postgres"],
    ]  # fmt: skip
    for words in (each for each in commands if not verb or verb in each):
        yield f"fractal-settings {' '.join(words)[:90]}", printed(words, made, cwd)


def printed(words: list[str], made: Arrangement, cwd: Path) -> str:
    """What a command prints in this process, on both streams."""
    said = Recorder()
    streams = io.BytesIO()
    environ = {"PATH": os.environ["PATH"]}
    environ |= {name: value for name, value in made.environ.items() if "\0" not in value}
    with (
        mock.patch.dict(os.environ, environ, clear=True),
        contextlib.chdir(cwd),
        contextlib.redirect_stdout(io.TextIOWrapper(streams, "utf-8", write_through=True)) as out,
        contextlib.redirect_stderr(out),
        said.recording(),
    ):
        run(words)
    return streams.getvalue().decode() + "\n".join(said.lines)
