"""Modes of recording: what each does, and that it ends with its block or call."""

import inspect
from collections.abc import Callable
from typing import NamedTuple

import pytest

import engine
from engine import (
    NonFiniteError,
    Value,
    detect_anomaly,
    enable_grad,
    no_grad,
    record_source,
    scope,
)
from engine.modes import RecordingMode


def is_recorded() -> bool:
    return (Value(1.0) * 2).requires_grad


def is_anomaly_detected() -> bool:
    try:
        Value(0.0).log()
    except NonFiniteError:
        return True
    return False


class Case(NamedTuple):
    """A mode, whether it holds here, and the mode around it that makes this visible."""

    open: Callable[[], RecordingMode]
    holds: Callable[[], bool]
    around: Callable[[], RecordingMode] = lambda: scope("around")


CASES = {
    "no_grad": Case(no_grad, lambda: not is_recorded()),
    "enable_grad": Case(enable_grad, is_recorded, no_grad),
    "detect_anomaly": Case(detect_anomaly, is_anomaly_detected),
    "scope": Case(lambda: scope("inside"), lambda: (Value(1.0) * 2).scope == "inside"),
    "record_source": Case(record_source, lambda: (Value(1.0) * 2).source is not None),
}


@pytest.fixture(params=CASES.values(), ids=CASES)
def case(request):
    """Return one mode after another, each inside what makes it visible."""
    with request.param.around():
        assert not request.param.holds()
        yield request.param
        assert not request.param.holds(), "the mode outlived its test"


def test_a_mode_ends_with_its_block(case):
    with case.open():
        assert case.holds()
        with case.open():
            assert case.holds()
        assert case.holds()
    assert not case.holds()


def test_one_mode_object_serves_many_blocks_even_nested(case):
    mode = case.open()
    with mode:
        with mode:
            assert case.holds()
        assert case.holds()
    assert not case.holds()
    with mode:
        assert case.holds()


def test_a_mode_ends_with_an_exception(case):
    for error in (KeyError, KeyboardInterrupt, GeneratorExit):
        with case.open():
            with pytest.raises(error), case.open():
                raise error
            assert case.holds()
        assert not case.holds()
        with pytest.raises(error), case.open():
            raise error
        assert not case.holds()


def test_a_mode_on_a_function(case):
    @case.open()
    def function(depth: int, *, fail: bool = False) -> bool:
        """Return whether the mode holds, at any depth."""
        if fail:
            raise KeyError(depth)
        return function(depth - 1) if depth else case.holds()

    assert function(3) is True
    assert not case.holds()
    with pytest.raises(KeyError):
        function(2, fail=True)
    assert not case.holds()
    assert function.__name__ == "function"
    assert function.__doc__.startswith("Return whether")
    assert list(inspect.signature(function).parameters) == ["depth", "fail"]


def test_a_mode_on_a_method(case):
    class Holder:
        @case.open()
        def method(self) -> tuple[object, bool]:
            return self, case.holds()

    holder = Holder()
    assert holder.method() == (holder, True)


def test_modes_do_not_switch_one_another_off():
    with detect_anomaly(), no_grad(), scope("net"), record_source():
        assert is_anomaly_detected()
        out = Value(1.0) * 2
        assert not out.requires_grad
        assert (out.op, out.operands) == (None, ())
        assert out.scope == "net"
        assert out.source is not None
        with enable_grad():
            out = Value(1.0) * 2
            assert out.requires_grad
            assert out.scope == "net"


def test_no_grad_makes_constants_and_enable_grad_records_again():
    x = Value(3.0)
    with no_grad():
        constant = x * x
        with enable_grad():
            recorded = x * x
        detached = engine.sum([x, x, x])
    for out in (constant, detached):
        assert (out.requires_grad, out.op, out.operands) == (False, None, ())
        assert out.data == 9.0
    (recorded * constant).backward()
    assert x.grad == 54.0


def test_backward_runs_under_no_grad():
    x = Value(3.0)
    y = x * x
    with no_grad():
        y.backward()
        x.data = x.data - 0.5 * x.grad  # a step of gradient descent
    assert (x.data, x.grad) == (0.0, 6.0)


def test_leaves_made_under_no_grad_are_parameters():
    with no_grad():
        x = Value(3.0)
    (x * 2).backward()
    assert x.grad == 2.0


@pytest.mark.parametrize(
    "make",
    [
        lambda x: x * 2,
        lambda x: x.tanh(),
        lambda x: engine.sum([x, x]),
        lambda x: engine.dot([x], [2.0]),
        lambda x: engine.where(True, x, 0.0),
    ],
)
def test_scopes_name_the_nodes_that_a_block_makes(make):
    x = Value(3.0)
    outside = make(x)
    with scope("mlp"):
        outer = make(x)
        with scope("mlp/layer0/neuron2"):
            inner = make(x)
        again = make(x)
    paths = [node.scope for node in (outside, outer, inner, again, make(x))]
    assert paths == [None, "mlp", "mlp/layer0/neuron2", "mlp", None]


def test_leaves_made_in_a_scope_belong_to_it():
    with scope("mlp/layer0"):
        weight = Value(3.0)
    assert weight.scope == "mlp/layer0"


@pytest.mark.parametrize("path", [3, b"mlp"], ids=repr)
def test_a_scope_is_text(path):
    with pytest.raises(TypeError, match="str"):
        scope(path)
    with pytest.raises(TypeError, match="path"):
        scope()


def test_record_source_names_the_line_of_the_program():
    x = Value(3.0)
    with record_source():
        line = inspect.currentframe().f_lineno + 1
        product = x * x
        squash = product.tanh()
        total = engine.sum([x, squash])
        soft = engine.softmax([x, total])[1]
    assert [node.source for node in (product, squash, total, soft)] == [
        f"{__file__}:{line + k}" for k in range(4)
    ]
    assert (x * x).source is None


def test_record_source_names_the_innermost_line_of_the_program():
    """A helper of the user's own is the user's code, however deep the call."""

    def helper(x: Value) -> Value:
        return x * x

    with record_source():
        node = helper(Value(1.0))
    expected = inspect.getsourcelines(helper)[1] + 1
    assert node.source == f"{__file__}:{expected}"


def test_leaves_made_under_record_source_have_a_source():
    with record_source():
        line = inspect.currentframe().f_lineno + 1
        x = Value(3.0)
    assert x.source == f"{__file__}:{line}"
