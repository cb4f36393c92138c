"""What a page is given of its steps, to the last field."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

import engine
from engine import Tensor, Value, record_source
from engine.view.stepper import page
from engine.view.stepper.compare import Outcome, Visit

A, B, D, TWO, V1 = range(5)  # the nodes of (a × b) × 2


def data_of(s):
    return json.loads(page._data(s, [0] * len(s)))


def doubled_product(phase):
    d = Value(-2.0, "a") * Value(3.0, "b")
    d.label = "d"
    return engine.steps(d * 2.0, phase)


def node(name, data, grad, uses, interior):
    fields = ("name", "data", "grad", "uses", "interior")
    return dict(zip(fields, (name, data, grad, uses, interior), strict=True))


def part(to, operand, rule, local, amount="", after="", use=0, width=0.0):
    rest = {"amount": amount, "after": after, "use": use, "width": width} if amount else {}
    return {"to": to, "operand": operand, "rule": rule, "local": local} | rest


def step(phase, node, expr, why, **more):
    return {"phase": phase, "node": node, "expr": expr, "why": why, "picture": 0, **more}


def test_the_nodes_of_values():
    data = data_of(doubled_product("backward"))
    assert (data["symbol"], data["maps"]) == ("v1", [])
    assert data["nodes"] == [
        node("a", "-2", "·", 1, False),
        node("b", "3", "·", 1, False),
        node("d", "-6", "·", 1, True),
        node("2", "2", "·", 0, False),
        node("v1", "-12", "·", 0, True),
    ]
    before = data_of(doubled_product("forward"))["nodes"]
    assert [n["data"] for n in before] == ["-2", "3", "·", "2", "·"]


def test_the_steps_of_values():
    """Widths are 1.8 + 5.2 times the root of the share of 6, the largest that flows."""
    assert data_of(doubled_product("update"))["steps"] == [
        step("forward", None, "given a = -2 and b = 3", "the leaves come first"),
        step(
            *("forward", D, "d = a × b = -2 × 3 = -6", "its operands are known: a and b"),
            data=[[D, "-6"]],
            parts=[part(A, 0, "b", "3"), part(B, 1, "a", "-2")],
        ),
        step(
            *("forward", V1, "v1 = d × 2 = -6 × 2 = -12", "its operands are known: d and 2"),
            data=[[V1, "-12"]],
            parts=[part(D, 0, "2", "2")],
        ),
        step(
            *("backward", None, "∂v1/∂v1 = 1", "the chain rule starts at the root"),
            parts=[part(V1, 0, "", "1", "1", "1", 0, 3.92)],
        ),
        step(
            *("backward", V1, "v1 = d × 2 = -12", "it is the root: nothing comes before it"),
            upstream="1",
            constants=["2"],
            parts=[part(D, 0, "2", "2", "2", "2", 1, 4.8)],
        ),
        step(
            *("backward", D, "d = a × b = -6", "its only consumer is done: v1"),
            upstream="2",
            parts=[
                part(A, 0, "b", "3", "6", "6", 1, 7.0),
                part(B, 1, "a", "-2", "-4", "-4", 1, 6.05),
            ],
            left="backward() leaves a.grad = 6 and b.grad = -4",
        ),
        step(
            *("update", None, "each leaf goes lr = 0.1 times its gradient down"),
            "all gradients are complete",
        ),
        step(
            *("update", A, "a ← a - lr × a.grad = -2 - 0.1 × 6 = -2.6"),
            "its gradient is complete",
            upstream="6",
            data=[[A, "-2.6"]],
        ),
        step(
            *("update", B, "b ← b - lr × b.grad = 3 - 0.1 × (-4) = 3.4"),
            "its gradient is complete",
            upstream="-4",
            data=[[B, "3.4"]],
        ),
        step(
            *("update", None, "run again, v1 = -17.68 (it was -12)"),
            "the same program with the new numbers",
            data=[[D, "-8.84"], [V1, "-17.68"]],
        ),
    ]


def test_the_arrays_of_tensors_are_there_once():
    x = Tensor(np.array([[1.0, -2.0], [0.0, 4.0]]), "x", requires_grad=True)
    b = Tensor(np.array([1.0, -1.0]), "b", requires_grad=True)
    data = data_of(engine.steps((x + b).sum()))
    assert [n.get("maps") for n in data["nodes"]] == [{"data": 0}, {"data": 1}, {"data": 2}, None]
    assert [n["data"] for n in data["nodes"]] == ["-2 … 4", "-1 … 1", "-3 … 3", "3"]
    first, last = data["steps"][1:]
    ones = "[[1, 1], [1, 1]]"
    flow = {"operand": 0, "amount": ones, "after": ones, "use": 1, "width": 5.48, "tone": "plus"}
    summed = {"summed": ""}
    assert first["parts"] == [
        {"to": 2, "rule": "g", "pull": "∂v2/∂v2", "maps": {"amount": 3, "after": 4}} | flow | summed
    ]
    assert last["maps"] == {"value": 2, "upstream": 4}
    assert "maps" not in first
    rule = {"rule": "1", "local": "1", "pull": "∂v2/∂v1"}
    assert last["parts"] == [
        {"to": 0, "maps": {"amount": 5, "after": 6}} | rule | flow | summed,
        {"to": 1, "maps": {"amount": 7, "after": 8}}
        | rule
        | flow
        | {"operand": 1, "amount": "[2, 2]", "after": "[2, 2]", "width": 7.0}
        | {"summed": "summed over axis 0: (2, 2) → (2,)"},
    ]
    assert len(data["maps"]) == 9
    assert data["maps"][0] == {
        "shape": "2 × 2",
        "summary": "-2 … 4, norm 4.583",
        "scale": "4",
        "rows": ["id", "gm"],
        "numbers": [["1", "-2"], ["0", "4"]],
    }


def test_a_forward_step_of_tensors_tells_where_its_array_is_seen():
    x = Tensor(np.array([0.0, 1.0]), "x", requires_grad=True)
    s = engine.steps(x * x, "forward", gradients=[np.ones(2)])
    data = data_of(s)
    (change,) = data["steps"][1]["data"]
    assert change[:2] == [1, "0 … 1"]
    assert data["steps"][1]["maps"]["value"] == change[2]
    assert data["maps"][change[2]]["rows"] == ["gm"]
    first, second = (part["maps"] for part in data["steps"][1]["parts"])
    assert first.keys() == second.keys() == {"local"}


def test_of_many_steps_the_first_are_on_the_page():
    s = doubled_product("update")
    few = json.loads(page._data(s, [0, 0, 0]))
    assert [step["phase"] for step in few["steps"]] == ["forward"] * 3
    assert "left" not in few["steps"][-1]
    whole = json.loads(page._data(s, [0] * 6))
    assert whole["steps"][-1]["left"] == "backward() leaves a.grad = 6 and b.grad = -4"


def test_the_line_of_a_step_is_on_the_page():
    with record_source():
        y = Value(1.0, "x") * 2.0
    step = data_of(engine.steps(y))["steps"][1]
    assert step["source"].startswith("test_steps_data.py:")
    assert step["line"] == 'y = Value(1.0, "x") * 2.0'


def test_a_page_is_packed_from_a_quarter_of_a_million_characters(monkeypatch):
    s = doubled_product("backward")
    monkeypatch.setattr(page, "pictures_of", lambda s, count: ([], [0] * count))
    assert page.MOST_PLAIN == 250_000
    size = len(page._data(s, [0] * len(s)))
    for most, packed in ((size, False), (size - 1, True)):
        monkeypatch.setattr(page, "MOST_PLAIN", most)
        assert ("text/plain" in page.page(s)) is packed


@pytest.mark.parametrize("index", [-1, 11, 12])
def test_there_is_no_node_beyond_the_steps(index):
    s = doubled_product("update")
    assert len(s) == 10
    with pytest.raises(IndexError):
        s.node(index)
    assert [s.node(i) for i in range(10)] == [None, D, V1, None, V1, D, None, A, B, None]


@pytest.mark.parametrize(
    ("right", "wrong", "same"),
    [
        *[(None, None, True), (None, 0.0, False), (0.0, None, False), (1.0, 1.0 + 1e-13, True)],
        *[(1.0, 1.0 + 1e-11, False), (np.nan, np.nan, True), (np.nan, 1.0, False)],
        *[(1.0, np.nan, False), (np.ones(2), np.ones(2) * (1 + 5e-7), True)],
        *[(np.ones(2), np.ones(2) * (1 + 2e-6), False), (np.ones(2), None, False)],
        *[(np.zeros(2), np.array([0.0, 1e-9]), False), (np.full(2, np.nan),) * 2 + (True,)],
    ],
)
def test_two_gradients_agree_but_for_rounding(right, wrong, same):
    assert Outcome("a", right, wrong).same is same
    assert str(Visit("a", 2.0)) == "a passes on 2"


def test_a_picture_says_what_it_is_of():
    x = Value(1.0, "x")
    assert repr(engine.draw(x, names={})) == "<Picture of x: 1 node>"
    assert repr(engine.draw(x * x, names={})) == "<Picture of v1: 2 nodes>"
    steps = doubled_product("backward")
    assert repr(steps) == "<Steps: backward of v1, 2 steps>"
    assert repr(engine.steps(x)) == "<Steps: backward of x, 0 steps>"
    assert replace(steps[1], stale=True) != steps[1]
