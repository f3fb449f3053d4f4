"""What the JUnit reports of the test runs say.

summary.py real REPORT     exit 1 if a test of a real server was skipped, or if there was none
summary.py total FOLDER    print `N passed, N failed` over all reports; exit 1 if any failed
"""

import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET


def outcome(case: ET.Element) -> str:
    """passed, skipped or failed; an error in a fixture is a failure."""
    tags = {child.tag for child in case}
    if tags & {"failure", "error"}:
        return "failed"
    return "skipped" if "skipped" in tags else "passed"


def cases(report: Path) -> list[ET.Element]:
    """The test cases of one report."""
    return list(ET.parse(report).iter("testcase"))  # noqa: S314 - pytest wrote it a moment ago


def real(report: Path) -> int:
    """Whether every test in tests/real ran."""
    found = [case for case in cases(report) if case.get("classname", "").startswith("tests.real")]
    skipped = [case for case in found if outcome(case) == "skipped"]
    for case in skipped:
        print(f"skipped: {case.get('classname')}::{case.get('name')}")
    print(f"{len(found)} tests of real servers, {len(skipped)} skipped")
    return 1 if skipped or not found else 0


def total(folder: Path) -> int:
    """The sum of all reports."""
    counts: Counter[str] = Counter()
    for report in sorted(folder.glob("*.xml")):
        here = Counter(outcome(case) for case in cases(report))
        print(f"{report.stem}: {here['passed']} passed, {here['skipped']} skipped")
        counts += here
    print(f"{counts['passed']} passed, {counts['failed']} failed")
    return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    verb, path = sys.argv[1], Path(sys.argv[2])
    sys.exit(real(path) if verb == "real" else total(path))
