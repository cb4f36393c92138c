"""How the parts of a gradient add up at a Tensor."""

import numpy as np
import pytest

from engine import Tensor


def test_parts_of_a_single_number_that_was_broadcast_add_up():
    x = Tensor(2.0, requires_grad=True)
    y = Tensor([1.0, 2.0], requires_grad=True)
    (x * y + x + x).sum().backward()
    assert x.grad == 3.0 + 2.0 + 2.0
    assert isinstance(x.grad, np.ndarray)


def test_parts_over_no_elements_add_up_to_zero():
    x, y = Tensor(0.0, requires_grad=True), Tensor([], requires_grad=True)
    (x * y + x + x).sum().backward()
    assert x.grad == 0.0
    assert y.grad.shape == (0,)


def test_gradients_share_no_memory():
    x, y = (Tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    total = x + y
    total.sum().backward()
    x.grad[0] = 100.0
    total.grad[1] = 50.0
    assert y.grad.tolist() == [1.0, 1.0]
    assert not np.shares_memory(x.grad, total.grad)


def test_a_second_sweep_adds_at_leaves_and_not_inside():
    x = Tensor([3.0], requires_grad=True)
    inside = x * x
    out = (inside * x).sum()
    out.backward()
    out.backward()
    assert x.grad.tolist() == [54.0]
    assert inside.grad.tolist() == [3.0]


@pytest.mark.parametrize("view", [lambda h: h.T, lambda h: h.reshape((-1,)), lambda h: h[::-1]])
def test_gradients_that_are_views_of_another_share_no_memory_with_it(view):
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    inside = x * 1.0
    out = view(inside)
    out.backward(np.ones(out.shape))
    out.grad[...] = 50.0
    assert inside.grad.tolist() == [[1.0, 1.0], [1.0, 1.0]]
    assert not np.shares_memory(inside.grad, out.grad)
