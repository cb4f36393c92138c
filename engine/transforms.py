"""Functions of functions: grad, value_and_grad, jacobian, hessian, hvp, jvp, vjp.

They take and give nested lists, tuples and dicts of numbers and arrays, and compose to any order.
Numbers in give numbers out, and arrays arrays; with Values or Tensors in, or inside another
transform, Values and Tensors come out, with the graph of the derivative under them. Inside, the
function meets a Value in place of each number, and a Tensor in place of each array. No `.grad` is
read or written, whatever a function closes over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any, TypeAlias

from engine.errors import NumberError, OperandError, ShapeError
from engine.modes import enable_grad
from engine.node import COUNTERS, Node
from engine.op import is_array
from engine.pullback import pull, push
from engine.trees import each, leaves, replace
from engine.value import Value

Argnums: TypeAlias = int | Sequence[int]

# How many transforms are running around this point: inside one, results stay Values.
DEPTH: ContextVar[int] = ContextVar("stepgrad_transform_depth", default=0)


class Recording:
    """One call of a function, recorded from fresh variables in place of some of its arguments."""

    def __init__(
        self,
        function: Callable[..., Any],
        arguments: Sequence[Any],
        argnums: Argnums,
        keywords: dict[str, Any],
        name: str,
    ) -> None:
        if not callable(function):
            raise OperandError(
                f"{name}() takes a function, got a {type(function).__name__}: for the gradient of "
                "what is computed already, call its backward() and read .grad"
            )
        self.name = name
        self.positions = _positions(argnums, len(arguments), name)
        numbers = [
            leaves(argument, f"{name}: argument {i}") for i, argument in enumerate(arguments)
        ]
        self.nested = DEPTH.get() > 0 or any(
            isinstance(leaf, Node) for group in numbers for leaf in group
        )
        depth = DEPTH.set(DEPTH.get() + 1)
        try:
            with enable_grad():
                self.floor = COUNTERS.created
                self.inputs = [each(arguments[i], _variable) for i in self.positions]
                self.variables = [leaf for tree in self.inputs for leaf in leaves(tree)]
                arguments = list(arguments)
                for i, tree in zip(self.positions, self.inputs, strict=True):
                    arguments[i] = tree
                self.output = function(*arguments, **keywords)
        finally:
            DEPTH.reset(depth)
        self.results = leaves(self.output, f"{name}: the function's result")
        self.single = isinstance(argnums, int)

    def gradient(self, seeds: Sequence[Any]) -> Any:
        """Return the inputs' gradient for one seed a result, shaped as the inputs."""
        gradients = pull(self.results, seeds, self.variables, self.floor, self.nested)
        return self.shaped(gradients)

    def row(self, i: int) -> Any:
        """Return the derivatives of the i-th result: of an array, those of each element."""
        seeds: list[Any] = [0.0] * len(self.results)
        result = self.results[i]
        if not is_array(result):
            seeds[i] = 1.0
            return self.gradient(seeds)
        from engine.arrays import leaves  # NumPy is loaded for arrays only

        rows = []
        for unit in leaves.units(result):
            seeds[i] = unit
            rows.append(pull(self.results, seeds, self.variables, self.floor, self.nested))
        return self.shaped(
            [
                leaves.gathered([row[k] for row in rows], result.shape, variable)
                for k, variable in enumerate(self.variables)
            ]
        )

    def shaped(self, numbers: Sequence[Any]) -> Any:
        """Return one number an input in the shape of the inputs: of the one input if argnums is."""
        supply = iter(numbers)
        trees = tuple([replace(tree, supply) for tree in self.inputs])
        return trees[0] if self.single else trees

    def value(self) -> Any:
        """Return what the function returned: as numbers, unless this is nested."""
        return each(self.output, self.plain)

    def plain(self, result: Any) -> Any:
        """Return a result as a number, unless this is nested."""
        if self.nested:
            return result
        if is_array(result):
            from engine.arrays import leaves  # NumPy is loaded for arrays only

            return leaves.plain(result)
        return result.data if isinstance(result, Value) else float(result)

    def scalar(self) -> None:
        """Raise unless the function returned one number."""
        if is_array(self.output) and self.output.shape != ():
            raise ShapeError(
                f"{self.name}() differentiates functions of one number's value, and this one "
                f"returned an array of shape {self.output.shape}: reduce it, as by sum(), or use "
                "jacobian()"
            )
        if isinstance(self.output, list | tuple | dict):
            raise ShapeError(
                f"{self.name}() differentiates functions of one number's value, and this one "
                f"returned a {type(self.output).__name__} of {len(self.results)}: use jacobian()"
            )


