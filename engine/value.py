"""Value: a number that remembers how it was computed.

Compiled with mypyc where a C compiler was at hand at install, plain Python otherwise.
"""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import math
from collections.abc import Sequence
from types import FunctionType
from typing import Any, Final, TypeVar, cast

from mypy_extensions import mypyc_attr

from engine import ops, reductions
from engine.anomaly import check_result
from engine.coercion import as_float, not_a_number, number, refused
from engine.errors import OperandError, ShapeError
from engine.graph import backward, operands_of
from engine.node import COUNTERS, Many, Mode, Node, current_mode
from engine.numerics import rounded
from engine.op import Reduction, elements_of, is_array
from engine.scalar import Scalar, flag, leaf_number
from engine.source import source_line

# The rows with a fast path below; a test holds each fast path to its row.
ADD: Final[Any] = ops.add
SUBTRACT: Final[Any] = ops.subtract
MULTIPLY: Final[Any] = ops.multiply
DIVIDE: Final[Any] = ops.divide
POWER: Final[Any] = ops.power
NEGATIVE: Final[Any] = ops.negative
RELU: Final[Any] = ops.relu
EXP: Final[Any] = ops.exp
LOG: Final[Any] = ops.log
ROUND: Final[Any] = ops.round
DOT: Final[Any] = reductions.dot

OVERFLOWS: Final = 709.0  # exp() of more may be inf
V = TypeVar("V")

UNSET: Final = object()  # makes a Value that its maker fills in
NEW: Final[Any] = object.__new__


