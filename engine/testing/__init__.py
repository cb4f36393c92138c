"""Property-test gradients: the kit that stepgrad uses on itself."""

from engine.errors import GradientError, MissingExtra
from engine.testing.assertions import assert_gradients
from engine.testing.battery import gradtest
from engine.testing.check import check_gradients
from engine.testing.report import Blame, Element, Report

__all__ = [
    "Blame",
    "Element",
    "GradientError",
    "MissingExtra",
    "Report",
    "assert_gradients",
    "check_gradients",
    "gradtest",
]
