"""Walking a graph: topological order and the backward sweep.

Compiled with mypyc where a C compiler was at hand at install, plain Python otherwise.
Nothing here recurses, so a graph may be as deep as memory allows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar, cast

from mypy_extensions import i64

from engine.anomaly import check_sweep
from engine.errors import GraphError, OperandError
from engine.node import COUNTERS, Node, current_mode

N = TypeVar("N", bound=Node)


def topological_order(roots: Sequence[N]) -> list[N]:
    """Return every node that the roots were computed from, each before all of its operands.

    Args:
        roots: the nodes to start from.

    Interior nodes come in the order in which `backward` sweeps them; leaves follow.

    Raises:
        OperandError: a root is not a node.

    >>> from engine import Value
    >>> a = Value(2.0, label="a")
    >>> b = a * a + a
    >>> [node.label or node.op.symbol for node in topological_order([b])]
    ['+', '×', 'a']
    """
    nodes: list[Node] = []
    candidates: list[object] = _sequence(roots, "topological_order()", "roots", "[loss]")
    for candidate in candidates:
        if not isinstance(candidate, Node):
            raise not_a_node("topological_order()", candidate)
        nodes.append(candidate)
    interior = walk(nodes, 0)
    leaves: dict[Node, None] = {}
    for root in nodes:
        if root._op is None:
            leaves[root] = None
    for node in interior:
        for operand in operands_of(node):
            if operand._op is None:
                leaves[operand] = None
    return cast("list[N]", [*interior, *leaves])


def operands_of(node: Node) -> tuple[Node, ...]:
    """Return the operands of a node in order, duplicates kept; none for a leaf."""
    many = node._many
    if many is not None:
        return tuple(many.operands)
    a = node._a
    if a is None:
        return ()
    b = node._b
    if b is None:
        return (a,)
    return (a, b)


def backward(roots: Sequence[Node], gradients: Sequence[object] | None = None) -> None:
    """Compute the gradient of one or several roots with respect to every leaf below them.

    Args:
        roots: what to differentiate, in one sweep; the gradients of several roots add up.
        gradients: the seed of each root; 1 for each if not given.

    Leaves accumulate over calls, as in PyTorch; interior gradients are those of the latest call.
    Graphs of several threads are independent, but no two threads may sweep graphs that share
    leaves at one time: each would add to the same gradients.

    Raises:
        GraphError: a root is a constant, or there are more or fewer seeds than roots.
        OperandError: a root is not a node, or a seed not a number.

    >>> from engine import Value
    >>> a = Value(2.0)
    >>> h = a * 3
    >>> backward([h * 1, h * 10])
    >>> a.grad
    33.0
    """
    nodes: list[Node] = []
    candidates: list[object] = _sequence(roots, "backward()", "roots", "[loss]")
    for candidate in candidates:
        if not isinstance(candidate, Node):
            raise not_a_node("backward()", candidate)
        if not candidate._requires_grad:
            raise GraphError(
                f"{candidate!r} is a constant: it does not require grad. It was computed from "
                "constants only, under no_grad(), or detached"
            )
        nodes.append(candidate)
    given: list[object] = [1.0] * len(nodes)
    if gradients is not None:
        given = _sequence(gradients, "backward()", "gradients", "[1.0]")
    if len(given) != len(nodes):
        raise GraphError(f"backward() got {len(nodes)} roots and {len(given)} gradients")
    sweep(nodes, [node._as_seed(given[i]) for i, node in enumerate(nodes)], 0)


def not_a_node(name: str, candidate: object) -> OperandError:
    """Return the error for a root that is no node."""
    return OperandError(f"{name} starts from Values, got {type(candidate).__name__} {candidate!r}")


def _sequence(items: object, name: str, what: str, example: str) -> list[object]:
    """Return one of the sequences that a function of graphs takes, as a list."""
    if type(items) is list:  # the check below takes as long as a small sweep
        return cast("list[object]", items)
    if isinstance(items, Node) or not isinstance(items, Iterable):
        raise OperandError(
            f"{name} takes its {what} as a sequence, as {example}; got {type(items).__name__} "
            f"{items!r}"
        )
    return list(items)


def walk(roots: list[Node], floor: i64) -> list[Node]:
    """Return the interior nodes below the roots, in the order in which `sweep` visits them.

    Args:
        roots: where to start.
        floor: a creation index; nodes up to it are left out, and so is what lies below them.
    """
    found: list[Node] = []
    order: list[Node] = []
    try:
        _find(roots, floor, found, False)
        _visit(roots, floor, found, order)
    except BaseException:
        _forget_consumers(found)
        raise
    return order


def sweep(roots: list[Node], seeds: list[object], floor: i64) -> None:
    """Run the chain rule from the roots down to the leaves.

    Args:
        roots: what to differentiate; one may appear twice or below another.
        seeds: the gradient that each root starts with.
        floor: a creation index; nodes up to it neither receive a gradient nor pass one on.
    """
    if COUNTERS.modes and current_mode().anomaly:
        check_sweep(roots, seeds, walk(roots, floor))
    found: list[Node] = []
    try:
        _find(roots, floor, found, True)
        for i, root in enumerate(roots):  # zip would be called as any function is
            root._seed(seeds[i])
        _visit(roots, floor, found, None)
    except BaseException:  # as Ctrl-C in plain Python: the next walk must not find stale counts
        _forget_consumers(found)
        raise


# Kahn's algorithm (1962) in two passes. Half of the time of a step goes here, so what is done for
# each operand is written out for the first and the second: a call would cost plain Python as much.


def _find(roots: list[Node], floor: i64, found: list[Node], stale: bool) -> None:
    """Find the interior nodes below the roots and set `_pending` of each to its consumers' number.

    Args:
        roots: where to start; each counts as consumed once more, by whoever asked.
        floor: the creation index up to which nodes are left alone.
        found: the list to write the nodes to.
        stale: whether the gradients of the interior nodes are forgotten on the way.
    """
    _reach(roots, floor, found)
    for node in found:  # the list grows while it is walked
        if stale:
            node._has_grad = False
        many = node._many
        if many is not None:
            _reach(many.operands, floor, found)
            continue
        a = node._a
        if a is not None and a._op is not None and a._index > floor:
            if a._pending == 0:
                found.append(a)
            a._pending += 1
        b = node._b
        if b is not None and b._op is not None and b._index > floor:
            if b._pending == 0:
                found.append(b)
            b._pending += 1


def _reach(operands: list[Node], floor: i64, found: list[Node]) -> None:
    """Count one more consumer of each interior node; the first one finds it."""
    for operand in operands:
        if operand._op is not None and operand._index > floor:
            if operand._pending == 0:
                found.append(operand)
            operand._pending += 1


def _visit(roots: list[Node], floor: i64, found: list[Node], order: list[Node] | None) -> None:
    """Visit every interior node once its last consumer was visited.

    Last ready, first visited: nodes that were made together are visited together, while they are
    in the processor's cache.

    Args:
        roots: where to start.
        floor: the creation index up to which nodes are left alone.
        found: the nodes, with their consumers counted.
        order: the list to write the nodes to; if None, each spreads its gradient instead.

    Raises:
        GraphError: there is a cycle.
    """
    # A stack that keeps its room: at each pop a list would think of shrinking. It has no more room
    # than it needs, for to fill and to free it touches every node once more.
    ready: list[Node] = []
    size = _release(roots, floor, ready, 0)
    visited: i64 = 0
    while size > 0:
        size -= 1
        node = ready[size]
        visited += 1
        if order is None:
            node._spread(floor)
        else:
            order.append(node)
        many = node._many
        if many is not None:
            size = _release(many.operands, floor, ready, size)
            continue
        a = node._a
        if a is not None and a._op is not None and a._index > floor:
            a._pending -= 1
            if a._pending == 0:
                ready[size] = a  # where the node itself lay
                size += 1
        b = node._b
        if b is not None and b._op is not None and b._index > floor:
            b._pending -= 1
            if b._pending == 0:
                if size < len(ready):
                    ready[size] = b
                else:
                    ready.append(b)
                size += 1
    if visited != len(found):
        raise GraphError(
            f"the graph has a cycle: {len(found) - visited} nodes wait for each other's gradients. "
            "Operands are fixed when a node is made; something edited them by hand"
        )


def _release(operands: list[Node], floor: i64, ready: list[Node], size: i64) -> i64:
    """Count one consumer of each interior node as visited; after its last, it is ready.

    Returns the new size of the stack of those that are.
    """
    for operand in operands:
        if operand._op is not None and operand._index > floor:
            operand._pending -= 1
            if operand._pending == 0:
                if size < len(ready):
                    ready[size] = operand
                else:
                    ready.append(operand)
                size += 1
    return size


def _forget_consumers(found: list[Node]) -> None:
    """Set `_pending` of the nodes back to 0 after a walk that was cut short."""
    for node in found:
        node._pending = 0
