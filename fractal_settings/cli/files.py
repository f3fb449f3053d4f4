"""What the verbs that write files share."""

from __future__ import annotations

import click

from ..problems import FractalConfigurationError
from .common import emit, render

force_option = click.option("--force", is_flag=True, help="Replace a file that is there.")
follow_option = click.option(
    "--follow-links", is_flag=True, help="Write the file that a symbolic link points to."
)


def told(error: FractalConfigurationError) -> int:
    """Print the problems; return the exit code."""
    emit(render(error.problems, err=True), err=True)
    return 1
