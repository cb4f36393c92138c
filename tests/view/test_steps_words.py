"""Numbers, names, shades and lists as the stepper writes them, on both sides of every limit."""

from __future__ import annotations

import math
from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from graphs import chain

import engine
from engine import GraphError, Tensor, Value, ops
from engine.view.formatting import format_number
from engine.view.stepper import page, sweep
from engine.view.stepper.amounts import dots, thickness, tone_of
from engine.view.stepper.geometry import bounds
from engine.view.stepper.heat import _fitting, _spread, _width, heat_map
from engine.view.stepper.layout import StepPicture, _as_rectangle, _slim
from engine.view.stepper.markup import _moved, markup
from engine.view.stepper.numbers import brief, shown, sign_of, summary
from engine.view.stepper.picture import _around, _spanned, _widths, _windows
from engine.view.stepper.remarks import remarks
from engine.view.stepper.table import table
from engine.view.stepper.text import frame
from engine.view.stepper.words import _parameters, listed, pull, readable, rule, signed

# ----- Numbers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "text", "short"),
    [
        (np.ones(4), "[1, 1, 1, 1]", "[1, 1, 1, 1]"),
        (np.ones(5), "(5,): 1, norm 2.236", "1"),
        (np.ones((2, 2)), "[[1, 1], [1, 1]]", "[[1, 1], [1, 1]]"),
        (np.ones((1, 1, 2)), "(1, 1, 2): 1, norm 1.414", "(1, 1, 2): 1, norm 1.414"),
        (np.ones(0), "(0,): empty", "(0,): empty"),
        (np.array([3e200, 4e200]), "[3e200, 4e200]", "[3e200, 4e200]"),
        (-2.5, "-2.5", "-2.5"),
        (None, "·", "·"),
    ],
)
def test_few_elements_are_written_out(x, text, short):
    assert (shown(x), brief(x)) == (text, short)


def test_a_norm_does_not_overflow():
    assert summary(np.array([3e200, 4e200, 0.0])) == "0 … 4e200, norm 5e200"
    assert summary(np.array([0.0, 0.0])) == "0, norm 0"
    assert summary(np.array([0.0, math.inf])) == "0 … inf"


@pytest.mark.parametrize(
    ("x", "sign"),
    [
        *[(2.0, "plus"), (-2.0, "minus"), (0.0, "zero"), (-0.0, "zero")],
        *[(np.array([0.0, 1.0]), "plus"), (np.array([0.0, -1.0]), "minus")],
        *[(np.array([1.0, -1.0]), "mixed"), (np.zeros(2), "zero")],
    ],
)
def test_the_sign_of_a_number_and_of_an_array(x, sign):
    assert sign_of(x) == tone_of(x) == sign


@pytest.mark.parametrize("x", [math.inf, math.nan, np.array([1.0, -math.inf])])
def test_what_is_not_finite_alarms(x):
    assert tone_of(x) == "alarm"


def test_signed():
    assert [signed(x) for x in (2.0, -2.0, 0.0, math.nan, math.inf)] == [
        *["+2", "-2", "0", "nan", "+inf"]
    ]
    assert signed(np.array([2.0])) == "[2]"


@pytest.mark.parametrize(
    ("number", "precision", "text"),
    [
        *[(1e6, 4, "1e6"), (999999.0, 4, "999999"), (999999.5, 4, "1000000"), (-1e6, 4, "-1e6")],
        *[(1000.4, 3, "1000"), (999.6, 3, "1e3"), (12.34, 1, "12"), (10000.0, 4, "10000")],
        *[(9.996, 3, "10"), (0.00012345, 3, "0.000123"), (1.5, 1, "2"), (123.0, 1, "123")],
    ],
)
def test_whole_digits_are_kept(number, precision, text):
    assert format_number(number, precision) == text


def test_dots_count_up_to_six_uses():
    assert [dots(use, 3) for use in range(4)] == ["○○○", "●○○", "●●○", "●●●"]
    assert (dots(2, 6), dots(2, 7)) == ("●●○○○○", "2 of 7")


