"""Copying graphs of any depth, with the sharing of nodes kept.

Compiled with mypyc where a C compiler was at hand at install, plain Python otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Final

from engine.graph import operands_of
from engine.node import Many, Node

INDEX: Final = attrgetter("index")


def shallow_copy(node: Node) -> Node:
    """Return a new node with the parts of this one and the same operands."""
    return _twin(node, operands_of(node))


def deep_copy(root: Node, memo: dict[int, Any]) -> Node:
    """Return a copy of a node and of all that it was computed from.

    Args:
        root: what to copy.
        memo: the copies made so far by the id of their original, as `copy.deepcopy` keeps them.
    """
    nodes: list[Node] = []
    if id(root) not in memo:
        memo[id(root)] = None  # found, and copied below
        nodes.append(root)
    for node in nodes:  # the list grows while it is walked, and stops at what is copied already
        for operand in operands_of(node):
            if id(operand) not in memo:
                memo[id(operand)] = None
                nodes.append(operand)
    leaves = [node for node in nodes if node._op is None]
    interior = [node for node in nodes if node._op is not None]
    leaves.sort(key=INDEX)
    interior.sort(key=INDEX)
    for leaf in leaves:
        memo[id(leaf)] = _twin(leaf, ())
    for node in interior:
        memo[id(node)] = _twin(node, [memo[id(operand)] for operand in operands_of(node)])
    copy: Node = memo[id(root)]
    return copy


def _twin(node: Node, operands: Sequence[Node]) -> Node:
    """Return a new node with the parts of a node, and with operands of its own."""
    make, arguments = node._maker()
    return restore(make, arguments, operands, *parts(node))


def parts(node: Node) -> tuple[Any, ...]:
    """Return the parts of a node beside its operands."""
    # The local gradients of a Value are as the property gives them: the copy of an operand that
    # passed nothing on, because it became a variable later, is older than the copy of its result.
    many = node._many is not None
    note = (node.label, node.scope, node.source)
    return node._op, node._requires_grad, many, note, node._content()


def restore(
    make: Any,
    arguments: tuple[Any, ...],
    operands: Sequence[Node],
    op: object,
    requires_grad: bool,
    many: bool,
    note: tuple[str | None, str | None, str | None],
    content: tuple[Any, ...],
) -> Node:
    """Make a node from its parts, as copying and unpickling do."""
    out: Node = make(*arguments)
    out._op = op
    out._requires_grad = requires_grad
    if many:
        out._many = Many(list(operands), [])
    elif operands:
        out._a = operands[0]
        if len(operands) == 2:
            out._b = operands[1]
    if note != (None, None, None):
        own = out._own_note()
        own.label, own.scope, own.source = note
    out._take(content)
    return out
