"""pydantic-settings with a TOML source, its sections merged by a subclass of that source."""

from pathlib import Path
from typing import Any

from fields import Fields
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)


class Sections(TomlConfigSettingsSource):
    def _read_file(self, file_path: Path) -> dict[str, Any]:
        sections = super()._read_file(file_path)
        return {**sections["default"], **sections["prod"]}


class Loaded(Fields, BaseSettings):
    model_config = SettingsConfigDict(
        toml_file="config/settings.toml", extra="ignore", case_sensitive=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        **_: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, Sections(settings_cls)


def load() -> Loaded:
    return Loaded()