@pytest.mark.parametrize(
    ("amount", "largest", "pixels"),
    [
        *[(4.0, 4.0, 7.0), (1.0, 4.0, 4.4), (-1.0, 4.0, 4.4), (0.0, 4.0, 1.8), (0.0, 0.0, 1.8)],
        *[(math.inf, 4.0, 7.0), (math.nan, 4.0, 7.0), (2.0, 0.0, 7.0)],
        *[(np.array([1.0, -0.5]), 4.0, 4.4), (0.16, 4.0, 2.84)],
    ],
)
def test_an_edge_is_as_thick_as_the_root_of_its_share(amount, largest, pixels):
    assert thickness(amount, largest) == pixels


# ----- Shades -------------------------------------------------------------------------------------


def test_thirteen_shades_from_the_most_negative_to_the_most_positive():
    seen = heat_map(np.linspace(-6.0, 6.0, 13))
    assert (seen.shape, seen.scale, seen.rows) == ("13", "6", ("abcdefghijklm",))
    assert heat_map(np.array([1.01, 1.0, 6.0])).rows == ("ihm",)


@pytest.mark.parametrize(
    ("shape", "written"), [((8, 6), True), ((9, 6), False), ((8, 7), False), ((1, 6), True)]
)
def test_numbers_are_written_in_up_to_eight_rows_of_six(shape, written):
    assert heat_map(np.ones(shape)).numbers == (("1",) * shape[1],) * shape[0] * written


@pytest.mark.parametrize(
    ("count", "most", "places"),
    [
        *[(5, 5, [0, 1, 2, 3, 4]), (5, 3, [0, 2, 4]), (5, 2, [0, 4]), (1, 3, [0]), (0, 3, [])],
        *[(9, 5, [0, 2, 4, 6, 8]), (10, 4, [0, 3, 6, 9]), (11, 4, [0, 3, 7, 10])],
    ],
)
def test_places_are_spread_evenly_from_end_to_end(count, most, places):
    assert _spread(count, most) == places


@pytest.mark.parametrize(
    ("shape", "notice"),
    [
        ((2, 25), "24 of 25 columns, evenly spaced"),
        ((13, 25), "12 of 13 rows; 24 of 25 columns, evenly spaced"),
        ((3, 5, 24), "axes 0 to 1 one after the other as rows; 12 of 15 rows, evenly spaced"),
        ((1, 1, 2, 3), "axes 0 to 2 one after the other as rows"),
        ((2000, 2), "12 of 2,000 rows, evenly spaced"),
    ],
)
def test_a_notice_says_what_is_not_seen(shape, notice):
    assert heat_map(np.ones(shape)).notice == notice


def test_a_number_has_the_digits_that_its_pixels_hold():
    assert (_width("-1.2"), _width("123"), _width("+1e-5")) == (22, 21, 29)
    texts = {32: "-1.23", 29: "-1.23", 28: "-1.2", 22: "-1.2", 21: "-1", 1: "-1"}
    assert {room: _fitting(-1.2345, room) for room in texts} == texts


def test_the_room_of_a_number_is_that_of_its_cell():
    """Six columns have 312 / 6 - 4 = 48 pixels each: six digits and a point, or five and a sign."""
    row = np.array([[1.23e-10, -1.23e-10, -1.23e-100, 0.00123, -0.000123, 1.0]])
    assert heat_map(row).numbers[0][:5] == ("1.2e-10", "-1.2e-10", "-1e-100", "0.00123", "-0.0001")
    assert heat_map(row[:, :3]).numbers[0][2] == "-1.23e-100"


# ----- Words --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("items", "text"),
    [
        *[("", ""), ("a", "a"), ("ab", "a and b"), ("abcdef", "a, b, c, d, e and f")],
        *[("abcdefg", "a, b, c, d, 2 more and g"), ("abcdefghi", "a, b, c, d, 4 more and i")],
    ],
)
def test_a_list_has_up_to_six_items(items, text):
    assert listed(items) == text


def test_a_name_has_up_to_forty_characters():
    assert readable("x" * 40) == "x" * 40
    assert readable("abcdefghijklmnopqrstuvwxyz0123456789ABCDE") == (
        "⟨abcdefghijklmnopqrs…vwxyz0123456789ABCDE⟩"
    )


