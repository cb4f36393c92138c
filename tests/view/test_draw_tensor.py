"""Pictures of graphs of Tensors: shapes, ranges, nan in arrays, and snapshots of arrays."""

import json
import math
import shutil

import numpy as np
import pytest

import engine
from engine import Tensor


def rows(picture, title):
    """Return what the box of a title says, by caption."""
    (node,) = (node for node in picture.diagram.nodes if node.title == title)
    return {row.caption: row.text for row in node.rows}


@pytest.fixture
def picture():
    X = Tensor([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])  # noqa: N806 (a matrix)
    W = Tensor(np.ones((2, 4)), requires_grad=True)  # noqa: N806 (a matrix)
    h = X @ W
    L = engine.sum(h)  # noqa: N806 (the loss)
    L.backward()
    return engine.draw(L)


def test_arrays_show_their_shape_and_their_range(picture):
    assert rows(picture, "X") == {"shape": "3 × 2", "data": "0 … 5"}
    # Each column of X sums to 0 + 2 + 4 and 1 + 3 + 5, which is what its row of W is told.
    assert rows(picture, "W") == {"shape": "2 × 4", "data": "1", "grad": "6 … 9"}
    assert rows(picture, "h") == {"shape": "3 × 4", "data": "1 … 9", "grad": "1"}


def test_a_tensor_without_dimensions_looks_like_a_value(picture):
    assert rows(picture, "L") == {"data": "60", "grad": "1"}  # 4 · (1 + 5 + 9)


def test_an_array_is_an_input_and_a_number_a_constant(picture):
    assert [node.kind for node in picture.diagram.nodes] == ["input", "leaf", "op", "output"]
    doubled = engine.draw(Tensor([1.0, 2.0], requires_grad=True) * 2.0, names={})
    assert sorted(node.kind for node in doubled.diagram.nodes) == ["constant", "leaf", "output"]


def test_the_tooltip_holds_the_elements_and_of_many_the_first_and_last():
    few = engine.draw(Tensor([[1.0, 2.0], [3.0, 4.0]], label="few"))
    assert "data 2 × 2 [[1., 2.], [3., 4.]]" in few.diagram.nodes[0].tooltip
    many = engine.draw(Tensor(np.arange(10_000.0), label="many"))
    assert "data 10000 [0.000e+00, 1.000e+00, ..., 9.998e+03, 9.999e+03]" in (
        many.diagram.nodes[0].tooltip
    )


def test_nan_and_inf_in_an_array_raise_the_alarm():
    x = Tensor([1.0, math.nan, math.inf, math.nan], label="x")
    (row,) = (row for row in engine.draw(x).diagram.nodes[0].rows if row.caption == "data")
    assert (row.text, row.alarming) == ("1 … inf, 2 nan", True)
    (row,) = (r for r in engine.draw(Tensor([1.0, 2.0])).diagram.nodes[0].rows if "data" in r)
    assert not row.alarming


@pytest.mark.parametrize("data", [np.zeros(0), np.zeros((3, 0)), np.full(2, math.nan)])
def test_arrays_of_nothing_and_of_nan_alone_can_be_drawn(data):
    picture = engine.draw(Tensor(data, label="x"))
    assert rows(picture, "x")["data"] == ("nan" if data.size else "empty")
    json.loads(picture.to_json(), parse_constant=pytest.fail)


def test_json_gives_shape_and_ends():
    found = json.loads(engine.draw(Tensor([[1.0, -math.inf]], label="x")).to_json())
    assert found["nodes"][0]["data"] == {"shape": [1, 2], "ends": ["-inf", 1.0]}


def test_a_picture_of_tensors_is_a_snapshot():
    x = Tensor([1.0, 2.0], requires_grad=True, label="x")
    y = engine.sum(x * x)
    y.backward()
    picture = engine.draw(y)
    before = picture.to_json()
    y.backward()  # which adds to the gradient of x
    x.data -= 1.0
    assert x.grad.tolist() == [4.0, 8.0]
    x.grad[:] = 0.0
    assert picture.to_json() == before
    assert rows(picture, "x") == {"shape": "2", "data": "1 … 2", "grad": "2 … 4"}


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_tensors_are_drawn_in_every_form(picture, tmp_path):
    for ending in ("svg", "png", "pdf", "html", "dot", "json", "txt"):
        assert picture.save(tmp_path / f"x.{ending}").stat().st_size
