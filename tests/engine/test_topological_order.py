"""The order of a graph's nodes: complete, without duplicates, each before its operands."""

import random

import pytest
from hypothesis import given, settings, strategies as st

import engine
from engine import Value, topological_order
from engine.errors import OperandError

RANDOM_GRAPHS = settings(deadline=None, derandomize=True)


def random_graph(rng: random.Random, size: int) -> list[Value]:
    """Return the nodes of a program whose every step picks operands among all that came before."""
    nodes = [Value(rng.uniform(-1, 1), requires_grad=rng.random() < 0.8) for _ in range(4)]
    for _ in range(size):
        a, b, c = (rng.choice(nodes) for _ in range(3))
        steps = [a + b, a * b, a - a, a.tanh(), engine.sum([a, b, c]), engine.dot([a, b], [b, c])]
        nodes.append(rng.choice(steps))
    return nodes


def reachable(roots: list[Value]) -> set[Value]:
    """Return all nodes below the roots, found the simplest way."""
    found: set[Value] = set()
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting.extend(node.operands)
    return found


@RANDOM_GRAPHS
@given(seed=st.integers(0, 2**32), size=st.integers(0, 60), count=st.integers(0, 4))
def test_order_of_random_graphs(seed, size, count):
    rng = random.Random(seed)
    nodes = random_graph(rng, size)
    roots = [rng.choice(nodes) for _ in range(count)]
    order = topological_order(roots)
    position = {node: at for at, node in enumerate(order)}
    assert len(position) == len(order), "a node comes twice"
    assert set(position) == reachable(roots)
    for node in order:
        for operand in node.operands:
            assert position[node] < position[operand]
            assert operand.index < node.index


@RANDOM_GRAPHS
@given(seed=st.integers(0, 2**32))
def test_a_walk_leaves_no_trace(seed):
    rng = random.Random(seed)
    root = engine.sum(random_graph(rng, 30))
    first, second = topological_order([root]), topological_order([root])
    assert first == second
    assert all(node.grad is None for node in first)


def test_order_is_the_reverse_of_the_sweep_of_a_hand_computed_chain_rule():
    rng = random.Random(7)
    root = engine.sum(random_graph(rng, 40))
    gradients = {root: 1.0}
    for node in topological_order([root]):
        for operand, local in zip(node.operands, node.local_gradients, strict=True):
            gradients[operand] = gradients.get(operand, 0.0) + gradients[node] * local
    root.backward()
    for node, gradient in gradients.items():
        if node.requires_grad:
            assert node.grad == gradient


def test_interior_nodes_come_first_and_then_leaves():
    a, b = Value(1.0), Value(2.0)
    h = a * b
    y = h + a
    order = topological_order([y])
    assert order[:2] == [y, h]
    assert set(order[2:]) == {a, b}


def test_leaf_roots_and_repeated_roots():
    a = Value(1.0)
    y = a * 2
    assert topological_order([a]) == [a]
    assert topological_order([a, a]) == [a]
    assert topological_order([]) == []
    assert topological_order([y, y])[0] is y
    assert len(topological_order([y, a, y])) == 3  # y, a and the constant 2


@pytest.mark.parametrize("flip", [False, True])
def test_a_root_below_another(flip):
    a = Value(1.0)
    h = a * a
    y = h * h
    assert topological_order([h, y] if flip else [y, h]) == [y, h, a]


def test_roots_may_be_any_iterable():
    a = Value(1.0)
    y = a * 2
    assert topological_order(root for root in [y]) == topological_order([y])


@pytest.mark.parametrize("roots", [Value(2.0), 3, None])
def test_what_is_no_sequence_is_an_error_in_its_own_name(roots):
    with pytest.raises(OperandError, match=r"topological_order\(\) takes its roots as a sequence"):
        topological_order(roots)
