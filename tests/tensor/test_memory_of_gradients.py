"""No gradient shares memory with another or with an input, and nothing given is written into."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine
from engine import Tensor
from engine.arrays.cross_entropy import cross_entropy
from engine.testing.oracles.reference import Case
from tests.oracles.elementwise import ELEMENTWISE, columns

Program = Callable[[Tensor, Tensor], Tensor]

PROGRAMS: dict[str, Program] = {
    "x + y": lambda x, y: x + y,
    "x - y": lambda x, y: x - y,
    "x + x": lambda x, y: x + x,
    "x·x": lambda x, y: x * x,
    "(x + y) + (x + y)": lambda x, y: (x + y) + (x + y),
    "clone": lambda x, y: x.clone() + y.clone(),
    "transpose": lambda x, y: x.T + y.T,
    "reshape": lambda x, y: engine.reshape(x, (4,)) + engine.reshape(y, (4,)),
    "broadcast": lambda x, y: engine.broadcast_to(x, (3, 2, 2)) + y,
    "row": lambda x, y: x[0] + y[1],
    "slice": lambda x, y: x[:, ::-1] + y[::-1],
    "concat": lambda x, y: engine.concat([x, y, x]),
    "stack": lambda x, y: engine.stack([x, y, y]),
    "sum": lambda x, y: engine.sum(x, axis=0) + engine.sum(y, axis=0),
    "mean": lambda x, y: engine.mean(x) + engine.mean(y),
    "max": lambda x, y: engine.max(x, axis=1) + engine.max(y, axis=1),
    "cumsum": lambda x, y: engine.cumsum(x, 0) + engine.cumsum(y, 0),
    "softmax": lambda x, y: engine.softmax(x) + engine.log_softmax(y),
    "cross_entropy": lambda x, y: cross_entropy(x + y, [0, 1]),
    "matmul": lambda x, y: x @ y,
    "linear": lambda x, y: engine.linear(x, y, y[0]),
    "where": lambda x, y: engine.where(x.data > y.data, x, y),
    "identity of identity": lambda x, y: engine.identity(engine.identity(x)) - (-y),
}


def locked(x: Any) -> Any:
    array = np.array(x, float)
    array.flags.writeable = False
    return array


def check(function: Callable[..., Tensor], operands: list[Any]) -> None:
    """Assert it of a program of leaves, run twice over, its inputs and its seed read-only."""
    operands = [locked(x) for x in operands]
    kept = [x.copy() for x in operands]
    leaves = [Tensor(x, requires_grad=True) for x in operands]
    out = function(*leaves)
    seed = locked(np.linspace(0.5, 1.5, out.size).reshape(out.shape))
    seed_kept = seed.copy()
    for _ in range(2):
        out.backward(seed)
    arrays = [
        *[leaf.grad for leaf in leaves if leaf.grad is not None],
        *[leaf.data for leaf in leaves],
        *operands,
        seed,
    ]
    gradients = len(arrays) - 2 * len(leaves) - 1
    for (i, a), (_, b) in itertools.combinations(enumerate(arrays), 2):
        if i < gradients:
            assert not np.shares_memory(a, b)
    for array in arrays[:gradients]:
        assert array.flags.writeable
        before = [other.copy() for other in arrays if other is not array]
        array += 1.0  # what a user does to one gradient is seen in no other
        for other, was in zip([x for x in arrays if x is not array], before, strict=True):
            np.testing.assert_array_equal(other, was)
    for x, was in zip([*operands, seed], [*kept, seed_kept], strict=True):
        np.testing.assert_array_equal(x, was)


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs(name: str) -> None:
    check(PROGRAMS[name], [[[1.0, 2.0], [3.0, 4.0]], [[5.0, 1.0], [2.0, 7.0]]])


@pytest.mark.parametrize("case", ELEMENTWISE, ids=lambda case: case.name)
def test_elementwise_rows(case: Case) -> None:
    check(case.op, columns(list(case.points(4))))


def test_a_gradient_outlives_the_next_sweep() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = x * 2.0
    loss = engine.sum(y * y)
    loss.backward()
    first, kept = y.grad, y.grad.copy()
    loss.backward()
    np.testing.assert_array_equal(first, kept)
    np.testing.assert_array_equal(y.grad, kept)
    np.testing.assert_array_equal(x.grad, 2 * 8.0 * np.array([1.0, 2.0]))


def test_a_gradient_that_is_set_is_copied() -> None:
    x, given = Tensor([1.0, 2.0], requires_grad=True), np.ones(2)
    x.grad = given
    engine.sum(x).backward()
    np.testing.assert_array_equal(given, [1.0, 1.0])
    np.testing.assert_array_equal(x.grad, [2.0, 2.0])
