"""What a value that is refused was meant to be, where that is plain."""

from __future__ import annotations

import logging
import re

from .model import about
from .readers import BOOLEAN, INTEGER, NUMBER

_SECONDS = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hour", "hours"), 3_600),
    **dict.fromkeys(("d", "day", "days"), 86_400),
}
_WITH_UNIT = re.compile(r"([0-9]{1,9})(?:\.0+)? ?([a-z]*)")
_DECIMAL_COMMA = re.compile(r"[0-9]{1,9},[0-9]{1,9}")


def meant(name: str, code: str, value: object) -> object:
    """A right value that the wrong one comes near; or None.

    >>> meant("JWT_EXPIRE_SECONDS", "FS201", "1h")
    3600
    """
    if code == BOOLEAN and value in (0, 1):
        return bool(value)
    if code == INTEGER and isinstance(value, float) and value.is_integer():
        return int(value)
    if code == INTEGER and isinstance(value, str):
        return _integer(name, value.strip())
    if code == NUMBER and isinstance(value, str) and _DECIMAL_COMMA.fullmatch(value.strip()):
        return float(value.replace(",", "."))
    return None


def _integer(name: str, text: str) -> int | None:
    if name == "FRACTAL_LOGGING_LEVEL":
        return logging.getLevelNamesMapping().get(text.upper())
    match = _WITH_UNIT.fullmatch(text)
    if match is None:
        return None
    unit = match[2]
    if not unit:
        return int(match[1])
    in_seconds = about(name).get("unit") == "seconds"
    return int(match[1]) * _SECONDS[unit] if in_seconds and unit in _SECONDS else None
