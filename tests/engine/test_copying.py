"""Pickle, copy and deepcopy: the sharing of nodes is kept, and no depth is too deep."""

import copy
import math
import pickle
import sys
from collections.abc import Callable

import pytest

import engine
from engine import OperandError, Value, backward, scope, topological_order

PROTOCOLS = range(2, pickle.HIGHEST_PROTOCOL + 1)


def pickled(thing: object) -> object:
    return pickle.loads(pickle.dumps(thing))


COPIERS = [copy.deepcopy, pickled]
both = pytest.mark.parametrize("duplicate", COPIERS, ids=lambda f: f.__name__)


def parts(node: Value) -> tuple[object, ...]:
    """Return all that a node is but for its index and its operands."""
    return (
        node.data,
        node.grad,
        node.requires_grad,
        node.op,
        node.local_gradients,
        node.label,
        node.scope,
        node.source,
    )


@both
@pytest.mark.parametrize("grad", [None, 0.0, -1.5])
def test_a_leaf(duplicate: Callable, grad):
    x = Value(math.pi, label="x")
    x.grad = grad
    x.scope = "net"
    twin = duplicate(x)
    assert twin is not x
    assert type(twin) is Value
    assert parts(twin) == parts(x)
    assert twin.operands == ()
    twin.data = 1.0
    twin.grad = 7.0
    assert (x.data, x.grad) == (math.pi, grad)


@both
def test_a_constant(duplicate):
    twin = duplicate(Value(2.0, requires_grad=False))
    assert twin.requires_grad is False
    assert not (twin * 3).requires_grad


@pytest.mark.parametrize("data", [math.inf, -0.0, 5e-324, 1.7976931348623157e308, 0.1])
@both
def test_numbers_to_the_last_bit(duplicate, data):
    assert float.hex(duplicate(Value(data)).data) == float.hex(data)


def graph() -> tuple[Value, Value, Value]:
    """Return a leaf, an interior node that is shared, and a root over every kind of node."""
    x = Value(0.5, label="x")
    with scope("net/layer0"):
        h = (x * x + 3).tanh()
    h.label = "h"
    parts = [
        engine.sum([h, x, h]),
        engine.dot([h, x], [x, 2.0]),
        engine.softmax([h, x])[1],
        engine.std([h, x, 1.0], correction=1),
        engine.clip(h, -2.0, 2.0),
        engine.leaky_relu(-h),
        h**2,
    ]
    return x, h, engine.prod(parts)


@both
def test_the_copy_of_a_graph_is_a_graph_of_the_same_shape(duplicate):
    x, _, y = graph()
    y.backward()
    originals, twins = topological_order([y]), topological_order([duplicate(y)])
    assert len(twins) == len(originals)
    twin_of = dict(zip(originals, twins, strict=True))
    assert not set(originals) & set(twins)
    for original, twin in twin_of.items():
        assert parts(twin) == parts(original)
        assert twin.operands == tuple(twin_of[operand] for operand in original.operands)
    assert twin_of[x].label == "x"


@both
def test_backward_on_a_copy_fills_the_copy(duplicate):
    x, _, y = graph()
    y.backward()
    expected = x.grad
    x.zero_grad()
    twin = duplicate(y)
    twin_x = next(node for node in topological_order([twin]) if node.label == "x")
    twin.backward()
    assert twin_x.grad == expected
    assert x.grad is None


@both
def test_a_node_in_the_middle_of_a_graph(duplicate):
    _, h, y = graph()
    y.backward()
    twin = duplicate(h)
    assert parts(twin) == parts(h)
    assert len(topological_order([twin])) == len(topological_order([h]))
    twin.backward()
    assert h.grad != 1.0


