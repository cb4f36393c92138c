"""The bridge between Values and Tensors, which gradients cross both ways.

Compiled with mypyc where a C compiler was at hand at install, plain Python otherwise.
"""

from __future__ import annotations

from typing import Any, Final, cast

import numpy as np
from mypy_extensions import i64, mypyc_attr

from engine.arrays.array_op import ArrayOp
from engine.arrays.dtypes import FLOAT64, float_type
from engine.arrays.indexing import scatter
from engine.arrays.leaves import nested
from engine.arrays.shaping import reshape
from engine.coercion import as_float, not_a_number
from engine.errors import ShapeError
from engine.node import Many, Node
from engine.tensor import UNSET as NO_ARRAY, Tensor
from engine.value import UNSET as NO_NUMBER, Value


def gather_row() -> Gather:
    """Return the row of Tensors made of Values, as unpickling does."""
    return GATHER


def pick_row() -> Pick:
    """Return the row of Values that are elements of Tensors, as unpickling does."""
    return PICK


class Gather(ArrayOp):
    """The row of a Tensor made of Values; its operands are the Values, in the order of elements."""

    def __init__(self) -> None:
        super().__init__(
            "from_values",
            np.array,
            symbol="[…]",
            formula="the element of g",
            origin=(gather_row, ()),
        )

    def pull(self, place: int, gradient: Any, out: Any, operands: Any) -> Any:
        """Return the part of a Tensor's gradient that goes to one of the Values."""
        if isinstance(gradient, Tensor):
            return entry(gradient, place)
        return float(gradient.flat[place])


class Pick(ArrayOp):
    """The row of a Value that is an element of a Tensor."""

    def __init__(self) -> None:
        super().__init__(
            "to_values",
            np.array,
            symbol="[i]",
            formula="g at the element",
            origin=(pick_row, ()),
        )

    def pull(self, place: int, gradient: Any, out: Any, operands: Any) -> Any:
        """Return the Tensor's gradient from that of the one Value."""
        tensor = operands[0]
        flat = scatter(gathered([gradient], (1,), tensor.dtype), [out._place], (tensor.size,))
        return reshape(flat, tensor.shape)


GATHER: Final = Gather()
PICK: Final = Pick()


@mypyc_attr(acyclic=True)
class GatheredTensor(Tensor):
    """A Tensor whose elements are Values."""

    __slots__ = ()

    def _maker(self) -> tuple[Any, tuple[Any, ...]]:
        return blank, ()

    def _unchanged(self, operands: list[Node]) -> list[Any]:
        return []  # its elements were copied, and each derivative is 1

    def _pulled(self, gradient: Any, wanted: list[bool]) -> list[Any]:
        numbers: list[Any] = gradient.ravel().tolist()
        return numbers

    def _spread(self, floor: i64) -> None:
        numbers: list[float] = self._grad.ravel().tolist()
        many = cast("Many", self._many)
        for operand, number in zip(many.operands, numbers, strict=True):
            if operand._requires_grad and floor < operand._index < self._index:
                operand._seed(number)


@mypyc_attr(acyclic=True)
class PickedValue(Value):
    """A Value that is an element of a Tensor."""

    __slots__ = ("_place",)

    def __init__(self, place: i64) -> None:
        super().__init__(NO_NUMBER)
        self._place: i64 = place

    def _maker(self) -> tuple[Any, tuple[Any, ...]]:
        return PickedValue, (self._place,)

    def _pulled(self, gradient: Any, wanted: list[bool]) -> list[Any]:
        tensor = cast("Tensor", self._a)
        part = np.zeros(tensor.shape, tensor.dtype)
        part.flat[self._place] = gradient
        return [part]

    def _spread(self, floor: i64) -> None:
        tensor = cast("Tensor", self._a)
        if tensor._requires_grad and floor < tensor._index < self._index:
            tensor._receive_at(self._place, self._grad)


def blank() -> GatheredTensor:
    """Return a Tensor that copying or unpickling fills in."""
    return GatheredTensor(NO_ARRAY)


def from_values(rows: Any, dtype: Any = None) -> Tensor:
    """Return a Tensor of nested lists of Values and numbers; gradients flow on to the Values.

    Args:
        rows: nested lists, all rows of one length; or a single Value.
        dtype: float64 if not given, or float32.

    Raises:
        ShapeError: the rows have different lengths.
        OperandError: there is something in it that is neither a number nor a Value, or the dtype
            is none of the two.

    >>> a, b = Value(2.0), Value(3.0)
    >>> t = from_values([[a, b], [a, 1.0]])
    >>> (t * t).sum().backward()
    >>> a.grad, b.grad
    (8.0, 6.0)
    """
    leaves: list[Any] = []
    shape = _collect(rows, leaves)
    return gathered(leaves, shape, FLOAT64 if dtype is None else float_type(dtype))


def gathered(leaves: list[Any], shape: tuple[int, ...], dtype: Any) -> Tensor:
    """Return a Tensor of a shape from its elements, Values and numbers, in order."""
    values: list[Node] = []
    for leaf in leaves:
        values.append(leaf if isinstance(leaf, Value) else Value(leaf, requires_grad=False))
    data = np.array([cast("Value", value)._data for value in values], dtype).reshape(shape)
    if not any(value._requires_grad for value in values):
        return Tensor(data)
    out = GatheredTensor(NO_ARRAY)
    out._data = data
    out._op = GATHER
    out._many = Many(values, [])
    return out


def to_values(tensor: Tensor) -> Any:
    """Return the elements of a Tensor as nested lists of Values; gradients flow back to it.

    >>> t = Tensor([1.0, 2.0], requires_grad=True)
    >>> x, y = to_values(t)
    >>> (x * y).backward()
    >>> t.grad
    array([2., 1.])
    """
    values = [entry(tensor, place) for place in range(tensor.size)]
    return nested(iter(values), tensor.shape)


def entry(tensor: Any, place: int) -> Value:
    """Return one element of a Tensor, by its place in the order of elements, as a Value."""
    number = float(tensor._data.flat[place])
    if not tensor._requires_grad:
        return Value(number, requires_grad=False)
    out = PickedValue(place)
    out._data = number
    out._op = PICK
    out._a = tensor
    out._da = 1.0
    return out


def _collect(rows: Any, leaves: list[Any]) -> tuple[int, ...]:
    """Append the leaves of nested lists in order, and return the shape."""
    if isinstance(rows, Value):
        leaves.append(rows)
        return ()
    if not isinstance(rows, list | tuple):
        number = as_float(rows)
        if number is None:
            raise not_a_number(rows, "Tensor.from_values()")
        leaves.append(number)
        return ()
    shapes = [_collect(item, leaves) for item in rows]
    if len(set(shapes)) > 1:
        raise ShapeError(
            f"Tensor.from_values(): rows of different shapes, {shapes[0]} and "
            f"{next(shape for shape in shapes if shape != shapes[0])}"
        )
    return (len(rows), *(shapes[0] if shapes else ()))
