"""Special functions and activations on floats, with the number policy of ``numerics``.

Where no standard speaks (C99 Annex F, NumPy), a function takes its limit at an infinity:
``gelu(-inf)`` is -0.0.

>>> gelu(-10.0), sinc(2.0), lgamma(2.0)
(-7.619853024160525e-23, 0.0, 0.0)
"""

import functools
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from engine.numerics import inf, log, nan, power, sum_, two_product, two_sum

SQRT_HALF, SQRT_HALF_LOW = 0.7071067811865476, -4.833646656726457e-17  # their sum: 1/sqrt(2)
INV_SQRT_PI = 0.5641895835477563
INV_SQRT_2PI = 0.3989422804014327
HALF_LOG_2PI, HALF_LOG_2PI_LOW = 0.9189385332046728, -3.8782941580672414e-17  # log(2 pi)/2

# ----- Error function and normal distribution -----

erf = math.erf
erfc = math.erfc


def normal_cdf(x: float) -> float:
    """Return the standard normal distribution function, erfc(-x / sqrt(2)) / 2.

    The tail magnifies the rounding of x / sqrt(2) by x², so its error is corrected to first order.
    """
    if abs(x) > 40.0:
        return 0.0 if x < 0.0 else 1.0
    z, z_error = two_product(-x, SQRT_HALF)
    z_error -= x * SQRT_HALF_LOW
    return 0.5 * math.erfc(z) - INV_SQRT_PI * math.exp(-z * z) * z_error


def normal_pdf(x: float) -> float:
    """Return the standard normal density, exp(-x²/2 - log(2 pi)/2).

    What rounding took from the exponent is put back to first order.
    """
    if abs(x) > 40.0:
        return 0.0
    square, square_error = two_product(x, x)
    exponent, error = two_sum(-0.5 * square, -HALF_LOG_2PI)
    density = math.exp(exponent)
    return density + density * (error - (0.5 * square_error + HALF_LOG_2PI_LOW))


# ----- Activations -----

SELU_SCALE = 1.0507009873554805  # Klambauer et al. 2017, appendix A4: lambda
SELU_ALPHA = 1.6732632423543772
SELU_SLOPE = 1.7580993408473766  # their product


def relu(x: float) -> float:
    """Return max(x, 0), and nan for nan."""
    if x <= 0.0:
        return 0.0
    return x


def sigmoid(x: float) -> float:
    """Return 1 / (1 + exp(-x))."""
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    e = math.exp(x)
    y = e / (1.0 + e)
    return y if y > 0.25 else e - e * y  # the second form rounds once less in the tail


def softplus(x: float) -> float:
    """Return log(1 + exp(x))."""
    if x > 0.0:
        return x + math.log1p(math.exp(-x))
    return math.log1p(math.exp(x))


def log_sigmoid(x: float) -> float:
    """Return log(sigmoid(x)) = -softplus(-x)."""
    return -softplus(-x)


def silu(x: float) -> float:
    """Return x * sigmoid(x), with the limit -0.0 at -inf."""
    if not x < -700.0:
        return x * sigmoid(x)
    x = max(x, -1000.0)  # here sigmoid(x) = exp(x), which underflows before the product does
    return x * math.exp(x + 64.0) * math.exp(-64.0)


def elu(x: float, alpha: float) -> float:
    """Return x for x > 0, else alpha * expm1(x)."""
    return x if x > 0.0 else alpha * math.expm1(x)


def selu(x: float) -> float:
    """Return SELU_SCALE * elu(x, SELU_ALPHA)."""
    return SELU_SCALE * x if x > 0.0 else SELU_SLOPE * math.expm1(x)


def gelu(x: float) -> float:
    """Return x * normal_cdf(x), the exact GELU, with the limit -0.0 at -inf."""
    if not x < -37.0:
        return x * normal_cdf(x)
    # Here normal_cdf underflows before the product does. Mills' ratio as a continued fraction
    # (Abramowitz & Stegun 26.2.14), and the density multiplied in halves.
    x = max(x, -40.0)
    square, square_error = two_product(x, x)
    half = math.exp(-0.25 * square)
    fraction = 0.0
    for k in range(8, 0, -1):
        fraction = k / (fraction - x)
    scaled = x / (fraction - x) * INV_SQRT_2PI * half
    return (scaled - scaled * (0.5 * square_error)) * half


def sech_squared(x: float) -> float:
    """Return 1 / cosh(x)², the derivative of tanh."""
    value: float = sech_squared_of(math.exp(-2.0 * abs(x)))
    return value


