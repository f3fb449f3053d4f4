"""`completion`: what makes a shell complete the command line."""

from __future__ import annotations

import click

from .common import emit

SHELLS = ("bash", "zsh", "fish")


@click.command(
    epilog="Example: fractal-settings completion bash "
    "> ~/.local/share/bash-completion/completions/fractal-settings"
)
@click.argument("shell", type=click.Choice(SHELLS))
def command(*, shell: str) -> int:
    """Print a script that makes the shell complete verbs, options and their choices.

    \b
    bash reads it from ~/.local/share/bash-completion/completions/fractal-settings
    zsh  from a file _fractal-settings in a folder of $fpath
    fish from ~/.config/fish/completions/fractal-settings.fish
    """  # noqa: D301 - click's mark is the character, not what stands for it
    from click.shell_completion import get_completion_class

    from . import cli

    complete = get_completion_class(shell)
    if complete is None:  # click knows all three
        raise click.UsageError(f"no completion for {shell}")
    program = complete(cli, {}, "fractal-settings", "_FRACTAL_SETTINGS_COMPLETE")
    # click's own `source` runs bash to look at its version; the script says what it needs.
    emit(program.source_template % program.source_vars())
    return 0
