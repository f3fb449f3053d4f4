"""Prints, as JSON, the least seconds that one warm load takes by each rival.

Run in a folder made by `workload.write`, with its variables.
"""

import gc
import json
import sys
import time
import warnings
from collections.abc import Callable

import floor
import ours
import settings_source
import stock_dynaconf

RIVALS: dict[str, Callable[[], object]] = {
    "floor": floor.load,
    "pydantic-settings": settings_source.load,
    "stock Dynaconf": stock_dynaconf.load,
    "ours": ours.load,
}


def seconds(load: Callable[[], object]) -> float:
    began = time.process_time_ns()
    load()
    return (time.process_time_ns() - began) / 1e9


def main(rounds: str) -> None:
    warnings.simplefilter("ignore")
    least = dict.fromkeys(RIVALS, float("inf"))
    for number in range(int(rounds)):
        for name, load in RIVALS.items():
            if name == "stock Dynaconf" and number % 5:
                continue  # fifty times slower than the others: a fifth of the rounds is enough
            gc.collect()
            least[name] = min(least[name], *(seconds(load) for _ in range(3)))
    json.dump(least, sys.stdout)
