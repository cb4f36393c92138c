"""The op table: one row a primitive, and everything else is derived from it.

A row holds the forward on floats, the derivative for each operand, the formula as pictures show
it, and the kinks with the gradient that is promised there. Derivatives are written in ops of this
table, so they hold for floats, arrays and Values alike and can be differentiated in turn.

In the rules, x, y, z are the operands and out is the value of the op.
"""

from __future__ import annotations

import math
from typing import Any

from engine import numerics, slopes, special
from engine.errors import NumberError
from engine.node import Node
from engine.op import Kink, Op, ParametricOp

NAN = math.nan
INF = math.inf


# ----- What the rules are written with -------------------------------------------------------
# Conditions look at data and are never recorded. They are joined by & and |, which bools and arrays
# of bools share. Of numbers and Values a choice is a Python `if`, so that the branch not taken
# cannot leak its nan.


def data_of(x: Any) -> Any:
    """Return the number in a Value or the array in a Tensor, and anything else as it is."""
    node: Any = x
    return node._data if isinstance(x, Node) else x


def equal(x: Any, y: Any) -> Any:
    """Return whether the data are equal (`==` between Values is identity)."""
    return data_of(x) == data_of(y)


def less(x: Any, y: Any) -> Any:
    """Return whether the data of x are below those of y."""
    return data_of(x) < data_of(y)


def between(low: Any, x: Any, high: Any) -> Any:
    """Return whether low ≤ x ≤ high."""
    return (data_of(low) <= data_of(x)) & (data_of(x) <= data_of(high))


def is_nan(x: Any) -> Any:
    """Return whether the data are nan."""
    return data_of(x) != data_of(x)


def is_finite(x: Any) -> Any:
    """Return whether the data are neither infinite nor nan."""
    return equal(data_of(x) - data_of(x), 0.0)


def holds(condition: Any) -> Any:
    """Return whether a condition that is given as numbers holds: nan is not 0."""
    return data_of(condition) != 0.0


def select(condition: Any, x: Any, y: Any) -> Any:
    """Return x where the condition holds, else y."""
    if type(condition) is bool or condition.ndim == 0:
        return x if condition else y
    return where(condition, x, y)


def strong_zero(x: Any, y: Any) -> Any:
    """Return x·y, and 0 where x is 0 and y is not finite."""
    return select(equal(x, 0.0) & (is_finite(y) ^ True), 0.0, x * y)


def power_slope(out: Any, x: Any, y: Any) -> Any:
    """Return y·x^(y-1), also where x^(y-1) alone is too large, as for a tiny x and a tinier y."""
    slope = power(x, y - 1.0)
    overflows = (is_finite(slope) ^ True) & is_finite(x) & (equal(x, 0.0) ^ True)
    if not (overflows if type(overflows) is bool else overflows.any()):
        return strong_zero(y, slope)
    return select(overflows, out * y / select(overflows, x, 1.0), strong_zero(y, slope))


def zero(out: Any, *operands: Any) -> float:
    """Return the derivative of a function that is constant but for its jumps."""
    return 0.0


# ----- Arithmetic ----------------------------------------------------------------------------

