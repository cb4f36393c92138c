"""Large graphs: what is collapsed, opened, cut and left out, and that nothing gets lost."""

import random
from collections import Counter

import programs
import pytest
from hypothesis import given, strategies as st
from programs import random_programs

import engine
from engine import GraphError, Value, topological_order
from engine.view.picture import survey
from engine.view.structure.groups import Box, Group
from engine.view.structure.stages import staged


def boxes(picture):
    return Counter(f"{n.title} {n.formula}".strip() for n in picture.diagram.nodes)


def frames(picture):
    return [frame.title for frame in picture.diagram.frames]


def operand_uses(root):
    return sum(len(node.operands) for node in topological_order([root]))


# ----- Modules and repetition ----------------------------------------------------------------


@pytest.fixture(scope="module")
def moons():
    return programs.moons_loss()


def test_a_training_loss_is_drawn_as_the_program_that_it_is(moons):
    loss, _ = moons
    picture = engine.draw(loss)
    assert frames(picture) == ["loop × 100 samples", "mlp"]
    assert sorted(boxes(picture)) == sorted(
        [
            *("inputs × 200", "layer0 × 16 neurons", "layer1 × 16 neurons", "layer2"),
            *(
                "-1 … 1 × 100",
                "multiply × 100",
                "1 × 100",
                "subtract × 100",
                "relu × 100",
            ),  # 1 - y·score
            *("v10101 = mean of 100", "multiply × 337", "v10439 = Σ of 337", "0.0001"),
            *("v10440 = 0.0001 × v10439", "loss = v10101 + v10440"),
        ]
    )
    assert max(boxes(picture).values()) == 1


def test_opening_a_layer_shows_one_neuron_for_all(moons):
    loss, _ = moons
    picture = engine.draw(loss, expand="mlp/layer0")
    assert "layer0 › neuron0…15 × 16 neurons" in frames(picture)
    shown = boxes(picture)
    assert shown["w0…1 × 32"] == 1
    assert shown["b × 16"] == 1
    assert shown["dot × 1,600"] == 1


def test_one_neuron_can_be_told_apart_from_its_likes(moons):
    loss, _ = moons
    shown = boxes(engine.draw(loss, expand=["mlp/layer0/neuron3"]))
    assert shown["neuron0…2 × 3 neurons"] == 1
    assert shown["neuron4…15 × 12 neurons"] == 1
    assert shown["dot × 100"] == 1  # of neuron3, once a sample


def test_a_program_without_modules_is_collapsed_by_its_loops():
    picture = engine.draw(programs.plain_loss(), expand="all")
    # for each sample, 16 neurons of 2 products, 16 neurons of 16 products, one of 16 products
    assert [(frame.group, frame.title) for frame in picture.diagram.frames] == [
        ("loop", "loop × 100 times"),
        ("loop/loop", "loop × 16 times"),
        ("loop/loop2", "loop2 × 16 times"),
        ("loop/loop3", "loop3 × 16 times"),
        ("loop/loop2/loop", "loop × 16 times"),
    ]
    # total + loss: 99 times, of which the last is the result
    assert [node.title for node in picture.diagram.nodes if node.count == 98] == ["add"]
    assert [node.kind for node in picture.diagram.nodes].count("output") == 1


def test_an_iteration_is_drawn_once_with_what_it_hands_on():
    picture = engine.draw(programs.newton(20), collapse=True)
    (frame,) = picture.diagram.frames
    inside = [node for node in picture.diagram.nodes if node.frame == frame.id]
    carried = [edge for edge in picture.diagram.edges if edge.carried]
    assert carried
    assert all(edge.source in {node.id for node in inside} for edge in carried)
    # what a turn computes last is what the next one reads
    last = [node for node in inside if node.title == "subtract"][-1]
    assert {edge.source for edge in carried} == {last.id}


