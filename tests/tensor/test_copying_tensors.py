"""Pickle, copy and deepcopy of Tensors, of their graphs and of modules made of them."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine
from engine import GraphError, Tensor, scope, topological_order
from nn import MLP, BatchNorm1d, Conv2d, Dropout, Flatten, Linear, MaxPool2d, Sequential, losses


def pickled(thing: Any) -> Any:
    return pickle.loads(pickle.dumps(thing))


COPIERS = [copy.deepcopy, pickled]
both = pytest.mark.parametrize("duplicate", COPIERS, ids=lambda f: f.__name__)
all_three = pytest.mark.parametrize("duplicate", [copy.copy, *COPIERS], ids=lambda f: f.__name__)


@all_three
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("requires_grad", [False, True])
def test_a_leaf(duplicate: Callable[[Any], Any], dtype: Any, requires_grad: bool) -> None:
    data = np.array([[0.1, -0.0, 1e-40], [math.inf, math.nan, -1.0]], dtype)
    x = Tensor(data, "x", requires_grad=requires_grad, dtype=dtype)
    x.grad, x.scope = np.ones((2, 3)), "net"
    twin = duplicate(x)
    assert type(twin) is Tensor
    assert (twin.dtype, twin.requires_grad, twin.op) == (dtype, requires_grad, None)
    assert (twin.label, twin.scope) == ("x", "net")
    assert twin.data.tobytes() == data.tobytes()
    x.subtract_(np.ones((2, 3), dtype))  # in place
    x.grad += 1.0
    assert twin.data.tobytes() == data.tobytes()
    assert twin.grad.tolist() == np.ones((2, 3)).tolist()
    x.zero_grad()
    assert duplicate(x).grad is None


def everything(x: Tensor) -> Tensor:
    """Return a number computed from x, of shape (2, 4), by ops of every kind."""
    square, kernel = x[:, :2], engine.reshape(x, (2, 1, 2, 2))
    image = engine.reshape(engine.tile(x, (1, 2)), (1, 1, 4, 4))
    flat = engine.flip(engine.concat([x, engine.stack([x[0], x[1]])], 1)).flatten()
    with scope("net"):
        parts = [
            *(x + x, x.tanh() * 2.0, engine.clip(x, -0.5, 0.5), engine.where(x.data > 0, x, -x)),
            *(x.sum(0), x.mean(1, keepdims=True), x.var(1), x.std(), x.norm(0), x.max(), x.prod(1)),
            *(x.logsumexp(-1), x.softmax(), x.log_softmax(0), x.cumsum(0), x.cumprod(1)),
            *(square @ square.T, engine.einsum("ij,kj->ik", x, x), engine.outer(x[0], x[1])),
            *(engine.linear(x, x, x[:, 0]), engine.tensordot(x, x, 2), x[0].dot(x[1])),
            *(x.T, x.expand_dims(0).squeeze(), x.broadcast_to(3, 2, 4), engine.roll(x, 1)),
            *(engine.split(x, 2, 1)[1], engine.pad(x, 1), engine.repeat(x, 2, 0), x.sort()),
            *(x[::-1, [0, 0, 3]], x[x.data > 0], x.take([1, 1], 1), x.gather([[0], [3]])),
            *(engine.scatter(flat, np.arange(16) % 5, (5,)), engine.embedding(x, [1, 1, 0])),
            *(engine.conv2d(image, kernel), engine.max_pool2d(image, 2), engine.polygamma(1.0, x)),
            *(engine.avg_pool2d(image, 3, 1), engine.fold(engine.windows(image, 2), (4, 4))),
            *(engine.dropout(x, 0.5, np.random.default_rng(0)), losses.cross_entropy(x, [0, 3])),
            Tensor.from_values([value.exp() for value in x[0].to_values()]),
        ]
    return engine.concat([part.flatten() for part in parts]).sum()


@both
def test_a_graph_of_every_kind_of_op(duplicate: Callable[[Any], Any]) -> None:
    x = Tensor(np.linspace(-0.9, 1.1, 8).reshape(2, 4), "x", requires_grad=True)
    y = everything(x)
    twin, twin_x = duplicate((y, x))
    nodes, twins = topological_order([y]), topological_order([twin])
    twin_of = dict(zip(nodes, twins, strict=True))
    assert not set(nodes) & set(twins)
    assert twin_of[x] is twin_x
    for node, other in twin_of.items():
        assert (type(other), other.op.name if other.op else None) == (
            type(node),
            node.op.name if node.op else None,
        )
        assert (other.scope, other.requires_grad) == (node.scope, node.requires_grad)
        assert other.operands == tuple(twin_of[operand] for operand in node.operands)
        np.testing.assert_array_equal(other.data, node.data)
    y.backward()
    assert twin_x.grad is None
    twin.backward()
    np.testing.assert_array_equal(twin_x.grad, x.grad)


@both
def test_a_copy_knows_which_data_were_changed(duplicate: Callable[[Any], Any]) -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = (x * x).sum()
    twin, twin_x = duplicate((y, x))
    x.data = [3.0, 4.0]
    twin.backward()
    assert twin_x.grad.tolist() == [2.0, 4.0]
    with pytest.raises(GraphError, match="were changed after it was computed"):
        duplicate(y).backward()


def test_a_shallow_copy_shares_its_operands() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    twin = copy.copy(x * x)
    assert twin.operands == (x, x)
    twin.backward([1.0, 1.0])
    assert x.grad.tolist() == [2.0, 4.0]


@both
def test_a_chain_of_10_000_nodes(duplicate: Callable[[Any], Any]) -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = x
    for _ in range(10_000):
        y = y + x
    twin = duplicate(y)
    leaf = topological_order([twin])[-1]
    twin.backward([1.0, 1.0])
    assert leaf.grad.tolist() == [10_001.0, 10_001.0]


@both
def test_a_module_of_tensors(duplicate: Callable[[Any], Any]) -> None:
    first, last = Linear(8, 8, seed=0), Linear(8, 8, seed=1)
    last.weight = first.weight  # shared
    net = Sequential(
        Conv2d(1, 2, 3, padding=1, seed=2), MaxPool2d(2), Flatten(), first, BatchNorm1d(8),
        Dropout(0.5, seed=3), last,
    )  # fmt: skip
    x = np.random.default_rng(0).standard_normal((5, 1, 4, 4))
    net(x)  # the generator and the running statistics move on
    twin = duplicate(net)
    assert len(twin.parameters()) == len(net.parameters())
    assert twin[3].weight is twin[6].weight
    assert not set(twin.parameters()) & set(net.parameters())
    for _ in range(2):  # the same masks
        np.testing.assert_array_equal(twin(x).data, net(x).data)
    for name, array in net.state_dict().items():
        np.testing.assert_array_equal(twin.state_dict()[name], array)


@both
def test_the_twin_of_an_mlp(duplicate: Callable[[Any], Any]) -> None:
    twin = MLP(2, [3, 1], activation="tanh", seed=0).tensor()
    x = [[0.5, -1.0], [2.0, 0.0]]
    np.testing.assert_array_equal(duplicate(twin)(x).data, twin(x).data)
