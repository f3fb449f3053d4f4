"""The shape of an entry in the catalogue of codes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from ..problems import Severity

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Example(NamedTuple):
    """A small configuration: enough to reach a code, or to show how it is done right.

    Attributes:
        files: text by path below the working directory; a path that ends in `/` is a directory.
        environ: the environment variables.
        arguments: of the command line that finds it.
        needs: what must be there for it to be run (a service), in words; or empty.
    """

    files: Mapping[str, str] = _NOTHING
    environ: Mapping[str, str] = _NOTHING
    arguments: tuple[str, ...] = ("check",)
    needs: str = ""


class Entry(NamedTuple):
    """One code.

    Attributes:
        code: `FS` and three digits; the first says the stage.
        title: what is wrong, in a few words.
        severity: of every problem of this code.
        meaning: why it matters, in whole sentences.
        fix: what to do.
        broken: an example that reaches the code.
        right: the same, done right.
    """

    code: str
    title: str
    severity: Severity
    meaning: str
    fix: str
    broken: Example
    right: Example
