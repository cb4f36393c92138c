"""What `Tensor.data` gives: the array, which may be read and not be written into."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from engine.errors import GraphError


class DataView(np.ndarray):
    """A view of a Tensor's array that cannot be written into.

    A graph may hold the array: writing into it would make gradients wrong in silence. So
    ``t.data[0] = 1`` is an error, while ``t.data -= step`` computes a new array, which the Tensor
    then takes; whatever is computed from a view is a plain array.
    """

    base = None  # which could be written into

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if any(isinstance(out, DataView) for out in options.get("out", ())):
            refuse()
        plain = [_plain(x) for x in inputs]
        return getattr(ufunc, method)(*plain, **options)

    def __setitem__(self, key: Any, item: Any) -> NoReturn:
        refuse()

    def _refuse(self, *arguments: Any, **options: Any) -> NoReturn:
        refuse()

    fill = put = sort = partition = setfield = resize = _refuse

    def setflags(self, write: Any = None, align: Any = None, uic: Any = None) -> None:
        """Set the flags of the view, but for the one that would let it be written into."""
        if write:
            refuse()
        super().setflags(write=write, align=align, uic=uic)

    def copy(self, order: Any = "C") -> Any:
        """Return a plain array of one's own, to write into."""
        return np.array(_plain(self), order=order)

    def __copy__(self) -> Any:
        return self.copy()

    def __deepcopy__(self, memo: Any) -> Any:
        return self.copy()

    def __reduce_ex__(self, protocol: Any) -> Any:
        return _plain(self).__reduce_ex__(protocol)


def refuse() -> NoReturn:
    """Raise the error for writing into the data of a Tensor."""
    raise GraphError(
        "the data of a Tensor cannot be written into, for a graph may hold the array: assign a "
        "whole array, as t.data = array or t.data -= step, or change a copy, t.data.copy()"
    )


def view_of(array: NDArray[Any]) -> DataView:
    """Return a view of an array that cannot be written into.

    >>> v = view_of(np.zeros(2))
    >>> v -= 1.0
    >>> v
    array([-1., -1.])
    """
    view = array.view(DataView)
    view.flags.writeable = False
    return view


def _plain(x: Any) -> Any:
    return x.view(np.ndarray) if isinstance(x, DataView) else x


def _out_of_place(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def operate(self: DataView, other: Any) -> Any:
        return function(_plain(self), other)

    return operate


for _name in ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"]:
    setattr(DataView, f"__i{_name}__", _out_of_place(getattr(operator, f"__{_name}__")))
