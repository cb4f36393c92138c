"""ArrayNode: the array in a node, its gradient, and its part in the backward sweep.

Compiled with mypyc where a C compiler was at hand at install, plain Python otherwise.
"""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from typing import Any, Final, cast

import numpy as np
from mypy_extensions import i64, mypyc_attr

from engine.array_methods import ArrayMethods
from engine.arrays.broadcasting import unbroadcast
from engine.arrays.data_view import view_of
from engine.arrays.dtypes import new_array, seed_array
from engine.arrays.pulls import pulls_of
from engine.coercion import not_a_number, refused
from engine.errors import GraphError, NotScalarError, OperandError, ShapeError
from engine.graph import operands_of
from engine.node import COUNTERS, Node
from engine.quiet import is_silent, quietly
from engine.scalar import flag

NDARRAY: Final[Any] = np.ndarray


@mypyc_attr(acyclic=True)
class ArrayNode(ArrayMethods):
    """A node that holds one array; what users meet is its one subclass, Tensor."""

    __slots__ = ("_data", "_grad", "_seen", "_shared", "_version")

    def __init__(self) -> None:
        Node.__init__(self)
        self._data: Any = None
        self._grad: Any = None
        self._shared: bool = False  # whether another node may hold the array in _grad
        self._version: i64 = 0  # how often the data were changed
        self._seen: i64 = 0  # the sum of the operands' versions when this was computed

    @property
    def data(self) -> Any:
        """The array, to be read only: assign a whole one to change it, as ``t.data -= step``."""
        return view_of(self._data)

    @data.setter
    def data(self, data: object) -> None:
        array = new_array(data, self._data.dtype, "data")
        if array.shape != self._data.shape:
            raise ShapeError(
                f"the data of a Tensor of shape {self._data.shape} cannot be set to an array of "
                f"shape {array.shape}: make a new Tensor"
            )
        self._data = array
        self._version += 1

    @property
    def grad(self) -> Any:
        """The gradient that `backward` left here, an array; None is "not computed yet"."""
        if not self._has_grad:
            return None
        if self._shared:
            self._grad = self._grad.copy()
            self._shared = False
        return self._grad

    @grad.setter
    def grad(self, grad: object) -> None:
        if grad is None:
            self.zero_grad()
            return
        self._grad = seed_array(grad, self._data.shape, self._data.dtype, "grad")
        self._shared = False
        self._has_grad = True

    @property
    def requires_grad(self) -> bool:
        """Whether gradients flow here: False for a constant and what is computed from constants."""
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, requires_grad: bool) -> None:
        flag(requires_grad)
        if self._op is not None:
            if not requires_grad:
                raise GraphError(
                    "requires_grad of a computed Tensor cannot be set: use .detach() for a "
                    "constant with its data"
                )
        elif requires_grad and not self._requires_grad:
            COUNTERS.created += 1  # what was computed from the constant passes it no gradient
            self._index = COUNTERS.created
        self._requires_grad = requires_grad

    @property
    def shape(self) -> tuple[int, ...]:
        """The size of each axis."""
        return self._data.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self._data.ndim

    @property
    def size(self) -> int:
        """The number of elements."""
        return self._data.size

    @property
    def dtype(self) -> Any:
        """The type of the elements, float64 or float32."""
        return self._data.dtype

    def zero_grad(self) -> None:
        """Forget the gradient: it is not computed yet, and its memory is free for the next."""
        self._has_grad = False
        self._grad = None

    # ----- Comparison and conversion ----------------------------------------------------------

    def __lt__(self, other: object) -> Any:
        return self._data < _compared(other)

    def __le__(self, other: object) -> Any:
        return self._data <= _compared(other)

    def __gt__(self, other: object) -> Any:
        return self._data > _compared(other)

    def __ge__(self, other: object) -> Any:
        return self._data >= _compared(other)

    def __hash__(self) -> int:  # a native class that compares loses the inherited one
        return id(self) >> 4  # the lowest bits of an address are always 0

    def __bool__(self) -> bool:
        if self._data.size != 1:
            raise NotScalarError(
                f"bool() of a Tensor of shape {self.shape} is ambiguous: use (t.data > 0).all() or "
                ".any()"
            )
        return bool(self._data.item())

    def __float__(self) -> float:
        raise _detaching()

    def __int__(self) -> int:
        raise _detaching()

    # ----- The backward sweep -----------------------------------------------------------------

    def _as_seed(self, gradient: object) -> object:
        if type(gradient) is float and self._data.ndim == 0:  # as backward() of a loss gives it
            return np.array(gradient, self._data.dtype)
        return seed_array(gradient, self._data.shape, self._data.dtype)

    def _seed(self, seed: object) -> None:
        self._receive(seed, None)

    def _receive(self, part: Any, source: Any) -> None:
        """Add a part of the gradient.

        Args:
            part: an array that broadcasting may have stretched.
            source: the array of the gradient that it came from, which it may share.
        """
        data = self._data
        if type(part) is not NDARRAY:  # NumPy makes numbers of arrays without axes
            part = np.asarray(part, data.dtype)
        elif part.dtype is not data.dtype:
            part = part.astype(data.dtype)
        if part.shape != data.shape:
            part = np.asarray(unbroadcast(part, data.shape))
        if not self._has_grad:
            self._shared = part is source or part.base is not None
            if self._shared and self._op is None:
                part = part.copy()
                self._shared = False
            self._grad = part
            self._has_grad = True
        elif self._shared:
            self._grad = np.asarray(self._grad + part)
            self._shared = False
        else:
            np.add(self._grad, part, self._grad)

    def _receive_at(self, place: int, gradient: float) -> None:
        """Add to the gradient of one element."""
        if not self._has_grad:
            self._grad = np.zeros(self._data.shape, self._data.dtype)
            self._has_grad = True
        elif self._shared:
            self._grad = self._grad.copy()
        self._shared = False
        self._grad.flat[place] += gradient

    def _pulled(self, gradient: Any, wanted: list[bool]) -> list[Any]:
        """Return the part of a gradient for each operand that is wanted, in its shape."""
        operands = list(operands_of(self))
        parts = quietly(_parts, self._op, gradient, self._data, self._unchanged(operands), wanted)
        return [
            None if part is None else unbroadcast(part, cast("ArrayNode", operand)._data.shape)
            for operand, part in zip(operands, parts, strict=True)
        ]

    def _check_unchanged(self) -> None:
        """Raise a GraphError if data of an operand were changed after this was computed."""
        self._unchanged(list(operands_of(self)))

    def _unchanged(self, operands: list[Node]) -> list[Any]:
        """Return the arrays of the operands, if they and this are still what was computed."""
        seen: i64 = 0
        arrays: list[Any] = []
        for operand in operands:
            tensor = cast("ArrayNode", operand)
            arrays.append(tensor._data)
            seen += tensor._version
        if seen != self._seen or self._version != 0:
            raise _changed(self)
        return arrays

    def _spread(self, floor: i64) -> None:
        if is_silent():
            self._pass_on(floor)
        else:
            quietly(self._pass_on, floor)

    def _pass_on(self, floor: i64) -> None:
        """Pull the gradient back to the operands that want it; NumPy is silent."""
        if self._version != 0:
            raise _changed(self)
        op: Any = self._op
        gradient = self._grad
        data = self._data
        many = self._many
        if many is not None:
            arrays = self._unchanged(many.operands)
            wanted = [
                operand._requires_grad and floor < operand._index < self._index
                for operand in many.operands
            ]
            parts = _parts(op, gradient, data, arrays, wanted)
            for operand, part in zip(many.operands, parts):  # noqa: B905 (slower)
                if part is not None:
                    self._hand_on(cast("ArrayNode", operand), part, gradient)
            return
        # Most ops have one or two operands: written out, they need no lists.
        pulls = op.array_pulls
        if pulls is None:
            pulls = op.array_pulls = pulls_of(op)
        a = cast("ArrayNode", self._a)
        x = a._data
        if self._b is None:
            if a._version != self._seen:
                raise _changed(self)
            if a._requires_grad and floor < a._index < self._index:
                pull = pulls[0]
                if pull is not None:
                    self._hand_on(a, pull(gradient, data, x), gradient)
            return
        b = cast("ArrayNode", self._b)
        y = b._data
        if a._version + b._version != self._seen:
            raise _changed(self)
        if a._requires_grad and floor < a._index < self._index:
            pull = pulls[0]
            if pull is not None:
                self._hand_on(a, pull(gradient, data, x, y), gradient)
        if b._requires_grad and floor < b._index < self._index:
            pull = pulls[1]
            if pull is not None:
                self._hand_on(b, pull(gradient, data, x, y), gradient)

    def _hand_on(self, operand: ArrayNode, part: Any, gradient: Any) -> None:
        """Give an operand its part of the gradient of this; it may be that, or a view of it."""
        operand._receive(part, gradient)
        if operand._shared:
            self._shared = True