@mypyc_attr(acyclic=True, free_list_len=1)
class Value(Scalar):
    """A number that remembers how it was computed, so that it can be differentiated.

    Args:
        data: any real number: int, float, bool, a NumPy scalar or 0-d array, Fraction, Decimal.
        label: the name shown in pictures.
        requires_grad: False makes a constant, which no gradient flows to.

    Raises:
        OperandError: data is not a number.
        NumberError: data is too large for a float.

    Arithmetic follows IEEE 754: 1/0 is inf and log(-1) is nan, never an exception. `==` and hash
    are identity, as for PyTorch tensors in sets; `<` and its kin compare data; bool(v) is whether
    data is not 0. float(v) and int(v) are errors, for they would drop the gradient in silence.

    >>> a = Value(3.0, label="a")
    >>> b = a**3
    >>> b.backward()
    >>> b.data, a.grad
    (27.0, 27.0)
    """

    __slots__ = ()

    @classmethod
    def __init_subclass__(cls) -> None:
        kind: Any = cls
        if kind.__module__ == "engine.bridge":  # whose Values differ in what they spread alone
            return
        raise OperandError(
            f"Value cannot be subclassed, as {cls.__name__} does, for its ops would return plain "
            "Values: keep a Value in an attribute, or write a function; @engine.primitive adds ops"
        )

    def __init__(
        self, data: object, label: str | None = None, *, requires_grad: bool = True
    ) -> None:
        Scalar.__init__(self)  # and not super(), which costs plain Python as much again
        if data is UNSET:
            return
        self._data = leaf_number(data)
        if label is not None:
            self.label = label
        self._requires_grad = flag(requires_grad)
        if COUNTERS.modes:
            _note_origin(self, current_mode())

    @property
    def operands(self) -> tuple[Value, ...]:
        """What the op was applied to, in order, duplicates kept."""
        return cast("tuple[Value, ...]", operands_of(self))

    def __repr__(self) -> str:
        label = "" if self.label is None else f", label={self.label!r}"
        if not self._requires_grad:
            return f"Value(data={self._data!r}, constant{label})"
        return f"Value(data={self._data!r}, grad={self.grad!r}{label})"

    # ----- Gradients --------------------------------------------------------------------------

    def backward(self, gradient: object = 1.0) -> None:
        """Compute the gradient of this with respect to every leaf it was computed from.

        Args:
            gradient: the seed, by which every gradient is multiplied.

        Leaves accumulate over calls; interior gradients are those of the latest call.

        Raises:
            GraphError: this is a constant.
            OperandError: the seed is not a number.
        """
        backward([self], [gradient])

    def detach(self) -> Value:
        """Return a constant with this number, which no gradient flows through."""
        return _constant(self._data)

    def _maker(self) -> tuple[Any, tuple[Any, ...]]:
        return blank, ()

    def _content(self) -> tuple[Any, ...]:
        return self._data, self.grad, self.local_gradients

    def _take(self, content: tuple[Any, ...]) -> None:
        data, grad, local_gradients = content
        self._data = data
        if grad is not None:
            self._grad = grad
            self._has_grad = True
        many = self._many
        if many is not None:
            many.local_gradients = list(local_gradients)
        elif local_gradients:
            self._da = local_gradients[0]
            self._db = local_gradients[1] if len(local_gradients) == 2 else 0.0

    # ----- Arithmetic -------------------------------------------------------------------------
    # V is Value to whoever reads the types, and anything to mypyc, so that NotImplemented passes.

    def __add__(self: V, other: object) -> V:
        return _add(self, other)

    def __radd__(self: V, other: object) -> V:
        return _add(other, self)

    def __sub__(self: V, other: object) -> V:
        return _subtract(self, other)

    def __rsub__(self: V, other: object) -> V:
        return _subtract(other, self)

    def __mul__(self: V, other: object) -> V:
        return _multiply(self, other)

    def __rmul__(self: V, other: object) -> V:
        return _multiply(other, self)

    def __truediv__(self: V, other: object) -> V:
        return _divide(self, other)

    def __rtruediv__(self: V, other: object) -> V:
        return _divide(other, self)

    def __pow__(self: V, other: object) -> V:
        return _power(self, other)

    def __rpow__(self: V, other: object) -> V:
        return _power(other, self)

    def __floordiv__(self: V, other: object) -> V:
        return _floor_divide(self, other)

    def __rfloordiv__(self: V, other: object) -> V:
        return _floor_divide(other, self)

    def __mod__(self: V, other: object) -> V:
        return _remainder(self, other)

    def __rmod__(self: V, other: object) -> V:
        return _remainder(other, self)

    def __neg__(self) -> Value:
        return _record(-self._data, NEGATIVE, self, None, -1.0, 0.0)

    def __pos__(self) -> Value:
        return self

    def __abs__(self) -> Value:
        return self.abs()

    def __round__(self, digits: object = None) -> Value:
        """Return the nearest number of so many decimals, halves to even; its gradient is 0."""
        if digits is None:
            return self.round()
        return _record(rounded(self._data, digits), ROUND, self, None, 0.0, 0.0)

    def __floor__(self) -> Value:
        return self.floor()

    def __ceil__(self) -> Value:
        return self.ceil()

    # ----- Ops with a fast path ---------------------------------------------------------------

    def relu(self) -> Value:
        """Apply `engine.relu`."""
        x = self._data
        if x > 0.0:
            return _record(x, RELU, self, None, 1.0, 0.0)
        if x <= 0.0:
            return _record(0.0, RELU, self, None, 0.0, 0.0)
        return _record(x, RELU, self, None, x, 0.0)  # nan is shown, never hidden

    def exp(self) -> Value:
        """Apply `engine.exp`."""
        x = self._data
        if x < OVERFLOWS:
            out = math.exp(x)
            return _record(out, EXP, self, None, out, 0.0)
        return _apply_row(EXP, (self,))

    def log(self) -> Value:
        """Apply `engine.log`."""
        x = self._data
        if x > 0.0:
            return _record(math.log(x), LOG, self, None, 1.0 / x, 0.0)
        return _apply_row(LOG, (self,))

    def _apply(self, op: Any, operands: Sequence[Any]) -> Value:
        return _apply(op, operands)


# ----- Recording -------------------------------------------------------------------------------


def _blank() -> Value:
    """Return a Value that its maker fills in."""
    return Value(UNSET)


def blank() -> Value:
    """Return a Value that copying or unpickling fills in."""
    return _blank()


def _plain_blank() -> Value:
    """Return the same as `_blank`, without the slots that are written before they are read."""
    out: Value = NEW(Value)
    out._op = out._a = out._b = out._many = out._note = None
    out._pending = 0
    out._requires_grad = True
    out._has_grad = False
    out._index = COUNTERS.created = COUNTERS.created + 1
    return out


def _record(data: float, op: object, a: Value, b: Value | None, da: float, db: float) -> Value:
    """Make the node of an op of one or two operands; without a gradient to carry, a constant."""
    out = _blank()
    out._data = data
    if a._requires_grad or (b is not None and b._requires_grad):
        out._op = op
        out._a = a
        out._b = b
        out._da = da
        out._db = db
    else:
        out._requires_grad = False
    if COUNTERS.modes:
        _record_under_mode(out, op, (a,) if b is None else (a, b))
    return out


