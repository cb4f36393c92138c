"""Which classes are taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from engine.errors import ShapeError
from engine.view.theme import SHADES
from nn.metrics import confusion_matrix, predicted_label
from nn.plots.display import Display
from nn.plots.inference import Model, outputs_of
from nn.plots.paint import literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FULL = f"positive {SHADES}"  # the strongest shade that text can be read on
ROOM = 36  # letters that stand beside each other beneath the table


@dataclass(repr=False)
class ConfusionMatrixDisplay(Display):
    """Show how often each class was taken for each.

    Args:
        counts: row i, column j holds how often class i was taken for class j.
        class_names: a name for each class.

    >>> display = ConfusionMatrixDisplay.from_predictions([0, 1, 1], [0, 0, 1])
    >>> display.counts
    [[1, 1], [0, 1]]
    """

    size = (5.6, 5.0)

    counts: list[list[int]]
    class_names: tuple[str, ...]

    @classmethod
    def from_predictions(
        cls, predictions: Sequence[int], targets: Sequence[int], class_names: Sequence[str] = ()
    ) -> Self:
        """Count predictions, as `nn.metrics.confusion_matrix` does.

        Args:
            predictions: n class indices.
            targets: n class indices.
            class_names: a name for each class; the indices that occur if not given.

        Raises:
            ShapeError: the lengths differ or are 0.
            LabelError: an index is that of no class.
        """
        most = max((*predictions, *targets), default=0)
        names = tuple(class_names) or tuple(map(str, range(int(most) + 1)))
        return cls(confusion_matrix(predictions, targets, len(names)), names)

    @classmethod
    def from_model(
        cls,
        model: Model,
        inputs: Sequence[Any],
        targets: Sequence[float],
        class_names: Sequence[str] = (),
    ) -> Self:
        """Ask the model for the class of each sample, and count.

        Args:
            model: a function of one sample; its output is a score of class 1, or a row of scores.
            inputs: n samples.
            targets: n class indices; for a single score also -1 and 1.
            class_names: as above.

        Raises:
            ShapeError, LabelError: as above.
        """
        if len(inputs) != len(targets):
            raise ShapeError(f"{len(inputs)} inputs but {len(targets)} targets")
        predictions = [predicted_label(output) for output in outputs_of(model, inputs)]
        return cls.from_predictions(predictions, [max(int(t), 0) for t in targets], class_names)

    def plot(self, ax: Axes | None = None, *, dark: bool = False) -> Self:
        """Draw the counts as a table of colours, and return this display.

        Args:
            ax: axes to draw on; a figure of its own if not given.
            dark: whether such a figure is dark.

        The colour is the share of the true class, so that rare classes are seen as well.
        """
        ax, paint = self._begin(ax, dark)
        from matplotlib.colors import PowerNorm  # a square root, so that a single slip is seen

        shares = [[count / (sum(row) or 1) for count in row] for row in self.counts]
        image = ax.imshow(shares, cmap=paint.ramp("paper", FULL), norm=PowerNorm(0.5, 0, 1))
        names = [literal(name) for name in self.class_names]
        places = range(len(names))
        size = max(6.0, min(12.0, 110 / len(places) / 1.1))
        for i in places:
            for j in places:
                if self.counts[i][j]:
                    ax.text(
                        j,
                        i,
                        f"{self.counts[i][j]:,}",
                        ha="center",
                        va="center",
                        fontsize=size,
                        fontweight="bold" if i == j else "normal",
                        color=paint["ink"],
                    )
        long = sum(map(len, names)) > ROOM
        ax.set_xticks(
            places,
            names,
            rotation=45 if long else 0,
            ha="right" if long else "center",
            rotation_mode="anchor",
        )
        ax.set_yticks(places, names)
        ax.grid(False)
        ax.set_xlabel("predicted class")
        ax.set_ylabel("true class")
        bar = ax.figure.colorbar(image, ax=ax, format="{x:.0%}", fraction=0.046, pad=0.04)
        bar.set_label("share of the true class", color=paint["ink"])
        bar.ax.tick_params(color=paint["frame"], labelcolor=paint["muted"], labelsize=9)
        bar.outline.set_edgecolor(paint["frame"])
        return self

    def __repr__(self) -> str:
        total = sum(map(sum, self.counts))
        return f"<ConfusionMatrixDisplay: {len(self.class_names)} classes, {total} samples>"
