"""Graphs that are deep or wide: nothing recurses, and time is linear in the nodes."""

import copy
import math
import sys

import pytest

import engine
from engine import Value, backward, topological_order

WIDTH = 100_000


def test_a_chain_of_50_000_additions_of_a_number():
    x = Value(1.0)
    y = x
    for _ in range(50_000):
        y = y + 1
    y.backward()
    assert (y.data, x.grad) == (50_001.0, 1.0)
    assert repr(y) == "Value(data=50001.0, grad=1.0)"


def test_the_builtin_sum_of_2000_values():
    values = [Value(k) for k in range(2000)]
    total = sum(values)
    total.backward()
    assert total.data == 1_999_000.0
    assert all(value.grad == 1.0 for value in values)


@pytest.mark.slow(reason="a million nodes")
def test_a_chain_of_a_million_additions_from_forward_to_deletion():
    steps = 1_000_000
    x = Value(1.0)
    references = sys.getrefcount(x)
    y = x
    for _ in range(steps):
        y = y + x
    y.backward()
    assert (y.data, x.grad) == (steps + 1.0, steps + 1.0)
    assert repr(y) == "Value(data=1000001.0, grad=1.0)"

    copied = copy.deepcopy(y)
    assert len(topological_order([copied])) == steps + 1
    leaf = topological_order([copied])[-1]
    assert leaf is not x
    leaf.zero_grad()
    copied.backward()
    assert leaf.grad == steps + 1.0
    assert x.grad == steps + 1.0  # the copy is another graph
    del copied, leaf

    assert sys.getrefcount(x) == references + steps + 1  # one for each addition, and the first two
    del y
    assert sys.getrefcount(x) == references


@pytest.mark.slow(reason="a million nodes")
def test_a_chain_of_a_million_mixed_nodes_has_the_gradient_of_its_closed_form():
    """x → x·c + x·(1 - c) is x again, through two products and a sum at every step."""
    x = Value(3.0)
    y = x
    for _ in range(250_000):
        y = y * 0.25 + y * 0.75
    y.backward()
    assert (y.data, x.grad) == (3.0, 1.0)


@pytest.mark.parametrize(
    ("reduce", "gradient"),
    [
        (engine.sum, 1.0),
        (engine.mean, 1 / WIDTH),
        (engine.logsumexp, 1 / WIDTH),
        (engine.max, 1 / WIDTH),  # ties share
        (engine.std, 0.0),
        (engine.norm, 1 / math.sqrt(WIDTH)),
        (lambda xs: engine.dot(xs, [2.0] * WIDTH), 2.0),
    ],
    ids=["sum", "mean", "logsumexp", "max", "std", "norm", "dot"],
)
def test_a_fan_in_of_100_000(reduce, gradient, processor_seconds):
    leaves = [Value(1.0) for _ in range(WIDTH)]
    with processor_seconds(6):  # linear work takes 1 s at most
        reduce(leaves).backward()
    grads = {leaf.grad for leaf in leaves}
    assert len(grads) == 1
    assert grads.pop() == pytest.approx(gradient, rel=1e-12)  # 1e5 roundings of 1.1e-16 at most


def test_a_fan_out_of_100_000_from_an_interior_node():
    x = Value(2.0)
    h = x * 3
    products = [h * k for k in range(WIDTH)]
    expected = WIDTH * (WIDTH - 1) / 2
    backward(products)
    assert (h.grad, x.grad) == (expected, 3 * expected)
    engine.sum(products).backward()
    assert (h.grad, x.grad) == (expected, 6 * expected)


def test_a_hundred_thousand_roots_of_one_chain():
    x = Value(1.0)
    roots = [x]
    for _ in range(WIDTH):
        roots.append(roots[-1] + x)
    backward(roots)
    assert x.grad == (WIDTH + 1) * (WIDTH + 2) / 2


@pytest.mark.parametrize("spread", [engine.softmax, engine.log_softmax], ids=lambda f: f.__name__)
def test_a_softmax_of_300_costs_its_300_times_300_derivatives(spread, processor_seconds):
    """As in a language model over characters; a third factor of 300 would take minutes."""
    leaves = [Value(k / 300) for k in range(300)]
    with processor_seconds(6):  # 90,000 derivatives take 1 s at most
        out = spread(leaves)
        backward(out)
    total = sum(leaf.grad for leaf in leaves)
    # Σ softmax = 1 is constant; each log_softmax is unchanged by a shift of all leaves
    assert total == pytest.approx(0.0, abs=1e-11)  # 90,000 terms below 1, rounded at 1.1e-16
