"""Functions that mpmath does not have or loses digits in, to the precision that is set.

Each is written from its definition, by another way than the engine's where there is one.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from mpmath import mp, mpf
from mpmath.libmp import to_rational


def rational(x: mpf) -> Fraction:
    """Return a number as the fraction that it is."""
    if not mp.isfinite(x):
        raise ValueError(f"{x} is no fraction")
    return Fraction(*map(int, to_rational(x._mpf_)))  # mpf.as_integer_ratio() is new in 1.4


def real(x: Fraction) -> mpf:
    """Return a fraction, rounded once."""
    return mpf(x.numerator) / mpf(x.denominator)


def exactly(function: Callable[..., Fraction]) -> Callable[..., mpf]:
    """Make a function of fractions one of numbers; no digit is lost before the last rounding."""
    return lambda *operands: real(function(*map(rational, operands)))


def power(x: mpf, y: mpf) -> mpf:
    """Return x**y, nan where it would be complex."""
    if x == 0:
        return mpf(0) if y > 0 else mpf(1) if y == 0 else mp.inf
    return mp.power(x, y) if x > 0 or mp.isint(y) else mp.nan


def log(x: mpf) -> mpf:
    """Return log x, nan below 0."""
    return mp.log(x) if x > 0 else mp.nan if x < 0 else -mp.inf


def cbrt(x: mpf) -> mpf:
    """Return the real cube root."""
    return mp.sign(x) * mp.cbrt(abs(x))


def hypot(*legs: mpf) -> mpf:
    """Return the root of the sum of the squares."""
    return mp.sqrt(sum(leg * leg for leg in legs))


def sigmoid(x: mpf) -> mpf:
    """Return 1/(1 + exp(-x)) without loss in either tail."""
    e = mp.exp(-abs(x))
    return 1 / (1 + e) if x >= 0 else e / (1 + e)


def softplus(x: mpf) -> mpf:
    """Return log(1 + exp(x))."""
    return max(x, mpf(0)) + mp.log1p(mp.exp(-abs(x)))


def sech_squared(x: mpf) -> mpf:
    """Return 1/cosh²(x)."""
    return 1 / mp.cosh(x) ** 2 if abs(x) < 1000 else 4 * mp.exp(-2 * abs(x))


def logaddexp(x: mpf, y: mpf) -> mpf:
    """Return log(exp(x) + exp(y))."""
    return max(x, y) + mp.log1p(mp.exp(-abs(x - y)))


# ----- Normal distribution, beyond 100 standard deviations 0 or 1 to any float ------------------


def erfc(x: mpf) -> mpf:
    """Return the complementary error function."""
    return mp.erfc(x) if abs(x) < 100 else mpf(0) if x > 0 else mpf(2)


def normal_cdf(x: mpf) -> mpf:
    """Return Φ(x)."""
    return erfc(-x / mp.sqrt(2)) / 2


def normal_pdf(x: mpf) -> mpf:
    """Return φ(x)."""
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi) if abs(x) < 100 else mpf(0)


# ----- Gamma ---------------------------------------------------------------------------------


def lgamma(x: mpf) -> mpf:
    """Return log |Γ(x)|; with digits to spare for the zeros, which lie beside whole numbers."""
    with mp.workprec(mp.prec + 120):
        if x > 0:
            return mp.loggamma(x)
        return mp.log(mp.pi / abs(mp.sinpi(x))) - mp.loggamma(1 - x)


def polygamma(n: mpf, x: mpf) -> mpf:
    """Return the n-th derivative of digamma; below 0 by recurrence (DLMF 5.5.2, 5.15.5).

    Far below 0, where that is long, by reflection (DLMF 5.15.6).
    """
    n = int(n)
    with mp.workprec(mp.prec + 120):
        if x > 0:
            return mp.psi(n, x)
        if x < -300:
            return (-1) ** n * mp.psi(n, 1 - x) - mp.pi ** (n + 1) * cot_derivative(n, x)
        steps = int(mp.ceil(-x)) + 1
        terms = mp.fsum((x + k) ** (-n - 1) for k in range(steps))
        return mp.psi(n, x + steps) + (-1) ** (n + 1) * mp.factorial(n) * terms


def cot_derivative(n: int, x: mpf) -> mpf:
    """Return the n-th derivative of the cotangent at πx: a polynomial in it, as c' = -(1 + c²)."""
    polynomial = [0, 1]
    for _ in range(n):
        slopes = [k * factor for k, factor in enumerate(polynomial)][1:]
        polynomial = [-(a + b) for a, b in zip([*slopes, 0, 0], [0, 0, *slopes], strict=True)]
    cotangent, value = mp.cot(mp.pi * x), mpf(0)
    for factor in reversed(polynomial):  # mp.polyval wants another order in each version
        value = value * cotangent + factor
    return value


# ----- Spherical Bessel ------------------------------------------------------------------------


def spherical_bessel(n: mpf, z: mpf) -> mpf:
    """Return jₙ(z): near 0 the power series, else the recurrence (DLMF 10.53.1, 10.51.1)."""
    n = int(n)
    if n < 0:
        return mp.cos(z) / z
    if abs(z) < n + 1:
        odd_factorial = mp.fac2(2 * n + 1)
        return z**n / odd_factorial * mp.hyp0f1(n + mpf(3) / 2, -z * z / 4)
    with mp.workprec(mp.prec + 60):
        below, value = mp.cos(z) / z, mp.sin(z) / z
        for k in range(n):
            below, value = value, (2 * k + 1) / z * value - below
        return value


def spherical_bessel_pi(n: mpf, x: mpf) -> mpf:
    """Return jₙ(πx), π to as many digits as the size of x asks for."""
    with mp.workprec(mp.prec + max(0, mp.mag(x) if x else 0)):
        return spherical_bessel(n, mp.pi * x)


def sinc(x: mpf) -> mpf:
    """Return sin(πx)/(πx)."""
    return mp.sinpi(x) / (mp.pi * x) if x else mpf(1)


# ----- Lists -----------------------------------------------------------------------------------


def softmax(xs: list[mpf]) -> list[mpf]:
    """Return exp(x)/Σ exp for each x."""
    weights = [mp.exp(x - max(xs)) for x in xs]
    return [weight / mp.fsum(weights) for weight in weights]


def log_softmax(xs: list[mpf]) -> list[mpf]:
    """Return x - log Σ exp for each x, exact where it is beside 0."""
    top = xs.index(max(xs))
    rest = mp.fsum(mp.exp(x - xs[top]) for i, x in enumerate(xs) if i != top)
    return [(x - xs[top]) - mp.log1p(rest) for x in xs]


def others(xs: list[mpf], i: int) -> list[mpf]:
    """Return the list without its i-th element."""
    return xs[:i] + xs[i + 1 :]
