"""What displays compute, against closed forms; nothing is drawn here."""

from __future__ import annotations

import math
from typing import Any

import pytest

from engine import Value
from engine.errors import GraphError, NumberError, OperandError, ShapeError
from nn import MLP, SGD, ChoiceError, History, LabelError, Module, Neuron, Trainer, losses
from nn.plots import (
    ConfusionMatrixDisplay,
    DecisionBoundaryDisplay,
    GradientFlowDisplay,
    LossCurveDisplay,
    Recorder,
    WeightsDisplay,
)
from nn.plots.inference import probabilities

# ----- Loss curves -------------------------------------------------------------------------------


def history_of(**columns: list[float]) -> History:
    """Return a history with these columns after that of the epochs."""
    history = History()
    for epoch, numbers in enumerate(zip(*columns.values(), strict=True), 1):
        history.append({"epoch": epoch, **dict(zip(columns, numbers, strict=True))})
    return history


def test_curves_are_the_columns_and_the_best_is_that_of_the_validation() -> None:
    history = history_of(loss=[3.0, 2.0, 1.0], accuracy=[0.1, 0.2, 0.3], val_loss=[2.0, 0.5, 4.0])
    display = LossCurveDisplay.from_history(history)
    assert display.epochs == [1, 2, 3]
    assert display.curves == {"training": [3.0, 2.0, 1.0], "validation": [2.0, 0.5, 4.0]}
    assert display.best == (2, 0.5)
    accuracy = LossCurveDisplay.from_history(history, "accuracy")
    assert accuracy.curves == {"training": [0.1, 0.2, 0.3]}
    assert accuracy.best == (3, 0.3)


def test_curves_of_nothing_or_of_what_was_not_measured_are_errors() -> None:
    with pytest.raises(ShapeError, match="no epoch was finished"):
        LossCurveDisplay.from_history(History())
    with pytest.raises(ChoiceError, match="unknown column 'acuracy'"):
        LossCurveDisplay.from_history(history_of(loss=[1.0]), "acuracy")


def test_a_curve_that_is_nan_throughout_has_no_best() -> None:
    assert LossCurveDisplay.from_history(history_of(loss=[math.nan])).best is None


# ----- Decision boundary -------------------------------------------------------------------------


def test_probabilities_over_the_plane_are_those_of_the_formula() -> None:
    display = DecisionBoundaryDisplay.from_model(
        lambda row: 2 * row[0] - row[1], [[-1.0, 2.0], [3.0, 4.0]], [0, 1], resolution=5, margin=0.0
    )
    assert display.xs == [-1.0, 0.0, 1.0, 2.0, 3.0]
    assert display.ys == [2.0, 2.5, 3.0, 3.5, 4.0]
    for i, y in enumerate(display.ys):
        for j, x in enumerate(display.xs):
            # 1 ulp of tanh and the sum's rounding: sigmoid(s) = (1 + tanh(s / 2)) / 2.
            wanted = (1 + math.tanh((2 * x - y) / 2)) / 2
            assert display.probabilities[1][i][j] == pytest.approx(wanted, rel=1e-14, abs=1e-16)
            total = display.probabilities[0][i][j] + display.probabilities[1][i][j]
            assert total == pytest.approx(1.0, rel=1e-15)
    assert display.predictions == [0, 1]


def test_rows_of_scores_go_through_softmax() -> None:
    assert probabilities([math.log(1.0), math.log(2.0), math.log(5.0)]) == pytest.approx(
        [1 / 8, 2 / 8, 5 / 8], rel=1e-15
    )
    display = DecisionBoundaryDisplay.from_model(
        lambda row: [row[0], row[1], 0.5], [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]], [2, 0, 1]
    )
    assert display.predictions == [2, 0, 1]
    assert display.class_names == ("0", "1", "2")


