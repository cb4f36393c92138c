"""@gradtest: the tests of one function or op, for pytest to collect or for you to run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.errors import OperandError
from engine.op import Kink, Op

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

EXAMPLES = {"quick": 20, "default": 100, "thorough": 1000}
"""How many inputs a case tries, by the name of the profile."""


class Case(NamedTuple):
    """One test of a battery.

    Args:
        name: what it is about, as ``"domain"`` or ``"kink=0"``.
        run: tries that many examples; raises an AssertionError that says what is wrong.
    """

    name: str
    run: Callable[[int], None]


class GradTest:
    """The tests of one subject; made by `gradtest`.

    Args:
        subject: a function of Values, or an op.
        inputs: a strategy for each argument of the subject; None takes ready ones.
        order: up to which order derivatives are checked.
        kinks: points with a promised gradient beside those of an op's row.
        keywords: what `check_gradients` gets beside these.
        line: the line of the file that made it.

    It can be called as the subject is.
    """

    def __init__(
        self,
        subject: Callable[..., Any],
        inputs: Sequence[SearchStrategy[Any]] | None,
        order: int,
        kinks: Sequence[Kink],
        keywords: dict[str, Any],
        line: int,
    ) -> None:
        self.subject = subject
        self.inputs = inputs
        self.order = order
        self.kinks = (*getattr(subject, "kinks", ()), *kinks)
        self.keywords = keywords
        self.line = line
        self.name: str = subject.name if isinstance(subject, Op) else subject.__name__
        self.__name__ = self.name  # pytest marks what has a name
        self.__doc__ = subject.__doc__

    def __call__(self, *operands: Any) -> Any:
        """Call the subject."""
        return self.subject(*operands)

    def __repr__(self) -> str:
        return f"<gradtest of {self.name}>"

    def cases(self) -> Iterator[Case]:
        """Yield the tests: each order, programs, values, kinks, nan, side effects."""
        from engine.testing import cases  # Hypothesis, which only who runs tests needs

        return cases.cases(self)

    def run(self, examples: int = EXAMPLES["default"]) -> None:
        """Run all tests without pytest; the first that fails raises.

        Args:
            examples: how many inputs each tries.
        """
        for case in self.cases():
            case.run(examples)


def gradtest(
    subject: Callable[..., Any] | None = None,
    /,
    *,
    inputs: Sequence[SearchStrategy[Any]] | None = None,
    order: int = 2,
    kinks: Sequence[Kink] = (),
    **keywords: Any,
) -> Any:
    """Test the gradients of a function or an op, as a decorator or by name.

    Args:
        subject: a function of Values, a primitive, or an op of `engine`.
        inputs: a strategy for each argument; if not given, an op gets operands of any size in its
            domain, and a function numbers between -10 and 10.
        order: 1, 2 or 3: up to which order derivatives are checked.
        kinks: points with their promised values and gradients, beside those of an op's row.
        keywords: what `check_gradients` takes: oracle, rtol, atol, seed.

    Raises:
        OperandError: the subject is no function.

    pytest collects what this returns under readable names, as ``tanh[domain]``, ``tanh[second]``,
    ``tanh[programs]``, ``relu[kink=0]``. One line tests a primitive of your own::

        @gradtest
        @primitive(lambda out, x: 3 * x * x)
        def cube(x):
            return x * x * x

    >>> from engine import tanh
    >>> [case.name for case in gradtest(tanh).cases()]
    ['domain', 'second', 'programs', 'values', 'nan', 'side effects']
    """
    line = sys._getframe(1).f_lineno

    def make(subject: Callable[..., Any]) -> GradTest:
        if not callable(subject) or isinstance(subject, type):
            raise OperandError(f"gradtest() takes a function or an op, got {subject!r}")
        return GradTest(subject, inputs, order, kinks, keywords, line)

    return make if subject is None else make(subject)