class Odd:
    """An op on arrays whose row does not say how it takes a gradient back."""

    name, formula, derivatives = "odd", "", (None, None)


def test_what_a_row_does_not_say():
    assert pull(Odd(), 0, "∂f/∂y", "y", ["a"]) == "what odd makes of ∂f/∂y"
    assert rule(ops.multiply, 2, "d", ["a", "b"]) == ""
    assert _parameters(Odd()) == ("x", "y", "z")


def test_a_local_derivative_of_one_is_not_written():
    assert pull(ops.subtract, 0, "∂f/∂d", "d", ["a", "b"]) == "∂f/∂d"
    assert pull(ops.subtract, 1, "∂f/∂d", "d", ["a", "b"]) == "-∂f/∂d"
    assert pull(ops.divide, 0, "∂f/∂d", "d", ["a", "b"]) == "∂f/∂d · (1/b)"


def test_the_derivative_of_a_dot_is_what_stands_across():
    names = ["a", "b", "x", "y"]
    op = engine.dot([Value(1.0)], [Value(1.0)]).op
    assert [rule(op, k, "d", names) for k in range(4)] == ["x", "y", "a", "b"]


@pytest.mark.parametrize(("uses", "more"), [(100, []), (101, ["    … and 1 more of 101 operands"])])
def test_a_frame_has_up_to_a_hundred_parts(uses, more):
    s = engine.steps(engine.sum([Value(1.0, f"x{i}") for i in range(uses)]), "both")
    for step in (s[1], s[3]):
        lines = frame(step, len(s), s.builder.symbol)
        assert lines[101:] == more
        assert "x99" in lines[100]


@pytest.mark.parametrize(("steps", "cut"), [(200, False), (201, True)])
def test_as_text_there_are_up_to_two_hundred_steps(steps, cut):
    lines = str(engine.steps(chain(steps - 1))).splitlines()
    left_out = [line for line in lines if "left out" in line]
    assert left_out == ["… 1 left out: s.print() writes all 201 steps"] * cut
    numbers = [line.split("/")[0] for line in lines if line.startswith("step ")]
    expected = [f"step {k}" for k in range(steps) if not (cut and k == 100)]
    assert numbers == expected
    assert lines[-1].startswith("backward() leaves x.grad = ")


@pytest.mark.parametrize(("uses", "more"), [(100, False), (101, True)])
def test_a_row_of_the_table_has_up_to_a_hundred_parts(uses, more):
    s = engine.steps(engine.sum([Value(1.0, f"x{i}") for i in range(uses)]))
    row = table(s).split("<tr>")[-1]
    assert row.count("… and 1 more") == 3 * more  # rules, amounts, gradients
    assert row.count("x99.grad") == 1
    assert row.count("x100.grad") == 0


def test_the_table_tells_uses_where_there_are_several():
    a = Value(3.0, "a")
    rows = table(engine.steps(a * a)).split("<tr>")
    assert rows[2].count("v1.grad") == 1
    assert "(use" not in rows[2]  # a seed
    assert "a.grad: · → 3 (use 1 of 2)<br>a.grad: 3 → 6 (use 2 of 2)" in rows[3]
    once = table(engine.steps(a * 2.0)).split("<tr>")[3]
    assert "(use" not in once


def test_the_table_has_up_to_two_thousand_steps():
    assert "<p>" not in table(engine.steps(chain(1999)))
    assert "<p>The first 2,000 of 2,001 steps.</p>" in table(engine.steps(chain(2000)))


@pytest.mark.parametrize(("local", "saturated"), [(0.01, False), (0.0099, True), (-0.0099, True)])
def test_an_op_is_saturated_below_a_hundredth(local, saturated):
    said = remarks("y", "tanh", 1.0, [part(local)])
    assert said == ["tanh is saturated here: little of the gradient passes through y"] * saturated
    assert remarks("y", "exp", 1.0, [part(local)]) == []


def part(local, upstream=1.0):
    x = Value(1.0, "x")
    step = engine.steps(x * 1.0)[1]
    return replace(step.parts[0], local=local, contribution=local * upstream)


