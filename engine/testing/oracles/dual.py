"""Forward-mode dual numbers: an oracle for gradients that shares no rule with the engine.

The rules are written from calculus on plain floats. Beside its slope a dual number carries the
size of the slope: the same sum over all paths with every term made positive, which is the scale
that the rounding errors of any way of adding up the paths are relative to.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dual:
    """A number, its derivative along one direction, and the size of that derivative's terms."""

    data: float
    slope: float = 0.0
    size: float = 0.0

    def __add__(self, other: Dual | float) -> Dual:
        y = dual(other)
        return combined(self.data + y.data, (1.0, self), (1.0, y))

    def __radd__(self, other: float) -> Dual:
        return dual(other) + self

    def __sub__(self, other: Dual | float) -> Dual:
        y = dual(other)
        return combined(self.data - y.data, (1.0, self), (-1.0, y))

    def __rsub__(self, other: float) -> Dual:
        return dual(other) - self

    def __mul__(self, other: Dual | float) -> Dual:
        y = dual(other)
        return combined(self.data * y.data, (y.data, self), (self.data, y))

    def __rmul__(self, other: float) -> Dual:
        return dual(other) * self

    def __truediv__(self, other: Dual | float) -> Dual:
        y = dual(other)
        return combined(self.data / y.data, (1 / y.data, self), (-self.data / y.data / y.data, y))

    def __rtruediv__(self, other: float) -> Dual:
        return dual(other) / self

    def __pow__(self, exponent: int) -> Dual:
        return combined(self.data**exponent, (exponent * self.data ** (exponent - 1), self))

    def __pos__(self) -> Dual:
        return self

    def __neg__(self) -> Dual:
        return combined(-self.data, (-1.0, self))


# A gradient is the sum over paths of products of local derivatives. However it is added up, a path
# rounds one product and one sum a step, at most 60 in the programs of these tests, and a local
# derivative is itself good to a few units in the last place (1.1e-16): 3e-14 of the sum of the
# terms' sizes at worst. Relative to the gradient nothing can be promised where paths cancel.
RELATIVE = 1e-13
UNDERFLOW = 1e-290  # a product on a path may be subnormal and keep few digits


def agree(gradient: float, slope: float, size: float) -> bool:
    """Return whether two sums over the paths are equal but for rounding.

    Args:
        gradient: the one.
        slope: the other.
        size: the sum of their terms' sizes.
    """
    return abs(gradient - slope) <= RELATIVE * size + UNDERFLOW


def dual(x: Dual | float) -> Dual:
    """Return a number as a dual number of slope 0."""
    return x if isinstance(x, Dual) else Dual(x)


def combined(data: float, *terms: tuple[float, Dual]) -> Dual:
    """Return a result from its derivative for each operand."""
    return Dual(
        data,
        sum(partial * x.slope for partial, x in terms),
        sum(abs(partial) * x.size for partial, x in terms),
    )


def terms_of(data: float, x: Dual, *parts: float) -> Dual:
    """Return a result whose derivative is a sum of parts, which may cancel."""
    return Dual(data, sum(parts) * x.slope, sum(map(abs, parts)) * x.size)


# ----- Functions of one number -----------------------------------------------------------------


def sin(x: Dual) -> Dual:
    return combined(math.sin(x.data), (math.cos(x.data), x))


def cos(x: Dual) -> Dual:
    return combined(math.cos(x.data), (-math.sin(x.data), x))


def atan(x: Dual) -> Dual:
    return combined(math.atan(x.data), (1 / (1 + x.data * x.data), x))


def asinh(x: Dual) -> Dual:
    return combined(math.asinh(x.data), (1 / math.hypot(1, x.data), x))


def erf(x: Dual) -> Dual:
    return combined(math.erf(x.data), (2 / math.sqrt(math.pi) * density(x.data * math.sqrt(2)), x))


def density(x: float) -> float:
    """Return exp(-x²/2)."""
    return math.exp(-x * x / 2)


def logistic(x: float) -> float:
    """Return 1/(1 + exp(-x)) by the hyperbolic tangent where that keeps digits."""
    return (1 + math.tanh(x / 2)) / 2 if x > -1 else math.exp(x) / (1 + math.exp(x))


