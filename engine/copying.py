"""Copying and pickling graphs of any depth, with the sharing of nodes kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from engine.graph import topological_order
from engine.value import Value, restore

Note: TypeAlias = tuple[str | None, str | None, str | None]
Record: TypeAlias = tuple[float, float | None, bool, Any, tuple[int, ...], tuple[float, ...], Note]


def shallow_copy(value: Value) -> Value:
    """Return a new node with the parts of this one and the same operands."""
    return _restore_from(value, value.operands)


def deep_copy(value: Value, memo: dict[int, Any]) -> Value:
    """Return a copy of a node and of all that it was computed from.

    Args:
        value: what to copy.
        memo: the copies made so far by the id of their original, as `copy.deepcopy` keeps them.
    """
    for node in reversed(topological_order([value])):
        if id(node) not in memo:
            operands = tuple([memo[id(operand)] for operand in node.operands])
            memo[id(node)] = _restore_from(node, operands)
    copy: Value = memo[id(value)]
    return copy


def reduce(value: Value) -> tuple[Callable[..., Value], tuple[Any, ...]]:
    """Return what pickle stores: a flat list of records, so that no depth is too deep.

    Leaves are stored as objects of their own, which keeps them shared between all that is pickled
    together; an interior node is shared within the graph of each root.
    """
    nodes = topological_order([value])[::-1]
    if len(nodes) == 1:
        return restore, _parts(value, ())
    positions = {node: position for position, node in enumerate(nodes)}
    records = [
        node
        if node.op is None
        else _parts(node, tuple([positions[operand] for operand in node.operands]))
        for node in nodes
    ]
    return rebuild, (records,)


def rebuild(records: list[Value | Record]) -> Value:
    """Return the last of a list of leaves and records, whose operands are positions in it."""
    nodes: list[Value] = []
    for record in records:
        if isinstance(record, Value):
            nodes.append(record)
        else:
            data, grad, requires_grad, op, positions, local_gradients, note = record
            operands = tuple([nodes[position] for position in positions])
            nodes.append(restore(data, grad, requires_grad, op, operands, local_gradients, note))
    return nodes[-1]


def _restore_from(value: Value, operands: tuple[Value, ...]) -> Value:
    return restore(*_parts(value, operands))


def _parts(value: Value, operands: tuple[Any, ...]) -> tuple[Any, ...]:
    note = (value.label, value.scope, value.source)
    return (
        value.data,
        value.grad,
        value.requires_grad,
        value.op,
        operands,
        value.local_gradients,
        note,
    )
