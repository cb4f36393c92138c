"""The gradients of every elementwise row on Tensors: those of Values, in every kind of array."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from mpmath import mp

import engine
from engine import Tensor, Value
from engine.op import Kink, Op, Reduction
from engine.testing.oracles.reference import DIGITS, Case, rows
from tests.oracles.elementwise import (
    ELEMENTWISE,
    Array,
    columns,
    distances,
    hard_points,
    layouts,
)

POINTS = 300
AGREEMENT = 2.0  # in ulp
SHAPES = [((2, 3), (3,)), ((1,), (2, 1)), ((), (2, 2)), ((1, 3, 1), (2, 1, 4)), ((0, 3), (1, 3))]

every_row = pytest.mark.parametrize("case", ELEMENTWISE, ids=lambda case: case.name)


def gradients_of_values(op: Op, operands: list[Array]) -> list[Array]:
    """Return the gradient for each operand at each point, computed by Values one by one."""
    points = list(zip(*[column.tolist() for column in operands], strict=True))
    found = np.zeros((len(operands), len(points)))
    for place, point in enumerate(points):
        leaves = [Value(x) for x in point]
        op(*leaves).backward()
        found[:, place] = [leaf.grad for leaf in leaves]
    return list(found)


def gradients_of_tensors(op: Op, operands: list[Array], seed: Any = None) -> list[Any]:
    """Return the gradient for each operand, None where it has none."""
    leaves = [Tensor(x, requires_grad=True) for x in operands]
    out = op(*leaves)
    out.backward(np.ones(out.shape) if seed is None else seed)
    return [leaf.grad for leaf in leaves]


def agreement(expected: Array, dtype: Any) -> Any:
    """Return how many ulp a gradient may be from Value's.

    In float32 a rule makes several roundings that Value, in float64, does not make: 4 ulp. Those in
    the exponent of an exponential are magnified by it, so that each factor of e adds 1.
    """
    if dtype is np.float64:
        return AGREEMENT
    with np.errstate(divide="ignore"):
        return 4.0 + np.nan_to_num(np.abs(np.log(np.abs(expected))))


def allowance(case: Case, point: tuple[float, ...], dtype: Any) -> float:
    """Return how far off a gradient of float32 may be beside a zero: what its terms round.

    float64 has none: what could cancel is computed to the last bit as Values do.
    """
    if dtype is np.float64:
        return 0.0
    with mp.workdps(DIGITS):
        allowed = case.allowance(case.reference.slope_size, point) + case.underflow(point)
        return float(allowed * np.finfo(np.float32).eps / np.finfo(np.float64).eps)


def moderate(x: float) -> bool:
    """Return whether float32 holds the square of a number, and the number less 1."""
    return x != x or x == 0.0 or 1e-5 <= abs(x) <= 1e4


@every_row
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_agrees_with_value(case: Case, dtype: Any) -> None:
    hard = hard_points(case)
    points = [*hard[:: max(1, len(hard) // 2000)], *case.points(POINTS)]
    if dtype is np.float32:  # beyond these a rule underflows, or drops the 1 of y - 1
        points = [point for point in points if all(moderate(x) for x in point)]
    operands = columns(points, dtype)
    for i, (got, expected) in enumerate(
        zip(
            gradients_of_tensors(case.op, operands),
            gradients_of_values(case.op, operands),
            strict=True,
        )
    ):
        if got is None:
            assert not expected.any()
            continue
        assert got.dtype == dtype
        apart = distances(got, expected)
        apart[np.abs(expected) < 1e-30 * (dtype is np.float32)] = 0.0
        for j in np.flatnonzero(apart > agreement(expected, dtype)):
            point = tuple(float(column[j]) for column in operands)
            assert abs(float(got[j]) - expected[j]) <= 2 * allowance(case, point, dtype), (
                f"the derivative of {case.name}{point} for operand {i} is {got[j]!r}, "
                f"{apart[j]:.3g} ulp off Value's {expected[j]!r}"
            )


@pytest.mark.parametrize(
    ("op", "point"),
    [
        (engine.gelu, (-0.8327917772897921,)),
        (engine.silu, (-1.3953220962268666,)),
        (engine.tanh, (-358.68879178848,)),
        (engine.elu, (-709.2762418543185, 3.7)),
        (engine.power, (4.559227048196141e25, -11.0)),
        (engine.power, (1.8924187516367522e133, -2.3120801878700896)),
        (engine.logaddexp, (-0.3, -1.5)),
    ],
)
def test_agrees_where_an_ulp_of_numpy_shows(op: Op, point: tuple[float, ...]) -> None:
    """Each was off: terms cancel there, or a factor lifts the last of few digits."""
    operands = columns([point])
    expected = gradients_of_values(op, operands)
    for got, value in zip(gradients_of_tensors(op, operands), expected, strict=True):
        assert distances(got, value)[0] <= AGREEMENT
    got = np.asarray(op(*map(Tensor, operands)))
    assert distances(got, np.array([op(*point)]))[0] <= AGREEMENT


# ----- Every kind of array -------------------------------------------------------------------


def drawn(case: Case, count: int, dtype: Any = float) -> list[Array]:
    return columns(list(case.points(count)), dtype)


@every_row
def test_layouts_in_memory(case: Case) -> None:
    operands = [x.reshape(4, 3) for x in drawn(case, 12)]
    seed = np.linspace(-1.0, 1.0, 12).reshape(4, 3)
    expected = gradients_of_tensors(case.op, operands, seed)
    for name in layouts(seed):
        laid = [layouts(x)[name] for x in operands]
        kept = [x.copy() for x in laid]
        got = gradients_of_tensors(case.op, laid, layouts(seed)[name])
        for a, b in zip(got, expected, strict=True):
            np.testing.assert_array_equal(a, b, err_msg=name)
        for x, before in zip(laid, kept, strict=True):
            np.testing.assert_array_equal(x, before, err_msg=name)


@pytest.mark.parametrize(
    "case", [c for c in ELEMENTWISE if len(c.op.derivatives) > 1], ids=lambda case: case.name
)
@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_broadcasting_sums_over_what_it_repeats(case: Case, shapes: Any) -> None:
    arity = len(case.op.derivatives)
    several = [shapes[i % 2] for i in range(arity)]
    full = np.broadcast_shapes(*several)
    pool = drawn(case, 24)
    operands = [pool[i][: int(np.prod(shape))].reshape(shape) for i, shape in enumerate(several)]
    seed = np.linspace(0.5, 2.0, int(np.prod(full))).reshape(full)
    wide = gradients_of_tensors(case.op, [np.broadcast_to(x, full) for x in operands], seed)
    got = gradients_of_tensors(case.op, operands, seed)
    for gradient, part, x in zip(got, wide, operands, strict=True):
        if gradient is None:
            assert part is None
            continue
        extra = part.ndim - x.ndim
        axes = (*range(extra), *[extra + i for i, n in enumerate(x.shape) if n == 1])
        assert gradient.shape == x.shape
        with np.errstate(invalid="ignore", over="ignore"):  # inf - inf
            expected = part.sum(axis=axes).reshape(x.shape)
            scale = np.abs(part).sum(axis=axes).reshape(x.shape)
            close = np.abs(gradient - expected) <= 1e-14 * scale
        assert np.all(close | (np.isnan(gradient) == np.isnan(expected)) & ~np.isfinite(scale))


@every_row
@pytest.mark.parametrize("shape", [(), (0,), (2, 0)], ids=str)
def test_no_axes_and_no_elements(case: Case, shape: tuple[int, ...]) -> None:
    operands = [x[: int(np.prod(shape))].reshape(shape) for x in drawn(case, 1)]
    expected = gradients_of_values(case.op, [x.reshape(-1) for x in operands])
    for got, value in zip(gradients_of_tensors(case.op, operands), expected, strict=True):
        assert got is None or (type(got) is np.ndarray and got.shape == shape)
        if got is not None and shape == ():
            assert distances(got.reshape(1), value)[0] <= AGREEMENT


# ----- Kinks ---------------------------------------------------------------------------------


def kinks() -> list[Any]:
    return [
        pytest.param(row, kink, id=f"{row.name}{list(kink.at)}")
        for row in rows()
        if isinstance(row, Op) and not isinstance(row, Reduction)
        for kink in row.kinks
    ]


@pytest.mark.parametrize(("row", "kink"), kinks())
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("shape", [(), (3,)], ids=str)
def test_kink(row: Op, kink: Kink, dtype: Any, shape: tuple[int, ...]) -> None:
    operands = [np.full(shape, x, dtype) for x in kink.at]
    leaves = [Tensor(x, requires_grad=True) for x in operands]
    out = row(*leaves)
    np.testing.assert_array_equal(out.data, np.full(shape, kink.value, dtype))
    out.backward(np.ones(shape))
    for leaf, promised in zip(leaves, kink.gradient, strict=True):
        expected = 0.0 if promised is None else promised
        assert leaf.grad is not None or promised is None
        if leaf.grad is not None:
            np.testing.assert_allclose(leaf.grad, np.full(shape, expected, dtype), rtol=2e-7)


def test_a_choice_is_made_element_by_element() -> None:
    x = Tensor([-1.0, 0.0, 2.0, np.nan], requires_grad=True)
    engine.relu(x).backward(np.ones(4))
    np.testing.assert_array_equal(x.grad, [0.0, 0.0, 1.0, np.nan])


def test_where_leaks_the_nan_of_the_branch_not_taken() -> None:
    x = Tensor([0.0, 1.0], requires_grad=True)
    out = engine.where(x.data > 0.0, engine.log(x), 0.0)
    out.backward(np.ones(2))
    np.testing.assert_array_equal(x.grad, [np.nan, 1.0])


def test_the_double_where_does_not() -> None:
    x = Tensor([0.0, 1.0], requires_grad=True)
    safe = engine.where(x.data > 0.0, x, 1.0)
    engine.where(x.data > 0.0, engine.log(safe), 0.0).backward(np.ones(2))
    np.testing.assert_array_equal(x.grad, [0.0, 1.0])
