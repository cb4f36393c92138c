"""Whether a function can be checked at all: what it is, and with how many inputs it is called."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from engine.errors import OperandError
from engine.testing.paths import name_of

ASYNC = "an async function, which returns something to await: check lambda x: asyncio.run({}(x))"
YIELDS = "a generator function, for it has a yield: check a function that returns a number"


def as_function(candidate: Any, what: str) -> None:
    """Raise unless something is a function that returns its result when it is called.

    Args:
        candidate: what is given for a function.
        what: what it is given as.

    Raises:
        OperandError: it is none, or an async or a generator function.
    """
    if not callable(candidate):
        raise OperandError(f"{what} has to be a function, got {candidate!r}")
    if inspect.iscoroutinefunction(candidate):
        raise OperandError(f"{name_of(candidate)} is {ASYNC.format(name_of(candidate))}")
    if inspect.isgeneratorfunction(candidate) or inspect.isasyncgenfunction(candidate):
        raise OperandError(f"{name_of(candidate)} is {YIELDS}")


def misfit(function: Callable[..., Any], count: int, given: str) -> OperandError | None:
    """Return the error for a function that cannot be called with so many inputs; None if it can.

    Args:
        function: the function.
        count: how many there are.
        given: what they are, for the message.

    >>> misfit(lambda x, y: x, 1, "1 input")
    OperandError("<lambda> cannot be called with 1 input: missing a required argument: 'y'")
    """
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # of a function without one, as of some written in C
        return None
    try:
        signature.bind(*range(count))
    except TypeError as error:
        return OperandError(f"{name_of(function)} cannot be called with {given}: {error}")
    return None


def number_of(count: int) -> str:
    """Return how many inputs there are, in words."""
    return f"{count} input{'s' * (count != 1)}"
