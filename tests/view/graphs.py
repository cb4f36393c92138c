"""Graphs for the tests of pictures and of the stepper: random ones that share nodes, and chains."""

from __future__ import annotations

import math

from hypothesis import strategies as st

import engine
from engine import Value

UNARY = ["negative", "tanh", "relu", "exp", "log", "square", "reciprocal", "abs", "identity"]
BINARY = ["add", "subtract", "multiply", "divide", "power", "maximum", "hypot", "remainder"]
MANY = ["sum", "prod", "max", "mean", "norm", "logsumexp"]

numbers = st.one_of(
    st.floats(-4.0, 4.0),
    st.sampled_from([0.0, -0.0, 1.0, 1e-300, 1e300, math.inf, -math.inf, math.nan]),
)


@st.composite
def graphs(draw, elements=numbers):
    """Draw the nodes of a graph in the order of creation: leaves, constants, then ops on them."""
    nodes = [
        Value(draw(elements), f"x{i}", requires_grad=draw(st.integers(0, 4)) > 0)
        for i in range(draw(st.integers(1, 4)))
    ]
    nodes[0].requires_grad = True
    for leaf in nodes:
        if leaf.requires_grad and draw(st.booleans()):
            leaf.grad = draw(elements)
    for _ in range(draw(st.integers(0, 12))):
        operand = st.sampled_from(nodes[-6:] + nodes[:1])  # the first leaf is used all over
        name = draw(st.sampled_from(UNARY + BINARY + MANY + ["dot"]))
        if name == "dot":
            width = draw(st.integers(1, 3))
            pair = [draw(st.lists(operand, min_size=width, max_size=width)) for _ in range(2)]
            node = engine.dot(*pair)
        elif name in MANY:
            node = getattr(engine, name)(draw(st.lists(operand, min_size=1, max_size=4)))
        else:
            count = 1 if name in UNARY else 2
            node = getattr(engine, name)(*[draw(operand) for _ in range(count)])
        nodes.append(node)
    return nodes


def chain(ops):
    """Return the end of a chain of so many ops."""
    y = Value(1.0, "x")
    for _ in range(ops):
        y = y.tanh()
    return y
