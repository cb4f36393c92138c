"""The picture of a network: neurons in columns, connections by their weights."""

import math
import re
import shutil

import pytest

import engine
from engine import NumberError, OperandError, ShapeError, Tensor
from engine.view.network.diagram import _fitting
from engine.view.network.dot import network_digraph
from engine.view.picture.diagram import Diagram, DiagramEdge, DiagramFrame, DiagramNode
from engine.view.theme import light
from nn import MLP
from nn.layers import Activation, Dropout, Flatten, Linear, Sequential
from nn.normalization import LayerNorm

NEEDS_DOT = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")


def fixed():
    """Return a network of 2 inputs, 2 neurons and 1 output whose numbers are known."""
    network = MLP(2, [2, 1], activation="relu", seed=0)
    network.load_state_dict(
        {
            "layer0.neuron0.w0": 1.0,
            "layer0.neuron0.w1": -2.0,
            "layer0.neuron0.b": 0.5,
            "layer0.neuron1.w0": -4.0,
            "layer0.neuron1.w1": 0.0,
            "layer0.neuron1.b": 0.0,
            "layer1.neuron0.w0": 3.0,
            "layer1.neuron0.w1": 1.0,
            "layer1.neuron0.b": -1.0,
        }
    )
    return network


def test_neurons_stand_in_columns_and_every_weight_is_an_edge():
    diagram = engine.draw(fixed()).diagram
    assert [frame.title for frame in diagram.frames] == [
        *("inputs (2)", "layer0 (2 relu)", "layer1 (1 linear)"),
    ]
    assert [(node.title, node.frame) for node in diagram.nodes] == [
        *(("x0", "g0"), ("x1", "g0"), ("neuron0", "g1"), ("neuron1", "g1"), ("neuron0", "g2")),
    ]
    assert [(edge.source, edge.target, edge.weight) for edge in diagram.edges] == [
        *(("n0", "n2", 1.0), ("n1", "n2", -2.0), ("n0", "n3", -4.0), ("n1", "n3", 0.0)),
        *(("n2", "n4", 3.0), ("n3", "n4", 1.0)),
    ]


def test_activations_of_a_sample_are_what_the_network_computes():
    diagram = engine.draw(fixed(), sample=[2.0, 0.5]).diagram
    # relu(2 - 1 + 0.5) = 1.5, relu(-8) = 0, 3·1.5 - 1 = 3.5
    assert [node.data for node in diagram.nodes] == [2.0, 0.5, 1.5, 0.0, 3.5]


def test_drawing_leaves_gradients_alone():
    network = fixed()
    engine.draw(network, sample=[1.0, 1.0])
    assert [p.grad for p in network.parameters()] == [None] * 9


def test_edges_are_coloured_by_sign_and_as_thick_as_the_weight_is_large():
    source = engine.draw(fixed()).source
    edges = dict(re.findall(r"(n\d -> n\d) \[(class.*?)\]", source))
    thick = {
        edge: float(re.search(r"penwidth=([\d.]+)", attributes)[1])
        for edge, attributes in edges.items()
    }
    by_weight = ["n1 -> n3", "n0 -> n2", "n1 -> n2", "n2 -> n4", "n0 -> n3"]  # 0 1 2 3 4
    assert [thick[edge] for edge in by_weight] == sorted(thick[edge] for edge in by_weight)
    assert len({thick[edge] for edge in by_weight}) == 5
    signs = {edge: re.search(r'color="(#\w{6})', edges[edge])[1] for edge in by_weight}
    assert len({signs["n0 -> n2"], signs["n2 -> n4"]}) == 1
    assert signs["n1 -> n2"] == signs["n0 -> n3"] != signs["n0 -> n2"]


def attributes_of(source):
    """Return the attributes of each node and edge by its id."""
    found = {}
    for line in source.splitlines():
        name = re.search(r"\bid=(\w+)", line)
        if name:
            plain = re.findall(r'(\w+)=("[^"]*"|<<.*?>>|<[^>]*>|[^ \]]+)', line)
            found[name[1]] = {key: text.strip('"') for key, text in plain}
    return found


