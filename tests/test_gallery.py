"""Each broken configuration is reported as planted: nothing missed, nothing invented, no secret."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import NamedTuple

import jsonschema
import pytest

from fractal_settings import Settings
from fractal_settings.catalogue import CATALOGUE
from fractal_settings.model import about
from fractal_settings.problems import Severity
from fractal_settings.render.text import columns

sys.path.insert(0, str(Path(__file__).parent / "data"))
import gallery

CASES = gallery.cases()
SCHEMA = json.loads(
    (Path(gallery.cli.__file__).parents[1] / "render" / "report.schema.json").read_text("utf-8")
)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
CANARY = "canary"


def planted(case: gallery.Case) -> list[tuple]:
    return sorted(
        (
            row["code"],
            row["name"],
            row.get("folder", ""),
            row.get("environment", ""),
            row["source"],
            row.get("path", ""),
            row.get("section", ""),
            row.get("line", 0),
            row.get("column", 0),
        )
        for row in case.planted
    )


def reported(document: dict) -> list[tuple]:
    several = len(document["reports"]) > 1
    folders = len({each["folder"] for each in document["reports"]}) > 1
    nowhere = {"source": "none", "path": "", "section": "", "line": 0, "column": 0}
    return sorted(
        (
            each["code"],
            each["name"],
            report["folder"] if folders else "",
            report["environment"] if several else "",
            *((each["origin"] or nowhere)[key] for key in nowhere),
        )
        for report in document["reports"]
        for each in report["problems"]
    )


class Shown(NamedTuple):
    case: gallery.Case
    told: dict[str, gallery.Told]


@pytest.fixture(scope="module", params=CASES, ids=[case.name for case in CASES])
def shown(request):
    """A case and all its reports, made once."""
    return Shown(request.param, gallery.reports(request.param))


def test_every_planted_mistake_is_told_at_its_place_and_no_other(shown):
    document = json.loads(shown.told["json"].stdout)
    VALIDATOR.validate(document)
    assert reported(document) == planted(shown.case)
    injected = [name for each in document["reports"] for name in each["to_inject"]]
    assert sorted(injected) == sorted(shown.case.data.get("to_inject", ()))


def test_the_reports_are_the_expected_ones(shown):
    expected = shown.case.folder / "expected.txt"
    assert shown.told["drawn"].stdout == expected.read_text("utf-8")
    assert shown.told["json"].stdout == expected.with_suffix(".json").read_text("utf-8")


def test_the_report_fits_in_the_terminal(shown):
    lines = shown.told["drawn"].stdout.splitlines()
    assert [line for line in lines if columns(line) > gallery.COLUMNS] == []


def test_every_format_tells_every_code_and_ends_alike(shown):
    for told in shown.told.values():
        assert all(row["code"] in told.stdout for row in shown.case.planted)
        assert told.code == is_refused(shown.case)


def test_no_format_shows_a_secret(shown):
    assert leaked(shown.case, *shown.told.values()) == []


def leaked(case: gallery.Case, *told: gallery.Told) -> list[str]:
    printed = "".join(text for each in told for text in (each.stdout, each.stderr))
    return [secret for secret in (CANARY, *case.data.get("hidden", ())) if secret in printed]


def is_refused(case: gallery.Case) -> bool:
    refusing = {Severity.ERROR}
    if "--strict" in case.arguments:
        refusing.add(Severity.WARNING)
    return any(CATALOGUE[row["code"]].severity in refusing for row in case.planted)


def test_a_canary_that_is_shown_would_be_found():
    case = next(each for each in CASES if each.name == "toml-jwt-secret-key")
    assert leaked(case, gallery.Told("JWT_SECRET_KEY = 20240131", "", 1)) == ["20240131"]
    assert leaked(case, gallery.Told("", "a canary", 1)) == [CANARY]


def test_the_gallery_has_every_code_that_check_tells():
    checked = {code for code, entry in CATALOGUE.items() if entry.broken.arguments[0] == "check"}
    shown = {row["code"] for case in CASES for row in case.planted}
    assert shown >= {code for code in checked if code < "FS6"}
    assert len(CASES) >= 150


def test_the_gallery_has_each_setting_with_a_wrong_type():
    wrong = {"FS119", "FS201", "FS202", "FS203", "FS204", "FS205", "FS206"}
    rows = [row for case in CASES for row in case.planted if row["code"] in wrong]
    in_toml = {row["name"] for row in rows if row.get("path", "").endswith(".toml")}
    in_variables = {row["name"] for row in rows if row["source"] == "environment"}
    assert set(Settings.model_fields) <= in_toml
    assert {
        name
        for name, field in Settings.model_fields.items()
        if isinstance(field.default, int | float) or "choices" in about(name)
    } <= in_variables


def test_twenty_cases_have_mistakes_in_three_layers_or_more():
    layers = [
        {(row["source"], row.get("section")) for row in case.planted if row["source"] != "none"}
        for case in CASES
    ]
    assert sum(len(each) >= 3 for each in layers) >= 20


def test_the_guide_shows_cases_that_are_there():
    guide = Path(__file__).parents[1] / "docs" / "guides" / "problems.md"
    included = re.findall(r"^```\{literalinclude\} (\S+)$", guide.read_text("utf-8"), re.MULTILINE)
    assert len(included) >= 8
    for path in included:
        assert (guide.parent / path).is_file()
        assert (guide.parent / path).resolve().is_relative_to(gallery.HERE)
