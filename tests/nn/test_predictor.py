"""Source, Predictor and recipes: what the command line stands on."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from nn import ChoiceError, DataError, Dataset, Module
from nn.losses import binary_cross_entropy_with_logits, cross_entropy, mse
from nn.predictor import Prediction, Predictor
from nn.source import Source

TWO = Dataset("two", [[0.0], [2.0]], [0, 1], ("x",), ("low", "high"))
THREE = Dataset("three", [[0.0], [2.0], [4.0]], [0, 1, 2], ("x",), ("a", "b", "c"))
NUMBER = Dataset("number", [[0.0], [2.0]], [10.0, 30.0], ("x",), (), "regression")


def predictor(dataset: Dataset) -> Predictor:
    """Return an untrained one."""
    return Predictor.untrained(Source(name="xor"), dataset, [], None)


def constant(module: Module, biases: list[float]) -> None:
    """Make a model of one layer answer with its biases alone."""
    state = dict.fromkeys(module.state_dict(), 0.0)
    for neuron, bias in enumerate(biases):
        state[f"layer0.neuron{neuron}.b"] = bias
    module.load_state_dict(state)


@pytest.mark.parametrize(
    ("dataset", "outputs", "loss"),
    [(TWO, 1, binary_cross_entropy_with_logits), (THREE, 3, cross_entropy), (NUMBER, 1, mse)],
)
def test_outputs_and_loss_fit_the_targets(dataset: Dataset, outputs: int, loss: object) -> None:
    assert predictor(dataset).model.output_width == outputs
    assert predictor(dataset).loss is loss


@pytest.mark.parametrize(("logit", "label"), [(2.0, 1), (-2.0, 0)])
def test_two_classes_are_told_by_a_logit(logit: float, label: int) -> None:
    two = predictor(TWO)
    constant(two.model, [logit])
    (prediction,) = two([[5.0]])
    assert prediction.value == label
    assert prediction.probability == pytest.approx(1 / (1 + math.exp(-2)), rel=1e-15)


def test_more_classes_are_told_by_their_scores() -> None:
    three = predictor(THREE)
    constant(three.model, [0.0, math.log(2.0), 0.0])
    (prediction,) = three([[5.0]])
    assert prediction.value == 1
    assert prediction.probability == pytest.approx(0.5, rel=1e-15)


def test_a_number_is_told_in_its_own_unit() -> None:
    number = predictor(NUMBER)
    constant(number.model, [1.0])
    assert number([[5.0]]) == [Prediction(30.0, None)]  # mean 20, deviation 10


def test_samples_are_scaled_as_the_model_sees_them() -> None:
    assert predictor(NUMBER).samples(NUMBER) == ([[-1.0], [1.0]], [-1.0, 1.0])
    assert predictor(TWO).samples(TWO) == ([[-1.0], [1.0]], [0, 1])


@pytest.mark.parametrize("dataset", [TWO, THREE, NUMBER])
def test_it_is_saved_and_loaded_whole(dataset: Dataset, tmp_path: Path) -> None:
    source = Source(csv="a.csv", target="y", ignore=("id",), sha256="0", seed=3)
    before = Predictor.untrained(source, dataset, [4], "tanh")
    before.save(tmp_path)
    after = Predictor.load(tmp_path)
    assert after.model.state_dict() == before.model.state_dict()
    assert replace(after, model=before.model) == before
    assert after([[1.0]]) == before([[1.0]])


def test_parts_are_disjoint_and_validation_needs_enough_samples() -> None:
    pytest.importorskip("sklearn")
    train, validation, test = Source(name="moons").parts()
    assert validation is not None
    assert (len(train), len(validation), len(test)) == (144, 16, 40)
    rows = [tuple(row) for part in (train, validation, test) for row in part.inputs]
    assert len(set(rows)) == 200


def test_xor_is_trained_and_tested_on_all_there_is() -> None:
    train, validation, test = Source(name="xor").parts()
    assert validation is None
    assert train is test


def test_a_changed_file_is_not_parted_again(tmp_path: Path) -> None:
    from nn.source import sha256_of

    path = tmp_path / "table.csv"
    path.write_text("x,y\n1,a\n2,b\n" * 1, encoding="utf-8")
    source = Source(csv=str(path), target="y", sha256=sha256_of(str(path)))
    assert len(source.load()) == 2
    path.write_text("x,y\n1,a\n2,b\n3,a\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"table.csv is not the file of the training any more"):
        source.load()


def test_an_unknown_data_set_is_an_error() -> None:
    with pytest.raises(ChoiceError, match="unknown data set 'moon'; did you mean 'moons'"):
        Source(name="moon").load()
