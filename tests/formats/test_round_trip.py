"""What was written is what the program that it was written for reads: for every setting's name,
and for text that no one would choose."""

from __future__ import annotations

import json
import re
import subprocess

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from fractal_settings.formats import FORMATS, docker, environment, shell, systemd, written
from fractal_settings.problems import FractalConfigurationError
from tests.formats import readers

SETTINGS = [
    "PROJECT_NAME",
    "PROJECT_VERSION",
    "JWT_EXPIRE_SECONDS",
    "JWT_SECRET_KEY",
    "COOKIE_EXPIRE_SECONDS",
    "DB_ECHO",
    "POSTGRES_USER",
    "POSTGRES_PASSWORD",
    "POSTGRES_HOST",
    "POSTGRES_PORT",
    "POSTGRES_DB",
    "FRACTAL_DEFAULT_ADMIN_EMAIL",
    "FRACTAL_DEFAULT_ADMIN_PASSWORD",
    "FRACTAL_DEFAULT_ADMIN_USERNAME",
    "FRACTAL_TASKS_DIR",
    "FRACTAL_RUNNER_BACKEND",
    "FRACTAL_RUNNER_WORKING_BASE_DIR",
    "FRACTAL_LOGGING_LEVEL",
    "FRACTAL_LOCAL_CONFIG_FILE",
    "FRACTAL_API_MAX_JOB_LIST_LENGTH",
    "FRACTAL_GRACEFUL_SHUTDOWN_TIME",
    "FRACTAL_SLURM_CONFIG_FILE",
    "FRACTAL_SLURM_WORKER_PYTHON",
    "FRACTAL_TASKS_PYTHON_DEFAULT_VERSION",
    "FRACTAL_TASKS_PYTHON_3_9",
    "FRACTAL_TASKS_PYTHON_3_10",
    "FRACTAL_TASKS_PYTHON_3_11",
    "FRACTAL_TASKS_PYTHON_3_12",
    "FRACTAL_SLURM_POLL_INTERVAL",
    "FRACTAL_SLURM_SBATCH_SLEEP",
    "FRACTAL_SLURM_ERROR_HANDLING_INTERVAL",
    "FRACTAL_API_SUBMIT_RATE_LIMIT",
    "FRACTAL_RUNNER_TASKS_INCLUDE_IMAGE",
    "FRACTAL_API_V1_MODE",
    "FRACTAL_MAX_PIP_VERSION",
    "OAUTH_GITHUB_CLIENT_ID",
    "OAUTH_GITHUB_CLIENT_SECRET",
    "OAUTH_MYIDP_OIDC_CONFIGURATION_ENDPOINT",
    "OAUTH_MYIDP_REDIRECT_URL",
]

