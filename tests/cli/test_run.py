"""`run` becomes the command, or refuses before anything is started."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

import pytest

from fractal_settings import cli, resolve
from fractal_settings.cli.run_ import environment_of, interpreter_of

EVIL = "p@ss:/w?#%rd'\"\\ $x é\nline\t"
SERVER = {
    "JWT_SECRET_KEY": "4b1d5e0f7c2a49d8b6e3",
    "POSTGRES_DB": "fractal",
    "POSTGRES_PASSWORD": EVIL,
    "FRACTAL_DEFAULT_ADMIN_PASSWORD": "made-up",
    "FRACTAL_TASKS_DIR": "/srv/tasks",
    "FRACTAL_RUNNER_WORKING_BASE_DIR": "/srv/jobs",
    "FRACTAL_TASKS_PYTHON_DEFAULT_VERSION": "3.11",
    "FRACTAL_TASKS_PYTHON_3_11": "/usr/bin/python3.11",
}
PROGRAM = [sys.executable, "-m", "fractal_settings"]


@pytest.fixture(scope="module", autouse=True)
def _imported():
    """All that `run` imports, so that each fork need not."""
    resolve(environ={}, cwd="/")


def world(**more: str) -> dict[str, str]:
    here = str(Path(__file__).parents[2])
    return {"PATH": os.defpath, "HOME": "/home/x", "PYTHONPATH": here, **SERVER, **more}


def ran(
    cwd: Path, *words: str, environ: dict[str, str] | None = None, **more: str
) -> subprocess.CompletedProcess[bytes]:
    """Call the command line in a process of its own, forked: a new Python costs half a second."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if not child:
            with contextlib.suppress(BaseException):
                become_caller(cwd, world(**more) if environ is None else environ, out, err)
                os._exit(cli.run(words))
            os._exit(99)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(words, code, out.read(), err.read())


def become_caller(cwd: Path, environ: dict[str, str], out: IO[bytes], err: IO[bytes]) -> None:
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environ)
    os.dup2(out.fileno(), 1)
    os.dup2(err.fileno(), 2)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8")
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", buffering=1)


def environment(output: bytes) -> dict[str, str]:
    entries = output.decode("utf-8", "surrogateescape").split("\0")[:-1]
    return dict(entry.split("=", 1) for entry in entries)


def test_the_command_gets_what_the_layers_set(tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config/settings.toml").write_text(
        '[default]\nDB_ECHO = true\n[prod]\nJWT_EXPIRE_SECONDS = 60\nPOSTGRES_DB = "toml"\n'
    )
    (tmp_path / ".fractal_server.env").write_text("POSTGRES_USER='a b'\n")
    (tmp_path / "secret").write_text("from a file\n")
    run = ran(
        tmp_path,
        "run",
        "--env",
        "prod",
        "--",
        "env",
        "-0",
        OAUTH_GITHUB_CLIENT_ID="x",
        OAUTH_GITHUB_CLIENT_SECRET_FILE="secret",
        OTHER="kept",
    )
    assert (run.returncode, run.stderr) == (0, b"")
    found = environment(run.stdout)
    expected = world(
        DB_ECHO="true",
        JWT_EXPIRE_SECONDS="60",
        POSTGRES_USER="a b",
        OAUTH_GITHUB_CLIENT_ID="x",
        OAUTH_GITHUB_CLIENT_SECRET="from a file",
        OTHER="kept",
    )
    assert {name: found.get(name) for name in expected} == expected
    assert "OAUTH_GITHUB_CLIENT_SECRET_FILE" not in found
    assert set(found) == set(expected)


def test_clean_leaves_nothing_but_the_settings_and_four_more(tmp_path):
    run = ran(tmp_path, "run", "--clean", "--", "env", "-0", OTHER="x", LANG="C.UTF-8", TZ="UTC")
    expected = {"PATH": os.defpath, "HOME": "/home/x", "LANG": "C.UTF-8", "TZ": "UTC", **SERVER}
    assert environment(run.stdout) == expected


def test_what_switches_the_dotenv_file_off_here_switches_it_off_for_the_command():
    environ = {"PYTHON_DOTENV_DISABLED": "1", "LC_ALL": "C", "PATH": "/bin"}
    assert environment_of(environ, {"A": "1"}, clean=True) == {
        "PATH": "/bin",
        "PYTHON_DOTENV_DISABLED": "1",
        "A": "1",
    }


