"""What a Value shows of itself: number, name, index, op and operands."""

import operator
import random

import pytest

import engine
from engine import OperandError, ShapeError, Value


def test_a_leaf():
    x = Value(2.0, label="x")
    assert (x.data, x.grad, x.label, x.scope, x.source) == (2.0, None, "x", None, None)
    assert (x.op, x.operands, x.local_gradients, x.requires_grad) == (None, (), (), True)


def test_a_computed_value():
    a, b = Value(2.0), Value(3.0)
    c = a * b
    assert c.op is engine.multiply
    assert (c.op.name, c.op.symbol, c.op.formula) == ("multiply", "×", "y, x")
    assert (c.operands, c.local_gradients) == ((a, b), (3.0, 2.0))
    assert (c.label, c.scope, c.requires_grad) == (None, None, True)


def test_operands_keep_their_order_and_duplicates():
    a, b = Value(2.0), Value(3.0)
    assert (b - a).operands == (b, a)
    assert (a * a).operands == (a, a)
    assert engine.sum([a, b, a, a]).operands == (a, b, a, a)
    assert engine.dot([a, b], [b, a]).operands == (a, b, b, a)
    one, two = (a - 1).operands
    assert one is a
    assert (two.data, two.requires_grad, two.op) == (1.0, False, None)


def test_a_constant_computes_constants():
    c = Value(2.0, requires_grad=False)
    out = c * 3 + c.tanh()
    assert not out.requires_grad
    assert (out.op, out.operands, out.local_gradients) == (None, (), ())
    assert (out + Value(1.0)).requires_grad


def test_one_operand_that_requires_grad_is_enough():
    c, x = Value(2.0, requires_grad=False), Value(3.0)
    for out in (c * x, x * c, c**x, engine.sum([c, c, x]), engine.dot([c], [x])):
        assert out.requires_grad
        out.backward()
        assert c.grad is None
    assert x.grad is not None


def test_requires_grad_of_a_leaf_can_be_switched_on():
    x = Value(2.0, requires_grad=False)
    x.requires_grad = True
    (x * 3).backward()
    assert x.grad == 3.0


def test_requires_grad_of_what_constants_gave_can_be_switched_on():
    out = Value(2.0, requires_grad=False) * 3
    out.requires_grad = True  # it has no history, so it is a leaf
    (out * out).backward()
    assert out.grad == 12.0


def test_detach_and_clone():
    x = Value(3.0, label="x")
    detached, clone = x.detach(), x.clone()
    assert (detached.data, detached.requires_grad, detached.op) == (3.0, False, None)
    assert clone is not x
    (clone * clone).backward()
    assert x.grad == 6.0


def test_positive_is_the_same_node():
    x = Value(3.0)
    assert +x is x


def test_labels():
    x = Value(3.0, "x")
    x.label = "speed"
    assert x.label == "speed"
    assert repr(x) == "Value(data=3.0, grad=None, label='speed')"
    y = x * 2
    y.label = "double"
    y.backward()
    assert repr(y) == "Value(data=6.0, grad=1.0, label='double')"
    assert repr(x.detach()) == "Value(data=3.0, constant)"
    y.label = None
    assert y.label is None


def test_two_nodes_may_have_one_label():
    a, b = Value(1.0, label="w"), Value(2.0, label="w")
    (a * b).backward()
    assert (a.grad, b.grad) == (2.0, 1.0)


@pytest.mark.parametrize("name", ["label", "scope"])
def test_a_name_that_is_no_text_is_refused(name):
    x = Value(3.0)
    with pytest.raises(TypeError, match="int"):
        setattr(x, name, 3)
    assert getattr(x, name) is None


def test_arguments_of_the_wrong_type_are_refused():
    with pytest.raises(TypeError, match="int"):
        Value(3.0, label=3)
    with pytest.raises(TypeError, match="str"):
        Value(3.0, requires_grad="no")
    x = Value(3.0)
    with pytest.raises(TypeError, match="str"):
        x.requires_grad = "no"
    assert x.requires_grad is True
    with pytest.raises(TypeError, match="data"):
        Value()


