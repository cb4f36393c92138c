"""The chain rule on a recorded graph with the gradients as returned values, not on `.grad`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from engine.errors import GraphError
from engine.graph import sweep, walk
from engine.op import Reduction
from engine.value import Value


def pull(
    results: Sequence[Any],
    seeds: Sequence[Any],
    variables: Sequence[Value],
    floor: int,
    graph: bool,
) -> list[Any]:
    """Return the gradient of each variable: reverse mode.

    Args:
        results: what to differentiate; those that are no Values are constants.
        seeds: the gradient that each result starts with.
        variables: what to differentiate for.
        floor: the creation index before the first variable; older nodes are constants here.
        graph: whether the gradients are Values with a graph of their own; else they are floats.
    """
    roots = [
        (result, seed)
        for result, seed in zip(results, seeds, strict=True)
        if isinstance(result, Value) and result.requires_grad and result.index > floor
        if isinstance(seed, Value) or seed != 0.0  # which would meet an inf of another result
    ]
    nodes = [root for root, _ in roots]
    if graph or any(isinstance(seed, Value) for _, seed in roots):
        return _pull_graph(nodes, [seed for _, seed in roots], variables, floor)
    for variable in variables:
        variable.zero_grad()
    # Only nodes of this recording are above the floor, so no gradient of the user's is touched.
    sweep(list(nodes), [float(seed) for _, seed in roots], floor)
    return [0.0 if variable.grad is None else variable.grad for variable in variables]


def push(
    results: Sequence[Any],
    variables: Sequence[Value],
    directions: Sequence[Any],
    floor: int,
    graph: bool,
) -> list[Any]:
    """Return the derivative of each result along a direction: forward mode.

    Args:
        results: what to differentiate; those that are no Values are constants.
        variables: what to differentiate for.
        directions: how each variable changes.
        floor: the creation index before the first variable; older nodes are constants here.
        graph: whether the derivatives are Values with a graph of their own; else they are floats.
    """
    slopes: dict[Any, Any] = dict(zip(variables, directions, strict=True))
    roots = [result for result in results if isinstance(result, Value)]
    for node in reversed(cast("list[Value]", walk(list(roots), floor))):
        if node in slopes:  # a variable that is linked to the Value it came from
            continue
        slope: Any = 0.0
        partials = _partials(node) if graph else node.local_gradients
        for operand, partial in zip(node.operands, partials, strict=True):
            if operand in slopes:
                slope = slope + partial * slopes[operand]
        slopes[node] = slope
    return [slopes.get(result, 0.0) if isinstance(result, Value) else 0.0 for result in results]


def _pull_graph(
    roots: Sequence[Value], seeds: Sequence[Any], variables: Sequence[Value], floor: int
) -> list[Any]:
    gradients: dict[Any, Any] = {}
    for root, seed in zip(roots, seeds, strict=True):
        gradients[root] = gradients[root] + seed if root in gradients else seed
    keep = set(variables)
    for node in cast("list[Value]", walk(list(roots), floor)):
        if node in keep:
            continue
        gradient = gradients.pop(node)
        for operand, partial in zip(node.operands, _partials(node), strict=True):
            if operand.requires_grad and floor < operand.index < node.index:
                part = gradient * partial
                gradients[operand] = gradients[operand] + part if operand in gradients else part
    return [gradients.get(variable, 0.0) for variable in variables]


def _partials(node: Value) -> list[Any]:
    """Return the derivative of a node for each operand, as Values that depend on the operands."""
    op, operands = node.op, list(node.operands)
    if isinstance(op, Reduction):
        partials = op.partials(node, operands)
    else:
        partials = [
            0.0 if derivative is None or not operand.requires_grad else derivative(node, *operands)
            for derivative, operand in zip(op.derivatives, operands, strict=True)
        ]
    for operand, partial, local in zip(operands, partials, node.local_gradients, strict=True):
        now = partial.data if isinstance(partial, Value) else float(partial)
        if operand.requires_grad and now != local and (now == now or local == local):
            raise GraphError(
                f"the data of an operand of {op.name} was changed after it was recorded (its "
                f"derivative was {local!r} and is now {now!r}): differentiate before changing data"
            )
    return partials
