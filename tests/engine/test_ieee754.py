"""No float makes a function raise: infinities, nan, zeros and overflow by IEEE 754.

The expected values are those of C99 Annex F and of NumPy, or, for functions that neither has,
the limit and the conventions of the functions' docstrings.
"""

import itertools
import math

import pytest
from ulp import same

import engine
from engine import Value, numerics, slopes, special

inf, nan = math.inf, math.nan
HOMES = (numerics, special, slopes)

# The arguments, then the value.
ONE_ARGUMENT = {
    "exp": [(inf, inf), (-inf, 0.0), (1000.0, inf), (-1000.0, 0.0)],
    "exp2": [(inf, inf), (-inf, 0.0), (1024.0, inf), (-1080.0, 0.0)],
    "expm1": [(inf, inf), (-inf, -1.0), (1000.0, inf), (-0.0, -0.0)],
    "log": [(0.0, -inf), (-0.0, -inf), (-1.0, nan), (-inf, nan), (inf, inf)],
    "log2": [(0.0, -inf), (-0.0, -inf), (-1.0, nan), (inf, inf), (5e-324, -1074.0)],
    "log10": [(0.0, -inf), (-0.0, -inf), (-1.0, nan), (inf, inf), (1e22, 22.0)],
    "log1p": [(-1.0, -inf), (-1.5, nan), (-inf, nan), (inf, inf), (-0.0, -0.0)],
    "sqrt": [(-0.0, -0.0), (-1.0, nan), (inf, inf), (-inf, nan)],
    "cbrt": [(-0.0, -0.0), (-27.0, -3.0), (inf, inf), (-inf, -inf)],
    "sin": [(inf, nan), (-inf, nan), (-0.0, -0.0)],
    "cos": [(inf, nan), (-inf, nan), (0.0, 1.0)],
    "tan": [(inf, nan), (-inf, nan), (-0.0, -0.0)],
    "asin": [(1.5, nan), (-inf, nan), (-0.0, -0.0)],
    "acos": [(1.5, nan), (-inf, nan), (1.0, 0.0)],
    "atan": [(inf, math.pi / 2), (-inf, -math.pi / 2), (-0.0, -0.0)],
    "sinh": [(1000.0, inf), (-1000.0, -inf), (-inf, -inf), (-0.0, -0.0)],
    "cosh": [(1000.0, inf), (-1000.0, inf), (-inf, inf), (-0.0, 1.0)],
    "tanh": [(1000.0, 1.0), (-inf, -1.0), (-0.0, -0.0)],
    "asinh": [(inf, inf), (-inf, -inf), (-0.0, -0.0)],
    "acosh": [(1.0, 0.0), (0.5, nan), (-inf, nan), (inf, inf)],
    "atanh": [(1.0, inf), (-1.0, -inf), (1.5, nan), (inf, nan), (-0.0, -0.0)],
    "floor": [(-0.5, -1.0), (-0.0, -0.0), (0.5, 0.0), (-inf, -inf), (1e300, 1e300)],
    "ceil": [(-0.5, -0.0), (-0.0, -0.0), (0.5, 1.0), (inf, inf)],
    "round": [(0.5, 0.0), (1.5, 2.0), (2.5, 2.0), (-0.5, -0.0), (-3.5, -4.0), (-inf, -inf)],
    "relu": [(2.0, 2.0), (-2.0, 0.0), (0.0, 0.0), (inf, inf), (-inf, 0.0)],
    "sigmoid": [(0.0, 0.5), (1000.0, 1.0), (-1000.0, 0.0), (inf, 1.0), (-inf, 0.0)],
    "log_sigmoid": [(-1000.0, -1000.0), (1000.0, -0.0), (-inf, -inf), (inf, -0.0)],
    "softplus": [(1000.0, 1000.0), (-1000.0, 0.0), (-inf, 0.0), (inf, inf)],
    "silu": [(inf, inf), (-inf, -0.0), (-1000.0, -0.0), (-0.0, -0.0)],
    "gelu": [(inf, inf), (-inf, -0.0), (-50.0, -0.0), (-0.0, -0.0), (1e200, 1e200)],
    "selu": [(inf, inf), (0.0, 0.0), (-0.0, -0.0)],
    "erf": [(inf, 1.0), (-inf, -1.0), (-0.0, -0.0)],
    "erfc": [(inf, 0.0), (-inf, 2.0), (30.0, 0.0)],
    "normal_cdf": [(inf, 1.0), (-inf, 0.0), (0.0, 0.5), (-1e300, 0.0)],
    "normal_pdf": [(inf, 0.0), (-inf, 0.0), (1e300, 0.0)],
    "lgamma": [
        (0.0, inf),
        (-0.0, inf),
        (-3.0, inf),
        (inf, inf),
        (-inf, inf),
        (1.0, 0.0),
        (2.0, 0.0),
    ],
    "sinc": [(0.0, 1.0), (-0.0, 1.0), (5e-324, 1.0), (7.0, 0.0), (inf, nan), (-inf, nan)],
    "gelu_slope": [(inf, 1.0), (-inf, 0.0), (0.0, 0.5), (-0.0, 0.5), (1e300, 1.0), (-50.0, 0.0)],
    "silu_slope": [(inf, 1.0), (-inf, -0.0), (0.0, 0.5), (-0.0, 0.5), (-1000.0, -0.0)],
    "sech_squared": [(0.0, 1.0), (inf, 0.0), (-inf, 0.0), (-1000.0, 0.0)],
}
TWO_ARGUMENTS = {
    "atan2": [
        (0.0, 0.0, 0.0),
        (-0.0, 0.0, -0.0),
        (0.0, -0.0, math.pi),
        (inf, -inf, 3 * math.pi / 4),
    ],
    "hypot": [(inf, nan, inf), (nan, -inf, inf), (1e308, 1e308, 1.4142135623730951e308)],
    "power": [
        *[(-8.0, 1 / 3, nan), (0.0, -1.0, inf), (-0.0, -1.0, -inf), (-0.0, -2.0, inf)],
        *[(-0.0, -0.5, inf), (0.0, -inf, inf), (0.0, 0.0, 1.0), (nan, 0.0, 1.0), (1.0, nan, 1.0)],
        *[(1.0, inf, 1.0), (-1.0, inf, 1.0), (0.5, inf, 0.0), (-inf, -3.0, -0.0)],
        *[(10.0, 400.0, inf), (-10.0, 401.0, -inf), (-10.0, 400.0, inf), (-10.0, -401.0, -0.0)],
    ],
    "divide": [
        *[(1.0, 0.0, inf), (-1.0, 0.0, -inf), (1.0, -0.0, -inf), (0.0, 0.0, nan)],
        *[(inf, 0.0, inf), (nan, 0.0, nan), (inf, inf, nan), (-1.0, inf, -0.0)],
    ],
    "floor_divide": [
        *[(1.0, 0.0, inf), (-1.0, 0.0, -inf), (0.0, 0.0, nan), (-7.5, 2.0, -4.0)],
        *[(7.5, -2.0, -4.0), (1.0, -inf, -1.0), (inf, 2.0, nan)],
    ],
    "remainder": [
        *[(1.0, 0.0, nan), (-7.5, 2.0, 0.5), (7.5, -2.0, -0.5), (-0.0, 2.0, 0.0)],
        *[(inf, 2.0, nan), (1.0, inf, 1.0), (-1.0, inf, inf)],
    ],
    "logaddexp": [
        *[(-inf, -inf, -inf), (inf, inf, inf), (inf, -inf, inf), (-inf, 2.0, 2.0)],
        *[(nan, inf, nan), (inf, nan, nan), (nan, -inf, nan), (1000.0, 0.0, 1000.0)],
    ],
    "xlogy": [
        (0.0, 0.0, 0.0),
        (0.0, inf, 0.0),
        (0.0, -1.0, 0.0),
        (0.0, nan, nan),
        (2.0, 0.0, -inf),
    ],
    "elu": [(inf, 1.0, inf), (-inf, 1.5, -1.5), (-0.0, 1.0, -0.0)],
    "polygamma": [
        *[(0, 0.0, nan), (1, -2.0, nan), (0, -inf, nan), (0, inf, inf), (1, inf, 0.0)],
        *[(2, nan, nan), (0, 1e-320, -inf), (0, -1e-320, inf), (1, 1e200, 1e-200)],
    ],
    "spherical_bessel_pi": [
        *[(0, 0.0, 1.0), (1, 0.0, 0.0), (1, -0.0, -0.0)],
        *[(2, inf, 0.0), (1, -inf, 0.0), (3, nan, nan)],
    ],
}
LISTS = {
    "sum_": [([], 0.0), ([inf, -inf], nan), ([1e308, 1e308], inf), ([0.1] * 10, 1.0)],
    "mean": [([], nan), ([1.7e308] * 4, 1.7e308), ([inf, 1.0], inf), ([inf, -inf], nan)],
    "prod": [([], 1.0), ([0.0, inf], nan), ([-0.0, 2.0], -0.0)],
    "norm": [
        ([], 0.0),
        ([3 * 2.0**600, 4 * 2.0**600], 5 * 2.0**600),
        ([-inf, 1.0], inf),
        ([nan, 1.0], nan),
    ],
    "logsumexp": [
        *[([], -inf), ([-inf, -inf], -inf), ([inf, 0.0], inf), ([inf, nan], nan)],
        *[([1.0, nan], nan), ([1000.0, 0.0], 1000.0), ([0.0, -inf], 0.0)],
    ],
}
LISTS_TO_LISTS = {
    "softmax": [
        *[([], []), ([1000.0, 0.0], [1.0, 0.0]), ([0.0, -inf], [1.0, 0.0])],
        *[([-inf, -inf], [nan, nan]), ([inf, 0.0], [nan, nan]), ([1.0, nan], [nan, nan])],
    ],
    "log_softmax": [
        *[([], []), ([1000.0, 0.0], [0.0, -1000.0]), ([0.0, -inf], [0.0, -inf])],
        *[([-1e308, 1e308], [-inf, 0.0]), ([-inf, -inf], [nan, nan]), ([nan, 1.0], [nan, nan])],
    ],
}
MOMENTS = [
    *[([], 0, nan), ([1.0], 0, 0.0), ([1.0], 1, nan), ([0.0, 2.0], 2, inf), ([0.0, 2.0], 3, inf)],
    *[([inf, 1.0], 0, nan), ([1.0, nan], 0, nan)],
]


