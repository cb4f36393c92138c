"""A failure on arrays names the first node that is wrong, its line, and a program that fails."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine
from engine import Tensor, ops, primitive, reductions
from engine.arrays import linalg, shaping
from engine.arrays.axes import along
from engine.testing import Element, GradientError, Report, check_gradients
from engine.testing.array_confirm import Wrong, far_out, is_wrong, wrong_element

RNG = np.random.default_rng(1)
X, W = RNG.normal(size=(3, 4)), RNG.normal(size=(4, 2))


@primitive(lambda out, x: 3.0003 * x * x)
def cube(x: float) -> float:
    return x * x * x


@primitive(lambda out, x, y: y, lambda out, x, y: 1.0001 * x)
def times(x: float, y: float) -> float:
    return x * y


def square(x: Any) -> Any:
    return x * x


def square_vjp(x: Any, upstream: Any) -> Any:
    gradient = 2 * x * upstream
    gradient.flat[-1] *= 1.0001
    return gradient


def rerun(report: Report) -> None:
    """Run the reproducer of a report, which has to fail at the same op."""
    assert report.blame is not None
    with pytest.raises(GradientError) as caught:
        exec(report.blame.code, {"__name__": "reproducer"})
    again = caught.value.report
    assert again.verdict == "fail"
    assert again.order == report.order
    assert again.blame is not None


def test_a_wrong_primitive_in_a_program_of_tensors() -> None:
    def f(x: Any, w: Any) -> Any:
        h = engine.tanh(x @ w)
        h = cube(h)  # the wrong one
        return engine.sum(times(h, h))

    report = check_gradients(f, Tensor(X), Tensor(W))
    assert report.verdict == "fail"
    assert report.blame is not None
    assert report.blame.expression == f"cube({float(np.tanh(X @ W).flat[0])!r})"
    assert report.blame.line == "h = cube(h)  # the wrong one"
    assert report.blame.source is not None
    path, line = report.blame.source.rsplit(":", 1)
    assert path == __file__
    assert int(line) == f.__code__.co_firstlineno + 2
    rerun(report)


def test_the_operand_is_named_where_shapes_broadcast() -> None:
    report = check_gradients(lambda x, b: engine.mean(times(x, b)), Tensor(X), Tensor(X[0]))
    assert report.blame is not None
    assert "for operand 1[0] is" in report.blame.what
    rerun(report)


WRONG: dict[str, tuple[Any, int, Callable[..., Any]]] = {
    "matmul": (linalg.matmul, 1, lambda x, w: engine.tanh(x @ w)),
    "linear": (linalg.linear, 0, lambda x, w: engine.linear(x, w.T, Tensor(W[0]))),
    "prod along an axis": (
        along(reductions.prod, (0,), True),
        0,
        lambda x, w: engine.prod(engine.exp(x), axis=0, keepdims=True) @ w,
    ),
    "reshape": (shaping.reshaping((6, 2)), 0, lambda x, w: x.reshape(6, 2) @ w.T),
    "permute_dims": (shaping.permuting((1, 0)), 0, lambda x, w: engine.sin(x.T).T @ w),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_op_on_arrays(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    op, place, function = WRONG[name]
    pulls = list(op.array_pulls)
    right = pulls[place]
    pulls[place] = lambda *operands: right(*operands) * 1.0001
    monkeypatch.setattr(op, "array_pulls", tuple(pulls))
    report = check_gradients(function, Tensor(X), Tensor(W))
    assert report.verdict == "fail"
    assert report.blame is not None
    assert report.blame.expression.startswith(op.name)
    rerun(report)


def test_a_failure_that_no_corner_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    op = along(reductions.sum, (0,), False)
    (right,) = op.array_pulls or ()
    wrong = (lambda g, out, x: right(g, out, x) * (1.0 if len(x) < 5 else 1.0001),)
    monkeypatch.setattr(op, "array_pulls", wrong)
    report = check_gradients(lambda x: engine.sum(x * x, axis=0), Tensor(RNG.normal(size=(6, 2))))
    assert report.blame is not None
    assert report.blame.expression == "sum of shape (6, 2)"
    rerun(report)


@pytest.mark.parametrize(("least", "shape"), [(1, "(1, 1)"), (2, "(2, 2)"), (3, "(3, 2)")])
def test_a_failure_is_shown_on_the_smallest_corner_that_shows_it(
    least: int, shape: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    op = along(reductions.sum, (0,), False)
    (right,) = op.array_pulls or ()
    wrong = (lambda g, out, x: right(g, out, x) * (1.0 if len(x) < least else 1.0001),)
    monkeypatch.setattr(op, "array_pulls", wrong)
    report = check_gradients(lambda x: engine.sum(x * x, axis=0), Tensor(RNG.normal(size=(6, 2))))
    assert report.blame is not None
    assert report.blame.expression == f"sum of shape {shape}"


def test_another_look_at_an_op_on_arrays_is_at_ordinary_numbers() -> None:
    seen: list[Any] = []
    huge = [np.full((2, 3), 1e200), np.full((3, 2), 1e200)]
    assert not is_wrong(engine.matmul, huge, lambda arrays: bool(seen.extend(arrays)), seed=0)
    assert [x.shape for x in seen] == [(2, 3), (3, 2)]
    assert all(np.all(np.abs(x) <= 2.0) for x in seen)


def test_a_wrong_op_on_elements_of_a_tensor() -> None:
    def f(x: Any) -> Any:
        a, b = x.to_values()
        return engine.tanh(Tensor.from_values([cube(a * b), engine.sum([a, b])]))

    report = check_gradients(f, Tensor([0.5, 0.25]))
    assert report.verdict == "fail"
    assert report.blame is not None
    assert report.blame.expression == "cube(0.125)"
    assert report.blame.line.startswith("return engine.tanh(Tensor.from_values([cube(a * b)")
    rerun(report)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_a_right_function_of_elements_of_a_tensor(order: int) -> None:
    def f(x: Any) -> Any:
        a, b = x.to_values()
        return Tensor.from_values([a * b, a * a * b])

    report = check_gradients(f, Tensor([0.5, 0.25]), order=order)
    assert report.passed, report
    assert report.checked == 2**order


def test_an_element_whose_error_is_small_beside_the_rest_is_the_worst() -> None:
    half = Tensor([1e-100, 2e-100])
    report = check_gradients(lambda x: engine.cos(x) + times(x, x), half)
    assert report.verdict == "fail"
    assert report.reason == ""
    assert report.blame is not None
    assert report.blame.expression == "times(1e-100, 1e-100)"
    assert report.blame.what == (
        "the derivative of times(1e-100, 1e-100) for operand 1 is 1e-100, not 1.0001e-100"
    )
    assert report.blame.line.startswith("report = check_gradients(lambda x: engine.cos(x)")
    off = 1.0001e-100 - 1e-100
    assert report.worst == Element("times, operand 1", 1, 1.0001e-100, 1e-100, off, 0.0)
    report = check_gradients(lambda x: engine.cos(x) + cube(x), Tensor([1e-80]))
    assert report.blame is not None
    assert report.blame.what == "the derivative of cube(1e-80) is 3e-160, not 3.0003e-160"


LOST: dict[str, Callable[..., Any]] = {
    "detach": lambda x: x * engine.tanh(x.detach()),
    "data": lambda x: engine.exp(x) * x.data,
    "NumPy": lambda x: engine.sum(x) + Tensor(np.sin(x.data)),
    "data of an element": lambda x: Tensor.from_values([v * v.data for v in x[0].to_values()]),
}


@pytest.mark.parametrize("name", LOST)
def test_a_part_of_the_graph_that_was_lost(name: str) -> None:
    report = check_gradients(LOST[name], Tensor(X))
    assert report.verdict == "fail"
    assert "a part of the graph was lost: operand 1 of" in report.reason
    assert "test_array_blame.py:" in report.reason


def test_where_the_graph_is_another_beside_the_inputs_no_constant_is_named() -> None:
    def f(x: Any) -> Any:
        y = x * x.detach()
        return engine.sin(y) if x.data[0] > 1.0 else y

    report = check_gradients(f, Tensor([1.0, 2.0]))
    assert report.verdict == "fail"
    assert report.worst is not None
    assert report.worst.path == "x[1]"
    assert "the backward sweep is wrong" in report.reason


def test_a_gradient_of_nan_is_not_accused() -> None:
    f = lambda x: engine.where(x > 0, engine.log(x), x * 2.0)  # noqa: E731
    report = check_gradients(f, Tensor([-1.0, 2.0]))
    assert report.verdict == "inconclusive"
    assert report.reason == "the gradient is not finite: inf, 0·inf or inf - inf on the way"
    assert report.worst is not None
    assert (report.worst.path, report.worst.ratio) == ("x[0]", math.inf)


def test_beside_a_gradient_of_nan_no_op_that_is_right_is_blamed() -> None:
    """A corner of what was joined is joined otherwise."""
    wave = lambda x: engine.normal_pdf(x * 1e300 * 1e300)  # noqa: E731  (of inf: -inf·0)
    f = lambda x: engine.concat([x, wave(x)])  # noqa: E731
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report = check_gradients(f, Tensor([[1.0, 2.0], [3.0, 4.0]]))
    assert (report.verdict, report.blame) == ("inconclusive", None)
    assert report.reason == "the gradient is not finite: inf, 0·inf or inf - inf on the way"


@pytest.mark.parametrize(
    ("op", "operands", "kept", "low", "high"),
    [
        (ops.polygamma, ([2.0], [0.5, 3.0]), (0,), 0.0, 4.0),
        (ops.log, ([0.5, 3.0],), (), 0.0, 4.0),
        (ops.asin, ([0.25, 0.5],), (), -1.0, 1.0),
        (ops.acosh, ([2.0, 3.0],), (), 1.0, 5.0),
        (ops.sin, ([0.5, 3.0],), (), -2.0, 2.0),
        (ops.add, ([0.5, 3.0], [1.0]), (), -2.0, 2.0),
    ],
    ids=lambda x: getattr(x, "name", ""),
)
def test_what_differences_alone_accuse_is_tried_at_ordinary_numbers(
    op: Any, operands: tuple[Any, ...], kept: tuple[int, ...], low: float, high: float
) -> None:
    given = [np.array(x) for x in operands]
    tried: list[Any] = []
    for answer in (True, False):
        still = lambda arrays, answer=answer: tried.append(arrays) or answer  # noqa: E731
        assert is_wrong(op, given, still, 0) == answer
    for arrays in tried:
        assert [x.shape for x in arrays] == [x.shape for x in given]
        for i, (x, y) in enumerate(zip(arrays, given, strict=True)):
            if i in kept:
                assert np.array_equal(x, y)
            else:
                assert not np.array_equal(x, y)
                assert ((low <= x) & (x <= high)).all()
    several = [np.ones(2000) for _ in given]
    is_wrong(op, several, lambda arrays: bool(tried.append(arrays)), 1)
    for i, x in enumerate(tried[-1]):
        if i not in kept:  # the whole of the interval
            assert low <= x.min() < low + 0.1
            assert high - 0.1 < x.max() <= high


@pytest.mark.parametrize(
    ("arrays", "far"),
    [
        ([[1.0, -9999.0, 0.0], [0.00011]], False),
        ([[1.0, 1e4]], True),
        ([[1.0, -1e4]], True),
        ([[1.0], [-1e-4]], True),
        ([[math.nan]], True),
        ([[0.0]], False),
        ([], False),
    ],
)
def test_which_numbers_are_far_out(arrays: list[list[float]], far: bool) -> None:
    assert far_out([np.array(x) for x in arrays]) == far


def test_the_exact_oracle_looks_at_the_ends_and_between() -> None:
    x = np.linspace(1.0, 2.0, 201)
    for wrong_at in (0, 100, 200):

        @primitive(lambda out, x, at=x[wrong_at]: np.where(x == at, 1.5, 1.0) * 2.0 * x)
        def square(x: Any) -> Any:
            return x * x

        number = float(x[wrong_at])
        found = wrong_element(square, [x], 3)
        assert found == Wrong([number], 0, pytest.approx(2.0 * number), 3.0 * number)
    assert wrong_element(times, [np.array([[1.0], [2.0]]), np.array([3.0, 4.0])]) == Wrong(
        [1.0, 3.0], 1, 1.0, 1.0001
    )
    assert wrong_element(ops.multiply, [x, x]) is None
    assert wrong_element(linalg.matmul, [x, x]) is None


def test_a_sweep_that_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.testing import adapters

    right = adapters.sweep

    def wrong(roots: Any, seeds: Any, floor: int) -> None:
        deep = roots[0].operands[0].op is not None
        right(roots, [1.001 * seed if deep else seed for seed in seeds], floor)

    monkeypatch.setattr(adapters, "sweep", wrong)
    report = check_gradients(lambda x: x * x + x * x, Tensor(X))
    assert report.verdict == "fail"
    assert "the backward sweep is wrong" in report.reason


def test_a_vjp_of_ones_own() -> None:
    report = check_gradients(square, X, vjp=square_vjp)
    assert report.verdict == "fail"
    assert report.blame is not None
    assert "the vjp's gradient for x[2, 3] is" in report.blame.what
    assert report.blame.line.startswith("def square_vjp")
    with pytest.raises(GradientError, match=r"for x\[2, 3\]"):
        exec(report.blame.code, {})


def test_a_vjp_that_cannot_be_imported_has_no_program() -> None:
    report = check_gradients(square, X, vjp=lambda x, g: 3 * x * g)
    assert report.blame is not None
    assert report.blame.code == ""
    assert "reproduce" not in str(report)


@primitive(lambda out, x: 1.01 * x)  # the wrong one
def half_square(x: float) -> float:
    return x * x / 2


@primitive(lambda out, x: half_square(x))
def sixth_cube(x: float) -> float:
    return x**3 / 6


@primitive(lambda out, x: sixth_cube(x))
def fourth_power(x: float) -> float:
    return x**4 / 24


def test_a_wrong_third_derivative_of_an_op_on_tensors() -> None:
    report = check_gradients(lambda t: engine.sum(fourth_power(t)), Tensor([0.5, 1.5]), order=3)
    assert (report.verdict, report.order) == ("fail", 3)
    assert report.blame is not None
    assert report.blame.what.startswith("the third derivative of fourth_power(0.5) for ")
