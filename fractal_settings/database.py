"""The database URL; the only door to SQLAlchemy, opened when a URL is asked for."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from .problems import FractalConfigurationError, Problem, problem
from .redact import is_secret

if TYPE_CHECKING:
    from sqlalchemy import URL

    from .model import Settings
    from .origins import Origin

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
    """The URL made of the POSTGRES_ settings (spec rule 8).

    What SQLAlchemy could not read back from the text of the URL stands in the query, where it
    survives (D7): a socket directory as host; a database with `?`, before SQLAlchemy 2.1.

    Raises:
        FractalConfigurationError: POSTGRES_PORT is no integer.
    """
    from sqlalchemy import URL, make_url

    number = _integer(settings.POSTGRES_PORT)
    url = URL.create(
        DRIVER,
        username=settings.POSTGRES_USER,
        password=settings.POSTGRES_PASSWORD,
        host=settings.POSTGRES_HOST,
        port=number,
        database=settings.POSTGRES_DB,
    )
    if url.host is not None and ("/" in url.host or "?" in url.host):
        port = {} if number is None else {"port": str(number)}
        query = {"host": url.host, **port}
        url = URL.create(DRIVER, url.username, url.password, database=url.database, query=query)
    database = url.database
    if database and "?" in database:
        with suppress(UnicodeEncodeError):  # then it has no text at all: FS221 says why
            read = make_url(url.render_as_string(hide_password=False)).database
            if read != database:
                url = url.set(database="").update_query_dict({"dbname": database})
    return url


def _integer(port: str | None) -> int | None:
    if port is None:
        return None
    try:
        return int(port)
    except ValueError:
        problem = bad_port(port)
    raise FractalConfigurationError([problem])


def bad_bytes(name: str, text: str) -> Problem:
    """The problem of a part that no URL can carry (D14)."""
    from .located import shown

    what = "" if is_secret(name) else f": {shown(name, text)}"
    return problem(
        "FS221",
        f"{name} holds bytes that are not UTF-8, which no URL can carry{what}",
        name=name,
        hint="write it in UTF-8",
    )


def bad_port(port: object, origin: Origin | None = None) -> Problem:
    """The problem of a port that is none."""
    from .located import assign, shown

    return problem(
        "FS309",
        f"POSTGRES_PORT is {shown('POSTGRES_PORT', port)}, not a port",
        name="POSTGRES_PORT",
        expected=f"an integer from 1 to {LARGEST_PORT}",
        hint=assign(origin, "POSTGRES_PORT", "5432"),
    )
