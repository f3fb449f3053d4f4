"""Every outcome of the real server, case by case."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from fractal_settings import FractalConfigurationError
from fractal_settings.problems import errors
from fractal_settings.runner_configs import LocalConfig, SlurmConfig
from fractal_settings.runners import read_runner_file

sys.path.insert(0, str(Path(__file__).parent))
import differences
import golden

CASES = golden.cases()
DEFAULTS = json.loads((golden.HERE / "defaults.json").read_text("utf-8"))
PARTS = ("drivername", "username", "password", "host", "port", "database")
FILES = {
    "slurm_config": ("FRACTAL_SLURM_CONFIG_FILE", SlurmConfig),
    "local_config": ("FRACTAL_LOCAL_CONFIG_FILE", LocalConfig),
}


def same(ours: object, theirs: object) -> bool:
    both_undefined = ours != ours and theirs != theirs  # noqa: PLR0124 - nan
    return both_undefined or (ours == theirs and type(ours) is type(theirs))


def plain(value: object) -> object:
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, list):
        return [dict(client) for client in value]
    return str(value) if isinstance(value, str) else value


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_the_outcome_is_the_server_s_or_a_documented_difference(case, tmp_path, caplog):
    place = golden.lay_out(case, tmp_path)
    expected = case["expect"]
    outcome = golden.run(case, place, caplog)

    if case["id"] in differences.REFUSED:
        _, codes = differences.REFUSED[case["id"]]
        assert outcome.codes == codes
    else:
        assert outcome.refused == (expected["verdict"] == "refused"), outcome.text
        if outcome.refused:
            assert_same_name(expected, outcome)
        if "settings" in expected:
            assert_same_values(expected["settings"], outcome, place)
    assert_same_url(case, outcome, place)
    assert_same_sanitized(expected, outcome, place)
    assert_warned(expected, outcome)
    for key in FILES:
        if key in expected:
            assert_same_file(case, key, place, outcome)


def assert_same_name(expected, outcome):
    names = expected["names"]
    if not names and expected["by"] == "construction":
        # a client's name in lower case, or the dotenv file: no name that the message could show
        assert any(name.startswith("OAUTH_") or not name for name in outcome.names)
        return
    if not names:
        assert outcome.names & {
            "FRACTAL_SLURM_CONFIG_FILE",
            "FRACTAL_LOCAL_CONFIG_FILE",
            "FRACTAL_RUNNER_BACKEND",
            "",
        }
        return
    for name in names:
        if name in {"CLIENT_ID", "CLIENT_SECRET"}:
            if (
                any(each.endswith(f"_{name}") for each in outcome.names)
                or f"_{name}" in outcome.text
            ):
                return
        elif name in outcome.names or name in outcome.text:
            return
    pytest.fail(f"none of {names} in {outcome.text}")


def assert_same_values(differing, outcome, place):
    theirs = place.fill_all({**DEFAULTS, **differing})
    if "PROJECT_VERSION" not in differing:
        del theirs["PROJECT_VERSION"]
    assert outcome.settings is not None, outcome.text
    ours = {name: plain(value) for name, value in outcome.settings}
    clients = theirs["OAUTH_CLIENTS_CONFIG"]
    theirs["OAUTH_CLIENTS_CONFIG"] = sorted(clients, key=lambda client: client["CLIENT_NAME"])
    given = "FRACTAL_TASKS_PYTHON_3_10" in theirs
    for name in ("3_9", "3_10", "3_12"):
        if not given:
            theirs[f"FRACTAL_TASKS_PYTHON_{name}"] = None
    for name, value in theirs.items():
        assert same(ours[name], value), (name, ours[name], value)


def assert_same_url(case, outcome, place):
    theirs = case["expect"].get("url_parts")
    if theirs is None or outcome.settings is None:
        return
    if "$error" in theirs:
        with pytest.raises(FractalConfigurationError, match="POSTGRES_PORT"):
            _ = outcome.settings.DATABASE_ASYNC_URL
        return
    theirs = place.fill_all(theirs)
    for url in (outcome.settings.DATABASE_ASYNC_URL, outcome.settings.DATABASE_SYNC_URL):
        ours = {part: getattr(url, part) for part in PARTS}
        if case["id"] in differences.SOCKET:
            assert url.query == {"host": theirs["host"], "port": str(theirs["port"])}
            ours |= {"host": theirs["host"], "port": theirs["port"]}
        assert ours == theirs


def assert_same_sanitized(expected, outcome, place):
    if "sanitized" not in expected or outcome.settings is None:
        return
    ours = outcome.settings.get_sanitized()
    for name, value in place.fill_all(expected["sanitized"]).items():
        assert plain(ours[name]) == value, name


def assert_warned(expected, outcome):
    for name in expected.get("warned_about", []):
        derived = name.startswith("FRACTAL_TASKS_PYTHON_") and outcome.refused
        looked = "FRACTAL_TASKS_PYTHON_DEFAULT_VERSION" if derived else name
        assert name in outcome.warned or looked in outcome.text, name


def assert_same_file(case, key, place, outcome):
    variable, model = FILES[key]
    path = place.cwd / outcome.values[variable]
    theirs = case["expect"][key]
    unused = differences.UNUSED_FILE.get((case["id"], key), frozenset())
    loaded = read_runner_file(model, path, str(path), variable)
    refusals = {problem.code for problem in errors(loaded.problems)}
    if refusals:
        assert "$error" in theirs or refusals <= (unused or outcome.codes)
    else:
        assert loaded.config.model_dump() == place.fill_all(theirs)


def test_each_difference_is_of_a_case_that_is_there():
    known = {case["id"] for case in CASES}
    listed = {
        *differences.REFUSED,
        *(case for case, _ in differences.UNUSED_FILE),
        *differences.SOCKET,
    }
    assert listed <= known
    assert len(CASES) == 1220
