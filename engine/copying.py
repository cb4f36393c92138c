"""Copying graphs of any depth, with the sharing of nodes kept.

Compiled with mypyc where a C compiler was at hand at install, plain Python otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Final, cast

from engine.graph import operands_of
from engine.node import Many, Node
from engine.value import UNSET, Value

INDEX: Final = attrgetter("index")


def shallow_copy(value: Value) -> Value:
    """Return a new node with the parts of this one and the same operands."""
    return _twin(value, operands_of(value))


def deep_copy(value: Value, memo: dict[int, Any]) -> Value:
    """Return a copy of a node and of all that it was computed from.

    Args:
        value: what to copy.
        memo: the copies made so far by the id of their original, as `copy.deepcopy` keeps them.
    """
    nodes: list[Value] = []
    if id(value) not in memo:
        memo[id(value)] = None  # found, and copied below
        nodes.append(value)
    for node in nodes:  # the list grows while it is walked, and stops at what is copied already
        for operand in operands_of(node):
            if id(operand) not in memo:
                memo[id(operand)] = None
                nodes.append(cast("Value", operand))
    leaves = [node for node in nodes if node._op is None]
    interior = [node for node in nodes if node._op is not None]
    leaves.sort(key=INDEX)
    interior.sort(key=INDEX)
    for leaf in leaves:
        memo[id(leaf)] = _twin(leaf, ())
    for node in interior:
        memo[id(node)] = _twin(node, [memo[id(operand)] for operand in operands_of(node)])
    copy: Value = memo[id(value)]
    return copy


def _twin(node: Value, operands: Sequence[Node]) -> Value:
    """Return a new node with the parts of a node, and with operands of its own."""
    twin = Value(UNSET)
    twin._data = node._data
    twin._requires_grad = node._requires_grad
    twin._has_grad = node._has_grad
    if node._has_grad:
        twin._grad = node._grad
    twin._op = node._op
    if operands:
        # As the property gives them: the copy of an operand that passed nothing on, because it
        # became a variable later, is older than the copy of its result.
        local_gradients = node.local_gradients
        if node._many is not None:
            twin._many = Many(list(operands), list(local_gradients))
        else:
            twin._a = operands[0]
            twin._da = local_gradients[0]
            if len(operands) == 2:
                twin._b = operands[1]
                twin._db = local_gradients[1]
    note = node._note
    if note is not None:
        own = twin._own_note()
        own.label, own.scope, own.source = note.label, note.scope, note.source
    return twin