def _record_many(data: float, op: object, operands: list[Node], local: list[float]) -> Value:
    """Make the node of an op of any number of operands."""
    out = _blank()
    out._data = data
    out._requires_grad = False
    for operand in operands:
        if operand._requires_grad:
            out._requires_grad = True
            out._op = op
            out._many = Many(operands, local)
            break
    if COUNTERS.modes:
        _record_under_mode(out, op, operands)
    return out


def _record_under_mode(out: Value, op: Any, operands: Sequence[Node]) -> None:
    """Apply the modes that are open here to a node that was just made."""
    mode = current_mode()
    if not mode.grad:
        out._op = out._a = out._b = out._many = None
        out._requires_grad = False
    _note_origin(out, mode)
    if mode.anomaly:
        check_result(op, operands, out._data, out.source)


def _note_origin(node: Value, mode: Mode) -> None:
    """Note the scope and, if that is wanted, the source line that a node is made in."""
    if mode.scope is not None:
        node._own_note().scope = mode.scope
    if mode.source:
        node._own_note().source = source_line()


def _constant(data: float) -> Value:
    out = _blank()
    out._data = data
    out._requires_grad = False
    return out


def _operand(x: object, op: Any) -> Value | None:
    """Return a number as a constant, and None for what may know itself what to do with a Value."""
    if isinstance(x, float):
        return _constant(float(x))
    data = as_float(x)
    if data is None:
        if refused(x):
            raise not_a_number(x, op.name)
        return None
    return _constant(data)


def _add(x: object, y: object) -> Any:
    a = x if isinstance(x, Value) else _operand(x, ADD)
    b = y if isinstance(y, Value) else _operand(y, ADD)
    if a is None or b is None:
        return NotImplemented
    return _record(a._data + b._data, ADD, a, b, 1.0, 1.0)


def _subtract(x: object, y: object) -> Any:
    a = x if isinstance(x, Value) else _operand(x, SUBTRACT)
    b = y if isinstance(y, Value) else _operand(y, SUBTRACT)
    if a is None or b is None:
        return NotImplemented
    return _record(a._data - b._data, SUBTRACT, a, b, 1.0, -1.0)


def _multiply(x: object, y: object) -> Any:
    a = x if isinstance(x, Value) else _operand(x, MULTIPLY)
    b = y if isinstance(y, Value) else _operand(y, MULTIPLY)
    if a is None or b is None:
        return NotImplemented
    return _record(a._data * b._data, MULTIPLY, a, b, b._data, a._data)


def _divide(x: object, y: object) -> Any:
    a = x if isinstance(x, Value) else _operand(x, DIVIDE)
    b = y if isinstance(y, Value) else _operand(y, DIVIDE)
    if a is None or b is None:
        return NotImplemented
    divisor = b._data
    if divisor == 0.0:  # where a float raises and IEEE 754 does not
        return _apply_row(DIVIDE, (a, b))
    out = a._data / divisor
    return _record(out, DIVIDE, a, b, 1.0 / divisor, -out / divisor)


def _power(x: object, y: object) -> Any:
    a = x if isinstance(x, Value) else _operand(x, POWER)
    b = y if isinstance(y, Value) else _operand(y, POWER)
    if a is None or b is None:
        return NotImplemented
    base, exponent = a._data, b._data
    if base > 0.0 and not b._requires_grad and exponent != 0.0:
        try:
            out = math.pow(base, exponent)
            slope = exponent * math.pow(base, exponent - 1.0)
        except OverflowError:  # where IEEE 754 says inf
            return _apply_row(POWER, (a, b))
        return _record(out, POWER, a, b, slope, 0.0)
    return _apply_row(POWER, (a, b))


def _floor_divide(x: object, y: object) -> Any:
    return _binary(ops.floor_divide, x, y)


def _remainder(x: object, y: object) -> Any:
    return _binary(ops.remainder, x, y)


def _binary(op: Any, x: object, y: object) -> Any:
    a = x if isinstance(x, Value) else _operand(x, op)
    b = y if isinstance(y, Value) else _operand(y, op)
    if a is None or b is None:
        return NotImplemented
    return _apply(op, (a, b))


