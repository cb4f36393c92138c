"""The part of a report that is stepped through: the loss of one sample, back to the weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import engine
from engine import Value, no_grad
from engine.errors import MissingGraphviz
from engine.view.formatting import shorten
from nn.backends import plain
from nn.neuron import MLP
from nn.predictor import Predictor

MOST_PARAMETERS = 400  # of the layers that are stepped through: a page of a second and a megabyte
LONGEST = 24  # letters of a name


def network(predictor: Predictor, row: Sequence[float]) -> str:
    """Return the picture of a network with the activations of a sample, or how to get one."""
    try:
        return engine.draw(predictor.model, sample=row).to_svg()
    except MissingGraphviz as error:
        return f'<p class="missing">{error}</p>'


def stepper(predictor: Predictor, row: Sequence[float], target: float) -> tuple[str, str]:
    """Return what is stepped through, in words, and the player.

    Args:
        predictor: the model is an MLP; its gradients are cleared.
        row: the sample as the model sees it.
        target: its target as the model sees it.

    Of a network with many weights only the last layers are stepped through, from what comes out of
    the layers before; if the very last one is too large, only the loss.
    """
    model: Any = predictor.model
    model.zero_grad()
    layers = list(model.layers)
    start = _start(model)
    with no_grad():
        given = list(row)
        for layer in layers[:start]:
            given = plain(layer(given))
    values = [
        Value(number, label=name, requires_grad=start > 0)
        for number, name in zip(given, _names(predictor, start), strict=True)
    ]
    for place, layer in enumerate(layers[start:], start + 1):
        values = layer(values)
        for value, name in zip(values, _names(predictor, place), strict=True):
            value.label = name
    loss_of: Any = predictor.loss
    (loss,) = loss_of([values if len(values) > 1 else values[0]], [target], reduction="none")
    loss.label = "loss"
    player = engine.steps(loss)._repr_mimebundle_()["text/html"]
    return _words(start, len(layers)), player


def _names(predictor: Predictor, place: int) -> list[str]:
    """Return the names of what goes into a layer, the first one being layer 0."""
    model: Any = predictor.model
    if place == 0:
        names = list(predictor.feature_names)
    elif place < len(model.layers):
        names = [f"h{place - 1}_{neuron}" for neuron in range(model.widths[place - 1])]
    elif model.widths[-1] == 1:
        names = ["score" if predictor.class_names else "prediction"]
    else:
        names = [f"score_{name}" for name in predictor.class_names]
    return [shorten(name, LONGEST) for name in names]


def _words(start: int, layers: int) -> str:
    hidden = "h0_3 is what comes out of neuron3 of layer0"
    if start == 0:
        return "the whole network" + (f"; {hidden}" if layers > 1 else "")
    if start == layers:
        return "the scores, from where they are given"
    if start == layers - 1:
        return f"the last layer, from what it is given; {hidden}"
    return f"the last {layers - start} layers, from what they are given; {hidden}"


def _start(model: MLP) -> int:
    """Return the first of the last layers that together have few enough weights."""
    start, parameters = len(model.layers), 0
    for layer in reversed(model.layers):
        parameters += len(layer.parameters())
        if parameters > MOST_PARAMETERS:
            break
        start -= 1
    return start
