"""The palette: what is drawn in it can be told from what it is drawn on, light and dark."""

from __future__ import annotations

import pytest
from contrast import contrast, rgb

from engine.view.theme import LOOKS, PALETTE, SHADES

FILLS = [f"{kind} fill" for kind in LOOKS]
STRONGEST = [f"{sign} {SHADES}" for sign in ("positive", "negative")]
GROUNDS = ["paper", "frame fill"]  # the frame of a group lies beneath nodes and edges


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "grounds"),
    [
        ("ink", [*GROUNDS, *FILLS, *STRONGEST]),
        ("muted", [*GROUNDS, *FILLS]),
        ("formula", [*GROUNDS, *FILLS]),
        ("alarm", [*GROUNDS, *FILLS]),
        ("carried", GROUNDS),
        ("leaf", GROUNDS),
        ("minus", GROUNDS),
        ("right", GROUNDS),
    ],
)
def test_text_can_be_read(ink: str, grounds: list[str], theme: str) -> None:
    text = rgb(getattr(PALETTE[ink], theme))
    # 4.5 is what WCAG asks of text.
    assert [
        name for name in grounds if contrast(text, rgb(getattr(PALETTE[name], theme))) < 4.5
    ] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("mark", ["line", "carried", "focus", "positive", "negative", *LOOKS])
def test_outlines_and_edges_can_be_seen(mark: str, theme: str) -> None:
    drawn = rgb(getattr(PALETTE[mark], theme))
    grounds = [rgb(getattr(PALETTE[name], theme)) for name in GROUNDS]
    # 3 is what WCAG asks of what is drawn.
    assert min(contrast(drawn, ground) for ground in grounds) >= 3
