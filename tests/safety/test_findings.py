"""What could give a secret away, and is no matter of git."""

import re
from pathlib import Path

import pytest

from fractal_settings import resolve
from fractal_settings.checking import examine
from fractal_settings.checks.safety import (
    FEWEST_CHARACTERS,
    KNOWN_KEYS,
    SHORTEST_KEY,
    WORDS,
    is_placeholder,
)
from fractal_settings.problems import Severity

KEY = "0c5f1e97d2f84a63b7d9e5f1b06a4c2d"
OTHER = "7b1d93c4e0a25f86d3c7b1a9e4f20658"
GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "secrets.md"


def found(cwd: Path, environment: str | None = None, *, static: bool = False, **environ: str):
    resolved = resolve(environment, environ=environ, cwd=cwd, static=static)
    problems = [each for each in examine(resolved).problems if each.code.startswith("FS5")]
    assert {each.severity for each in problems} <= {Severity.WARNING}
    return problems


def codes(cwd: Path, environment: str | None = None, **environ: str) -> list[str]:
    return [each.code for each in found(cwd, environment, **environ)]


def write(path: Path, text: str, mode: int = 0o600) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


@pytest.mark.parametrize("name", [".secrets.toml", ".secrets.local.toml"])
@pytest.mark.parametrize(
    ("mode", "who"),
    [(0o600, None), (0o400, None), (0o640, "its group"), (0o604, "every user"), (0o644, "every")],
)
def test_a_file_of_secrets_is_for_its_owner_alone(name, mode, who, tmp_path):
    write(tmp_path / "config" / "settings.toml", "[prod]\nDB_ECHO = false\n", 0o644)
    write(tmp_path / "config" / name, "[prod]\n", mode)
    problems = found(tmp_path, "prod")
    assert [each.code for each in problems] == (["FS503"] if who else [])
    assert all(f"config/{name} can be read by {who}" in each.message for each in problems)


def test_the_committed_file_and_the_local_one_may_be_read(tmp_path):
    write(tmp_path / "config" / "settings.toml", "[prod]\nDB_ECHO = false\n", 0o644)
    write(tmp_path / "config" / "settings.local.toml", "[prod]\nDB_ECHO = true\n", 0o644)
    assert codes(tmp_path, "prod") == []


def test_the_file_of_a_variable_is_for_its_owner_alone(tmp_path):
    write(tmp_path / "jwt", KEY, 0o640)
    (problem,) = found(tmp_path, JWT_SECRET_KEY_FILE="jwt")
    assert (problem.code, problem.origin.path, problem.hint) == ("FS503", "jwt", "chmod 600 jwt")

    (tmp_path / "link").symlink_to("jwt")
    assert codes(tmp_path, JWT_SECRET_KEY_FILE=str(tmp_path / "link")) == ["FS503"]
    (tmp_path / "jwt").chmod(0o600)
    assert codes(tmp_path, JWT_SECRET_KEY_FILE=str(tmp_path / "link")) == []


@pytest.mark.parametrize("folder", ["CREDENTIALS_DIRECTORY", "FRACTAL_SECRETS_DIR"])
def test_the_modes_of_a_mounted_folder_are_not_ours_to_judge(folder, tmp_path):
    write(tmp_path / "mounted" / "JWT_SECRET_KEY", KEY, 0o644)
    assert codes(tmp_path, **{folder: "mounted"}) == []

    write(tmp_path / "mounted" / "postgres", "made-up", 0o644)
    environ = {folder: str(tmp_path / "mounted"), "POSTGRES_PASSWORD_FILE": "mounted/postgres"}
    assert codes(tmp_path, **environ) == []


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (KEY, []),
        (KEY[:-1], ["FS504"]),
        ("é" * 2 + "abcdefgh" + "0123456789abcdef" + "0123", []),  # bytes are counted
        ("abcdefg" * 10, ["FS504"]),
        ("fractal-2024", ["FS504"]),
        ("changeme", ["FS505"]),
        ("<Change-Me!>", ["FS505"]),
        ("your-256-bit-secret", ["FS505"]),
        ("a-string-secret-at-least-256-bits-long", ["FS505"]),
        ("please change this to a very secret key in production", ["FS505"]),
        ("X" * 64, ["FS505"]),
        ("----", ["FS505"]),
        (*KNOWN_KEYS, ["FS505"]),
    ],
)
def test_a_key_that_can_be_guessed_is_told(key, expected, tmp_path):
    problems = found(tmp_path, JWT_SECRET_KEY=key)
    assert [each.code for each in problems] == expected
    assert all(key not in str(each) + each.hint + each.expected for each in problems)


