"""Loading: what overrides what, which environment, and what a caller gets."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import textwrap
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import fractal_settings
from fractal_settings import FractalConfigurationError, OAuthClientConfig, Settings, get_settings
from fractal_settings.checking import examine
from fractal_settings.origins import Source
from fractal_settings.problems import errors

PYTHON = ("3.11", "/usr/bin/python3.11")  # the tests run on Pythons that no server can have
INTERPRETERS = {
    "FRACTAL_TASKS_PYTHON_DEFAULT_VERSION": "3.11",
    "FRACTAL_TASKS_PYTHON_3_11": "/usr/bin/python3.11",
}
PLACES = [
    ("config/settings.toml", "[default]\nPOSTGRES_DB = 'a'\n[prod]\n", "settings.toml:2 [default]"),
    ("config/settings.toml", "[default]\n[prod]\nPOSTGRES_DB = 'b'\n", "settings.toml:3 [prod]"),
    ("config/.secrets.toml", "[default]\nPOSTGRES_DB = 'c'\n", ".secrets.toml:2 [default]"),
    ("config/settings.local.toml", "[prod]\nPOSTGRES_DB = 'd'\n", "settings.local.toml:2 [prod]"),
    ("config/.secrets.local.toml", "[prod]\nPOSTGRES_DB = 'e'\n", ".secrets.local.toml:2 [prod]"),
    (".fractal_server.env", "\n# x\nPOSTGRES_DB=f\n", ".fractal_server.env:3"),
    ("credentials/POSTGRES_DB", "g\n", "credentials/POSTGRES_DB"),
    ("secrets/POSTGRES_DB", "h\n", "secrets/POSTGRES_DB"),
]


def load(*arguments, **named):
    return fractal_settings.load(*arguments, **{"server_python": PYTHON, **named})


def resolve(*arguments, **named):
    return fractal_settings.resolve(*arguments, **{"server_python": PYTHON, **named})


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def codes(resolved):
    return [each.code for each in resolved.problems if each.severity == "error"]


@pytest.mark.parametrize("highest", range(len(PLACES) + 2))
def test_a_later_source_overrides_every_earlier_one_and_says_where_it_stands(tmp_path, highest):
    files = {name: text for name, text, _ in PLACES[: highest + 1]}
    write(tmp_path, {"config/settings.toml": "[default]\n[prod]\n", **files})
    environ, overrides = {}, {}
    if highest >= 6:
        environ["CREDENTIALS_DIRECTORY"] = "credentials"
    if highest >= 7:
        environ["FRACTAL_SECRETS_DIR"] = "secrets"
    if highest >= 8:
        environ["POSTGRES_DB"] = "i"
    if highest >= 9:
        overrides["POSTGRES_DB"] = "j"
    resolved = resolve("prod", environ=environ, cwd=tmp_path, overrides=overrides)
    assert "abcdefghij"[highest] == resolved.settings.POSTGRES_DB
    says = resolved.history("POSTGRES_DB")
    assert says[0].value == "abcdefghij"[highest]
    assert [say.status for say in says] == ["used"] + ["overridden"] * (len(says) - 1)
    assert says[-1].origin.source is Source.DEFAULTS
    expected = [place for _, _, place in PLACES] + [
        "environment POSTGRES_DB",
        "override POSTGRES_DB",
    ]
    assert str(says[0].origin).endswith(expected[highest])
    assert str(resolved.origin("POSTGRES_DB")) == str(says[0].origin)


def test_an_empty_variable_is_a_value_and_overrides(tmp_path):
    write(tmp_path, {"config/settings.toml": "[default]\nPOSTGRES_USER = 'a'\n"})
    assert load(environ={"POSTGRES_USER": ""}, cwd=tmp_path).POSTGRES_USER == ""


def test_with_no_folder_the_environment_alone_serves_and_a_chosen_one_has_no_effect(tmp_path):
    assert load("anything", environ={"POSTGRES_DB": "x"}, cwd=tmp_path).POSTGRES_DB == "x"


def test_none_chosen_where_there_are_sections_is_refused_and_lists_them(tmp_path):
    write(tmp_path, {"config/settings.toml": "[default]\n[dev]\n[prod]\n"})
    resolved = resolve(environ={"FRACTAL_ENV": ""}, cwd=tmp_path)
    assert codes(resolved) == ["FS110"]
    assert "[dev], [prod]" in resolved.problems[0].message
    assert resolved.settings is None


def test_only_a_default_section_needs_no_choice(tmp_path):
    write(tmp_path, {"config/settings.toml": "[default]\nPOSTGRES_DB = 'x'\n"})
    assert load(environ={}, cwd=tmp_path).POSTGRES_DB == "x"


@pytest.mark.parametrize(
    ("chosen", "code"),
    [
        ("staging", "FS111"),
        ("Prod", "FS111"),
        ("prod ", "FS111"),
        ("default", "FS112"),
        ("global", "FS112"),
        ("main", "FS112"),
        ("dynaconf", "FS112"),
    ],
)
def test_an_environment_that_no_file_has_a_section_for_is_refused(tmp_path, chosen, code):
    write(tmp_path, {"config/settings.toml": "[default]\n[prod]\n"})
    assert codes(resolve(chosen, environ={}, cwd=tmp_path)) == [code]
    assert codes(resolve(environ={"FRACTAL_ENV": chosen}, cwd=tmp_path)) == [code]


def test_the_argument_wins_over_the_variable(tmp_path):
    write(tmp_path, {"config/settings.toml": "[dev]\nPOSTGRES_DB='d'\n[prod]\nPOSTGRES_DB='p'\n"})
    assert load("dev", environ={"FRACTAL_ENV": "prod"}, cwd=tmp_path).POSTGRES_DB == "d"
    assert load(environ={"FRACTAL_ENV": "prod"}, cwd=tmp_path).POSTGRES_DB == "p"


def test_a_local_file_alone_can_have_the_section(tmp_path):
    write(
        tmp_path,
        {
            "config/settings.toml": "[default]\nPOSTGRES_DB='d'\n",
            "config/settings.local.toml": "[mine]\nPOSTGRES_DB='m'\n",
        },
    )
    assert load("mine", environ={}, cwd=tmp_path).POSTGRES_DB == "m"
    assert load(environ={}, cwd=tmp_path).POSTGRES_DB == "d"


def test_the_folder_is_an_argument_else_a_variable_else_config(tmp_path):
    for name in ("config", "other", "third"):
        write(tmp_path, {f"{name}/settings.toml": f"[default]\nPOSTGRES_DB='{name}'\n"})
    other = {"FRACTAL_SETTINGS_DIR": "other"}
    assert load(environ={}, cwd=tmp_path).POSTGRES_DB == "config"
    assert load(environ=other, cwd=tmp_path).POSTGRES_DB == "other"
    third = load(environ=other, cwd=tmp_path, config_dir=tmp_path / "third")
    assert third.POSTGRES_DB == "third"


@pytest.mark.parametrize("files", [{}, {"named/.secrets.toml": "[default]\n"}])
def test_a_folder_that_was_named_must_hold_settings_toml(tmp_path, files):
    write(tmp_path, files)
    assert codes(resolve(environ={}, cwd=tmp_path, config_dir="named")) == ["FS101"]


def test_secrets_beside_no_settings_toml_are_not_passed_over_in_silence(tmp_path):
    write(tmp_path, {"config/.secrets.toml": "[default]\nJWT_SECRET_KEY='x'\n"})
    assert codes(resolve(environ={}, cwd=tmp_path)) == ["FS101"]


def test_a_folder_named_config_of_somebody_else_is_left_alone(tmp_path):
    write(tmp_path, {"config/nginx.conf": "x"})
    assert load(environ={"POSTGRES_DB": "x"}, cwd=tmp_path).POSTGRES_DB == "x"


def test_our_four_names_count_only_in_the_environment(tmp_path):
    write(tmp_path, {"config/settings.toml": "[default]\nFRACTAL_ENV = 'prod'\n"})
    resolved = resolve(environ={}, cwd=tmp_path, overrides={"FRACTAL_SECRETS_DIR": "x"})
    assert [(each.code, each.name) for each in resolved.problems[:2]] == [
        ("FS118", "FRACTAL_ENV"),
        ("FS118", "FRACTAL_SECRETS_DIR"),
    ]


def test_overrides_have_the_declared_type_or_are_text(tmp_path):
    overrides = {"JWT_EXPIRE_SECONDS": "7", "FRACTAL_TASKS_DIR": tmp_path, "DB_ECHO": True}
    loaded = load(environ={}, cwd=tmp_path, overrides=overrides)
    assert (loaded.JWT_EXPIRE_SECONDS, loaded.DB_ECHO) == (7, True)
    assert tmp_path == loaded.FRACTAL_TASKS_DIR
    bad = {"JWT_EXPIRE_SECONDS": True, "DB_ECHO": 1, "POSTGRES_DB": 5, "POSTGRES_PORT": [1]}
    resolved = resolve(environ={}, cwd=tmp_path, overrides=bad)
    assert sorted(each.name for each in resolved.problems if each.severity == "error") == [
        "DB_ECHO",
        "JWT_EXPIRE_SECONDS",
        "POSTGRES_DB",
        "POSTGRES_PORT",
    ]


def test_load_raises_with_every_problem_and_resolve_does_not(tmp_path):
    environ = {"JWT_EXPIRE_SECONDS": "x", "DB_ECHO": "x", "OAUTH_FOO_CLIENT_ID": "x"}
    resolved = resolve(environ=environ, cwd=tmp_path)
    assert resolved.settings is None
    with pytest.raises(FractalConfigurationError) as caught:
        load(environ=environ, cwd=tmp_path)
    assert caught.value.problems == resolved.problems
    assert {each.name for each in resolved.problems if each.severity == "error"} == {
        "JWT_EXPIRE_SECONDS",
        "DB_ECHO",
        "OAUTH_FOO_CLIENT_SECRET",
        "OAUTH_FOO_OIDC_CONFIGURATION_ENDPOINT",
    }
    assert "JWT_EXPIRE_SECONDS=180" in str(caught.value)
    assert isinstance(caught.value, RuntimeError)
    assert pickle.loads(pickle.dumps(caught.value)).problems == caught.value.problems


def test_settings_remember_the_working_directory_and_path_of_their_load(tmp_path, monkeypatch):
    write(tmp_path, {"site/local.json": '{"parallel_tasks_per_job": 1}'})
    environ = {
        "JWT_SECRET_KEY": "x" * 40,
        "POSTGRES_DB": "x",
        "FRACTAL_TASKS_DIR": "/t",
        "FRACTAL_RUNNER_WORKING_BASE_DIR": "jobs",
        "FRACTAL_LOCAL_CONFIG_FILE": "local.json",
    }
    loaded = load(environ=environ, cwd=tmp_path / "site")
    monkeypatch.chdir(tmp_path)
    loaded.check()
    assert tmp_path / "site" / "jobs" == loaded.FRACTAL_RUNNER_WORKING_BASE_DIR
    slurm = {"FRACTAL_RUNNER_BACKEND": "slurm_ssh", "FRACTAL_SLURM_WORKER_PYTHON": "/p"}
    with pytest.raises(FractalConfigurationError) as caught:
        load(environ=environ | slurm, cwd=tmp_path / "site").check()
    found = {(each.code, each.name) for each in caught.value.problems}
    assert ("FS401", "FRACTAL_RUNNER_BACKEND") in found, "no PATH: no command is found"
    assert ("FS302", "FRACTAL_SLURM_CONFIG_FILE") in found


def test_settings_are_frozen_equal_by_value_and_can_be_copied(tmp_path):
    environ = {"POSTGRES_DB": "x", "JWT_SECRET_KEY": "secret", **INTERPRETERS}
    loaded = load(environ=environ, cwd=tmp_path)
    with pytest.raises(AttributeError, match="frozen"):
        loaded.POSTGRES_DB = "y"
    assert loaded == load(environ=environ, cwd=tmp_path)
    assert loaded == Settings(**environ)
    for copied in (copy.copy(loaded), copy.deepcopy(loaded), pickle.loads(pickle.dumps(loaded))):
        assert copied == loaded
        with pytest.raises(FractalConfigurationError):
            copied.check()


def test_settings_made_directly_read_no_environment(monkeypatch):
    monkeypatch.setenv("POSTGRES_DB", "from the environment")
    assert Settings(**INTERPRETERS).POSTGRES_DB is None
    with pytest.raises(FractalConfigurationError) as caught:
        Settings(
            JWT_EXPIRE_SECONDS="x", NO_SUCH="y", FRACTAL_SLURM_WORKER_PYTHON="rel", **INTERPRETERS
        )
    assert {(each.code, each.name) for each in caught.value.problems} == {
        ("FS201", "JWT_EXPIRE_SECONDS"),
        ("FS115", "NO_SUCH"),
        ("FS209", "FRACTAL_SLURM_WORKER_PYTHON"),
    }


def test_get_settings_loads_once_until_its_cache_is_cleared(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, value in INTERPRETERS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("POSTGRES_DB", "one")
    get_settings.cache_clear()
    first = get_settings()
    monkeypatch.setenv("POSTGRES_DB", "two")
    assert get_settings() is first
    get_settings.cache_clear()
    assert get_settings().POSTGRES_DB == "two"
    get_settings.cache_clear()


def test_importing_reads_nothing(tmp_path):
    write(tmp_path, {"config/settings.toml": "broken [", ".fractal_server.env": "x"})
    script = textwrap.dedent(
        """
        import sys
        opened = []
        sys.addaudithook(lambda event, args: event == "open" and opened.append(str(args[0])))
        from fractal_settings import Settings, get_settings, load, resolve
        import fractal_settings.loading, fractal_settings.model, fractal_settings.checking
        ours = [name for name in opened if "settings.toml" in name or name.endswith(".env")]
        sys.exit(bool(ours))
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={"PYTHONPATH": str(Path(__file__).parents[1])},
        check=False,
    )
    assert done.returncode == 0


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = fractal_settings.nothing
    assert set(fractal_settings.__all__) <= set(dir(fractal_settings))


