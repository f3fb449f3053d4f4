"""The SARIF log: a model of 2.1.0 that refuses unknown keys reads it."""

import json
import re
from urllib.parse import unquote_to_bytes, urlsplit

import pytest
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Log

from fractal_settings import __version__
from fractal_settings.catalogue import CATALOGUE
from fractal_settings.origins import Origin, Say, Source
from fractal_settings.problems import Severity, problem
from fractal_settings.render.report import EnvironmentReport
from fractal_settings.render.sarif import render

CODE = "FS203"
PROD = Origin(Source.SETTINGS, "POSTGRES_PORT", "config/settings.toml", "prod", 14, 17)
DEFAULT = Origin(Source.SETTINGS, "POSTGRES_PORT", "config/settings.toml", "default", 3, 17)
VARIABLE = Origin(Source.ENVIRONMENT, "POSTGRES_PORT")


def run_of(*reports):
    """The only run of the log, after the published model took it."""
    text = render(reports)
    assert text.isascii()
    Log.model_validate_json(text)
    (run,) = json.loads(text)["runs"]
    return run


def result_of(**details):
    message = details.pop("message", "no port")
    found = problem(CODE, message, **details)
    (result,) = run_of(EnvironmentReport("config", "prod", (found,)))["results"]
    return result


def test_a_result_has_its_rule_level_message_and_place():
    result = result_of(origin=PROD, name="POSTGRES_PORT", hint="use 5432", expected="a port")
    index = result.pop("ruleIndex")
    assert sorted(CATALOGUE)[index] == CODE
    assert result == {
        "ruleId": CODE,
        "level": "error",
        "message": {"text": "no port\nenvironment: prod\nexpected: a port\nfix: use 5432"},
        "properties": {"folder": "config", "environment": "prod", "name": "POSTGRES_PORT"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "config/settings.toml"},
                    "region": {"startLine": 14, "startColumn": 17},
                },
                "logicalLocations": [
                    {"name": "POSTGRES_PORT", "fullyQualifiedName": "prod.POSTGRES_PORT"}
                ],
            }
        ],
    }


def test_a_variable_is_a_logical_location():
    assert result_of(origin=VARIABLE)["locations"] == [
        {
            "logicalLocations": [
                {
                    "name": "POSTGRES_PORT",
                    "fullyQualifiedName": "environment POSTGRES_PORT",
                    "kind": "variable",
                }
            ]
        }
    ]


def test_a_missing_value_is_at_its_name_and_what_has_no_name_nowhere():
    assert result_of(name="POSTGRES_DB")["locations"] == [
        {"logicalLocations": [{"name": "POSTGRES_DB"}]}
    ]
    assert "locations" not in result_of()


def test_a_file_without_lines_has_no_region_and_a_line_without_column_no_column():
    (location,) = result_of(origin=Origin(Source.SETTINGS, path="config"))["locations"]
    assert location == {"physicalLocation": {"artifactLocation": {"uri": "config"}}}
    (location,) = result_of(origin=Origin(Source.DOTENV, "X", ".env", line=7))["locations"]
    assert location["physicalLocation"]["region"] == {"startLine": 7}


def test_the_other_layers_are_related_locations():
    says = (Say(PROD, 1, "refused"), Say(DEFAULT, 2, "overridden"), Say(VARIABLE, 3, "discarded"))
    default, variable = result_of(origin=PROD, layers=says)["relatedLocations"]
    assert default["physicalLocation"]["region"]["startLine"] == 3
    assert default["message"] == {"text": "overridden"}
    assert variable["logicalLocations"][0]["kind"] == "variable"


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("config/settings.toml", "config/settings.toml"),
        ("../a b/é😀.toml", "../a%20b/%C3%A9%F0%9F%98%80.toml"),
        ("http:x/#y?z%41", "http%3Ax/%23y%3Fz%2541"),
        ("a\nb,\"c'", "a%0Ab%2C%22c%27"),
        ("/run/secrets/JWT_SECRET_KEY", "file:///run/secrets/JWT_SECRET_KEY"),
        ("a\udcff", "a%FF"),
        ("a\ud800", "a%5Cud800"),
    ],
)
def test_a_path_is_a_percent_encoded_uri(path, uri):
    (location,) = result_of(origin=Origin(Source.DOTENV, "X", path, line=1))["locations"]
    written = location["physicalLocation"]["artifactLocation"]["uri"]
    assert written == uri
    assert re.fullmatch(r"[A-Za-z0-9/._~%:-]+", written)
    parts = urlsplit(written)
    assert (parts.scheme, parts.netloc) in {("", ""), ("file", "")}
    assert not parts.query
    assert not parts.fragment
    if "\ud800" not in path:
        assert unquote_to_bytes(parts.path) == path.encode("utf-8", "surrogateescape")


def test_braces_and_links_of_a_value_are_text_and_no_placeholders():
    told = result_of(message="${X} is [a](1)")["message"]["text"].split("\n")[0]
    assert told == "${{X}} is [a\\](1)"


def test_anything_that_a_problem_quotes_can_be_read():
    nasty = 'é😀\x1b[31m\x00\u2028 %0A,: "\\ {0} \r\n\udcff\ud800'
    origin = Origin(Source.OVERRIDES, nasty, nasty, nasty, 1, 1)
    result = result_of(
        message=nasty,
        name=nasty,
        origin=origin,
        hint=nasty,
        expected=nasty,
        label=nasty,
        layers=(Say(Origin(Source.DERIVED, nasty), nasty, "used"),),
    )
    shown = 'é😀\x1b[31m\x00\u2028 %0A,: "\\ {0} \r\n\\xff\\ud800'
    assert result["properties"]["name"] == shown
    headline, *_ = result["message"]["text"].split("\n")
    assert headline == 'é😀\\x1b[31m\\x00\\u2028 %0A,: "\\ {{0}} \\r'


def test_the_rules_are_the_catalogue_and_columns_count_characters():
    run = run_of()
    driver = run["tool"]["driver"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert (driver["name"], driver["semanticVersion"]) == ("fractal-settings", __version__)
    for rule in driver["rules"]:
        entry = CATALOGUE[rule["id"]]
        assert rule["defaultConfiguration"] == {"level": str(entry.severity)}
        assert rule["shortDescription"]["text"].replace("{{", "{") == entry.title
        assert "fullDescription" in rule
        assert "help" in rule
    assert [rule["id"] for rule in driver["rules"]] == sorted(CATALOGUE)


def test_each_level_is_one_of_sarif():
    codes = {entry.severity: code for code, entry in CATALOGUE.items()}
    problems = tuple(problem(codes[severity], "x") for severity in codes)
    results = run_of(EnvironmentReport("", "", problems))["results"]
    assert [result["level"] for result in results] == [str(severity) for severity in codes]
    assert Severity.ERROR in codes


def test_what_must_be_given_at_deployment_is_a_property_of_the_run():
    run = run_of(
        EnvironmentReport("config", "prod", (), ("JWT_SECRET_KEY",)),
        EnvironmentReport("config", "dev", ()),
    )
    assert run["properties"] == {
        "toInject": [{"folder": "config", "environment": "prod", "names": ["JWT_SECRET_KEY"]}]
    }


def test_results_of_two_environments_are_told_apart():
    found = problem(CODE, "x", origin=PROD)
    run = run_of(
        EnvironmentReport("config", "dev", (found,)), EnvironmentReport("config", "prod", (found,))
    )
    assert [each["properties"]["environment"] for each in run["results"]] == ["dev", "prod"]
