"""What is checked: single ops over their whole domains, and random programs of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import engine
from engine.op import Op, Reduction
from engine.testing.oracles.domains import WIDE, each, near, sized, whole
from engine.testing.oracles.reference import CASES, Case, rows
from engine.testing.program import Program
from engine.testing.strategies.programs import arity, program
from engine.testing.strategies.spellings import SPELLINGS, can_be_spelled, spelling_of
from tests.testing.planting import function_of

EXTREMES = sized(-997.0, 997.0)  # from 1e-300 to 1e300, every exponent equally likely
TIES = whole(-3, 3)
LEAVES = (sized(-6, 6), sized(-1, 1), TIES, EXTREMES)
MOST_STEPS = 12
PUBLIC = [row for row in rows() if getattr(engine, getattr(row, "name", ""), None) is row]


class Trial(NamedTuple):
    """A function and where it is checked.

    Args:
        name: what is tried, as ``"tanh"`` or ``"programs"``.
        function: the function.
        inputs: the point.
    """

    name: str
    function: Callable[..., Any]
    inputs: tuple[Any, ...]


def ops(seed: int) -> Iterator[Trial]:
    """Yield every row at one point more, for ever: where its reference is tried, and anywhere."""
    rng = random.Random(f"ops {seed}")
    turn = 0
    while True:
        for case in CASES:
            ways = [*case.reference.points, *_anywhere(case)]
            point = ways[turn % len(ways)](rng)
            if _allowed(case.op, point):
                yield Trial(case.name, function_of(case.op), point)
        turn += 1


def _anywhere(case: Case) -> list[Callable[[random.Random], tuple[float, ...]]]:
    """Return ways to draw points that know nothing of the row."""
    count = 3 if isinstance(case.op, Reduction) else len(case.op.derivatives)
    count += count % 2 if case.name == "dot" else 0
    sources = (*WIDE, EXTREMES, TIES, near(1.0, 2.0))
    held = _orders(case.op)
    return [each(*held, *[source] * (count - len(held))) for source in sources]


def _orders(op: Op) -> list[Callable[[random.Random], float]]:
    """Return how to draw the operand that selects a function of a family; none for most ops."""
    return [whole(0, 5)] if op.name in ("polygamma", "spherical_bessel_pi") else []


def _allowed(op: Op, point: tuple[float, ...]) -> bool:
    """Return whether an op takes a point without an error of use."""
    return not _orders(op) or (point[0] >= 0.0 and point[0].is_integer())


def shared(seed: int) -> Iterator[Trial]:
    """Yield every public row with operands that are one node, for ever."""
    rng = random.Random(f"shared {seed}")
    sources = (sized(-6, 6), TIES, EXTREMES)
    turn = 0
    while True:
        for op in PUBLIC:
            held = [draw(rng) for draw in _orders(op)]
            count = (3 if isinstance(op, Reduction) else len(op.derivatives)) - len(held)
            places = [rng.randrange(2) for _ in range(count)]
            point = tuple(sources[turn % len(sources)](rng) for _ in range(2))
            yield Trial(f"{op.name} shared", _sharing(op, held, places), point)
        turn += 1


def _sharing(op: Op, held: list[float], places: list[int]) -> Callable[..., Any]:
    apply = function_of(op)

    def function(x: Any, y: Any) -> Any:
        nodes = (x, y)
        return apply(*held, *[nodes[i] for i in places]) + 0.0 * (x + y)

    return function


def programs(seed: int) -> Iterator[Trial]:
    """Yield random programs of all ops that a program can apply, for ever."""
    rng = random.Random(f"programs {seed}")
    while True:
        drawn = random_program(rng)
        yield Trial("programs", drawn, drawn.leaves)


def random_program(rng: random.Random) -> Program:
    """Return a program of a few leaves and at most a dozen steps."""
    source = rng.choice(LEAVES)
    leaves = [source(rng) for _ in range(rng.randint(1, 3))]
    choices = []
    for _ in range(rng.randint(1, MOST_STEPS)):
        spelling = rng.choice(SPELT)
        near_by = [min(int(rng.expovariate(0.5)), 40) for _ in range(arity(spelling))]
        choices.append((spelling, *[*near_by, 0, 0, 0][:3]))
    return program(leaves, choices)


SPELT = list(dict.fromkeys([*SPELLINGS, *(spelling_of(op) for op in PUBLIC if can_be_spelled(op))]))
