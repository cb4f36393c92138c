"""What NumPy's own functions do with Tensors: the op that records it, or an error that says more.

NumPy asks its arguments before it computes (NEP 13 and NEP 18). Without an answer it would turn a
Tensor into an array, and the gradient would be lost in silence.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

import engine
from engine import ops
from engine.arrays.linalg import matmul
from engine.errors import OperandError
from engine.op import Op
from engine.tensor import Tensor

Function = Callable[..., Any]

ROWS: dict[Any, Function] = {
    **{
        found: row
        for name, row in vars(ops).items()
        if isinstance(row, Op) and isinstance(found := getattr(np, name, None), np.ufunc)
    },
    np.positive: ops.identity,
    np.fabs: ops.abs,
    np.rint: ops.round,
    np.matmul: matmul,
}
"""The op for each universal function of NumPy that has one."""

COMPARISONS = {
    *(np.less, np.less_equal, np.greater, np.greater_equal),
    *(np.isnan, np.isinf, np.isfinite, np.signbit, np.logical_not),
}
"""The universal functions that give truth values, which have no gradient to lose."""

PLAIN = {
    *(np.shape, np.ndim, np.size, np.allclose, np.isclose, np.array_equal, np.result_type),
    *(np.zeros_like, np.ones_like, np.full_like, np.empty_like, np.copy),
    *(np.argmax, np.argmin, np.argsort, np.nonzero, np.count_nonzero, np.any, np.all),
    *(np.array_repr, np.array_str, np.array2string, np.save, np.savez, np.savetxt),
}
"""The functions that look at numbers, or that say in so many words that they copy them."""

FUNCTIONS: dict[Any, Function] = {
    np.sum: lambda a, axis=None, *, keepdims=False: engine.sum(a, axis=axis, keepdims=keepdims),
    np.mean: lambda a, axis=None, *, keepdims=False: engine.mean(a, axis=axis, keepdims=keepdims),
    np.prod: lambda a, axis=None, *, keepdims=False: engine.prod(a, axis=axis, keepdims=keepdims),
    np.max: lambda a, axis=None, *, keepdims=False: engine.max(a, axis=axis, keepdims=keepdims),
    np.min: lambda a, axis=None, *, keepdims=False: engine.min(a, axis=axis, keepdims=keepdims),
    np.var: lambda a, axis=None, *, ddof=0, keepdims=False: engine.var(
        a, ddof, axis=axis, keepdims=keepdims
    ),
    np.std: lambda a, axis=None, *, ddof=0, keepdims=False: engine.std(
        a, ddof, axis=axis, keepdims=keepdims
    ),
    np.linalg.norm: lambda x, *, axis=None, keepdims=False: engine.norm(
        x, axis=axis, keepdims=keepdims
    ),
    np.cumsum: lambda a, axis=None: engine.cumsum(a, axis),
    np.cumprod: lambda a, axis=None: engine.cumprod(a, axis),
    np.dot: lambda a, b: engine.dot(a, b),
    np.outer: lambda a, b: engine.outer(a, b),
    np.tensordot: lambda a, b, axes=2: engine.tensordot(a, b, axes),
    np.einsum: lambda subscripts, *operands: engine.einsum(subscripts, *operands),
    np.reshape: lambda a, shape: engine.reshape(a, shape),
    np.ravel: lambda a: engine.reshape(a, (-1,)),
    np.transpose: lambda a, axes=None: engine.transpose(a, axes),
    np.moveaxis: lambda a, source, destination: engine.moveaxis(a, source, destination),
    np.swapaxes: lambda a, axis1, axis2: engine.swapaxes(a, axis1, axis2),
    np.expand_dims: lambda a, axis: engine.expand_dims(a, axis),
    np.squeeze: lambda a, axis=None: engine.squeeze(a, axis),
    np.broadcast_to: lambda array, shape: engine.broadcast_to(array, shape),
    np.concatenate: lambda arrays, axis=0: engine.concat(arrays, axis),
    np.stack: lambda arrays, axis=0: engine.stack(arrays, axis),
    np.split: lambda ary, indices_or_sections, axis=0: engine.split(ary, indices_or_sections, axis),
    np.flip: lambda m, axis=None: engine.flip(m, axis),
    np.roll: lambda a, shift, axis=None: engine.roll(a, shift, axis),
    np.repeat: lambda a, repeats, axis=None: engine.repeat(a, repeats, axis),
    np.tile: lambda A, reps: engine.tile(A, reps),  # noqa: N803 (NumPy's name)
    np.sort: lambda a, axis=-1: engine.sort(a, axis),
    np.take: lambda a, indices, axis=None: engine.take(a, indices, axis),
    np.take_along_axis: lambda arr, indices, axis: engine.take_along_axis(arr, indices, axis),
    np.where: lambda condition, x, y: engine.where(condition, x, y),
    np.clip: lambda a, a_min, a_max: engine.clip(a, a_min, a_max),
    np.round: lambda a: engine.round(a),
    np.sinc: lambda x: engine.sinc(x),
}
"""The function for each of NumPy's, with those of its parameters that it knows."""


def call_ufunc(ufunc: Any, method: str, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Return what a universal function of NumPy gives where a Tensor is among its operands.

    Raises:
        OperandError: no op does the same, or it shall write into an array.
    """
    if method == "__call__" and not options:
        row = ROWS.get(ufunc)
        if row is not None:
            return row(*inputs)
        if ufunc in COMPARISONS:
            return ufunc(*[_plain(x) for x in inputs])
        if ufunc in (np.equal, np.not_equal):
            return (inputs[0] is inputs[1]) == (ufunc is np.equal)  # as for `t == array`
    name = f"numpy.{ufunc.__name__}"
    if options.get("out") is not None:
        raise OperandError(
            f"{name} cannot write a Tensor into an array, which holds no gradient: write a = a + t "
            "instead of a += t, without out="
        )
    more = "".join([f" with {option}" for option in options])
    raise _dropping(f"{name}{'' if method == '__call__' else f'.{method}'}{more}")


def call_function(function: Any, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Return what another function of NumPy gives where a Tensor is among its arguments.

    Raises:
        OperandError: no function of stepgrad does the same, or not with these arguments.

    >>> np.sum(engine.Tensor([[1.0, 2.0], [3.0, 4.0]]), axis=0).tolist()
    [4.0, 6.0]
    """
    ours = FUNCTIONS.get(function)
    if ours is None:
        if function in PLAIN:
            plain = {name: _plain(item) for name, item in options.items()}
            return function(*[_plain(x) for x in arguments], **plain)
        raise _dropping(_name(function))
    signature = inspect.signature(ours)
    try:
        bound = signature.bind(*arguments, **options)
    except TypeError as error:
        raise OperandError(
            f"{_name(function)}() of a Tensor takes {signature}: {error}; for plain numbers, use "
            "the Tensor's .data"
        ) from None
    return ours(*bound.args, **bound.kwargs)


def _name(function: Any) -> str:
    return f"{function.__module__}.{function.__name__}"


def _plain(x: Any) -> Any:
    return x._data if isinstance(x, Tensor) else x


def _dropping(name: str) -> OperandError:
    return OperandError(
        f"{name} would drop the gradient of a Tensor in silence: use stepgrad's own ops, as "
        "engine.exp(t), or the Tensor's .data for plain numbers"
    )
