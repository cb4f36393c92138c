"""Steps over graphs of Tensors: the very gradients of `backward`, as read-only arrays."""

from __future__ import annotations

import json
import random
import re
import shutil
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from labels import texts

import engine
from engine import GraphError, Tensor, Value
from engine.view.formatting import format_value
from engine.view.stepper.heat import heat_map
from engine.view.stepper.page import page
from engine.view.stepper.svg import moving_picture
from engine.view.svg import SVG
from engine.view.theme import light

SHAPES = [(), (3,), (2, 3), (2, 1), (1, 3)]


def program(seed, dtype=np.float64):
    """Return the leaves of a random program on Tensors, and its number."""
    rng, numbers = random.Random(seed), np.random.default_rng(seed)

    def leaf(shape):
        data = numbers.normal(size=shape).astype(dtype)
        return Tensor(data, dtype=dtype, requires_grad=rng.random() < 0.8)

    leaves = [leaf(rng.choice(SHAPES)) for _ in range(4)]
    leaves[0].requires_grad = True
    for each in leaves:
        if each.requires_grad and rng.random() < 0.4:
            each.grad = numbers.normal(size=each.shape).astype(dtype)
    nodes = list(leaves)
    for _ in range(rng.randint(1, 10)):
        x, y = rng.choice(nodes), rng.choice(nodes)
        kind = rng.randrange(9)
        if kind == 0 and x.ndim == 2:
            nodes.append(x @ x.T if rng.random() < 0.5 else x.T @ x)
        elif kind == 1 and x.ndim:
            nodes.append(x.sum(axis=0) if rng.random() < 0.5 else x.mean())
        elif kind == 2 and x.ndim == 2:
            nodes.append(x.T[0])
        elif kind == 3:
            nodes.append(engine.maximum(x, 0.0))
        elif kind == 4:
            nodes.append(x.tanh())
        elif _fit(x, y):
            nodes.append(rng.choice([x * y, x - y, x + y, x * x, x / (y * y + 1.0)]))
    total = sum((node.sum() for node in nodes if node.requires_grad), Tensor(0.0, dtype=dtype))
    return leaves, total


def _fit(x, y):
    try:
        np.broadcast_shapes(x.shape, y.shape)
    except ValueError:
        return False
    return True


def bits(x):
    return None if x is None else (np.shape(x), np.asarray(x, np.float64).tobytes())


def layer():
    """Return a layer with a broadcast bias and a loss, by name."""
    numbers = np.random.default_rng(0)
    x = Tensor(numbers.normal(size=(3, 4)), "x")
    w = Tensor(numbers.normal(size=(4, 2)), "W", requires_grad=True)
    b = Tensor(numbers.normal(size=2), "b", requires_grad=True)
    h = x @ w + b
    h.label = "h"
    loss = (h.relu() * h).mean() + (w * w).sum() * 0.1
    loss.label = "loss"
    return x, w, b, loss


# ----- Against backward() -------------------------------------------------------------------------


@given(st.integers(0, 10**6), st.sampled_from([np.float64, np.float32]))
def test_recorded_gradients_are_those_of_backward_bit_for_bit(seed, dtype):
    _, total = program(seed, dtype)
    nodes = engine.topological_order([total])
    before = [bits(node.grad) for node in nodes]
    s = engine.steps(total)
    assert [bits(node.grad) for node in nodes] == before

    total.backward()

    for node in nodes:
        recorded = s.record.gradients[s.record.trace.position[node.index]]
        assert bits(recorded) == (bits(node.grad) if node.requires_grad else None)


@given(st.integers(0, 10**6))
def test_parts_add_up_to_the_gradient_and_why_says_the_same(seed):
    leaves, total = program(seed)
    s = engine.steps(total)
    total.backward()
    for leaf in leaves:
        if not leaf.requires_grad or leaf.index not in s.record.trace.position:
            continue
        flows = s.why(leaf).flows
        sizes = [np.abs(flow.contribution).max() for flow in flows]
        assert sizes == sorted(sizes, reverse=True)
        amounts = [flow.contribution for flow in sorted(flows, key=lambda flow: flow.use)]
        added = amounts[0]
        for amount in amounts[1:]:
            added = added + amount
        assert bits(added) == bits(leaf.grad)


