"""Which learning rate to start with."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from engine.errors import NumberError
from nn.backends import number_of
from nn.init import generator
from nn.plots.display import Display
from nn.plots.inference import answers, weights_as_they_are
from nn.trainer import BATCH_SIZE, Trainer, check_count, check_samples

if TYPE_CHECKING:
    from matplotlib.axes import Axes

KEPT = 0.9  # of the smoothed loss at each step
SETTLED = 10  # steps, over which the smoothed loss is an average: 1 / (1 - KEPT)
HOPELESS = 4.0  # times the least smoothed loss: the search ends there


@dataclass(repr=False)
class LearningRateDisplay(Display):
    """Show the loss while the learning rate grows at every step.

    Args:
        rates: n learning rates, each a fixed multiple of the one before.
        losses: the loss of the batch at each.
        smoothed: the same, evened out.
        suggestion: the rate at which the smoothed loss falls most steeply; None if it never falls.

    Source: L. N. Smith, Cyclical Learning Rates for Training Neural Networks, WACV 2017,
    section 3.3 (the range test), on a logarithmic scale.
    """

    rates: list[float]
    losses: list[float]
    smoothed: list[float]
    suggestion: float | None

    @classmethod
    def from_trainer(
        cls,
        trainer: Trainer,
        inputs: Sequence[Any],
        targets: Sequence[Any],
        *,
        lowest: float = 1e-4,
        highest: float = 10.0,
        steps: int = 60,
        batch_size: int | None = None,
        seed: int | None = 0,
    ) -> Self:
        """Take training steps with ever larger rates, then put model and optimizer back.

        Args:
            trainer: its model, loss and optimizer are used.
            inputs: n samples.
            targets: n targets.
            lowest: the first learning rate, above 0.
            highest: the last one. It ends earlier where the loss is no longer finite, or far above
                its least.
            steps: how many rates.
            batch_size: samples a step, drawn anew for each; None is 32, or n if that is less.
            seed: of the batches.

        Raises:
            ShapeError: there are no samples, or not as many targets.
            NumberError: a number is out of range.
        """
        check_samples("LearningRateDisplay", inputs, targets)
        check_count("steps", steps, 3)
        if not 0 < lowest < highest < math.inf:
            raise NumberError(
                f"the rates must be 0 < lowest < highest, got {lowest!r}, {highest!r}"
            )
        size = min(BATCH_SIZE, len(inputs)) if batch_size is None else batch_size
        check_count("batch_size", size, 1)
        if size > len(inputs):
            raise NumberError(f"batch_size {size} is more than the {len(inputs)} samples")
        rng = generator(seed)
        optimizer = trainer.optimizer
        before = optimizer.state_dict()
        rates: list[float] = []
        losses: list[float] = []
        with weights_as_they_are(optimizer.parameters):
            try:
                for step in range(steps):
                    optimizer.lr = lowest * (highest / lowest) ** (step / (steps - 1))
                    rows = rng.sample(range(len(inputs)), size)
                    outputs = answers(trainer.model, [inputs[row] for row in rows])
                    loss = trainer.loss(outputs, [targets[row] for row in rows])
                    number = number_of(loss)
                    if not math.isfinite(number):
                        break
                    rates.append(optimizer.lr)
                    losses.append(number)
                    if smooth(losses)[-1] > HOPELESS * min(smooth(losses)):
                        break
                    optimizer.zero_grad()
                    loss.backward()
                    optimizer.step()
            finally:
                optimizer.load_state_dict(before)
                optimizer.zero_grad()
        smoothed = smooth(losses)
        return cls(rates, losses, smoothed, steepest(rates, smoothed))

    def plot(self, ax: Axes | None = None, *, dark: bool = False) -> Self:
        """Draw the losses over the rates, and return this display.

        Args:
            ax: axes to draw on; a figure of its own if not given.
            dark: whether such a figure is dark.
        """
        ax, paint = self._begin(ax, dark)
        ax.plot(
            self.rates,
            self.losses,
            linestyle="none",
            marker=".",
            markersize=5,
            color=paint["muted"],
            label="batch",
        )
        ax.plot(self.rates, self.smoothed, linewidth=2.2, color=paint["leaf"], label="smoothed")
        if self.suggestion is not None:
            at = self.smoothed[self.rates.index(self.suggestion)]
            ax.plot(
                [self.suggestion],
                [at],
                linestyle="none",
                marker="D",
                markersize=9,
                color=paint["focus"],
                markeredgecolor=paint["paper"],
                label=f"steepest: lr = {self.suggestion:.2g}",
            )
        if self.losses:  # what the last steps blow up to would flatten all the others
            low, high = min(self.losses), max(*self.losses[:3], *self.smoothed[:-2])
            ax.set_ylim(low - 0.1 * (high - low), high + 0.25 * (high - low))
        paint.logarithmic(ax, "x")
        ax.set_xlabel("learning rate (per step)")
        ax.set_ylabel("loss (mean per sample)")
        ax.legend(frameon=False, labelcolor=paint["ink"], fontsize=9)
        return self

    def __repr__(self) -> str:
        found = "no suggestion" if self.suggestion is None else f"steepest at {self.suggestion:.2g}"
        return f"<LearningRateDisplay: {len(self.rates)} rates, {found}>"


def smooth(losses: Sequence[float]) -> list[float]:
    """Return the exponential moving average of losses, without a bias towards 0 at the start.

    Source: Kingma, Ba, Adam: A Method for Stochastic Optimization, ICLR 2015, section 3.

    >>> smooth([1.0, 1.0])
    [1.0, 1.0]
    """
    average, weight = 0.0, 0.0
    smoothed = []
    for loss in losses:
        average = KEPT * average + (1 - KEPT) * loss
        weight = KEPT * weight + (1 - KEPT)
        smoothed.append(average / weight)
    return smoothed


def steepest(rates: Sequence[float], losses: Sequence[float]) -> float | None:
    """Return the rate at which losses fall most on the logarithmic scale of the rates.

    That is looked for before the least loss: beyond it steps are too long, and a fall is luck; and
    not among the first losses, which are smoothed over a few batches only.

    >>> steepest([0.1, 1.0, 10.0, 100.0], [5.0, 4.0, 1.0, 9.0])
    1.0
    """
    least = min(range(len(losses)), key=lambda place: losses[place], default=0)
    first = max(1, min(SETTLED, least // 2))
    slopes = {
        rates[place]: (losses[place + 1] - losses[place - 1])
        / math.log(rates[place + 1] / rates[place - 1])
        for place in range(first, min(least + 1, len(rates) - 1))
    }
    best = min(slopes, key=lambda rate: slopes[rate], default=None)
    return best if best is not None and slopes[best] < 0 else None
