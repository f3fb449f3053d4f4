"""The command line: one verb a file, imported when it is called."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from .. import __version__
from .common import Options

VERBS = {
    "check": "check",
    "show": "show",
    "explain": "explain",
    "diff": "diff",
    "init": "init",
    "import": "import_",
    "export": "export",
    "run": "run",
    "schema": "schema",
    "completion": "completion",
    "doctor": "doctor",
}


class Verbs(click.Group):
    """Imports a verb when it is named: most of a start is imports."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs, in the order in which they are met."""
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb, or None if there is none of that name."""
        del ctx
        if cmd_name not in VERBS:
            return None
        command = getattr(import_module(f".{VERBS[cmd_name]}", __name__), "command")  # noqa: B009 - mypy
        return command if isinstance(command, click.Command) else None


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 fine; 1 an error was found; 2 wrong usage. "
    "Codes such as FS203 are told by: fractal-settings explain FS203",
)
@click.version_option(__version__, prog_name="fractal-settings")
@click.option(
    "--config-dir",
    metavar="DIR",
    help="The settings folder. Default: $FRACTAL_SETTINGS_DIR, else config/ if it is there.",
)
@click.option(
    "--set",
    "assignments",
    metavar="NAME=VALUE",
    multiple=True,
    help="Override a setting, above all other layers; not for secrets. Can be repeated.",
)
@click.option(
    "--server-python",
    metavar="EXE",
    help="The Python that runs the server. Default: $FRACTAL_SERVER_PYTHON, else the own one.",
)
@click.option("--quiet", "-q", is_flag=True, help="Print results only, no talk.")
@click.pass_context
def cli(
    ctx: click.Context,
    config_dir: str | None,
    assignments: tuple[str, ...],
    server_python: str | None,
    quiet: bool,  # noqa: FBT001 - click passes it
) -> None:
    """Fractal Server's settings: load, check and explain them, before the server starts.

    Settings are layered: settings.toml ([default], then the section of an environment), local and
    secret TOML files, .fractal_server.env, secret files, environment variables, overrides.
    """
    ctx.obj = Options.of(config_dir, assignments, server_python, quiet=quiet)


def run(arguments: Sequence[str]) -> int:
    """Run the command line.

    Returns:
        The exit code. A closed pipe ends the program in silence, as it ends others.
    """
    try:
        result = cli.main(list(arguments), prog_name="fractal-settings", standalone_mode=False)
    except click.exceptions.Exit as stopped:
        return stopped.exit_code
    except click.ClickException as wrong:
        wrong.show()
        return 2
    except click.Abort:
        return 130
    except BrokenPipeError:
        return _silenced()
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return _silenced()
    return result if isinstance(result, int) else 0


def _silenced() -> int:
    """Keep the interpreter from failing again when it flushes at exit."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)
    return 141
