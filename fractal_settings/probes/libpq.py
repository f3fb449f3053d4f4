"""libpq: a connection, or exactly why there is none."""

from __future__ import annotations

import contextlib
import os
import re
import select
import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn

_MOST_TRACED = 65536
_VARIABLES = re.compile(r"PG[A-Z]+\Z")
_TRACED_ERROR = re.compile(
    r'^B\t\d+\tErrorResponse\t(?: [SV] "[^"]*")* C "(?P<state>.{5})"'
    r'(?:.* R "(?P<routine>\w*)" \\x00$)?',
    re.MULTILINE,
)


class Failure(NamedTuple):
    """Why no connection was made.

    Attributes:
        state: SQLSTATE of the server's refusal, or empty if it gave none.
        routine: the function in the server that refused; unlike the text, it is in no language.
        text: what libpq says.
        needs_password: whether the server asked for a password that was not given.
        answered_tls: whether the server offered TLS.
        refusals: how many there were: libpq tries again without TLS.
    """

    state: str
    routine: str
    text: str
    needs_password: bool
    answered_tls: bool
    refusals: int


def leave_variables_out() -> list[str]:
    """Take libpq's variables out of this process, so that only the URL counts; their names."""
    found = sorted(name for name in os.environ if _VARIABLES.match(name))
    for name in found:
        del os.environ[name]
    return found


def connect(conninfo: bytes) -> tuple[PGconn, Failure | None]:
    """Connect; libpq tells no SQLSTATE of a refused connection, but its trace does."""
    from psycopg import NotSupportedError
    from psycopg.pq import ConnStatus, PGconn, PollingStatus, Trace

    connection = PGconn.connect_start(conninfo)
    reader, writer = os.pipe()
    if sys.platform == "linux":  # where psycopg can trace
        with contextlib.suppress(NotSupportedError):  # a libpq before 14
            connection.trace(writer)
            connection.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)
    failed = connection.status == ConnStatus.BAD
    status: int = PollingStatus.FAILED if failed else PollingStatus.WRITING
    while status in (PollingStatus.READING, PollingStatus.WRITING):
        ready = select.poll()
        ready.register(
            connection.socket, select.POLLIN if status == PollingStatus.READING else select.POLLOUT
        )
        ready.poll()
        status = connection.connect_poll()
    connection.untrace()
    if status == PollingStatus.OK:
        return connection, None
    os.set_blocking(reader, False)
    trace = ""
    with contextlib.suppress(BlockingIOError):  # nothing was exchanged
        trace = os.read(reader, _MOST_TRACED).decode("utf-8", "replace")
    errors = list(_TRACED_ERROR.finditer(trace))
    last = errors[-1] if errors else None
    return connection, Failure(
        state=last["state"] if last else "",
        routine=(last["routine"] or "") if last else "",
        text=connection.error_message.decode("utf-8", "replace"),
        needs_password=connection.needs_password,
        answered_tls="\tSSLResponse\t S" in trace,
        refusals=len(errors),
    )
