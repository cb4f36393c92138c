"""Measure float functions against mpmath in units in the last place (ulp) of the exact value."""

import itertools
import math
import random
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from mpmath import mpf

Source = Callable[[random.Random], float]
ABSOLUTE = 1e-15  # allowed where a function crosses zero: the rounding of terms that cancel


class Case(NamedTuple):
    """A function of one float, its exact value, where to try it and how far off it may be.

    ``low`` and ``high`` bound the domain, ``hard`` are points where a plain formula or a C
    library fails, found by search.
    """

    name: str
    exact: Callable[[mpf], mpf]
    sources: Iterable[Source]
    bound: float = 2.0
    absolute: float = 0.0
    low: float = -math.inf
    high: float = math.inf
    hard: tuple[float, ...] = ()

    def points(self) -> list[float]:
        drawn = draw(self.name, *self.sources)
        return [*self.hard, *(min(max(x, self.low), self.high) for x in drawn)]


def ulp_error(got: float, exact: mpf) -> float:
    """Return |got - exact| in ulp of the exact value; overflow counts as one step."""
    rounded = float(exact)
    if math.isinf(got) or math.isinf(rounded):
        largest = math.copysign(sys.float_info.max, rounded)
        return 0.0 if got == rounded else 1.0 if largest in (got, rounded) else math.inf
    return math.inf if math.isnan(got) else float(abs(mpf(got) - exact) / mpf(math.ulp(rounded)))


def assert_close(got: float, exact: mpf, bound: float, absolute: float, where: str) -> None:
    assert type(got) is float, f"{where}: {got!r} is not a float"
    error = ulp_error(got, exact)
    near_zero = absolute > 0.0 and abs(mpf(got) - exact) <= absolute
    assert error <= bound or near_zero, f"{where}: {got!r} is {error:.2f} ulp off {exact}"


def same(got: float, expected: float) -> bool:
    """Tell whether two floats are the same, the sign of zero included; nan is like nan."""
    if math.isnan(expected):
        return math.isnan(got)
    return got == expected and math.copysign(1.0, got) == math.copysign(1.0, expected)


# ----- Points -----


def draw(seed: str, *sources: Source, count: int = 300) -> Iterator[float]:
    """Yield points from each source in turn."""
    rng = random.Random(seed)
    return (source(rng) for source in itertools.islice(itertools.cycle(sources), count))


def between(low: float, high: float) -> Source:
    return lambda rng: rng.uniform(low, high)


def scaled(low: int, high: int) -> Source:
    """Give either sign and sizes from 2**(low - 1) to 2**high, every exponent equally likely."""
    return lambda rng: (
        rng.choice((-1, 1)) * math.ldexp(rng.uniform(0.5, 1.0), rng.randint(low, high))
    )


def near(*centres: float) -> Source:
    return lambda rng: rng.choice(centres) + scaled(-52, -2)(rng)


doubles = scaled(-1074, 1024)  # subnormals among them
WIDE = (doubles, scaled(-40, 12), scaled(-6, 6))
