"""One display of each kind, small enough to say what it draws."""

from __future__ import annotations

import math
from collections.abc import Callable

from nn import MLP, History
from nn.plots import (
    ConfusionMatrixDisplay,
    DecisionBoundaryDisplay,
    GradientFlowDisplay,
    LearningRateDisplay,
    LossCurveDisplay,
    LossLandscapeDisplay,
    PredictionErrorDisplay,
    WeightsDisplay,
)
from nn.plots.display import Display

STRANGE = ("a $x$ and $y$", "_hidden <b>", "a name of more letters than there is room for")


def curves() -> LossCurveDisplay:
    """Return the curves of three epochs."""
    history = History()
    for epoch, (loss, held) in enumerate([(4.0, 3.0), (2.0, 1.0), (1.0, 2.0)], 1):
        history.append({"epoch": epoch, "loss": loss, "val_loss": held})
    return LossCurveDisplay.from_history(history)


def boundary() -> DecisionBoundaryDisplay:
    """Return the plane of three classes, one sample of each in its own and one of 0 in that of 1.

    Class 0 is where x and y are below 0.5, class 1 right of it, class 2 above, by the larger.
    """
    return DecisionBoundaryDisplay.from_model(
        lambda row: [0.5, row[0], row[1]],
        [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.9, 0.1]],
        [0, 1, 2, 0],
        resolution=11,
        margin=0.0,
        class_names=STRANGE,
        feature_names=("width in $", "_height"),
    )


def landscape() -> LossLandscapeDisplay:
    """Return a map with a path and a loss that is no number."""
    losses = [[3.0, 2.0, math.nan], [2.0, 1.0, 2.0], [math.inf, 2.0, 400.0]]
    steps = [-1.0, 0.0, 1.0]
    return LossLandscapeDisplay(
        steps, steps, losses, [(-0.5, -0.5), (0.5, 0.0), (0.0, 0.0)], ("along", "across")
    )


def flow() -> GradientFlowDisplay:
    """Return the gradients of a layer with dead neurons and of one without."""
    return GradientFlowDisplay(["layer0", "layer1"], [0.0, 0.5], [0.0, 2.0], [1.0, 0.0])


MAKERS: dict[str, Callable[[], Display]] = {
    "curves": curves,
    "boundary": boundary,
    "map": landscape,
    "slice": lambda: LossLandscapeDisplay([-1.0, 0.0, 1.0], None, [1.0, 0.5, 1.0], None, ("a", "")),
    "flow": flow,
    "rates": lambda: LearningRateDisplay([0.1, 1.0, 10.0], [3.0, 2.0, 9.0], [3.0, 2.5, 9.0], 1.0),
    "confusion": lambda: ConfusionMatrixDisplay([[9, 1, 0], [0, 5, 0], [0, 0, 0]], STRANGE),
    "weights": lambda: WeightsDisplay.from_model(MLP(4, [5, 1], seed=0), (2, 2)),
    "errors": lambda: PredictionErrorDisplay([1.0, 2.5], [1.0, 2.0], "price ($k$)"),
}
