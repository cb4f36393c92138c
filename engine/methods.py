"""The ops as methods, where users of Python and PyTorch look for one.

Compiled with mypyc where a C compiler was at hand at install, plain Python otherwise.
"""

from __future__ import annotations

from typing import Any, Self

from mypy_extensions import mypyc_attr

from engine import ops
from engine.node import Node


@mypyc_attr(acyclic=True)
class Methods(Node):
    """A node with one method for each op of one operand, and for the few more with a common name.

    What each does, its derivative and its convention at a kink stand in the op's row.
    """

    __slots__ = ()

    def exp(self) -> Self:
        """Apply `engine.exp`."""
        return self._apply(ops.exp, (self,))

    def exp2(self) -> Self:
        """Apply `engine.exp2`."""
        return self._apply(ops.exp2, (self,))

    def expm1(self) -> Self:
        """Apply `engine.expm1`."""
        return self._apply(ops.expm1, (self,))

    def log(self) -> Self:
        """Apply `engine.log`."""
        return self._apply(ops.log, (self,))

    def log2(self) -> Self:
        """Apply `engine.log2`."""
        return self._apply(ops.log2, (self,))

    def log10(self) -> Self:
        """Apply `engine.log10`."""
        return self._apply(ops.log10, (self,))

    def log1p(self) -> Self:
        """Apply `engine.log1p`."""
        return self._apply(ops.log1p, (self,))

    def sqrt(self) -> Self:
        """Apply `engine.sqrt`."""
        return self._apply(ops.sqrt, (self,))

    def cbrt(self) -> Self:
        """Apply `engine.cbrt`."""
        return self._apply(ops.cbrt, (self,))

    def reciprocal(self) -> Self:
        """Apply `engine.reciprocal`."""
        return self._apply(ops.reciprocal, (self,))

    def square(self) -> Self:
        """Apply `engine.square`."""
        return self._apply(ops.square, (self,))

    def sin(self) -> Self:
        """Apply `engine.sin`."""
        return self._apply(ops.sin, (self,))

    def cos(self) -> Self:
        """Apply `engine.cos`."""
        return self._apply(ops.cos, (self,))

    def tan(self) -> Self:
        """Apply `engine.tan`."""
        return self._apply(ops.tan, (self,))

    def asin(self) -> Self:
        """Apply `engine.asin`."""
        return self._apply(ops.asin, (self,))

    def acos(self) -> Self:
        """Apply `engine.acos`."""
        return self._apply(ops.acos, (self,))

    def atan(self) -> Self:
        """Apply `engine.atan`."""
        return self._apply(ops.atan, (self,))

    def sinh(self) -> Self:
        """Apply `engine.sinh`."""
        return self._apply(ops.sinh, (self,))

    def cosh(self) -> Self:
        """Apply `engine.cosh`."""
        return self._apply(ops.cosh, (self,))

    def tanh(self) -> Self:
        """Apply `engine.tanh`."""
        return self._apply(ops.tanh, (self,))

    def asinh(self) -> Self:
        """Apply `engine.asinh`."""
        return self._apply(ops.asinh, (self,))

    def acosh(self) -> Self:
        """Apply `engine.acosh`."""
        return self._apply(ops.acosh, (self,))

    def atanh(self) -> Self:
        """Apply `engine.atanh`."""
        return self._apply(ops.atanh, (self,))

    def relu(self) -> Self:
        """Apply `engine.relu`."""
        return self._apply(ops.relu, (self,))

    def leaky_relu(self, negative_slope: Any = 0.01) -> Self:
        """Apply `engine.leaky_relu`."""
        return self._apply(ops.leaky_relu, (self, negative_slope))

    def elu(self, alpha: Any = 1.0) -> Self:
        """Apply `engine.elu`."""
        return self._apply(ops.elu, (self, alpha))

    def selu(self) -> Self:
        """Apply `engine.selu`."""
        return self._apply(ops.selu, (self,))

    def gelu(self) -> Self:
        """Apply `engine.gelu`."""
        return self._apply(ops.gelu, (self,))

    def silu(self) -> Self:
        """Apply `engine.silu`."""
        return self._apply(ops.silu, (self,))

    def softplus(self) -> Self:
        """Apply `engine.softplus`."""
        return self._apply(ops.softplus, (self,))

    def sigmoid(self) -> Self:
        """Apply `engine.sigmoid`."""
        return self._apply(ops.sigmoid, (self,))

    def log_sigmoid(self) -> Self:
        """Apply `engine.log_sigmoid`."""
        return self._apply(ops.log_sigmoid, (self,))

    def hardtanh(self) -> Self:
        """Apply `engine.hardtanh`."""
        return self._apply(ops.hardtanh, (self,))

    def relu6(self) -> Self:
        """Apply `engine.relu6`."""
        return self._apply(ops.relu6, (self,))

    def step(self) -> Self:
        """Apply `engine.step`."""
        return self._apply(ops.step, (self,))

    def sign(self) -> Self:
        """Apply `engine.sign`."""
        return self._apply(ops.sign, (self,))

    def floor(self) -> Self:
        """Apply `engine.floor`."""
        return self._apply(ops.floor, (self,))

    def ceil(self) -> Self:
        """Apply `engine.ceil`."""
        return self._apply(ops.ceil, (self,))

    def round(self) -> Self:
        """Apply `engine.round`."""
        return self._apply(ops.round, (self,))

    def erf(self) -> Self:
        """Apply `engine.erf`."""
        return self._apply(ops.erf, (self,))

    def erfc(self) -> Self:
        """Apply `engine.erfc`."""
        return self._apply(ops.erfc, (self,))

    def lgamma(self) -> Self:
        """Apply `engine.lgamma`."""
        return self._apply(ops.lgamma, (self,))

    def sinc(self) -> Self:
        """Apply `engine.sinc`."""
        return self._apply(ops.sinc, (self,))

    def abs(self) -> Self:
        """Apply `engine.abs`."""
        return self._apply(ops.abs, (self,))

    def maximum(self, other: Any) -> Self:
        """Apply `engine.maximum`."""
        return self._apply(ops.maximum, (self, other))

    def minimum(self, other: Any) -> Self:
        """Apply `engine.minimum`."""
        return self._apply(ops.minimum, (self, other))

    def pow(self, exponent: Any) -> Self:
        """Apply `engine.power`."""
        return self._apply(ops.power, (self, exponent))

    def atan2(self, other: Any) -> Self:
        """Apply `engine.atan2`."""
        return self._apply(ops.atan2, (self, other))

    def hypot(self, other: Any) -> Self:
        """Apply `engine.hypot`."""
        return self._apply(ops.hypot, (self, other))

    def logaddexp(self, other: Any) -> Self:
        """Apply `engine.logaddexp`."""
        return self._apply(ops.logaddexp, (self, other))

    def xlogy(self, other: Any) -> Self:
        """Apply `engine.xlogy`."""
        return self._apply(ops.xlogy, (self, other))

    def clip(self, low: Any, high: Any) -> Self:
        """Apply `engine.clip`."""
        return self._apply(ops.clip, (self, low, high))

    def clone(self) -> Self:
        """Return a new node with the same value, which gradients flow through."""
        return self._apply(ops.identity, (self,))