def sech_squared_of(e: Any) -> Any:
    """Return 4 e / (1 + e)², which is 1 / cosh(x)² for e = exp(-2 |x|), of a float or an array.

    The square is exact for the leading 25 binary places of e, and the others are put back.
    """
    high = (e + 134217728.0) - 134217728.0  # 2**27
    low = e - high
    whole = 1.0 + high
    square = whole * whole
    rest = low * (2.0 * whole + low)
    out = 4.0 * e / square
    return out - out * rest / (square + rest)


def xlogy(x: float, y: float) -> float:
    """Return x * log(y), 0 where x is 0 and y is not nan."""
    if x == 0.0 and not math.isnan(y):
        return 0.0
    return x * log(y)


# ----- Multiples of pi -----


def _sin_pi(x: float) -> float:
    """Return sin(pi x), for finite x; exactly 0 at whole numbers."""
    rest = math.remainder(x, 2.0)  # exact, in [-1, 1]
    if abs(rest) > 0.5:
        rest = math.copysign(1.0, rest) - rest
    return math.sin(math.pi * rest)


def _cos_pi(x: float) -> float:
    """Return cos(pi x), for finite x; exactly 0 at odd halves."""
    return _sin_pi(0.5 - abs(math.remainder(x, 2.0)))


# ----- Gamma function -----

ONE_MINUS_EULER_GAMMA = 0.42278433509846713
HALF_LOG_2PI_LESS_HALF = 0.4189385332046727
# (zeta(k) - 1) / k for k = 2, 3, ...: DLMF 5.7.3
ZETA_SERIES = (
    0.3224670334241132, 0.0673523010531981, 0.020580808427784546, 0.007385551028673986,
    0.0028905103307415234, 0.001192753911703261, 0.0005096695247430425, 0.00022315475845357939,
    9.945751278180853e-05, 4.492623673813314e-05, 2.050721277567069e-05, 9.439488275268397e-06,
    4.374866789907488e-06, 2.039215753801366e-06, 9.55141213040742e-07, 4.492469198764566e-07,
    2.1207184805554665e-07, 1.0043224823968099e-07, 4.7698101693639804e-08, 2.2711094608943164e-08,
    1.0838659214896955e-08, 5.183475041970047e-09, 2.4836745438024785e-09, 1.1921401405860912e-09,
    5.731367241678862e-10, 2.7595228851242334e-10,
)  # fmt: skip
# B_2k for k = 1, 2, ...: DLMF 24.2.4
BERNOULLI = tuple(
    p / q
    for p, q in (
        (1, 6), (-1, 30), (1, 42), (-1, 30), (5, 66), (-691, 2730), (7, 6), (-3617, 510),
        (43867, 798), (-174611, 330), (854513, 138), (-236364091, 2730),
    )
)  # fmt: skip
STIRLING = tuple(b / (2 * k * (2 * k - 1)) for k, b in enumerate(BERNOULLI[:7], 1))


def _polynomial(coefficients: Sequence[float], x: float) -> float:
    """Return c0 + c1 x + c2 x² + ... by Horner's rule."""
    return functools.reduce(lambda total, c: total * x + c, reversed(coefficients))


def _rising_factorial(x: float, count: int) -> float:
    """Return x (x + 1) ... (x + count - 1), rounded once."""
    numerator, denominator = x.as_integer_ratio()
    factors = [numerator + k * denominator for k in range(count)]
    return math.prod(factors) / math.prod([denominator] * count)


def _lgamma_2_plus(z: float) -> float:
    """Return lgamma(2 + z) for |z| <= 1/2 (DLMF 5.7.3)."""
    return z * (ONE_MINUS_EULER_GAMMA + z * _polynomial(ZETA_SERIES, -z))


def _lgamma_stirling(x: float) -> float:
    """Return lgamma(x) for x >= 13 (DLMF 5.11.1)."""
    series = _polynomial(STIRLING, 1.0 / (x * x)) / x
    return (x - 0.5) * (log(x) - 1.0) + (HALF_LOG_2PI_LESS_HALF + series)


def lgamma(x: float) -> float:
    """Return log |gamma(x)|; inf at 0, at the negative whole numbers and at both infinities."""
    if x == -inf or (x <= 0.0 and x.is_integer()):
        return inf
    if x >= 13.0:
        return _lgamma_stirling(x)
    if not x > -30.0:  # reflection, DLMF 5.5.3
        return math.log(math.pi / abs(x * _sin_pi(x))) - _lgamma_stirling(-x)
    # By recurrence from 2 + z, |z| <= 1/2. As z is exact and the product is rounded once, nothing
    # is lost near the zeros, which lie at 1, at 2 and between the negative whole numbers.
    nearest = round(x)
    base = _lgamma_2_plus(x - nearest)
    if nearest >= 2:
        return base + math.log(_rising_factorial(x - (nearest - 2), nearest - 2))
    return base - math.log(abs(_rising_factorial(x, 2 - nearest)))


