"""W2 nodes: what one node costs in time and memory, and whether that stays flat as graphs grow.

(a) every product of two of the leaves, forward alone, by time and by memory a node; (b) forward
and backward over y = y + x[i % 1000]·x[(7i + 3) % 1000], two nodes a turn, at three sizes;
(c) a chain of a million additions: forward, backward, copy, deletion.
"""

from __future__ import annotations

import copy
import gc
import os
import tracemalloc
from collections.abc import Callable
from functools import partial
from operator import methodcaller
from pathlib import Path
from time import perf_counter
from typing import Any

from . import values
from .clock import mean_seconds
from .contender import Contender, Measurement, Program, Workload

RESIDENT_PAGES = Path("/proc/self/statm")
LEAVES = 1000


def products(xs: list[Any]) -> list[Any]:
    return [a * b for a in xs for b in xs]


def sum_of_products(xs: list[Any], nodes: int) -> Any:
    """Build a graph of so many nodes, half of them additions, as deep as it has additions."""
    y = xs[0]
    for i in range(nodes // 2):
        y = y + xs[i % LEAVES] * xs[(7 * i + 3) % LEAVES]
    return y


def chain(x: Any, additions: int) -> Any:
    y = x
    for _ in range(additions):
        y = y + x
    return y


def resident_bytes() -> int:
    return int(RESIDENT_PAGES.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def product_time(xs: list[Any]) -> float:
    start = perf_counter()
    nodes = products(xs)
    elapsed = perf_counter() - start
    del nodes
    return elapsed


def product_memory(xs: list[Any]) -> Measurement:
    """Measure memory a node, list entry included: of the process, and as Python allocates it.

    The first is only true in a process that has freed nothing of the kind before.
    """
    measured: Measurement = {}
    if RESIDENT_PAGES.exists():
        before = resident_bytes()
        nodes = products(xs)
        measured["resident memory"] = (resident_bytes() - before) / len(nodes)
        del nodes
    tracemalloc.start()
    nodes = products(xs)
    measured["allocated memory"] = tracemalloc.get_traced_memory()[0] / len(nodes)
    tracemalloc.stop()
    return measured


def sweep_time(xs: list[Any], nodes: int) -> float:
    start = perf_counter()
    y = sum_of_products(xs, nodes)
    y.backward()
    return perf_counter() - start


def chain_times(value_class: Any, additions: int, cyclic: bool) -> Measurement:
    """Time the life of a chain; a graph with reference cycles is deleted by the collector."""
    start = perf_counter()
    y = chain(value_class(1.0), additions)
    times: Measurement = {"forward": perf_counter() - start}
    for name, step in (("backward", methodcaller("backward")), ("deepcopy", copy.deepcopy)):
        try:
            start = perf_counter()
            result = step(y)
            times[name] = perf_counter() - start
            del result
        except RecursionError:
            times[name] = "recursion error"
    start = perf_counter()
    del y
    if cyclic:
        gc.collect()
    times["deletion"] = perf_counter() - start
    return times


def leaves(value_class: Any, count: int) -> list[Any]:
    return [value_class(1.0 + i / count) for i in range(count)]


def answers(value_class: Any) -> list[float]:
    """Answer for small graphs of each shape: the values, then the gradients of the leaves."""
    xs = leaves(value_class, LEAVES)
    y = sum_of_products(xs, 200)
    y.backward()
    gradients = [x.grad or 0.0 for x in xs]
    few = leaves(value_class, 5)
    x = value_class(1.5)
    z = chain(x, 100)
    z.backward()
    return [y.data, *gradients, *(p.data for p in products(few)), z.data, x.grad]


def reference(_smoke: bool) -> list[float]:
    """Work out the answers on floats: the gradient of a sum of products is a sum of factors."""
    xs = leaves(float, LEAVES)
    gradients = [1.0, *[0.0] * (LEAVES - 1)]
    for i in range(100):
        left, right = i % LEAVES, (7 * i + 3) % LEAVES
        gradients[left] += xs[right]
        gradients[right] += xs[left]
    few = leaves(float, 5)
    return [sum_of_products(xs, 200), *gradients, *products(few), chain(1.5, 100), 101.0]


def build(load: Callable[[], Any], cyclic: bool, smoke: bool) -> Program:
    value_class = load()
    table = leaves(value_class, 30 if smoke else 500)
    xs = leaves(value_class, LEAVES)

    def sweep(nodes: int) -> Measurement:
        try:
            return {"time a node": mean_seconds(partial(sweep_time, xs, nodes), smoke) / nodes}
        except RecursionError:
            return {"time a node": "recursion error"}

    sizes = (100, 1_000, 10_000) if smoke else (10_000, 100_000, 1_000_000)
    additions = 2_000 if smoke else 1_000_000
    return Program(
        partial(answers, value_class),
        {
            "products, memory": partial(product_memory, table),
            "products, forward": lambda: {
                "time a product": mean_seconds(partial(product_time, table), smoke)
                / len(table) ** 2
            },
            **{f"forward and backward, {n:,} nodes": partial(sweep, n) for n in sizes},
            f"chain of {additions:,} additions": partial(
                chain_times, value_class, additions, cyclic
            ),
        },
    )


def contender(
    name: str,
    load: Callable[[], Any],
    *needs: str,
    plain: bool = False,
    cyclic: bool = False,
) -> Contender:
    return Contender(name, partial(build, load, cyclic), needs, plain)


WORKLOAD = Workload(
    name="W2",
    title="nodes: what one node costs",
    contenders=(
        contender("stepgrad", values.stepgrad),
        contender("stepgrad, plain Python", values.stepgrad, plain=True),
        contender("micrograd", values.micrograd, "micrograd", cyclic=True),
        contender("stored local gradients", values.baseline),
    ),
    reference=reference,
    units={
        "resident memory": "B",
        "allocated memory": "B",
        "time a product": "s",
        "time a node": "s",
        "forward": "s",
        "backward": "s",
        "deepcopy": "s",
        "deletion": "s",
    },
    once=frozenset({"products, memory"}),
    growth="time a node",
)
