"""Gradients come back in the shape that an operand had before it was broadcast."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

import engine
from engine import Tensor
from engine.arrays.broadcasting import unbroadcast
from tests.oracles.affine import LAYOUTS, assert_affine


@given(hnp.mutually_broadcastable_shapes(num_shapes=2, min_side=0, max_side=3, max_dims=4))
def test_sums_and_products_of_any_shapes(broadcast):
    x, y = [np.arange(np.prod(s, dtype=float)).reshape(s) - 3.0 for s in broadcast.input_shapes]
    assert_affine(lambda x, y: x + y, x, y)
    assert_affine(lambda x, y: x * y, x, y)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "shape", [(), (1,), (3,), (1, 1), (2, 1), (1, 3, 1), (4, 1, 1), (4, 2, 1)], ids=str
)
def test_a_gradient_is_summed_over_what_was_repeated(shape, layout):
    whole = np.broadcast_shapes(shape, (4, 1, 3) if shape[-1:] in [(), (1,), (3,)] else (4, 1, 1))
    y = np.arange(np.prod(whole, dtype=float)).reshape(whole)
    assert_affine(lambda x, y: x * y, np.full(shape, 2.0), y, layout=layout)


@given(hnp.mutually_broadcastable_shapes(num_shapes=2, min_side=0, max_side=3))
def test_arrays_and_tensors_alike(broadcast):
    shape = broadcast.input_shapes[0]
    gradient = np.arange(np.prod(broadcast.result_shape, dtype=float))
    gradient = gradient.reshape(broadcast.result_shape)
    on_array, on_tensor = unbroadcast(gradient, shape), unbroadcast(Tensor(gradient), shape)
    assert on_array.shape == on_tensor.shape == shape
    np.testing.assert_array_equal(on_array, np.asarray(on_tensor))
    assert np.sum(on_array) == np.sum(gradient)  # of whole numbers, exactly


@pytest.mark.parametrize("shapes", [((2, 3), (4,)), ((2, 3), (3, 2)), ((2, 0), (3,))], ids=str)
def test_shapes_that_do_not_broadcast(shapes):
    x, y = [Tensor(np.zeros(shape)) for shape in shapes]
    with pytest.raises(engine.ShapeError, match=r"add: cannot broadcast .* must be equal or 1"):
        x + y
