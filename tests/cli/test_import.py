"""`import` takes over what a file sets, tells of the rest, and writes only when it is told to."""

from __future__ import annotations

import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

import fractal_settings
from fractal_settings.importing import IGNORED, IMPORTABLE, guess, read

DOTENV = r"""
# an old server
JWT_SECRET_KEY=4b1d5e0f7c2a49d8b6e3
POSTGRES_PASSWORD='p@ss:/w?#%rd\'"\\ $x é'
POSTGRES_DB=fractal
POSTGRES_PORT=5433
JWT_EXPIRE_SECONDS=300
DB_ECHO=yes
FRACTAL_SLURM_SBATCH_SLEEP=.5
FRACTAL_TASKS_DIR=/srv/tasks
FRACTAL_RUNNER_WORKING_BASE_DIR=jobs
FRACTAL_MAX_PIP_VERSION=24.0
OAUTH_GITHUB_CLIENT_ID=fractal
OAUTH_GITHUB_CLIENT_SECRET=made-up
"""
PUBLIC = {
    "POSTGRES_DB": "fractal",
    "POSTGRES_PORT": "5433",
    "JWT_EXPIRE_SECONDS": 300,
    "DB_ECHO": True,
    "FRACTAL_SLURM_SBATCH_SLEEP": 0.5,
    "FRACTAL_TASKS_DIR": "/srv/tasks",
    "FRACTAL_RUNNER_WORKING_BASE_DIR": "jobs",
    "FRACTAL_MAX_PIP_VERSION": "24.0",
    "OAUTH_GITHUB_CLIENT_ID": "fractal",
}
SECRET = {
    "JWT_SECRET_KEY": "4b1d5e0f7c2a49d8b6e3",
    "POSTGRES_PASSWORD": "p@ss:/w?#%rd'\"\\ $x é",
    "OAUTH_GITHUB_CLIENT_SECRET": "made-up",
}


@pytest.fixture
def old(tmp_path):
    def write(text: str, name: str = "old.env") -> str:
        (tmp_path / name).write_text(text, encoding="utf-8", errors="surrogateescape", newline="")
        return name

    return write


def written(folder: Path) -> tuple[dict, dict]:
    public, secret = folder / "settings.toml", folder / ".secrets.toml"
    return tomllib.loads(public.read_text()), (
        tomllib.loads(secret.read_text()) if secret.exists() else {}
    )


def codes(text: str) -> list[str]:
    return [line.split("[")[1].split("]")[0] for line in text.splitlines() if "[FS" in line]


def test_numbers_become_numbers_and_secrets_go_where_secrets_go(call, old, tmp_path):
    outcome = call("import", old(DOTENV), "--env", "prod", "--write")
    assert outcome.code == 0, outcome.err
    assert written(tmp_path / "config") == ({"prod": PUBLIC}, {"prod": SECRET})
    assert (tmp_path / "config/.secrets.toml").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "config/.gitignore").read_text().splitlines() == list(IGNORED)
    assert outcome.err == "wrote 12 settings; now look: fractal-settings check --env prod\n"
    assert call("check", "--env", "prod").code == 0


def test_without_write_it_shows_what_it_would_do_and_does_nothing(call, old, tmp_path):
    outcome = call("import", old("POSTGRES_DB=x\nPOSTGRES_PASSWORD=made-up\n"), "--env", "prod")
    assert outcome.code == 0
    assert outcome.err == "2 settings would be written; --write does it\n"
    assert outcome.out == (
        "--- /dev/null\n"
        "+++ config/.gitignore\n"
        "+.secrets.toml\n"
        "+.secrets.local.toml\n"
        "+settings.local.toml\n"
        "+.fractal-settings-*.tmp\n"
        "--- /dev/null\n"
        "+++ config/.secrets.toml (mode 0600)\n"
        "@@ [prod] @@\n"
        '+POSTGRES_PASSWORD = "***"\n'
        "--- /dev/null\n"
        "+++ config/settings.toml\n"
        "@@ [prod] @@\n"
        '+POSTGRES_DB = "x"\n'
    )
    assert [path.name for path in tmp_path.iterdir()] == ["old.env"]


def test_no_secret_is_in_what_it_says(call, old, tmp_path):
    text = (
        "POSTGRES_PASSWORD=canary-1\nPOSTGRES_PASSWORD=canary-2\nPOSTGRES_PASSWRD=canary-3\n"
        "canary-4\nJWT_SECRET_KEY='canary-5\nOAUTH_X_REDIRECT_URL=https://u:canary-6@host/\n"
    )
    (tmp_path / "config").mkdir()
    (tmp_path / "config/.secrets.toml").write_text('[prod]\nPOSTGRES_PASSWORD = "canary-7"\n')
    for more in ([], ["--write"]):
        outcome = call("import", old(text), "--env", "prod", *more)
        assert outcome.code == 0
        assert "canary" not in outcome.out + outcome.err
        assert "POSTGRES_PASSWORD" in outcome.out


