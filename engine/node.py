"""What a node of a graph is: an op, the operands it was applied to, and bookkeeping.

Compiled with mypyc where a C compiler was at hand at install, plain Python otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any, Final, Self

from mypy_extensions import i32, i64, mypyc_attr

from engine.errors import OperandError


class Mode:
    """What recording does at this point of the program; see `engine.modes`."""

    __slots__ = ("anomaly", "grad", "open", "outer", "owner", "scope", "source")

    def __init__(
        self,
        grad: bool = True,
        anomaly: bool = False,
        source: bool = False,
        scope: str | None = None,
        outer: Mode | None = None,
        owner: object = None,
    ) -> None:
        self.grad = grad
        self.anomaly = anomaly
        self.source = source
        self.scope = scope
        self.outer = outer  # the mode to go back to
        self.owner = owner  # the context manager that opened it
        self.open = True


MODE: Final[ContextVar[Mode]] = ContextVar("stepgrad_mode", default=Mode())  # noqa: B039 (constant)


def current_mode() -> Mode:
    """Return the mode that holds here: a task may have inherited one that is closed by now."""
    mode = MODE.get()
    while not mode.open and mode.outer is not None:
        mode = mode.outer
    return mode


class Counters:
    """Process-wide counts that every op reads, kept native so that reading them is free."""

    __slots__ = ("created", "modes")

    def __init__(self) -> None:
        self.created: i64 = 0  # nodes ever made; the next creation index
        self.modes: i64 = 0  # modes open in any thread or task: while 0, no op asks for its Mode


COUNTERS: Final = Counters()


@mypyc_attr(acyclic=True)
class Note:
    """What is known of a few nodes only, kept apart so that the others stay small."""

    __slots__ = ("label", "scope", "source")

    def __init__(self) -> None:
        self.label: str | None = None
        self.scope: str | None = None
        self.source: str | None = None


@mypyc_attr(acyclic=True)
class Many:
    """The operands and local gradients of a node with more than two operands."""

    __slots__ = ("local_gradients", "operands")

    def __init__(self, operands: list[Node], local_gradients: list[float]) -> None:
        self.operands = operands
        self.local_gradients = local_gradients


@mypyc_attr(acyclic=True)
class Node:
    """A node of a graph, whatever it holds.

    One or two operands sit in typed slots, which halves the time of a step against a tuple; more
    sit in a `Many`. A node refers to its operands and never the reverse, so no cycle can form and
    dropping the last reference frees a graph without the garbage collector.
    """

    __slots__ = (
        "_a",
        "_b",
        "_has_grad",
        "_index",
        "_many",
        "_note",
        "_op",
        "_pending",
        "_requires_grad",
    )

    def __init__(self) -> None:
        self._op: object = None  # None for a leaf
        self._a: Node | None = None
        self._b: Node | None = None
        self._many: Many | None = None
        self._note: Note | None = None
        self._pending: i32 = 0  # consumers not yet swept; 0 outside a walk
        self._requires_grad: bool = True
        self._has_grad: bool = False  # False: "not computed yet", whatever the grad slot holds
        COUNTERS.created += 1
        self._index: i64 = COUNTERS.created

    def _apply(self, op: Any, operands: Sequence[Any]) -> Self:
        """Apply an op to operands of which at least one is a node of this kind."""
        raise NotImplementedError

    def _as_seed(self, gradient: object) -> object:
        """Return the gradient that a backward sweep starts with here, or raise if it cannot."""
        raise NotImplementedError

    def _seed(self, seed: object) -> None:
        """Add a seed to this node's gradient, as the root of a backward sweep."""
        raise NotImplementedError

    def _spread(self, floor: i64) -> None:
        """Add this node's gradient times each local gradient to that operand's gradient.

        Args:
            floor: the creation index up to which nodes receive nothing.
        """
        raise NotImplementedError

    def _maker(self) -> tuple[Any, tuple[Any, ...]]:
        """Return the function, and its arguments, that give an empty node of this kind."""
        raise NotImplementedError

    def _content(self) -> tuple[Any, ...]:
        """Return what a node of this kind holds more than any other."""
        raise NotImplementedError

    def _take(self, content: tuple[Any, ...]) -> None:
        """Hold what `_content` of another node of this kind gave."""
        raise NotImplementedError

    def __copy__(self) -> Node:
        from engine.copying import shallow_copy  # which stands above all nodes

        return shallow_copy(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Node:
        from engine.copying import deep_copy

        return deep_copy(self, memo)

    def __reduce__(self) -> tuple[Any, ...]:
        from engine.pickling import reduce

        return reduce(self)

    @property
    def op(self) -> Any:
        """The row of the op table that computed this; None for a leaf."""
        return self._op

    @property
    def index(self) -> int:
        """The creation index: operands always have a smaller one than their results."""
        return int(self._index)

    @property
    def label(self) -> str | None:
        """The name shown in pictures, or None."""
        return None if self._note is None else self._note.label

    @label.setter
    def label(self, label: str | None) -> None:
        self._own_note().label = _text("label", label)

    @property
    def scope(self) -> str | None:
        """The module that made this node, as ``"mlp/layer0/neuron2"``, or None."""
        return None if self._note is None else self._note.scope

    @scope.setter
    def scope(self, scope: str | None) -> None:
        self._own_note().scope = _text("scope", scope)

    @property
    def source(self) -> str | None:
        """Where the program made this node, as ``"demo.py:12"``, if that was recorded."""
        return None if self._note is None else self._note.source

    def _own_note(self) -> Note:
        if self._note is None:
            self._note = Note()
        return self._note


def _text(name: str, text: object) -> str | None:
    if text is None or isinstance(text, str):
        return text
    raise OperandError(f"{name} is text or None, got {type(text).__name__} {text!r}")