@pytest.mark.parametrize(
    ("how", "title"),
    [
        ({}, "loop × 4 samples"),
        ({"collapse": False}, "mlp"),
        ({"expand": "all"}, "mlp"),
        ({"max_nodes": 150}, "mlp"),  # as many as are asked for
    ],
)
def test_of_some_hundred_nodes_what_is_repeated_is_drawn_once(how, title):
    loss, _ = programs.moons_loss(samples=4, widths=(4, 1), decay=0.0)
    diagram = engine.draw(loss, **how).diagram
    size = len(topological_order([loss]))
    assert size == 102
    assert diagram.frames[0].title == title
    if how:
        assert (len(diagram.nodes), diagram.notice) == (size, "")
    else:
        assert diagram.notice == f"{size} nodes in {len(diagram.nodes)} boxes."
        assert len(diagram.nodes) <= survey.READABLE
        assert "collapse=False" in diagram.advice


@pytest.mark.parametrize(("steps", "boxes"), [(12, 17), (13, 104)])
def test_what_is_no_shorter_than_a_page_is_wide_stays_whole(steps, boxes):
    h = Value(0.5, "x")
    for _ in range(30):
        h = (h * 1.5).tanh()
    for name in [
        "sin",
        "cos",
        "exp",
        "sigmoid",
        "softplus",
        "atan",
        "erf",
        "relu",
        "square",
        "gelu",
        "silu",
        "cosh",
        "sinh",
    ][:steps]:
        h = getattr(engine, name)(h)
    assert len(engine.draw(h).diagram.nodes) == boxes


def test_up_to_fifty_nodes_are_drawn_one_by_one():
    assert len(engine.draw(programs.chain(49)).diagram.nodes) == 50
    assert len(engine.draw(programs.chain(50)).diagram.nodes) == 3


def test_what_has_no_parts_to_collapse_is_drawn_whole():
    rng = random.Random(0)
    values = [Value(rng.random()) for _ in range(6)]
    for _ in range(100):
        left, right = rng.choice(values[-9:]), rng.choice(values[-9:])
        values.append(rng.choice([left * right, left - right, right.tanh() + left]))
    root = engine.sum(values[-9:])
    diagram = engine.draw(root).diagram
    assert len(diagram.nodes) == len(topological_order([root])) > 100
    assert diagram.notice == ""


def test_two_turns_are_not_a_loop():
    picture = engine.draw(programs.newton(2), collapse=True)
    assert picture.diagram.frames == ()
    assert all(node.count == 1 for node in picture.diagram.nodes)


def test_a_call_of_a_module_that_another_interrupts_stays_one_for_each():
    with engine.scope("a"):
        x = Value(1.0) * 2.0
    y = x + 1.0
    with engine.scope("a"):
        z = y * 2.0
    picture = engine.draw(z)
    assert [frame.group for frame in picture.diagram.frames] == ["a", "a2"]


def test_a_small_graph_is_drawn_in_full_with_its_modules_as_frames():
    loss, _ = programs.moons_loss(samples=1, widths=(2, 1), decay=0.0)
    picture = engine.draw(loss)
    assert picture.diagram.notice == ""
    assert frames(picture) == ["mlp", "layer0", "layer1 › neuron0", "neuron0", "neuron1"]
    assert len(picture.diagram.nodes) == picture.diagram.size


def test_opening_what_is_not_there_says_what_there_is(moons):
    loss, _ = moons
    with pytest.raises(GraphError, match=r"no group 'mlp/layer9' to expand; it has 'loop'"):
        engine.draw(loss, expand="mlp/layer9")
    with pytest.raises(GraphError, match="drawn in full"):
        engine.draw(Value(1.0) * 2.0, expand="mlp")


def test_nan_and_inf_in_a_closed_group_are_counted_in_red():
    x = Value(-1.0, requires_grad=False)
    w = Value(1.0)
    with engine.scope("m"):
        y = (w * x).log() + w.exp() - w.tanh()  # log(-1) is nan, and so is what is made of it
    picture = engine.draw(y * 0.0, max_nodes=3, collapse=True, names={})
    alarms = [
        (node.title, row.caption, row.text)
        for node in picture.diagram.nodes
        for row in node.rows
        if row.alarming
    ]
    assert alarms == [("m", "nan or inf", "3"), ("v8", "data", "nan")]


# ----- Nothing gets lost -----------------------------------------------------------------------


@given(random_programs(), st.sampled_from([True, False]))
def test_every_node_and_every_edge_is_drawn_once(root, collapse):
    """Opened all the way, the boxes hold all nodes, and the edges all uses of operands."""
    picture = engine.draw(root, collapse=collapse, expand="all", max_nodes=10_000)
    assert sum(node.count for node in picture.diagram.nodes) == picture.diagram.size
    assert picture.diagram.size == len(topological_order([root]))
    assert sum(edge.count for edge in picture.diagram.edges) == operand_uses(root)


