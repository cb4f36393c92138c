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
        return self._apply(ops.exp, (self,))

    def exp2(self) -> Self:
        return self._apply(ops.exp2, (self,))

    def expm1(self) -> Self:
        return self._apply(ops.expm1, (self,))

    def log(self) -> Self:
        return self._apply(ops.log, (self,))

    def log2(self) -> Self:
        return self._apply(ops.log2, (self,))

    def log10(self) -> Self:
        return self._apply(ops.log10, (self,))

    def log1p(self) -> Self:
        return self._apply(ops.log1p, (self,))

    def sqrt(self) -> Self:
        return self._apply(ops.sqrt, (self,))

    def cbrt(self) -> Self:
        return self._apply(ops.cbrt, (self,))

    def reciprocal(self) -> Self:
        return self._apply(ops.reciprocal, (self,))

    def square(self) -> Self:
        return self._apply(ops.square, (self,))

    def sin(self) -> Self:
        return self._apply(ops.sin, (self,))

    def cos(self) -> Self:
        return self._apply(ops.cos, (self,))

    def tan(self) -> Self:
        return self._apply(ops.tan, (self,))

    def asin(self) -> Self:
        return self._apply(ops.asin, (self,))

    def acos(self) -> Self:
        return self._apply(ops.acos, (self,))

    def atan(self) -> Self:
        return self._apply(ops.atan, (self,))

    def sinh(self) -> Self:
        return self._apply(ops.sinh, (self,))

    def cosh(self) -> Self:
        return self._apply(ops.cosh, (self,))

    def tanh(self) -> Self:
        return self._apply(ops.tanh, (self,))

    def asinh(self) -> Self:
        return self._apply(ops.asinh, (self,))

    def acosh(self) -> Self:
        return self._apply(ops.acosh, (self,))

    def atanh(self) -> Self:
        return self._apply(ops.atanh, (self,))

    def relu(self) -> Self:
        return self._apply(ops.relu, (self,))

    def leaky_relu(self, negative_slope: Any = 0.01) -> Self:
        return self._apply(ops.leaky_relu, (self, negative_slope))

    def elu(self, alpha: Any = 1.0) -> Self:
        return self._apply(ops.elu, (self, alpha))

    def selu(self) -> Self:
        return self._apply(ops.selu, (self,))

    def gelu(self) -> Self:
        return self._apply(ops.gelu, (self,))

    def silu(self) -> Self:
        return self._apply(ops.silu, (self,))

    def softplus(self) -> Self:
        return self._apply(ops.softplus, (self,))

    def sigmoid(self) -> Self:
        return self._apply(ops.sigmoid, (self,))

    def log_sigmoid(self) -> Self:
        return self._apply(ops.log_sigmoid, (self,))

    def hardtanh(self) -> Self:
        return self._apply(ops.hardtanh, (self,))

    def relu6(self) -> Self:
        return self._apply(ops.relu6, (self,))

    def step(self) -> Self:
        return self._apply(ops.step, (self,))

    def sign(self) -> Self:
        return self._apply(ops.sign, (self,))

    def floor(self) -> Self:
        return self._apply(ops.floor, (self,))

    def ceil(self) -> Self:
        return self._apply(ops.ceil, (self,))

    def round(self) -> Self:
        return self._apply(ops.round, (self,))

    def erf(self) -> Self:
        return self._apply(ops.erf, (self,))

    def erfc(self) -> Self:
        return self._apply(ops.erfc, (self,))

    def lgamma(self) -> Self:
        return self._apply(ops.lgamma, (self,))

    def sinc(self) -> Self:
        return self._apply(ops.sinc, (self,))

    def abs(self) -> Self:
        return self._apply(ops.abs, (self,))

    def maximum(self, other: Any) -> Self:
        return self._apply(ops.maximum, (self, other))

    def minimum(self, other: Any) -> Self:
        return self._apply(ops.minimum, (self, other))

    def pow(self, exponent: Any) -> Self:
        return self._apply(ops.power, (self, exponent))

    def atan2(self, other: Any) -> Self:
        return self._apply(ops.atan2, (self, other))

    def hypot(self, other: Any) -> Self:
        return self._apply(ops.hypot, (self, other))

    def clip(self, low: Any, high: Any) -> Self:
        return self._apply(ops.clip, (self, low, high))

    def clone(self) -> Self:
        """Return a new node with the same value, which gradients flow through."""
        return self._apply(ops.identity, (self,))
