"""Problems as SARIF 2.1.0, which code scanning services and editors read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

from fractal_settings import __version__
from fractal_settings.catalogue import CATALOGUE
from fractal_settings.origins import Source

from .report import encodable, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fractal_settings.catalogue import Entry
    from fractal_settings.origins import Origin
    from fractal_settings.problems import Problem

    from .json import Json
    from .report import EnvironmentReport

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

_KINDS = {Source.ENVIRONMENT: "variable", Source.OVERRIDES: "parameter"}


def render(reports: Sequence[EnvironmentReport]) -> str:
    """A SARIF log of one run in ASCII."""
    codes = sorted(CATALOGUE)
    rules = {code: index for index, code in enumerate(codes)}
    run: Json = {
        "tool": {
            "driver": {
                "name": "fractal-settings",
                "semanticVersion": __version__,
                "rules": [_rule(CATALOGUE[code]) for code in codes],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(report, problem, rules[problem.code])
            for report in reports
            for problem in report.problems
        ],
        "properties": {
            "toInject": [
                {**_where(report), "names": [encodable(name) for name in report.to_inject]}
                for report in reports
                if report.to_inject
            ]
        },
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(entry: Entry) -> Json:
    return {
        "id": entry.code,
        "shortDescription": _text(entry.title),
        "fullDescription": _text(entry.meaning),
        "help": _text(entry.fix),
        "defaultConfiguration": {"level": str(entry.severity)},
    }


def _result(report: EnvironmentReport, problem: Problem, rule: int) -> Json:
    properties = {**_where(report), "name": encodable(problem.name)}
    result: dict[str, Json] = {
        "ruleId": problem.code,
        "ruleIndex": rule,
        "level": str(problem.severity),
        "message": _text(told(problem, [report.environment])),
        "properties": {key: value for key, value in properties.items() if value},
    }
    if problem.origin:
        result["locations"] = [_location(problem.origin)]
    elif problem.name:
        result["locations"] = [{"logicalLocations": [{"name": encodable(problem.name)}]}]
    elsewhere = [say for say in problem.layers if say.origin != problem.origin]
    if elsewhere:
        result["relatedLocations"] = [
            {**_location(say.origin), "message": _text(say.status)} for say in elsewhere
        ]
    return result


def _location(origin: Origin) -> dict[str, Json]:
    """The file's place, or what stands for it where there is no file; and the key or variable."""
    location: dict[str, Json] = {}
    if origin.path:
        physical: dict[str, Json] = {"artifactLocation": {"uri": _uri(origin.path)}}
        if origin.line:
            column = {"startColumn": origin.column} if origin.column else {}
            physical["region"] = {"startLine": origin.line, **column}
        location["physicalLocation"] = physical
    qualified = f"{origin.section}.{origin.name}" if origin.section else origin.name
    logical: dict[str, Json] = {
        "name": encodable(origin.name or origin.source.label),
        "fullyQualifiedName": encodable(qualified if origin.path else origin.place),
    }
    if origin.source in _KINDS:
        logical["kind"] = _KINDS[origin.source]
    if origin.name or not origin.path:
        location["logicalLocations"] = [logical]
    return location


def _uri(path: str) -> str:
    """A URI reference: what a colon or a `#` in a file name means elsewhere, it must not here."""
    try:
        quoted = quote(path.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:  # no file has such a name
        quoted = quote(encodable(path))
    return f"file://{quoted}" if path.startswith("/") else quoted


def _where(report: EnvironmentReport) -> dict[str, Json]:
    return {"folder": encodable(report.folder), "environment": encodable(report.environment)}


def _text(text: str) -> Json:
    """A message string: SARIF's own marks for placeholders and links are none of ours (3.11.5)."""
    literal = text.replace("{", "{{").replace("}", "}}").replace("](", "\\](")
    return {"text": encodable(literal)}
