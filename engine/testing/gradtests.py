"""@gradtest: the tests of one function or op, for pytest to collect or for you to run."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.errors import OperandError
from engine.op import Kink, Op
from engine.testing.callables import as_function, misfit, number_of
from engine.testing.check import settings_of
from engine.testing.paths import name_of

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

EXAMPLES = {"quick": 20, "default": 100, "thorough": 1000}
"""How many inputs a case tries, by the name of the profile."""
KEYWORDS = ("oracle", "rtol", "atol", "seed", "vjp")  # what is passed on to `check_gradients`


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
        self.name = name_of(subject)
        self.__name__ = self.name  # pytest marks what has a name
        self.__doc__ = subject.__doc__

    def __call__(self, *operands: Any) -> Any:
        """Call the subject."""
        return self.subject(*operands)

    def __repr__(self) -> str:
        return f"<gradtest of {self.name}>"

    @property
    def parameters(self) -> list[inspect.Parameter]:
        """The parameters that inputs are drawn for: those without a default."""
        named = inspect.signature(self.subject).parameters.values()
        taken = [p for p in named if p.kind not in (p.KEYWORD_ONLY, p.VAR_KEYWORD)]
        return [p for p in taken if p.default is p.empty]

    def check(self) -> None:
        """Raise an OperandError unless the subject takes the inputs that it gets."""
        if isinstance(self.subject, Op):
            return
        parameters = self.parameters
        if parameters and parameters[0].name in ("self", "cls"):
            raise OperandError(
                f"{self.name} is a method, and gradtest() draws every argument: make it a "
                "@staticmethod, or give gradtest() the method of an object, as gradtest(model.loss)"
            )
        count = len(parameters) if self.inputs is None else len(self.inputs)
        unfit = misfit(self.subject, count, number_of(count))
        if unfit is not None:
            raise unfit
        if not count:
            raise OperandError(f"{self.name} takes no input that there is a gradient for")

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
        keywords: what `check_gradients` takes: oracle, rtol, atol, seed; and vjp, for a function of
            NumPy arrays, which has first derivatives alone.

    Raises:
        OperandError: the subject is no function of so many inputs, or it is a method.
        NumberError: an order, an oracle, a tolerance or a seed is none.

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
    unknown = keywords.keys() - KEYWORDS
    if unknown:
        raise OperandError(
            f"gradtest() takes inputs, order, kinks, {', '.join(KEYWORDS)}; not {min(unknown)}"
        )
    settings_of(order, **{name: x for name, x in keywords.items() if name != "vjp"})  # which raises
    if inputs is not None:
        _check_inputs(inputs)
    for kink in kinks:
        if not isinstance(kink, Kink):
            raise OperandError(
                f"kinks= takes engine.op.Kink, as Kink((0.0,), 0.0, (1.0,)); got {kink!r}"
            )

    def make(subject: Callable[..., Any]) -> GradTest:
        if not callable(subject) or isinstance(subject, type):
            raise OperandError(f"gradtest() takes a function or an op, got {subject!r}")
        as_function(subject, "the subject of gradtest()")
        test = GradTest(subject, inputs, order, kinks, keywords, line)
        test.check()
        return test

    return make if subject is None else make(subject)


def _check_inputs(inputs: Any) -> None:
    from hypothesis.strategies import SearchStrategy

    if not isinstance(inputs, Sequence) or not all(isinstance(x, SearchStrategy) for x in inputs):
        raise OperandError(
            f"inputs= takes a list with one strategy of Hypothesis an argument, as [values()]; got "
            f"{inputs!r}"
        )
