"""Tensor: an array that remembers how it was computed.

Compiled with mypyc where a C compiler was at hand at install, plain Python otherwise.
"""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeVar, cast

import numpy as np
from mypy_extensions import i64, mypyc_attr

from engine import ops
from engine.anomaly import check_result
from engine.array_node import NDARRAY, ArrayNode
from engine.arrays import indexing, linalg, shaping
from engine.arrays.dtypes import like, new_array
from engine.arrays.elementwise import misfit
from engine.arrays.kernels import kernel
from engine.coercion import not_a_number
from engine.errors import GraphError, OperandError, ShapeError
from engine.graph import backward, operands_of
from engine.node import COUNTERS, Many, Mode, Node, current_mode
from engine.quiet import restore, silence
from engine.scalar import flag
from engine.source import source_line

ADD: Final[Any] = ops.add
SUBTRACT: Final[Any] = ops.subtract
MULTIPLY: Final[Any] = ops.multiply
DIVIDE: Final[Any] = ops.divide
POWER: Final[Any] = ops.power
FLOOR_DIVIDE: Final[Any] = ops.floor_divide
REMAINDER: Final[Any] = ops.remainder
NEGATIVE: Final[Any] = ops.negative
MATMUL: Final[Any] = linalg.matmul
T = TypeVar("T")

EXACT: Final = 2**53  # whole numbers below it are floats
UNSET: Final = object()  # makes a Tensor that its maker fills in


