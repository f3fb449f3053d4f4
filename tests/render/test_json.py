"""The JSON report: it fits its schema, and says what the problems say."""

import datetime as dt
import json
from pathlib import Path
from typing import get_args

import jsonschema
import pytest

from fractal_settings.origins import Origin, Say, Source, Status
from fractal_settings.problems import Problem, Severity, Snippet
from fractal_settings.redact import Secret
from fractal_settings.render import json as json_report
from fractal_settings.render.json import render
from fractal_settings.render.report import EnvironmentReport

SCHEMA = json.loads(Path(json_report.__file__).with_name("report.schema.json").read_text("utf-8"))

PROD = Origin(Source.SETTINGS, "POSTGRES_PORT", "config/settings.toml", "prod", 14, 17)
DEFAULT = Origin(Source.SETTINGS, "POSTGRES_PORT", "config/settings.toml", "default", 3, 17)
FULL = Problem(
    code="FS301",
    severity=Severity.ERROR,
    name="POSTGRES_PORT",
    message='POSTGRES_PORT is "99999", not a port',
    origin=PROD,
    hint='POSTGRES_PORT = "5432"',
    expected="an integer from 1 to 65535",
    label="too large",
    snippet=Snippet('POSTGRES_PORT = "99999"', 16, 7),
    layers=(Say(PROD, "99999", "refused"), Say(DEFAULT, 5432, "overridden")),
)
BARE = Problem(code="FS302", severity=Severity.WARNING, message="nothing more is known")


def read(*problems, **more):
    """The report of some problems, after the schema took it."""
    text = render([EnvironmentReport("config", "prod", problems, **more)])
    document = json.loads(text)
    jsonschema.validate(document, SCHEMA, jsonschema.Draft202012Validator)
    return document


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_everything_that_a_problem_holds_is_told():
    assert read(FULL, to_inject=("JWT_SECRET_KEY",)) == {
        "version": 1,
        "reports": [
            {
                "folder": "config",
                "environment": "prod",
                "problems": [
                    {
                        "code": "FS301",
                        "severity": "error",
                        "name": "POSTGRES_PORT",
                        "message": 'POSTGRES_PORT is "99999", not a port',
                        "origin": {
                            "source": "settings",
                            "name": "POSTGRES_PORT",
                            "path": "config/settings.toml",
                            "section": "prod",
                            "line": 14,
                            "column": 17,
                        },
                        "hint": 'POSTGRES_PORT = "5432"',
                        "expected": "an integer from 1 to 65535",
                        "label": "too large",
                        "snippet": {"text": 'POSTGRES_PORT = "99999"', "start": 16, "length": 7},
                        "layers": [
                            {
                                "source": "settings",
                                "name": "POSTGRES_PORT",
                                "path": "config/settings.toml",
                                "section": "prod",
                                "line": 14,
                                "column": 17,
                                "value": "99999",
                                "status": "refused",
                            },
                            {
                                "source": "settings",
                                "name": "POSTGRES_PORT",
                                "path": "config/settings.toml",
                                "section": "default",
                                "line": 3,
                                "column": 17,
                                "value": 5432,
                                "status": "overridden",
                            },
                        ],
                    }
                ],
                "to_inject": ["JWT_SECRET_KEY"],
            }
        ],
        "summary": {"errors": 1, "warnings": 0, "notes": 0},
    }


def test_what_a_problem_lacks_is_null_or_empty():
    (told,) = read(BARE)["reports"][0]["problems"]
    assert told["origin"] is told["snippet"] is None
    assert told["name"] == told["hint"] == told["expected"] == told["label"] == ""
    assert told["layers"] == []


def test_the_summary_counts_the_problems_of_all_environments():
    note = Problem(code="FS303", severity=Severity.NOTE, message="worth knowing")
    document = json.loads(
        render(
            [
                EnvironmentReport("a", "dev", (FULL, BARE, note)),
                EnvironmentReport("a", "prod", (FULL,)),
                EnvironmentReport("b", "", ()),
            ]
        )
    )
    jsonschema.validate(document, SCHEMA)
    assert document["summary"] == {"errors": 2, "warnings": 1, "notes": 1}
    assert [each["environment"] for each in document["reports"]] == ["dev", "prod", ""]