def test_no_traceback_shows_a_secret_not_even_with_its_local_names(tmp_path):
    environ = {"JWT_SECRET_KEY": "canary-1", "POSTGRES_PASSWORD": "canary-2", "DB_ECHO": "x"}
    found = []
    for refused in (
        lambda: load(environ=environ, cwd=tmp_path),
        lambda: Settings(**environ),
        lambda: load(environ={**environ, "DB_ECHO": "0"}, cwd=tmp_path).check(),
    ):
        with pytest.raises(FractalConfigurationError) as caught:
            refused()
        error = caught.value
        told = traceback.TracebackException.from_exception(error, capture_locals=True)
        ours = [frame for frame in told.stack if "fractal_settings" in frame.filename]
        found.append(len(ours))
        shown = "".join(str(frame.locals) for frame in ours) + str(error) + repr(error)
        assert "canary" not in shown
        assert error.__cause__ is None
        assert error.__context__ is None
    assert len(found) == 3
    assert all(found)


def test_the_server_s_python_can_be_named_as_a_pair_an_executable_or_a_variable(tmp_path):
    pair = load(environ={}, cwd=tmp_path, server_python=("3.9", "/opt/python3.9"))
    assert pair.FRACTAL_TASKS_PYTHON_DEFAULT_VERSION == "3.9"
    assert pair.FRACTAL_TASKS_PYTHON_3_9 == "/opt/python3.9"
    for resolved in (
        resolve(environ={}, cwd=tmp_path, server_python="/no/such/python"),
        resolve(
            environ={"FRACTAL_SERVER_PYTHON": "/no/such/python"}, cwd=tmp_path, server_python=None
        ),
        resolve(environ={}, cwd=tmp_path, server_python=("3.13", "/usr/bin/python3.13")),
    ):
        assert codes(resolved) == ["FS211"]