def test_local_derivatives_times_upstream_are_what_flows():
    *_, loss = layer()
    s = engine.steps(loss)
    checked = 0
    for step in s:
        for part in step.parts:
            if step.node is not None and part.local is not None and not part.summed:
                np.testing.assert_array_equal(step.upstream * part.local, part.contribution)
                checked += 1
    assert checked > 5


def test_seeds_of_several_roots_are_arrays():
    a = Tensor([1.0, 2.0], "a", requires_grad=True)
    roots = [a * a, a * 3.0]
    seeds = [np.array([1.0, 10.0]), np.array([0.5, 0.0])]
    s = engine.steps(roots, gradients=seeds)
    engine.backward(roots, seeds)
    assert s.record.gradients[s.record.trace.position[a.index]].tolist() == a.grad.tolist()
    assert s[0].parts[0].contribution.tolist() == [1.0, 10.0]


# ----- What a step says ---------------------------------------------------------------------------


def test_a_broadcast_bias_is_summed_in_words():
    *_, loss = layer()
    (part,) = [p for step in engine.steps(loss) for p in step.parts if p.name == "b"]
    assert part.summed == "summed over axis 0: (3, 2) → (2,)"
    assert part.contribution.shape == (2,)


def test_matmul_says_which_product_it_takes_back():
    *_, loss = layer()
    step = next(step for step in engine.steps(loss) if "@" in step.expr)
    (part,) = step.parts
    assert part.pull == f"xᵀ @ (∂loss/∂{step.name})"
    assert part.local is None
    np.testing.assert_allclose(
        part.contribution, np.random.default_rng(0).normal(size=(3, 4)).T @ step.upstream
    )


def test_constants_receive_nothing():
    x, c = Tensor([1.0, 2.0], "x", requires_grad=True), Tensor([3.0, 4.0], "c")
    s = engine.steps((c * x).sum())
    assert "c" not in {part.name for step in s for part in step.parts}
    assert str(s.why("c")) == "c is a constant: no gradient flows to it"
    for algorithm in ("no_topological_order", "overwrite"):
        comparison = s.compare(algorithm)
        assert "c" not in {outcome.name for outcome in comparison.outcomes}
        assert len(comparison.wrong) == len(comparison.right)  # no visit of c


def test_arrays_are_read_only_copies():
    _, w, _, loss = layer()
    s = engine.steps(loss, "both")
    arrays = [p.after for step in s for p in step.parts] + [step.value for step in s]
    arrays = [array for array in arrays if isinstance(array, np.ndarray)]
    assert arrays
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0.0
    before = s.record.trace.data[s.record.trace.position[w.index]].copy()
    w.data = w.data * 2.0
    assert (s.record.trace.data[s.record.trace.position[w.index]] == before).all()


def test_text_has_shapes_and_a_summary():
    *_, loss = layer()
    text = str(engine.steps(loss, "update"))
    assert "x @ W = (3, 4) @ (4, 2) → (3, 2):" in text
    assert "summed over axis 0: (3, 2) → (2,)" in text
    assert "(4, 2): -" in text
    assert ", norm " in text
    assert "run again, loss = " in text


def test_the_update_is_gradient_descent():
    _, w, b, loss = layer()
    s = engine.steps(loss, "update", lr=0.25)
    loss.backward()
    values = {step.name: step.value for step in s if step.phase == "update"}
    assert bits(values["W"]) == bits(w.data - 0.25 * w.grad)
    assert bits(values["b"]) == bits(b.data - 0.25 * b.grad)


def test_what_is_computed_ends_with_what_its_node_shows():
    *_, loss = layer()
    computed = [step for step in engine.steps(loss, "update") if step.phase != "backward"]
    for step in computed:
        assert step.node is None or step.expr.endswith(f" {format_value(step.value)}")