def test_the_plane_reaches_beyond_the_samples_even_if_they_are_on_a_line() -> None:
    display = DecisionBoundaryDisplay.from_model(
        lambda row: row[0], [[0.0, 7.0], [10.0, 7.0]], [0, 1], resolution=2, margin=0.1
    )
    assert display.xs == [-1.0, 11.0]
    assert display.ys == [6.5, 7.5]


def test_labels_of_minus_one_are_class_0() -> None:
    display = DecisionBoundaryDisplay.from_model(
        lambda row: row[0], [[-1.0, 0.0], [1.0, 1.0]], [-1, 1], resolution=2
    )
    assert display.targets == [0, 1]


@pytest.mark.parametrize(
    ("inputs", "targets", "options", "error", "message"),
    [
        ([[1.0] * 3], [0], {}, ShapeError, "2 features; row 0 has 3"),
        ([[1.0, 1.0]], [0, 1], {}, ShapeError, "1 inputs but 2 targets"),
        ([], [], {}, ShapeError, "no samples"),
        ([[1.0, 1.0]], [0], {"resolution": 1}, NumberError, "resolution must be a whole number"),
        ([[1.0, 1.0]], [0], {"margin": -0.5}, NumberError, "margin must be 0 or more"),
        ([[1.0, 1.0]], [0], {"class_names": ["a"]}, ShapeError, "1 class names, but the model"),
    ],
)
def test_a_boundary_of_what_has_none_is_an_error(
    inputs: Any, targets: Any, options: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        DecisionBoundaryDisplay.from_model(lambda row: row[0], inputs, targets, **options)


class Counting(Module):
    """Note in which mode it is called, and how many nodes remember their operands."""

    def __init__(self) -> None:
        self.w = Value(1.0)
        self.modes: list[bool] = []
        self.recorded = 0

    def forward(self, row: Any) -> Value:
        self.modes.append(self.training)
        out = self.w * row[0]
        self.recorded += out.requires_grad
        return out


def test_a_model_is_asked_in_its_eval_mode_without_a_graph_and_left_as_it_was() -> None:
    model = Counting()
    DecisionBoundaryDisplay.from_model(model, [[0.0, 0.0]], [0], resolution=2)
    assert model.modes == [False] * 5
    assert model.recorded == 0
    assert model.training
    assert model.w.grad is None


# ----- Gradient flow -----------------------------------------------------------------------------


def chain(activation: str | None) -> MLP:
    """Return three neurons in a row, each 0.5 x."""
    mlp = MLP(1, [1, 1, 1], activation=activation)
    mlp.load_state_dict({name: 0.5 * ("w" in name) for name in mlp.state_dict()})
    return mlp


def test_gradients_by_layer_are_those_worked_out_by_hand() -> None:
    mlp = chain(None)
    # -2 → -1 → -0.5 → -0.25; ∂/∂w3 = -0.5, ∂/∂w2 = 0.5 · -1, ∂/∂w1 = 0.25 · -2: sizes, not signs.
    mlp([-2.0]).backward()
    display = GradientFlowDisplay.from_model(mlp)
    assert display.layers == ["layer0", "layer1", "layer2"]
    assert display.means == [0.375, 0.5, 0.75]
    assert display.largest == [0.5, 0.5, 1.0]
    assert display.zeros == [0.0, 0.0, 0.0]


def test_dead_rectifiers_are_counted() -> None:
    mlp = chain("relu")
    mlp([-2.0]).backward()  # nothing gets past the first one; only the last bias has a gradient
    display = GradientFlowDisplay.from_model(mlp)
    assert display.zeros == [1.0, 1.0, 0.5]
    assert display.largest == [0.0, 0.0, 1.0]


def test_gradients_that_are_not_computed_yet_are_an_error_and_not_0() -> None:
    with pytest.raises(GraphError, match=r"gradient of layer0.neuron0.w0 is not computed yet"):
        GradientFlowDisplay.from_model(chain(None))
    with pytest.raises(OperandError, match=r"takes an nn\.Module, got int"):
        GradientFlowDisplay.from_model(3)  # type: ignore[arg-type]


# ----- Confusion and weights ---------------------------------------------------------------------


def test_confusion_counts_rows_of_truth_and_columns_of_predictions() -> None:
    display = ConfusionMatrixDisplay.from_predictions([1, 1, 0, 2], [0, 1, 0, 2], ["a", "b", "c"])
    assert display.counts == [[1, 1, 0], [0, 1, 0], [0, 0, 1]]
    with pytest.raises(LabelError):
        ConfusionMatrixDisplay.from_predictions([2], [0], ["a", "b"])


def test_confusion_of_a_model_takes_its_predictions() -> None:
    display = ConfusionMatrixDisplay.from_model(lambda x: x, [-1.0, 2.0, 3.0], [-1, -1, 1])
    assert display.counts == [[1, 1], [0, 1]]
    rows = ConfusionMatrixDisplay.from_model(lambda x: x, [[0.0, 1.0], [1.0, 0.0]], [1, 1])
    assert rows.counts == [[0, 0], [1, 1]]


def test_weights_are_laid_out_row_by_row() -> None:
    mlp = MLP(6, [2, 1], seed=0)
    for place, weight in enumerate(mlp.layers[0].neurons[1].w):
        weight.data = float(place)
    display = WeightsDisplay.from_model(mlp, shape=(2, 3))
    assert display.images[1] == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
    assert display.names == ["neuron0", "neuron1"]


def test_weights_that_do_not_fill_an_image_are_an_error() -> None:
    with pytest.raises(ShapeError, match="6 weights, which do not fill an image of 2 × 2"):
        WeightsDisplay.from_model(MLP(6, [1]), shape=(2, 2))
    with pytest.raises(OperandError, match="got Neuron and layer 0"):
        WeightsDisplay.from_model(Neuron(4), shape=(2, 2))
    with pytest.raises(OperandError, match="layer 5"):
        WeightsDisplay.from_model(MLP(4, [1]), shape=(2, 2), layer=5)


# ----- Recorder ----------------------------------------------------------------------------------


def test_a_recorder_follows_a_training_and_goes_back_in_it() -> None:
    mlp = MLP(2, [2, 1], activation="tanh", seed=1)
    before = [parameter.data for parameter in mlp.parameters()]
    recorder = Recorder(mlp)
    trainer = Trainer(mlp, "mse", SGD(mlp.parameters(), lr=0.1), progress=recorder)
    history = trainer.fit([[0.0, 1.0], [1.0, 0.0]], [1.0, -1.0], epochs=3)
    after = [parameter.data for parameter in mlp.parameters()]
    assert len(recorder) == 4
    assert recorder.weights[0] == before
    assert recorder.weights[-1] == after
    assert recorder.rows == history.rows
    with recorder.at(1) as model:
        assert model is mlp
        assert [parameter.data for parameter in mlp.parameters()] == recorder.weights[1]
    assert [parameter.data for parameter in mlp.parameters()] == after
    with pytest.raises(ZeroDivisionError), recorder.at(0):
        raise ZeroDivisionError
    assert [parameter.data for parameter in mlp.parameters()] == after


def test_recording_changes_nothing_in_a_training() -> None:
    weights = []
    for record in (False, True):
        mlp = MLP(1, [3, 1], seed=2)
        progress: Any = Recorder(mlp) if record else False
        trainer = Trainer(mlp, losses.mse, SGD(mlp.parameters(), lr=0.05), progress=progress)
        trainer.fit([[0.0], [1.0]], [1.0, 2.0], epochs=4)
        weights.append([parameter.data for parameter in mlp.parameters()])
    assert weights[0] == weights[1]


def test_what_cannot_be_recorded_is_an_error() -> None:
    with pytest.raises(OperandError, match=r"Recorder takes an nn\.Module, got function"):
        Recorder(lambda x: x)  # type: ignore[arg-type]