def _apply(op: Any, operands: Sequence[Any]) -> Value:
    """Apply any op of the table, or a user's, to operands of which one is a Value."""
    if op is RELU:
        return cast("Value", operands[0]).relu()
    if op is EXP:
        return cast("Value", operands[0]).exp()
    if op is LOG:
        return cast("Value", operands[0]).log()
    return _apply_row(op, operands)


def _apply_row(op: Any, operands: Sequence[Any]) -> Value:
    """Apply an op by its row."""
    values = [_argument(x, op) for x in operands]
    numbers = [value._data for value in values]
    if isinstance(op, Reduction):
        data = op.forward(numbers)
        return _record_many(data, op, list(values), [float(d) for d in op.partials(data, numbers)])
    data = op.forward(*numbers)
    derivatives = op.derivatives
    local = [
        0.0 if derivative is None or not value._requires_grad else float(derivative(data, *numbers))
        for derivative, value in zip(derivatives, values, strict=True)
    ]
    if len(values) == 1:
        return _record(data, op, values[0], None, local[0], 0.0)
    if len(values) == 2:
        return _record(data, op, values[0], values[1], local[0], local[1])
    return _record_many(data, op, list(values), local)


def _argument(x: object, op: Any) -> Value:
    """Return an operand of an op that was called by name, where nothing else may try."""
    if isinstance(x, Value):
        return x
    return _constant(number(x, op.name))


def dot(xs: Any, ys: Any) -> Any:
    """Return the inner product of two sequences of numbers and Values, added from left to right.

    Args:
        xs: the one sequence; or an array or Tensor, of which products are taken as by `numpy.dot`:
            the inner product of vectors, the matrix product of matrices.
        ys: the other, of the same length.

    Raises:
        ShapeError: their lengths differ, or their shapes do not fit.

    >>> from engine import Value
    >>> w = [Value(2.0), Value(3.0)]
    >>> y = dot(w, [10.0, 100.0])
    >>> y.backward()
    >>> y.data, w[1].grad
    (320.0, 100.0)
    """
    lists = isinstance(xs, list) and isinstance(ys, list)
    if not lists and (is_array(xs) or is_array(ys)):
        return _array_dot(xs, ys)
    a = xs if isinstance(xs, list) else elements_of("dot", xs)
    b = ys if isinstance(ys, list) else elements_of("dot", ys)
    if len(a) != len(b):
        raise ShapeError(
            f"dot() takes two sequences of one length, got {len(a)} and {len(b)} elements"
        )
    for x in a:
        if isinstance(x, Value):
            return _dot(a, b)
    for y in b:
        if isinstance(y, Value):
            return _dot(a, b)
    for x in a + b:
        if is_array(x) and isinstance(x, Node):  # Tensors, one element each
            return _array_dot(a, b)
    return DOT.reduce(a + b)


def _array_dot(xs: Any, ys: Any) -> Any:
    """Return the product of arrays and Tensors, or of lists of the numbers and Tensors in them."""
    from engine.arrays.einsum import array_dot  # NumPy is loaded for arrays only
    from engine.arrays.joining import stack

    return array_dot(
        stack(xs) if isinstance(xs, list | tuple) else xs,
        stack(ys) if isinstance(ys, list | tuple) else ys,
    )


def _dot(xs: list[Any], ys: list[Any]) -> Value:
    """Record an inner product, where networks spend their time."""
    a = [x if isinstance(x, Value) else _argument(x, DOT) for x in xs]
    b = [y if isinstance(y, Value) else _argument(y, DOT) for y in ys]
    left = [x._data for x in a]
    right = [y._data for y in b]
    total = 0.0
    for x, y in zip(left, right):  # noqa: B905 (the caller compared the lengths)
        total += x * y
    return _record_many(total, DOT, [*a, *b], [*right, *left])


if isinstance(_blank, FunctionType):  # plain Python, where each call counts
    globals()["_blank"] = _plain_blank  # a node in half the time, for no __init__ runs
    for _name, _function in (
        ("__add__", _add),
        ("__sub__", _subtract),
        ("__mul__", _multiply),
        ("__truediv__", _divide),
        ("__pow__", _power),
    ):
        setattr(Value, _name, _function)  # a method that only calls it takes a tenth of the op
