"""What a picture shows of a small graph: names, kinds, numbers, edges."""

import math
import sys

import numpy as np
import pytest

import engine
from engine import EngineError, GraphError, NumberError, OperandError, Value, no_grad, scope


def shown(picture):
    return {node.title: node for node in picture.diagram.nodes}


def rows(node):
    return {row.caption: row.text for row in node.rows}


def reads(picture):
    """Return the edges as pairs of titles, in the order of the operands of each node."""
    titles = {node.id: node.title for node in picture.diagram.nodes}
    return [(titles[edge.source], titles[edge.target]) for edge in picture.diagram.edges]


def test_one_leaf_is_a_picture():
    picture = engine.draw(Value(3.0, label="a"))
    (node,) = picture.diagram.nodes
    assert (node.title, node.kind, node.formula) == ("a", "leaf", "")
    assert rows(node) == {"data": "3", "grad": "·"}
    assert picture.diagram.edges == ()


def test_an_operand_read_twice_has_two_edges():
    a = Value(3.0, label="a")
    picture = engine.draw(a * a, names={})
    assert reads(picture) == [("a", "v1"), ("a", "v1")]
    assert [edge.operand for edge in picture.diagram.edges] == [1, 2]


def test_edges_come_in_the_order_of_the_operands():
    a, b = Value(3.0, label="a"), Value(2.0, label="b")
    picture = engine.draw((b - a) / engine.max([a, b, a]), names={})
    assert reads(picture) == [
        *[("b", "v1"), ("a", "v1")],
        *[("a", "v2"), ("b", "v2"), ("a", "v2")],
        *[("v1", "v3"), ("v2", "v3")],
    ]


def test_operands_stand_in_order_where_that_crosses_no_edges():
    def ordered(root):
        return engine.draw(root, names={}).source.count("ordering=in")

    a, b, c = Value(1.0), Value(2.0), Value(3.0)
    assert ordered((a - b) / c) == 2  # a tree: both ops
    assert ordered((a - b) / a) == 0  # a is read in two places, and Graphviz decides
    assert ordered((a - b) / (c * c)) == 2  # c twice, but in one place; c * c has one operand


def test_a_gradient_is_shown_as_a_dot_until_it_is_computed():
    a = Value(3.0, label="a")
    y = a * a
    assert rows(shown(engine.draw(y))["a"])["grad"] == "·"
    y.backward()
    assert rows(shown(engine.draw(y))["a"])["grad"] == "6"
    a.zero_grad()
    assert rows(shown(engine.draw(y))["a"])["grad"] == "·"


def test_a_gradient_of_zero_is_shown_as_zero():
    a = Value(-3.0, label="a")
    y = a.relu()
    y.backward()
    assert rows(shown(engine.draw(y))["a"])["grad"] == "0"


def test_every_kind_of_node_is_told_apart():
    with scope("net/layer0"):
        pass
    weight = Value(2.0, label="w")
    weight.scope = "net/layer0"
    leaf = Value(1.0, label="leaf")
    data = Value(5.0, label="x", requires_grad=False)
    y = (weight * data + leaf) * 3.0
    kinds = {node.title: node.kind for node in engine.draw(y, names={"y": y}).diagram.nodes}
    assert kinds == {
        "w": "parameter",
        "leaf": "leaf",
        "x": "input",
        "3": "constant",
        "v1": "op",
        "v2": "op",
        "y": "output",
    }


def test_kinds_differ_by_shape_and_by_colour():
    from engine.view.theme import LOOKS, PALETTE

    kinds = ["op", "output", "leaf", "parameter", "input", "constant", "group"]
    assert len({(LOOKS[k].shape, LOOKS[k].peripheries) for k in kinds}) == len(kinds)
    for theme in (0, 1):
        assert len({PALETTE[kind][theme] for kind in kinds}) == len(kinds)
        assert len({PALETTE[f"{kind} fill"][theme] for kind in kinds}) == len(kinds)


def test_no_two_entries_of_the_palette_share_a_colour_on_a_light_page():
    """The dark page is made from the light one colour by colour."""
    from engine.view.theme import PALETTE

    lights = [colour.light for colour in PALETTE.values()]
    assert len(set(lights)) == len(lights)


def test_numbers_that_several_ops_share_are_inputs_and_literals_are_constants():
    xs = [Value(float(i), requires_grad=False) for i in range(2)]
    w = Value(2.0, label="w")
    y = engine.dot([w, w], xs) * 7.0
    kinds = [node.kind for node in engine.draw(y).diagram.nodes]
    assert sorted(kinds) == ["constant", "input", "input", "leaf", "op", "output"]


