"""Writes what `check` says of the gallery's cases into their folders, of all or of those named.

refresh.py [CASE ...]

What is planted is never written: that is by hand, in each `case.toml`. Look at what git shows as
changed: every line of it is a change that users will see.
"""

import sys

import gallery


def main() -> None:
    """Write each case's two reports."""
    for case in gallery.cases():
        if not sys.argv[1:] or case.name in sys.argv[1:]:
            told = gallery.reports(case, "drawn", "json")
            (case.folder / "expected.txt").write_text(told["drawn"].stdout, "utf-8")
            (case.folder / "expected.json").write_text(told["json"].stdout, "utf-8")


if __name__ == "__main__":
    main()
