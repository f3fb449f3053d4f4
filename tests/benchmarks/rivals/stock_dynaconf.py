"""Dynaconf as its guide shows it, followed by the pydantic model."""

from pathlib import Path

from dynaconf import Dynaconf  # noqa: TID251 - here it is the rival
from fields import Fields


def load() -> Fields:
    layered = Dynaconf(
        settings_files=[
            Path("config/settings.toml").absolute()
        ],  # else it looks beside this script
        environments=True,
        env="prod",
        envvar_prefix=False,
        auto_cast=False,
    )
    return Fields(**layered.as_dict())
