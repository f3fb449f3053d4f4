"""PostgreSQL, by the very URL with which the server connects."""

from __future__ import annotations

import re
import shlex
import socket
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..checks.facts import run
from ..database import PARTS, database_url
from ..problems import Problem, errors, problem
from ..redact import printable
from .libpq import Failure, connect, leave_variables_out
from .probe import Fact, Finding, Probe, Scene, Waiting, ask_resolver, quote, resolve

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn

_DEFAULT_PORT = 5432
_SOCKET_DIRECTORY = "/var/run/postgresql"
# Each line of the answer is one fact; nothing is written and no lock is taken that hinders.
_QUESTION = b"""
select current_setting('server_version'),
    current_setting('server_version_num')::int / 10000,
    current_setting('server_encoding'),
    (pg_is_in_recovery() or current_setting('transaction_read_only')::bool)::int,
    coalesce(current_schema(), ''),
    coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)::int,
    (to_regclass('alembic_version') is not null)::int,
    (select count(*) from pg_class
        where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')),
    (select string_agg(relname, ', ' order by relname) from pg_class
        where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')
        and not (has_table_privilege(oid, 'SELECT') and has_table_privilege(oid, 'INSERT')
            and has_table_privilege(oid, 'UPDATE') and has_table_privilege(oid, 'DELETE')))
"""


class _Target(NamedTuple):
    host: str
    port: int
    user: str
    database: str

    @property
    def place(self) -> str:
        if self.host.startswith("/"):
            return f"{printable(self.host)}/.s.PGSQL.{self.port}"
        return f"{printable(self.host)}:{self.port}"


def probes(scene: Scene) -> list[Probe]:
    """One probe, if the settings make a URL."""
    from ..checks.server import DATABASE

    known = all(part in scene.facts.values for part in PARTS)
    if not known or errors(run(DATABASE, scene.facts)):
        return []
    return [Probe("PostgreSQL", partial(_look, scene))]


def _arguments(scene: Scene) -> dict[str, str | int]:
    """What the server's own URL becomes for the driver."""
    from ..model import Settings

    parts = {part: scene.facts.values[part] for part in PARTS}
    url = database_url(Settings.model_construct(**parts))  # type: ignore[arg-type]
    _, arguments = url.get_dialect()().create_connect_args(url)
    return dict(arguments)


def _look(scene: Scene) -> Iterator[Finding]:
    left_out = leave_variables_out()
    if left_out:
        yield problem(
            "FS625",
            f"libpq's own variables are set, and the probe left them out: {', '.join(left_out)}",
            hint="unset them where the server starts, and write their values as POSTGRES_ settings",
        )
    arguments = _arguments(scene)
    target = _Target(
        str(arguments.get("host") or _SOCKET_DIRECTORY),
        int(arguments.get("port") or _DEFAULT_PORT),
        str(arguments.get("user", "")),
        str(arguments.get("dbname", "")),
    )
    try:
        import psycopg.pq
    except ImportError as error:
        yield problem(
            "FS602",
            f"PostgreSQL was not probed: its driver cannot be imported ({quote(str(error))})",
            hint="pip install 'fractal-settings[doctor]'",
        )
        return
    if not (yield from _is_somewhere(target)):
        return
    yield Waiting(
        problem(
            "FS606",
            f"PostgreSQL: {target.place} gives no answer within {scene.limit:g} s",
            name="POSTGRES_HOST",
            hint="look for a firewall on the way, or another service on that port",
        )
    )
    connection, failure = connect(psycopg.conninfo.make_conninfo("", **arguments).encode())
    if failure:
        yield _refusal(failure, target)
        return
    yield from _questions(connection, target, scene)
    connection.finish()


def _is_somewhere(target: _Target) -> Generator[Finding, None, bool]:
    """Whether the host has an address, or the directory a socket."""
    if target.host.startswith("/"):
        return (yield from _socket_is_there(target))
    if "," in target.host:  # several, which libpq tries in turn
        return True
    unresolved = problem(
        "FS603",
        f"PostgreSQL: no address is known for the name {printable(target.host)}",
        name="POSTGRES_HOST",
        hint=ask_resolver(target.host),
    )
    return (yield from resolve(target.host, target.port, unresolved))


