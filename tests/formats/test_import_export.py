"""import(export(x)) is x: from text by way of each format into a settings folder, and out again."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fractal_settings import Settings, resolve
from fractal_settings.formats import FORMATS, environment, written
from fractal_settings.importing import IMPORTABLE, plan, read
from fractal_settings.names import OAUTH_LIST
from fractal_settings.texts import layered, typed
from fractal_settings.writing import make_folder, write_files

EVIL = "p@ss:/w?#%rd'\"\\ $x é"
CLIENT = {"OAUTH_GITHUB_CLIENT_ID": "x", "OAUTH_GITHUB_CLIENT_SECRET": EVIL}
PIECES = st.sampled_from([*"'\"\\$`#{}=:- \t\n\r;~&%!*@A", "${", "${A}", "$$", "\\'", "é", "\x01"])
TEXT = st.lists(PIECES, max_size=10).map("".join) | st.text(max_size=8)


def kind(name: str) -> st.SearchStrategy[str]:
    """Text that a layer may give the setting."""
    field = Settings.model_fields[name]
    if isinstance(field.default, bool):
        return st.sampled_from(["true", "false", "yes", "OFF", "1"])
    if isinstance(field.default, int):
        return st.integers(-(2**64), 2**64).map(str) | st.just(" 1_0 ")
    if isinstance(field.default, float):
        return st.floats().map(str)
    extra = field.json_schema_extra or {}
    if "choices" in extra and name != "FRACTAL_TASKS_PYTHON_DEFAULT_VERSION":
        return st.sampled_from(extra["choices"])
    if "_PYTHON" in name:
        return (
            TEXT.map("/{}".format)
            if name != "FRACTAL_TASKS_PYTHON_DEFAULT_VERSION"
            else (st.just("3.11"))
        )
    return TEXT


NAMES = [name for name in Settings.model_fields if name != OAUTH_LIST]
VALUES = st.fixed_dictionaries(
    {}, optional={name: kind(name) for name in NAMES} | dict.fromkeys(CLIENT, TEXT)
)
EVERYWHERE = {
    name: EVIL
    for name in NAMES
    if isinstance(Settings.model_fields[name].default, str | None)
    and "choices" not in (Settings.model_fields[name].json_schema_extra or {})
    and "_PYTHON" not in name
} | CLIENT


def carried(format_: str, values: dict[str, str]) -> dict[str, str]:
    ways = [environment.obstacle, FORMATS["toml"].obstacle, FORMATS[format_].obstacle]
    return {
        name: value
        for name, value in values.items()
        if not any(obstacle(name, value) for obstacle in ways)
    }


def taken_over(format_: str, text: str, folder: Path) -> dict[str, str]:
    """What the layers set, once a file was imported."""
    reading = read(text.encode("utf-8", "surrogateescape"), format_, {}, "old")
    planned = plan(reading, into=folder / "config", section="prod", shown="old")
    assert not [each for each in planned.problems if each.severity == "error"]
    make_folder(folder / "config")
    write_files((each.draft for each in planned.files), force=True)
    return layered(resolve("prod", environ={}, cwd=folder, server_python=("3.11", "/python")))


@pytest.mark.parametrize("format_", sorted(set(FORMATS) & set(IMPORTABLE)))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(VALUES)
@example(EVERYWHERE)
def test_what_was_exported_is_imported_as_it_was(format_, values):
    kept = carried(format_, values)
    with tempfile.TemporaryDirectory() as folder:
        found = taken_over(format_, written(format_, kept), Path(folder))
        assert found.keys() == kept.keys()
        assert repr(typed(found)[0]) == repr({name: typed(kept)[0][name] for name in found})
        again = taken_over(format_, written(format_, found), Path(folder))
    assert again == found


def test_enough_is_tried():
    assert len(EVERYWHERE) > 15
    assert carried("dotenv", EVERYWHERE) == EVERYWHERE
