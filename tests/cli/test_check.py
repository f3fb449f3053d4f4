"""`check` tells all that is wrong, wherever it is looked for, and in the way that is asked for."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import subprocess
import sys
import termios
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KEY = "5b0c1e97d2f84a63b7d9e5f10a2c4e68"
SOUND = """
[default]
POSTGRES_DB = "fractal"
FRACTAL_TASKS_DIR = "/srv/fractal/tasks"
FRACTAL_RUNNER_WORKING_BASE_DIR = "/srv/fractal/jobs"
FRACTAL_TASKS_PYTHON_DEFAULT_VERSION = "3.11"
FRACTAL_TASKS_PYTHON_3_11 = "/usr/bin/python3.11"

[dev]
DB_ECHO = true

[prod]
JWT_EXPIRE_SECONDS = 3600
"""
SECRETS = {"JWT_SECRET_KEY": KEY, "FRACTAL_DEFAULT_ADMIN_PASSWORD": "made-up"}


@pytest.fixture
def folder(tmp_path):
    """A sound config/ in the working directory, to be changed."""
    path = tmp_path / "config"
    path.mkdir()
    (path / "settings.toml").write_text(SOUND)
    return path


def write(folder: Path, *lines: str) -> None:
    """Add lines to [prod], which is the last section."""
    with (folder / "settings.toml").open("a") as file:
        file.writelines(f"{line}\n" for line in lines)


def told(out: str) -> list[tuple[str, str]]:
    """Environment and code of each problem of a JSON report."""
    reports = json.loads(out)["reports"]
    return [(each["environment"], p["code"]) for each in reports for p in each["problems"]]


# Exit codes


@pytest.mark.usefixtures("folder")
def test_nothing_wrong_ends_with_0(call):
    outcome = call("check", "--env", "prod", **SECRETS)
    assert (outcome.code, outcome.out) == (0, "config, environment prod:\n\nno problems\n")


def test_an_error_ends_with_1(call, folder):
    write(folder, "DB_ECHO = 2")
    assert call("check", "--env", "prod", **SECRETS).code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["--all", "--env", "prod"],
        ["--config-dir", "config", "config"],
        ["--format", "xml"],
        ["--ignore", "FS999"],
        ["--ignore", "FS301"],
        ["--nonsense"],
        ["--set", "DB_ECHO"],
        ["--set", f"JWT_SECRET_KEY={KEY}"],
    ],
)
@pytest.mark.usefixtures("folder")
def test_wrong_usage_ends_with_2_and_says_so_on_stderr(arguments, call):
    outcome = call("check", *arguments, **SECRETS)
    assert (outcome.code, outcome.out) == (2, "")
    assert "Error: " in outcome.err
    assert KEY not in outcome.err


@pytest.mark.parametrize("environment", ["production", "default", ""])
@pytest.mark.usefixtures("folder")
def test_an_environment_that_cannot_be_chosen_ends_with_1(environment, call):
    outcome = call("check", "--format", "json", FRACTAL_ENV=environment, **SECRETS)
    assert outcome.code == 1
    assert {code for _, code in told(outcome.out)} <= {"FS110", "FS111", "FS112"}


def test_a_malformed_file_ends_with_1(call, folder):
    (folder / "settings.toml").write_text("[prod\n")
    assert call("check", "--env", "prod", **SECRETS).code == 1


# Which environments, of which folders


def test_all_environments_are_checked_in_the_order_of_the_file(call, folder):
    write(folder, "POSTGRES_HOSTNAME = 'db.example.org'")
    outcome = call("check", "--all", "--format", "json", **SECRETS)
    reports = json.loads(outcome.out)["reports"]
    assert [each["environment"] for each in reports] == ["dev", "prod"]
    assert told(outcome.out) == [("prod", "FS115")]


def test_a_mistake_in_default_is_told_whole_once_and_then_in_short(call, folder):
    text = SOUND.replace("[dev]", 'FRACTAL_LOGGING_LEVEL = "high"\n[dev]')
    (folder / "settings.toml").write_text(text)
    outcome = call("check", "--all", **SECRETS)
    assert outcome.code == 1
    assert re.findall(r"error\[.*|  fix: FRACTAL_.*", outcome.out) == [
        'error[FS201]: FRACTAL_LOGGING_LEVEL is "high", not an integer',
        "  fix: FRACTAL_LOGGING_LEVEL = 20",
        'error[FS201]: FRACTAL_LOGGING_LEVEL is "high", not an integer (as in dev)',
    ]


def test_all_environments_of_a_folder_without_any_are_the_defaults(call, folder):
    (folder / "settings.toml").write_text(SOUND.partition("[dev]")[0])
    outcome = call("check", "--all", "--format", "json", **SECRETS)
    assert outcome.code == 0
    assert [each["environment"] for each in json.loads(outcome.out)["reports"]] == [""]


def test_many_paths_are_many_folders_each_once(call, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "settings.toml").write_text(SOUND)
    paths = ["one", "one/", "one/settings.toml", "two/settings.toml", "./two"]
    outcome = call("check", "--env", "prod", "--format", "json", *paths, **SECRETS)
    assert [each["folder"] for each in json.loads(outcome.out)["reports"]] == ["one", "two"]


@pytest.mark.parametrize("path", ["etc", "x" * 5000])
def test_a_path_that_is_not_there_is_told(path, call):
    outcome = call("check", "--format", "json", path, **SECRETS)
    assert outcome.code == 1
    assert [code for _, code in told(outcome.out)] in (["FS101"], ["FS102"])


def test_a_file_beside_the_settings_stands_for_their_folder(call, folder):
    (folder / "local.json").write_text("{}")
    outcome = call("check", "--env", "prod", "--format", "json", "config/local.json", **SECRETS)
    assert [each["folder"] for each in json.loads(outcome.out)["reports"]] == ["config"]


def test_the_folder_named_by_the_option_comes_before_that_of_the_variable(call, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/settings.toml").write_text(SOUND)
    options = ["--config-dir", "mine"]
    environ = {"FRACTAL_SETTINGS_DIR": "theirs", "FRACTAL_ENV": "prod"}
    assert call(*options, "check", **environ, **SECRETS).code == 0
    assert call("check", *options, **environ, **SECRETS).code == 0
    assert call("check", **environ, **SECRETS).code == 1


# --static


@pytest.fixture
def committed(tmp_path):
    """A working directory with what git holds of this project's config/."""
    target = tmp_path / "config"
    target.mkdir()
    for name in ("settings.toml", "local.json", "slurm-staging.json", "slurm-prod.json"):
        shutil.copy(ROOT / "config" / name, target)
    return target