@mypyc_attr(acyclic=True, free_list_len=1)
class Tensor(ArrayNode):
    """An array that remembers how it was computed, so that it can be differentiated.

    Args:
        data: a number, an array, or nested lists of numbers; it is copied.
        label: the name shown in pictures.
        requires_grad: True makes it a leaf that gradients flow to; else it is a constant.
        dtype: float64 or float32; None keeps a float32 array and makes all else float64.

    Raises:
        OperandError: data holds something that is no number, or dtype is another one.
        ShapeError: the rows of a nested list have different lengths.

    The ops, their derivatives and conventions are those of Value, element by element, with
    NumPy's broadcasting. `==` and hash are identity; `<` and its kin compare data and give arrays.

    >>> w = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    >>> loss = (w * w).sum()
    >>> loss.backward()
    >>> w.grad
    array([[2., 4.],
           [6., 8.]])
    """

    __slots__ = ()

    def __init__(
        self,
        data: object,
        label: str | None = None,
        *,
        requires_grad: bool = False,
        dtype: object = None,
    ) -> None:
        ArrayNode.__init__(self)  # and not super(), which costs plain Python as much again
        if data is UNSET:
            return
        self._data = new_array(data, dtype)
        if label is not None:
            self.label = label
        self._requires_grad = flag(requires_grad)
        if COUNTERS.modes:
            _note(self, current_mode())

    # ----- What it holds ----------------------------------------------------------------------

    @property
    def operands(self) -> tuple[Node, ...]:
        """What the op was applied to, in order, duplicates kept."""
        return operands_of(self)

    @staticmethod
    def from_values(nested: object, dtype: object = None) -> Tensor:
        """Return a Tensor of nested lists of Values, as `engine.bridge.from_values` does."""
        from engine.bridge import from_values  # which makes Tensors

        return from_values(nested, dtype)

    def to_values(self) -> Any:
        """Return the elements as nested lists of Values, as `engine.bridge.to_values` does."""
        from engine.bridge import to_values

        return to_values(self)

    def __array__(self, dtype: object = None, copy: object = None) -> Any:
        return np.array(self._data, dtype)  # type: ignore[call-overload]

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        from engine.numpy_calls import call_ufunc  # which knows all that there is for Tensors

        return call_ufunc(ufunc, method, inputs, options)

    def __array_function__(
        self, function: Any, types: Any, arguments: tuple[Any, ...], options: dict[str, Any]
    ) -> Any:
        from engine.numpy_calls import call_function

        return call_function(function, arguments, options)

    def item(self) -> float:
        """Return the number of a Tensor of one element."""
        if self._data.size != 1:
            raise ShapeError(f"item() is for one element, and this has the shape {self.shape}")
        return self._data.item()

    def tolist(self) -> Any:
        """Return the data as nested lists of numbers."""
        return self._data.tolist()

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else repr(self)

    def __repr__(self) -> str:
        text = np.array2string(self._data, separator=", ", prefix="Tensor(", threshold=100)
        more = "" if self._data.dtype == np.float64 else f", dtype={self._data.dtype}"
        if self._requires_grad:
            more += ", requires_grad=True" if self._op is None else f", op={self.op.name}"
        return f"Tensor({text}{more}{'' if self.label is None else f', label={self.label!r}'})"

    # ----- Gradients --------------------------------------------------------------------------

    def backward(self, gradient: object = 1.0) -> None:
        """Compute the gradient of this with respect to every leaf it was computed from.

        Args:
            gradient: the seed, an array of this shape; a number will do for one element.

        Leaves accumulate over calls; interior gradients are those of the latest call.

        Raises:
            GraphError: this is a constant, or data in the graph were changed since.
            ShapeError: the seed has another shape.
        """
        token = silence()  # once for the whole sweep
        try:
            backward([self], [gradient])
        finally:
            restore(token)

    def subtract_(self, step: Any) -> None:
        """Subtract an array from the data of this leaf in place, as an optimizer does.

        Raises:
            GraphError: this was computed, so that its data follow from others; or it is a
                constant, of which other constants may be views.
        """
        if self._op is not None or not self._requires_grad:
            raise GraphError(
                "only a leaf that requires a gradient can be changed in place: assign to .data"
            )
        np.subtract(self._data, step, self._data)
        self._version += 1

    def detach(self) -> Tensor:
        """Return a constant with a copy of the data, which no gradient flows through."""
        return _constant(self._data.copy())

    # ----- Copies -----------------------------------------------------------------------------

    def _maker(self) -> tuple[Any, tuple[Any, ...]]:
        return blank, ()

    def _content(self) -> tuple[Any, ...]:
        grad = self._grad if self._has_grad else None
        return self._data, grad, self._version, self._seen

    def _take(self, content: tuple[Any, ...]) -> None:
        data, grad, version, seen = content
        self._data = data.copy()
        if grad is not None:
            self._grad = grad.copy()
            self._has_grad = True
        self._version = version
        self._seen = seen

    # ----- Arithmetic -------------------------------------------------------------------------
    # T is Tensor to whoever reads the types, and anything to mypyc, so that NotImplemented passes.

    def __add__(self: T, other: object) -> T:
        return _binary(ADD, self, other)

    def __radd__(self: T, other: object) -> T:
        return _binary(ADD, other, self)

    def __sub__(self: T, other: object) -> T:
        return _binary(SUBTRACT, self, other)

    def __rsub__(self: T, other: object) -> T:
        return _binary(SUBTRACT, other, self)

    def __mul__(self: T, other: object) -> T:
        return _binary(MULTIPLY, self, other)

    def __rmul__(self: T, other: object) -> T:
        return _binary(MULTIPLY, other, self)

    def __truediv__(self: T, other: object) -> T:
        return _binary(DIVIDE, self, other)

    def __rtruediv__(self: T, other: object) -> T:
        return _binary(DIVIDE, other, self)

    def __pow__(self: T, other: object) -> T:
        return _binary(POWER, self, other)

    def __rpow__(self: T, other: object) -> T:
        return _binary(POWER, other, self)

    def __floordiv__(self: T, other: object) -> T:
        return _binary(FLOOR_DIVIDE, self, other)

    def __rfloordiv__(self: T, other: object) -> T:
        return _binary(FLOOR_DIVIDE, other, self)

    def __mod__(self: T, other: object) -> T:
        return _binary(REMAINDER, self, other)

    def __rmod__(self: T, other: object) -> T:
        return _binary(REMAINDER, other, self)

    def __matmul__(self: T, other: object) -> T:
        return _binary(MATMUL, self, other)

    def __rmatmul__(self: T, other: object) -> T:
        return _binary(MATMUL, other, self)

    def __neg__(self) -> Tensor:
        return _apply(NEGATIVE, (self,))

    def __pos__(self) -> Tensor:
        return self

    def __abs__(self) -> Tensor:
        return self.abs()

    def __round__(self, digits: object = None) -> Tensor:
        """Return the nearest whole numbers, halves to even; their gradient is 0."""
        if digits is not None:
            raise OperandError("round(t, digits) is for Values; of a Tensor use round(t)")
        return self.round()

    def __floor__(self) -> Tensor:
        return self.floor()

    def __ceil__(self) -> Tensor:
        return self.ceil()

    def _apply(self, op: Any, operands: Sequence[Any]) -> Tensor:
        return _apply(op, operands)

    # ----- Elements ---------------------------------------------------------------------------

    def __len__(self) -> int:
        if self._data.ndim == 0:
            raise OperandError(
                "len() and iteration need an axis, which this Tensor has not: use .item()"
            )
        return len(self._data)

    def __iter__(self) -> Iterator[Tensor]:
        return iter([self[i] for i in range(len(self))])

    def __reversed__(self) -> Iterator[Tensor]:
        return iter([self[i] for i in range(len(self) - 1, -1, -1)])

    def __contains__(self, item: object) -> bool:
        raise OperandError(
            "`x in t` would compare by identity, which no element has: use (t.data == x).any()"
        )

    def __getitem__(self, key: object) -> Tensor:
        return indexing.getitem(self, key)

    def __setitem__(self, key: object, item: object) -> None:
        raise GraphError(
            "the elements of a Tensor cannot be set, for a graph may hold them: build a new Tensor "
            "with where(mask, a, b) or scatter(), or assign a whole array to .data"
        )

    @property
    def T(self) -> Tensor:  # noqa: N802 (NumPy's name)
        """The Tensor with its axes in reverse order."""
        return shaping.permute_dims(self, tuple(range(self._data.ndim - 1, -1, -1)))