add: Op = Op(
    "add",
    lambda x, y: x + y,
    lambda out, x, y: 1.0,
    lambda out, x, y: 1.0,
    symbol="+",
    formula="1, 1",
    doc="Return x + y.",
)
subtract: Op = Op(
    "subtract",
    lambda x, y: x - y,
    lambda out, x, y: 1.0,
    lambda out, x, y: -1.0,
    symbol="-",
    formula="1, -1",
    doc="Return x - y.",
)
multiply: Op = Op(
    "multiply",
    lambda x, y: x * y,
    lambda out, x, y: y,
    lambda out, x, y: x,
    symbol="×",
    formula="y, x",
    doc="Return x·y.",
)
divide: Op = Op(
    "divide",
    numerics.divide,
    lambda out, x, y: divide(1.0, y),
    lambda out, x, y: divide(-out, y),
    symbol="/",
    formula="1/y, -out/y",
    kinks=[Kink((1.0, 0.0), INF, (INF, -INF)), Kink((0.0, 0.0), NAN, (INF, NAN))],
    doc="Return x / y by IEEE 754: 1/0 is inf and its gradients (inf, -inf); 0/0 is nan.",
)
floor_divide: Op = Op(
    "floor_divide",
    numerics.floor_divide,
    zero,
    zero,
    symbol="//",
    formula="0, 0",
    analytic=False,
    doc="Return the floor of x / y, as Python's //. Its gradient is 0 everywhere.",
)
remainder: Op = Op(
    "remainder",
    numerics.remainder,
    lambda out, x, y: select(is_nan(out), NAN, 1.0),
    lambda out, x, y: select(is_nan(out), NAN, -floor_divide(data_of(x), data_of(y))),
    symbol="%",
    formula="1, -⌊x/y⌋",
    kinks=[Kink((5.0, 2.5), 0.0, (1.0, -2.0)), Kink((1.0, 0.0), NAN, (NAN, NAN))],
    analytic=False,
    doc="Return x modulo y with the sign of y, as Python's %.",
)
power: Op = Op(
    "power",
    numerics.power,
    lambda out, x, y: select(is_nan(out), NAN, power_slope(out, x, y)),
    lambda out, x, y: select(equal(x, 0.0), select(data_of(y) >= 0.0, 0.0, NAN), out * log(x)),
    symbol="**",
    formula="y·x^(y-1), out·log x",
    kinks=[
        Kink((0.0, 0.0), 1.0, (0.0, 0.0)),
        Kink((0.0, 1.0), 0.0, (1.0, 0.0)),
        Kink((0.0, 2.0), 0.0, (0.0, 0.0)),
        Kink((0.0, 0.5), 0.0, (INF, 0.0)),
        Kink((0.0, -1.0), INF, (-INF, NAN)),
        Kink((-2.0, 2.0), 4.0, (-4.0, NAN)),
        Kink((-2.0, 3.0), -8.0, (12.0, NAN)),
        Kink((-2.0, 0.5), NAN, (NAN, NAN)),
        Kink((NAN, 0.0), 1.0, (0.0, NAN)),
        Kink((1.0, INF), 1.0, (INF, 0.0)),
    ],
    doc=(
        "Return x to the power y; nan, never a complex number, for a fractional power of x < 0. "
        "0**0 is 1 with gradients (0, 0), and a constant exponent 0 gives gradient 0 everywhere."
    ),
)
negative: Op = Op(
    "negative",
    lambda x: -x,
    lambda out, x: -1.0,
    symbol="-",
    formula="-1",
    doc="Return -x.",
)
identity: Op = Op(
    "identity",
    lambda x: x,
    lambda out, x: 1.0,
    symbol="=",
    formula="1",
    doc="Return a new node with the value of x, which gradients flow through.",
)
abs: Op = Op(
    "abs",
    lambda x: math.fabs(x),
    lambda out, x: sign(x),
    symbol="|·|",
    formula="sign x",
    kinks=[Kink((0.0,), 0.0, (0.0,)), Kink((NAN,), NAN, (NAN,))],
    analytic=False,
    doc="Return the magnitude of x. The gradient at 0 is 0.",
)
reciprocal: Op = Op(
    "reciprocal",
    lambda x: numerics.divide(1.0, x),
    lambda out, x: -(out * out),
    symbol="1/",
    formula="-out²",
    kinks=[Kink((0.0,), INF, (-INF,))],
    doc="Return 1 / x; inf at 0.",
)
square: Op = Op(
    "square",
    lambda x: x * x,
    lambda out, x: 2.0 * x,
    symbol="²",
    formula="2x",
    doc="Return x².",
)

# ----- Exponentials and logarithms -----------------------------------------------------------

