"""The fused cross-entropy against the log_softmax of Values, and where exp would be cut."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

import engine
from engine import NumberError, OperandError, ShapeError, Tensor, Value
from engine.arrays.cross_entropy import cross_entropy, cross_entropy_at, places_of


def by_values(x: Any, labels: Any) -> tuple[float, Any]:
    leaves = [[Value(number) for number in row] for row in x.tolist()]
    losses = [-engine.log_softmax(row)[label] for row, label in zip(leaves, labels, strict=True)]
    loss = engine.mean(losses)
    loss.backward()
    return loss.data, np.array([[leaf.grad for leaf in row] for row in leaves])


SCALES = [0.0, 1.0, 30.0, 500.0, 1e4, 1e30]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("shift", [0.0, 200.0, -95.0, -800.0])
def test_agrees_with_values(dtype: Any, scale: float, shift: float) -> None:
    rng = np.random.default_rng(0)
    x = (scale * rng.normal(size=(7, 5)) + shift).astype(dtype)
    labels = rng.integers(0, 5, 7)
    t = Tensor(x, requires_grad=True)
    loss = cross_entropy(t, labels)
    loss.backward()
    value, gradient = by_values(x, labels)
    ulp = np.finfo(dtype).eps
    assert loss.dtype == t.grad.dtype == dtype
    assert loss.shape == ()
    largest = max(1.0, float(np.abs(x).max()))
    np.testing.assert_allclose(loss.data, value, rtol=4 * ulp, atol=4 * ulp * largest)
    np.testing.assert_allclose(t.grad, gradient, rtol=8 * ulp, atol=4 * ulp)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_rows_of_very_different_size(dtype: Any) -> None:
    x = np.array([[0.0, 1.0], [-1e4, -1e4 - 1.0], [5e3, 5e3 + 2.0], [-90.0, -91.0]], dtype)
    t = Tensor(x, requires_grad=True)
    loss = cross_entropy(t, [1, 0, 1, 0])
    loss.backward()
    value, gradient = by_values(x, [1, 0, 1, 0])
    # Beside logits of 1e4, differences are right to 1e4 roundings of 1.
    np.testing.assert_allclose(loss.data, value, rtol=1e4 * np.finfo(dtype).eps)
    np.testing.assert_allclose(t.grad, gradient, rtol=1e4 * np.finfo(dtype).eps)


def test_infinite_logits_show() -> None:
    assert np.isnan(cross_entropy(np.array([[np.inf, 0.0]]), [0]))
    assert cross_entropy(np.array([[-np.inf, 0.0]]), [1]) == 0.0
    assert cross_entropy(np.array([[-np.inf, 0.0]]), [0]) == np.inf
    assert np.isnan(cross_entropy(np.array([[np.nan, 0.0]]), [1]))


def test_seed_scales_the_gradient_and_backward_adds_up() -> None:
    x = np.random.default_rng(1).normal(size=(3, 4))
    t = Tensor(x, requires_grad=True)
    loss = cross_entropy(t, [0, 1, 2])
    loss.backward()
    once = t.grad.copy()
    loss.backward(2.0)
    np.testing.assert_allclose(t.grad, 3.0 * once, rtol=1e-15)


def test_what_is_kept_is_not_trusted_for_other_logits() -> None:
    rng = np.random.default_rng(2)
    row = cross_entropy_at(places_of([1, 0], (2, 3)))
    a, b = Tensor(rng.normal(size=(2, 3)), requires_grad=True), rng.normal(size=(2, 3))
    loss = row(a)
    row(Tensor(b))
    loss.backward()
    np.testing.assert_allclose(a.grad, by_values(np.asarray(a), [1, 0])[1], rtol=1e-14)


def test_rule_on_tensors_is_that_on_arrays() -> None:
    x = np.random.default_rng(3).normal(size=(4, 3))
    row = cross_entropy_at(places_of([0, 1, 2, 0], (4, 3)))
    out = row.forward(x)
    plain = row.array_pulls[0](np.array(2.0), out, x)
    t = Tensor(x, requires_grad=True)
    recorded = row.pull(0, Tensor(2.0), Tensor(out), [t])
    np.testing.assert_allclose(recorded.data, plain, rtol=1e-14, atol=1e-17)
    engine.sum(recorded * x).backward()  # it can be differentiated again
    assert np.isfinite(t.grad).all()


def test_transposed_and_read_only_logits() -> None:
    x = np.random.default_rng(4).normal(size=(3, 4)).T
    x.flags.writeable = False
    kept = x.copy()
    t = Tensor(x, requires_grad=True)
    cross_entropy(t, [0, 1, 2, 1]).backward()
    np.testing.assert_allclose(t.grad, by_values(x, [0, 1, 2, 1])[1], rtol=1e-14)
    np.testing.assert_array_equal(x, kept)
    assert cross_entropy(x, [0, 1, 2, 1]) == cross_entropy(np.ascontiguousarray(x), [0, 1, 2, 1])


@pytest.mark.parametrize("dtype", [np.int64, np.int32, np.int8, np.uint8, np.uint64])
def test_labels_of_every_whole_type(dtype: Any) -> None:
    x = np.random.default_rng(5).normal(size=(3, 4))
    labels = np.array([3, 0, 2], dtype)
    assert cross_entropy(x, labels) == cross_entropy(x, [3, 0, 2])


@pytest.mark.parametrize(
    ("labels", "error", "message"),
    [
        ([0, 4], NumberError, r"label 4 is no class of logits \(2, 4\): classes are 0 to 3"),
        ([-1, 0], NumberError, "label -1 is no class"),
        ([0.0, 1.0], OperandError, "whole numbers, got float64: use labels.astype"),
        ([0, 1, 2], ShapeError, r"logits \(2, 4\) and labels \(3,\)"),
        ([[0], [1]], ShapeError, r"labels \(2, 1\)"),
        (1, ShapeError, r"labels \(\)"),
    ],
)
def test_labels_that_do_not_fit(labels: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        cross_entropy(Tensor(np.zeros((2, 4))), labels)


@pytest.mark.parametrize("shape", [(4,), (2, 2, 2), (0, 4), ()], ids=str)
def test_logits_that_are_no_matrix(shape: Any) -> None:
    with pytest.raises(ShapeError, match=r"takes logits \(n, k\) and n labels, got logits"):
        cross_entropy(Tensor(np.zeros(shape)), np.zeros(shape[:1], int))


def test_pickling_keeps_the_labels() -> None:
    row = pickle.loads(pickle.dumps(cross_entropy_at(places_of([1, 0], (2, 3)))))
    assert row(np.zeros((2, 3))) == cross_entropy(np.zeros((2, 3)), [1, 0])
