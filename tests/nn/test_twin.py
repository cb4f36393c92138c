"""The vectorised twin of an MLP, and the Trainer's backends."""

import numpy as np
import pytest

import engine
from engine import Value
from engine.errors import GraphError, ShapeError
from nn import MLP, SGD, ChoiceError, Trainer, losses
from nn.layers import Activation, Linear, Sequential

RNG = np.random.default_rng(0)
X = RNG.standard_normal((6, 3))
LABELS = [0, 1, 2, 1, 0, 2]
SUMS = 1e-13  # relative: sums of ten in another order


def gradients_of_values(mlp, loss, targets):
    mlp.zero_grad()
    loss([mlp(x) for x in X.tolist()], targets).backward()
    return [parameter.grad for parameter in mlp.parameters()]


def gradients_of_twin(mlp, loss, targets):
    twin = mlp.tensor()
    loss(twin(X), targets).backward()
    flat = []
    for layer in twin.layers:
        for row, bias in zip(layer.weight.grad.tolist(), layer.bias.grad.tolist(), strict=True):
            flat += [*row, bias]
    return flat


@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu", "elu", None])
def test_outputs_and_gradients_are_those_of_the_values(activation):
    mlp = MLP(3, [4, 3], activation=activation, seed=1)
    twin = mlp.tensor()
    outputs = [[value.data for value in mlp(x)] for x in X.tolist()]
    assert twin(X).data == pytest.approx(np.array(outputs), rel=SUMS)
    ours = gradients_of_twin(mlp, losses.cross_entropy, LABELS)
    assert ours == pytest.approx(
        gradients_of_values(mlp, losses.cross_entropy, LABELS), rel=SUMS, abs=1e-15
    )


@pytest.mark.parametrize(
    ("loss", "targets"),
    [
        (losses.mse, [0.5, -1.0, 2.0, 0.0, 1.0, 1.0]),
        (losses.hinge, [1, -1, 1, 1, -1, -1]),
        (losses.binary_cross_entropy_with_logits, [1, 0, 1, 1, 0, 0]),
        (losses.binary_cross_entropy_with_logits, [1, 0.25, 1, 0.5, 0, 0]),
    ],
    ids=["mse", "hinge", "bce", "bce of probabilities"],
)
def test_losses_of_one_output_are_those_of_the_values(loss, targets):
    mlp = MLP(3, [4, 1], seed=1)
    of_values = loss([mlp(x) for x in X.tolist()], targets)
    assert loss(mlp.tensor()(X), targets).item() == pytest.approx(of_values.data, rel=SUMS)
    ours = gradients_of_twin(mlp, loss, targets)
    assert ours == pytest.approx(gradients_of_values(mlp, loss, targets), rel=SUMS, abs=1e-15)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_reductions_of_a_loss_of_tensors(reduction):
    mlp = MLP(3, [3], seed=1)
    of_values = losses.cross_entropy([mlp(x) for x in X.tolist()], LABELS, reduction)
    ours = losses.cross_entropy(mlp.tensor()(X), LABELS, reduction)
    expected = [v.data for v in of_values] if reduction == "none" else of_values.data
    assert ours.tolist() == pytest.approx(expected, rel=SUMS)


def test_weights_come_home():
    mlp, other = MLP(3, [4, 1], seed=1), MLP(3, [4, 1], seed=2)
    other.load(mlp.tensor())
    assert other.state_dict() == mlp.state_dict()


def test_a_twin_of_other_widths_stays_out():
    with pytest.raises(ShapeError, match=r"3 → 4.*3 → 5"):
        MLP(3, [5, 1]).load(MLP(3, [4, 1]).tensor())


def test_a_batch_of_another_width_is_refused():
    with pytest.raises(ShapeError, match=r"\(n, 3\), got \(6, 2\)"):
        MLP(3, [1]).tensor()(X[:, :2])


def trained(backend):
    mlp = MLP(3, [5, 3], seed=4)
    trainer = Trainer(
        mlp,
        "cross_entropy",
        SGD(mlp.parameters(), lr=0.1, momentum=0.9, weight_decay=0.01, nesterov=True),
        progress=False,
        backend=backend,
    )
    history = trainer.fit(X.tolist(), LABELS, epochs=5, batch_size=4, validation=(X, LABELS))
    return trainer, mlp, history


