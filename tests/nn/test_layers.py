"""Layers of Tensors: outputs against closed forms, gradients against NumPy's, faults."""

import numpy as np
import pytest

import engine
from engine import Tensor
from engine.errors import NumberError, OperandError, ShapeError
from nn.errors import StateError
from nn.images import Conv2d, MaxPool2d
from nn.layers import Activation, Dropout, Embedding, Flatten, Linear, Sequential
from nn.normalization import BatchNorm1d, LayerNorm

X = np.array([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]])


def test_linear_is_x_times_the_transposed_weight_plus_the_bias():
    layer = Linear(3, 2, seed=0)
    layer.bias.data = [10.0, 20.0]
    assert np.array_equal(layer(X).data, X @ layer.weight.data.T + [10.0, 20.0])


def test_the_gradients_of_linear():
    layer = Linear(3, 2, seed=0)
    seed = np.array([[1.0, 2.0], [3.0, 4.0]])
    layer(X).backward(seed)
    assert np.array_equal(layer.weight.grad, seed.T @ X)
    assert np.array_equal(layer.bias.grad, seed.sum(0))


def test_linear_takes_any_number_of_axes_before_the_last():
    layer = Linear(3, 2, seed=0)
    many = layer(np.stack([X, X + 1]))
    assert many.shape == (2, 2, 2)
    assert np.array_equal(many.data[1], layer(X + 1).data)


def test_linear_without_a_bias():
    layer = Linear(3, 2, bias=False, seed=0)
    assert [name for name, _ in layer.named_parameters()] == ["weight"]
    assert np.array_equal(layer(X).data, X @ layer.weight.data.T)


def test_a_wrong_width_names_both():
    with pytest.raises(ShapeError, match=r"Linear expects 3 features along the last.*\(4, 5\)"):
        Linear(3, 2)(np.ones((4, 5)))


@pytest.mark.parametrize("width", [0, -1, 2.5, True])
def test_a_layer_has_a_whole_width_above_0(width):
    with pytest.raises(NumberError, match="whole number above 0"):
        Linear(width, 2)


def test_the_same_seed_gives_the_same_weights():
    first, second, other = (Linear(3, 2, seed=s).weight.data for s in (1, 1, 2))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_float32_layers_compute_in_float32():
    layer = Linear(3, 2, seed=0, dtype=np.float32)
    out = layer(X)
    out.backward(np.ones((2, 2)))
    assert out.dtype == layer.weight.grad.dtype == np.float32


