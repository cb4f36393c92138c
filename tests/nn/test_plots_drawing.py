"""What holds for every display: legible and whole, and nothing else touched."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from displays import MAKERS, curves

from engine.errors import OperandError
from nn.plots import ConfusionMatrixDisplay, LossCurveDisplay
from nn.plots.display import Display, figure_of, new_axes, png

matplotlib = pytest.importorskip("matplotlib")
pytestmark = pytest.mark.slow(reason="matplotlib draws every display many times")

every_display = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


def texts_of(figure: Any) -> list[Any]:
    """Return the texts of a figure that are drawn: not those of ticks beyond the axis."""
    figure.draw_without_rendering()
    beyond = []
    for axis in [axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)]:
        low, high = sorted(axis.get_view_interval())
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
            if not axis.axes.axison or not low <= tick.get_loc() <= high:
                beyond += [tick.label1, tick.label2]
    return [
        text
        for text in figure.findobj(matplotlib.text.Text)
        if text.get_visible() and text.get_text().strip() and text not in beyond
    ]


def luminance(colour: Any) -> float:
    """Return the relative luminance of a colour, as WCAG 2.1 defines it."""
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in matplotlib.colors.to_rgb(colour)
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@every_display
def test_plot_returns_the_display_with_its_axes_and_touches_nothing_global(
    make: Callable[[], Display],
) -> None:
    from matplotlib import pyplot

    before = dict(matplotlib.rcParams)
    display = make()
    assert display.plot() is display
    assert display.ax_ in display.figure_.axes
    assert pyplot.get_fignums() == []
    assert dict(matplotlib.rcParams) == before


@every_display
def test_given_axes_are_drawn_on_and_no_figure_is_made(make: Callable[[], Display]) -> None:
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2)
    try:
        display = make().plot(ax=right)
        assert display.ax_ is right
        assert display.figure_ is figure
        assert not left.has_data()
        assert right.has_data()
        assert pyplot.get_fignums() == [figure.number]
        assert list(display._repr_mimebundle_()[0]) == ["text/plain"]  # the user's own figure
    finally:
        pyplot.close(figure)


@every_display
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_all_text_is_inside_the_figure_and_stands_out(
    make: Callable[[], Display], dark: bool
) -> None:
    figure = make().plot(dark=dark).figure_
    paper = luminance(figure.get_facecolor())
    assert (paper < 0.1) is dark
    whole = figure.bbox
    for text in texts_of(figure):
        box = text.get_window_extent()
        label = text.get_text()
        assert box.x0 >= whole.x0 - 0.5, label  # half a pixel, for glyphs are not on the grid
        assert box.y0 >= whole.y0 - 0.5, label
        assert box.x1 <= whole.x1 + 0.5, label
        assert box.y1 <= whole.y1 + 0.5, label
        if text.axes is None or not text.axes.images or text not in text.axes.texts:
            own = luminance(text.get_color())
            ratio = (max(own, paper) + 0.05) / (min(own, paper) + 0.05)
            assert ratio >= 4.5, label  # WCAG 2.1, level AA


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_counts_stand_out_on_every_shade(dark: bool) -> None:
    shares = range(1, 100)
    display = ConfusionMatrixDisplay([[k, 100 - k] for k in shares], ("one", "other"))
    ax = display.plot(dark=dark).ax_
    (image,) = ax.images
    for text in ax.texts:
        column, row = text.get_position()
        behind = luminance(image.to_rgba(image.get_array())[row, column])
        own = luminance(text.get_color())
        assert (max(own, behind) + 0.05) / (min(own, behind) + 0.05) >= 4.5  # WCAG 2.1, level AA


@pytest.mark.parametrize("losses", [(1.4, 2.4), (0.9, 1.1), (0.3, 2.0), (0.02, 1.0), (1e-6, 1.0)])
def test_axes_of_equal_ratios_have_several_numbers(losses: tuple[float, float]) -> None:
    ax = LossCurveDisplay([1.0, 2.0], {"training": list(losses)}, "loss", None).plot(log=True).ax_
    low, high = ax.get_ylim()
    assert sum(low <= tick <= high for tick in ax.yaxis.get_majorticklocs()) >= 3


@every_display
def test_the_same_display_gives_the_same_bytes(make: Callable[[], Display]) -> None:
    display = make()
    assert png(display.plot().figure_, 0.5) == png(display.plot().figure_, 0.5)


@every_display
def test_a_notebook_shows_the_picture_at_the_size_of_its_figure(
    make: Callable[[], Display],
) -> None:
    display = make()
    data, details = display._repr_mimebundle_()
    assert sorted(data) == ["image/png", "text/plain"]
    assert data["text/plain"] == repr(display)
    assert repr(display).startswith(f"<{type(display).__name__}: ")
    width = int.from_bytes(data["image/png"][16:20], "big")  # of a PNG's header
    assert width == 2 * details["image/png"]["width"]


@every_display
def test_on_dark_axes_of_the_user_the_colours_are_the_dark_ones(
    make: Callable[[], Display],
) -> None:
    (ax,) = new_axes((5.0, 4.0), dark=True)
    (other,) = new_axes((5.0, 4.0), dark=False)
    make().plot(ax=ax)
    make().plot(ax=other)
    dark = {str(line.get_color()) for line in ax.lines}
    light = {str(line.get_color()) for line in other.lines}
    assert dark.isdisjoint(light)


def test_what_is_no_axes_is_an_error() -> None:
    with pytest.raises(OperandError, match=r"ax takes axes, .* got str"):
        curves().plot(ax="left")  # type: ignore[arg-type]


def test_axes_of_a_part_of_a_figure_know_the_whole() -> None:
    figure = figure_of(new_axes((4.0, 3.0))[0])
    part, _ = figure.subfigures(1, 2)
    assert curves().plot(ax=part.subplots()).figure_ is figure


# ----- Without matplotlib ------------------------------------------------------------------------


def run(program: str) -> str:
    """Run a program in a process of its own, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_importing_plots_imports_neither_matplotlib_nor_numpy() -> None:
    program = "import sys, nn.plots, nn.report; print({'matplotlib', 'numpy'} & set(sys.modules))"
    assert run(program) == "set()\n"


def test_without_matplotlib_displays_compute_and_the_error_names_the_extra() -> None:
    program = """
import sys
sys.modules["matplotlib"] = None  # so that importing it fails
from nn.plots import ConfusionMatrixDisplay
display = ConfusionMatrixDisplay.from_predictions([0, 1], [0, 0])
print(display.counts)
try:
    display.plot()
except ImportError as error:
    print(type(error).__name__, error)
"""
    assert run(program).splitlines() == [
        "[[1, 1], [0, 0]]",
        'MissingPackageError plots are drawn with matplotlib: pip install "stepgrad[plots]"',
    ]
