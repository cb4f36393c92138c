"""Tensor and Value agree on every elementwise row of the op table, over its whole domain."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from mpmath import mp

from engine import Tensor
from engine.arrays.kernels import KERNELS
from engine.arrays.precision import BLOCK
from engine.op import Op
from engine.testing.oracles.compare import ulp_error
from engine.testing.oracles.reference import DIGITS, Case
from tests.oracles.elementwise import ELEMENTWISE, columns, distances, hard_points

POINTS = 1500
AGREEMENT = 2.0  # in ulp
BY_ELEMENTS = {"lgamma", "polygamma", "spherical_bessel_pi"}

every_row = pytest.mark.parametrize("case", ELEMENTWISE, ids=lambda case: case.name)


def by_floats(case: Case, operands: list[Any]) -> Any:
    """Return what the row's forward on floats gives, element by element."""
    points = zip(*[column.tolist() for column in operands], strict=True)
    return np.array([case.op.forward(*point) for point in points])


@every_row
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_agrees_with_value(case: Case, dtype: Any) -> None:
    operands = columns([*hard_points(case), *case.points(POINTS)], dtype)
    got = np.asarray(case.op(*map(Tensor, operands)))
    expected = by_floats(case, operands)
    apart = distances(got, expected)
    for i in np.flatnonzero(apart > AGREEMENT):
        point = tuple(float(column[i]) for column in operands)
        pytest.fail(
            f"{case.name}{point} of {dtype.__name__} = {got[i]!r} is {apart[i]:.3g} ulp off "
            f"Value's {expected[i]!r}"
        )


@pytest.mark.parametrize(
    "case",
    [case for case in ELEMENTWISE if case.reference.ulps > 2.0 and case.name not in BY_ELEMENTS],
    ids=lambda case: case.name,
)
def test_kernel_is_exact_to_3_ulp(case: Case) -> None:
    points = list(case.points(300))
    got = case.op(*columns(points))
    with mp.workdps(DIGITS):
        for point, value in zip(points, got.tolist(), strict=True):
            allowance = case.allowance(case.reference.size, point)
            assert ulp_error(value, case.value(point), allowance) <= 3.0, (case.name, point)


@every_row
def test_float32_stays_float32(case: Case) -> None:
    operands = columns(list(case.points(3)), np.float32)
    out = case.op(*map(Tensor, operands))
    assert out.dtype == np.float32
    assert case.op(*operands).dtype == np.float32


@every_row
def test_every_shape(case: Case) -> None:
    operands = columns(list(case.points(6)))
    flat = np.asarray(case.op(*operands))
    for shape in [(2, 3), (1, 6, 1), (3, 2)]:
        got = case.op(*[x.reshape(shape) for x in operands])
        np.testing.assert_array_equal(got, flat.reshape(shape))
    for i in range(6):
        np.testing.assert_array_equal(case.op(*[Tensor(x[i]) for x in operands]).data, flat[i])
        assert case.op(*[Tensor(x[i]) for x in operands]).shape == ()
    for empty in [(0,), (2, 0), (0, 3)]:
        assert case.op(*[np.zeros(empty) for _ in operands]).shape == empty


@pytest.mark.parametrize("op", [op for op in KERNELS if len(op.derivatives) == 1], ids=str)
def test_a_large_array_is_taken_block_by_block(op: Op) -> None:
    many = np.linspace(0.1, 0.9, 2 * BLOCK + 10).reshape(2, -1)
    expected = np.stack([op(row[: BLOCK // 2]) for row in many])
    np.testing.assert_array_equal(op(many)[:, : BLOCK // 2], expected)
    np.testing.assert_array_equal(op(many.T), op(many).T)


def test_rows_that_run_element_by_element() -> None:
    assert {case.name for case in ELEMENTWISE if case.op not in KERNELS} == BY_ELEMENTS


@every_row
def test_booleans_and_whole_numbers_become_float64(case: Case) -> None:
    if case.name in BY_ELEMENTS:
        return
    ones = [np.ones(2) for _ in case.op.derivatives]
    for dtype in (bool, np.int64, np.uint8, np.float16):
        got = case.op(*[one.astype(dtype) for one in ones])
        assert got.dtype == np.float64
        np.testing.assert_array_equal(got, case.op(*ones))