def _parts(op: Any, gradient: Any, out: Any, arrays: list[Any], wanted: list[bool]) -> list[Any]:
    """Return the part of a gradient for each operand that is wanted, and None for the others."""
    pulls = op.array_pulls
    if pulls is None:
        pulls = op.array_pulls = pulls_of(op)
    parts: list[Any] = []
    for place, want in enumerate(wanted):
        pull = pulls[place] if want else None
        parts.append(None if pull is None else pull(gradient, out, *arrays))
    return parts


def _compared(other: object) -> Any:
    if isinstance(other, ArrayNode):
        return other._data
    if refused(other) and not isinstance(other, np.ndarray):
        raise not_a_number(other, "comparison with a Tensor")
    return other


def _detaching() -> OperandError:
    return OperandError(
        "int(t), float(t) and math functions would drop the gradient in silence: use t.item() for "
        "the number, stepgrad's own functions, as engine.sin(t), and stack() for a list of Tensors"
    )


def _changed(node: ArrayNode) -> GraphError:
    if node._version:
        return GraphError(
            f"the data of the result of {cast('Any', node._op).name}, of shape {node._data.shape}, "
            "were changed after it was computed, and a gradient may follow from them: call "
            "backward() first, or detach() it before data change"
        )
    names = [
        f"{operand.label or f'operand {place}'} of shape {cast('ArrayNode', operand)._data.shape}"
        for place, operand in enumerate(operands_of(node))
        if cast("ArrayNode", operand)._version
    ]
    return GraphError(
        f"the data of an operand of {cast('Any', node._op).name} were changed after it was "
        f"computed ({', '.join(names)}): call backward() before data change, or compute it again"
    )
