"""Where a classifier of two features changes its mind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from engine.errors import NumberError, ShapeError
from nn.metrics import predicted_label
from nn.plots.display import Display
from nn.plots.inference import Model, outputs_of, probabilities
from nn.plots.paint import MARKERS, literal
from nn.trainer import check_count, check_samples

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STEPS = 5  # shades of a class, from undecided to sure
FULLEST = 0.5  # share of the class's colour where it is sure
LINE = 93  # letters that stand side by side above the picture


@dataclass(repr=False)
class DecisionBoundaryDisplay(Display):
    """Show the classes of the plane, how sure the model is of them, and the samples on it.

    Args:
        xs: r numbers of the first feature, from left to right.
        ys: r numbers of the second feature, from bottom to top.
        probabilities: for each class, the probability at (xs[j], ys[i]) in row i, column j.
        inputs: n samples of 2 features.
        targets: n class indices.
        predictions: n class indices, what the model takes the samples for.
        feature_names: two names.
        class_names: a name for each class.

    >>> line = lambda row: 4 * row[0] - 2  # above 0, which means class 1, right of x = 0.5
    >>> display = DecisionBoundaryDisplay.from_model(
    ...     line, [[0.0, 0.0], [1.0, 1.0]], [0, 1], resolution=3, margin=0
    ... )
    >>> display.xs, display.probabilities[1][0][1], display.predictions
    ([0.0, 0.5, 1.0], 0.5, [0, 1])
    """

    size = (6.4, 4.8)

    xs: list[float]
    ys: list[float]
    probabilities: list[list[list[float]]]
    inputs: list[list[float]]
    targets: list[int]
    predictions: list[int]
    feature_names: tuple[str, str]
    class_names: tuple[str, ...]

    @classmethod
    def from_model(
        cls,
        model: Model,
        inputs: Sequence[Sequence[float]],
        targets: Sequence[float],
        *,
        resolution: int = 60,
        margin: float = 0.1,
        feature_names: Sequence[str] = ("x", "y"),
        class_names: Sequence[str] = (),
    ) -> Self:
        """Ask the model all over the plane around the samples.

        Args:
            model: a function of 2 features; its output is a score of class 1, or a row of scores.
            inputs: n samples of 2 features.
            targets: n class indices; for a single score also -1 and 1.
            resolution: points along each side; the model is called for the square of it.
            margin: how far the plane reaches beyond the samples, as a share of their span.
            feature_names: of the axes.
            class_names: of the legend; the indices if not given.

        Raises:
            ShapeError: a sample is not of 2 features, or there are no samples.
            NumberError: resolution is below 2, or margin below 0.
        """
        check_samples("DecisionBoundaryDisplay", inputs, targets)
        check_count("resolution", resolution, 2)
        if not margin >= 0:
            raise NumberError(f"margin must be 0 or more, got {margin!r}")
        for place, row in enumerate(inputs):
            if len(row) != 2:
                raise ShapeError(
                    f"a decision boundary is drawn over 2 features; row {place} has {len(row)}"
                )
        xs, ys = (_axis([float(row[k]) for row in inputs], resolution, margin) for k in (0, 1))
        grid = [
            [probabilities(output) for output in outputs_of(model, [[x, y] for x in xs])]
            for y in ys
        ]
        classes = len(grid[0][0])
        names = tuple(class_names) or tuple(map(str, range(classes)))
        if len(names) != classes:
            raise ShapeError(f"{len(names)} class names, but the model tells {classes} classes")
        return cls(
            xs,
            ys,
            [[[point[k] for point in row] for row in grid] for k in range(classes)],
            [[float(x) for x in row] for row in inputs],
            [max(int(target), 0) for target in targets],
            [predicted_label(output) for output in outputs_of(model, inputs)],
            (str(feature_names[0]), str(feature_names[1])),
            names,
        )

    def plot(self, ax: Axes | None = None, *, dark: bool = False) -> Self:
        """Draw the regions, their borders and the samples, and return this display.

        Args:
            ax: axes to draw on; a figure of its own if not given.
            dark: whether such a figure is dark.
        """
        ax, paint = self._begin(ax, dark)
        ax.grid(False)
        levels = [step / STEPS for step in range(STEPS)] + [1.01]
        for k in range(len(self.class_names)):
            lead = self._lead(k)
            if max(map(max, lead)) <= 0:
                continue  # nowhere the first
            colour = paint.series(k)
            shades = [paint.shade(colour, FULLEST * (step + 1) / STEPS) for step in range(STEPS)]
            ax.contourf(self.xs, self.ys, lead, levels=levels, colors=shades)
            if min(map(min, lead)) < 0:
                ax.contour(
                    self.xs, self.ys, lead, levels=[0.0], colors=[paint["ink"]], linewidths=1.2
                )
        for k, name in enumerate(self.class_names):
            rows = [
                row for row, target in zip(self.inputs, self.targets, strict=True) if target == k
            ]
            ax.scatter(
                [x for x, _ in rows],
                [y for _, y in rows],
                s=26,
                color=paint.series(k),
                marker=MARKERS[k % len(MARKERS)],
                edgecolors=paint["paper"],
                linewidths=0.7,
                label=literal(name),
                zorder=3,
            )
        wrong = [
            row
            for row, target, taken in zip(self.inputs, self.targets, self.predictions, strict=True)
            if target != taken
        ]
        if wrong:
            ax.scatter(
                [x for x, _ in wrong],
                [y for _, y in wrong],
                s=110,
                facecolors="none",
                edgecolors=paint["ink"],
                linewidths=1.6,
                label=f"wrong ({len(wrong)})",
                zorder=4,
            )
        ax.set_xlim(self.xs[0], self.xs[-1])
        ax.set_ylim(self.ys[0], self.ys[-1])
        ax.set_xlabel(literal(self.feature_names[0]))
        ax.set_ylabel(literal(self.feature_names[1]))
        longest = max(map(len, map(literal, (*self.class_names, "wrong (99)"))))
        ax.legend(
            frameon=False,
            labelcolor=paint["ink"],
            fontsize=9,
            ncols=max(1, LINE // (longest + 6)),
            loc="lower left",
            bbox_to_anchor=(0, 1),
            borderaxespad=0.3,
            handletextpad=0.3,
        )
        return self

    def _lead(self, k: int) -> list[list[float]]:
        """Return by how much the probability of a class is above that of the next likely one."""
        others = [grid for place, grid in enumerate(self.probabilities) if place != k]
        return [
            [own - max(grid[i][j] for grid in others) for j, own in enumerate(row)]
            for i, row in enumerate(self.probabilities[k])
        ]

    def __repr__(self) -> str:
        return (
            f"<DecisionBoundaryDisplay: {len(self.class_names)} classes on {len(self.xs)} × "
            f"{len(self.ys)} points, {len(self.inputs)} samples>"
        )


def _axis(numbers: list[float], resolution: int, margin: float) -> list[float]:
    """Return evenly spaced numbers over the span of some, and a margin beyond."""
    low, high = min(numbers), max(numbers)
    beyond = margin * (high - low) or 0.5 * (low == high)
    low, high = low - beyond, high + beyond
    return [low + (high - low) * step / (resolution - 1) for step in range(resolution)]
