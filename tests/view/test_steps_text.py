"""Steps as text and as JSON, where a gradient comes from, and the wrong ways beside the right."""

from __future__ import annotations

import io
import json
import math
import unicodedata

import pytest
from graphs import graphs
from hypothesis import given, strategies as st

import engine
from engine import GraphError, NumberError, Value, backward
from engine.view.stepper.compare import MOST_COUNTED, MOST_VISITS
from engine.view.stepper.document import to_json
from engine.view.stepper.text import MOST_FRAMES


def classic():
    a, b = Value(-2.0, "a"), Value(3.0, "b")
    d, e = a * b, a + b
    f = d * e
    return a, b, f


def doubled():
    a = Value(1.0, "a")
    b = a + a
    return b + b


# ----- Text ---------------------------------------------------------------------------------------


def test_the_frames_of_the_classic_example():
    a, b = Value(-2.0, "a"), Value(3.0, "b")
    d, e = a * b, a + b
    f = d * e
    assert str(engine.steps(f)) == "\n".join(
        [
            "step 0/3  backward: ∂f/∂f = 1",
            "    f.grad: · → 1",
            "step 1/3  f = d × e = -6   upstream ∂f/∂f = 1",
            "    ∂f/∂d = e = 1    × 1 = +1   d.grad: · → 1    (use 1 of 1)",
            "    ∂f/∂e = d = -6   × 1 = -6   e.grad: · → -6   (use 1 of 1)",
            "step 2/3  e = a + b = 1   upstream ∂f/∂e = -6",
            "    ∂e/∂a = 1   × (-6) = -6   a.grad: · → -6   (use 1 of 2)",
            "    ∂e/∂b = 1   × (-6) = -6   b.grad: · → -6   (use 1 of 2)",
            "step 3/3  d = a × b = -6   upstream ∂f/∂d = 1",
            "    ∂d/∂a = b = 3    × 1 = +3   a.grad: -6 → -3   (use 2 of 2)",
            "    ∂d/∂b = a = -2   × 1 = -2   b.grad: -6 → -8   (use 2 of 2)",
            "",
            "backward() leaves a.grad = -3 and b.grad = -8",
        ]
    )


def test_the_frames_of_forward_and_update():
    x = Value(3.0, "x")
    y = x * x
    assert str(engine.steps(y, "update", lr=0.25)).splitlines()[:4] == [
        "step 0/6  forward: given x = 3",
        "step 1/6  y = x × x = 3 × 3 = 9",
        "    keeps ∂y/∂x = x = 3",
        "    keeps ∂y/∂x = x = 3",
    ]
    assert str(engine.steps(y, "update", lr=0.25)).splitlines()[-4:] == [
        "",
        "step 4/6  update: each leaf goes lr = 0.25 times its gradient down",
        "step 5/6  x ← x - lr × x.grad = 3 - 0.25 × 6 = 1.5",
        "step 6/6  update: run again, y = 2.25 (it was 9)",
    ]


def test_stale_data_is_said():
    x = Value(3.0, "x")
    y = x * x
    x.data = 4.0
    assert "data was set after y was computed" in str(engine.steps(y))


def test_print_writes_every_frame_and_str_the_ends():
    y = Value(1.0, "x")
    for _ in range(500):
        y = y * 1.5
    s = engine.steps(y)
    out = io.StringIO()
    s.print(file=out)
    assert out.getvalue().count("step ") == 501
    assert str(s).count("step ") == MOST_FRAMES
    assert "… 301 left out: s.print() writes all 501 steps" in str(s)
    assert str(s).splitlines()[-1].startswith("backward() leaves x.grad = 1.111e88")  # 1.5^500


def test_print_goes_to_standard_output(capsys):
    engine.steps(Value(2.0, "x")).print()
    assert capsys.readouterr().out == (
        "step 0/0  backward: ∂x/∂x = 1\n    x.grad: · → 1\n\nbackward() leaves x.grad = 1\n"
    )


