"""A headless Chromium with real keys, mouse, media and clock, over its DevTools protocol.

What a script inside a page cannot do: press keys that the browser trusts, look into a sandboxed
frame, see each request, read what a screen reader is told, and have time pass without waiting.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys

from browser import BROWSER

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-features=IsolateSandboxedIframes",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--remote-debugging-pipe",
]
# A browser finds its pipes at 3 and 4, whatever their numbers are here.
LAUNCH = """import fcntl, os, sys
ends = [fcntl.fcntl(int(end), fcntl.F_DUPFD, 10) for end in sys.argv[1:3]]
for place, end in enumerate(ends, 3):
    os.dup2(end, place)
os.execv(sys.argv[3], sys.argv[3:])"""
# Before the page's own script: intervals by a clock that only `passTime` moves.
CLOCK = """{
  let now = 0;
  let count = 0;
  const timers = new Map();
  window.setInterval = (act, every) => {
    timers.set(++count, { act, every, due: now + every });
    return count;
  };
  window.clearInterval = (timer) => timers.delete(timer);
  window.passTime = (time) => {
    const end = now + time;
    for (;;) {
      const next = [...timers.values()].sort((a, b) => a.due - b.due)[0];
      if (!next || next.due > end) break;
      now = next.due;
      next.due += next.every;
      next.act();
    }
    now = end;
  };
}"""
KEYS = {  # the code of each key, its number, and the text it types
    "ArrowLeft": ("ArrowLeft", 37, ""),
    "ArrowRight": ("ArrowRight", 39, ""),
    "Home": ("Home", 36, ""),
    "End": ("End", 35, ""),
    "Tab": ("Tab", 9, ""),
    "Enter": ("Enter", 13, "\r"),
    " ": ("Space", 32, " "),
}


class Chromium:
    """A browser with one page.

    Args:
        profile: a directory for what the browser keeps.
    """

    def __init__(self, profile):
        (their_input, self._write), (self._read, their_output) = os.pipe(), os.pipe()
        ends = (their_input, their_output)
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-S", "-c", LAUNCH, *map(str, ends)),
                *(BROWSER, *FLAGS, f"--user-data-dir={profile}"),
            ],
            pass_fds=ends,
            stderr=subprocess.DEVNULL,
        )
        os.close(their_input)
        os.close(their_output)
        self._numbers = itertools.count(1)
        self._received = b""
        self._session = None
        self._contexts = []
        self.errors, self.requests, self._events = [], [], []
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        attached = self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility", "Performance"):
            self._call(f"{domain}.enable")
        self._call("Page.addScriptToEvaluateOnNewDocument", source=CLOCK)

    def close(self):
        """End the browser."""
        os.close(self._write)
        os.close(self._read)
        self._process.wait(timeout=30)

    # ----- The protocol ---------------------------------------------------------------------------

    def _call(self, method, **parameters):
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._write, data) :]
        while True:
            answer = self._next_message()
            if answer.get("id") == number:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]

    def _next_message(self):
        while b"\0" not in self._received:
            block = os.read(self._read, 1 << 16)
            assert block, "the browser ended"
            self._received += block
        data, _, self._received = self._received.partition(b"\0")
        message = json.loads(data)
        self._note(message.get("method"), message.get("params", {}))
        return message

    def _note(self, method, event):
        self._events.append(method)
        if method == "Runtime.exceptionThrown":
            self.errors.append(event["exceptionDetails"])
        elif method == "Runtime.consoleAPICalled" and event["type"] in ("error", "warning"):
            self.errors.append(event["args"])
        elif method == "Log.entryAdded" and event["entry"]["level"] in ("error", "warning"):
            self.errors.append(event["entry"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(event["request"]["url"])
        elif method == "Runtime.executionContextsCleared":
            self._contexts.clear()
        elif method == "Runtime.executionContextCreated":
            self._contexts.append(event["context"])

    def _until(self, method):
        while method not in self._events:
            self._next_message()

    # ----- What a reader does ---------------------------------------------------------------------

    def open(self, file, fragment=""):
        """Open a file, and wait until it is loaded."""
        self.errors.clear()
        self.requests.clear()
        self._events.clear()
        self._call("Page.navigate", url=file.as_uri() + fragment)
        self._until("Page.loadEventFired")

    def show(self, width=1280, height=720, dark=False, still=False):
        """Set the size of the window, the colours the reader prefers, and whether things move."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._call("Emulation.setDeviceMetricsOverride", **size)
        features = {
            "prefers-color-scheme": "dark" if dark else "light",
            "prefers-reduced-motion": "reduce" if still else "no-preference",
        }
        listed = [{"name": name, "value": value} for name, value in features.items()]
        self._call("Emulation.setEmulatedMedia", features=listed)

    def press(self, *keys):
        """Press keys, one after the other."""
        for key in keys:
            code, number, text = KEYS.get(key, (f"Key{key.upper()}", ord(key[0].upper()), key))
            held = {"key": key, "code": code, "windowsVirtualKeyCode": number}
            self._call("Input.dispatchKeyEvent", type="keyDown", text=text, **held)
            self._call("Input.dispatchKeyEvent", type="keyUp", **held)

    def type(self, text):
        """Type a text where the focus is."""
        self._call("Input.insertText", text=text)

    def click(self, selector, across=0.5, frame=False):
        """Click on an element, so far from its left side towards its right one."""
        corner = {"x": 0, "y": 0}
        if frame:
            corner = self.js("document.querySelector('iframe').getBoundingClientRect().toJSON()")
        box = self.js(
            f"document.querySelector({json.dumps(selector)}).getBoundingClientRect().toJSON()",
            frame=frame,
        )
        place = {
            "x": corner["x"] + box["x"] + across * box["width"],
            "y": corner["y"] + box["y"] + box["height"] / 2,
        }
        for event in ("mousePressed", "mouseReleased"):
            button = {"type": event, "button": "left", "clickCount": 1}
            self._call("Input.dispatchMouseEvent", **button, **place)

    def pass_time(self, milliseconds):
        """Have so much time pass for what the page does at intervals; it takes none."""
        self.js(f"passTime({milliseconds})")

    # ----- What is seen ---------------------------------------------------------------------------

    def js(self, expression, frame=False):
        """Return the value of an expression in the page, or in the first frame in it."""
        where = {"contextId": self._contexts[-1]["id"]} if frame else {}
        answer = self._call(
            "Runtime.evaluate",
            expression=expression,
            returnByValue=True,
            awaitPromise=True,
            **where,
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def text(self, selector, frame=False):
        """Return the text of an element as it is shown."""
        return self.js(f"document.querySelector({json.dumps(selector)}).innerText.trim()", frame)

    def layouts(self):
        """Return how often the page was laid out so far."""
        metrics = self._call("Performance.getMetrics")["metrics"]
        return next(metric["value"] for metric in metrics if metric["name"] == "LayoutCount")

    def spoken(self):
        """Return the role and name of everything that a screen reader is told of."""
        nodes = self._call("Accessibility.getFullAXTree")["nodes"]
        return [
            (node["role"]["value"], node.get("name", {}).get("value", ""))
            for node in nodes
            if not node["ignored"]
        ]
