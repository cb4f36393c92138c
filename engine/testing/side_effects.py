"""assert_no_side_effects: a call leaves its inputs and the process as they were."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from engine.errors import MismatchError
from engine.node import Node, current_mode
from engine.testing.callables import as_function
from engine.testing.paths import name_of


def assert_no_side_effects(f: Callable[..., Any], *inputs: Any) -> Any:
    """Assert that a call changes neither its inputs nor the process, and return its result.

    Args:
        f: any function.
        inputs: what it is called with, twice: numbers, Values, arrays, and lists, tuples and dicts
            of them.

    What is looked at: the data, gradients, labels and flags of Values, the contents of arrays and
    containers, the global random numbers of Python and NumPy, whether gradients are recorded, and
    whether the second call gives what the first gave.

    Raises:
        MismatchError: something changed; the message names it. It is an AssertionError.
        OperandError: f is no function.

    >>> from engine import Value, tanh
    >>> assert_no_side_effects(tanh, Value(0.0)).data
    0.0
    """
    as_function(f, "f")
    name = name_of(f)
    before, process = _snapshot(list(inputs)), _process()
    result = f(*inputs)
    first, after = _snapshot(result), _process()
    for what, was, now in (
        ("an input", before, _snapshot(list(inputs))),
        *((what, was, after[what]) for what, was in process.items()),
    ):
        if was != now:
            raise MismatchError(f"{name} changes {what}{_difference(was, now)}")
    if _snapshot(f(*inputs)) != first:
        raise MismatchError(
            f"{name} gives another result when it is called again with the same inputs"
        )
    return result


def _process() -> dict[str, Any]:
    """Return what a call could change in the process, by name."""
    state: Any = np.random.get_state()
    _, keys, *rest = state
    return {
        "the global random numbers of Python": random.getstate(),
        "the global random numbers of NumPy": (keys.tobytes(), rest),
        "whether gradients are recorded: a mode was left open": id(current_mode()),
    }


def _snapshot(tree: Any) -> Any:
    """Return what a tree holds, so that it can be compared later."""
    if isinstance(tree, Node):
        state: Any = tree
        return _bits(state.data), _bits(state.grad), tree.label, state.requires_grad
    if isinstance(tree, list | tuple):
        return [type(tree), *map(_snapshot, tree)]
    if isinstance(tree, dict):
        return {key: _snapshot(item) for key, item in tree.items()}
    return _bits(tree)


def _bits(x: Any) -> Any:
    if isinstance(x, float):
        return x.hex()  # tells -0.0 from 0.0, and nan is nan
    if hasattr(x, "tobytes") and not isinstance(x, type):
        return x.shape, str(x.dtype), x.tobytes()
    return x


def _difference(was: Any, now: Any) -> str:
    """Return where two lists of snapshots differ, as the end of a sentence."""
    if not isinstance(was, list) or not isinstance(now, list):
        return ""
    places: Sequence[int] = [i for i, (a, b) in enumerate(zip(was, now, strict=True)) if a != b]
    return f": input {places[0] - 1}" if places else ""
