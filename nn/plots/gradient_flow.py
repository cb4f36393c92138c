"""How large the gradients are that reach each layer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from engine.errors import GraphError
from nn.module import Module
from nn.plots.display import Display
from nn.plots.inference import checked_module, numbers_of
from nn.plots.paint import literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(repr=False)
class GradientFlowDisplay(Display):
    """Show the sizes of the gradients of each layer's parameters, |∂L/∂w|.

    Args:
        layers: names of n layers, the first one nearest to the inputs.
        means: the mean size in each layer.
        largest: the largest size in each layer.
        zeros: the share of the gradients in each layer that are exactly 0, from 0 to 1.

    Where they shrink from layer to layer on the way back, they vanish; where they grow, they
    explode; where most are 0, the rectifiers of that layer are dead.

    >>> from nn import MLP
    >>> mlp = MLP(1, [1, 1], activation=None, seed=0)
    >>> mlp.load_state_dict(dict.fromkeys(mlp.state_dict(), 0.5))
    >>> mlp([2.0]).backward()  # 0.5 (0.5 · 2 + 0.5) + 0.5
    >>> display = GradientFlowDisplay.from_model(mlp)
    >>> display.layers, display.means, display.largest
    (['layer0', 'layer1'], [0.75, 1.25], [1.0, 1.5])
    """

    layers: list[str]
    means: list[float]
    largest: list[float]
    zeros: list[float]

    @classmethod
    def from_model(cls, model: Module) -> Self:
        """Take the gradients that the parameters hold since the last `backward()`.

        Args:
            model: a layer is each module that it holds itself; parameters of its own count as one
                by their name.

        Raises:
            OperandError: the model is no Module.
            ShapeError: it has no parameters.
            GraphError: a gradient is not computed yet.
        """
        sizes: dict[str, list[float]] = {}
        for name, parameter in checked_module("GradientFlowDisplay", model).named_parameters():
            if parameter.grad is None:
                raise GraphError(
                    f"the gradient of {name} is not computed yet; call loss.backward() first"
                )
            layer = sizes.setdefault(name.partition(".")[0], [])
            layer += map(abs, numbers_of(parameter.grad))
        return cls(
            list(sizes),
            [math.fsum(layer) / len(layer) for layer in sizes.values()],
            [max(layer) for layer in sizes.values()],
            [layer.count(0.0) / len(layer) for layer in sizes.values()],
        )

    def plot(self, ax: Axes | None = None, *, dark: bool = False) -> Self:
        """Draw a bar to the mean and a mark at the largest one, and return this display.

        Args:
            ax: axes to draw on; a figure of its own if not given.
            dark: whether such a figure is dark.

        The scale is logarithmic, on which a layer without any gradient has no bar.
        """
        ax, paint = self._begin(ax, dark)
        places = range(len(self.layers))
        shown = [number for number in (*self.means, *self.largest) if 0 < number < math.inf]
        floor = min(shown, default=1.0) / 10
        ax.bar(
            places,
            [mean if 0 < mean < math.inf else math.nan for mean in self.means],
            bottom=0,
            width=0.55,
            color=paint["leaf"],
            label="mean",
        )
        ax.plot(
            places,
            [size if 0 < size < math.inf else math.nan for size in self.largest],
            linestyle="none",
            marker="v",
            markersize=8,
            color=paint["focus"],
            label="largest",
        )
        ax.set_yscale("log")
        ax.set_ylim(floor, 4 * max(shown, default=1.0))
        paint.logarithmic(ax, "y")
        ax.grid(False, axis="x")
        labels = [
            literal(name) + (f"\n{zero:.0%} are 0" if zero else "")
            for name, zero in zip(self.layers, self.zeros, strict=True)
        ]
        ax.set_xticks(list(places), labels)
        ax.set_xlabel("layer, from the inputs to the outputs")
        ax.set_ylabel("size of the gradient, |∂L/∂w|")
        ax.legend(frameon=False, labelcolor=paint["ink"], fontsize=9)
        return self

    def __repr__(self) -> str:
        return f"<GradientFlowDisplay: {len(self.layers)} layers>"
