"""What every node holds after a step: its number and its gradient."""

from __future__ import annotations

from typing import Any

from engine.view.stepper.sequence import StepSequence


class State:
    """The graph as it is after one step.

    Args:
        s: the steps.
        index: the step.

    Attributes:
        computed: how many ops the forward pass has computed.
        swept: how many nodes the backward pass has visited; -1 before it has begun.
        updated: how many leaves the update has changed; -1 before it has begun.
    """

    def __init__(self, s: StepSequence, index: int) -> None:
        self._builder = s.builder
        self._record = s.record
        self.computed = s.progress("forward", index)
        self.swept = s.progress("backward", index)
        self.updated = s.progress("update", index)
        self._hides = "forward" in s.passes

    def data(self, position: int) -> Any:
        """Return the number of a node; None for one that the forward pass has not reached."""
        record = self._record
        if self.updated > len(record.leaves):  # the last step, which runs the program again
            return self._builder.rerun[position]
        if record.leaf_place.get(position, self.updated) < self.updated:
            return self._builder.updated[position]
        place = record.interior_place.get(position)
        if self._hides and place is not None and place >= self.computed:
            return None
        return record.trace.data[position]

    def gradient(self, position: int) -> Any:
        """Return the gradient of a node; None for "not computed yet"."""
        record = self._record
        gradient = record.starting_gradients[position]
        if self.swept < 0:
            return gradient
        for seed in record.seeds:
            if seed.target == position:
                gradient = seed.after
        for consumer in record.consumers.get(position, ()):
            visit = record.visit_of[consumer]
            if visit >= self.swept:
                break
            for c in record.contributions[visit]:
                if c.target == position:
                    gradient = c.after
        return gradient

    def waiting(self, position: int) -> int:
        """Return how many uses of a node have not passed a gradient to it yet."""
        uses = self._record.consumers.get(position, ())
        return sum(self._record.visit_of[consumer] >= self.swept for consumer in uses)
