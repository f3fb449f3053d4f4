"""The command line, called in a folder of the test's own, with no variables but the test's."""

from __future__ import annotations

import io
import os
import sys
from typing import NamedTuple

import pytest

from fractal_settings.cli import run


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def server_python(tmp_path_factory):
    """What says that it is Python 3.11, whichever one runs the tests."""
    path = tmp_path_factory.mktemp("server") / "python3"
    path.write_text("#!/bin/sh\nprintf '3.11\\n/usr/bin/python3.11\\n'\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def call(tmp_path, monkeypatch, capfd, server_python):
    """Call the command line in the test's folder; give it variables by name, and bytes to read."""
    usual = {"PATH": os.defpath, "FRACTAL_SERVER_PYTHON": server_python}
    monkeypatch.chdir(tmp_path)

    def called(*arguments: str, stdin: bytes = b"", **environ: str) -> Outcome:
        with monkeypatch.context() as patch:
            for name in list(os.environ):
                patch.delenv(name)
            for name, value in {**usual, **environ}.items():
                patch.setenv(name, value)
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
            capfd.readouterr()
            code = run(arguments)
            sys.stdout.flush()
        return Outcome(code, *capfd.readouterr())

    return called
