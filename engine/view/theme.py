"""Shapes and colours, after the palette of Okabe and Ito, which the colour-blind can tell apart.

No colour stands alone: each kind of node has a shape of its own, and nan and inf are in bold.
Source of the palette: M. Okabe, K. Ito, "Color Universal Design" (2008).
"""

from __future__ import annotations

from typing import NamedTuple

FONT = "Helvetica,Arial,sans-serif"  # all of one width, so that Graphviz measures what is shown


class Colour(NamedTuple):
    """A colour on a light page and on a dark one. No two share the light one."""

    light: str
    dark: str


SHADES = 6  # of an activation, from the paper's colour to the full one

PALETTE = {
    "paper": Colour("#ffffff", "#0d1117"),
    "ink": Colour("#1c2128", "#e8edf2"),
    "muted": Colour("#5b6673", "#9aa7b4"),
    "line": Colour("#87929f", "#71808f"),
    "formula": Colour("#0060a0", "#6cb8f0"),
    "alarm": Colour("#c40018", "#ff7b85"),
    "carried": Colour("#a2527f", "#e29cc5"),
    "focus": Colour("#d55e00", "#ff9d4d"),
    "frame": Colour("#b3bdc8", "#48535f"),
    "frame fill": Colour("#fafbfc", "#13181f"),
    "op": Colour("#6b7785", "#8593a1"),
    "op fill": Colour("#f4f6f8", "#222930"),
    "output": Colour("#b0568a", "#e29cc4"),
    "output fill": Colour("#fbeef5", "#3a2432"),
    "leaf": Colour("#0072b2", "#56b4e9"),
    "leaf fill": Colour("#e0f0fb", "#14303f"),
    "parameter": Colour("#b57a00", "#e69f00"),
    "parameter fill": Colour("#fdf2d9", "#3a2c0c"),
    "input": Colour("#008a65", "#2cc79a"),
    "input fill": Colour("#dcf3ec", "#10332a"),
    "constant": Colour("#8a8a8a", "#9b9b9b"),
    "constant fill": Colour("#f0f0ee", "#2b2b2a"),
    "neuron": Colour("#6b7786", "#8593a2"),
    "neuron fill": Colour("#f5f6f8", "#222931"),
    "positive": Colour("#0072b3", "#56b4ea"),
    "negative": Colour("#d55e01", "#ff9d4e"),
    # Vermilion and green, dark enough for small text on light pages.
    "minus": Colour("#b34700", "#ff9d4d"),
    "right": Colour("#00735a", "#2cc79a"),
    "group": Colour("#4a5562", "#a4b1be"),
    "group fill": Colour("#e9edf2", "#2a323b"),
}


def _mixed(paper: str, ink: str, share: float) -> str:
    """Return the colour between two, as "#rrggbb"."""
    pairs = ((int(paper[i : i + 2], 16), int(ink[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(low + (high - low) * share):02x}" for low, high in pairs)


# A fill has to hide what is drawn beneath it, so these are mixed, and not transparent; and text
# has to be read on the strongest.
PALETTE |= {
    f"{sign} {shade}": Colour(
        _mixed(PALETTE["paper"].light, PALETTE[sign].light, shade / (SHADES + 2)),
        _mixed(PALETTE["paper"].dark, PALETTE[sign].dark, shade / (SHADES + 5)),
    )
    for sign in ("positive", "negative")
    for shade in range(1, SHADES + 1)
}


class Look(NamedTuple):
    """How a kind of node is drawn, and what that means."""

    shape: str
    style: str
    margin: str  # between text and outline, in inches
    meaning: str
    peripheries: int = 1


LOOKS = {
    "op": Look("box", "rounded,filled", "0.08,0.04", "result of an op"),
    "output": Look("box", "rounded,filled", "0.08,0.04", "output", 2),
    "leaf": Look("ellipse", "filled", "0,0", "leaf: a gradient ends here"),
    "parameter": Look("component", "filled", "0.1,0.04", "parameter of a module"),
    "input": Look("cds", "filled", "0.14,0.14", "input"),
    "constant": Look("note", "filled", "0.08,0.04", "constant"),
    "neuron": Look("circle", "filled", "0,0", "neuron"),
    "group": Look("folder", "filled", "0.12,0.08", "several nodes in one"),
}


def light(name: str) -> str:
    """Return a colour of the palette as it is on a light page."""
    return PALETTE[name].light
