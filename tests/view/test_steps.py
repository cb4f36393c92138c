"""The recorder: it does what `backward` does, to the bit, and leaves the graph alone."""

from __future__ import annotations

import copy
import dataclasses
import math
import pickle

import pytest
from graphs import graphs, numbers
from hypothesis import given, strategies as st

import engine
from engine import (
    GraphError,
    NumberError,
    OperandError,
    Value,
    backward,
    no_grad,
    primitive,
    record_source,
)
from engine.view.stepper.data import Step


def bits(number: float | None) -> str:
    return "none" if number is None else "nan" if number != number else number.hex()


def classic():
    a, b = Value(-2.0, "a"), Value(3.0, "b")
    d, e = a * b, a + b
    d.label, e.label = "d", "e"
    f = d * e
    f.label = "f"
    return a, b, f


# ----- Against backward() -------------------------------------------------------------------------


@given(graphs(), st.data())
def test_recorded_gradients_are_those_of_backward_bit_for_bit(nodes, data):
    candidates = [node for node in nodes if node.requires_grad]
    roots = data.draw(st.lists(st.sampled_from(candidates), min_size=1, max_size=3))
    seeds = data.draw(st.lists(numbers, min_size=len(roots), max_size=len(roots)))
    before = [bits(node.grad) for node in nodes]
    s = engine.steps(roots, gradients=seeds)
    assert [bits(node.grad) for node in nodes] == before

    backward(roots, seeds)

    below = {node.index: node for node in engine.topological_order(roots)}
    assert s.record.trace.position.keys() == below.keys()
    for index, position in s.record.trace.position.items():
        expected = bits(below[index].grad) if below[index].requires_grad else "none"
        assert bits(s.record.gradients[position]) == expected


@given(graphs(), st.data())
def test_steps_replayed_one_by_one_give_the_gradients_of_backward(nodes, data):
    root = data.draw(st.sampled_from([node for node in nodes if node.requires_grad]))
    s = engine.steps(root)
    trace = s.record.trace
    replayed = [
        None if op is not None else grad for op, grad in zip(trace.ops, trace.grads, strict=True)
    ]
    arrived = [0] * len(trace)
    for step in s:
        if step.node is not None:
            assert bits(replayed[step.node]) == bits(step.upstream)
            assert arrived[step.node] == sum(
                trace.operands[n].count(step.node) for n in s.record.order
            )
        for part in step.parts:
            assert bits(part.before) == bits(replayed[part.target])
            amount = part.contribution if part.before is None else part.before + part.contribution
            assert bits(part.after) == bits(amount)
            if step.node is not None:
                assert bits(part.contribution) == bits(step.upstream * part.local)
                arrived[part.target] += 1
                assert part.use == arrived[part.target]
            replayed[part.target] = part.after
    backward([root])
    for node in engine.topological_order([root]):
        if node.requires_grad:
            assert bits(replayed[trace.position[node.index]]) == bits(node.grad)


@given(graphs())
def test_the_steps_come_in_the_order_of_the_sweep(nodes):
    root = next(node for node in reversed(nodes) if node.requires_grad)
    s = engine.steps(root)
    interior = [node for node in engine.topological_order([root]) if node.op is not None]
    assert [step.node for step in s[1:]] == [
        s.record.trace.position[node.index] for node in interior
    ]


# ----- One example, in full -----------------------------------------------------------------------


def test_the_parts_of_one_step():
    step = engine.steps(classic()[-1])[3]
    assert step.expr == "d = a × b = -6"
    assert (step.index, step.phase, step.upstream, step.value) == (3, "backward", 1.0, -6.0)
    assert step.reason == "its only consumer is done: f"
    first, second = step.parts
    assert (first.name, first.rule, first.local, first.contribution) == ("a", "b", 3.0, 3.0)
    assert (first.before, first.after, first.use, first.uses) == (-6.0, -3.0, 2, 2)
    assert (second.name, second.rule, second.contribution, second.after) == ("b", "a", -2.0, -8.0)


