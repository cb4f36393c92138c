"""Data sets, their split and their scale."""

from __future__ import annotations

import json
import math
from collections import Counter
from pathlib import Path

import pytest

from engine.errors import NumberError, ShapeError
from nn import ChoiceError, DataError, Dataset, Standardize, load, split
from nn.data import shares
from nn.datasets import read_digits


def classes(sizes: list[int]) -> Dataset:
    """Return a data set with so many samples of each class, each with an input of its own."""
    targets = [label for label, size in enumerate(sizes) for _ in range(size)]
    inputs = [[float(row)] for row in range(len(targets))]
    names = tuple(map(str, range(len(sizes))))
    return Dataset("numbered", inputs, list(targets), ("row",), names)


def test_the_parts_of_a_split_are_the_whole() -> None:
    whole = classes([30, 20])
    train, test = split(whole, 0.2, seed=0)
    rows = [row for (row,) in train.inputs + test.inputs]
    assert sorted(rows) == [row for (row,) in whole.inputs]
    assert train.inputs == sorted(train.inputs)
    assert all(train.targets[i] == whole.targets[int(x)] for i, (x,) in enumerate(train.inputs))


def test_each_class_has_its_share_of_the_test_part() -> None:
    _, test = split(classes([100, 50, 10]), 0.1, seed=0)
    assert Counter(test.targets) == {0: 10, 1: 5, 2: 1}


@pytest.mark.parametrize(
    ("sizes", "fraction", "taken"),
    [
        ([7, 7, 6], 0.25, [2, 2, 1]),
        ([1, 1, 8], 0.2, [0, 0, 2]),
        ([2, 2], 0.5, [1, 1]),
        ([1, 1, 1], 0.5, [0, 0, 0]),
    ],
)
def test_shares_add_up_and_leave_each_class_a_sample(
    sizes: list[int], fraction: float, taken: list[int]
) -> None:
    assert shares(sizes, fraction) == taken


def test_a_split_repeats_with_its_seed_and_changes_with_another() -> None:
    whole = classes([50, 50])
    assert split(whole, 0.2, seed=3) == split(whole, 0.2, seed=3)
    assert split(whole, 0.2, seed=3) != split(whole, 0.2, seed=4)


def test_a_regression_is_split_as_one_group() -> None:
    dataset = Dataset("r", [[0.0]] * 10, [float(i) for i in range(10)], ("x",), (), "regression")
    train, test = split(dataset, 0.3, seed=0)
    assert (len(train), len(test)) == (7, 3)


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.1, math.nan])
def test_a_fraction_is_between_0_and_1(fraction: float) -> None:
    with pytest.raises(NumberError, match="test_fraction must be between 0 and 1"):
        split(classes([5, 5]), fraction)


def test_too_few_samples_to_split_are_an_error() -> None:
    with pytest.raises(DataError, match="numbered: 2 samples are too few to hold 20% back"):
        split(classes([1, 1]), 0.2)


def test_standardize_gives_mean_0_and_deviation_1() -> None:
    standardize = Standardize.fit([[1.0, 10.0], [3.0, 30.0], [5.0, 20.0]])
    # Population deviations: sqrt(8/3) of 1, 3, 5 and sqrt(200/3) of 10, 30, 20.
    assert standardize.means == (3.0, 20.0)
    expected = (math.sqrt(8 / 3), math.sqrt(200 / 3))
    assert standardize.scales == pytest.approx(expected, rel=1e-15)
    assert standardize([[3.0, 20.0]]) == [[0.0, 0.0]]


@pytest.mark.parametrize("size", [1e-160, 1e160, 1e307])
def test_standardize_neither_overflows_nor_vanishes(size: float) -> None:
    standardize = Standardize.fit([[-size], [size]])
    assert standardize.scales == (size,)


def test_undo_takes_a_row_back() -> None:
    standardize = Standardize.fit([[1.0], [5.0]])
    assert standardize.undo(standardize([[7.0]])[0]) == [7.0]


def test_standardize_is_kept_as_json_to_the_last_bit() -> None:
    standardize = Standardize.fit([[0.1, 1 / 3], [0.7, 2 / 3]])
    assert Standardize.from_state(json.loads(json.dumps(standardize.state()))) == standardize


def test_standardize_refuses_another_width_and_no_rows() -> None:
    with pytest.raises(ShapeError, match="Standardize expects 1 features, row 1 has 2"):
        Standardize.fit([[1.0], [2.0]])([[1.0], [1.0, 2.0]])
    with pytest.raises(ShapeError, match="needs at least one row"):
        Standardize.fit([])


def test_xor_is_its_truth_table() -> None:
    xor = load("xor")
    assert [int(a) ^ int(b) for a, b in xor.inputs] == xor.targets


def test_digits_are_those_of_scikit_learn_wherever_it_keeps_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("sklearn")
    read = read_digits()
    monkeypatch.setattr(Path, "is_file", lambda path: False)
    assert read == read_digits()


def test_digits_are_the_real_ones() -> None:
    pytest.importorskip("sklearn")
    digits = load("digits")
    assert (len(digits), digits.width, digits.class_names) == (1797, 64, tuple("0123456789"))
    assert {pixel for row in digits.inputs for pixel in row} == set(range(17))
    # The counts of each digit that the data set's description states.
    assert sorted(Counter(digits.targets).values()) == sorted(
        [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    )


@pytest.mark.parametrize("name", ["moons", "circles"])
def test_points_in_the_plane_repeat_with_their_seed(name: str) -> None:
    pytest.importorskip("sklearn")
    assert load(name, seed=1) == load(name, seed=1)
    assert load(name, seed=1) != load(name, seed=2)
    assert Counter(load(name).targets) == {0: 100, 1: 100}


def test_an_unknown_data_set_is_an_error_with_a_guess() -> None:
    with pytest.raises(ChoiceError, match="unknown data set 'digit'; did you mean 'digits'"):
        load("digit")


def test_a_seed_that_scikit_learn_would_refuse_is_our_error() -> None:
    with pytest.raises(NumberError, match="a seed of a data set is below 4294967296"):
        load("moons", seed=2**32)
