"""Every op on whole arrays, in every kind of array: gradients against differences of values.

The rows that work element by element are tried likewise in test_elementwise_gradients.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine
from engine import Tensor
from engine.arrays.cross_entropy import cross_entropy
from engine.op import Reduction
from tests.oracles.affine import assert_apart
from tests.oracles.elementwise import ELEMENTWISE, Array, layouts

Shape = tuple[int, ...]
PLACES = np.array([[0, 2, 0], [1, 1, 3]])
MASK = np.array([[True, False, True, True], [False, True, False, True], [True] * 4])


def along(function: Callable[..., Any]) -> dict[str, Any]:
    """Return a reduction over axes of every kind."""
    return {
        "": (function, [(3, 4)]),
        "one axis": (lambda x: function(x, axis=1), [(3, 4)]),
        "axes, kept": (lambda x: function(x, axis=(-1, 0), keepdims=True), [(3, 2, 4)]),
        "no axes": (lambda x: function(x), [()]),
    }


# For each public op: functions of arrays, and the shapes of their operands.
CASES: dict[str, dict[str, tuple[Callable[..., Any], list[Shape]]]] = {
    **{
        name: along(getattr(engine, name))
        for name in ("sum", "mean", "prod", "max", "min", "norm", "logsumexp")
    },
    "var": along(lambda x, **options: engine.var(x, 0, **options)),
    "std": {"": (engine.std, [(3, 4)]), "1": (lambda x: engine.std(x, 1, axis=0), [(3, 4)])},
    "softmax": {"": (engine.softmax, [(3, 4)]), "0": (lambda x: engine.softmax(x, 0), [(3, 2, 2)])},
    "log_softmax": {"": (lambda x: engine.log_softmax(x, 0), [(3, 4)])},
    "cross_entropy": {"": (lambda x: cross_entropy(x, [0, 3, 1]), [(3, 4)])},
    "cumsum": {"": (engine.cumsum, [(3, 4)]), "0": (lambda x: engine.cumsum(x, 0), [(3, 4)])},
    "cumprod": {"": (engine.cumprod, [(3, 2)]), "0": (lambda x: engine.cumprod(x, 0), [(3, 4)])},
    "matmul": {
        "matrices": (engine.matmul, [(3, 4), (4, 2)]),
        "vectors": (engine.matmul, [(4,), (4,)]),
        "vector first": (engine.matmul, [(4,), (3, 4, 2)]),
        "vector last": (engine.matmul, [(2, 3, 4), (4,)]),
        "broadcast": (engine.matmul, [(2, 1, 3, 4), (3, 4, 2)]),
    },
    "linear": {
        "": (engine.linear, [(3, 4), (2, 4), (2,)]),
        "batch": (engine.linear, [(2, 3, 4), (2, 4), (2,)]),
    },
    "dot": {"": (engine.dot, [(3, 4), (4, 2)]), "vectors": (engine.dot, [(4,), (4,)])},
    "outer": {"": (engine.outer, [(3,), (4,)])},
    "einsum": {
        "": (lambda x, y: engine.einsum("bij,bkj->ikb", x, y), [(2, 3, 4), (2, 2, 4)]),
        "diagonal": (lambda x: engine.einsum("ii->i", x), [(3, 3)]),
        "three": (lambda x, y, z: engine.einsum("i,ij,j", x, y, z), [(3,), (3, 4), (4,)]),
        "broadcast": (lambda x, y: engine.einsum("...i,i->...", x, y), [(2, 3, 4), (4,)]),
    },
    "tensordot": {"": (lambda x, y: engine.tensordot(x, y, ([0], [1])), [(3, 4), (2, 3)])},
    "reshape": {"": (lambda x: engine.reshape(x, (2, -1)), [(3, 4)])},
    "permute_dims": {"": (lambda x: engine.permute_dims(x, (2, 0, 1)), [(3, 2, 4)])},
    "transpose": {"": (engine.transpose, [(3, 4)])},
    "moveaxis": {"": (lambda x: engine.moveaxis(x, 0, -1), [(3, 2, 4)])},
    "swapaxes": {"": (lambda x: engine.swapaxes(x, 0, 2), [(3, 2, 4)])},
    "expand_dims": {"": (lambda x: engine.expand_dims(x, (0, -1)), [(3, 4)])},
    "squeeze": {"": (engine.squeeze, [(3, 1, 4, 1)])},
    "broadcast_to": {"": (lambda x: engine.broadcast_to(x, (2, 3, 4)), [(3, 1)])},
    "flip": {"": (engine.flip, [(3, 4)]), "0": (lambda x: engine.flip(x, 0), [(3, 4)])},
    "roll": {"": (lambda x: engine.roll(x, (1, -2), (0, 1)), [(3, 4)])},
    "concat": {"": (lambda x, y: engine.concat([x, y, x], 1), [(3, 4), (3, 2)])},
    "stack": {"": (lambda x, y: engine.stack([x, y, x], 1), [(3, 4), (3, 4)])},
    "split": {"": (lambda x: engine.split(x, [1, 3], 1)[1], [(3, 4)])},
    "tile": {"": (lambda x: engine.tile(x, (2, 1, 3)), [(3, 4)])},
    "repeat": {"": (lambda x: engine.repeat(x, [1, 0, 2], 0), [(3, 4)])},
    "pad": {"": (lambda x: engine.pad(x, [(1, 0), (0, 2)], 0.5), [(3, 4)])},
    "getitem": {
        "slices": (lambda x: engine.getitem(x, (slice(None, None, -2), None, 1)), [(3, 4)]),
        "mask": (lambda x: engine.getitem(x, MASK), [(3, 4)]),
        "repeats": (lambda x: engine.getitem(x, (slice(None), [0, 0, -1])), [(3, 4)]),
    },
    "scatter": {"": (lambda x: engine.scatter(x, [0, 2, 0], (4,)), [(3,)])},
    "take": {"": (lambda x: engine.take(x, [0, 0, 3], 1), [(3, 4)])},
    "take_along_axis": {"": (lambda x: engine.take_along_axis(x, PLACES, 1), [(2, 4)])},
    "gather": {"": (lambda x: engine.gather(x, PLACES, 1), [(2, 4)])},
    "embedding": {"": (lambda x: engine.embedding(x, PLACES), [(4, 3)])},
    "sort": {"": (engine.sort, [(3, 4)]), "0": (lambda x: engine.sort(x, 0, True), [(3, 4)])},
    "conv2d": {
        "": (lambda *xs: engine.conv2d(*xs, 2, 1), [(2, 2, 4, 5), (3, 2, 3, 2), (3,)]),
    },
    "max_pool2d": {"": (lambda x: engine.max_pool2d(x, 2, 1, 1), [(2, 2, 3, 4)])},
    "avg_pool2d": {"": (lambda x: engine.avg_pool2d(x, (2, 3), 1, 1), [(2, 2, 3, 4)])},
    "windows": {"": (lambda x: engine.windows(x, 2), [(2, 3, 4)])},
    "fold": {"": (lambda x: engine.fold(x, (3, 4)), [(2, 2, 3, 2, 2)])},
    "dropout": {
        "": (lambda x: engine.dropout(x, 0.4, np.random.default_rng(0)), [(3, 4)]),
    },
}
WITHOUT_GRADIENT = {"argmax", "argsort", "one_hot"}
# What an empty operand of this shape gives; none are ops of which no elements are an error.
EMPTY: dict[str, list[Shape]] = {
    **{name: [(0, 4)] for name in ("sum", "prod", "norm", "logsumexp", "cumsum", "cumprod")},
    **{name: [(3, 0)] for name in ("mean", "var", "std", "softmax", "log_softmax", "sort")},
    **{name: [(0, 4), (0, 4)] for name in ("transpose", "stack", "reshape", "flip")},
    "matmul": [(3, 0), (0, 2)],
    "linear": [(0, 4), (2, 4), (2,)],
    "dot": [(0,), (0,)],
    "outer": [(0,), (4,)],
    "concat": [(0, 4), (0, 2)],
    "conv2d": [(0, 2, 4, 5), (3, 2, 3, 2), (3,)],
    "max_pool2d": [(0, 2, 3, 4)],
    "avg_pool2d": [(0, 2, 3, 4)],
    "getitem": [(3, 0)],
    "tile": [(0, 4)],
    "split": [(0, 4)],
}
every_case = pytest.mark.parametrize(
    ("name", "which"),
    [(name, which) for name, variants in CASES.items() for which in variants],
    ids=lambda text: text or "-",
)


def drawn(name: str, shapes: list[Shape]) -> list[Array]:
    """Return operands whose elements are apart, so that a small step changes no order."""
    rng = np.random.default_rng(len(name))
    operands = []
    for shape in shapes:
        count = int(np.prod(shape))
        spread = (rng.permutation(count) - 0.4 * count + 0.3) / max(count, 1)
        operands.append(spread.reshape(shape))
    return operands


def gradients(function: Any, operands: list[Array], seed: Array) -> tuple[Any, list[Array]]:
    leaves = [Tensor(x, requires_grad=True) for x in operands]
    out = function(*leaves)
    out.backward(seed)
    found = [leaf.grad for leaf in leaves]
    assert_apart([*found, seed, *[leaf._data for leaf in leaves], *operands])
    return out, found


def seed_for(function: Any, operands: list[Array]) -> Array:
    shape = np.shape(function(*operands))
    return np.asarray(np.random.default_rng(0).uniform(-1.0, 1.0, shape))


@every_case
def test_gradients_are_differences_in_every_kind_of_array(name: str, which: str) -> None:
    function, shapes = CASES[name][which]
    operands = drawn(name, shapes)
    seed = seed_for(function, operands)
    out, found = gradients(function, operands, seed)
    np.testing.assert_array_equal(out.data, function(*operands))

    rng, step = np.random.default_rng(1), 1e-5
    for place, gradient in enumerate(found):
        assert gradient.shape == shapes[place]
        for _ in range(2):
            direction = rng.uniform(-1.0, 1.0, shapes[place])
            ends = []
            for way in (step, -step):
                moved = list(operands)
                moved[place] = operands[place] + way * direction
                ends.append(np.sum(function(*moved) * seed))
            slope = np.sum(gradient * direction)
            size = np.sum(np.abs(gradient * direction))
            # The third derivative times step², and the rounding of the values over the step.
            assert abs((ends[0] - ends[1]) / (2.0 * step) - slope) <= 1e-8 * max(size, 1.0)

    for layout in layouts(operands[0]):
        laid = [layouts(x)[layout] for x in operands]
        before = [x.copy() for x in laid]
        other, again = gradients(function, laid, np.asarray(layouts(seed)[layout]))
        np.testing.assert_allclose(other.data, out.data, 1e-14, 1e-14, err_msg=layout)
        for a, b in zip(again, found, strict=True):
            np.testing.assert_allclose(a, b, 1e-13, 1e-13, err_msg=layout)
        for a, b in zip(laid, before, strict=True):
            np.testing.assert_array_equal(a, b, err_msg=layout)


@every_case
def test_float32_throughout(name: str, which: str) -> None:
    function, shapes = CASES[name][which]
    operands = [x.astype(np.float32) for x in drawn(name, shapes)]
    seed = seed_for(function, operands).astype(np.float32)
    out, found = gradients(function, operands, seed)
    exact, right = gradients(function, [x.astype(float) for x in operands], seed.astype(float))
    assert out.dtype == np.float32
    np.testing.assert_allclose(out.data, exact.data, 1e-5, 1e-6)  # of sums of up to 24 products
    for a, b in zip(found, right, strict=True):
        assert a.dtype == np.float32
        np.testing.assert_allclose(a, b, 1e-5, 3e-6)


@pytest.mark.parametrize("name", EMPTY)
@pytest.mark.filterwarnings("error")
def test_no_elements(name: str) -> None:
    function, shapes = next(iter(CASES[name].values()))
    operands = [np.zeros(shape) for shape in EMPTY[name][: len(shapes)]]
    if name == "matmul":
        function = engine.matmul
    if name == "dot":
        function = engine.dot
    if name == "reshape":
        function = lambda x: engine.reshape(x, (4, 0))  # noqa: E731
    if name == "getitem":
        function = lambda x: engine.getitem(x, [0, 0, 2])  # noqa: E731
    out = function(*[Tensor(x, requires_grad=True) for x in operands])
    np.testing.assert_array_equal(out.data, function(*operands))
    _, found = gradients(function, operands, np.ones(out.shape))
    for gradient, x in zip(found, operands, strict=True):
        assert gradient.shape == x.shape
        assert not np.any(gradient)


def test_every_public_op_is_tried() -> None:
    rows = {case.name for case in ELEMENTWISE}
    public = {*engine.__all__, "abs", "max", "min", "round", "sum"}
    ops = {name for name in public if isinstance(getattr(engine, name), engine.op.Op)}
    assert {name for name in ops if isinstance(getattr(engine, name), Reduction)} <= {*CASES}
    assert ops - rows - {*CASES} == set()
    assert {*engine.ARRAYS} - {*CASES} == {"Tensor", *WITHOUT_GRADIENT}
