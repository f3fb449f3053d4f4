"""Problems as workflow commands, which GitHub shows at the line of the file that they name."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from fractal_settings.problems import Severity
from fractal_settings.redact import printable

from .report import encodable, sameness, told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fractal_settings.problems import Problem

    from .report import EnvironmentReport, Same

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}

# https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def render(reports: Sequence[EnvironmentReport]) -> str:
    """One line a problem, and one for the names that an environment must be given.

    What is the same in several environments of a folder is one line, because GitHub shows no more
    than ten of a kind.
    """
    lines: list[str] = []
    for _, of_folder in groupby(reports, key=lambda report: report.folder):
        lines += _folder(list(of_folder))
    return "\n".join(lines)


def _folder(reports: Sequence[EnvironmentReport]) -> Iterator[str]:
    environments: dict[Same, list[str]] = {}
    problems: dict[Same, Problem] = {}
    for report in reports:
        for problem in report.problems:
            same = sameness(problem)
            problems.setdefault(same, problem)
            environments.setdefault(same, []).append(report.environment)
    for same, problem in problems.items():
        yield _annotation(problem, environments[same])
    for report in reports:
        if report.to_inject:
            where = " of ".join(filter(None, [report.environment, report.folder]))
            names = ", ".join(report.to_inject)
            message = f"{where}: {names}" if where else names
            title = {"title": "To be given at deployment"}
            yield _command("notice", title, printable(message))


def _annotation(problem: Problem, environments: Sequence[str]) -> str:
    properties = {}
    origin = problem.origin
    if origin and origin.path:
        properties["file"] = origin.path
        if origin.line:
            properties["line"] = str(origin.line)
        if origin.column:
            properties["col"] = str(origin.column)
    properties["title"] = problem.code
    return _command(_COMMANDS[problem.severity], properties, told(problem, environments))


def _command(name: str, properties: Mapping[str, str], message: str) -> str:
    listed = ",".join(
        f"{key}={encodable(value).translate(_PROPERTY)}" for key, value in properties.items()
    )
    return f"::{name} {listed}::{message.translate(_DATA)}"
