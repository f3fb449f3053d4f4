"""Problems as JSON; `report.schema.json` beside this file is its schema."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from fractal_settings.problems import Severity
from fractal_settings.redact import MARK, Secret, redacted

from .report import encodable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fractal_settings.origins import Origin, Say
    from fractal_settings.problems import Problem

    from .report import EnvironmentReport

    Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]

VERSION = 1

_WIDEST = 64  # bits of an integer: of a wider one programs make what they like


def render(reports: Sequence[EnvironmentReport]) -> str:
    """A JSON document in ASCII."""
    severities = [problem.severity for report in reports for problem in report.problems]
    document: Json = {
        "version": VERSION,
        "reports": [
            {
                "folder": encodable(report.folder),
                "environment": encodable(report.environment),
                "problems": [_problem(problem) for problem in report.problems],
                "to_inject": [encodable(name) for name in report.to_inject],
            }
            for report in reports
        ],
        "summary": {f"{severity}s": severities.count(severity) for severity in Severity},
    }
    return json.dumps(document, indent=2)


def _problem(problem: Problem) -> Json:
    snippet = problem.snippet
    return {
        "code": problem.code,
        "severity": str(problem.severity),
        "name": encodable(problem.name),
        "message": encodable(problem.message),
        "origin": _origin(problem.origin) if problem.origin else None,
        "hint": encodable(problem.hint),
        "expected": encodable(problem.expected),
        "label": encodable(problem.label),
        "snippet": {
            "text": encodable(snippet.text),
            "start": snippet.start,
            "length": snippet.length,
        }
        if snippet
        else None,
        "layers": [_layer(say, problem.name) for say in problem.layers],
    }


def _origin(origin: Origin) -> dict[str, Json]:
    return {
        "source": origin.source.name.lower(),
        "name": encodable(origin.name),
        "path": encodable(origin.path),
        "section": encodable(origin.section),
        "line": origin.line,
        "column": origin.column,
    }


def _layer(say: Say, name: str) -> Json:
    value = redacted(name, redacted(say.origin.name, say.value))
    return {**_origin(say.origin), "value": _value(value), "status": say.status}


def _value(value: object) -> Json:
    """The value, or text where JSON has no such value: a date, a nan, a very long integer."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Secret):
        return MARK
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, int):
        return value if value.bit_length() <= _WIDEST else hex(value)
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, dict):
        return {encodable(str(key)): _value(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_value(inner) for inner in value]
    return encodable(str(value))