def test_nan_is_named_where_it_begins():
    x = Tensor([0.0, 1.0, 4.0], "x", requires_grad=True)
    s = engine.steps((x.sqrt() * 0.0).sum())
    remarks = [remark for step in s for remark in step.remarks]
    assert remarks == ["nan or inf begins here, in what flows to x"]
    assert "1 nan" in str(s.why(x)) or "nan" in str(s.why(x))


@pytest.mark.parametrize("algorithm", ["no_topological_order", "overwrite"])
def test_wrong_algorithms_part_from_the_right_one(algorithm):
    _, _, _, loss = layer()
    comparison = engine.steps(loss).compare(algorithm)
    assert comparison.parts_at is not None
    assert not all(outcome.same for outcome in comparison.outcomes)
    chain = engine.steps(Tensor([1.0, 2.0], requires_grad=True).exp().sum()).compare(algorithm)
    assert chain.parts_at is None
    assert all(outcome.same for outcome in chain.outcomes)


@pytest.mark.parametrize("algorithm", ["no_topological_order", "overwrite"])
def test_an_array_with_nan_either_way_is_the_same(algorithm):
    x = Tensor([0.0, 1.0], requires_grad=True)
    comparison = engine.steps((x.log() * 0.0).sum()).compare(algorithm)
    assert any(np.isnan(outcome.right).any() for outcome in comparison.outcomes)
    assert all(outcome.same for outcome in comparison.outcomes)


def test_json_has_arrays_as_shape_and_elements(tmp_path):
    *_, loss = layer()
    document = json.loads(engine.steps(loss).save(tmp_path / "s.json").read_text())
    assert document["nodes"][1]["data"]["shape"] == [4, 2]
    assert len(document["nodes"][1]["data"]["elements"]) == 8


# ----- Pictures -----------------------------------------------------------------------------------

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")


@needs_dot
def test_a_moving_picture_has_heat_maps_for_their_steps(tmp_path):
    *_, loss = layer()
    root = ET.parse(engine.steps(loss).save(tmp_path / "s.svg")).getroot()
    groups = [group for group in root.iter(f"{{{SVG}}}g") if len(group) > 3]
    captions = [group[0].text for group in groups]
    # The product, h and relu and their weights: three data that stay, and gradients that come.
    assert captions.count("grad") >= 6
    fills = {rect.get("fill") for rect in root.iter(f"{{{SVG}}}rect")}
    assert {light("positive 6"), light("negative 6")} <= fills


