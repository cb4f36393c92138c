"""A headless browser that opens a page, does what a user would do, and tells what it saw."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess

import pytest

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)
NEEDS_BROWSER = pytest.mark.skipif(
    BROWSER is None and not os.environ.get("CI"), reason="there is no Chromium here"
)

# Before the page's own script: errors are kept. After it: the user's hands, and what happens.
LISTEN = """<script>const ERRORS = []; addEventListener("error", (e) => ERRORS.push(e.message));
console.error = (...words) => ERRORS.push(words.join(" "));</script>"""
ACT = """<script>setTimeout(async () => {
const shown = () => document.querySelector(".level:not([hidden])");
const node = (title) => [...shown().querySelectorAll(".node")].find(
  (item) => item.querySelector("text").textContent === title);
const key = (name) => document.activeElement.dispatchEvent(
  new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }));
const click = (item) => {
  const { left, top, width, height } = item.getBoundingClientRect();
  const at = { clientX: left + width / 2, clientY: top + height / 2, bubbles: true, pointerId: 1 };
  for (const name of ["pointerdown", "pointerup"]) item.dispatchEvent(new PointerEvent(name, at));
  item.dispatchEvent(new MouseEvent("click", at));
};
const type = (text) => {
  const query = document.getElementById("query");
  query.value = text;
  query.dispatchEvent(new Event("input", { bubbles: true }));
};
const text = (id) => document.getElementById(id).innerText.trim();
const saw = {};
try { %s } catch (error) { ERRORS.push(error.stack); }
saw.errors = ERRORS;
saw.fetched = performance.getEntriesByType("resource").map((entry) => entry.name);
const report = document.createElement("pre");
report.id = "report";
report.textContent = JSON.stringify(saw);
document.body.append(report);
}, 0)</script>"""


def visit(directory, page, script, *, dark=False, fragment=""):
    """Open a page, run a script in it, and return what it stored in `saw`.

    Args:
        directory: where the page may be written.
        page: the HTML.
        script: JavaScript that uses `shown`, `node`, `key`, `click`, `type`, `text` and `saw`.
        dark: whether the reader prefers a dark page.
        fragment: what follows "#" in the address.
    """
    target = directory / "page.html"
    page = page.replace("<head>", f"<head>{LISTEN}", 1)
    target.write_text(page.replace("</body>", ACT % script + "</body>", 1), encoding="utf-8")
    command = [
        *(BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1300,800"),
        *("--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=10000"),
        f"--blink-settings=preferredColorScheme={0 if dark else 1}",
        *(f"--user-data-dir={directory / 'profile'}", "--dump-dom"),
        f"{target.as_uri()}{'#' if fragment else ''}{fragment}",
    ]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    (report,) = re.findall(r'<pre id="report">(.*?)</pre>', run.stdout, re.S) or [run.stderr]
    return json.loads(html.unescape(report))