def test_of_what_is_no_number_sixty_characters_are_shown():
    with pytest.raises(OperandError, match=f"got str '{'x' * 58}': turn"):
        Value("x" * 58)
    with pytest.raises(OperandError, match=rf"got str '{'x' * 56}\.\.\.: turn"):
        Value("x" * 59)


def test_the_creation_index_grows():
    a = Value(1.0)
    b = Value(2.0)
    c = a * b
    d = engine.sum([c, a, 1.0])
    e = -d
    assert a.index < b.index < c.index < d.index < e.index
    assert all(isinstance(node.index, int) for node in (a, d))
    for node in (c, d, e):
        assert all(operand.index < node.index for operand in node.operands)


def test_a_misspelt_attribute_is_an_error():
    x = Value(3.0)
    with pytest.raises(AttributeError, match="gard"):
        x.gard = 0.0
    with pytest.raises(AttributeError, match="gard"):
        _ = x.gard


@pytest.mark.parametrize("name", ["data", "grad", "requires_grad", "label", "scope"])
def test_an_attribute_cannot_be_deleted(name, fresh_python):
    """In an interpreter of its own, which a fault in compiled code would bring down."""
    done = fresh_python(
        f"""
        from engine import Value
        x = Value(3.0)
        try:
            del x.{name}
        except (AttributeError, TypeError):
            print(x)
        """
    )
    assert (done.returncode, done.stdout) == (0, "Value(data=3.0, grad=None)\n")


def test_format():
    x = Value(1 / 3)
    assert f"{x:.3f} {x:8.2e}" == "0.333 3.33e-01"
    assert f"{x}" == repr(x)
    with pytest.raises(ValueError, match="d"):
        f"{x:d}"


@pytest.mark.parametrize(
    "compute",
    [
        operator.add,
        operator.sub,
        operator.mul,
        operator.truediv,
        operator.floordiv,
        operator.mod,
        operator.pow,
    ],
)
def test_reflected_operators_are_the_operators_on_wrapped_numbers(compute):
    """A swapped or forgotten reflection, as 2 / v = v / 2, shows at almost any two numbers."""
    rng = random.Random(3)
    for _ in range(200):
        x, y = rng.uniform(0.1, 5), rng.uniform(0.1, 5)
        wrapped = [Value(x), Value(y)]
        reference = compute(*wrapped)
        reference.backward()
        left, right = Value(x), Value(y)
        for out in (compute(left, y), compute(x, right)):
            assert out.data == reference.data == compute(x, y)
            out.backward()
        assert (left.grad, right.grad) == (wrapped[0].grad, wrapped[1].grad)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: engine.dot([x], [1.0, 2.0]), ShapeError, "of one length, got 1 and 2 elements"),
        (lambda x: engine.dot(3.0, [x]), OperandError, r"dot\(\) takes a sequence .* got float"),
        (lambda x: engine.sum(x), OperandError, r"sum\(\) takes a sequence .* got Value"),
        (lambda x: engine.max("12"), OperandError, r"max\(\) takes a sequence .* got str"),
        (lambda x: engine.sum([x], axis=0), OperandError, r"sum\(\): axis and keepdims are for"),
        (lambda x: engine.sum([x], keepdims=True), OperandError, r"sum\(\): axis and keepdims"),
    ],
)
def test_what_is_no_sequence_of_numbers(call, error, message):
    with pytest.raises(error, match=message):
        call(Value(1.0))


def test_no_silent_junk():
    for junk in ("a", Value(1), 1 + 2j, [1.0]):
        with pytest.raises(OperandError):
            Value(junk)
    assert type(Value(3).data) is float
    assert type((Value(3) * 2).data) is float
