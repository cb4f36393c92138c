"""NumPy's own functions on Tensors: a Tensor with the right gradient, or an error with a remedy."""

from __future__ import annotations

import copy
import io
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine
from engine import OperandError, ShapeError, Tensor
from engine.numpy_calls import COMPARISONS, FUNCTIONS, ROWS

A = np.array([[0.3, -0.7, 0.9], [0.2, 0.5, -0.1]])
ARGUMENTS: dict[Any, Callable[[Any], Any]] = {
    np.sum: lambda f: lambda x: f(x, axis=0, keepdims=True),
    np.mean: lambda f: lambda x: f(x, (0, 1)),
    np.prod: lambda f: lambda x: f(x, 1),
    np.max: lambda f: lambda x: f(x, axis=-1),
    np.min: lambda f: lambda x: f(x, 0),
    np.var: lambda f: lambda x: f(x, axis=1, ddof=1),
    np.std: lambda f: lambda x: f(x, 1, keepdims=True),
    np.linalg.norm: lambda f: lambda x: f(x, axis=1),
    np.cumsum: lambda f: lambda x: f(x, axis=1),
    np.cumprod: lambda f: lambda x: f(x, 0),
    np.dot: lambda f: lambda x: f(x, A.T) + f(A, x.T),
    np.outer: lambda f: lambda x: f(x[0], A[1]),
    np.tensordot: lambda f: lambda x: f(A, x, axes=([0], [0])),
    np.einsum: lambda f: lambda x: f("ij,kj->ik", x, A),
    np.reshape: lambda f: lambda x: f(x, (3, 2)),
    np.ravel: lambda f: lambda x: f(x),
    np.transpose: lambda f: lambda x: f(x) + f(x, (1, 0)),
    np.moveaxis: lambda f: lambda x: f(x, 0, -1),
    np.swapaxes: lambda f: lambda x: f(x, 0, 1),
    np.expand_dims: lambda f: lambda x: f(x, 0),
    np.squeeze: lambda f: lambda x: f(x[:1], axis=0),
    np.broadcast_to: lambda f: lambda x: f(x, (2, 2, 3)),
    np.concatenate: lambda f: lambda x: f([x, A], axis=1),
    np.stack: lambda f: lambda x: f((A, x, x)),
    np.split: lambda f: lambda x: f(x, 3, axis=1)[1],
    np.flip: lambda f: lambda x: f(x, axis=0),
    np.roll: lambda f: lambda x: f(x, 1, axis=1),
    np.repeat: lambda f: lambda x: f(x, 2, axis=1),
    np.tile: lambda f: lambda x: f(x, (2, 1)),
    np.sort: lambda f: lambda x: f(x),
    np.take: lambda f: lambda x: f(x, [0, 0, 2], axis=1),
    np.take_along_axis: lambda f: lambda x: f(x, np.array([[2], [0]]), axis=1),
    np.where: lambda f: lambda x: f(x > 0.25, x, A * 2.0),
    np.clip: lambda f: lambda x: f(x, -0.5, 0.4),
    np.round: lambda f: lambda x: f(3.3 * x),
    np.sinc: lambda f: lambda x: f(x),
}


BARE: dict[Any, Callable[[Any], Any]] = {
    **dict.fromkeys(
        [
            *(np.sum, np.mean, np.prod, np.max, np.min, np.var, np.std, np.linalg.norm),
            *(np.cumsum, np.cumprod, np.transpose, np.squeeze, np.flip, np.sort, np.round),
        ],
        lambda f: lambda x: f(3.3 * x),
    ),
    np.tensordot: lambda f: lambda x: f(x, A),
    np.concatenate: lambda f: lambda x: f([x, A]),
    np.stack: lambda f: lambda x: f([x, A]),
    np.split: lambda f: lambda x: f(x, 2)[1],
    np.roll: lambda f: lambda x: f(x, 2),
    np.repeat: lambda f: lambda x: f(x, 2),
    np.take: lambda f: lambda x: f(x, [0, 0, 4]),
    np.take_along_axis: lambda f: lambda x: f(x, np.array([[2, 1, 0], [0, 0, 1]]), -1),
}
"""Calls without any argument that has a default."""


def check(function: Callable[[Any], Any], data: Any) -> None:
    """Compare the value with NumPy's, and the gradient with central differences."""
    x = Tensor(data, requires_grad=True)
    out = function(x)
    assert type(out) is Tensor
    assert out.shape == function(data).shape
    np.testing.assert_allclose(out.data, function(data), rtol=1e-14, atol=1e-15)
    out.sum().backward()
    step = 1e-6
    for place in np.ndindex(data.shape):
        shift = np.zeros(data.shape)
        shift[place] = step
        slope = (np.sum(function(data + shift)) - np.sum(function(data - shift))) / (2.0 * step)
        got = 0.0 if x.grad is None else x.grad[place]
        assert abs(got - slope) < 1e-8 * max(1.0, abs(slope)), place


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_functions_give_tensors(function: Any) -> None:
    check(ARGUMENTS[function](function), A)


