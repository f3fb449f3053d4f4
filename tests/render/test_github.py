"""Annotations, read back by the rules that GitHub's runner reads them by."""

import re

import pytest

from fractal_settings.origins import Origin, Source
from fractal_settings.problems import Problem, Severity
from fractal_settings.render.github import render
from fractal_settings.render.report import EnvironmentReport

NASTY = "é😀 %0A 100%, a:b::c =x"


def annotations(text):
    """Command, properties and message of each line: `::name key=value,key=value::message`.

    Percent is undone last, as the runner does.
    """
    for line in text.split("\n"):
        command, listed, data = re.fullmatch(r"::(\w+) ([^\n]*?)::([^\r\n]*)", line).groups()
        properties = dict(each.split("=", 1) for each in listed.split(","))
        yield (
            command,
            {key: unescaped(value, property_=True) for key, value in properties.items()},
            unescaped(data, property_=False),
        )


def unescaped(text, *, property_):
    escapes = {"%0D": "\r", "%0A": "\n"}
    if property_:
        escapes |= {"%3A": ":", "%2C": ","}
    for written, meant in escapes.items():
        text = text.replace(written, meant)
    return text.replace("%25", "%")


def report(problem, **more):
    return render([EnvironmentReport("config", "prod", (problem,), **more)])


def in_file(path, **more):
    origin = Origin(Source.SETTINGS, "POSTGRES_PORT", path, "prod", 14, 17)
    return Problem(
        **{"code": "FS301", "severity": Severity.ERROR, "message": "no port", "origin": origin}
        | more
    )


def test_an_annotation_stands_at_file_line_and_column_and_says_the_fix():
    problem = in_file(
        "config/settings.toml",
        hint='POSTGRES_PORT = "5432"',
        expected="1 to 65535",
        label="too big",
    )
    assert report(problem) == (
        "::error file=config/settings.toml,line=14,col=17,title=FS301::"
        "no port (too big)%0Aenvironment: prod%0Aexpected: 1 to 65535"
        '%0Afix: POSTGRES_PORT = "5432"'
    )


@pytest.mark.parametrize(
    ("severity", "command"),
    [(Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.NOTE, "notice")],
)
def test_each_severity_has_its_command(severity, command):
    assert report(in_file("a", severity=severity)).startswith(f"::{command} file=a,")


def test_what_has_no_line_or_no_file_claims_none():
    folder = Problem(
        code="FS101", severity=Severity.ERROR, message="m", origin=Origin(Source.SETTINGS, path="c")
    )
    variable = Problem(
        code="FS102",
        severity=Severity.ERROR,
        message="m",
        origin=Origin(Source.ENVIRONMENT, "DB_ECHO"),
    )
    nothing = Problem(code="FS301", severity=Severity.ERROR, message="m")
    text = render([EnvironmentReport("", "", (folder, variable, nothing))])
    assert text.split("\n") == [
        "::error file=c,title=FS101::m",
        "::error title=FS102::m%0Aplace: environment DB_ECHO",
        "::error title=FS301::m",
    ]


@pytest.mark.parametrize(
    "path",
    ["config/é😀.toml", "a,b.toml", "c:d::e.toml", "100%0A.toml", "%", "a\nb", "a\r\nb", "a=b"],
)
def test_any_path_survives(path):
    ((_, properties, _),) = annotations(report(in_file(path)))
    assert properties == {"file": path, "line": "14", "col": "17", "title": "FS301"}


@pytest.mark.parametrize(
    "message", [NASTY, "a\nb\n\nc", "%25", "%3A", ":: error ::", "'\"`$(x)", "::stop-commands::x"]
)
def test_any_message_survives_on_one_line(message):
    text = report(in_file("a", message=message, hint=message))
    assert "\n" not in text
    ((_, _, told),) = annotations(text)
    assert told == f"{message}\nenvironment: prod\nfix: {message}"


def test_control_characters_and_undecodable_bytes_are_escaped():
    text = report(in_file("a\udcff", message="\x1b[31mred\r\x00\u2028\udcfe\ud800"))
    ((_, properties, told),) = annotations(text)
    assert properties["file"] == "a\\xff"
    assert told.startswith("\\x1b[31mred\\r\\x00\\u2028\\xfe\\ud800\n")
    text.encode("utf-8")


def test_what_must_be_given_at_deployment_is_a_notice():
    text = render(
        [
            EnvironmentReport("con:fig", "prod", (), ("JWT_SECRET_KEY", "OAUTH_X_CLIENT_SECRET")),
            EnvironmentReport("", "", (), ("JWT_SECRET_KEY",)),
        ]
    )
    assert list(annotations(text)) == [
        (
            "notice",
            {"title": "To be given at deployment"},
            "prod of con:fig: JWT_SECRET_KEY, OAUTH_X_CLIENT_SECRET",
        ),
        ("notice", {"title": "To be given at deployment"}, "JWT_SECRET_KEY"),
    ]


def test_what_is_the_same_in_several_environments_of_a_folder_is_one_annotation():
    default, prod = in_file("a", message="of [default]"), in_file("a", message="of [prod]")
    text = render(
        [
            EnvironmentReport("config", "dev", (default,)),
            EnvironmentReport("config", "prod", (default, prod), ("JWT_SECRET_KEY",)),
            EnvironmentReport("other", "prod", (default,)),
        ]
    )
    assert [told for _, _, told in annotations(text)] == [
        "of [default]\nenvironments: dev, prod",
        "of [prod]\nenvironment: prod",
        "prod of config: JWT_SECRET_KEY",
        "of [default]\nenvironment: prod",
    ]


def test_without_problems_nothing_is_said():
    assert render([EnvironmentReport("config", "dev", ())]) == ""
