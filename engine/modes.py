"""Modes of recording: no_grad, detect_anomaly, scope and record_source.

Each is a context manager and a decorator, of plain, generator and async functions. A mode belongs
to the thread or task that opened it, and ends with its block whatever happens in it.
"""

from __future__ import annotations

import functools
import inspect
import os
import sys
from collections.abc import AsyncGenerator, Callable, Generator
from types import TracebackType
from typing import Any, Self, TypeVar

from engine.node import COUNTERS, MODE, Mode

Function = TypeVar("Function", bound=Callable[..., Any])

PACKAGES = tuple(
    os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), package) + os.sep
    for package in ("engine", "nn")
)


class RecordingMode:
    """A mode that holds for a block or for the calls of a function."""

    def inside(self, outer: Mode) -> Mode:
        """Return the mode that holds inside another one."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        MODE.set(self.inside(MODE.get()))
        COUNTERS.modes += 1
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        COUNTERS.modes -= 1
        outer = MODE.get().outer
        if outer is not None:
            MODE.set(outer)

    def __call__(self, function: Function) -> Function:
        """Open the mode around every call of a function."""
        if inspect.iscoroutinefunction(function):
            wrapper: Any = self._around_coroutine(function)
        elif inspect.isasyncgenfunction(function):
            wrapper = self._around_async_generator(function)
        elif inspect.isgeneratorfunction(function):
            wrapper = self._around_generator(function)
        else:
            wrapper = self._around_call(function)
        return functools.update_wrapper(wrapper, function)  # type: ignore[return-value]

    def _around_call(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        return call

    def _around_coroutine(self, function: Callable[..., Any]) -> Callable[..., Any]:
        async def call(*args: Any, **kwargs: Any) -> Any:
            with self:
                return await function(*args, **kwargs)

        return call

    def _around_generator(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
            generator = function(*args, **kwargs)
            step, value = generator.send, None
            while True:
                try:
                    with self:  # while it runs, and not while it waits: the caller has its own mode
                        item = step(value)
                except StopIteration as stop:
                    return stop.value
                try:
                    step, value = generator.send, (yield item)
                except BaseException as error:
                    step, value = generator.throw, error

        return call

    def _around_async_generator(self, function: Callable[..., Any]) -> Callable[..., Any]:
        async def call(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
            generator = function(*args, **kwargs)
            step, value = generator.asend, None
            while True:
                try:
                    with self:
                        item = await step(value)
                except StopAsyncIteration:
                    return
                try:
                    step, value = generator.asend, (yield item)
                except BaseException as error:
                    step, value = generator.athrow, error

        return call


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
    engine.errors.NonFiniteError: log(0.0) gave -inf (<doctest engine.modes.detect_anomaly[1]>:2)
    """

    def inside(self, outer: Mode) -> Mode:
        return Mode(outer.grad, True, True, outer.scope, outer)


class scope(RecordingMode):
    """Name what makes the nodes of a block: each gets the path as its `scope`.

    Args:
        path: a path as ``"mlp/layer0"``. Paths do not nest: the innermost holds.
    """

    def __init__(self, path: str) -> None:
        self.path = path

    def inside(self, outer: Mode) -> Mode:
        return Mode(outer.grad, outer.anomaly, outer.source, self.path, outer)


def source_line() -> str | None:
    """Return the place of the program that is running, outside of stepgrad, as ``"demo.py:12"``."""
    frame = sys._getframe(1)
    while frame is not None:
        if not frame.f_code.co_filename.startswith(PACKAGES):
            return f"{frame.f_code.co_filename}:{frame.f_lineno}"
        frame = frame.f_back  # type: ignore[assignment]
    return None
