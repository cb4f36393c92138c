"""The kit's strategies: what they draw, what they leave out, and how failures print."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings, strategies as st
from hypothesis.errors import InvalidArgument
from mpmath import mp

import engine
from engine import Tensor, Value, ops, primitive
from engine.op import Kink, Op
from engine.testing.domains import is_smooth
from engine.testing.oracles.reference import CASES, DIGITS, Case, rows
from engine.testing.program import Program
from engine.testing.registration import register
from engine.testing.strategies import (
    away_from_kinks,
    broadcastable_tensors,
    mlps,
    programs,
    tensors,
    values,
)
from engine.testing.strategies.spellings import can_be_spelled, spelling_of
from tests.testing.primitives import cube

quickly = settings(max_examples=25, suppress_health_check=[HealthCheck.filter_too_much])


# ----- values --------------------------------------------------------------------------------


@given(values())
def test_a_value_is_a_finite_leaf_without_a_gradient(value: Value) -> None:
    assert type(value) is Value
    assert math.isfinite(value.data)
    assert value.op is value.grad is None
    assert value.requires_grad


@given(values(min_value=-1.0, max_value=3.0, away_from=[0.0, 2.0], distance=0.5))
def test_values_stay_between_bounds_and_off_points(value: Value) -> None:
    assert -1.0 <= value.data <= 3.0
    assert abs(value.data) >= 0.5
    assert abs(value.data - 2.0) >= 0.5


@pytest.mark.parametrize("side", [-1.0, 0.5, 2.5])
def test_values_are_drawn_from_every_side_of_the_points(side: float) -> None:
    strategy = values(min_value=-1.0, max_value=3.0, away_from=[2.0, 0.0], distance=0.5)
    found = find(strategy, lambda value: side <= value.data <= side + 1.0)
    assert side <= found.data <= side + 1.0


@given(values(requires_grad=False))
def test_constants(value: Value) -> None:
    assert not value.requires_grad


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"away_from": [0.0], "distance": 0.0}, "distance=0.0 is not above 0"),
        ({"min_value": 1.0, "max_value": -1.0}, r"no number is left between 1\.0 and -1\.0"),
        ({"min_value": -1.0, "max_value": 1.0, "away_from": [0.0], "distance": 2.0}, "2.0 off"),
    ],
)
def test_values_that_cannot_be(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        values(**arguments)


def test_types_are_registered() -> None:
    register()  # as the entry point does where stepgrad is installed: see test_plugin_installed

    @given(st.from_type(Value), st.from_type(Tensor), st.from_type(Program))
    def check(value: Value, tensor: Tensor, program: Program) -> None:
        assert type(value) is Value
        assert type(tensor) is Tensor
        assert isinstance(program, Program)

    check()


def test_importing_engine_imports_no_hypothesis(fresh_python: Any) -> None:
    done = fresh_python("import engine, engine.testing, sys; print('hypothesis' in sys.modules)")
    assert (done.stdout, done.stderr) == ("False\n", "")


# ----- away_from_kinks -----------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@quickly
@given(data=st.data())
def test_operands_have_a_derivative(case: Case, data: st.DataObject) -> None:
    point = data.draw(away_from_kinks(case.op, distance=0.01, max_magnitude=1e6))
    if case.name in ("dot", "softmax[1]", "log_softmax[1]"):
        point *= 2  # two halves; an element with that index
    elif case.name.endswith("[1]") and len(point) == 1:
        return  # one element, less one: 0/0
    elif case.name == "spherical_bessel_pi" and point[1] == 0.0:
        return  # the reference divides by it
    with mp.workdps(DIGITS):
        for slope in case.slopes(point):
            assert slope is None or mp.isfinite(slope)
    assert is_smooth(case.op, point, 0.01)


SMOOTH_CONVENTIONS = {  # rows name these points for their values: the gradient is an ordinary one
    *(("logaddexp", (0.0, 0.0)), ("xlogy", (0.0, 2.0)), ("sinc", (0.0,))),
    *(("prod", (0.0, 3.0)), ("prod", (0.0, 0.0))),
}


@pytest.mark.parametrize(
    ("row", "kink"),
    [
        pytest.param(row, kink, id=f"{row.name}{list(kink.at)}")
        for row in rows()
        if isinstance(row, Op)
        for kink in row.kinks
        if (row.name, kink.at) not in SMOOTH_CONVENTIONS
    ],
)
def test_kinks_of_the_table_are_left_out(row: Op, kink: Kink) -> None:
    assert not is_smooth(row, kink.at, 1e-300)


@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_both_sides_of_a_kink_are_tried(side: float) -> None:
    (x,) = find(away_from_kinks(engine.relu), lambda operands: operands[0] * side > 0.0)
    assert x * side >= 0.01


def test_a_primitive_keeps_off_its_own_kinks() -> None:
    @primitive(lambda out, x: 1.0 if x > 3.0 else 0.0)
    def ramp(x: float) -> float:
        return max(x - 3.0, 0.0)

    ramp.kinks = (Kink((3.0,), 0.0, (0.0,)),)

    @given(away_from_kinks(ramp, distance=0.5))
    def check(operands: tuple[float, ...]) -> None:
        assert abs(operands[0] - 3.0) >= 0.5

    check()


def test_a_function_has_no_kinks_that_are_known() -> None:
    with pytest.raises(InvalidArgument, match="is no op: it has no kinks that are known"):
        away_from_kinks(math.sin)
    with pytest.raises(InvalidArgument, match=r"distance=0\.0 and max_magnitude"):
        away_from_kinks(engine.relu, distance=0.0)


# ----- programs ------------------------------------------------------------------------------

NAMED = [
    row for row in rows() if isinstance(row, Op) and isinstance(getattr(engine, row.name, None), Op)
]


@pytest.mark.parametrize("op", NAMED, ids=lambda op: op.name)
@quickly
@given(data=st.data())
def test_a_program_of_any_op_stays_in_its_domain(op: Op, data: st.DataObject) -> None:
    program = data.draw(programs(ops=[op], max_steps=3))
    assert not any(math.isnan(node.data) for node in program.values())


@given(programs(max_leaves=1, max_steps=4, leaves=st.just(0.5)))
def test_programs_keep_to_their_bounds(program: Program) -> None:
    assert program.leaves == (0.5,)
    assert len(program.steps) <= 4


def test_nodes_are_shared() -> None:
    found = find(programs(max_steps=10), lambda program: any(map(used_twice, program.values())))
    assert [step[1] for step in found.steps] == [(0, 0)]


def used_twice(node: Value) -> bool:
    return len(set(node.operands)) < len(node.operands)


def test_a_program_shrinks_to_the_steps_that_matter() -> None:
    def holds_two(program: Program) -> bool:
        return [step[0] for step in program.steps].count("tanh({a})") >= 2

    found = find(programs(ops=[engine.add, engine.sin, engine.tanh]), holds_two)
    assert [step[0] for step in found.steps] == ["tanh({a})"] * 2
    assert found.leaves == (0.0,)


def test_a_failing_test_prints_python() -> None:
    @settings(database=None, derandomize=True, phases=[Phase.generate, Phase.shrink])
    @given(programs(ops=[engine.sin, cube]))
    def fails(program: Program) -> None:
        assert not any("cube" in step[0] for step in program.steps)

    with pytest.raises(AssertionError) as caught:
        fails()
    printed = "\n".join(caught.value.__notes__)
    lines = printed[printed.index("from engine") :].splitlines()
    assert lines[:4] == [
        "from engine import Value",
        "from tests.testing.primitives import cube",
        "v0 = Value(0.0)",
        "v1 = cube(v0),",  # the comma of the argument
    ]
    namespace: dict[str, Any] = {}
    exec("\n".join(lines[:4]).rstrip(","), namespace)
    assert namespace["v1"].op is cube


def test_a_program_is_a_function() -> None:
    x = Value(2.0)
    program = Program((1.0,), (("{a} * {a}", (0,)), ("cube({a})", (1,))), {"cube": cube})
    program(x).backward()
    assert (program(x).data, x.grad) == (64.0, 6 * 2.0**5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ops": []}, "ops is empty"),
        ({"ops": [math.sin]}, "programs are made of ops, not of"),
        ({"max_steps": 0}, "max_leaves=3 and max_steps=0: at least one"),
        ({"ops": engine.tanh}, r"ops is a sequence of ops, as \[tanh\]"),
    ],
)
def test_programs_that_cannot_be(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        find(programs(**arguments), lambda program: True)


def test_spelling_of_an_op_with_many_operands() -> None:
    @primitive(*[lambda out, a, b, c, d: 1.0] * 4)
    def four(a: float, b: float, c: float, d: float) -> float:
        return a + b + c + d

    with pytest.raises(InvalidArgument, match="four has more than three operands"):
        spelling_of(four)


# ----- tensors -------------------------------------------------------------------------------


@given(tensors(max_dims=2, max_side=3))
def test_a_tensor_is_a_finite_leaf_without_a_gradient(tensor: Tensor) -> None:
    assert tensor.ndim <= 2
    assert all(side <= 3 for side in tensor.shape)
    assert np.isfinite(tensor.data).all()
    assert tensor.requires_grad
    assert tensor.grad is None


@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0), (1, 3)])
def test_tensors_of_every_shape_are_drawn(shape: tuple[int, ...]) -> None:
    found = find(tensors(elements=st.just(0.5)), lambda tensor: tensor.shape == shape)
    assert found.data.tolist() == np.full(shape, 0.5).tolist()


def test_every_element_is_drawn() -> None:
    found = find(tensors(shape=(4,)), lambda tensor: len(set(tensor.data.tolist())) == 4)
    assert found.shape == (4,)


@given(broadcastable_tensors(3, elements=st.floats(-1, 1), requires_grad=False))
def test_broadcastable_tensors(drawn: tuple[Tensor, ...]) -> None:
    x, y, z = drawn
    shape = np.broadcast_shapes(x.shape, y.shape, z.shape)
    assert (x + y + z).shape == shape
    assert not x.requires_grad


@given(broadcastable_tensors(2, elements=st.floats(-2, 2)))
def test_gradients_have_the_shapes_of_what_was_broadcast(pair: tuple[Tensor, Tensor]) -> None:
    x, y = pair
    out = x * y
    out.sum().backward()
    for operand, other in ((x, y), (y, x)):
        assert operand.grad.shape == operand.shape
        full = np.broadcast_to(other.data, out.shape)
        padded = (1,) * (out.ndim - operand.ndim) + operand.shape
        axes = tuple(i for i, side in enumerate(padded) if side != out.shape[i])
        expected = full.sum(axis=axes, keepdims=True).reshape(operand.shape)
        np.testing.assert_allclose(operand.grad, expected, rtol=1e-13, atol=1e-13)


def test_broadcastable_tensors_may_be_empty_and_without_axes() -> None:
    small = broadcastable_tensors(1, max_dims=1, max_side=1)
    for shape in ((), (0,), (1,)):
        assert find(small, lambda drawn, shape=shape: drawn[0].shape == shape)


@pytest.mark.parametrize(
    "draw",
    [
        lambda: tensors(max_dims=-1),
        lambda: tensors(shape=(2, -1)),
        lambda: broadcastable_tensors(0),
        lambda: broadcastable_tensors("2"),  # type: ignore[arg-type]
    ],
    ids=["dims", "shape", "count", "text"],
)
def test_tensors_that_cannot_be(draw: Any) -> None:
    with pytest.raises(InvalidArgument, match="or more"):
        draw()


# ----- mlps ----------------------------------------------------------------------------------


@given(mlps(inputs=2, outputs=1, max_width=3, max_layers=2))
def test_networks(mlp: Any) -> None:
    assert mlp.inputs == 2
    assert mlp.widths[-1] == 1
    assert len(mlp.widths) <= 2
    assert max(mlp.widths) <= 3
    out = mlp([0.5, -1.0])
    out.backward()
    assert all(parameter.grad is not None for parameter in mlp.parameters())


@pytest.mark.parametrize(
    "arguments",
    [{"max_width": 0}, {"inputs": -1}, {"inputs": 0}, {"outputs": 1.5}, {"activations": []}],
    ids=str,
)
def test_networks_that_cannot_be(arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument, match="widths and layers of at least 1 and an activation"):
        mlps(**arguments)


def test_networks_of_an_unknown_activation() -> None:
    with pytest.raises(InvalidArgument, match=r"mlps\(\) knows no activation 'tahn'"):
        mlps(activations=["tanh", "tahn"])


@pytest.mark.parametrize("op", [engine.floor, engine.ceil, engine.round], ids=lambda op: op.name)
def test_no_number_is_far_from_every_jump_of_a_stair(op: Any) -> None:
    with pytest.raises(InvalidArgument, match=f"off all jumps of {op.name}"):
        away_from_kinks(op, distance=0.5)


def is_public(row: Any) -> bool:
    """Return whether a row of the op table is a function of `engine`."""
    return getattr(engine, getattr(row, "name", ""), None) is row


QUIET: dict[str, Any] = {
    "values": values(away_from=[0.0]),
    "tensors": tensors(),
    "broadcastable_tensors": broadcastable_tensors(3),
    "programs": programs(),
    "mlps": mlps(),
    **{f"away_from_kinks({op.name})": away_from_kinks(op) for op in rows() if is_public(op)},
}


@pytest.mark.parametrize("name", QUIET)
def test_no_health_check_is_alarmed(name: str) -> None:
    @settings(max_examples=20, database=None, suppress_health_check=[HealthCheck.too_slow])
    @given(QUIET[name])
    def draw(drawn: Any) -> None:
        pass

    draw()


def test_what_programs_can_apply() -> None:
    assert can_be_spelled(ops.clip)
    assert not can_be_spelled(ops.gelu_slope)  # which has no public name
