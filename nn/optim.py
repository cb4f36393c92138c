"""Optimizers: how the gradients move the parameters."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from numbers import Real
from typing import Any

from engine.errors import NumberError, OperandError
from engine.node import Node
from engine.op import is_array
from nn.errors import StateError


class Optimizer:
    """Hold the parameters to move and the learning rate, which every optimizer has.

    Args:
        parameters: leaf Values and Tensors that require a gradient, each once.
        lr: the learning rate, above 0; it may be set again at any time.

    Raises:
        OperandError: a parameter is no such Value or Tensor.
        NumberError: lr is no finite number above 0, or the parameters are none or hold one twice.

    Gradients accumulate over backward calls. A loop of your own calls `zero_grad` before each,
    or it moves by the sum of all so far; the Trainer does so.
    """

    def __init__(self, parameters: Iterable[Any], lr: float) -> None:
        self.parameters = checked_parameters(parameters)
        self.lr = lr

    @property
    def lr(self) -> float:
        """The learning rate."""
        return self._lr

    @lr.setter
    def lr(self, lr: float) -> None:
        self._lr = checked_number("lr", lr)
        if not 0 < self._lr < math.inf:
            raise NumberError(f"lr must be above 0 and finite, got {lr!r}")

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to None, "not computed yet"."""
        for parameter in self.parameters:
            parameter.zero_grad()

    def step(self) -> None:
        """Move every parameter that has a gradient; one whose gradient is None stays."""
        raise NotImplementedError(f"{type(self).__name__} has no step(); define it")

    def state_dict(self) -> dict[str, Any]:
        """Return what `load_state_dict` needs to go on from here."""
        return {"lr": self.lr}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` returned."""
        self.lr = state["lr"]


class SGD(Optimizer):
    """Descend along the gradient, with momentum if there is any.

    Args:
        parameters, lr: as for an Optimizer.
        momentum: the share of the last velocity that is kept, from 0 to below 1.
        weight_decay: how much of a parameter is added to its gradient, 0 or more.
        nesterov: look one velocity ahead; needs a momentum.

    Raises:
        NumberError: a number is out of its range.

    A step is g = grad + weight_decay·p; v = momentum·v + g, v = g at first;
    p = p - lr·v, or with nesterov p = p - lr·(g + momentum·v). This is PyTorch's form of
    Sutskever et al., On the importance of initialization and momentum in deep learning, ICML 2013.

    >>> from engine import Value
    >>> w = Value(1.0)
    >>> optimizer = SGD([w], lr=0.1)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> w.data
    0.8
    """

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        super().__init__(parameters, lr)
        self.momentum = checked_number("momentum", momentum)
        if not 0 <= self.momentum < 1:
            raise NumberError(f"momentum must be from 0 to below 1, got {momentum!r}")
        self.weight_decay = checked_number("weight_decay", weight_decay)
        if not 0 <= self.weight_decay < math.inf:
            raise NumberError(f"weight_decay must be 0 or more and finite, got {weight_decay!r}")
        if nesterov and not momentum:
            raise NumberError("nesterov needs a momentum above 0")
        self.nesterov = nesterov
        self.velocity: list[Any] = [None] * len(self.parameters)
        self._numbers = [i for i, p in enumerate(self.parameters) if not is_array(p)]
        self._descend = _descent() if len(self._numbers) < len(self.parameters) else None

    def step(self) -> None:
        """Move every parameter that has a gradient; one whose gradient is None stays."""
        lr, momentum, decay = self.lr, self.momentum, self.weight_decay
        if self._descend is not None:
            self._descend(self.parameters, self.velocity, lr, momentum, decay, self.nesterov)
        for place in self._numbers:
            parameter = self.parameters[place]
            gradient = parameter.grad
            if gradient is None:
                continue
            if decay:
                gradient += decay * parameter.data
            if momentum:
                last = self.velocity[place]
                velocity = gradient if last is None else momentum * last + gradient
                self.velocity[place] = velocity
                gradient = gradient + momentum * velocity if self.nesterov else velocity
            parameter.data -= lr * gradient

    def like(self, parameters: Iterable[Any]) -> SGD:
        """Return an optimizer of the same settings over other parameters."""
        return SGD(parameters, self.lr, self.momentum, self.weight_decay, self.nesterov)

    def state_dict(self) -> dict[str, Any]:
        """Return the learning rate and the velocities, None where there is none yet."""
        return {**super().state_dict(), "velocity": [_own(v) for v in self.velocity]}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state; StateError if it is that of other parameters."""
        if len(state["velocity"]) != len(self.parameters):
            raise StateError(
                f"the state has {len(state['velocity'])} velocities for "
                f"{len(self.parameters)} parameters"
            )
        super().load_state_dict(state)
        self.velocity = [_own(v) for v in state["velocity"]]


def _descent() -> Callable[..., None]:
    """Return the step for Tensors, which loads NumPy."""
    from nn.descent import descend

    return descend


def _own(velocity: Any) -> Any:
    """Return a velocity that no step will change."""
    return velocity.copy() if is_array(velocity) else velocity


def checked_number(name: str, number: float) -> float:
    """Return a number as a float, if it is one."""
    if isinstance(number, bool) or not isinstance(number, Real):
        raise NumberError(f"{name} must be a number, got {number!r}")
    return float(number)


def checked_parameters(parameters: Iterable[Any]) -> list[Any]:
    """Return the parameters as a list, if each is a leaf to train and is there once."""
    if isinstance(parameters, Node) or not isinstance(parameters, Iterable):
        raise OperandError(
            f"an optimizer takes a list of parameters, got a {type(parameters).__name__}"
        )
    checked: list[Any] = list(parameters)
    if not checked:
        raise NumberError("the optimizer has no parameters; pass model.parameters()")
    first: dict[Any, int] = {}
    for place, parameter in enumerate(checked):
        leaf = isinstance(parameter, Node) and parameter.op is None
        if not leaf:
            raise OperandError(
                f"parameter {place} is {parameter!r}; only a Value or a Tensor that was made and "
                "not computed can be moved"
            )
        if not parameter.requires_grad:
            raise OperandError(f"parameter {place} is {parameter!r}, a constant; leave it out")
        if first.setdefault(parameter, place) != place:
            raise NumberError(
                f"parameters {first[parameter]} and {place} are the same "
                f"{type(parameter).__name__} ({parameter.label or 'unlabelled'}); pass each once"
            )
    return checked