def test_a_node_waits_for_all_of_its_consumers():
    x = Value(3.0, "x")
    y = x * x
    y.label = "y"
    p, q = y + 1, y * 2
    p.label, q.label = "p", "q"
    reasons = {step.expr.split(" = ")[0]: step.reason for step in engine.steps(p * q)}
    assert reasons["y"] == "all 2 consumers done: q and p"
    assert reasons["p"].startswith("its only consumer is done: ")


def test_a_node_used_twice_by_one_consumer():
    x = Value(3.0, "x")
    y = x + 1
    y.label = "y"
    z = y * y
    z.label = "z"
    assert engine.steps(z)[2].reason == "its only consumer, which uses it 2 times, is done: z"


def test_forward_steps_follow_the_program():
    s = engine.steps(classic()[-1], "forward")
    assert [step.expr for step in s] == [
        "given a = -2 and b = 3",
        "d = a × b = -2 × 3 = -6",
        "e = a + b = -2 + 3 = 1",
        "f = d × e = -6 × 1 = -6",
    ]
    assert [(p.name, p.rule, p.local) for p in s[1].partials] == [("a", "b", 3.0), ("b", "a", -2.0)]
    assert all(step.parts == () for step in s)


def test_update_is_one_step_of_gradient_descent():
    a, b, f = classic()
    s = engine.steps(f, "update", lr=0.5)
    assert [step.phase for step in s] == ["forward"] * 4 + ["backward"] * 4 + ["update"] * 4
    f.backward()
    after = [leaf.data - 0.5 * leaf.grad for leaf in (a, b)]
    assert [step.value for step in s[9:11]] == after == [-0.5, 7.0]
    assert s[9].expr == "a ← a - lr × a.grad = -2 - 0.5 × (-3) = -0.5"
    assert s[11].expr == "run again, f = -22.75 (it was -6)"  # (-0.5 × 7) × (-0.5 + 7)
    assert a.data == -2.0


def test_both_is_forward_then_backward():
    f = classic()[-1]
    both = engine.steps(f, "both")
    assert [step.index for step in both] == list(range(8))
    backward_only = list(engine.steps(f))
    assert [dataclasses.replace(step, index=step.index - 4) for step in both[4:]] == backward_only


def test_gradients_add_to_what_leaves_hold():
    x = Value(3.0, "x")
    y = x * x
    y.backward()
    assert [(p.before, p.after) for p in engine.steps(y)[1].parts] == [(6.0, 9.0), (9.0, 12.0)]


def test_minus_zero_keeps_its_sign():
    x = Value(-0.0, "x")
    y = x * Value(1.0, "k")
    assert bits(engine.steps(y, gradients=[-0.0])[1].parts[0].after) == bits(-0.0)


def test_several_roots_and_seeds():
    x = Value(3.0, "x")
    h = x * 2
    h.label = "h"
    g = h * h
    g.label = "g"
    s = engine.steps([g, h], gradients=[1, 10.0])
    assert s[0].expr == "L = 1·g + 10·h, so ∂L/∂g = 1 and ∂L/∂h = 10"
    assert [(p.name, p.before, p.after) for p in s[0].parts] == [
        ("g", None, 1.0),
        ("h", None, 10.0),
    ]
    backward([g, h], [1, 10.0])
    assert s.record.gradients[0] == x.grad == 44.0


def test_a_root_given_twice():
    x = Value(3.0, "x")
    y = x * 5
    s = engine.steps([y, y])
    backward([y, y])
    assert s[0].parts[1].before == 1.0
    assert s[-1].parts[0].after == x.grad == 10.0


# ----- Plain data ---------------------------------------------------------------------------------


def test_steps_are_a_sequence():
    s = engine.steps(classic()[-1])
    assert len(s) == 4
    assert s[-1] == s[3] == list(s)[3]
    assert s[1:3] == [s[1], s[2]]
    assert repr(s) == "<Steps: backward of f, 3 steps>"
    with pytest.raises(IndexError):
        s[4]


