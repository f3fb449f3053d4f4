"""The catalogue of codes: what each problem means, why it matters, and how it is done right.

Pages, `explain` and the lists in tests are made from it.
"""

from __future__ import annotations

from . import clients, machine, names, probes, reading, safety, server, values, writing
from .entry import Entry, Example

__all__ = ["CATALOGUE", "Entry", "Example"]

_MODULES = (reading, names, values, clients, server, machine, safety, probes, writing)

CATALOGUE: dict[str, Entry] = {
    entry.code: entry for entry in sorted(entry for module in _MODULES for entry in module.ENTRIES)
}