def test_both_backends_train_to_the_same_weights():
    by_value, of_values, first = trained("value")
    by_tensor, of_tensors, second = trained("tensor")
    assert (by_value.backend, by_tensor.backend) == ("value", "tensor")
    # 10 steps, each of which may double an error of some roundings
    assert list(of_tensors.state_dict().values()) == pytest.approx(
        list(of_values.state_dict().values()), rel=1e-11
    )
    assert second["loss"] == pytest.approx(first["loss"], rel=1e-11)
    assert second["val_accuracy"] == first["val_accuracy"]


def test_auto_takes_the_twin_of_an_mlp_and_values_for_what_has_none():
    mlp = MLP(3, [1], seed=0)
    known = Trainer(mlp, "mse", SGD(mlp.parameters(), lr=0.1))
    own = Trainer(mlp, lambda p, t: losses.mse(p, t), SGD(mlp.parameters(), lr=0.1))
    function = MLP(3, [2, 1], activation=lambda v: v * v.sigmoid(), seed=0)
    odd = Trainer(function, "mse", SGD(function.parameters(), lr=0.1))
    part = Trainer(mlp, "mse", SGD(mlp.parameters()[:2], lr=0.1))
    assert [t.backend for t in (known, own, odd, part)] == ["tensor", "value", "value", "value"]


def test_a_model_of_tensors_is_trained_as_such():
    net = Sequential(Linear(3, 8, seed=0), Activation("relu"), Linear(8, 3, seed=1))
    trainer = Trainer(net, "cross_entropy", SGD(net.parameters(), lr=0.5), progress=False)
    history = trainer.fit(X, LABELS, epochs=60, batch_size=6)
    assert trainer.backend == "tensor"
    assert history["accuracy"][-1] == 1.0


def test_backends_that_cannot_be_say_why():
    net, mlp = Sequential(Linear(3, 1, seed=0)), MLP(3, [1], seed=0)
    with pytest.raises(GraphError, match="made of Tensors"):
        Trainer(net, "mse", SGD(net.parameters(), lr=0.1), backend="value")
    with pytest.raises(GraphError, match="a function of yours"):
        Trainer(mlp, lambda p, t: p[0], SGD(mlp.parameters(), lr=0.1), backend="tensor")
    with pytest.raises(ChoiceError, match="did you mean 'tensor'"):
        Trainer(mlp, "mse", SGD(mlp.parameters(), lr=0.1), backend="tensors")


def test_an_interrupt_brings_the_best_weights_home():
    mlp = MLP(3, [4, 3], seed=4)

    def stop(row):
        if row["epoch"] == 3:
            raise KeyboardInterrupt

    trainer = Trainer(mlp, "cross_entropy", SGD(mlp.parameters(), lr=0.1), progress=stop)
    history = trainer.fit(X, LABELS, epochs=9, batch_size=6)
    assert history.interrupted
    again = MLP(3, [4, 3], seed=4)
    Trainer(again, "cross_entropy", SGD(again.parameters(), lr=0.1), progress=False).fit(
        X, LABELS, epochs=3, batch_size=6
    )
    assert mlp.state_dict() == again.state_dict()  # the loss falls, so the latest is the best


def test_a_loss_that_explodes_leaves_the_last_sound_weights():
    mlp = MLP(3, [4, 1], activation=None, seed=4)
    trainer = Trainer(mlp, "mse", SGD(mlp.parameters(), lr=1e200), progress=False)
    with pytest.raises(FloatingPointError, match=r"epoch \d+, step"):
        trainer.fit(X, [1.0] * 6, epochs=5, batch_size=6)
    assert all(engine.log(abs(p.data) + 1.0) < 1e3 for p in mlp.parameters())


def test_an_optimizer_step_on_tensors_is_that_on_values():
    numbers = [0.5, -1.5]
    values = [Value(number) for number in numbers]
    tensor = engine.Tensor(numbers, requires_grad=True)
    for optimizer, loss in (
        (SGD(values, lr=0.1, momentum=0.5), lambda: engine.sum([v**3 for v in values])),
        (SGD([tensor], lr=0.1, momentum=0.5), lambda: engine.sum(tensor**3)),
    ):
        for _ in range(3):
            optimizer.zero_grad()
            loss().backward()
            optimizer.step()
    assert tensor.tolist() == pytest.approx([v.data for v in values], rel=1e-15)


def test_a_step_between_forward_and_backward_is_found():
    tensor = engine.Tensor([1.0, 2.0], requires_grad=True)
    loss = engine.sum(tensor * tensor)
    loss.backward()
    SGD([tensor], lr=0.1).step()
    with pytest.raises(GraphError, match="changed after"):
        loss.backward()
