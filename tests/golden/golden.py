"""Outcomes of the real server as data: how a case is laid out, run and compared."""

from __future__ import annotations

import base64
import json
import logging
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from fractal_settings import FractalConfigurationError, Settings, resolve
from fractal_settings.checking import examine
from fractal_settings.problems import errors, log

HERE = Path(__file__).parent
PYTHON = ("3.11", sys.executable)  # the outcomes are of a server on 3.11 (D6)


def cases() -> list[dict]:
    return [
        json.loads(line)
        for name in ("hand.jsonl", "random.jsonl")
        for line in (HERE / name).read_text("utf-8").splitlines()
    ]


class Place(NamedTuple):
    cwd: Path
    bin: Path

    def fill(self, text: str) -> str:
        for name, value in {
            "{TMP}": str(self.cwd),
            "{TMP_PARENT}": str(self.cwd.parent),
            "{BIN}": str(self.bin),
            "{EXECUTABLE}": sys.executable,
            "{PY}": "3.11",
            "{PY_}": "3_11",
        }.items():
            text = text.replace(name, value)
        return text

    def fill_all(self, value: object) -> object:
        if isinstance(value, str):
            return self.fill(value)
        if isinstance(value, list):
            return [self.fill_all(item) for item in value]
        if isinstance(value, dict):
            if set(value) == {"$float"}:
                return float(value["$float"])
            return {self.fill(key): self.fill_all(item) for key, item in value.items()}
        return value


class Outcome(NamedTuple):
    settings: Settings | None
    refused: bool
    names: set[str]
    text: str
    warned: str
    codes: set[str]
    values: dict


def lay_out(case: dict, parent: Path) -> Place:
    parent = parent.resolve()
    place = Place(parent / "cwd", parent / "bin")
    place.cwd.mkdir(parents=True)
    place.bin.mkdir()
    for command in case["commands"]:
        _executable(place.bin / command)
    for name, what in case["files"].items():
        _write(place, place.cwd / name, what)
    return place


def _executable(path: Path) -> None:
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)


def _write(place: Place, path: Path, what: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(what, str):
        path.write_bytes(place.fill(what).encode("utf-8", "surrogateescape"))
    elif "dir" in what:
        path.mkdir(exist_ok=True)
    elif "symlink" in what:
        path.symlink_to(place.fill(what["symlink"]))
    elif "base64" in what:
        path.write_bytes(base64.b64decode(what["base64"]))
    else:
        path.write_bytes(place.fill(what["text"]).encode("utf-8", "surrogateescape"))
        path.chmod(what["mode"] if isinstance(what["mode"], int) else int(what["mode"], 8))


def environment(case: dict, place: Place) -> dict[str, str]:
    environ = {"PATH": "{BIN}", **case["env"]}
    return {name: place.fill(value) for name, value in environ.items()}


def run(case: dict, place: Place, caplog: logging.LogCaptureFixture) -> Outcome:
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        resolved = resolve(environ=environment(case, place), cwd=place.cwd, server_python=PYTHON)
        log(resolved.problems)
    problems = list(examine(resolved).problems)
    if resolved.settings is not None:
        if errors(problems):
            with pytest.raises(FractalConfigurationError):
                resolved.settings.check()
        else:
            resolved.settings.check()
    refusals = errors(problems)
    return Outcome(
        resolved.settings,
        bool(refusals),
        {each.name for each in refusals},
        "\n".join(f"{each.name} {each.message}" for each in refusals),
        "\n".join(record.getMessage() for record in caplog.records),
        {each.code for each in refusals},
        dict(resolved.values),
    )