def _socket_is_there(target: _Target) -> Generator[Finding, None, bool]:
    try:
        if Path(target.place).is_socket():
            return True
        reason = "there is no such socket"
    except OSError as error:
        reason = (error.strerror or "it cannot be looked at").lower()
    yield problem(
        "FS604",
        f"PostgreSQL: no server listens at {target.place}: {reason}",
        name="POSTGRES_HOST",
        hint="psql -c 'show unix_socket_directories'   # tells where it listens",
    )
    return False


def _refusal(failure: Failure, target: _Target) -> Problem:
    user, database = printable(target.user), printable(target.database)
    said = quote(failure.text.rsplit("FATAL:", 1)[-1])
    if failure.needs_password:
        return problem(
            "FS608",
            f"PostgreSQL: {target.place} wants a password for {user}, and none is set",
            name="POSTGRES_PASSWORD",
            hint="set POSTGRES_PASSWORD, in .secrets.toml or as a variable",
        )
    match failure.state, failure.routine:
        case "28P01", _:
            return problem(
                "FS609",
                f"PostgreSQL: {target.place} refuses the password of {user} (or has no such user)",
                name="POSTGRES_PASSWORD",
                hint=f"in psql, as a superuser: \\password {user}",
            )
        case "28000", "InitializeSessionUserId":
            return problem(
                "FS610",
                f"PostgreSQL: {target.place} lets no user {user} in: {said}",
                name="POSTGRES_USER",
                hint=f"createuser --login --pwprompt {shlex.quote(user)}",
            )
        case "28000", "auth_failed":
            return problem(
                "FS611",
                f"PostgreSQL: {target.place} takes {user} by the name of the system's user: {said}",
                name="POSTGRES_USER",
                hint="run the server as that user, or change peer or ident in pg_hba.conf",
            )
        case "28000", _:
            return _refused_by_rule(failure, target, said)
        case "3D000", _:
            return problem(
                "FS614",
                f"PostgreSQL: {target.place} has no database {database}",
                name="POSTGRES_DB",
                hint=f"createdb --owner {shlex.quote(user)} {shlex.quote(database)}",
            )
        case (("42501" | "55000"), _):
            return problem(
                "FS615",
                f"PostgreSQL: {user} may not connect to the database {database}: {said}",
                name="POSTGRES_DB",
                hint=f'GRANT CONNECT ON DATABASE "{database}" TO "{user}";',
            )
        case "53300", _:
            return problem(
                "FS616",
                f"PostgreSQL: {target.place} has no connection free: {said}",
                name="POSTGRES_HOST",
                hint="SHOW max_connections; and the CONNECTION LIMIT of user and database",
            )
        case "57P03", _:
            return problem(
                "FS617",
                f"PostgreSQL: {target.place} is there, and takes no connections: {said}",
                name="POSTGRES_HOST",
                hint="wait until it has started, and look at its log",
            )
    return _unreached(failure, target, said)


def _refused_by_rule(failure: Failure, target: _Target, said: str) -> Problem:
    # Offered TLS, failed in it, and refused without: a rule in pg_hba.conf wants TLS.
    handshake_failed = failure.answered_tls and failure.refusals == 1
    if handshake_failed or re.search(r"ertifi[ck]", failure.text):
        return problem(
            "FS612",
            f"PostgreSQL: {target.place} wants TLS, and TLS with it fails: {said}",
            name="POSTGRES_HOST",
            hint="hostssl in pg_hba.conf: allow password logins without a client certificate",
        )
    return problem(
        "FS613",
        f"PostgreSQL: no rule lets {printable(target.user)} in from here: {said}",
        name="POSTGRES_HOST",
        hint=f"pg_hba.conf: host {printable(target.database)} {printable(target.user)} "
        "ADDRESS/32 scram-sha-256",
    )


