"""Module: finding parameters by name, state, modes, and what it shows of itself."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from engine import Value
from engine.errors import GraphError, OperandError
from nn import MLP, Layer, Module, Neuron, StateError


class Pair(Module):
    """Two parameters in attributes of their own."""

    def __init__(self, first: Value, second: Value) -> None:
        self.first = first
        self.second = second


class Holder(Module):
    """Whatever it is given, as its attributes."""

    def __init__(self, **members: Any) -> None:
        for name, member in members.items():
            setattr(self, name, member)

    def forward(self, x: Any) -> Any:
        """Pass it on."""
        return x


def names(module: Module) -> list[str]:
    """Return the names of the parameters."""
    return [name for name, _ in module.named_parameters()]


def test_parameters_come_in_the_order_of_their_attributes_with_dotted_names() -> None:
    mlp = MLP(1, [2, 1], seed=0)
    assert names(mlp) == [
        "layer0.neuron0.w0",
        "layer0.neuron0.b",
        "layer0.neuron1.w0",
        "layer0.neuron1.b",
        "layer1.neuron0.w0",
        "layer1.neuron0.w1",
        "layer1.neuron0.b",
    ]


def test_parameters_are_found_in_lists_tuples_and_dicts_nested() -> None:
    module = Holder(
        m=[[Value(1.0), Value(2.0)], [Value(3.0)]],
        heads={"left": Neuron(1, seed=0)},
        bias=[Value(4.0)],
        pair=(Value(5.0), "text", 6.0),
    )
    assert names(module) == [
        "m0_0",
        "m0_1",
        "m1_0",
        "bias0",
        "pair0",
        "heads_left.w0",
        "heads_left.b",
    ]


def test_a_parameter_appended_after_assignment_is_found() -> None:
    module = Holder(w=[Value(1.0)])
    module.w.append(Value(2.0))
    assert names(module) == ["w0", "w1"]


def test_constants_and_results_are_no_parameters() -> None:
    weight = Value(1.0)
    module = Holder(weight=weight, constant=Value(2.0, requires_grad=False), result=weight * 2.0)
    assert module.parameters() == [weight]


def test_a_replaced_parameter_is_forgotten() -> None:
    module = Holder(w=Value(1.0))
    module.w = fresh = Value(2.0)
    assert module.parameters() == [fresh]


def test_two_parameters_of_one_name_are_an_error() -> None:
    module = Holder(w=[Value(1.0)], w0=Value(2.0))
    with pytest.raises(StateError, match="two Values are called w0; rename an attribute"):
        module.parameters()


def test_labels_and_scopes_say_where_a_parameter_stands() -> None:
    mlp = MLP(2, [3, 1], seed=0)
    weight = mlp.layers[0].neurons[2].w[1]
    assert (weight.label, weight.scope) == ("w1", "mlp/layer0/neuron2")


def test_a_label_that_was_given_stays() -> None:
    module = Holder(w=Value(1.0, label="slope"))
    assert module.w.label == "slope"


def test_nodes_know_the_module_that_made_them() -> None:
    mlp = MLP(1, [1, 1], activation=None, seed=0)
    out = mlp([1.0])
    hidden = out.operands[0].operands[1]
    assert (hidden.scope, out.scope) == ("mlp/layer0/neuron0", "mlp/layer1/neuron0")


def test_a_module_put_into_another_is_renamed_with_all_below_it() -> None:
    layer = Layer(1, 1, seed=0)
    assert layer.neurons[0].path == "layer/neuron0"
    Holder(blocks=[layer])
    assert layer.neurons[0].path == "holder/block0/neuron0"
    assert layer.neurons[0].b.scope == "holder/block0/neuron0"


def test_a_module_cannot_be_put_inside_itself() -> None:
    inner = Holder()
    outer = Holder(inner=inner)
    with pytest.raises(GraphError, match="holds holder/inner, so it cannot be put inside it"):
        inner.outer = outer


def test_a_module_held_twice_is_walked_once() -> None:
    neuron = Neuron(1, seed=0)
    module = Holder(parts=[neuron, neuron])
    assert module.modules() == [module, neuron]
    assert [name for name, _ in module.children()] == ["part0", "part1"]


def test_zero_grad_goes_back_to_not_computed_yet() -> None:
    neuron = Neuron(1, seed=0)
    neuron([1.0]).backward()
    neuron.zero_grad()
    assert [parameter.grad for parameter in neuron.parameters()] == [None, None]


def test_state_dict_goes_there_and_back() -> None:
    source, target = MLP(2, [2, 1], seed=0), MLP(2, [2, 1], seed=1)
    target.load_state_dict(source.state_dict())
    assert target.state_dict() == source.state_dict()


def test_state_dict_holds_frozen_weights_too() -> None:
    neuron = Neuron(1, init="zeros")
    neuron.w[0].requires_grad = False
    assert neuron.state_dict() == {"w0": 0.0, "b": 0.0}


def test_a_state_that_does_not_fit_is_refused_with_all_its_faults_and_changes_nothing() -> None:
    neuron = Neuron(2, seed=0)
    before = neuron.state_dict()
    message = (
        "the state does not fit neuron: w0 is 'a' and not a number; b is True and not a number; "
        "w1 is missing; w2 is not in the model"
    )
    with pytest.raises(StateError, match=message):
        neuron.load_state_dict({"w0": "a", "b": True, "w2": 1.0})  # type: ignore[dict-item]
    assert neuron.state_dict() == before


def test_a_loose_load_passes_over_missing_and_extra_entries() -> None:
    neuron = Neuron(2, init="zeros")
    neuron.load_state_dict({"w1": 3.0, "other": 1.0}, strict=False)
    assert neuron.state_dict() == {"w0": 0.0, "w1": 3.0, "b": 0.0}


def test_a_loose_load_still_refuses_what_is_no_number() -> None:
    with pytest.raises(StateError, match="w0 is None and not a number"):
        Neuron(1, seed=0).load_state_dict({"w0": None}, strict=False)  # type: ignore[dict-item]


def test_a_state_that_is_no_mapping_is_an_error() -> None:
    with pytest.raises(OperandError, match="a state maps names to numbers, got list"):
        Neuron(1, seed=0).load_state_dict([1.0])  # type: ignore[arg-type]


def test_train_and_eval_reach_every_module() -> None:
    mlp = MLP(1, [1], seed=0)
    assert mlp.eval() is mlp
    assert {module.training for module in mlp.modules()} == {False}
    assert {module.training for module in mlp.train().modules()} == {True}


def test_repr_is_a_tree_in_which_equal_neighbours_share_a_line() -> None:
    tree = """\
