"""Displays of networks of Tensors show what those of the same network of Values do."""

import math
import random

import pytest

from engine import Tensor
from nn import MLP, SGD, Trainer, losses
from nn.layers import Linear, Sequential
from nn.plots import (
    ConfusionMatrixDisplay,
    DecisionBoundaryDisplay,
    GradientFlowDisplay,
    LearningRateDisplay,
    LossLandscapeDisplay,
    Recorder,
    WeightsDisplay,
)
from nn.plots.directions import filter_normalised

INPUTS = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
TARGETS = [0, 1, 1, 0]
LOSS = "binary_cross_entropy_with_logits"


def pair():
    """Return a network of Values and its twin of Tensors."""
    network = MLP(2, [3, 1], activation="tanh", seed=1)
    return network, network.tensor()


def test_a_boundary_and_a_confusion_matrix_are_the_same():
    values, tensors = (
        DecisionBoundaryDisplay.from_model(model, INPUTS, TARGETS, resolution=5) for model in pair()
    )
    for shown, expected in zip(tensors.probabilities, values.probabilities, strict=True):
        assert shown == [pytest.approx(row) for row in expected]
    assert tensors.predictions == values.predictions
    counts = [ConfusionMatrixDisplay.from_model(model, INPUTS, TARGETS).counts for model in pair()]
    assert counts[0] == counts[1]


def test_one_score_in_a_row_is_the_score_of_class_1():
    """As from a Sequential, which ends in rows of one number."""
    model = Sequential(Linear(2, 1, init="zeros"))
    model.layers[0].bias.data = [math.log(3)]
    display = DecisionBoundaryDisplay.from_model(model, INPUTS, TARGETS, resolution=2)
    assert display.probabilities[1] == [pytest.approx([0.75, 0.75])] * 2
    assert display.predictions == [1, 1, 1, 1]


def test_a_slice_of_the_loss_is_the_same_where_the_directions_are(monkeypatch):
    """Directions are drawn in the order of the weights, so these are given."""
    direction = iter([[0.5] * 13] * 2)
    monkeypatch.setattr("nn.plots.landscape.filter_normalised", lambda *_: next(direction))
    values, tensors = (
        LossLandscapeDisplay.from_model(
            model, LOSS, INPUTS, TARGETS, dimensions=1, resolution=5
        ).losses
        for model in pair()
    )
    assert tensors == pytest.approx(values)


def test_a_direction_is_as_long_in_every_neuron_as_its_weights():
    """A neuron of a Linear is a row of its weight with a number of its bias."""
    layer = Linear(2, 3, init="zeros")
    layer.weight.data = [[3.0, 0.0], [0.0, 1.0], [0.0, 0.0]]
    layer.bias.data = [4.0, 0.0, 2.0]
    drawn = filter_normalised(layer, random.Random(0))
    lengths = [math.hypot(drawn[2 * k], drawn[2 * k + 1], drawn[6 + k]) for k in range(3)]
    assert lengths == pytest.approx([5.0, 1.0, 2.0])


def test_gradients_by_layer_are_the_same():
    network, twin = pair()
    losses.mse([network(row) for row in INPUTS], TARGETS).backward()
    losses.mse(twin(Tensor(INPUTS)), Tensor(TARGETS)).backward()
    values, tensors = map(GradientFlowDisplay.from_model, (network, twin))
    assert tensors.layers == values.layers
    assert tensors.means == pytest.approx(values.means)
    assert tensors.largest == pytest.approx(values.largest)


def test_weights_are_images_row_by_row():
    network, twin = pair()
    images = [WeightsDisplay.from_model(model, (1, 2)).images for model in (network, twin)]
    assert images[0] == images[1]


def test_the_search_for_a_rate_meets_the_same_losses_and_puts_the_weights_back():
    found = []
    for model in pair():
        trainer = Trainer(model, LOSS, SGD(model.parameters(), lr=0.1), progress=False)
        before = model.state_dict()
        found.append(LearningRateDisplay.from_trainer(trainer, INPUTS, TARGETS, steps=6))
        assert str(model.state_dict()) == str(before)
    assert found[1].losses == pytest.approx(found[0].losses)


def test_a_recorder_keeps_the_weights_of_each_epoch_and_maps_the_way():
    _, twin = pair()
    recorder = Recorder(twin)
    start = recorder.weights[0]
    Trainer(twin, LOSS, SGD(twin.parameters(), lr=0.5), progress=recorder).fit(INPUTS, TARGETS, 3)
    assert len(recorder) == 4
    assert start == twin_weights(pair()[1]) != recorder.weights[-1] == twin_weights(twin)
    with recorder.at(0) as model:
        assert twin_weights(model) == start
    assert twin_weights(twin) == recorder.weights[-1]
    display = LossLandscapeDisplay.from_path(recorder, LOSS, INPUTS, TARGETS, resolution=3)
    assert len(display.path) == 4


def twin_weights(model):
    """Return all numbers of a model, by another way than the displays go."""
    return [number for p in model.parameters() for number in p.data.flatten().tolist()]