def test_an_edge_has_its_share_of_the_thickest_and_the_darkest():
    """From 0.25 to 3.6 points, and from 18 % of the colour to all of it."""
    drawn = attributes_of(engine.draw(fixed()).source)
    weights = {"e0": 1.0, "e1": -2.0, "e2": -4.0, "e3": 0.0, "e4": 3.0, "e5": 1.0}
    for name, weight in weights.items():
        share = abs(weight) / 4
        colour = light("negative" if weight < 0 else "positive")
        opacity = round(255 * (0.18 + 0.82 * share))
        assert float(drawn[name]["penwidth"]) == pytest.approx(0.25 + 3.35 * share, abs=0.0051)
        assert drawn[name]["color"] == f"{colour}{opacity:02x}"


@pytest.mark.parametrize(("edges", "thickest"), [(150, 3.6), (151, 3.6 * (150 / 151) ** 0.5)])
def test_among_many_edges_the_strongest_are_thinner(edges, thickest):
    nodes = tuple(DiagramNode(f"n{i}", "input", f"x{i}", frame="g0") for i in range(2))
    drawn = tuple(DiagramEdge(f"e{i}", "n0", "n1", weight=1.0 if i else None) for i in range(edges))
    diagram = Diagram("net", nodes, drawn, (DiagramFrame("g0", "inputs", ""),))
    widths = attributes_of(network_digraph(diagram).source)
    assert widths["e1"]["penwidth"] == f"{thickest:.2f}"
    assert widths["e0"]["penwidth"] == "0.25"


def test_neurons_are_filled_with_their_share_of_the_largest_activation():
    drawn = attributes_of(engine.draw(fixed(), sample=[2.0, -0.5]).source)
    fills = {name: drawn[name]["fillcolor"] for name in ("n0", "n1", "n2", "n3", "n4")}
    shades = ["positive 1", "negative 1", "positive 2", "paper", "positive 6"]  # of 9.5
    assert list(fills.values()) == [light(shade) for shade in shades]
    assert {name: drawn[name]["penwidth"] for name in fills} == dict.fromkeys(fills, "1.4") | {
        "n4": "2.8"
    }
    assert [drawn[name]["class"] for name in fills] == [*["input"] * 2, *["neuron"] * 2, "output"]
    labels = [drawn[name]["label"] for name in fills]
    assert labels == ["<2>", "<-0.5>", "<3.5>", "<0>", "<9.5>"]


def test_without_a_sample_neurons_show_their_bias():
    source = engine.draw(fixed()).source
    drawn = attributes_of(source)
    labels = [drawn[name]["label"] for name in ("n0", "n1", "n2", "n3", "n4")]
    assert [label.replace("\u00a0", " ") for label in labels] == [
        *["<x0>", "<x1>", "<b 0.5>", "<b 0>", "<b -1>"]
    ]
    assert {drawn[name]["fillcolor"] for name in ("n0", "n4")} == {light("paper")}
    assert "up to 4; neurons with their bias b. " in source.replace("\u00a0", " ")
    assert "up to 4; neurons filled with their activation. " in (
        engine.draw(fixed(), sample=[1.0, 1.0]).source.replace("\u00a0", " ")
    )


def test_what_is_not_finite_is_red_and_thick_and_sets_no_scale():
    network = fixed()
    network.layers[0].neurons[0].w[0].data = math.inf
    network.layers[0].neurons[1].b.data = math.nan
    drawn = attributes_of(engine.draw(network, sample=[2.0, 1.0]).source)
    assert drawn["e0"]["color"] == f"{light('alarm')}ff"
    assert drawn["e0"]["penwidth"] == "3.60"
    assert drawn["e1"]["penwidth"] == f"{0.25 + 3.35 / 2:.2f}"  # of 4, the largest
    assert [drawn[name]["color"] == light("alarm") for name in ("n0", "n2", "n3", "n4")] == [
        *[False, True, True, True]
    ]
    assert drawn["n0"]["fillcolor"] == light("positive 6")
    assert drawn["n2"]["fillcolor"] == light("paper")