exp: Op = Op(
    "exp",
    numerics.exp,
    lambda out, x: exp(x),
    formula="exp x",
    doc="Return e to the power x; inf beyond 709.78, gradient included.",
)
exp2: Op = Op(
    "exp2",
    numerics.exp2,
    lambda out, x: exp2(x) * math.log(2.0),
    formula="2^x·log 2",
    doc="Return 2 to the power x; inf from 1024 on, gradient included.",
)
expm1: Op = Op(
    "expm1",
    numerics.expm1,
    lambda out, x: exp(x),
    formula="exp x",
    doc="Return exp(x) - 1, exact near 0.",
)


def inverse_where(defined: Any, x: Any) -> Any:
    """Return 1/x where the op is defined, else nan: the forward is nan there."""
    return select(defined, reciprocal(x), NAN)


log: Op = Op(
    "log",
    numerics.log,
    lambda out, x: inverse_where((data_of(x) < 0.0) ^ True, abs(x)),
    formula="1/x",
    kinks=[Kink((0.0,), -INF, (INF,)), Kink((-1.0,), NAN, (NAN,))],
    doc="Return the natural logarithm: -inf at 0, with gradient inf, and nan below.",
)
log2: Op = Op(
    "log2",
    numerics.log2,
    lambda out, x: inverse_where((data_of(x) < 0.0) ^ True, abs(x) * math.log(2.0)),
    formula="1/(x·log 2)",
    kinks=[Kink((0.0,), -INF, (INF,)), Kink((-1.0,), NAN, (NAN,))],
    doc="Return the logarithm to base 2: -inf at 0, with gradient inf, and nan below.",
)
log10: Op = Op(
    "log10",
    numerics.log10,
    lambda out, x: (
        inverse_where((data_of(x) < 0.0) ^ True, abs(x)) / math.log(10.0)
    ),  # x·log 10 may be inf
    formula="1/(x·log 10)",
    kinks=[Kink((0.0,), -INF, (INF,)), Kink((-1.0,), NAN, (NAN,))],
    doc="Return the logarithm to base 10: -inf at 0, with gradient inf, and nan below.",
)
log1p: Op = Op(
    "log1p",
    numerics.log1p,
    lambda out, x: inverse_where((data_of(x) < -1.0) ^ True, abs(1.0 + x)),
    formula="1/(1 + x)",
    kinks=[Kink((-1.0,), -INF, (INF,)), Kink((-2.0,), NAN, (NAN,))],
    doc="Return log(1 + x), exact near 0.",
)
sqrt: Op = Op(
    "sqrt",
    numerics.sqrt,
    lambda out, x: divide(0.5, abs(out)),
    formula="1/(2·out)",
    kinks=[Kink((0.0,), 0.0, (INF,)), Kink((-1.0,), NAN, (NAN,))],
    doc="Return the square root: at 0 with gradient inf, below 0 nan.",
)
cbrt: Op = Op(
    "cbrt",
    numerics.cbrt,
    lambda out, x: reciprocal(3.0 * (out * out)),
    formula="1/(3·out²)",
    kinks=[Kink((0.0,), 0.0, (INF,))],
    analytic=False,
    doc="Return the real cube root. The gradient at 0 is inf.",
)

SHRINK, GROW = 2.0**-600, 2.0**600  # bring the largest and smallest floats to where squares are
SMALL = 2.0**-960  # below it, lengths have fewer digits than other floats


def cosine(out: Any, x: Any, y: Any) -> Any:
    """Return x/out for the length out of (x, y), 0 for the length 0; out itself may overflow."""
    overflows, underflows = equal(out, INF), less(out, SMALL)
    scale = select(overflows, SHRINK, select(underflows, GROW, 1.0))
    length = select(overflows | underflows, hypot(x * scale, y * scale), out)
    return select(equal(out, 0.0), 0.0, divide(x * scale, length))


