"""`engine.steps`: the passes over a graph, one step at a time, as plain data."""

from __future__ import annotations

import os
import sys
from bisect import bisect_right
from collections.abc import Callable, Container, Sequence
from pathlib import Path
from typing import Literal, TextIO, overload

from engine.coercion import number
from engine.errors import NumberError
from engine.value import Value
from engine.view.steps_build import StepBuilder
from engine.view.steps_compare import Algorithm, Comparison, compare
from engine.view.steps_data import Step
from engine.view.steps_record import Record, record
from engine.view.steps_text import lines, text
from engine.view.steps_why import Why, why
from engine.view.steps_words import listed

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
    def title(self) -> str:
        """What is differentiated, by name."""
        return listed(self.builder.name(i) for i in self.record.trace.roots)

    def __repr__(self) -> str:
        return f"<Steps: {listed(self.passes)} of {self.title}, {len(self) - 1} steps>"

    def __str__(self) -> str:
        return text(self)

    def _repr_mimebundle_(
        self, include: Container[str] | None = None, exclude: Container[str] | None = None
    ) -> dict[str, str]:
        """Return the forms that a notebook shows: the player, and text where that is not shown."""
        from engine.view.steps_page import notebook

        forms = {"text/html": notebook, "text/plain": text}
        return {
            form: write(self)
            for form, write in forms.items()
            if (include is None or form in include) and (exclude is None or form not in exclude)
        }

    def print(self, file: TextIO | None = None) -> None:
        """Print the frames of all steps, one after the other.

        Args:
            file: where to; standard output if not given.
        """
        for line in lines(self, range(len(self))):
            print(line, file=file)

    def play(self, stdin: TextIO | None = None, stdout: TextIO | None = None) -> None:
        """Step through in a terminal: n next, p previous, g 12 to step 12, q quit.

        Args:
            stdin: where keys come from, or lines where it is not a terminal.
            stdout: where the steps are shown.

        Colours stay off where the environment variable NO_COLOR is set.
        """
        from engine.view.steps_play import play

        play(self, stdin or sys.stdin, stdout or sys.stdout)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the steps to a file, in the form that its name ends in, and return its path.

        Args:
            path: ends in .html (a page to step through, which needs nothing else), .svg (a moving
                picture), .json (data, of a versioned schema) or .txt.

        Raises:
            NumberError: it ends in something else.
            GraphError: there are more nodes or steps than the form can show.
            MissingGraphviz: there is nothing to lay out a moving picture with.
        """
        form = Path(path).suffix.lower()
        if form not in WRITERS:
            raise NumberError(
                f"{path} has no form to save steps in: use one of {', '.join(WRITERS)}"
            )
        Path(path).write_text(WRITERS[form](self), encoding="utf-8")
        return Path(path)

    def why(self, node: Value | str) -> Why:
        """Return where the gradient of a node comes from: each contribution, the largest first.

        Args:
            node: a Value of the graph, or its name.

        Raises:
            GraphError: the node is not in the graph, or several have the name.

        >>> a = Value(3.0, label="a")
        >>> print(steps(a * a + 5 * a).why(a))
        a.grad = 11 = 5 + 3 + 3
            +5   ∂v3/∂v2 · ∂v2/∂a = 1 × 5   through v2 = 5 × a   (use 1 of 3)
            +3   ∂v3/∂v1 · ∂v1/∂a = 1 × 3   through v1 = a × a   (use 2 of 3)
            +3   ∂v3/∂v1 · ∂v1/∂a = 1 × 3   through v1 = a × a   (use 3 of 3)
        """
        return why(self, node)

    def compare(self, algorithm: Algorithm = "no_topological_order") -> Comparison:
        """Replay a classic wrong way to run the backward pass, and show where it goes wrong.

        Args:
            algorithm: "no_topological_order", which passes gradients on before they are complete,
                or "overwrite", which does not add them up.

        Raises:
            NumberError: there is no such algorithm.

        >>> a = Value(1.0, label="a")
        >>> b = a + a
        >>> s = steps(b + b)
        >>> [(outcome.right, outcome.wrong) for outcome in s.compare().outcomes[:1]]
        [(4.0, 8.0)]
        """
        return compare(self.record, self.builder, algorithm)


def _json(s: Steps) -> str:
    from engine.view.steps_json import to_json

    return to_json(s)


def _text(s: Steps) -> str:
    return "\n".join([*lines(s, range(len(s))), ""])


def _html(s: Steps) -> str:
    from engine.view.steps_page import page

    return page(s)


def _svg(s: Steps) -> str:
    from engine.view.steps_svg import moving_picture

    return moving_picture(s)


WRITERS: dict[str, Callable[[Steps], str]] = {
    ".html": _html,
    ".svg": _svg,
    ".json": _json,
    ".txt": _text,
}


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
        GraphError: there is no root, one is a constant, or the seeds are not as many as the roots.
        NumberError: there is no such phase.

    >>> a, b = Value(-2.0, label="a"), Value(3.0, label="b")
    >>> d = a * b
    >>> s = steps(d)
    >>> s[1].parts[0].rule, s[1].parts[0].after, a.grad
    ('b', 3.0, None)
    """
    if phase not in PASSES:
        raise NumberError(f"steps() has no phase {phase!r}: use one of {', '.join(PASSES)}")
    roots = list(root) if isinstance(root, list | tuple) else [root]
    return Steps(record(roots, gradients), PASSES[phase], number(lr, "lr"))
