"""`schema` and `completion` print what other programs read."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

from fractal_settings.schema import schema


def test_it_prints_the_schema(call):
    outcome = call("schema")
    assert outcome.code == 0
    assert json.loads(outcome.out) == json.loads(json.dumps(schema()))


def test_it_writes_the_schema(call, tmp_path):
    assert call("schema", "-o", "schema.json").code == 0
    assert call("schema").out == (tmp_path / "schema.json").read_text()
    outcome = call("schema", "-o", "schema.json")
    assert (outcome.code, outcome.err.splitlines()[0]) == (
        1,
        "error[FS701]: schema.json is already there",
    )
    assert call("schema", "-o", "schema.json", "--force").code == 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_for_the_shell(call, shell):
    outcome = call("completion", shell)
    assert outcome.code == 0
    assert f"_FRACTAL_SETTINGS_COMPLETE={shell}_complete" in outcome.out


@pytest.mark.skipif(not shutil.which("bash"), reason="NOT TESTED: bash is not here")
def test_bash_completes_verbs_options_and_choices(call, tmp_path):
    program = tmp_path / "fractal-settings"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m fractal_settings "$@"\n')
    program.chmod(0o755)
    (tmp_path / "completion").write_text(call("completion", "bash").out)

    def completed(*words: str) -> list[str]:
        quoted = " ".join(f"'{word}'" for word in words)
        asked = (
            f". ./completion; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; "
            "_fractal_settings_completion fractal-settings; printf '%s\\n' \"${COMPREPLY[@]}\""
        )
        run = subprocess.run(
            ["/bin/bash", "-c", asked],
            cwd=tmp_path,
            env={"PATH": f"{tmp_path}:/usr/bin:/bin", "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        )
        return run.stdout.split()

    assert completed("fractal-settings", "ex") == ["explain", "export"]
    assert "--with-defaults" in completed("fractal-settings", "export", "--w")
    assert completed("fractal-settings", "export", "--format", "k") == ["k8s"]