@pytest.mark.parametrize("key", ["secretkey" * 30 + "z", "a" * 1_000_000, "some thing " * 90_000])
def test_a_key_of_any_length_is_looked_at_in_no_time(key):
    is_placeholder(key)


def test_the_same_key_in_two_environments_is_told(tmp_path):
    settings = "[dev]\nDB_ECHO = true\n[staging]\nDB_ECHO = true\n[prod]\nDB_ECHO = false\n"
    write(tmp_path / "config" / "settings.toml", settings, 0o644)
    secrets = tmp_path / "config" / ".secrets.toml"
    write(secrets, f'[dev]\nJWT_SECRET_KEY = "{KEY}"\n[prod]\nJWT_SECRET_KEY = "{OTHER}"\n')
    assert codes(tmp_path, "dev") == codes(tmp_path, "prod") == []

    assert codes(tmp_path, "prod", JWT_SECRET_KEY=KEY) == ["FS506"]  # from any source
    assert codes(tmp_path, "staging", JWT_SECRET_KEY=OTHER) == ["FS506"]

    write(secrets, f'[dev]\nJWT_SECRET_KEY = "{KEY}"\n[prod]\nJWT_SECRET_KEY = "{KEY}"\n')
    (problem,) = found(tmp_path, "prod")
    assert (problem.code, problem.message) == ("FS506", "JWT_SECRET_KEY is the same in [dev]")
    assert (problem.origin.path, problem.origin.line) == ("config/.secrets.toml", 4)

    local = tmp_path / "config" / ".secrets.local.toml"
    write(local, f'[dev]\nJWT_SECRET_KEY = "{OTHER}"\n')  # overrides it in one
    assert codes(tmp_path, "prod") == []

    local.unlink()
    write(secrets, f'[default]\nJWT_SECRET_KEY = "{KEY}"\n')
    (problem,) = found(tmp_path, "prod")
    assert problem.message == "JWT_SECRET_KEY is the same in [dev], [staging]"


def test_a_folder_with_one_environment_may_have_its_key_in_default(tmp_path):
    write(tmp_path / "config" / "settings.toml", "[prod]\nDB_ECHO = false\n", 0o644)
    write(tmp_path / "config" / ".secrets.toml", f'[default]\nJWT_SECRET_KEY = "{KEY}"\n')
    assert codes(tmp_path, "prod") == []


def test_static_judges_the_keys_of_the_committed_file(tmp_path):
    text = f'[dev]\nJWT_SECRET_KEY = "{KEY}"\n[prod]\nJWT_SECRET_KEY = "{KEY}"\n'
    write(tmp_path / "config" / "settings.toml", text, 0o644)
    write(tmp_path / "config" / ".secrets.toml", '[prod]\nJWT_SECRET_KEY = "secret"\n', 0o644)
    problems = found(tmp_path, "prod", static=True)
    assert [each.code for each in problems] == ["FS506"]


def test_the_guide_tells_the_thresholds_and_the_placeholders():
    guide = GUIDE.read_text(encoding="utf-8")
    assert f"{SHORTEST_KEY} bytes" in guide
    assert f"{FEWEST_CHARACTERS} different characters" in guide
    listed = re.search(r"```text\n(.*?)```", guide, re.DOTALL)
    assert listed
    assert listed[1].split() == WORDS.split()
    assert all(key in guide for key in KNOWN_KEYS)