def grad(function: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """Return the function that computes the gradient of a function of one number's value.

    Args:
        function: takes nested lists, tuples and dicts of numbers; returns one number.
        argnums: the position of the argument to differentiate for, or several.

    The gradient has the shape of that argument; with several argnums it is a tuple.

    >>> from engine import sin
    >>> grad(lambda x: x**3)(2.0), grad(grad(grad(sin)))(0.0)
    (12.0, -1.0)
    >>> grad(lambda p: p["w"][0] * p["w"][1] + p["b"])({"w": [2.0, 3.0], "b": 1.0})
    {'w': [3.0, 2.0], 'b': 1.0}
    """

    def gradient(*arguments: Any, **keywords: Any) -> Any:
        recording = Recording(function, arguments, argnums, keywords, "grad")
        recording.scalar()
        return recording.gradient([1.0])

    return gradient


def value_and_grad(function: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """Return the function that computes a function's value and its gradient in one pass.

    Args:
        function: as for `grad`.
        argnums: as for `grad`.

    >>> value_and_grad(lambda x: x**3)(2.0)
    (8.0, 12.0)
    """

    def both(*arguments: Any, **keywords: Any) -> tuple[Any, Any]:
        recording = Recording(function, arguments, argnums, keywords, "value_and_grad")
        recording.scalar()
        return recording.value(), recording.gradient([1.0])

    return both


def jacobian(function: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """Return the function that computes every derivative of every result.

    Args:
        function: takes and returns nested lists, tuples and dicts of numbers.
        argnums: as for `grad`.

    Each number of the function's result is replaced by its gradient, and each array, of shape s,
    by an array of shape s + t for an array of shape t that it is differentiated for.

    >>> jacobian(lambda v: [v[0] * v[1], v[0] + v[1]])([2.0, 3.0])
    [[3.0, 2.0], [1.0, 1.0]]
    """

    def rows(*arguments: Any, **keywords: Any) -> Any:
        recording = Recording(function, arguments, argnums, keywords, "jacobian")
        gradients = [recording.row(i) for i in range(len(recording.results))]
        return replace(recording.output, iter(gradients))

    return rows


def hessian(function: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """Return the function that computes every second derivative of a function of one value.

    Args:
        function: as for `grad`.
        argnums: as for `grad`.

    >>> hessian(lambda v: v[0] ** 2 * v[1])([2.0, 3.0])
    [[6.0, 4.0], [4.0, 0.0]]
    """
    return jacobian(grad(function, argnums), argnums)


def jvp(
    function: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]
) -> tuple[Any, Any]:
    """Return a function's value and its derivative along a direction, in forward mode.

    Args:
        function: takes and returns nested lists, tuples and dicts of numbers.
        primals: the arguments, as a tuple.
        tangents: the direction, as a tuple; one of the shape of each argument.

    Raises:
        OperandError: the primals or the tangents are no tuple and no list.
        ShapeError: the tangents are not shaped as the primals.

    >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 10.0))
    (6.0, 23.0)
    """
    _check_arguments(primals, tangents, "jvp")
    return _pushed(function, primals, tangents, "jvp")


def vjp(function: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[[Any], Any]]:
    """Return a function's value and the function that pulls a cotangent back to the arguments.

    Args:
        function: takes and returns nested lists, tuples and dicts of numbers.
        primals: the arguments.

    The second takes a cotangent shaped as the value and gives a tuple, one gradient an argument.

    >>> value, pullback = vjp(lambda x, y: x * y, 2.0, 3.0)
    >>> value, pullback(1.0)
    (6.0, (3.0, 2.0))
    """
    recording = Recording(function, primals, range(len(primals)), {}, "vjp")

    def pullback(cotangent: Any) -> Any:
        seeds = _matching(cotangent, recording.output, "vjp", "the cotangent", "the value")
        return recording.gradient(seeds)

    return recording.value(), pullback


def hvp(
    function: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]
) -> tuple[Any, ...]:
    """Return the Hessian of a function of one value times a vector, without the Hessian.

    Args:
        function: takes nested lists, tuples and dicts of numbers; returns one number.
        primals: the arguments, as a tuple.
        tangents: the vector, as a tuple; one of the shape of each argument.

    Raises:
        OperandError: the primals or the tangents are no tuple and no list.
        ShapeError: the tangents are not shaped as the primals.

    Forward mode over reverse mode (Pearlmutter 1994). The result is a tuple, shaped as primals.

    >>> hvp(lambda v: v[0] ** 2 * v[1], ([2.0, 3.0],), ([1.0, 0.0],))
    ([6.0, 4.0],)
    """
    _check_arguments(primals, tangents, "hvp")
    gradient = grad(function, range(len(primals)))
    product: tuple[Any, ...] = _pushed(gradient, primals, tangents, "hvp")[1]
    return product


def _check_arguments(primals: Any, tangents: Any, name: str) -> None:
    for what, given in (("primals", primals), ("tangents", tangents)):
        if not isinstance(given, tuple | list):
            raise OperandError(
                f"{name}() takes its {what} as a tuple, one for each argument of the function, "
                f"got {type(given).__name__}: for a single one write (x,)"
            )


def _pushed(
    function: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], name: str
) -> tuple[Any, Any]:
    """Return a function's value and its derivative along a direction, for a transform's name."""
    recording = Recording(function, primals, range(len(primals)), {}, name)
    directions = _matching(tangents, list(primals), name, "tangents", "primals")
    nested = recording.nested or any(isinstance(d, Node) for d in directions)
    slopes = push(recording.results, recording.variables, directions, recording.floor, nested)
    return recording.value(), replace(recording.output, iter(slopes))


def _variable(leaf: Any) -> Any:
    """Return a node of its own for an input, linked to the node it came from, if from one."""
    if is_array(leaf):
        from engine.arrays import leaves  # NumPy is loaded for arrays only

        return leaves.variable(leaf)
    if isinstance(leaf, Value) and leaf.requires_grad:
        return leaf.clone()
    return Value(leaf.data if isinstance(leaf, Value) else leaf)


def _positions(argnums: Argnums, count: int, name: str) -> list[int]:
    wanted = [argnums] if isinstance(argnums, int) else argnums
    if not isinstance(wanted, Sequence) or not all(isinstance(i, int) for i in wanted):
        raise OperandError(
            f"{name}: argnums is the position of an argument, or several as a tuple, got "
            f"{argnums!r}"
        )
    for i in wanted:
        if not -count <= i < count:
            raise NumberError(f"{name}: argnums names argument {i}, and the call has {count}")
    positions = [i % count for i in wanted]
    if len(set(positions)) < len(positions):
        raise NumberError(f"{name}: argnums names an argument twice: {wanted}")
    return positions


def _matching(tree: Any, model: Any, name: str, what: str, model_name: str) -> list[Any]:
    """Return the leaves of a tree that has to have as many as its model."""
    numbers, wanted = leaves(tree, f"{name}: {what}"), leaves(model)
    if len(numbers) != len(wanted):
        raise ShapeError(
            f"{name}: {what} must be shaped as {model_name}: got {len(numbers)} numbers for "
            f"{len(wanted)}"
        )
    for number, other in zip(numbers, wanted, strict=True):
        shapes = [x.shape if is_array(x) else () for x in (number, other)]
        if shapes[0] != shapes[1]:
            raise ShapeError(
                f"{name}: {what} must be shaped as {model_name}: got an array of shape {shapes[0]} "
                f"for one of shape {shapes[1]}"
            )
    return [
        number if isinstance(number, Node) or is_array(number) else float(number)
        for number in numbers
    ]
