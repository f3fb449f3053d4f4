"""The JSON Schema of a settings file, made of the model, for editors that know TOML.

Draft 7, the newest that Taplo and the plugins built on it read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, get_args

from .database import LARGEST_PORT
from .model import OAuthClientConfig, Settings, about

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo
from .names import OAUTH_FIELDS, OAUTH_LIST
from .readers import Boolean, Integer, Interpreter, Number, Port
from .sources.toml import RESERVED

DRAFT = "http://json-schema.org/draft-07/schema#"

_INTEGER = r"^\s*[-+]?[0-9]+(_[0-9]+)*\s*$"
_NUMBER = r"^\s*[-+]?([0-9]+(_[0-9]+)*)?(\.([0-9]+(_[0-9]+)*)?)?([eE][-+]?[0-9]+(_[0-9]+)*)?\s*$"
_TRUE_OR_FALSE = (
    "^([tT]([rR][uU][eE])?|[fF]([aA][lL][sS][eE])?|[yY]([eE][sS])?|[nN][oO]?|[oO][nN]"
    "|[oO][fF][fF]|1|0)$"
)
# Text is read as a variable would be, so that a number may stand in quotes too.
_KINDS: tuple[tuple[object, Mapping[str, object]], ...] = (
    (Integer, {"type": ["integer", "string"], "pattern": _INTEGER}),
    (Number, {"type": ["number", "string"], "pattern": _NUMBER}),
    (Boolean, {"type": ["boolean", "string"], "pattern": _TRUE_OR_FALSE}),
    (Port, {"type": ["integer", "string"], "minimum": 1, "maximum": LARGEST_PORT}),
    (Interpreter, {"type": "string", "pattern": "^/"}),
)


def schema() -> dict[str, object]:
    """The JSON Schema of settings.toml and its neighbours."""
    names = [name for name in Settings.model_fields if name != OAUTH_LIST]
    return {
        "$schema": DRAFT,
        "title": "Settings of Fractal Server",
        "description": "Each section holds the settings of an environment; [default] those of all.",
        "type": "object",
        "propertyNames": {"not": {"enum": sorted(RESERVED)}},
        "additionalProperties": {"$ref": "#/definitions/section"},
        "definitions": {
            "section": {
                "type": "object",
                "properties": {name: _setting(name) for name in names},
                "patternProperties": {
                    f"^OAUTH_[^_]+_{field}$": {
                        "type": "string",
                        "description": OAuthClientConfig.model_fields[field].description,
                    }
                    for field in OAUTH_FIELDS
                },
                "additionalProperties": False,
            }
        },
    }


def _setting(name: str) -> dict[str, object]:
    field = Settings.model_fields[name]
    choices = about(name).get("choices")
    found: dict[str, object] = dict(_kind(field))
    if choices:
        found["enum"] = choices
    if isinstance(field.default, str | int | float):
        found["default"] = field.default
    return {"description": _description(name, field), **found}


def _kind(field: FieldInfo) -> Mapping[str, object]:
    """The kind of value that the field's reader takes."""
    for kind, found in _KINDS:
        if get_args(kind)[1] in field.metadata:
            return found
    return {"type": "string"}


def _description(name: str, field: FieldInfo) -> str:
    extra = about(name)
    unit = f" In {extra['unit']}." if "unit" in extra else ""
    required = f" Required {extra['required']}." if "required" in extra else ""
    return f"{field.description}{unit}{required}"