def test_what_is_handed_to_a_module_is_an_input_and_what_it_makes_is_a_constant():
    w = Value(2.0, label="w")
    with engine.scope("net"):
        handed = Value(3.0, requires_grad=False)
        with engine.scope("layer"):
            y = (w * handed) * 5.0
    kinds = {node.title: node.kind for node in engine.draw(y, names={}).diagram.nodes}
    assert kinds == {"w": "leaf", "in1": "input", "v1": "op", "5": "constant", "v2": "output"}


def test_what_was_computed_without_gradients_is_a_constant():
    with no_grad():
        y = Value(2.0) * 3.0
    (node,) = engine.draw(y, names={}).diagram.nodes
    assert (node.kind, node.title, node.rows) == ("constant", "6", ())


# ----- Names -------------------------------------------------------------------------------------


def test_a_label_goes_before_the_variable_and_that_before_the_creation_order():
    labelled = Value(1.0, label="theta")
    variable = Value(2.0)
    y = labelled * variable + Value(3.0)
    titles = [node.title for node in engine.draw(y).diagram.nodes]
    assert titles == ["theta", "variable", "v1", "v2", "y"]


def test_the_first_variable_bound_to_a_value_names_it():
    first = Value(1.0)
    second = first
    assert engine.draw(second).diagram.title == "first"


def test_a_local_variable_goes_before_a_global_one():
    namespace = {"engine": engine, "Value": Value}
    code = "\n".join(
        [
            "outer = Value(1.0)",
            "def f(inner):",
            "    return engine.draw(inner)",
            "picture = f(outer)",
        ]
    )
    exec(code, namespace)
    assert namespace["picture"].diagram.title == "inner"


def test_a_notebook_cell_gives_its_names_and_not_those_of_ipython():
    cell = {"__name__": "__main__", "_": None, "_1": None, "Value": Value, "engine": engine}
    exec("_ = __ = _7 = loss = Value(1.0) * 2.0\npicture = engine.draw(_)", cell)
    assert cell["picture"].diagram.title == "loss"


def test_elements_of_lists_tuples_and_dicts_are_named_by_their_place():
    weights = [[Value(1.0), Value(2.0)], [Value(3.0)]]
    rates = {"slow": Value(4.0), 7: Value(5.0)}
    y = engine.sum([*weights[0], *weights[1], *rates.values()])
    titles = {node.title for node in engine.draw(y).diagram.nodes}
    assert titles == {
        *("weights[0][0]", "weights[0][1]", "weights[1][0]"),
        *("rates['slow']", "rates[7]", "y"),
    }


def test_names_given_stand_in_for_the_variables():
    hidden = Value(1.0)
    assert engine.draw(hidden, names={"shown": hidden}).diagram.title == "shown"
    assert engine.draw(hidden, names={}).diagram.title == "v1"


def test_equal_labels_of_two_modules_are_told_apart_by_as_little_path_as_does():
    a, b, c = (Value(1.0, label="w") for _ in range(3))
    a.scope, b.scope, c.scope = "mlp/layer0/neuron0", "mlp/layer0/neuron1", "mlp/layer1/neuron0"
    bias = Value(1.0, label="bias")
    bias.scope = "mlp/layer0/neuron0"
    formulas = {node.formula for node in engine.draw(a * b + c * bias, names={}).diagram.nodes}
    assert "= layer0/neuron0/w × layer0/neuron1/w" in formulas
    assert "= layer1/neuron0/w × bias" in formulas


def test_creation_numbers_pass_over_what_has_a_name():
    a = Value(2.0, label="a")
    b = a * 3.0
    c = b + a
    assert engine.draw(c.tanh(), names={}).diagram.nodes[-1].formula == "= tanh(v2)"


# ----- Numbers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (-6.0, "-6"),
        (2.0 / 3.0, "0.6667"),
        (123456.0, "123456"),
        (12345.678, "12346"),
        (1e6, "1e6"),
        (-1.23456e-7, "-1.235e-7"),
        (1e300, "1e300"),
        (5e-324, "4.941e-324"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (math.nan, "nan"),
    ],
)
def test_numbers_are_written_with_four_significant_digits(number, text):
    node = engine.draw(Value(number, label="a")).diagram.nodes[0]
    assert rows(node)["data"] == text
    assert f"data {number!r}" in node.tooltip.splitlines()  # in full


def test_precision_sets_the_digits():
    assert rows(engine.draw(Value(math.pi), precision=7).diagram.nodes[0])["data"] == "3.141593"


