"""`python -m fractal_settings`, and the command `fractal-settings`."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line and exit."""
    from .cli import run

    code = run(sys.argv[1:])
    gc.freeze()  # else the collections at exit take a sixth of a short run
    sys.exit(code)


if __name__ == "__main__":
    main()
