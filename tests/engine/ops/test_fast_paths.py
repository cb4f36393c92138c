"""Each fast path of Value gives bit for bit what its row gives: the number and the derivatives."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine
from engine import Value, ops, reductions
from engine.testing.oracles.compare import bits
from engine.testing.oracles.domains import doubles, sized

inf, nan = math.inf, math.nan
TINY, NORMAL, HUGE = 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308
SPECIAL = [
    *(0.0, 0.5, 1.0, 1.0000000000000002, 2.0, 3.0, 0.1, 1e-5, 1e17),
    *(TINY, 3e-320, NORMAL, 1e-200, 1e200, HUGE, inf),
    *(708.9, 709.0, 709.782712893384, 709.7827128933841, 745.2, 1074.0),  # where exp overflows
]
SPECIAL = [*SPECIAL, *(-x for x in SPECIAL), nan]


def numbers(count: int) -> list[float]:
    """Return the special numbers and some of any size."""
    rng = random.Random(0)
    return [
        *SPECIAL,
        *(doubles(rng) for _ in range(count)),
        *(sized(-6, 6)(rng) for _ in range(count)),
    ]


UNARY: dict[str, tuple[Any, list[Callable[[Any], Any]]]] = {
    "negative": (ops.negative, [lambda v: -v, engine.negative]),
    "relu": (ops.relu, [lambda v: v.relu(), engine.relu]),
    "exp": (ops.exp, [lambda v: v.exp(), engine.exp]),
    "log": (ops.log, [lambda v: v.log(), engine.log]),
}
BINARY: dict[str, tuple[Any, list[Callable[[Any, Any], Any]]]] = {
    "+": (ops.add, [lambda v, w: v + w, engine.add]),
    "-": (ops.subtract, [lambda v, w: v - w, engine.subtract]),
    "×": (ops.multiply, [lambda v, w: v * w, engine.multiply]),
    "/": (ops.divide, [lambda v, w: v / w, engine.divide]),
    "**": (ops.power, [lambda v, w: v**w, engine.power]),
}


def check(out: Any, row: Any, numbers: tuple[float, ...]) -> None:
    """Assert that a node is what its row makes of these numbers."""
    assert out.op is row
    value = row.forward(*numbers)
    assert bits(out.data) == bits(value), f"{row.name}{numbers} gave {out.data!r}, not {value!r}"
    for i, operand in enumerate(out.operands):
        if operand.requires_grad:
            got, rule = out.local_gradients[i], float(row.derivatives[i](value, *numbers))
            assert bits(got) == bits(rule), f"{row.name}{numbers}, {i}: {got!r}, not {rule!r}"


@pytest.mark.parametrize("name", UNARY)
def test_one_operand(name: str) -> None:
    row, spellings = UNARY[name]
    for x in numbers(300):
        for apply in spellings:
            check(apply(Value(x)), row, (x,))


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("constant", [None, 0, 1])
def test_two_operands(name: str, constant: int | None) -> None:
    row, spellings = BINARY[name]
    pairs = itertools.product(SPECIAL, SPECIAL)
    more = zip(numbers(300), reversed(numbers(300)), strict=True)
    for pair in itertools.chain(pairs, more):
        operands = [x if i == constant else Value(x) for i, x in enumerate(pair)]
        for apply in spellings:
            check(apply(*operands), row, pair)


@pytest.mark.parametrize("size", [1, 2, 3, 50])
@pytest.mark.parametrize("constant", [None, 0, 1])
def test_dot(size: int, constant: int | None) -> None:
    row = reductions.dot
    rng = random.Random(size)
    pool = numbers(100)
    for _ in range(100):
        flat = rng.choices(pool, k=2 * size)
        halves = [
            half if i == constant else [Value(x) for x in half]
            for i, half in enumerate((flat[:size], flat[size:]))
        ]
        out = engine.dot(*halves)
        assert out.op is row
        assert bits(out.data) == bits(row.forward(flat))
        rules = row.partials(out.data, flat)
        for operand, local, rule in zip(out.operands, out.local_gradients, rules, strict=True):
            if operand.requires_grad:
                assert bits(local) == bits(rule)


def test_dot_of_numbers_of_numpy_is_a_float() -> None:
    out = engine.dot([np.float64(2.0), np.array(1.0)], [3.0, 4.0])
    assert (type(out), out) == (float, 10.0)


def test_dot_of_an_empty_sequence() -> None:
    assert engine.dot([], []) == reductions.dot.empty == 0.0