@pytest.mark.usefixtures("committed")
def test_the_example_passes_a_static_check_and_names_the_secrets_each_environment_needs(call):
    outcome = call("check", "--all", "--static", "--format", "json")
    needed = {each["environment"]: each["to_inject"] for each in json.loads(outcome.out)["reports"]}
    assert outcome.code == 0
    assert needed == {
        "dev": ["JWT_SECRET_KEY"],
        "staging": ["JWT_SECRET_KEY", "OAUTH_INSTITUTE_CLIENT_SECRET"],
        "prod": ["JWT_SECRET_KEY", "OAUTH_INSTITUTE_CLIENT_SECRET"],
    }
    text = call("check", "--all", "--static").out
    assert text.count("to be given at deployment: JWT_SECRET_KEY") == 3


def test_a_misspelt_key_in_prod_alone_fails_the_static_check_at_its_line(call, committed):
    text = (committed / "settings.toml").read_text("utf-8")
    text = text.replace("COOKIE_EXPIRE_SECONDS", "COOKIE_EXPIRES_SECONDS")
    (committed / "settings.toml").write_text(text, "utf-8")
    line = text.splitlines().index("COOKIE_EXPIRES_SECONDS = 28800") + 1
    assert line > text.splitlines().index("[prod]")
    outcome = call("check", "--all", "--static")
    assert outcome.code == 1
    assert outcome.out.count("error[") == 1
    assert f"  at: config/settings.toml:{line}:1, section [prod]\n" in outcome.out


