"""The special functions and activations against mpmath at 50 digits, within 8 ulp."""

import math

import mpmath as mp
import pytest
from mpmath import mpf
from ulp import ABSOLUTE, WIDE, Case, assert_close, between, draw, near, scaled

from engine import special


@pytest.fixture(autouse=True)
def fifty_digits():
    with mp.workdps(50):
        yield


def sigmoid(x):
    return 1 / (1 + mp.exp(-x)) if x > 0 else mp.exp(x) / (1 + mp.exp(x))


def softplus(x):
    return mp.log1p(mp.exp(x)) if x < 0 else x + mp.log1p(mp.exp(-x))


def normal_cdf(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2 if abs(x) < 100 else mpf(x > 0)


def selu(x):
    alpha, scale = (
        mpf("1.6732632423543772848170429916717"),
        mpf("1.0507009873554804934193349852946"),
    )
    return scale * (x if x > 0 else alpha * mp.expm1(x))


def lgamma(x):
    if x <= 0 and mp.isint(x):
        return mp.inf
    with mp.workdps(120):  # the reflection cancels
        if x > 0:
            return mp.loggamma(x)
        return mp.log(mp.pi / abs(mp.sinpi(x))) - mp.loggamma(1 - x)


ZEROS_OF_LGAMMA = (1.0, 2.0, -2.4570247382208006, -3.9552942848585979, -9.9999997244, -16.0)
CASES = [
    Case("sech_squared", lambda x: mp.sech(x) ** 2, [*WIDE, between(-375, 375)], 8, hard=(15.0,)),
    Case(
        "sigmoid",
        sigmoid,
        [*WIDE, between(-40, 5), between(-750, 0)],
        2,
        hard=(-4.143387809054704,),
    ),
    Case("log_sigmoid", lambda x: -softplus(-x), [*WIDE, between(-40, 750)], 8),
    Case("softplus", softplus, [*WIDE, between(-750, 40)], 8),
    Case("silu", lambda x: x * sigmoid(x), [*WIDE, between(-755, 0)], 8, hard=(-750.0,)),
    Case(
        "gelu",
        lambda x: x * normal_cdf(x),
        [*WIDE, between(-39, 5)],
        8,
        hard=(-37.366150140931644, -38.5),
    ),
    Case("selu", selu, WIDE, 8),
    Case("erf", lambda x: mp.erf(x) if abs(x) < 100 else mp.sign(x), WIDE, 8),
    Case("erfc", lambda x: 2 * normal_cdf(-x * mp.sqrt(2)), [*WIDE, between(-6, 28)], 8),
    Case("normal_cdf", normal_cdf, [*WIDE, between(-39, 9)], 8),
    Case("normal_pdf", mp.npdf, [*WIDE, between(-39, 39)], 8),
    Case(
        "lgamma",
        lgamma,
        [*WIDE, between(-40, 30), near(*ZEROS_OF_LGAMMA)],
        8,
        ABSOLUTE,
        hard=(1.0 + 2.0**-52, -3.9552942848585974, -16.000000000000046),
    ),
    Case("sinc", mp.sincpi, [*WIDE, between(-9, 9), near(1.0, -2.0, 30.0, 1e6)], 8),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_value(case):
    function = getattr(special, case.name)
    for x in case.points():
        assert_close(
            function(x), case.exact(mpf(x)), case.bound, case.absolute, f"{case.name}({x!r})"
        )


def test_elu():
    for x, alpha in zip(draw("x", *WIDE), draw("alpha", scaled(-6, 6)), strict=True):
        exact = mpf(x) if x > 0 else mpf(alpha) * mp.expm1(x)
        assert_close(special.elu(x, alpha), exact, 8, 0.0, f"elu({x!r}, {alpha!r})")


def test_xlogy():
    for x, y in zip(draw("x", *WIDE), draw("y", *WIDE, near(1.0)), strict=True):
        exact = mpf(x) * mp.log(abs(y))
        assert_close(special.xlogy(x, abs(y)), exact, 2, 0.0, f"xlogy({x!r}, {abs(y)!r})")


def test_constants():
    assert [*special.BERNOULLI] == [float(mp.bernoulli(2 * k)) for k in range(1, 13)]
    assert [*special.ZETA_SERIES] == [float((mp.zeta(k) - 1) / k) for k in range(2, 28)]


# ----- Families with an order n -----


@pytest.mark.parametrize("n", [0, 1, 2, 3, 6])
def test_polygamma(n):
    # At the zeros below 0 (even n only) terms of the size n! 2^(n+1) cancel.
    absolute = ABSOLUTE * math.factorial(n) * 2 ** (n + 1) if n % 2 == 0 else 0.0
    sources = between(0, 20), between(-15, 0), scaled(0, 40), near(-1.0, -7.0), near(1.4616)
    for x in [-8.999980310107128, *draw("polygamma", *sources, count=150)]:
        if x > 0 or (x > -15 and not x.is_integer()):
            exact = mp.psi(n, x)
            assert_close(special.polygamma(n, x), exact, 8, absolute, f"polygamma({n}, {x!r})")


@pytest.mark.parametrize("n", range(4))
def test_polygamma_by_reflection(n):
    # Near a pole the rounding of the cotangent counts n + 1 times; between poles log |x| cancels.
    absolute = 4 * ABSOLUTE if n == 0 else 0.0
    for x in [-15.5, -16 + 2**-40, *draw("reflection", between(-60, -15), near(-20.0), count=150)]:
        if not x.is_integer():
            exact = mp.psi(n, x)
            where = f"polygamma({n}, {x!r})"
            assert_close(special.polygamma(n, x), exact, 4 * (n + 1), absolute, where)


@pytest.mark.parametrize("x", [1.4616321449683623, 1.46163214496836, 1.4616, 1.47])
def test_digamma_near_its_positive_root(x):
    assert abs(special.polygamma(0, x) - mp.digamma(x)) < ABSOLUTE


@pytest.mark.parametrize("n", range(7))
def test_spherical_bessel(n):
    """Compare j_n(pi x), beyond n in the ulp of the envelope 1 / x too."""
    bound = 8 + n  # of the size x**n at first: the rounding of pi x counts n times
    for x in draw("bessel", scaled(-300, -2), between(-20, 20), scaled(0, 40)):
        z = mp.pi * x
        with mp.workdps(60):
            size = mp.sqrt(mp.pi / (2 * abs(z))) * mp.besselj(n + 0.5, abs(z))
        absolute = bound * 2**-53 / abs(z) if abs(z) > max(n, 1) else 0.0
        got = special.spherical_bessel_pi(n, x)
        assert_close(got, mp.sign(z) ** n * size, bound, absolute, f"j_{n}(pi {x!r})")


@pytest.mark.parametrize(
    ("n", "x"),
    [
        *[(160, 40.5), (170, 20.0), (170, 51.75), (170, 300.0)],
        *[(6, 1e51), (20, 1e15), (50, 1e6), (100, 1e4)],  # x**-n is subnormal or 0
        *[(171, 10.0), (171, 37.5), (171, 500.0), (200, 500.0), (300, 400.0)],  # n! is no float
    ],
)
def test_polygamma_of_a_high_order(n, x):
    # The powers z**-n lose n/2 ulp of their base at most, and the largest term has base 1.
    expected = mp.psi(n, mpf(x))
    assert math.isclose(special.polygamma(n, x), expected, rel_tol=1e-13)


@pytest.mark.parametrize(
    ("n", "x"),
    [
        *[(158, -50.5), (160, -50.5), (162, -50.5), (164, -50.5), (170, -20.5)],
        *[(180, -1.5), (172, -15.5), (172, -20.5)],
    ],
)
def test_polygamma_of_such_an_order_between_two_poles(n, x):
    # The terms of the poles on both sides cancel, as n + 1 is odd; those beyond remain.
    rest = mp.zeta(n + 1, mpf(1) - mpf(x))
    assert math.isclose(special.polygamma(n, x), -mp.factorial(n) * rest, rel_tol=1e-13)


@pytest.mark.parametrize(
    ("n", "x", "expected"),
    [
        (171, 1.0, math.inf),
        (200, 1.0, -math.inf),
        (171, -0.5, math.inf),
        (171, -20.25, math.inf),
        (165, -20.25, math.inf),
        (400, 1e-3, -math.inf),
        (171, math.inf, 0.0),
    ],
)
def test_polygamma_overflows_as_ieee_754_says(n, x, expected):
    assert special.polygamma(n, x) == expected


@pytest.mark.parametrize("n", [0, 1, 50, 170, 171])
def test_polygamma_of_nan_is_nan(n):
    assert math.isnan(special.polygamma(n, math.nan))


@pytest.mark.parametrize("n", [1, 6, 50, 160, 170, 171])
@pytest.mark.parametrize("x", [1e308, 1e150, 1e80, -1e308, -1e80 - 0.5, -(2.0**40) - 0.25])
def test_polygamma_far_out_is_a_float(n, x):
    got = special.polygamma(n, x)
    if x < 0.0 and x.is_integer():
        assert math.isnan(got)  # a pole
    elif x > 0.0:
        assert math.isclose(got, mp.psi(n, mpf(x)), rel_tol=1e-13)
    else:
        assert abs(got) > 1.0  # of the nearest pole


def test_polygamma_of_a_high_order_has_poles():
    assert math.isnan(special.polygamma(171, -2.0))
    assert math.isnan(special.polygamma(171, 0.0))
