"""The floor: tomllib, a dict merge, one pydantic model. Nothing can do the job for less."""

import os
import tomllib
from pathlib import Path

from fields import Fields


def load() -> Fields:
    with Path("config/settings.toml").open("rb") as file:
        sections = tomllib.load(file)
    values = {**sections["default"], **sections["prod"]}
    values |= {name: os.environ[name] for name in Fields.model_fields if name in os.environ}
    return Fields(**values)
