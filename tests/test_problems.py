"""What problems say and quote: the place, the fix in its form, and no secret."""

import pytest

from fractal_settings import load, resolve
from fractal_settings.catalogue.entry import COMPLETE, example
from fractal_settings.checking import examine
from fractal_settings.model import Settings, about


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


def test_a_loop_of_links_is_refused_by_every_python(found):
    (problem,) = found("FS229", files={"a@": "b", "b@": "a"}, FRACTAL_TASKS_DIR="a/tasks")
    assert problem.message == 'FRACTAL_TASKS_DIR cannot be resolved (a loop of links): "a/tasks"'


@pytest.mark.parametrize("asked", ["production", "Prod", "prd"])
def test_an_environment_that_is_nearly_called_so_is_proposed(found, asked):
    (problem,) = found("FS111", "[dev]\n[prod]\n", asked)
    assert problem.hint == "--env prod, or FRACTAL_ENV=prod"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("FRACTAL_SETTING_DIR", "FRACTAL_SETTINGS_DIR"),
        ("FRACTAL_LOG_LEVEL", "FRACTAL_LOGGING_LEVEL"),
        ("COOKIE_EXPIRE", "COOKIE_EXPIRE_SECONDS"),
        ("postgres_host", "POSTGRES_HOST"),
    ],
)
def test_a_variable_that_is_nearly_called_so_is_told_which(found, name, meant):
    (problem,) = found("FS122", environ={name: "x"})
    assert problem.hint == f"did you mean {meant}? else unset it"


@pytest.mark.parametrize("name", ["POSTGRES_SSLMODE", "FRACTAL_VERSION", "DB_HOST"])
def test_a_variable_of_something_else_is_told_no_name(found, name):
    (problem,) = found("FS122", environ={name: "x"})
    assert problem.hint == "unset it"


def test_a_setting_whose_value_is_a_list_is_not_called_missing_too(found):
    toml = '[default]\nPOSTGRES_DB = ["fractal"]\n'
    assert len(found("FS117", toml)) == 1
    assert not found("FS301", toml)


@pytest.mark.parametrize(
    "name", [name for name in Settings.model_fields if about(name).get("unit") == "seconds"]
)
def test_no_setting_in_seconds_is_negative_without_a_word(found, name):
    told = found("FS218", **{name: "-1"}) + found("FS220", **{name: "-1"})
    assert [each.name for each in told] == [name]


@pytest.mark.parametrize(
    "toml", ['POSTGRES_DB = "x"\n[prod]\n', '[DEFAULT]\nPOSTGRES_DB = "x"\n[prod]\n']
)
def test_what_stands_in_the_wrong_place_is_not_called_missing_too(tmp_path, toml):
    made = example(toml)
    made.make(tmp_path)
    resolved = resolve("prod", environ=made.environ, cwd=tmp_path)
    assert {each.code for each in examine(resolved).problems} & {"FS113", "FS114", "FS301"} in (
        {"FS113"},
        {"FS114"},
    )


@pytest.mark.parametrize("name", ["JWT_SECRET_KEY_FILE", "OAUTH_X_CLIENT_SECRET_FILE"])
def test_the_variable_of_a_secret_file_is_refused_in_a_file(found, name):
    toml = f'[default]\n{name} = "secret"\n'
    refused = found("FS118", toml, files={".fractal_server.env": f"\n{name}=secret\n"})
    places = [each.origin.place for each in refused]
    assert places == ["config/settings.toml:2:1", ".fractal_server.env:2"]


def test_a_copy_beside_a_secret_file_is_no_near_miss(found):
    files = {"s/POSTGRES_PASSWORD": "p", "s/POSTGRES_PASSWORD.old": "p", "s/POSTGRES_BD": "d"}
    (problem,) = found("FS127", files=files, FRACTAL_SECRETS_DIR="s")
    assert problem.origin.place == "s/POSTGRES_BD"


def test_a_runner_file_that_is_missing_is_named_by_its_whole_path(found, tmp_path):
    (problem,) = found("FS304", FRACTAL_LOCAL_CONFIG_FILE="local.json")
    assert problem.expected == f"a JSON file: {tmp_path}/local.json"


