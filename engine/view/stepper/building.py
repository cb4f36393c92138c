"""From a recorded sweep to Step objects: what happens, in names and in numbers, and why now."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from itertools import count
from typing import Any

from engine.view.formatting import format_number, format_value
from engine.view.notation import applied, atom, with_numbers
from engine.view.stepper.data import Part, Partial, Step
from engine.view.stepper.numbers import shown, sort_of
from engine.view.stepper.recording import Contribution, Record
from engine.view.stepper.remarks import remarks, stale
from engine.view.stepper.words import is_whole, listed, pull, readable, rule
from engine.view.trace import CONSTANT


class StepBuilder:
    """Makes any step of any pass over one recorded graph.

    Args:
        recorded: the graph and the sweep over it.
        lr: how far the update goes down the gradient.
    """

    def __init__(self, recorded: Record, lr: float) -> None:
        self.record = recorded
        self.trace = recorded.trace
        self.lr = lr

    def name(self, position: int) -> str:
        """Return what formulas call a node; a constant without a label is called by its number."""
        name = self.trace.name(position)
        is_number = self.trace.kinds[position] == CONSTANT and self.trace.labels[position] is None
        return name if is_number else readable(name)

    @cached_property
    def symbol(self) -> str:
        """What formulas call that which is differentiated: the root, or L for a sum of several."""
        first, *others = self.record.seeds
        if not others and isinstance(first.amount, float) and first.amount == 1.0:
            return self.name(first.target)
        labels = set(self.trace.labels)
        return next(symbol for k in count() if (symbol := "L" + "'" * k) not in labels)

    # ----- The forward pass ---------------------------------------------------------------------

    def open_forward(self, index: int, k: int) -> Step:
        """Return the step before the first op: the leaves hold their numbers."""
        given = listed(f"{self.name(i)} = {self.number(i)}" for i in self.record.leaves)
        return Step(index, "forward", None, f"given {given}", reason="the leaves come first")

    def forward(self, index: int, k: int) -> Step:
        """Return the k-th op of the program."""
        position = self.record.interior[k]
        operands = self.trace.operands[position]
        known = listed(self.name(i) for i in dict.fromkeys(operands))
        is_stale = self.record.chain.is_stale(position)
        rule_of = self.rules(position)
        return Step(
            index,
            "forward",
            position,
            f"{self.equation(position)} = {self.computed(position)}",
            self.name(position),
            value=self.trace.data[position],
            partials=tuple(
                Partial(
                    target,
                    self.name(target),
                    which,
                    rule_of(which),
                    self.record.chain.local(position, which),
                )
                for which, target in enumerate(operands)
                if self.trace.requires_grad[target]
            ),
            reason=f"its operands are known: {known}",
            stale=is_stale,
            remarks=(stale(self.name(position)),) if is_stale else (),
            source=self.trace.sources[position],
            line=self.line(position),
        )

    # ----- The backward pass --------------------------------------------------------------------

    def open_backward(self, index: int, k: int) -> Step:
        """Return the step before the first node: the roots receive their seeds."""
        parts = tuple(self.part(seed, "", seed.amount) for seed in self.record.seeds)
        expr = listed(f"∂{self.symbol}/∂{p.name} = {shown(p.local)}" for p in parts)
        if self.symbol != parts[0].name:
            total = " + ".join(
                f"{'' if isinstance(p.local, float) else 'Σ '}{atom(shown(p.local))}·{p.name}"
                for p in parts
            )
            expr = f"{self.symbol} = {total}, so {expr}"
        reason = "the chain rule starts at the root"
        return Step(index, "backward", None, expr, parts=parts, reason=reason)

    def backward(self, index: int, k: int) -> Step:
        """Return the k-th node that the sweep visits."""
        position = self.record.order[k]
        rule_of = self.rules(position)
        pull_of = self.pulls(position)
        out, upstream = self.name(position), self.record.gradients[position]
        parts = tuple(
            self.part(
                c,
                rule_of(c.operand),
                self.record.chain.local(position, c.operand),
                pull_of(c.operand),
            )
            for c in self.record.contributions[k]
        )
        is_stale = self.record.chain.is_stale(position)
        said = remarks(out, self.trace.ops[position].name, upstream, parts)
        return Step(
            index,
            "backward",
            position,
            f"{self.equation(position)} = {self.held(position)}",
            self.name(position),
            value=self.trace.data[position],
            upstream=upstream,
            parts=parts,
            reason=self.turn(position),
            stale=is_stale,
            remarks=(*([stale(out)] if is_stale else []), *said),
            source=self.trace.sources[position],
            line=self.line(position),
        )

    def part(self, c: Contribution, formula: str, local: Any, pulled: str = "") -> Part:
        """Return a contribution with the local derivative that it came through."""
        name, uses = self.name(c.target), len(self.record.consumers.get(c.target, ()))
        amounts = (c.amount, c.before, c.after, c.use, uses, pulled, c.summed)
        return Part(c.target, name, c.operand, formula, local, *amounts)

    def turn(self, position: int) -> str:
        """Return why it is the turn of a node in the backward pass."""
        uses = self.record.consumers.get(position, [])
        users = list(dict.fromkeys(uses))
        if not users:
            return "it is the root: nothing comes before it"
        names = listed(self.name(i) for i in users)
        if len(users) > 1:
            return f"all {len(users)} consumers done: {names}"
        times = f", which uses it {len(uses)} times," if len(uses) > 1 else ""
        return f"its only consumer{times} is done: {names}"

    # ----- The update ---------------------------------------------------------------------------

    def open_update(self, index: int, k: int) -> Step:
        """Return the step before the first leaf: what gradient descent is about to do."""
        expr = f"each leaf goes lr = {format_number(self.lr)} times its gradient down"
        return Step(index, "update", None, expr, reason="all gradients are complete")

    def update(self, index: int, k: int) -> Step:
        """Return the update of the k-th leaf."""
        position = self.record.leaves[k]
        name, gradient = self.name(position), self.record.gradients[position]
        step_down = f"{format_number(self.lr)} × {atom(shown(gradient))}"
        after = self.updated[position]
        return Step(
            index,
            "update",
            position,
            f"{name} ← {name} - lr × {name}.grad = {self.held(position)} - {step_down} = "
            f"{format_value(after)}",
            name,
            value=after,
            upstream=gradient,
            reason="its gradient is complete",
            source=self.trace.sources[position],
            line=self.line(position),
        )

    def close_update(self, index: int, k: int) -> Step:
        """Return the step after the last leaf: what the roots have become."""
        became = listed(
            f"{self.name(i)} = {shown(self.rerun[i])} (it was {self.number(i)})"
            for i in self.trace.roots
        )
        reason = "the same program with the new numbers"
        return Step(index, "update", None, f"run again, {became}", reason=reason)

    @cached_property
    def updated(self) -> dict[int, Any]:
        """The number of each leaf after the update."""
        data, gradients = self.trace.data, self.record.gradients
        return {
            i: data[i] - self.lr * (0.0 if gradients[i] is None else gradients[i])
            for i in self.record.leaves
        }

    @cached_property
    def rerun(self) -> list[Any]:
        """The number of each node when the program runs again with the updated leaves."""
        return self.record.rerun(self.updated)

    # ----- Words --------------------------------------------------------------------------------

    def number(self, position: int) -> str:
        """Return the number that a node holds, or a summary of its array."""
        return shown(self.trace.data[position])

    def held(self, position: int) -> str:
        """Return the number that a node holds, or the shape of its array, which is shown apart."""
        return sort_of(self.trace.data[position])

    def computed(self, position: int) -> str:
        """Return an interior node's op on numbers and shapes, and what it gave: ``"-2 × 3 = -6"``.

        Of arrays that is ``"(3, 4) @ (4, 2) → (3, 2) of -1 … 5"``.
        """
        data = self.trace.data
        sorts = [self.held(i) for i in self.trace.operands[position]]
        applied_to = with_numbers(self.trace.ops[position], sorts)
        held, result = self.held(position), format_value(data[position])
        return f"{applied_to} = {result}" if held == result else f"{applied_to} → {held}: {result}"

    def line(self, position: int) -> str | None:
        """Return the text of the line that made a node."""
        place = self.trace.sources[position]
        return None if place is None else self.record.lines.get(place)

    def equation(self, position: int) -> str:
        """Return the name of an interior node and the op that gives it: ``"d = a × b"``."""
        operands = [self.name(i) for i in self.trace.operands[position]]
        return f"{self.name(position)} = {applied(self.trace.ops[position], operands)}"

    def rules(self, position: int) -> Callable[[int], str]:
        """Return what gives, for each operand of a node, its local derivative as a formula."""
        operands = [self.name(i) for i in self.trace.operands[position]]
        op, out = self.trace.ops[position], self.name(position)
        if is_whole(op):
            return lambda operand: pull(op, operand, "g", out, operands, self._share(position))
        return lambda operand: rule(op, operand, out, operands)

    def pulls(self, position: int) -> Callable[[int], str]:
        """Return what gives, for each operand of a Tensor, its part as a formula."""
        operands = [self.name(i) for i in self.trace.operands[position]]
        op, out = self.trace.ops[position], self.name(position)
        if self.trace.local_gradients[position] is not None:
            return lambda operand: ""
        upstream, share = f"∂{self.symbol}/∂{out}", self._share(position)
        return lambda operand: pull(op, operand, upstream, out, operands, share)

    def _share(self, position: int) -> str:
        """Return how many elements of its operand each element of a Tensor was computed from."""
        data, first = self.trace.data, self.trace.operands[position][0]
        return str(getattr(data[first], "size", 1) // max(getattr(data[position], "size", 1), 1))