Holder(8 parameters)
├─ first: Layer(1 → 2, relu)
│  └─ neuron0…neuron1: Neuron(1 → 1, relu)
└─ last: Neuron(3 → 1, tanh)"""
    assert repr(Holder(first=Layer(1, 2, seed=0), last=Neuron(3, "tanh", seed=0))) == tree


def test_summary_counts_parameters_and_output_widths() -> None:
    table = """\
module                           parameters  output width
mlp (MLP)                                 9             1
  layer0 (Layer)                          6             2
    neuron0…neuron1 (Neuron ×2)           6             1
  layer1 (Layer)                          3             1
    neuron0 (Neuron)                      3             1"""
    assert MLP(2, [2, 1], seed=0).summary() == table


def test_summary_counts_a_shared_parameter_once_at_the_top() -> None:
    shared = Value(1.0)
    module = Holder(a=Pair(shared, Value(2.0)), b=Pair(shared, Value(3.0)))
    assert module.summary().splitlines()[1].split() == ["holder", "(Holder)", "3", "–"]


def test_summary_counts_a_shared_module_once_and_says_so() -> None:
    tied, other = Layer(1, 1, seed=0), Layer(1, 1, seed=1)
    table = """\
module                           parameters  output width
holder (Holder)                           4             –
  a (Holder)                              2             –
    x (Layer)                             2             1
      neuron0 (Neuron)                    2             1
  between (Pair)                          2             –
  last (Layer, shared with a.x)           –             1"""
    pair = Pair(Value(1.0), Value(2.0))
    assert Holder(a=Holder(x=tied), between=pair, last=tied).summary() == table
    table = """\
module                              parameters  output width
holder (Holder)                              4             –
  layer0…layer2 (Layer ×2, shared)           4             1
    neuron0 (Neuron ×2)                      4             1"""
    assert Holder(layers=[tied, other, tied]).summary() == table


def test_a_module_without_forward_says_so() -> None:
    with pytest.raises(NotImplementedError, match=r"Pair has no forward\(\); define it"):
        Pair(Value(1.0), Value(2.0))(1.0)


def test_an_error_inside_a_property_is_not_hidden() -> None:
    class Broken(Module):
        @property
        def size(self) -> int:
            return self.absent  # type: ignore[no-any-return]

    with pytest.raises(AttributeError, match="Broken has no attribute 'absent'"):
        _ = Broken().size


@pytest.mark.parametrize(
    "clone",
    [copy.deepcopy, lambda mlp: pickle.loads(pickle.dumps(mlp))],
    ids=["deepcopy", "pickle"],
)
def test_copies_compute_the_same_on_parameters_of_their_own(clone: Any) -> None:
    mlp = MLP(2, [3, 1], seed=0)
    twin = clone(mlp)
    twin([1.0, 2.0]).backward()
    assert twin([1.0, 2.0]).data == mlp([1.0, 2.0]).data
    assert [parameter.grad for parameter in mlp.parameters()] == [None] * 13
    assert twin.layers[0].neurons[0].b.scope == "mlp/layer0/neuron0"


def test_no_value_refers_to_a_module() -> None:
    import gc
    import weakref

    mlp = MLP(2, [3, 1], seed=0)
    out = mlp([1.0, 2.0])
    gone = weakref.ref(mlp)
    gc.disable()
    try:
        del mlp
        assert gone() is None
    finally:
        gc.enable()
    assert out.op is not None