@pytest.mark.parametrize(
    ("function", "written"),
    [
        (lambda x, y: x + y, ["∂z/∂x = 1", "∂z/∂y = 1"]),
        (lambda x, y: x - y, ["∂z/∂x = 1", "∂z/∂y = -1"]),
        (lambda x, y: x / y, ["∂z/∂x = 1/y = 0.5", "∂z/∂y = -z/y = -0.125"]),
        (lambda x, y: x**y, ["∂z/∂x = y·x^(y-1) = 1", "∂z/∂y = z·log x = -0.1733"]),
        (lambda x, y: x**2, ["∂z/∂x = 2·x^(2-1) = 1"]),
        (lambda x, y: x**-2, ["∂z/∂x = (-2)·x^((-2)-1) = -16"]),
        (lambda x, y: engine.atan2(y, x), ["∂z/∂y = y/(x² + y²)", "∂z/∂x = -x/(x² + y²)"]),
        (lambda x, y: x.square(), ["∂z/∂x = 2·x = 1"]),
        (lambda x, y: x.tanh(), ["∂z/∂x = 1 - z² = 0.7864"]),
        (lambda x, y: x.sigmoid(), ["∂z/∂x = z·(1 - z) = 0.235"]),
        (lambda x, y: x.relu(), ["∂z/∂x = 1 if x > 0 else 0 = 1"]),
        (lambda x, y: engine.mean([x, y, x]), ["∂z/∂x = 1/3 = 0.3333"]),
        (lambda x, y: engine.dot([x, 3.0], [y, x]), ["∂z/∂x = y = 2", "∂z/∂y = x = 0.5"]),
        (lambda x, y: engine.norm([x, y]), ["∂z/∂x = x/z = 0.2425", "∂z/∂y = y/z = 0.9701"]),
        (lambda x, y: engine.logsumexp([x, y]), ["∂z/∂x = exp(x - z)"]),
        (lambda x, y: engine.where(x, y, x), ["∂z/∂y = 1 if x else 0 = 1"]),
    ],
)
def test_local_rules_name_the_nodes(function, written):
    x, y = Value(0.5, "x"), Value(2.0, "y")
    z = function(x, y)
    text = str(engine.steps(z))
    for rule in written:
        assert rule in text


def test_a_users_primitive_shows_its_own_formula():
    @engine.primitive(lambda out, t: 3 * t * t, symbol="cube", formula="3t²")
    def cubed(t):
        return t * t * t

    x = Value(2.0, "x")
    y = cubed(x)
    assert "y = cube(x) = 8" in str(engine.steps(y))
    assert "∂y/∂x = 3·x² = 12" in str(engine.steps(y))


@given(st.text())
def test_no_label_reaches_the_terminal_as_a_control_character(label):
    x = Value(2.0, label)
    y = x * 3
    for line in str(engine.steps(y)).splitlines():
        assert all(unicodedata.category(c)[0] != "C" for c in line)
    document = json.loads(to_json(engine.steps(y)))
    assert [node["data"] for node in document["nodes"]] == [2.0, 3.0, 6.0]


# ----- Why ----------------------------------------------------------------------------------------


@given(graphs(), st.data())
def test_the_contributions_add_up_to_the_gradient_exactly(nodes, data):
    candidates = [node for node in nodes if node.requires_grad]
    root = data.draw(st.sampled_from(candidates))
    below = [node for node in engine.topological_order([root]) if node.requires_grad]
    node = data.draw(st.sampled_from(below))
    s = engine.steps(root)
    flows = s.why(node).flows
    backward([root])
    total = None
    for flow in sorted(flows, key=lambda flow: flow.use):
        total = flow.contribution if total is None else total + flow.contribution
        if flow.local is not None:
            product = flow.upstream * flow.local
            assert product == flow.contribution or math.isnan(product)
    assert total == node.grad or (math.isnan(total) and math.isnan(node.grad))
    sizes = [abs(flow.contribution) for flow in flows if not math.isnan(flow.contribution)]
    assert sizes == sorted(sizes, reverse=True)


def test_why_the_largest_comes_first():
    a, b, f = classic()
    b.grad = 1.0
    why = engine.steps(f).why(b)
    assert [flow.contribution for flow in why.flows] == [-6.0, -2.0, 1.0]
    assert str(why).splitlines() == [
        "b.grad = -7 = 1 + (-6) + (-2)",
        "    -6   ∂f/∂v2 · ∂v2/∂b = -6 × 1     through v2 = a + b      (use 1 of 2)",
        "    -2   ∂f/∂v1 · ∂v1/∂b = 1 × (-2)   through v1 = a × b      (use 2 of 2)",
        "    +1                                held before the sweep",
    ]
    assert str(engine.steps(f).why("a")) == str(engine.steps(f).why(a))


