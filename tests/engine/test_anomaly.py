"""detect_anomaly: the first nan or inf is an error that names op, operands and source line."""

import inspect
import math

import pytest

import engine
from engine import NonFiniteError, Tensor, Value, backward, detect_anomaly, enable_grad, no_grad


def here() -> int:
    """Return the line that calls this."""
    return inspect.currentframe().f_back.f_lineno


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda x, y: x / y, "divide(3.0, y=0.0) gave inf"),
        (lambda x, y: y / y, "divide(y=0.0, y=0.0) gave nan"),
        (lambda x, y: y**-1, "power(y=0.0, -1.0) gave inf"),
        (lambda x, y: x**1000, "power(3.0, 1000.0) gave inf"),
        (lambda x, y: y.log(), "log(y=0.0) gave -inf"),
        (lambda x, y: (x * 1000).exp(), "exp(3000.0) gave inf"),
        (lambda x, y: (-x).sqrt(), "sqrt(-3.0) gave nan"),
        (lambda x, y: x + math.inf, "add(3.0, inf) gave inf"),
        (lambda x, y: x - math.nan, "subtract(3.0, nan) gave nan"),
        (lambda x, y: x * 1e308, "multiply(3.0, 1e+308) gave inf"),
        (lambda x, y: engine.sum([x, y, math.inf]), "sum(3.0, y=0.0, inf) gave inf"),
        (lambda x, y: engine.dot([x, y], [1e308, 2]), "dot(3.0, y=0.0, 1e+308, 2.0) gave inf"),
    ],
)
def test_the_forward_error_names_the_op_and_its_operands_with_labels(make, message):
    x, y = Value(3.0), Value(0.0, label="y")
    with detect_anomaly(), pytest.raises(NonFiniteError) as caught:
        make(x, y)
    assert str(caught.value).startswith(message)


def test_the_forward_error_names_the_line_of_the_program():
    def helper(v: Value) -> Value:
        return v.log()

    helper_line = inspect.getsourcelines(helper)[1] + 1
    with detect_anomaly():
        with pytest.raises(NonFiniteError) as caught:
            engine.softmax([Value(1.0), helper(Value(0.0))])
        assert str(caught.value).endswith(f"({__file__}:{helper_line})")
        line = here() + 2
        with pytest.raises(NonFiniteError) as caught:
            engine.softmax([Value(1.0), math.inf])
    assert str(caught.value) == f"softmax(1.0, inf) gave nan ({__file__}:{line})"


def test_many_operands_are_cut_short():
    values = [Value(k) for k in range(100)]
    with detect_anomaly(), pytest.raises(NonFiniteError) as caught:
        engine.sum([*values, math.inf])
    assert str(caught.value).startswith("sum(0.0, 1.0, 2.0, 3.0, and 97 more) gave inf")


def test_what_is_finite_passes():
    with detect_anomaly():
        x = Value(2.0)
        y = ((x * 3).tanh() + x.exp()) ** 2
        y.backward()
    expected = Value(2.0)
    (((expected * 3).tanh() + expected.exp()) ** 2).backward()
    assert x.grad == expected.grad


def test_leaves_may_be_what_they_are():
    with detect_anomaly():
        x = Value(math.nan)
        assert math.isnan(x.data)
        assert engine.minimum(Value(math.inf), 1.0).data == 1.0


def test_constants_are_checked_as_well():
    with detect_anomaly():
        with no_grad(), pytest.raises(NonFiniteError, match=r"log\(0\.0\) gave -inf"):
            Value(0.0).log()
        with pytest.raises(NonFiniteError, match=r"log\(0\.0\) gave -inf"):
            Value(0.0, requires_grad=False).log()


def test_the_mode_holds_within_other_modes_and_ends():
    with detect_anomaly():
        with enable_grad(), pytest.raises(NonFiniteError):
            Value(0.0).log()
        with pytest.raises(NonFiniteError):
            Value(0.0).log()
    assert Value(0.0).log().data == -math.inf


def test_the_backward_error_names_the_op_its_operand_and_the_line_of_its_forward():
    x, y = Value(0.0, label="x"), Value(3.0, label="y")
    x.grad = 0.5
    with detect_anomaly():
        line = here() + 1
        root = x.sqrt()
        out = root * 2 + y * 4
        with pytest.raises(NonFiniteError) as caught:
            out.backward()
    assert str(caught.value) == (
        "the gradient of sqrt(x=0.0) for operand 0 is inf: 2.0 from above times inf here "
        f"({__file__}:{line})"
    )
    assert (x.grad, y.grad, root.grad, out.grad) == (0.5, None, None, None)


def test_the_backward_error_names_the_operand_of_two():
    x, y = Value(0.0, label="x"), Value(0.5, label="y")
    out = x**y  # 0, with an infinite slope in x
    with (
        detect_anomaly(),
        pytest.raises(NonFiniteError, match=r"power\(x=0\.0, y=0\.5\).*operand 0"),
    ):
        out.backward()
    assert (x.grad, y.grad) == (None, None)


def test_a_graph_of_before_is_checked_without_a_line():
    x = Value(0.0)
    out = x.sqrt()
    with detect_anomaly(), pytest.raises(NonFiniteError) as caught:
        out.backward()
    assert str(caught.value).endswith("1.0 from above times inf here")
    assert x.grad is None


def test_a_zero_gradient_from_above_makes_nan_of_an_infinite_slope():
    x = Value(0.0)
    out = x.sqrt() * 0
    with (
        detect_anomaly(),
        pytest.raises(NonFiniteError, match=r"is nan: 0\.0 from above times inf"),
    ):
        out.backward()
    assert x.grad is None


def test_a_sum_of_finite_gradients_that_overflows_is_found():
    x = Value(0.5, label="x")
    with detect_anomaly():
        out = x * 1.2e308 + x * 1.2e308
        with pytest.raises(NonFiniteError, match="inf"):
            out.backward()
    assert (x.grad, out.grad) == (None, None)


def test_a_gradient_that_overflows_what_a_leaf_had_is_found():
    x = Value(0.5, label="x")
    x.grad = 1e308
    with detect_anomaly():
        out = x * 1e308
        with pytest.raises(NonFiniteError, match="inf"):
            out.backward()
    assert x.grad == 1e308


@pytest.mark.parametrize("seed", [math.inf, math.nan])
def test_a_seed_that_is_not_finite_is_found(seed):
    x = Value(2.0)
    with detect_anomaly():
        for run in (lambda: x.backward(seed), lambda: (x * 2).backward(seed)):
            with pytest.raises(NonFiniteError, match=repr(seed)):
                run()
    assert x.grad is None


def test_shared_nodes_and_several_roots_under_the_mode():
    a = Value(2.0)
    with detect_anomaly():
        h = a * 3
        y = h * h
        backward([y, h, y], [1.0, 10.0, 1.0])
    assert (y.grad, h.grad, a.grad) == (2.0, 34.0, 102.0)


def test_as_a_decorator_of_a_training_step():
    @detect_anomaly()
    def step(x: Value) -> None:
        (x.log() * 2).backward()

    x = Value(4.0)
    step(x)
    assert x.grad == 0.5
    with pytest.raises(NonFiniteError, match=r"log\(w=0\.0\) gave -inf"):
        step(Value(0.0, label="w"))


def test_what_a_constant_would_receive_may_be_anything():
    with detect_anomaly():
        x = Value(-1.0)
        (x ** Value(2.0, requires_grad=False)).backward()  # log(-1) is nan
        t = Tensor([-1.0], requires_grad=True)
        (t ** Tensor([2.0])).backward()
    assert x.grad == t.grad[0] == -2.0