def test_discarded_interpreters_are_notes_with_their_place(tmp_path):
    write(tmp_path, {"config/settings.toml": '[default]\nFRACTAL_TASKS_PYTHON_3_10 = "/p/3.10"\n'})
    resolved = resolve(environ={}, cwd=tmp_path, server_python=("3.11", "/p/3.11"))
    note = next(each for each in resolved.problems if each.code == "FS227")
    assert (str(note.origin), note.severity) == ("config/settings.toml:2 [default]", "note")
    says = resolved.history("FRACTAL_TASKS_PYTHON_3_10")
    assert [say.status for say in says] == ["used", "discarded", "overridden"]
    derived = resolved.history("FRACTAL_TASKS_PYTHON_3_11")[0]
    assert derived.origin.source is Source.DERIVED
    assert "/p/3.11" in derived.origin.name


def test_the_list_of_clients_is_never_set_directly_wherever_it_stands(tmp_path):
    name = "OAUTH_CLIENTS_CONFIG"
    write(tmp_path / "dotenv", {".fractal_server.env": f"{name}=[]\n"})
    write(tmp_path / "toml", {"config/settings.toml": f'[default]\n{name} = "[]"\n'})
    write(tmp_path / "secrets", {f"mount/{name}": "[]"})
    for folder, environ, overrides, place in (
        ("dotenv", {}, {}, ".fractal_server.env:1"),
        ("toml", {}, {}, "config/settings.toml:2 [default]"),
        ("secrets", {"FRACTAL_SECRETS_DIR": "mount"}, {}, f"mount/{name}"),
        ("toml/config", {name: "[]"}, {}, f"environment {name}"),
        ("toml/config", {}, {name: []}, f"override {name}"),
    ):
        resolved = resolve(environ=environ, cwd=tmp_path / folder, overrides=overrides)
        refusals = [each for each in resolved.problems if each.severity == "error"]
        assert [(each.code, str(each.origin)) for each in refusals] == [("FS119", place)]
        assert "OAUTH_<CLIENT>_CLIENT_ID" in refusals[0].hint