def test_why_of_a_root_and_of_a_constant():
    x = Value(3.0, "x")
    k = Value(2.0, "k", requires_grad=False)
    y = x * k
    s = engine.steps(y)
    assert str(s.why(y)).splitlines() == ["y.grad = 1", "    +1      its seed, as a root"]
    assert str(s.why(k)) == "k is a constant: no gradient flows to it"


def test_why_of_many_contributions():
    x = Value(1.0, "x")
    why = engine.steps(engine.sum([x] * 100)).why(x)
    assert len(why.flows) == 100
    assert str(why).splitlines()[0] == "x.grad = 100 = 1 + 1 + 1 + 1 + 1 + 95 more"
    assert str(why).splitlines()[-1] == "    … and 60 smaller ones, +60 in all"
    assert len(str(why).splitlines()) == 42


@pytest.mark.parametrize(
    ("uses", "last"), [(40, "(use 40 of 40)"), (41, "… and 1 smaller one, +1 in all")]
)
def test_why_of_as_many_contributions_as_are_shown_and_one_more(uses, last):
    x = Value(1.0, "x")
    text = str(engine.steps(engine.sum([x] * uses)).why(x))
    assert text.endswith(last)
    assert len(text.splitlines()) == uses + 1


def test_why_of_infinities_of_both_signs():
    x = Value(0.0, "x")
    y = engine.sum([x.log(), (x * -1.0).log(), *[x] * 60])
    assert str(engine.steps(y).why(x)).startswith("x.grad = nan = ")


def test_why_of_what_is_not_there():
    a, _, f = classic()
    a.label = "alpha"
    twin = Value(1.0, "b")
    s = engine.steps(f * twin)
    with pytest.raises(GraphError, match="is not in the graph that these steps are of"):
        s.why(Value(1.0))
    with pytest.raises(GraphError, match="called 'alhpa': did you mean 'alpha'\\?"):
        s.why("alhpa")
    with pytest.raises(GraphError, match="2 nodes are called 'b': give the Value itself"):
        s.why("b")


# ----- The wrong ways -----------------------------------------------------------------------------


def naive_recursion(root):
    """The recursion that students write first, as a program of its own."""
    gradients = {root: 1.0}

    def run(node):
        for operand, local in zip(node.operands, node.local_gradients, strict=True):
            gradients[operand] = gradients.get(operand, 0.0) + gradients[node] * local
        for operand in node.operands:
            run(operand)

    run(root)
    return gradients


def test_without_an_order_gradients_count_twice():
    c = doubled()
    comparison = engine.steps(c).compare("no_topological_order")
    a = c.operands[0].operands[0]
    assert naive_recursion(c)[a] == 8.0
    assert (comparison.outcomes[0].right, comparison.outcomes[0].wrong) == (4.0, 8.0)
    assert comparison.parts_at == 2
    assert comparison.wrong[2].wrong == "again, so the 2 of before counts twice"
    assert "They part at visit 3, where v1 passes on 2: again" in str(comparison)


def test_without_an_order_gradients_are_passed_on_too_early():
    x = Value(3.0, "x")
    b = x * 2
    d = b + b * 3
    comparison = engine.steps(d).compare()
    assert comparison.parts_at == 1
    assert comparison.wrong[1].wrong == "too early: 1 of its 2 uses arrived"
    assert (comparison.outcomes[0].right, comparison.outcomes[0].wrong) == (8.0, 10.0)
    assert naive_recursion(d)[x] == 10.0


def test_overwriting_loses_all_but_the_last_contribution():
    comparison = engine.steps(doubled()).compare("overwrite")
    assert comparison.parts_at == 0
    assert (comparison.outcomes[0].right, comparison.outcomes[0].wrong) == (4.0, 1.0)
    assert "the 1 that was there before is lost" in str(comparison)


def test_overwriting_loses_what_a_leaf_held():
    x = Value(3.0, "x")
    x.grad = 5.0
    comparison = engine.steps(x * 2).compare("overwrite")
    assert (comparison.outcomes[0].right, comparison.outcomes[0].wrong) == (7.0, 2.0)


@pytest.mark.parametrize("algorithm", ["no_topological_order", "overwrite"])
def test_a_tree_does_not_tell_the_wrong_ways_from_the_right_one(algorithm):
    x, y = Value(3.0, "x"), Value(2.0, "y")
    comparison = engine.steps((x * y).tanh() * 2).compare(algorithm)
    assert comparison.parts_at is None
    assert all(outcome.same for outcome in comparison.outcomes)
    assert "They never part: no node " in str(comparison)


