"""Losses around weights, the plane of a path and the range test, against closed forms."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import NumberError, OperandError, ShapeError
from nn import MLP, SGD, ChoiceError, Neuron, Trainer
from nn.init import generator
from nn.plots import LearningRateDisplay, LossLandscapeDisplay, Recorder
from nn.plots.directions import filter_normalised, principal_plane
from nn.plots.lr_finder import KEPT, smooth, steepest

EXACT = 1e-12  # relative: a few dozen roundings


def line(w: float = 3.0, b: float = -1.0) -> Neuron:
    """Return the neuron w·x + b."""
    neuron = Neuron(1, activation=None)
    neuron.load_state_dict({"w0": w, "b": b})
    return neuron


# ----- Directions --------------------------------------------------------------------------------


def test_a_direction_is_as_long_in_each_neuron_as_its_weights_are() -> None:
    mlp = MLP(2, [3, 1], seed=0)
    for parameter in mlp.layers[0].neurons[1].parameters():
        parameter.data *= 100
    direction = filter_normalised(mlp, generator(1))
    place = 0
    for neuron in [neuron for layer in mlp.layers for neuron in layer.neurons]:
        weights = [parameter.data for parameter in neuron.parameters()]
        part = direction[place : place + len(weights)]
        assert math.hypot(*part) == pytest.approx(math.hypot(*weights), rel=EXACT)
        place += len(weights)
    assert place == len(direction)


def test_a_direction_is_that_of_its_seed() -> None:
    mlp = MLP(2, [3, 1], seed=0)
    assert filter_normalised(mlp, generator(1)) == filter_normalised(mlp, generator(1))
    assert filter_normalised(mlp, generator(1)) != filter_normalised(mlp, generator(2))


# ----- The landscape of a parabola ---------------------------------------------------------------


def parabola(model: Neuron, seed: int) -> tuple[Callable[..., float], list[float], list[float]]:
    """Return the loss of 2·w + b against 5 after steps, and the directions of the seed."""
    rng = generator(seed)
    first, second = filter_normalised(model, rng), filter_normalised(model, rng)
    w, b = (parameter.data for parameter in model.parameters())

    def loss(along: float, across: float = 0.0) -> float:
        moved = [
            weight + along * d + across * e
            for weight, d, e in zip((w, b), first, second, strict=True)
        ]
        return (2 * moved[0] + moved[1] - 5) ** 2

    return loss, first, second


def test_a_slice_through_a_parabola_is_a_parabola() -> None:
    model = line()
    loss, _, _ = parabola(model, seed=3)
    display = LossLandscapeDisplay.from_model(
        model, "mse", [[2.0]], [5.0], dimensions=1, span=2.0, resolution=5, seed=3
    )
    assert display.first == [-2.0, -1.0, 0.0, 1.0, 2.0]
    assert display.second is None
    assert display.losses[2] == 0.0  # 2 · 3 - 1 is 5
    assert display.losses == pytest.approx([loss(a) for a in display.first], rel=1e-9)
    assert display.losses[0] > 0.1


def test_a_map_of_a_parabola_has_a_row_for_each_second_step() -> None:
    model = line(1.0, 1.0)
    loss, _, _ = parabola(model, seed=4)
    display = LossLandscapeDisplay.from_model(
        model, "mse", [[2.0]], [5.0], span=1.0, resolution=3, seed=4
    )
    assert display.second == [-1.0, 0.0, 1.0]
    for row, across in zip(display.losses, display.second, strict=True):
        assert row == pytest.approx([loss(along, across) for along in display.first], rel=1e-9)
    assert display.losses[0][2] != display.losses[2][0]  # so that rows and columns are told apart


def test_looking_around_leaves_weights_gradients_and_mode_to_the_bit() -> None:
    model = line(0.1, 0.2)
    state = model.state_dict()
    LossLandscapeDisplay.from_model(model, "mse", [[2.0]], [5.0], resolution=3)
    assert model.state_dict() == state
    assert [parameter.grad for parameter in model.parameters()] == [None, None]
    assert model.training

    def broken(outputs: Any, targets: Any) -> Any:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        LossLandscapeDisplay.from_model(model, broken, [[2.0]], [5.0], resolution=3)
    assert model.state_dict() == state


def test_the_same_seed_gives_the_same_losses() -> None:
    model = MLP(2, [3, 1], seed=0)
    maps = [
        LossLandscapeDisplay.from_model(
            model, "mse", [[1.0, 2.0]], [1.0], resolution=3, seed=seed
        ).losses
        for seed in (7, 7, 8)
    ]
    assert maps[0] == maps[1]
    assert maps[0] != maps[2]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"dimensions": 3}, ChoiceError, "unknown number of dimensions 3: choose from 1, 2"),
        ({"span": 0.0}, NumberError, "span must be above 0"),
        ({"span": math.inf}, NumberError, "span must be above 0 and finite"),
        ({"resolution": 1}, NumberError, "resolution must be a whole number from 2 on"),
        ({"loss": "mze"}, ChoiceError, "unknown loss 'mze'; did you mean 'mse'"),
        ({"model": lambda x: x}, OperandError, "takes an nn.Module, got function"),
        ({"targets": []}, ShapeError, "1 inputs but 0 targets"),
    ],
)
def test_what_cannot_be_looked_around_is_an_error(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    arguments = {"model": line(), "loss": "mse", "inputs": [[1.0]], "targets": [1.0]} | options
    with pytest.raises(error, match=message):
        LossLandscapeDisplay.from_model(**arguments)


# ----- The plane of a path -----------------------------------------------------------------------


def test_the_plane_of_a_path_along_an_axis_is_that_axis() -> None:
    plane = principal_plane([[5.0, 1.0, 4.0], [3.0, 1.0, 4.0], [1.0, 1.0, 4.0]])
    assert plane.first == pytest.approx([1.0, 0.0, 0.0], abs=1e-15)
    assert [a for a, _ in plane.path] == pytest.approx([4.0, 2.0, 0.0], abs=1e-14)
    assert plane.shares == pytest.approx((1.0, 0.0), abs=1e-15)


def test_a_path_in_a_plane_keeps_its_distances() -> None:
    # In the plane of (1, 0, 1) and (0, 1, 0) through (2, 2, 2); squared lengths 18 + 8 and 4.
    path = [[5.0, 2.0, 5.0], [0.0, 2.0, 0.0], [2.0, 4.0, 2.0], [2.0, 2.0, 2.0]]
    plane = principal_plane(path)
    for point, (a, b) in zip(path, plane.path, strict=True):
        distance = math.dist(point, path[-1])
        assert math.hypot(a, b) == pytest.approx(distance, abs=1e-14)
    assert plane.shares == pytest.approx((26 / 30, 4 / 30), rel=EXACT)
    assert plane.first == pytest.approx([math.sqrt(0.5), 0.0, math.sqrt(0.5)], abs=1e-14)
    assert plane.second == pytest.approx([0.0, 1.0, 0.0], abs=1e-14)


def test_a_path_that_spans_no_plane_is_an_error() -> None:
    with pytest.raises(ShapeError, match="the path has 2 of 2: train for more epochs"):
        principal_plane([[1.0, 2.0], [3.0, 4.0]])
    with pytest.raises(ShapeError, match="the path does not move"):
        principal_plane([[1.0, 2.0]] * 3)


def test_a_map_of_a_path_holds_the_losses_of_the_path_itself() -> None:
    model = line(0.0, 0.0)
    recorder = Recorder(model)
    trainer = Trainer(model, "mse", SGD(model.parameters(), lr=0.1), progress=recorder)
    inputs, targets = [[0.0], [1.0]], [1.0, 3.0]
    trainer.fit(inputs, targets, epochs=6, batch_size=1)
    state = model.state_dict()
    display = LossLandscapeDisplay.from_path(recorder, "mse", inputs, targets, resolution=9)
    assert model.state_dict() == state
    plane = principal_plane(recorder.weights)
    assert display.path == plane.path
    assert display.second is not None
    w, b = recorder.weights[-1]
    for row, across in zip(display.losses, display.second, strict=True):
        for loss, along in zip(row, display.first, strict=True):
            slope = w + along * plane.first[0] + across * plane.second[0]
            offset = b + along * plane.first[1] + across * plane.second[1]
            wanted = ((offset - 1) ** 2 + (slope + offset - 3) ** 2) / 2
            assert loss == pytest.approx(wanted, rel=1e-9)
    for a, b in plane.path:  # with room around it
        assert display.first[0] < a < display.first[-1]
        assert display.second[0] < b < display.second[-1]


# ----- Learning rates ----------------------------------------------------------------------------


def test_the_range_test_descends_as_the_parabola_says() -> None:
    model = line(1.0, 1.0)
    optimizer = SGD(model.parameters(), lr=0.5, momentum=0.0)
    trainer = Trainer(model, "mse", optimizer, progress=False)
    display = LearningRateDisplay.from_trainer(
        trainer, [[1.0]], [0.0], lowest=0.01, highest=0.16, steps=5
    )
    assert display.rates == pytest.approx([0.01, 0.02, 0.04, 0.08, 0.16], rel=EXACT)
    out, wanted = 2.0, []
    for rate in display.rates:  # both gradients are 2 · out, so w + b shrinks by 4 · lr of itself
        wanted.append(out**2)
        out *= 1 - 4 * rate
    assert display.losses == pytest.approx(wanted, rel=EXACT)


def test_the_range_test_ends_where_the_loss_blows_up_and_puts_everything_back() -> None:
    model = line(1.0, 1.0)
    optimizer = SGD(model.parameters(), lr=0.25, momentum=0.5)
    trainer = Trainer(model, "mse", optimizer, progress=False)
    trainer.fit([[1.0]], [0.0], epochs=1)
    weights, state = model.state_dict(), optimizer.state_dict()
    display = LearningRateDisplay.from_trainer(trainer, [[1.0]], [0.0], highest=1e6, steps=200)
    assert display.rates[-1] < 100
    assert all(map(math.isfinite, display.losses))
    assert model.state_dict() == weights
    assert optimizer.state_dict() == state
    assert [parameter.grad for parameter in model.parameters()] == [None, None]


def test_batches_are_those_of_the_seed() -> None:
    inputs, targets = [[float(i)] for i in range(8)], [float(i % 3) for i in range(8)]
    found = [
        LearningRateDisplay.from_trainer(
            trainer(),
            inputs,
            targets,
            highest=0.01,
            steps=6,
            batch_size=2,
            seed=seed,
        ).losses
        for seed in (0, 0, 1)
    ]
    assert found[0] == found[1]
    assert found[0] != found[2]


def trainer() -> Trainer:
    """Return a silent one of a line."""
    model = line()
    return Trainer(model, "mse", SGD(model.parameters(), lr=0.1), progress=False)


def test_the_average_has_no_bias_and_forgets_by_a_tenth() -> None:
    assert smooth([2.0, 2.0, 2.0]) == pytest.approx([2.0, 2.0, 2.0], rel=1e-15)
    first, second = smooth([1.0, 3.0])
    assert first == 1.0
    assert second == pytest.approx((KEPT * 1.0 + 3.0) / (KEPT + 1), rel=1e-15)


def test_the_steepest_fall_is_by_equal_ratios_of_the_rate() -> None:
    # Per decade the loss falls by 1 and then by 2, though per unit of lr the first fall is larger.
    rates, fallen = [1e-4, 1e-3, 1e-2, 1e-1, 1.0], [5.0, 4.0, 3.0, 1.0, -1.0]
    assert steepest(rates, fallen) == 0.1
    assert steepest([0.1, 1.0, 10.0], [1.0, 2.0, 3.0]) is None
    # The first losses of many are averages of a few batches.
    noisy = [9.0, 7.0, *(7.0 - 0.1 * k for k in range(20)), 3.0, 2.0, 4.0]
    assert steepest([1.2**k for k in range(25)], noisy) == 1.2**22
    # After the least loss, 1.0, a steeper fall is luck.
    assert steepest([0.1, 1.0, 10.0, 100.0, 1e3, 1e4], [4.0, 3.0, 1.0, 9.0, 5.0, 2.0]) == 1.0
    assert steepest([0.1], [1.0]) is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lowest": 0.0}, "0 < lowest < highest, got 0.0"),
        ({"lowest": 2.0, "highest": 1.0}, "0 < lowest < highest"),
        ({"steps": 2}, "steps must be a whole number from 3 on"),
        ({"batch_size": 2}, "batch_size 2 is more than the 1 samples"),
    ],
)
def test_a_range_that_is_none_is_an_error(options: dict[str, Any], message: str) -> None:
    with pytest.raises(NumberError, match=message):
        LearningRateDisplay.from_trainer(trainer(), [[1.0]], [1.0], **options)
