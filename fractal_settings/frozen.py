"""What a frozen model says of itself: pydantic's own refusal of a change quotes the value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

from pydantic import BaseModel

from .redact import SECRETS, Secret

_SECRET_FIELDS = {*SECRETS, "CLIENT_SECRET"}


def set_private(model: BaseModel, name: str, value: object) -> None:
    """Set what is no field.

    Raises:
        AttributeError: it is one. No local name holds the value then.
    """
    if name.startswith("_"):
        BaseModel.__setattr__(model, name, value)
        return
    del value
    refuse_change(model, name)


def refuse_change(model: BaseModel, name: str) -> NoReturn:
    """Refuse to change a field.

    Raises:
        AttributeError: always.
    """
    raise AttributeError(f"{type(model).__name__} is frozen: {name} cannot be changed")


def redacted_fields(model: BaseModel) -> Iterator[tuple[str | None, object]]:
    """What a repr shows: no secret, also of a copy that was given a plain text."""
    for name, value in BaseModel.__repr_args__(model):
        hidden = name in _SECRET_FIELDS and isinstance(value, str)
        yield name, Secret(value) if hidden else value