def test_nan_and_inf_raise_the_alarm_and_nothing_else_does():
    x = Value(-1.0, label="x")
    y = x.log() + 1.0
    y.backward()
    alarming = {
        (node.title, row.caption)
        for node in engine.draw(y, names={"y": y}).diagram.nodes
        for row in node.rows
        if row.alarming
    }
    # log(-1) is nan, and so is its derivative by the convention of the op table
    assert alarming == {("v1", "data"), ("y", "data"), ("x", "grad")}


def test_the_local_gradient_stands_on_the_edge():
    a, b = Value(-2.0, label="a"), Value(3.0, label="b")
    d = a * b
    tooltips = [edge.tooltip for edge in engine.draw(d).diagram.edges]
    assert [tip.splitlines()[1] for tip in tooltips] == ["∂d/∂a = 3", "∂d/∂b = -2"]


def test_a_picture_is_a_snapshot_and_keeps_no_node_alive():
    a = Value(3.0, label="a")
    y = a * 2.0
    held = sys.getrefcount(a), sys.getrefcount(y)
    picture = engine.draw(y)
    collapsed = engine.draw(y, collapse=True)
    around = engine.draw(y, focus=a)
    assert (sys.getrefcount(a), sys.getrefcount(y)) == held
    a.data = 100.0
    y.backward()
    for snapshot in (picture, collapsed, around):
        assert rows(shown(snapshot)["a"]) == {"data": "3", "grad": "·"}


def test_drawing_changes_nothing():
    a = Value(3.0)
    y = a * a + a
    y.backward()
    before = [(v.data, v.grad, v.label) for v in engine.topological_order([y])]
    engine.draw(y)
    assert [(v.data, v.grad, v.label) for v in engine.topological_order([y])] == before


# ----- What is asked for ----------------------------------------------------------------------


def test_several_roots_share_one_picture():
    a = Value(2.0, label="a")
    low, high = a - 1.0, a + 1.0
    picture = engine.draw([low, high])
    assert picture.diagram.title == "low, high"
    assert [n.title for n in picture.diagram.nodes if n.kind == "output"] == ["low", "high"]
    assert sum(node.title == "a" for node in picture.diagram.nodes) == 1


def test_draw_dot_is_spelled_as_in_micrograd(tmp_path):
    y = Value(1.0, label="a") * 2.0
    picture = engine.draw_dot(y, format="dot", rankdir="TB")
    assert "rankdir=TB" in picture.source
    assert picture.render(tmp_path / "gout") == str(tmp_path / "gout.dot")
    assert (tmp_path / "gout.dot").read_text() == picture.source


@pytest.mark.parametrize("root", [None, 3.0, "a", [], (), [Value(1.0), 2.0], {"a": 1}, object()])
def test_what_is_no_graph_cannot_be_drawn(root):
    with pytest.raises(OperandError, match=r"draw\(\) takes a Value"):
        engine.draw(root)


@pytest.mark.parametrize(
    "wish",
    [
        {"direction": "up"},
        {"direction": None},
        {"direction": np.ones(2)},
        {"collapse": np.ones(2)},
        {"collapse": "some"},
        {"max_nodes": 0},
        {"max_nodes": 2.5},
        {"max_nodes": True},
        {"precision": 0},
        {"radius": -1},
    ],
)
def test_a_wish_that_cannot_be_met_is_named(wish):
    (name,) = wish
    with pytest.raises(NumberError, match=name):
        engine.draw(Value(1.0), **wish)


@pytest.mark.parametrize("wish", [{"names": ["a"]}, {"expand": 3}, {"expand": [None]}])
def test_a_wish_of_the_wrong_type_is_named(wish):
    (name,) = wish
    with pytest.raises(OperandError, match=name):
        engine.draw(Value(1.0), **wish)


def test_focus_must_be_in_the_graph():
    y = Value(1.0) * 2.0
    for stranger in (Value(3.0), "nobody"):
        with pytest.raises(GraphError, match="not in this graph of 3 nodes"):
            engine.draw(y, focus=stranger)


def test_importing_engine_does_not_import_what_draws(fresh_python):
    done = fresh_python(
        """
        import sys
        before = {*sys.modules}  # which a measurement of coverage adds to
        import engine
        print({"graphviz", "xml", "html"} & ({*sys.modules} - before))
        """
    )
    assert (done.stdout, done.stderr) == ("set()\n", "")


def test_missing_graphviz_is_an_engine_error_and_a_runtime_error():
    from engine.errors import MissingGraphviz

    assert issubclass(MissingGraphviz, EngineError)
    assert issubclass(MissingGraphviz, RuntimeError)