def test_warnings_are_logged_and_what_the_defaulting_did_is_at_info(tmp_path, caplog):
    environ = {"FRACTAL_TASKS_DIR": "tasks", "FRACTAL_TASKS_PYTHON_3_10": "/p/3.10"}
    with caplog.at_level("INFO"):
        load(environ=environ, cwd=tmp_path, server_python=("3.11", "/p/3.11"))
    said = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert any(level == "WARNING" and f"{tmp_path}/tasks" in text for level, text in said)
    for part in ("FRACTAL_TASKS_PYTHON_DEFAULT_VERSION", "/p/3.11", "/p/3.10"):
        assert any(level == "INFO" and part in text for level, text in said), part


def test_settings_made_directly_warn_of_a_relative_directory_too(tmp_path, caplog, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = Settings(FRACTAL_TASKS_DIR="tasks", **INTERPRETERS)
    assert tmp_path / "tasks" == made.FRACTAL_TASKS_DIR
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert f"{tmp_path}/tasks" in caplog.text


@pytest.mark.parametrize("text", ["-" + "9" * 4300, " " * 4300 + "1", "1" + "\n" * 4300])
def test_an_integer_is_no_longer_than_the_server_takes(tmp_path, text):
    resolved = resolve(environ={"JWT_EXPIRE_SECONDS": text}, cwd=tmp_path)
    assert codes(resolved) == ["FS201"]


def test_of_two_byte_order_marks_one_is_part_of_the_first_name(tmp_path):
    write(tmp_path, {".fractal_server.env": "\ufeff\ufeffPOSTGRES_DB=x\n"})
    assert load(environ={}, cwd=tmp_path).POSTGRES_DB is None
    write(tmp_path, {".fractal_server.env": "\ufeffPOSTGRES_DB=x\n"})
    assert load(environ={}, cwd=tmp_path).POSTGRES_DB == "x"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[prod]\n", ["FS110"]),
        ("[default", ["FS106"]),
        ("[default]\nFRACTAL_TASKS_PYTHON_DEFAULT_VERSION = ['3.11']\n", ["FS117"]),
        (
            "[default]\nFRACTAL_TASKS_PYTHON_DEFAULT_VERSION='3.11'\nFRACTAL_TASKS_PYTHON_3_11=[]\n",
            ["FS117"],
        ),
    ],
)
def test_what_could_not_be_read_is_not_called_unset_as_well(tmp_path, text, expected):
    write(tmp_path, {"config/settings.toml": text})
    resolved = resolve(environ={}, cwd=tmp_path, server_python=("3.13", "/usr/bin/python3.13"))
    assert codes(resolved) == expected
    assert not [each for each in resolved.problems if each.code in {"FS227", "FS228"}]