hypot: Op = Op(
    "hypot",
    numerics.hypot,
    lambda out, x, y: cosine(out, x, y),
    lambda out, x, y: cosine(out, y, x),
    formula="x/out, y/out",
    kinks=[Kink((0.0, 0.0), 0.0, (0.0, 0.0))],
    analytic=False,
    doc="Return sqrt(x² + y²) without overflow. The gradient at (0, 0) is (0, 0).",
)
logaddexp: Op = Op(
    "logaddexp",
    numerics.logaddexp,
    lambda out, x, y: sigmoid(x - y),
    lambda out, x, y: sigmoid(y - x),
    formula="σ(x - y), σ(y - x)",
    kinks=[Kink((-INF, -INF), -INF, (NAN, NAN)), Kink((0.0, 0.0), math.log(2.0), (0.5, 0.5))],
    doc=(
        "Return log(exp(x) + exp(y)) without overflow. Where both are -inf it is -inf and its "
        "gradient nan."
    ),
)
xlogy: Op = Op(
    "xlogy",
    special.xlogy,
    lambda out, x, y: select(equal(x, 0.0) & equal(y, 0.0), 0.0, log(y)),
    lambda out, x, y: select(equal(x, 0.0) & equal(y, 0.0), 0.0, divide(x, y)),
    formula="log y, x/y",
    kinks=[Kink((0.0, 0.0), 0.0, (0.0, 0.0)), Kink((0.0, 2.0), 0.0, (math.log(2.0), 0.0))],
    doc="Return x·log(y), and 0 where x is 0 and y is a number. The gradient at (0, 0) is (0, 0).",
)

# ----- Trigonometry --------------------------------------------------------------------------

sin: Op = Op(
    "sin",
    numerics.sin,
    lambda out, x: cos(x),
    formula="cos x",
    doc="Return the sine of x in radians; nan at ±inf.",
)
cos: Op = Op(
    "cos",
    numerics.cos,
    lambda out, x: -sin(x),
    formula="-sin x",
    doc="Return the cosine of x in radians; nan at ±inf.",
)
tan: Op = Op(
    "tan",
    numerics.tan,
    lambda out, x: 1.0 + out * out,
    formula="1 + out²",
    doc="Return the tangent of x in radians; nan at ±inf.",
)
asin: Op = Op(
    "asin",
    numerics.asin,
    lambda out, x: reciprocal(sqrt((1.0 - x) * (1.0 + x))),
    formula="1/√(1 - x²)",
    kinks=[Kink((1.0,), math.pi / 2, (INF,)), Kink((-1.0,), -math.pi / 2, (INF,))],
    doc="Return the arc sine, in -π/2..π/2; nan outside -1..1. The gradient at ±1 is inf.",
)
acos: Op = Op(
    "acos",
    numerics.acos,
    lambda out, x: -reciprocal(sqrt((1.0 - x) * (1.0 + x))),
    formula="-1/√(1 - x²)",
    kinks=[Kink((1.0,), 0.0, (-INF,)), Kink((-1.0,), math.pi, (-INF,))],
    doc="Return the arc cosine, in 0..π; nan outside -1..1. The gradient at ±1 is -inf.",
)
atan: Op = Op(
    "atan",
    numerics.atan,
    lambda out, x: square(reciprocal(hypot(1.0, x))),
    formula="1/(1 + x²)",
    doc="Return the arc tangent, in -π/2..π/2.",
)
atan2: Op = Op(
    "atan2",
    numerics.atan2,
    lambda out, y, x: turn(x, y, x),
    lambda out, y, x: -turn(y, y, x),
    formula="y/(x² + y²), -x/(x² + y²)",
    kinks=[Kink((0.0, 0.0), 0.0, (0.0, 0.0))],
    analytic=False,
    doc="Return the angle of the point (y, x). The gradient at (0, 0) is (0, 0).",
)
sinh: Op = Op(
    "sinh",
    numerics.sinh,
    lambda out, x: cosh(x),
    formula="cosh x",
    doc="Return the hyperbolic sine; ±inf beyond ±710.48.",
)
cosh: Op = Op(
    "cosh",
    numerics.cosh,
    lambda out, x: sinh(x),
    formula="sinh x",
    doc="Return the hyperbolic cosine; inf beyond ±710.48.",
)
tanh: Op = Op(
    "tanh",
    numerics.tanh,
    lambda out, x: sech_squared(x),
    formula="1 - out²",
    doc="Return the hyperbolic tangent. Its gradient is 1/cosh²(x), exact in the tails.",
)
sech_squared: Op = Op(
    "sech_squared",
    special.sech_squared,
    lambda out, x: -2.0 * out * tanh(x),
    formula="-2·out·tanh x",
    doc="Return 1/cosh²(x), the derivative of tanh, exact in the tails where 1 - tanh² is not.",
)
asinh: Op = Op(
    "asinh",
    numerics.asinh,
    lambda out, x: reciprocal(hypot(1.0, x)),
    formula="1/√(1 + x²)",
    doc="Return the inverse hyperbolic sine.",
)
acosh: Op = Op(
    "acosh",
    numerics.acosh,
    lambda out, x: reciprocal(sqrt(x - 1.0) * sqrt(x + 1.0)),
    formula="1/√(x² - 1)",
    kinks=[Kink((1.0,), 0.0, (INF,))],
    doc="Return the inverse hyperbolic cosine; nan below 1. The gradient at 1 is inf.",
)
atanh: Op = Op(
    "atanh",
    numerics.atanh,
    lambda out, x: inverse_where(between(-1.0, x, 1.0), (1.0 - x) * (1.0 + x)),
    formula="1/(1 - x²)",
    kinks=[Kink((1.0,), INF, (INF,)), Kink((-1.0,), -INF, (INF,)), Kink((2.0,), NAN, (NAN,))],
    doc="Return the inverse hyperbolic tangent: ±inf at ±1, with gradient inf, and nan beyond.",
)


