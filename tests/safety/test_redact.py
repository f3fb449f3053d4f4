"""What is redacted in a value that is no secret: the passwords of URLs."""

import time

import pytest

from fractal_settings import resolve
from fractal_settings.redact import redacted

PYTHON = ("3.11", "/usr/bin/python3.11")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("postgresql://u:canary@h/db", "postgresql://u:***@h/db"),
        ("postgresql://:canary@h/db", "postgresql://:***@h/db"),
        ("postgresql://u:can%40ary@h", "postgresql://u:***@h"),
        ("postgresql://u:can/a?r#y@x@h", "postgresql://u:***@h"),
        ("postgresql://u:can ary@h", "postgresql://u:***@h"),
        ("redis://a:canary@h,redis://b:canary@i", "redis://a:***@i"),
        ("/login?next=https%3A%2F%2Fu%3Acanary%40h%2F", "/login?next=https%3A%2F%2Fu%3A***%40h%2F"),
        ("/login?next=https%3a%2f%2fu%3acanary%40h", "/login?next=https%3a%2f%2fu%3a***%40h"),
        ("postgresql:///db?user=u&password=canary&x=1", "postgresql:///db?user=u&password=***&x=1"),
        ("https://h/?access_token=canary", "https://h/?access_token=***"),
        ("host=h password='can ary' dbname=d", "host=h password=*** dbname=d"),
    ],
)
def test_the_password_of_a_url_is_redacted_however_it_is_written(value, shown):
    assert redacted("POSTGRES_HOST", value) == shown


@pytest.mark.parametrize(
    "value",
    [
        "http://localhost:8000/auth/callback?login_hint=me@example.org",
        "https://idp.example.org:8443",
        "https://me@idp.example.org/",
        "metadata=tokens; a:b@c",
    ],
)
def test_what_is_no_password_stays(value):
    assert redacted("OAUTH_X_REDIRECT_URL", value) == value


@pytest.mark.parametrize(
    "value",
    ["@" + "://a:" * 200_000, "password=" * 100_000, "password='" * 100_000, "%3A%2F%2F" * 100_000],
)
def test_a_long_value_is_looked_through_in_no_time(value):
    began = time.process_time()
    redacted("POSTGRES_HOST", value)
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "name", ["JWT_EXPIRE_SECONDS", "POSTGRES_PORT", "DB_ECHO", "POSTGRES_HOST", "OAUTH_A_CLIENT_ID"]
)
@pytest.mark.parametrize("place", ["override", "file"])
def test_an_integer_too_long_to_be_written_is_refused(name, place, tmp_path):
    overrides = {name: 16**5000} if place == "override" else {}
    if place == "file":
        (tmp_path / "config").mkdir()
        text = f"[default]\n{name} = 0x1{'0' * 5000}\n"
        (tmp_path / "config" / "settings.toml").write_text(text)
    resolved = resolve(environ={}, cwd=tmp_path, overrides=overrides, server_python=PYTHON)
    refused = [each for each in resolved.problems if each.name == name]
    assert [each.code[:3] for each in refused][:1] == ["FS2"]
    assert resolved.history(name)
