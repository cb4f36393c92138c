"""Assertions that compare a function with another one: its values, and its errors."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from engine.coercion import as_float
from engine.errors import MismatchError, NumberError
from engine.testing.callables import as_function
from engine.testing.oracles.domains import WIDE, Source, draw, each
from engine.testing.oracles.local import LARGEST, gap
from engine.testing.paths import name_of, parameters
from engine.trees import each as each_leaf, leaves
from engine.value import Value

SAYS_NOTHING = (ArithmeticError, ValueError)  # as math.log(-1.0) does, where IEEE 754 says nan


def assert_matches(
    f: Callable[..., Any],
    reference: Callable[..., Any],
    *inputs: Any,
    rtol: float = 1e-12,
    atol: float = 0.0,
    examples: int = 100,
    seed: int = 0,
) -> None:
    """Assert that a function of Values has the values of a reference.

    Args:
        f: the function; it gets Values.
        reference: takes and returns plain numbers, as functions of math, NumPy and mpmath do.
        inputs: where to compare: numbers, or nested lists, tuples and dicts of them. Without any,
            so many examples are drawn from the whole range of floats.
        rtol: the relative error that is allowed.
        atol: the absolute error that is allowed beside that.
        examples: how many are drawn.
        seed: what they are drawn with.

    nan has to meet nan, and inf the same inf. Where the reference raises an ArithmeticError or a
    ValueError, as math.log(-1.0) does, it says nothing.

    Raises:
        MismatchError: a value differs; it is an AssertionError.
        NumberError: the reference said nothing anywhere, or nothing tells how many inputs to draw.
        OperandError: one of the two is no function.

    >>> import math, engine
    >>> assert_matches(engine.tanh, math.tanh)
    """
    as_function(f, "f")
    as_function(reference, "reference")
    compared = 0
    for point in [inputs] if inputs else _points(f, reference, examples, seed):
        try:
            expected = reference(*point)
        except SAYS_NOTHING:
            continue
        compared += 1
        got = f(*[each_leaf(tree, _variable) for tree in point])
        _compare(name_of(f), point, got, expected, rtol, atol)
    if not compared:
        raise NumberError(
            f"{name_of(reference)} raised an error at every point, so nothing was compared: give "
            "inputs of its domain"
        )


def _variable(leaf: Any) -> Value:
    return Value(leaf.data if isinstance(leaf, Value) else leaf)


def _points(
    f: Callable[..., Any], reference: Callable[..., Any], examples: int, seed: int
) -> Iterator[tuple[float, ...]]:
    count = _arity(reference) or _arity(f)
    if not count:
        raise NumberError(
            f"nothing tells how many inputs {name_of(f)} takes: give them after the reference"
        )
    ways: list[Source] = [*WIDE]
    points = tuple(each(*way) for way in itertools.product(ways, repeat=min(count, 2)))
    if count > 2:
        points = tuple(each(*[way] * count) for way in ways)
    return draw(f"assert_matches {seed}", points, examples)


def _arity(function: Callable[..., Any]) -> int:
    """Return how many inputs a function takes, 0 if that is not known."""
    derivatives = getattr(function, "derivatives", None)
    if derivatives:
        return len(derivatives)
    return len([name for name in parameters(function, 9) if " " not in name])


def _compare(
    name: str, point: Sequence[Any], got: Any, expected: Any, rtol: float, atol: float
) -> None:
    ours = [x.data if isinstance(x, Value) else float(x) for x in leaves(got, f"{name}()")]
    theirs = [_plain(x) for x in _flat(expected)]
    where = f"at {', '.join(map(repr, point))}"
    if len(ours) != len(theirs):
        raise MismatchError(
            f"{name} gives {len(ours)} numbers {where} and the reference {len(theirs)}"
        )
    for i, (x, y) in enumerate(zip(ours, theirs, strict=True)):
        off = gap(x, y)
        if off > 0.0 and not off <= rtol * min(abs(y), LARGEST) + atol:
            place = f" in number {i}" if len(ours) > 1 else ""
            raise MismatchError(f"{name} gives {x!r} {where}{place}, and the reference {y!r}")


def _flat(tree: Any) -> list[Any]:
    if isinstance(tree, dict):
        return [leaf for item in tree.values() for leaf in _flat(item)]
    if isinstance(tree, list | tuple) or getattr(tree, "shape", ()) != ():
        return [leaf for item in tree for leaf in _flat(item)]
    return [tree]


def _plain(x: Any) -> float:
    found = as_float(x)
    return float(x) if found is None else found  # a number of mpmath


def assert_raises_same(f: Callable[..., Any], reference: Callable[..., Any], *inputs: Any) -> None:
    """Assert that a function raises an error where a reference does, and of the same kind.

    Args:
        f: the function.
        reference: what it is compared with.
        inputs: what both are called with, just as they are.

    Two errors are of the same kind if the class of one is that of the other or made from it.

    Raises:
        MismatchError: one raised and the other did not, or the kinds differ; an AssertionError.
        OperandError: one of the two is no function.

    >>> import engine
    >>> assert_raises_same(engine.Value, float, "three") # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    MismatchError: Value raises OperandError, a TypeError, where float raises ValueError
    """
    as_function(f, "f")
    as_function(reference, "reference")
    ours, theirs = _raised(f, inputs), _raised(reference, inputs)
    if ours is theirs is None:
        return
    if ours is None or theirs is None or not _akin(type(ours), type(theirs)):
        raise MismatchError(
            f"{name_of(f)} {_outcome(ours)}, where {name_of(reference)} {_outcome(theirs)}, "
            f"for {', '.join(map(repr, inputs)) or 'no inputs'}"
        )


def _raised(function: Callable[..., Any], inputs: Sequence[Any]) -> Exception | None:
    try:
        function(*inputs)
    except Exception as error:
        return error
    return None


def _akin(one: type, other: type) -> bool:
    return issubclass(one, other) or issubclass(other, one)


def _outcome(error: Exception | None) -> str:
    return "raises nothing" if error is None else f"raises {type(error).__name__} ({error})"
