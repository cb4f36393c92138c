"""Initialisers: their range, their variance, their bits."""

from __future__ import annotations

import math
import random
from statistics import NormalDist, fmean, pvariance

import pytest

from engine.errors import NumberError, OperandError
from nn import ChoiceError
from nn.init import INITIALIZERS, draw_seed, generator, initializer

DRAWS = 4000


def draws(name: str, fan_in: int = 30, fan_out: int = 20) -> list[float]:
    """Return many draws of one generator."""
    rng = random.Random(1)
    return [INITIALIZERS[name](rng, fan_in, fan_out) for _ in range(DRAWS)]


@pytest.mark.parametrize(
    ("name", "variance"),
    [
        ("uniform", 1 / 3),
        ("xavier_uniform", 2 / 50),
        ("xavier_normal", 2 / 50),
        ("he_uniform", 2 / 30),
        ("he_normal", 2 / 30),
        ("zeros", 0.0),
    ],
)
def test_mean_and_variance_are_those_of_the_paper(name: str, variance: float) -> None:
    sample = draws(name)
    # Five standard errors: of the mean sd/√n, of the variance at most var·√(2/n) (a normal's).
    assert abs(fmean(sample)) <= 5 * math.sqrt(variance / DRAWS)
    assert abs(pvariance(sample) - variance) <= 5 * variance * math.sqrt(2 / DRAWS)


@pytest.mark.parametrize("name", ["xavier_normal", "he_normal"])
def test_normal_draws_follow_the_normal_distribution(name: str) -> None:
    sample = sorted(draws(name))
    spread = {"xavier_normal": math.sqrt(2 / 50), "he_normal": math.sqrt(2 / 30)}[name]
    normal = NormalDist(0.0, spread)
    gap = max(abs(normal.cdf(x) - (i + 0.5) / DRAWS) for i, x in enumerate(sample))
    # Kolmogorov and Smirnov: a right sampler goes beyond 1.95/√n once in 1000 seeds; this is one.
    assert gap < 1.95 / math.sqrt(DRAWS)


@pytest.mark.parametrize(
    ("name", "limit"),
    [("uniform", 1.0), ("xavier_uniform", math.sqrt(6 / 50)), ("he_uniform", math.sqrt(6 / 30))],
)
def test_even_draws_fill_their_range_and_no_more(name: str, limit: float) -> None:
    sample = draws(name)
    assert -limit <= min(sample) < -0.99 * limit
    assert 0.99 * limit < max(sample) <= limit


def test_bits_are_pinned() -> None:
    """These bits follow from the Mersenne Twister and arithmetic alone, so no platform has others.

    The first draw of Random(0) is 0.8444218515250481, which the Python documentation guarantees.
    """
    assert random.Random(0).random() == 0.8444218515250481
    assert INITIALIZERS["uniform"](random.Random(0), 1, 1) == 2 * 0.8444218515250481 - 1
    assert INITIALIZERS["he_uniform"](random.Random(0), 6, 1) == 2 * 0.8444218515250481 - 1


def test_a_function_is_taken_as_it_is() -> None:
    function = initializer(lambda rng, fan_in, fan_out: 0.5)
    assert function(random.Random(0), 1, 1) == 0.5


def test_an_unknown_name_lists_the_valid_ones() -> None:
    with pytest.raises(
        ChoiceError, match=r"unknown initialiser 'he'.*choose from uniform, xavier_"
    ):
        initializer("he")


@pytest.mark.parametrize("seed", [1.5, "a", True])
def test_a_seed_is_an_integer(seed: object) -> None:
    with pytest.raises(OperandError, match="a seed is an integer"):
        generator(seed)  # type: ignore[arg-type]


def test_a_negative_seed_is_refused_for_python_would_drop_its_sign() -> None:
    with pytest.raises(NumberError, match="a seed is 0 or more, got -1"):
        generator(-1)


def test_the_global_generator_is_left_alone() -> None:
    before = random.getstate()
    generator(3).random()
    generator(None).random()
    draw_seed()
    assert random.getstate() == before