def _cot_pi_derivative(n: int, x: float) -> float:
    """Return the n-th derivative of pi cot(pi x) / pi**(n + 1), a polynomial in c = cot(pi x)."""
    polynomial = [0, 1]
    for _ in range(n):  # dc/dx = -pi (1 + c²)
        slope = [-k * a for k, a in enumerate(polynomial)][1:]
        polynomial = [a + b for a, b in zip([*slope, 0, 0], [0, 0, *slope], strict=True)]
    return _polynomial(polynomial, _cos_pi(x) / _sin_pi(x))


def polygamma(n: int, x: float) -> float:
    """Return the n-th derivative of digamma: 0 gives digamma, 1 trigamma.

    nan at the poles 0, -1, -2, ... and at -inf. Reflection below -15 (DLMF 5.15.6), then the
    recurrence up to n + 15 and the asymptotic series there (DLMF 5.15.5, 5.15.8). Where n! or
    x**-n is no float, all is measured in units of the distance to the nearest pole.
    """
    if x != x or x == -inf or (x <= 0.0 and x.is_integer()):
        return nan
    sign = -1.0 if n % 2 == 0 else 1.0
    if x == inf and n:
        return sign * 0.0
    plain = n <= 170 and (n == 0 or abs(x) < 2.0 ** (1000 / (n + 1)))
    unit = 1.0 if plain else x - round(x) if x < 0.5 else x
    if x < -15.0:
        reflected = -sign * polygamma(n, 1.0 - x)
        if n > 160:  # the sum over the poles, of which the nearest count; factors of the polynomial
            # in the cotangent are no floats from 164 on
            start = x - math.floor(x) - 20.0
            poles = [power((start + k) / unit, -1.0 - n) for k in range(40)]
            return reflected + sign * _factorial_times(n, sum_(poles), unit)
        return reflected - power(math.pi, n + 1.0) * _cot_pi_derivative(n, x)
    terms: list[float] = []
    while (z := x + len(terms)) < n + 15:
        terms.append(power(z / unit, -1.0 - n))
    terms.append(power(z / unit, -float(n)) * unit / n if n else -log(z))
    factor = power(z / unit, -1.0 - n)
    terms.append(0.5 * factor)
    for k, bernoulli in enumerate(BERNOULLI, 1):
        factor *= (n + 2 * k - 1) / (2 * k * z)
        terms.append(bernoulli * factor)
        factor *= (n + 2 * k) / ((2 * k + 1) * z)
    return sign * _factorial_times(n, sum_(terms), unit)


def _factorial_times(n: int, x: float, unit: float) -> float:
    """Return n! x / unit**(n + 1), free of overflow inside where n! is no float."""
    if n <= 170 and unit == 1.0:
        return math.factorial(n) * x
    exact = math.factorial(n) * Fraction(x) / Fraction(unit) ** (n + 1)
    try:
        return float(exact)
    except OverflowError:
        return inf if exact > 0 else -inf


# ----- Sinc and its derivatives -----


def spherical_bessel_pi(n: int, x: float) -> float:
    """Return the spherical Bessel function j_n(pi x), 0 at both infinities.

    The phase is reduced before the product with pi is rounded, so the error at a large x stays
    small beside 1 / (pi x). The n-th derivative of sinc is a sum of these.
    """
    if math.isinf(x):
        return 0.0
    z = math.pi * x
    if abs(z) <= n:  # the power series, DLMF 10.53.1
        term = total = 1.0
        for k in range(1, 25):
            term *= -0.5 * z * z / (k * (2 * n + 2 * k + 1))
            total += term
        return power(z, float(n)) / math.prod(range(1, 2 * n + 2, 2)) * total
    below, value = _cos_pi(x) / z, _sin_pi(x) / z  # j_-1 and j_0
    if math.isinf(z):
        below = _cos_pi(x) / math.pi / x  # x is whole, so that the sine is 0
    for k in range(1, 2 * n, 2):  # the recurrence upwards, DLMF 10.51.1
        below, value = value, k / z * value - below
    return value


def sinc(x: float) -> float:
    """Return sin(pi x) / (pi x) = j_0(pi x), 1 at 0, exactly 0 at the other whole numbers.

    nan at both infinities, as in NumPy.
    """
    return nan if math.isinf(x) else spherical_bessel_pi(0, x)
