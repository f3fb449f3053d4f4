"""What the verbs share: the global options, the world, and how text reaches the streams."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TextIO

import click

from ..redact import is_secret

if TYPE_CHECKING:
    from ..loading import Resolved
    from ..problems import Problem
    from ..render.text import Style


class Options(NamedTuple):
    """The global options.

    Attributes:
        config_dir: the settings folder, or None.
        overrides: of `--set`, by name.
        server_python: an executable, or None.
        quiet: whether to print results only.
    """

    config_dir: str | None = None
    overrides: Mapping[str, str] = {}
    server_python: str | None = None
    quiet: bool = False

    def resolve(
        self,
        environment: str | None = None,
        *,
        config_dir: str | None = None,
        static: bool = False,
    ) -> Resolved:
        """Resolve an environment of this process's world.

        Raises:
            click.UsageError: the working directory is no more.
        """
        from ..loading import resolve

        return resolve(
            environment,
            config_dir=config_dir or self.config_dir,
            environ=os.environ,
            cwd=working_directory(),
            overrides=self.overrides,
            server_python=self.server_python,
            static=static,
        )

    def talk(self, text: str) -> None:
        """Say something that is no result, on the error stream."""
        if not self.quiet:
            emit(text, err=True)


def global_options() -> list[click.Parameter]:
    """The options that stand before a verb or after it."""
    return [
        click.Option(
            ["--config-dir"],
            metavar="DIR",
            callback=_config_dir,
            expose_value=False,
            help="The settings folder. Default: $FRACTAL_SETTINGS_DIR, else config/ if there.",
        ),
        click.Option(
            ["--set"],
            metavar="NAME=VALUE",
            multiple=True,
            callback=_overrides,
            expose_value=False,
            help="Override a setting, above all other layers; not for secrets. Repeatable.",
        ),
        click.Option(
            ["--server-python"],
            metavar="EXE",
            callback=_server_python,
            expose_value=False,
            help="The Python that runs the server. Default: $FRACTAL_SERVER_PYTHON, else this one.",
        ),
        click.Option(
            ["--quiet", "-q"],
            is_flag=True,
            callback=_quiet,
            expose_value=False,
            help="Print results only, no talk.",
        ),
    ]


def _options(ctx: click.Context) -> Options:
    return ctx.obj if isinstance(ctx.obj, Options) else Options()


def _config_dir(ctx: click.Context, _: click.Parameter, value: str | None) -> None:
    ctx.obj = _options(ctx)._replace(config_dir=value or _options(ctx).config_dir)


def _server_python(ctx: click.Context, _: click.Parameter, value: str | None) -> None:
    ctx.obj = _options(ctx)._replace(server_python=value or _options(ctx).server_python)


def _quiet(ctx: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's
    ctx.obj = _options(ctx)._replace(quiet=value or _options(ctx).quiet)


def _overrides(ctx: click.Context, _: click.Parameter, values: tuple[str, ...]) -> None:
    overrides = dict(_options(ctx).overrides)
    for each in values:
        name, equals, value = each.partition("=")
        if not equals or not name:
            raise click.UsageError("--set takes NAME=VALUE")
        if is_secret(name):
            raise click.UsageError(
                f"--set is not for secrets, and {name} is one: each user of this machine can "
                "read a command line. Set the variable, or write a secret file."
            )
        overrides[name] = value
    ctx.obj = _options(ctx)._replace(overrides=overrides)


def working_directory() -> Path:
    """The working directory of this process.

    Raises:
        click.UsageError: it is no more, or may not be entered.
    """
    from ..problems import FractalConfigurationError
    from ..world import working_directory as found

    try:
        return found()
    except FractalConfigurationError as refused:
        raise click.UsageError(refused.problems[0].message) from None


environment_option = click.option(
    "--env",
    "environment",
    metavar="ENV",
    help="The environment: a section of settings.toml. Default: $FRACTAL_ENV.",
)


class OutputError(Exception):
    """A standard stream cannot be written to.

    Attributes:
        cause: what the system says.
    """

    def __init__(self, cause: OSError) -> None:
        super().__init__(cause.strerror)
        self.cause = cause


@contextmanager
def outgoing() -> Iterator[None]:
    """Tell a failure of what is written inside from others of the system."""
    try:
        yield
    except OSError as error:
        raise OutputError(error) from None


def flush() -> None:
    """Hand on what was written to the standard streams; one may have been closed before the start.

    Raises:
        OutputError: a stream does not take it.
    """
    streams: tuple[TextIO | None, ...] = (sys.stdout, sys.stderr)
    with outgoing():
        for each in streams:
            if each is not None:
                each.flush()


def emit(text: str, *, err: bool = False) -> None:
    """Write text and a line break; what the stream cannot carry is escaped.

    Raises:
        OutputError: the stream does not take it.
    """
    stream: TextIO | None = sys.stderr if err else sys.stdout
    if stream is None:  # the stream was closed before the program started
        return
    encoding = stream.encoding or "utf-8"
    with outgoing():
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def emit_exactly(text: str) -> None:
    """Write text for a program: in UTF-8 whatever the locale says, and bytes as they came.

    Raises:
        OutputError: the stream does not take it.
    """
    if sys.stdout is None:  # the stream was closed before the program started
        return
    flush()
    with outgoing():
        sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))


def is_terminal(*, err: bool = False) -> bool:
    """Whether a person is looking at the stream."""
    stream: TextIO | None = sys.stderr if err else sys.stdout
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"


def wants_color(*, err: bool = False) -> bool:
    """Whether to use colours: on a terminal, unless NO_COLOR says no."""
    return not os.environ.get("NO_COLOR") and is_terminal(err=err)


def width(*, err: bool = False) -> int:
    """The columns to fit in: the terminal's, and 100 at most."""
    if not is_terminal(err=err):
        return 100
    stream = sys.stderr if err else sys.stdout
    columns = os.get_terminal_size(stream.fileno()).columns
    return max(40, min(100, columns or 100))


def render(problems: tuple[Problem, ...], *, err: bool = False) -> str:
    """The report in the style that suits the stream."""
    from ..render.text import report

    style: Style = "drawn" if is_terminal(err=err) else "narrated"
    return report(problems, style=style, width=width(err=err), color=wants_color(err=err))


def refuse(resolved: Resolved) -> None:
    """End with code 1 and the report if the configuration is refused.

    Raises:
        click.exceptions.Exit: it is.
    """
    if resolved.settings is None:
        emit(render(resolved.problems, err=True), err=True)
        raise click.exceptions.Exit(1)
