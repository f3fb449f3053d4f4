"""`show`: the effective settings, and where each comes from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..names import OAUTH_FIELDS, OAUTH_LIST
from ..redact import MARK, printable, redacted
from .common import (
    Options,
    emit,
    emit_exactly,
    environment_option,
    is_terminal,
    refuse,
    wants_color,
    width,
)

if TYPE_CHECKING:
    from ..loading import Resolved
    from ..model import OAuthClientConfig, Settings


@click.command(epilog="Example: fractal-settings show --env prod --origin POSTGRES_HOST")
@environment_option
@click.option(
    "--format",
    "format_",
    type=click.Choice(("table", "toml", "json", "env")),
    default="table",
    show_default=True,
    help="A table for people; toml, json or env (NAME=value) for programs.",
)
@click.option("--origin", is_flag=True, help="Tell where each value comes from.")
@click.option("--reveal", is_flag=True, help="Show secrets.")
@click.argument("names", nargs=-1, metavar="[NAME ...]")
@click.pass_obj
def command(
    options: Options,
    *,
    environment: str | None,
    format_: str,
    origin: bool,
    reveal: bool,
    names: tuple[str, ...],
) -> int:
    """Show the effective settings, all or those named; secrets only with --reveal.

    A machine format leaves out what is redacted (json marks it), and never gives *** as a value;
    what it cannot hold as it is, such as a byte that is not UTF-8, is left out and told.
    """
    resolved = options.resolve(environment)
    refuse(resolved)
    rows = flat(resolved.settings) if resolved.settings else {}
    unknown = [name for name in names if name not in rows and name != OAUTH_LIST]
    if unknown:
        raise click.UsageError(_unknown(unknown[0], rows))
    if names:
        rows = {name: value for name, value in rows.items() if _is_named(name, names)}
    if format_ == "table":
        _table(resolved, rows, origin=origin, reveal=reveal)
    else:
        obstacles = _obstacles(_given(rows, reveal=reveal), format_)
        rows = {name: value for name, value in rows.items() if name not in obstacles}
        emit_exactly(f"{FORMATS[format_](resolved, rows, origin=origin, reveal=reveal)}\n")
        for name, obstacle in obstacles.items():
            emit(f"{printable(name)} is left out: {obstacle}", err=True)
    return 0


def _obstacles(given: Mapping[str, object], format_: str) -> dict[str, str]:
    """Why a machine format cannot hold a value, by name."""
    from ..formats import environment, toml

    why = environment.obstacle if format_ == "env" else toml.obstacle
    found = {name: why(name, value) for name, value in given.items() if isinstance(value, str)}
    return {name: obstacle for name, obstacle in found.items() if obstacle}


def _unknown(name: str, rows: Mapping[str, object]) -> str:
    from ..names import nearest

    near = nearest(name, rows)
    return f"{printable(name)} is no setting" + (f"; {near} is" if near else "")


def _is_named(name: str, names: tuple[str, ...]) -> bool:
    return name in names or (OAUTH_LIST in names and name.startswith("OAUTH_"))


def flat(settings: Settings) -> dict[str, object]:
    """The settings by name, each OAuth client as its four variables."""
    rows: dict[str, object] = {}
    for name, value in settings:
        if name == OAUTH_LIST:
            for client in settings.OAUTH_CLIENTS_CONFIG:
                rows |= _client(client)
        else:
            rows[name] = value
    return rows


def _client(client: OAuthClientConfig) -> dict[str, object]:
    return {
        f"OAUTH_{client.CLIENT_NAME}_{field}": getattr(client, field)
        for field in OAUTH_FIELDS
        if getattr(client, field) is not None
    }


def _place(resolved: Resolved, name: str) -> str:
    return str(resolved.origin(name))


def _shown(name: str, value: object, *, reveal: bool) -> str:
    if value is None:
        return "unset"
    shown = value if reveal else redacted(name, value)
    if isinstance(shown, bool):
        return str(shown).lower()
    return printable(str(shown))


def _table(resolved: Resolved, rows: Mapping[str, object], *, origin: bool, reveal: bool) -> None:
    cells = [
        (name, _shown(name, value, reveal=reveal), _place(resolved, name) if origin else "")
        for name, value in rows.items()
    ]
    if is_terminal():
        _rich_table(cells, origin=origin)
        return
    name_width = max((len(name) for name, _, _ in cells), default=0)
    value_width = max((len(value) for _, value, _ in cells), default=0) if origin else 0
    for name, value, place in cells:
        emit(f"{name:<{name_width}}  {value:<{value_width}}  {place}".rstrip())


def _rich_table(cells: list[tuple[str, str, str]], *, origin: bool) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("setting", no_wrap=True)
    table.add_column("value", overflow="fold")
    if origin:
        table.add_column("origin", overflow="fold")
    for name, value, place in cells:
        style = "dim" if value in {"unset", MARK} else ""
        row = [Text(name), Text(value, style=style), *([Text(place)] if origin else [])]
        table.add_row(*row)
    # Where no colours are wanted, bold is not either.
    Console(width=max(width(), 60), force_terminal=wants_color(), highlight=False).print(table)


def _given(rows: Mapping[str, object], *, reveal: bool) -> dict[str, object]:
    """What a machine format can carry: set, and not redacted."""
    return {
        name: str(value) if isinstance(value, Path) else value
        for name, value in rows.items()
        if value is not None and (reveal or redacted(name, value) == value)
    }


def _toml(resolved: Resolved, rows: Mapping[str, object], *, origin: bool, reveal: bool) -> str:
    import tomli_w

    section = resolved.environment or "default"
    given = _given(rows, reveal=reveal)
    if not origin:
        return tomli_w.dumps({section: given}).rstrip("\n")
    lines = [f"[{section}]"]
    for name, value in given.items():
        lines += [f"# {_place(resolved, name)}", tomli_w.dumps({name: value}).rstrip("\n")]
    return "\n".join(lines)


def _json(resolved: Resolved, rows: Mapping[str, object], *, origin: bool, reveal: bool) -> str:
    import json

    given = _given(rows, reveal=reveal)
    document: dict[str, object] = {}
    for name, value in rows.items():
        shown = value is None or name in given
        if not origin:
            document[name] = _finite(given.get(name)) if shown else {"redacted": True}
            continue
        entry = {"value": _finite(given.get(name))} if shown else {"redacted": True}
        place = resolved.origin(name)
        document[name] = {
            **entry,
            "origin": {
                "source": place.source.name.lower(),
                "name": place.name,
                "path": place.path,
                "section": place.section,
                "line": place.line,
                "column": place.column,
            },
        }
    return json.dumps(document, indent=2)


def _finite(value: object) -> object:
    import math

    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _env(resolved: Resolved, rows: Mapping[str, object], *, origin: bool, reveal: bool) -> str:
    import shlex

    lines = []
    for name, value in _given(rows, reveal=reveal).items():
        if origin:
            lines.append(f"# {_place(resolved, name)}")
        text = str(value).lower() if isinstance(value, bool) else str(value)
        lines.append(f"{name}={shlex.quote(text)}")
    return "\n".join(lines)


FORMATS = {"toml": _toml, "json": _json, "env": _env}
