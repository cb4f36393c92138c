"""Threads, asyncio tasks and forked processes: modes and graphs of one do not touch another."""

import asyncio
import os
import random
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

import engine
from engine import NonFiniteError, Value, detect_anomaly, enable_grad, no_grad, scope


def is_recorded() -> bool:
    return (Value(1.0) * 2).requires_grad


def path() -> str | None:
    return (Value(1.0) * 2).scope


@pytest.fixture
def _frequent_switches() -> Iterator[None]:
    """Let threads take turns as often as Python can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def training(seed: int) -> list[str]:
    """Return the bits of a small network's weights after a seeded training."""
    rng = random.Random(seed)
    weights = [Value(rng.uniform(-1, 1)) for _ in range(12)]
    for step in range(30):
        with scope(f"net{seed}"):
            x, y = rng.uniform(-1, 1), rng.uniform(-1, 1)
            hidden = [engine.dot([x, y, 1.0], weights[3 * k : 3 * k + 3]).tanh() for k in range(3)]
            loss = (engine.dot([*hidden], weights[9:]) - x * y) ** 2
        assert loss.scope == f"net{seed}"
        loss.backward()
        with no_grad():
            if step % 3 == 0:
                assert not is_recorded()
        assert is_recorded()
        for weight in weights:
            weight.data -= 0.1 * weight.grad
            weight.zero_grad()
    return [float.hex(weight.data) for weight in weights]


@pytest.mark.usefixtures("_frequent_switches")
def test_threads_with_graphs_of_their_own_give_what_they_give_alone():
    seeds = range(8)
    alone = [training(seed) for seed in seeds]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(training, seeds)) == alone


@pytest.mark.usefixtures("_frequent_switches")
def test_threads_that_share_parameters_do_not_crash():
    """Unsupported, for sums may be lost; but a graph of one's own over shared leaves runs."""
    shared = [Value(k) for k in range(5)]
    rounds, threads = 200, 4

    def run() -> None:
        for _ in range(rounds):
            (engine.sum(shared) * 2 + engine.dot(shared, shared).tanh()).backward()

    with ThreadPoolExecutor(threads) as pool:
        for future in [pool.submit(run) for _ in range(threads)]:
            future.result()
    assert all(0 < leaf.grad <= 2 * rounds * threads + 1000 for leaf in shared)
    leaf = shared[0]
    leaf.zero_grad()
    (leaf * 3).backward()
    assert leaf.grad == 3.0


def test_modes_belong_to_the_thread_that_opened_them():
    """Two threads in lock step, one with modes open and one without."""
    turn = threading.Barrier(2, timeout=60)
    seen = []

    def other() -> None:
        for _ in range(2):
            turn.wait()  # the main thread has opened or closed its blocks
            seen.append((is_recorded(), path(), Value(0.0).log().data))
            turn.wait()

    thread = threading.Thread(target=other)
    thread.start()
    with no_grad(), scope("main"), detect_anomaly():
        turn.wait()
        turn.wait()
        assert (is_recorded(), path()) == (False, "main")
        with pytest.raises(NonFiniteError):
            Value(0.0).log()
    turn.wait()
    turn.wait()
    thread.join()
    assert seen == [(True, None, -float("inf"))] * 2
    assert (is_recorded(), path()) == (True, None)


def test_a_thread_that_dies_inside_a_mode_takes_it_along(fresh_python: Callable):
    """In an interpreter of its own, which is then left with a mode that nobody closes."""
    done = fresh_python(
        """
        import threading
        from engine import Value, no_grad, scope
        thread = threading.Thread(target=lambda: no_grad().__enter__())
        thread.start()
        thread.join()
        print((Value(1.0) * 2).requires_grad)
        with scope("main"):
            print((Value(1.0) * 2).requires_grad)
        """
    )
    assert (done.stdout, done.stderr) == ("True\nTrue\n", "")


@pytest.mark.usefixtures("_frequent_switches")
def test_many_threads_open_and_close_modes():
    def flip() -> bool:
        good = True
        for _ in range(500):
            with no_grad():
                good &= not is_recorded()
                with enable_grad():
                    good &= is_recorded()
            good &= is_recorded()
        return good

    with ThreadPoolExecutor(4) as pool:
        assert all(future.result() for future in [pool.submit(flip) for _ in range(4)])
    with no_grad():
        assert not is_recorded()
    assert is_recorded()


def test_tasks_that_take_turns_have_modes_of_their_own():
    async def off() -> list[bool]:
        seen = []
        with no_grad():
            for _ in range(5):
                seen.append(is_recorded())
                await asyncio.sleep(0)
        return [*seen, is_recorded()]

    async def on() -> list[object]:
        seen = []
        for k in range(6):
            with scope(f"step{k}"):
                await asyncio.sleep(0)
                seen.append((is_recorded(), path() == f"step{k}"))
        return seen

    async def program() -> list[list[object]]:
        return await asyncio.gather(off(), on(), off(), on())

    first, second, third, fourth = asyncio.run(program())
    assert first == third == [False] * 5 + [True]
    assert second == fourth == [(True, True)] * 6


def test_a_task_in_a_block_of_its_parent_computes_as_the_parent():
    async def program() -> tuple[bool, bool]:
        async def child() -> bool:
            return is_recorded()

        with no_grad():
            return await asyncio.create_task(child()), await asyncio.to_thread(is_recorded)

    assert asyncio.run(program()) == (False, False)


@pytest.mark.parametrize("elsewhere", [no_grad, detect_anomaly, lambda: scope("elsewhere")])
def test_what_a_task_records_does_not_hang_on_modes_open_elsewhere(
    elsewhere: Callable[[], engine.modes.RecordingMode],
):
    """A task outlives the block it was started in: whether it records is one thing or the other.

    A block that someone else holds open at that moment must not decide.
    """

    async def program(quiet: bool) -> bool:
        go = asyncio.Event()

        async def child() -> bool:
            await go.wait()
            return is_recorded()

        with no_grad():
            task = asyncio.create_task(child())
            await asyncio.sleep(0)
        go.set()
        if quiet:
            return await task
        with elsewhere():
            return await task

    assert asyncio.run(program(quiet=True)) == asyncio.run(program(quiet=False))


def test_cancelling_a_task_inside_a_mode():
    async def program() -> None:
        async def child() -> None:
            with no_grad():
                await asyncio.Event().wait()

        task = asyncio.create_task(child())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert is_recorded()

    asyncio.run(program())
    with scope("main"):
        assert is_recorded()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_computes_on(fresh_python: Callable):
    done = fresh_python(
        """
        import os, sys
        from engine import Value, no_grad
        x = Value(3.0)
        y = x * x
        with no_grad():
            child = os.fork()
            if child == 0:
                y.backward()
                ok = x.grad == 6.0 and not (x * 2).requires_grad
                os._exit(0 if ok else 1)
        _, status = os.waitpid(child, 0)
        y.backward(10)
        print(os.waitstatus_to_exitcode(status), x.grad, (x * 2).requires_grad)
        """
    )
    assert (done.stdout, done.stderr) == ("0 60.0 True\n", "")
