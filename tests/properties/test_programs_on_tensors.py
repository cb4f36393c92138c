"""One straight-line program on Tensors and on Values: values and gradients of every element.

Leaves have shapes that broadcast, so a leaf's gradient is the sum of those of all the Values that
it stands for.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from hypothesis import assume, given, strategies as st

import engine
from engine import Tensor, Value, topological_order
from engine.testing.program import Program
from engine.testing.strategies import programs

SMOOTH = [
    *(engine.add, engine.multiply, engine.subtract, engine.divide, engine.negative, engine.sin),
    *(engine.tanh, engine.sigmoid, engine.softplus, engine.square, engine.atan, engine.erf),
    *(engine.hypot, engine.logaddexp, engine.sum, engine.mean, engine.prod, engine.logsumexp),
]
SHAPES = [(), (1,), (3,), (2, 1), (2, 3)]
WHOLE = (2, 3)
APART = 0.25  # of the elements of one leaf
REDUCTIONS = ("sum", "mean", "prod", "logsumexp")


def along_first(name: str) -> Any:
    """Return a reduction of a list of Tensors, which are stretched to one shape and stacked."""
    reduce = getattr(engine, name)
    return lambda xs: reduce(engine.stack([engine.broadcast_to(x, WHOLE) for x in xs]), axis=0)


ON_TENSORS = {**vars(engine), **{name: along_first(name) for name in REDUCTIONS}}


@given(programs(ops=SMOOTH, max_steps=10), st.lists(st.sampled_from(SHAPES), min_size=3))
def test_a_program_on_tensors_is_the_program_on_every_element(
    program: Program, shapes: list[tuple[int, ...]]
) -> None:
    arrays = [
        x + APART * np.arange(np.prod(shape), dtype=float).reshape(shape)
        for x, shape in zip(program.leaves, itertools.cycle(shapes), strict=False)
    ]
    leaves = [Tensor(x, requires_grad=True) for x in arrays]
    out = engine.broadcast_to(program.run(leaves, ON_TENSORS)[-1], WHOLE)
    out.backward(np.ones(WHOLE))

    stretched = [np.broadcast_to(x, WHOLE) for x in arrays]
    expected = [np.zeros(WHOLE) for _ in arrays]
    sizes = [np.zeros(WHOLE) for _ in arrays]
    for index in np.ndindex(WHOLE):
        point = Program(tuple(float(x[index]) for x in stretched), program.steps)
        nodes = point.values()
        assume(all(abs(node.data) < 1e3 for node in nodes))
        assert abs(out.data[index] - nodes[-1].data) <= 1e-11 * max(
            1.0, *[abs(node.data) for node in nodes]
        )
        nodes[-1].backward()
        terms = sizes_of_terms(nodes[-1])
        for i in range(len(arrays)):
            expected[i][index] = nodes[i].grad or 0.0
            sizes[i][index] = terms.get(nodes[i], 0.0)
    for leaf, gradient, size in zip(leaves, expected, sizes, strict=True):
        got = np.zeros(leaf.shape) if leaf.grad is None else leaf.grad
        assert got.shape == leaf.shape
        allowed = 1e-10 * summed(size, leaf.shape)
        assert np.all(np.abs(got - summed(gradient, leaf.shape)) <= allowed)


def sizes_of_terms(root: Value) -> dict[Value, float]:
    """Return for each node the sum of the sizes of all paths to it, which rounding goes by."""
    sizes = {root: 1.0}
    for node in topological_order([root]):
        for operand, local in zip(node.operands, node.local_gradients, strict=True):
            sizes[operand] = sizes.get(operand, 0.0) + sizes[node] * abs(local)
    return sizes


def summed(x: Any, shape: tuple[int, ...]) -> Any:
    """Return an array summed to the shape that was stretched to it."""
    extra = x.sum(axis=tuple(range(x.ndim - len(shape))))
    for axis, size in enumerate(shape):
        if size == 1:
            extra = extra.sum(axis=axis, keepdims=True)
    return extra
