"""What doctor calls well, the real server can work with; what it calls wrong, breaks it."""

from __future__ import annotations

import json
import sys

import pytest

from tests.real import fractal, servers
from tests.real.asking import doctor, settings

BATCHING = {
    "target_cpus_per_job": 1,
    "max_cpus_per_job": 1,
    "target_mem_per_job": 100,
    "max_mem_per_job": 100,
    "target_num_jobs": 1,
    "max_num_jobs": 1,
}
WELL_KNOWN = "/.well-known/openid-configuration"
DATABASES = """
create database served
create database empty
create database frozen
alter database frozen set default_transaction_read_only = on
create database forbidden
create role guest login password 'made-up'
"""


@pytest.fixture(scope="module")
def all_five(postgres, slurm, sshd, provider, fractal_server):
    """PostgreSQL, SLURM, sshd, the OpenID provider, and a fractal-server to start."""
    postgres.sql(*DATABASES.strip().splitlines())
    return postgres, slurm, sshd, provider, fractal_server


@pytest.fixture(scope="module")
def folder(home):
    """Where everything that the settings name lies."""
    path = home / "served"
    for name in ("tasks", "jobs", ".ssh"):
        (path / name).mkdir(parents=True)
    return path


@pytest.fixture
def slurm_file(folder):
    """Writes the SLURM file; it is right again at first."""

    def write(**job):
        asked = {"partition": "main", "cpus_per_task": 1, "mem": 100} | job
        content = {"default_slurm_config": asked, "batching_config": BATCHING}
        (folder / "slurm.json").write_text(json.dumps(content))

    write()
    return write


@pytest.fixture
def right(all_five, folder, slurm_file):  # noqa: ARG001 - the file must be there
    """Settings that are right for all five."""
    postgres, _, sshd, provider, venv = all_five
    (folder / ".ssh" / "known_hosts").write_text(sshd.known_hosts.read_text())
    return settings(
        **postgres.variables("served"),
        HOME=str(folder),
        FRACTAL_DEFAULT_ADMIN_PASSWORD=fractal.ADMIN[1],
        FRACTAL_TASKS_DIR=str(folder / "tasks"),
        FRACTAL_RUNNER_WORKING_BASE_DIR=str(folder / "jobs"),
        FRACTAL_RUNNER_BACKEND="slurm",
        FRACTAL_SLURM_CONFIG_FILE=str(folder / "slurm.json"),
        FRACTAL_SLURM_WORKER_PYTHON=str(venv / "bin" / "python"),
        FRACTAL_SLURM_POLL_INTERVAL="1",
        FRACTAL_SLURM_ERROR_HANDLING_INTERVAL="1",
        FRACTAL_TASKS_PYTHON_DEFAULT_VERSION="3.11",
        FRACTAL_TASKS_PYTHON_3_11=str(venv / "bin" / "python"),
        FRACTAL_SERVER_PYTHON=str(venv / "bin" / "python"),
        OAUTH_LAB_CLIENT_ID="fractal",
        OAUTH_LAB_CLIENT_SECRET="made-up",
        OAUTH_LAB_OIDC_CONFIGURATION_ENDPOINT=provider.discovery,
    )


@pytest.fixture(scope="module")
def tables(all_five, folder):
    """The tables are made once, before any test that logs in."""
    postgres, *_, venv = all_five
    environ = settings(**postgres.variables("served"))
    made = fractal.set_db(
        venv, environ | {"FRACTAL_DEFAULT_ADMIN_PASSWORD": fractal.ADMIN[1]}, folder
    )
    assert made.returncode == 0, made.stderr


@pytest.mark.usefixtures("tables")
def test_with_slurm_all_is_well_and_the_server_starts_logs_in_and_runs_a_job(
    all_five, right, folder
):
    slurm, venv = all_five[1], all_five[-1]
    report = doctor(right, folder, "--strict", before=fractal.inside(slurm))
    assert (report.status, report.codes) == (0, set())

    with fractal.serving(venv, right, folder, slurm) as server:
        token = server.log_in()
        status, log = fractal.run_job(server, token, folder)
    assert status == "done", log
    assert (folder / "ran").read_text() == "ran\n"
    (folder / "ran").unlink()
    assert slurm.ask("squeue", "-h", "-t", "all", "-o", "%T").split() == ["COMPLETED"]


@pytest.mark.usefixtures("tables")
def test_with_ssh_all_is_well_and_the_server_starts_logs_in_and_runs_a_job(all_five, right, folder):
    _, _, sshd, _, venv = all_five
    host = f"127.0.0.1:{sshd.port}"
    over_ssh = right | {"FRACTAL_RUNNER_BACKEND": "slurm_ssh"}
    login = ("--ssh-host", host, "--ssh-user", sshd.user, "--ssh-key", str(sshd.key))
    report = doctor(over_ssh, folder, "--strict", *login)
    assert (report.status, report.codes) == (0, set())

    with fractal.serving(venv, over_ssh, folder) as server:
        status, log = fractal.run_job(
            server,
            server.log_in(),
            folder,
            ssh_host=host,
            ssh_username=sshd.user,
            ssh_private_key_path=str(sshd.key),
            ssh_tasks_dir=str(folder / "ssh-tasks"),
            ssh_jobs_dir=str(folder / "ssh-jobs"),
        )
    assert status == "done", log
    assert (folder / "ran").read_text() == "ran\n"
    (folder / "ran").unlink()


def found(all_five, folder, variables, code, *arguments):
    """Assert that doctor finds it; gives back all that it says."""
    report = doctor(variables, folder, *arguments, before=fractal.inside(all_five[1]))
    assert code in report.codes
    return report


