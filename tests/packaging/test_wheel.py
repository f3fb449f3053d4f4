"""The distributions that are built from this source, and the wheel at work."""

import os
import subprocess
import sys
import tarfile
import zipfile
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that was built from that sdist."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (path,) = built.glob("*.whl")
    return path


def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return HeaderParser().parsestr(archive.read(name).decode())


def test_the_wheel_holds_every_module_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if ".dist-info/" not in name}
    source = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "fractal_settings").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert inside == source
    assert "fractal_settings/py.typed" in inside


def test_the_metadata_tells_version_python_and_licence(wheel: Path) -> None:
    told = metadata(wheel)

    assert told["Name"] == "fractal-settings"
    assert f"-{told['Version']}-" in wheel.name
    assert told["Requires-Python"] == ">=3.11"
    assert told["License-Expression"] == "BSD-3-Clause"
    assert (ROOT / "README.md").read_text(encoding="utf-8") in told.get_payload()


def test_the_sdist_holds_tests_docs_and_the_example(built: Path) -> None:
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}

    assert {
        "config/settings.toml",
        "docs/conf.py",
        "Makefile",
        "tests/packaging/test_wheel.py",
    } <= inside
    own = {name for name in inside if not name.startswith("tests/data/")}
    assert not [name for name in own if name.endswith((".secrets.toml", ".fractal_server.env"))]


def test_the_installed_wheel_runs_the_command(wheel: Path, tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-deps", "--target", str(tmp_path), str(wheel)], check=True)
    code = (
        "import sys; sys.path.insert(0, sys.argv.pop(1));"
        "import fractal_settings, fractal_settings.__main__;"
        "print(fractal_settings.__file__); fractal_settings.__main__.main()"
    )
    process = subprocess.run(
        [sys.executable, "-I", "-c", code, str(tmp_path), "--version"],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
    )

    where, version = process.stdout.splitlines()
    assert where.startswith(str(tmp_path))
    assert metadata(wheel)["Version"] in version
