"""`diff`: two environments side by side, with origins."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import click

from ..redact import MARK, printable, redacted
from .common import Options, emit, render
from .show import flat

if TYPE_CHECKING:
    from ..loading import Resolved


class Difference(NamedTuple):
    """A setting that two environments give different values."""

    name: str
    left: str
    right: str
    left_origin: str
    right_origin: str


@click.command(epilog="Example: fractal-settings diff staging prod")
@click.option("--all", "everything", is_flag=True, help="Show equal settings too.")
@click.argument("left", metavar="E1")
@click.argument("right", metavar="E2")
@click.pass_obj
def command(options: Options, *, everything: bool, left: str, right: str) -> int:
    """Compare the effective settings of two environments.

    Secrets are told equal or different, never shown. Exits with 0 if all is equal, 1 if something
    differs, 2 if an environment cannot be resolved.
    """
    sides = [options.resolve(environment) for environment in (left, right)]
    refused = [each for each in sides if each.settings is None]
    for each in refused:
        emit(f"environment {printable(each.environment)} is refused:\n", err=True)
        emit(render(each.problems, err=True), err=True)
    if refused:
        return 2
    rows = list(_compare(*sides, everything=everything))
    for row in rows:
        emit(row.name)
        sign = " " if row.left == row.right else "-"
        emit(f"  {sign} {printable(left)}: {row.left}  ({row.left_origin})")
        other = "+" if sign == "-" else " "
        emit(f"  {other} {printable(right)}: {row.right}  ({row.right_origin})")
    differing = [row for row in rows if row.left != row.right]
    options.talk(f"{len(differing)} settings differ" if differing else "no setting differs")
    return 1 if differing else 0


def _compare(left: Resolved, right: Resolved, *, everything: bool) -> list[Difference]:
    values = [flat(each.settings) if each.settings else {} for each in (left, right)]
    found = []
    for name in dict.fromkeys([*values[0], *values[1]]):
        one, other = values[0].get(name), values[1].get(name)
        if one == other and not everything:
            continue
        shown = [_shown(name, one), _shown(name, other)]
        if one != other and shown[0] == shown[1]:
            shown = [f"{shown[0]} (differs)", f"{shown[1]} (differs from it)"]
        origins = [str(each.origin(name)) for each in (left, right)]
        found.append(Difference(name, *shown, *origins))
    return found


def _shown(name: str, value: object) -> str:
    if value is None:
        return "unset"
    shown = redacted(name, value)
    if shown == MARK:
        return MARK
    return printable(str(shown).lower() if isinstance(shown, bool) else str(shown))
