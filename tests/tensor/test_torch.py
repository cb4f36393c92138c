"""The ops on whole arrays against PyTorch, where it is installed."""

import numpy as np
import pytest

import engine
from engine import Tensor

torch = pytest.importorskip("torch")

RNG = np.random.default_rng(0)
IDS = RNG.integers(0, 4, (5, 3))
functional = torch.nn.functional

CASES = {
    "matmul": ([(5, 2, 3), (3, 4)], engine.matmul, torch.matmul),
    "matmul[vectors]": ([(3,), (3,)], engine.matmul, torch.matmul),
    "matmul[broadcast]": ([(5, 1, 2, 3), (4, 3, 2)], engine.matmul, torch.matmul),
    "linear": ([(5, 3), (4, 3), (4,)], engine.linear, functional.linear),
    "einsum": (
        [(2, 3, 4, 5), (2, 3, 6, 5)],
        lambda x, y: engine.einsum("bhqd,bhkd->bhqk", x, y),
        lambda x, y: torch.einsum("bhqd,bhkd->bhqk", x, y),
    ),
    "einsum[three]": (
        [(2, 3), (3, 4), (4, 2)],
        lambda *xs: engine.einsum("ij,jk,kl->il", *xs),
        lambda *xs: torch.einsum("ij,jk,kl->il", *xs),
    ),
    "einsum[diagonal]": (
        [(3, 3, 2)],
        lambda x: engine.einsum("iij->j", x),
        lambda x: torch.einsum("iij->j", x),
    ),
    "tensordot": (
        [(2, 3, 4), (4, 3, 5)],
        lambda x, y: engine.tensordot(x, y, ([1, 2], [1, 0])),
        lambda x, y: torch.tensordot(x, y, ([1, 2], [1, 0])),
    ),
    "getitem": (
        [(4, 3, 2)],
        lambda x: x[IDS[:, 0], :, [1, 1, 0, 1, 1]],
        lambda x: x[torch.tensor(IDS[:, 0]), :, torch.tensor([1, 1, 0, 1, 1])],
    ),
    "embedding": (
        [(4, 3)],
        lambda x: engine.embedding(x, IDS),
        lambda x: functional.embedding(torch.tensor(IDS), x),
    ),
    "gather": (
        [(5, 4)],
        lambda x: engine.gather(x, IDS, 1),
        lambda x: torch.gather(x, 1, torch.tensor(IDS)),
    ),
    "sort": ([(5, 4)], lambda x: engine.sort(x, 0), lambda x: torch.sort(x, 0).values),
    "cat": ([(2, 3), (2, 4)], lambda *xs: engine.concat(xs, 1), lambda *xs: torch.cat(xs, 1)),
    "stack": ([(2, 3), (2, 3)], lambda *xs: engine.stack(xs, 1), lambda *xs: torch.stack(xs, 1)),
    "roll": ([(4, 3)], lambda x: engine.roll(x, 5), lambda x: torch.roll(x, 5)),
    "flip": ([(4, 3)], lambda x: engine.flip(x, (0, 1)), lambda x: torch.flip(x, (0, 1))),
    "tile": ([(2, 3)], lambda x: engine.tile(x, (2, 1, 2)), lambda x: torch.tile(x, (2, 1, 2))),
    "pad": (
        [(2, 3)],
        lambda x: engine.pad(x, [(0, 1), (2, 0)], 3.0),
        lambda x: functional.pad(x, (2, 0, 0, 1), value=3.0),
    ),
    "conv2d": (
        [(2, 3, 7, 8), (4, 3, 3, 2), (4,)],
        lambda *xs: engine.conv2d(*xs, stride=(2, 1), padding=(1, 2)),
        lambda *xs: functional.conv2d(*xs, stride=(2, 1), padding=(1, 2)),
    ),
    "max_pool2d": (
        [(2, 3, 7, 8)],
        lambda x: engine.max_pool2d(x, 3, 2, 1),
        lambda x: functional.max_pool2d(x, 3, 2, 1),
    ),
    "avg_pool2d": (
        [(2, 3, 7, 8)],
        lambda x: engine.avg_pool2d(x, (2, 3), (1, 2), (1, 0)),
        lambda x: functional.avg_pool2d(x, (2, 3), (1, 2), (1, 0)),
    ),
    "unfold and fold": (
        [(2, 1, 5, 6)],
        lambda x: engine.fold(engine.windows(x, 2, 1), (5, 6), 1),
        lambda x: functional.fold(functional.unfold(x, 2), (5, 6), 2),
    ),
}
ROUNDING = {np.float64: 1e-13, np.float32: 2e-5}
"""Of sums of some dozens of products below 1, which each library adds in an order of its own."""


@pytest.mark.parametrize("dtype", ROUNDING)
@pytest.mark.parametrize("case", CASES)
def test_values_and_gradients_are_those_of_torch(case, dtype):
    shapes, ours, torchs = CASES[case]
    arrays = [RNG.uniform(-1.0, 1.0, shape).astype(dtype) for shape in shapes]
    leaves = [Tensor(array, requires_grad=True) for array in arrays]
    twins = [torch.tensor(array, requires_grad=True) for array in arrays]
    out, twin = ours(*leaves), torchs(*twins)
    assert out.shape == tuple(twin.shape)
    assert out.dtype == dtype
    tolerance = ROUNDING[dtype]
    np.testing.assert_allclose(np.asarray(out), twin.detach().numpy(), 0, tolerance)
    seed = RNG.uniform(-1.0, 1.0, out.shape).astype(dtype)
    out.backward(seed)
    twin.backward(torch.tensor(seed))
    for leaf, other in zip(leaves, twins, strict=True):
        np.testing.assert_allclose(leaf.grad, other.grad.numpy(), 0, tolerance)
