"""W6 scalar GPT: one training step of a character-level GPT written on scalars alone.

One layer, 16 dimensions, 4 heads, a context of 16, RMSNorm, a ReLU MLP four times as wide, no
biases; Adam with linear decay. One step takes one name: forward, backward and update.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from . import values
from .contender import Contender, Measurement, Program, Workload

NAMES = Path(__file__).parent.parent / "data" / "names.txt"
LETTERS = "abcdefghijklmnopqrstuvwxyz"
BOUNDARY = len(LETTERS)  # the token before and after each name

Vector = list[Any]
Matrix = list[Vector]


@dataclass(frozen=True)
class Sizes:
    layers: int = 1
    width: int = 16
    heads: int = 4
    context: int = 16
    steps: int = 4


SMOKE = Sizes(width=4, heads=2, context=8, steps=2)


def tokens(name: str) -> list[int]:
    return [BOUNDARY, *map(LETTERS.index, name), BOUNDARY]


def first_names(count: int) -> list[list[int]]:
    """Read the first names of 4 to 7 letters, as tokens."""
    names = [name for name in NAMES.read_text().split() if 4 <= len(name) <= 7]
    return [tokens(name) for name in names[:count]]


class GPT:
    """The model on scalars of any Value class, by + - * / ** relu, exp and log alone."""

    def __init__(self, value_class: Any, sizes: Sizes) -> None:
        rng = random.Random(0)
        vocabulary, width = len(LETTERS) + 1, sizes.width

        def matrix(rows: int, columns: int) -> Matrix:
            return [
                [value_class(rng.gauss(0.0, 0.08)) for _ in range(columns)] for _ in range(rows)
            ]

        self.sizes = sizes
        self.token_table = matrix(vocabulary, width)
        self.position_table = matrix(sizes.context, width)
        self.blocks = [
            {
                **{name: matrix(width, width) for name in ("query", "key", "value", "mix")},
                "widen": matrix(4 * width, width),
                "narrow": matrix(width, 4 * width),
            }
            for _ in range(sizes.layers)
        ]
        self.head = matrix(vocabulary, width)
        tables = [self.token_table, self.position_table, self.head]
        tables += [table for block in self.blocks for table in block.values()]
        self.parameters = [p for table in tables for row in table for p in row]

    def dot(self, left: Vector, right: Vector) -> Any:
        return sum(a * b for a, b in zip(left, right))  # noqa: B905 (a strict zip is slow)

    def softmax(self, logits: Vector) -> Vector:
        peak = max(logit.data for logit in logits)
        powers = [(logit - peak).exp() for logit in logits]
        total = sum(powers)
        return [power / total for power in powers]

    def surprise(self, logits: Vector, target: int) -> Any:
        """Give minus the logarithm of the probability of the token that came."""
        return -self.softmax(logits)[target].log()

    def linear(self, table: Matrix, x: Vector) -> Vector:
        return [self.dot(row, x) for row in table]

    def normalise(self, x: Vector) -> Vector:
        scale = (self.dot(x, x) / len(x) + 1e-5) ** -0.5
        return [a * scale for a in x]

    def attend(self, query: Vector, keys: Matrix, contents: Matrix) -> Vector:
        """Let every head mix what it finds at the positions so far."""
        size = len(query) // self.sizes.heads
        mixed: Vector = []
        for start in range(0, len(query), size):
            part = slice(start, start + size)
            logits = [self.dot(query[part], key[part]) / size**0.5 for key in keys]
            weights = self.softmax(logits)
            mixed += [
                self.dot(weights, list(column))
                for column in zip(*(content[part] for content in contents), strict=True)
            ]
        return mixed

    def logits(self, token: int, position: int, caches: list[tuple[Matrix, Matrix]]) -> Vector:
        """Score the next token; ``caches`` hold each layer's keys and contents so far."""
        rows = zip(self.token_table[token], self.position_table[position], strict=True)
        x = self.normalise([a + b for a, b in rows])
        for block, (keys, contents) in zip(self.blocks, caches, strict=True):
            normal = self.normalise(x)
            keys.append(self.linear(block["key"], normal))
            contents.append(self.linear(block["value"], normal))
            mixed = self.attend(self.linear(block["query"], normal), keys, contents)
            x = [a + b for a, b in zip(x, self.linear(block["mix"], mixed), strict=True)]
            wide = [a.relu() for a in self.linear(block["widen"], self.normalise(x))]
            x = [a + b for a, b in zip(x, self.linear(block["narrow"], wide), strict=True)]
        return self.linear(self.head, x)

    def loss(self, tokens: list[int]) -> Any:
        """Average the surprise at each token of a name but the first."""
        count = min(self.sizes.context, len(tokens) - 1)
        caches: list[tuple[Matrix, Matrix]] = [([], []) for _ in self.blocks]
        surprises = [
            self.surprise(self.logits(tokens[i], i, caches), tokens[i + 1]) for i in range(count)
        ]
        return sum(surprises) / count


