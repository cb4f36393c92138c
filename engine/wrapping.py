"""Opening a mode around every call of a function, whatever kind of function it is."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from engine.node import MODE, Mode

Function = TypeVar("Function", bound=Callable[..., Any])


def wrap(function: Function, mode: AbstractContextManager[Any]) -> Function:
    """Return a function like the one given, with a mode open while it runs.

    Args:
        function: a plain, generator, async or async generator function. While a generator waits
            between two steps the mode is closed, for the caller has its own.
        mode: what to open; it may be opened any number of times.
    """
    if inspect.iscoroutinefunction(function):
        wrapper: Any = _around_coroutine(function, mode)
    elif inspect.isasyncgenfunction(function):
        wrapper = _around_async_generator(function, mode)
    elif inspect.isgeneratorfunction(function):
        wrapper = _around_generator(function, mode)
    else:
        wrapper = _around_call(function, mode)
    return functools.update_wrapper(wrapper, function)  # type: ignore[return-value]


def _around_call(
    function: Callable[..., Any], mode: AbstractContextManager[Any]
) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        with mode:
            return function(*args, **kwargs)

    return call


def _around_coroutine(
    function: Callable[..., Any], mode: AbstractContextManager[Any]
) -> Callable[..., Any]:
    async def call(*args: Any, **kwargs: Any) -> Any:
        with mode:
            return await function(*args, **kwargs)

    return call


def _around_generator(
    function: Callable[..., Any], mode: AbstractContextManager[Any]
) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        generator = function(*args, **kwargs)
        step, value = generator.send, None
        inner = Inner(mode)
        try:
            while True:
                try:
                    with inner:
                        item = step(value)
                except StopIteration as stop:
                    return stop.value
                try:
                    step, value = generator.send, (yield item)
                except BaseException as error:
                    step, value = generator.throw, error
        finally:
            inner.close()

    return call


def _around_async_generator(
    function: Callable[..., Any], mode: AbstractContextManager[Any]
) -> Callable[..., Any]:
    async def call(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        generator = function(*args, **kwargs)
        step, value = generator.asend, None
        inner = Inner(mode)
        try:
            while True:
                try:
                    with inner:
                        item = await step(value)
                except StopAsyncIteration:
                    return
                try:
                    step, value = generator.asend, (yield item)
                except BaseException as error:
                    step, value = generator.athrow, error
        finally:
            inner.close()

    return call


class Inner:
    """The modes inside a generator, which hold while it runs and not while it waits.

    Whatever modes it has open at a yield, its own among them, are set aside until it goes on.
    """

    def __init__(self, mode: AbstractContextManager[Any]) -> None:
        self.mode = mode
        self.inside: Mode | None = None  # as it was at the last yield

    def __enter__(self) -> None:
        self.outside = MODE.get()
        if self.inside is None:
            self.mode.__enter__()
        else:
            MODE.set(self.inside)

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.inside = MODE.get()
        MODE.set(self.outside)

    def close(self) -> None:
        """Close the mode for good, when the generator has ended."""
        if self.inside is not None:
            with self:
                self.mode.__exit__(None, None, None)
