"""Limits are looked at before parsing; what is within them takes no time and no memory."""

from __future__ import annotations

import json
import os
import resource
import time
from pathlib import Path

import pytest

from fractal_settings import resolve
from fractal_settings.documents import MAX_DEPTH, MAX_KEYS, MAX_PARTS
from fractal_settings.problems import FractalConfigurationError, Problem
from fractal_settings.reading import KIB, MAX_DOCUMENT, MAX_DOTENV, MAX_SECRET
from fractal_settings.sources.dotenv import DOTENV, MAX_EXPANDED, MAX_LINE, MAX_VALUE

SECONDS = 1.0  # of processor time
MEMORY = 192 * 1024 * KIB
BASE = {
    "JWT_SECRET_KEY": "0c5f1e97d2f84a63b7d9e5f1b06a4c2d",
    "FRACTAL_TASKS_DIR": "/srv/fractal/tasks",
    "FRACTAL_RUNNER_WORKING_BASE_DIR": "/srv/fractal/jobs",
    "FRACTAL_TASKS_PYTHON_DEFAULT_VERSION": "3.11",
    "FRACTAL_TASKS_PYTHON_3_11": "/usr/bin/python3.11",
    "PATH": "",
}


def found(cwd: Path, environment: str | None = None, **environ: str) -> list[Problem]:
    return list(resolve(environment, environ=BASE | environ, cwd=cwd).problems)


def codes(cwd: Path, environment: str | None = None, **environ: str) -> set[str]:
    return {each.code for each in found(cwd, environment, **environ)} - {"FS224"}


def settings(cwd: Path, text: str) -> None:
    (cwd / "config").mkdir(exist_ok=True)
    (cwd / "config" / "settings.toml").write_text(text)


def test_the_limits_are_those_that_are_promised():
    assert (MAX_DOCUMENT, MAX_DOTENV, MAX_SECRET) == (1024 * KIB, 64 * KIB, 64 * KIB)
    assert (MAX_DEPTH, MAX_PARTS, MAX_KEYS) == (64, 64, 20_000)
    assert (MAX_LINE, MAX_VALUE) == (4 * KIB, 64 * KIB)


TABLE = "[prod]\n"
KEY = 'PROJECT_NAME = "x"\n'


@pytest.mark.parametrize(
    ("within", "beyond", "told"),
    [
        (
            TABLE + "#" * (MAX_DOCUMENT - len(TABLE)),
            TABLE + "#" * (MAX_DOCUMENT - len(TABLE) + 1),
            "is larger than 1024 KiB",
        ),
        (
            f"{TABLE}X = {'[' * 64}{']' * 64}\n",
            f"{TABLE}X = {'[' * 65}{']' * 65}\n",
            "is nested more than 64 deep in line 2",
        ),
        (
            f"{TABLE}{'.'.join(['a'] * 64)} = 1\n",
            f"{TABLE}{'.'.join(['a'] * 65)} = 1\n",
            "has a key of more than 64 parts in line 2",
        ),
        (
            TABLE + "".join(f"K{number} = 1\n" for number in range(20_000)),
            TABLE + "".join(f"K{number} = 1\n" for number in range(20_001)),
            "has more than 20000 keys",
        ),
        (
            f"{TABLE}X = [{'1,' * 20_000}]\n",
            f"{TABLE}X = [{'1,' * 20_001}]\n",
            "has more than 20000 values",
        ),
    ],
)
def test_a_toml_file_is_looked_at_up_to_its_limits(within, beyond, told, tmp_path):
    settings(tmp_path, within)
    assert codes(tmp_path, "prod") <= {"FS115", "FS117"}
    settings(tmp_path, beyond)
    (problem,) = (each for each in found(tmp_path, "prod") if each.code != "FS224")
    assert problem.code == "FS104"
    assert problem.message.endswith(told)


@pytest.mark.parametrize(
    ("beyond", "told"),
    [
        (json.dumps({"x": "y" * MAX_DOCUMENT}), "is larger than 1024 KiB"),
        ('{"x": ' + "[" * 64 + "]" * 64 + "}", "is nested more than 64 deep in line 1"),
        (json.dumps({f"k{n}": 1 for n in range(20_001)}), "has 20001 keys, more than 20000"),
    ],
)
def test_a_json_file_is_looked_at_up_to_its_limits(beyond, told, tmp_path):
    (tmp_path / "local.json").write_text(beyond)
    loaded = resolve(
        environ=BASE | {"POSTGRES_DB": "x", "FRACTAL_LOCAL_CONFIG_FILE": "local.json"}, cwd=tmp_path
    ).settings
    with pytest.raises(FractalConfigurationError) as raised:
        loaded.check_runner()
    (problem,) = raised.value.problems
    assert problem.code == "FS104"
    assert problem.message.endswith(told)


