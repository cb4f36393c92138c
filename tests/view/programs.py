"""Programs whose graphs are drawn: known ones, and random ones for the property tests."""

from __future__ import annotations

import random
from contextlib import nullcontext
from itertools import pairwise

from hypothesis import strategies as st

import engine
from engine import Value, scope

SCOPES = [None, "net", "net/layer0", "net/layer1/unit0", "net/layer1/unit1", "other"]


def moons_loss(samples=100, widths=(16, 16, 1), decay=1e-4):
    """Return the loss of an `nn.MLP` on a batch, with weight decay, and the network."""
    from nn import MLP

    rng = random.Random(0)
    network = MLP(2, list(widths), seed=0)
    terms = []
    for _ in range(samples):
        score = network([rng.uniform(-1, 1), rng.uniform(-1, 1)])
        terms.append((1.0 - rng.choice([-1.0, 1.0]) * score).relu())
    loss = engine.mean(terms)
    if decay:
        loss = loss + decay * engine.sum([p * p for p in network.parameters()])
    return loss, network


def plain_loss(samples=100, widths=(16, 16, 1)):
    """Return the same written with lists and loops, without modules and with binary ops alone."""
    rng = random.Random(0)
    sizes = [2, *widths]
    layers = [
        [[Value(rng.uniform(-1, 1)) for _ in range(fan_in + 1)] for _ in range(fan_out)]
        for fan_in, fan_out in pairwise(sizes)
    ]
    total = None
    for _ in range(samples):
        xs = [Value(rng.uniform(-1, 1)) for _ in range(2)]
        for layer in layers:
            outs = []
            for *weights, bias in layer:
                out = bias
                for weight, x in zip(weights, xs, strict=True):
                    out = out + weight * x
                outs.append(out.relu() if layer is not layers[-1] else out)
            xs = outs
        loss = (1.0 + -rng.choice([-1.0, 1.0]) * xs[0]).relu()
        total = loss if total is None else total + loss
    return total


def newton(turns):
    """Return sqrt(2) after so many turns of Newton's iteration."""
    x = Value(1.0, label="x")
    for _ in range(turns):
        x = x - (x * x - 2.0) / (2.0 * x)
    return x


def chain(length):
    """Return a chain of so many multiplications."""
    x = Value(1.0, label="x")
    for _ in range(length):
        x = x * x
    return x


@st.composite
def random_programs(draw, largest=60):
    """Draw the result of a random program, with modules, loops and shared values."""
    rng = random.Random(draw(st.integers(0, 2**32)))
    values = [Value(rng.uniform(-2, 2)) for _ in range(draw(st.integers(1, 4)))]
    for _ in range(draw(st.integers(1, largest))):
        path = rng.choice(SCOPES)
        repeats = rng.choice([1, 1, 1, 4])
        near = rng.choice([2, 30])
        kind = rng.randrange(5)
        for _ in range(repeats):
            xs = [rng.choice(values[-near:]) for _ in range(3)]
            with scope(path) if path else nullcontext():
                values.append(
                    [
                        lambda xs=xs: xs[0].tanh(),
                        lambda xs=xs: xs[0] * xs[1],
                        lambda xs=xs: xs[0] - 2.0,
                        lambda xs=xs: engine.mean(xs),
                        lambda xs=xs: engine.dot(xs, xs[::-1]),
                    ][kind]()
                )
    return values[-1]
