"""Every code has a page whose examples are true; services and other verbs are tried elsewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import fractal_settings
from fractal_settings import resolve
from fractal_settings.catalogue import CATALOGUE, Example
from fractal_settings.catalogue.entry import SETTINGS
from fractal_settings.checking import examine
from fractal_settings.cli import run
from fractal_settings.interpreters import OWN, VERSIONS
from fractal_settings.problems import Problem, errors

SOURCE = Path(fractal_settings.__file__).parent
SERVER_PYTHON = ("3.11", "/usr/bin/python3.11")
NOBODY = 65534

CHECKED = {code: entry for code, entry in CATALOGUE.items() if entry.broken.arguments[0] == "check"}
NEED_A_SERVERS_PYTHON = {"FS227", "FS228"} if OWN.version not in VERSIONS else set()
AT_HAND = [
    code
    for code, entry in CATALOGUE.items()
    if not entry.broken.needs and code not in NEED_A_SERVERS_PYTHON
]
RUNNABLE = [code for code, entry in CHECKED.items() if not entry.broken.needs]


def checked(example: Example, folder: Path) -> tuple[Problem, ...]:
    """What `check` finds of an example whose files are made."""
    options = list(example.arguments[1:])
    environment = options[options.index("--env") + 1] if "--env" in options else None
    named = "FRACTAL_SERVER_PYTHON" in example.environ
    resolved = resolve(
        environment,
        environ=example.environ,
        cwd=folder,
        server_python=None if named else SERVER_PYTHON,
        static="--static" in options,
    )
    return examine(resolved).problems


def codes(problems: tuple[Problem, ...]) -> list[str]:
    return [each.code for each in problems]


def test_the_source_speaks_of_the_codes_of_the_catalogue_and_of_no_others():
    spoken = {
        code
        for file in SOURCE.rglob("*.py")
        if "catalogue" not in file.parts
        for code in re.findall(r"\bFS\d{3}\b", file.read_text(encoding="utf-8"))
    }
    assert spoken == set(CATALOGUE)


def test_no_code_is_in_the_catalogue_twice():
    texts = [file.read_text(encoding="utf-8") for file in (SOURCE / "catalogue").rglob("*.py")]
    named = re.findall(r'"(FS\d{3})"', "".join(texts))
    assert sorted(named) == sorted(set(named)) == sorted(CATALOGUE)


@pytest.mark.parametrize("code", CATALOGUE)
def test_an_entry_tells_what_why_and_how_to_mend_it(code):
    entry = CATALOGUE[code]
    assert 3 < len(entry.title) < 60
    assert not entry.title.endswith(".")
    for text in (entry.meaning, entry.fix):
        assert re.fullmatch(r"\S.*[.)`]", text), text


@pytest.mark.parametrize("code", RUNNABLE)
def test_what_is_done_right_is_not_what_is_broken(code):
    assert CATALOGUE[code].broken != CATALOGUE[code].right


@pytest.mark.parametrize("code", RUNNABLE)
def test_a_code_is_reached_by_its_own_example(code, tmp_path):
    example = CATALOGUE[code].broken
    example.make(tmp_path)
    found = {each.code: each for each in checked(example, tmp_path)}
    assert code in found
    assert found[code].severity == CATALOGUE[code].severity


@pytest.mark.parametrize("code", RUNNABLE)
def test_a_broken_example_is_broken_in_one_way(code, tmp_path):
    example = CATALOGUE[code].broken
    example.make(tmp_path)
    refused = {each.code for each in errors(checked(example, tmp_path))}
    assert refused <= {code}


@pytest.mark.parametrize("code", CHECKED)
def test_an_example_done_right_has_neither_its_code_nor_any_error(code, tmp_path):
    example = CATALOGUE[code].right
    example.make(tmp_path)
    found = checked(example, tmp_path)
    assert code not in codes(found)
    assert not errors(found)


def told(example: Example, folder: Path, monkeypatch, capsys) -> str:
    """What the command line says of an example."""
    example.make(folder)
    monkeypatch.chdir(folder)
    for name in os.environ:
        monkeypatch.delenv(name)
    for name, value in {"PATH": "/usr/bin:/bin", **example.environ}.items():
        monkeypatch.setenv(name, value)
    run(example.arguments)
    return "".join(capsys.readouterr())


@pytest.mark.parametrize("code", AT_HAND)
def test_the_command_line_tells_a_code_of_its_own_example(code, tmp_path, monkeypatch, capsys):
    severity = CATALOGUE[code].severity
    text = told(CATALOGUE[code].broken, tmp_path, monkeypatch, capsys)
    assert f"{severity}[{code}]: " in text


@pytest.mark.parametrize("code", [code for code in AT_HAND if not CATALOGUE[code].right.needs])
def test_the_command_line_tells_no_error_of_what_is_done_right(code, tmp_path, monkeypatch, capsys):
    text = told(CATALOGUE[code].right, tmp_path, monkeypatch, capsys)
    assert f"[{code}]" not in text
    assert "error[" not in text


def test_a_file_that_somebody_keeps_writing_to_is_refused(tmp_path):
    example = CATALOGUE["FS120"].broken
    example.make(tmp_path)
    with (tmp_path / SETTINGS).open("a") as settings:
        settings.write("# long, so that reading it takes as long as writing to it\n" * 15_000)
    writing = f"""import os
fd = os.open({SETTINGS!r}, os.O_WRONLY | os.O_APPEND)
size = os.fstat(fd).st_size
while True:
    os.ftruncate(fd, size)
    for _ in range(100_000):
        os.write(fd, b"#")
"""
    with subprocess.Popen([sys.executable, "-c", writing], cwd=tmp_path) as writer:
        try:
            seen = (codes(checked(example, tmp_path)) for _ in range(10_000))
            assert any("FS120" in found for found in seen)
        finally:
            writer.kill()


def test_a_directory_of_somebody_else_is_told_to_be_not_writable(tmp_path):
    example = CATALOGUE["FS403"].broken
    assert "FS403" in as_nobody(lambda: codes(checked(example, tmp_path)))


def as_nobody(look) -> str:
    """What a function says as a user who is not root."""
    if os.geteuid():
        return " ".join(look())
    look()  # imports are done as root, whose Python another user may not be able to read
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.setuid(NOBODY)
        os.write(writing, " ".join(look()).encode())
        os._exit(0)
    os.close(writing)
    assert os.waitpid(child, 0)[1] == 0
    with os.fdopen(reading) as told:
        return told.read()
