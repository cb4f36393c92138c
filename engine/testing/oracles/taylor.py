"""The oracle of higher orders: a recorded graph replayed in mpmath, its gradient differenced there.

With 120 digits, a central difference of step 1e-25 keeps some 40 of them, unless terms cancel or a
wave is shorter than the step; what then looks wrong is looked at again with so small a step that no
wave of floats is, and so many digits that no float is lost beside another. Each node is moved by a
constant so that at the point itself it holds the very number that was recorded: then a rounding of
an early node is not taken for an error of a later one.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from mpmath import mp, mpf

from engine.testing.oracles.local import NotApplicable
from engine.testing.oracles.reference import Case, case_of
from engine.testing.recording import Recording

PLACES = (120, 1600)
STEPS = {120: mpf(10) ** -25, 1600: mpf(10) ** -400}


class Replay:
    """A recorded graph as a function of numbers of many digits.

    Args:
        recording: the graph.
        places: the digits to compute with, one of `PLACES`.

    Raises:
        NotApplicable: an op has no closed form.
    """

    def __init__(self, recording: Recording, places: int = PLACES[0]) -> None:
        self.recording = recording
        self.places = places
        self.cases: list[Case] = []
        for node in recording.nodes:
            case = case_of(node.op)
            if case is None:
                raise NotApplicable(f"mpmath has no closed form of {node.op.name}")
            self.cases.append(case)

    @cached_property
    def offsets(self) -> list[mpf]:
        """How far each node's number is from the exact value for its operands' numbers."""
        return [
            node.data - case.exactly([mpf(operand.data) for operand in node.operands])
            for case, node in zip(self.cases, self.recording.nodes, strict=True)
        ]

    def derivatives(self, directions: Sequence[int]) -> list[mpf]:
        """Return the gradient, differentiated for some of the inputs in turn.

        Args:
            directions: the positions of those inputs; with none it is the gradient itself.
        """
        numbers = self.recording.numbers
        with mp.workdps(self.places):
            steps = [STEPS[self.places] * (min(abs(mpf(numbers[i])), 1) or 1) for i in directions]
            total = [mpf(0)] * len(numbers)
            for signs in itertools.product((1, -1), repeat=len(directions)):
                point = [mpf(x) for x in numbers]
                for i, sign, step in zip(directions, signs, steps, strict=True):
                    point[i] += sign * step
                weight = mp.fprod(
                    mpf(sign) / (2 * step) for sign, step in zip(signs, steps, strict=True)
                )
                gradient = self._gradient(point)
                total = [t + weight * g for t, g in zip(total, gradient, strict=True)]
            return total

    def _gradient(self, point: Sequence[mpf]) -> list[mpf]:
        recording = self.recording
        values: dict[Any, mpf] = dict(zip(recording.variables, point, strict=True))
        slopes: list[list[mpf | None]] = []
        for node, case, offset in zip(recording.nodes, self.cases, self.offsets, strict=True):
            operands = [values.get(x, mpf(x.data)) for x in node.operands]
            values[node] = case.exactly(operands) + offset
            slopes.append(case.slopes_at(operands))
        gradients: dict[Any, mpf] = {recording.output: mpf(1)}
        for node, partials in zip(reversed(recording.nodes), reversed(slopes), strict=True):
            upstream = gradients.get(node, mpf(0))
            for operand, partial in zip(node.operands, partials, strict=True):
                if partial is not None and recording.flows(node, operand):
                    gradients[operand] = gradients.get(operand, mpf(0)) + upstream * partial
        return [gradients.get(variable, mpf(0)) for variable in recording.variables]
