"""Modes of recording: no_grad, detect_anomaly, scope and record_source.

Compiled with mypyc where a C compiler was at hand at install, plain Python otherwise.

Each is a context manager and a decorator, of plain, generator and async functions. A mode belongs
to the thread or task that opened it, and ends with its block whatever happens in it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self, TypeVar

from engine.errors import OperandError
from engine.node import COUNTERS, MODE, Mode, current_mode
from engine.wrapping import wrap

Function = TypeVar("Function", bound=Callable[..., Any])


class RecordingMode:
    """A mode that holds for a block or for the calls of a function."""

    def __init__(self, *misplaced: object) -> None:
        if misplaced:
            name = type(self).__name__
            raise OperandError(f"{name} takes nothing: write @{name}() or with {name}():")

    def inside(self, outer: Mode) -> Mode:
        """Return the mode that holds inside another one."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        mode = self.inside(current_mode())
        mode.owner = self
        MODE.set(mode)
        COUNTERS.modes += 1
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        COUNTERS.modes -= 1
        mode: Mode | None = MODE.get()
        while mode is not None:  # a generator may end inside of a mode that was opened later
            if mode.owner is self and mode.open:
                mode.open = False
                break
            mode = mode.outer
        MODE.set(current_mode())

    def __call__(self, function: Function) -> Function:
        """Open the mode around every call of a function."""
        return wrap(function, self)


class no_grad(RecordingMode):
    """Compute without recording: results are constants.

    >>> from engine import Value
    >>> x = Value(3.0)
    >>> with no_grad():
    ...     y = x * x
    >>> y.data, y.requires_grad
    (9.0, False)
    """

    def inside(self, outer: Mode) -> Mode:
        return Mode(False, outer.anomaly, outer.source, outer.scope, outer)


class enable_grad(RecordingMode):
    """Record again inside a `no_grad` block."""

    def inside(self, outer: Mode) -> Mode:
        return Mode(True, outer.anomaly, outer.source, outer.scope, outer)


class record_source(RecordingMode):
    """Note on every node the file and line of the program that made it, as `Value.source`."""

    def inside(self, outer: Mode) -> Mode:
        return Mode(outer.grad, outer.anomaly, True, outer.scope, outer)


class detect_anomaly(RecordingMode):
    """Stop with a NonFiniteError at the first op, forward or backward, that makes a nan or inf.

    The error names the op, its operands and the line of the program.

    >>> from engine import Value
    >>> with detect_anomaly():
    ...     Value(0.0).log()
    Traceback (most recent call last):
        ...
    engine.errors.NonFiniteError: log(0.0) gave -inf (...)
    """

    def inside(self, outer: Mode) -> Mode:
        return Mode(outer.grad, True, True, outer.scope, outer)


class scope(RecordingMode):
    """Name what makes the nodes of a block: each gets the path as its `scope`.

    Args:
        path: a path as ``"mlp/layer0"``. Paths do not nest: the innermost holds.
    """

    def __init__(self, path: str) -> None:
        super().__init__()
        if not isinstance(path, str):
            raise OperandError(f"scope() takes text, a str, and got {type(path).__name__} {path!r}")
        self.path = path

    def inside(self, outer: Mode) -> Mode:
        return Mode(outer.grad, outer.anomaly, outer.source, self.path, outer)