def test_a_value_that_overrides_its_equal_names_the_layer_it_overrides(tmp_path):
    write(
        tmp_path,
        {
            "config/settings.toml": "[default]\nPROJECT_NAME='A'\n[prod]\nPROJECT_NAME='B'\n",
            "config/settings.local.toml": "[prod]\nPROJECT_NAME='B'\n",
        },
    )
    found = examine(resolve("prod", environ={}, cwd=tmp_path)).problems
    told = next(each for each in found if each.code == "FS128")
    assert "config/settings.toml:4 [prod]" in told.message
    assert str(told.origin) == "config/settings.local.toml:2 [prod]"


def test_paths_stay_absolute_where_the_working_directory_is_the_root(tmp_path):
    write(tmp_path, {"config/settings.toml": "[default]\nPOSTGRES_DB = 5\n"})
    resolved = resolve(environ={}, cwd="/", config_dir=tmp_path / "config")
    assert resolved.problems[0].origin.path == f"{tmp_path}/config/settings.toml"


def test_get_settings_loads_once_however_many_threads_ask_at_first(tmp_path, monkeypatch, caplog):
    monkeypatch.chdir(tmp_path)
    for name, value in {**INTERPRETERS, "FRACTAL_NONSENSE": "1"}.items():
        monkeypatch.setenv(name, value)
    get_settings.cache_clear()
    together = threading.Barrier(16)

    def ask(_: int) -> Settings:
        together.wait()
        return get_settings()

    with ThreadPoolExecutor(16) as threads:
        made = list(threads.map(ask, range(16)))
    get_settings.cache_clear()
    assert len({id(each) for each in made}) == 1
    assert sum("FRACTAL_NONSENSE" in record.getMessage() for record in caplog.records) == 1