def test_the_places_of_an_array_that_are_off_or_saturated_are_counted():
    local = np.array([0.0, 0.0099, 0.01, -0.0099, 1.0])
    assert remarks("y", "tanh", np.ones(5), [part(local, np.ones(5))]) == [
        "tanh is saturated in 3 of 5 places of y"
    ]
    assert remarks("y", "relu", np.ones(5), [part(local, np.ones(5))]) == [
        "relu is off in 1 of 5 places: nothing passes there"
    ]
    assert remarks("y", "exp", np.ones(5), [part(local, np.ones(5))]) == []


# ----- Limits -------------------------------------------------------------------------------------


class Size:
    """Steps of a graph of a size, of which nothing else is asked."""

    def __init__(self, nodes, edges):
        self.record = self
        self.size = nodes, edges


@pytest.mark.parametrize(
    ("nodes", "edges", "fine"),
    [(20_000, 50_000, True), (20_001, 50_000, False), (20_000, 50_001, False)],
)
def test_how_much_a_page_holds(nodes, edges, fine):
    assert page._too_large(Size(nodes, edges)) is not fine


@pytest.mark.parametrize("limit", ["MOST_NODES", "MOST_EDGES"])
@pytest.mark.parametrize("fine", [True, False])
def test_how_much_the_stepper_records(monkeypatch, limit, fine):
    """A chain of five nodes and four edges."""
    least = {"MOST_NODES": 5, "MOST_EDGES": 4}[limit]
    monkeypatch.setattr(sweep, limit, least if fine else least - 1)
    if fine:
        assert len(engine.steps(chain(4))) == 5
    else:
        with pytest.raises(GraphError, match="has 5 and 4: step through a part"):
            engine.steps(chain(4))


def test_the_limits_of_the_stepper_are_those_of_its_errors():
    limits = sweep.MOST_NODES, sweep.MOST_EDGES, sweep.MOST_ELEMENTS
    assert limits == (200_000, 500_000, 20_000_000)


@pytest.mark.parametrize(("most", "fine"), [(12, True), (11, False)])
def test_how_many_elements_the_stepper_records(monkeypatch, most, fine):
    """Four of x, four of its tanh, and what flows on the edge between them."""
    monkeypatch.setattr(sweep, "MOST_ELEMENTS", most)
    y = Tensor(np.ones((2, 2)), "x", requires_grad=True).tanh()
    if fine:
        assert len(engine.steps(y, gradients=[np.ones((2, 2))])) == 2
    else:
        with pytest.raises(GraphError, match="up to 11 elements, and here are 12"):
            engine.steps(y, gradients=[np.ones((2, 2))])


# ----- The pictures beneath -----------------------------------------------------------------------


def test_edges_span_the_columns_between_their_ends():
    assert _spanned(engine.steps(chain(4)).record.trace) == 4
    x = Value(1.0, "x")
    y = x.tanh()
    assert _spanned(engine.steps(y.tanh() * x).record.trace) == 1 + 1 + 1 + 3


def test_a_window_shows_twenty_steps_of_one_pass():
    s = engine.steps(chain(45), "both")
    windows = list(_windows(s, len(s)))
    assert [steps for steps, _ in windows] == [
        *[list(range(21)), list(range(21, 42)), list(range(42, 46))],
        *[list(range(46, 67)), list(range(67, 88)), list(range(88, 92))],
    ]
    assert windows[0][1] == set(range(22))  # 20 ops, what they read, and what reads the last
    assert windows[3][1] == set(range(25, 46))
    longer = engine.steps(chain(1000))
    assert next(len(steps) for steps, _ in _windows(longer, 1001)) == 26  # of 1001 / 40


def test_around_a_node_are_its_operands_and_two_of_its_consumers():
    x = Value(1.0, "x")
    y = x.tanh()
    total = engine.sum([y.exp(), y.exp(), y.exp()])
    s = engine.steps(total)
    assert _around(s, None) == set()
    assert _around(s, 1) == {0, 1, 3, 4}  # the consumers in the order of the sweep
    assert _around(s, 5) == {2, 3, 4, 5}


