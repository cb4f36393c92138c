"""Tensors made, fused, differentiated, zeroed, changed, detached and forgotten in any order.

The machine does to the engine and to a naive one the same things, and compares all that can be seen
after each of them. Whatever array passes between the two worlds is written over afterwards: neither
may hold on to one that the other can write to.
"""

from __future__ import annotations

import gc
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

import engine
from engine import GraphError, ShapeError, Tensor, backward, no_grad
from engine.errors import EngineError
from tests.properties.naive_arrays import RULES, NaiveArrays

SHAPES = [(), (1,), (3,), (2, 1), (2, 3), (3, 2), (0, 3)]
MOST = 12  # elements of a node, whose Jacobians are matrices
LARGEST = 1e20  # beyond that a node is forgotten: rounding is all that would be compared
numbers = st.lists(st.integers(-8, 8).map(lambda i: i / 4), min_size=6, max_size=6)
back = st.integers(0, 8)
step = st.tuples(st.sampled_from(list(RULES)), back, back)
FUNCTIONS: dict[str, Any] = {
    **{name: getattr(engine, name) for name in RULES if hasattr(engine, name)},
    "stack": lambda x, y: engine.stack([x, y]),
    "sum of rows": lambda x: x.sum(axis=-1, keepdims=True),
    "sum of columns": lambda x: x.sum(axis=0),
    "transpose": lambda x: x.T,
    "flat": lambda x: x.reshape((-1,)),
    "stretch": lambda x: engine.broadcast_to(x, (2, 2, 3)),
    "reverse": lambda x: x[::-1],
    "twice": lambda x: x[[0, 0]],
}


def array(some: list[float], shape: tuple[int, ...]) -> Any:
    """Return an array of some shape, filled with numbers in turn."""
    return np.resize(np.array(some), shape)


