"""Sums of products in Einstein's notation."""

import string

import numpy as np
import pytest
from hypothesis import given, strategies as st

import engine
from engine import OperandError, ShapeError, Tensor
from tests.oracles.affine import LAYOUTS, assert_affine

RNG = np.random.default_rng(0)
FORMULAS = [
    ("ij,jk->ik", (2, 3), (3, 4)),
    ("ij,jk", (2, 3), (3, 4)),
    ("ij->ji", (2, 3)),
    ("ij->", (2, 3)),
    ("ij->j", (2, 3)),
    ("ba", (2, 3)),
    ("ii->i", (3, 3)),
    ("ii", (3, 3)),
    ("iij->j", (3, 3, 2)),
    ("iji->ij", (3, 2, 3)),
    ("iii->i", (2, 2, 2)),
    ("i,i->i", (3,), (3,)),
    ("i,i", (3,), (3,)),
    ("i,j->ij", (3,), (2,)),
    ("i,j->ji", (3,), (2,)),
    ("bij,bjk->bik", (5, 2, 3), (5, 3, 4)),
    ("...ij,...jk->...ik", (5, 2, 3), (3, 4)),
    ("...ij,...jk->...ik", (5, 1, 2, 3), (4, 3, 4)),
    ("bhqd,bhkd->bhqk", (2, 3, 4, 5), (2, 3, 6, 5)),
    ("ij,jk,kl->il", (2, 3), (3, 4), (4, 5)),
    ("a,ab,bc,cd->d", (2,), (2, 3), (3, 4), (4, 5)),
    ("a,b,c->abc", (2,), (3,), (4,)),
    ("i,i,i->i", (3,), (3,), (3,)),
    ("i,i,i,i,i", (3,), (3,), (3,), (3,), (3,)),
    ("ij,ij,ij->j", (2, 3), (2, 3), (2, 3)),
    ("ij,k->i", (2, 3), (4,)),
    ("...,...", (2, 3), (3,)),
    ("...i->i...", (2, 3, 4)),
    ("i...,i...->...", (3, 2, 4), (3, 1, 4)),
    ("abc,cba->b", (2, 3, 4), (4, 3, 2)),
    ("ii,ij->j", (3, 3), (3, 2)),
    (" i j , j -> i ", (2, 3), (3,)),
    ("", ()),
    (",->", (), ()),
    ("ij,jk->ik", (0, 3), (3, 4)),
    ("ij,jk->ik", (2, 0), (0, 4)),
    ("ij,jk,kl->il", (2, 0), (0, 4), (4, 1)),
]


def uniform(shape):
    return RNG.uniform(-1.0, 1.0, shape)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("case", FORMULAS, ids=str)
def test_einsum_is_that_of_numpy(case, layout):
    formula, *shapes = case
    arrays = [uniform(shape) for shape in shapes]
    out = assert_affine(lambda *xs: engine.einsum(formula, *xs), *arrays, layout=layout)
    np.testing.assert_allclose(np.asarray(out), np.einsum(formula, *arrays), 0, 1e-14)


@given(st.data())
def test_einsum_of_any_formula(data):
    labels = st.lists(st.sampled_from("abcd"), max_size=3).map("".join)
    inputs = data.draw(st.lists(labels, min_size=1, max_size=4))
    every = sorted({*"".join(inputs)})
    result = "".join(data.draw(st.permutations(every)))[: data.draw(st.integers(0, 4))]
    sizes = {label: data.draw(st.integers(0, 3), label) for label in every}
    arrays = [
        np.arange(1.0, 1.0 + np.prod(shape, dtype=float)).reshape(shape)
        for shape in [tuple([sizes[k] for k in labels]) for labels in inputs]
    ]
    formula = f"{','.join(inputs)}->{result}"
    out = assert_affine(lambda *xs: engine.einsum(formula, *xs), *arrays)
    np.testing.assert_array_equal(np.asarray(out), np.einsum(formula, *arrays))  # whole numbers


