"""Where an op is tried: seeded points in its ordinary range, its tails and at its hard places."""

from __future__ import annotations

import itertools
import math
import random
import struct
from collections.abc import Callable, Iterator

Source = Callable[[random.Random], float]
TINY = math.ulp(0.0)
HUGE = math.nextafter(math.inf, 0.0)
Points = Callable[[random.Random], tuple[float, ...]]


# ----- One operand ---------------------------------------------------------------------------


def doubles(rng: random.Random) -> float:
    """Draw from the whole range of finite floats, every exponent equally likely."""
    while True:
        x: float = struct.unpack("<d", struct.pack("<Q", rng.getrandbits(64)))[0]
        if math.isfinite(x):
            return x


def between(low: float, high: float) -> Source:
    """Draw evenly from low..high."""
    return lambda rng: rng.uniform(low, high)


def sized(low: float, high: float) -> Source:
    """Draw either sign and sizes from 2**low to 2**high, every exponent equally likely."""
    return lambda rng: rng.choice((-1.0, 1.0)) * 2.0 ** rng.uniform(low, high)


def near(*centres: float) -> Source:
    """Draw beside one of some points: from a few ulp to a quarter away."""
    offset = sized(-52, -2)

    def source(rng: random.Random) -> float:
        centre = rng.choice(centres)
        return centre + (abs(centre) or 1.0) * offset(rng)

    return source


def whole(low: int, high: int) -> Source:
    """Draw a whole number from low..high."""
    return lambda rng: float(rng.randint(low, high))


WIDE = (doubles, sized(-6, 6), sized(-40, 40))


def within(low: float, high: float, *sources: Source) -> tuple[Source, ...]:
    """Return the sources, what they draw outside of low..high mirrored at 0 or drawn again."""

    def bounded(source: Source) -> Source:
        def draw(rng: random.Random) -> float:
            while True:
                x = source(rng)
                if low <= x <= high:
                    return x
                if low <= -x <= high:
                    return -x

        return draw

    return tuple(bounded(source) for source in sources)


# ----- Several operands ----------------------------------------------------------------------


def one(*sources: Source) -> tuple[Points, ...]:
    """Return the points of an op of one operand."""

    def points(source: Source) -> Points:
        return lambda rng: (source(rng),)

    return tuple(points(source) for source in sources)


def each(*sources: Source) -> Points:
    """Return points whose coordinates are drawn from one source each."""
    return lambda rng: tuple(source(rng) for source in sources)


def alike(rng: random.Random) -> tuple[float, float]:
    """Draw two numbers of any size, the second at most 2**20 times larger or smaller."""
    x = sized(-1000, 1000)(rng)
    return x, x * sized(-20, 20)(rng)


PAIRS = (each(doubles, doubles), each(sized(-6, 6), sized(-6, 6)), alike)


def lists(*sources: Source, sizes: tuple[int, ...] = (1, 2, 3, 5)) -> tuple[Points, ...]:
    """Return lists of several sizes, every element from one source."""

    def points(source: Source) -> Points:
        return lambda rng: tuple(source(rng) for _ in range(rng.choice(sizes)))

    return tuple(points(source) for source in sources)


def draw(seed: str, points: tuple[Points, ...], count: int) -> Iterator[tuple[float, ...]]:
    """Yield points, from each way of drawing them in turn."""
    rng = random.Random(seed)
    for way in itertools.islice(itertools.cycle(points), count):
        yield way(rng)