@pytest.mark.parametrize(
    ("code", "wrong", "hint"),
    [
        ("FS117", "JWT_EXPIRE_SECONDS = [3600]", "JWT_EXPIRE_SECONDS = 3600"),
        ("FS117", 'POSTGRES_DB = ["fractal"]', 'POSTGRES_DB = "fractal"'),
        ("FS117", "POSTGRES_DB = ['a', 'b']", "POSTGRES_DB = ..."),
        ("FS117", f"POSTGRES_DB = ['{'a' * 500}']", "POSTGRES_DB = ..."),
        ("FS117", f"JWT_EXPIRE_SECONDS = [0x{'f' * 5_000}]", "JWT_EXPIRE_SECONDS = ..."),
        ("FS117", "JWT_SECRET_KEY = ['canary']", "JWT_SECRET_KEY = ..."),
        ("FS117", "POSTGRES = {HOST = 'a'}", "POSTGRES_HOST = ..."),
        ("FS117", "X = {A = 1}", "write one KEY = value a line"),
        ("FS201", 'JWT_EXPIRE_SECONDS = "1h"', "JWT_EXPIRE_SECONDS = 3600"),
        ("FS201", 'FRACTAL_GRACEFUL_SHUTDOWN_TIME = "30 s"', "FRACTAL_GRACEFUL_SHUTDOWN_TIME = 30"),
        ("FS201", "COOKIE_EXPIRE_SECONDS = 600.0", "COOKIE_EXPIRE_SECONDS = 600"),
        ("FS201", 'FRACTAL_LOGGING_LEVEL = "debug"', "FRACTAL_LOGGING_LEVEL = 10"),
        ("FS201", 'FRACTAL_API_SUBMIT_RATE_LIMIT = "often"', "FRACTAL_API_SUBMIT_RATE_LIMIT = 2"),
        ("FS202", "DB_ECHO = 1", "DB_ECHO = true"),
        ("FS205", 'FRACTAL_SLURM_SBATCH_SLEEP = "0,5"', "FRACTAL_SLURM_SBATCH_SLEEP = 0.5"),
        ("FS206", "PROJECT_VERSION = 2.10", 'PROJECT_VERSION = "2.10"'),
        ("FS206", "OAUTH_X_CLIENT_ID = 5", 'OAUTH_X_CLIENT_ID = "5"'),
        ("FS206", "OAUTH_X_CLIENT_SECRET = 5", 'OAUTH_X_CLIENT_SECRET = "..."'),
        ("FS206", "FRACTAL_TASKS_DIR = 7", 'FRACTAL_TASKS_DIR = "/srv/fractal/tasks"'),
        ("FS309", "POSTGRES_PORT = 0", 'POSTGRES_PORT = "5432"'),
    ],
)
def test_a_fix_can_be_pasted_and_says_what_was_meant_where_that_is_plain(found, code, wrong, hint):
    problems = found(code, f"[default]\n{wrong}\n")
    assert [each.hint for each in problems] == [hint]


@pytest.mark.parametrize(
    ("code", "name", "text", "hint"),
    [
        ("FS202", "DB_ECHO", "verbose", "DB_ECHO=false"),
        ("FS201", "JWT_EXPIRE_SECONDS", "2 h", "JWT_EXPIRE_SECONDS=7200"),
        ("FS309", "POSTGRES_PORT", "x", "POSTGRES_PORT=5432"),
    ],
)
def test_a_fix_has_the_form_of_the_place_of_the_value(found, code, name, text, hint):
    (problem,) = found(code, environ={name: text})
    assert problem.hint == hint


def test_what_is_missing_where_there_is_no_toml_is_proposed_as_a_variable(found):
    (problem,) = found("FS301", without=("POSTGRES_DB",))
    assert problem.hint == "POSTGRES_DB=fractal"