class FusedGPT(GPT):
    """The same model by the sequence functions of stepgrad."""

    def __init__(self, value_class: Any, sizes: Sizes) -> None:
        import engine

        super().__init__(value_class, sizes)
        self.engine: Any = engine

    def dot(self, left: Vector, right: Vector) -> Any:
        return self.engine.dot(left, right)

    def linear(self, table: Matrix, x: Vector) -> Vector:
        dot = self.engine.dot
        return [dot(row, x) for row in table]

    def softmax(self, logits: Vector) -> Vector:
        weights: Vector = self.engine.softmax(logits)
        return weights

    def surprise(self, logits: Vector, target: int) -> Any:
        return -self.engine.log_softmax(logits)[target]


class Adam:
    """Adam with a rate that falls to 0 over 1000 steps."""

    def __init__(self, parameters: Vector) -> None:
        self.parameters = parameters
        self.first = [0.0] * len(parameters)
        self.second = [0.0] * len(parameters)
        self.steps = 0

    def step(self) -> None:
        """Move the parameters and reset their gradients (None where the loss did not reach)."""
        rate = 0.01 * (1 - self.steps / 1000)
        self.steps += 1
        whole_first = 1 - 0.85**self.steps
        whole_second = 1 - 0.99**self.steps
        first, second = self.first, self.second
        for i, p in enumerate(self.parameters):
            gradient = p.grad or 0.0
            first[i] = 0.85 * first[i] + 0.15 * gradient
            second[i] = 0.99 * second[i] + 0.01 * gradient * gradient
            p.data -= rate * (first[i] / whole_first) / ((second[i] / whole_second) ** 0.5 + 1e-8)
            p.grad = 0.0


def train(model: GPT, names: list[list[int]]) -> list[float]:
    """Take one step a name and give the losses."""
    adam = Adam(model.parameters)
    losses = []
    for name in names:
        loss = model.loss(name)
        loss.backward()
        adam.step()
        losses.append(loss.data)
    return losses


def build(load: Callable[[], Any], model_class: type[GPT], smoke: bool) -> Program:
    """Make a contender: every repeat trains a new model; building the model is not timed."""
    value_class = load()
    sizes = SMOKE if smoke else Sizes()
    names = first_names(sizes.steps)

    def answers() -> list[float]:
        model = model_class(value_class, sizes)
        loss = model.loss(names[0])
        loss.backward()
        gradients = [p.grad or 0.0 for p in model.parameters]
        return [loss.data, *gradients, *train(model_class(value_class, sizes), names)]

    def first_steps() -> Measurement:
        model = model_class(value_class, sizes)
        start = perf_counter()
        train(model, names)
        return {"time a step": (perf_counter() - start) / len(names)}

    return Program(answers, {"first steps": first_steps})


def reference(smoke: bool) -> list[float]:
    return build(values.baseline, GPT, smoke).answers()


def contender(
    name: str,
    load: Callable[[], Any],
    *needs: str,
    model_class: type[GPT] = GPT,
    plain: bool = False,
) -> Contender:
    return Contender(name, partial(build, load, model_class), needs, plain)


WORKLOAD = Workload(
    name="W6",
    title="scalar GPT: 1 layer, 16 dimensions, 4 heads, one name a step",
    contenders=(
        contender("stepgrad", values.stepgrad),
        contender("stepgrad, fused", values.stepgrad, model_class=FusedGPT),
        contender("stepgrad, plain Python", values.stepgrad, plain=True),
        contender("stored local gradients", values.baseline),
    ),
    reference=reference,
    units={"time a step": "s"},
)
