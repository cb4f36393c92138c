"""The classic wrong ways to run the backward pass, replayed beside the right one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice, zip_longest
from textwrap import indent
from typing import Any, Literal, NamedTuple

from engine.errors import NumberError
from engine.view.stepper.building import StepBuilder
from engine.view.stepper.data import Amount
from engine.view.stepper.numbers import brief, is_zero, shown
from engine.view.stepper.recording import Record
from engine.view.stepper.words import aligned

Algorithm = Literal["no_topological_order", "overwrite"]
MOST_VISITS = 10_000  # that are replayed: without an order, some graphs take 2 to the nodes
MOST_COUNTED = 10**18
MOST_ROWS = 40  # of a table


class Mistake(NamedTuple):
    """A wrong way: what it does, as Python, when it does no harm, and how it is replayed."""

    summary: str
    code: str
    harmless: str
    replay: Callable[[Record, list[Any]], Iterator[tuple[int, Any, str]]]


@dataclass(frozen=True, slots=True)
class Visit:
    """A node passing its gradient on.

    Attributes:
        name: what formulas call the node.
        upstream: the gradient that it passes on.
        wrong: what is wrong with that; empty if nothing is.
    """

    name: str
    upstream: Amount
    wrong: str = ""

    def __str__(self) -> str:
        return f"{self.name} passes on {brief(self.upstream)}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The gradient of a node by the right way and by the wrong one."""

    name: str
    right: Amount | None
    wrong: Amount | None

    @property
    def same(self) -> bool:
        """Whether both agree, but for the rounding of sums in another order."""
        if self.right is None or self.wrong is None:
            return self.right is self.wrong
        if not isinstance(self.right, float):
            return _all_close(self.right, self.wrong)
        if math.isnan(self.right):
            return math.isnan(self.wrong)
        return math.isclose(self.right, self.wrong, rel_tol=1e-12)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A wrong way to run the backward pass, beside the right one.

    Attributes:
        algorithm: the wrong way.
        right: the visits of `backward`.
        wrong: the visits of the wrong way; the first ones if they are very many.
        needed: how many visits the wrong way takes; MOST_COUNTED stands for more than that.
        parts_at: the place in `wrong` of the first visit that is wrong, None if there is none.
        outcomes: the gradients, those of leaves first.
    """

    algorithm: str
    right: tuple[Visit, ...]
    wrong: tuple[Visit, ...]
    needed: int
    parts_at: int | None
    outcomes: tuple[Outcome, ...]

    def __str__(self) -> str:
        mistake = MISTAKES[self.algorithm]
        blocks = [f"{self.algorithm}: {mistake.summary}", indent(mistake.code, "    ")]
        blocks.append("\n".join(self._visits()))
        if self.parts_at is None:
            blocks.append(f"They never part: {mistake.harmless}.")
        else:
            visit = self.wrong[self.parts_at]
            blocks.append(f"They part at visit {self.parts_at + 1}, where {visit}: {visit.wrong}.")
        blocks.append("\n".join(self._gradients()))
        return "\n\n".join(blocks)

    def _visits(self) -> list[str]:
        rows = [("visit", "backward()", "this way", "")]
        pairs = islice(zip_longest(self.right, self.wrong), MOST_ROWS)
        for place, (right, wrong) in enumerate(pairs, 1):
            remark = f"✗ {wrong.wrong}" if wrong is not None and wrong.wrong else ""
            rows.append((str(place), str(right or ""), str(wrong or ""), remark))
        hidden = self.needed - MOST_ROWS
        if hidden <= 0:
            return aligned(rows)
        least = "more than " if self.needed == MOST_COUNTED else ""
        rest = f"    … and {least}{hidden:,} more visit{'s' * (hidden != 1)} this way"
        if self.needed > len(self.wrong):
            rest += f"; the gradients below are those after the first {len(self.wrong):,}"
        return [*aligned(rows), rest]

    def _gradients(self) -> list[str]:
        rows = [("gradient", "backward()", "this way", "")]
        for outcome in sorted(self.outcomes, key=lambda outcome: outcome.same)[:MOST_ROWS]:
            verdict = "" if outcome.same else "✗"
            both = shown(outcome.right), shown(outcome.wrong)
            rows.append((f"{outcome.name}.grad", *both, verdict))
        hidden = len(self.outcomes) - MOST_ROWS
        return aligned(rows) + ([f"    … and {hidden:,} more"] if hidden > 0 else [])


def compare(recorded: Record, builder: StepBuilder, algorithm: str) -> Comparison:
    """Replay a wrong way to run the backward pass beside the right one.

    Args:
        recorded: the right way.
        builder: what names the nodes.
        algorithm: "no_topological_order" or "overwrite".

    Raises:
        NumberError: there is no such algorithm.
    """
    if algorithm not in MISTAKES:
        known = " or ".join(map(repr, MISTAKES))
        raise NumberError(f"there is no wrong algorithm {algorithm!r}: use {known}")
    gradients = list(recorded.starting_gradients)
    for seed in recorded.seeds:
        gradients[seed.target] = seed.after
    replay = MISTAKES[algorithm].replay(recorded, gradients)
    wrong = tuple(
        Visit(builder.name(node), upstream, remark)
        for node, upstream, remark in islice(replay, MOST_VISITS)
    )
    right = tuple(Visit(builder.name(node), recorded.gradients[node]) for node in recorded.order)
    shown = [*recorded.leaves, *recorded.interior]
    return Comparison(
        algorithm,
        right,
        wrong,
        len(right) if algorithm == "overwrite" else _count_paths(recorded),
        next((place for place, visit in enumerate(wrong) if visit.wrong), None),
        tuple(Outcome(builder.name(i), recorded.gradients[i], gradients[i]) for i in shown),
    )


def _without_order(recorded: Record, gradients: list[Any]) -> Iterator[tuple[int, Any, str]]:
    """Yield each visit of the recursion below; `gradients` changes on the way."""
    trace = recorded.trace
    arrived = [0] * len(trace)
    passed: dict[int, Any] = {}  # what a node passed on at its last visit
    waiting = [seed.target for seed in reversed(recorded.seeds)]
    while waiting:
        node = waiting.pop()
        if trace.ops[node] is None:
            continue
        upstream = gradients[node]
        uses, remark = len(recorded.consumers.get(node, ())), ""
        if node in passed:
            remark = f"again, so the {brief(passed[node])} of before counts twice"
        elif arrived[node] < uses:
            remark = f"too early: {arrived[node]} of its {uses} uses arrived"
        passed[node] = upstream
        received = recorded.chain.passed(node, upstream)
        for _, target, amount in received:
            before = gradients[target]
            gradients[target] = amount + (0.0 if before is None else before)
            arrived[target] += 1
        yield node, upstream, remark
        waiting.extend(target for _, target, _ in reversed(received))


def _overwriting(recorded: Record, gradients: list[Any]) -> Iterator[tuple[int, Any, str]]:
    """Yield each visit of the loop below; `gradients` changes on the way."""
    for node in recorded.order:
        upstream, remark = gradients[node], ""
        for _, target, amount in recorded.chain.passed(node, upstream):
            lost = gradients[target]
            if lost is not None and not is_zero(lost) and not remark:
                remark = f"the {brief(lost)} that was there before is lost"
            gradients[target] = amount
        yield node, upstream, remark


def _count_paths(recorded: Record) -> int:
    """Return how many visits the recursion takes: one for each path from a root."""
    paths = [0] * len(recorded.trace)
    for seed in recorded.seeds:
        paths[seed.target] += 1
    total = 0
    for node, passed in zip(recorded.order, recorded.contributions, strict=True):
        total = min(total + paths[node], MOST_COUNTED)
        for c in passed:
            paths[c.target] = min(paths[c.target] + paths[node], MOST_COUNTED)
    return total


def _all_close(right: Any, wrong: Any) -> bool:
    from numpy import allclose  # what holds an array has imported it

    return allclose(right, wrong, rtol=1e-6, atol=0.0, equal_nan=True)


MISTAKES = {
    "no_topological_order": Mistake(
        "every node passes its gradient on as soon as one arrives",
        "def backward(node):\n"
        "    for operand, local in zip(node.operands, node.local_gradients):\n"
        "        operand.grad += node.grad * local\n"
        "    for operand in node.operands:\n"
        "        backward(operand)  # and not: once all of its consumers are done",
        "no node between the root and the leaves is used more than once",
        _without_order,
    ),
    "overwrite": Mistake(
        "a gradient replaces the one before instead of adding to it",
        "for node in topological_order(root):\n"
        "    for operand, local in zip(node.operands, node.local_gradients):\n"
        "        operand.grad = node.grad * local  # and not +=",
        "no node is used more than once",
        _overwriting,
    ),
}