@given(random_programs())
def test_closed_groups_hold_all_that_is_not_drawn(root):
    picture = engine.draw(root, collapse=True)
    assert sum(node.count for node in picture.diagram.nodes) == picture.diagram.size


@given(random_programs())
def test_edges_that_are_not_carried_to_a_next_turn_make_no_cycle(root):
    picture = engine.draw(root, collapse=True, expand="all", max_nodes=10_000)
    readers = {}
    waiting = Counter()
    for edge in picture.diagram.edges:
        if not edge.carried:
            readers.setdefault(edge.source, []).append(edge.target)
            waiting[edge.target] += 1
    ready = [node.id for node in picture.diagram.nodes if not waiting[node.id]]
    for node in ready:  # the list grows: Kahn's algorithm
        for reader in readers.get(node, ()):
            waiting[reader] -= 1
            if not waiting[reader]:
                ready.append(reader)
    assert len(ready) == len(picture.diagram.nodes)


@given(random_programs(), st.integers(1, 30), st.sampled_from([True, False, "auto"]))
def test_no_more_is_drawn_than_was_asked_for_and_the_rest_is_counted(root, most, collapse):
    picture = engine.draw(root, max_nodes=most, collapse=collapse)
    drawn = [node for node in picture.diagram.nodes if node.kind != "hidden"]
    stubs = {node.id for node in picture.diagram.nodes if node.kind == "hidden"}
    assert len(drawn) <= most
    assert any(node.kind in ("output", "leaf", "group") for node in drawn)
    if stubs or sum(node.count for node in drawn) < picture.diagram.size:
        assert picture.diagram.notice
    nodes = {node.id for node in picture.diagram.nodes}
    assert all(edge.source in nodes and edge.target in nodes for edge in picture.diagram.edges)


@given(random_programs(), st.integers(0, 3), st.data())
def test_focus_draws_all_within_the_radius_and_counts_the_edges_out_of_it(root, radius, data):
    order = topological_order([root])
    centre = data.draw(st.sampled_from(order))
    near = {centre}
    for _ in range(radius):
        near |= {o for node in near for o in node.operands} | {
            node for node in order if any(o in near for o in node.operands)
        }
    picture = engine.draw(root, focus=centre, radius=radius, max_nodes=10_000)
    drawn = [node for node in picture.diagram.nodes if node.kind != "hidden"]
    assert len(drawn) == len(near)
    assert sum(node.focused for node in drawn) == 1
    uses = sum(1 for node in order for o in node.operands if node in near or o in near)
    assert sum(edge.count for edge in picture.diagram.edges) == uses


def test_focus_finds_a_value_by_label_variable_path_and_number(moons):
    loss, network = moons
    weight = network.layers[1].neurons[3].w[2]
    for focus in (weight, "mlp/layer1/neuron3/w2", "layer1/neuron3/w2"):
        picture = engine.draw(loss, focus=focus, radius=0)
        (name,) = next(node.names for node in picture.diagram.nodes if node.focused)
        assert name == "mlp/layer1/neuron3/w2"
    a = Value(1.0)
    y = (a * 2.0).tanh() + a
    (focused,) = (n for n in engine.draw(y, focus="v2").diagram.nodes if n.focused)
    assert focused.formula == "= tanh(v1)"
    (focused,) = (n for n in engine.draw(y, focus="a").diagram.nodes if n.focused)
    assert focused.kind == "leaf"


def test_what_lies_in_one_module_alone_is_framed_by_its_name():
    with engine.scope("net/layer0"):
        y = (Value(1.0) * 2.0).tanh()
    assert frames(engine.draw(y, focus=y, radius=1)) == ["net › layer0"]


# ----- Very large graphs -----------------------------------------------------------------------


def test_a_long_chain_is_collapsed():
    picture = engine.draw(programs.chain(20_000), names={})
    assert boxes(picture)["multiply × 19,999"] == 1
    assert len(picture.diagram.nodes) <= 5


