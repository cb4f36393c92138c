"""Two spellings of one function agree, in value and in gradient."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, strategies as st

import engine
from engine import Tensor, Value
from engine.testing.oracles.compare import bits

EPS = 2.0**-52
OF_LISTS = (
    "maximum = max of a list",
    "logaddexp = logsumexp",
    "hypot = norm",
    "log_softmax = log of softmax",
)


class Identity(NamedTuple):
    """Two functions of some numbers that are one.

    Args:
        left: the one spelling.
        right: the other.
        relative: how far the numbers may differ, in units of 2**-52 of the larger; 0: not a bit.
        absolute: the same in units of 2**-52, for spellings that cancel.
        low: the least operand.
        high: the largest operand.
        operands: how many there are.
    """

    left: Callable[..., Any]
    right: Callable[..., Any]
    relative: float = 0.0
    absolute: float = 0.0
    low: float = -1e300
    high: float = 1e300
    operands: int = 1


def sigmoids(x: Any) -> Any:
    return 2.0 * engine.sigmoid(2.0 * x) - 1.0


# Tolerances count roundings: each op may be half a unit off, a function of the C library one to
# two (see test_values), and a subtraction keeps the absolute error of what it subtracts.
IDENTITIES: dict[str, Identity] = {
    "x - y = x + (-y)": Identity(lambda x, y: x - y, lambda x, y: x + (-y), operands=2),
    "-x = 0 - x": Identity(lambda x: -x + 0.0, lambda x: 0.0 - x),
    "x·y = y·x": Identity(lambda x, y: x * y, lambda x, y: y * x, operands=2),
    "x² = x·x": Identity(engine.square, lambda x: x * x, high=1e150, low=-1e150),
    "x / y = x·(1/y)": Identity(
        lambda x, y: x / y, lambda x, y: x * (1.0 / y), 4, low=1e-70, high=1e70, operands=2
    ),
    "1 / x = reciprocal": Identity(lambda x: 1.0 / x, engine.reciprocal, 2, low=1e-150, high=1e150),
    "√x = x**.5": Identity(engine.sqrt, lambda x: x**0.5, 2, low=1e-300),
    "2**x = exp2": Identity(lambda x: 2.0**x, engine.exp2, 4, low=-1000, high=1000),
    "exp(x)·exp(-x) = 1": Identity(
        lambda x: engine.exp(x) * engine.exp(-x), lambda x: 1.0 + 0.0 * x, 4, 4, low=-700, high=700
    ),
    "tanh = 2σ(2x) - 1": Identity(engine.tanh, sigmoids, 4, 8),
    "σ(x) + σ(-x) = 1": Identity(
        lambda x: engine.sigmoid(x) + engine.sigmoid(-x), lambda x: 1.0 + 0.0 * x, 0, 4
    ),
    "softplus(x) - softplus(-x) = x": Identity(
        lambda x: engine.softplus(x) - engine.softplus(-x), lambda x: x, 4, 4
    ),
    "log σ = -softplus(-x)": Identity(engine.log_sigmoid, lambda x: -engine.softplus(-x), 2),
    "silu = x·σ": Identity(engine.silu, lambda x: x * engine.sigmoid(x), 8, 4, low=-30, high=1e100),
    "gelu = x·Φ": Identity(
        engine.gelu, lambda x: x * engine.normal_cdf(x), 8, 4, low=-30, high=1e100
    ),
    "relu = max(x, 0)": Identity(engine.relu, lambda x: engine.maximum(x, 0.0), low=1e-300),
    "max(x, y) = -min(-x, -y)": Identity(
        engine.maximum, lambda x, y: -engine.minimum(-x, -y), operands=2
    ),
    "maximum = max of a list": Identity(
        engine.maximum, lambda x, y: engine.max([x, y]), operands=2
    ),
    "clip = min of max": Identity(
        lambda x: engine.clip(x, 1.0, 2.0) + 0.0,
        lambda x: engine.minimum(engine.maximum(x, 1.0), 2.0) + 0.0,
        low=math.nextafter(1.0, 2.0),
        high=math.nextafter(2.0, 1.0),
    ),
    "erf + erfc = 1": Identity(
        lambda x: engine.erf(x) + engine.erfc(x), lambda x: 1.0 + 0.0 * x, 0, 4
    ),
    "asin + acos = π/2": Identity(
        lambda x: engine.asin(x) + engine.acos(x),
        lambda x: math.pi / 2 + 0.0 * x,
        4,
        4,
        -0.99,
        0.99,
    ),
    "atan2(x, 1) = atan": Identity(lambda x: engine.atan2(x, 1.0), engine.atan, 8),
    "sinh + cosh = exp": Identity(
        lambda x: engine.sinh(x) + engine.cosh(x), engine.exp, 8, low=0.0, high=700
    ),
    "log1p = log(1 + x)": Identity(
        engine.log1p, lambda x: engine.log(1.0 + x), 8, low=1.0, high=1e300
    ),
    "expm1 = exp - 1": Identity(engine.expm1, lambda x: engine.exp(x) - 1.0, 8, low=1.0, high=700),
    "logaddexp = logsumexp": Identity(
        engine.logaddexp, lambda x, y: engine.logsumexp([x, y]), 8, 8, -700, 700, operands=2
    ),
    "logsumexp = log Σ exp": Identity(
        lambda x, y, z: engine.logsumexp([x, y, z]),
        lambda x, y, z: engine.log(engine.exp(x) + engine.exp(y) + engine.exp(z)),
        *(16, 16, -200, 200, 3),
    ),
    "log_softmax = log of softmax": Identity(
        lambda x, y: engine.log_softmax([x, y])[0],
        lambda x, y: engine.log(engine.softmax([x, y])[0]),
        *(16, 16, -300, 300, 2),
    ),
    "hypot = norm": Identity(
        engine.hypot, lambda x, y: engine.norm([x, y]), 4, low=1e-300, operands=2
    ),
    "x·y + z·z = dot": Identity(
        lambda x, y, z: x * y + z * z,
        lambda x, y, z: engine.dot([x, z], [y, z]),
        low=-1e150,
        high=1e150,
        operands=3,
    ),
    "mean = sum / n": Identity(
        lambda x, y, z: engine.mean([x, y, z]),
        lambda x, y, z: engine.sum([x, y, z]) / 3.0,
        2,
        operands=3,
    ),
    "std = √var": Identity(
        lambda x, y, z: engine.std([x, y, z], 1),
        lambda x, y, z: engine.sqrt(engine.var([x, y, z], 1)),
        *(64, 64, 1.0, 2.0, 3),
    ),
}


@pytest.mark.parametrize("name", IDENTITIES)
@given(data=st.data())
def test_identity(name: str, data: st.DataObject) -> None:
    identity = IDENTITIES[name]
    numbers = st.floats(identity.low, identity.high)
    point = [data.draw(numbers) for _ in range(identity.operands)]
    if name == "std = √var" and len({*point}) == 1:
        return  # a kink, where the two conventions differ: 0 and 0·inf
    results = []
    for function in (identity.left, identity.right):
        leaves = [Value(x) for x in point]
        out = function(*leaves)
        out.backward()
        results.append([out.data, *(leaf.grad for leaf in leaves)])
    for left, right in zip(*results, strict=True):
        if identity.relative == identity.absolute == 0.0:
            assert bits(left + 0.0) == bits(right + 0.0)  # either zero
        else:
            relative = identity.relative * max(abs(left), abs(right))
            assert abs(left - right) <= EPS * (relative + identity.absolute) + 1e-300


ON_ARRAYS = [name for name in IDENTITIES if IDENTITIES[name].operands <= 2 and name not in OF_LISTS]


@pytest.mark.parametrize("name", ON_ARRAYS)
@given(data=st.data())
def test_identity_of_tensors(name: str, data: st.DataObject) -> None:
    # Operands of a column and a row, of which each element of the result meets two.
    identity = IDENTITIES[name]
    numbers = st.floats(identity.low, identity.high)
    shapes = [(2, 1), (3,)][: identity.operands]
    arrays = [
        np.array([data.draw(numbers) for _ in range(math.prod(s))]).reshape(s) for s in shapes
    ]
    results = []
    for function in (identity.left, identity.right):
        leaves = [Tensor(x, requires_grad=True) for x in arrays]
        out = function(*leaves)
        place = tuple(n - 1 for n in out.shape)
        out[place].backward()  # of one element, so that no sum of gradients cancels
        results.append([out.data, *(leaf.grad for leaf in leaves)])
    for left, right in zip(*results, strict=True):
        left, right = np.array(left), np.array(right)
        assert left.shape == right.shape
        # NumPy's functions are 1 unit further off than those of the C library.
        with np.errstate(all="ignore"):
            scale = np.maximum(np.abs(left), np.abs(right))
            allowed = (identity.relative + 2.0) * (EPS * scale) + EPS * identity.absolute + 1e-300
            if identity.relative == identity.absolute == 0.0:
                allowed = np.zeros_like(scale)
            same = (left == right) | (np.isnan(left) & np.isnan(right))
            assert np.all(same | (np.abs(left - right) <= allowed))
