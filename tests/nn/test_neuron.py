"""Neuron, Layer and MLP: what they compute, where they start, what they refuse."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import engine
from engine import Value
from engine.errors import OperandError
from nn import MLP, Layer, Neuron
from nn.activations import ACTIVATIONS


def test_a_neuron_is_its_formula() -> None:
    neuron = Neuron(2, activation="tanh", seed=0)
    neuron.load_state_dict({"w0": 0.5, "w1": -1.0, "b": 0.25})
    out = neuron([2.0, 0.5])
    out.backward()
    # tanh(0.5·2 - 1·0.5 + 0.25) = tanh(0.75), its derivative 1 - tanh²(0.75); both to 2 ulp.
    slope = 1 - math.tanh(0.75) ** 2
    assert out.data == pytest.approx(math.tanh(0.75), rel=5e-16)
    gradients = [parameter.grad for parameter in neuron.parameters()]
    assert gradients == pytest.approx([2.0 * slope, 0.5 * slope, slope], rel=1e-15)


def test_gradients_of_an_mlp_agree_with_exact_arithmetic() -> None:
    # Without activations an MLP is linear in each weight, so rationals give the derivative exactly:
    # every number below is a small dyadic one, and no float operation on them rounds.
    mlp = MLP(2, [2, 1], activation=None, seed=0)
    numbers = itertools.cycle([0.5, -0.25, 2.0, 1.5, -1.0])
    mlp.load_state_dict({name: next(numbers) for name in mlp.state_dict()})
    inputs = [0.75, -2.0]
    mlp(inputs).backward()

    def exact(state: dict[str, Fraction]) -> Fraction:
        hidden = [
            sum((state[f"layer0.neuron{n}.w{i}"] * Fraction(inputs[i]) for i in (0, 1)), Fraction())
            + state[f"layer0.neuron{n}.b"]
            for n in (0, 1)
        ]
        products = (state[f"layer1.neuron0.w{n}"] * hidden[n] for n in (0, 1))
        return sum(products, Fraction()) + state["layer1.neuron0.b"]

    state = {name: Fraction(number) for name, number in mlp.state_dict().items()}
    for name, parameter in mlp.named_parameters():
        moved = {**state, name: state[name] + 1}
        assert parameter.grad == float(exact(moved) - exact(state)), name


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_named_activation_is_the_function_of_that_name(name: str) -> None:
    neuron = Neuron(1, activation=name, seed=0)
    neuron.load_state_dict({"w0": 1.0, "b": 0.0})
    assert neuron([0.7]).data == getattr(engine, name)(0.7)


def test_an_activation_may_be_any_function() -> None:
    neuron = Neuron(1, activation=lambda x: x * x, seed=0)
    neuron.load_state_dict({"w0": 3.0, "b": 0.0})
    assert neuron([1.0]).data == 9.0


def test_a_function_of_the_table_is_known_by_its_name() -> None:
    assert Neuron(1, activation=engine.tanh, seed=0).activation == "tanh"


def test_micrograds_call_and_attributes_work() -> None:
    mlp = MLP(2, [16, 16, 1])
    neuron = mlp.layers[0].neurons[0]
    assert [len(layer.neurons) for layer in mlp.layers] == [16, 16, 1]
    assert len(neuron.w) == 2
    assert neuron.b.data == 0.0
    assert len(mlp.parameters()) == 337
    assert isinstance(mlp([1.0, -2.0]), Value)


def test_the_last_layer_has_an_activation_of_its_own() -> None:
    mlp = MLP(1, [2, 1], activation="relu", output_activation="sigmoid", seed=0)
    activations = [layer.neurons[0].activation for layer in mlp.layers]
    assert activations == ["relu", "sigmoid"]


def test_the_start_reaches_every_neuron() -> None:
    assert set(MLP(2, [3, 1], init="zeros").state_dict().values()) == {0.0}
    halves = MLP(2, [3, 1], init=lambda rng, fan_in, fan_out: fan_in + fan_out / 2)
    weights = [[w.data for n in layer.neurons for w in n.w] for layer in halves.layers]
    assert weights == [[3.5] * 6, [3.5] * 3]  # 2 + 3/2 and 3 + 1/2


def test_a_wide_output_is_a_list() -> None:
    assert len(MLP(2, [3, 2], seed=0)([1.0, 2.0])) == 2


def test_a_layer_of_one_neuron_gives_a_list_of_one() -> None:
    assert len(Layer(2, 1, seed=0)([1.0, 2.0])) == 1


def test_a_sample_becomes_constants_once_for_all_neurons() -> None:
    first, second = Layer(2, 2, activation=None, seed=0)([1.0, 2.0])
    inputs = [out.operands[0].operands[2:] for out in (first, second)]
    assert all(a is b for a, b in zip(*inputs, strict=True))
    assert not inputs[0][0].requires_grad


def test_inputs_may_be_values_to_differentiate() -> None:
    x = Value(2.0)
    mlp = MLP(1, [1], seed=0)
    mlp.load_state_dict({"layer0.neuron0.w0": 3.0, "layer0.neuron0.b": 1.0})
    mlp([x]).backward()
    assert x.grad == 3.0


@pytest.mark.parametrize("row", [(1.0, 2.0), (1, True), iter([1.0, 2.0])])
def test_inputs_may_be_any_numbers_in_any_order_that_can_be_walked(row: Any) -> None:
    assert isinstance(MLP(2, [1], seed=0)(row), Value)


def test_inputs_may_be_a_numpy_row() -> None:
    row = np.array([1.0, 2.0])
    assert MLP(2, [1], seed=0)(row).data == MLP(2, [1], seed=0)([1.0, 2.0]).data


@pytest.mark.parametrize("row", [["a", 1.0], [None, 1.0], [[1.0], [2.0]]])
def test_inputs_that_are_no_numbers_are_an_error(row: Any) -> None:
    with pytest.raises(OperandError, match="takes numbers"):
        MLP(2, [1], seed=0)(row)


def test_an_mlp_keeps_the_seed_that_it_drew() -> None:
    mlp = MLP(2, [2, 1])
    assert MLP(2, [2, 1], seed=mlp.seed).state_dict() == mlp.state_dict()


def test_two_mlps_without_a_seed_differ() -> None:
    assert MLP(8, [1]).state_dict() != MLP(8, [1]).state_dict()


def test_neurons_of_a_layer_start_differently() -> None:
    first, second = Layer(3, 2, seed=0).neurons
    assert [w.data for w in first.w] != [w.data for w in second.w]


@pytest.mark.parametrize(
    ("activation", "limit"),
    [("relu", math.sqrt(6 / 50)), ("tanh", math.sqrt(6 / 100)), (None, math.sqrt(6 / 100))],
)
def test_the_default_start_fits_the_activation(activation: str | None, limit: float) -> None:
    weights = [w.data for n in Layer(50, 50, activation, seed=0).neurons for w in n.w]
    # Of 2500 even draws the largest is within a hundredth of the limit but once in 10¹⁰ times.
    assert 0.99 * limit < max(map(abs, weights)) <= limit


def test_repr_of_a_single_neuron_layer_and_mlp() -> None:
    assert repr(Neuron(3, activation=None, seed=0)) == "Neuron(3 → 1, linear)"
    assert repr(MLP(3, [1], seed=0)).splitlines()[0] == "MLP(3 → 1, 4 parameters)"
