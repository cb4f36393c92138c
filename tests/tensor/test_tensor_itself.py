"""What a Tensor says of itself: comparisons, its length, its flags, and what cannot be."""

import operator
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import engine
from engine import Tensor, Value
from engine.errors import GraphError, OperandError, ShapeError

NUMBERS = np.array([1.0, 2.0, 3.0])


@pytest.mark.parametrize("compare", [operator.lt, operator.le, operator.gt, operator.ge])
@pytest.mark.parametrize("other", [2.0, np.array([3.0, 2.0, 1.0]), Tensor([3.0, 2.0, 1.0])])
def test_comparisons_are_those_of_the_numbers(compare, other):
    expected = compare(
        NUMBERS, getattr(other, "data", other) if isinstance(other, Tensor) else other
    )
    got = compare(Tensor(NUMBERS), other)
    assert got.dtype == bool
    np.testing.assert_array_equal(got, expected)


def test_what_is_no_number_cannot_be_compared():
    with pytest.raises(OperandError, match="comparison with a Tensor"):
        _ = Tensor(NUMBERS) < "2"


def test_signs():
    x = Tensor([-1.5, 2.0], requires_grad=True)
    assert +x is x
    abs(x).sum().backward()
    np.testing.assert_array_equal(x.grad, [-1.0, 1.0])


def test_backward_of_one_element_takes_a_number_in_any_shape():
    x = Tensor([[2.0]], requires_grad=True)
    (x * 5.0).backward(3.0)
    np.testing.assert_array_equal(x.grad, [[15.0]])


def test_what_was_computed_cannot_be_changed_before_backward():
    y = Tensor(NUMBERS, requires_grad=True).exp()
    y.data = [1.0, 1.0, 1.0]
    with pytest.raises(GraphError, match="the data of the result of exp, of shape"):
        y.backward(np.ones(3))


def test_a_tensor_is_not_made_of_a_tensor():
    with pytest.raises(OperandError, match=r"takes arrays, got a Tensor: use its \.data"):
        Tensor(Tensor(NUMBERS))


def test_numbers_of_any_kind_are_floats_in_it():
    given = [Fraction(1, 3), Decimal("0.25"), 2**80]
    expected = [1 / 3, 0.25, 2.0**80]
    for made in (Tensor(given), Tensor(np.array(given)), Tensor([given])[0]):
        assert made.dtype == np.float64
        assert made.data.tolist() == expected


@pytest.mark.parametrize(
    "nested",
    [
        [Tensor(NUMBERS), Tensor(NUMBERS)],
        [[1.0, 2.0, 3.0], Tensor(NUMBERS)],
        [[[1.0], [2.0]], [[3.0], Tensor([4.0])]],
        [Tensor(1.0), Tensor(2.0)],
        [1.0, Tensor(2.0)],
    ],
)
def test_a_list_with_tensors_in_it_would_lose_their_gradients(nested):
    with pytest.raises(OperandError, match=r"a list with Tensors in it: stack\(\.\.\.\) keeps"):
        Tensor(nested)


def test_a_list_of_arrays_is_an_array():
    assert Tensor([np.eye(2), np.ones((2, 2))]).shape == (2, 2, 2)


class Other:
    def __radd__(self, other):
        return "its own sum"

    def __rmatmul__(self, other):
        return "its own product"


def test_what_stands_beside_it_may_know_better():
    assert Tensor(NUMBERS) + Other() == "its own sum"
    assert Tensor(NUMBERS) @ Other() == "its own product"
    with pytest.raises(
        TypeError, match=r"unsupported operand type\(s\) for \+: 'Tensor' and 'object'"
    ):
        Tensor(NUMBERS) + object()
    with pytest.raises(OperandError, match="add takes numbers, got object <object"):
        engine.add(Tensor(NUMBERS), object())


def test_a_list_is_no_operand_of_a_matrix_product():
    with pytest.raises(OperandError, match=r"matmul takes .*, got a list: use np\.array"):
        [[1.0, 2.0, 3.0]] @ Tensor(NUMBERS)


def test_an_array_has_not_as_many_axes_as_a_list():
    nested = 1.0
    for _ in range(70):
        nested = [nested]
    with pytest.raises(ShapeError, match="the list is nested deeper than the axes"):
        Tensor(nested)


@pytest.mark.parametrize(
    "nested",
    [
        [[1.0, 2.0], [3.0]],
        [[1.0, [2.0]], [3.0, 4.0]],
        [np.zeros(2), np.zeros(3)],
        [[1.0], 2.0],
        [Value(1.0), range(1)],
    ],
)
def test_rows_that_do_not_match_are_named(nested):
    with pytest.raises(ShapeError, match=r"mixed with numbers: (\[\d\])+ is a .*, (\[\d\])+ is a"):
        Tensor(nested)


def test_the_length_is_that_of_the_first_axis():
    assert len(Tensor(np.zeros((4, 2)))) == 4
    with pytest.raises(OperandError, match=r"len\(\) and iteration need an axis"):
        len(Tensor(1.0))


def test_item_is_the_number_of_one_element():
    assert Tensor([[2.5]]).item() == 2.5
    with pytest.raises(ShapeError, match=r"item\(\) is for one element, and this has the shape"):
        Tensor(NUMBERS).item()


def test_a_gradient_can_be_set_and_forgotten():
    x = Tensor(NUMBERS, requires_grad=True)
    x.grad = [1.0, 1.0, 1.0]
    np.testing.assert_array_equal(x.grad, np.ones(3))
    x.grad = None
    assert x.grad is None


def test_the_flag_of_a_computed_tensor_stays():
    x = Tensor(NUMBERS, requires_grad=True)
    y = x * 2.0
    with pytest.raises(GraphError, match=r"of a computed Tensor cannot be set: use \.detach\(\)"):
        y.requires_grad = False
    y.requires_grad = True
    assert y.requires_grad


def test_what_was_computed_from_a_constant_passes_it_no_gradient_later():
    x, w = Tensor(NUMBERS), Tensor(2.0, requires_grad=True)
    before = x * w
    x.requires_grad = True
    after = x * w
    (before.sum() + after.sum()).backward()
    np.testing.assert_array_equal(x.grad, np.full(3, 2.0))
    assert w.grad == 12.0