@pytest.mark.parametrize(
    ("code", "endpoint"),
    [
        pytest.param("FS682", "login.example.org", id="no address"),
        pytest.param("FS683", f"https://login.no-such.invalid{WELL_KNOWN}", id="no such host"),
        pytest.param("FS684", f"http://127.0.0.1:1{WELL_KNOWN}", id="refused"),
        pytest.param("FS691", "{provider}/nothing-here", id="no such page"),
        pytest.param("FS692", "{provider}/", id="no JSON"),
        pytest.param("FS693", "{provider}/jwks", id="no endpoints"),
    ],
)
def test_without_a_discovery_document_the_server_refuses_to_start(
    all_five, right, folder, code, endpoint
):
    wrong = right | {
        "OAUTH_LAB_OIDC_CONFIGURATION_ENDPOINT": endpoint.format(provider=all_five[3].url)
    }
    assert found(all_five, folder, wrong, code).status == 1
    with fractal.serving(all_five[-1], wrong, folder, all_five[1]) as server:
        assert server is None


def test_with_an_authority_of_the_system_alone_the_server_refuses_to_start(
    all_five, right, folder, certificates
):
    with servers.oidc_provider(folder, certificate=certificates / "good.pem") as provider:
        wrong = right | {"OAUTH_LAB_OIDC_CONFIGURATION_ENDPOINT": provider.discovery}
        found(all_five, folder, wrong, "FS686")
        with fractal.serving(all_five[-1], wrong, folder, all_five[1]) as server:
            assert server is None

        mended = wrong | {"SSL_CERT_FILE": str(certificates / "ca.pem")}
        report = doctor(mended, folder, "--only", "oauth", before=fractal.inside(all_five[1]))
        assert report.status == 0
        with fractal.serving(all_five[-1], mended, folder, all_five[1]) as server:
            assert server is not None


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        pytest.param("FS605", {"POSTGRES_PORT": "1"}, id="refused"),
        pytest.param("FS609", {"POSTGRES_PASSWORD": "wrong"}, id="wrong password"),
        pytest.param("FS614", {"POSTGRES_DB": "no-such-database"}, id="no such database"),
        pytest.param("FS623", {"POSTGRES_DB": "empty"}, id="no tables"),
    ],
)
def test_without_its_database_the_server_starts_and_nobody_can_log_in(
    all_five, right, folder, code, wrong
):
    found(all_five, folder, right | wrong, code)
    with fractal.serving(all_five[-1], right | wrong, folder, all_five[1]) as server:
        assert server is not None
        assert server.log_in() == ""


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        pytest.param("FS621", {"POSTGRES_DB": "frozen"}, id="read-only"),
        pytest.param(
            "FS622",
            {
                "POSTGRES_DB": "forbidden",
                "POSTGRES_USER": "guest",
                "POSTGRES_PASSWORD": "made-up",
            },
            id="no permission to create tables",
        ),
    ],
)
def test_where_no_tables_can_be_made_set_db_fails(all_five, right, folder, code, wrong):
    assert found(all_five, folder, right | wrong, code).status == 1
    assert fractal.set_db(all_five[-1], right | wrong, folder).returncode != 0


@pytest.mark.usefixtures("tables")
def test_a_job_that_slurm_refuses_fails(all_five, right, folder, slurm_file):
    """One server: it reads the SLURM file anew for each job."""
    with fractal.serving(all_five[-1], right, folder, all_five[1]) as server:
        token = server.log_in()
        for code, job in {
            "FS636": {"partition": "maim"},
            "FS637": {"partition": "inactive"},
            "FS639": {"gres": "gpu:v100:8"},
            "FS640": {"constraint": "tape"},
            "FS641": {"mem": "99G"},
            "FS642": {"cpus_per_task": 64},
            "FS643": {"time": "10:00:00"},
            "FS644": {"extra_lines": ["#SBATCH --bogus=1"]},
        }.items():
            slurm_file(**job)
            assert found(all_five, folder, right, code, "--only", "slurm").status == 1
            status, _ = fractal.run_job(server, token, folder)
            assert (code, status) == (code, "failed")
    assert not (folder / "ran").exists()


@pytest.mark.usefixtures("tables")
def test_a_job_in_a_partition_that_is_down_never_starts(all_five, right, folder, slurm_file):
    slurm_file(partition="closed")
    slurm = all_five[1]
    assert found(all_five, folder, right, "FS637").status == 1
    with fractal.serving(all_five[-1], right, folder, slurm) as server:
        status, _ = fractal.run_job(server, server.log_in(), folder, seconds=6)
        assert status == "submitted"
        assert "PENDING" in slurm.ask("squeue", "-h", "-o", "%T")
        slurm.ask("scancel", "--partition=closed")
    assert not (folder / "ran").exists()


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize(
    ("code", "python"),
    [
        pytest.param("FS665", "/nonexistent/python", id="not there"),
        pytest.param("FS667", "/usr/bin/false", id="does not run"),
        pytest.param("FS672", sys.executable, id="without fractal-server"),
    ],
)
def test_without_a_working_worker_python_the_job_fails(all_five, right, folder, code, python):
    wrong = right | {"FRACTAL_SLURM_WORKER_PYTHON": python}
    assert found(all_five, folder, wrong, code).status == 1
    with fractal.serving(all_five[-1], wrong, folder, all_five[1]) as server:
        status, _ = fractal.run_job(server, server.log_in(), folder)
    assert status == "failed"
    assert not (folder / "ran").exists()
