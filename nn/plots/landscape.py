"""The loss around the weights of a model: a slice through it, or a map."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self

from engine.errors import NumberError
from nn.errors import unknown
from nn.init import generator
from nn.losses import Loss
from nn.module import Module
from nn.plots.directions import filter_normalised, principal_plane
from nn.plots.display import Display
from nn.plots.inference import checked_module, loss_function
from nn.plots.recorder import Recorder
from nn.plots.surroundings import Around, evenly
from nn.trainer import check_count, check_samples

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from nn.plots.paint import Paint

LEVELS = 14  # of a map
STEEP = 30.0  # above this ratio of losses the levels are at equal ratios
BEYOND = 0.3  # of its span, what a map shows beyond a path


@dataclass(repr=False)
class LossLandscapeDisplay(Display):
    """Show the loss where the weights are moved along one direction or two.

    Args:
        first: r steps along the first direction.
        second: r steps along the second one; None for a slice.
        losses: the loss at each first step; of a map, row i holds those at second step i.
        path: where the optimizer went, as pairs of steps; None if that is not known.
        names: what the axes say.

    A loss that is nan or inf is kept, and left out of the picture.
    """

    size = (6.4, 4.8)

    first: list[float]
    second: list[float] | None
    losses: list[Any]
    path: list[tuple[float, float]] | None
    names: tuple[str, str]

    @classmethod
    def from_model(
        cls,
        model: Module,
        loss: str | Loss,
        inputs: Sequence[Any],
        targets: Sequence[Any],
        *,
        dimensions: Literal[1, 2] = 2,
        span: float = 1.0,
        resolution: int = 21,
        seed: int | None = 0,
    ) -> Self:
        """Look around the weights in random directions, filter-normalised.

        Args:
            model: a module; its weights are moved, and put back.
            loss: as for a Trainer.
            inputs: n samples. Fewer are faster: each loss calls the model n times.
            targets: n targets.
            dimensions: 1 for a slice of `resolution` losses; 2 for a map of the square of it.
            span: how far to look to each side; at 1 each neuron is moved by its own length.
            resolution: steps along a direction; an odd number meets the weights themselves.
            seed: of the directions.

        Raises:
            OperandError: the model is no Module.
            ShapeError: it has no parameters, or samples are missing.
            NumberError: dimensions, span or resolution is out of range.
            ChoiceError: there is no loss of that name.

        See `nn.plots.directions.filter_normalised` for the source of the formula.
        """
        name = "LossLandscapeDisplay"
        checked_module(name, model)
        check_samples(name, inputs, targets)
        check_count("resolution", resolution, 2)
        if dimensions not in (1, 2):
            raise unknown("number of dimensions", dimensions, ["1", "2"])
        if not 0 < span < math.inf:
            raise NumberError(f"span must be above 0 and finite, got {span!r}")
        rng = generator(seed)
        directions = [filter_normalised(model, rng) for _ in range(dimensions)]
        steps = evenly(-span, span, resolution)
        around = Around(model, loss_function(loss), inputs, targets)
        title = "step along a random direction (1 = the length of each neuron's weights)"
        if dimensions == 1:
            losses: list[Any] = [around.loss([(step, directions[0])]) for step in steps]
            return cls(steps, None, losses, None, (title, ""))
        return cls(
            steps,
            steps,
            around.grid(steps, directions[0], steps, directions[1]),
            [(0.0, 0.0)],
            ("step along a random direction", "step along another (1 = a neuron's length)"),
        )

    @classmethod
    def from_path(
        cls,
        recorder: Recorder,
        loss: str | Loss,
        inputs: Sequence[Any],
        targets: Sequence[Any],
        *,
        resolution: int = 21,
    ) -> Self:
        """Map the plane in which a training moved most, with the way that it took.

        Args:
            recorder: followed the training.
            loss: as for a Trainer.
            inputs: n samples. Fewer are faster: each loss calls the model n times.
            targets: n targets.
            resolution: steps along each side of the map.

        Raises:
            ShapeError: the training had below 2 epochs or did not move, or samples are missing.
            NumberError: resolution is below 2.
            ChoiceError: there is no loss of that name.
            MissingPackageError: NumPy, which comes with matplotlib, is not installed.

        See `nn.plots.directions.principal_plane` for the source of the formula.
        """
        check_samples("LossLandscapeDisplay", inputs, targets)
        check_count("resolution", resolution, 2)
        plane = principal_plane(recorder.weights)
        spans = [[point[axis] for point in plane.path] for axis in (0, 1)]
        widest = max(max(numbers) - min(numbers) for numbers in spans)
        first, second = (
            evenly(min(numbers) - margin, max(numbers) + margin, resolution)
            for numbers in spans
            for margin in [BEYOND * max(max(numbers) - min(numbers), widest / 3)]
        )
        with recorder.at(-1):
            around = Around(recorder.model, loss_function(loss), inputs, targets)
            losses = around.grid(first, plane.first, second, plane.second)
        names = [
            f"step along the path's {which} main direction ({share:.0%} of its movement)"
            for which, share in zip(("first", "second"), plane.shares, strict=True)
        ]
        return cls(first, second, losses, plane.path, (names[0], names[1]))

    def plot(self, ax: Axes | None = None, *, dark: bool = False) -> Self:
        """Draw the slice or the map, and return this display.

        Args:
            ax: axes to draw on; a figure of its own if not given.
            dark: whether such a figure is dark.
        """
        ax, paint = self._begin(ax, dark)
        if self.second is None:
            self._slice(ax, paint)
        else:
            self._map(ax, paint)
        ax.set_xlabel(self.names[0], fontsize=9)
        return self

    def _slice(self, ax: Axes, paint: Paint) -> None:
        losses = [loss if math.isfinite(loss) else math.nan for loss in self.losses]
        ax.plot(self.first, losses, color=paint["leaf"], linewidth=2.2)
        ax.axvline(0.0, color=paint["muted"], linewidth=1, linestyle=":")
        if 0.0 in self.first:
            at = losses[self.first.index(0.0)]
            ax.plot(
                [0.0],
                [at],
                linestyle="none",
                marker="o",
                markersize=8,
                color=paint["focus"],
                label=f"the weights: {at:.4g}",
            )
            ax.legend(frameon=False, labelcolor=paint["ink"], fontsize=9)
        ax.set_ylabel("loss (mean per sample)")

    def _map(self, ax: Axes, paint: Paint) -> None:
        from matplotlib.colors import LogNorm
        from numpy import ma

        ax.grid(False)
        losses = ma.masked_invalid(self.losses)
        levels, ratios = _levels([loss for row in self.losses for loss in row])
        filled = ax.contourf(
            self.first,
            self.second,
            losses,
            levels=levels,
            cmap=paint.ramp("leaf fill", "leaf", "ink"),
            norm=LogNorm(levels[0], levels[-1]) if ratios else None,
        )
        ax.contour(
            self.first,
            self.second,
            losses,
            levels=levels,
            colors=[paint["paper"]],
            linewidths=0.5,
            alpha=0.6,
            linestyles="solid",
        )
        bar = ax.figure.colorbar(filled, ax=ax, format="%.2g")
        bar.set_label("loss (mean per sample)", color=paint["ink"])
        bar.ax.tick_params(color=paint["frame"], labelcolor=paint["muted"], labelsize=9)
        bar.outline.set_edgecolor(paint["frame"])
        if self.path is not None:
            self._way(ax, paint, self.path)
        ax.set_ylabel(self.names[1], fontsize=9)

    def _way(self, ax: Axes, paint: Paint, path: list[tuple[float, float]]) -> None:
        """Draw the path, its start and its end."""
        from matplotlib.patheffects import withStroke

        halo = [withStroke(linewidth=4, foreground=paint["paper"])]
        xs, ys = [x for x, _ in path], [y for _, y in path]
        if len(path) > 1:
            ax.plot(
                xs,
                ys,
                color=paint["focus"],
                linewidth=1.8,
                marker=".",
                markersize=6,
                path_effects=halo,
                label="path, a dot an epoch",
            )
        ends = [("end" if len(path) > 1 else "the weights", "*", xs[-1], ys[-1])]
        if len(path) > 1:
            ends.insert(0, ("start", "o", xs[0], ys[0]))
        for name, marker, x, y in ends:
            ax.plot(
                [x],
                [y],
                linestyle="none",
                color=paint["focus"],
                marker=marker,
                markersize=15 if marker == "*" else 8,
                markeredgecolor=paint["paper"],
                label=name,
            )
        ax.legend(
            frameon=False,
            labelcolor=paint["ink"],
            fontsize=9,
            ncols=3,
            loc="lower left",
            bbox_to_anchor=(0, 1),
            borderaxespad=0.3,
        )

    def __repr__(self) -> str:
        if self.second is None:
            return f"<LossLandscapeDisplay: a slice of {len(self.first)} losses>"
        steps = len(self.path or ()) - 1
        way = f", a path of {steps} steps" if steps > 0 else ""
        return f"<LossLandscapeDisplay: {len(self.first)} × {len(self.second)} losses{way}>"


def _levels(losses: Sequence[float]) -> tuple[list[float], bool]:
    """Return the levels of a map, and whether they are at equal ratios."""
    finite = sorted(loss for loss in losses if math.isfinite(loss))
    if not finite:
        raise NumberError("no loss around these weights is finite: look nearer, with less span")
    low, high = finite[0], finite[-1]
    if low == high:
        low, high = low - 0.5, high + 0.5
    if low > 0 and high / low > STEEP:
        return [low * (high / low) ** (step / LEVELS) for step in range(LEVELS)] + [high], True
    return evenly(low, high, LEVELS + 1), False