# ----- Recording -------------------------------------------------------------------------------


def _apply(op: Any, operands: Sequence[Any]) -> Tensor:
    """Apply any op of the table, or a user's, to operands of which one is a Tensor."""
    if len(operands) == 1:
        a = cast("Tensor", operands[0])
        return _record(op, _compute(op, a._data, None, None), a, None, None)
    dtype: Any = None
    for x in operands:
        if isinstance(x, Tensor) and dtype is not x._data.dtype:
            dtype = x._data.dtype if dtype is None else np.result_type(dtype, x._data.dtype)
    tensors: list[Node] = []
    arrays: list[Any] = []
    for x in operands:
        tensor = x if isinstance(x, Tensor) else _operand(x, op, dtype)
        tensors.append(tensor)
        arrays.append(tensor._data)
    if len(tensors) == 2:
        a, b = cast("Tensor", tensors[0]), cast("Tensor", tensors[1])
        return _record(op, _compute(op, arrays[0], arrays[1], None), a, b, None)
    return _record(op, _compute(op, None, None, arrays), None, None, tensors)


def _binary(op: Any, x: object, y: object) -> Any:
    """Apply an operator to operands of which one is a Tensor; the other may know better."""
    a: Tensor | None
    b: Tensor | None
    if isinstance(x, Tensor):
        a = x
        b = y if isinstance(y, Tensor) else _beside(x, y, op)
    else:
        b = cast("Tensor", y)
        a = _beside(b, x, op)
    if a is None or b is None:
        return NotImplemented
    return _record(op, _compute(op, a._data, b._data, None), a, b, None)


def _compute(op: Any, x: Any, y: Any, many: list[Any] | None) -> Any:
    """Return what the forward of an op gives for one array, or for two, or for many."""
    forward = op.on_arrays
    if forward is None:
        forward = op.on_arrays = kernel(op)
    token = silence()
    try:
        if many is not None:
            return forward(*many)
        return forward(x) if y is None else forward(x, y)
    except ValueError:
        arrays = many if many is not None else [x] if y is None else [x, y]
        raise misfit(op, arrays) from None
    finally:
        restore(token)


def _record(
    op: Any, data: Any, a: Tensor | None, b: Tensor | None, many: list[Node] | None
) -> Tensor:
    """Make the node of an op of one operand, of two or many; a constant if none has a gradient."""
    out = _constant(data)
    seen: i64 = 0
    flows = False
    if many is not None:
        for operand in many:
            seen += cast("Tensor", operand)._version
            flows = flows or operand._requires_grad
    if a is not None:
        seen = a._version
        flows = a._requires_grad
    if b is not None:
        seen += b._version
        flows = flows or b._requires_grad
    if flows:
        out._requires_grad = True
        out._seen = seen
        out._op = op
        out._a = a
        out._b = b
        if many is not None:
            out._many = Many(many, [])
    if COUNTERS.modes:
        operands = many if many is not None else [node for node in (a, b) if node is not None]
        _record_under_mode(out, op, operands)
    return out


def _record_under_mode(out: Tensor, op: Any, operands: Sequence[Node]) -> None:
    """Apply the modes that are open here to a node that was just made."""
    mode = current_mode()
    if not mode.grad:
        if out._requires_grad and out._data.base is not None:
            out._data = out._data.copy()  # a view of what an optimizer may change in place
        out._op = out._a = out._b = out._many = None
        out._requires_grad = False
    _note(out, mode)
    if mode.anomaly:
        check_result(op, operands, out._data, out.source)


def _note(node: Tensor, mode: Mode) -> None:
    """Note the scope and, if that is wanted, the source line that a node is made in."""
    if mode.scope is not None:
        node._own_note().scope = mode.scope
    if mode.source:
        node._own_note().source = source_line()


def blank() -> Tensor:
    """Return a Tensor that copying or unpickling fills in."""
    return Tensor(UNSET)


def _constant(data: Any) -> Tensor:
    out = Tensor(UNSET)
    if type(data) is not NDARRAY:  # NumPy makes numbers of arrays without axes
        data = np.asarray(data)
    out._data = data
    out._requires_grad = False
    return out


def _beside(tensor: Tensor, x: object, op: Any) -> Tensor | None:
    """Return what stands beside a Tensor as a constant; None if it is no number and no array."""
    if isinstance(x, float) or (isinstance(x, int) and -EXACT < x < EXACT):
        return _constant(np.array(x, tensor._data.dtype))
    array = like(x, tensor._data.dtype, op.name)
    return None if array is None else _constant(array)


def _operand(x: object, op: Any, dtype: Any) -> Tensor:
    """Return an operand of an op that was called by name, where nothing else may try."""
    array = like(x, dtype, op.name)
    if array is None:
        raise not_a_number(x, op.name)
    return _constant(array)