@pytest.mark.parametrize("function", BARE, ids=lambda f: f.__name__)
def test_what_is_not_given_is_as_numpy_has_it(function: Any) -> None:
    check(BARE[function](function), A)


@pytest.mark.parametrize("shape", [(6,), (3, 1, 2)])
def test_the_axis_that_is_sorted_along_is_the_last(shape: tuple[int, ...]) -> None:
    check(np.sort, A.reshape(shape))


@pytest.mark.parametrize("ufunc", ROWS, ids=lambda f: f.__name__)
def test_universal_functions_give_tensors(ufunc: Any) -> None:
    data = np.abs(A) + (1.0 if ufunc is np.acosh else 0.01)
    if ufunc.nin == 1:
        with np.errstate(invalid="ignore"):
            anywhere = np.isfinite(ufunc(A)).all()
        check(ufunc, 1.01 * A if anywhere else data)
    elif ufunc is np.matmul:
        check(lambda x: ufunc(x, A.T) + ufunc(A, x.T), data)
    else:
        other = A.clip(0.15) + 0.03
        check(lambda x: ufunc(x, other) + ufunc(other, x), data)


def test_every_row_that_numpy_has_is_listed() -> None:
    names = {f.__name__ for f in ROWS}
    assert {"add", "exp", "arctan2", "hypot", "logaddexp", "cbrt", "maximum", "rint"} <= names
    assert {np.rint, np.fabs, np.positive, np.matmul} <= ROWS.keys()


@pytest.mark.parametrize("compare", sorted(COMPARISONS, key=lambda f: f.__name__), ids=str)
def test_comparisons_give_arrays(compare: Any) -> None:
    operands = [A, A[0]][: compare.nin]
    got = compare(*map(Tensor, operands))
    assert got.dtype == bool
    np.testing.assert_array_equal(got, compare(*operands))


def test_equality_with_an_array_is_identity() -> None:
    t = Tensor(A)
    assert (t == A, A == t, A != t, t != A) == (False, False, True, True)  # noqa: SIM300
    assert t in [A, t]
    assert t not in [A]


def test_what_looks_at_numbers_works() -> None:
    t = Tensor(A, requires_grad=True)
    assert (np.shape(t), np.ndim(t), np.size(t)) == ((2, 3), 2, 6)
    assert np.allclose(t, A)
    assert np.array_equal(t, A)
    assert np.argmax(t) == 2
    np.testing.assert_array_equal(np.argsort(t, axis=0), np.argsort(A, axis=0))
    np.testing.assert_array_equal(t, A)
    assert type(np.zeros_like(t)) is type(np.copy(t)) is np.ndarray
    np.save(io.BytesIO(), t)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda t: np.linalg.inv(t[:, :2]), r"numpy.linalg.inv would drop the gradient"),
        (lambda t: np.vstack([t, A]), r"numpy.vstack would drop .* or the Tensor's .data"),
        (lambda t: np.sum(t, dtype=float), r"numpy.sum\(\) of a Tensor takes \(a, axis=None"),
        (lambda t: np.sum(t, out=np.zeros(())), r"takes .* unexpected keyword argument 'out'"),
        (lambda t: np.add.reduce(t), r"numpy.add.reduce would drop the gradient"),
        (lambda t: np.multiply.outer(t, t), r"numpy.multiply.outer would drop"),
        (lambda t: np.exp(t, where=A > 0), r"numpy.exp with where would drop"),
        (lambda t: np.heaviside(t, 0.0), r"numpy.heaviside would drop"),
        (lambda t: np.add(A, t, out=A.copy()), r"cannot write a Tensor into an array.*a = a \+ t"),
        (lambda t: 0.3 in t, r"use \(t.data == x\).any\(\)"),
        (lambda t: math.exp(t[0, 0]), r"drop the gradient in silence.*engine.sin"),
    ],
)
def test_what_would_lose_the_gradient_is_an_error(function: Any, message: str) -> None:
    with pytest.raises(OperandError, match=message):
        function(Tensor(A, requires_grad=True))


def test_an_array_of_a_list_of_tensors_without_axes_is_an_error() -> None:
    t = Tensor(A, requires_grad=True)
    with pytest.raises((OperandError, ValueError)) as caught:
        np.array([t[0, 0], t[0, 1]])
    said = caught.value if isinstance(caught.value, OperandError) else caught.value.__cause__
    assert "stack() for a list of Tensors" in str(said)


