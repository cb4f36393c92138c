"""The references of the ops over a sequence, which take the elements as one list."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from mpmath import mp, mpf

from engine.testing.oracles.domains import between, doubles, lists, near, sized, whole
from engine.testing.oracles.exact import log_softmax, others, rational, real, softmax
from engine.testing.oracles.row import Exact, Reference, flat


def exact_mean(xs: list[mpf]) -> Fraction:
    """Return the mean as a fraction."""
    return sum(map(rational, xs), Fraction(0)) / len(xs)


def deviations(xs: list[mpf]) -> list[mpf]:
    """Return each element less the mean, no digit lost."""
    centre = exact_mean(xs)
    return [real(rational(x) - centre) for x in xs]


def variance(correction: int) -> Exact:
    """Return the variance with a divisor of n - correction."""
    return lambda xs: mp.fsum(d * d for d in deviations(xs)) / (len(xs) - correction)


def norm(xs: list[mpf]) -> mpf:
    """Return the Euclidean norm."""
    return mp.sqrt(mp.fsum(x * x for x in xs))


def shares(choose: Callable[[list[mpf]], mpf]) -> Exact:
    """Return the derivatives of max or min: the winners share 1."""

    def derivatives(xs: list[mpf]) -> list[mpf]:
        wins = [x == choose(xs) for x in xs]
        return [mpf(win) / sum(wins) for win in wins]

    return derivatives


def inner_product(flat: list[mpf]) -> mpf:
    """Return the inner product of the two halves of a list."""
    half = len(flat) // 2
    return mp.fsum(x * y for x, y in zip(flat[:half], flat[half:], strict=True))


def softmax_slopes(i: int, xs: list[mpf]) -> list[mpf]:
    """Return the derivatives of the i-th component of log_softmax."""
    parts = softmax(xs)
    return [mp.fsum(others(parts, i)) if j == i else -part for j, part in enumerate(parts)]


def soft_curvature(i: int, parts: list[mpf]) -> list[mpf]:
    """Return the derivatives of the i-th component of softmax, from its components."""
    return [
        parts[i] * (mp.fsum(others(parts, i)) if j == i else -part) for j, part in enumerate(parts)
    ]


def softmax_curvatures(k: int, xs: list[mpf]) -> list[list[mpf]]:
    """Return the second derivatives of the k-th component of softmax."""
    parts, slopes = softmax(xs), softmax_slopes(k, xs)
    return [
        [parts[k] * (slopes[i] * slopes[j] - soft_curvature(i, parts)[j]) for j in range(len(xs))]
        for i in range(len(xs))
    ]


def zeros(xs: list[mpf]) -> list[list[mpf]]:
    """Return second derivatives that are all 0."""
    return flat(*xs)


def one(xs: list[mpf]) -> mpf:
    """Return 1."""
    return mpf(1)


SPREAD = lists(between(-1, 1), sized(-200, 200), near(1.0), sizes=(2, 3, 5))
EXPONENTS = lists(between(-8, 8), between(-800, 800), whole(-2, 2), doubles, sizes=(2, 3, 5))
CHOICES = lists(doubles, whole(-2, 2), sized(-6, 6))

SEQUENCES: dict[str, Reference] = {
    "sum": Reference(
        lambda xs: real(sum(map(rational, xs), Fraction(0))),
        lambda xs: [mpf(1)] * len(xs),
        lists(sized(-1000, 1000), between(-1, 1), whole(-3, 3)),
    ),
    "mean": Reference(
        lambda xs: real(exact_mean(xs)),
        lambda xs: [1 / mpf(len(xs))] * len(xs),
        lists(sized(-1000, 1000), between(-1, 1), whole(-3, 3)),
    ),
    "prod": Reference(
        mp.fprod,
        lambda xs: [mp.fprod(others(xs, i)) for i in range(len(xs))],
        lists(sized(-60, 60), between(-2, 2), whole(-2, 2)),
        8,
    ),
    "dot": Reference(
        inner_product,
        lambda flat: flat[len(flat) // 2 :] + flat[: len(flat) // 2],
        lists(sized(-200, 200), between(-1, 1), whole(-3, 3), sizes=(2, 4, 10)),
        # Added from left to right, each partial sum rounded: relative to the sum of magnitudes.
        size=lambda flat: inner_product([*map(abs, flat)]),
    ),
    "max": Reference(max, shares(max), CHOICES, curvatures=zeros),
    "min": Reference(min, shares(min), CHOICES, curvatures=zeros),
    "norm": Reference(
        norm,
        lambda xs: [x / (norm(xs) or 1) for x in xs],
        lists(doubles, between(-1, 1), sized(-6, 6)),
        curvature_size=lambda xs: 1 / norm(xs),  # (1 - x²/out²)/out where x is nearly all of out
    ),
    "logsumexp": Reference(
        lambda xs: max(xs) - max(log_softmax(xs)),
        softmax,
        EXPONENTS,
        8,
        size=one,  # 0 where Σ exp is 1
        curvatures=lambda xs: [soft_curvature(i, softmax(xs)) for i in range(len(xs))],
    ),
}


def spread(correction: int) -> Reference:
    """Return the reference of `var` with a divisor of n - correction."""
    return Reference(
        variance(correction),
        lambda xs: [2 * d / (len(xs) - correction) for d in deviations(xs)],
        SPREAD,
        8,
        slope_size=lambda xs: max(map(abs, deviations(xs))),  # 0 at the mean
        curvatures=lambda xs: [
            [2 * centring / (len(xs) - correction) for centring in row] for row in centrings(xs)
        ],
    )


def root_spread(correction: int) -> Reference:
    """Return the reference of `std` with a divisor of n - correction."""
    value = variance(correction)

    def slopes(xs: list[mpf]) -> list[mpf]:
        root = mp.sqrt(value(xs)) or 1  # 0 by convention where all are equal
        return [d / ((len(xs) - correction) * root) for d in deviations(xs)]

    def curvatures(xs: list[mpf]) -> list[list[mpf]]:
        root, s, n = mp.sqrt(value(xs)), slopes(xs), len(xs)
        rows = enumerate(centrings(xs))
        return [
            [(centring / (n - correction) - s[i] * s[j]) / root for j, centring in enumerate(row)]
            for i, row in rows
        ]

    return Reference(
        lambda xs: mp.sqrt(value(xs)),
        slopes,
        SPREAD,
        8,
        slope_size=one,  # 0 at the mean
        curvature_size=lambda xs: 1 / mp.sqrt(value(xs)),
        curvatures=curvatures,
    )


def centrings(xs: list[mpf]) -> list[list[mpf]]:
    """Return the derivatives of each element less the mean."""
    return [[(i == j) - 1 / mpf(len(xs)) for j in range(len(xs))] for i in range(len(xs))]


def soft_component(i: int) -> Reference:
    """Return the reference of the i-th component of `softmax`."""
    return Reference(
        lambda xs: softmax(xs)[i],
        lambda xs: soft_curvature(i, softmax(xs)),
        EXPONENTS,
        8,
        curvature_size=lambda xs: softmax(xs)[i],
        curvatures=lambda xs: softmax_curvatures(i, xs),
    )


def log_soft_component(i: int) -> Reference:
    """Return the reference of the i-th component of `log_softmax`."""
    return Reference(
        lambda xs: log_softmax(xs)[i],
        lambda xs: softmax_slopes(i, xs),
        EXPONENTS,
        8,
        # The slope for the component itself is a sum of the others, whose changes cancel.
        curvature_size=lambda xs: softmax_slopes(i, xs)[i],
        curvatures=lambda xs: [
            [-c for c in soft_curvature(j, softmax(xs))] for j in range(len(xs))
        ],
    )
