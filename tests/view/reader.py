"""What a reader of the stepper does with keys and mouse, and what there is to see and to hear."""

from __future__ import annotations

import json
from typing import Any


class Reader:
    """Hands and eyes at a page, or at a frame of it.

    Args:
        tab: the page that shows it, of playwright.
        frame: what holds the stepper: the page itself, or a frame in it.
    """

    def __init__(self, tab: Any, frame: Any = None) -> None:
        self.tab = tab
        self.frame = frame or tab

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.tab.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type a text where the focus is."""
        self.tab.keyboard.insert_text(text)

    def click(self, selector: str, across: float = 0.5) -> None:
        """Click on an element, so far from its left side towards its right one."""
        item = self.frame.locator(selector).first
        box = item.bounding_box()
        item.click(position={"x": across * box["width"], "y": box["height"] / 2})

    def pass_time(self, milliseconds: int) -> None:
        """Have the page believe that time passes; it takes none."""
        self.tab.clock.run_for(milliseconds)

    def js(self, expression: str) -> Any:
        """Return the value of an expression of JavaScript."""
        return self.frame.evaluate(expression)

    def text(self, selector: str) -> str:
        """Return the text of an element as it is shown."""
        text: str = self.js(f"document.querySelector({json.dumps(selector)}).innerText.trim()")
        return text

    @property
    def place(self) -> str:
        """Which step is shown."""
        return self.text("#place")

    def told(self) -> str:
        """Return what a screen reader is told of the page: roles and names, in their order."""
        snapshot: str = self.tab.locator("body").aria_snapshot()
        return snapshot

    def layouts(self) -> int:
        """Return how often the page was laid out so far."""
        session = self.tab.context.new_cdp_session(self.tab)
        session.send("Performance.enable")
        metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
        session.detach()
        return int(metrics["LayoutCount"])
