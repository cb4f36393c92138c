"""The rows of the op table that take a sequence of any length.

A rule gives the derivatives for all elements at once, from out and the list xs of elements.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from engine import numerics
from engine.coercion import number
from engine.node import Node
from engine.op import Kink, Reduction, elements_of, is_array
from engine.ops import (
    GROW,
    INF,
    NAN,
    SHRINK,
    SMALL,
    data_of,
    divide,
    equal,
    is_nan,
    less,
    select,
)
from engine.products import products_of_others


def each(xs: Any, rule: Callable[[Any], Any]) -> Any:
    """Return a rule's result for each of a list, or for all elements of an array at once."""
    return [rule(x) for x in xs] if isinstance(xs, list) else rule(xs)


sum: Reduction = Reduction(
    "sum",
    numerics.sum_,
    lambda out, xs: each(xs, lambda x: 1.0),
    symbol="Σ",
    formula="1",
    empty=0.0,
    slope=lambda n: 1.0,
    doc="Return the sum of a sequence, rounded once. An empty one gives 0.",
)
mean: Reduction = Reduction(
    "mean",
    numerics.mean,
    lambda out, xs: each(xs, lambda x: 1.0 / len(xs)),
    formula="1/n",
    slope=lambda n: numerics.divide(1.0, n),
    doc="Return the mean of a sequence.",
)


prod: Reduction = Reduction(
    "prod",
    numerics.prod,
    lambda out, xs: products_of_others(xs, prod),
    symbol="Π",
    formula="product of the others",
    empty=1.0,
    kinks=[Kink((0.0, 3.0), 0.0, (3.0, 0.0)), Kink((0.0, 0.0), 0.0, (0.0, 0.0))],
    doc="Return the product of a sequence. An empty one gives 1.",
)


def largest(xs: list[float]) -> float:
    """Return the largest number, nan if there is one."""
    return next((x for x in xs if x != x), builtins.max(xs))


def smallest(xs: list[float]) -> float:
    """Return the smallest number, nan if there is one."""
    return next((x for x in xs if x != x), builtins.min(xs))


def shares_of_extreme(out: Any, xs: Any) -> Any:
    """Return 1/k for each of the k elements that equal out; a nan result goes to the nans."""
    if not isinstance(xs, list):
        ties = equal(xs, out)
        return select(is_nan(xs), NAN, select(is_nan(out), 0.0, divide(ties, ties.sum(0))))
    if is_nan(out):
        return [NAN if is_nan(x) else 0.0 for x in xs]
    ties = [equal(x, out) for x in xs]
    share = 1.0 / ties.count(True)
    return [share if tie else 0.0 for tie in ties]


max: Reduction = Reduction(
    "max",
    largest,
    shares_of_extreme,
    formula="1/k for each of the k largest",
    kinks=[Kink((2.0, 2.0, 1.0), 2.0, (0.5, 0.5, 0.0)), Kink((NAN, 1.0), NAN, (NAN, 0.0))],
    analytic=False,
    doc="Return the largest of a sequence or of the arguments. Ties share the gradient.",
)
min: Reduction = Reduction(
    "min",
    smallest,
    shares_of_extreme,
    formula="1/k for each of the k smallest",
    kinks=[Kink((1.0, 1.0, 2.0), 1.0, (0.5, 0.5, 0.0)), Kink((NAN, 1.0), NAN, (NAN, 0.0))],
    analytic=False,
    doc="Return the smallest of a sequence or of the arguments. Ties share the gradient.",
)


def directions(out: Any, xs: Any) -> Any:
    """Return x/out for each element, 0 for the norm 0; the norm itself may overflow."""
    overflows, underflows = equal(out, INF), less(out, SMALL)
    extreme = overflows | underflows
    if isinstance(xs, list):
        if extreme:
            xs = [x * (SHRINK if overflows else GROW) for x in xs]
            out = norm(xs)
    elif extreme.any():
        xs = xs * select(overflows, SHRINK, select(underflows, GROW, 1.0))
        out = select(extreme, norm(xs, axis=0), out)
    return each(xs, lambda x: select(equal(out, 0.0), 0.0, divide(x, out)))