def test_an_array_is_not_changed_in_place() -> None:
    total = A.copy()
    with pytest.raises(OperandError, match=r"write a = a \+ t instead of a \+= t"):
        total += Tensor(A)
    np.testing.assert_array_equal(total, A)


def test_an_array_on_the_left() -> None:
    t = Tensor(A, requires_grad=True)
    for out in (A + t, A - t, A * t, A / t, np.abs(A) ** t, A // t, A % t, A @ t.T):
        assert type(out) is Tensor
    for out in (np.float64(2.0) * t, np.int64(2) + t, np.float32(2.0) / t, np.array(2.0) ** t):
        assert type(out) is Tensor
        assert out.dtype == np.float64
    assert (np.ones(3) * Tensor(A, dtype=np.float32)).dtype == np.float32
    (A * t).sum().backward()
    np.testing.assert_array_equal(t.grad, A)
    np.testing.assert_array_equal(t > A, A < A)


def test_python_on_tensors() -> None:
    t = Tensor(A, requires_grad=True)
    assert len(t) == 2
    assert [row.shape for row in t] == [(3,), (3,)]
    assert [row.tolist() for row in reversed(t)] == A[::-1].tolist()
    assert sum(t).tolist() == A.sum(0).tolist()
    assert f"{t.sum():.3f}" == f"{A.sum():.3f}"
    with pytest.raises(ShapeError, match=r"one element, and this has the shape \(2, 3\)"):
        f"{t:.3f}"
    for function in (len, list, reversed):
        with pytest.raises(OperandError, match="iteration need an axis"):
            function(t.sum())


# ----- dot and sequences of Tensors --------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (A[0], A[1]),
        (A, A.T),
        (A, A[1]),
        (A[1], A.T),
        (np.ones((2, 4, 3)), A.T),
        (A, np.ones((2, 3, 4))),
        (np.array(2.0), A),
    ],
    ids=lambda x: str(x.shape),
)
def test_dot_is_that_of_numpy(x: Any, y: Any) -> None:
    a, b = Tensor(x, requires_grad=True), Tensor(y, requires_grad=True)
    expected = np.dot(x, y)
    for out in (engine.dot(a, b), engine.dot(a, y), engine.dot(x, b), a.dot(b), np.dot(a, b)):
        assert type(out) is Tensor
        np.testing.assert_allclose(out.data, expected, rtol=1e-15)
    np.testing.assert_allclose(engine.dot(x, y), expected, rtol=1e-15)
    seed = np.random.default_rng(0).standard_normal(expected.shape)
    engine.dot(a, b).backward(seed)
    shift = np.random.default_rng(1).standard_normal(x.shape)  # dot is linear in x
    np.testing.assert_allclose(np.sum(a.grad * shift), np.sum(seed * np.dot(shift, y)), rtol=1e-13)


def test_dot_of_lists_of_tensors() -> None:
    w = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    for out in (
        engine.dot(list(w), [10.0, 20.0, 30.0]),
        engine.dot([10.0, 20.0, 30.0], w),
        engine.dot(w, (10.0, 20.0, 30.0)),
    ):
        assert out.item() == 140.0
        w.zero_grad()
        out.backward()
        assert w.grad.tolist() == [10.0, 20.0, 30.0]
    with pytest.raises(ShapeError, match=r"\(3,\).*\(2,\)"):
        engine.dot(w, [1.0, 2.0])


@pytest.mark.parametrize(
    "name", ["sum", "mean", "prod", "max", "min", "norm", "var", "std", "logsumexp"]
)
def test_a_reduction_of_a_list_of_tensors(name: str) -> None:
    function = getattr(engine, name)
    numbers = [0.5, 2.0, -1.0]
    w = Tensor(numbers, requires_grad=True)
    twin = Tensor(numbers, requires_grad=True)
    out, expected = function(list(w)), function(twin)
    assert out.item() == expected.item()
    out.backward()
    expected.backward()
    np.testing.assert_array_equal(w.grad, twin.grad)
    with pytest.raises(OperandError, match=r"one array or Tensor: join several by stack\(\)"):
        function([w, w])


def test_softmax_of_a_list_of_tensors() -> None:
    w = Tensor([0.5, 2.0], requires_grad=True)
    for function in (engine.softmax, engine.log_softmax):
        parts = function([w[0], w[1]])
        assert [part.item() for part in parts] == function(w).tolist()
        assert all(part.requires_grad for part in parts)


def test_a_deepcopy_of_a_dict_of_tensors_and_arrays() -> None:
    t = Tensor(A)
    twin = copy.deepcopy({"t": t, "a": A})
    np.testing.assert_array_equal(twin["t"].data, A)