def test_a_static_check_looks_at_nothing_but_what_is_committed(call, committed, tmp_path):
    for name in (".secrets.toml", "settings.local.toml", ".secrets.local.toml"):
        (committed / name).write_text("not TOML")
    (tmp_path / ".fractal_server.env").mkdir()
    environ = {
        "FRACTAL_ENV": "nonsense",
        "FRACTAL_SETTINGS_DIR": "/nowhere",
        "CREDENTIALS_DIRECTORY": "/nowhere",
        "FRACTAL_SECRETS_DIR": "/nowhere",
        "JWT_SECRET_KEY_FILE": "/nowhere",
        "POSTGRES_PORT": "nonsense",
        "FRACTAL_LOG_LEVEL": "stray",
        "PATH": "",
    }
    assert call("check", "--all", "--static", "--strict", **environ).code == 0


def test_a_static_check_asks_no_other_python(call, committed):
    text = (committed / "settings.toml").read_text("utf-8")
    version = 'FRACTAL_TASKS_PYTHON_DEFAULT_VERSION = "3.11"\n'
    (committed / "settings.toml").write_text(text.replace(version, ""), "utf-8")
    outcome = call("check", "--env", "dev", "--static", FRACTAL_SERVER_PYTHON="/nowhere/python")
    assert (outcome.code, outcome.err) == (0, "")


# --strict, --ignore, --set, --server-python, --quiet


def test_a_warning_counts_as_an_error_only_with_strict(call, folder):
    write(folder, "FRACTAL_SLURM_POLL_INTERVAL = 0")
    assert call("check", "--env", "prod", **SECRETS).code == 0
    assert call("check", "--env", "prod", "--strict", **SECRETS).code == 1


def test_a_note_never_counts_as_an_error(call, folder):
    text = SOUND.replace('FRACTAL_TASKS_PYTHON_DEFAULT_VERSION = "3.11"\n', "")
    (folder / "settings.toml").write_text(text)
    outcome = call("check", "--env", "prod", "--strict", "--format", "json", **SECRETS)
    assert told(outcome.out) == [("prod", "FS227"), ("prod", "FS228")]
    assert outcome.code == 0


def test_warnings_can_be_left_out_one_by_one(call, folder):
    write(folder, "FRACTAL_SLURM_POLL_INTERVAL = 0", 'FRACTAL_TASKS_DIR = "tasks"')
    strict = ["check", "--env", "prod", "--strict", "--format", "json"]
    one = call(*strict, "--ignore", "FS218", **SECRETS)
    assert (one.code, told(one.out)) == (1, [("prod", "FS217")])
    both = call(*strict, "--ignore", "FS218", "--ignore", "fs217", **SECRETS)
    assert (both.code, told(both.out)) == (0, [])


def test_an_override_is_above_all_else(call, folder):
    write(folder, "DB_ECHO = 2")
    assert call("check", "--env", "prod", "--set", "DB_ECHO=no", **SECRETS).code == 0
    outcome = call("--set", "DB_ECHO=maybe", "check", "--env", "prod", DB_ECHO="yes", **SECRETS)
    assert outcome.code == 1
    assert "  at: override DB_ECHO\n" in outcome.out