def test_steps_are_frozen():
    step = engine.steps(classic()[-1])[1]
    with pytest.raises(dataclasses.FrozenInstanceError):
        step.upstream = 2.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        step.parts[0].after = 2.0


def test_steps_outlive_the_graph_and_pickle():
    f = classic()[-1]
    s = engine.steps(f)
    expected = list(s)
    del f
    assert list(pickle.loads(pickle.dumps(s))) == list(copy.deepcopy(s)) == expected


def test_two_steppers_on_one_graph_do_not_meet():
    f = classic()[-1]
    first = engine.steps(f)
    second = engine.steps(f.operands[0])
    f.backward()
    third = engine.steps(f)
    assert [p.after for p in first[3].parts] == [-3.0, -8.0]
    assert [p.after for p in second[1].parts] == [3.0, -2.0]
    assert [p.after for p in third[3].parts] == [-6.0, -16.0]


def test_source_line_of_a_step():
    x = Value(3.0, "x")
    with record_source():
        y = x * x
    step = engine.steps(y)[1]
    assert step.source == y.source
    assert "test_steps.py:" in y.source
    assert step.line == "y = x * x"


def test_a_source_that_cannot_be_read_has_no_line():
    x = Value(3.0, "x")
    namespace = {"x": x}
    with record_source():
        exec(compile("y = x * x", "<typed>", "exec"), namespace)
    step = engine.steps(namespace["y"])[1]
    assert (step.source, step.line) == ("<typed>:1", None)


# ----- Remarks ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "remark"),
    [
        (lambda x, y: (x - 1).relu() * y, "relu is off here, so nothing passes through v2"),
        (lambda x, y: (x * 40).tanh() + y, "tanh is saturated here: little of the gradient"),
        (lambda x, y: (x - 0.5).log() + y, "inf begins here: it is the local derivative for v1"),
        (lambda x, y: (x * y).exp() * 0.0, "v2 receives a gradient of 0, so it passes on 0"),
        (lambda x, y: (x * 1e200) * y * 1e200, "1e200 × 5e199 is too large for a float: inf"),
        (lambda x, y: engine.sqrt(x - 0.5) * 0.0, "nan begins here: 0 × inf has no value"),
    ],
)
def test_remarks(function, remark):
    x, y = Value(0.5, "x"), Value(2.0, "y")
    out = function(x, y)
    out.label = "out"
    remarks = [said for step in engine.steps(out) for said in step.remarks]
    assert any(said.startswith(remark) for said in remarks), remarks


def test_an_ordinary_step_has_no_remarks():
    assert [step.remarks for step in engine.steps(classic()[-1], "update")] == [()] * 12


# ----- Edges --------------------------------------------------------------------------------------


def test_a_single_leaf():
    x = Value(3.0, "x")
    s = engine.steps(x)
    assert len(s) == 1
    assert s[0].expr == "∂x/∂x = 1"
    assert [(p.before, p.after) for p in s[0].parts] == [(None, 1.0)]
    x.grad = 5.0
    assert engine.steps(x)[0].parts[0].after == 6.0
    assert len(engine.steps(x, "forward")) == 1
    assert engine.steps(x, "update", lr=2)[3].value == 3.0 - 2 * 6.0
    assert x.grad == 5.0


def test_data_changed_after_the_forward_pass():
    a, _, f = classic()
    a.data = 100.0
    s = engine.steps(f, "both")
    stale = [step.expr.split(" = ")[0] for step in s if step.stale]
    assert stale == ["d", "e", "e", "d"]
    f.backward()
    assert s.record.gradients[s.record.trace.position[a.index]] == a.grad == -3.0


def test_nan_is_not_stale():
    x = Value(-1.0, "x")
    assert not engine.steps(x.log() * 2)[2].stale
    assert math.isnan(engine.steps(x.log() * 2)[2].value)


