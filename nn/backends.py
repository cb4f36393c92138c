"""What a Trainer computes with: Values sample by sample, or Tensors batch by batch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

from engine import Value
from engine.errors import GraphError, OperandError
from engine.op import is_array
from engine.ops import data_of
from nn.errors import unknown
from nn.losses import LOSSES, Loss
from nn.module import Module
from nn.neuron import MLP
from nn.optim import SGD, Optimizer

Choice = Literal["auto", "value", "tensor"]
BACKENDS: tuple[Choice, ...] = ("auto", "value", "tensor")


class ValueBackend:
    """Call the model with one sample after the other, and keep every number in sight."""

    name = "value"

    def __init__(self, model: Module, optimizer: Optimizer) -> None:
        self.model = model
        self.optimizer = optimizer

    def begin(self) -> None:
        """Get ready to train; nothing is kept elsewhere."""

    def end(self) -> None:
        """Leave the trained weights in the user's model, where they are already."""

    def samples(self, inputs: Sequence[Any], targets: Sequence[Any]) -> tuple[Any, Any]:
        """Return samples in the form that `take` takes them from."""
        return inputs, targets

    def take(self, samples: Sequence[Any], rows: Sequence[int]) -> Any:
        """Return some of the samples."""
        return [samples[row] for row in rows]

    def outputs(self, inputs: Sequence[Any]) -> Any:
        """Return the model's output for each of some samples."""
        return [self.model(x) for x in inputs]

    def plain(self, outputs: Any) -> Any:
        """Return outputs as numbers alone."""
        return [plain(output) for output in outputs]

    def weights(self, over: list[Any] | None = None) -> list[Any]:
        """Return the numbers of the parameters, which no step will change.

        Args:
            over: earlier ones that nobody needs any more: arrays are written over them.
        """
        return [parameter.data for parameter in self.optimizer.parameters]

    def finite(self, parameter: Any) -> bool:
        """Return whether a parameter is neither nan nor infinite."""
        return math.isfinite(parameter.data)


class TensorBackend(ValueBackend):
    """Call a model of Tensors with a whole batch at once."""

    name = "tensor"

    def samples(self, inputs: Sequence[Any], targets: Sequence[Any]) -> tuple[Any, Any]:
        """Return samples as arrays, the inputs in the dtype of the weights."""
        import numpy as np  # which is loaded for Tensors only

        dtype = self.optimizer.parameters[0].dtype
        return np.asarray(inputs, dtype=dtype), np.asarray(targets)

    def take(self, samples: Any, rows: Sequence[int]) -> Any:
        """Return some of the samples."""
        return samples[list(rows)]

    def outputs(self, inputs: Any) -> Any:
        """Return the model's outputs for a batch."""
        return self.model(inputs)

    def plain(self, outputs: Any) -> Any:
        """Return outputs as numbers alone."""
        return outputs.tolist()

    def weights(self, over: list[Any] | None = None) -> list[Any]:
        """Return copies of the arrays of the parameters."""
        arrays = [data_of(parameter) for parameter in self.optimizer.parameters]
        if over is None:
            return [array.copy() for array in arrays]
        for copy, array in zip(over, arrays, strict=True):
            copy[...] = array
        return over

    def finite(self, parameter: Any) -> bool:
        """Return whether no number of a parameter is nan or infinite."""
        import numpy as np

        from engine.quiet import quietly

        array = data_of(parameter)
        # A sum is quicker than a look at each, and finite unless one is not, or it is too large.
        total = quietly(np.add.reduce, array, None)
        return math.isfinite(total) or bool(np.isfinite(array).all())


class TwinBackend(TensorBackend):
    """Train the vectorised twin of an MLP of Values, and bring its weights home."""

    def __init__(self, mlp: MLP, optimizer: SGD) -> None:
        self.mlp = mlp
        twin = mlp.tensor()
        super().__init__(twin, optimizer.like(twin.parameters()))
        self.original = optimizer

    def begin(self) -> None:
        """Start from the weights that the MLP has now, and the learning rate."""
        twin: Any = self.model
        twin.take(self.mlp)
        self.optimizer.lr = self.original.lr

    def end(self) -> None:
        """Bring the weights home."""
        self.mlp.load(self.model)


def backend_for(choice: Choice, model: Module, loss: Loss, optimizer: Optimizer) -> ValueBackend:
    """Return what to train a model with.

    Args:
        choice: "value", "tensor", or "auto": Tensors where the model is made of them, or is an MLP
            of Values that has a twin and is trained by a known loss and plain SGD; else Values.
        model: what to train.
        loss: what it is trained by.
        optimizer: over the parameters of the model.

    Raises:
        ChoiceError: there is no backend of that name.
        GraphError: the model cannot be trained with it.
    """
    if choice not in BACKENDS:
        raise unknown("backend", choice, BACKENDS)
    arrays = [is_array(parameter) for parameter in optimizer.parameters]
    if all(arrays):
        if choice == "value":
            raise GraphError("the model is made of Tensors, which backend='value' cannot train")
        return TensorBackend(model, optimizer)
    obstacle = why_no_twin(model, loss, optimizer)
    if choice == "tensor" and obstacle:
        raise GraphError(f"backend='tensor' cannot train this model: {obstacle}")
    if choice == "value" or obstacle:
        return ValueBackend(model, optimizer)
    assert isinstance(model, MLP)
    assert isinstance(optimizer, SGD)
    return TwinBackend(model, optimizer)


def why_no_twin(model: Module, loss: Loss, optimizer: Optimizer) -> str | None:
    """Return what keeps a model from being trained as Tensors, or None."""
    if type(model) is not MLP:
        return f"only an MLP has a twin of Tensors, and this is a {type(model).__name__}"
    if loss not in LOSSES.values():
        return "its loss is a function of yours, which may take Values apart"
    if type(optimizer) is not SGD:
        return f"its optimizer is a {type(optimizer).__name__}, and SGD is the one that moves both"
    if optimizer.parameters != model.parameters():
        return "its optimizer moves some of its parameters only"
    if any(callable(function) for function in (model.activation, model.output_activation)):
        return "an activation is a function of yours, which may take Values apart"
    return None


def plain(output: Any) -> Any:
    """Return an output as numbers alone."""
    if isinstance(output, Value):
        return output.data
    if is_array(output):
        return output.tolist()
    return [plain(part) for part in output] if isinstance(output, list | tuple) else output


def number_of(loss: Any) -> float:
    """Return the number of a loss, if it is one."""
    if is_array(loss) and loss.size == 1:
        return float(loss.item())
    if not isinstance(loss, Value):
        raise OperandError(
            f"the loss function returned a {type(loss).__name__}; it has to return one Value, or "
            "a Tensor of one number, as the mean over the batch"
        )
    return loss.data
