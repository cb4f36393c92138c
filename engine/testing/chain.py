"""The chain rule once more, apart from the engine's sweep, with what rounding may do to it."""

from __future__ import annotations

from typing import Any, NamedTuple

from engine.testing.oracles.local import ROUNDING, Slope
from engine.testing.recording import Recording

SMALLEST = 2.0**-1074


class Total(NamedTuple):
    """A gradient as the sum over all paths.

    Args:
        value: the gradient.
        size: the same sum with every term made positive. The rounding errors of any way to add up
            the paths are relative to it; relative to the gradient, nothing can be promised where
            paths cancel.
        slack: the absolute error that underflow and the oracle itself may bring.
    """

    value: Any
    size: float
    slack: float


def chain(recording: Recording, slopes: list[list[Slope | None]]) -> list[Total]:
    """Return the gradient of a recording's output for each variable.

    Args:
        recording: the graph.
        slopes: for each node its derivative for each operand.
    """
    gradients: dict[Any, Total] = {recording.output: Total(1.0, 1.0, 0.0)}
    # Operands were made before their results, so counting down visits every node after its users.
    for i in range(len(recording.nodes) - 1, -1, -1):
        node = recording.nodes[i]
        upstream = gradients[node]
        some = upstream.size or upstream.value  # the float may be 0 where the exact one is not
        for operand, slope in zip(node.operands, slopes[i], strict=True):
            if slope is None or not recording.flows(node, operand):
                continue
            size = upstream.size * slope.size
            slack = (
                upstream.slack * abs(float(slope.value))
                + upstream.size * slope.slack
                + (SMALLEST if some and (slope.size or slope.value) else 0.0)
            )
            already = gradients.get(operand, NOTHING)
            gradients[operand] = Total(
                already.value + upstream.value * slope.value,
                already.size + size,
                already.slack + slack,
            )
    return [gradients.get(variable, NOTHING) for variable in recording.variables]


NOTHING = Total(0.0, 0.0, 0.0)


def rounding(recording: Recording) -> float:
    """Return what adding up the paths of a graph may lose, relative to the size of the sum.

    A path rounds a product and a sum a node: 2 times 1.1e-16 each; and each local derivative
    may lose `ROUNDING` of itself.
    """
    return ROUNDING + 4.4e-16 * len(recording.nodes)