def test_a_primitive_that_refuses_the_changed_data_is_stale():
    @primitive(lambda out, x: 1.0)
    def whole(x):
        if x != int(x):
            raise ValueError(x)
        return x

    x = Value(2.0, "x")
    y = whole(x)
    x.data = 2.5
    assert engine.steps(y)[1].stale
    assert engine.steps(y, "update")[-1].expr == "run again, y = · (it was 2)"


def test_constants_receive_nothing():
    x, k = Value(3.0, "x"), Value(2.0, "k", requires_grad=False)
    step = engine.steps(x * k)[1]
    assert [part.name for part in step.parts] == ["x"]


def test_a_deep_graph():
    x = Value(1.0, "x")
    y = x
    for _ in range(10_000):
        y = y * 1.0 + x
    s = engine.steps(y)
    assert len(s) == 20_001
    assert s[20_000].expr == "v1 = x × 1 = 1"
    y.backward()
    assert s[-1].parts[0].after == x.grad == 10_001.0


@pytest.mark.parametrize(
    ("root", "message"),
    [
        (3.0, "starts from Values or Tensors, got float 3.0"),
        ("x", "starts from Values or Tensors, got str 'x'"),
        ([Value(2.0), None], "starts from Values or Tensors, got NoneType"),
    ],
)
def test_what_is_no_value(root, message):
    with pytest.raises(OperandError, match=message):
        engine.steps(root)


@pytest.mark.parametrize(
    ("root", "message"),
    [
        ([], "got no root"),
        (Value(2.0, requires_grad=False), "is a constant"),
    ],
)
def test_what_cannot_be_stepped(root, message):
    with pytest.raises(GraphError, match=message):
        engine.steps(root)


def test_bad_arguments():
    x = Value(1.0)
    with no_grad():
        y = x * 2
    with pytest.raises(GraphError, match="under no_grad"):
        engine.steps(y)
    with pytest.raises(NumberError, match="no phase 'sideways': use one of forward, backward"):
        engine.steps(x, "sideways")
    with pytest.raises(NumberError, match=r"no phase \[\x27forward\x27\]: use one of"):
        engine.steps(x, ["forward"])
    with pytest.raises(GraphError, match="1 roots and 2 gradients"):
        engine.steps(x, gradients=[1, 2])
    with pytest.raises(OperandError, match="lr takes numbers, got str 'fast'"):
        engine.steps(x, "update", lr="fast")
    with pytest.raises(OperandError):
        engine.steps(x, gradients=["one"])


def test_a_graph_of_a_million_nodes_is_refused_at_once():
    y = x = Value(1.0, "x")
    for _ in range(1_000_000):
        y = y * x
    with pytest.raises(GraphError, match=r"has 1,000,001 and 2,000,000: step through a part"):
        engine.steps(y)


def test_a_sum_of_a_million_edges_is_refused_at_once():
    with pytest.raises(GraphError, match="has 2 and 1,000,000: step through a part"):
        engine.steps(engine.sum([Value(1.0)] * 1_000_000))


def test_a_sum_of_very_many():
    x = Value(1.0, "x")
    s = engine.steps(engine.sum([x] * 100_000))
    assert s[1].parts[-1].after == 100_000.0
    assert "… and 99,900 more of 100,000 operands" in str(s)


def test_a_name_with_an_equals_sign():
    x = Value(2.0, "x = y")
    y = x * 3
    y.label = "a = b"
    s = engine.steps(y)
    assert s[1].name == "⟨a = b⟩"
    assert "upstream ∂⟨a = b⟩/∂⟨a = b⟩ = 1" in str(s)
    assert "∂⟨a = b⟩/∂⟨a = b⟩ · ∂⟨a = b⟩/∂⟨x = y⟩ = 1 × 3" in str(s.why(x))


def test_step_is_plain_data():
    fields = {field.name for field in dataclasses.fields(Step)}
    assert {"index", "phase", "node", "expr", "upstream", "parts", "source", "reason"} <= fields
    step = Step(0, "backward", None, "backward: ∂f/∂f = 1")
    assert (step.stale, step.parts, step.remarks, step.source) == (False, (), (), None)