def test_every_part_of_a_network_has_its_names_and_its_numbers():
    diagram = engine.draw(fixed(), sample=[2.0, -0.5]).diagram
    assert (diagram.size, diagram.unit, diagram.notice, diagram.title) == (5, "neuron", "", "mlp")
    assert [(frame.id, frame.title, frame.group) for frame in diagram.frames] == [
        *[("g0", "inputs (2)", ""), ("g1", "layer0 (2 relu)", ""), ("g2", "layer1 (1 linear)", "")],
    ]
    assert [(node.id, node.frame, node.title, node.data, node.names) for node in diagram.nodes] == [
        ("n0", "g0", "x0", 2.0, ("inputs/x0",)),
        ("n1", "g0", "x1", -0.5, ("inputs/x1",)),
        ("n2", "g1", "neuron0", 3.5, ("layer0/neuron0",)),
        ("n3", "g1", "neuron1", 0.0, ("layer0/neuron1",)),
        ("n4", "g2", "neuron0", 9.5, ("layer1/neuron0",)),
    ]
    assert [(e.id, e.source, e.target, e.operand, e.weight) for e in diagram.edges] == [
        ("e0", "n0", "n2", 1, 1.0),
        ("e1", "n1", "n2", 2, -2.0),
        ("e2", "n0", "n3", 1, -4.0),
        ("e3", "n1", "n3", 2, 0.0),
        ("e4", "n2", "n4", 1, 3.0),
        ("e5", "n3", "n4", 2, 1.0),
    ]
    nodes = {node.id: node.tooltip.splitlines() for node in diagram.nodes}
    assert nodes["n4"] == [
        *["layer1 (1 linear): neuron0", "activation 9.5", "bias -1.0"],
        "grad of bias not computed yet",
    ]
    assert diagram.edges[1].tooltip.splitlines() == [
        *["w1 of neuron0", "data -2.0", "grad not computed yet"]
    ]


@pytest.mark.parametrize(
    ("inputs", "titles"),
    [
        (16, [f"x{i}" for i in range(16)]),
        (17, [*(f"x{i}" for i in range(8)), *(f"x{i}" for i in range(10, 17)), "… 2 more"]),
    ],
)
def test_up_to_sixteen_neurons_stand_in_a_column(inputs, titles):
    diagram = engine.draw(MLP(inputs, [1], seed=0)).diagram
    assert [node.title for node in diagram.nodes if node.frame == "g0"] == titles
    assert [node.count for node in diagram.nodes if node.kind == "hidden"] == [2] * (inputs == 17)


def test_what_is_left_out_stands_in_the_middle_of_its_column():
    source = engine.draw(MLP(17, [1], seed=0)).source
    chain = re.findall(r"(\w+) -> (\w+) \[style=invis\]", source)
    column = [chain[0][0], *(below for _, below in chain[:16])]
    (left_out,) = (
        line for line in source.splitlines() if "… 2 more" in line.replace("\u00a0", " ")
    )
    for attribute in (
        f'fillcolor="{light("paper")}"',  # which hides the edges behind it
        f'fontcolor="{light("muted")}"',
        *("shape=plain", "style=filled"),
    ):
        assert attribute in left_out
    assert column == ["hg0", *(f"n{i}" for i in range(8)), "n15", *(f"n{i}" for i in range(8, 15))]


@pytest.mark.parametrize(("width", "more"), [(8, ""), (9, ", …")])
def test_the_text_form_has_up_to_eight_activations(width, more):
    line = engine.draw(MLP(width, [1], seed=0), sample=[1.5] * width).to_text().splitlines()[1]
    assert line == f"inputs ({width})  activations {', '.join(['1.5'] * 8)}{more}"


