"""From whatever a user calls an array to one of float64 or float32, or to an error that helps.

float64 is the rule; float32 is kept where it comes from a float32 array or is asked for. Two
Tensors of different dtypes give float64, as in NumPy; a number or a plain array beside a Tensor
takes that Tensor's dtype, so a float32 network stays float32 whatever it is fed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.coercion import as_float, not_a_number, refused
from engine.errors import NotScalarError, OperandError, ShapeError
from engine.node import Node
from engine.op import is_array

Array: TypeAlias = NDArray[Any]

FLOAT64 = np.dtype(np.float64)
FLOAT32 = np.dtype(np.float32)
MOST_AXES = 64  # that NumPy gives an array


def float_type(dtype: Any) -> Any:
    """Return what a user gave as a dtype, if it is float64 or float32.

    Raises:
        OperandError: it is another type, or none.
    """
    try:
        wanted = np.dtype(dtype)
    except (TypeError, ValueError):  # the latter of a text that ends too soon
        wanted = None
    if wanted is None or wanted not in (FLOAT64, FLOAT32):  # to NumPy, None is float64
        raise OperandError(
            f"the dtype of a Tensor is float64 or float32, got {dtype!r}: only floats have "
            "gradients"
        )
    return wanted


def new_array(data: Any, dtype: Any = None, name: str = "Tensor()") -> Array:
    """Return a new array of floats that shares no memory with what it is made from.

    Args:
        data: a number, an array, or nested lists of numbers, all rows of one length.
        dtype: float64 or float32; None keeps a float32 array and makes all else float64.
        name: what the array is for, as errors say it.

    Raises:
        OperandError: there is something in it that is no real number.
        ShapeError: the rows of a nested list have different lengths.
        NumberError: a number is too large for a float.
    """
    wanted = None if dtype is None else float_type(dtype)
    if isinstance(data, Node):
        if hasattr(data, "ndim"):
            raise OperandError(f"{name} takes arrays, got a Tensor: use its .data")
        raise not_a_number(data, name)
    array = data if isinstance(data, np.ndarray) else nested_array(data, name)
    if wanted is None:
        wanted = FLOAT32 if array.dtype == FLOAT32 else FLOAT64
    if array.dtype.kind == "O":
        return _from_objects(array, wanted, name)
    if array.dtype.kind not in "fiub":
        raise OperandError(
            f"{name} takes real numbers, got an array of {array.dtype}: turn it into floats first"
        )
    return np.array(array, wanted, order="C")


def like(x: Any, dtype: np.dtype[Any], name: str) -> Array | None:
    """Return an operand beside a Tensor as an array of its dtype; None if it is neither
    number nor array, so that the operand may know itself what to do.

    Raises:
        OperandError: it is known to be no operand.
    """
    if isinstance(x, np.ndarray):
        return new_array(x, dtype, name)
    number = as_float(x)
    if number is not None:
        return np.array(number, dtype)
    if isinstance(x, Node):
        raise OperandError(
            f"{name} met a Value beside a Tensor: Tensor.from_values(values) makes a Tensor of "
            "Values and tensor.to_values() Values of a Tensor, and gradients flow through"
        )
    if isinstance(x, list | tuple):
        raise OperandError(
            f"{name} takes Tensors, arrays and numbers, got a {type(x).__name__}: use np.array(...)"
        )
    if refused(x):
        raise not_a_number(x, name)
    return None


def nested_array(data: Any, name: str) -> Array:
    """Return nested lists of numbers, or one number, as an array of any type.

    Raises:
        ShapeError: the rows have different lengths.
        OperandError: there are Tensors in it, or it is something else.
    """
    if not isinstance(data, list | tuple):
        number = as_float(data)
        if number is not None:
            return np.array(number)
        if hasattr(data, "__array__") or isinstance(data, range):
            return np.asarray(data)
        raise not_a_number(data, name)
    try:
        array = np.array(data)
    except (ValueError, OperandError):  # the latter if it asked a Tensor for its number
        if _holds_tensors(islice(_levels(data), MOST_AXES)):
            raise _losing_gradients(name) from None
        odd = _odd_row(data)
        raise ShapeError(
            f"{name}: the rows of a nested list have different lengths, or are mixed with numbers: "
            f"{odd}"
            if odd
            else f"{name}: the list is nested deeper than the axes that an array can have"
        ) from None
    if _holds_tensors(islice(_levels(data), array.ndim - 1)):  # none that has axes is a number
        raise _losing_gradients(name)
    return array


def _levels(data: Any) -> Iterator[list[Any]]:
    """Yield all that nested lists hold, what lies deeper later."""
    level = [data]
    while level:
        level = [item for row in level if isinstance(row, list | tuple) for item in row]
        yield level


def _holds_tensors(levels: Iterable[list[Any]]) -> bool:
    return any(isinstance(item, Node) and is_array(item) for level in levels for item in level)


def _losing_gradients(name: str) -> OperandError:
    return OperandError(
        f"{name} takes numbers, got a list with Tensors in it: stack(...) keeps their gradients"
    )


def _odd_row(data: Any) -> str:
    """Return which item of nested lists first differs from those beside it; "" if none does."""
    level = [("", data)]
    for _ in range(MOST_AXES):
        level = [
            (f"{place}[{i}]", item)
            for place, row in level
            if _is_row(row)
            for i, item in enumerate(row)
        ]
        kinds = [f"a list of {len(x)}" if _is_row(x) else "a number" for _, x in level]
        for (place, _), kind in zip(level, kinds, strict=True):
            if kind != kinds[0]:
                return f"{level[0][0]} is {kinds[0]}, {place} is {kind}"
    return ""


def _is_row(x: Any) -> bool:
    return isinstance(x, list | tuple | range) or getattr(x, "ndim", 0) > 0


def _from_objects(array: Array, dtype: np.dtype[Any], name: str) -> Array:
    """Return an array of Fractions, Decimals or large ints as one of floats."""
    result = np.empty(array.shape, dtype)
    for place, item in np.ndenumerate(array):
        if isinstance(item, Node):
            raise OperandError(
                f"{name} takes numbers, got a {type(item).__name__} at {list(place)}: "
                "Tensor.from_values(...) and stack(...) keep gradients"
            )
        number = as_float(item)
        if number is None:
            raise not_a_number(item, f"{name} at {list(place)}")
        result[place] = number
    return result


def axes_of(axis: Any, ndim: int, name: str) -> tuple[int, ...]:
    """Return an axis argument as axes from 0 on: None is all of them.

    Raises:
        ShapeError: an axis is out of range or named twice.
        OperandError: an axis is no whole number.
    """
    if axis is None:
        return tuple(range(ndim))
    given = axis if isinstance(axis, tuple | list) else (axis,)
    for item in given:
        if isinstance(item, bool) or not isinstance(item, int | np.integer):
            raise OperandError(f"{name}: an axis is a whole number, got {item!r}")
        if not -ndim <= item < ndim:
            last = f"{-ndim} to {ndim - 1}" if ndim else "none, for it is a single number"
            raise ShapeError(f"{name}: there is no axis {item}; the array has {last}")
    axes = tuple([int(item) % ndim for item in given])
    if len(set(axes)) < len(axes):
        raise ShapeError(f"{name}: an axis is named twice in {axis!r}")
    return axes


def axis_of(axis: Any, ndim: int, name: str) -> int:
    """Return an axis argument that has to be a single one, from 0 on.

    Raises:
        ShapeError: the axis is out of range.
        OperandError: it is no whole number.
    """
    return axes_of((axis,), ndim, name)[0]


def seed_array(
    gradient: Any, shape: tuple[int, ...], dtype: np.dtype[Any], name: str = "backward()"
) -> Array:
    """Return what a backward sweep starts with at a Tensor of a shape.

    Args:
        gradient: a number or an array.
        shape: that of the Tensor.
        dtype: that of the Tensor.
        name: what the gradient is for, as errors say it.

    Raises:
        ShapeError: the gradient has another shape; a number does for a single element only.
    """
    seed = new_array(gradient, dtype, name)
    if seed.shape == shape:
        return seed
    if seed.ndim == 0 and np.prod(shape) == 1:
        return seed.reshape(shape)
    if seed.ndim == 0 and name == "backward()":
        raise NotScalarError(
            f"{name} of a Tensor of shape {shape} needs a gradient of that shape: call "
            ".sum() or .mean() first, or backward(np.ones(shape))"
        )
    raise ShapeError(f"{name} of a Tensor of shape {shape} got a gradient of shape {seed.shape}")


def is_result(x: Any, operands: Sequence[Any]) -> bool:
    """Return whether an array can be what a rule gives for operands.

    It has numbers, a shape that broadcasts to theirs, and nan only where an operand has one.
    """
    if x.dtype.kind not in "fiub":
        return False
    arrays = [np.asarray(operand) for operand in operands]
    whole = np.broadcast_shapes(*[array.shape for array in arrays])
    try:
        if np.broadcast_shapes(x.shape, whole) != whole:
            return False
    except ValueError:
        return False
    known = np.logical_or.reduce(np.broadcast_arrays(*map(np.isnan, arrays)))
    return not bool(np.any(np.isnan(x) & ~known))
