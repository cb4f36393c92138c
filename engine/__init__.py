"""stepgrad's engine: write mathematics on single numbers, see every node, get exact gradients."""

from typing import TYPE_CHECKING, Any

from engine._core import choose

compiled = choose()  # before the imports below, which it decides on

from engine.errors import (
    EngineError,
    GraphError,
    NonFiniteError,
    NumberError,
    OperandError,
    PrimitiveError,
    ShapeError,
)
from engine.graph import backward, topological_order
from engine.modes import (
    detect_anomaly,
    enable_grad,
    no_grad,
    record_source,
    scope,
)
from engine.ops import (
    abs as abs,
    acos,
    acosh,
    add,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    cbrt,
    ceil,
    clip,
    cos,
    cosh,
    divide,
    elu,
    erf,
    erfc,
    exp,
    exp2,
    expm1,
    floor,
    floor_divide,
    gelu,
    hardtanh,
    hypot,
    identity,
    leaky_relu,
    lgamma,
    log,
    log1p,
    log2,
    log10,
    log_sigmoid,
    logaddexp,
    maximum,
    minimum,
    multiply,
    negative,
    normal_cdf,
    normal_pdf,
    polygamma,
    power,
    reciprocal,
    relu,
    relu6,
    remainder,
    round as round,
    sech_squared,
    selu,
    sigmoid,
    sign,
    silu,
    sin,
    sinc,
    sinh,
    softplus,
    spherical_bessel,
    sqrt,
    square,
    step,
    subtract,
    tan,
    tanh,
    where,
    xlogy,
)
from engine.primitive import primitive
from engine.reductions import (
    log_softmax,
    logsumexp,
    max as max,
    mean,
    min as min,
    norm,
    prod,
    softmax,
    std,
    sum as sum,
    var,
)
from engine.transforms import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from engine.value import Value, dot
from engine.view.drawing import draw, draw_dot
from engine.view.steps import steps

if TYPE_CHECKING:
    from engine.arrays.cumulative import argmax, cumprod, cumsum
    from engine.arrays.joining import concat, stack
    from engine.arrays.linalg import linear, matmul
    from engine.arrays.shaping import broadcast_to, permute_dims, reshape
    from engine.tensor import Tensor

# What is for arrays alone, by the module that has it: loaded when first asked for, since the
# import of NumPy takes longer than that of all the rest.
ARRAYS = {
    "Tensor": "tensor",
    "argmax": "arrays.cumulative",
    "broadcast_to": "arrays.shaping",
    "concat": "arrays.joining",
    "cumprod": "arrays.cumulative",
    "cumsum": "arrays.cumulative",
    "linear": "arrays.linalg",
    "matmul": "arrays.linalg",
    "permute_dims": "arrays.shaping",
    "reshape": "arrays.shaping",
    "stack": "arrays.joining",
}


def __getattr__(name: str) -> Any:
    if name not in ARRAYS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    from importlib import import_module

    found = getattr(import_module(f"{__name__}.{ARRAYS[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *ARRAYS})


__all__ = [
    "EngineError",
    "GraphError",
    "NonFiniteError",
    "NumberError",
    "OperandError",
    "PrimitiveError",
    "ShapeError",
    "Tensor",
    "Value",
    "acos",
    "acosh",
    "add",
    "argmax",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "backward",
    "broadcast_to",
    "cbrt",
    "ceil",
    "clip",
    "compiled",
    "concat",
    "cos",
    "cosh",
    "cumprod",
    "cumsum",
    "detect_anomaly",
    "divide",
    "dot",
    "draw",
    "draw_dot",
    "elu",
    "enable_grad",
    "erf",
    "erfc",
    "exp",
    "exp2",
    "expm1",
    "floor",
    "floor_divide",
    "gelu",
    "grad",
    "hardtanh",
    "hessian",
    "hvp",
    "hypot",
    "identity",
    "jacobian",
    "jvp",
    "leaky_relu",
    "lgamma",
    "linear",
    "log",
    "log1p",
    "log2",
    "log10",
    "log_sigmoid",
    "log_softmax",
    "logaddexp",
    "logsumexp",
    "matmul",
    "maximum",
    "mean",
    "minimum",
    "multiply",
    "negative",
    "no_grad",
    "norm",
    "normal_cdf",
    "normal_pdf",
    "permute_dims",
    "polygamma",
    "power",
    "primitive",
    "prod",
    "reciprocal",
    "record_source",
    "relu",
    "relu6",
    "remainder",
    "reshape",
    "scope",
    "sech_squared",
    "selu",
    "sigmoid",
    "sign",
    "silu",
    "sin",
    "sinc",
    "sinh",
    "softmax",
    "softplus",
    "spherical_bessel",
    "sqrt",
    "square",
    "stack",
    "std",
    "step",
    "steps",
    "subtract",
    "tan",
    "tanh",
    "topological_order",
    "value_and_grad",
    "var",
    "vjp",
    "where",
    "xlogy",
]
