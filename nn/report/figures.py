"""The figures of a report: SVG inside the page, in a light and a dark form."""

from __future__ import annotations

import base64
import re
import warnings
from collections.abc import Callable
from html import escape
from io import BytesIO

from nn.data import Dataset
from nn.history import History
from nn.plots import (
    DecisionBoundaryDisplay,
    LossCurveDisplay,
    PredictionErrorDisplay,
    WeightsDisplay,
)
from nn.plots.display import Display
from nn.predictor import Predictor

NOT_DRAWN = re.compile(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<metadata>.*?</metadata>", re.DOTALL)
RESOLUTION = 45  # of a decision boundary, which is smooth in between
MOST_POINTS = 1_000  # of a figure
STEEP = 30.0  # above this ratio of the first loss to the least, equal ratios take equal heights


def curves(history: History) -> str:
    """Return the curves of the loss and, of a classifier, of the accuracy."""
    if not history.rows:
        return "<p>No epoch was finished.</p>"
    losses = LossCurveDisplay.from_history(history)
    numbers = [number for curve in losses.curves.values() for number in curve]
    log = min(numbers) > 0 and max(numbers) > STEEP * min(numbers)
    shown = [picture(lambda dark: losses.plot(dark=dark, log=log), "Loss by epoch")]
    if "accuracy" in history.columns:
        accuracies = LossCurveDisplay.from_history(history, "accuracy")
        shown.append(picture(lambda dark: accuracies.plot(dark=dark), "Accuracy by epoch"))
    return "".join(shown)


def boundary(predictor: Predictor, samples: Dataset) -> str:
    """Return the decision boundary of a classifier of two features, over the units of the user."""

    def answer(row: list[float]) -> object:
        return predictor.model(predictor.scale([row])[0])

    samples = samples.take(_spread(len(samples)))
    display = DecisionBoundaryDisplay.from_model(
        answer,
        samples.inputs,
        samples.targets,
        resolution=RESOLUTION,
        feature_names=predictor.feature_names,
        class_names=predictor.class_names,
    )
    return picture(
        lambda dark: display.plot(dark=dark),
        "The class that the network sees at each point, and the test samples",
    )


def errors(name: str, answers: list[float], samples: Dataset) -> str:
    """Return the predictions of a regression over the true numbers."""
    rows = _spread(len(samples))
    display = PredictionErrorDisplay.from_predictions(
        [answers[row] for row in rows], [samples.targets[row] for row in rows], name
    )
    return picture(
        lambda dark: display.plot(dark=dark),
        "Predicted numbers over true ones; on the dashed line they are right",
    )


def weights(predictor: Predictor, shape: tuple[int, int]) -> str:
    """Return the weights of the first layer as images."""
    display = WeightsDisplay.from_model(predictor.model, shape)
    return picture(
        lambda dark: display.plot(dark=dark),
        "What each neuron of the first layer looks for, as an image of weights",
    )


def picture(plot: Callable[[bool], Display], words: str) -> str:
    """Return a display in two forms, of which the reader sees the one for light or for dark pages.

    Args:
        plot: draws it, dark or not.
        words: for those who do not see it.

    Both are images that CSS shows or hides: a browser would print a `<picture>` as dark as it was
    on the screen.
    """
    return "".join(
        f'<img class="{kind}" src="{_address(_svg(plot(kind == "dark")))}" alt="{escape(words)}">'
        for kind in ("light", "dark")
    )


def _spread(count: int) -> range:
    """Return the rows that are drawn of so many: all, or some evenly spread."""
    return range(0, count, -(-count // MOST_POINTS))


def _svg(display: Display) -> bytes:
    """Return a figure as SVG whose text is text; the same one gives the same bytes."""
    from matplotlib import rc_context

    file = BytesIO()
    with (
        rc_context({"svg.fonttype": "none", "svg.hashsalt": "stepgrad"}),
        warnings.catch_warnings(),
    ):
        # A letter that matplotlib has no picture of is drawn by the browser.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        display.figure_.savefig(file, format="svg", metadata={"Date": None})
    return NOT_DRAWN.sub("", file.getvalue().decode()).strip().encode()


def _address(svg: bytes) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"
