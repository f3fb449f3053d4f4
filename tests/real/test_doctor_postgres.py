"""PostgreSQL, made to fail in each way in which it can be made to fail here."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.real import servers
from tests.real.asking import ask, settings

pytestmark = pytest.mark.usefixtures("nothing_left")

DATABASES = """
create database fractal;
create database no_rule;
create database trusting;
create database by_system;
create database locked;
revoke connect on database locked from public;
create database closed allow_connections false;
create database crowded connection limit 0;
create database latin encoding 'LATIN1' template template0;
create database read_only;
alter database read_only set default_transaction_read_only = on;
create database used;
create role lab login password 'made-up';
create role gone login password 'made-up' valid until '2020-01-01';
create role asleep nologin password 'made-up';
"""


@pytest.fixture(scope="module")
def cluster(postgres):
    postgres.sql(*DATABASES.strip().splitlines())
    postgres.sql("create table alembic_version (version_num text)", db="used")
    return postgres


@pytest.fixture
def variables(cluster):
    """The settings that are right; no session and no table may be left when the test has ended."""
    yield settings(**cluster.variables())
    assert cluster.sessions() == []
    assert cluster.sql(r"\dt", db="fractal") == ""


def test_the_right_settings_are_accepted_by_tcp(variables):
    said = ask("postgres", variables)
    assert said.codes == {"FS623"}  # no tables yet
    assert "version 1" in said.facts
    assert "encoding UTF8" in said.facts


def test_the_right_settings_are_accepted_by_socket_directory(variables, cluster):
    said = ask("postgres", variables | {"POSTGRES_HOST": str(cluster.folder)})
    assert said.codes == {"FS623"}


def test_the_schema_is_seen_where_it_is(variables):
    said = ask("postgres", variables | {"POSTGRES_DB": "used"})
    assert said.codes == set()
    assert "schema is there, 1 tables" in said.facts


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        pytest.param("FS603", {"POSTGRES_HOST": "db.no-such-domain.invalid"}, id="no such host"),
        pytest.param("FS603", {"POSTGRES_HOST": "a" * 70 + ".org"}, id="a name DNS cannot hold"),
        pytest.param("FS604", {"POSTGRES_HOST": "/nonexistent"}, id="no such socket directory"),
        pytest.param("FS604", {"POSTGRES_HOST": "/etc/hostname"}, id="a file for a directory"),
        pytest.param("FS605", {"POSTGRES_PORT": "1"}, id="refused"),
        pytest.param("FS608", {"POSTGRES_PASSWORD": ""}, id="an empty password"),
        pytest.param("FS609", {"POSTGRES_PASSWORD": "wrong"}, id="wrong password"),
        pytest.param("FS609", {"POSTGRES_USER": "nobody"}, id="no such user, hidden by scram"),
        pytest.param(
            "FS609", {"POSTGRES_USER": "gone", "POSTGRES_PASSWORD": "made-up"}, id="expired"
        ),
        pytest.param(
            "FS610", {"POSTGRES_USER": "nobody", "POSTGRES_DB": "trusting"}, id="no such user"
        ),
        pytest.param(
            "FS610", {"POSTGRES_USER": "asleep", "POSTGRES_PASSWORD": "made-up"}, id="no login"
        ),
        pytest.param("FS613", {"POSTGRES_DB": "no_rule"}, id="rejected by pg_hba.conf"),
        pytest.param("FS614", {"POSTGRES_DB": "fractal?"}, id="no such database"),
        pytest.param("FS614", {"POSTGRES_DB": 'quo"te C "28P01" '}, id="a name like an answer"),
        pytest.param("FS615", {"POSTGRES_DB": "closed"}, id="takes no connections"),
        pytest.param(
            "FS615",
            {"POSTGRES_USER": "lab", "POSTGRES_PASSWORD": "made-up", "POSTGRES_DB": "locked"},
            id="no privilege to connect",
        ),
        pytest.param(
            "FS616",
            {"POSTGRES_USER": "lab", "POSTGRES_PASSWORD": "made-up", "POSTGRES_DB": "crowded"},
            id="no connection free",
        ),
    ],
)
def test_a_refused_connection_is_told_by_its_cause(variables, code, wrong):
    assert ask("postgres", variables | wrong).codes == {code}


def test_a_missing_password_is_told_from_a_wrong_one(variables):
    del variables["POSTGRES_PASSWORD"]
    found = ask("postgres", variables).problem("FS608")
    assert found.name == "POSTGRES_PASSWORD"


def test_the_systems_user_is_told_from_the_databases_user(variables, cluster):
    wrong = {"POSTGRES_HOST": str(cluster.folder), "POSTGRES_DB": "by_system"}
    assert ask("postgres", variables | wrong).codes == {"FS611"}


def test_a_client_certificate_that_the_settings_cannot_name_is_tls(tls_postgres):
    assert ask("postgres", settings(**tls_postgres.variables("postgres"))).codes == {"FS612"}


def test_a_server_that_speaks_german_is_understood_as_well(german_postgres):
    right = settings(**german_postgres.variables("postgres"))
    wrong = ask("postgres", right | {"POSTGRES_DB": "nirgends"})
    assert wrong.codes == {"FS614"}
    rejected = ask("postgres", right | {"POSTGRES_DB": "no_rule"})
    assert rejected.codes == {"FS613"}
    assert "Verschlüsselung" in rejected.problem("FS613").message


@pytest.mark.parametrize("speaker", ["sshd", "provider"])
def test_a_service_of_another_kind_is_no_postgresql(variables, request, speaker):
    server = request.getfixturevalue(speaker)
    port = str(server.port if speaker == "sshd" else server.url.rsplit(":", 1)[1])
    assert ask("postgres", variables | {"POSTGRES_PORT": port}).codes == {"FS607"}


def test_a_black_hole_gives_no_answer_within_the_limit(variables, black_hole):
    wrong = {"POSTGRES_PORT": str(black_hole)}
    assert ask("postgres", variables | wrong, limit=1).codes == {"FS606"}


def test_a_service_that_waits_to_be_spoken_to_gives_no_answer(variables, redis):
    assert ask("postgres", variables | {"POSTGRES_PORT": str(redis)}, limit=1).codes == {"FS606"}


def test_a_black_hole_behind_a_socket_gives_no_answer(variables, tmp_path):
    folder = Path("/tmp") / tmp_path.name  # a socket's path may not be long
    folder.mkdir()
    try:
        with servers.black_hole(folder):
            wrong = {"POSTGRES_HOST": str(folder), "POSTGRES_PORT": "5432"}
            assert ask("postgres", variables | wrong, limit=1).codes == {"FS606"}
        # The socket is still there, and nobody listens any more.
        assert ask("postgres", variables | wrong, limit=1).codes == {"FS605"}
    finally:
        shutil.rmtree(folder)


def test_a_server_that_stops_takes_no_connections(home):
    with servers.postgres(home / "stopping", password="made-up") as stopping:
        session = subprocess.Popen(
            [
                servers.program("psql"),
                "-h",
                str(stopping.folder),
                "-p",
                str(stopping.port),
                "-U",
                "fractal_user",
            ],
            env={"PGPASSWORD": "made-up", "PGDATABASE": "postgres", "PATH": "/usr/bin:/bin"},
            stdin=subprocess.PIPE,
        )
        servers.until(lambda: stopping.sessions() != [], "psql")
        stopping.process.terminate()  # smart shutdown: waits for the session, takes no other
        time.sleep(0.3)
        assert ask("postgres", settings(**stopping.variables("postgres"))).codes == {"FS617"}
        session.stdin.close()
        session.wait()


def test_a_server_out_of_support_is_too_old(old_postgres):
    said = ask("postgres", settings(**old_postgres.variables("postgres")))
    assert "FS619" in said.codes
    assert "since November 2022" in said.problem("FS619").message


def test_another_encoding_is_told(variables):
    assert "FS620" in ask("postgres", variables | {"POSTGRES_DB": "latin"}).codes


def test_a_read_only_database_is_told(variables):
    assert "FS621" in ask("postgres", variables | {"POSTGRES_DB": "read_only"}).codes


def test_a_user_who_may_not_create_tables_is_told(variables):
    wrong = {"POSTGRES_USER": "lab", "POSTGRES_PASSWORD": "made-up"}
    assert ask("postgres", variables | wrong).codes == {"FS622", "FS623"}


def test_a_user_who_may_not_use_anothers_tables_is_told(variables):
    wrong = {"POSTGRES_USER": "lab", "POSTGRES_PASSWORD": "made-up", "POSTGRES_DB": "used"}
    said = ask("postgres", variables | wrong)
    assert said.codes == {"FS622", "FS624"}
    assert "alembic_version" in said.problem("FS624").message


def test_variables_of_libpq_are_left_out_and_told(variables):
    del variables["POSTGRES_PASSWORD"]
    libpq = {
        "PGPASSWORD": "p@ss:/w?#%rd",
        "PGHOST": "127.0.0.1",
        "PGSERVICE": "none",
        "PGSSLMODE": "require",
    }
    said = ask("postgres", variables | libpq)
    assert said.codes == {"FS608"}
    assert said.notes == {"FS625"}
    assert "PGHOST, PGPASSWORD, PGSERVICE, PGSSLMODE" in said.problem("FS625").message


def test_a_server_that_fails_at_the_first_question_is_told_by_its_words(variables, cluster):
    cluster.sql("create database broken")
    cluster.sql("revoke all on function pg_catalog.pg_is_in_recovery() from public", db="broken")
    wrong = {"POSTGRES_USER": "lab", "POSTGRES_PASSWORD": "made-up", "POSTGRES_DB": "broken"}
    assert ask("postgres", variables | wrong).codes == {"FS618"}


def test_the_problem_stands_at_the_line_of_the_setting(variables, tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.toml").write_text('[default]\nPOSTGRES_PORT = "1"\n')
    del variables["POSTGRES_PORT"]
    found = ask("postgres", variables, tmp_path).problem("FS605")
    assert str(found.origin) == "config/settings.toml:2 [default]"


def test_a_port_that_is_none_is_left_to_check(variables):
    assert ask("postgres", variables | {"POSTGRES_PORT": "0"}) == []


def test_no_database_is_left_to_check(variables):
    del variables["POSTGRES_DB"]
    assert ask("postgres", variables) == []


def test_a_host_whose_queue_is_full_gives_no_answer(variables):
    """A listener that accepts nothing: packets are dropped, as by a firewall."""
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for client in (first, second):
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        wrong = {"POSTGRES_PORT": str(listener.getsockname()[1])}
        assert ask("postgres", variables | wrong, limit=1).codes == {"FS606"}
