"""Every code of a probe is made real in a test of this folder."""

from __future__ import annotations

import re
from pathlib import Path

from fractal_settings.catalogue import CATALOGUE


def test_every_code_of_a_probe_is_asserted_somewhere_here():
    tests = [path.read_text() for path in Path(__file__).parent.glob("test_doctor_*.py")]
    asserted = set(re.findall(r'"(FS6\d\d)"', "\n".join(tests)))
    assert asserted == {code for code in CATALOGUE if code.startswith("FS6")}
