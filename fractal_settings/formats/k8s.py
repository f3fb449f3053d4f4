"""A Kubernetes ConfigMap and a Secret, split by secrecy, for a container's `envFrom`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..redact import redacted
from . import yaml
from .assignments import Assignment, Reading
from .environment import text_obstacle

_NAME = re.compile(r"[-._A-Za-z][-._A-Za-z0-9]{0,252}")
_INDENT = 2


def obstacle(name: str, value: str) -> str | None:
    """Why Kubernetes cannot hold the variable; or None."""
    if not _NAME.fullmatch(name) or name.startswith(".."):
        return "its name has other characters than letters, digits, -, _ and ., or is too long"
    return text_obstacle(name, value)


def write(values: Mapping[str, str]) -> str:
    """The two manifests, the second only where there are secrets."""
    public = {name: value for name, value in values.items() if redacted(name, value) == value}
    secret = {name: value for name, value in values.items() if name not in public}
    manifests = [_manifest("ConfigMap", "data", public)]
    if secret:
        manifests.append(_manifest("Secret", "stringData", secret))
    return "---\n".join(manifests)


def _manifest(kind: str, field: str, values: Mapping[str, str]) -> str:
    opaque = "type: Opaque\n" if kind == "Secret" else ""
    head = f"apiVersion: v1\nkind: {kind}\nmetadata:\n  name: fractal-server\n{opaque}{field}:"
    return f"{head}\n{yaml.entries(values, indent=_INDENT)}" if values else f"{head} {{}}\n"


def read(text: str) -> Reading:
    """What `write` wrote."""
    found = yaml.read_entries(text, indent=_INDENT)
    return Reading(tuple(Assignment(*entry) for entry in found))
