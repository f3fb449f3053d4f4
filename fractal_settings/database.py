"""The database URL; the only door to SQLAlchemy, opened when a URL is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .problems import FractalConfigurationError, Problem, problem

if TYPE_CHECKING:
    from sqlalchemy import URL

    from .model import Settings

DRIVER = "postgresql+psycopg"
PARTS = ("POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_HOST", "POSTGRES_PORT", "POSTGRES_DB")
LARGEST_PORT = 65535


def port_number(text: str | None) -> int | None:
    """The port, or None if it is none from 1 to 65535 (D8)."""
    if text is None or len(text) > 64:  # noqa: PLR2004 - int would refuse thousands of digits
        return None
    try:
        number = int(text)
    except ValueError:
        return None
    return number if 1 <= number <= LARGEST_PORT else None


def database_url(settings: Settings) -> URL:
    """The URL made of the POSTGRES_ settings (spec rule 8, D7).

    Raises:
        FractalConfigurationError: POSTGRES_PORT is no integer.
    """
    from sqlalchemy import URL

    host, port = settings.POSTGRES_HOST, settings.POSTGRES_PORT
    try:
        number = int(port) if port is not None else None
    except ValueError:
        number, refused = None, True
    else:
        refused = False
    if refused:
        raise FractalConfigurationError([bad_port(port)])
    socket = host if host is not None and host.startswith("/") else None
    query = {} if socket is None else {"host": socket}
    if socket is not None and number is not None:
        query["port"] = str(number)
    return URL.create(
        DRIVER,
        username=settings.POSTGRES_USER,
        password=settings.POSTGRES_PASSWORD,
        host=None if socket is not None else host,
        port=None if socket is not None else number,
        database=settings.POSTGRES_DB,
        query=query,
    )


def bad_port(port: object) -> Problem:
    """The problem of a port that is none."""
    from .located import shown

    return problem(
        "FS309",
        f"POSTGRES_PORT is {shown('POSTGRES_PORT', port)}, not a port",
        name="POSTGRES_PORT",
        expected=f"an integer from 1 to {LARGEST_PORT}",
        hint='POSTGRES_PORT = "5432"',
    )
