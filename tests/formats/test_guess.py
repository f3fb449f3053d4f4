"""What a file is taken for whose format was not named."""

import pytest

from fractal_settings.importing import guess


@pytest.mark.parametrize(
    ("text", "format_"),
    [
        ("A=1\n", "dotenv"),
        ("A=$B\nC=`x`\nD=$(x)\n", "dotenv"),
        ("export A=1\n", "shell"),
        ("# A\n\n  export A=1\nset -a\n", "shell"),
        ("export A=1\nB=2\n", "dotenv"),
        ("export A=${B}/c\nB=2\n", "dotenv"),
        ("export A='$B `c` $(d)'\nB=2\n", "dotenv"),
        ("# $(A)\nexport A=1\nB=2\n", "dotenv"),
        ("#!/bin/sh\nA=1\n", "shell"),
        ("BASE=/srv\nexport A=$BASE/tasks\n", "shell"),
        ('B=1\nexport A="$(cat /etc/key)"\n', "shell"),
        ("B=1\nexport A=`pass db`\n", "shell"),
        ("B=1\nexport A=1; export C=2\n", "shell"),
        ("A=1\0B=2\0", "env0"),
        ("export A=1\0", "env0"),
    ],
)
def test_a_file_is_taken_for_what_its_looks_say(text, format_):
    assert guess(text.encode()) == format_


def test_a_large_file_is_guessed_at_once():
    assert guess(b"export A='" + b"x" * 1_000_000) == "shell"
    assert guess(b"export A=1\nB=" + b"$" * 1_000_000) == "dotenv"
