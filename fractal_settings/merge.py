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
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from .coldstart import lazily, without_collections
from .names import is_dynaconf
from .origins import Origin, Say
from .problems import Snippet
from .redact import Values, redacted
from .sources.layers import Layer

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynaconf.base import Settings as Engine

_SEPARATOR = "\0"
_OPTIONS: dict[str, object] = {
    "AUTO_CAST_FOR_DYNACONF": False,
    "NESTED_SEPARATOR_FOR_DYNACONF": _SEPARATOR,
    "INDEX_SEPARATOR_FOR_DYNACONF": None,
    "DOTTED_LOOKUP_FOR_DYNACONF": False,
    "MERGE_ENABLED_FOR_DYNACONF": False,
    "ENVIRONMENTS_FOR_DYNACONF": True,
    "ENVVAR_PREFIX_FOR_DYNACONF": None,
    "DEFAULT_ENV_FOR_DYNACONF": "default",
    "MAIN_ENV_FOR_DYNACONF": "main",
    "VALIDATE_ON_UPDATE_FOR_DYNACONF": False,
    "SYSENV_FALLBACK_FOR_DYNACONF": False,
    "LOADERS_FOR_DYNACONF": (),
    "CORE_LOADERS_FOR_DYNACONF": (),
    "INCLUDES_FOR_DYNACONF": (),
    "PRELOAD_FOR_DYNACONF": (),
    "SETTINGS_FILE_FOR_DYNACONF": (),
    "SKIP_FILES_FOR_DYNACONF": (),
    "FRESH_VARS_FOR_DYNACONF": (),
    "SECRETS_FOR_DYNACONF": None,
    "REDIS_ENABLED_FOR_DYNACONF": False,
    "VAULT_ENABLED_FOR_DYNACONF": False,
    "DYNABOXIFY": False,
}
# Dynaconf writes dotenv files by a command line of its own, with all of click.
_UNUSED = "dynaconf.vendor.dotenv.cli"
_ENCODED = "LOWER-"
_importing = threading.Lock()


class Merged(NamedTuple):
    """The effective raw values, and the layers that they were merged from.

    Attributes:
        values: raw, by name. Holds secrets, so no repr shows it.
        layers: lowest first.
    """

    values: Mapping[str, object]
    layers: Sequence[Layer]

    def __repr__(self) -> str:
        return f"Merged({len(self.values)} values of {len(self.layers)} layers)"

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
        identifier = about(layer.source.label)
        for name, value in layer.values.items():
            engine.set(
                _encoded(name),
                value,
                identifier,
                tomlfy=False,
                dotted_lookup=False,
                validate=False,
                merge=False,
            )
    values = Values(
        (_decoded(name), value) for name, value in engine.store.items() if name not in own
    )
    return Merged(values, tuple(layers))


@lru_cache(1024)
def _encoded(name: str) -> str:
    """Dynaconf writes names in capitals and without blanks at their ends; ours are exact.

    Its separator would become a dot.
    """
    exact = name == name.upper() and name == name.strip() and _SEPARATOR not in name
    if exact and not name.startswith(_ENCODED):
        return name
    return _ENCODED + name.encode("utf-8", "surrogatepass").hex().upper()


@lru_cache(1024)
def _decoded(name: str) -> str:
    if not name.startswith(_ENCODED):
        return name
    return bytes.fromhex(name.removeprefix(_ENCODED)).decode("utf-8", "surrogatepass")


@cache
def _engine_class() -> tuple[Callable[[], Engine], Callable[[str], object]]:
    with _importing, _without_dynaconf_variables(), without_collections(), lazily(_UNUSED):
        from dynaconf.base import Settings, SourceMetadata

    class Engine(Settings):  # type: ignore[misc]
        environ: Mapping[str, str] = {}
        settings_module = None

        def get(self, key: str, default: object = None, *args: object, **kwargs: object) -> object:
            # Dynaconf asks for its options several times a value; they are never in the store.
            if key in _OPTIONS:
                return _OPTIONS[key]
            return super().get(key, default, *args, **kwargs)

    def make() -> Engine:
        return Engine(dynaconf_skip_loaders=True, dynaconf_skip_validators=True, dynaboxify=False)

    def about(label: str) -> object:
        return SourceMetadata("fractal_settings", label, "all")

    return make, about


def process_environ() -> dict[str, str]:
    """The environment of this process, whole: none of it is hidden from Dynaconf meanwhile."""
    with _importing:
        return dict(os.environ)


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