@pytest.mark.parametrize(
    ("number", "precision", "room", "text"),
    [
        *[(1.23456, 4, 5, "1.235"), (1.23456, 4, 4, "1.23"), (1.23456, 4, 3, "1.2")],
        *[(1.23456, 4, 2, "1"), (1.23456, 2, 9, "1.2"), (1.23456, 1, 9, "1"), (123.0, 4, 1, "123")],
    ],
)
def test_a_number_has_as_many_digits_as_there_is_room_for(number, precision, room, text):
    assert _fitting(number, precision, room) == text


def test_a_bias_leaves_room_for_its_letter():
    network = fixed()
    network.layers[0].neurons[0].b.data = 0.12345
    bias = engine.draw(network, precision=9).diagram.nodes[2].rows[0]
    assert bias == ("bias", "b 0.123", False)


@pytest.mark.parametrize(
    ("number", "text"),
    [(-0.0091234, "-0.009"), (0.5274932, "0.5275"), (-1.23456e-7, "-1e-7"), (12345.6, "12346")],
)
def test_activations_have_as_many_digits_as_a_circle_has_room_for(number, text):
    picture = engine.draw(MLP(1, [1], seed=0), sample=[number])
    assert picture.diagram.nodes[0].rows[0].text == text
    assert repr(number) in picture.diagram.nodes[0].tooltip


def test_a_wide_layer_is_shortened_and_the_picture_says_so():
    diagram = engine.draw(MLP(40, [3], seed=0)).diagram
    shown = [node.title for node in diagram.nodes if node.kind == "input"]
    assert shown == [*(f"x{i}" for i in range(8)), *(f"x{i}" for i in range(33, 40))]
    assert [node.title for node in diagram.nodes if node.kind == "hidden"] == ["… 25 more"]
    assert diagram.notice == "25 of 43 neurons are left out."
    assert len(diagram.edges) == 15 * 3


def test_the_text_form_has_a_line_for_each_layer():
    assert engine.draw(fixed(), sample=[2.0, 0.5]).to_text() == "\n".join(
        [
            "mlp",
            "inputs (2)  activations 2, 0.5",
            "layer0 (2 relu)  weights -4 … 1  activations 1.5, 0",
            "layer1 (1 linear)  weights 1 … 3  activations 3.5",
        ]
    )


@pytest.mark.parametrize("weight", [math.nan, math.inf, -math.inf, 1e308, 5e-324, 0.0])
def test_any_weight_can_be_drawn(weight):
    network = fixed()
    network.layers[0].neurons[0].w[0].data = weight
    source = engine.draw(network, sample=[1.0, 1.0]).source
    assert "penwidth=nan" not in source
    assert "penwidth=inf" not in source


@NEEDS_DOT
def test_it_is_drawn_in_every_form(tmp_path):
    picture = engine.draw(fixed(), sample=[1.0, 2.0])
    for ending in ("svg", "png", "pdf", "html", "dot", "json", "txt"):
        assert picture.save(tmp_path / f"network.{ending}").stat().st_size
    assert picture._repr_mimebundle_()["image/svg+xml"].startswith("<svg ")


@NEEDS_DOT
def test_columns_are_columns_in_the_order_of_the_neurons():
    svg = engine.draw(MLP(3, [4, 2], seed=0)).to_svg()
    centres = re.findall(r'<ellipse[^>]* cx="([-\d.]+)" cy="([-\d.]+)"', svg)
    points = list(dict.fromkeys((float(x), float(y)) for x, y in centres))
    columns = [points[:3], points[3:7], points[7:]]
    for column in columns:
        assert len({x for x, _ in column}) == 1
        assert [y for _, y in column] == sorted(y for _, y in column)
    assert columns[0][0][0] < columns[1][0][0] < columns[2][0][0]


