"""One evaluation of a function of Values: what it recorded, and how two of them differ."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import cached_property
from typing import Any, cast

from engine.errors import GraphError, OperandError, ShapeError
from engine.graph import sweep, walk
from engine.modes import record_source
from engine.node import COUNTERS, Node
from engine.testing.callables import misfit, number_of
from engine.testing.kinks import side
from engine.testing.oracles.local import has_derivatives
from engine.testing.paths import paths_of
from engine.trees import leaves, replace
from engine.value import Value

Place = tuple[int, int]  # the position of a node and of its operand


class Recording:
    """One call of a function with fresh variables in place of the numbers of its arguments.

    Args:
        function: the function that is checked.
        arguments: nested lists, tuples and dicts of numbers, which give the shape.
        numbers: the numbers, from left to right.
        sources: whether each node notes the line of the program that made it.

    Raises:
        OperandError: the function returned nothing, or no number.
        ShapeError: it returned several numbers.
        GraphError: it returned a number that no gradient flows through.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        arguments: Sequence[Any],
        numbers: Sequence[float],
        sources: bool = False,
    ) -> None:
        self.function = function
        self.arguments = arguments
        self.floor = COUNTERS.created
        self.variables = [Value(x) for x in numbers]
        self.numbers = list(numbers)
        inputs = replace(list(arguments), iter(self.variables))
        with record_source() if sources else nullcontext():
            try:
                self.output = function(*inputs)
            except TypeError:
                unfit = misfit(function, len(inputs), number_of(len(inputs)))
                if unfit is None:
                    raise
                raise unfit from None
        self.kept = _flat(inputs) == self.variables and all(
            (v.data == x or (v.data != v.data and x != x)) and v.grad is None
            for v, x in zip(self.variables, numbers, strict=True)
        )
        self.nodes: list[Value] = []
        if isinstance(self.output, Value) and self.output.requires_grad:
            found = cast("list[Value]", walk([self.output], self.floor))
            self.nodes = sorted(found, key=lambda node: node.index)
        self.positions = {node: i for i, node in enumerate(self.nodes)}
        self.places = {variable: i for i, variable in enumerate(self.variables)}

    def at(self, numbers: Sequence[float]) -> Recording:
        """Return what the same function records at other numbers."""
        return Recording(self.function, self.arguments, numbers)

    def source_of(self, position: int) -> str | None:
        """Return the line of the program that made a node, by a call that notes the lines."""
        again = Recording(self.function, self.arguments, self.numbers, sources=True)
        return again.nodes[position].source if len(again.nodes) == len(self.nodes) else None

    @cached_property
    def paths(self) -> list[str]:
        """What each variable is called."""
        return paths_of(self.function, self.arguments)

    @property
    def value(self) -> float:
        """What the function returned, as a number."""
        return self.output.data if isinstance(self.output, Value) else float(self.output)

    @property
    def through_tensors(self) -> bool:
        """Whether a part of the graph is one of Tensors."""
        return any(not isinstance(node, Value) for node in self.nodes)

    def check(self) -> None:
        """Raise unless the function returned one number that gradients flow through."""
        output = self.output
        if output is None:
            raise OperandError("the function returned None: was its `return` forgotten?")
        if isinstance(output, Node) and not isinstance(output, Value):
            raise OperandError(
                "the function of Values returned a Tensor: return an element of it, as "
                "tensor.to_values() has them, or give check_gradients() Tensors"
            )
        if isinstance(output, list | tuple | dict) or getattr(output, "shape", ()) != ():
            kind = type(output).__name__
            raise ShapeError(
                f"the function returned a {kind}, and a gradient is of one number: check each of "
                "its elements, or their sum with weights"
            )
        if not isinstance(output, Value):
            leaves(output, "the result of the function")  # raises for what is no number
            raise GraphError(
                f"the function returned the plain number {output!r}: the graph was lost on the "
                "way. The likely cause is .data, float() or a function of math or NumPy, "
                f"where {type(output).__name__}s come out; use stepgrad's own, as engine.sin(v)"
            )
        if not output.requires_grad:
            raise GraphError(
                f"the function returned the constant {output.data!r}: the graph was lost on the "
                "way. The likely cause is no_grad(), .detach(), or a Value made from .data"
            )
        used = {operand for node in self.nodes for operand in node.operands} | {output}
        if not used.intersection(self.variables):
            raise GraphError(
                "the function returned a result that none of its inputs is in: it was computed "
                "from other Values. Likely it uses a Value of the same name from outside of it"
            )

    def gradient(self) -> list[float]:
        """Return the gradient for each variable, by the backward sweep that is checked."""
        # Nothing older than the variables is touched: what the function closes over keeps its grad.
        sweep([self.output], [1.0], self.floor)
        return [0.0 if v.grad is None else v.grad for v in self.variables]

    def flows(self, node: Value, operand: Value) -> bool:
        """Return whether a gradient flows from a node to an operand."""
        return operand.requires_grad and self.floor < operand.index < node.index

    def selectors(self) -> set[int]:
        """Return the inputs that are used only where an op has no derivative, as an order is."""
        smooth: set[int] = set()
        fixed: set[int] = set()
        for node in self.nodes:
            flags = has_derivatives(node.op, len(node.operands))
            for operand, flag in zip(node.operands, flags, strict=True):
                if operand in self.places:
                    (smooth if flag else fixed).add(self.places[operand])
        return fixed - smooth

    # ----- Comparison with another recording of the same function -------------------------------

    @cached_property
    def shape(self) -> list[Any]:
        """Return the ops and what is connected to what, without any number."""
        return [
            (node.op.name, [self._reference(operand) for operand in node.operands])
            for node in self.nodes
        ] + [self._reference(self.output)]

    @cached_property
    def constants(self) -> dict[Place, float]:
        """Return the operands that no gradient flows to, by their places."""
        return {
            (i, j): operand.data
            for i, node in enumerate(self.nodes)
            for j, operand in enumerate(node.operands)
            if self._reference(operand) is None
        }

    @cached_property
    def sides(self) -> list[Any]:
        """Return on which side of its kinks each op is."""
        return [
            None if node.op.analytic else side(node.op, [operand.data for operand in node.operands])
            for node in self.nodes
        ]

    def _reference(self, node: Any) -> tuple[str, int] | None:
        if node in self.positions:
            return "node", self.positions[node]
        if node in self.places:
            return "input", self.places[node]
        return None

    def first_not_finite(self) -> Value | None:
        """Return the first node whose number is nan or inf."""
        return next((node for node in self.nodes if not math.isfinite(node.data)), None)


def _flat(tree: Any) -> list[Any]:
    """Return the leaves of a tree, whatever a function may have put there."""
    if isinstance(tree, dict):
        tree = list(tree.values())
    if isinstance(tree, list | tuple):
        return [leaf for item in tree for leaf in _flat(item)]
    return [tree]


def changed_constants(one: Recording, other: Recording) -> list[Place]:
    """Return the places of the constants that differ between two recordings of the same shape."""
    before, after = one.constants, other.constants
    return [
        place
        for place, x in before.items()
        if x != after[place] and (x == x or after[place] == after[place])
    ]


def first_difference(one: Recording, other: Recording) -> int | None:
    """Return the position of the first node in which two recordings differ in shape."""
    a, b = one.shape, other.shape
    if a == b:
        return None
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), len(b) - 1)
