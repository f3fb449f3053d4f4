"""The catalogue of codes: what each problem means, why it matters, and how it is done right.

Pages, `explain` and the lists in tests are made from it.
"""

from __future__ import annotations

from . import machine, reading, server, values
from .entry import Entry, Example

__all__ = ["CATALOGUE", "Entry", "Example"]

CATALOGUE: dict[str, Entry] = {
    entry.code: entry for module in (reading, values, server, machine) for entry in module.ENTRIES
}