@pytest.mark.parametrize(
    ("within", "beyond", "told"),
    [
        ("#x\n" * 21_845, "#x\n" * 21_846, "is larger than 64 KiB"),
        (f"A={'x' * 4094}\n", f"A={'x' * 4095}\n", "has a line of more than 4 KiB, line 1"),
        (f"A={'é' * 2047}\n", f"A={'é' * 2048}\n", "has a line of more than 4 KiB, line 1"),
        (
            f"A={'x' * 1024}\nB={'${A}' * 64}\n",
            f"A={'x' * 1024}\nB={'${A}' * 64}x\n",
            "has a value of more than 64 KiB, line 2",
        ),
        (
            f"A={'x' * 4000}\nB={'${A}' * 16}\n" + "C=${B}\n" * 15,
            f"A={'x' * 4000}\nB={'${A}' * 16}\n" + "C=${B}\n" * 17,
            f"has values of more than {MAX_EXPANDED // KIB} KiB, line 18",
        ),
    ],
)
def test_a_dotenv_file_is_looked_at_up_to_its_limits(within, beyond, told, tmp_path):
    (tmp_path / DOTENV).write_text(within)
    assert codes(tmp_path) == set()
    (tmp_path / DOTENV).write_text(beyond)
    (problem,) = (each for each in found(tmp_path) if each.code != "FS224")
    assert problem.code == "FS104"
    assert problem.message.endswith(told)


@pytest.mark.parametrize("place", ["JWT_SECRET_KEY_FILE", "FRACTAL_SECRETS_DIR"])
def test_a_secret_file_has_64_kib_at_most(place, tmp_path):
    (tmp_path / "mounted").mkdir()
    path = tmp_path / "mounted" / "JWT_SECRET_KEY"
    environ = {place: "mounted" if place.endswith("DIR") else str(path)}
    given = {name: value for name, value in BASE.items() if name != "JWT_SECRET_KEY"} | environ
    path.write_text("x" * (MAX_SECRET - 1) + "\n")
    resolved = resolve(environ=given, cwd=tmp_path)
    assert resolved.values["JWT_SECRET_KEY"] == "x" * (MAX_SECRET - 1)
    path.write_text("x" * (MAX_SECRET + 1))
    (problem,) = (
        each for each in resolve(environ=given, cwd=tmp_path).problems if each.code != "FS224"
    )
    assert (problem.code, problem.name) == ("FS104", "JWT_SECRET_KEY")


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("directory", "FS103"),
        ("FIFO", "FS103"),
        ("socket", "FS103"),
        ("device", "FS103"),
        ("loop", "FS102"),
        ("link to nowhere", "FS102"),
        ("holes", "FS104"),
    ],
)
@pytest.mark.parametrize(
    "path",
    [
        "config/settings.toml",
        "config/.secrets.toml",
        ".fractal_server.env",
        "mounted/JWT_SECRET_KEY",
        "jwt",
        "local.json",
    ],
)
def test_only_a_regular_file_is_read_and_none_is_waited_for(path, kind, code, tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "mounted").mkdir()
    settings(tmp_path, TABLE + KEY)
    file = tmp_path / path
    file.unlink(missing_ok=True)
    make(file, kind)
    environ = {
        **{name: value for name, value in BASE.items() if name != "JWT_SECRET_KEY"},
        "FRACTAL_SECRETS_DIR": "mounted",
        "POSTGRES_DB": "x",
        **({"JWT_SECRET_KEY_FILE": "jwt"} if path == "jwt" else {}),
        **({"FRACTAL_LOCAL_CONFIG_FILE": path} if path == "local.json" else {}),
    }
    began = time.monotonic()
    resolved = resolve("prod", environ=environ, cwd=tmp_path)
    problems = list(resolved.problems)
    if resolved.settings:
        with pytest.raises(FractalConfigurationError) as raised:
            resolved.settings.check_runner()
        problems += raised.value.problems
    assert [each.code for each in problems if each.code not in {"FS224", "FS304"}] == [code]
    assert time.monotonic() - began < 5 * SECONDS


def make(path: Path, kind: str) -> None:
    if kind == "directory":
        path.mkdir()
    elif kind == "FIFO":
        os.mkfifo(path)
    elif kind == "socket":
        os.mknod(path, 0o140600)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "holes":
        with path.open("wb") as file:
            file.truncate(2**40)
    else:
        path.symlink_to(path if kind == "loop" else "nowhere")


