"""Freedom from cycles: dropping the last reference frees a graph, collector off."""

import copy
import gc
import sys
from collections.abc import Callable, Iterator

import pytest

import engine
from engine import GraphError, NonFiniteError, Value, detect_anomaly, topological_order


@pytest.fixture(autouse=True)
def _no_collector() -> Iterator[None]:
    """Switch the garbage collector off, for it could do what the test is about."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def build(x: Value) -> Value:
    """Return a graph of every kind of node above a leaf."""
    h = (x * x + 3).tanh()
    many = engine.sum([h, x, h * 2, x])
    return (
        engine.dot([many, h], [x, x]) + engine.softmax([h, x, many])[1] + engine.where(True, h, x)
    )


def never(x: Value) -> None:
    """Drop the graph without a backward."""
    build(x)


def after_backward(x: Value) -> None:
    y = build(x)
    y.backward()
    y.backward()


def after_walk(x: Value) -> None:
    y = build(x)
    y.label = "y"
    assert y in topological_order([y])


def after_an_error_in_backward(x: Value) -> None:
    y = build(x)
    with pytest.raises(GraphError, match="constant"):
        engine.backward([y, y.detach()])


def after_an_anomaly(x: Value) -> None:
    with pytest.raises(NonFiniteError, match="log"), detect_anomaly():
        (build(x) * 0).log()


def after_a_copy(x: Value) -> None:
    copied = copy.deepcopy(build(x))
    copied.backward()


def after_training(x: Value) -> None:
    for _ in range(3):
        loss = (build(x) - 1) ** 2
        x.zero_grad()
        loss.backward()
        x.data -= 0.1 * x.grad


LIVES = [
    never,
    after_backward,
    after_walk,
    after_an_error_in_backward,
    after_an_anomaly,
    after_a_copy,
    after_training,
]


@pytest.mark.parametrize("live", LIVES, ids=lambda f: f.__name__)
def test_nothing_holds_a_leaf_once_its_graph_is_dropped(live: Callable[[Value], None]):
    x = Value(0.5)
    live(x)  # fills the caches of softmax's rows
    before = sys.getrefcount(x)
    live(x)
    assert sys.getrefcount(x) == before


@pytest.mark.skipif(engine.compiled, reason="the collector does not know compiled nodes")
@pytest.mark.parametrize("live", LIVES, ids=lambda f: f.__name__)
def test_no_node_is_left_alive(live: Callable[[Value], None]):
    x = Value(0.5)
    live(x)
    before = sum(isinstance(thing, Value) for thing in gc.get_objects())
    live(x)
    assert sum(isinstance(thing, Value) for thing in gc.get_objects()) == before


def test_the_count_of_references_would_show_a_leak():
    x = Value(0.5)
    before = sys.getrefcount(x)
    kept = build(x)
    assert sys.getrefcount(x) > before
    del kept
    assert sys.getrefcount(x) == before


def test_a_gradient_does_not_keep_the_graph():
    x = Value(0.5)
    before = sys.getrefcount(x)
    y = build(x)
    y.backward()
    middle = y.operands[0]
    del y
    assert sys.getrefcount(x) > before  # what is below the middle lives on
    assert middle.grad == 1.0
    del middle
    assert sys.getrefcount(x) == before


CONTAINERS = """
    import gc, sys
    gc.disable()
    import engine
    from engine import Value

    def cons(levels):  # a list of pairs, as Lisp builds it
        rest = ()
        for k in range(levels):
            rest = (leaf * k, rest)

    def nest(levels):  # containers of all kinds, and a graph that is as deep as they are
        rest, y = None, leaf
        for k in range(levels):
            y = engine.sum([y, leaf, 1.0])
            rest = (y, [rest], {"node": y * leaf})

    def objects(levels):
        class Holder:
            pass
        rest = None
        for k in range(levels):
            holder = Holder()
            holder.value, holder.rest = leaf * k, rest
            rest = holder

    def chain(levels):
        y = leaf
        for _ in range(levels):
            y = y + leaf
        y.backward()
        assert leaf.grad == levels + 1.0

    def wide_chain(levels):
        y = leaf
        for _ in range(levels):
            y = engine.sum([y, leaf, leaf])

    leaf = Value(1.0)
    before = sys.getrefcount(leaf)
    for build, levels in {builds}:
        build(levels)
        assert sys.getrefcount(leaf) == before, build.__name__
    print("freed")
"""
NESTS = "[(cons, 1000), (nest, 1000), (objects, 1000), (cons, 30_000), (nest, 30_000)]"


@pytest.mark.parametrize("allocator", ["default", "debug"])
def test_deep_containers_of_values_are_freed(allocator, fresh_python):
    """In an interpreter of its own: where freeing recurses, the process dies."""
    done = fresh_python(CONTAINERS.replace("{builds}", NESTS), PYTHONMALLOC=allocator)
    assert (done.returncode, done.stdout, done.stderr) == (0, "freed\n", "")


@pytest.mark.parametrize(
    ("builds", "allocator"),
    [
        ("[(chain, 3_000_000)]", "default"),
        ("[(chain, 300_000), (wide_chain, 100_000)]", "debug"),
    ],
    ids=["3 million", "debug"],
)
def test_long_chains_are_freed(builds, allocator, fresh_python):
    if not engine.compiled:
        builds = builds.replace("3_000_000", "300_000")  # for time: plain nodes are large and slow
    done = fresh_python(CONTAINERS.replace("{builds}", builds), PYTHONMALLOC=allocator)
    assert (done.returncode, done.stdout, done.stderr) == (0, "freed\n", "")
