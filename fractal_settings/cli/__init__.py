"""The command line: one verb a file, imported when it is called."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module

import click

from .. import __version__
from .common import OutputError, emit, flush, global_options

VERBS = {
    "check": "Tell all that is wrong, with place and fix.",
    "show": "Show the effective settings and their origins.",
    "explain": "Explain a setting or a problem code.",
    "diff": "Compare two environments.",
    "init": "Write a settings folder to start from.",
    "import": "Take over a dotenv, shell or systemd file.",
    "export": "Write what the unmodified server reads.",
    "run": "Validate, then become a command.",
    "schema": "Print the JSON Schema of settings.toml.",
    "completion": "Print the shell's completion script.",
    "doctor": "Check, then ask the real services.",
}
_MODULES = {"import": "import_", "run": "run_"}  # the package has a function `run`


class Verbs(click.Group):
    """Imports a verb when it is named: most of a start is imports."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs, in the order in which they are met."""
        del ctx
        return list(VERBS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without importing one."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb, or None if there is none of that name."""
        del ctx
        if cmd_name not in VERBS:
            return None
        module = import_module(f".{_MODULES.get(cmd_name, cmd_name)}", __name__)
        command: click.Command = module.command
        taken = {option for param in command.params for option in param.opts}
        command.params += [
            param for param in global_options() if not taken.intersection(param.opts)
        ]
        return command


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 fine; 1 an error was found; 2 wrong usage. "
    "Codes such as FS203 are told by: fractal-settings explain FS203",
)
@click.version_option(__version__, prog_name="fractal-settings")
def cli() -> None:
    """Fractal Server's settings: load, check and explain them, before the server starts.

    Settings are layered: settings.toml ([default], then the section of an environment), local and
    secret TOML files, .fractal_server.env, secret files, environment variables, overrides.
    """


cli.params += global_options()

_WRITTEN_BY_CLICK = {"-h", "--help", "--version"}


def run(arguments: Sequence[str]) -> int:
    """Run the command line.

    Returns:
        The exit code. A closed pipe ends the program in silence, as it ends others.
    """
    try:
        code = _called(arguments)
        flush()
    except OutputError as failure:
        return _unwritten(failure.cause)
    except OSError as error:
        if not _WRITTEN_BY_CLICK.intersection(arguments):
            raise
        return _unwritten(error)
    return code


def _unwritten(error: OSError) -> int:
    if sys.stdout is not None:  # as it is where the stream was closed before the start
        _drop_output()
    if isinstance(error, BrokenPipeError):
        return 141
    with suppress(OutputError):
        emit(f"fractal-settings: the output cannot be written: {error.strerror}", err=True)
    return 1


def _called(arguments: Sequence[str]) -> int:
    try:
        result = cli.main(list(arguments), prog_name="fractal-settings", standalone_mode=False)
    except click.exceptions.Exit as stopped:
        return stopped.exit_code
    except click.ClickException as wrong:
        wrong.show()
        return 2
    except click.Abort:
        return 130
    return result if isinstance(result, int) else 0


def _drop_output() -> None:
    """Keep the interpreter from failing again when it flushes at exit."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)
