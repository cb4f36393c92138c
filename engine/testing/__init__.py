"""Property-test gradients: the kit that stepgrad uses on itself."""

from engine.errors import GradientError, MismatchError, MissingExtra
from engine.testing.assertions import assert_gradients
from engine.testing.check import check_gradients
from engine.testing.gradtests import gradtest
from engine.testing.matching import assert_matches, assert_raises_same
from engine.testing.primitives import Battery, assert_primitive, check_primitive
from engine.testing.report import Blame, Element, Report
from engine.testing.side_effects import assert_no_side_effects

__all__ = [
    "Battery",
    "Blame",
    "Element",
    "GradientError",
    "MismatchError",
    "MissingExtra",
    "Report",
    "assert_gradients",
    "assert_matches",
    "assert_no_side_effects",
    "assert_primitive",
    "assert_raises_same",
    "check_gradients",
    "check_primitive",
    "gradtest",
]
