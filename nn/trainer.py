"""Trainer: mini-batches, epochs, and a model that is sound whatever interrupts it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any, Literal

from engine import no_grad
from engine.errors import GraphError, NonFiniteError, NumberError, OperandError, ShapeError
from nn.backends import Choice, backend_for, number_of
from nn.clipping import checked_bound, clip_grad_norm
from nn.errors import unknown
from nn.history import History
from nn.init import generator
from nn.losses import LOSSES, Loss, mse
from nn.metrics import accuracy
from nn.module import Module
from nn.optim import Optimizer
from nn.progress import Progress, Row, Show, follower

Metric = Callable[[Any, Any], float]
Data = tuple[Sequence[Any], Sequence[Any]]

BATCH_SIZE = 32  # where the user says nothing


@dataclass(frozen=True)
class Snapshot:
    """Hold weights, and the optimizer that goes on from them."""

    weights: list[Any]
    optimizer: dict[str, Any]


class Trainer:
    """Train a model on batches of samples.

    Args:
        model: called with one sample of inputs, it gives the output.
        loss: a function of (outputs, targets) of a batch, or a name of `nn.losses.LOSSES`.
        optimizer: over the parameters of the model.
        seed: of the order in which samples are taken, shuffled anew each epoch.
        progress: "auto" is a live bar on a terminal, if rich is installed, and else a line an
            epoch; False is silence; a function is called with the row of each epoch.
        metrics: functions of (outputs, targets) as numbers, by the name of their column; "auto" is
            the accuracy, or none for mse and for a loss of your own.
        backend: "value" calls the model sample by sample; "tensor" trains batch by batch, an MLP
            of Values by way of its twin; "auto" takes Tensors where it can. `trainer.backend` says
            which it took.
        clip_norm: what the norm of all gradients is clipped to before a step; None is not at all.

    Raises:
        ChoiceError: there is no loss or backend of that name.
        NumberError: clip_norm is not above 0.
        GraphError: the optimizer moves no parameter of the model, or the backend cannot train it.

    A step clears the gradients before it computes new ones, so none is left over, and its graph is
    freed before the next begins.

    >>> from nn.neuron import MLP
    >>> from nn.optim import SGD
    >>> mlp = MLP(2, [4, 1], activation="tanh", seed=3)
    >>> xor = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> trainer = Trainer(
    ...     mlp,
    ...     "binary_cross_entropy_with_logits",
    ...     SGD(mlp.parameters(), lr=0.5, momentum=0.9),
    ...     progress=False,
    ... )
    >>> trainer.fit(*xor, epochs=100)["accuracy"][-1]
    1.0
    """

    def __init__(
        self,
        model: Module,
        loss: str | Loss,
        optimizer: Optimizer,
        seed: int | None = 0,
        progress: Show = "auto",
        metrics: Literal["auto"] | Mapping[str, Metric] = "auto",
        backend: Choice = "auto",
        clip_norm: float | None = None,
    ) -> None:
        if not isinstance(model, Module):
            raise OperandError(
                f"Trainer takes an nn.Module first, got a {type(model).__name__}: a function "
                "becomes one as nn.Activation(function)"
            )
        if not hasattr(optimizer, "parameters"):
            raise OperandError(
                f"Trainer takes an optimizer third, as nn.SGD(model.parameters(), lr=0.1), got a "
                f"{type(optimizer).__name__}"
            )
        if not (callable(loss) or (isinstance(loss, str) and loss in LOSSES)):
            raise unknown("loss", loss, LOSSES)
        self.model = model
        self.loss = LOSSES[loss] if isinstance(loss, str) else loss
        self.optimizer = optimizer
        self.progress = progress
        if isinstance(metrics, str):
            classifies = self.loss in LOSSES.values() and self.loss is not mse
            metrics = {"accuracy": accuracy} if classifies else {}
        self.metrics = dict(metrics)
        if not set(model.parameters()).intersection(optimizer.parameters):
            raise GraphError(
                "the optimizer moves no parameter of the model; pass it model.parameters()"
            )
        self.clip_norm = None if clip_norm is None else checked_bound(clip_norm)
        self._backend = backend_for(backend, model, self.loss, optimizer)
        self._rng = generator(seed)
        self._sound: Snapshot | None = None  # where the loss was last finite
        self._spare: Snapshot | None = None  # the one before it, which the next is written over

    @property
    def backend(self) -> str:
        """What this computes with, "value" or "tensor"."""
        return self._backend.name

    def fit(
        self,
        inputs: Sequence[Any],
        targets: Sequence[Any],
        epochs: int,
        batch_size: int | None = None,
        validation: Data | None = None,
    ) -> History:
        """Train for some epochs, and return what each measured.

        Args:
            inputs: n samples.
            targets: n targets.
            epochs: passes over all samples; 0 returns an empty history.
            batch_size: samples a step, from 1 to n; the last step of an epoch takes what is left.
                None is 32, or n if that is less.
            validation: inputs and targets to measure, and not to train on, after each epoch.

        Returns:
            A row an epoch: loss and metrics as they were met during the epoch, then those of the
            validation data, then the seconds.

        Raises:
            ShapeError: there is no sample, or as many inputs as targets are not there.
            NumberError: epochs or batch_size is out of range.
            NonFiniteError: the loss, a weight or the norm to clip became nan or inf; the weights
                are back to where the loss was last finite.
            CallbackError: the progress function raised.

        Ctrl-C ends the training without an error: the weights are then those of the best epoch, by
        the accuracy (else the loss) on the validation data, else by the training loss; and the
        history says `interrupted`.
        """
        check_samples("fit", inputs, targets)
        check_count("epochs", epochs, 0)
        if batch_size is None:
            batch_size = min(BATCH_SIZE, len(inputs))
        check_count("batch_size", batch_size, 1)
        if batch_size > len(inputs):
            raise NumberError(f"batch_size {batch_size} is more than the {len(inputs)} samples")
        if validation is not None:
            check_samples("fit, validation", *validation)
        history = History()
        best: tuple[tuple[float, ...], Snapshot] | None = None
        progress = follower(self.progress)
        progress.start(epochs, math.ceil(len(inputs) / batch_size))
        self._sound = self._spare = None
        self._backend.begin()
        model = self._backend.model
        was_training = model.training
        model.train()
        samples = self._backend.samples(inputs, targets)
        try:
            for epoch in range(1, epochs + 1):
                began = time.perf_counter()
                row = {"epoch": epoch, **self._epoch(epoch, *samples, batch_size, progress)}
                if validation is not None:
                    measured = self._measure(*validation)
                    row |= {f"val_{name}": number for name, number in measured.items()}
                row["seconds"] = time.perf_counter() - began
                if best is None or merit(row) > best[0]:
                    best = merit(row), self._snapshot()
                history.append(row)
                self._backend.end()  # who hears of the epoch may look at the model's weights
                progress.epoch(row)
        except KeyboardInterrupt:
            history.interrupted = True
            self._restore(best[1] if best else self._sound)
        finally:
            self._backend.end()
            self._sound = self._spare = None  # their memory is free
            model.train(was_training)
            progress.stop()
        return history

    def evaluate(self, inputs: Sequence[Any], targets: Sequence[Any]) -> Row:
        """Return the loss and the metrics of the model as it is, without training it.

        Raises:
            ShapeError: there is no sample, or as many inputs as targets are not there.
        """
        check_samples("evaluate", inputs, targets)
        self._backend.begin()
        return self._measure(inputs, targets)

    def _measure(self, inputs: Sequence[Any], targets: Sequence[Any]) -> Row:
        backend = self._backend
        was_training = backend.model.training
        backend.model.eval()
        try:
            with no_grad():
                samples, wanted = backend.samples(inputs, targets)
                outputs = backend.outputs(samples)
                loss = number_of(self.loss(outputs, wanted))
        finally:
            backend.model.train(was_training)
        answers = backend.plain(outputs)
        return {"loss": loss} | {
            name: metric(answers, targets) for name, metric in self.metrics.items()
        }

    def _epoch(
        self,
        epoch: int,
        inputs: Sequence[Any],
        targets: Sequence[Any],
        batch_size: int,
        progress: Progress,
    ) -> Row:
        """Train on every sample once, and return the mean loss and the metrics on the way."""
        order = list(range(len(inputs)))
        self._rng.shuffle(order)
        losses: list[float] = []
        answers: list[Any] = []
        for step, start in enumerate(range(0, len(order), batch_size), 1):
            rows = order[start : start + batch_size]
            batch = self._backend.take(inputs, rows), self._backend.take(targets, rows)
            loss, outputs = self._step(f"epoch {epoch}, step {step}", *batch)
            losses.append(loss * len(rows))
            answers += outputs
            progress.step(epoch, loss)
        met = self._backend.plain(self._backend.take(targets, order))
        return {"loss": math.fsum(losses) / len(order)} | {
            name: metric(answers, met) for name, metric in self.metrics.items()
        }

    def _step(self, where: str, inputs: Any, targets: Any) -> tuple[float, list[Any]]:
        """Take one step, and return plain numbers, so that its graph is freed here."""
        backend, optimizer = self._backend, self._backend.optimizer
        outputs = backend.outputs(inputs)
        loss = self.loss(outputs, targets)
        number = number_of(loss)
        if not math.isfinite(number):
            self._restore(self._sound)
            raise NonFiniteError(
                f"{where}: the loss is {number}; the weights are back to where it was last "
                "finite. Try a smaller lr, or detect_anomaly() to see which op it comes from"
            )
        optimizer.zero_grad()
        loss.backward()
        # In turns, so that Ctrl-C in the middle of the copying leaves the one before it whole.
        self._sound, self._spare = self._snapshot(self._spare), self._sound
        if self.clip_norm is not None:
            try:
                clip_grad_norm(optimizer.parameters, self.clip_norm)
            except NonFiniteError as error:
                raise NonFiniteError(f"{where}: {error}") from None
        optimizer.step()
        if not all(map(backend.finite, optimizer.parameters)):
            message = f"{where}: {self._blame()}; the weights are back to those before the step"
            self._restore(self._sound)
            raise NonFiniteError(message)
        return number, backend.plain(outputs)

    def _blame(self) -> str:
        backend = self._backend
        names = {parameter: name for name, parameter in backend.model.named_parameters()}
        culprit = next(p for p in backend.optimizer.parameters if not backend.finite(p))
        name = names.get(culprit, culprit.label or "a parameter")
        return f"{name} became {culprit.data}, its gradient is {culprit.grad}"

    def _snapshot(self, over: Snapshot | None = None) -> Snapshot:
        """Copy the weights and the optimizer's state, over an earlier copy if there is one."""
        weights, state = (None, None) if over is None else (over.weights, over.optimizer)
        backend = self._backend
        return Snapshot(backend.weights(weights), backend.optimizer.state_over(state))

    def _restore(self, snapshot: Snapshot | None) -> None:
        if snapshot is not None:
            optimizer = self._backend.optimizer
            for parameter, weight in zip(optimizer.parameters, snapshot.weights, strict=True):
                parameter.data = weight
            optimizer.load_state_dict(snapshot.optimizer)


def merit(row: Row) -> tuple[float, ...]:
    """Return what says which of two epochs is better: more is, and nan is worst.

    >>> merit({"loss": 0.1, "val_loss": 0.3, "val_accuracy": 0.9})
    (0.9, -0.3)
    """
    ranks = [-row.get("val_loss", row["loss"])]
    if "val_accuracy" in row:
        ranks.insert(0, row["val_accuracy"])
    return tuple(-math.inf if math.isnan(rank) else rank for rank in ranks)


def check_samples(name: str, inputs: Sequence[Any], targets: Sequence[Any]) -> None:
    """Raise ShapeError if samples are not paired with targets, or there are none."""
    if len(inputs) != len(targets):
        raise ShapeError(f"{name}: {len(inputs)} inputs but {len(targets)} targets")
    if len(inputs) == 0:
        raise ShapeError(f"{name}: there are no samples to learn from")


def check_count(name: str, count: int, least: int) -> None:
    """Raise NumberError if a count is no whole number from `least` on."""
    if isinstance(count, bool) or not isinstance(count, Integral) or count < least:
        raise NumberError(f"{name} must be a whole number from {least} on, got {count!r}")
