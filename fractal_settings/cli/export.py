"""`export`: what the layers set, for whatever starts the unmodified server."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..problems import FractalConfigurationError, Problem, errors, problem
from .common import Options, emit_exactly, environment_option, render
from .files import follow_option, force_option, told

if TYPE_CHECKING:
    from ..loading import Resolved

FORMATS = ("dotenv", "shell", "systemd", "docker", "compose", "k8s", "toml", "json")


@click.command(
    epilog="Example: fractal-settings export --env prod --format systemd "
    "-o /etc/fractal/fractal.env"
)
@environment_option
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    required=True,
    help="dotenv: the server's own .fractal_server.env. shell: lines of export. systemd: an "
    "EnvironmentFile. docker: for docker run --env-file. compose: a file to merge with your own. "
    "k8s: a ConfigMap and a Secret, for envFrom. toml: a settings.toml. json: one object.",
)
@click.option("-o", "--output", metavar="FILE", help="Write to a file; with secrets, mode 0600.")
@click.option("--reveal", is_flag=True, help="Print secrets to standard output.")
@click.option(
    "--with-defaults", is_flag=True, help="Give settings that no layer sets, with their defaults."
)
@force_option
@follow_option
@click.pass_obj
def command(
    options: Options,
    *,
    environment: str | None,
    format_: str,
    output: str | None,
    reveal: bool,
    with_defaults: bool,
    force: bool,
    follow_links: bool,
) -> int:
    """Hand the settings on to the unmodified server, in the form that its starter reads.

    Given are the settings that some layer sets, as text, relative paths as they were given. Nothing
    is derived: the server derives its own. Before that the configuration is validated, as far as
    it does not depend on this machine, which need not be the server's. The text is read back by
    the rules of its format before it is given out.

    Secrets go to standard output only with --reveal, and to a file with mode 0600. A value that
    the format cannot hold is an error that names the setting and a way out.

    Exits with 1, and writes nothing, if the server would refuse the configuration, if a value
    cannot be held, or if secrets would be printed unasked.
    """
    from ..formats import written
    from ..texts import layered, shows_secrets

    resolved = options.resolve(environment)
    found = findings(resolved)
    if errors(found):
        return told(FractalConfigurationError(found))
    values = layered(resolved, with_defaults=with_defaults)
    secret = shows_secrets(values)
    to_file = output is not None and output != "-"
    if secret and not (reveal or to_file):
        return told(FractalConfigurationError([_would_show(values)]))
    try:
        text = written(format_, values, section=resolved.environment or "default")
        if output is not None and to_file:
            _write(Path(output), text, secret=secret, force=force, follow_links=follow_links)
            options.talk(f"wrote {output}: {len(values)} settings, {_mode(secret=secret)}")
    except FractalConfigurationError as error:
        return told(error)
    if not to_file:
        emit_exactly(text)
    if found:
        options.talk(render(found, err=True))
    return 0


def findings(resolved: Resolved) -> tuple[Problem, ...]:
    """What keeps the server from starting with this configuration, on whatever machine.

    Notes are left out.
    """
    from ..checks.facts import run
    from ..checks.server import SERVER
    from ..problems import Severity

    found = [*resolved.problems, *run(SERVER, resolved.facts._replace(static=True))]
    return tuple(each for each in found if each.severity is not Severity.NOTE)


def _would_show(values: Mapping[str, str]) -> Problem:
    from ..redact import printable, redacted

    secrets = [printable(name) for name, value in values.items() if redacted(name, value) != value]
    return problem(
        "FS711",
        f"the export holds secrets, and would print them: {', '.join(secrets)}",
        name=secrets[0],
        hint="write it to a file with -o FILE, or pass --reveal",
    )


def _write(path: Path, text: str, *, secret: bool, force: bool, follow_links: bool) -> None:
    from ..writing import Draft, write_file

    write_file(Draft(path, text, secret), force=force, follow_links=follow_links)


def _mode(*, secret: bool) -> str:
    return "readable by its owner alone" if secret else "no secret among them"