def test_a_check_of_settings_logs_its_warnings(tmp_path, caplog):
    write(tmp_path, {"local.json": '{"parallel_tasks_per_job": 0}'})
    environ = {**INTERPRETERS, "FRACTAL_LOCAL_CONFIG_FILE": "local.json", "POSTGRES_DB": "x"}
    settings = load(environ=environ, cwd=tmp_path)
    caplog.clear()
    with pytest.raises(FractalConfigurationError):
        settings.check()
    said = [(each.levelname, each.getMessage()[:14]) for each in caplog.records]
    assert ("WARNING", "warning[FS321]") in said


def test_a_working_directory_that_is_no_more_is_refused_only_where_it_is_needed(tmp_path):
    script = textwrap.dedent(
        """
        import os
        from fractal_settings import FractalConfigurationError, Settings, load
        os.rmdir(os.getcwd())
        password = {"FRACTAL_DEFAULT_ADMIN_PASSWORD": "made-up"}
        load(environ=password, cwd="/", server_python=("3.11", "/usr/bin/python3.11"))
        for act in (lambda: load(environ={}), Settings):
            try:
                act()
            except FractalConfigurationError as error:
                print([each.code for each in error.problems])
        """
    )
    (tmp_path / "gone").mkdir()
    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path / "gone",
        env={"PYTHONPATH": str(Path(fractal_settings.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == "['FS102']\n['FS102']\n"


def test_a_database_whose_name_is_no_utf_8_has_a_url_whatever_else_is_in_it(tmp_path):
    environ = {**INTERPRETERS, "POSTGRES_DB": "a?\udcff"}
    url = load(environ=environ, cwd=tmp_path).DATABASE_ASYNC_URL
    assert url.database == "a?\udcff"


@pytest.mark.parametrize("name", ["JWT_SECRET_KEY", "NOTHING_IS_CALLED_THAT"])
def test_settings_are_frozen_and_their_refusal_to_change_shows_no_value(tmp_path, name):
    settings = load(environ={}, cwd=tmp_path)
    with pytest.raises(AttributeError, match=f"^Settings is frozen: {name} cannot be changed$"):
        setattr(settings, name, "canary")
    with pytest.raises(AttributeError, match="frozen"):
        delattr(settings, name)


def test_the_refusal_to_change_a_client_shows_no_value_in_its_traceback():
    client = OAuthClientConfig(CLIENT_NAME="GITHUB", CLIENT_ID="a", CLIENT_SECRET="b")
    try:
        client.CLIENT_SECRET = "canary"
    except AttributeError as error:
        frames = traceback.TracebackException.from_exception(error, capture_locals=True).stack
        ours = [frame for frame in frames if frame.filename != __file__]
        assert ours
        assert "canary" not in str([frame.locals for frame in ours])


def test_a_copy_that_is_given_a_secret_does_not_show_it(tmp_path):
    client = OAuthClientConfig(CLIENT_NAME="GITHUB", CLIENT_ID="a", CLIENT_SECRET="b")
    settings = load(environ={}, cwd=tmp_path)
    for copied in (
        client.model_copy(update={"CLIENT_SECRET": "canary"}),
        settings.model_copy(update={"JWT_SECRET_KEY": "canary"}),
        Settings.model_construct(POSTGRES_PASSWORD="canary"),
    ):
        assert "canary" not in f"{copied!r} {copied}"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"environment": 5}, "environment is of type int, not a str"),
        ({"environment": Path("prod")}, "environment is of type PosixPath, not a str"),
        ({"config_dir": 3}, "config_dir is of type int, not a str or a Path"),
        ({"cwd": b"/tmp"}, "cwd is of type bytes, not a str or a Path"),
        ({"environ": ["A=b"]}, "environ is of type list, not a mapping of str to str"),
        ({"environ": {"A": 1}}, "environ or overrides holds a int where a str must be"),
        ({"overrides": ["A=b"]}, "overrides is of type list, not a mapping by name"),
        ({"overrides": {1: "x"}}, "environ or overrides holds a int where a str must be"),
    ],
)
@pytest.mark.parametrize("act", [fractal_settings.load, fractal_settings.resolve])
def test_an_argument_of_another_type_is_told_by_its_name(act, arguments, told):
    with pytest.raises(TypeError) as raised:
        act(**arguments)
    assert str(raised.value) == told