def test_of_what_is_too_large_the_part_that_is_nearest_is_collapsed():
    root = programs.chain(200_001)
    picture = engine.draw(root)
    assert boxes(picture) == {
        "multiply × 19,999": 1,
        "root = v200000 × v200000": 1,  # v1 to v200000 lie between x and root
        "… 2 operands": 1,
    }
    notice = "20,000 of 200,002 nodes in 2 boxes, those nearest to root."
    assert picture.diagram.notice == notice
    assert "focus=value, radius=3" in picture.diagram.advice


def test_a_graph_of_just_the_most_nodes_is_collapsed_whole(monkeypatch):
    root = programs.chain(50)
    size = len(topological_order([root]))
    monkeypatch.setattr(survey, "LOOKED_AT", 10)
    monkeypatch.setattr(survey, "MOST_COLLAPSED", size)
    assert engine.draw(root, max_nodes=20).diagram.notice == "51 nodes in 3 boxes."
    (focused,) = (n for n in engine.draw(root, focus="v7").diagram.nodes if n.focused)
    assert focused.title == "v7"
    monkeypatch.setattr(survey, "MOST_COLLAPSED", size - 1)
    notice = "10 of 51 nodes in 2 boxes, those nearest to root."
    assert engine.draw(root, max_nodes=20).diagram.notice == notice
    with pytest.raises(GraphError, match="'v7' is not in this graph"):
        engine.draw(root, focus="v7")


def test_what_is_not_to_be_collapsed_is_cut_and_says_so():
    root = programs.chain(200_001)
    picture = engine.draw(root, max_nodes=10, collapse=False)
    assert len([node for node in picture.diagram.nodes if node.kind != "hidden"]) == 10
    assert picture.diagram.notice == "10 of 200,002 nodes, those nearest to root."
    assert "max_nodes=20" in picture.diagram.advice


def test_a_node_has_one_name_in_every_picture(moons):
    loss, _ = moons
    (focused,) = (node for node in engine.draw(loss, focus="v10101").diagram.nodes if node.focused)
    assert (focused.title, focused.formula) == ("v10101", "= mean of 100")
    cut = engine.draw(loss, collapse=False, max_nodes=5).diagram.nodes
    assert {"v10101", "v10440"} < {node.title for node in cut}


def test_leaves_that_stages_read_are_drawn_as_one():
    """Stages are cut anywhere, so which of them read a leaf tells little."""
    rng = random.Random(0)
    leaves = [Value(rng.random()) for _ in range(40)]
    values = list(leaves)
    for _ in range(2_000):
        left, right = rng.choice(leaves), rng.choice(values[-9:])
        values.append(rng.choice([left * right, left - right, right.tanh() + left]))
    diagram = engine.draw(engine.sum(values[-9:])).diagram
    assert [node.kind for node in diagram.nodes if node.title.startswith("stage")] == ["group"] * 8
    assert [node.count for node in diagram.nodes if node.kind == "leaf"] == [40]


@pytest.mark.parametrize(("parts", "depth"), [(16, 0), (17, 1), (128, 1), (136, 2)])
def test_at_most_16_parts_stay_side_by_side(parts, depth):
    operands = [()] + [(i,) for i in range(parts - 1)]
    level = staged([Box([i]) for i in range(parts)], operands)
    for _ in range(depth):
        assert {type(part) for part in level} == {Group}
        assert len(level) == 8
        level = level[0].parts
    assert {type(part) for part in level} == {Box}


def test_a_long_program_without_loops_is_cut_into_stages():
    rng = random.Random(0)
    values = [Value(rng.random()) for _ in range(4)]
    for _ in range(3_000):
        a, b = rng.choice(values[-8:]), rng.choice(values[-8:])
        values.append(rng.choice([a.tanh, a.exp, lambda a=a, b=b: a * b, lambda a=a, b=b: a - b])())
    picture = engine.draw(engine.sum(values[-8:]))
    assert len(picture.diagram.nodes) <= 20
    assert sum(node.title.startswith("stage") for node in picture.diagram.nodes) == 8
    inner = engine.draw(engine.sum(values[-8:]), expand="stage3")
    assert "stage3" in frames(inner)


def test_depth_of_modules_and_of_graphs_is_no_limit():
    x = Value(1.0)
    with engine.scope("/".join("abc" * 1000)):
        for _ in range(3_000):
            x = x.tanh()
    picture = engine.draw(x)
    assert sum(node.count for node in picture.diagram.nodes) == 3_001
    assert picture.to_text()
    assert picture.to_json()
    assert picture.source


