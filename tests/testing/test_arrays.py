"""Functions of arrays: a user's own vjp, Tensors, and torch and jax where they are installed."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine
from engine import Tensor
from engine.errors import GraphError, NumberError, OperandError, ShapeError
from engine.testing import Element, GradientError, Report, assert_gradients, check_gradients
from engine.testing.array_point import probes_of, random_direction
from engine.testing.oracles.differences import slope

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
    x = np.linspace(0.5, 2.0, 400)
    report = check_gradients(lambda x: x * x, x, vjp=lambda x, g: 2 * x * g)
    assert report.passed
    assert "100 elements one by one" in report.reason
    for i in (0, 333, 399):

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
OUTSIDE = Tensor(ONES, requires_grad=True)


class SimpleArray:
    """Looks like a tensor of torch to whoever asks for its class and shape."""

    __module__ = "torch"
    shape = (2,)
    ndim = 1


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
    "nothing is returned": (
        lambda: check_gradients(lambda x: None, ONES, vjp=lambda x, g: g),
        OperandError,
        r"the function returned None: was its `return` forgotten\?",
    ),
    "order": (
        lambda: check_gradients(lambda x: x, ONES, vjp=lambda x, g: g, order=2),
        NumberError,
        "a vjp gives first derivatives",
    ),
    "oracle": (
        lambda: check_gradients(lambda x: x, ONES, vjp=lambda x, g: g, oracle="dual"),
        NumberError,
        "needs the graph",
    ),
    "complex steps of a higher order": (
        lambda: check_gradients(engine.tanh, Tensor(ONES), order=2, oracle="complex_step"),
        NumberError,
        "order=2 needs differences",
    ),
    "two kinds of arrays": (
        lambda: check_gradients(lambda x, y: x, Tensor(ONES), SimpleArray()),
        OperandError,
        "arrays of engine and torch",
    ),
    "several results": (
        lambda: check_gradients(lambda x: (x, x), Tensor(ONES)),
        ShapeError,
        "returned a tuple, and what is checked is one array",
    ),
    "a Value beside a Tensor": (
        lambda: check_gradients(lambda x, y: x, Tensor(ONES), engine.Value(1.0)),
        OperandError,
        "y is Value",
    ),
    "None in a tree": (
        lambda: check_gradients(lambda p: p["w"], {"w": Tensor(ONES), "b": None}),
        OperandError,
        r"input 0\['b'\] takes numbers, got NoneType",
    ),
    "a Tensor from outside": (
        lambda: check_gradients(lambda x: OUTSIDE * OUTSIDE, Tensor(ONES)),
        GraphError,
        "none of its inputs is in",
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
    assert x.grad is None


def test_what_a_function_of_tensors_closes_over_keeps_its_gradient() -> None:
    weight = Tensor(ONES, requires_grad=True)
    weight.grad = 7.0 * ONES
    with engine.no_grad():
        assert check_gradients(lambda x: engine.tanh(weight * x), Tensor(ONES), order=2).passed
        assert check_gradients(engine.tanh, 0.5, order=2).passed
    assert [*weight.grad] == [7.0, 7.0]


def test_arrays_may_be_nested_and_numbers_stand_beside_them() -> None:
    def f(p: Any, scale: Any) -> Any:
        return engine.tanh(p["w"][0] @ p["x"]) * scale * p["w"][1]

    inputs = {"w": [Tensor(X), np.ones(2)], "x": Tensor(W)}
    report = check_gradients(f, inputs, 2, order=2)
    assert report.passed, report
    wrong = check_gradients(lambda p: p["a"][0] * p["a"][0].detach(), {"a": [Tensor(X)]})
    assert wrong.worst is not None
    assert wrong.worst.path.startswith("p['a'][0][")


SHAPES: list[tuple[int, ...]] = [(), (1,), (3,), (2, 3), (1, 2, 2), (40,)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("order", [2, 3])
def test_higher_orders_of_functions_of_tensors(order: int, shape: tuple[int, ...]) -> None:
    x = np.linspace(-1.0, 1.5, int(np.prod(shape))).reshape(shape)
    empty = np.ones((2, 0))

    def f(x: Any, y: Any, none: Any) -> Any:
        return engine.sin(x * y) * engine.exp(x) + engine.sum(none)

    report = check_gradients(f, Tensor(x), Tensor(0.7), Tensor(empty), order=order)
    assert report.passed, report
    assert report.order == order
    assert report.oracle == "6-point differences of the order below"
    whole = (x.size + 1) ** order <= 256
    extent = "every element" if whole else "along random directions"
    assert f"order {order}: {extent}" in report.reason
    assert report.checked == (x.size + 1) ** order if whole else report.checked <= 41


@pytest.mark.parametrize(
    ("size", "checked", "extent"),
    [
        (16, 256, "every element"),
        (17, 17, "along random directions, every element of the last"),
        (20, 20, "along random directions, every element of the last"),
        (21, 21, "20 of 21 elements of the last one by one, and all of them along one more"),
    ],
)
def test_how_many_second_derivatives_are_checked(size: int, checked: int, extent: str) -> None:
    report = check_gradients(engine.sin, Tensor(np.linspace(-1.0, 1.5, size)), order=2)
    assert report.passed, report
    assert report.checked == checked
    assert extent in report.reason


def test_a_function_that_is_constant_in_its_slope_has_higher_derivatives_of_0() -> None:
    assert check_gradients(lambda x: x * 3.0, Tensor(ONES), order=3).passed


def worst_of(function: Any, x: Any, **how: Any) -> Element:
    """Return the only element of a check."""
    worst = check_gradients(function, x, **how).worst
    assert worst is not None
    return worst


VJP = {"vjp": lambda x, g: np.cos(x) * g}
ALLOWED: dict[str, tuple[Any, Any, dict[str, Any], float]] = {
    "array": (engine.sin, Tensor(0.5), {}, 1e-9),
    "array, order 2": (engine.sin, Tensor(0.5), {"order": 2}, 1e-9),
    "array, order 3": (engine.sin, Tensor(0.5), {"order": 3}, 1e-9),
    "vjp": (np.sin, np.array(0.5), VJP, 1e-9),
    "vjp by differences": (np.sin, np.array(0.5), {**VJP, "oracle": "differences"}, 1e-9),
    "number": (engine.sin, 0.5, {}, 1e-12 + 4.4e-16),
    "number, order 2": (engine.sin, 0.5, {"order": 2}, 1e-9),
    "number, order 3": (engine.sin, 0.5, {"order": 3}, 1e-7),
    "number by differences": (engine.sin, 0.5, {"order": 2, "oracle": "differences"}, 1e-9),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_what_is_allowed_is_the_error_of_the_oracle_and_the_tolerances(name: str) -> None:
    function, x, how, relative = ALLOWED[name]
    least = worst_of(function, x, **how, rtol=0.0)
    size = abs(least.numeric)
    assert 0.0 < least.allowance < 1e-6 * size
    assert least.error == abs(least.analytic - least.numeric)
    usual = worst_of(function, x, **how)
    assert usual.allowance == pytest.approx(least.allowance + relative * size, rel=1e-9)
    given = worst_of(function, x, **how, rtol=1e-3, atol=0.25)
    assert given.allowance == pytest.approx(least.allowance + 1e-3 * size + 0.25, rel=1e-9)


@pytest.mark.parametrize("x", [0.5, 0.0])
def test_how_well_differences_of_the_order_below_know(x: float) -> None:
    found = slope(lambda t: float(np.cos(t)), x)
    report = check_gradients(lambda x: engine.sum(engine.sin(x)), Tensor([x]), order=2)
    assert report.oracle_error >= 1e-11
    assert report.oracle_error <= max(1e-11, 10 * found.error / (abs(found.value) or 1.0))


def test_where_a_higher_derivative_is_not_known_no_verdict_is_given() -> None:
    def f(x: Any) -> Any:
        return engine.relu(x) * x

    report = check_gradients(f, Tensor([0.0, 1.0]), order=2)
    assert (report.verdict, report.order, report.checked) == ("inconclusive", 2, 3)
    assert "at a kink or too near one for differences: for x[0], x[0]" in report.reason


def test_a_random_direction_moves_every_element_and_a_small_one_in_proportion() -> None:
    x = np.array([0.0, 5e-4, -5e-4, 2e-3, 1.0, -3.0])
    (found,) = random_direction([x], np.random.default_rng(3))
    drawn = np.round(np.random.default_rng(3).normal(size=6), 2) + 0.005
    assert found.tolist() == [drawn[0], drawn[1] * 5e-4, drawn[2] * -5e-4, *drawn[3:]]


def test_probes_move_each_element_alone_or_some_and_all_together() -> None:
    inputs, names = [np.arange(3.0), np.array(7.0)], ["a", "b"]
    few = probes_of(inputs, names, 4, np.random.default_rng(0))
    assert [(probe.name, probe.at) for probe in few] == [
        *[("a[0]", 0.0), ("a[1]", 1.0), ("a[2]", 2.0), ("b", 7.0)],
    ]
    moved = np.array([[*probe.direction[0], probe.direction[1]] for probe in few])
    assert np.array_equal(moved, np.eye(4))
    *some, last = probes_of(inputs, names, 3, np.random.default_rng(0))
    names_of_some = [probe.name for probe in some]
    assert len({*names_of_some}) == 3
    assert names_of_some == sorted(names_of_some)
    assert (last.name, last.at) == ("a random direction", 0.0)
    assert all(np.all(d != 0.0) for d in last.direction)


def test_order_3_is_not_asked_for_where_order_2_is_wrong() -> None:
    report = check_gradients(sine, Tensor(X[0]), order=3)
    assert report.verdict == "fail"
    assert report.order == 2


@engine.primitive(lambda out, x: math.cos(x) if isinstance(x, float) else np.cos(np.asarray(x)))
def sine(x: float) -> float:
    return math.sin(x)


def test_a_wrong_second_derivative_is_found_in_a_large_array() -> None:
    report = check_gradients(sine, Tensor(np.linspace(0.1, 1.0, 50)), order=2)
    assert report.verdict == "fail"
    assert report.blame is not None
    assert report.blame.expression == "sine(0.1)"
    assert "second derivative" in report.blame.what


def test_float32_is_checked_in_float64_and_as_it_is() -> None:
    x, w = X.astype(np.float32), W.astype(np.float32)
    report = check_gradients(lambda x, w: engine.tanh(x @ w), Tensor(x), Tensor(w), order=2)
    assert report.passed, report
    assert "in float64, and in float32 within 0.0001 of the largest" in report.reason
    assert check_gradients(layer, x, w, vjp=layer_vjp).passed

    large = check_gradients(lambda t: engine.sum(t * 12345.678), Tensor(x))
    assert large.passed  # a float32 has 7 digits, of whatever size

    def wrong_in_float32(x: Any, w: Any, upstream: Any) -> Any:
        gx, gw = layer_vjp(x, w, upstream)
        return gx, gw * (1.001 if gw.dtype == np.float32 else 1.0)

    report = check_gradients(layer, x, w, vjp=wrong_in_float32)
    assert report.verdict == "fail"
    assert report.reason == "right in float64 alone"
    assert report.worst is not None
    assert "w[" in report.worst.path
    assert "in float32" in report.worst.path


@pytest.mark.parametrize(("off", "verdict"), [(0.9, "pass"), (1.5, "fail")])
def test_how_far_a_gradient_in_float32_may_be_off(off: float, verdict: str) -> None:
    def vjp(x: Any, upstream: Any) -> Any:
        return upstream * (1.0 if x.dtype == np.float64 else 1.0 + off * 2.0**-13)

    assert check_gradients(lambda x: x * 1.0, ONES.astype(np.float32), vjp=vjp).verdict == verdict


def test_a_function_that_drops_what_is_complex_warns_nobody() -> None:
    def half(x: Any) -> Any:
        kept = np.zeros(x.shape)
        kept[:] = x
        return x + kept

    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        assert check_gradients(half, ONES, vjp=lambda x, g: 2 * g).passed
    assert shown == []


def test_half_precision_is_refused() -> None:
    with pytest.raises(OperandError, match=r"x is an array of float16.*float64 or float32"):
        check_gradients(layer, X.astype(np.float16), W, vjp=layer_vjp)


def test_a_result_without_elements_is_no_pass() -> None:
    report = check_gradients(lambda x: x[:0], Tensor(X))
    assert report.verdict == "inconclusive"
    assert "shape (0, 4), without any element" in report.reason


def test_an_oracle_that_does_not_apply_is_not_replaced_in_silence() -> None:
    report = check_gradients(engine.tanh, Tensor(ONES), oracle="complex_step")
    assert report.verdict == "inconclusive"
    reason = "the function does not take complex numbers, which complex_step needs"
    assert report == Report("inconclusive", "tanh", 1, "complex step", 1e-15, 0, None, reason)


FAR_OUT: dict[str, tuple[Callable[..., Any], tuple[Any, ...], str]] = {
    "a wave": (engine.sinc, ([[1.0, 2.0], [3.44e10, 3.6e23]],), ""),
    "jumps": (engine.round, ([-2.89353733e14],), ""),
    "a quotient": (lambda x, y: x // y, (9.76983668e55, -4.81622243e-51), ""),
    "inf times 0": (lambda x: engine.sqrt(x * 1e-200) * 1e-200 * x, ([1e-250],), ""),
    "both limits met": (engine.clip, ([-1.0, 3.0], [-1.0, -1.0], [-1.0, 4.0]), "clip is at a kink"),
    "steps as long as its own": (engine.round, ([-11.977457485862967, 0.3],), ""),
}


@pytest.mark.parametrize("name", FAR_OUT)
def test_what_differences_do_not_see_is_no_failure(name: str) -> None:
    function, inputs, reason = FAR_OUT[name]
    report = check_gradients(function, *map(Tensor, inputs))
    assert report.verdict != "fail", report
    assert reason in report.reason


@pytest.mark.parametrize("x", [1e-100, 1e-3, 1.0, 1e10])
def test_an_error_that_is_small_beside_the_rest_is_found(x: float) -> None:
    wrong = engine.primitive(lambda out, x: 2.0002 * x)(lambda x: x * x)
    report = check_gradients(lambda x: engine.cos(x) + wrong(x), Tensor([x, 2 * x]))
    assert report.verdict == "fail", report
    assert report.blame is not None
    assert "not" in report.blame.what


@pytest.mark.parametrize("order", [1, 2, 3])
def test_torch(order: int) -> None:
    torch = pytest.importorskip("torch")
    x = torch.from_numpy(X[0])
    with torch.no_grad():
        assert check_gradients(lambda x: torch.tanh(x) * x, x, order=order).passed
    assert check_gradients(lambda x: torch.tanh(x) * x.detach(), x).verdict == "fail"
    assert check_gradients(lambda x: 2 * x, x, order=order).passed
    assert x.grad is None
    with pytest.raises(GraphError, match="a Tensor that no gradient flows through"):
        check_gradients(lambda x: torch.tanh(x).detach(), x)
    with pytest.raises(OperandError, match="input 0 has to be an array that NumPy"):
        check_gradients(torch.tanh, x.to(torch.bfloat16))


@pytest.mark.parametrize("order", [1, 2, 3])
def test_jax(order: int) -> None:
    jax = pytest.importorskip("jax")
    x = jax.numpy.asarray(X[0])
    report = check_gradients(lambda x: jax.numpy.tanh(x) * x, x, order=order)
    assert report.passed, report
    assert "in float32" in report.reason  # which is what jax makes of any number
    stopped = check_gradients(lambda x: jax.numpy.tanh(x) * jax.lax.stop_gradient(x), x)
    assert stopped.verdict == "fail"


def test_a_branch_of_python_in_a_function_of_jax() -> None:
    jax = pytest.importorskip("jax")
    x = jax.numpy.asarray(0.7)
    assert check_gradients(lambda x: x**3 if x > 0 else -x, x, order=2).passed


def test_an_input_that_is_nan_is_not_taken_for_a_changed_one() -> None:
    report = check_gradients(lambda x: engine.sum(x * x), Tensor([math.nan, 1.0]))
    assert (report.verdict, report.reason) == ("inconclusive", "the function is nan or inf here")
