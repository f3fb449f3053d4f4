"""`run`: validate, then become the command, with the settings as its environment."""

from __future__ import annotations

import errno
import os
import re
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from ..names import SERVER_PYTHON, secret_file_of
from ..problems import Severity, errors, problem
from ..redact import printable
from .common import Options, emit, environment_option, flush, render, working_directory

REFUSED, NOT_RUNNABLE, NOT_FOUND = 78, 126, 127

_KEPT = ("PATH", "HOME", "LANG", "TZ")
_DOTENV_SWITCH = "PYTHON_DOTENV_DISABLED"
_SHEBANG = re.compile(rb"#![ \t]*(?P<program>[^ \t\r\n]+)[ \t]*(?P<argument>[^ \t\r\n]*)")
# What pip writes where the path of the interpreter is too long for a first line.
_LONG_SHEBANG = re.compile(
    rb"#!/bin/sh\r?\n'''exec' (?P<quote>\"?)(?P<program>[^\"\r\n]+)(?P=quote) "
)
_PYTHON = re.compile(r"python[0-9.]*")


@click.command(
    context_settings={"allow_interspersed_args": False},
    epilog="Example: fractal-settings run --env prod -- fractalctl start --port 8000",
)
@environment_option
@click.option(
    "--clean",
    is_flag=True,
    help=f"Give the command only these settings and {', '.join(_KEPT)}.",
)
@click.argument("words", nargs=-1, required=True, metavar="-- COMMAND [ARGUMENT ...]")
@click.pass_obj
def command(
    options: Options, *, environment: str | None, clean: bool, words: tuple[str, ...]
) -> int:
    """Validate as the server would, then become COMMAND with the settings as its environment.

    The command has the process id of `run`: signals reach it, and its exit code is what is seen.
    The environment it gets is the present one, with each setting that some layer sets in place of
    what was there; files that held secrets are no longer pointed to.

    Where no FRACTAL_TASKS_PYTHON_DEFAULT_VERSION is set, the version of the Python that runs the
    server counts: that of --server-python, of $FRACTAL_SERVER_PYTHON, else of the command's own
    interpreter, as its first line names it.

    Exits with 78 before anything is started if the configuration is refused, with 127 if there is
    no such command, and with 126 if it cannot be run.
    """
    from ..checks.facts import run
    from ..checks.server import SERVER
    from ..commands import find_command
    from ..texts import layered

    _die_of_signals()
    path = find_command(words[0], os.environ.get("PATH"), working_directory())
    if path is None and "/" in words[0]:
        path = words[0]
    resolved = options._replace(server_python=_server_python(options, path)).resolve(environment)
    found = (*resolved.problems, *run(SERVER, resolved.facts))
    told = tuple(each for each in found if each.severity is not Severity.NOTE)
    if errors(found):
        emit(render(told, err=True), err=True)
        return REFUSED
    if told:
        options.talk(render(told, err=True))
    environ = environment_of(os.environ, layered(resolved), clean=clean)
    if path is None:
        return _cannot(words[0], NOT_FOUND, "no such command on PATH")
    return _become(path, words, environ)


def _server_python(options: Options, path: str | None) -> str | None:
    if options.server_python or os.environ.get(SERVER_PYTHON) or path is None:
        return options.server_python
    return interpreter_of(Path(path), os.environ.get("PATH", ""))


def interpreter_of(program: Path, path: str) -> str | None:
    """The Python that runs a program, or None if it is no Python program.

    Args:
        program: an executable file.
        path: where `env` looks for the interpreter.
    """
    import shutil

    if _PYTHON.fullmatch(program.name):
        return str(program)
    try:
        with program.open("rb") as file:
            head = file.read(4096)
    except OSError:
        return None
    found = _LONG_SHEBANG.match(head) or _SHEBANG.match(head)
    if not found:
        return None
    interpreter = os.fsdecode(found["program"])
    if Path(interpreter).name == "env" and "argument" in found.groupdict():
        interpreter = shutil.which(os.fsdecode(found["argument"]), path=path) or ""
    return interpreter if _PYTHON.fullmatch(Path(interpreter).name) else None


def environment_of(
    environ: Mapping[str, str], values: Mapping[str, str], *, clean: bool
) -> dict[str, str]:
    """The environment that the command gets.

    Args:
        environ: the present one.
        values: the settings that some layer sets.
        clean: whether to keep little else.
    """
    # The server would read its dotenv file although this package was told not to.
    kept = (*_KEPT, _DOTENV_SWITCH) if clean else tuple(environ)
    base = {
        name: environ[name] for name in kept if name in environ and secret_file_of(name) is None
    }
    return {**base, **values}


def _die_of_signals() -> None:
    """Let an interrupt end this process as it would end the command, not with an exit code."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def _become(path: str, words: tuple[str, ...], environ: Mapping[str, str]) -> int:
    flush()
    # Python ignores these two; what it starts should find them as its parent had them.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    try:
        os.execve(path, words, dict(environ))  # noqa: S606 - becoming the command is the point
    except OSError as error:
        code = NOT_RUNNABLE if os.path.lexists(path) else NOT_FOUND
        return _cannot(words[0], code, os.strerror(error.errno or errno.EINVAL).lower())
    except ValueError:
        encoding = sys.getfilesystemencoding()
        reason = f"a setting has what an environment in the encoding {encoding} cannot hold"
        return _cannot(words[0], REFUSED, reason, "set a locale of UTF-8: LC_ALL=C.UTF-8")


_INSTALLED = "name a command that is installed, if need be by its path"


def _cannot(word: str, code: int, reason: str, hint: str = _INSTALLED) -> int:
    failure = problem("FS730", f"{printable(word)} cannot be run: {reason}", hint=hint)
    emit(render((failure,), err=True), err=True)
    return code
