"""Faults 31 to 41: what backward() is asked to do.

Faults 30 and 38, and the shapes of fault 31, are about tensors and are tested with them.
"""

import copy
import inspect
import math
import sys
from fractions import Fraction

import numpy as np
import pytest

import engine
from engine import GraphError, OperandError, Value, backward, topological_order

WRONG_SEEDS = {
    "text": "a",
    "None": None,
    "list": [1.0],
    "array": np.ones(1),
    "Value": Value(1.0),
    "complex": 1j,
}


@pytest.mark.parametrize("seed", WRONG_SEEDS.values(), ids=WRONG_SEEDS)
def test_fault_31_seed_that_is_no_number(seed):
    x = Value(3.0)
    x.grad = 0.5
    for run in (lambda y: y.backward(seed), lambda y: backward([y], [seed])):
        with pytest.raises(OperandError, match=r"backward\(\) takes numbers, got \w+ .*: \w+"):
            run(x * x)
    assert x.grad == 0.5


@pytest.mark.parametrize("seed", [np.float64(0.5), Fraction(1, 2), np.array(0.5)], ids=repr)
def test_fault_31_any_number_is_a_seed(seed):
    x = Value(3.0)
    (x * x).backward(seed)
    assert x.grad == 3.0
    assert type(x.grad) is float


@pytest.mark.parametrize("seeds", [[], [1.0], [1.0, 2.0, 3.0]], ids=len)
def test_fault_31_one_seed_for_each_root(seeds):
    x = Value(3.0)
    with pytest.raises(engine.EngineError, match=rf"2 roots and {len(seeds)} "):
        backward([x * 1, x * 2], seeds)
    assert x.grad is None


@pytest.mark.parametrize("seeds", [1.0, Value(1.0), np.float64(1.0)], ids=repr)
def test_fault_31_seeds_are_a_sequence(seeds):
    x = Value(3.0)
    with pytest.raises(OperandError, match=r"backward\(\).*gradients"):
        backward([x * 1], seeds)
    assert x.grad is None


@pytest.mark.parametrize("roots", [Value(3.0), None, 3.0], ids=["Value", "None", "float"])
def test_fault_31_roots_are_a_sequence(roots):
    with pytest.raises(OperandError, match=r"backward\(\).*(list|sequence|\[)"):
        backward(roots)


@pytest.mark.parametrize("stranger", [3.0, "a", None, np.float64(1.0)], ids=repr)
def test_fault_31_roots_are_values(stranger):
    x = Value(3.0)
    with pytest.raises(OperandError, match=r"starts from Values, got \w+"):
        backward([x * 2, stranger])
    with pytest.raises(OperandError, match=r"got \w+"):
        topological_order([x * 2, stranger])
    assert x.grad is None


@pytest.mark.parametrize(
    "constant",
    [
        Value(7.0, requires_grad=False),
        Value(7.0).detach(),
        Value(7.0, requires_grad=False) * 1,
        engine.no_grad()(lambda: Value(7.0) * 1)(),
    ],
    ids=["leaf", "detached", "of constants", "no_grad"],
)
def test_fault_32_backward_on_a_constant(constant):
    x = Value(3.0)
    for run in (constant.backward, lambda: backward([x * 2, constant])):
        with pytest.raises(GraphError, match=r"7\.0.* does not require grad.*no_grad.*detached"):
            run()
    assert isinstance(GraphError(), RuntimeError)
    assert x.grad is None


def test_fault_33_backward_twice_doubles():
    x = Value(3.0)
    y = x**3
    y.backward()
    assert x.grad == 27.0
    y.backward()
    assert x.grad == 54.0
    assert y.grad == 1.0  # an interior gradient is that of the latest sweep


def test_fault_34_two_losses_that_share_a_subgraph():
    a = Value(2.0)
    h = a * 3
    h_squared = h * h
    first, second = h_squared * 1, h_squared * 10
    first.backward()
    second.backward()
    assert a.grad == 11 * 2 * 6 * 3


@pytest.mark.parametrize(
    ("expression", "gradient"),
    [
        (lambda x: x * x, 6.0),
        (lambda x: x + x, 2.0),
        (lambda x: x - x, 0.0),
        (lambda x: x / x, 0.0),
        (lambda x: x**x, 27 * (1 + math.log(3))),
        (lambda x: engine.maximum(x, x), 1.0),
        (lambda x: engine.hypot(x, x), math.sqrt(2)),
        (lambda x: engine.sum([x, x, x]), 3.0),
        (lambda x: engine.dot([x, x], [x, 2]), 8.0),
        (lambda x: engine.prod([x, x, x]), 27.0),
        (lambda x: (x * x) * (x * x), 108.0),
        (lambda x: (x + 1) * (x - 1), 6.0),
    ],
)
def test_fault_35_one_node_in_several_operands(expression, gradient):
    x = Value(3.0)
    expression(x).backward()
    assert x.grad == pytest.approx(gradient, rel=1e-15)  # a few roundings of 1.1e-16


def test_fault_36_the_gradient_of_an_unused_leaf_is_not_computed():
    used, unused = Value(3.0), Value(4.0)
    (used * 2).backward()
    assert used.grad == 2.0
    assert unused.grad is None


def test_fault_36_a_gradient_of_0_is_not_missing():
    x = Value(3.0)
    (x * 0).backward()
    assert x.grad == 0.0
    assert x.grad is not None


def test_fault_37_data_changed_between_forward_and_backward():
    x = Value(2.0)
    y = x * x
    x.data = 10.0
    y.backward()
    assert (y.data, x.grad) == (4.0, 4.0)  # as it was; 20 would mix two points


def test_fault_39_a_chain_of_1000_nodes_with_50_frames_to_spare():
    """The chain of a million nodes is in tests/engine; this one proves that nothing recurses."""
    x = Value(1.0)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 50)
    try:
        y = x
        for _ in range(1000):
            y = y + x
        y.backward()
        order = topological_order([y])
        shown = repr(y)
        copied = copy.deepcopy(y)
        del y
    finally:
        sys.setrecursionlimit(limit)
    assert x.grad == 1001.0
    assert len(order) == 1001
    assert shown == "Value(data=1001.0, grad=1.0)"
    assert copied.data == 1001.0


@pytest.mark.parametrize("width", [100_000])
def test_fault_40_wide_fan_in_and_fan_out(width):
    leaves = [Value(1.0) for _ in range(width)]
    engine.sum(leaves).backward()
    assert {leaf.grad for leaf in leaves} == {1.0}
    one = Value(1.0)
    backward([one * k for k in range(width)])
    assert one.grad == width * (width - 1) / 2


def test_fault_41_a_ladder_of_60_doublings():
    x = Value(1.0)
    y = x
    for _ in range(60):
        y = y + y
    y.backward()
    assert (y.data, x.grad) == (2.0**60, 2.0**60)
    assert len(topological_order([y])) == 61
