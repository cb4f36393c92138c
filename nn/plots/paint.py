"""Paint: the colours of the house on axes, light or dark."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from engine.view.formatting import printable, shorten
from engine.view.theme import PALETTE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import LinearSegmentedColormap

# The colour-blind can tell these apart, and a marker of its own goes with each.
SERIES = ("leaf", "focus", "input", "output", "parameter", "muted", "formula", "alarm")
MARKERS = ("o", "^", "s", "D", "v", "P", "X", "p", "*", "<")
LONGEST = 24  # letters of a name
NARROW = 0.5  # decades: too few for ticks at 1, 2 and 5


def literal(name: str) -> str:
    """Return a name so that matplotlib shows what it says, and not a formula or nothing at all.

    >>> literal("cost in $"), literal("row with\\na break")
    ('cost in \\\\$', 'row with↵a break')
    """
    shown = shorten(printable(name), LONGEST).replace("$", r"\$")
    # A legend leaves out what begins with an underscore.
    return "\u200b" + shown if shown.startswith("_") else shown


class Paint:
    """Give the colours of the palette by name, as they are legible on a light or a dark page.

    >>> Paint(dark=False)["leaf"], Paint(dark=True)["leaf"]
    ('#0072b2', '#56b4e9')
    """

    def __init__(self, dark: bool) -> None:
        self.dark = dark

    @classmethod
    def on(cls, ax: Axes) -> Paint:
        """Return the paint for axes, by the colour that is behind them."""
        from matplotlib.colors import to_rgba

        faces = [to_rgba(ax.get_facecolor()), to_rgba(ax.figure.get_facecolor())]
        red, green, blue, _ = next((face for face in faces if face[3] > 0.5), (1, 1, 1, 1))
        # The weights of ITU-R BT.601 for how bright a colour looks.
        return cls(0.299 * red + 0.587 * green + 0.114 * blue < 0.5)

    def __getitem__(self, name: str) -> str:
        colour = PALETTE[name]
        return colour.dark if self.dark else colour.light

    def series(self, place: int) -> str:
        """Return the colour of one of several lines or classes."""
        return self[SERIES[place % len(SERIES)]]

    def ramp(self, *names: str) -> LinearSegmentedColormap:
        """Return a colour map that runs evenly through colours of the palette."""
        from matplotlib.colors import LinearSegmentedColormap

        return LinearSegmentedColormap.from_list("stepgrad", [self[name] for name in names])

    def shade(self, colour: str, share: float) -> tuple[float, float, float]:
        """Return the mixture of the paper with a share of a colour."""
        from matplotlib.colors import to_rgb

        mixed = zip(to_rgb(self["paper"]), to_rgb(colour), strict=True)
        red, green, blue = (low + (high - low) * share for low, high in mixed)
        return red, green, blue

    def logarithmic(self, ax: Axes, which: Literal["x", "y"]) -> None:
        """Give equal ratios equal lengths, with ticks of plain numbers, after all is drawn."""
        from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

        if which == "x":
            ax.set_xscale("log")
        else:
            ax.set_yscale("log")
        axis, (low, high) = (ax.xaxis, ax.get_xlim()) if which == "x" else (ax.yaxis, ax.get_ylim())
        decades = math.log10(high / low)
        ticks = (1, 1.5, 2, 3, 4, 5, 7) if decades < 1 else (1, 2, 5) if decades < 3 else (1,)
        few = decades < NARROW
        axis.set_major_locator(MaxNLocator(6) if few else LogLocator(subs=ticks))
        axis.set_major_formatter("{x:g}")
        axis.set_minor_formatter(NullFormatter())
        axis.set_tick_params(which="minor", color=self["frame"])

    def frame(self, ax: Axes) -> None:
        """Draw the frame of axes lightly, so that the data stand out."""
        for side, spine in ax.spines.items():
            spine.set_visible(side in ("left", "bottom"))
            spine.set_color(self["frame"])
        ax.tick_params(color=self["frame"], labelcolor=self["muted"], labelsize=9)
        ax.grid(color=self["frame"], alpha=0.35, linewidth=0.8)
        ax.set_axisbelow(True)
        for text in (ax.xaxis.label, ax.yaxis.label):
            text.set_color(self["ink"])
        ax.title.set_color(self["ink"])
        ax.title.set_fontsize(11)
