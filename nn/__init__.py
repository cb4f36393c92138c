"""stepgrad's nn: networks built from Values, and all it takes to train them."""

from nn import data, init, losses, metrics, optim
from nn.checkpoint import load_model, save_model
from nn.clipping import clip_grad_norm
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

__all__ = [
    "MLP",
    "SGD",
    "CallbackError",
    "CheckpointError",
    "ChoiceError",
    "DataError",
    "Dataset",
    "History",
    "LabelError",
    "Layer",
    "MissingPackageError",
    "Module",
    "Neuron",
    "Optimizer",
    "Standardize",
    "StateError",
    "Trainer",
    "clip_grad_norm",
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