def whole(line: str) -> str:
    """A dotenv file full of a line."""
    return (line * (MAX_DOTENV // len(line.encode()) + 1))[: MAX_DOTENV - 1]


WORST_DOTENV = {
    "line breaks": "\n" * MAX_DOTENV,
    "blanks": whole(" " * (MAX_LINE - 1) + "\n"),
    "blanks in a value": whole("A=x" + " " * (MAX_LINE - 5) + "x\n"),
    "a quote that is never closed": "A='" + whole("x\n")[3:],
    "quotes that nearly close": whole("A='\\'\n"),
    "names without a value": whole("K\n"),
    "escapes": 'A="' + whole("\\\n")[3:],
    "references that are never closed": whole("A=" + "${" * 2_000 + "\n"),
    "the same over lines": "A='" + "${" * 1_000 + whole("x" * 4_000 + "\n")[:60_000] + "'",
    "references nested nine times": "A=" + "x" * 4_000 + "\n"
    + "".join(f"{one}={f'${{{other}}}' * 1_000}\n" for one, other in zip("BCDEFGH", "ABCDEFG",
                                                                         strict=True)),
    "many values of the longest": f"A={'x' * 4_000}\nB={'${A}' * 16}\n"
    + "".join(f"K{number}=${{B}}x\n" for number in range(5_000)),
}  # fmt: skip


def full(line: str, *, most: int = MAX_KEYS - 2) -> str:
    """A TOML file full of a line with a number in it."""
    return TABLE + "".join(line.format(number) for number in range(most))[: MAX_DOCUMENT - 10_000]


WORST_TOML = {
    "unknown keys": full("K{} = 1\n"),
    "misspelt keys": full("POSTGRES_DBX{} = 'a'\n"),
    "lower-case keys": full("postgres_d{} = 'a'\n"),
    "tables": full("T{} = {{}}\n", most=9_000),
    "sections": TABLE + "".join(f"[s{number}]\n" for number in range(19_000)),
    "sections that differ in case": TABLE
    + "".join(f"[s{number}]\n[S{number}]\n" for number in range(9_000)),
    "tables of arrays": "[[prod.x]]\n" * 9_000,
    "keys outside": full("K{} = 1\n").removeprefix(TABLE),
    "unknown OAuth fields": full("OAUTH_C{}_CLIENT_IDX = 'a'\n"),
    "dotted keys": TABLE + "".join(f"{'b.' * 60}a{number} = 1\n" for number in range(300)),
    "arrays": f"{TABLE}X = [{'[],' * 19_000}]\n",
    "escapes": f'{TABLE}POSTGRES_DB = "{chr(92)}n{(chr(92) + "n") * 500_000}"\n',
    "text over lines": f'{TABLE}POSTGRES_DB = """{"x" * 9}{chr(10) * 1_000_000}"""\n',
    "quotes": f'{TABLE}POSTGRES_DB = """{chr(34) * 2 + "x"}{(chr(34) * 2 + "x") * 340_000}"""\n',
    "an unclosed text": f'{TABLE}POSTGRES_DB = "{"a" * 1_000_000}',
    "digits": f"{TABLE}JWT_EXPIRE_SECONDS = {'1' * 1_000_000}\n",
    "hexadecimal digits": f"{TABLE}JWT_EXPIRE_SECONDS = 0x{'f' * 1_000_000}\n",
    "a fraction": f"{TABLE}FRACTAL_SLURM_SBATCH_SLEEP = 1.{'1' * 1_000_000}\n",
    "a long key": f"{TABLE}{'K' * 1_000_000} = 1\n",
    "a URL": f"{TABLE}POSTGRES_HOST = '{'://a:' * 180_000}@'\nPOSTGRES_PORT = 'x'\n",
    "control characters": f"{TABLE}POSTGRES_PORT = '{chr(0x85) * 300_000}'\n",
}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        *((DOTENV, text) for text in WORST_DOTENV.values()),
        *(("config/settings.toml", text) for text in WORST_TOML.values()),
    ],
    ids=[*WORST_DOTENV, *WORST_TOML],
)
def test_the_worst_within_the_limits_takes_neither_time_nor_memory(path, text, tmp_path):
    (tmp_path / "config").mkdir()
    settings(tmp_path, TABLE + KEY)
    (tmp_path / path).write_text(text)
    assert len(text.encode()) <= (MAX_DOTENV if path == DOTENV else MAX_DOCUMENT)
    for _ in range(3):  # a busy machine makes anything slow, once
        seconds, grown = in_child(lambda: found(tmp_path, "prod", POSTGRES_DB="x"))
        if seconds < SECONDS:
            break
    assert seconds < SECONDS
    assert grown < MEMORY


def in_child(act) -> tuple[float, int]:
    """Seconds of processor time and bytes of memory that it takes, in a process of its own."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        status = 1
        try:
            before = resource.getrusage(resource.RUSAGE_SELF)
            act()
            after = resource.getrusage(resource.RUSAGE_SELF)
            grown = (after.ru_maxrss - before.ru_maxrss) * KIB
            os.write(writing, json.dumps([after.ru_utime - before.ru_utime, grown]).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    assert os.waitpid(child, 0)[1] == 0
    with os.fdopen(reading, "rb") as told:
        seconds, grown = json.loads(told.read())
    return seconds, grown
