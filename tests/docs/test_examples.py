"""What README.md and docs/ print is what the commands say."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs.examples import ROOT, pages


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_the_printed_output_is_what_the_commands_say(page: Path) -> None:
    process = subprocess.run(
        [sys.executable, ROOT / "docs" / "examples.py", page],
        check=False,
        capture_output=True,
        text=True,
    )

    assert process.returncode == 0, f"make docs-examples\n{process.stdout}{process.stderr}"


def test_a_wrong_output_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "<!-- start: empty -->\n<!-- file: a/b -->\n```text\none\n```\n"
        "```console\n$ cat a/b\ntwo\n$ false\n$ echo $?\n1\n```\n",
        encoding="utf-8",
    )
    process = subprocess.run(
        [sys.executable, ROOT / "docs" / "examples.py", page],
        check=False,
        capture_output=True,
        text=True,
    )

    assert process.returncode == 1
    assert re.findall(r"^[-+](?![-+]).*", process.stdout, flags=re.MULTILINE) == ["-two", "+one"]
