"""Hypothesis strategies: Values, Tensors, operands off kinks, straight-line programs, networks.

Needs Hypothesis (``pip install "stepgrad[test]"``), which nothing else of `engine` imports.
"""

from engine.testing.strategies.mlps import mlps
from engine.testing.strategies.programs import programs
from engine.testing.strategies.smooth import away_from_kinks
from engine.testing.strategies.tensors import broadcastable_tensors, tensors
from engine.testing.strategies.values import values

__all__ = ["away_from_kinks", "broadcastable_tensors", "mlps", "programs", "tensors", "values"]