def test_the_servers_python_is_asked_for_its_version(call, folder, tmp_path):
    unset = "FRACTAL_TASKS_PYTHON_DEFAULT_VERSION", "FRACTAL_TASKS_PYTHON_3_11"
    text = "\n".join(line for line in SOUND.splitlines() if not line.startswith(unset))
    (folder / "settings.toml").write_text(text)
    new = tmp_path / "python3.99"
    new.write_text("#!/bin/sh\nprintf '3.99\\n/usr/bin/python3.99\\n'\n")
    new.chmod(0o755)
    check = ["check", "--env", "prod", "--format", "json"]
    assert told(call(*check, **SECRETS).out) == [("prod", "FS228")]
    named = call(*check, "--server-python", str(new), **SECRETS)
    assert told(named.out) == [("prod", "FS211")]


@pytest.mark.usefixtures("folder")
def test_as_whom_and_on_which_path_it_looked_is_talk(call):
    outcome = call("check", "--env", "prod", PATH="/opt/slurm/bin", **SECRETS)
    assert re.fullmatch(r"looked as user \S+, PATH /opt/slurm/bin\n", outcome.err)
    assert call("--quiet", "check", "--env", "prod", **SECRETS).err == ""
    assert call("check", "--env", "prod", "-q", **SECRETS).err == ""


# How it is told


@pytest.mark.parametrize("format_", ["json", "sarif"])
def test_a_report_for_programs_is_one_document_on_stdout(format_, call, folder):
    write(folder, "DB_ECHO = 2")
    outcome = call("check", "--all", "--format", format_, **SECRETS)
    assert json.loads(outcome.out)
    assert outcome.code == 1


def test_a_report_for_github_has_one_line_for_each_problem(call, folder):
    write(folder, "DB_ECHO = 2")
    (line,) = call("check", "--all", "--format", "github", **SECRETS).out.splitlines()
    number = len(SOUND.splitlines()) + 1
    assert line.startswith(f"::error file=config/settings.toml,line={number},col=11,title=FS202::")


def test_what_is_no_terminal_is_told_in_plain_lines(call, folder):
    write(folder, "DB_ECHO = 2")
    outcome = call("check", "--env", "prod", **SECRETS, TERM="xterm")
    number = len(SOUND.splitlines()) + 1
    assert outcome.out.splitlines() == [
        "config, environment prod:",
        "",
        "error[FS202]: DB_ECHO is the number 2, not a boolean",
        f"  at: config/settings.toml:{number}:11, section [prod]",
        "  there: DB_ECHO = 2",
        "  expected: true or false",
        "  fix: DB_ECHO = false",
        "",
        "1 error",
    ]


def test_control_characters_are_told_escaped(call, tmp_path):
    # GitHub's annotations name a file as it is named: those of one with an escape go without.
    for format_, name in {"text": "a\x1b[31m", "json": "a\x1b[31m", "github": "plain"}.items():
        (tmp_path / name).mkdir(exist_ok=True)
        toml = '["pr\\u001bod"]\nDB_ECHO = "\\u001b[2J"\n'
        (tmp_path / name / "settings.toml").write_text(toml)
        (tmp_path / name / "settings.local.toml").write_text('["\\u009b"]\n')
        arguments = ["--all", "--format", format_, name]
        outcome = call("check", *arguments, POSTGRES_HOST="\x1b]0;owned\x07", PATH="\x1b[2J")
        assert outcome.code == 1
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", outcome.out + outcome.err)


# Real processes