def _unreached(failure: Failure, target: _Target, said: str) -> Problem:
    if failure.state:
        return problem(
            "FS618",
            f"PostgreSQL: {target.place} refuses the connection ({failure.state}): {said}",
            name="POSTGRES_HOST",
            hint="look at the server's log",
        )
    reason = _knock(target)
    if reason:
        return problem(
            "FS605",
            f"PostgreSQL: nothing takes connections at {target.place}: {reason}",
            name="POSTGRES_PORT",
            hint="start it, or set POSTGRES_HOST and POSTGRES_PORT to where it listens",
        )
    return problem(
        "FS607",
        f"PostgreSQL: what answers at {target.place} is no PostgreSQL: {said}",
        name="POSTGRES_PORT",
        hint="set POSTGRES_PORT to PostgreSQL's port, most often 5432",
    )


def _knock(target: _Target) -> str:
    """Why no connection is made to the place; empty if one is."""
    try:
        if target.host.startswith("/"):
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(target.place)
        else:
            socket.create_connection((target.host, target.port)).close()
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return ""


def _questions(connection: PGconn, target: _Target, scene: Scene) -> Iterator[Finding]:
    from psycopg.pq import ExecStatus

    result = connection.exec_(_QUESTION)
    if result.status != ExecStatus.TUPLES_OK:
        yield problem(
            "FS618",
            "PostgreSQL: a question to its catalogue fails: "
            f"{quote(result.error_message.decode('utf-8', 'replace'))}",
            name="POSTGRES_HOST",
            hint="look at the server's log",
        )
        return
    row = [(result.get_value(0, column) or b"").decode("utf-8", "replace") for column in range(9)]
    version, major, encoding, read_only, schema, may_create, has_tables, tables, closed = row
    user, database = printable(target.user), printable(target.database)
    yield Fact(f"{target.place}, version {version}, encoding {encoding}")
    yield from _age(version, int(major), scene)
    if encoding != "UTF8":
        yield problem(
            "FS620",
            f"PostgreSQL: the database {database} has encoding {encoding}, not UTF8",
            name="POSTGRES_DB",
            hint=f"createdb --encoding UTF8 --template template0 {shlex.quote(database)}",
        )
    if int(read_only):
        yield problem(
            "FS621",
            f"PostgreSQL: {target.place} is read-only, a standby or set so for {user}",
            name="POSTGRES_HOST",
            hint="set POSTGRES_HOST to the primary, or reset default_transaction_read_only",
        )
    if not int(may_create):
        yield problem(
            "FS622",
            f"PostgreSQL: {user} may not create tables in "
            + (f"the schema {printable(schema)}" if schema else "any schema of its search_path"),
            name="POSTGRES_USER",
            hint=f'GRANT CREATE ON SCHEMA {schema or "public"} TO "{user}";',
        )
    if not int(has_tables):
        yield problem(
            "FS623",
            f"PostgreSQL: the database {database} has no tables of Fractal Server yet",
            name="POSTGRES_DB",
            hint="fractal-settings run --env E -- fractalctl set-db",
        )
        return
    yield Fact(f"schema is there, {tables} tables")
    if closed:
        yield problem(
            "FS624",
            f"PostgreSQL: {user} may not read and write every table: {quote(closed)}",
            name="POSTGRES_USER",
            hint=f'GRANT ALL ON ALL TABLES IN SCHEMA {printable(schema)} TO "{user}";',
        )


def _age(version: str, major: int, scene: Scene) -> Iterator[Finding]:
    """PostgreSQL N came in the autumn of 2007 + N (from 10 on), and is mended for five years."""
    today = datetime.fromtimestamp(scene.clock(), UTC)
    last_year = 2012 + major
    if (today.year, today.month) > (last_year, 11):
        yield problem(
            "FS619",
            f"PostgreSQL {version} is too old: it has had no fixes since November {last_year}",
            name="POSTGRES_HOST",
            hint="pg_upgrade to a version that is maintained",
        )