@pytest.mark.parametrize("code", [0, 1, 3, 77, 127, 255])
def test_the_exit_code_is_the_command_s(tmp_path, code):
    assert ran(tmp_path, "run", "--", "sh", "-c", f"exit {code}").returncode == code


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGKILL", "SIGHUP", "SIGPIPE", "SIGQUIT"])
def test_a_signal_that_the_command_dies_of_is_seen_by_the_parent(tmp_path, name):
    run = ran(tmp_path, "run", "--", "sh", "-c", f"kill -s {name[3:]} $$")
    assert run.returncode == -getattr(signal, name)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_to_run_reaches_the_command_which_has_its_process_id(tmp_path, number):
    script = f"trap 'echo caught; exit 42' {number.name[3:]}; echo $$; while :; do sleep 0.02; done"
    with subprocess.Popen(
        [*PROGRAM, "run", "--", "sh", "-c", script],
        cwd=tmp_path,
        env=world(),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == f"{process.pid}\n"
        process.send_signal(number)
        assert process.stdout.read() == "caught\n"
    assert process.returncode == 42


def dispositions(*words: str) -> dict[str, str]:
    run = subprocess.run(
        [*words, "cat", "/proc/self/status"],
        cwd="/",
        env=world(),
        capture_output=True,
        text=True,
        check=True,
    )
    lines = (line.split(":\t") for line in run.stdout.splitlines())
    return {name: value for name, value in lines if name in {"SigBlk", "SigIgn", "SigCgt"}}


def test_the_command_finds_signals_as_if_run_were_not_there():
    assert dispositions(*PROGRAM, "run", "--") == dispositions()


def test_an_interrupt_while_settings_are_read_ends_it_as_it_would_end_the_command(tmp_path):
    """While the server's Python is asked for its version, which takes time here."""
    (tmp_path / "slow").write_text("#!/bin/sh\ntouch asked\nsleep 20\n")
    (tmp_path / "slow").chmod(0o755)
    with subprocess.Popen(
        [*PROGRAM, "run", "--server-python", "./slow", "--", "true"],
        cwd=tmp_path,
        env={k: v for k, v in world().items() if not k.startswith("FRACTAL_TASKS_PYTHON")},
        start_new_session=True,
    ) as process:
        while not (tmp_path / "asked").exists():
            assert process.poll() is None
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does it
    assert process.returncode == -signal.SIGINT


def test_a_refused_configuration_starts_nothing(tmp_path):
    run = ran(tmp_path, "run", "--", "touch", "started", JWT_EXPIRE_SECONDS="soon", POSTGRES_DB="")
    assert run.returncode == 78
    assert b"error[FS201]" in run.stderr
    assert b"error[FS301]: POSTGRES_DB is empty" in run.stderr
    assert not (tmp_path / "started").exists()


def test_what_this_machine_lacks_is_refused_too(call):
    backend = {
        "FRACTAL_RUNNER_BACKEND": "slurm_ssh",
        "FRACTAL_SLURM_WORKER_PYTHON": "/usr/bin/python3",
        "FRACTAL_SLURM_CONFIG_FILE": "missing.json",
    }
    outcome = call("run", "--", "true", **SERVER, **backend)
    assert outcome.code == 78
    assert "error[FS304]" in outcome.err


def test_a_command_that_is_not_there_is_127_and_one_that_cannot_be_run_126(call, tmp_path):
    (tmp_path / "text").write_text("echo no first line\n")
    (tmp_path / "script").write_text("#!/no/such/interpreter\n")
    (tmp_path / "script").chmod(0o755)
    found = [
        call("run", "--", word, **SERVER)
        for word in ("no-such-command", "./missing", "./text", "./script", "/")
    ]
    assert [each.code for each in found] == [127, 127, 126, 126, 126]
    assert all("error[FS730]" in each.err for each in found)
    assert "./text cannot be run: permission denied" in found[2].err


def test_a_command_must_be_named(call):
    assert call("run", **SERVER).code == 2
    assert call("run", "--", **SERVER).code == 2
    assert call("run", "--no-such-option", "true", **SERVER).code == 2


def test_options_of_the_command_are_the_command_s(tmp_path):
    run = ran(tmp_path, "run", "sh", "-c", 'echo "$@"', "sh", "--env", "x", "--", "-h")
    assert run.stdout == b"--env x -- -h\n"


def test_warnings_are_told_and_quiet_silences_them(tmp_path):
    run = ran(tmp_path, "run", "--", "echo", "started", FRACTAL_TASKS_DIR="relative")
    assert run.stdout == b"started\n"
    assert b"warning[FS217]" in run.stderr
    run = ran(tmp_path, "--quiet", "run", "--", "echo", "started", FRACTAL_TASKS_DIR="relative")
    assert (run.stdout, run.stderr) == (b"started\n", b"")


@pytest.mark.parametrize(
    ("first_line", "interpreter"),
    [
        ("#!/opt/bin/python3.11", "/opt/bin/python3.11"),
        ("#! /opt/bin/python -I", "/opt/bin/python"),
        ("#!/usr/bin/env python3", "{bin}/python3"),
        ("#!/usr/bin/env missing", None),
        ("#!/bin/sh\n'''exec' \"/a long/bin/python3\" \"$0\" \"$@\"\n' '''", "/a long/bin/python3"),
        ("#!/bin/sh\n'''exec' /long/bin/python3 \"$0\" \"$@\"\n' '''", "/long/bin/python3"),
        ("#!/bin/sh\nexec python", None),
        ("\x7fELF", None),
        ("", None),
    ],
)
def test_the_interpreter_of_a_command_is_told_by_its_first_line(tmp_path, first_line, interpreter):
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "python3").touch(0o755)
    (folder / "program").write_text(f"{first_line}\n")
    expected = interpreter and interpreter.format(bin=folder)
    assert interpreter_of(folder / "program", str(folder)) == expected
    assert interpreter_of(folder / "python3", "") == str(folder / "python3")
    assert interpreter_of(folder / "missing", "") is None


