"""The errors of stepgrad: each says what happened, where, and what to do.

Every class is also the built-in that a caller would naturally catch.
"""


class EngineError(Exception):
    """The root of every error that the engine raises on purpose."""


class OperandError(EngineError, TypeError):
    """Something that is not a number met a Value.

    Wrong: ``Value("3")``, ``Value(2.0) + "a"``.
    Right: ``Value(float("3"))``.
    """


class NumberError(EngineError, ValueError):
    """An argument is of the right type but cannot be used, as ``Value(10**400)``."""


class ShapeError(EngineError, ValueError):
    """Sequences or arrays do not fit together; the message holds both shapes."""


class NotScalarError(ShapeError, RuntimeError):
    """A Tensor of many elements, or of none, stood where one number is needed.

    Wrong: ``(t * 2).backward()``, ``if t:``.
    Right: ``(t * 2).sum().backward()``, ``if (t.data > 0).all():``.
    """


class IndexingError(EngineError, IndexError):
    """An index does not fit an array: it is out of range, or of too many axes.

    Wrong: ``t[3]`` of a Tensor of shape (3,), a mask of another shape.
    Right: ``t[2]``, ``t[t > 0]``.
    """


class GraphError(EngineError, RuntimeError):
    """The graph cannot do what was asked, as ``backward()`` on a constant."""


class NonFiniteError(EngineError, FloatingPointError):
    """Under ``detect_anomaly()``, an op made the first nan or inf of a graph."""


class PrimitiveError(EngineError, RuntimeError):
    """A user's primitive broke its contract; the message names the primitive."""


class MissingGraphviz(EngineError, RuntimeError):  # noqa: N818 (it says what is missing)
    """A picture was wanted, and there is neither the program ``dot`` nor pygraphviz.

    Right: install Graphviz, or ``pip install "stepgrad[dot]"``.
    """


class MissingExtra(EngineError, ImportError):  # noqa: N818 (it says what is missing)
    """A part of stepgrad needs a package that is not installed; the message names the extra.

    Right: ``pip install "stepgrad[testing]"``.
    """


class GradientError(EngineError, AssertionError):
    """A gradient is wrong, or could not be judged; `report` holds what was found."""

    def __init__(self, report: object) -> None:
        super().__init__(str(report))
        self.report = report


class MismatchError(EngineError, AssertionError):
    """A function does not do what the one it is compared with does; the message says where."""
