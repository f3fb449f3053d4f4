"""Prints, as JSON, the least seconds that loading each given working directory takes."""

import json
import sys
import time

import fractal_settings


def main(rounds: str, *folders: str) -> None:
    least = dict.fromkeys(folders, float("inf"))
    for _ in range(int(rounds)):
        for folder in folders:
            began = time.process_time_ns()
            fractal_settings.load("prod", cwd=folder, environ={})
            least[folder] = min(least[folder], (time.process_time_ns() - began) / 1e9)
    json.dump(least, sys.stdout)