def function(name):
    return next(found for home in HOMES if (found := getattr(home, name, None)))


def rows(table):
    return [
        pytest.param(function(name), *row, id=f"{name}{row}")
        for name, table_rows in table.items()
        for row in table_rows
    ]


@pytest.mark.parametrize(("one", "x", "expected"), rows(ONE_ARGUMENT))
def test_one_argument(one, x, expected):
    assert same(one(x), expected), one(x)


@pytest.mark.parametrize(("two", "x", "y", "expected"), rows(TWO_ARGUMENTS))
def test_two_arguments(two, x, y, expected):
    assert same(two(x, y), expected), two(x, y)


@pytest.mark.parametrize(("over", "xs", "expected"), rows(LISTS))
def test_list(over, xs, expected):
    assert same(over(xs), expected), over(xs)


@pytest.mark.parametrize(("over", "xs", "expected"), rows(LISTS_TO_LISTS))
def test_list_to_list(over, xs, expected):
    assert all(itertools.starmap(same, zip(over(xs), expected, strict=True))), over(xs)


@pytest.mark.parametrize(("xs", "correction", "expected"), MOMENTS)
def test_variance_and_deviation(xs, correction, expected):
    assert same(numerics.var(xs, correction), expected)
    assert same(numerics.std(xs, correction), expected)


