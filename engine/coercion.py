"""From whatever a user calls a number to a float, or to an error that says what to use."""

from __future__ import annotations

import math
from decimal import Decimal
from numbers import Real
from typing import Any

from engine.errors import NumberError, OperandError
from engine.node import Node

REMEDIES = {
    "str": "turn text into a number first: float(text)",
    "bytes": "turn text into a number first: float(text)",
    "NoneType": "was a result forgotten in a return?",
    "complex": "stepgrad computes with real numbers only",
    "complex64": "stepgrad computes with real numbers only",
    "complex128": "stepgrad computes with real numbers only",
    "list": "a Value is one number: make one for each element, or use a Tensor",
    "tuple": "a Value is one number: make one for each element, or use a Tensor",
    "ndarray": (
        "a Value is one number: make one for each element, as [v * x for x in array], or use a "
        "Tensor"
    ),
}


def as_float(x: Any) -> float | None:
    """Return a number of any kind as a float, and None for what is not a number.

    Taken are int, bool, float, NumPy scalars and 0-d arrays, Fraction and Decimal.

    Raises:
        NumberError: the number is too large for a float.
    """
    if type(x) is float:
        return x
    # NumPy's bool and 0-d arrays are no Real; `shape` tells them without importing NumPy.
    if getattr(x, "shape", None) == () and not isinstance(x, Node | Real):
        x = x.item()
    if not isinstance(x, Real | Decimal):
        return None
    try:
        result = float(x)
    except OverflowError as error:
        raise too_large(x) from error
    except ValueError as error:  # a signaling nan
        raise NumberError(f"{x!r} cannot be a float: {error}") from error
    if math.isinf(result) and x != result:  # as Decimal("1e400"), which does not raise
        raise too_large(x)
    return result


def too_large(x: Any) -> NumberError:
    """Return the error for a number beyond the floats."""
    return NumberError(
        f"a number of this size does not fit a float (the largest is 1.8e308): {_shorten(x)}"
    )


def number(x: Any, name: str) -> float:
    """Return a number as a float.

    Args:
        x: what has to be a number.
        name: what it was meant for, for the error.

    Raises:
        OperandError: it is not a number.
    """
    result = as_float(x)
    if result is None:
        raise not_a_number(x, name)
    return result


def not_a_number(x: Any, name: str) -> OperandError:
    """Return the error for something that is not a number."""
    kind = type(x).__name__
    if isinstance(x, Node):
        remedy = (
            "use .detach() or .data for its number"
            if not hasattr(x, "ndim")
            else "Tensors and Values meet by tensor.to_values() or Tensor.from_values(values)"
        )
    else:
        remedy = REMEDIES.get(kind, "use a number: int, float, or a NumPy scalar")
    return OperandError(f"{name} takes numbers, got {kind} {_shorten(x)}: {remedy}")


def refused(x: Any) -> bool:
    """Return whether x is known to be no operand, so that an error can say what to use instead."""
    return isinstance(x, Node) or type(x).__name__ in REMEDIES


def _shorten(x: Any) -> str:
    if isinstance(x, int):
        return f"an int of {x.bit_length()} bits"
    text = " ".join(repr(x).split())
    return text if len(text) <= 60 else text[:57] + "..."