def room_of(shape):
    """Return the left, top, right and bottom edges of a rectangle of SVG."""
    x, y, width, height = (float(shape.get(key)) for key in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


@needs_dot
@pytest.mark.parametrize(("rows", "columns"), [(4, 3), (2, 2), (2, 12)])
def test_heat_maps_fill_the_room_in_their_box(rows, columns):
    numbers = np.linspace(-1.0, 2.0, rows * columns).reshape(rows, columns)
    x = Tensor(numbers, "x", requires_grad=True)
    root = ET.fromstring(moving_picture(engine.steps((x * numbers).sum())))
    tag = f"{{{SVG}}}"
    box = next(g for g in root.iter(f"{tag}g") if "op" in g.get("class", "").split())
    left, _, right, bottom = room_of(box.find(f"{tag}rect"))
    caption = max(float(text.get("y")) for text in box.findall(f"{tag}text"))
    ends = [left]
    for group in box.findall(f"{tag}g"):  # of the data, and of the gradient
        cells = [room_of(rect) for rect in group.findall(f"{tag}rect")]
        (start, top), (end, last) = np.min(cells, axis=0)[:2], np.max(cells, axis=0)[2:]
        kind = float(group.find(f"{tag}text").get("y"))
        assert caption + 8 <= kind < top - 1
        assert ends[-1] + 4 <= start
        ends.append(end)
        size = min(14.0, (bottom - 5.0 - top) / rows, (end - start) / columns)
        assert size > 2.0
        # Each edge is written to 0.1, and so is the length of a cell.
        assert last - top == pytest.approx(size * rows, abs=0.1 * (1 + rows))
        assert end - start == pytest.approx(size * columns, abs=0.1 * (1 + columns))
    assert ends[-1] <= right - 4


@needs_dot
@settings(max_examples=5)  # each starts Graphviz twice
@given(st.integers(0, 10**6), texts)
def test_any_program_and_label_gives_a_page_and_a_moving_picture(seed, label):
    leaves, total = program(seed)
    leaves[0].label = label
    s = engine.steps(total)
    ET.fromstring(moving_picture(s))
    data = re.search(r'id="data">(.*?)</script>', page(s), re.DOTALL).group(1)
    assert len(json.loads(data)["steps"]) == len(s)


def test_zero_alone_has_the_shade_of_zero():
    seen = heat_map(np.array([[0.0, -0.0, 1e-300, -1e-300, 1.0, -1.0]]))
    assert seen.rows == ("gghfma",)
    assert heat_map(np.zeros((2, 2))).rows == ("gg", "gg")


def test_numbers_have_as_many_digits_as_their_cells_hold():
    row = [1.2345e-10, -1.2345e-10, -1.2345e-100, 1.2345, -0.012345, 123456.0]
    written = ("1.2e-10", "-1.2e-10", "-1e-100", "1.23", "-0.0123", "123456")
    assert heat_map(np.array([row])).numbers == (written,)
    assert heat_map(np.array([row[:3]])).numbers == (("1.23e-10", "-1.23e-10", "-1.23e-100"),)


def test_what_is_not_finite_is_marked_and_does_not_set_the_scale():
    seen = heat_map(np.array([np.nan, np.inf, -np.inf, 2.0, -1.0]))
    assert seen.rows == ("xpqmd",)
    assert seen.scale == "2"
    assert seen.summary == "-inf … inf, 1 nan"


@pytest.mark.parametrize(
    ("shape", "rows", "columns", "notice"),
    [
        ((5,), 1, 5, ""),
        ((12, 24), 12, 24, ""),
        ((13, 24), 12, 24, "12 of 13 rows, evenly spaced"),
        ((2, 1000), 2, 24, "24 of 1,000 columns, evenly spaced"),
        ((2, 3, 4), 6, 4, "axes 0 to 1 one after the other as rows"),
        ((0, 3), 0, 0, ""),
        ((3, 0), 0, 0, ""),
    ],
)
def test_large_arrays_are_sampled_with_a_notice(shape, rows, columns, notice):
    seen = heat_map(np.ones(shape))
    assert len(seen.rows) == rows
    assert {len(row) for row in seen.rows} <= {columns}
    assert seen.notice == notice


# ----- What it refuses ----------------------------------------------------------------------------


def test_data_changed_after_it_was_used():
    _, w, _, loss = layer()
    w.data = w.data * 2.0
    with pytest.raises(GraphError, match="changed after it was computed"):
        engine.steps(loss)


def test_values_and_tensors_in_one_graph():
    a = Value(2.0)
    with pytest.raises(GraphError, match="a graph of Values or one of Tensors"):
        engine.steps(Tensor.from_values([a, a]).sum())
    x, y = Tensor([1.0, 2.0], requires_grad=True).to_values()
    with pytest.raises(GraphError, match="a graph of Values or one of Tensors"):
        engine.steps(x * y)


def test_arrays_that_are_too_large(monkeypatch):
    monkeypatch.setattr("engine.view.stepper.sweep.MOST_ELEMENTS", 10)
    with pytest.raises(GraphError, match="step through a smaller batch"):
        engine.steps(layer()[-1])


@pytest.mark.parametrize("shape", [(), (0, 3), (1,), (2, 3, 4)])
def test_a_leaf_alone(shape):
    leaf = Tensor(np.ones(shape), "leaf", requires_grad=True)
    s = engine.steps(leaf, gradients=[np.ones(shape)])
    assert len(s) == 1
    assert "leaf.grad" in str(s)
