"""Dynaconf as its guide shows it, followed by the pydantic model."""

from pathlib import Path

from dynaconf import Dynaconf
from fields import Fields


def load() -> Fields:
    layered = Dynaconf(
        root_path=Path.cwd() / "config",  # else it looks beside this script
        settings_files=["settings.toml", ".secrets.toml"],
        environments=True,
        env="prod",
        envvar_prefix=False,
    )
    return Fields(**layered.as_dict())