# ----- What is said -------------------------------------------------------------------------------


def alternating(ops):
    y = Value(0.5, "x")
    for k in range(ops):
        y = y.tanh() if k % 2 else y.exp()
    y.label = "y"
    return y


CLOSER = "look closer with focus=value, radius=3."


@pytest.mark.parametrize(
    ("ops", "wishes", "notice", "advice"),
    [
        (9, {"max_nodes": 10, "collapse": False}, "", ""),
        (
            *(9, {"max_nodes": 5, "collapse": False}, "5 of 10 nodes, those nearest to y."),
            f"Draw more with max_nodes=10; {CLOSER}",
        ),
        (60, {}, "61 nodes in 5 boxes.", f"Draw each node with collapse=False; {CLOSER}"),
        (160, {}, "161 nodes in 5 boxes.", CLOSER.capitalize()),
        (
            *(160, {"focus": "y", "radius": 1}, "2 of 161 nodes, those nearest to y."),
            f"Draw more with max_nodes=300; {CLOSER}",
        ),
    ],
)
def test_a_notice_counts_and_advises(ops, wishes, notice, advice):
    diagram = engine.draw(alternating(ops), names={}, **wishes).diagram
    assert (diagram.notice, diagram.advice) == (notice, advice)


@pytest.fixture(scope="module")
def small():
    """The loss of a small network on 5 samples, by the titles of its boxes."""
    loss, _ = programs.moons_loss(samples=5, widths=(4, 1), decay=0.0)
    picture = engine.draw(loss, names={}, collapse=True)
    return picture.diagram, {node.title: node for node in picture.diagram.nodes}


def test_a_closed_group_tells_what_it_holds(small):
    """4 neurons of 2 weights and a bias, for 5 samples, each a dot, a sum and a relu."""
    diagram, boxes = small
    layer = boxes["layer0"]
    assert (layer.kind, layer.formula, layer.group) == ("group", "× 4 neurons", "mlp/layer0")
    assert layer.count == 4 * 5 * 3 + 4 * 3
    assert layer.rows == (("ops", "60  (dot, +, relu)", False), ("parameters", "12", False))
    assert layer.tooltip.splitlines() == [
        *["layer0 × 4 neurons", "ops 60  (dot, +, relu)", "parameters 12"],
        "to open it: expand='mlp/layer0'",
    ]
    assert sorted(layer.names) == [
        f"mlp/layer0/neuron{k}/{name}" for k in range(4) for name in ("b", "w0", "w1")
    ]
    assert diagram.notice == "123 nodes in 9 boxes."
    assert diagram.advice == (
        f"Open one with expand='mlp/layer0'; draw each node with collapse=False; {CLOSER}"
    )


def test_a_box_of_several_tells_how_many_and_their_ends(small):
    _, boxes = small
    inputs, ones, relu = boxes["inputs"], boxes["1"], boxes["relu"]
    assert (inputs.kind, inputs.formula, inputs.count) == ("input", "× 10", 10)
    assert inputs.tooltip.splitlines()[0] == "10 inputs"
    low, high = inputs.data
    assert inputs.rows == (("data", f"{low:.4g} … {high:.4g}", False),)
    assert inputs.grad is None
    assert (ones.kind, ones.formula, ones.rows, ones.tooltip) == (
        *("constant", "× 5", (), "5 constants"),
    )
    assert ones.data == (1.0, 1.0)
    assert (relu.kind, relu.formula, relu.count) == ("op", "× 5", 5)
    assert [row.caption for row in relu.rows] == ["data", "grad"]
    assert relu.rows[1].text == "·"
    assert relu.tooltip.splitlines()[0] == "5 nodes of relu"
    assert not any(node.focused for node in boxes.values())


@pytest.mark.parametrize(("roots", "title"), [(3, "r0, r1, r2"), (4, "r0, r1, r2, …")])
def test_a_picture_is_of_up_to_three_by_name(roots, title):
    x = Value(1.0, "x")
    made = [x * float(k) for k in range(roots)]
    for k, root in enumerate(made):
        root.label = f"r{k}"
    assert engine.draw(made).diagram.title == title
