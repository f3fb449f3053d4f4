"""`doctor` asks nothing that it was not told."""

import pytest


def test_no_service_is_asked_where_not_all_settings_could_be_read(call, tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.toml").write_text('[dev]\nPOSTGRES_HOST = "db.example\n')
    outcome = call("doctor", "--env", "dev", "--format", "github")
    assert outcome.code == 1
    assert [line for line in outcome.out.splitlines() if "title=FS6" in line] == []
    assert "title=FS106" in outcome.out
    assert "no service is asked: not every place of settings could be read" in outcome.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--timeout", "nan"],
        ["--timeout", "inf"],
        ["--timeout", "0"],
        ["--ssh-host", "cluster:99999999"],
        ["--ssh-host", "cluster:"],
        ["--only", "postgres", "--skip", "oauth"],
        ["--ssh-user", "fractal"],
    ],
)
def test_arguments_that_cannot_be_are_wrong_usage(call, arguments):
    outcome = call("doctor", *arguments)
    assert (outcome.code, outcome.out) == (2, "")
