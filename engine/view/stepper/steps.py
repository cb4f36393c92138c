"""`engine.steps`: the passes over a graph, one step at a time, as plain data."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Container, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TextIO

from engine.coercion import number
from engine.errors import NumberError
from engine.value import Value
from engine.view.stepper.compare import Algorithm, Comparison, compare
from engine.view.stepper.sequence import StepSequence
from engine.view.stepper.sweep import record
from engine.view.stepper.text import lines, text
from engine.view.stepper.why import Why, why

if TYPE_CHECKING:
    from engine.tensor import Tensor

Phase = Literal["forward", "backward", "both", "update"]
PASSES: dict[str, tuple[str, ...]] = {
    "forward": ("forward",),
    "backward": ("backward",),
    "both": ("forward", "backward"),
    "update": ("forward", "backward", "update"),
}


class Steps(StepSequence):
    """The steps of one or more passes over a graph: plain data, apart from the graph.

    It is a sequence of Step objects, and shows itself as a player in a notebook.
    """

    def __repr__(self) -> str:
        return f"<Steps: {self.summary}>"

    def __str__(self) -> str:
        return text(self)

    def _repr_mimebundle_(
        self, include: Container[str] | None = None, exclude: Container[str] | None = None
    ) -> dict[str, str]:
        """Return the forms that a notebook shows: the player, and text where that is not shown."""
        from engine.view.stepper.page import notebook

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
        """Step through in a terminal: n next, p previous, g 12 to step 12, h predict, q quit.

        Args:
            stdin: where keys come from, or lines where it is not a terminal.
            stdout: where the steps are shown.

        To predict is to see each step without its numbers: a answers, r reveals them.
        Colours stay off where the environment variable NO_COLOR is set.
        """
        from engine.view.stepper.play import play

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

    def why(self, node: Value | Tensor | str) -> Why:
        """Return where the gradient of a node comes from: each contribution, the largest first.

        Args:
            node: a Value or Tensor of the graph, or its name.

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
    from engine.view.stepper.document import to_json

    return to_json(s)


def _text(s: Steps) -> str:
    return "\n".join([*lines(s, range(len(s))), ""])


def _html(s: Steps) -> str:
    from engine.view.stepper.page import page

    return page(s)


def _svg(s: Steps) -> str:
    from engine.view.stepper.svg import moving_picture

    return moving_picture(s)


WRITERS: dict[str, Callable[[Steps], str]] = {
    ".html": _html,
    ".svg": _svg,
    ".json": _json,
    ".txt": _text,
}


def steps(
    root: Value | Tensor | Sequence[Value | Tensor],
    phase: Phase = "backward",
    *,
    gradients: Sequence[object] | None = None,
    lr: object = 0.1,
) -> Steps:
    """Record the passes over a graph, step by step.

    Args:
        root: the Value or Tensor to differentiate, or several, as `engine.backward` takes them.
        phase: "backward"; "forward", the program that made the graph; "both"; or "update", which
            is both and then gradient descent on every leaf.
        gradients: the seed of each root; 1 for each if not given.
        lr: the learning rate of the update.

    The steps are those of `backward()`, in its order and with its very bits; leaves start from
    the gradient that they hold. No `.grad` is written, and what happens to the graph afterwards
    changes nothing here.

    Raises:
        OperandError: a root is no Value and no Tensor, or a seed or lr not a number.
        GraphError: there is no root, one is a constant, the seeds are not as many as the roots, or
            the graph is too large or has both Values and Tensors; or data of a Tensor were changed
            since it was used, as `backward` says too.
        NumberError: there is no such phase.

    >>> a, b = Value(-2.0, label="a"), Value(3.0, label="b")
    >>> d = a * b
    >>> s = steps(d)
    >>> s[1].parts[0].rule, s[1].parts[0].after, a.grad
    ('b', 3.0, None)
    """
    if not isinstance(phase, str) or phase not in PASSES:
        raise NumberError(f"steps() has no phase {phase!r}: use one of {', '.join(PASSES)}")
    roots = list(root) if isinstance(root, list | tuple) else [root]
    return Steps(record(roots, gradients), PASSES[phase], number(lr, "lr"))