def turn(leg: Any, y: Any, x: Any) -> Any:
    """Return leg/(x² + y²), 0 at the origin, without overflow on the way."""
    radius = hypot(x, y)
    return select(equal(radius, 0.0), 0.0, divide(divide(leg, radius), radius))


# ----- Activations ---------------------------------------------------------------------------

relu: Op = Op(
    "relu",
    special.relu,
    lambda out, x: step(x),
    formula="1 if x > 0 else 0",
    kinks=[Kink((0.0,), 0.0, (0.0,)), Kink((NAN,), NAN, (NAN,))],
    analytic=False,
    doc="Return max(x, 0). The gradient at 0 is 0.",
)
leaky_relu: ParametricOp = ParametricOp(
    "leaky_relu",
    lambda x, slope: x if not x <= 0.0 else slope * x,
    lambda out, x, slope: select(data_of(x) > 0.0, 1.0, select(is_nan(x), NAN, slope)),
    lambda out, x, slope: select(data_of(x) > 0.0, 0.0, x),
    formula="1 if x > 0 else slope",
    defaults={"negative_slope": 0.01},
    kinks=[Kink((0.0, 0.01), 0.0, (0.01, 0.0))],
    analytic=False,
    doc="Return x where x > 0, else slope·x. The gradient at 0 is the slope.",
)
elu: ParametricOp = ParametricOp(
    "elu",
    special.elu,
    lambda out, x, alpha: select(data_of(x) > 0.0, 1.0, alpha * exp(x)),
    lambda out, x, alpha: select(data_of(x) > 0.0, 0.0, expm1(x)),
    formula="1 if x > 0 else α·exp x",
    defaults={"alpha": 1.0},
    kinks=[Kink((0.0, 1.0), 0.0, (1.0, 0.0))],
    analytic=False,
    doc="Return x where x > 0, else alpha·(exp(x) - 1). The gradient at 0 is alpha.",
)
selu: Op = Op(
    "selu",
    special.selu,
    lambda out, x: select(data_of(x) > 0.0, special.SELU_SCALE, special.SELU_SLOPE * exp(x)),
    formula="λ if x > 0 else λ·α·exp x",
    kinks=[Kink((0.0,), 0.0, (1.7580993408473766,))],
    analytic=False,
    doc="Return the self-normalising elu of Klambauer et al. 2017. The gradient at 0 is λ·α.",
)
gelu: Op = Op(
    "gelu",
    special.gelu,
    lambda out, x: gelu_slope(x),
    formula="Φ(x) + x·φ(x)",
    doc="Return x·Φ(x), the exact form of Hendrycks and Gimpel 2016.",
)
gelu_slope: Op = Op(
    "gelu_slope",
    slopes.gelu_slope,
    lambda out, x: strong_zero(normal_pdf(x), 2.0 - x * x),
    symbol="gelu'",
    formula="φ(x)·(2 - x²)",
    doc="Return the derivative of gelu, right to a few ulp beside its zero too.",
)
silu: Op = Op(
    "silu",
    special.silu,
    lambda out, x: silu_slope(x),
    formula="σ(x) + out·σ(-x)",
    doc="Return x·σ(x), also called swish (Ramachandran et al. 2017).",
)
silu_slope: Op = Op(
    "silu_slope",
    slopes.silu_slope,
    lambda out, x: strong_zero(sech_squared(0.5 * x), 0.5 - 0.25 * x * tanh(0.5 * x)),
    symbol="silu'",
    formula="σ(x)·σ(-x)·(2 - x·tanh(x/2))",
    doc="Return the derivative of silu, right to a few ulp beside its zero too.",
)
softplus: Op = Op(
    "softplus",
    special.softplus,
    lambda out, x: sigmoid(x),
    formula="σ(x)",
    doc="Return log(1 + exp(x)) without overflow.",
)
sigmoid: Op = Op(
    "sigmoid",
    special.sigmoid,
    lambda out, x: 0.25 * sech_squared(0.5 * x),  # which rounds less than out·σ(-x)
    symbol="σ",
    formula="out·(1 - out)",
    doc="Return σ(x) = 1/(1 + exp(-x)) without overflow.",
)
log_sigmoid: Op = Op(
    "log_sigmoid",
    special.log_sigmoid,
    lambda out, x: sigmoid(-x),
    formula="σ(-x)",
    doc="Return log σ(x), exact where σ(x) is 0.",
)
relu6: Op = Op(
    "relu6",
    lambda x: x if x != x else 0.0 if x <= 0.0 else 6.0 if x >= 6.0 else x,
    lambda out, x: select(
        is_nan(x), NAN, select((data_of(x) > 0.0) & (data_of(x) < 6.0), 1.0, 0.0)
    ),
    formula="1 if 0 < x < 6 else 0",
    kinks=[Kink((0.0,), 0.0, (0.0,)), Kink((6.0,), 6.0, (0.0,))],
    analytic=False,
    doc="Return x cut to 0..6. The gradient at 0 and at 6 is 0.",
)
hardtanh: Op = Op(
    "hardtanh",
    lambda x: x if x != x else -1.0 if x <= -1.0 else 1.0 if x >= 1.0 else x,
    lambda out, x: select(
        is_nan(x), NAN, select((data_of(x) > -1.0) & (data_of(x) < 1.0), 1.0, 0.0)
    ),
    formula="1 if -1 < x < 1 else 0",
    kinks=[Kink((-1.0,), -1.0, (0.0,)), Kink((1.0,), 1.0, (0.0,))],
    analytic=False,
    doc="Return x cut to -1..1. The gradient at -1 and at 1 is 0.",
)

