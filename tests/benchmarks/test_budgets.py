"""What loading costs, beside the floor and two rivals, all in the same run."""

import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

import pytest

from fractal_settings import Settings
from tests.benchmarks import workload
from tests.benchmarks.measure import (
    Costs,
    cpu_seconds,
    in_turns,
    least_seconds,
    output_of,
    peak_kib,
    ratio,
)

pytestmark = pytest.mark.benchmark

COLD = {
    "floor": "floor",
    "pydantic-settings": "settings_source",
    "stock Dynaconf": "stock_dynaconf",
    "ours": "ours",
}
LINEAR = 12  # times the seconds for ten times the input


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return workload.write(tmp_path)


def over_budget(turns: Sequence[Costs], budgets: Mapping[str, float]) -> list[str]:
    """Each budget is the most that ours may cost, in times of the rival."""
    ratios = {rival: ratio(turns, "ours", rival) for rival in budgets}
    return [
        f"{ratios[rival]:.3f} times {rival}, budget {budget}"
        for rival, budget in budgets.items()
        if ratios[rival] > budget
    ]


def row(what: str, turns: Sequence[Costs], unit: str, scale: float) -> str:
    """Medians, and how many times each rival's cost is ours."""
    cells = [
        f"{name} {median(turn[name] for turn in turns) * scale:.1f}"
        + ("" if name == "ours" else f" (ours {ratio(turns, 'ours', name):.2f}x)")
        for name in turns[0]
    ]
    return f"{what}, {unit}: " + ", ".join(cells)


def test_every_rival_loads_the_same_values(folder: Path) -> None:
    code = (
        "settings = rival.load();"
        "print(sorted((name, str(getattr(settings, name))) for name in sys.argv[3:]))"
    )
    names = [line.split(" = ")[0] for line in workload.SECTION.splitlines() if " = " in line]
    fields = [name for name in names if not name.startswith("OAUTH_")]
    printed = {
        name: output_of(code, script, *fields, cwd=folder, variables=workload.VARIABLES)
        for name, script in COLD.items()
    }

    assert len(fields) == 35
    assert len(set(printed.values())) == 1, printed


def test_the_rivals_have_the_fields_of_the_model() -> None:
    path = Path(__file__).parent / "rivals" / "fields.py"
    spec = importlib.util.spec_from_file_location("fields_of_rivals", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    assert list(module.Fields.model_fields) == list(Settings.model_fields)


def test_a_cold_load_costs_little_more_than_the_floor(folder: Path, table: list[str]) -> None:
    budgets = {"floor": 1.45, "pydantic-settings": 1.05}
    turns = in_turns(
        lambda: {
            name: cpu_seconds(script, cwd=folder, variables=workload.VARIABLES)
            for name, script in COLD.items()
        },
        lambda turns: not over_budget(turns, budgets),
        fewest=10,
        most=80,
    )
    table.append(row("cold load, whole process", turns, "CPU ms", 1e3))

    assert not over_budget(turns, budgets)


def test_a_warm_load_costs_no_more_than_pydantic_settings(folder: Path, table: list[str]) -> None:
    budgets = {"floor": 4, "pydantic-settings": 1, "stock Dynaconf": 1 / 5}
    turns = in_turns(
        lambda: least_seconds("warm", "15", cwd=folder, variables=workload.VARIABLES),
        lambda turns: not over_budget(turns, budgets),
        fewest=3,
        most=60,
    )
    table.append(row("warm load", turns, "CPU ms", 1e3))

    assert not over_budget(turns, budgets)


@pytest.mark.parametrize(
    ("what", "few", "many"),
    [
        ("OAuth clients", workload.many_clients(250), workload.many_clients(2_500)),
        ("sections", workload.many_sections(30), workload.many_sections(300)),
    ],
    ids=["2,500 OAuth clients", "300 sections"],
)
def test_ten_times_the_input_takes_at_most_twelve_times_as_long(
    what: str, few: str, many: str, tmp_path: Path, table: list[str]
) -> None:
    for name, text in (("few", few), ("many", many)):
        (tmp_path / name / "config").mkdir(parents=True)
        (tmp_path / name / "config" / "settings.toml").write_text(text, encoding="utf-8")
    turns = in_turns(
        lambda: least_seconds("scale", "3", "few", "many", cwd=tmp_path, variables={}),
        lambda turns: ratio(turns, "many", "few") <= LINEAR,
        fewest=1,
        most=20,
    )
    times = ratio(turns, "many", "few")
    table.append(f"ten times the {what}: {times:.1f} times as long")

    assert times <= LINEAR


def test_a_cold_load_holds_little_more_memory_than_its_imports(
    folder: Path, table: list[str]
) -> None:
    budgets = {"imports": 1.5}
    turns = in_turns(
        lambda: {
            name: peak_kib(script, cwd=folder, variables=workload.VARIABLES)
            for name, script in (("imports", "only_imports"), ("ours", "ours"))
        },
        lambda turns: not over_budget(turns, budgets),
        fewest=2,
        most=5,
    )
    table.append(row("peak memory, cold", turns, "MiB", 1 / 1024))

    assert not over_budget(turns, budgets)
