"""A process with Values in it: flat memory, warnings that are errors, shutdown."""

import gc
import math
import random
import tracemalloc
from pathlib import Path

import pytest

import engine
from engine import Value


def training(steps: int) -> None:
    """Train y = w·x + b on random points."""
    rng = random.Random(0)
    w, b = Value(0.0), Value(0.0)
    for _ in range(steps):
        x = rng.uniform(-1, 1)
        loss = (engine.dot([w, b], [x, 1.0]) - (3 * x + 1)) ** 2 + 0 * engine.sum([w, b]).tanh()
        for parameter in (w, b):
            parameter.zero_grad()
        loss.backward()
        for parameter in (w, b):
            parameter.data -= 0.1 * parameter.grad
    assert steps < 1000 or math.dist((w.data, b.data), (3.0, 1.0)) < 1e-6


def test_10_000_training_steps_leave_memory_flat():
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        training(1000)  # fills the free lists of the interpreter, which collecting has emptied
        before, _ = tracemalloc.get_traced_memory()
        training(10_000)
        growth = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
        gc.enable()
    assert growth < 10_000  # bytes; one node lost at each step would be over 1,000,000


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="the system does not say")
def test_a_dropped_graph_goes_back_to_the_system(fresh_python):
    done = fresh_python(
        """
        import engine
        def resident():  # less what the system may take whenever it runs short
            with open("/proc/self/smaps_rollup") as lines:
                sizes = dict(line.split()[:2] for line in lines)
            return 1024 * (int(sizes["Rss:"]) - int(sizes["LazyFree:"]))
        leaf = engine.Value(1.0)
        before = resident()
        y = leaf
        for _ in range(500_000):
            y = y + leaf
        grown = resident() - before
        y.backward()
        del y
        assert grown > 500_000 * 100, grown
        assert resident() - before < 25_000_000, resident() - before  # 16 MiB are kept for reuse
        print("given back")
        """
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "given back\n", "")


def test_places_of_freed_nodes_are_taken_by_new_ones_and_by_no_two():
    rng = random.Random(0)
    living: dict[int, Value] = {}
    for number in range(120_000):  # several chunks of memory
        living[number] = Value(float(number))
        if rng.random() < 0.4:
            living.pop(rng.choice([number, number // 2, number // 3]), None)
    assert all(value.data == float(number) for number, value in living.items())
    assert len({id(value) for value in living.values()}) == len(living)


def test_tracemalloc_sees_nodes():
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        xs = [Value(float(i)) for i in range(1000)]
        held = tracemalloc.get_traced_memory()[0] - before
        del xs
        left = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert held > 100 * 1000
    assert left < held / 10  # what else Python keeps


def test_warnings_that_are_errors(fresh_python):
    done = fresh_python(
        """
        import copy, pickle
        import engine
        from engine import Value, detect_anomaly, no_grad, scope
        x = Value(2.0, label="x")
        with detect_anomaly(), scope("net"):
            y = engine.sum([x * 2, 1 / x, x ** x]).tanh()
            y.backward()
        with no_grad():
            1 / Value(0.0)
            Value(-1.0).log()
            Value(1000.0).exp()
        copy.deepcopy(y)
        pickle.loads(pickle.dumps(y))
        print("quiet")
        """,
        "-W",
        "error",
        "-b",
        "-X",
        "dev",
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "quiet\n", "")


def test_optimized_python(fresh_python):
    """Under -OO, which drops docstrings and assertions."""
    done = fresh_python(
        """
        import engine
        x = engine.Value(3.0)
        (x * x).backward()
        try:
            engine.Value("3")
        except engine.OperandError:
            print(x.grad, engine.compiled)
        """,
        "-OO",
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, f"6.0 {engine.compiled}\n", "")


def test_shutdown_with_graphs_alive_everywhere(fresh_python):
    done = fresh_python(
        """
        import atexit, sys, threading
        import engine
        from engine import Value, no_grad, scope

        x = Value(2.0)
        y = x
        for _ in range(100_000):
            y = y + x

        class Keeper:
            def __init__(self):
                self.graph = engine.sum([x * 2, y])
                self.me = self  # freed by the collector at the very end
            def __del__(self):
                self.graph.backward()
                (Value(1.0) * 2).backward()

        keeper = Keeper()
        sys.kept = [keeper, y]
        engine.kept = y.tanh()

        def goodbye():
            y.backward()
            print("goodbye", x.grad)

        atexit.register(goodbye)

        def steps():
            with no_grad():
                yield y
        waiting = steps()
        next(waiting)
        scope("open at the end").__enter__()

        def forever():
            while True:
                z = Value(1.0)
                (z * z + z).backward()
        threading.Thread(target=forever, daemon=True).start()
        """
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "goodbye 100001.0\n", "")


def test_an_exception_in_the_program_shows_its_own_traceback(fresh_python):
    done = fresh_python(
        """
        from engine import Value
        x = Value(2.0)
        for _ in range(1000):
            x = x * 1.0
        x + "a"
        """
    )
    assert done.returncode == 1
    assert done.stderr.count("Traceback") == 1
    assert done.stderr.splitlines()[-1].startswith("engine.errors.OperandError: ")
