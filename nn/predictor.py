"""Predictor: a model with all that it takes to answer about samples as the user has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import engine
from engine import no_grad
from nn.activations import Activation
from nn.backends import plain
from nn.checkpoint import damaged, load_model, save_model
from nn.data import Dataset, Standardize
from nn.losses import Loss, binary_cross_entropy_with_logits, cross_entropy, mse
from nn.metrics import predicted_label
from nn.module import Module
from nn.neuron import MLP
from nn.source import Source

MODEL_FILE = "model.json"


@dataclass(frozen=True)
class Prediction:
    """Hold an answer: a class index with its probability, or a number with None."""

    value: float
    probability: float | None


@dataclass(frozen=True)
class Predictor:
    """Hold a model between the scale of its inputs and the meaning of its outputs.

    Args:
        model: of one output for two classes or for a number, else of one for each class.
        source: where it learned.
        feature_names: as those of its data set.
        class_names: as those of its data set.
        scale: of the features.
        target_scale: of the target of a regression; None for classes.
    """

    model: Module
    source: Source
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    scale: Standardize
    target_scale: Standardize | None

    @classmethod
    def untrained(
        cls, source: Source, train: Dataset, hidden: Sequence[int], activation: Activation
    ) -> Predictor:
        """Return one with a new MLP that fits the data set to train on, seeded as the source."""
        outputs = len(train.class_names) if len(train.class_names) > 2 else 1
        regression = train.task == "regression"
        return cls(
            MLP(train.width, [*hidden, outputs], activation, seed=source.seed),
            source,
            train.feature_names,
            train.class_names,
            Standardize.fit(train.inputs),
            Standardize.fit([[target] for target in train.targets]) if regression else None,
        )

    @property
    def loss(self) -> Loss:
        """The loss that such outputs are trained with."""
        if not self.class_names:
            return mse
        return cross_entropy if len(self.class_names) > 2 else binary_cross_entropy_with_logits

    def samples(self, dataset: Dataset) -> tuple[list[list[float]], list[float]]:
        """Return the inputs and targets of a data set as the model sees them."""
        targets = dataset.targets
        if self.target_scale is not None:
            targets = [target for (target,) in self.target_scale([[t] for t in targets])]
        return self.scale(dataset.inputs), targets

    def __call__(self, inputs: Sequence[Sequence[float]]) -> list[Prediction]:
        """Return the answer for each row of features, as the user has them.

        Raises:
            ShapeError: a row has another number of features.
        """
        with no_grad():
            return [self._answer(plain(self.model(row))) for row in self.scale(inputs)]

    def _answer(self, output: Any) -> Prediction:
        if self.target_scale is not None:
            return Prediction(self.target_scale.undo([output])[0], None)
        label = predicted_label(output)
        if isinstance(output, list):
            return Prediction(label, engine.softmax(output)[label])
        return Prediction(label, engine.sigmoid(output if label else -output))

    def spell(self, value: float) -> str:
        """Return the name of a class, or a number as text."""
        return self.class_names[int(value)] if self.class_names else f"{value:.6g}"

    def save(self, folder: Path) -> Path:
        """Write it into a folder, and return the file; CheckpointError if that fails."""
        path = folder / MODEL_FILE
        extra = {
            "source": asdict(self.source),
            "feature_names": self.feature_names,
            "class_names": self.class_names,
            "scale": self.scale.state(),
            "target_scale": self.target_scale and self.target_scale.state(),
        }
        save_model(path, self.model, extra)
        return path

    @classmethod
    def load(cls, folder: Path) -> Predictor:
        """Return what was saved into a folder; CheckpointError if it cannot be read."""
        path = folder / MODEL_FILE
        model, extra = load_model(path)
        try:
            source = extra["source"]
            return cls(
                model,
                Source(**{**source, "ignore": tuple(source["ignore"])}),
                tuple(extra["feature_names"]),
                tuple(extra["class_names"]),
                Standardize.from_state(extra["scale"]),
                extra["target_scale"] and Standardize.from_state(extra["target_scale"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise damaged(path, f"{type(error).__name__}: {error}") from error
