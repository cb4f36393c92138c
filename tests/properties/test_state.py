"""Any order of making, fusing, differentiating, zeroing, changing, detaching and forgetting nodes.

The machine does to the engine and to a naive one the same things, and compares all that can be
seen after each of them.
"""

from __future__ import annotations

import gc
from contextlib import nullcontext

from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

import engine
from engine import Value, backward, no_grad
from tests.properties.naive import RULES, NaiveEngine

numbers = st.floats(-2.0, 2.0, allow_subnormal=False)
seeds = st.sampled_from([1.0, -0.5, 3.0])
back = st.integers(0, 30)
FUNCTIONS = {name: getattr(engine, name) for name in RULES if name not in ("dot", "sum")} | {
    "dot": lambda a, b, x, y: engine.dot([a, b], [x, y]),
    "sum": lambda *xs: engine.sum(xs),
}
ARITY = {name: rule[1].__code__.co_argcount for name, rule in RULES.items()}
LARGEST = 1e60  # beyond that a machine starts anew: rounding is all that would be compared


class Machine(RuleBasedStateMachine):
    """The engine beside a naive one.

    `values` holds None for a node that the test forgot: others may still be computed from it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.naive = NaiveEngine()
        self.values: list[Value | None] = []
        self.slack: dict[int, float] = {}  # the sizes of all terms that a gradient was added from

    @initialize(data=numbers)
    def start(self, data: float) -> None:
        """Make one leaf, so that there is always a node."""
        self.make(data, True)

    def known(self, steps_back: int) -> int:
        """Return the position of a node that was not forgotten, so many back from the newest."""
        kept = [i for i, value in enumerate(self.values) if value is not None]
        return kept[-1 - steps_back % len(kept)]

    def value(self, position: int) -> Value:
        """Return a node that was not forgotten."""
        value = self.values[position]
        assert value is not None
        return value

    @rule(data=numbers, requires_grad=st.booleans())
    def make(self, data: float, requires_grad: bool) -> None:
        """Make a leaf."""
        self.naive.leaf(data, requires_grad)
        self.values.append(Value(data, requires_grad=requires_grad))

    @rule(
        op=st.sampled_from(list(RULES)), places=st.tuples(back, back, back, back), off=st.booleans()
    )
    def fuse(self, op: str, places: tuple[int, ...], off: bool) -> None:
        """Apply an op to any nodes, one may be taken twice; with no_grad, or without."""
        operands = tuple(self.known(place) for place in places[: ARITY[op]])
        self.naive.recording = not off
        position = self.naive.apply(op, operands)
        self.naive.recording = True
        with no_grad() if off else nullcontext():
            self.values.append(FUNCTIONS[op](*map(self.value, operands)))
        if abs(self.naive.nodes[position].data) > LARGEST:
            self.__init__()  # type: ignore[misc]
            self.make(1.0, True)

    @rule(place=back, seed=seeds)
    def differentiate(self, place: int, seed: float) -> None:
        """Go backward from any node that is no constant."""
        root = self.known(place)
        if self.naive.nodes[root].requires_grad:
            self.remember(root, seed)
            self.naive.backward(root, seed)
            self.value(root).backward(seed)

    @rule(places=st.tuples(back, back), both=st.tuples(seeds, seeds))
    def differentiate_both(self, places: tuple[int, int], both: tuple[float, float]) -> None:
        """Go backward from two roots at once: as from their weighted sum."""
        roots = [self.known(place) for place in places]
        if not all(self.naive.nodes[root].requires_grad for root in roots):
            return
        sum_of = self.naive.apply("sum", (*roots, self.naive.leaf(0.0, requires_grad=False)))
        self.naive.nodes[sum_of].slopes = (*both, 0.0)
        self.remember(sum_of, 1.0)
        self.naive.backward(sum_of, 1.0)
        del self.naive.nodes[-2:]  # the sum was only the naive way to say it
        backward([self.value(root) for root in roots], both)

    def remember(self, root: int, seed: float) -> None:
        """Note what the gradients of a sweep are rounded in proportion to."""
        for position, size in self.naive.sizes(root, seed).items():
            node = self.naive.nodes[position]
            before = self.slack.get(position, 0.0) if node.is_leaf else 0.0
            self.slack[position] = before + size

    @rule(place=back)
    def zero(self, place: int) -> None:
        """Forget a gradient."""
        position = self.known(place)
        self.naive.nodes[position].grad = None
        self.slack[position] = 0.0
        self.value(position).zero_grad()

    @rule(place=back, data=numbers)
    def change(self, place: int, data: float) -> None:
        """Change a number: what was computed from it before keeps its derivatives."""
        position = self.known(place)
        self.naive.nodes[position].data = data
        self.value(position).data = data

    @rule(place=back)
    def detach(self, place: int) -> None:
        """Make a constant with a node's number."""
        position = self.known(place)
        self.naive.leaf(self.naive.nodes[position].data, requires_grad=False)
        self.values.append(self.value(position).detach())

    @rule(place=back)
    def forget(self, place: int) -> None:
        """Drop the reference to a node, unless it is the last."""
        if sum(value is not None for value in self.values) > 1:
            self.values[self.known(place)] = None

    @invariant()
    def both_say_the_same(self) -> None:
        """Compare numbers, gradients and flags of all nodes that can be seen."""
        for position, (value, node) in enumerate(zip(self.values, self.naive.nodes, strict=True)):
            if value is None:
                continue
            assert value.requires_grad == node.requires_grad
            assert abs(value.data - node.data) <= 1e-12 * max(1.0, abs(node.data))
            if node.grad is None:
                assert value.grad is None
            else:
                assert value.grad is not None
                size = self.slack.get(position, 0.0)
                assert abs(value.grad - node.grad) <= 1e-11 * size + 1e-290

    def teardown(self) -> None:
        """Drop all nodes: none may be left to the garbage collector."""
        gc.collect()
        self.values.clear()
        assert gc.collect() == 0


TestMachine = Machine.TestCase
TestMachine.settings = settings(stateful_step_count=30)