def test_an_interpreter_that_is_discarded_is_called_so_in_its_layers_too(found):
    without = ("FRACTAL_TASKS_PYTHON_DEFAULT_VERSION",)
    (problem,) = found("FS227", "[default]\n", without=without)
    assert [say.status for say in problem.layers] == ["discarded"]


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ('{\n "parallel_tasks_per_job": 1,\n\n}', "FS107", (2, 29)),
        ('{"parallel_tasks_per_job": 1,}', "FS107", (1, 29)),
        ("{'parallel_tasks_per_job': 1}", "FS107", (1, 2)),
        ('{"a": {"b": 1}, "c": {"b": ":",\n "\\u0062": 2}}', "FS108", (2, 2)),
        ('{"a": [{"b": 1}, {"b": 1}], "a": 1}', "FS108", (1, 29)),
    ],
)
def test_what_is_no_json_is_told_at_its_place(found, text, code, place):
    files = {"local.json": text}
    (problem,) = found(code, files=files, FRACTAL_LOCAL_CONFIG_FILE="local.json")
    assert (problem.origin.line, problem.origin.column) == place


def test_each_text_in_a_runner_file_has_a_place_of_its_own(found):
    text = """{"default_slurm_config": {"partition": "main",
    "extra_lines": ["#SBATCH --exclusive", true, []]},
  "user_local_exports": {"CACHE": null, "HOME": 1, "TOKEN": {"x": "canary"}}}"""
    environ = {"FRACTAL_RUNNER_BACKEND": "slurm", "FRACTAL_SLURM_CONFIG_FILE": "slurm.json"}
    problems = found("FS314", files={"slurm.json": text}, environ=environ)
    assert [(each.origin.line, each.origin.column) for each in problems] == [
        (2, 44),
        (2, 50),
        (3, 35),
        (3, 61),
    ]
    assert problems[0].message.endswith("extra_lines.1 is the boolean true, not text")
    assert "canary" not in repr(problems)


def test_a_line_that_is_no_json_is_quoted_only_if_it_is_known_to_hold_no_secret(found):
    start = '{"user_local_exports": {\n"A": "canary" "B"}}'
    (silent,) = found("FS107", files={"l.json": start}, FRACTAL_LOCAL_CONFIG_FILE="l.json")
    text = '{\n\t"parallel_tasks_per_job": 4,\n}'
    (shown,) = found("FS107", files={"l.json": text}, FRACTAL_LOCAL_CONFIG_FILE="l.json")
    assert silent.snippet is None
    assert quoted(shown) == '\\t"parallel_tasks_per_job": 4,\n' + " " * 29 + "^"


def test_the_caret_of_a_syntax_error_stands_below_it_behind_a_tab(found):
    (problem,) = found("FS106", "[default]\n\tPOSTGRES_DB = fractal\n")
    assert quoted(problem) == "\\tPOSTGRES_DB = fractal\n" + " " * 16 + "^"


@pytest.mark.parametrize("path", ["~/tasks", "$HOME/tasks"])
def test_a_path_that_nothing_expands_is_not_proposed_with_its_sign(found, path):
    (problem,) = found("FS217", FRACTAL_TASKS_DIR=path)
    assert problem.hint == "write the path in full"


def test_a_secret_is_never_proposed_for_a_file_that_is_committed(found):
    toml = '[default]\nOAUTH_GITHUB_CLIENT_ID = "fractal"\n'
    (problem,) = found("FS212", toml)
    assert problem.hint == (
        "set the variable OAUTH_GITHUB_CLIENT_SECRET, mount a secret file, "
        "or write it in .secrets.toml"
    )


@pytest.mark.parametrize("mistaken", ["canary", "canary/b64+", "/canary/b64+", "canary" * 60])
def test_a_secret_that_was_taken_for_the_path_of_its_file_is_not_shown(found, mistaken):
    (problem,) = found("FS102", without=("JWT_SECRET_KEY",), JWT_SECRET_KEY_FILE=mistaken)
    assert problem.message.startswith("the file that JWT_SECRET_KEY_FILE names ")
    assert "canary" not in repr(problem)


