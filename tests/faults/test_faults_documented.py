"""The faults whose behaviour is a choice, which a user has to be told of: `help()` says it."""

import pytest

import engine
from engine import Value
from nn.optim import Optimizer

CHOICES = {
    "fault_06 a bool is a number": (Value, ["bool"]),
    "fault_24 == and hash are identity, < compares data": (Value, ["identity", "compare data"]),
    "fault_25 bool, int and float of a Value": (Value, ["bool(v)", "int(v)", "float(v)"]),
    "fault_29 round": (engine.round, ["gradient", "0"]),
    "fault_29 floor": (engine.floor, ["gradient", "0"]),
    "fault_29 ceil": (engine.ceil, ["gradient", "0"]),
    "fault_29 floor_divide": (engine.floor_divide, ["gradient", "0"]),
    "fault_36 the gradient of an unused leaf": (Value.grad, ["None", "not computed yet"]),
    "fault_37 data that changes": (Value.data, ["gradient", "before"]),
    "fault_53 interior gradients": (Value.backward, ["interior gradients", "latest"]),
    "fault_53 leaf gradients": (engine.backward, ["accumulate", "interior gradients", "latest"]),
    "fault_55 the rounding of sums": (engine.sum, ["rounded once"]),
    "fault_77 a parameter without gradient": (Optimizer.step, ["None stays"]),
    "fault_82 zero_grad is forgotten": (Optimizer, ["accumulate", "zero_grad", "Trainer"]),
    "fault_105 threads that share parameters": (engine.backward, ["thread"]),
}


@pytest.mark.parametrize(("thing", "words"), CHOICES.values(), ids=CHOICES)
def test_the_choice_is_documented(thing, words):
    text = " ".join((thing.__doc__ or "").split())
    assert [word for word in words if word not in text] == []
