"""Whatever can be called is checked under its name; what cannot be is refused before it is."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest

import engine
from engine.errors import OperandError, ShapeError
from engine.testing import check_gradients
from engine.testing.callables import misfit


class Squared:
    def __call__(self, x: Any) -> Any:
        return x * x

    def method(self, x: Any) -> Any:
        return x * x

    @classmethod
    def of_the_class(cls, x: Any) -> Any:
        return x * x

    @staticmethod
    def static(x: Any) -> Any:
        return x * x


class Pair(NamedTuple):
    x: Any
    y: Any


def scaled(factor: float, x: Any, *, power: float = 2.0) -> Any:
    return factor * x**power


CALLABLES: dict[str, tuple[Callable[..., Any], str]] = {
    "an object": (Squared(), "Squared"),
    "a method": (Squared().method, "method"),
    "a class method": (Squared.of_the_class, "of_the_class"),
    "a static method": (Squared.static, "static"),
    "partial": (functools.partial(scaled, 2.0), "scaled"),
    "partial by keyword": (functools.partial(scaled, 2.0, power=3.0), "scaled"),
    "partial of partial": (functools.partial(functools.partial(scaled), 3.0), "scaled"),
    "a lambda": (lambda x: x * x, "<lambda>"),
    "an op": (engine.tanh, "tanh"),
    "with a default": (lambda x, k=3: x**k, "<lambda>"),
    "with a star": (lambda *xs: engine.prod(xs), "<lambda>"),
}


@pytest.mark.parametrize("name", CALLABLES)
def test_whatever_can_be_called(name: str) -> None:
    function, called = CALLABLES[name]
    report = check_gradients(function, 0.7)
    assert report.passed
    assert report.function == called
    wrong = check_gradients(lambda x: function(x) * x.data, 0.7)
    assert wrong.verdict == "fail"


def test_inputs_may_be_any_tree() -> None:
    tree = {"w": [1.0, (2.0, 3.0)], "p": Pair(4.0, 5.0)}
    report = check_gradients(lambda t: t["w"][0] * t["w"][1][1] * t["p"].x + t["p"].y, tree)
    assert report.passed
    assert report.checked == 5


async def awaited(x: Any) -> Any:
    return x * x


def yields(x: Any) -> Iterator[Any]:
    yield x * x


def of_two(x: Any, y: Any) -> Any:
    return x * y


def own_error(x: Any) -> Any:
    return x + len(3)  # type: ignore[arg-type]


REFUSED: dict[str, tuple[Callable[..., Any], tuple[Any, ...], str]] = {
    "async": (awaited, (1.0,), r"awaited is an async function.*asyncio\.run\(awaited\(x\)\)"),
    "yield": (yields, (1.0,), "yields is a generator function, for it has a yield"),
    "a generator": (lambda x: (x * i for i in range(2)), (1.0,), "got generator"),
    "too few": (of_two, (1.0,), "of_two cannot be called with 1 input: missing .* 'y'"),
    "too many": (of_two, (1.0, 2.0, 3.0), "of_two cannot be called with 3 inputs: too many"),
    "none taken": (Squared, (1.0,), "Squared cannot be called with 1 input: too many"),
    "no object": (Squared.method, (1.0,), "method cannot be called with 1 input: missing .* 'x'"),
    "keyword only": (lambda *, x: x, (1.0,), "cannot be called with 1 input"),
    "a set": (sum, ({1.0},), "input 0 takes numbers, got set"),
    "a range": (sum, (range(3),), "input 0 takes numbers, got range"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_called(name: str) -> None:
    function, inputs, message = REFUSED[name]
    with pytest.raises(OperandError, match=message):
        check_gradients(function, *inputs)


class WithoutSignature:
    """Can be called, and does not tell with what, as some functions written in C."""

    __signature__ = "unknown"

    def __call__(self, x: Any) -> Any:
        return x * x


def test_what_does_not_tell_its_inputs_is_no_misfit() -> None:
    assert misfit(WithoutSignature(), 2, "2 inputs") is None
    assert check_gradients(WithoutSignature(), 0.5).passed
    with pytest.raises(TypeError, match="takes 2 positional arguments but 3 were given"):
        check_gradients(WithoutSignature(), 0.5, 1.5)


def test_a_type_error_of_the_function_itself_comes_through() -> None:
    with pytest.raises(TypeError, match=r"object of type 'int' has no len\(\)"):
        check_gradients(own_error, 1.0)


# ----- A gradient of one's own -----------------------------------------------------------------


def in_place(x: Any, upstream: Any) -> Any:
    upstream *= np.cos(x)
    return upstream


VJP_REFUSED: dict[str, tuple[Callable[..., Any], Any, Callable[..., Any], type[Exception], str]] = {
    "no upstream": (
        *(np.sin, np.ones(2), lambda x: np.cos(x), OperandError),
        "cannot be called with 1 input and the gradient of the output: too many",
    ),
    "a list": (
        *(np.sin, [1.0, 2.0], lambda x, g: np.cos(x) * g, ShapeError),
        r"a list of numbers is as many inputs, and np.array\(\) of it is one",
    ),
    "complex result": (
        *(lambda x: x + 1j * x, np.ones(2), lambda x, g: g, OperandError),
        "returned complex numbers",
    ),
    "complex input": (np.sin, np.ones(2) * 1j, lambda x, g: g, OperandError, "real numbers"),
    "whole numbers": (np.sin, np.arange(2), lambda x, g: g, OperandError, r"x\.astype\(float\)"),
    "masked": (np.sin, np.ma.array([1.0]), lambda x, g: g, OperandError, "x is a MaskedArray"),
    "a Tensor": (
        *(np.sin, engine.Tensor([1.0]), lambda x, g: g, OperandError),
        "vjp= is of a function of NumPy arrays, and an input is an array of engine",
    ),
    "async": (np.sin, np.ones(2), awaited, OperandError, "awaited is an async function"),
}


@pytest.mark.parametrize("name", VJP_REFUSED)
def test_what_is_no_vjp(name: str) -> None:
    function, x, vjp, kind, message = VJP_REFUSED[name]
    with pytest.raises(kind, match=message):
        check_gradients(function, x, vjp=vjp)


def test_a_vjp_that_writes_into_the_gradient_it_is_given_is_told_so() -> None:
    report = check_gradients(np.sin, np.ones(2), vjp=in_place)
    assert report.verdict == "inconclusive"
    assert report.reason == "the vjp changes the gradient of the output in place"


def test_a_vjp_may_return_the_gradient_that_it_was_given() -> None:
    assert check_gradients(lambda x: x, np.ones(2), vjp=lambda x, g: g).passed


@pytest.mark.parametrize("function", [lambda x: float((x * x).sum()), lambda x: np.sum(x**2)])
def test_no_warning_comes_of_steps_that_leave_the_reals_or_the_domain(
    function: Callable[..., Any],
) -> None:
    assert check_gradients(function, np.ones(2), vjp=lambda x, g: 2 * x * g).passed
    x = np.array([1e-300, 1.0])
    assert check_gradients(np.sqrt, x, vjp=lambda x, g: 0.5 * g / np.sqrt(x)).passed


class OfAnotherLibrary:
    """Stands for an array that the kit does not know."""

    shape, ndim = (2,), 1


OfAnotherLibrary.__module__ = "frames.core"


@pytest.mark.parametrize("vjp", [None, lambda x, g: g])
def test_arrays_of_an_unknown_library(vjp: Any) -> None:
    with pytest.raises(OperandError, match="an array of frames, which is not known here"):
        check_gradients(np.sin, OfAnotherLibrary(), vjp=vjp)


def test_what_is_checked_in_float64_though_it_is_float32_is_noted_on_an_error() -> None:
    def strict(x: Any) -> Any:
        if x.dtype != np.float32:
            raise RuntimeError("float32 only")
        return x * x

    with pytest.raises(RuntimeError, match="float32 only") as caught:
        check_gradients(strict, engine.Tensor(np.ones(2, np.float32)))
    assert "checked in float64 first" in caught.value.__notes__[0]
