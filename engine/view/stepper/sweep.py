"""Recording what `backward` does: the sweep over a graph of Values, run aside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.errors import GraphError, OperandError
from engine.graph import operands_of, topological_order
from engine.node import Node
from engine.op import is_array
from engine.view.names import callers_variables
from engine.view.stepper.chain import Chain
from engine.view.stepper.recording import Contribution, Record
from engine.view.trace import Trace

MOST_NODES, MOST_EDGES = 200_000, 500_000  # of a graph; recording them takes seconds
MOST_ELEMENTS = 20_000_000  # of the arrays that are kept


def record(roots: Sequence[object], gradients: Sequence[object] | None) -> Record:
    """Record what `backward` does from these roots, in its order and with its rounding.

    Args:
        roots: the Values to differentiate.
        gradients: the seed of each; 1 for each if not given.

    Raises:
        OperandError: a root is not a Value.
        GraphError: there is no root, one is a constant, the seeds are not as many, or the graph
            has more than MOST_NODES nodes or MOST_EDGES edges.
    """
    values = [_checked(root) for root in roots]
    if not values:
        raise GraphError("steps() got no root: give it the Value to differentiate")
    seeds = [1.0] * len(values) if gradients is None else gradients
    if len(seeds) != len(values):
        raise GraphError(f"steps() got {len(values)} roots and {len(seeds)} gradients")
    numbers = [v._as_seed(g) for v, g in zip(values, seeds, strict=True)]
    nodes = topological_order(values)
    _check_nodes(nodes)
    trace = Trace(values, callers_variables(), nodes)
    order = [trace.position[node.index] for node in nodes if node.op is not None]
    given = [(trace.position[v.index], n) for v, n in zip(values, numbers, strict=True)]
    if is_array(values[0]):
        from engine.view.stepper.array_sweep import sweep_arrays  # NumPy is loaded for arrays only

        return sweep_arrays(trace, order, given, nodes)
    return sweep(trace, order, given)


def sweep(trace: Trace, order: list[int], seeds: list[tuple[int, Any]]) -> Record:
    """Run the chain rule aside, on the numbers of a trace."""
    result = Record(trace, order, [], [], Chain(trace))
    gradients = list(result.starting_gradients)
    uses = [0] * len(trace)

    def receive(target: int, operand: int, amount: float) -> Contribution:
        before = gradients[target]
        # Not 0 + amount, which would lose the sign of -0.
        after = gradients[target] = amount if before is None else before + amount
        return Contribution(target, operand, amount, before, after, uses[target])

    for which, (root, seed) in enumerate(seeds):
        result.seeds.append(receive(root, which, seed))
    for position in order:
        passed = []
        for operand, target, amount in result.chain.passed(position, gradients[position]):
            uses[target] += 1
            passed.append(receive(target, operand, amount))
        result.contributions.append(passed)
    return result


def _checked(root: object) -> Any:
    if not isinstance(root, Node):
        raise OperandError(
            f"steps() starts from Values or Tensors, got {type(root).__name__} {root!r}"
        )
    node: Any = root
    if not node.requires_grad:
        raise GraphError(
            f"{root!r} is a constant: nothing was recorded that could be stepped through. It was "
            "computed from constants only, under no_grad(), or detached"
        )
    return node


def _check_nodes(nodes: Sequence[Any]) -> None:
    """Raise a GraphError for a graph that is too large, or has both Values and Tensors."""
    edges = sum(len(operands_of(node)) for node in nodes)
    if len(nodes) > MOST_NODES or edges > MOST_EDGES:
        raise GraphError(
            f"steps() records graphs of up to {MOST_NODES:,} nodes and {MOST_EDGES:,} edges, and "
            f"this one has {len(nodes):,} and {edges:,}: step through a part of it, as the loss of "
            "one sample"
        )
    arrays = sum(map(is_array, nodes))
    if arrays not in (0, len(nodes)):
        raise GraphError(
            f"steps() takes a graph of Values or one of Tensors, and this one has "
            f"{len(nodes) - arrays:,} Values and {arrays:,} Tensors: step from a node above "
            "or below the bridge between them"
        )
    if arrays:
        elements = sum(node.size for node in nodes)
        elements += sum(operand.size for node in nodes for operand in node.operands)
        if elements > MOST_ELEMENTS:
            raise GraphError(
                f"steps() keeps a copy of each array and of what flows on each edge, up to "
                f"{MOST_ELEMENTS:,} elements, and here are {elements:,}: step through a smaller "
                "batch"
            )
