"""The steps of one or more passes over a graph, as a sequence."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import overload

from engine.view.stepper.building import StepBuilder
from engine.view.stepper.data import Step
from engine.view.stepper.recording import Record
from engine.view.stepper.words import listed

Maker = Callable[[int, int], Step]  # from the position among all steps and that in its run


class StepSequence(Sequence[Step]):
    """The steps of one or more passes over a graph: plain data, apart from the graph.

    Attributes:
        record: the nodes and what the sweep did.
        builder: what makes the steps, each when it is asked for.
        passes: "forward", "backward" and "update", those that were asked for, in this order.
    """

    def __init__(self, recorded: Record, passes: tuple[str, ...], lr: float) -> None:
        self.record = recorded
        self.builder = builder = StepBuilder(recorded, lr)
        self.passes = passes
        interior, leaves = len(recorded.order), len(recorded.leaves)
        runs: dict[str, list[tuple[int, Maker]]] = {
            "forward": [(1, builder.open_forward), (interior, builder.forward)],
            "backward": [(1, builder.open_backward), (interior, builder.backward)],
            "update": [
                (1, builder.open_update),
                (leaves, builder.update),
                (1, builder.close_update),
            ],
        }
        self._makers: list[Maker] = []
        self._ends: list[int] = []
        self._spans: dict[str, range] = {}
        length = 0
        for name in passes:
            start = length
            for count, make in runs[name]:
                length += count
                self._makers.append(make)
                self._ends.append(length)
            self._spans[name] = range(start, length)

    def __len__(self) -> int:
        return self._ends[-1]

    @overload
    def __getitem__(self, index: int) -> Step: ...
    @overload
    def __getitem__(self, index: slice) -> list[Step]: ...

    def __getitem__(self, index: int | slice) -> Step | list[Step]:
        if isinstance(index, slice):
            return [self[i] for i in range(len(self))[index]]
        position = range(len(self))[index]  # takes negative ones and raises the IndexError
        run = bisect_right(self._ends, position)
        return self._makers[run](position, position - (self._ends[run - 1] if run else 0))

    def node(self, index: int) -> int | None:
        """Return the node of a step without making the step; None where a pass opens or ends."""
        record = self.record
        orders = {"forward": record.interior, "backward": record.order, "update": record.leaves}
        for name, span in self._spans.items():
            if index in span:
                place = index - span.start - 1
                return orders[name][place] if 0 <= place < len(orders[name]) else None
        raise IndexError(index)

    def end(self, name: str) -> int:
        """Return the last step of a pass; the number of steps if it is not among them."""
        return self._spans[name].stop - 1 if name in self._spans else len(self)

    def progress(self, name: str, index: int) -> int:
        """Return how many steps of a pass, beyond its opening, are done after a step.

        Args:
            name: the pass.
            index: the step.

        It is -1 for a pass that has not begun, or is not among the passes.
        """
        span = self._spans.get(name, range(0))
        return min(index, span.stop - 1) - span.start if span and index >= span.start else -1

    @property
    def summary(self) -> str:
        """The passes, what of, and how many steps they take."""
        count = len(self) - 1
        return f"{listed(self.passes)} of {self.title}, {count} step{'s' * (count != 1)}"

    @property
    def title(self) -> str:
        """What is differentiated, by name."""
        return listed(self.builder.name(i) for i in self.record.trace.roots)