@pytest.mark.parametrize("algorithm", ["no_topological_order", "overwrite"])
def test_a_gradient_that_is_nan_either_way_is_the_same(algorithm):
    x = Value(0.0, "x")
    comparison = engine.steps((x.log() * 0.0) * 2.0).compare(algorithm)
    assert str(comparison.outcomes[0].right) == "nan"
    assert all(outcome.same for outcome in comparison.outcomes)


@given(graphs(st.floats(-4.0, 4.0)))
def test_where_no_visit_is_wrong_no_gradient_is(nodes):
    root = next(node for node in reversed(nodes) if node.requires_grad)
    for algorithm in ("no_topological_order", "overwrite"):
        comparison = engine.steps(root).compare(algorithm)
        if comparison.parts_at is None:
            assert all(outcome.same for outcome in comparison.outcomes)
        else:
            assert comparison.wrong[comparison.parts_at].wrong


@given(graphs(st.floats(-2.0, 2.0)))
def test_the_replay_without_order_is_the_recursion(nodes):
    root = next(node for node in reversed(nodes) if node.requires_grad)
    for node in nodes:
        node.zero_grad()
    comparison = engine.steps(root).compare()
    if comparison.needed <= MOST_VISITS:
        expected = naive_recursion(root)
        by_name = {outcome.name: outcome.wrong for outcome in comparison.outcomes}
        for leaf in nodes[:4]:
            if leaf in expected and leaf.op is None and leaf.requires_grad:
                wrong = by_name[leaf.label]
                assert wrong == expected[leaf] or math.isnan(wrong)


def test_how_many_visits_are_made_and_counted():
    assert (MOST_VISITS, MOST_COUNTED) == (10_000, 10**18)


def test_an_exponential_number_of_visits_is_counted_and_not_made():
    y = Value(1.0, "x")
    for _ in range(12):
        y = y + y
    comparison = engine.steps(y).compare()
    assert comparison.needed == 2**12 - 1 == len(comparison.wrong)
    for _ in range(60):
        y = y * y
    comparison = engine.steps(y).compare()
    assert comparison.needed == MOST_COUNTED
    assert len(comparison.wrong) == MOST_VISITS
    assert "gradients below are those after the first 10,000" in str(comparison)


@pytest.mark.parametrize(("leaves", "lines", "last"), [(39, 40, "v39.grad"), (40, 40, "… and 1")])
def test_a_table_has_up_to_forty_gradients(leaves, lines, last):
    """Those of the leaves, and that of their sum."""
    root = engine.sum([Value(1.0, f"x{i}") for i in range(leaves)])
    root.label = "v39"
    _, table = str(engine.steps(root).compare()).rsplit("\n\n", 1)
    assert len(table.splitlines()) == 1 + lines + (leaves == 40)
    assert table.splitlines()[-1].strip().startswith(last)


@pytest.mark.parametrize(("ops", "rows"), [(40, 40), (41, 40)])
def test_a_table_has_up_to_forty_visits(ops, rows):
    y = Value(0.5, "x")
    for _ in range(ops):
        y = y.tanh()
    visits = str(engine.steps(y).compare()).split("\n\n")[2].splitlines()
    table = [line for line in visits if "passes on" in line]
    assert len(table) == rows
    assert table[-1].split()[0] == "40"
    said = [line.strip() for line in visits if "more visit" in line]
    assert said == ["… and 1 more visit this way"] * (ops > 40)


def test_an_unknown_wrong_way():
    with pytest.raises(NumberError, match="'sideways': use 'no_topological_order' or 'overwrite'"):
        engine.steps(doubled()).compare("sideways")


# ----- JSON ---------------------------------------------------------------------------------------


def test_json_holds_all_fields_and_the_very_bits():
    x = Value(0.1, "x")
    y = x * x * 3
    document = json.loads(to_json(engine.steps(y, "both")))
    assert document["schema"] == "stepgrad.steps"
    assert document["version"] == 1
    assert document["passes"] == ["forward", "backward"]
    assert document["nodes"][document["roots"][0]]["data"] == y.data
    y.backward()
    assert document["steps"][-1]["parts"][-1]["after"] == x.grad
    assert document["steps"][-1]["parts"][-1]["use"] == 2


def test_json_of_nan_and_inf():
    x = Value(0.0, "x")
    document = json.loads(to_json(engine.steps((x / x) * Value(math.inf, "k"))))
    assert [node["data"] for node in document["nodes"]] == [0.0, "nan", "inf", "nan"]
