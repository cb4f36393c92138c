"""The property of `test_programs` finds backward passes that are wrong, and shows why.

Each broken backward is one that people have written. The search has to find a program on which it
gives other gradients than dual numbers do, and to shrink it to the few lines that explain it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import Phase, find, settings

from engine import Value, topological_order
from engine.testing.oracles.dual import FUNCTIONS, Dual, agree
from engine.testing.program import Program
from engine.testing.strategies import programs

Backward = Callable[[Value], dict[Value, float]]
MOST_VISITS = 10_000  # a recursion that visits every path takes for ever on a ladder of diamonds


def right(root: Value) -> dict[Value, float]:
    """Take every node once, after all that use it."""
    gradients = {root: 1.0}
    for node in topological_order([root]):
        spread(node, gradients)
    return gradients


def spread(node: Value, gradients: dict[Value, float]) -> None:
    """Add a node's part to the gradients of its operands."""
    for operand, local in zip(node.operands, node.local_gradients, strict=True):
        gradients[operand] = gradients.get(operand, 0.0) + gradients.get(node, 0.0) * local


def recursion_without_order(root: Value) -> dict[Value, float]:
    """Pass on what a node has so far each time that it is reached."""
    gradients = {root: 1.0}
    waiting = [root]
    for _ in range(MOST_VISITS):
        if not waiting:
            break
        node = waiting.pop()
        for operand, local in zip(node.operands, node.local_gradients, strict=True):
            gradients[operand] = gradients.get(operand, 0.0) + gradients[node] * local
            waiting.append(operand)
    return gradients


def breadth_first(root: Value) -> dict[Value, float]:
    """Take every node once, the ones nearest to the root first."""
    gradients = {root: 1.0}
    order = [root]
    for node in order:  # it grows
        spread(node, gradients)
        order += [operand for operand in dict.fromkeys(node.operands) if operand not in order]
    return gradients


def depth_first_preorder(root: Value) -> dict[Value, float]:
    """Take every node once, when it is first reached."""
    gradients = {root: 1.0}
    waiting, seen = [root], set()
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            spread(node, gradients)
            waiting += node.operands
    return gradients


def overwriting(root: Value) -> dict[Value, float]:
    """Write `=` for `+=`."""
    gradients = {root: 1.0}
    for node in topological_order([root]):
        for operand, local in zip(node.operands, node.local_gradients, strict=True):
            gradients[operand] = gradients.get(node, 0.0) * local
    return gradients


def operands_as_a_set(root: Value) -> dict[Value, float]:
    """Forget that an operand may be used twice by one op."""
    gradients = {root: 1.0}
    for node in topological_order([root]):
        for operand, local in dict(zip(node.operands, node.local_gradients, strict=True)).items():
            gradients[operand] = gradients.get(operand, 0.0) + gradients.get(node, 0.0) * local
    return gradients


def slightly_off(root: Value) -> dict[Value, float]:
    """Get the derivative of one op wrong by four parts in ten million million."""
    gradients = {root: 1.0}
    for node in topological_order([root]):
        if node.op is not None and node.op.name == "tanh":
            gradients[node] = gradients.get(node, 0.0) * (1.0 + 4e-13)
        spread(node, gradients)
    return gradients


def agrees(program: Program, backward: Backward) -> bool:
    """Return whether a backward gives a program the gradients that dual numbers give."""
    nodes = program.values()
    if not all(abs(node.data) < 1e60 for node in nodes):
        return True
    gradients = backward(nodes[-1])
    for i, x in enumerate(program.leaves):
        start = [Dual(x, *((1.0, 1.0) if i == j else ())) for j, x in enumerate(program.leaves)]
        exact = program.run(
            start, FUNCTIONS, lambda position, node: replace(node, data=nodes[position].data)
        )[-1]
        if not agree(gradients.get(nodes[i], 0.0), exact.slope, exact.size):
            return False
    return True


def smallest_failure(backward: Backward) -> Program:
    """Return the program that the search for a failure shrinks to."""
    return find(
        programs(max_steps=20),
        lambda program: not agrees(program, backward),
        settings=settings(
            max_examples=1000,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],
            report_multiple_bugs=False,  # stop the search at the first
        ),
    )


BROKEN = (
    recursion_without_order,
    breadth_first,
    depth_first_preorder,
    overwriting,
    operands_as_a_set,
    slightly_off,
)


@pytest.mark.parametrize("backward", BROKEN, ids=lambda backward: backward.__name__)
def test_a_broken_backward_is_found_and_explained(backward: Backward) -> None:
    found = smallest_failure(backward)
    assert not agrees(found, backward)
    assert agrees(found, right)
    # v1 = v0 + v0 shows a lost term, v2 = v1 + v1 after it a node that is passed on twice, and
    # two steps more a node that is taken too early; the search may stop a step short of that.
    assert len(found.steps) <= 4, found
    assert len(found.leaves) <= 2, found
