"""What problems say and quote: the place, the fix in its form, and no secret."""

import pytest

from fractal_settings import resolve
from fractal_settings.catalogue.entry import example
from fractal_settings.checking import examine


@pytest.fixture
def found(tmp_path):
    """The problems of a code, of an example in which nothing else is wrong."""

    def find(code, toml=None, environment=None, **more):
        made = example(toml, **more)
        made.make(tmp_path)
        resolved = resolve(
            environment,
            environ=made.environ,
            cwd=tmp_path,
            server_python=("3.11", "/usr/bin/python3.11"),
        )
        return [each for each in examine(resolved).problems if each.code == code]

    return find


def quoted(problem):
    text, start, length = problem.snippet
    return f"{text}\n{' ' * start}{'^' * length}"


@pytest.mark.parametrize(
    ("toml", "code", "place", "snippet"),
    [
        ('[p]\n  "A B" = 1 # B', "FS115", (2, 3), '"A B" = ...\n^^^^^'),
        ("[p]\n[ p . POSTGRES ] # B", "FS117", (2, 7), "[ p . POSTGRES ]\n      ^^^^^^^^"),
        ("[[q]] # ]\n[p]", "FS114", (1, 3), "[[q]]\n  ^"),
        ('p = {POSTGRES.PASSWORD = "B"}', "FS117", (1, 6), "POSTGRES\n^^^^^^^^"),
        ('main.PASSWORD = "B"\n[p]', "FS114", (1, 1), "main\n^^^^"),
        ('PASSWORD = """\nB"""\n[p]', "FS113", (1, 1), "PASSWORD = ...\n^^^^^^^^"),
    ],
)
def test_a_key_that_is_refused_is_quoted_without_what_stands_beside_it(
    found, toml, code, place, snippet
):
    (problem,) = found(code, toml, "p")
    assert (problem.origin.line, problem.origin.column) == place
    assert quoted(problem) == snippet


def test_what_another_program_keeps_in_an_oauth_variable_is_never_shown(found):
    client = {"OAUTH_GITHUB_CLIENT_ID": "i", "OAUTH_GITHUB_CLIENT_SECRET": "s"}
    beside = found("FS214", environ={**client, "OAUTH_GITHUB_COOKIE": "canary"})
    alone = found("FS212", environ={"OAUTH_PROXY_PHRASE": "canary"})
    assert len(beside) == len(alone) == 1
    assert "canary" not in repr([beside, alone])
