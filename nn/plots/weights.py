"""The weights of neurons that look at images, as images."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from engine.errors import OperandError, ShapeError
from nn.plots.display import Display

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GAP = 1  # pixels between images


@dataclass(repr=False)
class WeightsDisplay(Display):
    """Show what each neuron of a layer looks for: its weights, laid out as the inputs are.

    Args:
        images: for each neuron, rows of weights.
        names: for each neuron, its name.

    >>> from nn import Layer, MLP
    >>> mlp = MLP(4, [2, 1], init=lambda rng, fan_in, fan_out: 1.0)
    >>> WeightsDisplay.from_model(mlp, shape=(2, 2)).images
    [[[1.0, 1.0], [1.0, 1.0]], [[1.0, 1.0], [1.0, 1.0]]]
    """

    size = (6.4, 3.4)

    images: list[list[list[float]]]
    names: list[str]

    @classmethod
    def from_model(cls, model: Any, shape: tuple[int, int], layer: int = 0) -> Self:
        """Take the weights of a layer of an MLP.

        Args:
            model: has `layers`, which have neurons with weights `w`, or a Tensor `weight` with a
                row for each neuron.
            shape: rows and columns of an image; their product is the number of weights of a neuron.
            layer: which layer.

        Raises:
            OperandError: the model is not made like that, or has no such layer.
            ShapeError: the weights of a neuron do not fill such an image.
        """
        try:
            chosen = model.layers[layer]
            if hasattr(chosen, "weight"):
                weights = [[float(number) for number in row] for row in chosen.weight.tolist()]
            else:
                weights = [[weight.data for weight in neuron.w] for neuron in chosen.neurons]
        except (AttributeError, TypeError, IndexError):
            raise OperandError(
                f"WeightsDisplay takes a model whose layers have neurons with weights w, such as "
                f"nn.MLP, or a weight, such as Linear; got {type(model).__name__} and layer "
                f"{layer!r}"
            ) from None
        rows, columns = shape
        for numbers in weights:
            if len(numbers) != rows * columns:
                raise ShapeError(
                    f"a neuron of layer {layer} has {len(numbers)} weights, which do not fill an "
                    f"image of {rows} × {columns}"
                )
        images = [
            [numbers[row * columns : (row + 1) * columns] for row in range(rows)]
            for numbers in weights
        ]
        return cls(images, [f"neuron{place}" for place in range(len(weights))])

    def plot(
        self, ax: Axes | None = None, *, dark: bool = False, columns: int | None = None
    ) -> Self:
        """Draw the images side by side in one scale of colours, and return this display.

        Args:
            ax: axes to draw on; a figure of its own if not given.
            dark: whether such a figure is dark.
            columns: images side by side; about twice as many as beneath each other if not given.
        """
        ax, paint = self._begin(ax, dark)
        wide = columns or math.ceil(math.sqrt(2 * len(self.images)))
        mosaic, corners = self._mosaic(wide)
        largest = max(
            (abs(w) for image in self.images for row in image for w in row if math.isfinite(w)),
            default=1.0,
        )
        colours = paint.ramp("negative", "paper", "positive").with_extremes(bad=paint["paper"])
        image = ax.imshow(mosaic, cmap=colours, vmin=-largest or -1.0, vmax=largest or 1.0)
        height, width = len(self.images[0]), len(self.images[0][0])
        for place, (top, left) in enumerate(corners):
            ax.text(
                left - 0.4, top - 0.62, str(place), fontsize=7, color=paint["muted"], va="bottom"
            )
            ax.plot(
                [left - 0.5, left + width - 0.5, left + width - 0.5, left - 0.5, left - 0.5],
                [top - 0.5, top - 0.5, top + height - 0.5, top + height - 0.5, top - 0.5],
                color=paint["frame"],
                linewidth=0.8,
            )
        ax.set_xlim(-1, len(mosaic[0]))
        ax.set_ylim(len(mosaic), -1)
        ax.set_axis_off()
        bar = ax.figure.colorbar(image, ax=ax, fraction=0.03, pad=0.03)
        bar.set_label("weight (per unit of input)", color=paint["ink"])
        bar.ax.tick_params(color=paint["frame"], labelcolor=paint["muted"], labelsize=9)
        bar.outline.set_edgecolor(paint["frame"])
        return self

    def _mosaic(self, wide: int) -> tuple[list[list[float]], list[tuple[int, int]]]:
        """Return all images in one, with nan between them, and where each begins."""
        height, width = len(self.images[0]), len(self.images[0][0])
        down = math.ceil(len(self.images) / wide)
        step_down, step_right = height + 2 * GAP, width + GAP
        blank = [math.nan] * (wide * step_right - GAP)
        mosaic = [list(blank) for _ in range(down * step_down - GAP)]
        corners = []
        for place, image in enumerate(self.images):
            top, left = place // wide * step_down + GAP, place % wide * step_right
            corners.append((top, left))
            for i, row in enumerate(image):
                mosaic[top + i][left : left + width] = row
        return mosaic, corners

    def __repr__(self) -> str:
        height, width = len(self.images[0]), len(self.images[0][0])
        return f"<WeightsDisplay: {len(self.images)} images of {height} × {width} weights>"