class Machine(RuleBasedStateMachine):
    """The engine beside a naive one.

    `tensors` holds None for a node that the test forgot: others may still be computed from it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.naive = NaiveArrays()
        self.tensors: list[Tensor | None] = []
        self.slack: dict[int, Any] = {}  # the sizes of all terms that a gradient was added from

    @initialize(some=numbers, steps=st.lists(step, min_size=6, max_size=12))
    def start(self, some: list[float], steps: list[tuple[str, int, int]]) -> None:
        """Make leaves that can be broadcast together, and a graph on them."""
        for shape in ((2, 3), (2, 1), (3,)):
            self.make(some, shape, True)
        self.fuse(steps, off=False)

    def kept(self) -> list[int]:
        """Return the positions of the nodes that were not forgotten."""
        return [i for i, tensor in enumerate(self.tensors) if tensor is not None]

    def known(self, steps_back: int, among: list[int] | None = None) -> int:
        """Return the position of a node, so many back from the newest of those that are known."""
        kept = self.kept() if among is None else among
        return kept[-1 - steps_back % len(kept)]

    def tensor(self, position: int) -> Tensor:
        """Return a node that was not forgotten."""
        tensor = self.tensors[position]
        assert tensor is not None
        return tensor

    @rule(some=numbers, shape=st.sampled_from(SHAPES), requires_grad=st.booleans())
    def make(self, some: list[float], shape: tuple[int, ...], requires_grad: bool) -> None:
        """Make a leaf of an array that is written over afterwards."""
        given = array(some, shape)
        self.naive.leaf(given, requires_grad)
        self.tensors.append(Tensor(given, requires_grad=requires_grad))
        given[...] = np.nan

    @rule(steps=st.lists(step, min_size=2, max_size=6), off=st.sampled_from([False] * 5 + [True]))
    def fuse(self, steps: list[tuple[str, int, int]], off: bool) -> None:
        """Apply ops to nodes that fit, one may be taken twice; with no_grad, or without."""
        self.naive.recording = not off
        with no_grad() if off else nullcontext():
            for op, *places in steps:
                operands: tuple[int, ...] = ()
                for place in places[: len(RULES[op].changes)]:
                    operands = (*operands, self.known(place, self.fitting(op, operands)))
                self.apply(op, operands)
        self.naive.recording = True

    def fitting(self, op: str, before: tuple[int, ...]) -> list[int]:
        """Return the nodes that an op takes after some others; all, if it takes none of them."""
        last = len(before) + 1 == len(RULES[op].changes)
        fits = [i for i in self.kept() if not last or self.naive.takes(op, (*before, i))]
        return fits or self.kept()

    def apply(self, op: str, operands: tuple[int, ...]) -> None:
        """Make the node of an op, if it is small; both engines refuse the same operands."""
        if sum(self.naive.nodes[i].data.size for i in operands) > MOST:
            return
        tensors = [self.tensor(i) for i in operands]
        if not self.naive.takes(op, operands):
            with pytest.raises(EngineError):
                FUNCTIONS[op](*tensors)
            return
        result = FUNCTIONS[op](*tensors)
        if any(result is tensor for tensor in tensors):  # as of a reshape to the same shape
            return
        position = self.naive.apply(op, operands)
        self.tensors.append(result)
        if np.abs(self.naive.nodes[position].data).max(initial=0.0) > LARGEST:
            self.tensors[position] = None

    @rule(places=st.lists(back, min_size=1, max_size=2), some=numbers)
    def differentiate(self, places: list[int], some: list[float]) -> None:
        """Go backward from a root or two; where data were changed since, that is an error."""
        roots = [self.known(place) for place in places]
        nodes = [self.naive.nodes[root] for root in roots]
        if not all(node.requires_grad for node in nodes):
            return
        seeds = [array(some, node.data.shape) for node in nodes]
        gradients = self.naive.backward(roots, seeds)
        sizes = self.naive.backward(roots, seeds, absolute=True)
        if self.naive.is_stale(roots):
            with pytest.raises(GraphError, match="were changed after it was computed"):
                backward([self.tensor(root) for root in roots], seeds)
            for position in self.naive.below(roots):  # some of which have theirs, and some not
                self.clear(position)
            return
        backward([self.tensor(root) for root in roots], seeds)
        for position, gradient in gradients.items():
            node = self.naive.nodes[position]
            leaf = not node.operands
            before = node.grad if leaf and node.grad is not None else 0.0
            node.grad = before + gradient
            kept = self.slack.get(position, 0.0) if leaf else 0.0
            self.slack[position] = kept + sizes[position]
        for seed in seeds:
            seed[...] = np.nan

    def clear(self, position: int) -> None:
        """Forget the gradient of a node, which the test may have forgotten itself."""
        self.naive.nodes[position].grad = None
        self.slack.pop(position, None)
        tensor = self.tensors[position]
        if tensor is not None:
            tensor.zero_grad()

    @rule(place=back)
    def zero(self, place: int) -> None:
        """Forget a gradient."""
        self.clear(self.known(place))

    @rule(place=back, places=st.lists(back, min_size=1, max_size=2), some=numbers)
    def clip(self, place: int, places: list[int], some: list[float]) -> None:
        """Go backward and write into a gradient: that of no other node may change."""
        self.differentiate(places, some)
        lit = [i for i in self.kept() if self.tensor(i).grad is not None]
        position = self.known(place, lit or None)
        node, grad = self.naive.nodes[position], self.tensor(position).grad
        assert (grad is None) == (node.grad is None)
        if grad is not None and node.grad is not None:
            grad *= 0.5
            node.grad = 0.5 * node.grad

    @rule(place=back, some=numbers, way=st.sampled_from(["assign", "subtract", "in place"]))
    def change(self, place: int, some: list[float], way: str) -> None:
        """Change data: what was computed from the former ones cannot be differentiated."""
        self.alter(self.known(place), some, way)

    def alter(self, position: int, some: list[float], way: str) -> None:
        """Change the data of a node in one of three ways."""
        node, tensor = self.naive.nodes[position], self.tensor(position)
        given = array(some, node.data.shape)
        changed = given.copy() if way == "assign" else node.data - given
        if way == "assign":
            tensor.data = given
        elif way == "subtract":
            tensor.data -= given
        elif node.operands or not node.requires_grad:
            with pytest.raises(GraphError, match="can be changed in place"):
                tensor.subtract_(given)
            return
        else:
            tensor.subtract_(given)
        node.data = changed
        node.changed += 1
        given[...] = np.nan
        for later, view in enumerate(self.tensors):  # views may show the change, and know of it
            if view is not None and self.naive.is_stale([later]):
                self.naive.nodes[later].data = np.array(view.data)

    @rule(place=back, some=numbers)
    def train(self, place: int, some: list[float]) -> None:
        """Go backward, change what learns in place, and try to go backward again."""
        self.differentiate([place], some)
        for position in self.kept():
            if not self.naive.nodes[position].operands and self.tensor(position).grad is not None:
                self.alter(position, some, "in place")
        self.differentiate([place], some)

    @rule(place=back)
    def write(self, place: int) -> None:
        """Write into data, which is refused."""
        tensor = self.tensor(self.known(place))
        with pytest.raises(GraphError, match="cannot be written into"):
            tensor.data[...] = np.nan
        with pytest.raises(GraphError, match="cannot be set"):
            tensor[...] = np.nan
        with pytest.raises(ShapeError):
            tensor.data = np.ones((5, *tensor.shape))

    @rule(place=back)
    def detach(self, place: int) -> None:
        """Make a constant with a node's data."""
        position = self.known(place)
        self.naive.leaf(self.naive.nodes[position].data, requires_grad=False)
        self.tensors.append(self.tensor(position).detach())

    @rule(place=back)
    def forget(self, place: int) -> None:
        """Drop the reference to a node, unless it is the last."""
        if sum(tensor is not None for tensor in self.tensors) > 1:
            self.tensors[self.known(place)] = None

    @invariant()
    def both_say_the_same(self) -> None:
        """Compare data, gradients and flags of all nodes that can be seen."""
        for position, node in enumerate(self.naive.nodes):
            tensor = self.tensors[position]
            if tensor is None:
                continue
            assert tensor.requires_grad == node.requires_grad
            assert tensor.data.shape == node.data.shape
            size = np.abs(node.data).max(initial=1.0)
            assert np.all(np.abs(tensor.data - node.data) <= 1e-12 * size)
            if node.grad is None:
                assert tensor.grad is None
            else:
                assert tensor.grad.shape == node.data.shape
                allowed = 1e-11 * self.slack.get(position, 0.0) + 1e-290
                assert np.all(np.abs(tensor.grad - node.grad) <= allowed)

    def teardown(self) -> None:
        """Drop all nodes: none may be left to the garbage collector."""
        gc.collect()
        self.tensors.clear()
        assert gc.collect() == 0


TestMachine = Machine.TestCase
TestMachine.settings = settings(stateful_step_count=30)
