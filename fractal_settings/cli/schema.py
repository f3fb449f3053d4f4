"""`schema`: the JSON Schema of a settings file, for editors."""

from __future__ import annotations

from pathlib import Path

import click

from ..problems import FractalConfigurationError
from .common import Options, emit
from .files import follow_option, force_option, told


@click.command(
    epilog="Example: fractal-settings schema -o config/settings.schema.json --force, and as the "
    "first line of settings.toml: #:schema ./settings.schema.json"
)
@click.option("-o", "--output", metavar="FILE", help="Write it to a file.")
@force_option
@follow_option
@click.pass_obj
def command(options: Options, *, output: str | None, force: bool, follow_links: bool) -> int:
    """Print the JSON Schema of settings.toml.

    An editor that knows TOML (Taplo, Even Better TOML) tells with it of misspelt keys and wrong
    types while they are typed, and what each setting means. The schema is of draft 7, holds for
    each of the four TOML files, and accepts any name of a section.
    """
    if output is None:
        emit(schema_text().rstrip("\n"))
        return 0
    from ..writing import Draft, write_file

    try:
        write_file(Draft(Path(output), schema_text()), force=force, follow_links=follow_links)
    except FractalConfigurationError as error:
        return told(error)
    options.talk(f"wrote {output}")
    return 0


def schema_text() -> str:
    """The schema as JSON."""
    import json

    from ..schema import schema

    return json.dumps(schema(), indent=2) + "\n"