def test_a_wrong_argument_shows_no_secret_in_a_traceback_with_locals(tmp_path):
    environ = {"JWT_SECRET_KEY": "canary"}
    for act in (fractal_settings.load, fractal_settings.resolve):
        try:
            act(5, environ=environ, cwd=tmp_path)
        except TypeError as error:
            frames = traceback.TracebackException.from_exception(error, capture_locals=True).stack
            ours = [frame for frame in frames if frame.filename != __file__]
            assert "canary" not in str([frame.locals for frame in ours])


@pytest.mark.parametrize("executable", ["bin/python", "python"])
def test_a_relative_server_python_counts_from_the_given_directory(tmp_path, executable):
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "python"
    script.write_text("#!/bin/sh\nprintf '3.10\\n/opt/python3.10\\n'\n")
    script.chmod(0o755)
    environ = {"FRACTAL_SERVER_PYTHON": executable, "PATH": "bin"}
    settings = fractal_settings.load(environ=environ, cwd=tmp_path)
    assert settings.FRACTAL_TASKS_PYTHON_3_10 == "/opt/python3.10"


def test_a_pair_whose_executable_is_no_absolute_path_is_refused_as_such(tmp_path):
    with pytest.raises(FractalConfigurationError) as raised:
        fractal_settings.load(environ={}, cwd=tmp_path, server_python=("3.11", "python3"))
    assert [each.code for each in errors(raised.value.problems)] == ["FS211"]
