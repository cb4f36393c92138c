"""Reductions along axes: each line is reduced, and has the gradient, as the row says of a list."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine
from engine import ShapeError, Tensor, Value, reductions
from engine.arrays.axes import reduced
from engine.op import Reduction

inf, nan = math.inf, math.nan

ROWS: dict[str, Reduction] = {
    **{
        name: getattr(reductions, name)
        for name in ("sum", "mean", "prod", "max", "min", "norm", "logsumexp")
    },
    **{f"var[{c}]": reductions.variance(float(c)) for c in (0, 1)},
    **{f"std[{c}]": reductions.deviation(float(c)) for c in (0, 1)},
}
every_row = pytest.mark.parametrize("name", ROWS)
AXES = [None, 0, 1, 2, -1, -3, (0, 1), (0, 2), (2, 0), (-1, 1), (0, 1, 2), ()]


def lines_of(x: Any, axis: Any) -> tuple[list[Any], tuple[int, ...], tuple[int, ...]]:
    """Return the index of each line along the axes, the shape of the rest, and the axes."""
    given = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    axes = tuple(sorted(a % x.ndim for a in given))
    rest = tuple(n for i, n in enumerate(x.shape) if i not in axes)
    lines = []
    for place in itertools.product(*map(range, rest)):
        spots = iter(place)
        lines.append(tuple(slice(None) if i in axes else next(spots) for i in range(x.ndim)))
    return lines, rest, axes


def by_values(row: Reduction, x: Any, axis: Any) -> tuple[Any, Any]:
    """Return the reduction along axes and its gradient for all of it, by Values, line by line."""
    lines, rest, _ = lines_of(x, axis)
    out, gradient = [], np.zeros(x.shape)
    for line in lines:
        part = x[line]
        leaves = [Value(number) for number in part.ravel().tolist()]
        result = row.reduce(leaves)
        result.backward()
        out.append(result.data)
        gradient[line] = np.reshape([leaf.grad for leaf in leaves], part.shape)
    return np.reshape(out, rest), gradient


def by_tensors(row: Reduction, x: Any, axis: Any, **options: Any) -> tuple[Any, Any]:
    t = Tensor(x, requires_grad=True)
    out = reduced(row, t, axis, **options)
    out.backward(np.ones(out.shape))
    return np.asarray(out), t.grad


@every_row
@pytest.mark.parametrize("axis", AXES, ids=str)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_axis(name: str, axis: Any, dtype: Any) -> None:
    if axis == () and name.endswith("[1]"):
        return  # of one element, see below
    x = np.random.default_rng(0).normal(size=(2, 3, 4)).astype(dtype)
    value, gradient = by_values(ROWS[name], x, axis)
    # The elements are of size 1 and at most 24, so each result is a few roundings off.
    close = {"rtol": 50 * np.finfo(dtype).eps, "atol": 20 * np.finfo(dtype).eps}
    for keepdims in (False, True):
        out, grad = by_tensors(ROWS[name], x, axis, keepdims=keepdims)
        axes = lines_of(x, axis)[2]
        kept = tuple(1 if i in axes else n for i, n in enumerate(x.shape))
        assert out.shape == (kept if keepdims else value.shape)
        assert out.dtype == grad.dtype == dtype
        assert grad.shape == x.shape
        np.testing.assert_allclose(out.reshape(value.shape), value, **close)
        np.testing.assert_allclose(grad, gradient, **close)


LINES: dict[str, list[float]] = {
    "ties": [2.0, 1.0, 2.0, -3.0, -3.0],
    "zeros": [0.0, 0.0, 0.0],
    "one zero": [2.0, 0.0, 3.0],
    "two zeros": [2.0, 0.0, 0.0, 3.0],
    "all alike": [0.1] * 7,
    "nearly alike": [1.0, 1.0 + 2**-52, 1.0 + 2**-51],
    "nan": [1.0, nan, 3.0],
    "inf": [1.0, inf, 3.0],
    "both infs": [inf, 1.0, -inf],
    "-inf": [-inf, 0.0, 1.0],
    "all -inf": [-inf, -inf],
    "nan and inf": [nan, inf],
    "one": [3.0],
    "one nan": [nan],
    "huge": [1e308, 1.5e308, -1e307],
    "large": [3e200, 4e200],
    "tiny": [3e-200, 4e-200],
    "subnormal": [5e-324, 1e-323, 0.0],
    "far apart": [1e300, 1e-300, -1e300],
    "one far above": [0.0, -40.0, -700.0],
    "exponents": [1000.0, 999.0, -1000.0],
    "cancelling": [1e16, 1.0, -1e16],
}


@every_row
@pytest.mark.parametrize("line", LINES)
def test_hard_lines(name: str, line: str) -> None:
    x = np.array([LINES[line], LINES[line][::-1]])  # two rows, that one may not spoil the other
    value, gradient = by_values(ROWS[name], x, 1)
    out, grad = by_tensors(ROWS[name], x, 1)
    size = np.abs(x[np.isfinite(x)]).max(initial=0.0)
    # Values add exactly and NumPy does not: where terms cancel, by a rounding of the largest.
    atol = 4e-16 * size if name in ("sum", "mean") else 0.0
    np.testing.assert_allclose(out, value, rtol=2e-15, atol=atol)
    atol = {"v": 4e-16 * size, "s": 4e-16}.get(name[0], 0.0) if "[" in name else 0.0
    np.testing.assert_allclose(grad, gradient, rtol=4e-15, atol=atol + 1e-322)
    whole, whole_grad = by_tensors(ROWS[name], x[0], None)
    np.testing.assert_array_equal(whole, out[0])
    np.testing.assert_array_equal(whole_grad, grad[0])


@every_row
@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)], ids=str)
def test_no_elements(name: str, shape: tuple[int, ...]) -> None:
    x = np.zeros(shape)
    row = ROWS[name]
    if name in ("max", "min"):
        with pytest.raises(ShapeError, match=rf"{name}\(\) along axis 0.*no elements.*no identity"):
            reduced(row, np.zeros((0, 3)), 0)
        return
    expected = {"sum": 0.0, "prod": 1.0, "norm": 0.0, "logsumexp": -inf}.get(name, nan)
    np.testing.assert_array_equal(reduced(row, x), expected)
    t = Tensor(x, requires_grad=True)
    out = reduced(row, t, -1)
    assert out.shape == shape[:-1]
    out.backward(np.ones(out.shape))
    assert t.grad.shape == shape


def test_max_of_lines_without_lines() -> None:
    assert reduced(reductions.max, np.zeros((0, 3)), 1).shape == (0,)


@every_row
def test_no_axes(name: str) -> None:
    x = Tensor(3.0, requires_grad=True)
    out = reduced(ROWS[name], x)
    out.backward()
    value, gradient = by_values(ROWS[name], np.array([3.0]), 0)
    np.testing.assert_array_equal(out.data, value)
    np.testing.assert_array_equal(x.grad, gradient[0])
    assert x.grad.shape == ()


@every_row
@pytest.mark.parametrize(
    ("axis", "message"),
    [
        (2, "no axis 2; the array has -2 to 1"),
        (-3, "no axis -3"),
        ((0, 0), "named twice"),
        ((0, -2), "named twice"),
    ],
)
def test_axis_that_is_none(name: str, axis: Any, message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        reduced(ROWS[name], Tensor(np.zeros((2, 3))), axis)


def test_many_float32_are_added_well() -> None:
    x = np.full((200_000, 2), 0.1, np.float32)
    exact = 200_000 * float(np.float32(0.1))
    np.testing.assert_allclose(engine.sum(Tensor(x), axis=0).data, [exact] * 2, rtol=1e-6)
    np.testing.assert_allclose(engine.mean(Tensor(x), axis=0).data, [exact / 2e5] * 2, rtol=1e-6)


# ----- softmax and log_softmax ---------------------------------------------------------------

SOFT: dict[str, Callable[..., Any]] = {
    "softmax": engine.softmax,
    "log_softmax": engine.log_softmax,
}
every_soft = pytest.mark.parametrize("name", SOFT)


def soft_by_values(name: str, line: Any, seed: Any) -> tuple[list[float], list[Any]]:
    leaves = [Value(number) for number in line.tolist()]
    outs = SOFT[name](leaves)
    engine.backward(outs, seed.tolist())
    return [out.data for out in outs], [leaf.grad for leaf in leaves]


@every_soft
@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("scale", [1.0, 40.0])
def test_soft_along_an_axis(name: str, axis: int, dtype: Any, scale: float) -> None:
    rng = np.random.default_rng(1)
    x = (scale * rng.normal(size=(2, 3, 4))).astype(dtype)
    seed = rng.normal(size=x.shape).astype(dtype)
    t = Tensor(x, requires_grad=True)
    out = SOFT[name](t, axis=axis)
    out.backward(seed)
    assert out.dtype == t.grad.dtype == dtype
    ulp = np.finfo(dtype).eps
    lines = zip(
        *[
            np.moveaxis(a, axis, -1).reshape(-1, x.shape[axis])
            for a in (x, seed, np.asarray(out), t.grad)
        ],
        strict=True,
    )
    for line, start, got, grad in lines:
        values, gradient = soft_by_values(name, line, start)
        np.testing.assert_allclose(got, values, rtol=4 * ulp, atol=0.0)
        np.testing.assert_allclose(grad, gradient, atol=8 * ulp * np.abs(start).max())


@every_soft
@pytest.mark.parametrize("line", [line for line in LINES if len(LINES[line]) > 1])
def test_soft_of_hard_lines(name: str, line: str) -> None:
    x = np.array([LINES[line], LINES[line][::-1]])
    got = SOFT[name](x)
    for row, numbers in zip(got, x, strict=True):
        expected = SOFT[name](numbers.tolist())
        np.testing.assert_allclose(row, expected, rtol=4e-15, atol=0.0)
        if np.isfinite(numbers).all():
            assert not np.isnan(row).any()


# ----- argmax, cumsum and cumprod ------------------------------------------------------------


def test_argmax() -> None:
    x = np.array([[1.0, 5.0, 5.0], [7.0, nan, 9.0]])
    for given in (x, Tensor(x), x.tolist()):
        assert engine.argmax(given) == 4
        np.testing.assert_array_equal(engine.argmax(given, axis=1), [1, 1])
        np.testing.assert_array_equal(engine.argmax(given, axis=-2), [1, 1, 1])
    assert engine.argmax(Tensor(x), axis=1, keepdims=True).shape == (2, 1)
    places = engine.argmax(Tensor(x, requires_grad=True), axis=1)
    assert type(places) is np.ndarray
    assert places.dtype.kind == "i"


@pytest.mark.parametrize(("shape", "axis"), [((0,), None), ((0, 3), 0)])
def test_argmax_of_nothing(shape: Any, axis: Any) -> None:
    with pytest.raises(ShapeError, match=r"argmax\(\) of an array of shape \(0,.*no elements"):
        engine.argmax(np.zeros(shape), axis)


def running(x: list[Any], combine: Callable[[Any, Any], Any]) -> list[Any]:
    return list(itertools.accumulate(x, combine))


RUNNING: dict[str, tuple[Any, Callable[[Any, Any], Any]]] = {
    "cumsum": (lambda x, axis=None: engine.cumsum(x, axis), lambda a, b: a + b),
    "cumprod": (lambda x, axis=None: engine.cumprod(x, axis), lambda a, b: a * b),
}


@pytest.mark.parametrize("name", RUNNING)
@pytest.mark.parametrize("axis", [0, 1, -1, None])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_running(name: str, axis: Any, dtype: Any) -> None:
    function, combine = RUNNING[name]
    rng = np.random.default_rng(2)
    x = rng.normal(size=(3, 4)).astype(dtype)
    x[1, 2] = x[2, 0] = x[2, 3] = 0.0
    t = Tensor(x, requires_grad=True)
    out = function(t, axis)
    seed = rng.normal(size=out.shape).astype(dtype)
    out.backward(seed)
    assert out.dtype == t.grad.dtype == dtype
    ulp = np.finfo(dtype).eps

    def lines(a: Any) -> Any:
        return a.reshape(1, -1) if axis is None else np.moveaxis(a, axis, -1)

    several = zip(*[lines(a) for a in (x, seed, np.asarray(out), t.grad)], strict=True)
    for line, start, got, grad in several:
        leaves = [Value(number) for number in line.ravel().tolist()]
        outs = running(leaves, combine)
        engine.backward(outs, start.ravel().tolist())
        np.testing.assert_allclose(got.ravel(), [o.data for o in outs], rtol=16 * ulp, atol=8 * ulp)
        np.testing.assert_allclose(
            grad.ravel(), [leaf.grad for leaf in leaves], rtol=16 * ulp, atol=16 * ulp
        )


def test_gradient_of_cumprod_with_a_zero() -> None:
    x = Tensor([0.0, 2.0, 3.0], requires_grad=True)
    engine.sum(engine.cumprod(x)).backward()
    np.testing.assert_array_equal(x.grad, [9.0, 0.0, 0.0])


@pytest.mark.parametrize("name", RUNNING)
@pytest.mark.parametrize("shape", [(0,), (2, 0), (1,), ()], ids=str)
def test_running_over_little(name: str, shape: tuple[int, ...]) -> None:
    function, _ = RUNNING[name]
    t = Tensor(np.full(shape, 2.0), requires_grad=True)
    out = function(t)
    np.testing.assert_array_equal(out.data, np.full(math.prod(shape), 2.0))
    out.backward(np.ones(out.shape))
    np.testing.assert_array_equal(t.grad, np.ones(shape))


@pytest.mark.parametrize("name", [*RUNNING, "argmax"])
def test_running_along_no_axis(name: str) -> None:
    with pytest.raises(ShapeError, match=f"{name}: there is no axis 2"):
        getattr(engine, name)(Tensor(np.zeros((2, 3))), 2)


def test_the_gradient_of_std_at_the_ends_of_the_floats():
    expected = np.array([-2.0, 1.0, 1.0]) * np.sqrt(2.0) / 6.0  # of (x - mean)/(n·std)
    for size in (1.5e308, 1.0, 1e-300):
        numbers = [-size, 0.0, 0.0]
        for x in (Tensor(numbers), numbers):
            np.testing.assert_allclose(np.asarray(engine.grad(engine.std)(x)), expected, rtol=1e-15)
