"""The page of the architecture names every room."""

from pathlib import Path

import fractal_settings

ROOT = Path(__file__).parents[2]
PACKAGE = Path(fractal_settings.__file__).parent


def test_every_module_and_room_has_its_line():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    modules = {path.name for path in PACKAGE.glob("*.py")} - {"__init__.py", "__main__.py"}
    rooms = {f"{path.parent.name}/" for path in PACKAGE.glob("*/__init__.py")}

    assert {name for name in modules | rooms if f"`{name}`" not in page} == set()
