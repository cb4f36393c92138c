"""Scalar: the number in a node, its gradient, and its part in the backward sweep.

Compiled with mypyc where a C compiler was at hand at install, plain Python otherwise.
"""

from __future__ import annotations

from typing import ClassVar, cast

from mypy_extensions import i64, mypyc_attr

from engine.coercion import as_float, not_a_number, number, refused
from engine.errors import GraphError, OperandError
from engine.graph import operands_of
from engine.methods import Methods
from engine.node import COUNTERS, Node


@mypyc_attr(acyclic=True)
class Scalar(Methods):
    """A node that holds one number; what users meet is its one subclass, Value."""

    __slots__ = ("_da", "_data", "_db", "_grad")
    __array_ufunc__: ClassVar[None] = None  # so that np.float64(2) * v asks v

    def __init__(self) -> None:
        Node.__init__(self)  # and not super(), which costs plain Python as much again
        self._data: float = 0.0
        self._grad: float = 0.0
        self._da: float = 0.0  # d self / d _a, as it was when self was computed
        self._db: float = 0.0

    @property
    def data(self) -> float:
        """The number. Setting it changes no gradient of what was computed from it before."""
        return self._data

    @data.setter
    def data(self, data: object) -> None:
        self._data = leaf_number(data)

    @property
    def grad(self) -> float | None:
        """The gradient that `backward` left here; None is "not computed yet"."""
        return self._grad if self._has_grad else None

    @grad.setter
    def grad(self, grad: object) -> None:
        if grad is None:
            self._has_grad = False
            return
        self._grad = float(grad) if isinstance(grad, float) else number(grad, "grad")
        self._has_grad = True

    @property
    def requires_grad(self) -> bool:
        """Whether gradients flow here: False for a constant and what is computed from constants."""
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, requires_grad: bool) -> None:
        flag(requires_grad)
        if self._op is None and requires_grad and not self._requires_grad:
            # What was computed while this was a constant is older than this as a variable, and so
            # passes no gradient to it: its derivative was not recorded.
            COUNTERS.created += 1
            self._index = COUNTERS.created
        if self._op is not None and not requires_grad:
            raise GraphError(
                f"requires_grad of a computed value cannot be set ({self!r} is the result of "
                f"{self.op.name}): use .detach() for a constant with its number"
            )
        self._requires_grad = requires_grad

    @property
    def local_gradients(self) -> tuple[float, ...]:
        """The derivative for each operand, as it was when this was computed; 0 for a constant."""
        operands = operands_of(self)
        many = self._many
        if many is not None:
            recorded = many.local_gradients
        elif operands:
            recorded = [self._da, self._db]
        else:
            recorded = []
        return tuple(
            [
                local if operand._requires_grad and operand._index < self._index else 0.0
                for operand, local in zip(operands, recorded, strict=False)
            ]
        )

    def zero_grad(self) -> None:
        """Forget the gradient: it is not computed yet."""
        self._has_grad = False

    def __format__(self, spec: str) -> str:
        return format(self._data, spec) if spec else repr(self)

    # ----- Comparison and conversion ----------------------------------------------------------

    def __lt__(self, other: object) -> bool:
        y = _compared(other)
        return NotImplemented if y is None else self._data < y

    def __le__(self, other: object) -> bool:
        y = _compared(other)
        return NotImplemented if y is None else self._data <= y

    def __gt__(self, other: object) -> bool:
        y = _compared(other)
        return NotImplemented if y is None else self._data > y

    def __ge__(self, other: object) -> bool:
        y = _compared(other)
        return NotImplemented if y is None else self._data >= y

    def __hash__(self) -> int:  # a native class that compares loses the inherited one
        return id(self) >> 4  # the lowest bits of an address are always 0

    def __bool__(self) -> bool:
        return self._data != 0.0

    def __float__(self) -> float:
        raise OperandError(
            "float(v) and math functions would drop the gradient in silence: use v.data for the "
            "number, or stepgrad's own functions, as engine.sin(v)"
        )

    def __int__(self) -> int:
        raise OperandError("int(v) would drop the gradient in silence: use int(v.data)")

    # ----- The backward sweep -----------------------------------------------------------------

    def _as_seed(self, gradient: object) -> object:
        return number(gradient, "backward()")

    def _seed(self, seed: object) -> None:
        gradient = cast("float", seed)
        self._grad = self._grad + gradient if self._has_grad else gradient
        self._has_grad = True

    # What is done for each operand is written out three times: a call would cost plain Python as
    # much, and so would a cast where isinstance() tells mypyc the same.

    def _spread(self, floor: i64) -> None:
        gradient = self._grad
        index = self._index
        many = self._many
        if many is not None:
            for node, local in zip(many.operands, many.local_gradients):  # noqa: B905 (slower)
                if isinstance(node, Scalar) and node._requires_grad and floor < node._index < index:
                    if node._has_grad:
                        node._grad += gradient * local
                    else:
                        node._grad = gradient * local
                        node._has_grad = True
            return
        a = self._a
        if isinstance(a, Scalar) and a._requires_grad and floor < a._index < index:
            if a._has_grad:
                a._grad += gradient * self._da
            else:
                a._grad = gradient * self._da
                a._has_grad = True
        b = self._b
        if isinstance(b, Scalar) and b._requires_grad and floor < b._index < index:
            if b._has_grad:
                b._grad += gradient * self._db
            else:
                b._grad = gradient * self._db
                b._has_grad = True


def _compared(other: object) -> float | None:
    """Return what a comparison is with as a number; None lets the other side try."""
    if isinstance(other, Scalar):
        return other._data
    result = as_float(other)
    if result is None and refused(other):
        raise not_a_number(other, "comparison with a Value")
    return result


def leaf_number(data: object) -> float:
    """Return what a user gave as the number of a leaf as a float.

    Raises:
        OperandError: it is not a number.
    """
    if isinstance(data, float):
        return float(data)  # and not a subclass, as np.float64 is
    return number(data, "Value()")


def flag(requires_grad: object) -> bool:
    """Return what a user gave as requires_grad, if it is True or False."""
    if isinstance(requires_grad, bool):
        return requires_grad
    raise OperandError(
        f"requires_grad is True or False, got {type(requires_grad).__name__} {requires_grad!r}"
    )
