"""What is measured against them."""

import fractal_settings


def load() -> fractal_settings.Settings:
    return fractal_settings.load("prod")