# ----- Steps: constant but for their jumps, so the gradient is 0 everywhere --------------------

step: Op = Op(
    "step",
    lambda x: 1.0 if x > 0.0 else x if x != x else 0.0,
    zero,
    formula="0",
    kinks=[Kink((0.0,), 0.0, (0.0,))],
    analytic=False,
    doc="Return 1 where x > 0, else 0. The gradient is 0 everywhere.",
)
sign: Op = Op(
    "sign",
    lambda x: math.copysign(1.0, x) if x > 0.0 or x < 0.0 else x,
    zero,
    formula="0",
    kinks=[Kink((0.0,), 0.0, (0.0,))],
    analytic=False,
    doc="Return -1, 0 or 1 as x is negative, zero or positive. The gradient is 0 everywhere.",
)
floor: Op = Op(
    "floor",
    numerics.floor,
    zero,
    symbol="⌊·⌋",
    formula="0",
    kinks=[Kink((1.0,), 1.0, (0.0,))],
    analytic=False,
    doc="Return the largest whole number that is not above x. The gradient is 0 everywhere.",
)
ceil: Op = Op(
    "ceil",
    numerics.ceil,
    zero,
    symbol="⌈·⌉",
    formula="0",
    kinks=[Kink((1.0,), 1.0, (0.0,))],
    analytic=False,
    doc="Return the smallest whole number that is not below x. The gradient is 0 everywhere.",
)
round: Op = Op(
    "round",
    numerics.round,
    zero,
    formula="0",
    kinks=[Kink((0.5,), 0.0, (0.0,)), Kink((1.5,), 2.0, (0.0,))],
    analytic=False,
    doc="Return the nearest whole number, halves to even. The gradient is 0 everywhere.",
)

