"""Modes on generators, coroutines and async generators: held while they run, never while they wait.

The caller keeps the mode it has between two steps, whatever is open inside.
"""

import asyncio

import pytest

from engine import Value, enable_grad, no_grad, scope


def is_recorded() -> bool:
    return (Value(1.0) * 2).requires_grad


def path() -> str | None:
    return (Value(1.0) * 2).scope


@no_grad()
def echo():
    """Yield what was sent, with whether ops are recorded."""
    received = None
    while received != "stop":
        received = yield received, is_recorded()
    return is_recorded()


def test_a_generator_holds_its_mode_and_the_caller_its_own():
    steps = echo()
    assert is_recorded()
    assert next(steps) == (None, False)
    assert is_recorded()
    assert steps.send("x") == ("x", False)
    assert is_recorded()
    with pytest.raises(StopIteration) as stop:
        steps.send("stop")
    assert stop.value.value is False
    assert is_recorded()


def test_a_generator_in_a_caller_of_another_mode():
    @enable_grad()
    def steps():
        yield is_recorded()
        yield is_recorded()

    inside = steps()
    with no_grad():
        assert next(inside)
        assert not is_recorded()
    assert is_recorded()
    with no_grad():
        assert next(inside)
        assert not is_recorded()
        assert list(inside) == []
        assert not is_recorded()


def test_exceptions_thrown_into_a_generator():
    @no_grad()
    def steps():
        try:
            yield "first"
        except KeyError:
            yield "caught", is_recorded()
        raise OSError("at the end")

    inside = steps()
    next(inside)
    assert inside.throw(KeyError) == ("caught", False)
    assert is_recorded()
    with pytest.raises(OSError, match="at the end"):
        next(inside)
    assert is_recorded()


def test_a_generator_that_is_closed_cleans_up_in_its_mode():
    seen = []

    @no_grad()
    def steps():
        try:
            yield
        finally:
            seen.append(is_recorded())

    for started in (True, False):
        inside = steps()
        if started:
            next(inside)
        inside.close()
        assert is_recorded()
    assert seen == [False]


def test_yield_from_a_generator_with_a_mode():
    def outer():
        result = yield from echo()
        yield result, is_recorded()

    steps = outer()
    assert next(steps) == (None, False)
    assert steps.send("stop") == (False, True)


def test_a_block_that_is_open_inside_a_generator_does_not_leak_to_the_caller():
    @no_grad()
    def steps():
        with scope("inside"):
            yield path(), is_recorded()
            yield path(), is_recorded()
        yield path(), is_recorded()

    seen = []
    with scope("caller"):
        for inside in steps():
            seen.append((inside, (path(), is_recorded())))
        assert (path(), is_recorded()) == ("caller", True)
    assert (path(), is_recorded()) == (None, True)
    caller = ("caller", True)
    assert seen == [
        (("inside", False), caller),
        (("inside", False), caller),
        (("caller", False), caller),
    ]


def test_two_generators_in_step():
    @no_grad()
    def plain():
        for _ in range(3):
            yield is_recorded()

    @scope("named")
    def named():
        for _ in range(3):
            yield path(), is_recorded()

    for off, on in zip(plain(), named(), strict=True):
        assert (off, on) == (False, ("named", True))
        assert (path(), is_recorded()) == (None, True)


def test_a_block_in_a_plain_generator_ends_with_the_generator():
    """As in PyTorch a bare block holds until the generator goes on; it never outlives it."""

    def steps():
        with no_grad():
            yield

    inside = steps()
    next(inside)
    inside.close()
    assert is_recorded()
    inside = steps()
    next(inside)
    with scope("caller"):
        inside.close()
        assert path() == "caller", "the end of one block took away another"
    assert (path(), is_recorded()) == (None, True)


def test_a_coroutine_holds_its_mode_over_an_await():
    @no_grad()
    async def child():
        await asyncio.sleep(0)
        return is_recorded()

    async def program():
        before = is_recorded()
        inside = await child()
        return before, inside, is_recorded()

    assert asyncio.run(program()) == (True, False, True)


def test_a_coroutine_that_raises_or_is_cancelled():
    @no_grad()
    async def fails():
        await asyncio.sleep(0)
        raise KeyError

    @no_grad()
    async def waits():
        await asyncio.Event().wait()

    async def program():
        with pytest.raises(KeyError):
            await fails()
        assert is_recorded()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(waits(), timeout=0)
        assert is_recorded()

    asyncio.run(program())
    assert is_recorded()


def test_an_async_generator_holds_its_mode_and_the_caller_its_own():
    @no_grad()
    async def steps():
        for _ in range(3):
            await asyncio.sleep(0)
            yield is_recorded()

    async def program():
        return [(inside, is_recorded()) async for inside in steps()]

    assert asyncio.run(program()) == [(False, True)] * 3


def test_an_async_generator_is_sent_to_thrown_into_and_closed():
    closed = []

    @no_grad()
    async def steps():
        try:
            while True:
                try:
                    received = yield is_recorded()
                    assert received == "sent"
                except KeyError:
                    yield "caught"
        finally:
            closed.append(is_recorded())

    async def program():
        inside = steps()
        assert await inside.asend(None) is False
        assert await inside.asend("sent") is False
        assert await inside.athrow(KeyError) == "caught"
        assert is_recorded()
        await inside.aclose()
        assert is_recorded()

    asyncio.run(program())
    assert closed == [False]


def test_a_block_that_is_open_inside_an_async_generator_does_not_leak():
    @no_grad()
    async def steps():
        with scope("inside"):
            yield path(), is_recorded()

    async def program():
        inside = steps()
        assert await anext(inside) == ("inside", False)
        caller = (path(), is_recorded())
        await inside.aclose()
        return caller, (path(), is_recorded())

    assert asyncio.run(program()) == ((None, True), (None, True))
