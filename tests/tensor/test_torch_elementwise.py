"""The elementwise rows, reductions and losses against PyTorch, where it is installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine
from engine import Tensor
from engine.arrays.cross_entropy import cross_entropy

torch = pytest.importorskip("torch")
functional = torch.nn.functional

inf, nan = np.inf, np.nan
Function = Callable[..., Any]

REAL, POSITIVE, UNIT = (-3.0, 3.0), (0.1, 3.0), (-0.95, 0.95)
# Ours, PyTorch's, and from where operands are drawn. (PyTorch's polygamma has but ten digits.)
ONE: dict[str, tuple[Function, Function, tuple[float, float]]] = {
    **{
        name: (getattr(engine, name), getattr(torch, name), REAL)
        for name in (
            *("abs", "exp", "exp2", "expm1", "square", "sin", "cos", "tan", "atan", "sinh"),
            *("cosh", "tanh", "asinh", "relu", "selu", "sigmoid", "sign", "floor", "ceil"),
            *("round", "erf", "erfc", "sinc", "reciprocal"),
        )
    },
    **{
        name: (getattr(engine, name), getattr(torch, name), POSITIVE)
        for name in ("log", "log2", "log10", "log1p", "sqrt", "lgamma")
    },
    **{
        name: (getattr(engine, name), getattr(torch, name), UNIT)
        for name in ("asin", "acos", "atanh")
    },
    "acosh": (engine.acosh, torch.acosh, (1.1, 5.0)),
    "normal_cdf": (engine.normal_cdf, torch.special.ndtr, REAL),
    "gelu": (engine.gelu, functional.gelu, REAL),
    "silu": (engine.silu, functional.silu, REAL),
    "elu": (engine.elu, functional.elu, REAL),
    "leaky_relu": (engine.leaky_relu, functional.leaky_relu, REAL),
    "softplus": (engine.softplus, functional.softplus, REAL),
    "log_sigmoid": (engine.log_sigmoid, functional.logsigmoid, REAL),
    "relu6": (engine.relu6, functional.relu6, (-3.0, 9.0)),
    "hardtanh": (engine.hardtanh, functional.hardtanh, REAL),
    "clip": (lambda x: engine.clip(x, -1.0, 2.0), lambda x: torch.clamp(x, -1.0, 2.0), REAL),
}
TWO: dict[str, tuple[Function, Function, tuple[float, float]]] = {
    "+": (lambda x, y: x + y, lambda x, y: x + y, REAL),
    "-": (lambda x, y: x - y, lambda x, y: x - y, REAL),
    "·": (lambda x, y: x * y, lambda x, y: x * y, REAL),
    "/": (lambda x, y: x / y, lambda x, y: x / y, REAL),
    "**": (lambda x, y: x**y, lambda x, y: x**y, POSITIVE),
    "%": (lambda x, y: x % y, lambda x, y: x % y, REAL),
    "maximum": (engine.maximum, torch.maximum, REAL),
    "minimum": (engine.minimum, torch.minimum, REAL),
    "atan2": (engine.atan2, torch.atan2, REAL),
    "hypot": (engine.hypot, torch.hypot, REAL),
    "logaddexp": (engine.logaddexp, torch.logaddexp, REAL),
    "xlogy": (engine.xlogy, torch.xlogy, POSITIVE),
}
ALONG: dict[str, tuple[Function, Function]] = {
    "sum": (engine.sum, torch.sum),
    "mean": (engine.mean, torch.mean),
    "logsumexp": (engine.logsumexp, torch.logsumexp),
    "norm": (engine.norm, lambda x, dim, keepdim: torch.linalg.vector_norm(x, 2, dim, keepdim)),
    "max": (engine.max, torch.amax),
    "min": (engine.min, torch.amin),
    "var": (
        lambda x, **along: x.var(correction=1, **along),
        lambda x, dim, keepdim: torch.var(x, dim, correction=1, keepdim=keepdim),
    ),
    "std": (
        lambda x, **along: x.std(**along),
        lambda x, dim, keepdim: torch.std(x, dim, correction=0, keepdim=keepdim),
    ),
}
ONE_AXIS: dict[str, tuple[Function, Function]] = {
    "prod": (lambda x, axis: engine.prod(x, axis=axis), torch.prod),
    "softmax": (engine.softmax, torch.softmax),
    "log_softmax": (engine.log_softmax, torch.log_softmax),
    "cumsum": (engine.cumsum, torch.cumsum),
    "cumprod": (engine.cumprod, torch.cumprod),
}
DTYPES = pytest.mark.parametrize("dtype", [np.float64, np.float32])


def compare(ours: Function, theirs: Function, arrays: list[Any]) -> None:
    leaves = [Tensor(x, requires_grad=True) for x in arrays]
    tensors = [torch.tensor(x, requires_grad=True) for x in arrays]
    out, expected = ours(*leaves), theirs(*tensors)
    seed = np.linspace(-1.0, 2.0, out.size).reshape(out.shape).astype(arrays[0].dtype)
    out.backward(seed)
    expected.backward(torch.tensor(seed))
    # PyTorch's own functions are up to about 10 ulp off, and composed rules cancel to as much.
    close = {"rtol": 200 * np.finfo(seed.dtype).eps, "atol": 50 * np.finfo(seed.dtype).eps}
    assert str(out.dtype) == str(expected.dtype).removeprefix("torch.")
    np.testing.assert_allclose(out.data, expected.detach().numpy(), **close)
    for leaf, tensor in zip(leaves, tensors, strict=True):
        np.testing.assert_allclose(leaf.grad, tensor.grad.numpy(), **close)


def drawn(domain: tuple[float, float], dtype: Any, *shapes: tuple[int, ...]) -> list[Any]:
    rng = np.random.default_rng(0)
    return [rng.uniform(*domain, shape).astype(dtype) for shape in shapes]


@DTYPES
@pytest.mark.parametrize("name", ONE)
def test_one_operand(name: str, dtype: Any) -> None:
    ours, theirs, domain = ONE[name]
    compare(ours, theirs, drawn(domain, dtype, (50,)))


@DTYPES
@pytest.mark.parametrize("name", TWO)
def test_two_operands_broadcast(name: str, dtype: Any) -> None:
    ours, theirs, domain = TWO[name]
    for shapes in [((4, 3), (3,)), ((1, 3, 1), (2, 1, 4)), ((), (2, 2))]:
        compare(ours, theirs, drawn(domain, dtype, *shapes))


@DTYPES
@pytest.mark.parametrize("name", ALONG)
@pytest.mark.parametrize("axis", [0, -1, (0, 2), (0, 1, 2)], ids=str)
@pytest.mark.parametrize("keepdims", [False, True])
def test_reductions(name: str, axis: Any, keepdims: bool, dtype: Any) -> None:
    ours, theirs = ALONG[name]
    compare(
        lambda x: ours(x, axis=axis, keepdims=keepdims),
        lambda x: theirs(x, dim=axis, keepdim=keepdims),
        drawn(REAL, dtype, (2, 3, 4)),
    )


@DTYPES
@pytest.mark.parametrize("name", ONE_AXIS)
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_along_one_axis(name: str, axis: int, dtype: Any) -> None:
    ours, theirs = ONE_AXIS[name]
    (x,) = drawn(REAL, dtype, (4, 5, 3))
    x[1, 2, 0] = x[3, 2, 0] = 0.0
    compare(lambda x: ours(x, axis=axis), lambda x: theirs(x, dim=axis), [x])


@DTYPES
@pytest.mark.parametrize("scale", [1.0, 50.0])
def test_cross_entropy(scale: float, dtype: Any) -> None:
    (x,) = drawn((-scale, scale), dtype, (32, 10))
    labels = np.random.default_rng(1).integers(0, 10, 32)
    compare(
        lambda x: cross_entropy(x, labels),
        lambda x: functional.cross_entropy(x, torch.tensor(labels)),
        [x],
    )


# Not clip: at its bounds the gradient is 1, as PyTorch's clamp had it until 2.14 made it 0.
TIES: dict[str, tuple[Function, Function]] = {
    "max": (lambda x: engine.max(x, axis=0), lambda x: torch.amax(x, 0)),
    "min": (lambda x: engine.min(x, axis=0), lambda x: torch.amin(x, 0)),
    "norm": (lambda x: engine.norm(x, axis=0), lambda x: torch.linalg.vector_norm(x, 2, 0)),
    "relu": (engine.relu, torch.relu),
    "abs": (engine.abs, torch.abs),
    "elu": (engine.elu, functional.elu),
    "selu": (engine.selu, functional.selu),
    "relu6": (engine.relu6, functional.relu6),
    "sqrt": (engine.sqrt, torch.sqrt),
    "prod": (lambda x: engine.prod(x, axis=0), lambda x: torch.prod(x, 0)),
}


@pytest.mark.parametrize("name", TIES)
def test_conventions_that_are_pytorchs(name: str) -> None:
    compare(*TIES[name], [np.array([[0.0, 1.0, 0.0], [0.0, 1.0, 3.0], [0.0, 0.0, 3.0]])])
