"""Float functions under the op table: IEEE 754 results, no exception, no complex number.

Each takes and returns Python floats. Where ``math`` raises, these return what C99 Annex F and
NumPy return: ``exp(1000)`` is inf, ``log(0)`` is -inf, ``log(-1)`` is nan. Where the C library
loses more than two units in the last place (ulp), a compensated formula replaces it.

>>> exp(1000.0), log(0.0), divide(-1.0, 0.0), power(-8.0, 1 / 3)
(inf, -inf, -inf, nan)
"""

import builtins
import functools
import math
import operator
from collections.abc import Callable, Sequence
from decimal import Context, Decimal
from typing import Any

from engine.errors import OperandError

inf, nan = math.inf, math.nan
Unary = Callable[[float], float]

# ----- Error-free transformations: a rounded result and its rounding error, both exact -----


def two_sum(a: float, b: float) -> tuple[float, float]:
    """Return a + b rounded and the rounding error (Knuth, TAOCP 2, 4.2.2, theorem B)."""
    total = a + b
    if math.isinf(total):
        return total, 0.0
    b_part = total - a
    return total, (a - (total - b_part)) + (b - b_part)


def _halves(a: float) -> tuple[float, float]:
    """Split a into two numbers of 26 bits each (Veltkamp; Dekker 1971, section 5.6)."""
    shifted = 134217729.0 * a  # 2**27 + 1
    high = shifted - (shifted - a)
    return high, a - high


def two_product(a: float, b: float) -> tuple[float, float]:
    """Return a * b rounded and the rounding error (Dekker 1971), for factors below 2**500."""
    product = a * b
    a_high, a_low = _halves(a)
    b_high, b_low = _halves(b)
    error = a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low)
    return product, error


# ----- One argument -----


def _total(function: Unary, *poles: tuple[float, float]) -> Unary:
    """Extend an increasing function of ``math`` to all floats.

    A point outside the domain gives nan, a pole (x, y) gives y, overflow the infinity of x's sign.
    """
    values = dict(poles)

    def total(x: float) -> float:
        try:
            return function(x)
        except ValueError:
            return values.get(x, nan)
        except OverflowError:
            return math.copysign(inf, x)

    return total


exp = _total(math.exp)
exp2 = _total(math.exp2)
expm1 = _total(math.expm1)
log = _total(math.log, (0.0, -inf))
log2 = _total(math.log2, (0.0, -inf))
log10 = _total(math.log10, (0.0, -inf))
log1p = _total(math.log1p, (-1.0, -inf))
sqrt = _total(math.sqrt)
sin = _total(math.sin)
cos = _total(math.cos)
tan = _total(math.tan)
asin = _total(math.asin)
acos = _total(math.acos)
atan = math.atan
sinh = _total(math.sinh)
asinh = math.asinh
atanh = _total(math.atanh, (1.0, inf), (-1.0, -inf))


