"""Sphinx: `make docs`."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import generate  # noqa: E402 - beside this file

import fractal_settings  # noqa: E402 - with the one that is documented

project = "fractal-settings"
author = "The fractal-settings developers"
project_copyright = author
version = release = fractal_settings.__version__

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = f"fractal-settings {release}"

generate.write(HERE / "reference")
