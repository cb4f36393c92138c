"""Ops on arrays, and random programs of Tensors."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import engine
from engine import Tensor
from engine.op import Op, Reduction
from engine.testing.domains import domain_of
from engine.testing.oracles.domains import Source, sized, whole
from tests.alarms.trials import PUBLIC, TIES, Trial

ORDINARY = sized(-4, 4)
EXTREMES = sized(-250, 250)  # a square of what differences move stays a float
SHAPES = ((), (1,), (2,), (3, 2), (2, 1, 2))
OVER_ARRAYS: tuple[Callable[..., Any], ...] = (
    *(lambda x: engine.sum(x, axis=0), lambda x: engine.mean(x, axis=-1, keepdims=True)),
    *(lambda x: engine.logsumexp(x, axis=0), lambda x: engine.norm(x, axis=0)),
    *(lambda x: engine.max(x, axis=0), lambda x: engine.prod(x, axis=0)),
    *(lambda x: engine.softmax(x, axis=0), lambda x: engine.var(x, axis=0)),
    *(lambda x: engine.cumsum(x, 0), lambda x: engine.cumprod(x, 0)),
    *(lambda x: x.reshape(-1), lambda x: x.T, lambda x: x[::-1], lambda x: x[0]),
    *(lambda x: engine.sort(x), lambda x: x @ x.T, lambda x: engine.concat([x, x])),
)


def tensors(seed: int) -> Iterator[Trial]:
    """Yield every public row on arrays, and programs of Tensors, for ever."""
    rng = random.Random(f"tensors {seed}")
    sources = (ORDINARY, EXTREMES, TIES)
    turn = 0
    while True:
        source = sources[turn % len(sources)]
        for op in PUBLIC:
            yield Trial(f"{op.name} of Tensors", *_op(op, source, rng))
            yield Trial("programs of Tensors", *_program(source, rng))
        turn += 1


def _op(op: Op, source: Source, rng: random.Random) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """Return an op and operands of shapes that broadcast; their numbers are in its domain."""
    shape = rng.choice(SHAPES)
    if isinstance(op, Reduction):
        shape = shape if shape and 0 not in shape else (3,)
        axis = rng.randrange(len(shape))
        return lambda x: op(x, axis=axis), (_array(shape, source, (-np.inf, np.inf), rng),)
    domain = domain_of(op)
    held = [whole(0, 3)(rng) if i in domain.whole else None for i in range(len(domain.bounds))]
    arrays = [
        _array(shape if rng.random() < 0.7 else shape[1:], source, bounds, rng)
        for bounds, number in zip(domain.bounds, held, strict=True)
        if number is None
    ]

    def apply(*free: Any) -> Any:
        supply = iter(free)
        return op(*[next(supply) if number is None else number for number in held])

    return apply, tuple(arrays)


def _array(
    shape: tuple[int, ...], source: Source, bounds: tuple[float, float], rng: random.Random
) -> Tensor:
    low, high = bounds
    numbers = []
    while len(numbers) < int(np.prod(shape)):
        x = source(rng)
        if high <= 1.0:  # asin and its kin
            x = 2.0 * (x - np.floor(x)) - 1.0
        x = x if low < x < high else abs(x) + (low if low > -np.inf else 0.0)
        if low < x < high:
            numbers.append(x)
    return Tensor(np.array(numbers).reshape(shape))


def _program(source: Source, rng: random.Random) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """Return a random program on two matrices."""
    count = rng.randint(1, 5)
    unary = [op for op in PUBLIC if not isinstance(op, Reduction) and len(op.derivatives) == 1]
    steps = [rng.choice([*unary, engine.add, engine.multiply, *OVER_ARRAYS]) for _ in range(count)]
    back = [rng.randrange(3) for _ in range(count)]

    def run(x: Any, y: Any) -> Any:
        nodes = [x, y]
        for step, offset in zip(steps, back, strict=True):
            node = nodes[-1 - offset % len(nodes)]
            if step in (engine.add, engine.multiply):
                node = step(node, engine.tanh(engine.mean(nodes[-1])))
            elif node.ndim and 0 not in node.shape:
                node = step(node)
            nodes.append(node)
        return nodes[-1]

    shape = rng.choice([(2,), (2, 2), (1, 3)])
    line = (-np.inf, np.inf)
    return run, (_array(shape, source, line, rng), _array(shape, source, line, rng))
