"""The report that a person reads, where it is narrow."""

import pytest

from fractal_settings.origins import Origin, Say, Source
from fractal_settings.problems import Problem, Severity, Snippet
from fractal_settings.render.text import columns, report

NAME = "FRACTAL_TASKS_PYTHON_DEFAULT_VERSION"
PROD = Origin(Source.SETTINGS, NAME, "config/settings.toml", "prod", 14, 40)
DEFAULT = Origin(Source.SETTINGS, NAME, "config/settings.toml", "default", 3, 40)
UNQUOTED = Problem(
    code="FS203",
    severity=Severity.ERROR,
    name=NAME,
    message=f"{NAME} is the number 3.1, not a version",
    origin=PROD,
    hint=f'{NAME} = "3.10"',
    expected='one of "3.9", "3.10", "3.11", "3.12"',
    label="unquoted: TOML reads 3.10 as 3.1",
    snippet=Snippet(f"{NAME} = 3.10", 39, 4),
    layers=(Say(PROD, 3.1, "used"), Say(DEFAULT, "3.11", "overridden")),
)


def test_a_report_of_a_hundred_columns_is_as_designed():
    assert report([UNQUOTED]).splitlines() == [
        "error[FS203]: FRACTAL_TASKS_PYTHON_DEFAULT_VERSION is the number 3.1, not a version",
        "  --> config/settings.toml:14:40 [prod]",
        "   |",
        "14 | FRACTAL_TASKS_PYTHON_DEFAULT_VERSION = 3.10",
        "   |                                        ^^^^ unquoted: TOML reads 3.10 as 3.1",
        '   = expected: one of "3.9", "3.10", "3.11", "3.12"',
        "   = layers:   config/settings.toml:14 [prod]    3.1     used",
        '               config/settings.toml:3 [default]  "3.11"  overridden',
        '   = fix:      FRACTAL_TASKS_PYTHON_DEFAULT_VERSION = "3.10"',
        "",
        "1 error",
    ]


def test_a_label_that_does_not_fit_stands_below_the_underline():
    lines = report([UNQUOTED], width=60).splitlines()
    assert "   | unquoted: TOML reads 3.10 as 3.1" in lines
    assert lines[lines.index("   | unquoted: TOML reads 3.10 as 3.1") - 1].endswith("^^^^")


def test_a_fix_that_does_not_fit_stands_on_a_line_of_its_own():
    hint = f'OAUTH_INSTITUTE_OIDC_CONFIGURATION_ENDPOINT = "https://{"idp." * 8}example.org/"'
    lines = report([UNQUOTED._replace(hint=hint)]).splitlines()
    assert lines[lines.index("   = fix:") + 1] == hint


@pytest.mark.parametrize("width", [40, 60, 79, 100])
def test_what_can_be_broken_fits_in_the_width(width):
    lines = report([UNQUOTED], width=width).splitlines()
    kept_whole = [line for line in lines if "settings.toml" in line or UNQUOTED.hint in line]
    assert [line for line in lines if columns(line) > width and line not in kept_whole] == []
