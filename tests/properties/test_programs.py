"""Gradients of random straight-line programs, against dual numbers and against each other."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, strategies as st

from engine import Value, backward
from engine.testing.oracles import dual
from engine.testing.oracles.compare import bits
from engine.testing.oracles.dual import FUNCTIONS, Dual
from engine.testing.program import Program
from engine.testing.strategies import programs
from engine.testing.strategies.programs import program
from tests.properties.reordering import reordered

seeds = st.floats(-4.0, 4.0, allow_subnormal=False)


def gradients(leaves: list[Value]) -> list[float]:
    """Return the gradients; 0 for a leaf that was not reached."""
    return [0.0 if leaf.grad is None else leaf.grad for leaf in leaves]


def duals(program: Program, nodes: list[Value], leaf: int) -> list[Dual]:
    """Return all nodes as dual numbers, differentiated for one leaf.

    The numbers are checked and then taken from the Values, so that a last bit by which two
    formulas for a value differ is not magnified by what follows: what is compared is derivatives.
    """

    def settle(position: int, node: Dual) -> Dual:
        data = nodes[position].data
        assert abs(node.data - data) <= 1e-14 * max(1.0, abs(data)), f"v{position}"
        return replace(node, data=data)

    start = [Dual(x, *((1.0, 1.0) if i == leaf else ())) for i, x in enumerate(program.leaves)]
    return program.run(start, FUNCTIONS, settle)


def finite(program: Program) -> list[Value]:
    """Return all nodes of a program, leaving out programs that overflow or come close."""
    nodes = program.values()
    assume(all(abs(node.data) < 1e60 for node in nodes))
    return nodes


def assert_close(got: list[float], expected: list[float], sizes: list[float]) -> None:
    """Assert that gradients agree relative to the sizes of their terms."""
    for x, y, size in zip(got, expected, sizes, strict=True):
        assert dual.agree(x, y, size), f"{got} and {expected}"


def by_duals(
    program: Program, nodes: list[Value], roots: list[int], weights: list[float]
) -> tuple[list[float], list[float]]:
    """Return the gradient of a weighted sum of roots for each leaf, and the sizes of its terms."""
    slopes, sizes = [], []
    for leaf in range(len(program.leaves)):
        results = duals(program, nodes, leaf)
        slopes.append(sum(w * results[i].slope for i, w in zip(roots, weights, strict=True)))
        sizes.append(sum(abs(w) * results[i].size for i, w in zip(roots, weights, strict=True)))
    assume(all(math.isfinite(size) for size in sizes))
    return slopes, sizes


@given(programs())
def test_gradients_are_those_of_dual_numbers(program: Program) -> None:
    nodes = finite(program)
    expected, sizes = by_duals(program, nodes, [len(nodes) - 1], [1.0])
    nodes[-1].backward()
    assert_close(gradients(nodes[: len(program.leaves)]), expected, sizes)


@given(programs(), st.lists(st.tuples(st.integers(0, 40), seeds), min_size=1, max_size=4))
def test_several_roots(program: Program, choices: list[tuple[int, float]]) -> None:
    nodes = finite(program)
    roots = [len(nodes) - 1 - back % len(nodes) for back, _ in choices]
    weights = [seed for _, seed in choices]
    expected, sizes = by_duals(program, nodes, roots, weights)
    backward([nodes[i] for i in roots], weights)
    assert_close(gradients(nodes[: len(program.leaves)]), expected, sizes)


@given(programs())
def test_gradients_of_interior_nodes(program: Program) -> None:
    # Cut the program at a node and call what comes after a program of its own: the same gradient.
    nodes = finite(program)
    nodes[-1].backward()
    for i in range(len(program.leaves), len(nodes) - 1):
        if nodes[i].grad is not None:
            rest = from_node(program, nodes, i)
            assert_close([nodes[i].grad], [rest.slope], [rest.size])


def from_node(program: Program, nodes: list[Value], cut: int) -> Dual:
    """Return the last node as a dual number, differentiated for the interior node `cut`."""

    def settle(position: int, node: Dual) -> Dual:
        slope = (1.0, 1.0) if position == cut else (node.slope, node.size)
        return Dual(nodes[position].data, *slope)

    return program.run([Dual(x) for x in program.leaves], FUNCTIONS, settle)[-1]


@given(programs(), st.integers(-30, 30))
def test_backward_is_linear_in_the_seed(program: Program, exponent: int) -> None:
    # Doubling is exact, so not one bit of a gradient may differ but for its exponent.
    nodes, again = finite(program), program.values()
    nodes[-1].backward()
    again[-1].backward(2.0**exponent)
    for one, scaled in zip(gradients(nodes), gradients(again), strict=True):
        if 1e-200 < abs(one) < 1e200:
            assert scaled == one * 2.0**exponent


@given(programs(), seeds, seeds)
def test_backward_is_additive_in_the_seed(program: Program, first: float, second: float) -> None:
    nodes = finite(program)
    leaves = nodes[: len(program.leaves)]
    _, sizes = by_duals(program, nodes, [len(nodes) - 1] * 2, [first, second])
    parts = []
    for seed in (first, second, first + second):
        for leaf in leaves:
            leaf.zero_grad()
        nodes[-1].backward(seed)
        parts.append(gradients(leaves))
    assert_close([x + y for x, y in zip(*parts[:2], strict=True)], parts[2], sizes)


@given(programs(), st.integers(0, 40))
def test_a_sum_of_losses_has_the_sum_of_gradients(program: Program, back: int) -> None:
    nodes = finite(program)
    count = len(program.leaves)
    other = len(nodes) - 1 - back % len(nodes)
    expected, sizes = by_duals(program, nodes, [len(nodes) - 1, other], [1.0, 1.0])

    one_by_one = program.values()
    one_by_one[-1].backward()
    one_by_one[other].backward()  # leaves accumulate

    together = program.values()
    backward([together[-1], together[other]])

    added = program.values()
    (added[-1] + added[other]).backward()

    for way in (one_by_one, together, added):
        assert_close(gradients(way[:count]), expected, sizes)


@given(programs(max_steps=30), programs(max_steps=30))
def test_gradient_of_the_sum_of_two_functions(f: Program, g: Program) -> None:
    # Two programs on the same leaves, f's.
    assume(len(g.leaves) <= len(f.leaves))
    g = Program(f.leaves[: len(g.leaves)], g.steps)
    separate, sizes = [], []
    for function in (f, g):
        nodes = finite(function)
        slopes, size = by_duals(function, nodes, [len(nodes) - 1], [1.0])
        separate.append([*slopes, 0.0, 0.0, 0.0][: len(f.leaves)])
        sizes.append([*size, 0.0, 0.0, 0.0][: len(f.leaves)])
    leaves = [Value(x) for x in f.leaves]
    (f(*leaves) + g(*leaves[: len(g.leaves)])).backward()
    expected = [x + y for x, y in zip(*separate, strict=True)]
    assert_close(gradients(leaves), expected, [x + y for x, y in zip(*sizes, strict=True)])


@given(programs(), st.lists(st.integers(0, 40), min_size=1, max_size=30))
def test_the_order_of_construction_changes_nothing(program: Program, keys: list[int]) -> None:
    nodes = finite(program)
    _, sizes = by_duals(program, nodes, [len(nodes) - 1], [1.0])
    nodes[-1].backward()
    other, went = reordered(program, keys)
    moved = other.values()
    moved[went[len(nodes) - 1]].backward()
    count = len(program.leaves)
    assert [bits(moved[i].data) for i in went] == [bits(node.data) for node in nodes]
    assert_close(gradients(moved[:count]), gradients(nodes[:count]), sizes)


@given(programs())
def test_running_again_gives_the_same_bits(program: Program) -> None:
    runs = []
    for _ in range(2):
        nodes = program.values()
        nodes[-1].backward()
        runs.append([bits(gradient) for gradient in gradients(nodes)])
    assert runs[0] == runs[1]


@given(programs())
def test_a_program_prints_as_python_that_runs(program: Program) -> None:
    namespace: dict[str, Any] = {}
    exec(repr(program), namespace)
    printed = [namespace[f"v{i}"] for i in range(len(program))]
    nodes = program.values()
    nodes[-1].backward()
    printed[-1].backward()
    assert [bits(node.data) for node in printed] == [bits(node.data) for node in nodes]
    assert [*map(bits, gradients(printed))] == [*map(bits, gradients(nodes))]


def test_operands_are_counted_back_from_the_newest() -> None:
    choices = [("{a} + {b}", 0, 1, 0), ("sin({a})", 5, 0, 0), ("sum([{xs}])", 0, 7, 1)]
    assert program([1.0, 2.0], choices).source().split("\n") == [
        "from engine import Value, sin, sum",
        "v0 = Value(1.0)",
        "v1 = Value(2.0)",
        "v2 = v1 + v0",
        "v3 = sin(v0)",
        "v4 = sum([v3, v0, v2])",
    ]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_dual_function_is_differentiated_rightly(name: str) -> None:
    # The oracle's own rules against central differences, off every kink: the step is eps**(1/3).
    function, h = FUNCTIONS[name], 6e-6
    of_a_list = name in ("sum", "mean", "prod", "max", "min", "norm", "logsumexp", "dot")
    of_two = name in ("maximum", "minimum", "hypot")
    for x in (0.3, 0.9, 1.7):

        def at(slope: float, x: float = x) -> Dual:
            moving, fixed = Dual(x, slope, slope), Dual(0.5)
            if name == "dot":
                return function([moving, fixed], [fixed, moving])
            return function([moving, fixed]) if of_a_list else function(moving, *[fixed] * of_two)

        slope = (at(0.0, x + h).data - at(0.0, x - h).data) / (2 * h)
        assert at(1.0).slope == pytest.approx(slope, rel=1e-9, abs=1e-9)
