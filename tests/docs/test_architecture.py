"""The page of the architecture names every room, and tells the truth of what imports what."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import fractal_settings

ROOT = Path(__file__).parents[2]
PACKAGE = Path(fractal_settings.__file__).parent
ROW = re.compile(r"^\| (`.*?) \|", re.MULTILINE)


def floors() -> dict[str, int]:
    """The rooms, and how far down the table of the page each stands."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = [re.findall(r"`([\w/.]+)`", row) for row in ROW.findall(page)]
    return {room: floor for floor, row in enumerate(rows) for room in row}


def rooms_imported(module: Path) -> Iterator[str]:
    """The rooms whose modules it imports at its top."""
    package = ["fractal_settings", *module.relative_to(PACKAGE).parent.parts]
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            named = [*above, *(node.module.split(".") if node.module else [])]
            if named[0] == "fractal_settings" and len(named) > 1:
                yield f"{named[1]}/" if (PACKAGE / named[1]).is_dir() else f"{named[1]}.py"


def test_every_module_and_room_has_its_line():
    modules = {path.name for path in PACKAGE.glob("*.py")} - {"__init__.py", "__main__.py"}
    rooms = {f"{path.parent.name}/" for path in PACKAGE.glob("*/__init__.py")}
    assert floors().keys() == modules | rooms


def test_a_room_imports_at_its_top_only_what_stands_above_it_or_beside_it():
    floor = floors()
    upwards = {
        (own, other)
        for path in PACKAGE.rglob("*.py")
        if (own := f"{path.relative_to(PACKAGE).parts[0]}") not in {"__init__.py", "__main__.py"}
        for other in rooms_imported(path)
        if floor[other] > floor.get(own, floor.get(f"{own}/", -1))
    }
    assert upwards == set()
    assert len(list(rooms_imported(PACKAGE / "loading.py"))) > 10  # it does find them