def test_float32_stays():
    x, y = uniform((2, 3)).astype(np.float32), uniform((3, 4)).astype(np.float32)
    out = assert_affine(lambda x, y: engine.einsum("ij,jk", x, y), x, y)
    np.testing.assert_allclose(np.asarray(out), x @ y, 0, 1e-6)


@pytest.mark.parametrize(
    ("case", "message"),
    [
        (("ij,jk", (2, 3), (2, 3)), r'"ij,jk": "j" has the sizes 3 and 2, .* \(2, 3\), \(2, 3\)'),
        (("ij...,jk...", (2, 3, 4), (3, 2, 5)), "an axis of the dots has the sizes 4 and 5"),
        (("ijk", (2, 3)), r'"ijk" does not name the 2 axes of \(2, 3\)'),
        (("i", (2, 3)), r'"i" does not name the 2 axes of \(2, 3\)'),
        (("ij", (2, 3), (2, 3)), "it is for 1 operands, and there are 2"),
        (("i!->i", (2, 3)), "labels are letters"),
        (("i..j", (2, 3)), "labels are letters"),
        (("ij->i->j", (2, 3)), "labels are letters"),
        (("......", (2, 3)), "labels are letters"),
        (("ij->ii", (2, 3)), "the result names an axis twice"),
        (("ij->k", (2, 3)), 'no operand has the "k" of the result'),
        (("...j->j", (2, 3)), 'the result must have the "..." of the operands'),
        (("ii", (2, 3)), '"i" has the sizes 2 and 3'),
        ((f"...{string.ascii_letters[:50]}->...", (1,) * 53), "there are too many axes"),
    ],
    ids=str,
)
def test_formulas_that_do_not_fit(case, message):
    formula, *shapes = case
    with pytest.raises(ShapeError, match=f"^einsum .*{message}"):
        engine.einsum(formula, *[Tensor(uniform(shape)) for shape in shapes])


def test_a_formula_comes_first():
    with pytest.raises(OperandError, match="einsum takes a formula first"):
        engine.einsum(Tensor([1.0]), "i")


@pytest.mark.parametrize(
    "case",
    [
        ((2, 3), (3, 4), 1),
        ((2, 3, 4), (3, 4, 5), 2),
        ((2, 3, 4), (4, 3, 5), ([1, 2], [1, 0])),
        ((2, 3, 4), (4, 3, 5), ((-2,), (1,))),
        ((2, 3), (4,), 0),
        ((2, 3), (4, 2), (0, 1)),
        ((), (3,), 0),
        ((2, 0), (0, 3), 1),
    ],
    ids=str,
)
def test_tensordot(case):
    *shapes, axes = case
    arrays = [uniform(shape) for shape in shapes]
    out = assert_affine(lambda x, y: engine.tensordot(x, y, axes), *arrays)
    np.testing.assert_allclose(np.asarray(out), np.tensordot(*arrays, axes), 0, 1e-14)


@pytest.mark.parametrize(
    ("axes", "error", "message"),
    [
        (3, ShapeError, r"tensordot: \(2, 3\) and \(2, 3\) have no 3 axes to sum over"),
        (-1, ShapeError, "have no -1 axes"),
        (1, ShapeError, r"the axes \(1,\) of \(2, 3\) and \(0,\) of \(2, 3\) differ"),
        ((0, 2), ShapeError, "tensordot: there is no axis 2"),
        (([0, 1], [0]), ShapeError, "differ in number or size"),
        ((0,), OperandError, "axes is a whole number or a pair of axes"),
        (1.5, OperandError, "axes is a whole number or a pair of axes, got 1.5"),
    ],
)
def test_axes_that_tensordot_does_not_take(axes, error, message):
    with pytest.raises(error, match=message):
        engine.tensordot(Tensor(uniform((2, 3))), Tensor(uniform((2, 3))), axes)
