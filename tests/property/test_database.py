"""The URL survives being written and read back, and its text hides the password."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import make_url

from fractal_settings import FractalConfigurationError, Settings

text = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)
host = st.one_of(
    st.from_regex(r"[a-z0-9.-]{1,12}", fullmatch=True),
    st.sampled_from(["::1", "/var/run/postgresql", "/a b?&=%/é", "/", "127.0.0.1"]),
    text.map(lambda name: f"/{name}"),
)


def settings(**parts):
    return Settings(
        FRACTAL_TASKS_PYTHON_DEFAULT_VERSION="3.11",
        FRACTAL_TASKS_PYTHON_3_11="/usr/bin/python3.11",
        **{f"POSTGRES_{name}": value for name, value in parts.items()},
    )


@given(text, text, host, st.integers(1, 65535), text)
def test_a_url_survives_being_written_and_read_back(user, password, host, port, database):
    made = settings(USER=user, PASSWORD=password, HOST=host, PORT=str(port), DB=database)
    url = made.DATABASE_ASYNC_URL
    assert make_url(url.render_as_string(hide_password=False)) == url
    assert url == made.DATABASE_SYNC_URL
    assert (url.username, url.password) == (user, password)
    assert url.database == database or url.query["dbname"] == database
    assert url.host == host or url.query["host"] == host


@given(text.filter(lambda password: len(password) > 3))
def test_the_text_of_a_url_hides_the_password(password):
    shown = str(settings(USER="u", PASSWORD=f"canary{password}").DATABASE_SYNC_URL)
    assert "canary" not in shown
    assert "canary" not in repr(settings(USER="u", PASSWORD=f"canary{password}").DATABASE_SYNC_URL)


def test_a_socket_directory_keeps_its_port():
    url = settings(HOST="/run/postgresql", PORT="5433", DB="fractal").DATABASE_SYNC_URL
    assert (url.host, url.query) == (None, {"host": "/run/postgresql", "port": "5433"})


@pytest.mark.parametrize("port", ["abc", "", "5432.0", "9" * 5000])
def test_a_port_that_is_no_integer_is_refused_where_the_url_is_asked_for(port):
    with pytest.raises(FractalConfigurationError) as caught:
        _ = settings(PORT=port).DATABASE_ASYNC_URL
    assert [(each.code, each.name) for each in caught.value.problems] == [
        ("FS309", "POSTGRES_PORT")
    ]
    assert caught.value.__context__ is None


@pytest.mark.parametrize("port", ["0", "-1", "65536", "99999", "abc", "", "9" * 5000])
def test_a_port_that_is_none_is_found_by_check_db(port):
    with pytest.raises(FractalConfigurationError, match="POSTGRES_PORT"):
        settings(PORT=port, DB="fractal").check_db()


@pytest.mark.parametrize("port", ["1", "5432", " 5432 ", "65535", 5432])
def test_a_port_that_is_one_is_accepted(port):
    settings(PORT=port, DB="fractal").check_db()
