"""A failure on arrays names the first node that is wrong, its line, and a program that fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine
from engine import Tensor, primitive, reductions
from engine.arrays import linalg, shaping
from engine.arrays.axes import along
from engine.testing import GradientError, Report, check_gradients

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


LOST: dict[str, Callable[..., Any]] = {
    "detach": lambda x: x * engine.tanh(x.detach()),
    "data": lambda x: engine.exp(x) * x.data,
    "NumPy": lambda x: engine.sum(x) + Tensor(np.sin(x.data)),
}


@pytest.mark.parametrize("name", LOST)
def test_a_part_of_the_graph_that_was_lost(name: str) -> None:
    report = check_gradients(LOST[name], Tensor(X))
    assert report.verdict == "fail"
    assert "a part of the graph was lost: operand 1 of" in report.reason
    assert "test_array_blame.py:" in report.reason


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
