"""How far predicted numbers are from the true ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from nn.plots.display import Display
from nn.plots.paint import literal
from nn.trainer import check_samples

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(repr=False)
class PredictionErrorDisplay(Display):
    """Show the predictions of a regression over the true numbers; on the line they are right.

    Args:
        predictions: n numbers.
        targets: n numbers.
        name: what they are, with the unit.

    >>> PredictionErrorDisplay.from_predictions([1.0, 2.5], [1.0, 2.0], "price (€)")
    <PredictionErrorDisplay: 2 samples>
    """

    size = (5.4, 4.8)

    predictions: list[float]
    targets: list[float]
    name: str

    @classmethod
    def from_predictions(
        cls, predictions: Sequence[float], targets: Sequence[float], name: str = ""
    ) -> Self:
        """Take predictions and what they should have been.

        Raises:
            ShapeError: the lengths differ or are 0.
        """
        check_samples("PredictionErrorDisplay", predictions, targets)
        return cls([float(p) for p in predictions], [float(t) for t in targets], name)

    def plot(self, ax: Axes | None = None, *, dark: bool = False) -> Self:
        """Draw a point for each sample, and return this display.

        Args:
            ax: axes to draw on; a figure of its own if not given.
            dark: whether such a figure is dark.
        """
        ax, paint = self._begin(ax, dark)
        ends = [
            choose(filter(math.isfinite, (*self.predictions, *self.targets)), default=0.0)
            for choose in (min, max)
        ]
        ax.plot(ends, ends, color=paint["muted"], linewidth=1.2, linestyle="--", label="right")
        ax.scatter(
            self.targets,
            self.predictions,
            s=30,
            color=paint["leaf"],
            edgecolors=paint["paper"],
            linewidths=0.7,
            label="samples",
            zorder=3,
        )
        what = literal(self.name) if self.name else "number"
        ax.set_xlabel(f"true {what}")
        ax.set_ylabel(f"predicted {what}")
        ax.legend(frameon=False, labelcolor=paint["ink"], fontsize=9)
        return self

    def __repr__(self) -> str:
        count = len(self.targets)
        return f"<PredictionErrorDisplay: {count} sample{'s' * (count != 1)}>"