TARGET = """\
# Ours
[default]
PROJECT_NAME = "x"   # a name

[prod]   # the service
# where the data is
POSTGRES_DB = "old"   # not the new one
POSTGRES_HOST = '''
db'''  # strange

# people
FRACTAL_DEFAULT_ADMIN_EMAIL = "a@b.c"

# to try things out
[staging]
POSTGRES_DB = "staging"
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_comments_and_order_of_a_file_that_is_there_stay(call, old, tmp_path, newline):
    (tmp_path / "config").mkdir()
    path = tmp_path / "config/settings.toml"
    path.write_text(TARGET, newline=newline)
    path.chmod(0o640)
    text = "POSTGRES_DB=new\nPOSTGRES_HOST=host\nJWT_EXPIRE_SECONDS=60\nFRACTAL_TASKS_DIR=/t\n"
    outcome = call("import", old(text), "--env", "prod", "--write")
    assert outcome.code == 0, outcome.err
    assert '-POSTGRES_DB = "old"\n+POSTGRES_DB = "new"\n' in outcome.out
    expected = (
        TARGET.replace('"old"', '"new"')
        .replace("'''\ndb'''", '"host"')
        .replace('"a@b.c"\n', '"a@b.c"\nJWT_EXPIRE_SECONDS = 60\nFRACTAL_TASKS_DIR = "/t"\n')
        .replace("\n", newline)
    )
    assert path.read_bytes().decode() == expected
    assert path.stat().st_mode & 0o777 == 0o640


def test_an_empty_section_and_a_missing_one_are_filled(call, old, tmp_path):
    (tmp_path / "config").mkdir()
    path = tmp_path / "config/settings.toml"
    path.write_text("[prod]\n[dev]")
    assert call("import", old("POSTGRES_DB=x"), "--env", "prod", "--write").code == 0
    assert call("import", old("POSTGRES_DB=y"), "--env", "dev", "--write").code == 0
    assert call("import", old("POSTGRES_DB=z"), "--env", "my env", "--write").code == 0
    assert path.read_text() == (
        '[prod]\nPOSTGRES_DB = "x"\n[dev]\nPOSTGRES_DB = "y"\n\n["my env"]\nPOSTGRES_DB = "z"\n'
    )


def test_secrets_alone_still_make_the_environment_known(call, old, tmp_path):
    assert call("import", old("POSTGRES_PASSWORD=x"), "--env", "prod", "--write").code == 0
    assert (tmp_path / "config/settings.toml").read_text() == "[prod]\n"
    outcome = call("import", old("JWT_SECRET_KEY=x"), "--env", "dev", "--write")
    assert outcome.out.endswith("+++ config/settings.toml\n+[dev]\n")
    assert (tmp_path / "config/settings.toml").read_text() == "[prod]\n\n[dev]\n"


def test_a_second_time_there_is_nothing_to_write(call, old):
    call("import", old(DOTENV), "--env", "prod", "--write")
    outcome = call("import", old(DOTENV), "--env", "prod")
    assert outcome.out == "(12 settings stand there already)\n(nothing to write)\n"


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("POSTGRES_DB", "FS720", "line 1 of old.env was not taken over: it is no assignment"),
        ("POSTGRES_DB='x", "FS720", "it is no assignment, or a quote is not closed"),
        ("POSTGRES_DBB=x", "FS721", "fix: did you mean POSTGRES_DB? else leave it out"),
        ("FRACTAL_ENV=x", "FS721", "FRACTAL_ENV was not taken over: it counts only in the"),
        ("JWT_SECRET_KEY_FILE=x", "FS721", "fix: write the content of that file as JWT_SECRET_KEY"),
        ("OAUTH_CLIENTS_CONFIG=[]", "FS721", "it is made of the variables of each client"),
        ("OAUTH_MY_IDP_CLIENT_ID=x", "FS721", "did you mean OAUTH_MYIDP_CLIENT_ID?"),
        ("A=1\nB=2", "FS722", "2 other variables were left out: A, B"),
        ("DB_ECHO=perhaps", "FS723", 'DB_ECHO is "perhaps", not a boolean; it is kept as text'),
        ("FRACTAL_TASKS_DIR=${MINE}/x", "FS724", "depends on a variable that old.env does not set"),
        ("POSTGRES_DB=x\nPOSTGRES_DB=y", "FS725", "is set more than once, the last time in line 2"),
    ],
)
def test_what_is_not_taken_over_as_it_stands_is_told(call, old, line, code, said):
    outcome = call("import", old(f"{line}\n"), "--env", "prod", MINE="/mine")
    assert outcome.code == 0
    assert codes(outcome.err) == [code]
    assert said in outcome.err


def test_a_value_that_its_type_refuses_is_kept_as_text(call, old, tmp_path):
    text = "DB_ECHO=perhaps\nJWT_EXPIRE_SECONDS=3min\nFRACTAL_RUNNER_BACKEND=slrum\n"
    call("import", old(text), "--env", "prod", "--write")
    assert written(tmp_path / "config")[0]["prod"] == {
        "DB_ECHO": "perhaps",
        "JWT_EXPIRE_SECONDS": "3min",
        "FRACTAL_RUNNER_BACKEND": "slrum",
    }
    assert call("check", "--env", "prod").code == 1


def test_a_number_that_toml_cannot_hold_is_kept_as_text(call, old, tmp_path):
    text = f"JWT_EXPIRE_SECONDS={2**64}\nFRACTAL_SLURM_SBATCH_SLEEP=nan\n"
    call("import", old(text), "--env", "prod", "--write")
    assert written(tmp_path / "config")[0]["prod"] == {
        "JWT_EXPIRE_SECONDS": str(2**64),
        "FRACTAL_SLURM_SBATCH_SLEEP": "nan",
    }


def test_references_are_filled_in_from_the_file_and_then_from_the_environment(call, old, tmp_path):
    text = "POSTGRES_DB=mine\nPROJECT_NAME=${POSTGRES_DB}-${WHERE}-${NOWHERE:-x}\n"
    call("import", old(text), "--env", "prod", "--write", POSTGRES_DB="env", WHERE="here")
    assert written(tmp_path / "config")[0]["prod"]["PROJECT_NAME"] == "mine-here-x"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("shell", "# c\nset -a\nexport POSTGRES_DB='a b'; JWT_EXPIRE_SECONDS=6\\\n0\n"),
        ("systemd", "; c\nPOSTGRES_DB=a b  \nJWT_EXPIRE_SECONDS='60'\n"),
        ("docker", "# c\nPOSTGRES_DB=a b\nJWT_EXPIRE_SECONDS=60\n"),
        ("env0", "POSTGRES_DB=a b\0JWT_EXPIRE_SECONDS=60\0"),
        ("dotenv", "export POSTGRES_DB=a b # c\nJWT_EXPIRE_SECONDS = 60\n"),
    ],
)
def test_each_format_is_read(call, old, tmp_path, name, text):
    outcome = call("import", old(text), "--env", "prod", "--format", name, "--write")
    assert (outcome.code, codes(outcome.err)) == (0, [])
    assert written(tmp_path / "config")[0] == {
        "prod": {"POSTGRES_DB": "a b", "JWT_EXPIRE_SECONDS": 60}
    }


@pytest.mark.parametrize(
    ("data", "format_"),
    [
        (b"A=1\0B=2\0", "env0"),
        (b"# c\n\nexport A=1\n  export B=2\n", "shell"),
        (b"set -a\nexport A=1", "shell"),
        (b"export A=1\nB=2\n", "dotenv"),
        (b"A=1\n", "dotenv"),
        (b"", "dotenv"),
        (b"\xff", "dotenv"),
    ],
)
def test_the_format_is_told_by_its_looks(data, format_):
    assert guess(data) == format_


def test_the_environment_of_a_running_process_comes_by_standard_input(call, tmp_path):
    run = subprocess.run(
        ["/usr/bin/env", "-0"],
        env={"POSTGRES_DB": "two\nlines", "PATH": "/bin"},
        capture_output=True,
        check=True,
    )
    outcome = call("import", "-", "--env", "prod", "--write", stdin=run.stdout)
    assert outcome.code == 0, outcome.err
    assert "note[FS722]: 1 other variable was left out: PATH" in outcome.err
    assert written(tmp_path / "config")[0] == {"prod": {"POSTGRES_DB": "two\nlines"}}


@pytest.mark.parametrize(
    ("prepare", "code"),
    [
        (lambda _: None, "FS102"),
        (lambda path: path.mkdir(), "FS103"),
        (lambda path: path.write_bytes(b"A=1\n" * 300_000), "FS104"),
        (lambda path: path.write_bytes(b"A=" + b"x" * 5000), "FS104"),
        (lambda path: path.write_bytes(b"POSTGRES_DB=\xff"), "FS105"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(call, tmp_path, prepare, code):
    prepare(tmp_path / "old.env")
    outcome = call("import", "old.env", "--env", "prod")
    assert (outcome.code, codes(outcome.err)) == (1, [code])


def test_a_dotenv_file_has_the_limit_that_it_has_for_the_server(call, old):
    longest = ("#" * 1023 + "\n") * 64
    assert call("import", old(longest), "--env", "prod").code == 0
    outcome = call("import", old(longest + "#"), "--env", "prod")
    assert (outcome.code, codes(outcome.err)) == (1, ["FS104"])
    assert "is larger than 64 KiB" in outcome.err


@pytest.mark.parametrize("line", ["V{}=x", "A=x", "x", "# x"])
@pytest.mark.parametrize("name", IMPORTABLE)
def test_a_file_as_long_as_can_be_is_read_in_time(name, line):
    end = "\0" if name == "env0" else "\n"
    lines = "".join(line.format(number) + end for number in range(300_000))
    began = time.process_time()
    read(lines[: IMPORTABLE[name].limit].encode(), name, {}, "old")
    assert time.process_time() - began < 3


def test_standard_input_has_a_limit_too(call):
    outcome = call("import", "-", "--env", "prod", stdin=b"A=1\n" * 300_000)
    assert (outcome.code, codes(outcome.err)) == (1, ["FS104"])


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("prod = { POSTGRES_HOST = 'a' }\n", "FS726"),
        ("prod.POSTGRES_HOST = 'a'\n", "FS726"),
        ("prod = 1\n", "FS726"),
        ("[prod]\n[prod.more]\nx = 1\n", "FS726"),
        ("[prod\n", "FS106"),
        ("[Prod]\n", "FS114"),
        ("[prod]\n# \udcff\n", "FS105"),
    ],
)
def test_a_target_that_cannot_be_edited_is_left_as_it_is(call, old, tmp_path, target, code):
    (tmp_path / "config").mkdir()
    path = tmp_path / "config/settings.toml"
    path.write_bytes(target.encode("utf-8", "surrogateescape"))
    outcome = call("import", old("POSTGRES_DB=x"), "--env", "prod", "--write")
    assert (outcome.code, codes(outcome.err)) == (1, [code])
    assert path.read_bytes() == target.encode("utf-8", "surrogateescape")


def test_a_value_that_toml_cannot_hold_keeps_all_from_being_written(call, tmp_path):
    outcome = call(
        "import", "-", "--env", "prod", "--write", stdin=b"POSTGRES_DB=\xff\0DB_ECHO=1\0"
    )
    assert (outcome.code, codes(outcome.err)) == (1, ["FS710"])
    assert list(tmp_path.iterdir()) == []


def test_a_link_is_written_through_only_if_that_is_asked_for(call, old, tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "real.toml").write_text("[prod]\n")
    (tmp_path / "config/settings.toml").symlink_to("../real.toml")
    arguments = ("import", old("POSTGRES_DB=x"), "--env", "prod", "--write")
    assert codes(call(*arguments).err) == ["FS702"]
    assert call(*arguments, "--follow-links").code == 0
    assert (tmp_path / "real.toml").read_text() == '[prod]\nPOSTGRES_DB = "x"\n'


def test_the_folder_can_be_named_in_three_ways(call, old, tmp_path):
    file = old("POSTGRES_DB=x")
    call("import", file, "--env", "prod", "--write", "--into", "a")
    call("--config-dir", "b", "import", file, "--env", "prod", "--write")
    call("import", file, "--env", "prod", "--write", FRACTAL_SETTINGS_DIR="c")
    assert all((tmp_path / name / "settings.toml").exists() for name in "abc")
    assert not (tmp_path / "config").exists()


@pytest.mark.parametrize("name", ["default", "DEFAULT", "main", "global", "dynaconf", ""])
def test_a_reserved_name_is_no_environment(call, old, name):
    assert call("import", old("A=1"), "--env", name).code == 2


def test_an_environment_must_be_named(call, old):
    assert call("import", old("A=1")).code == 2


def test_the_list_of_clients_is_told_to_be_four_variables(call):
    told = call("import", "-", "--env", "prod", stdin=b"OAUTH_CLIENTS_CONFIG=[]\n").err
    assert "did you mean" not in told
    assert "fix: write OAUTH_<CLIENT>_CLIENT_ID, " in told


def test_an_input_that_is_open_for_writing_alone_is_told(tmp_path):
    ran = subprocess.run(
        ["/bin/sh", "-c", '"$0" -m fractal_settings import - --env x 0>file', sys.executable],
        cwd=tmp_path,
        env={"PYTHONPATH": str(Path(fractal_settings.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "error[FS102]: standard input cannot be read: bad file descriptor" in ran.stderr
