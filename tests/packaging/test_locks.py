"""The locks hold what pyproject.toml asks for, and say nothing of where it comes from."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUN = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["build"]]
EXTRAS = [each for extra in PROJECT["project"]["optional-dependencies"].values() for each in extra]
ASKED = {
    "run": RUN,
    "test": [*RUN, *EXTRAS, *PROJECT["dependency-groups"]["test"]],
    "docs": [*RUN, *PROJECT["dependency-groups"]["docs"]],
    "servers": [*RUN, *PROJECT["dependency-groups"]["servers"]],
    "fractal-server": ["fractal-server==2.9.0a8"],
}
PIN = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>\S+?)( ; .+)?")


def pins(lock: str) -> dict[str, set[str]]:
    lines = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8").splitlines()
    found: dict[str, set[str]] = {}
    for line in lines:
        if line.strip() and not line.lstrip().startswith("#"):
            match = PIN.fullmatch(line)
            assert match, f"not a plain pin: {line}"
            found.setdefault(match["name"], set()).add(match["version"])
    return found


@pytest.mark.parametrize("lock", ASKED)
def test_every_requirement_is_locked_to_a_version_that_it_allows(lock: str) -> None:
    locked = pins(lock)

    for text in ASKED[lock]:
        wanted = Requirement(text)
        versions = locked.get(canonicalize_name(wanted.name), set())
        assert versions, f"{text}: not locked; make lock"
        assert all(wanted.specifier.contains(version, prereleases=True) for version in versions)


def test_the_locks_agree_with_each_other() -> None:
    test = pins("test")

    for lock in ("run", "docs", "servers"):
        shared = {name: versions for name, versions in pins(lock).items() if name in test}
        assert shared == {name: test[name] for name in shared}


@pytest.mark.parametrize("lock", ASKED)
def test_a_lock_names_no_registry(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")

    assert "://" not in text
    assert "--" not in text