def test_nothing_to_report_is_a_report_too():
    document = json.loads(render([]))
    jsonschema.validate(document, SCHEMA)
    assert document["reports"] == []


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, None),
        (True, True),
        (7, 7),
        (2**63, 2**63),
        pytest.param(16**5000, "0x1" + "0" * 5000, id="5001 hexadecimal digits"),
        (0.5, 0.5),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (dt.date(2024, 1, 1), "2024-01-01"),
        (dt.time(7, 32), "07:32:00"),
        ([1, {"a": dt.date(2024, 1, 1)}, [float("inf")]], [1, {"a": "2024-01-01"}, ["inf"]]),
        ("é\n\udcff", "é\n\\xff"),
    ],
)
def test_a_value_that_json_lacks_is_told_as_text(value, told):
    problem = Problem(
        code="FS201", severity=Severity.ERROR, message="x", layers=(Say(PROD, value, "used"),)
    )
    assert read(problem)["reports"][0]["problems"][0]["layers"][0]["value"] == told


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JWT_SECRET_KEY", "canary"),
        ("OAUTH_X_CLIENT_SECRET", "canary"),
        ("POSTGRES_DB", Secret("canary")),
        ("POSTGRES_DB", ["a", Secret("canary")]),
        ("POSTGRES_HOST", "postgresql://me:canary@host/"),
    ],
)
def test_a_secret_is_not_told_even_where_a_layer_was_made_with_it(name, value):
    origin = Origin(Source.ENVIRONMENT, name)
    problem = Problem(
        code="FS201", severity=Severity.ERROR, message="x", layers=(Say(origin, value, "used"),)
    )
    text = render([EnvironmentReport("", "", (problem,))])
    assert "canary" not in text
    assert "***" in text


def test_a_report_is_ascii_without_lone_surrogates_whatever_a_problem_quotes():
    nasty = 'é😀\x1b[31m\x00\u2028 %0A,: "\\ \r\n\udcff\ud800'
    origin = Origin(Source.DOTENV, nasty, nasty, nasty, 1, 1)
    problem = Problem(
        code="FS101",
        severity=Severity.ERROR,
        name=nasty,
        message=nasty,
        origin=origin,
        hint=nasty,
        expected=nasty,
        label=nasty,
        snippet=Snippet(nasty, 0, 1),
        layers=(Say(origin, {nasty: nasty}, "used"),),
    )
    text = render([EnvironmentReport(nasty, nasty, (problem,), (nasty,))])
    assert text.isascii()
    told = json.loads(text)
    jsonschema.validate(told, SCHEMA)
    json.dumps(told, ensure_ascii=False).encode("utf-8")  # a lone surrogate cannot be encoded
    shown = 'é😀\x1b[31m\x00\u2028 %0A,: "\\ \r\n\\xff\\ud800'
    report = told["reports"][0]
    assert report["problems"][0]["message"] == report["folder"] == shown
    assert report["problems"][0]["layers"][0]["value"] == {shown: shown}


def test_the_schema_knows_every_source_severity_and_status():
    definitions = SCHEMA["$defs"]
    assert definitions["source"]["enum"] == [source.name.lower() for source in Source]
    properties = definitions["problem"]["properties"]
    assert properties["severity"]["enum"] == [str(severity) for severity in Severity]
    assert definitions["layer"]["properties"]["status"]["enum"] == list(get_args(Status))


def test_the_schema_takes_no_key_that_it_does_not_name():
    def objects(document):
        if isinstance(document, dict):
            if "problems" in document or "code" in document or "source" in document:
                yield document
            for inner in document.values():
                yield from objects(inner)
        elif isinstance(document, list):
            for inner in document:
                yield from objects(inner)

    document = read(FULL)
    places = [document, document["summary"], *objects(document)]
    places.append(document["reports"][0]["problems"][0]["snippet"])
    assert len(places) == 8
    for place in places:
        place["more"] = 1
        with pytest.raises(jsonschema.ValidationError, match="Additional properties"):
            jsonschema.validate(document, SCHEMA)
        del place["more"]
    jsonschema.validate(document, SCHEMA)