FLOATS = [5e-324, 1e-310, 1e-9, 0.5, 1.0, 1.5, 2.0, 15.0, 38.0, 709.9, 2.0**53, 1.7e308, inf]
FLOATS = [0.0, -0.0, nan, *FLOATS, *(-x for x in FLOATS)]


@pytest.mark.parametrize("name", ONE_ARGUMENT)
def test_one_argument_gives_a_float_and_nan_for_nan(name):
    assert all(type(function(name)(x)) is float for x in FLOATS)
    assert math.isnan(function(name)(nan))


@pytest.mark.parametrize("name", TWO_ARGUMENTS)
def test_two_arguments_give_a_float(name):
    first = range(7) if name in {"polygamma", "spherical_bessel_pi"} else FLOATS
    assert all(type(function(name)(x, y)) is float for x in first for y in FLOATS)


def test_lists_give_floats():
    for xs in itertools.product(FLOATS[::2], repeat=3):
        assert all(type(function(name)(xs)) is float for name in LISTS)
        assert type(numerics.var(xs, 1)) is type(numerics.std(xs, 0)) is float
        assert all(type(y) is float for name in LISTS_TO_LISTS for y in function(name)(xs))


def test_a_length_that_overflows_has_the_gradient_of_its_direction():
    x, y = Value(1e308), Value(-1.7e308)
    length = engine.hypot(x, y)
    length.backward()
    assert length.data == inf
    assert x.grad == pytest.approx(1.0 / math.hypot(1.0, 1.7), rel=1e-15)
    assert y.grad == pytest.approx(-1.7 / math.hypot(1.0, 1.7), rel=1e-15)
    x, y = Value(1.5e308), Value(1e308)
    engine.norm([x, y, 0.0]).backward()
    assert x.grad == pytest.approx(1.5 / math.hypot(1.5, 1.0), rel=1e-15)
    assert y.grad == pytest.approx(1.0 / math.hypot(1.5, 1.0), rel=1e-15)


def test_an_infinite_length_of_infinite_parts_has_no_direction():
    x, y = Value(inf), Value(1.0)
    engine.norm([x, y]).backward()
    assert math.isnan(x.grad)
    assert y.grad == 0.0
