"""What starting costs in modules: nothing heavy is imported before it is needed."""

import re
import subprocess
import sys

import pytest

HEAVY = {"dynaconf", "sqlalchemy", "rich", "tomli_w", "dotenv", "difflib", "psycopg"}


def imported_by(*arguments: str) -> set[str]:
    """The top-level modules that a Python process imports, as itself reports it."""
    process = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments], check=True, capture_output=True, text=True
    )
    names = re.findall(r"^import time:.*\| +(\S+)$", process.stderr, flags=re.MULTILINE)
    assert "site" in names, "the report could not be read"
    return {name.partition(".")[0] for name in names}


def test_importing_the_package_loads_neither_dynaconf_nor_sqlalchemy_nor_rich() -> None:
    assert not imported_by("-c", "import fractal_settings") & (HEAVY | {"click"})


@pytest.mark.parametrize("argument", ["--version", "--help"])
def test_telling_version_or_help_loads_no_pydantic_either(argument: str) -> None:
    modules = imported_by("-m", "fractal_settings", argument)

    assert not modules & (HEAVY | {"pydantic", "pydantic_core"})


def test_loading_does_import_dynaconf() -> None:
    modules = imported_by("-c", "import fractal_settings; fractal_settings.resolve(environ={})")

    assert "dynaconf" in modules
    assert "sqlalchemy" not in modules


def test_what_dynaconf_writes_dotenv_files_with_is_run_when_somebody_uses_it() -> None:
    code = """
import sys
finders = list(sys.meta_path)
import fractal_settings
fractal_settings.resolve(environ={})
assert sys.meta_path == finders
assert "dynaconf.vendor.click" not in sys.modules
from dynaconf.loaders import env_loader
print(env_loader.dotenv_cli.set_key.__name__, "dynaconf.vendor.click" in sys.modules)
"""
    process = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert process.stdout == b"set_key True\n"