@pytest.mark.parametrize(
    "layer",
    [
        Linear(3, 2, seed=0, dtype=np.float32),
        LayerNorm(3, dtype=np.float32),
        BatchNorm1d(3, dtype=np.float32),
        Sequential(Linear(3, 3, seed=0, dtype=np.float32), Dropout(0.5, seed=0), Flatten()),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_a_network_of_float32_stays_so_whatever_it_is_fed(layer):
    for x in (X, X.tolist(), X.astype(int), Tensor(X, dtype=np.float32)):
        assert layer(x).dtype == np.float32
        assert layer.eval()(x).dtype == np.float32
        layer.train()
    assert {array.dtype for array in layer.state_dict().values()} == {np.dtype(np.float32)}


def test_a_batch_without_samples():
    net = Sequential(Conv2d(1, 2, 3, seed=0), MaxPool2d(2), Flatten(), Linear(2, 2, seed=0))
    assert net(np.zeros((0, 1, 4, 4))).shape == (0, 2)


def test_sequential_runs_its_modules_in_order():
    net = Sequential(Linear(3, 4, seed=0), Activation("tanh"), Linear(4, 1, seed=1))
    first, _, last = net.layers
    hidden = np.tanh(X @ first.weight.data.T)
    assert net(X).data == pytest.approx(hidden @ last.weight.data.T, rel=1e-15)
    assert [name for name, _ in net.named_parameters()] == [
        "layer0.weight",
        "layer0.bias",
        "layer2.weight",
        "layer2.bias",
    ]
    assert "17" not in repr(net)
    assert "21 parameters" in repr(net)  # 3·4 + 4 + 4 + 1


def test_sequential_takes_modules_only():
    with pytest.raises(OperandError, match="takes modules, got"):
        Sequential(Linear(3, 4), engine.relu)


def test_the_state_of_arrays_goes_out_and_in():
    layer, other = Linear(3, 2, seed=0), Linear(3, 2, seed=1)
    state = layer.state_dict()
    other.load_state_dict(state)
    assert np.array_equal(other.weight.data, layer.weight.data)
    state["weight"][:] = 0.0  # a copy
    assert layer.weight.data.any()


def test_a_state_of_another_shape_is_refused_whole():
    layer = Linear(3, 2, seed=0)
    before = layer.weight.data.copy()
    with pytest.raises(StateError, match=r"bias is of shape \(3,\) and not an array of shape \(2,"):
        layer.load_state_dict({"weight": np.zeros((2, 3)), "bias": np.zeros(3)})
    assert np.array_equal(layer.weight.data, before)


def test_dropout_keeps_the_mean_and_its_gradient_is_its_mask():
    layer = Dropout(0.25, seed=0)
    x = Tensor(np.ones(10_000), requires_grad=True)
    out = layer(x)
    out.backward(np.ones(10_000))
    assert set(out.tolist()) == {0.0, 1 / 0.75}
    assert abs(out.data.mean() - 1) < 5 * np.sqrt(0.25 / 0.75 / 10_000)  # five sigma
    assert np.array_equal(x.grad, out.data)


def test_dropout_leaves_evaluation_alone():
    x = Tensor(X)
    assert Dropout(0.5, seed=0).eval()(x) is x


def test_dropout_refuses_what_is_no_probability():
    with pytest.raises(NumberError, match="from 0 to 1"):
        Dropout(1.5)


def test_embedding_looks_rows_up_and_adds_gradients_of_repeated_ids():
    layer = Embedding(4, 2, seed=0)
    out = layer([1, 3, 1])
    assert np.array_equal(out.data, layer.weight.data[[1, 3, 1]])
    out.backward(np.array([[1.0, 1.0], [5.0, 5.0], [10.0, 10.0]]))
    assert np.array_equal(layer.weight.grad, [[0, 0], [11, 11], [0, 0], [5, 5]])


def test_embedding_names_an_id_that_is_not_there():
    with pytest.raises((IndexError, ValueError), match="4"):
        Embedding(4, 2)([4])


def test_layer_norm_gives_mean_0_and_variance_1():
    out = LayerNorm(3, eps=0.0)(X).data
    assert out.mean(1) == pytest.approx([0, 0], abs=1e-15)
    assert out.var(1) == pytest.approx([1, 1], rel=1e-14)


def test_batch_norm_remembers_batches_and_uses_that_in_evaluation():
    layer = BatchNorm1d(3, eps=0.0, momentum=0.5)
    out = layer(X).data
    assert out.mean(0) == pytest.approx(np.zeros(3), abs=1e-15)
    assert layer.running_mean.data == pytest.approx(0.5 * X.mean(0), rel=1e-15)
    assert layer.running_var.data == pytest.approx(0.5 + 0.5 * X.var(0, ddof=1), rel=1e-15)
    evaluated = layer.eval()(X).data
    expected = (X - layer.running_mean.data) / np.sqrt(layer.running_var.data)
    assert evaluated == pytest.approx(expected, rel=1e-14)
    assert "running_mean" in layer.state_dict()
    assert len(layer.parameters()) == 2


def test_batch_norm_of_one_sample_says_why_not():
    with pytest.raises(ShapeError, match="two samples or more"):
        BatchNorm1d(3)(X[:1])


@pytest.mark.parametrize("layer", [LayerNorm(4), BatchNorm1d(4)], ids=["layer", "batch"])
def test_normalization_of_another_width_is_refused(layer):
    with pytest.raises(ShapeError, match=r"expects 4 features.*\(2, 3\)"):
        layer(X)


def test_conv2d_is_the_cross_correlation():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((1, 1, 4, 5))
    layer = Conv2d(1, 1, 2, seed=0)
    w = layer.weight.data[0, 0]
    expected = [[(x[0, 0, i : i + 2, j : j + 2] * w).sum() for j in range(4)] for i in range(3)]
    assert layer(x).data[0, 0] == pytest.approx(np.array(expected), rel=1e-13, abs=1e-15)


def test_max_pool_and_flatten():
    x = np.arange(16.0).reshape(1, 1, 4, 4)
    net = Sequential(MaxPool2d(2), Flatten())
    assert net(x).tolist() == [[5.0, 7.0, 13.0, 15.0]]


@pytest.mark.parametrize(
    ("layer", "shown"),
    [
        (Linear(3, 2, seed=0), "Linear(3 → 2)"),
        (Linear(3, 2, bias=False, seed=0), "Linear(3 → 2, no bias)"),
        (Activation("tanh"), "Activation(tanh)"),
        (Dropout(0.25, seed=0), "Dropout(p=0.25)"),
        (Embedding(5, 3, seed=0), "Embedding(5 × 3)"),
        (LayerNorm(4), "LayerNorm(4)"),
        (BatchNorm1d(5), "BatchNorm1d(5)"),
        (Conv2d(1, 2, (3, 2), seed=0), "Conv2d(1 → 2, 3×2)"),
        (MaxPool2d((2, 3), 1), "MaxPool2d(2×3)"),
    ],
    ids=lambda layer: layer if isinstance(layer, str) else "",
)
def test_a_layer_shows_its_sizes(layer, shown):
    assert repr(layer) == shown


def test_sequential_is_a_sequence_of_its_modules():
    first, second = Linear(3, 2, seed=0), Activation("relu")
    net = Sequential(first, second)
    assert len(net) == 2
    assert net[0] is first
    assert net[-1] is second


def test_an_activation_has_a_function():
    with pytest.raises(OperandError, match="needs a name or a function, got None"):
        Activation(None)


def test_flatten_needs_a_batch():
    with pytest.raises(ShapeError, match="Flatten needs a batch, got a single number"):
        Flatten()(Tensor(1.0))