@pytest.mark.parametrize("path", ["s/jwt", "/tmp/no-such-folder/jwt", "link"])
def test_a_path_that_leads_on_is_shown(found, path):
    files = {"s/": "", "link@": "nowhere"}
    (problem,) = found("FS102", files=files, environ={"POSTGRES_PASSWORD_FILE": path})
    assert problem.message.startswith(f"POSTGRES_PASSWORD_FILE: {path} ")


@pytest.mark.parametrize("where", [{"overrides": {"OAUTH_X_CLIENT_ID": 5}}, {"static": True}])
def test_names_that_nobody_can_write_make_problems_of_one_printable_line(tmp_path, where):
    files = {"config/settings.toml": f'["p\\nq"]\nFRACTAL_LOCAL_CONFIG_FILE = "{"z" * 300}"\n'}
    made = example(files=files, without=tuple(COMPLETE))
    made.make(tmp_path)
    for environment in (None, "p\nq"):
        resolved = resolve(environment, environ=made.environ, cwd=tmp_path, **where)
        for each in examine(resolved).problems:
            assert str(each).isprintable()
            assert each.hint.isprintable()
            assert each.expected.isprintable()


def test_a_variable_whose_name_holds_a_line_break_makes_one_line_of_the_log(tmp_path, caplog):
    made = example(environ={"FRACTAL_\nINFO all is well\udcff": "1"})
    made.make(tmp_path)
    load(environ=made.environ, cwd=tmp_path)
    told = [record.getMessage() for record in caplog.records if "FS122" in record.getMessage()]
    assert [each.isprintable() for each in told] == [True]


@pytest.mark.parametrize("name", ["JWT_SECRET_KEY", "FRACTAL_TASKS_DIR", "OAUTH_\ud800x_CLIENT_ID"])
def test_a_character_that_no_encoding_has_is_a_problem_and_no_traceback(tmp_path, name):
    resolved = resolve(environ={}, cwd=tmp_path, overrides={name: "x\ud800"})
    assert examine(resolved).problems


@pytest.mark.parametrize(
    ("line", "reason", "hint"),
    [
        ("<<<<<<< HEAD", "a mark of an unfinished merge", "finish the merge: git diff shows it"),
        (">>>>>>> prod", "a mark of an unfinished merge", "finish the merge: git diff shows it"),
        ('export POSTGRES_DB = "x"', "a TOML line starts with the key", "remove export"),
        (
            'FRACTAL_TASKS_DIR = "C:\\Users"',
            "a backslash in double quotes that starts no escape",
            "write two for one, or put the text in single quotes",
        ),
    ],
)
def test_what_people_leave_in_a_file_is_told_in_their_words(tmp_path, line, reason, hint):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.toml").write_text(f"[default]\n{line}\n", "utf-8")
    problem = resolve(environ={}, cwd=tmp_path).problems[0]
    assert problem.message.endswith(reason)
    assert (problem.code, problem.origin.line, problem.hint) == ("FS106", 2, hint)


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        ("POSTGRES_PASSWORD = { a = 1 }", {"FS117"}),
        ('FRACTAL_DEFAULT_ADMIN_PASSWORD = ["x"]', {"FS117"}),
    ],
)
def test_a_secret_that_is_refused_is_not_called_missing_or_a_default(tmp_path, line, codes):
    made = example(f"[prod]\n{line}\n")
    made.make(tmp_path)
    for static in (False, True):
        resolved = resolve("prod", environ=made.environ, cwd=tmp_path, static=static)
        told = {each.code for each in examine(resolved).problems}
        assert told & {"FS117", "FS224", "FS310"} == codes | (
            {"FS310"} if static and "ADMIN" in line else set()
        )


def test_what_is_to_be_pasted_is_quoted(tmp_path):
    made = example('["my env"]\n[dev]\n')
    made.make(tmp_path)
    (asked,) = resolve(environ=made.environ, cwd=tmp_path).problems
    assert asked.hint == "--env 'my env', or FRACTAL_ENV='my env'"
    (unknown,) = resolve("no such", environ=made.environ, cwd=tmp_path).problems
    assert unknown.hint == 'write a section ["no such"]'