# ----- Special functions ---------------------------------------------------------------------

TWO_OVER_SQRT_PI = 2.0 / math.sqrt(math.pi)

erf: Op = Op(
    "erf",
    special.erf,
    lambda out, x: TWO_OVER_SQRT_PI * exp(-(x * x)),
    formula="2/√π·exp(-x²)",
    doc="Return the error function, 2/√π times the integral of exp(-t²) over 0..x.",
)
erfc: Op = Op(
    "erfc",
    special.erfc,
    lambda out, x: -TWO_OVER_SQRT_PI * exp(-(x * x)),
    formula="-2/√π·exp(-x²)",
    doc="Return 1 - erf(x), exact in the tail.",
)
normal_cdf: Op = Op(
    "normal_cdf",
    special.normal_cdf,
    lambda out, x: normal_pdf(x),
    symbol="Φ",
    formula="φ(x)",
    doc="Return Φ(x), the distribution function of the standard normal distribution.",
)
normal_pdf: Op = Op(
    "normal_pdf",
    special.normal_pdf,
    lambda out, x: -x * out,
    symbol="φ",
    formula="-x·out",
    doc="Return φ(x), the density of the standard normal distribution.",
)
lgamma: Op = Op(
    "lgamma",
    special.lgamma,
    lambda out, x: polygamma(0.0, x),
    formula="ψ(x)",
    doc="Return log |Γ(x)|. At the poles 0, -1, -2, ... it is inf and its gradient nan.",
)


def order(n: float) -> int:
    """Return the order that selects a function of a family.

    Raises:
        NumberError: it is no whole number of 0 or more.
    """
    if n >= 0.0 and n.is_integer():
        return int(n)
    raise NumberError(f"the order of a function is a whole number of 0 or more, got {n!r}")


polygamma: Op = Op(
    "polygamma",
    lambda n, x: special.polygamma(order(n), x),
    None,
    lambda out, n, x: polygamma(n + 1.0, x),
    symbol="ψ",
    formula="-, ψₙ₊₁(x)",
    doc="Return the n-th derivative of digamma at x; n is a whole number and has no gradient.",
)
sinc: Op = Op(
    "sinc",
    special.sinc,
    lambda out, x: -math.pi * spherical_bessel_pi(1.0, x),
    formula="(cos πx - out)/x",
    kinks=[Kink((0.0,), 1.0, (0.0,))],
    doc="Return sin(πx)/(πx), and 1 at 0.",
)
spherical_bessel_pi: Op = Op(
    "spherical_bessel_pi",
    lambda n, x: special.spherical_bessel_pi(order(n), x),
    None,
    lambda out, n, x: math.pi * bessel_slope(n, x),
    symbol="jπ",
    formula="-, π·(n·jₙ₋₁ - (n+1)·jₙ₊₁)/(2n+1)",
    doc=(
        "Return jₙ(πx), of which the derivatives of sinc are made, without the rounding of πx "
        "that a large x would magnify; n is a whole number and has no gradient."
    ),
)