def test_a_node_has_room_for_the_longest_of_its_numbers():
    a, b = Value(-2.0, "a"), Value(0.125, "b")
    f = a * b
    assert _widths(engine.steps(f)) == [5, 5, 5]  # 0.125, 0.125 (and -2), -0.25
    assert _widths(engine.steps(f, "update")) == [len("-2.012"), 5, len("-0.6539")]


def test_a_path_becomes_a_rectangle():
    path = ET.Element("path", {"d": "M40,10C40,10 20,10 20,10 14,10 8,4 8,-30"})
    _as_rectangle(path)
    assert path.tag == "rect"
    assert path.attrib == {
        "x": "8.0",
        "y": "-30.0",
        "width": "32.0",
        "height": "40.0",
        "rx": "10.7",
    }
    large = ET.Element("path", {"d": "M0,0C0,0 90,0 90,60"})
    _as_rectangle(large)
    assert large.get("rx") == "12.0"
    flat = ET.Element("path", {"d": "M0,0C0,0 90,0 90,6"})
    _as_rectangle(flat)
    assert flat.get("rx") == "2.0"


def test_what_is_said_once_for_all_is_taken_out():
    root = ET.fromstring(
        '<svg><g class="edge">\n<path fill="none" stroke="#87929f" stroke-width="1.1" '
        'd="M1.234,5.678"/><polygon fill="#87929f" stroke="#87929f" stroke-width="2" '
        'points="1.99,2"/></g><g class="node"><text text-anchor="start" font-size="12.00" '
        'x="3.456">a</text><text> </text><text class="room"> </text></g></svg>'
    )
    _slim(root)
    edge, node = root
    assert [(child.tag, child.attrib) for child in edge] == [
        ("path", {"d": "M1.2,5.6"}),
        ("polygon", {"stroke-width": "2", "points": "1.9,2"}),
    ]
    assert [(child.get("class"), child.attrib, child.text) for child in node] == [
        (None, {"x": "3.4"}, "a"),
        ("room", {"class": "room"}, " "),
    ]
    assert edge.text is None


def test_a_picture_as_markup_moves_its_nodes_and_leaves_heads_to_the_script():
    root = ET.fromstring(
        '<svg class="p0"><g id="p0-n0"><rect x="10" y="20" width="30" height="8"/>'
        '<text x="12.5" y="26">a</text></g><g id="p0-n1"><ellipse cx="60" cy="24" rx="10" ry="4"/>'
        '<polygon points="50,20 70,28.25"/></g><g id="p0-e0">'
        '<path d="M40,24C43,24.4 46.6,25 49,26C50,27 51,28 52.25,29"/>'
        '<polygon points="0,0 1,1"/></g></svg>'
    )
    text = markup(StepPicture(root, {3: "p0-n0", 4: "p0-n1"}, {(4, 1): "p0-e0"}))
    root = ET.fromstring(text)
    assert (root.get("hidden"), root.get("aria-label")) == ("", "Graph of 2 nodes")
    box, oval, edge = root
    assert [group.get("id") for group in root] == ["p0-3", "p0-4", "p0-4-1"]
    assert (box.get("transform"), box.get("data-size")) == ("translate(10 20)", "30 8")
    assert (box[0].get("x"), box[0].get("y"), box[0].get("width")) == ("0", "0", "30")
    assert (box[1].get("x"), box[1].get("y")) == ("2.5", "6")
    assert (oval.get("transform"), oval.get("data-size")) == ("translate(50 20)", "20 8.2")
    assert (oval[0].get("cx"), oval[0].get("cy")) == ("10", "4")
    assert oval[1].get("points") == "0,0 20,8.2"
    (line,) = edge  # each curve from where it begins: 9, 2 from the first, 3.2, 3 from the second
    assert line.get("d") == "M40,24c3 0 7 1 9 2 1 1 2 2 3.2 3"
    assert _moved("1,2 3,4", 1.0, 1.0) == "0,1 2,3"
    assert bounds(box.findall("rect")) == (0, 0, 30, 8)
