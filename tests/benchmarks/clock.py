"""Timing: wall-clock seconds, with the garbage collector as the user has it."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter


def seconds(run: Callable[[], object]) -> float:
    """Give the seconds that one call takes, its clean-up included."""
    start = perf_counter()
    run()
    return perf_counter() - start


def mean_seconds(timed: Callable[[], float], smoke: bool) -> float:
    """Average a self-timed run over as many calls as fill 50 ms (one call in a smoke run)."""
    enough = 0.0 if smoke else 0.05
    total = timed()
    count = 1
    while total < enough:
        total += timed()
        count += 1
    return total / count
