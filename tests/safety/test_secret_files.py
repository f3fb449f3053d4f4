"""Secrets as files: systemd's credentials, mounted folders, and `<SECRET>_FILE`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fractal_settings import Settings, load, resolve
from fractal_settings.catalogue.entry import COMPLETE
from fractal_settings.loading import Resolved
from fractal_settings.problems import errors

BASE = {name: value for name, value in COMPLETE.items() if name != "JWT_SECRET_KEY"}
FOLDERS = ["CREDENTIALS_DIRECTORY", "FRACTAL_SECRETS_DIR"]


def loaded(cwd: Path, **environ: str) -> Settings:
    return load(environ=BASE | environ, cwd=cwd)


def resolved(cwd: Path, **environ: str) -> Resolved:
    return resolve(environ=BASE | environ, cwd=cwd)


def codes(cwd: Path, **environ: str) -> list[str]:
    return [each.code for each in resolved(cwd, **environ).problems]


def write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"made-up", "made-up"),
        (b"made-up\n", "made-up"),
        (b"made-up\n\n", "made-up\n"),
        (b"made-up\r\n", "made-up"),
        (b" made-up \n", " made-up "),
        (b"\n", ""),
        (b"", ""),
        (b"a\nb", "a\nb"),
        (b"a=${PATH} #x\n", "a=${PATH} #x"),
        (b"\xff\n", "\udcff"),
        ("\ufeffä\n".encode(), "\ufeffä"),
    ],
)
@pytest.mark.parametrize("place", [*FOLDERS, "POSTGRES_PASSWORD_FILE"])
def test_one_newline_at_the_end_is_dropped_and_nothing_else_is_touched(
    place, content, value, tmp_path
):
    write(tmp_path / "run" / "POSTGRES_PASSWORD", content)
    path = "run/POSTGRES_PASSWORD" if place.endswith("_FILE") else "run"
    assert resolved(tmp_path, **{place: path}).values["POSTGRES_PASSWORD"] == value
    assert resolved(tmp_path, **{place: str(tmp_path / path)}).values["POSTGRES_PASSWORD"] == value


@pytest.mark.parametrize(("value", "path"), [("a", "jwt"), ("", "jwt"), ("a", ""), ("", "")])
def test_a_secret_given_as_variable_and_as_file_is_refused_even_if_empty(value, path, tmp_path):
    write(tmp_path / "jwt", "made-up")
    both = {"JWT_SECRET_KEY": value, "JWT_SECRET_KEY_FILE": path}
    assert [each.code for each in errors(resolved(tmp_path, **both).problems)] == ["FS125"]

    client = {"OAUTH_GITHUB_CLIENT_ID": "id", "OAUTH_GITHUB_CLIENT_SECRET": value}
    both = {**client, "OAUTH_GITHUB_CLIENT_SECRET_FILE": path}
    assert [each.code for each in errors(resolved(tmp_path, **both).problems)] == ["FS125"]


def test_a_variable_of_a_file_that_cannot_be_read_is_refused(tmp_path):
    assert codes(tmp_path, JWT_SECRET_KEY_FILE="") == ["FS102"]
    assert codes(tmp_path, JWT_SECRET_KEY_FILE="nowhere") == ["FS102"]
    assert codes(tmp_path, JWT_SECRET_KEY_FILE="a\0b") == ["FS102"]
    assert codes(tmp_path, JWT_SECRET_KEY_FILE=".") == ["FS103"]
    assert codes(tmp_path, JWT_SECRET_KEY_FILE="x" * 5000) == ["FS102"]


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_holds_any_setting_under_its_exact_name(folder, tmp_path):
    write(tmp_path / "run" / "JWT_SECRET_KEY", "made-up\n")
    write(tmp_path / "run" / "POSTGRES_PORT", "6543\n")
    write(tmp_path / "run" / "DB_ECHO", "true\n")
    write(tmp_path / "run" / "OAUTH_GITHUB_CLIENT_ID", "id\n")
    write(tmp_path / "run" / "OAUTH_GITHUB_CLIENT_SECRET", "made-up\n")
    settings = loaded(tmp_path, **{folder: "run"})
    assert (settings.JWT_SECRET_KEY, settings.POSTGRES_PORT) == ("made-up", "6543")
    assert settings.DB_ECHO is True
    (client,) = settings.OAUTH_CLIENTS_CONFIG
    assert (client.CLIENT_ID, client.CLIENT_SECRET) == ("id", "made-up")


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("jwt_secret_key", ["FS127"]),
        ("JWT_SECRET_KEYS", ["FS127"]),
        ("jwt-secret-key.txt", ["FS127"]),
        ("tls.crt", []),
        (".JWT_SECRET_KEY", []),
        ("README", []),
        ("..data", []),
        ("FRACTAL_ENV", []),
    ],
)
def test_another_file_is_passed_over_with_a_note_for_a_near_miss(folder, name, expected, tmp_path):
    write(tmp_path / "run" / name, "made-up\n")
    os.mkfifo(tmp_path / "run" / "another")  # not even looked at
    problems = resolved(tmp_path, **{folder: "run"}).problems
    assert [each.code for each in problems] == expected
    assert {str(each.severity) for each in problems} <= {"note"}


def test_each_folder_overrides_what_stands_below_it_and_not_what_stands_above(tmp_path):
    for folder in ("credentials", "mounted"):
        for name in ("JWT_SECRET_KEY", "POSTGRES_PASSWORD", "POSTGRES_USER"):
            write(tmp_path / folder / name, folder)
    (tmp_path / "mounted" / "POSTGRES_USER").unlink()
    write(tmp_path / ".fractal_server.env", "POSTGRES_USER=dotenv\nPOSTGRES_HOST=dotenv\n")
    settings = loaded(
        tmp_path,
        CREDENTIALS_DIRECTORY="credentials",
        FRACTAL_SECRETS_DIR="mounted",
        JWT_SECRET_KEY="variable",
    )
    assert settings.JWT_SECRET_KEY == "variable"
    assert settings.POSTGRES_PASSWORD == "mounted"
    assert settings.POSTGRES_USER == "credentials"
    assert settings.POSTGRES_HOST == "dotenv"


def test_an_empty_variable_names_no_folder_and_a_wrong_one_is_refused(tmp_path):
    write(tmp_path / "file", "")
    for folder in FOLDERS:
        assert codes(tmp_path, **{folder: ""}) == []
        assert codes(tmp_path, **{folder: "nowhere"}) == ["FS102"]
        assert codes(tmp_path, **{folder: "file"}) == ["FS103"]
        assert codes(tmp_path, **{folder: "a\0b"}) == ["FS102"]


def test_a_mount_of_kubernetes_is_read_through_its_links(tmp_path):
    data = tmp_path / "mount" / "..2024_01_01_12_00_00.123456789"
    data.mkdir(parents=True)
    write(data / "JWT_SECRET_KEY", "made-up")
    (tmp_path / "mount" / "..data").symlink_to(data.name)
    (tmp_path / "mount" / "JWT_SECRET_KEY").symlink_to("..data/JWT_SECRET_KEY")
    assert loaded(tmp_path, FRACTAL_SECRETS_DIR="mount").JWT_SECRET_KEY == "made-up"
    assert codes(tmp_path, FRACTAL_SECRETS_DIR="mount") == []

    elsewhere = tmp_path / "elsewhere"
    write(elsewhere / "POSTGRES_PASSWORD", "not ours")
    (tmp_path / "mount" / "..data").unlink()
    (tmp_path / "mount" / "..data").symlink_to(elsewhere)
    assert codes(tmp_path, FRACTAL_SECRETS_DIR="mount") == ["FS102"]  # the link leads nowhere now
