"""Layers into merged values, by Dynaconf; the only door to it.

Dynaconf's own loaders read places unasked and parse what they find, so an engine of its kind is
fed here that loads nothing by itself. `Settings` and `dynaconf_skip_loaders` are not documented:
the range in pyproject.toml is narrow, and tests keep the engine equal to the public class.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from .names import is_dynaconf
from .origins import Origin, Say
from .problems import Snippet
from .redact import redacted
from .sources.layers import Layer

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynaconf.base import Settings as Engine

_OPTIONS = {
    "AUTO_CAST": False,
    "NESTED_SEPARATOR": "\x00",
    "INDEX_SEPARATOR": None,
    "DOTTED_LOOKUP": False,
    "MERGE_ENABLED": False,
    "ENVIRONMENTS": True,
    "ENVVAR_PREFIX": None,
    "DEFAULT_ENV": "default",
    "MAIN_ENV": "main",
    "VALIDATE_ON_UPDATE": False,
    "SYSENV_FALLBACK": False,
    "LOADERS": [],
    "CORE_LOADERS": [],
    "INCLUDES": [],
    "PRELOAD": [],
    "SETTINGS_FILE": [],
    "SKIP_FILES": [],
    "FRESH_VARS": [],
    "SECRETS": None,
    "REDIS_ENABLED": False,
    "VAULT_ENABLED": False,
}
_ENCODED = "LOWER-"
_importing = threading.Lock()


@dataclass(frozen=True, slots=True)
class Merged:
    """The effective raw values, and the layers that they were merged from.

    Attributes:
        values: raw, by name. Holds secrets, so no repr shows it.
        layers: lowest first.
    """

    values: Mapping[str, object] = field(repr=False)
    layers: Sequence[Layer] = field(repr=False)

    def layers_of(self, name: str) -> Iterator[Layer]:
        """The layers that have a say on the name, the effective one first."""
        return (layer for layer in reversed(self.layers) if name in layer.values)

    def origin(self, name: str) -> Origin | None:
        """Where the effective value stands; None if no layer has one."""
        for layer in self.layers_of(name):
            return layer.places.origin(name)
        return None

    def snippet(self, name: str) -> Snippet | None:
        """The line of the effective value, a secret one redacted."""
        for layer in self.layers_of(name):
            return layer.places.snippet(name)
        return None

    def history(self, name: str) -> tuple[Say, ...]:
        """Every layer's say on the name, the effective one first, secrets redacted."""
        return tuple(
            Say(
                layer.places.origin(name),
                redacted(name, layer.values[name]),
                "overridden" if index else "used",
            )
            for index, layer in enumerate(self.layers_of(name))
        )


def merge(layers: Sequence[Layer]) -> Merged:
    """Merge layers, a later one overriding an earlier one, whatever their values are."""
    make, about = _engine_class()
    engine = make()
    own = set(engine.store)
    for layer in layers:
        if layer.values:
            engine.update(
                {_encoded(name): value for name, value in layer.values.items()},
                tomlfy=False,
                dotted_lookup=False,
                validate=False,
                merge=False,
                loader_identifier=about(layer.source.label),
            )
    values = {_decoded(name): value for name, value in engine.as_dict().items() if name not in own}
    return Merged(values, tuple(layers))


def _encoded(name: str) -> str:
    """Dynaconf writes names in capitals and without blanks at their ends; ours are exact."""
    if name == name.upper() and name == name.strip() and not name.startswith(_ENCODED):
        return name
    return _ENCODED + name.encode("utf-8", "surrogateescape").hex().upper()


def _decoded(name: str) -> str:
    if not name.startswith(_ENCODED):
        return name
    return bytes.fromhex(name.removeprefix(_ENCODED)).decode("utf-8", "surrogateescape")


@cache
def _engine_class() -> tuple[Callable[[], Engine], Callable[[str], object]]:
    with _importing, _without_dynaconf_variables():
        from dynaconf.base import Settings, SourceMetadata

    class Engine(Settings):  # type: ignore[misc]
        environ: Mapping[str, str] = {}
        settings_module = None

    options = {f"{name}_FOR_DYNACONF": value for name, value in _OPTIONS.items()}

    def make() -> Engine:
        return Engine(
            dynaconf_skip_loaders=True,
            dynaconf_skip_validators=True,
            dynaboxify=False,
            **options,
        )

    def about(label: str) -> object:
        return SourceMetadata("fractal_settings", label, "all")

    return make, about


@contextmanager
def _without_dynaconf_variables() -> Iterator[None]:
    """Dynaconf evaluates its variables when it is imported: some make it fail, some open files."""
    hidden = {name: value for name, value in os.environ.items() if is_dynaconf(name)}
    for name in hidden:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(hidden)
