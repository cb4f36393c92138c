"""Programs with one local derivative a little wrong, of which every one has to be caught."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from typing import Any

from engine.testing.oracles.closed_form import ClosedForm
from engine.testing.oracles.local import ROUNDING, NotApplicable
from engine.testing.program import Program
from engine.value import Value, restore
from tests.alarms.trials import Trial, random_program

FACTOR = 1.0001


def planted(seed: int) -> Iterator[Trial]:
    """Yield random programs with one local derivative multiplied by 1.0001, for ever.

    Only a derivative counts that is not 0 and of which a ten thousandth is more than rounding
    explains, in a node that the result depends on.
    """
    rng = random.Random(f"planted {seed}")
    while True:
        program = random_program(rng)
        places = list(_places(program))
        if places:
            position, operand = rng.choice(places)
            yield Trial("planted", _wrong(program, position, operand), program.leaves)


def _places(program: Program) -> Iterator[tuple[int, int]]:
    """Yield the nodes and operands at which an error would count."""
    nodes = program.values()
    if not math.isfinite(nodes[-1].data):
        return
    used = _below(nodes[-1])
    for position, node in enumerate(nodes):
        if node.op is None or node not in used or not math.isfinite(node.data):
            continue
        point = [operand.data for operand in node.operands]
        try:
            slopes = ClosedForm().slopes(node.op, point, node.data)
        except NotApplicable:
            continue
        for operand, slope in enumerate(slopes):
            local = node.local_gradients[operand]
            if slope is not None and node.operands[operand].requires_grad:
                least = 2.0 * (ROUNDING * slope.size + slope.slack)
                if math.isfinite(local * FACTOR) and abs(local) * (FACTOR - 1.0) > least:
                    yield position, operand


def _below(root: Value) -> set[Value]:
    found, waiting = {root}, [root]
    while waiting:
        for operand in waiting.pop().operands:
            if operand not in found:
                found.add(operand)
                waiting.append(operand)
    return found


def _wrong(program: Program, position: int, operand: int) -> Any:
    """Return a program as a function whose node at a position has a wrong derivative."""

    def settle(place: int, node: Any) -> Any:
        if place != position or not isinstance(node, Value) or node.op is None:
            return node
        local = list(node.local_gradients)
        local[operand] *= FACTOR
        note = (None, None, node.source)
        return restore(node.data, None, True, node.op, node.operands, tuple(local), note)

    def function(*leaves: Any) -> Any:
        return program.run(leaves, settle=settle)[-1]

    return function
