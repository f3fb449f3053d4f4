"""`init`: a settings folder to start from."""

from __future__ import annotations

import os
from pathlib import Path

import click

from ..names import SETTINGS_DIR
from ..problems import FractalConfigurationError
from .common import Options, emit, working_directory
from .files import follow_option, force_option, told
from .schema import schema_text


@click.command(epilog="Example: fractal-settings init && fractal-settings check --env dev")
@force_option
@follow_option
@click.argument("folder", metavar="[DIR]", required=False)
@click.pass_obj
def command(options: Options, *, force: bool, follow_links: bool, folder: str | None) -> int:
    """Write a settings folder to start from; config/ by default.

    \b
    settings.toml         sections default, dev, staging and prod, with every setting and what it
                          means; the required ones first
    .secrets.toml         a new JWT key for dev (mode 0600)
    .gitignore            lines that keep secrets out of git, added to what is there
    settings.schema.json  what editors read to tell of mistakes

    Nothing that is there is replaced without --force. What is written passes
    `fractal-settings check --env dev` at once. Exits with 1 if something is in the way.
    """  # noqa: D301 - click's mark is the character, not what stands for it
    import secrets

    from ..importing import SECRETS_FILE, planned_ignore
    from ..interpreters import server_python
    from ..names import SERVER_PYTHON
    from ..skeleton import SCHEMA_FILE, secrets_text, settings_text
    from ..sources.toml import SETTINGS_FILE
    from ..writing import Draft, make_folder, refuse_obstacles, write_file

    into = Path(folder or options.config_dir or os.environ.get(SETTINGS_DIR) or "config")
    variable, path = os.environ.get(SERVER_PYTHON), os.environ.get("PATH")
    python = server_python(options.server_python, variable, path, working_directory())
    drafts = [
        Draft(into / SECRETS_FILE, secrets_text(secrets.token_hex(32)), secret=True),
        Draft(into / SETTINGS_FILE, settings_text(python.version)),
        Draft(into / SCHEMA_FILE, schema_text()),
    ]
    try:
        make_folder(into)
        ignore = planned_ignore(into)
        if ignore.lines:  # first, so that no kill leaves a key that git would take
            drafts.insert(0, ignore.draft)
        refuse_obstacles(drafts, force=force, follow_links=follow_links)
        for draft in drafts:
            write_file(draft, force=force, follow_links=follow_links)
            emit(f"wrote {draft.path}")
    except FractalConfigurationError as error:
        return told(error)
    where = "" if str(into) == "config" else f"--config-dir {into} "
    options.talk(f"now look: fractal-settings {where}check --env dev")
    return 0
