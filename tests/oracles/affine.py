"""The oracle of ops that are affine in each operand: a difference of values is their derivative.

f(x + d) - f(x - d) = 2 f'(x)·d holds with a step of any size, and exactly but for rounding. Where
an op is affine in pieces only, as max and sort are, a step that stays inside a piece does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import engine
from engine import Tensor
from engine.arrays.array_op import ArrayOp
from engine.node import Node

Function = Callable[..., Any]

LAYOUTS = ["contiguous", "transposed", "reversed", "strided", "stretched"]
ROUNDING = {np.dtype(np.float64): 1e-13, np.dtype(np.float32): 1e-5}
"""Of a sum of some dozens of products, relative to the largest that may be in it."""


def laid_out(layout: str, array: Any) -> tuple[Any, Function]:
    """Return an array and a function that makes of it a view with the elements of the one given.

    The view is laid out in memory as the layout says: not contiguous, with negative strides, or
    with one number for several elements.
    """
    if layout == "transposed":
        return array.T.copy(), engine.transpose
    if layout == "reversed":
        return np.array(np.flip(array)), engine.flip
    if layout == "strided" and array.ndim:
        return np.repeat(array, 2, -1), lambda x: x[..., ::2]
    if layout == "stretched" and array.ndim and array.shape[0] and np.all(array == array[:1]):
        return array[:1].copy(), lambda x: engine.broadcast_to(x, array.shape)
    return np.array(array), lambda x: x


def assert_affine(
    function: Function, *arrays: Any, step: float = 1.0, layout: str = "contiguous"
) -> Any:
    """Assert that a function's gradients are its differences; return its value on Tensors.

    Args:
        function: takes arrays or Tensors, and is affine in each within the step.
        arrays: where.
        step: how far it is affine.
        layout: how the operands lie in memory.

    On the way: arrays in give the value that Tensors give, dtypes stay, nothing that was given is
    written to, no two gradients share memory, and rules hold for Tensors as for arrays.
    """
    rng = np.random.default_rng(len(arrays) + sum(array.size for array in arrays))
    laid = [laid_out(layout, array) for array in arrays]
    stores = [store for store, _ in laid]

    def whole(*stores: Any) -> Any:
        return function(*[view(store) for (_, view), store in zip(laid, stores, strict=True)])

    before = [store.copy() for store in stores]
    for store in stores:
        store.flags.writeable = False
    plain = whole(*stores)
    leaves = [Tensor(store, requires_grad=True) for store in stores]
    out = whole(*leaves)
    assert isinstance(out, Tensor)
    assert out.dtype == np.result_type(*stores)
    assert np.asarray(plain).dtype == out.dtype
    np.testing.assert_array_equal(np.asarray(out), plain)

    seed = np.asarray(rng.uniform(-1.0, 1.0, out.shape), out.dtype)
    kept = seed.copy()
    if not out.requires_grad:  # no operand left a trace, as in repeat(x, 0)
        return out
    out.backward(seed)
    np.testing.assert_array_equal(seed, kept)
    gradients = [leaf.grad for leaf in leaves]
    assert_apart([*gradients, seed, *[leaf._data for leaf in leaves]])
    for store, copy, gradient in zip(stores, before, gradients, strict=True):
        np.testing.assert_array_equal(store, copy)
        assert gradient.shape == store.shape
        assert gradient.dtype == store.dtype
    for place, gradient in enumerate(gradients):
        assert_difference(whole, stores, place, gradient, seed, step)
    assert_rules_hold_for_tensors(out)
    return out


def assert_difference(
    function: Function, arrays: Sequence[Any], place: int, gradient: Any, seed: Any, step: float
) -> None:
    """Assert that a gradient gives the change of the seeded value, in float64."""
    rng = np.random.default_rng(place)
    exact = [np.asarray(array, np.float64) for array in arrays]
    direction = rng.integers(-8, 9, exact[place].shape) * (step / 8.0)
    ends = []
    for sign in (1.0, -1.0):
        moved = list(exact)
        moved[place] = exact[place] + sign * direction
        ends.append(np.sum(np.asarray(function(*moved)) * seed))
    change = (ends[0] - ends[1]) / 2.0
    expected = float(np.sum(np.asarray(gradient, np.float64) * direction))
    scale = max(float(np.sum(np.abs(gradient))), abs(ends[0]), abs(ends[1]), 1e-300)
    assert abs(change - expected) <= ROUNDING[np.asarray(gradient).dtype] * scale


def assert_apart(arrays: Sequence[Any]) -> None:
    """Assert that no two arrays share memory."""
    for i, first in enumerate(arrays):
        for second in arrays[i + 1 :]:
            assert not np.shares_memory(first, second)


def assert_rules_hold_for_tensors(out: Tensor) -> None:
    """Assert that each op under a Tensor pulls Tensors back as it does arrays, with a graph."""
    for node in engine.topological_order([out]):
        op: Any = node.op
        if not isinstance(op, ArrayOp):
            continue
        operands: list[Any] = list(node.operands)
        arrays = [operand._data for operand in operands]
        seed = np.random.default_rng(0).uniform(-1.0, 1.0, node.shape).astype(node.dtype)
        upstream = Tensor(seed, requires_grad=True)
        for place, operand in enumerate(operands):
            if not operand.requires_grad:
                continue
            by_rule = op.pull(place, upstream, node, operands)
            assert isinstance(by_rule, Node), op
            assert by_rule.requires_grad, op
            on_arrays = op.array_pulls[place](seed, node._data, *arrays)
            rounding = ROUNDING[node.dtype]
            np.testing.assert_allclose(
                np.asarray(by_rule), on_arrays, rounding, rounding * (1 + np.size(seed))
            )