def process(folder: Path, *arguments: str, **more) -> subprocess.Popen:
    kept = {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
    environ = {"PATH": os.defpath, **kept, **SECRETS, **more.pop("environ", {})}
    command = [sys.executable, "-m", "fractal_settings", *arguments]
    return subprocess.Popen(command, cwd=folder, env=environ, stdin=subprocess.DEVNULL, **more)


def on_terminal(folder: Path, *arguments: str, columns: int = 100, **environ: str) -> str:
    """What a real process prints on a terminal of so many columns."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, columns))
    environ = {"TERM": "xterm", **environ}
    with process(folder, *arguments, stdout=theirs, stderr=theirs, environ=environ):
        os.close(theirs)
        said = b""
        try:
            while part := os.read(ours, 4096):
                said += part
        except OSError:  # the other end is closed
            pass
    os.close(ours)
    return said.decode().replace("\r\n", "\n")


def test_on_a_terminal_the_report_is_drawn_in_colours(folder):
    write(folder, "DB_ECHO = 2")
    said = on_terminal(folder.parent, "-q", "check", "--env", "prod")
    assert "\x1b[31merror[FS202]\x1b[0m" in said
    plain = re.sub(r"\x1b\[[0-9]+m", "", said)
    assert "\n14 | DB_ECHO = 2\n   |           ^\n" in plain
    assert plain == on_terminal(folder.parent, "-q", "check", "--env", "prod", NO_COLOR="1")


def test_a_terminal_that_can_nothing_gets_plain_lines(folder):
    write(folder, "DB_ECHO = 2")
    said = on_terminal(folder.parent, "-q", "check", "--env", "prod", TERM="dumb")
    assert "\n  there: DB_ECHO = 2\n" in said
    assert "\x1b" not in said


@pytest.mark.parametrize("columns", [40, 60])
def test_a_narrow_terminal_is_not_overrun(columns, folder):
    write(folder, "DB_ECHO = 2", 'FRACTAL_SLURM_SBATCH_SLEEP = "a rather long pause, I think"')
    environ = {"NO_COLOR": "1"}
    said = on_terminal(folder.parent, "-q", "check", "--env", "prod", columns=columns, **environ)
    assert "DB_ECHO = 2" in said
    fix = "FRACTAL_SLURM_SBATCH_SLEEP = 0.0"
    assert [line for line in said.splitlines() if len(line) > columns and fix not in line] == []


def test_a_terminal_that_does_not_know_its_width_is_not_taken_for_narrow(folder):
    write(folder, "DB_ECHO = 2")
    said = on_terminal(folder.parent, "-q", "check", "--env", "prod", columns=0, NO_COLOR="1")
    assert "error[FS202]: DB_ECHO is the number 2, not a boolean\n" in said


def test_a_closed_pipe_ends_it_in_silence(folder):
    reading, writing = os.pipe()
    os.close(reading)
    with process(folder.parent, "check", "--all", stdout=writing, stderr=subprocess.PIPE) as check:
        os.close(writing)
        said = check.stderr.read().decode()
    assert "Traceback" not in said
    assert said.startswith("looked as user")
    assert len(said.splitlines()) == 1
    assert check.returncode == 141


def test_a_full_disk_is_told_without_a_traceback(folder):
    with (
        Path("/dev/full").open("w") as full,
        process(
            folder.parent, "-q", "check", "--all", stdout=full, stderr=subprocess.PIPE
        ) as check,
    ):
        said = check.stderr.read().decode()
    assert said == "fractal-settings: the output cannot be written: No space left on device\n"
    assert check.returncode == 1


def test_streams_that_were_closed_before_the_start_are_no_problem(folder):
    command = f"'{sys.executable}' -m fractal_settings check --env prod >&- 2>&-"
    kept = {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
    shell = ["/bin/sh", "-c", command]
    done = subprocess.run(shell, cwd=folder.parent, env={**kept, **SECRETS}, check=False)
    assert done.returncode == 0


def test_a_working_directory_that_is_no_more_is_wrong_usage(tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    kept = {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
    command = f"rmdir ../gone; exec '{sys.executable}' -m fractal_settings check"
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=gone, env=kept, check=False, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr.endswith("Error: the working directory: no such file or directory\n")


def test_an_environment_of_a_local_file_alone_is_checked_with_all(call, folder):
    (folder / "settings.local.toml").write_text("[mine]\nJWT_EXPIRE_SECONDS = 0\n")
    outcome = call("check", "--all", "--format", "json", **SECRETS)
    assert told(outcome.out) == [("mine", "FS218")]
    static = call("check", "--all", "--static", "--format", "json", **SECRETS)
    assert "mine" not in {environment for environment, _ in told(static.out)}
