"""`check`: everything that is wrong, for one or all environments of one or many folders."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import click

from ..problems import Problem, Severity, errors
from ..redact import printable
from ..render.report import EnvironmentReport, Same, sameness
from .common import Options, emit, environment_option, render

FORMATS = ("text", "json", "github", "sarif")

format_option = click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="How to tell: text for people; json, github annotations or sarif 2.1.0 for programs.",
)
strict_option = click.option("--strict", is_flag=True, help="Let warnings count as errors.")
ignore_option = click.option(
    "--ignore", metavar="CODE", multiple=True, help="Leave out one warning or note; repeatable."
)


@click.command(
    epilog="Example: fractal-settings check --all --static config/   finds what is wrong with the "
    "committed file, without a server, secrets or SLURM at hand."
)
@environment_option
@click.option("--all", "everything", is_flag=True, help="Check every environment of the folder.")
@click.option(
    "--static",
    is_flag=True,
    help="Look at the committed files alone, not at this machine: for CI and pre-commit.",
)
@strict_option
@ignore_option
@format_option
@click.argument("paths", nargs=-1, metavar="[PATH ...]")
@click.pass_obj
def command(
    options: Options,
    *,
    environment: str | None,
    everything: bool,
    static: bool,
    strict: bool,
    ignore: tuple[str, ...],
    format_: str,
    paths: tuple[str, ...],
) -> int:
    """Tell all that the server would refuse, and what an administrator should know.

    A PATH is a settings folder, or any file in one. Exits with 1 if an error was found.
    """
    if everything and environment:
        raise click.UsageError("--all and --env exclude each other")
    if paths and options.config_dir:
        raise click.UsageError("--config-dir and PATH exclude each other")
    ignored = ignored_codes(ignore)
    reports = [
        report
        for folder in _folders(paths)
        for report in _reports(options, folder, environment, everything=everything, static=static)
    ]
    reports = [
        EnvironmentReport(
            each.folder,
            each.environment,
            tuple(p for p in each.problems if p.code not in ignored),
            each.to_inject,
        )
        for each in reports
    ]
    tell(options, reports, format_, static=static)
    found = [problem for each in reports for problem in each.problems]
    return 1 if errors(found, strict=strict) else 0


def ignored_codes(codes: tuple[str, ...]) -> frozenset[str]:
    """The codes of `--ignore`.

    Raises:
        click.UsageError: one is unknown, or of an error.
    """
    from ..catalogue import CATALOGUE

    ignored = frozenset(code.upper() for code in codes)
    for code in ignored:
        if code not in CATALOGUE:
            raise click.UsageError(f"--ignore: there is no code {printable(code)}")
        if CATALOGUE[code].severity is Severity.ERROR:
            raise click.UsageError(f"--ignore: {code} is an error, and cannot be ignored")
    return ignored


def _folders(paths: tuple[str, ...]) -> list[str | None]:
    """The folders of the paths, each once, in their order."""
    folders: dict[str | None, None] = {}
    for each in paths:
        path = Path(each)
        folders[str(path.parent if _is_file(path) else path)] = None
    return list(folders) or [None]


def _is_file(path: Path) -> bool:
    with suppress(OSError):  # a name that is too long, before Python 3.14
        return path.exists() and not path.is_dir()
    return False


def _reports(
    options: Options,
    folder: str | None,
    environment: str | None,
    *,
    everything: bool,
    static: bool,
) -> Iterator[EnvironmentReport]:
    from ..checking import examine

    chosen = options.resolve(environment, config_dir=folder, static=static)
    if everything and chosen.environments:
        for each in chosen.environments:
            resolved = options.resolve(each, config_dir=folder, static=static)
            yield EnvironmentReport(resolved.folder, each, *examine(resolved))
        return
    yield EnvironmentReport(chosen.folder, chosen.environment, *examine(chosen))


def tell(options: Options, reports: list[EnvironmentReport], format_: str, *, static: bool) -> None:
    """Print the reports in a format."""
    if format_ == "json":
        from ..render import json

        emit(json.render(reports))
    elif format_ == "github":
        from ..render import github

        text = github.render(reports)
        if text:
            emit(text)
    elif format_ == "sarif":
        from ..render import sarif

        emit(sarif.render(reports))
    else:
        _tell_people(options, reports, static=static)


def _tell_people(options: Options, reports: list[EnvironmentReport], *, static: bool) -> None:
    if not static:
        options.talk(looked_as())
    told: dict[tuple[str, Same], str] = {}
    for index, each in enumerate(reports):
        if index:
            emit("")
        emit(f"{title(each)}:\n")
        emit(render(tuple(_told_once(each, told))))
        if each.to_inject:
            emit(f"to be given at deployment: {', '.join(each.to_inject)}")


def title(report: EnvironmentReport) -> str:
    """What a report is of."""
    parts = [printable(report.folder) or "no settings folder"]
    if report.environment:
        parts.append(f"environment {printable(report.environment)}")
    return ", ".join(parts)


def looked_as() -> str:
    """As which user, and on which PATH, this machine was looked at."""
    import pwd

    user = os.geteuid()
    try:
        name = pwd.getpwuid(user).pw_name
    except KeyError:
        name = str(user)
    path = os.environ.get("PATH")
    return f"looked as user {name}, PATH {printable(path) if path else 'unset'}"


def _told_once(report: EnvironmentReport, told: dict[tuple[str, Same], str]) -> Iterator[Problem]:
    """The problems of a report, in short where an environment of the same folder has told them."""
    for each in report.problems:
        first = told.setdefault((report.folder, sameness(each)), report.environment)
        if first == report.environment:
            yield each._replace(environment="")
        else:
            message = f"{each.message} (as in {printable(first)})"
            yield Problem(each.code, each.severity, message, each.name, each.origin)
