"""What the stepper records: a snapshot of a graph and the backward sweep over it, as plain data.

Nothing here holds on to the graph or writes to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

from engine.errors import GraphError, OperandError
from engine.graph import operands_of, topological_order
from engine.node import Node
from engine.op import is_array
from engine.view.names import callers_variables
from engine.view.stepper.chain import Chain
from engine.view.stepper.source import texts_of
from engine.view.trace import Trace

MOST_NODES, MOST_EDGES = 200_000, 500_000  # of a graph; recording them takes seconds
MOST_ELEMENTS = 20_000_000  # of the arrays that are kept


class Contribution(NamedTuple):
    """What the sweep added to one gradient: a float, or a read-only array where there are axes."""

    target: int  # the node that received it, as a position in the trace
    operand: int  # which operand that is of the node that passed it on; of a seed, which root
    amount: Any
    before: Any  # None: nothing had arrived yet
    after: Any
    use: int  # how many contributions of consumers had arrived, this one included
    summed: str = ""  # how it came to the shape of an operand that was broadcast


class Record:
    """A graph and the sweep over it; nodes are positions in the trace.

    Args:
        trace: every node of the graph.
        order: the interior nodes in the order in which `backward` visits them.
        seeds: what the roots received.
        contributions: what each node of the order passed on.
        lines: the text of the lines of the program that made nodes, by their places.
        chain: what each node gives and passes on.
    """

    def __init__(
        self,
        trace: Trace,
        order: list[int],
        seeds: list[Contribution],
        contributions: list[list[Contribution]],
        lines: dict[str, str],
        chain: Chain,
    ) -> None:
        self.trace = trace
        self.order = order
        self.seeds = seeds
        self.contributions = contributions
        self.lines = lines
        self.chain = chain

    @cached_property
    def interior(self) -> list[int]:
        """The interior nodes in the order in which the program made them."""
        return sorted(self.order)

    @cached_property
    def size(self) -> tuple[int, int]:
        """The number of nodes and of edges."""
        return len(self.trace), sum(map(len, self.trace.operands))

    @cached_property
    def leaves(self) -> list[int]:
        """The leaves that require a gradient."""
        trace = self.trace
        return [i for i in range(len(trace)) if trace.ops[i] is None and trace.requires_grad[i]]

    @cached_property
    def consumers(self) -> dict[int, list[int]]:
        """The nodes that pass a gradient on to a node, once for each time they use it."""
        consumers: dict[int, list[int]] = {}
        for position, passed in zip(self.order, self.contributions, strict=True):
            for contribution in passed:
                consumers.setdefault(contribution.target, []).append(position)
        return consumers

    @cached_property
    def visit_of(self) -> dict[int, int]:
        """The place of each interior node in the order."""
        return {position: visit for visit, position in enumerate(self.order)}

    @cached_property
    def interior_place(self) -> dict[int, int]:
        """The place of each interior node in the order of the program."""
        return {position: place for place, position in enumerate(self.interior)}

    @cached_property
    def leaf_place(self) -> dict[int, int]:
        """The place of each leaf among the leaves."""
        return {position: place for place, position in enumerate(self.leaves)}

    @cached_property
    def starting_gradients(self) -> list[Any]:
        """The gradient of each node before the sweep: leaves keep theirs, all others lose it."""
        trace = self.trace
        return [trace.grads[i] if trace.ops[i] is None else None for i in range(len(trace))]

    @cached_property
    def gradients(self) -> list[Any]:
        """The gradient of each node after the sweep, as `backward` would leave it."""
        gradients = list(self.starting_gradients)
        for passed in [self.seeds, *self.contributions]:
            for contribution in passed:
                gradients[contribution.target] = contribution.after
        return gradients

    def rerun(self, changed: dict[int, Any]) -> list[Any]:
        """Return the data of each node if the program ran again with other leaves."""
        numbers: list[Any] = []
        for position, op in enumerate(self.trace.ops):
            if op is None:
                numbers.append(changed.get(position, self.trace.data[position]))
            else:
                numbers.append(self.chain.result(position, numbers))
        return numbers


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
    result = Record(trace, order, [], [], texts_of(trace.sources), Chain(trace))
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
