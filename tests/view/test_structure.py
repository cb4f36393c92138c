"""The parts of which a collapsed picture is made, each on its own, against naive versions."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, strategies as st

import engine
from engine import Value, scope, topological_order
from engine.view.picture.connections import Connections
from engine.view.structure.groups import (
    LOOP,
    MODULE,
    Box,
    Group,
    first_to_last,
    merged,
    nodes_of,
    plural,
    stem,
)
from engine.view.structure.level import Level
from engine.view.structure.nearest import nearest, nearest_nodes
from engine.view.structure.opening import found, opened_within
from engine.view.structure.outline import Outline
from engine.view.structure.repetition import _distances, _periods, _runs
from engine.view.structure.stages import _cuts
from engine.view.structure.turns import first_turn, subsequence, values_across
from engine.view.trace import Trace


@st.composite
def operand_lists(draw, most=14):
    """Draw the operands of nodes, each read from those before it."""
    count = draw(st.integers(1, most))
    reads = [
        st.lists(st.integers(0, i - 1), max_size=3) if i else st.just([]) for i in range(count)
    ]
    return [draw(read) for read in reads]


@given(operand_lists(), st.data())
def test_values_across_are_those_made_before_and_read_after(operands, data):
    start = data.draw(st.integers(0, len(operands) - 1))
    parts = list(range(start, len(operands)))
    expected = [
        sum(any(made in operands[reader] for reader in parts[place:]) for made in parts[:place])
        for place in range(len(parts) + 1)
    ]
    assert values_across(parts, operands) == [*expected, 0]
    boxed = [Box([part]) if part % 2 else part for part in parts]
    assert values_across(boxed, operands) == [*expected, 0]


@given(st.lists(st.integers(0, 2), max_size=40), st.integers(1, 6))
def test_runs_are_where_each_item_is_as_one_a_period_before(contents, period):
    alike = [a == b for a, b in zip(contents, contents[period:], strict=False)]
    expected, start = [], 0
    while start < len(alike):
        stop = start
        while stop < len(alike) and alike[stop]:
            stop += 1
        if stop - start >= 2 * period:  # three turns at least
            expected.append((start, stop + period))
        start = stop + 1
    assert list(_runs(contents, period)) == expected


def test_distances_are_those_to_the_one_like_it_before():
    assert list(_distances("abcabba")) == [3, 3, 1, 3]
    assert list(_distances([])) == []


def test_short_periods_are_all_tried_and_long_ones_where_enough_recurs():
    assert list(_periods([0] * 2)) == []
    assert list(_periods([0] * 3)) == [1]
    assert list(_periods([0] * 11)) == [1, 2, 3]
    assert list(_periods(list(range(96)))) == list(range(1, 33))
    body = list(range(40))
    assert list(_periods(body * 3)) == [*range(1, 33), 40]
    assert list(_periods(body * 2 + body[:39])) == list(range(1, 33))  # not three times as long
    assert list(_periods([*body[:33]] * 3)) == [*range(1, 33), 33]
    assert list(_periods([*range(99)])) == list(range(1, 33))


def test_a_long_period_is_tried_if_an_eighth_of_it_recurs():
    def with_recurring(count):
        """Return 120 items of which so many, apart from each other, recur after 40."""
        items = list(range(120))
        for k in range(count):
            items[40 + 2 * k] = items[2 * k]
        return items

    assert 40 in _periods(with_recurring(5))
    assert 40 not in _periods(with_recurring(4))


@pytest.mark.parametrize(
    ("items", "whole", "places"),
    [
        *[([1, 3], [1, 2, 3], [0, 2]), ([3, 1], [1, 2, 3], None), ([], [1], []), ([1], [], None)],
        *[([1, 1], [1, 2, 1], [0, 2]), ([1, 1], [1, 2], None), ([2], [1, 2], [1])],
    ],
)
def test_the_places_of_a_subsequence(items, whole, places):
    assert subsequence(items, whole) == places


def test_turns_are_cut_where_least_is_handed_on():
    """Of a body a, b, c that read one another, of which the next turn reads c alone."""
    operands = [[], [0], [0, 1]]
    for turn in range(1, 5):
        a = 3 * turn
        operands += [[a - 1], [a, a - 1], [a, a + 1]]
    assert first_turn(list(range(15)), 3, 3, operands) == 0
    assert first_turn(list(range(1, 15)), 3, 3, operands) == 2
    assert first_turn(list(range(2, 15)), 3, 3, operands) == 1
    assert first_turn(list(range(1, 10)), 3, 3, operands) == 0  # no turn to spare
    assert first_turn(list(range(1, 11)), 3, 3, operands) == 0  # one part to spare
    assert first_turn(list(range(2, 12)), 3, 3, operands) == 1
    assert first_turn(list(range(1, 12)), 3, 3, operands) == 2


def test_stages_are_cut_near_eighths_where_little_is_handed_on():
    flat = [1] * 161
    assert _cuts(flat, 0, 160) == [0, 20, 40, 60, 80, 100, 120, 140, 160]
    dips = list(flat)
    for place in (15, 46, 65, 74, 155):
        dips[place] = 0
    # Within 160 / 32 = 5 of an eighth: 15 is, 46 and 74 are not.
    assert _cuts(dips, 0, 160) == [0, 15, 40, 65, 80, 100, 120, 140, 160]
    assert _cuts(flat + flat, 100, 260) == [100, 120, 140, 160, 180, 200, 220, 240, 260]


@given(operand_lists(), st.integers(1, 16), st.integers(0, 4) | st.none())
def test_the_nearest_are_found_ring_by_ring(operands, most, radius):
    """Against distances that are relaxed until nothing changes."""
    start = len(operands) - 1
    distance = {start: 0}
    for _ in operands:
        for node in list(distance):
            for operand in operands[node]:
                distance[operand] = min(distance.get(operand, 99), distance[node] + 1)
    within = {n: d for n, d in distance.items() if radius is None or d <= radius}
    got = nearest([start], lambda node: operands[node], most, radius)
    assert len(got) == min(most, len(within))
    assert got.items() <= within.items()
    assert sorted(got.values()) == sorted(within.values())[:most]
    assert list(got.values()) == sorted(got.values())


def test_no_more_starts_than_may_be_returned():
    assert list(nearest("abc", lambda item: "", 2)) == ["a", "b"]
    assert nearest("aab", lambda item: "", 2) == {"a": 0, "b": 0}


def test_the_nearest_nodes_go_to_results_only_if_asked():
    x = Value(1.0)
    y = x.tanh()
    z = y.exp()
    order = topological_order([z])
    both = nearest_nodes([y], order, 9, 1, both_ways=True)
    assert both == [y.index, x.index, z.index]
    assert nearest_nodes([y], order, 9, None, both_ways=False) == [y.index, x.index]
    assert nearest_nodes([x], order, 2, None, both_ways=True) == [x.index, y.index]


# ----- Groups -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "times", "kind", "repeated"),
    [
        (["net"], (1, 1), MODULE, ""),
        (["net"], (3, 3), MODULE, "× 3 samples"),
        (["net"], (1, 2), MODULE, "× 1–2 samples"),
        (["unit0", "unit1"], (1200, 1200), MODULE, "× 1,200 units"),
        (["class0", "class1"], (2, 3000), MODULE, "× 2–3,000 classes"),
        ([], (4, 4), LOOP, "× 4 times"),
    ],
)
def test_how_often_a_group_is_there(names, times, kind, repeated):
    assert Group(kind, 0, [Box([0])], names, times).repeated == repeated


def test_a_loop_over_a_module_is_over_samples():
    module = Group(MODULE, 0, [Box([0])], ["net"])
    assert Group(LOOP, 1, [module, Box([1])], times=(4, 4)).repeated == "× 4 samples"
    inner = Group(LOOP, 0, [Box([0])])
    assert Group(LOOP, 1, [inner, Box([1])], times=(4, 4)).repeated == "× 4 times"


def test_names_of_several():
    assert (stem("neuron12"), stem("12"), stem("a1b")) == ("neuron", "12", "a1b")
    assert [plural(noun) for noun in ("class", "status", "axis", "bus", "unit", "us")] == [
        *["classes", "statuses", "axises", "buses", "units", "uses"]
    ]
    assert first_to_last(["a1", "a2", "b"]) == "a1…b"
    assert first_to_last(["w1_2", "w1_3"]) == "w1_2…3"
    assert first_to_last(["w0", "9"]) == "w0…9"


def test_a_group_that_holds_one_group_opens_with_it():
    inner = Group(MODULE, 0, [Box([0]), Box([1])], ["inner"])
    outer = Group(MODULE, 1, [inner], ["outer"])
    inner.parent = outer
    assert outer.chain() == [outer, inner]
    assert inner.opens_with_outer
    assert not outer.opens_with_outer
    outer.leaves.append(Box([2]))  # a leaf beside it keeps them apart
    assert outer.chain() == [outer]
    assert not inner.opens_with_outer
    assert Group(MODULE, 1, [Box([0])]).chain()[1:] == []


def test_contents_come_groups_first_and_in_order():
    a, b, c, leaf = Box([0]), Box([1]), Box([2]), Box([3])
    inner = Group(MODULE, 0, [b])
    inner.leaves.append(leaf)
    outer = Group(MODULE, 1, [a, inner, c])
    assert list(outer.contents()) == [a, inner, leaf, b, c]
    assert sorted(nodes_of(outer)) == [0, 1, 2]
    assert list(nodes_of(7)) == [7]


def test_merging_takes_the_names_and_the_range_of_times():
    groups = [
        Group(MODULE, 5, [Box([k]), 10 + k], [f"unit{k}"], (2 + k, 4 - k), [f"net/unit{k}"])
        for k in range(3)
    ]
    one = merged(groups)
    assert (one.kind, one.token, one.times) == (MODULE, 5, (2, 4))
    assert [box.nodes for box in one.parts] == [[0, 1, 2], [10, 11, 12]]
    assert list(one.names) == ["unit0", "unit1", "unit2"]
    assert list(one.scopes) == ["net/unit0", "net/unit1", "net/unit2"]


def outline_of(root, **how):
    return Outline(Trace([root], {}), folded=True, **how)


def units(count):
    x, total = Value(0.5, "x"), Value(1.0, "t")
    for k in range(count):
        with scope(f"net/unit{k}"):
            total = (total * x).tanh()
    return total + 1.0


def test_a_folded_module_is_found_by_the_path_of_each_of_its_likes():
    outline = outline_of(units(4))
    key = next(key for key, group in outline.groups.items() if "net/unit2" in group.scopes)
    for k in range(4):
        assert found(outline, f"net/unit{k}") is outline.groups[key]
    assert outline.groups[key] in opened_within(outline, 1, ["net/unit3"])


@pytest.mark.parametrize("turns", [2, 3, 5])
def test_a_module_that_is_one_loop_says_so_itself(turns):
    x, y = Value(0.5, "x"), Value(1.0, "y")
    with scope("net"):
        terms = [(y * x).tanh() for _ in range(turns)]
    outline = outline_of(engine.sum(terms))
    net = outline.groups["net"]
    if turns < 3:
        assert (net.times, len(net.parts)) == ((1, 1), 4)
        return
    assert net.times == (turns, turns)
    assert [part.nodes for part in net.parts] == [
        [2 + place + 2 * turn for turn in range(turns)] for place in (0, 1)
    ]
    assert list(outline.groups) == ["net"]


def test_edges_count_the_operands_between_boxes():
    x = Value(2.0, "x")
    y = x * x
    trace = Trace([y + x], {})
    outline = Outline(trace, folded=False)
    counts = {(a.nodes[0], b.nodes[0]): n for (a, b), n in outline.edges.items()}
    assert counts == {(0, 1): 2, (1, 2): 1, (0, 2): 1}
    level = Level(outline, set())
    assert [item.nodes for item in level.items] == [[0], [1], [2]]
    edges = Connections(level, {item: f"n{i}" for i, item in enumerate(level.items)}, 4).edges()
    assert [(e.id, e.source, e.target, e.operand) for e in edges] == [
        *[("e0", "n0", "n1", 1), ("e1", "n0", "n1", 2)],
        *[("e2", "n1", "n2", 1), ("e3", "n0", "n2", 2)],
    ]
    assert edges[0].tooltip == "operand 1 of v1: x\n∂v1/∂x = 2"


@pytest.mark.parametrize(("operands", "text"), [(1, "… 1 operand"), (3, "… 3 operands")])
def test_what_is_not_drawn_is_counted_beside_what_reads_it(operands, text):
    x = Value(1.0, "x")
    read = [x.tanh() for _ in range(operands)]
    total = engine.sum(read)
    total.label = "total"
    diagram = engine.draw(total, focus=total, radius=0, names={}).diagram
    node, stub = diagram.nodes
    assert (stub.id, stub.kind, stub.title, stub.count) == ("n1", "hidden", text, 0)
    assert stub.tooltip == f"{text}, not drawn"
    (edge,) = diagram.edges
    assert (edge.id, edge.source, edge.target, edge.count) == ("e0", "n1", node.id, operands)
    assert node.focused
    used = engine.draw(total, focus=x, radius=0, names={}).diagram
    assert used.nodes[1].title == f"… {operands} use{'s' * (operands > 1)}"
    assert (used.edges[0].source, used.edges[0].target) == ("n0", "n1")


@pytest.mark.parametrize(("ops", "parts"), [(1, 2 + 2), (2, 2)])
def test_a_first_turn_may_lack_one_part_in_four(ops, parts):
    """As of a sum that begins with its first term: a product, some ops, and the addition."""
    x, total = Value(0.5, "x"), None
    for _ in range(5):
        term = x * x
        for _ in range(ops):
            term = term.exp()
        total = term if total is None else total + term
    assert outline_of(total.exp()).length == parts


def test_what_reads_here_and_there_is_folded_by_its_ops_alone():
    """Forty turns of two ops, each of which reads from another place."""
    rng = random.Random(0)
    values = [Value(rng.random(), f"x{i}") for i in range(3)]
    for _ in range(40):
        a, b = rng.sample(values[-6:], 2)
        values += [a * b, (a * b).tanh()]
    total = engine.sum(values[3:])
    trace = Trace([total], {})
    strict = Outline(trace, folded=True)
    loose = Outline(trace, folded=True, strict=False)
    assert loose.length < strict.length / 2
    diagram = engine.draw(total, collapse=True, names={}).diagram
    assert any(f"× {turns} times" in text for turns in (39, 40) for text in titles(diagram))


def titles(diagram):
    """Return what is written over frames and in closed groups."""
    return [
        *(frame.title for frame in diagram.frames),
        *(f"{node.title} {node.formula}" for node in diagram.nodes if node.kind == "group"),
    ]