def tanh(x: Dual) -> Dual:
    e = math.exp(-abs(x.data))
    return combined(math.tanh(x.data), ((2 * e / (1 + e * e)) ** 2, x))


def sigmoid(x: Dual) -> Dual:
    e = math.exp(-abs(x.data))
    return combined(logistic(x.data), (e / (1 + e) ** 2, x))


def softplus(x: Dual) -> Dual:
    data = max(x.data, 0) + math.log1p(math.exp(-abs(x.data)))
    return combined(data, (logistic(x.data), x))


def silu(x: Dual) -> Dual:
    s, e = logistic(x.data), math.exp(-abs(x.data))
    return terms_of(x.data * s, x, s, x.data * (e / (1 + e) ** 2))


def gelu(x: Dual) -> Dual:
    below = math.erfc(-x.data / math.sqrt(2)) / 2
    return terms_of(x.data * below, x, below, x.data * density(x.data) / math.sqrt(2 * math.pi))


def relu(x: Dual) -> Dual:
    return x if x.data > 0 else Dual(0.0)


def leaky_relu(x: Dual) -> Dual:
    return x if x.data > 0 else 0.01 * x


def absolute(x: Dual) -> Dual:
    return x if x.data > 0 else -x if x.data < 0 else Dual(0.0)


def log(x: Dual) -> Dual:
    return combined(math.log(x.data), (1 / x.data, x))


def sqrt(x: Dual) -> Dual:
    return combined(math.sqrt(x.data), (1 / math.sqrt(x.data) / 2, x))


def exp(x: Dual) -> Dual:
    return combined(math.exp(x.data), (math.exp(x.data), x))


# ----- Functions of several --------------------------------------------------------------------


def maximum(x: Dual, y: Dual) -> Dual:
    return max_of([x, y])


def minimum(x: Dual, y: Dual) -> Dual:
    return min_of([x, y])


def hypot(x: Dual, y: Dual) -> Dual:
    return norm([x, y])


def sum_of(xs: Sequence[Dual]) -> Dual:
    return combined(math.fsum(x.data for x in xs), *((1.0, x) for x in xs))


def mean(xs: Sequence[Dual]) -> Dual:
    return combined(math.fsum(x.data for x in xs) / len(xs), *((1 / len(xs), x) for x in xs))


def prod(xs: Sequence[Dual]) -> Dual:
    result = Dual(1.0)
    for x in xs:
        result = result * x
    return result


def dot(xs: Sequence[Dual], ys: Sequence[Dual]) -> Dual:
    result = Dual(0.0)
    for x, y in zip(xs, ys, strict=True):
        result = result + x * y
    return result


def max_of(xs: Sequence[Dual]) -> Dual:
    return shared(max(x.data for x in xs), xs)


def min_of(xs: Sequence[Dual]) -> Dual:
    return shared(min(x.data for x in xs), xs)


def shared(data: float, xs: Sequence[Dual]) -> Dual:
    """Return a choice: the elements that tie share its derivative."""
    ties = [x for x in xs if x.data == data]
    return combined(data, *((1 / len(ties), x) for x in ties))


def norm(xs: Sequence[Dual]) -> Dual:
    data = math.hypot(*(x.data for x in xs))
    return combined(data, *((x.data / data, x) for x in xs)) if data else Dual(0.0)


def logsumexp(xs: Sequence[Dual]) -> Dual:
    top = max(x.data for x in xs)
    weights = [math.exp(x.data - top) for x in xs]
    total = math.fsum(weights)
    return combined(
        top + math.log(total),
        *((weight / total, x) for weight, x in zip(weights, xs, strict=True)),
    )


def power(x: Dual, y: Dual) -> Dual:
    data = x.data**y.data
    return combined(data, (y.data * x.data ** (y.data - 1), x), (data * math.log(x.data), y))


FUNCTIONS: dict[str, Callable[..., Dual]] = {
    **{f.__name__: f for f in (sin, cos, atan, asinh, erf, tanh, sigmoid, softplus, silu, gelu)},
    **{f.__name__: f for f in (relu, leaky_relu, log, sqrt, exp, maximum, minimum, hypot)},
    **{f.__name__: f for f in (mean, prod, dot, norm, logsumexp)},
    "abs": absolute,
    "sum": sum_of,
    "max": max_of,
    "min": min_of,
}
