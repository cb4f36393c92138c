"""What the stepper records: a snapshot of a graph and the backward sweep over it, as plain data.

Nothing here holds on to the graph or writes to it.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

from engine.source import text_of
from engine.view.stepper.chain import Chain
from engine.view.trace import Trace


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
        chain: what each node gives and passes on.
    """

    def __init__(
        self,
        trace: Trace,
        order: list[int],
        seeds: list[Contribution],
        contributions: list[list[Contribution]],
        chain: Chain,
    ) -> None:
        self.trace = trace
        self.order = order
        self.seeds = seeds
        self.contributions = contributions
        self.chain = chain

    @cached_property
    def lines(self) -> dict[str, str]:
        """The text of the lines of the program that made nodes, by their places."""
        places = dict.fromkeys(self.trace.sources)
        return {place: text for place in places if place and (text := text_of(place))}

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
