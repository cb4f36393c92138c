"""Where weights start: initialisers by name, each a function of a generator and the fans.

Every draw uses `rng.random()` and arithmetic alone, whose bits are the same on all platforms.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from engine.errors import NumberError, OperandError
from nn.errors import unknown

Initializer = Callable[[random.Random, int, int], float]

SEEDS = 2**32  # a drawn seed is below this, short enough to be typed again


def generator(seed: int | None, rng: random.Random | None = None) -> random.Random:
    """Return the generator of a model: the one given, or a private one with the seed.

    Raises:
        OperandError: the seed is not an integer.
        NumberError: the seed is negative.
    """
    if rng is not None:
        return rng
    if isinstance(seed, bool) or not isinstance(seed, int | None):
        raise OperandError(f"a seed is an integer, got {seed!r}")
    if seed is not None and seed < 0:  # for Random(-1) and Random(1) are the same
        raise NumberError(f"a seed is 0 or more, got {seed}")
    return random.Random(seed)


def draw_seed() -> int:
    """Return a seed that nothing predicts; no global generator is touched."""
    return random.SystemRandom().randrange(SEEDS)


def uniform(rng: random.Random, fan_in: int, fan_out: int) -> float:
    """Draw from -1 to 1, as micrograd does.

    >>> -1 <= uniform(random.Random(0), fan_in=3, fan_out=4) <= 1
    True
    """
    return _symmetric(rng, 1.0)


def xavier_uniform(rng: random.Random, fan_in: int, fan_out: int) -> float:
    """Draw evenly from ±sqrt(6 / (fan_in + fan_out)).

    Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks,
    AISTATS 2010, equation 16.
    """
    return _symmetric(rng, math.sqrt(6 / (fan_in + fan_out)))


def xavier_normal(rng: random.Random, fan_in: int, fan_out: int) -> float:
    """Draw normally with variance 2 / (fan_in + fan_out); Glorot and Bengio 2010, equation 12."""
    return math.sqrt(2 / (fan_in + fan_out)) * _standard_normal(rng)


def he_uniform(rng: random.Random, fan_in: int, fan_out: int) -> float:
    """Draw evenly from ±sqrt(6 / fan_in), whose variance is that of `he_normal`."""
    return _symmetric(rng, math.sqrt(6 / fan_in))


def he_normal(rng: random.Random, fan_in: int, fan_out: int) -> float:
    """Draw normally with variance 2 / fan_in.

    He, Zhang, Ren and Sun, Delving deep into rectifiers, ICCV 2015, equation 10.
    """
    return math.sqrt(2 / fan_in) * _standard_normal(rng)


def zeros(rng: random.Random, fan_in: int, fan_out: int) -> float:
    """Start at 0; neurons of one layer then stay equal, which is what there is to see."""
    return 0.0


INITIALIZERS: dict[str, Initializer] = {
    "uniform": uniform,
    "xavier_uniform": xavier_uniform,
    "xavier_normal": xavier_normal,
    "he_uniform": he_uniform,
    "he_normal": he_normal,
    "zeros": zeros,
}


def initializer(name: str | Initializer) -> Initializer:
    """Return the initialiser of a name; a function of (rng, fan_in, fan_out) is returned as it is.

    Raises:
        ChoiceError: there is no initialiser of that name.
    """
    if callable(name):
        return name
    if name not in INITIALIZERS:
        raise unknown("initialiser", name, INITIALIZERS)
    return INITIALIZERS[name]


def _symmetric(rng: random.Random, limit: float) -> float:
    return limit * (2 * rng.random() - 1)


def _standard_normal(rng: random.Random) -> float:
    """Draw by the ratio of uniforms (Kinderman and Monahan, ACM TOMS 3, 1977).

    The logarithm, which platforms round differently, only decides whether a draw is kept.
    """
    while True:
        height = 1.0 - rng.random()
        draw = 2 * math.sqrt(2 / math.e) * (rng.random() - 0.5) / height
        if draw * draw <= -4 * math.log(height):
            return draw
