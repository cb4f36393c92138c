"""The float functions against mpmath at 50 digits.

A bound of 2 ulp is for a function of the C library or its repair, 8 ulp for one composed of
several.
"""

import itertools
import math
import random
from fractions import Fraction

import mpmath as mp
import pytest
from mpmath import mpf
from ulp import ABSOLUTE, WIDE, Case, assert_close, between, doubles, near, scaled

from engine import numerics
from engine.testing.oracles.exact import rational, real


@pytest.fixture(autouse=True)
def fifty_digits():
    with mp.workdps(50):
        yield


# ----- One argument -----

BELOW_1 = 1 - 2**-53
ONE_ARGUMENT = [
    Case("exp", mp.exp, [*WIDE, between(-750, 720)]),
    Case("exp2", lambda x: mpf(2) ** x, [*WIDE, between(-1080, 1030)]),
    Case("expm1", mp.expm1, [*WIDE, between(-40, 720)]),
    Case("log", mp.log, [*WIDE, near(1.0)], low=5e-324),
    Case("log2", lambda x: mp.log(x, 2), [*WIDE, near(1.0)], low=5e-324),
    Case("log10", mp.log10, [*WIDE, near(1.0)], low=5e-324),
    Case("log1p", mp.log1p, [*WIDE, between(-1, 1)], low=-BELOW_1),
    Case("sqrt", mp.sqrt, WIDE, 0.5, low=0.0),  # IEEE 754 asks for correct rounding
    Case("cbrt", lambda x: mp.sign(x) * mp.cbrt(abs(x)), WIDE, 1, hard=(6.379314099054276e-78,)),
    Case("sin", mp.sin, [*WIDE, near(0, math.pi, 22.0)]),
    Case("cos", mp.cos, [*WIDE, near(math.pi / 2, 11.0)]),
    Case("tan", mp.tan, [*WIDE, near(math.pi / 2, math.pi)]),
    Case("asin", mp.asin, [*WIDE, near(1, -1)], low=-1.0, high=1.0),
    Case("acos", mp.acos, [*WIDE, near(1, -1)], low=-1.0, high=1.0),
    Case("atan", mp.atan, WIDE),
    Case("sinh", mp.sinh, [*WIDE, between(-715, 715)]),
    Case("cosh", mp.cosh, [*WIDE, between(-715, 715)]),
    Case(
        "tanh",
        mp.tanh,
        [*WIDE, between(0.2, 0.25), between(0.4, 0.55)],
        hard=(0.2317895107150132, 0.48544137629513623),
    ),
    Case("asinh", mp.asinh, WIDE),
    Case(
        "acosh",
        mp.acosh,
        [*WIDE, near(1.0), between(1, 2)],
        1.5,
        low=1.0,
        hard=(1.0000304828829898, 1.0314054821939675),
    ),
    Case("atanh", mp.atanh, [*WIDE, near(1, -1)], low=-BELOW_1, high=BELOW_1),
]


@pytest.mark.parametrize("case", ONE_ARGUMENT, ids=lambda case: case.name)
def test_value_of_one_argument(case):
    function = getattr(numerics, case.name)
    for x in case.points():
        assert_close(
            function(x), case.exact(mpf(x)), case.bound, case.absolute, f"{case.name}({x!r})"
        )


# ----- Two arguments: name, exact value, points, bound in ulp, absolute allowance -----


def pair_points(rng):
    yield doubles(rng), doubles(rng)
    yield scaled(-6, 6)(rng), scaled(-6, 6)(rng)
    x = scaled(-1000, 1000)(rng)
    yield x, x * scaled(-20, 20)(rng)


def power_points(rng):
    x = abs(doubles(rng))
    yield x, rng.uniform(-760, 720) / (math.log(x) or 1.0)  # the whole range of results
    yield 1.0 + scaled(-40, -2)(rng), scaled(0, 45)(rng)
    yield -abs(scaled(-90, 90)(rng)), float(rng.randint(-12, 12))


