"""The derivatives of a product: for each factor the product of all the others, without dividing."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from engine import numerics
from engine.op import Reduction, is_array
from engine.ops import data_of

FEW = 32  # factors, of which each product is made anew


class Scaled(NamedTuple):
    """A number times a power of two that is kept apart, so that no product of some overflows.

    Args:
        number: a float or Value between 0.5 and 1 in size; or 0, inf or nan.
        exponent: of the power of two.
    """

    number: Any
    exponent: int

    def __mul__(self, other: Scaled) -> Scaled:  # type: ignore[override]
        return scaled(self.number * other.number, self.exponent + other.exponent)

    def whole(self) -> Any:
        """Return the number with its power of two: rounded once where it underflows."""
        return times_power_of_two(self.number, self.exponent)


def scaled(x: Any, exponent: int = 0) -> Scaled:
    """Return x·2^exponent."""
    shift = math.frexp(data_of(x))[1]
    return Scaled(times_power_of_two(x, -shift), exponent + shift)


def times_power_of_two(x: Any, exponent: int) -> Any:
    """Return x·2^exponent, in steps, for neither the power nor what is on the way may overflow."""
    exponent = max(-4000, min(4000, exponent))
    while exponent:
        step = max(-1000, min(1000, exponent))
        x = x * 2.0**step
        exponent -= step
    return x


def products_of_others(xs: Any, prod: Reduction) -> Any:
    """Return for each element the product of all the others.

    Args:
        xs: the elements, as a list, or along the first axis of an array or Tensor.
        prod: the row that this is the derivative of.
    """
    if not isinstance(xs, list):
        if len(xs) < 2:
            return 1.0
        from engine.arrays.joining import stack  # NumPy is loaded for arrays only

        others = products_of_others([xs[i] for i in range(len(xs))], prod)
        return stack(others)
    if any(map(is_array, xs)) or numerics.multiplies_plainly([data_of(x) for x in xs]):
        return [left * right for left, right in parts_beside(xs, 1.0)]
    if len(xs) <= FEW:
        return [prod.reduce(xs[:i] + xs[i + 1 :]) for i in range(len(xs))]
    factors = [scaled(x) for x in xs]
    return [(left * right).whole() for left, right in parts_beside(factors, Scaled(1.0, 0))]


def parts_beside(xs: list[Any], one: Any) -> list[tuple[Any, Any]]:
    """Return for each element the product of all before it and that of all after it."""
    before = [one]
    for x in xs[:-1]:
        before.append(before[-1] * x)
    after = one
    parts = []
    for x, left in zip(reversed(xs), reversed(before), strict=True):
        parts.append((left, after))
        after = after * x
    return parts[::-1]
