"""The backward sweep: what accumulates, what is stale, and where a sweep may start."""

import operator
import sys

import pytest

import engine
from engine import Value, backward, topological_order


def test_leaves_accumulate_and_stale_interior_gradients_are_not_added_to():
    a = Value(2.0)
    h = a * 3
    first, second = h * 1, h * 10
    first.backward()
    assert (a.grad, h.grad) == (3.0, 1.0)
    second.backward()
    assert (a.grad, h.grad) == (33.0, 10.0)


def test_cube_at_3_backward_twice():
    x = Value(3.0)
    y = x * x * x
    y.backward()
    y.backward()
    assert x.grad == 54.0


def test_an_interior_gradient_that_was_set_by_hand_is_not_added_to():
    x = Value(3.0)
    h = x * 2
    h.grad = 100.0
    (h * 5).backward()
    assert (h.grad, x.grad) == (5.0, 10.0)


def test_a_leaf_gradient_that_was_set_by_hand_is_added_to():
    x = Value(3.0)
    x.grad = 100.0
    (x * 2).backward()
    assert x.grad == 102.0


def test_what_is_not_below_the_root_keeps_its_gradient():
    x = Value(3.0)
    h = x * 2
    above = h * 7
    above.backward()
    h.backward()
    assert (above.grad, h.grad, x.grad) == (1.0, 1.0, 14.0 + 2.0)


def test_zero_grad_makes_a_gradient_not_computed_yet():
    x = Value(3.0)
    y = x * 2
    y.backward()
    x.zero_grad()
    assert x.grad is None
    y.backward()
    assert x.grad == 2.0
    y.zero_grad()
    assert (y.grad, x.grad) == (None, 2.0)


def test_a_gradient_of_0_is_not_the_same_as_none():
    x, y = Value(3.0), Value(0.0)
    out = x * y
    assert (x.grad, y.grad, out.grad) == (None, None, None)
    out.backward()
    assert (x.grad, y.grad, out.grad) == (0.0, 3.0, 1.0)
    x.grad = None
    assert repr(x) == "Value(data=3.0, grad=None)"


def test_a_leaf_is_a_root():
    x = Value(3.0)
    x.backward()
    x.backward(0.5)
    assert x.grad == 1.5


def test_the_seed_multiplies_every_gradient():
    x = Value(3.0)
    h = x * x
    y = h * 2
    y.backward(-0.25)
    assert (y.grad, h.grad, x.grad) == (-0.25, -0.5, -3.0)
    y.backward(gradient=0)
    assert (y.grad, h.grad, x.grad) == (0.0, 0.0, -3.0)


def test_several_roots_add_up_in_one_sweep():
    a = Value(2.0)
    h = a * 3
    first, second = h * 1, h * 10
    backward([first, second])
    assert (a.grad, h.grad, first.grad, second.grad) == (33.0, 11.0, 1.0, 1.0)


def test_several_roots_with_seeds():
    a = Value(2.0)
    h = a * 3
    backward([h * 1, h * 10], [100, 0.5])
    assert (h.grad, a.grad) == (105.0, 315.0)


@pytest.mark.parametrize("flip", [False, True])
def test_a_root_below_another_root(flip):
    a = Value(2.0)
    h = a * 3
    y = h * h
    roots, seeds = [y, h], [1.0, 1000.0]
    if flip:
        roots, seeds = roots[::-1], seeds[::-1]
    backward(roots, seeds)
    assert (y.grad, h.grad, a.grad) == (1.0, 1012.0, 3036.0)


def test_a_leaf_below_another_root():
    a = Value(2.0)
    backward([a, a * 3], [1000.0, 1.0])
    assert a.grad == 1003.0


def test_the_same_root_twice():
    a = Value(2.0)
    y = a * 3
    backward([y, y])
    assert (y.grad, a.grad) == (2.0, 6.0)
    backward([a, a], [0.5, 0.25])
    assert a.grad == 6.75


def test_no_roots_give_no_gradient():
    x = Value(2.0)
    backward([])
    assert x.grad is None


def test_roots_may_come_from_a_generator():
    x = Value(2.0)
    backward(x * k for k in (1, 10))
    assert x.grad == 11.0


def test_a_sweep_that_is_refused_touches_nothing():
    x = Value(2.0)
    h = x * 3
    h.backward()
    before = (x.grad, h.grad)
    with pytest.raises(engine.GraphError, match="does not require grad"):
        backward([h, Value(1.0, requires_grad=False)])
    with pytest.raises(engine.OperandError, match="takes numbers"):
        backward([h * 2, h], [1.0, "a"])
    assert (x.grad, h.grad) == before


def test_local_gradients_are_those_of_the_moment():
    x, y = Value(2.0), Value(5.0)
    product, power, total = x * y, x**3, engine.sum([x, y, x])
    x.data, y.data, product.data = 100.0, 200.0, 300.0
    assert product.local_gradients == (5.0, 2.0)
    assert power.local_gradients[0] == 12.0
    assert total.local_gradients == (1.0, 1.0, 1.0)
    assert (product.operands, total.operands) == ((x, y), (x, y, x))
    backward([product, power, total], [1.0, 10.0, 100.0])
    assert (x.grad, y.grad) == (5.0 + 120.0 + 200.0, 2.0 + 100.0)


def test_data_of_an_interior_node_changed_after_it_was_used():
    x = Value(3.0)
    h = x * x
    y = h * h
    h.data = 1000.0
    y.backward()
    assert (y.data, x.grad) == (81.0, 108.0)
    assert (h * 2).data == 2000.0  # what is computed from now on uses the new number


@pytest.mark.parametrize(
    ("op", "operands", "local"),
    [
        (engine.multiply, (3.0, 2.0), (2.0, 0.0)),
        (operator.mul, (3.0, 2.0), (2.0, 0.0)),
        (engine.power, (3.0, 2.0), (6.0, 0.0)),
        (engine.maximum, (1.0, 2.0), (0.0, 0.0)),
        (engine.hypot, (3.0, 4.0), (0.6, 0.0)),
        (engine.dot, ([3.0], [2.0]), (2.0, 0.0)),
    ],
)
def test_local_gradients_of_constant_operands_are_0_however_the_op_was_spelled(op, operands, local):
    first = operands[0]
    variable = [Value(first[0])] if isinstance(first, list) else Value(first)
    out = op(variable, *operands[1:])
    assert out.local_gradients == pytest.approx(local, rel=4e-16)


def ladder(steps: int) -> tuple[Value, Value]:
    """Return x and x + x, doubled again and again."""
    x = Value(1.0)
    y = x
    for _ in range(steps):
        y = y + y
    return x, y


def test_60_doublings_visit_60_nodes():
    x, y = ladder(60)
    assert y.index - x.index == 60
    assert len(topological_order([y])) == 61
    y.backward()
    assert x.grad == 2.0**60


@pytest.mark.skipif(engine.compiled, reason="compiled calls are invisible to sys.setprofile")
def test_60_doublings_spread_60_gradients():
    x, y = ladder(60)
    calls = []
    profiler = sys.getprofile()
    sys.setprofile(lambda frame, event, _: event == "call" and calls.append(frame.f_code.co_name))
    try:
        y.backward()
    finally:
        sys.setprofile(profiler)
    assert calls.count("_spread") == 60
    assert x.grad == 2.0**60
