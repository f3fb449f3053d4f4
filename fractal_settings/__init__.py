"""Fractal Server's settings from layered TOML and environment: loaded, checked, explained.

The way of the data: sources (files, variables, secret files, overrides) are read into layers;
Dynaconf merges the layers; pydantic makes `Settings` of the merged values; what is refused on the
way becomes problems, each with the place of its value. Checks look at settings and at the machine,
probes at the real services. Importing the package reads nothing (D11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"

__all__ = [
    "FractalConfigurationError",
    "OAuthClientConfig",
    "Settings",
    "__version__",
    "get_settings",
    "load",
    "resolve",
]

if TYPE_CHECKING:
    from .loading import get_settings, load, resolve
    from .model import OAuthClientConfig, Settings
    from .problems import FractalConfigurationError

_HOMES = {
    "FractalConfigurationError": "problems",
    "OAuthClientConfig": "model",
    "Settings": "model",
    "get_settings": "loading",
    "load": "loading",
    "resolve": "loading",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: `--version` needs none of them."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    from .coldstart import without_collections

    with without_collections():
        value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
