"""FS602 to FS625: PostgreSQL."""

from __future__ import annotations

from ...problems import Severity
from ..entry import COMPLETE, Entry, Example

_ONLY = ("doctor", "--only", "postgres")
_NEEDS = "a PostgreSQL that takes connections as in the example"


def _entry(
    code: str,
    title: str,
    meaning: str,
    fix: str,
    severity: Severity = Severity.ERROR,
    *,
    needs: str = _NEEDS,
    **broken: str,
) -> Entry:
    right = {
        "POSTGRES_HOST": "127.0.0.1",
        "POSTGRES_USER": "fractal",
        "POSTGRES_PASSWORD": "made-up",
    }
    wrong = Example({}, {**COMPLETE, **right, **broken}, _ONLY, needs)
    return Entry(
        code,
        title,
        severity,
        meaning,
        fix,
        wrong,
        Example({}, {**COMPLETE, **right}, _ONLY, _NEEDS),
    )


ENTRIES: tuple[Entry, ...] = (
    _entry(
        "FS602",
        "The driver of PostgreSQL is missing",
        "The driver, psycopg, is an extra of this package, because only `doctor` needs it. Without "
        "it nothing is known of the database. It may also be that psycopg is installed and the "
        "library libpq is not.",
        "`pip install 'fractal-settings[doctor]'`",
        Severity.WARNING,
        needs="an installation without the extra `doctor`",
    ),
    _entry(
        "FS603",
        "The name of the PostgreSQL host has no address",
        "The resolver of this machine knows no address for POSTGRES_HOST, or did not answer in "
        "time. The server starts all the same, and fails at the first request.",
        "Mend the name, or the resolver. A path that starts with `/` is taken for the directory of "
        "a UNIX socket.",
        needs="",
        POSTGRES_HOST="db.no-such-domain.invalid",
    ),
    _entry(
        "FS604",
        "No PostgreSQL socket in the directory",
        "POSTGRES_HOST starts with `/`, so it is the directory of a UNIX socket. It holds no "
        "socket of the port in POSTGRES_PORT: the server is down, listens elsewhere, or has "
        "another port, which is part of the socket's name.",
        "Ask the server: `SHOW unix_socket_directories; SHOW port;`.",
        needs="",
        POSTGRES_HOST="/nonexistent",
    ),
    _entry(
        "FS605",
        "Nothing takes connections at PostgreSQL's address",
        "The host is there, and nothing listens at the port, or no way leads there.",
        "Start PostgreSQL, let it listen on that address (`listen_addresses`), or mend "
        "POSTGRES_HOST and POSTGRES_PORT.",
        needs="",
        POSTGRES_PORT="1",
    ),
    _entry(
        "FS606",
        "PostgreSQL gives no answer",
        "Nothing came back within the time limit. A firewall that drops packets does that, and so "
        "does a service of another kind that waits to be spoken to.",
        "Look for a firewall on the way, and for what listens at that port. `--timeout` gives a "
        "slow server more time.",
        needs="something that accepts connections and says nothing",
        POSTGRES_PORT="5433",
    ),
    _entry(
        "FS607",
        "Not a PostgreSQL",
        "Something answers at POSTGRES_HOST and POSTGRES_PORT, in words that PostgreSQL does not "
        "use.",
        "Mend POSTGRES_PORT; 5432 is PostgreSQL's own.",
        needs="a service of another kind",
        POSTGRES_PORT="22",
    ),
    _entry(
        "FS608",
        "PostgreSQL wants a password",
        "The server asks for a password, and none is set, or an empty one.",
        "Set POSTGRES_PASSWORD: in `.secrets.toml`, as a variable, or as a secret file.",
        POSTGRES_PASSWORD="",
    ),
    _entry(
        "FS609",
        "PostgreSQL refuses the password",
        "The password is wrong, or has expired, or there is no such user: the server says on "
        "purpose not which.",
        "Mend POSTGRES_PASSWORD or POSTGRES_USER, or set the password anew with psql's "
        "`\\password`.",
        POSTGRES_PASSWORD="another",  # noqa: S106 - made up
    ),
    _entry(
        "FS610",
        "PostgreSQL has no such user",
        "The server asks for no password here, and has no role of that name, or one that may not "
        "log in.",
        "`createuser --login --pwprompt NAME`, or mend POSTGRES_USER.",
        POSTGRES_USER="nobody-knows-me",
    ),
    _entry(
        "FS611",
        "PostgreSQL takes another user of the system",
        "A rule in pg_hba.conf (peer or ident) asks the system who is calling, and that is not the "
        "user in POSTGRES_USER.",
        "Run the server as that user of the system, or let the rule ask for a password "
        "(scram-sha-256).",
        POSTGRES_HOST="/var/run/postgresql",
    ),
    _entry(
        "FS612",
        "PostgreSQL wants TLS, and it fails",
        "A rule in pg_hba.conf asks for TLS. TLS was tried, and came to nothing: most often the "
        "rule asks for a client certificate, which the server's settings cannot name.",
        "Let the rule take passwords over TLS without `clientcert`, or mend TLS at the server.",
    ),
    _entry(
        "FS613",
        "No rule of PostgreSQL lets this user in",
        "pg_hba.conf has no rule for this user, database and address, or one that rejects them. A "
        "rule that begins with `hostssl` counts only if the server offers TLS.",
        "Add a rule to pg_hba.conf and reload: `SELECT pg_reload_conf();`.",
    ),
    _entry(
        "FS614",
        "The database does not exist",
        "The user is let in, and there is no database of the name in POSTGRES_DB.",
        "`createdb --owner USER NAME`, or mend POSTGRES_DB.",
        POSTGRES_DB="fractal-typo",
    ),
    _entry(
        "FS615",
        "The user may not connect to the database",
        "The database is there. The user lacks the privilege CONNECT on it, or it takes no "
        "connections at all.",
        '`GRANT CONNECT ON DATABASE "NAME" TO "USER";`',
    ),
    _entry(
        "FS616",
        "PostgreSQL has no connection free",
        "The server, the database or the user is at its limit of connections. Fractal Server "
        "itself keeps several open.",
        "Raise `max_connections` or the `CONNECTION LIMIT`, or find who holds the connections: "
        "`SELECT * FROM pg_stat_activity;`.",
    ),
    _entry(
        "FS617",
        "PostgreSQL takes no connections yet",
        "The server is starting, stopping or recovering.",
        "Wait, and look at its log.",
    ),
    _entry(
        "FS618",
        "PostgreSQL refuses for another reason",
        "The server refused the connection or a question for a reason that has no code here; its "
        "own words are in the message.",
        "Look at the server's log.",
    ),
    _entry(
        "FS619",
        "PostgreSQL is too old",
        "Each major version is mended for five years. This one is beyond that: its flaws, also "
        "those of security, stay.",
        "Move to a version that is maintained, with `pg_upgrade` or `pg_dump`.",
        Severity.WARNING,
    ),
    _entry(
        "FS620",
        "The database is not in UTF-8",
        "Names of data sets and users hold characters that another encoding cannot, or stores "
        "without checking (SQL_ASCII). They fail or come back broken.",
        "Make the database anew with `--encoding UTF8 --template template0`.",
        Severity.WARNING,
    ),
    _entry(
        "FS621",
        "PostgreSQL is read-only",
        "The server is a standby, or its transactions are read-only by default. Fractal Server "
        "writes at every step.",
        "Set POSTGRES_HOST to the primary, or reset `default_transaction_read_only`.",
    ),
    _entry(
        "FS622",
        "The user may not create tables",
        "`fractalctl set-db` makes the tables, and changes them with each new version of Fractal "
        "Server. Since PostgreSQL 15 only the owner of a database may do so in its schema public.",
        '`GRANT CREATE ON SCHEMA public TO "USER";`, or make the user the owner of the database.',
    ),
    _entry(
        "FS623",
        "The tables are not there yet",
        "The database is fine, and holds no tables of Fractal Server. The server starts all the "
        "same, and fails at the first login.",
        "`fractalctl set-db`, with these settings: `fractal-settings run --env E -- fractalctl "
        "set-db`.",
        Severity.WARNING,
    ),
    _entry(
        "FS624",
        "The user may not use all tables",
        "Tables are there, and the user may not read or not write some of them: most often "
        "another user made them.",
        '`GRANT ALL ON ALL TABLES IN SCHEMA public TO "USER";`, or give the tables to the user.',
    ),
    _entry(
        "FS625",
        "Variables of libpq are set",
        "libpq fills what a URL leaves open from variables such as PGPASSWORD or PGHOST. The probe "
        "leaves them out, because the settings must stand on their own: the server may be "
        "started without these variables.",
        "Write the values as POSTGRES_ settings, and unset the variables.",
        Severity.NOTE,
        PGPASSWORD="made-up",
    ),
)