@both
def test_leaves_are_shared_within_what_is_copied_together(duplicate):
    x, w = Value(2.0), Value(3.0)
    loss, parameters, twice = duplicate((x * w, {"x": x, "w": w}, [x, x]))
    assert twice[0] is twice[1] is parameters["x"]
    loss.backward()
    assert (parameters["x"].grad, parameters["w"].grad) == (3.0, 2.0)
    assert (x.grad, w.grad) == (None, None)


@both
def test_interior_nodes_are_shared_within_what_is_copied_together(duplicate):
    x = Value(2.0)
    h = x * 3
    first, second = h * 1, h * 10
    twin_h, twin_first, twin_second = duplicate([h, first, second])
    backward([twin_first, twin_second])
    assert twin_first.operands[0] is twin_second.operands[0] is twin_h
    assert twin_h.grad == 11.0


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_protocol_of_pickle(protocol):
    _, _, y = graph()
    twin = pickle.loads(pickle.dumps(y, protocol))
    assert [parts(node) for node in topological_order([twin])] == [
        parts(node) for node in topological_order([y])
    ]


def test_a_copy_shares_its_operands():
    x = Value(2.0, label="x")
    y = x * 3
    twin = copy.copy(y)
    assert twin is not y
    assert parts(twin) == parts(y)
    assert twin.operands[0] is x
    twin.label = "twin"
    assert y.label is None
    backward([y, twin])
    assert x.grad == 6.0
    assert copy.copy(x) is not x


@both
def test_the_copy_comes_after_its_operands(duplicate):
    _, _, y = graph()
    twin = duplicate(y)
    assert twin.index > y.index
    for node in topological_order([twin]):
        assert all(operand.index < node.index for operand in node.operands)


@engine.primitive(lambda out, x: 3 * x * x, formula="3x²")
def cube(x):
    return x * x * x


@both
def test_nodes_of_a_primitive_of_the_user(duplicate):
    twin = duplicate(cube(Value(2.0)))
    assert twin.op is cube
    twin.backward()
    assert twin.operands[0].grad == 12.0


@both
def test_a_chain_of_100_000_nodes(duplicate):
    steps = 100_000
    x = Value(1.0)
    y = x
    for _ in range(steps):
        y = y + x
    twin = duplicate(y)
    leaf = topological_order([twin])[-1]
    twin.backward()
    assert leaf.grad == steps + 1.0
    assert x.grad is None


class CountingMemo(dict):
    """The memo of a deepcopy, which counts how often it is asked."""

    asked = 0

    def __contains__(self, key: object) -> bool:
        self.asked += 1
        return super().__contains__(key)

    def get(self, key: object, default: object = None) -> object:
        self.asked += 1
        return super().get(key, default)


def chain(steps: int) -> list[Value]:
    """Return every node of a chain, as a history of hidden states is."""
    nodes = [Value(1.0)]
    for _ in range(steps):
        nodes.append(nodes[-1] * 0.5)
    return nodes


def test_deepcopy_of_every_node_of_a_chain_looks_at_each_once():
    memo = CountingMemo()
    twins = copy.deepcopy(chain(500), memo)
    assert all(twins[k + 1].operands[0] is twins[k] for k in range(500))
    assert memo.asked < 20 * 500  # and not 500 · 500 / 2


@both
def test_a_copy_holds_nothing_of_the_original(duplicate):
    x, h, y = graph()
    before = sys.getrefcount(x)
    twin = duplicate(y)
    assert sys.getrefcount(x) == before
    del y, h
    assert sys.getrefcount(x) < before
    twin.backward()


def test_a_pickle_of_an_op_that_is_no_more_names_it():
    bytes_of_it = pickle.dumps(engine.tanh).replace(b"tanh", b"tenh")
    with pytest.raises(OperandError, match="there is no op named 'tenh'"):
        pickle.loads(bytes_of_it)


def test_ops_are_themselves_in_every_copy():
    for op in (engine.exp, engine.power, engine.sum, engine.dot):
        assert copy.deepcopy(op) is op
        assert pickled(op) is op
