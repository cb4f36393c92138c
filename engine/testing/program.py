"""Straight-line programs: a few leaves, and steps that each compute one node from earlier ones.

Any step may use any earlier node, so that nodes are shared, as in a tree they never are: what a
backward pass can get wrong about the order of a graph shows on programs and not on trees.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import CodeType
from typing import Any, ClassVar

import engine
from engine.value import Value

Step = tuple[str, tuple[int, ...]]
OPERANDS = frozenset({"a", "b", "c", "xs"})  # what a spelling names beside functions


@lru_cache(maxsize=1024)
def code_of(spelling: str) -> CodeType:
    """Return the code of a spelling, whose operands are a, b and c or the list xs."""
    return compile(spelling.format(a="a", b="b", c="c", xs="*xs"), spelling, "eval")


@dataclass(frozen=True)
class Program:
    """Leaves, and steps that compute each one node more.

    Args:
        leaves: the numbers of the first nodes.
        steps: for each further node its spelling, as ``"{a} * tanh({b})"`` or ``"max([{xs}])"``,
            and the positions of its operands.
        functions: what the spellings call by name beside the functions of `engine`.

    Called on Values it returns the last node, so that it is checked as any function is:
    ``check_gradients(program, *program.leaves)``. Printed, it is Python that runs.

    >>> program = Program((2.0,), (("{a} + {b}", (0, 0)), ("tanh({a})", (1,))))
    >>> program
    <BLANKLINE>
    from engine import Value, tanh
    v0 = Value(2.0)
    v1 = v0 + v0
    v2 = tanh(v1)
    >>> program(Value(0.0)).data
    0.0
    """

    leaves: tuple[float, ...]
    steps: tuple[Step, ...]
    functions: Mapping[str, Any] = field(default_factory=dict, compare=False)

    __name__: ClassVar[str] = "program"  # as of any function that is checked

    def __len__(self) -> int:
        return len(self.leaves) + len(self.steps)

    def __repr__(self) -> str:
        return "\n" + self.source()

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Print as Python where Hypothesis and IPython would print the fields."""
        printer.text(repr(self))

    def __call__(self, *leaves: Any) -> Any:
        """Return the last node computed from leaves of one's own."""
        return self.run(leaves)[-1]

    def source(self) -> str:
        """Return the program as Python."""
        called = (code_of(spelling).co_names for spelling, _ in self.steps)
        names = {name for some in called for name in some} - OPERANDS
        own = sorted(names & self.functions.keys())
        imports = [f"from engine import {', '.join(['Value', *sorted(names.difference(own))])}"]
        imports += [f"from {self.functions[name].__module__} import {name}" for name in own]
        lines = [f"Value({x!r})" for x in self.leaves]
        for spelling, operands in self.steps:
            at = [f"v{i}" for i in operands]
            a, b, c = (at * 3)[:3]
            lines.append(spelling.format(a=a, b=b, c=c, xs=", ".join(at)))
        return "\n".join([*imports, *(f"v{i} = {line}" for i, line in enumerate(lines))])

    def run(
        self,
        leaves: Sequence[Any],
        functions: Mapping[str, Any] | None = None,
        settle: Callable[[int, Any], Any] = lambda position, node: node,
    ) -> list[Any]:
        """Return all nodes.

        Args:
            leaves: the first nodes, in the arithmetic that the program is run in.
            functions: the functions of that arithmetic by name; those of `engine` if not given.
            settle: called with the position and the result of each step; gives the node.
        """
        names = {**(vars(engine) if functions is None else functions), **self.functions}
        nodes = list(leaves)
        for spelling, operands in self.steps:
            xs = [nodes[i] for i in operands]
            a, b, c = (xs * 3)[:3]
            node = eval(code_of(spelling), names, {"a": a, "b": b, "c": c, "xs": xs})
            nodes.append(settle(len(nodes), node))
        return nodes

    def values(self) -> list[Value]:
        """Return all nodes as Values."""
        return self.run([Value(x) for x in self.leaves])
