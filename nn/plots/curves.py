"""How the numbers of a training went, epoch by epoch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from engine.errors import ShapeError
from nn.history import History
from nn.plots.display import Display
from nn.plots.paint import literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes

UNITS = {
    "loss": "loss (mean per sample)",
    "accuracy": "accuracy (share of samples)",
    "seconds": "time (s)",
}


@dataclass(repr=False)
class LossCurveDisplay(Display):
    """Show a quantity of each epoch: on the training data, and on the validation data if any.

    Args:
        epochs: n numbers of epochs.
        curves: n numbers for "training" and, if there was any, for "validation".
        metric: what they measure.
        best: the epoch and the number of the best one, of the validation data if any; or None.

    >>> history = History()
    >>> history.append({"epoch": 1, "loss": 0.75, "val_loss": 0.5})
    >>> history.append({"epoch": 2, "loss": 0.25, "val_loss": 0.625})
    >>> display = LossCurveDisplay.from_history(history)
    >>> display.curves
    {'training': [0.75, 0.25], 'validation': [0.5, 0.625]}
    >>> display.best
    (1, 0.5)
    """

    epochs: list[float]
    curves: dict[str, list[float]]
    metric: str
    best: tuple[float, float] | None

    @classmethod
    def from_history(cls, history: History, metric: str = "loss") -> Self:
        """Take the columns of a history.

        Args:
            history: what `Trainer.fit` returned.
            metric: the column; that of the validation data is called `val_` before it.

        Raises:
            ShapeError: the history is empty.
            ChoiceError: there is no such column.
        """
        if not history.rows:
            raise ShapeError("the history is empty: no epoch was finished, so there is no curve")
        curves = {"training": history[metric]}
        decisive = metric
        if f"val_{metric}" in history.columns:
            decisive = f"val_{metric}"
            curves["validation"] = history[decisive]
        best = None
        if any(number == number for number in history[decisive]):
            row = history.best(decisive)
            best = row["epoch"], row[decisive]
        return cls(history["epoch"], curves, metric, best)

    def plot(self, ax: Axes | None = None, *, dark: bool = False, log: bool = False) -> Self:
        """Draw the curves, and return this display.

        Args:
            ax: axes to draw on; a figure of its own if not given.
            dark: whether such a figure is dark.
            log: whether equal ratios take equal heights; what is not above 0 is left out then.
        """
        ax, paint = self._begin(ax, dark)
        from matplotlib.ticker import MaxNLocator

        few = len(self.epochs) <= 30
        for place, (name, numbers) in enumerate(self.curves.items()):
            ax.plot(
                self.epochs,
                [number if math.isfinite(number) else math.nan for number in numbers],
                color=paint.series(place),
                linestyle=("-", "--")[place],
                linewidth=2,
                marker=("o", "^")[place] if few else None,
                markersize=4,
                label=name,
            )
        if self.best is not None and math.isfinite(self.best[1]):
            epoch, number = self.best
            ax.plot(
                [epoch],
                [number],
                linestyle="none",
                color=paint["ink"],
                marker="o",
                markersize=11,
                markerfacecolor="none",
                markeredgewidth=1.8,
                label=f"best: {number:.4g} at epoch {epoch:.0f}",
            )
        if log:
            paint.logarithmic(ax, "y")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.set_xlabel("epoch")
        ax.set_ylabel(UNITS.get(self.metric) or literal(self.metric))
        if self.curves:
            ax.legend(frameon=False, labelcolor=paint["ink"], fontsize=9)
        return self

    def __repr__(self) -> str:
        names = " and ".join(self.curves)
        count = len(self.epochs)
        return f"<LossCurveDisplay: {self.metric} of {count} epoch{'s' * (count != 1)}, {names}>"
