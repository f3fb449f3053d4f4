"""What memory is measured against: pydantic and Dynaconf, imported and not used."""

import dynaconf  # noqa: F401
import pydantic  # noqa: F401


def load() -> None:
    """Nothing to load."""
