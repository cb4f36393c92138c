"""The chain rule on a recorded graph with the gradients as returned nodes, not on `.grad`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from engine.errors import GraphError
from engine.graph import sweep, walk
from engine.node import COUNTERS, Node
from engine.op import Reduction, is_array
from engine.value import Value


def pull(
    results: Sequence[Any],
    seeds: Sequence[Any],
    variables: Sequence[Any],
    floor: int,
    graph: bool,
) -> list[Any]:
    """Return the gradient of each variable: reverse mode.

    Args:
        results: what to differentiate; those that are no nodes are constants.
        seeds: the gradient that each result starts with.
        variables: Values and Tensors to differentiate for.
        floor: the creation index before the first variable; older nodes are constants here.
        graph: whether the gradients are nodes with a graph of their own; else they are numbers and
            arrays.
    """
    roots = [
        (result, seed)
        for result, seed in zip(results, seeds, strict=True)
        if isinstance(result, Node) and cast("Any", result).requires_grad and result.index > floor
        if is_array(seed) or isinstance(seed, Node) or seed != 0.0  # 0 may meet another's inf
    ]
    nodes = [root for root, _ in roots]
    if graph or any(isinstance(seed, Node) for _, seed in roots):
        gradients = _pull_graph(nodes, [seed for _, seed in roots], variables, floor)
        return [
            _zero(variable) if gradient is None else gradient
            for variable, gradient in zip(variables, gradients, strict=True)
        ]
    for variable in variables:
        variable.zero_grad()
    # Only nodes of this recording are above the floor, so no gradient of the user's is touched.
    sweep(nodes, [root._as_seed(seed) for root, seed in roots], floor)
    return [_zero(variable) if variable.grad is None else variable.grad for variable in variables]


def push(
    results: Sequence[Any],
    variables: Sequence[Any],
    directions: Sequence[Any],
    floor: int,
    graph: bool,
) -> list[Any]:
    """Return the derivative of each result along a direction: forward mode.

    Args:
        results: what to differentiate; those that are no nodes are constants.
        variables: Values and Tensors to differentiate for.
        directions: how each variable changes.
        floor: the creation index before the first variable; older nodes are constants here.
        graph: whether the derivatives are nodes with a graph of their own; else they are numbers
            and arrays.
    """
    roots = [result for result in results if isinstance(result, Node)]
    order = walk(list(roots), floor)
    if any(is_array(node) for node in (*order, *roots, *variables)):
        return _push_twice(results, variables, directions, floor, graph)
    slopes: dict[Any, Any] = dict(zip(variables, directions, strict=True))
    for node in reversed(cast("list[Value]", order)):
        if node in slopes:  # a variable that is linked to the Value it came from
            continue
        slope: Any = 0.0
        partials = _partials(node) if graph else node.local_gradients
        for operand, partial in zip(node.operands, partials, strict=True):
            if operand in slopes:
                slope = slope + partial * slopes[operand]
        slopes[node] = slope
    return [slopes.get(result, 0.0) if isinstance(result, Value) else 0.0 for result in results]


def _push_twice(
    results: Sequence[Any],
    variables: Sequence[Any],
    directions: Sequence[Any],
    floor: int,
    graph: bool,
) -> list[Any]:
    """Return what `push` does by two pulls: the transpose of a transpose.

    Pulling a cotangent back is linear in the cotangent, and pulling the directions back through
    that linear function pushes them forward (Townsend 2017). So no op of arrays needs a second
    rule.
    """
    ground = COUNTERS.created
    cotangents = [_cotangent(result) for result in results]
    gradients = _pull_graph(results, cotangents, variables, floor)
    given = [
        (gradient, direction)
        for gradient, direction in zip(gradients, directions, strict=True)
        if gradient is not None
    ]
    return pull(
        [gradient for gradient, _ in given],
        [direction for _, direction in given],
        cotangents,
        ground,
        graph,
    )


def _cotangent(result: Any) -> Any:
    if is_array(result):
        from engine.arrays import leaves  # NumPy is loaded for arrays only

        return leaves.variable(leaves.plain(result))
    return Value(0.0)


def _zero(variable: Any) -> Any:
    if is_array(variable):
        from engine.arrays import leaves  # NumPy is loaded for arrays only

        return leaves.zeros(variable)
    return 0.0


def _pull_graph(
    roots: Sequence[Any], seeds: Sequence[Any], variables: Sequence[Any], floor: int
) -> list[Any]:
    """Return the gradient of each variable as a node, or None where nothing flows."""
    gradients: dict[Any, Any] = {}
    nodes = []
    for root, seed in zip(roots, seeds, strict=True):
        if not isinstance(root, Node) or not root._requires_grad or root.index <= floor:
            continue
        nodes.append(root)
        start = seed if isinstance(seed, Node) else root._as_seed(seed)
        gradients[root] = gradients[root] + start if root in gradients else start
    keep = set(variables)
    for node in cast("list[Any]", walk(nodes, floor)):
        if node in keep:
            continue
        gradient = gradients.pop(node)
        wanted = [
            operand.requires_grad and floor < operand.index < node.index
            for operand in node.operands
        ]
        whole = any(map(is_array, (node, *node.operands)))
        parts = _array_parts(node, gradient, wanted) if whole else _parts(node, gradient)
        for operand, part, want in zip(node.operands, parts, wanted, strict=True):
            if want and part is not None:
                gradients[operand] = gradients[operand] + part if operand in gradients else part
    return [gradients.get(variable) for variable in variables]


def _parts(node: Value, gradient: Any) -> list[Any]:
    return [gradient * partial for partial in _partials(node)]


def _array_parts(node: Any, gradient: Any, wanted: Sequence[bool]) -> list[Any]:
    """Return the part of a gradient for each operand that is wanted, of an op on arrays."""
    from engine.arrays import leaves
    from engine.arrays.broadcasting import unbroadcast
    from engine.arrays.shaping import shape_of

    if is_array(node):
        node._check_unchanged()
        gradient = leaves.seed(gradient, node)
    parts = []
    for place, (operand, want) in enumerate(zip(node.operands, wanted, strict=True)):
        part = node.op.pull(place, gradient, node, node.operands) if want else None
        parts.append(None if part is None else unbroadcast(part, shape_of(operand)))
    return parts


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