norm: Reduction = Reduction(
    "norm",
    numerics.norm,
    lambda out, xs: directions(out, xs),
    symbol="‖·‖",
    formula="x/out",
    empty=0.0,
    kinks=[Kink((0.0, 0.0), 0.0, (0.0, 0.0))],
    analytic=False,
    doc="Return the Euclidean norm of a sequence without overflow. The gradient at 0 is 0.",
)


# ----- Spread --------------------------------------------------------------------------------


def var(xs: Any, correction: float = 0.0, *, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the variance of a sequence, or of an array or Tensor along some axes.

    Args:
        xs: the elements.
        correction: what is taken off n in the divisor; 1 gives the unbiased estimate. With no
            more elements than that the variance is nan.
        axis: of an array or Tensor, the axes to reduce; None is all of them.
        keepdims: whether the axes that are reduced stay, with size 1.

    >>> var([1.0, 2.0, 3.0]), var([1.0, 2.0, 3.0], correction=1)
    (0.6666666666666666, 1.0)
    """
    return variance(number(correction, "var"))(xs, axis=axis, keepdims=keepdims)


def std(xs: Any, correction: float = 0.0, *, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the standard deviation, as `var` does; where it is 0 its gradient is 0.

    Args:
        xs: the elements.
        correction, axis, keepdims: as in `var`.

    >>> std([1.0, 1.0])
    0.0
    """
    return deviation(number(correction, "std"))(xs, axis=axis, keepdims=keepdims)


@lru_cache(maxsize=64)
def variance(correction: float) -> Reduction:
    """Return the row of `var` for one correction."""
    return Reduction(
        "var",
        lambda xs: numerics.var(xs, correction),
        lambda out, xs: each(
            deviations(xs), lambda d: divide(2.0 * d, builtins.max(len(xs) - correction, 0.0))
        ),
        formula="2(x - mean)/n",
        options={"correction": correction},
        origin=(variance, (correction,)),
    )


@lru_cache(maxsize=64)
def deviation(correction: float) -> Reduction:
    """Return the row of `std` for one correction."""
    return Reduction(
        "std",
        lambda xs: numerics.std(xs, correction),
        lambda out, xs: each(
            deviations(xs),
            lambda d: select(equal(out, 0.0), 0.0, divide(divide(d, out), len(xs) - correction)),
        ),
        formula="(x - mean)/(n·out)",
        options={"correction": correction},
        kinks=[Kink((1.0, 1.0), 0.0, (0.0, 0.0))],
        origin=(deviation, (correction,)),
        analytic=False,
    )


def deviations(xs: Any) -> Any:
    """Return each x less the mean.

    Less the rounded mean first, as a constant, and then less the mean of what remains: the
    rounding of the mean would be all that is left where the elements are nearly equal.
    """
    if not isinstance(xs, list):
        remains = xs - data_of(mean(data_of(xs), axis=0))
        return remains - mean(remains, axis=0)
    centre = numerics.mean([data_of(x) for x in xs])
    remains = [x - centre for x in xs]
    error = mean(remains)
    return [remain - error for remain in remains]


# ----- Soft maximum --------------------------------------------------------------------------

logsumexp: Reduction = Reduction(
    "logsumexp",
    numerics.logsumexp,
    lambda out, xs: shares(xs),
    symbol="log Σ exp",
    formula="exp(x - out)",
    empty=-INF,
    kinks=[Kink((-INF, -INF), -INF, (NAN, NAN)), Kink((INF, 0.0), INF, (NAN, NAN))],
    doc=(
        "Return log Σ exp(x) over a sequence without overflow. Where the largest is infinite, so "
        "is the result, and the gradient is nan."
    ),
)


def softmax(xs: Any, axis: int = -1) -> Any:
    """Return exp(x) / Σ exp for each element.

    Args:
        xs: a sequence, which gives a list; or an array or Tensor, which gives one of its shape.
        axis: of an array or Tensor, the axis along which the results add up to 1.

    Finite elements never give nan; where the largest is infinite, all are nan.

    >>> softmax([1000.0, 1000.0])
    [0.5, 0.5]
    """
    if is_array(xs):
        from engine.arrays import softmaxes  # NumPy is loaded for arrays only

        return softmaxes.softmax(xs, axis)
    elements = elements_of("softmax", xs)
    if any(map(is_array, elements)):
        return _along_list(softmax, elements)
    return [softmax_at(i).reduce(elements) for i in range(len(elements))]


def log_softmax(xs: Any, axis: int = -1) -> Any:
    """Return x - logsumexp for each element, exact where log(softmax) is -inf.

    Args:
        xs: a sequence, which gives a list; or an array or Tensor, which gives one of its shape.
        axis: of an array or Tensor, the axis along which the results add up to 1.

    Finite elements never give nan; where the largest is infinite, all are nan.

    >>> log_softmax([1000.0, 0.0])
    [0.0, -1000.0]
    """
    if is_array(xs):
        from engine.arrays import softmaxes  # NumPy is loaded for arrays only

        return softmaxes.log_softmax(xs, axis)
    elements = elements_of("log_softmax", xs)
    if any(map(is_array, elements)):
        return _along_list(log_softmax, elements)
    return [log_softmax_at(i).reduce(elements) for i in range(len(elements))]


def _along_list(function: Callable[..., Any], elements: list[Any]) -> list[Any]:
    """Return what a function along an axis gives for a list of Tensors, a list as well."""
    from engine.arrays.joining import stack  # NumPy is loaded for arrays only

    return list(function(stack(elements), axis=0))


@lru_cache(maxsize=1024)
def softmax_at(i: int) -> Reduction:
    """Return the row of the i-th component of `softmax`."""
    return Reduction(
        "softmax",
        lambda xs: softmax_of(tuple(xs))[i],
        lambda out, xs: [out * slope for slope in softmax_slopes(i, xs)],
        formula="out·(1 if same else 0 - softmax x)",
        origin=(softmax_at, (i,)),
    )


@lru_cache(maxsize=1024)
def log_softmax_at(i: int) -> Reduction:
    """Return the row of the i-th component of `log_softmax`."""
    return Reduction(
        "log_softmax",
        lambda xs: log_softmax_of(tuple(xs))[i],
        lambda out, xs: softmax_slopes(i, xs),
        formula="1 if same else 0 - softmax x",
        origin=(log_softmax_at, (i,)),
    )


def softmax_slopes(i: int, xs: list[Any]) -> list[Any]:
    """Return the derivatives of log_softmax(xs)[i]; 1 - s is the sum of the others, uncancelled."""
    parts = shares(xs)
    slopes = [-part for part in parts]
    slopes[i] = sum(parts[:i] + parts[i + 1 :])
    return slopes


def shares(xs: Any) -> Any:
    """Return softmax(xs), of floats without the detour over nodes."""
    if not isinstance(xs, list):
        return softmax(xs, axis=0)
    return softmax(xs) if any(isinstance(x, Node) for x in xs) else list(softmax_of(tuple(xs)))


# The components of one softmax are computed one by one, from the same elements.


@lru_cache(maxsize=16)
def softmax_of(xs: tuple[float, ...]) -> list[float]:
    """Return all components of the softmax of floats."""
    return numerics.softmax(xs)


@lru_cache(maxsize=16)
def log_softmax_of(xs: tuple[float, ...]) -> list[float]:
    """Return all components of the log_softmax of floats."""
    return numerics.log_softmax(xs)


# ----- Inner product -------------------------------------------------------------------------


def inner_product(flat: list[float]) -> float:
    """Return the inner product of the two halves of a list, added from left to right."""
    half = len(flat) // 2
    total = 0.0
    for x, y in zip(flat[:half], flat[half:], strict=True):
        total += x * y
    return total


dot: Reduction = Reduction(
    "dot",
    inner_product,
    lambda out, flat: flat[len(flat) // 2 :] + flat[: len(flat) // 2],
    symbol="·",
    formula="y, x",
    empty=0.0,
    doc=(
        "The row of `engine.dot`; its operands are the elements of the first sequence, then those "
        "of the second."
    ),
)
