"""One JSON object of text by name."""

from __future__ import annotations

from collections.abc import Mapping

from .assignments import Assignment, Reading
from .environment import text_obstacle


def obstacle(name: str, value: str) -> str | None:
    """Why JSON cannot hold the variable; or None."""
    return text_obstacle(name, value)


def write(values: Mapping[str, str]) -> str:
    """The text of a JSON object."""
    import json

    return json.dumps(dict(values), indent=2, ensure_ascii=False) + "\n"


def read(text: str) -> Reading:
    """What `write` wrote."""
    import json

    return Reading(
        tuple(
            Assignment(name, value, number)
            for number, (name, value) in enumerate(json.loads(text).items(), start=2)
        )
    )
