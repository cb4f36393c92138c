"""What a row of the op table is, and how a user adds one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from engine.coercion import number
from engine.errors import OperandError, ShapeError
from engine.node import Node

Derivative = Callable[..., Any]
NO_DEFAULTS: Mapping[str, float] = MappingProxyType({})


class Kink(NamedTuple):
    """A point where a rule alone does not say the gradient, and the gradient promised there."""

    at: tuple[float, ...]
    value: float
    gradient: tuple[float | None, ...]  # None: that operand has no gradient


class Op:
    """A primitive: a forward on floats and one derivative for each operand.

    Args:
        name: what users call it.
        forward: from operands as floats to the value, IEEE 754, never raising.
        derivatives: one function ``(out, *operands)`` for each operand, written in ops of the
            table so that it holds for floats, arrays and Values alike; None for an operand that
            has no gradient, as a condition.
        symbol: how pictures write it; the name if not given.
        formula: the derivatives as text, in the operands' names x, y, z and out.
        defaults: the names of trailing operands that callers may leave out, and their values; see
            `ParametricOp`, which takes them by name.
        kinks: the points whose gradient is a convention.
        analytic: whether it is complex differentiable, which makes complex step an oracle for it.
        origin: the function and arguments that give this row again, for pickling; by name if not
            given.
    """

    def __init__(
        self,
        name: str,
        forward: Callable[..., float],
        *derivatives: Derivative | None,
        symbol: str | None = None,
        formula: str = "",
        defaults: Mapping[str, float] = NO_DEFAULTS,
        kinks: Sequence[Kink] = (),
        analytic: bool = True,
        doc: str | None = None,
        origin: tuple[Callable[..., Op], tuple[Any, ...]] | None = None,
    ) -> None:
        self.name = name
        self.forward = forward
        self.derivatives = derivatives
        self.symbol = symbol or name
        self.formula = formula
        self.defaults = defaults
        self.kinks = tuple(kinks)
        self.analytic = analytic
        self.origin = origin or (named, (name,))
        self.__doc__ = doc
        self.on_arrays: Callable[..., Any] | None = None  # the forward on arrays, once it was asked
        self.array_pulls: tuple[Derivative | None, ...] | None = None  # and the pulls on arrays

    def __call__(self, *operands: Any) -> Any:
        """Apply the op: numbers give a float, a Value among the operands gives a Value."""
        if len(operands) != len(self.derivatives):
            operands = self._complete(operands)
        floats = True
        for operand in operands:
            if type(operand) is not float:
                floats = False
                if isinstance(operand, Node):
                    return operand._apply(self, operands)
        if floats:  # as in the rules of other ops, where every check would be paid for
            return self.forward(*operands)
        if any(is_array(operand) and operand.ndim > 0 for operand in operands):
            from engine.arrays.elementwise import apply  # NumPy is loaded for arrays only

            return apply(self, operands)
        return self.forward(*map(self._number, operands))

    def pull(self, place: int, gradient: Any, out: Any, operands: Sequence[Any]) -> Any:
        """Return the part of an array gradient that goes to the operand at a place.

        Args:
            place: which operand.
            gradient: that of out, an array or a Tensor as the operands.
            out: what the op gave.
            operands: what it was applied to; the result may have to be summed to their shape.
        """
        derivative = self.derivatives[place]
        if derivative is None:
            return None
        local = derivative(out, *operands)
        if type(local) is float and local == 1.0:
            return gradient
        return gradient * local

    def _complete(self, operands: tuple[Any, ...]) -> tuple[Any, ...]:
        missing = len(self.derivatives) - len(operands)
        if not 0 < missing <= len(self.defaults):
            least = len(self.derivatives) - len(self.defaults)
            raise OperandError(
                f"{self.name}() takes {least} operand{'s' * (least != 1)}"
                + (f" to {len(self.derivatives)}" if self.defaults else "")
                + f", got {len(operands)}"
            )
        return operands + tuple(self.defaults.values())[-missing:]

    def _number(self, operand: Any) -> float:
        return number(operand, self.name)

    def __repr__(self) -> str:
        return f"<op {self.name}>"

    def __reduce__(self) -> tuple[Callable[..., Op], tuple[Any, ...]]:
        return self.origin


class ParametricOp(Op):
    """A primitive that takes the operands with defaults by name too, as ``elu(x, alpha=2.0)``."""

    def __call__(self, *operands: Any, **parameters: Any) -> Any:
        """Apply the op; see `Op`.

        Raises:
            OperandError: there is no parameter of that name, or it is given twice.
        """
        return super().__call__(*self._placed(operands, parameters) if parameters else operands)

    def _placed(self, operands: tuple[Any, ...], parameters: dict[str, Any]) -> tuple[Any, ...]:
        """Return the operands with the parameters that are given by name in their places."""
        for name in parameters:
            if name not in self.defaults:
                known = ", ".join(self.defaults)
                raise OperandError(f"{self.name}() has no parameter {name}: it takes {known}")
        first = len(self.derivatives) - len(self.defaults)
        for place, (name, default) in enumerate(self.defaults.items(), first):
            if place < len(operands) and name in parameters:
                raise OperandError(f"{self.name}() got {name} twice: by its place and by its name")
            if place == len(operands):
                operands = (*operands, parameters.get(name, default))
        return operands


class Reduction(Op):
    """A primitive over a sequence of any length; its operands are the elements.

    Args:
        name: what users call it.
        forward: from the elements, as one list of floats, to the value.
        partials: from out and the elements to their derivatives. The elements are a list, or an
            array or Tensor that has them along its first axis; generic as a `Derivative` is.
        empty: the value of an empty sequence; None makes an empty sequence an error.
        slope: the derivative for every element, as a function of their number, where all have the
            same; arrays then need no array of them.
        options: what the row was made with, for its forward on arrays.
    """

    def __init__(
        self,
        name: str,
        forward: Callable[[list[float]], float],
        partials: Callable[[Any, list[Any]], list[Any]],
        *,
        symbol: str | None = None,
        formula: str = "",
        empty: float | None = None,
        slope: Callable[[int], float] | None = None,
        options: dict[str, Any] | None = None,
        kinks: Sequence[Kink] = (),
        analytic: bool = True,
        doc: str | None = None,
        origin: tuple[Callable[..., Op], tuple[Any, ...]] | None = None,
    ) -> None:
        super().__init__(
            name,
            forward,
            symbol=symbol,
            formula=formula,
            kinks=kinks,
            analytic=analytic,
            doc=doc,
            origin=origin,
        )
        self.partials = partials
        self.empty = empty
        self.slope = slope
        self.options = options or {}

    def __call__(self, *operands: Any, axis: Any = None, keepdims: bool = False) -> Any:
        """Reduce a sequence, or several arguments: numbers give a float, Values a Value.

        Args:
            operands: the sequence or the arguments; or one array or Tensor.
            axis: of an array or Tensor, the axes to reduce; None is all of them.
            keepdims: whether the axes that are reduced stay, with size 1.
        """
        if len(operands) != 1:
            return self.reduce(elements_of(self.name, operands))
        if is_array(operands[0]):
            from engine.arrays.axes import reduced  # NumPy is loaded for arrays only

            return reduced(self, operands[0], axis, keepdims)
        if axis is not None or keepdims:
            raise OperandError(f"{self.name}(): axis and keepdims are for arrays and Tensors")
        return self.reduce(elements_of(self.name, operands[0]))

    def reduce(self, elements: list[Any]) -> Any:
        """Apply the op to a list of elements."""
        for element in elements:
            if is_array(element) and element.ndim > 0:
                raise OperandError(
                    f"{self.name}() takes numbers and Values, or one array or Tensor: join several "
                    "by stack() first"
                )
            if is_array(element) and isinstance(element, Node):
                from engine.arrays.axes import reduced  # NumPy is loaded for arrays only
                from engine.arrays.joining import stack

                return reduced(self, stack(elements))
            if isinstance(element, Node):
                return element._apply(self, elements)
        if not elements:
            if self.empty is None:
                raise ShapeError(f"{self.name}() of an empty sequence has no value")
            return self.empty
        return self.forward([self._number(element) for element in elements])


def is_array(x: Any) -> bool:
    """Return whether something is an array or a Tensor."""
    return isinstance(getattr(x, "ndim", None), int)  # of the classes of arrays it is no number


def elements_of(name: str, sequence: Any) -> list[Any]:
    """Return the elements of an argument that has to be a sequence of numbers and Values."""
    if isinstance(sequence, Iterable) and not isinstance(sequence, str | bytes):
        return list(sequence)
    raise OperandError(
        f"{name}() takes a sequence of numbers and Values, got {type(sequence).__name__}"
    )


def named(name: str) -> Op:
    """Return the row of the table, or the op on arrays, with this name, as unpickling does."""
    import engine
    from engine import ops, reductions

    op = next((op for home in (ops, reductions, engine) if (op := getattr(home, name, None))), None)
    if not isinstance(op, Op):
        raise OperandError(f"there is no op named {name!r}")
    return op