def cbrt(x: float) -> float:
    """Return the real cube root: the library's, after a Newton step with an exact residual."""
    if x == 0.0 or not math.isfinite(x):
        return x
    mantissa, exponent = math.frexp(x)
    rest = exponent % 3
    radicand = math.ldexp(mantissa, rest)
    root = math.cbrt(radicand)
    square, square_error = two_product(root, root)
    cube, cube_error = two_product(square, root)
    residual = (cube - radicand) + (cube_error + square_error * root)
    return math.ldexp(root - residual / (3.0 * square), (exponent - rest) // 3)


def cosh(x: float) -> float:
    """Return the hyperbolic cosine."""
    try:
        return math.cosh(x)
    except OverflowError:
        return inf


def tanh(x: float) -> float:
    """Return the hyperbolic tangent: e / (2 + e) with e = expm1(2 x) where the library is weak."""
    if not 0.2 < abs(x) < 0.55:
        return math.tanh(x)
    e = math.expm1(2.0 * abs(x))
    denominator = 2.0 + e
    denominator_error = e - (denominator - 2.0)
    quotient = e / denominator
    return math.copysign(quotient - quotient * denominator_error / denominator, x)


def acosh(x: float) -> float:
    """Return the inverse hyperbolic cosine, nan below 1.

    Below 2: log1p(t + sqrt(2 t + t²)) with t = x - 1 (DLMF 4.37.19), its argument compensated.
    """
    if not 1.0 < x < 2.0:
        return nan if x < 1.0 else math.acosh(x)
    t = x - 1.0  # exact
    square, square_error = two_product(t, t)
    radicand, radicand_error = two_sum(2.0 * t, square)
    root = math.sqrt(radicand)
    root_square, root_square_error = two_product(root, root)
    residual = (radicand - root_square) - root_square_error + radicand_error + square_error
    argument, argument_error = two_sum(root, t)
    argument_error += residual / (2.0 * root)
    return math.log1p(argument) + argument_error / (1.0 + argument)


# ----- Two arguments -----

atan2 = math.atan2
hypot: Callable[[float, float], float] = math.hypot


def power(x: float, y: float) -> float:
    """Return x**y; nan for a negative x and a y that is not whole, inf at a pole."""
    try:
        return math.pow(x, y)
    except ValueError:
        if x != 0.0:
            return nan
    except OverflowError:
        pass
    return math.copysign(inf, x) if y % 2.0 == 1.0 else inf


def divide(x: float, y: float) -> float:
    """Return x / y; x / 0 is an infinity with the sign of the quotient, 0 / 0 is nan."""
    try:
        return x / y
    except ZeroDivisionError:
        return x * math.copysign(inf, y)


def floor_divide(x: float, y: float) -> float:
    """Return the floor of x / y, as Python's ``//``; a zero y gives ``divide(x, y)``."""
    try:
        return x // y
    except ZeroDivisionError:
        return divide(x, y)


def remainder(x: float, y: float) -> float:
    """Return x - y * floor(x / y), which has the sign of y, as Python's ``%``; nan for y = 0."""
    try:
        return x % y
    except ZeroDivisionError:
        return nan


# ----- Rounding to whole numbers -----


def _whole(function: Callable[[float], int]) -> Unary:
    """Turn a rounding to int into one to float that keeps -0.0, inf and nan."""

    def whole(x: float) -> float:
        try:
            return math.copysign(function(x), x)
        except (OverflowError, ValueError):
            return x

    return whole


floor = _whole(math.floor)
ceil = _whole(math.ceil)
round = _whole(builtins.round)  # half to even


def rounded(x: float, digits: object) -> float:
    """Return x to so many decimals, as Python's ``round``; too large a result is an infinity.

    Raises:
        OperandError: digits is no whole number.
    """
    try:
        return builtins.round(x, operator.index(digits))  # type: ignore[arg-type]
    except TypeError:
        raise OperandError(f"round() takes a whole number of digits, got {digits!r}") from None
    except OverflowError:
        return math.copysign(inf, x)


# ----- Lists -----


def sum_(xs: Sequence[float]) -> float:
    """Return the sum, exactly rounded; added from left to right where ``math.fsum`` gives up."""
    try:
        return math.fsum(xs)
    except (OverflowError, ValueError):
        return functools.reduce(operator.add, xs, 0.0)  # sum() compensates from 3.12 on


def multiplies_plainly(xs: Sequence[float]) -> bool:
    """Return whether no product of some of the factors can leave the range of normal floats."""
    most = 2.0 ** (1000.0 / (len(xs) or 1))
    return all(1.0 / most < abs(x) < most for x in xs)


def prod(xs: Sequence[float]) -> float:
    """Return the product, multiplied from left to right; 1 for no factors.

    What overflows or underflows on the way alone is made good: each factor is a number of 0.5..1
    and an exponent, and the exponents are added apart.
    """
    if multiplies_plainly(xs):
        return math.prod(xs, start=1.0)
    product, exponent = 1.0, 0
    for x in xs:
        factor, shift = math.frexp(x)
        product, more = math.frexp(product * factor)
        exponent += shift + more
    try:
        return math.ldexp(product, exponent)
    except OverflowError:
        return math.copysign(inf, product)


def norm(xs: Sequence[float]) -> float:
    """Return the Euclidean norm, free of overflow and underflow inside."""
    return math.hypot(*xs)


def _rescaled(xs: Sequence[float]) -> tuple[list[float], float]:
    """Return xs * scale and scale, a power of two that brings the largest below 1 in size."""
    _, exponent = math.frexp(max(map(abs, xs), default=0.0))
    scale = math.ldexp(1.0, min(-exponent, 1000))
    return [x * scale for x in xs], scale


def mean(xs: Sequence[float]) -> float:
    """Return the arithmetic mean; nan for no values."""
    total, scale = sum_(xs), 1.0
    if math.isinf(total):  # perhaps only the sum is too large
        scaled, scale = _rescaled(xs)
        total = sum_(scaled)
    return divide(total, len(xs)) / scale


def _scaled_variance(xs: Sequence[float], correction: float) -> tuple[float, float]:
    """Return the variance of xs * scale, and scale."""
    scaled, scale = _rescaled(xs)
    centre = mean(scaled)
    deviations = [x - centre for x in scaled]
    centre_error = mean(deviations)  # what rounding took from the mean
    squares = [(deviation - centre_error) ** 2 for deviation in deviations]
    return divide(sum_(squares), max(len(xs) - correction, 0.0)), scale


def var(xs: Sequence[float], correction: float) -> float:
    """Return the variance with divisor max(n - correction, 0), in two passes."""
    variance, scale = _scaled_variance(xs, correction)
    return variance / scale / scale


def std(xs: Sequence[float], correction: float) -> float:
    """Return the standard deviation, the square root of ``var(xs, correction)``."""
    variance, scale = _scaled_variance(xs, correction)
    return math.sqrt(variance) / scale


def _exp_differences(xs: Sequence[float], shift: float) -> list[float]:
    """Return exp(x - shift) for each x, correct to first order in the rounding of x - shift."""
    weights = []
    for x in xs:
        difference, error = two_sum(x, -shift)
        weight = math.exp(difference)
        weights.append(weight + weight * error)
    return weights


def _log_total(weights: Sequence[float]) -> float:
    """Return the log of a sum of weights of which the largest is 1."""
    return log1p(math.fsum([-1.0, *weights]))


def logsumexp(xs: Sequence[float]) -> float:
    """Return log(sum(exp(x))), -inf for no values and for -inf alone, inf beside an inf."""
    top = max(xs, default=-inf)
    if math.isinf(top):
        return nan if any(map(math.isnan, xs)) else top
    return top + _log_total(_exp_differences(xs, top))


def logaddexp(x: float, y: float) -> float:
    """Return log(exp(x) + exp(y)), with the conventions of ``logsumexp``."""
    top, other = (x, y) if x > y else (y, x)
    if math.isinf(top):
        return nan if math.isnan(other) else top
    difference, error = two_sum(other, -top)
    weight = math.exp(difference)
    total = top + (math.log1p(weight) + error * weight / (1.0 + weight))
    return logaddexp_beside_zero(total, top, other) if all_but_cancels(total, top) else total


def all_but_cancels(total: Any, top: Any) -> Any:
    """Return whether a sum is but a 32nd of its larger, negative term; of floats or arrays."""
    return (top < 0.0) & (abs(total) < -0.03125 * top)


def logaddexp_beside_zero(total: float, top: float, other: float) -> float:
    """Return log(exp(top) + exp(other)), in so many digits that 20 are left when 1 is taken off.

    Args:
        total: what floats make of it.
        top: the larger exponent.
        other: the smaller one.
    """
    size = max(abs(total), -1e-17 * top)
    digits = Context(prec=20 - math.floor(math.log10(size)), traps=[])
    powers = [digits.exp(Decimal.from_float(x)) for x in (top, other)]
    return math.log1p(float(digits.add(digits.subtract(powers[0], 1), powers[1])))


def softmax(xs: Sequence[float]) -> list[float]:
    """Return exp(x) / sum(exp(x)) for each x; nan throughout if the largest is infinite."""
    weights = _exp_differences(xs, max(xs, default=0.0))
    total = math.fsum(weights)
    return [weight / total for weight in weights]


def log_softmax(xs: Sequence[float]) -> list[float]:
    """Return x - logsumexp(xs) for each x; nan throughout if the largest is infinite."""
    top = max(xs, default=0.0)
    log_total = _log_total(_exp_differences(xs, top))
    return [(x - top) - log_total for x in xs]