def test_the_command_s_own_interpreter_decides_the_version_where_none_is_set(tmp_path):
    """A Python for which no tasks can be collected is refused, unless another one is named."""
    (tmp_path / "python3").write_text("#!/bin/sh\nprintf '3.14\\n/opt/python3.14\\n'\n")
    (tmp_path / "server").write_text(f"#!{tmp_path}/python3\n")
    (tmp_path / "other").write_text("#!/bin/sh\nprintf '3.12\\n/opt/python3.12\\n'\n")
    for each in tmp_path.iterdir():
        each.chmod(0o755)
    environ = {k: v for k, v in world().items() if not k.startswith("FRACTAL_TASKS_PYTHON")}

    def outcome(*options: str, **more: str) -> tuple[int, bool]:
        run = ran(tmp_path, "run", *options, "--", "./server", environ=environ | more)
        return run.returncode, b"FS211" in run.stderr

    assert outcome() == (78, True)
    assert outcome("--server-python", "./other") == (0, False)
    assert outcome(FRACTAL_SERVER_PYTHON="./other") == (0, False)


CLIENT = ("CLIENT_ID", "CLIENT_SECRET", "OIDC_CONFIGURATION_ENDPOINT")


def in_toml(client: str) -> str:
    return "[default]\n" + "".join(f'"OAUTH_{client}_{name}" = "x"\n' for name in CLIENT)


@pytest.mark.parametrize(
    ("file", "text", "fix"),
    [
        ("config/settings.toml", in_toml("A=B"), "or name the client AB\n"),
        ("config/settings.toml", in_toml(r"A\u0000B"), "or name the client AB\n"),
        ("config/settings.toml", in_toml("="), "or name the client\n"),
        (
            ".fractal_server.env",
            "".join(f"'OAUTH_A=B_{name}'=x\n" for name in CLIENT),
            "or name the client AB\n",
        ),
    ],
)
def test_a_client_that_no_variable_can_name_is_refused_in_its_file(tmp_path, file, text, fix):
    (tmp_path / "config").mkdir()
    (tmp_path / "config/settings.toml").write_text("[default]\nDB_ECHO = false\n")
    (tmp_path / file).write_text(text)
    run = ran(tmp_path, "-q", "run", "--", "touch", "started")
    said = run.stderr.decode()
    assert (run.returncode, said.count("error[")) == (78, 1)
    assert "error[FS213]: OAUTH_" in said
    assert f"  at: {file}:" in said
    assert fix in said
    assert not (tmp_path / "started").exists()


def test_a_setting_that_the_locale_cannot_write_is_told_and_nothing_is_started(tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config/settings.toml").write_text('[default]\nPROJECT_NAME = "caf\\u00e9"\n')
    run = subprocess.run(
        [*PROGRAM, "-q", "run", "--", "touch", "started"],
        cwd=tmp_path,
        env=world(POSTGRES_PASSWORD="x", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 78
    assert "error[FS730]: touch cannot be run: a setting has what an environment" in run.stderr
    assert not (tmp_path / "started").exists()