def logaddexp_points(rng):
    yield doubles(rng), doubles(rng)
    x = scaled(-10, 60)(rng)
    yield x, x + rng.uniform(-40, 40)
    yield -abs(x), math.log(-math.expm1(-abs(x)))  # the sum of the exponentials is about 1


def exact_power(x, y):
    return (-1 if x < 0 and y % 2 else 1) * mp.power(abs(x), y)


def exact_floor_divide(x, y):
    return real(Fraction(math.floor(rational(x) / rational(y))))


def exact_remainder(x, y):
    return real(rational(x) % rational(y))


def exact_logaddexp(x, y):
    return max(x, y) + mp.log1p(mp.exp(-abs(x - y)))


TWO_ARGUMENTS = [
    ("atan2", mp.atan2, pair_points, 2, 0.0),
    ("hypot", mp.hypot, pair_points, 2, 0.0),
    ("power", exact_power, power_points, 2, 0.0),
    ("divide", mp.fdiv, pair_points, 0.5, 0.0),
    ("floor_divide", exact_floor_divide, pair_points, 2, 0.0),
    ("remainder", exact_remainder, pair_points, 0.5, 0.0),
    ("logaddexp", exact_logaddexp, logaddexp_points, 8, ABSOLUTE),
]


@pytest.mark.parametrize(
    ("name", "exact", "draw_pairs", "bound", "absolute"),
    TWO_ARGUMENTS,
    ids=[row[0] for row in TWO_ARGUMENTS],
)
def test_value_of_two_arguments(name, exact, draw_pairs, bound, absolute):
    rng = random.Random(name)
    for x, y in itertools.chain.from_iterable(draw_pairs(rng) for _ in range(150)):
        got = getattr(numerics, name)(x, y)
        assert_close(got, exact(mpf(x), mpf(y)), bound, absolute, f"{name}({x!r}, {y!r})")


@pytest.mark.parametrize("steps", [0, 1, 1e5, 1e12, 1e14, 1e15])
def test_logaddexp_keeps_its_digits_beside_its_zeros(steps):
    rng = random.Random(0)
    for x in [-0.6931471805599453, -5e-324, *(-(2.0 ** rng.uniform(-60, 9)) for _ in range(40))]:
        beside = math.log(-math.expm1(x)) if x < -1e-300 else -740.0
        y = beside + rng.choice((-1, 1)) * steps * math.ulp(beside)
        with mp.workdps(700):
            exact = exact_logaddexp(mpf(x), mpf(y))
        where = f"logaddexp({x!r}, {y!r})"
        assert_close(numerics.logaddexp(x, y), exact, 96, 0.0, where)  # a 32nd is left at most
        assert numerics.logaddexp(y, x) == numerics.logaddexp(x, y)


def test_two_sum_and_two_product_are_exact():
    rng = random.Random(0)
    for _ in range(300):
        a, b = scaled(-60, 60)(rng), scaled(-60, 60)(rng)
        assert sum(map(Fraction, numerics.two_sum(a, b))) == Fraction(a) + Fraction(b)
        assert sum(map(Fraction, numerics.two_product(a, b))) == Fraction(a) * Fraction(b)


# ----- Lists: name, exact value, further arguments, bound in ulp, absolute allowance -----


def list_points(rng):
    for size in (1, 2, 3, 10):
        yield [doubles(rng) for _ in range(size)]
        yield [rng.uniform(-1, 1) for _ in range(size)]
        yield [0.1 + rng.randint(0, 3) * math.ulp(0.1) for _ in range(size)]
        yield [float(rng.randint(-5, 5)) for _ in range(size)]
        yield [rng.uniform(-1, 1), *(rng.uniform(-750, 0) for _ in range(size))]
        for exponent in (-1060, -540, 500, 512, 1023):
            yield [math.ldexp(rng.uniform(-1, 1), exponent) for _ in range(size)]


