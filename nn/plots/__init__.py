"""Plots of models and of how they learn.

Each display is made by `from_...`, which computes, and drawn by `plot`, which returns it with the
picture in `ax_` and `figure_`. Importing this imports no matplotlib; drawing needs
`pip install "stepgrad[plots]"`.
"""

from nn.plots.animation import Animation, animate_training
from nn.plots.boundary import DecisionBoundaryDisplay
from nn.plots.confusion import ConfusionMatrixDisplay
from nn.plots.curves import LossCurveDisplay
from nn.plots.gradient_flow import GradientFlowDisplay
from nn.plots.landscape import LossLandscapeDisplay
from nn.plots.lr_finder import LearningRateDisplay
from nn.plots.prediction_error import PredictionErrorDisplay
from nn.plots.recorder import Recorder
from nn.plots.weights import WeightsDisplay

__all__ = [
    "Animation",
    "ConfusionMatrixDisplay",
    "DecisionBoundaryDisplay",
    "GradientFlowDisplay",
    "LearningRateDisplay",
    "LossCurveDisplay",
    "LossLandscapeDisplay",
    "PredictionErrorDisplay",
    "Recorder",
    "WeightsDisplay",
    "animate_training",
]
