"""Files that somebody meant for a settings folder, and that nothing reads."""

from __future__ import annotations

from collections.abc import Collection, Iterable

_ENDINGS = (".toml", ".tml", ".toml.txt")
_NEAR = 0.88
_SEARCHES = 20


def misnamed(present: Iterable[str], known: Collection[str]) -> dict[str, str]:
    """The files that were most likely meant to be known ones that are not there, by those.

    Args:
        present: the names of all files of the folder.
        known: the names that are read.
    """
    absent = set(known).difference(present)
    strangers = [name for name in present if name not in known]
    looked_at = [name for name in strangers if name.lower().endswith(_ENDINGS)][:_SEARCHES]
    if not (absent and looked_at):
        return {}
    from difflib import get_close_matches

    found: dict[str, str] = {}
    for name in looked_at:
        near = get_close_matches(
            name.lower().removesuffix(".txt"), sorted(absent), n=1, cutoff=_NEAR
        )
        if near:
            found.setdefault(near[0], name)
    return found
