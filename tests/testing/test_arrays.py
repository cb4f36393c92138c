"""Functions of arrays: a user's own vjp, Tensors, and torch and jax where they are installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine
from engine import Tensor
from engine.errors import GraphError, NumberError, OperandError, ShapeError
from engine.testing import GradientError, assert_gradients, check_gradients

RNG = np.random.default_rng(0)
X, W = RNG.normal(size=(3, 4)), RNG.normal(size=(4, 2))


def layer(x: Any, w: Any) -> Any:
    return np.tanh(x @ w)


def layer_vjp(x: Any, w: Any, upstream: Any) -> tuple[Any, Any]:
    inner = upstream * (1 - layer(x, w) ** 2)
    return inner @ w.T, x.T @ inner


def test_a_right_vjp() -> None:
    report = check_gradients(layer, X, W, vjp=layer_vjp)
    assert report.passed, report
    assert report.checked == X.size + W.size
    assert report.oracle == "complex step"


@pytest.mark.parametrize("mistake", [1e-4, 1e-6, -2.0])
def test_a_vjp_that_is_a_little_wrong_in_one_element(mistake: float) -> None:
    def wrong(x: Any, w: Any, upstream: Any) -> tuple[Any, Any]:
        gx, gw = layer_vjp(x, w, upstream)
        gw[2, 1] *= 1 + mistake
        return gx, gw

    report = check_gradients(layer, X, W, vjp=wrong)
    assert report.verdict == "fail"
    assert report.worst is not None
    assert report.worst.path == "w[2, 1]"
    with pytest.raises(GradientError, match=r"for w\[2, 1\]"):
        assert_gradients(layer, X, W, vjp=wrong)


def test_where_complex_numbers_mislead_differences_judge() -> None:
    report = check_gradients(lambda x: np.abs(x) * x, X, vjp=lambda x, g: 2 * np.abs(x) * g)
    assert report.passed, report
    assert report.oracle == "6-point differences"
    wrong = check_gradients(lambda x: np.abs(x) * x, X, vjp=lambda x, g: np.abs(x) * g)
    assert wrong.verdict == "fail"


def test_a_derivative_of_0_at_0() -> None:
    assert check_gradients(lambda x: x**3, np.zeros(2), vjp=lambda x, g: 3 * x * x * g).passed


def test_at_a_kink_nothing_is_said() -> None:
    x = np.array([0.0, 1.0])
    report = check_gradients(lambda x: np.maximum(x, 0), x, vjp=lambda x, g: (x > 0) * g)
    assert report.verdict == "inconclusive"
    assert "at a kink" in report.reason


def test_a_large_array_is_sampled_and_an_error_beside_the_sample_shows_all_the_same() -> None:
    x = np.linspace(0.5, 2.0, 1000)
    report = check_gradients(lambda x: x * x, x, vjp=lambda x, g: 2 * x * g)
    assert report.passed
    assert "200 elements one by one" in report.reason
    for i in (0, 333, 999):

        def wrong(x: Any, g: Any, i: int = i) -> Any:
            gradient = 2 * x * g
            gradient[i] *= 1.01
            return gradient

        assert check_gradients(lambda x: x * x, x, vjp=wrong).verdict == "fail"


INCONCLUSIVE: dict[str, tuple[Callable[..., Any], Callable[..., Any], str]] = {
    "random": (lambda x: x * RNG.random(), lambda x, g: g, "it is random or keeps a state"),
    "nan": (lambda x: np.log(x - 10), lambda x, g: g, "nan or inf"),
    "in place": (lambda x: np.add(x, 1, out=x), lambda x, g: g, "changes input 0 in place"),
    "vjp in place": (
        lambda x: x * x,
        lambda x, g: np.multiply(x, g, out=x) * 2,
        "changes input 0 in place",
    ),
}


@pytest.mark.parametrize("name", INCONCLUSIVE)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_inconclusive_with_the_reason(name: str) -> None:
    function, vjp, reason = INCONCLUSIVE[name]
    report = check_gradients(function, np.array([1.0, 2.0]), vjp=vjp)
    assert report.verdict == "inconclusive", report
    assert reason in report.reason


ONES = np.ones(2)
MISUSE: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "integers": (
        lambda: check_gradients(lambda x: x, np.array([1, 2]), vjp=lambda x, g: g),
        OperandError,
        "array of int64.*float64",
    ),
    "empty": (
        lambda: check_gradients(lambda x: x, np.ones(0), vjp=lambda x, g: g),
        ShapeError,
        "empty",
    ),
    "None": (
        lambda: check_gradients(lambda x: None, ONES, vjp=lambda x, g: g),
        OperandError,
        "returned None",
    ),
    "text": (
        lambda: check_gradients(lambda x: "a", ONES, vjp=lambda x, g: g),
        OperandError,
        "no array of numbers",
    ),
    "vjp of None": (
        lambda: check_gradients(lambda x: x, ONES, vjp=lambda x, g: None),
        OperandError,
        "the vjp returned None",
    ),
    "one gradient for two inputs": (
        lambda: check_gradients(lambda x, y: x, ONES, ONES, vjp=lambda x, y, g: g),
        ShapeError,
        "1 gradients for 2 inputs",
    ),
    "shape": (
        lambda: check_gradients(lambda x: x, ONES, vjp=lambda x, g: g[:1]),
        ShapeError,
        r"shape \(1,\) for input 0, whose shape is \(2,\)",
    ),
    "order": (
        lambda: check_gradients(lambda x: x, ONES, vjp=lambda x, g: g, order=2),
        NumberError,
        "functions of Values only",
    ),
    "oracle": (
        lambda: check_gradients(lambda x: x, ONES, vjp=lambda x, g: g, oracle="dual"),
        NumberError,
        "needs the graph",
    ),
    "a Tensor's graph is lost": (
        lambda: check_gradients(lambda x: np.tanh(x.data), Tensor(ONES)),
        GraphError,
        "the graph was lost",
    ),
}


@pytest.mark.parametrize("name", MISUSE)
def test_misuse_is_an_error_that_says_what_to_do(name: str) -> None:
    call, kind, message = MISUSE[name]
    with pytest.raises(kind, match=message):
        call()


def test_tensors() -> None:
    x, w = Tensor(X), Tensor(W)
    report = check_gradients(lambda x, w: engine.sum(engine.tanh(x @ w), axis=0), x, w)
    assert report.passed, report
    assert report.checked == X.size + W.size
    leak = check_gradients(lambda x: x * x.detach(), x)
    assert leak.verdict == "fail"
    assert x.grad is None


def test_torch() -> None:
    torch = pytest.importorskip("torch")
    x = torch.from_numpy(X)
    assert check_gradients(lambda x: torch.tanh(x) * x, x).passed
    assert check_gradients(lambda x: torch.tanh(x) * x.detach(), x).verdict == "fail"
    assert x.grad is None


def test_jax() -> None:
    jax = pytest.importorskip("jax")
    x = jax.numpy.asarray(X)
    assert check_gradients(lambda x: jax.numpy.tanh(x) * x, x).passed
    stopped = check_gradients(lambda x: jax.numpy.tanh(x) * jax.lax.stop_gradient(x), x)
    assert stopped.verdict == "fail"
