"""stepgrad's nn: networks built from Values or Tensors, and all it takes to train them."""

from typing import TYPE_CHECKING, Any

from nn import data, init, losses, metrics, optim
from nn.checkpoint import load_model, save_model
from nn.data import Dataset, Standardize, split
from nn.datasets import load
from nn.errors import (
    CallbackError,
    CheckpointError,
    ChoiceError,
    DataError,
    LabelError,
    MissingPackageError,
    StateError,
)
from nn.history import History
from nn.module import Module
from nn.neuron import MLP, Layer, Neuron
from nn.optim import SGD, Optimizer
from nn.table import load_csv
from nn.trainer import Trainer

if TYPE_CHECKING:
    from nn.images import Conv2d, MaxPool2d
    from nn.layers import Activation, Dropout, Embedding, Flatten, Linear, Sequential
    from nn.normalization import BatchNorm1d, LayerNorm

# The layers of Tensors, by the module that has them: NumPy is loaded for Tensors only.
LAYERS = {
    "Activation": "layers",
    "BatchNorm1d": "normalization",
    "Conv2d": "images",
    "Dropout": "layers",
    "Embedding": "layers",
    "Flatten": "layers",
    "LayerNorm": "normalization",
    "Linear": "layers",
    "MaxPool2d": "images",
    "Sequential": "layers",
}


def __getattr__(name: str) -> Any:
    if name not in LAYERS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    from importlib import import_module

    found = getattr(import_module(f"{__name__}.{LAYERS[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *LAYERS})


__all__ = [
    "MLP",
    "SGD",
    "Activation",
    "BatchNorm1d",
    "CallbackError",
    "CheckpointError",
    "ChoiceError",
    "Conv2d",
    "DataError",
    "Dataset",
    "Dropout",
    "Embedding",
    "Flatten",
    "History",
    "LabelError",
    "Layer",
    "LayerNorm",
    "Linear",
    "MaxPool2d",
    "MissingPackageError",
    "Module",
    "Neuron",
    "Optimizer",
    "Sequential",
    "Standardize",
    "StateError",
    "Trainer",
    "data",
    "init",
    "load",
    "load_csv",
    "load_model",
    "losses",
    "metrics",
    "optim",
    "save_model",
    "split",
]
