"""Formats: what other programs read settings from, one format a file.

Each module has `obstacle(name, value)`, why the format cannot hold a variable; `write(values)`;
and `read(text)`, by the rules of the program that the format is for. Values are text, as the
server finds them in its environment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ..problems import FractalConfigurationError, Problem, problem
from ..redact import printable
from . import compose, docker, dotenv, environment, json, k8s, shell, systemd, toml
from .assignments import Reading


class Format(NamedTuple):
    """One format.

    Attributes:
        title: what it is, to follow "as".
        obstacle: why it cannot hold a variable, to follow "because"; or None.
        write: the text that holds the variables.
        read: what the program that it is for reads.
        elsewhere: what to do about a value that it cannot hold.
    """

    title: str
    obstacle: Callable[[str, str], str | None]
    write: Callable[[Mapping[str, str]], str]
    read: Callable[[str], Reading]
    elsewhere: str


_AS_FILE = "hand it over as a file (`<SECRET>_FILE`, a credential), or change it"

FORMATS: Mapping[str, Format] = {
    "dotenv": Format(
        "a dotenv file", dotenv.obstacle, dotenv.write, dotenv.read, "export it as shell"
    ),
    "shell": Format("a shell file", shell.obstacle, shell.write, shell.read, "export it as dotenv"),
    "systemd": Format(
        "a systemd EnvironmentFile", systemd.obstacle, systemd.write, systemd.read, _AS_FILE
    ),
    "docker": Format(
        "an env file of Docker", docker.obstacle, docker.write, docker.read, "export it as compose"
    ),
    "compose": Format("a compose file", compose.obstacle, compose.write, compose.read, _AS_FILE),
    "k8s": Format("Kubernetes manifests", k8s.obstacle, k8s.write, k8s.read, _AS_FILE),
    "toml": Format("TOML", toml.obstacle, toml.write, toml.read, _AS_FILE),
    "json": Format("JSON", json.obstacle, json.write, json.read, _AS_FILE),
}


def written(name: str, values: Mapping[str, str], *, section: str = "default") -> str:
    """The variables in a format, read back before it is given out.

    Args:
        name: of the format.
        values: text by name.
        section: of TOML.

    Raises:
        FractalConfigurationError: the format cannot hold a value (FS710); it says which and why.
    """
    target = FORMATS[name]
    refused = {
        variable: reason
        for variable, value in values.items()
        if (reason := environment.obstacle(variable, value) or target.obstacle(variable, value))
    }
    if not refused:
        text = toml.write(values, section) if name == "toml" else target.write(values)
        if target.read(text).values == dict(values):
            return text
        refused = dict.fromkeys(_changed(target, values), "it would not be read back as it is")
    raise FractalConfigurationError(_refusal(target, *each) for each in refused.items())


def _changed(target: Format, values: Mapping[str, str]) -> list[str]:
    """The variables that do not survive alone; all of them, if each does."""
    alone = [
        variable
        for variable, value in values.items()
        if target.read(target.write({variable: value})).values != {variable: value}
    ]
    return alone or list(values)


def _refusal(target: Format, variable: str, reason: str) -> Problem:
    return problem(
        "FS710",
        f"{printable(variable)} cannot be written as {target.title}: {reason}",
        name=variable,
        hint=target.elsewhere,
    )
