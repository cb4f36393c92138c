"""Kinks and singular points: each convention is one named test.

The expected values and gradients are written out here, from the published table of conventions
(PyTorch's rules in their order, with atan2, hypot and norm giving 0 at 0), not read from the rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest

import engine
from engine import Value
from engine.op import Op, Reduction
from engine.testing.oracles.reference import rows

inf, nan = math.inf, math.nan
LOG_2 = 0.6931471805599453


def over(function: Callable[[list[Any]], Any]) -> Callable[..., Any]:
    """Return a function of a sequence as one of its elements."""
    return lambda *xs: function(list(xs))


def item(function: Callable[[list[Any]], list[Any]], i: int) -> Callable[..., Any]:
    """Return the i-th number of a function from sequence to sequence."""
    return lambda *xs: function(list(xs))[i]


def guarded_log(x: Any) -> Any:
    """Return log x where x > 0, else 0, by the op: both branches are computed."""
    return engine.where(x > 0.0, engine.log(x), 0.0)


def sum_of_running_products(x: Any, y: Any, z: Any) -> Any:
    return x + x * y + x * y * z


# The point, the value there, the gradient.
KINKS: dict[str, tuple[Callable[..., Any], tuple[float, ...], float, tuple[float, ...]]] = {
    "relu[kink=0]": (engine.relu, (0.0,), 0.0, (0.0,)),
    "relu[kink=-0.0]": (engine.relu, (-0.0,), 0.0, (0.0,)),
    "relu[nan]": (engine.relu, (nan,), nan, (nan,)),
    "leaky_relu[kink=0]": (lambda x: engine.leaky_relu(x), (0.0,), 0.0, (0.01,)),
    "leaky_relu[nan]": (lambda x: engine.leaky_relu(x), (nan,), nan, (nan,)),
    "elu[kink=0]": (lambda x: engine.elu(x), (0.0,), 0.0, (1.0,)),
    "leaky_relu[kink=0,slope]": (engine.leaky_relu, (0.0, 0.2), 0.0, (0.2, 0.0)),
    "leaky_relu[0,inf]": (engine.leaky_relu, (0.0, inf), nan, (inf, 0.0)),
    "elu[kink=0,alpha]": (engine.elu, (0.0, 2.0), 0.0, (2.0, 0.0)),
    "selu[kink=0]": (engine.selu, (0.0,), 0.0, (1.7580993408473766,)),
    "relu6[kink=0]": (engine.relu6, (0.0,), 0.0, (0.0,)),
    "relu6[kink=6]": (engine.relu6, (6.0,), 6.0, (0.0,)),
    "hardtanh[kink=1]": (engine.hardtanh, (1.0,), 1.0, (0.0,)),
    "hardtanh[kink=-1]": (engine.hardtanh, (-1.0,), -1.0, (0.0,)),
    "abs[kink=0]": (engine.abs, (0.0,), 0.0, (0.0,)),
    "abs[kink=-0.0]": (engine.abs, (-0.0,), 0.0, (0.0,)),
    "abs[nan]": (engine.abs, (nan,), nan, (nan,)),
    "sign[kink=0]": (engine.sign, (0.0,), 0.0, (0.0,)),
    "step[kink=0]": (engine.step, (0.0,), 0.0, (0.0,)),
    "floor[kink=2]": (engine.floor, (2.0,), 2.0, (0.0,)),
    "ceil[kink=2]": (engine.ceil, (2.0,), 2.0, (0.0,)),
    "round[kink=0.5]": (engine.round, (0.5,), 0.0, (0.0,)),
    "round[kink=2.5]": (engine.round, (2.5,), 2.0, (0.0,)),
    "floor_divide[kink=1]": (lambda x, y: x // y, (3.0, 3.0), 1.0, (0.0, 0.0)),
    "maximum[tie]": (engine.maximum, (2.0, 2.0), 2.0, (0.5, 0.5)),
    "maximum[tie of 0 and -0]": (engine.maximum, (0.0, -0.0), 0.0, (0.5, 0.5)),
    "maximum[nan,1]": (engine.maximum, (nan, 1.0), nan, (nan, 0.0)),
    "maximum[1,nan]": (engine.maximum, (1.0, nan), nan, (0.0, nan)),
    "minimum[tie]": (engine.minimum, (2.0, 2.0), 2.0, (0.5, 0.5)),
    "minimum[nan,1]": (engine.minimum, (nan, 1.0), nan, (nan, 0.0)),
    "minimum[1,nan]": (engine.minimum, (1.0, nan), nan, (0.0, nan)),
    "max[2 ties]": (over(engine.max), (3.0, 1.0, 3.0), 3.0, (0.5, 0.0, 0.5)),
    "max[4 ties]": (over(engine.max), (3.0, 3.0, 3.0, 3.0), 3.0, (0.25, 0.25, 0.25, 0.25)),
    "max[nan,1]": (over(engine.max), (nan, 1.0), nan, (nan, 0.0)),
    "max[1,nan]": (over(engine.max), (1.0, nan), nan, (0.0, nan)),
    "min[2 ties]": (over(engine.min), (1.0, 3.0, 1.0), 1.0, (0.5, 0.0, 0.5)),
    "min[1,nan]": (over(engine.min), (1.0, nan), nan, (0.0, nan)),
    "clip[kink=high]": (lambda x: engine.clip(x, -1.0, 1.0), (1.0,), 1.0, (1.0,)),
    "clip[kink=low]": (lambda x: engine.clip(x, -1.0, 1.0), (-1.0,), -1.0, (1.0,)),
    "clip[nan]": (lambda x: engine.clip(x, -1.0, 1.0), (nan,), nan, (nan,)),
    "clip[bounds at high]": (engine.clip, (1.0, -1.0, 1.0), 1.0, (1.0, 0.0, 0.0)),
    "clip[bounds at low]": (engine.clip, (-1.0, -1.0, 1.0), -1.0, (1.0, 0.0, 0.0)),
    "clip[x below crossed bounds]": (engine.clip, (-2.0, 1.0, -1.0), -1.0, (0.0, 0.0, 1.0)),
    "clip[x between crossed bounds]": (engine.clip, (0.0, 1.0, -1.0), -1.0, (0.0, 0.0, 1.0)),
    "clip[x above crossed bounds]": (engine.clip, (2.0, 1.0, -1.0), -1.0, (0.0, 0.0, 1.0)),
    "clip[low nan]": (engine.clip, (0.5, nan, 1.0), nan, (0.0, nan, 0.0)),
    "clip[high nan]": (engine.clip, (0.5, -1.0, nan), nan, (0.0, 0.0, nan)),
    "sqrt[0]": (engine.sqrt, (0.0,), 0.0, (inf,)),
    "sqrt[-0.0]": (engine.sqrt, (-0.0,), 0.0, (inf,)),
    "sqrt[-1]": (engine.sqrt, (-1.0,), nan, (nan,)),
    "cbrt[0]": (engine.cbrt, (0.0,), 0.0, (inf,)),
    "log[0]": (engine.log, (0.0,), -inf, (inf,)),
    "log[-0.0]": (engine.log, (-0.0,), -inf, (inf,)),
    "log[-1]": (engine.log, (-1.0,), nan, (nan,)),
    "log2[0]": (engine.log2, (0.0,), -inf, (inf,)),
    "log2[-1]": (engine.log2, (-1.0,), nan, (nan,)),
    "log10[0]": (engine.log10, (0.0,), -inf, (inf,)),
    "log10[-1]": (engine.log10, (-1.0,), nan, (nan,)),
    "log1p[-1]": (engine.log1p, (-1.0,), -inf, (inf,)),
    "log1p[-2]": (engine.log1p, (-2.0,), nan, (nan,)),
    "divide[1/0]": (lambda x, y: x / y, (1.0, 0.0), inf, (inf, -inf)),
    "divide[1/-0.0]": (lambda x, y: x / y, (1.0, -0.0), -inf, (-inf, -inf)),
    "divide[0/0]": (lambda x, y: x / y, (0.0, 0.0), nan, (inf, nan)),
    "reciprocal[0]": (engine.reciprocal, (0.0,), inf, (-inf,)),
    "power[0**0]": (lambda x, y: x**y, (0.0, 0.0), 1.0, (0.0, 0.0)),
    "power[0**-1]": (lambda x, y: x**y, (0.0, -1.0), inf, (-inf, nan)),
    "power[0**.5]": (lambda x, y: x**y, (0.0, 0.5), 0.0, (inf, 0.0)),
    "power[0**1]": (lambda x, y: x**y, (0.0, 1.0), 0.0, (1.0, 0.0)),
    "power[0**2]": (lambda x, y: x**y, (0.0, 2.0), 0.0, (0.0, 0.0)),
    "power[(-2)**2]": (lambda x, y: x**y, (-2.0, 2.0), 4.0, (-4.0, nan)),
    "power[(-2)**3]": (lambda x, y: x**y, (-2.0, 3.0), -8.0, (12.0, nan)),
    "power[(-2)**.5]": (lambda x, y: x**y, (-2.0, 0.5), nan, (nan, nan)),
    "power[(-8)**(1/3)]": (lambda x: x ** (1.0 / 3.0), (-8.0,), nan, (nan,)),
    "power[nan**0]": (lambda x, y: x**y, (nan, 0.0), 1.0, (0.0, nan)),
    "power[1**inf]": (lambda x, y: x**y, (1.0, inf), 1.0, (inf, 0.0)),
    "power[x**0 at 0]": (lambda x: x**0, (0.0,), 1.0, (0.0,)),
    "power[x**1 at 0]": (lambda x: x**1, (0.0,), 0.0, (1.0,)),
    "power[x**2 at 0]": (lambda x: x**2, (0.0,), 0.0, (0.0,)),
    "power[x**.5 at 0]": (lambda x: x**0.5, (0.0,), 0.0, (inf,)),
    "power[x**-1 at 0]": (lambda x: x**-1, (0.0,), inf, (-inf,)),
    "atan2[0,0]": (engine.atan2, (0.0, 0.0), 0.0, (0.0, 0.0)),
    "hypot[0,0]": (engine.hypot, (0.0, 0.0), 0.0, (0.0, 0.0)),
    "hypot[0,2]": (engine.hypot, (0.0, 2.0), 2.0, (0.0, 1.0)),
    "hypot[2,0]": (engine.hypot, (2.0, 0.0), 2.0, (1.0, 0.0)),
    "hypot[0,nan]": (engine.hypot, (0.0, nan), nan, (nan, nan)),
    "norm[0,0]": (over(engine.norm), (0.0, 0.0), 0.0, (0.0, 0.0)),
    "norm[0]": (over(engine.norm), (0.0,), 0.0, (0.0,)),
    "std[1,1]": (over(engine.std), (1.0, 1.0), 0.0, (0.0, 0.0)),
    "std[.1,.1,.1]": (over(engine.std), (0.1, 0.1, 0.1), 0.0, (0.0, 0.0, 0.0)),
    "var[1,1]": (over(engine.var), (1.0, 1.0), 0.0, (0.0, 0.0)),
    "var[one element]": (over(engine.var), (5.0,), 0.0, (0.0,)),
    "var[one element, correction=1]": (lambda x: engine.var([x], 1), (5.0,), nan, (nan,)),
    "logaddexp[-inf,-inf]": (engine.logaddexp, (-inf, -inf), -inf, (nan, nan)),
    "logaddexp[equal]": (engine.logaddexp, (0.0, 0.0), LOG_2, (0.5, 0.5)),
    "logaddexp[1000,0]": (engine.logaddexp, (1000.0, 0.0), 1000.0, (1.0, 0.0)),
    "logsumexp[inf,0]": (over(engine.logsumexp), (inf, 0.0), inf, (nan, nan)),
    "logsumexp[-inf,-inf]": (over(engine.logsumexp), (-inf, -inf), -inf, (nan, nan)),
    "logsumexp[-inf,0]": (over(engine.logsumexp), (-inf, 0.0), 0.0, (0.0, 1.0)),
    "logsumexp[1000,1000]": (
        over(engine.logsumexp),
        (1000.0, 1000.0),
        1000.0 + LOG_2,
        (0.5, 0.5),
    ),
    "softmax[equal]": (item(engine.softmax, 0), (7.0, 7.0), 0.5, (0.25, -0.25)),
    "softmax[1000,0]": (item(engine.softmax, 0), (1000.0, 0.0), 1.0, (0.0, 0.0)),
    "softmax[inf,0]": (item(engine.softmax, 0), (inf, 0.0), nan, (nan, nan)),
    "softmax[-inf,-inf]": (item(engine.softmax, 0), (-inf, -inf), nan, (nan, nan)),
    "log(softmax)[1000,0]": (
        lambda x, y: engine.log(engine.softmax([x, y])[1]),
        (1000.0, 0.0),
        -inf,
        (nan, nan),  # composed, and may be: inf·0
    ),
    "log_softmax[1000,0]": (item(engine.log_softmax, 1), (1000.0, 0.0), -1000.0, (-1.0, 1.0)),
    "sigmoid[1000]": (engine.sigmoid, (1000.0,), 1.0, (0.0,)),
    "sigmoid[-1000]": (engine.sigmoid, (-1000.0,), 0.0, (0.0,)),
    "softplus[1000]": (engine.softplus, (1000.0,), 1000.0, (1.0,)),
    "softplus[-1000]": (engine.softplus, (-1000.0,), 0.0, (0.0,)),
    "tanh[1000]": (engine.tanh, (1000.0,), 1.0, (0.0,)),
    "tanh[-1000]": (engine.tanh, (-1000.0,), -1.0, (0.0,)),
    "log_sigmoid[-1000]": (engine.log_sigmoid, (-1000.0,), -1000.0, (1.0,)),
    "log_sigmoid[1000]": (engine.log_sigmoid, (1000.0,), 0.0, (0.0,)),
    "silu[-1000]": (engine.silu, (-1000.0,), 0.0, (0.0,)),
    "gelu[-1000]": (engine.gelu, (-1000.0,), 0.0, (0.0,)),
    "exp[1000]": (engine.exp, (1000.0,), inf, (inf,)),
    "exp[-1000]": (engine.exp, (-1000.0,), 0.0, (0.0,)),
    "asin[1]": (engine.asin, (1.0,), math.pi / 2, (inf,)),
    "asin[-1]": (engine.asin, (-1.0,), -math.pi / 2, (inf,)),
    "asin[2]": (engine.asin, (2.0,), nan, (nan,)),
    "acos[1]": (engine.acos, (1.0,), 0.0, (-inf,)),
    "acos[-1]": (engine.acos, (-1.0,), math.pi, (-inf,)),
    "acos[2]": (engine.acos, (2.0,), nan, (nan,)),
    "atanh[1]": (engine.atanh, (1.0,), inf, (inf,)),
    "atanh[-1]": (engine.atanh, (-1.0,), -inf, (inf,)),
    "atanh[2]": (engine.atanh, (2.0,), nan, (nan,)),
    "acosh[1]": (engine.acosh, (1.0,), 0.0, (inf,)),
    "acosh[0]": (engine.acosh, (0.0,), nan, (nan,)),
    "remainder[5%2.5]": (lambda x, y: x % y, (5.0, 2.5), 0.0, (1.0, -2.0)),
    "remainder[1%0]": (lambda x, y: x % y, (1.0, 0.0), nan, (nan, nan)),
    "where[log x beside 0]": (guarded_log, (0.0,), 0.0, (nan,)),
    "if[log x beside 0]": (lambda x: engine.log(x) if x > 0.0 else x * 0.0, (0.0,), 0.0, (0.0,)),
    "clip[x below equal bounds]": (engine.clip, (0.0, 1.0, 1.0), 1.0, (0.0, 1.0, 0.0)),
    "clip[x=nan]": (engine.clip, (nan, 0.0, 1.0), nan, (nan, 0.0, 0.0)),
    "clip[low above high]": (engine.clip, (1.0, 2.0, 1.0), 1.0, (0.0, 0.0, 1.0)),
    "prod[0,3]": (over(engine.prod), (0.0, 3.0), 0.0, (3.0, 0.0)),
    "prod[0,0]": (over(engine.prod), (0.0, 0.0), 0.0, (0.0, 0.0)),
    "running products[0,2,3]": (sum_of_running_products, (0.0, 2.0, 3.0), 0.0, (9.0, 0.0, 0.0)),
    "xlogy[0,0]": (engine.xlogy, (0.0, 0.0), 0.0, (0.0, 0.0)),
    "xlogy[0,2]": (engine.xlogy, (0.0, 2.0), 0.0, (LOG_2, 0.0)),
    "xlogy[1,0]": (engine.xlogy, (1.0, 0.0), -inf, (-inf, inf)),
    "sinc[0]": (engine.sinc, (0.0,), 1.0, (0.0,)),
    "lgamma[0]": (engine.lgamma, (0.0,), inf, (nan,)),
    "lgamma[-2]": (engine.lgamma, (-2.0,), inf, (nan,)),
}


def same(got: Any, expected: Any) -> bool:
    """Return whether two numbers are equal; nan equals nan, and either zero the other."""
    return got == expected or (got != got and expected != expected)


def check(
    function: Callable[..., Any], at: Sequence[float], value: float, gradient: Sequence[Any]
) -> None:
    operands = [Value(x) for x in at]
    out = function(*operands)
    assert same(out.data, value), f"value {out.data!r}, promised {value!r}"
    out.backward()
    got = [operand.grad for operand in operands]
    promised = [0.0 if part is None else part for part in gradient]
    assert all(map(same, got, promised)), f"gradient {got!r}, promised {promised!r}"


@pytest.mark.parametrize("name", KINKS)
def test_convention(name: str) -> None:
    function, at, value, gradient = KINKS[name]
    check(function, at, value, gradient)


@pytest.mark.parametrize("name", KINKS)
def test_value_of_floats(name: str) -> None:
    function, at, value, _ = KINKS[name]
    if not any(word in name for word in ("power", "divide", "remainder")):  # Python's own raise
        assert same(function(*at), value)


FLAT = {"identity", "negative", "step", "sign", "floor", "ceil", "round"}  # constant derivatives


@pytest.mark.parametrize(
    "row",
    [row for row in rows() if isinstance(row, Op) and len(row.derivatives) == 1],
    ids=lambda row: row.name,
)
def test_nan_is_never_hidden(row: Op) -> None:
    x = Value(nan)
    out = row(x)
    out.backward()
    assert math.isnan(out.data)
    assert math.isnan(x.grad or 0.0) is (row.name not in FLAT)


def kinks_of_rows() -> list[Any]:
    """Return every kink that a row of the table promises."""
    made = [row(0.0) for row in rows() if getattr(row, "__name__", "") in ("variance", "deviation")]
    table = [row for row in rows() if isinstance(row, Op)] + made
    return [
        pytest.param(row, i, id=f"{row.name}{list(kink.at)}")
        for row in table
        for i, kink in enumerate(row.kinks)
    ]


@pytest.mark.parametrize(("row", "place"), kinks_of_rows())
def test_a_row_keeps_its_promise(row: Op, place: int) -> None:
    kink = row.kinks[place]
    function = over(row.reduce) if isinstance(row, Reduction) else row
    check(function, kink.at, kink.value, kink.gradient)