@pytest.mark.parametrize("sample", [[1.0], [1.0, 2.0, 3.0], []])
def test_a_sample_of_another_length_is_refused(sample):
    with pytest.raises(ShapeError, match=f"2 inputs, and the sample {len(sample)} numbers"):
        engine.draw(fixed(), sample=sample)


def test_a_sample_of_no_numbers_is_refused():
    with pytest.raises(OperandError, match="sample takes numbers"):
        engine.draw(fixed(), sample=["a", "b"])


def test_what_only_looks_like_a_network_is_refused():
    class Stack:
        layers = (1, 2)

    with pytest.raises(OperandError, match="whose layers have neurons"):
        engine.draw(Stack())


def test_a_network_of_tensors_is_drawn_as_its_twin_of_values_is():
    """The same columns, weights, biases and activations: of the one, Values are the oracle."""
    network = MLP(3, [4, 2], activation="tanh", output_activation="sigmoid", seed=0)
    twin = network.tensor()
    stack = Sequential(
        *(Flatten(), Dropout(0.5), twin.layers[0], Activation("tanh")),
        *(twin.layers[1], Activation("sigmoid")),
    )
    sample = [0.5, -1.0, 2.0]
    expected = engine.draw(network, sample=sample).diagram
    for model in (twin, stack):
        diagram = engine.draw(model, sample=sample).diagram
        assert [edge.weight for edge in diagram.edges] == [edge.weight for edge in expected.edges]
        assert [edge.tooltip for edge in diagram.edges] == [edge.tooltip for edge in expected.edges]
        assert [node.rows for node in diagram.nodes] == [node.rows for node in expected.nodes]
        assert [node.data for node in diagram.nodes] == pytest.approx(
            [node.data for node in expected.nodes], rel=1e-15
        )
    assert [frame.title for frame in engine.draw(twin).diagram.frames] == [
        *("inputs (3)", "layer0 (4 tanh)", "layer1 (2 sigmoid)"),
    ]


def test_gradients_of_tensors_are_in_the_tooltips_and_drawing_leaves_them_alone():
    layer = Linear(2, 1, init="zeros")
    model = Sequential(layer)
    model(Tensor([[3.0, -1.0]])).sum().backward()
    diagram = engine.draw(model, sample=[1.0, 1.0]).diagram
    assert [edge.tooltip.splitlines()[-1] for edge in diagram.edges] == ["grad 3.0", "grad -1.0"]
    assert layer.weight.grad.tolist() == [[3.0, -1.0]]


def test_large_layers_of_tensors_are_shortened_and_may_lack_a_bias():
    model = Sequential(
        *(Linear(784, 100, bias=False, init="zeros"), Activation("relu")),
        Linear(100, 10, init="zeros"),
    )
    diagram = engine.draw(model, sample=[0.0] * 784).diagram
    assert diagram.notice == "854 of 894 neurons are left out."
    assert len(diagram.edges) == 15 * 15 + 15 * 10
    captions = [[row.caption for row in node.rows] for node in diagram.nodes if node.rows]
    assert captions == [*[["activation"]] * 30, *[["activation", "bias"]] * 10]


@pytest.mark.parametrize(
    ("model", "match"),
    [
        (Sequential(Linear(2, 2), LayerNorm(2)), "layer1 is a LayerNorm.*draw\\(model\\(x\\)\\)"),
        (Sequential(Activation("relu"), Linear(2, 2)), "layer0 is a Activation"),
        (Sequential(Flatten()), "draw\\(model\\(x\\)\\)"),
        (Linear(2, 2), "a network such as an nn.MLP, got Linear"),
    ],
)
def test_other_networks_are_refused_with_a_way_out(model, match):
    with pytest.raises(OperandError, match=match):
        engine.draw(model)


def test_wishes_are_checked_for_networks_too():
    with pytest.raises(NumberError, match="direction"):
        engine.draw(fixed(), direction="up")
