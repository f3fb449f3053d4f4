"""`import`: the settings of a running server, from whatever file it has them, into TOML."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..names import SETTINGS_DIR
from ..problems import FractalConfigurationError, errors
from ..redact import printable
from .common import Options, emit, render
from .files import follow_option, told

if TYPE_CHECKING:
    from ..importing import Plan, Planned

FORMATS = ("auto", "dotenv", "shell", "systemd", "docker", "env0")


@click.command(
    "import",
    epilog="Example: fractal-settings import .fractal_server.env --env prod --write\n\n"
    "Of a running server: fractal-settings import - --env prod < /proc/PID/environ",
)
@click.option(
    "--env", "environment", metavar="ENV", required=True, help="The section to write them to."
)
@click.option(
    "--into",
    metavar="DIR",
    help="The settings folder. Default: --config-dir, $FRACTAL_SETTINGS_DIR, else config/.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default="auto",
    show_default=True,
    help="dotenv: as python-dotenv reads it. shell: assignments and export. systemd: an "
    "EnvironmentFile. docker: an --env-file. env0: the output of env -0. auto: env0 if there is a "
    "NUL in it, shell if it is a script or has export lines that only a shell reads, else dotenv.",
)
@click.option("--write", is_flag=True, help="Write; without it, only show what would be written.")
@follow_option
@click.argument("file", metavar="FILE|-")
@click.pass_obj
def command(
    options: Options,
    *,
    environment: str,
    into: str | None,
    format_: str,
    write: bool,
    follow_links: bool,
    file: str,
) -> int:
    """Take the variables of a file over into a settings folder.

    Settings go into the section of settings.toml, secrets into .secrets.toml (mode 0600), and the
    lines that keep secrets out of git into .gitignore. Numbers and booleans become such; a value
    that its type refuses stays text, and is told. Comments and order of files that are there
    stay as they are. Whatever is not taken over is told too.

    Without --write nothing is written: what would be is shown as a diff, secrets redacted.

    Exits with 1, and writes nothing, if the file or the folder cannot be read, or if TOML cannot
    hold a value.
    """
    from ..importing import plan, read
    from ..writing import make_folder, write_files

    _refuse_reserved(environment)
    folder = Path(into or options.config_dir or os.environ.get(SETTINGS_DIR) or "config")
    shown = "standard input" if file == "-" else printable(file)
    try:
        data = _data(file)
        reading = read(data, _format(data, format_), os.environ, shown)
        planned = plan(reading, into=folder, section=environment, shown=shown)
        emit("\n".join(diff(planned)))
        if planned.problems:
            emit(render(planned.problems, err=True), err=True)
        if errors(planned.problems):
            return 1
        if write:
            make_folder(folder)
            drafts = [each.draft for each in planned.files]
            write_files(drafts, force=True, follow_links=follow_links)
    except FractalConfigurationError as error:
        return told(error)
    options.talk(_outcome(planned, environment, folder, write=write))
    return 0


def _refuse_reserved(environment: str) -> None:
    from ..sources.toml import DEFAULT, RESERVED

    if not environment or environment.lower() in {DEFAULT, *RESERVED}:
        raise click.UsageError(f"--env: {printable(environment)!r} is no name of an environment")


def _data(file: str) -> bytes:
    from ..origins import Origin, Source
    from ..reading import MAX_DOCUMENT, UnreadableError, read_regular, too_large
    from ..sources.layers import unreadable_problem

    try:
        if file != "-":
            return read_regular(file, limit=MAX_DOCUMENT)
        if sys.stdin is None:  # as it is where it was closed before the start
            unreadable = UnreadableError("FS102", "is closed", hint="name a file, or use a pipe")
        else:
            data = sys.stdin.buffer.read(MAX_DOCUMENT + 1)
            if len(data) <= MAX_DOCUMENT:
                return data
            unreadable = too_large(MAX_DOCUMENT)
    except FileNotFoundError:
        unreadable = UnreadableError("FS102", "does not exist", hint="name a file, or - for stdin")
    except UnreadableError as error:
        unreadable = error
    except OSError as error:  # of standard input: it is a directory, or open for writing
        reason = f"cannot be read: {(error.strerror or 'unknown error').lower()}"
        unreadable = UnreadableError("FS102", reason, hint="name a file, or use a pipe")
    origin = Origin(Source.DOTENV, path="standard input" if file == "-" else printable(file))
    raise FractalConfigurationError([unreadable_problem(unreadable, origin)])


def _format(data: bytes, format_: str) -> str:
    from ..importing import guess

    return guess(data) if format_ == "auto" else format_


def diff(plan: Plan) -> Iterator[str]:
    """What would be written, file by file, secrets redacted."""
    for each in plan.files:
        name = printable(str(each.draft.path))
        yield f"--- {'/dev/null' if each.is_new else name}"
        yield f"+++ {name}{' (mode 0600)' if each.draft.secret and each.is_new else ''}"
        yield from _changed(each)
        yield from (f"+{line}" for line in each.lines)
    if plan.unchanged:
        yield f"({plan.unchanged} settings stand there already)"
    if not plan.files:
        yield "(nothing to write)"


def _changed(planned: Planned) -> Iterator[str]:
    from ..located import literal
    from ..redact import redacted

    if planned.changes:
        yield f"@@ [{printable(planned.section)}] @@"
    for name, old, new in planned.changes:
        key = printable(name)
        if old is not None:
            yield f"-{key} = {literal(redacted(name, old))}"
        yield f"+{key} = {literal(redacted(name, new))}"


def _outcome(plan: Plan, environment: str, folder: Path, *, write: bool) -> str:
    count = sum(len(each.changes) for each in plan.files)
    if not write:
        return f"{count} settings would be written; --write does it"
    where = "" if str(folder) == "config" else f"--config-dir {folder} "
    return f"wrote {count} settings; now look: fractal-settings {where}check --env {environment}"
