"""Random straight-line programs, to run on Values and on any other arithmetic.

Each step computes a node from any nodes before it, so that nodes are shared, as in a tree they
never are. A program is drawn as a list of steps that stays valid whichever steps are taken out:
it shrinks to the few that matter, and prints as Python that runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any

from hypothesis import strategies as st

import engine
from engine import Value
from engine.testing.oracles import dual

# Every spelling is defined for all numbers and grows at most as a product does.
UNARY = (
    *("-{a}", "sin({a})", "cos({a})", "atan({a})", "asinh({a})", "erf({a})", "tanh({a})"),
    *("sigmoid({a})", "softplus({a})", "silu({a})", "gelu({a})", "relu({a})", "leaky_relu({a})"),
    *("abs({a})", "{a}**2", "{a}**3", "2.0 - {a}", "3.0 * {a}", "exp(tanh({a}))"),
    *("log(1.0 + {a} * {a})", "sqrt(2.0 + {a} * {a})", "1.0 / (1.0 + {a} * {a})"),
)
BINARY = (
    *("{a} + {b}", "{a} - {b}", "{a} * {b}", "{a} / (1.0 + {b} * {b})", "maximum({a}, {b})"),
    *("minimum({a}, {b})", "hypot({a}, {b})", "dot([{a}, {b}], [{b}, {a}])"),
)
OF_A_LIST = tuple(
    name + "([{xs}])" for name in ("sum", "mean", "prod", "max", "min", "norm", "logsumexp")
)
# The simplest first: examples shrink towards it.
SPELLINGS = ("{a} + {b}", *(s for s in (*UNARY, *BINARY, *OF_A_LIST) if s != "{a} + {b}"))


def compiled(spelling: str) -> CodeType:
    """Return the code of a spelling, whose operands are a, b or the list xs."""
    return compile(spelling.format(a="a", b="b", xs="*xs"), spelling, "eval")


CODE = {spelling: compiled(spelling) for spelling in SPELLINGS}
VALUES: Mapping[str, Any] = {name: getattr(engine, name) for name in dual.FUNCTIONS}


@dataclass(frozen=True)
class Program:
    """Leaves, and steps that compute each one node more.

    Args:
        leaves: the numbers of the first nodes.
        steps: for each further node its spelling and the positions of its operands.
    """

    leaves: tuple[float, ...]
    steps: tuple[tuple[str, tuple[int, ...]], ...]

    def __len__(self) -> int:
        return len(self.leaves) + len(self.steps)

    def __repr__(self) -> str:
        return "\n" + self.source()

    def source(self, leaf: str = "Value({!r})") -> str:
        """Return the program as Python."""
        lines = [leaf.format(x) for x in self.leaves]
        for spelling, operands in self.steps:
            names = [f"v{i}" for i in operands]
            lines.append(spelling.format(a=names[0], b=names[-1], xs=", ".join(names)))
        return "\n".join(f"v{i} = {line}" for i, line in enumerate(lines))

    def run(
        self,
        leaves: Sequence[Any],
        functions: Mapping[str, Any],
        settle: Callable[[int, Any], Any] = lambda position, node: node,
    ) -> list[Any]:
        """Return all nodes.

        Args:
            leaves: the first nodes, in the arithmetic that the program is run in.
            functions: the functions of that arithmetic by name.
            settle: called with the position and the result of each step; gives the node.
        """
        nodes = list(leaves)
        for spelling, operands in self.steps:
            xs = [nodes[i] for i in operands]
            node = eval(CODE[spelling], {**functions, "a": xs[0], "b": xs[-1], "xs": xs})
            nodes.append(settle(len(nodes), node))
        return nodes

    def values(self) -> list[Value]:
        """Return all nodes as Values."""
        return self.run([Value(x) for x in self.leaves], VALUES)

    def reordered(self, keys: Sequence[int]) -> tuple[Program, list[int]]:
        """Return the program with its steps in another order, and where each node went.

        Args:
            keys: what chooses the next step among those whose operands are there, used in turn.
        """
        went = {i: i for i in range(len(self.leaves))}
        waiting = list(enumerate(self.steps, len(self.leaves)))
        steps = []
        while waiting:
            ready = [item for item in waiting if all(i in went for i in item[1][1])]
            chosen = ready[keys[len(steps) % len(keys)] % len(ready)]
            waiting.remove(chosen)
            position, (spelling, operands) = chosen
            went[position] = len(self.leaves) + len(steps)
            steps.append((spelling, tuple(went[i] for i in operands)))
        return Program(self.leaves, tuple(steps)), [went[i] for i in range(len(self))]


def program(leaves: list[float], choices: list[tuple[str, int, int, int]]) -> Program:
    """Return the program of some leaves and choices.

    Args:
        leaves: the numbers to start from.
        choices: for each step a spelling and, for each of the at most three operands, how many
            nodes to go back from the newest, modulo the number of nodes so far.
    """
    steps = []
    for spelling, *back in choices:
        count = len(leaves) + len(steps)
        arity = 3 if "{xs}" in spelling else 2 if "{b}" in spelling else 1
        steps.append((spelling, tuple(count - 1 - i % count for i in back[:arity])))
    return Program(tuple(leaves), tuple(steps))


def programs(*, blocks: int = 6) -> st.SearchStrategy[Program]:
    """Return a strategy for programs of one to three leaves.

    Args:
        blocks: the most blocks of up to ten steps; a list of lists draws more steps than a list
            does, of which Hypothesis would make most short, and shrinks as well.
    """
    numbers = st.floats(-2.0, 2.0, allow_subnormal=False)
    back = st.integers(0, 40)
    steps = st.lists(st.tuples(st.sampled_from(SPELLINGS), back, back, back), max_size=10)
    return st.builds(
        lambda leaves, drawn: program(leaves, [step for block in drawn for step in block]),
        st.lists(numbers, min_size=1, max_size=3),
        st.lists(steps, max_size=blocks),
    )
