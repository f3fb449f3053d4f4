"""The whole trip of a running server: its dotenv file in, and out again by every way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from fractal_settings.cli.run_ import interpreter_of
from tests.formats import readers
from tests.real import servers

PASSWORD = "p@ss:/w?#%rd'\"\\ $x é"
ADMIN = {"username": "admin@fractal.example", "password": "an admin's 'own' #1 \"é\""}
DOTENV = r"""
# How an administrator wrote it, one day.
export PROJECT_NAME="Fractal \"here\""
JWT_SECRET_KEY=4b1d5e0f7c2a49d8b6e3 # not the real one
JWT_EXPIRE_SECONDS=3600
DB_ECHO=off
POSTGRES_HOST=127.0.0.1
POSTGRES_PORT={port}
POSTGRES_DB=fractal_trip
POSTGRES_USER=trip
POSTGRES_PASSWORD='p@ss:/w?#%rd\'"\\ $x é'

FRACTAL_DEFAULT_ADMIN_EMAIL=admin@fractal.example
FRACTAL_DEFAULT_ADMIN_PASSWORD='an admin\'s \'own\' #1 "é"'
BASE={folder}
FRACTAL_TASKS_DIR=${BASE}/tasks
FRACTAL_RUNNER_WORKING_BASE_DIR=${BASE}/jobs dir
FRACTAL_LOCAL_CONFIG_FILE=local.json
FRACTAL_RUNNER_BACKEND=local_experimental
FRACTAL_SLURM_SBATCH_SLEEP=.5
FRACTAL_LOGGING_LEVEL=30
FRACTAL_API_V1_MODE=include_read_only
FRACTAL_RUNNER_TASKS_INCLUDE_IMAGE='a;b c;${nothing}d'
"""
OURS = [sys.executable, "-m", "fractal_settings"]


@pytest.fixture(scope="module")
def venv(had) -> Path:
    with had():
        return servers.server_venv()


@pytest.fixture(scope="module")
def trip(home, postgres, venv):
    """A folder with the dotenv file of a server, whose database is made ready by that server."""
    folder = home / "trip"
    folder.mkdir()
    quoted = PASSWORD.replace("'", "''")
    postgres.sql(
        f"create role trip login password '{quoted}'", "create database fractal_trip owner trip"
    )
    text = DOTENV.replace("{port}", str(postgres.port)).replace("{folder}", str(folder))
    (folder / ".fractal_server.env").write_text(text, encoding="utf-8")
    (folder / "local.json").write_text('{"parallel_tasks_per_job": 2}')
    called(folder, [venv / "bin/fractalctl", "set-db"])
    return folder


def world(**more: str) -> dict[str, str]:
    here = str(Path(__file__).parents[2])
    return {
        "PATH": os.defpath,
        "HOME": "/nonexistent",
        "PYTHONPATH": here,
        "LANG": "C.UTF-8",
        **more,
    }


def called(folder: Path, words: list[object], **environ: str) -> subprocess.CompletedProcess[str]:
    run = subprocess.run(
        [str(word) for word in words],
        cwd=folder,
        env=world(**environ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run


@contextmanager
def started(folder: Path, words: list[object], environ: Mapping[str, str]) -> Iterator[str]:
    """A server that was started with these words, until it is told to stop."""
    port = servers.free_port()
    log = folder / f"{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*map(str, words), "start", "--host", "127.0.0.1", "--port", str(port)],
            cwd=folder,
            env={**environ},
            stdout=output,
            stderr=output,
        )
    try:
        servers.until(lambda: answers(process, port, log), "fractal-server", 40)
        yield f"http://127.0.0.1:{port}"
    finally:
        servers.stop(process)
    assert process.returncode in {0, -signal.SIGTERM}, log.read_text()


def answers(process: subprocess.Popen, port: int, log: Path) -> bool:
    assert process.poll() is None, log.read_text()
    return servers.listens(port)


def settings_of(server: str) -> dict[str, object]:
    """What the server says that its settings are, to whom it let in."""
    form = urllib.parse.urlencode(ADMIN).encode()
    with urllib.request.urlopen(f"{server}/auth/token/login/", form) as answer:  # noqa: S310
        token = json.load(answer)["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    asked = urllib.request.Request(f"{server}/api/settings/", headers=bearer)  # noqa: S310
    with urllib.request.urlopen(asked) as answer:  # noqa: S310
        return dict(json.load(answer))


@pytest.fixture(scope="module")
def before(trip, venv):
    """What the server says of itself before anything of ours was there."""
    with started(trip, [venv / "bin/fractalctl"], {"PATH": os.defpath, "HOME": "/"}) as server:
        return settings_of(server)


@pytest.fixture(scope="module")
def imported(trip, before, venv):
    """The folder with the settings taken over into TOML, and without the dotenv file."""
    assert before
    run = called(trip, [*OURS, "import", ".fractal_server.env", "--env", "prod", "--write"])
    assert "1 other variable was left out: BASE" in run.stderr
    told = [line.split("]")[0] for line in run.stderr.splitlines() if "[FS" in line]
    assert told == ["warning[FS724", "note[FS722"]  # of ${nothing}, and of BASE
    (trip / ".fractal_server.env").rename(trip / "old.env")
    called(trip, [*OURS, "check", "--env", "prod", "--server-python", venv / "bin/python"])
    return trip


def test_run_starts_the_server_as_it_was_before(imported, venv, before):
    run = [*OURS, "run", "--env", "prod", "--", venv / "bin/fractalctl"]
    called(imported, [*run, "set-db"])
    with started(imported, run, world()) as server:
        assert settings_of(server) == before


def test_a_clean_run_does_so_too(imported, venv, before):
    run = [*OURS, "run", "--env", "prod", "--clean", "--", venv / "bin/fractalctl"]
    with started(imported, run, world(FRACTAL_MISSPELT="", PYTHONVERBOSE="1")) as server:
        assert settings_of(server) == before


def test_the_server_says_what_show_told(imported, venv, before):
    show = [*OURS, "show", "--env", "prod", "--format", "json", "--reveal"]
    python = interpreter_of(venv / "bin/fractalctl", "")
    told = json.loads(called(imported, [*show, "--server-python", python]).stdout)
    assert told["POSTGRES_PASSWORD"] == PASSWORD
    said = {name: value for name, value in before.items() if value != "***"}
    assert said.keys() >= {"FRACTAL_TASKS_DIR", "FRACTAL_SLURM_SBATCH_SLEEP"}
    assert {name: told[name] for name in said} == said


def environment_of(name: str, path: Path) -> dict[str, str]:
    """What the starter that reads the format would hand to the server."""
    if name == "systemd":
        if not readers.LIBRARIES:
            pytest.skip("NOT TESTED: systemd's library is not here")
        return readers.by_systemd(path)
    if name == "docker":
        return readers.by_docker_s_rules(path.read_bytes())
    if name == "k8s":
        public, secret = readers.by_kubernetes(path)
        return public | secret
    return {"compose": readers.by_compose, "json": readers.by_json}[name](path)


@pytest.mark.parametrize("name", ["dotenv", "shell", "systemd", "docker", "compose", "k8s", "json"])
def test_each_export_starts_the_unmodified_server_as_it_was_before(
    imported, venv, before, home, name
):
    folder = home / f"trip-{name}"
    folder.mkdir()
    (folder / "local.json").write_text('{"parallel_tasks_per_job": 2}')
    path = folder / (".fractal_server.env" if name == "dotenv" else f"fractal.{name}")
    called(imported, [*OURS, "export", "--env", "prod", "--format", name, "-o", path])
    assert path.stat().st_mode & 0o777 == 0o600
    words: list[object] = [venv / "bin/fractalctl"]
    environ = {"PATH": os.defpath, "HOME": "/"}
    if name == "shell":
        words = ["/bin/sh", "-c", f'. {path} && exec "$@"', "sh", *words]
    elif name != "dotenv":
        environ |= environment_of(name, path)
    with started(folder, words, environ) as server:
        assert settings_of(server) == before


def test_run_refuses_what_the_server_refuses_before_it_starts(imported, venv):
    run = subprocess.run(
        [*OURS, "run", "--env", "prod", "--", str(venv / "bin/fractalctl"), "start"],
        cwd=imported,
        env=world(POSTGRES_DB=""),
        capture_output=True,
        check=False,
    )
    assert run.returncode == 78
    assert b"error[FS301]: POSTGRES_DB is empty" in run.stderr


def test_the_database_lets_in_nobody_without_that_password(imported, venv):
    """So that what is above proves that the password survived."""
    run = [*OURS, "run", "--env", "prod", "--", venv / "bin/fractalctl", "set-db"]
    wrong = subprocess.run(
        [*map(str, run)],
        cwd=imported,
        env=world(POSTGRES_PASSWORD=PASSWORD + "!"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert wrong.returncode != 0
    assert "password authentication failed" in wrong.stdout + wrong.stderr
