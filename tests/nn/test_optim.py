"""SGD, step by step against its formula."""

from __future__ import annotations

from fractions import Fraction

import pytest

from engine import Value
from engine.errors import NumberError, OperandError
from nn import SGD, StateError


def steps(
    gradients: list[float], lr: float, momentum: float, decay: float, nesterov: bool
) -> list[Fraction]:
    """Return where a parameter from 1 goes, by the documented formula in exact arithmetic."""
    p, v = Fraction(1), None
    places = []
    for gradient in gradients:
        g = Fraction(gradient) + Fraction(decay) * p
        v = g if v is None else Fraction(momentum) * v + g
        p -= Fraction(lr) * (g + Fraction(momentum) * v if nesterov else v)
        places.append(p)
    return places


@pytest.mark.parametrize(
    ("momentum", "decay", "nesterov"),
    [(0.0, 0.0, False), (0.5, 0.0, False), (0.0, 0.25, False), (0.5, 0.25, False), (0.5, 0, True)],
)
def test_steps_follow_the_formula(momentum: float, decay: float, nesterov: bool) -> None:
    w = Value(1.0)
    optimizer = SGD([w], lr=0.5, momentum=momentum, weight_decay=decay, nesterov=nesterov)
    gradients = [1.0, -0.5, 2.0]
    places = []
    for gradient in gradients:
        w.grad = gradient
        optimizer.step()
        places.append(Fraction(w.data))
    # All numbers are short dyadic ones, so the floats are exact.
    assert places == steps(gradients, 0.5, momentum, decay, nesterov)


def test_zero_grad_goes_back_to_not_computed_yet() -> None:
    w = Value(1.0)
    w.grad = 3.0
    SGD([w], lr=0.1).zero_grad()
    assert w.grad is None


def test_the_learning_rate_may_be_set_and_is_checked_then_too() -> None:
    w = Value(1.0)
    w.grad = 1.0
    optimizer = SGD([w], lr=0.1)
    optimizer.lr = 0.5
    optimizer.step()
    assert w.data == 0.5
    with pytest.raises(NumberError, match="lr must be above 0 and finite, got -1"):
        optimizer.lr = -1


def test_a_state_goes_on_where_it_was_taken() -> None:
    first, second = Value(1.0), Value(1.0)
    source = SGD([first], lr=0.5, momentum=0.5)
    first.grad = second.grad = 1.0
    source.step()
    second.data = first.data
    target = SGD([second], lr=0.1, momentum=0.5)
    target.load_state_dict(source.state_dict())
    source.step()
    target.step()
    assert second.data == first.data == 1.0 - 0.5 - 0.5 * 1.5


def test_a_state_stays_what_it_was_when_it_was_taken() -> None:
    w = Value(1.0)
    w.grad = 1.0
    optimizer = SGD([w], lr=0.5, momentum=0.5)
    optimizer.step()
    state = optimizer.state_dict()
    optimizer.step()
    assert state == {"lr": 0.5, "velocity": [1.0]}


def test_a_state_of_other_parameters_is_refused() -> None:
    state = SGD([Value(1.0)], lr=0.5).state_dict()
    with pytest.raises(StateError, match="the state has 1 velocities for 2 parameters"):
        SGD([Value(1.0), Value(2.0)], lr=0.5).load_state_dict(state)


@pytest.mark.parametrize("decay", [-0.1, float("nan"), float("inf")])
def test_weight_decay_is_zero_or_more(decay: float) -> None:
    with pytest.raises(NumberError, match="weight_decay must be 0 or more and finite"):
        SGD([Value(1.0)], lr=0.1, weight_decay=decay)


def test_nesterov_needs_momentum() -> None:
    with pytest.raises(NumberError, match="nesterov needs a momentum above 0"):
        SGD([Value(1.0)], lr=0.1, nesterov=True)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (Value(1.0), "takes a list of parameters, got a Value"),
        (
            [1.0],
            "parameter 0 is 1.0; only a Value or a Tensor that was made and not computed",
        ),
        ([Value(1.0) * 2.0], "parameter 0 is Value.*not computed can be moved"),
        ([Value(1.0, requires_grad=False)], "parameter 0 is Value.*a constant; leave it out"),
    ],
)
def test_what_is_no_parameter_is_an_error(parameters: object, message: str) -> None:
    with pytest.raises(OperandError, match=message):
        SGD(parameters, lr=0.1)  # type: ignore[arg-type]