EVIL = r"""p@ss:/w?#%rd'"\ $x é"""
NASTY = [
    *[EVIL, "", " ", "#", " #x", "a #b", "a#b", "'", '"', "'x'", '"x"', "\\", "\\\\", "a\\", "'\\"],
    *["\\'", '\\"', "$", "$$", "$x", "${", "${}", "${A}", "${A:-b}", "${A:b}", "$(id)", "`id`"],
    *["$${A}", "${${A}}", "{{a}}", "%h", "@format {x}", "@jinja {{ 1 }}", "~", "~root", "*", "!!"],
    *["true", "no", "null", "~", "3.10", "1e5", "007", "0x1f", "2024-01-01", "[a]", "{a: b}"],
    *["- a", "a: b", "|", ">", "&a", "*a", "!a", "%a", "---", "a=b", "=", "export A=1", "A=1"],
    *["a\nb", "\n", "a\n", "\na", "a\\\nb", "a\r\nb", "\r", "a\r", "a\tb", "\t", "\x01\x1b[31m"],
    *["\x7f", "\x85", "\u2028", "\u2029", "\xa0", "é", "\U0001f600", "\ufeff", "\ufffe", "\ufdd0"],
    *["\u202e", "\ud7ff", "\ue000", "\U0010ffff", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\0"],
    *["\udcff", "\ud800", "EOF", "x" * 4000, "x" * 5000, "x" * 70_000, "${" * 1001, "x" * 140_000],
]
PIECES = st.sampled_from([*"'\"\\$`#{}=:- \t\n\r;~&%!*@A", "${", "${A}", "$$", "\\'", "é", "\x01"])
TEXT = st.one_of(
    st.sampled_from(NASTY),
    st.lists(PIECES, max_size=12).map("".join),
    st.text(st.characters(codec="utf-8"), max_size=12),
)
VALUES = st.dictionaries(st.sampled_from(SETTINGS), TEXT, min_size=1, max_size=6)
EVERY_NAME = dict.fromkeys(SETTINGS, EVIL)
EVERY_VALUE = {f"A{number}": value for number, value in enumerate(NASTY)}

quick = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def carried(name: str, values: dict[str, str]) -> dict[str, str]:
    """Those that the format can carry; each other one is refused by its name and with a way out."""
    target, kept = FORMATS[name], {}
    for variable, value in values.items():
        if not (environment.obstacle(variable, value) or target.obstacle(variable, value)):
            kept[variable] = value
            continue
        with pytest.raises(FractalConfigurationError) as caught:
            written(name, {variable: value})
        (problem,) = caught.value.problems
        assert (problem.code, problem.name) == ("FS710", variable)
        assert problem.hint
        assert len(value) < 4 or value not in problem.message
    return kept


def stored(name, values, folder):
    path = folder / f"fractal.{name}"
    text = written(name, values)
    path.write_text(text, encoding="utf-8", errors="surrogateescape", newline="")
    return path


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_reads_what_it_wrote(name):
    kept = carried(name, EVERY_VALUE)
    assert len(kept) > 75
    for each in (kept, EVERY_NAME, {}):
        assert FORMATS[name].read(written(name, each)).values == each


@quick
@given(VALUES)
@example(EVERY_NAME)
@example(EVERY_VALUE)
def test_a_dotenv_file_is_read_by_python_dotenv(tmp_path, values):
    kept = carried("dotenv", values)
    path = stored("dotenv", kept, tmp_path)
    assert readers.by_python_dotenv(path) == kept
    assert readers.by_python_dotenv(path, {"A": "borrowed", "x": "y"}) == kept


@pytest.mark.parametrize("interpreter", ["/bin/sh", "/bin/bash"])
@settings(quick, max_examples=40)
@given(VALUES)
@example(EVERY_NAME)
@example(EVERY_VALUE)
def test_a_shell_file_is_read_by_the_shell(tmp_path, interpreter, values):
    kept = carried("shell", values)
    assert readers.by_shell(stored("shell", kept, tmp_path), shell=interpreter) == kept


@pytest.mark.skipif(not readers.LIBRARIES, reason="NOT TESTED: systemd's library is not here")
@quick
@given(VALUES)
@example(EVERY_NAME)
@example(EVERY_VALUE)
def test_an_environment_file_is_read_by_systemd(tmp_path, values):
    kept = carried("systemd", values)
    assert readers.by_systemd(stored("systemd", kept, tmp_path)) == kept


@quick
@given(VALUES)
@example(EVERY_NAME)
@example(EVERY_VALUE)
def test_an_env_file_is_read_by_docker_s_documented_rules(tmp_path, values):
    kept = carried("docker", values)
    path = stored("docker", kept, tmp_path)
    assert readers.by_docker_s_rules(path.read_bytes()) == kept


@pytest.mark.skipif(not readers.DOCKER, reason="NOT TESTED: the docker client is not here")
def test_an_env_file_is_read_by_the_docker_client(tmp_path):
    with readers.docker_daemon() as daemon:
        for values in (EVERY_NAME, EVERY_VALUE):
            kept = carried("docker", values)
            assert readers.by_docker(stored("docker", kept, tmp_path), daemon) == kept
        for refused in ("A=\udcff\n", "A=" + "x" * 65_534 + "\n", "A B=1\n"):
            path = tmp_path / "refused"
            path.write_text(refused, encoding="utf-8", errors="surrogateescape")
            assert readers.by_docker(path, daemon) is None
            assert readers.by_docker_s_rules(path.read_bytes()) is None


@quick
@given(VALUES)
@example(EVERY_NAME)
@example(EVERY_VALUE)
def test_a_compose_file_is_read_by_a_yaml_parser(tmp_path, values):
    kept = carried("compose", values)
    assert readers.by_compose(stored("compose", kept, tmp_path)) == kept


@quick
@given(VALUES)
@example(EVERY_NAME)
@example(EVERY_VALUE)
def test_kubernetes_manifests_are_read_by_a_yaml_parser_and_split_by_secrecy(tmp_path, values):
    kept = carried("k8s", values)
    public, secret = readers.by_kubernetes(stored("k8s", kept, tmp_path))
    assert public | secret == kept
    assert not any("://" in value for value in kept.values())
    assert set(secret) == set(kept) & {
        "JWT_SECRET_KEY",
        "POSTGRES_PASSWORD",
        "FRACTAL_DEFAULT_ADMIN_PASSWORD",
        "OAUTH_GITHUB_CLIENT_SECRET",
    }


@pytest.mark.skipif(not readers.KUBECTL, reason="NOT TESTED: kubectl is not here")
def test_kubernetes_manifests_are_read_by_kubectl(tmp_path):
    for values in (EVERY_NAME, EVERY_VALUE):
        kept = carried("k8s", values)
        assert readers.by_kubectl(stored("k8s", kept, tmp_path)) == kept


@quick
@given(VALUES)
@example(EVERY_NAME)
@example(EVERY_VALUE)
def test_json_is_read_by_a_json_parser(tmp_path, values):
    kept = carried("json", values)
    assert json.loads(stored("json", kept, tmp_path).read_bytes()) == kept


@quick
@given(VALUES)
def test_the_output_of_env_is_read(values):
    kept = {n: v for n, v in values.items() if not environment.obstacle(n, v)}
    run = subprocess.run(
        ["/usr/bin/env", "-0"],
        env={n: v.encode("utf-8", "surrogateescape") for n, v in kept.items()},
        capture_output=True,
        check=True,
    )
    text = run.stdout.decode("utf-8", "surrogateescape")
    assert environment.read(text).values == kept
    assert environment.read(environment.write(kept)).values == kept


SHELL_TEXT = st.lists(
    st.sampled_from([*"'\"\\#; \t\n=aA1~", "export ", "A=", "B=", "\\\n", "é"]), max_size=16
).map("".join)


@settings(quick, max_examples=80)
@given(SHELL_TEXT)
@example("export A=1 B='2 3' # c\nC=4;D=5\n")
@example("A=a#b\nB=#\nexport A\nset -a\n")
@example("A=~/x\nB=x~\n")
def test_what_is_read_of_a_shell_file_is_what_the_shell_makes_of_it(tmp_path, text):
    reading = shell.read(text)
    path = tmp_path / "file"
    path.write_text("set -a\n" + text + "\n", encoding="utf-8", newline="")
    found = readers.by_shell(path)
    if found is None or reading.skipped:
        return
    assert found == reading.values


SYSTEMD_TEXT = st.lists(
    st.sampled_from([*"'\"\\#; \t\n\r=aA1$`", "A=", "B=", "\\\n", "é"]), max_size=16
).map("".join)


@pytest.mark.skipif(not readers.LIBRARIES, reason="NOT TESTED: systemd's library is not here")
@settings(quick, max_examples=200)
@given(SYSTEMD_TEXT)
@example("A='x' # c\nB=x # c\n")
@example("A=a \\\n b \nB=lead\\  \n")
def test_what_is_read_of_an_environment_file_is_what_systemd_makes_of_it(tmp_path, text):
    # Before systemd 254 a comment went on behind a backslash at the end of its line.
    assume(not re.search(r"[#;][^\n\r]*\\[\n\r]", text))
    path = tmp_path / "file"
    path.write_text(text, encoding="utf-8", newline="")
    assert systemd.read(text).values == readers.by_systemd(path)


def test_docker_s_env_file_is_read_by_its_rules():
    reading = docker.read("\ufeff# c\n  A= x \r\n\nB='y'\nC\n=1\n")
    assert reading.values == {"A": " x ", "B": "'y'"}
    assert [line for line, _ in reading.skipped] == [5, 6]
