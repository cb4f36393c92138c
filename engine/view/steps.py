"""`engine.steps`: the passes over a graph, one step at a time, as plain data."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Literal, overload

from engine.coercion import number
from engine.errors import GraphError
from engine.value import Value
from engine.view.steps_build import StepBuilder
from engine.view.steps_data import Step
from engine.view.steps_record import Record, record

Phase = Literal["forward", "backward", "both", "update"]
PASSES: dict[str, tuple[str, ...]] = {
    "forward": ("forward",),
    "backward": ("backward",),
    "both": ("forward", "backward"),
    "update": ("forward", "backward", "update"),
}

Maker = Callable[[int, int], Step]  # from the position among all steps and that in its run


class Steps(Sequence[Step]):
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
        chosen = [run for name in passes for run in runs[name]]
        self._makers = [make for _, make in chosen]
        self._ends = list(accumulate(count for count, _ in chosen))

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

    def __repr__(self) -> str:
        roots = ", ".join(self.builder.name(i) for i in self.record.trace.roots)
        return f"<Steps: {' and '.join(self.passes)} of {roots}, {len(self) - 1} steps>"


def steps(
    root: Value | Sequence[Value],
    phase: Phase = "backward",
    *,
    gradients: Sequence[object] | None = None,
    lr: object = 0.1,
) -> Steps:
    """Record the passes over a graph, step by step.

    Args:
        root: the Value to differentiate, or several, as `engine.backward` takes them.
        phase: "backward"; "forward", the program that made the graph; "both"; or "update", which
            is both and then gradient descent on every leaf.
        gradients: the seed of each root; 1 for each if not given.
        lr: the learning rate of the update.

    The steps are those of `backward()`, in its order and with its very bits; leaves start from
    the gradient that they hold. No `.grad` is written, and what happens to the graph afterwards
    changes nothing here.

    Raises:
        OperandError: a root is not a Value, or a seed or lr not a number.
        GraphError: there is no root, one is a constant, the seeds are not as many as the roots, or
            there is no such phase.

    >>> a, b = Value(-2.0, label="a"), Value(3.0, label="b")
    >>> d = a * b
    >>> s = steps(d)
    >>> s[1].parts[0].rule, s[1].parts[0].after, a.grad
    ('b', 3.0, None)
    """
    if phase not in PASSES:
        raise GraphError(f"steps() has no phase {phase!r}: use one of {', '.join(PASSES)}")
    roots = list(root) if isinstance(root, list | tuple) else [root]
    return Steps(record(roots, gradients), PASSES[phase], number(lr, "lr"))