def exact_var(xs, correction):
    centre, divisor = sum(xs) / len(xs), len(xs) - correction
    return real(sum((x - centre) ** 2 for x in xs) / divisor) if divisor else mp.nan


def exact_softmax(xs):
    weights = [mp.exp(real(x - max(xs))) for x in xs]
    return [weight / mp.fsum(weights) for weight in weights]


def exact_log_softmax(xs):
    top = xs.index(max(xs))
    rest = mp.fsum(mp.exp(real(x - xs[top])) for i, x in enumerate(xs) if i != top)
    return [real(x - xs[top]) - mp.log1p(rest) for x in xs]


LISTS = [
    ("mean", lambda xs: real(sum(xs) / len(xs)), (), 8, 0.0),
    ("norm", lambda xs: mp.sqrt(real(sum(x * x for x in xs))), (), 8, 0.0),
    ("var", exact_var, (0,), 8, 0.0),
    ("var", exact_var, (1,), 8, 0.0),
    ("std", lambda xs, correction: mp.sqrt(exact_var(xs, correction)), (0,), 8, 0.0),
    ("std", lambda xs, correction: mp.sqrt(exact_var(xs, correction)), (1,), 8, 0.0),
    ("logsumexp", lambda xs: real(max(xs)) - max(exact_log_softmax(xs)), (), 8, ABSOLUTE),
    ("softmax", exact_softmax, (), 8, 0.0),
    ("log_softmax", exact_log_softmax, (), 8, 0.0),
]


@pytest.mark.parametrize(
    ("name", "exact", "extra", "bound", "absolute"),
    LISTS,
    ids=[f"{row[0]}{row[2]}" for row in LISTS],
)
def test_value_over_a_list(name, exact, extra, bound, absolute):
    rng = random.Random(name)
    for xs in itertools.chain.from_iterable(list_points(rng) for _ in range(6)):
        got, expected = getattr(numerics, name)(xs, *extra), exact([*map(Fraction, xs)], *extra)
        if not isinstance(got, list):
            got, expected = [got], [expected]
        for value, exact_value in zip(got, expected, strict=True):
            if mp.isnan(exact_value):  # one value, divisor n - 1
                assert math.isnan(value)
            else:
                assert_close(value, exact_value, bound, absolute, f"{name}({xs}, *{extra})")


def test_sum_is_rounded_once():
    rng = random.Random(0)
    for _ in range(100):
        xs = [scaled(-100, 100)(rng) for _ in range(30)]
        assert numerics.sum_(xs) == float(sum(map(Fraction, xs)))


def test_a_number_that_is_rounded_beyond_the_floats_is_infinite():
    assert numerics.rounded(1.6e308, -308) == math.inf
    assert numerics.rounded(-1.6e308, -308) == -math.inf
    assert numerics.rounded(1.2e308, -308) == 1e308


def test_prod_multiplies_from_the_left():
    assert numerics.prod([3.0, 5.0, -0.5]) == -7.5
    assert math.isnan(numerics.prod([math.inf, 2.0, 0.0]))


def test_prod_is_right_where_it_leaves_the_floats_on_the_way():
    assert numerics.prod([0.0, 1e200, 1e200]) == numerics.prod([1e200, 1e200, 0.0]) == 0.0
    assert numerics.prod([-1e-200, 1e-200, 2e131]) == pytest.approx(-2e-269, rel=1e-15, abs=0.0)
    assert numerics.prod([1e200, 1e200, 1e-150]) == pytest.approx(1e250, rel=1e-15)
    assert numerics.prod([2.0**-1000, 3.0 * 2.0**-70, 2.0**900]) == 3.0 * 2.0**-170  # subnormal
    assert numerics.prod([1e200, -1e200]) == -math.inf
    assert numerics.prod([0.5] * 4000 + [2.0] * 4000) == 1.0


@pytest.mark.parametrize("size", [3, 10, 49])
def test_variance_of_equal_values_is_zero(size):
    assert numerics.var([0.1] * size, 0) == numerics.std([0.1] * size, 1) == 0.0