def bessel_slope(n: Any, x: Any) -> Any:
    """Return jₙ'(πx) by DLMF 10.51.2, which has no cancellation near 0; for n = 0 it is -j₁."""
    k = data_of(n)
    below = spherical_bessel_pi(select(equal(k, 0.0), 0.0, k - 1.0), x)
    above = spherical_bessel_pi(k + 1.0, x)
    return (k * below - (k + 1.0) * above) * (1.0 / (2.0 * k + 1.0))


# ----- Choices -------------------------------------------------------------------------------


def share(x: Any, y: Any, wins: Any) -> Any:
    """Return x's part of the gradient of a choice between x and y: ties share, nan is shown."""
    return select(wins, 1.0, select(equal(x, y), 0.5, select(is_nan(x), NAN, 0.0)))


maximum: Op = Op(
    "maximum",
    lambda x, y: x if x != x or x > y else y,
    lambda out, x, y: share(x, y, less(y, x)),
    lambda out, x, y: share(y, x, less(x, y)),
    symbol="max",
    formula="1 if x > y else 0",
    kinks=[Kink((2.0, 2.0), 2.0, (0.5, 0.5)), Kink((NAN, 1.0), NAN, (NAN, 0.0))],
    analytic=False,
    doc="Return the larger of x and y. Equal operands share the gradient, half each.",
)
minimum: Op = Op(
    "minimum",
    lambda x, y: x if x != x or x < y else y,
    lambda out, x, y: share(x, y, less(x, y)),
    lambda out, x, y: share(y, x, less(y, x)),
    symbol="min",
    formula="1 if x < y else 0",
    kinks=[Kink((2.0, 2.0), 2.0, (0.5, 0.5)), Kink((NAN, 1.0), NAN, (NAN, 0.0))],
    analytic=False,
    doc="Return the smaller of x and y. Equal operands share the gradient, half each.",
)


def cut(x: float, low: float, high: float) -> float:
    """Return x cut to low..high: high where low is above it, nan where any of them is."""
    if x != x or low != low or high != high:
        return NAN
    return high if high < x or high < low else low if x < low else x


def bound(limit: Any, binds: Any) -> Any:
    """Return the derivative of `clip` for a limit: 1 where it binds, and nan is shown."""
    return select(is_nan(limit), NAN, select(binds, 1.0, 0.0))


clip: Op = Op(
    "clip",
    cut,
    lambda out, x, low, high: select(is_nan(x), NAN, select(between(low, x, high), 1.0, 0.0)),
    lambda out, x, low, high: bound(low, less(x, low) & (less(high, low) ^ True)),
    lambda out, x, low, high: bound(high, less(high, x) | less(high, low)),
    formula="1 if low ≤ x ≤ high else 0",
    kinks=[
        Kink((1.0, -1.0, 1.0), 1.0, (1.0, 0.0, 0.0)),
        Kink((-1.0, -1.0, 1.0), -1.0, (1.0, 0.0, 0.0)),
    ],
    analytic=False,
    doc=(
        "Return x cut to low..high, and high where low is above it. The gradient is 1 inside the "
        "closed interval."
    ),
)
where: Op = Op(
    "where",
    lambda condition, x, y: x if condition else y,
    None,
    lambda out, condition, x, y: select(holds(condition), 1.0, 0.0),
    lambda out, condition, x, y: select(holds(condition), 0.0, 1.0),
    formula="-, 1 if condition else 0, 0 if condition else 1",
    analytic=False,
    doc=(
        "Return x where the condition holds, else y. Both are operands, so a nan gradient on the "
        "way to the one not chosen stays nan (0·inf): a Python `if` is safe."
    ),
)
