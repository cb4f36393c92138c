"""Where a gradient comes from: every contribution along every edge into one node."""

from __future__ import annotations

import math
from dataclasses import dataclass
from difflib import get_close_matches

from engine.errors import GraphError
from engine.node import Node
from engine.view.notation import atom
from engine.view.stepper.data import Amount
from engine.view.stepper.numbers import brief, shown, size_of
from engine.view.stepper.sequence import StepSequence
from engine.view.stepper.words import aligned, factor, signed

MOST_TERMS = 6  # of a sum that are written out
MOST_ROWS = 40  # of a table


@dataclass(frozen=True, slots=True)
class Flow:
    """What one edge, or a seed, adds to a gradient.

    Attributes:
        contribution: what is added.
        out: the name of the node that it comes through; empty if there is none.
        through: that node with its op, ``"through e = a + b"``; or what else it is.
        upstream: the gradient of that node; None if the flow comes through none.
        rule: the local derivative as a formula.
        local: the local derivative as a number.
        use: the place in the order in which the contributions arrive, from 1; 0 for what is there
            before the first.
        pull: of Tensors, how it follows from the upstream gradient, and over what it is summed.
    """

    contribution: Amount
    out: str
    through: str
    upstream: Amount | None
    rule: str
    local: Amount | None
    use: int
    pull: str = ""


@dataclass(frozen=True, slots=True)
class Why:
    """Why a gradient is what it is.

    Attributes:
        name: the node.
        symbol: what is differentiated.
        grad: the gradient; the contributions, added in the order of their arrival, give it
            exactly.
        flows: the contributions, the largest first.
    """

    name: str
    symbol: str
    grad: Amount | None
    flows: tuple[Flow, ...]

    def __str__(self) -> str:
        if self.grad is None:
            return f"{self.name} is a constant: no gradient flows to it"
        head = f"{self.name}.grad = {shown(self.grad)}"
        uses = max(flow.use for flow in self.flows)
        rows = aligned(self._row(flow, uses) for flow in self.flows[:MOST_ROWS])
        hidden = len(self.flows) - MOST_ROWS
        if hidden > 0:
            rest = sum(flow.contribution for flow in self.flows[MOST_ROWS:])
            ones = "one" if hidden == 1 else "ones"
            rows.append(f"    … and {hidden:,} smaller {ones}, {signed(rest)} in all")
        return "\n".join([head if len(self.flows) == 1 else f"{head} = {self._sum()}", *rows])

    def _sum(self) -> str:
        """Return the first contributions as they are added up."""
        first, *rest = sorted(self.flows, key=lambda flow: flow.use)
        terms = [brief(first.contribution), *(atom(brief(f.contribution)) for f in rest)]
        if len(terms) > MOST_TERMS:
            terms[MOST_TERMS - 1 :] = [f"{len(terms) - MOST_TERMS + 1:,} more"]
        return " + ".join(terms)

    def _row(self, flow: Flow, uses: int) -> tuple[str, ...]:
        place = f"(use {flow.use} of {uses})"
        if flow.pull:
            return (shown(flow.contribution), flow.pull, flow.through, place)
        if flow.upstream is None or flow.local is None:
            return (signed(flow.contribution), "", flow.through, "")
        symbols = f"∂{self.symbol}/∂{flow.out} · ∂{flow.out}/∂{self.name}"
        numbers = f"{shown(flow.upstream)} × {factor(flow.local)}"
        return (
            signed(flow.contribution),
            f"{symbols} = {numbers}",
            flow.through,
            place,
        )


def why(s: StepSequence, node: Node | str) -> Why:
    """Return where the gradient of a node comes from.

    Args:
        s: steps with a backward pass.
        node: a node of the graph, or its name.

    Raises:
        GraphError: the node is not in the graph, or several have the name.
    """
    record, builder = s.record, s.builder
    position = _found(s, node)
    flows = []
    held = record.starting_gradients[position]
    if held is not None:
        flows.append(Flow(held, "", "held before the sweep", None, "", None, 0))
    for seed in record.seeds:
        if seed.target == position:
            flows.append(Flow(seed.amount, "", "its seed, as a root", None, "", None, 0))
    for consumer in dict.fromkeys(record.consumers.get(position, ())):
        rule_of, through = builder.rules(consumer), f"through {builder.equation(consumer)}"
        pull_of = builder.pulls(consumer)
        for c in record.contributions[record.visit_of[consumer]]:
            if c.target == position:
                rule, local = rule_of(c.operand), record.chain.local(consumer, c.operand)
                upstream = record.gradients[consumer]
                pull = ", ".join(filter(None, (pull_of(c.operand), c.summed)))
                flows.append(
                    Flow(
                        c.amount,
                        builder.name(consumer),
                        through,
                        upstream,
                        rule,
                        local,
                        c.use,
                        pull,
                    )
                )
    flows.sort(key=_size, reverse=True)
    grad = record.gradients[position]
    return Why(builder.name(position), builder.symbol, grad, tuple(flows))


def _size(flow: Flow) -> float:
    """Return how much a contribution weighs: nan spoils all, so it weighs most."""
    size = size_of(flow.contribution)
    return math.inf if math.isnan(size) else size


def _found(s: StepSequence, node: Node | str) -> int:
    trace = s.record.trace
    if isinstance(node, Node):
        if node.index not in trace.position:
            raise GraphError(f"{node!r} is not in the graph that these steps are of")
        return trace.position[node.index]
    bearers = [i for i in range(len(trace)) if trace.name(i) == node]
    if len(bearers) == 1:
        return bearers[0]
    if bearers:
        raise GraphError(f"{len(bearers)} nodes are called {node!r}: give the Value itself")
    names = dict.fromkeys(label for label in trace.labels if label is not None)
    close = get_close_matches(str(node), names, 3)
    hint = f": did you mean {' or '.join(map(repr, close))}?" if close else ""
    raise GraphError(f"no node of this graph is called {node!r}{hint}")
