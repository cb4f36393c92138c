"""Display: data that was computed once, and is drawn on axes as often as one likes."""

from __future__ import annotations

from collections.abc import Container, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any, ClassVar

from engine.errors import OperandError
from nn.errors import MissingPackageError
from nn.plots.paint import Paint

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

APART = 0.06  # of the width of axes, that is left between two
SHARPNESS = 2  # pixels of a notebook's picture for each that it takes on the page


class Display:
    """Hold what a plot shows; `from_...` computes it, `plot` draws it.

    The convention is that of scikit-learn's Display classes: after `plot` the picture is in `ax_`
    and `figure_`, and nothing is shown. Without an `ax` it is drawn on a figure of its own, which
    pyplot does not know: nothing has to be closed, and a notebook shows the display itself. With
    an `ax`, as of `plt.subplots()`, it is drawn there in colours that fit the axes' own.
    """

    size: ClassVar[tuple[float, float]] = (6.4, 4.0)  # of a figure of its own, in inches
    ax_: Axes
    figure_: Figure
    _own: bool  # whether the figure was made here

    def plot(self, ax: Axes | None = None, *, dark: bool = False) -> Any:
        """Draw it; each display does so in its own way."""
        raise NotImplementedError(f"{type(self).__name__} has no plot(); define it")

    def _begin(self, ax: Axes | None, dark: bool) -> tuple[Axes, Paint]:
        """Return the axes to draw on, with the colours that are legible there."""
        self._own = ax is None
        self.ax_ = new_axes(self.size, dark)[0] if ax is None else checked_axes(ax)
        self.figure_ = figure_of(self.ax_)
        return self.ax_, Paint.on(self.ax_)

    def _repr_mimebundle_(
        self, include: Container[str] | None = None, exclude: Container[str] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the picture as a notebook shows it, unless it is drawn on axes of the user's."""
        if "figure_" not in vars(self):
            self.plot()
        if not self._own:
            return {"text/plain": repr(self)}, {}
        width, height = (
            round(inches * self.figure_.dpi) for inches in self.figure_.get_size_inches()
        )
        data = {"image/png": png(self.figure_, SHARPNESS), "text/plain": repr(self)}
        return data, {"image/png": {"width": width, "height": height}}


def figure_class() -> type[Figure]:
    """Return matplotlib's Figure; MissingPackageError if it is not installed."""
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise MissingPackageError(
            'plots are drawn with matplotlib: pip install "stepgrad[plots]"'
        ) from error
    return Figure


def new_axes(
    size: tuple[float, float], dark: bool = False, widths: Sequence[float] = (1,)
) -> list[Axes]:
    """Return axes side by side on a figure of their own, which no window and no registry knows.

    Args:
        size: of the figure, in inches.
        dark: whether it is dark.
        widths: of the axes, as shares.

    Raises:
        MissingPackageError: matplotlib is not installed.
    """
    paint = Paint(dark)
    make = figure_class()
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    layout = ConstrainedLayoutEngine(wspace=APART)
    figure = make(figsize=size, dpi=100, layout=layout, facecolor=paint["paper"])
    axes: list[Axes] = list(figure.subplots(1, len(widths), width_ratios=widths, squeeze=False)[0])
    for ax in axes:
        ax.set_facecolor(paint["paper"])
        paint.frame(ax)
    return axes


def checked_axes(ax: Any) -> Axes:
    """Return what was given to draw on, if it is axes."""
    if not hasattr(ax, "set_xlabel"):
        raise OperandError(
            f"ax takes axes, as `figure, ax = plt.subplots()` gives them, got {type(ax).__name__}"
        )
    axes: Axes = ax
    return axes


def figure_of(ax: Axes) -> Figure:
    """Return the figure that axes are on, at the top of all its parts."""
    top: Figure = ax.figure.figure  # a figure is its own, and a part of one knows the whole
    return top


def png(figure: Figure, sharpness: float = 1) -> bytes:
    """Return a figure as PNG; the same figure gives the same bytes."""
    file = BytesIO()
    figure.savefig(file, format="png", dpi=sharpness * figure.dpi, metadata={"Software": None})
    return file.getvalue()
