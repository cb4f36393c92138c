"""The stepper as a page that needs nothing but a browser, and as what a notebook shows."""

from __future__ import annotations

import json
import re
import zlib
from base64 import b64encode
from functools import lru_cache
from html import escape
from importlib.resources import files
from typing import Any

from engine.errors import GraphError, MissingGraphviz
from engine.source import short
from engine.view.formatting import format_value
from engine.view.stepper.amounts import largest_amount, thickness, tone_of
from engine.view.stepper.data import Part, Partial, Step
from engine.view.stepper.heat import heat_map
from engine.view.stepper.layout import StepPicture, picture_style
from engine.view.stepper.markup import markup
from engine.view.stepper.numbers import brief
from engine.view.stepper.picture import pictures_of
from engine.view.stepper.sequence import StepSequence
from engine.view.stepper.state import State
from engine.view.stepper.table import table
from engine.view.stepper.text import closing
from engine.view.theme import PALETTE

MOST_STEPS = 2_000  # that a page holds
MOST_NODES, MOST_EDGES = 20_000, 50_000  # of the graph
MOST_PLAIN = 250_000  # characters of data and pictures; more are deflated, to a tenth
HEIGHT = 560  # of the frame in a notebook, in pixels
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
SLOT = re.compile(r"\{\{(\w+)\}\}")
TITLES = {
    ("forward",): "Forward pass to {}",
    ("backward",): "Backward pass from {}",
    ("forward", "backward"): "Forward and backward pass of {}",
    ("forward", "backward", "update"): "One training step of {}",
}
SCRIPTS = ("unpacking", "flow", "picture", "overview", "panel", "strip", "page")


def page(s: StepSequence) -> str:
    """Return a page that steps through: one file, which fetches nothing.

    Raises:
        GraphError: the graph is too large for a page.
    """
    if _too_large(s):
        nodes, edges = s.record.size
        raise GraphError(
            f"a page holds graphs of up to {MOST_NODES:,} nodes and {MOST_EDGES:,} edges, and this "
            f"one has {nodes:,} and {edges:,}: step through a part of it, as the loss of one "
            "sample, or use s.print() and s.why(value)"
        )
    return _filled(s, table(s))


def notebook(s: StepSequence) -> str:
    """Return the page in a frame of its own, and the table for where no frame is shown."""
    if _too_large(s):
        return table(s, alone=False)
    # In single quotes only & and ' need escaping, which keeps it half as long.
    document = _filled(s, "").replace("&", "&amp;").replace("'", "&#39;")
    return (
        f'<iframe srcdoc=\'{document}\' title="{escape(_title(s))}" sandbox="allow-scripts" '
        f'style="width:100%;height:{HEIGHT}px;border:0"></iframe>{table(s, alone=False)}'
    )


def _too_large(s: StepSequence) -> bool:
    nodes, edges = s.record.size
    return nodes > MOST_NODES or edges > MOST_EDGES


def _title(s: StepSequence) -> str:
    return TITLES[s.passes].format(s.title)


def _filled(s: StepSequence, rows: str) -> str:
    pictures, shown_in, notice = _pictures(s)
    left_out = len(s) - len(shown_in)
    has_arrays = any(hasattr(x, "shape") for x in s.record.trace.data)
    scripts = ["heat"] * has_arrays + [*SCRIPTS]
    styles = _asset("page.css") + _asset("heat.css") * has_arrays
    drawn = [markup(picture) for picture in pictures]
    drawing = picture_style("#picture", [picture.root for picture in pictures])
    data = _data(s, shown_in)
    packed = len(data) + sum(map(len, drawn)) > MOST_PLAIN
    parts = {
        "title": escape(_title(s)),
        "notice": f"the first {len(shown_in):,} of {len(s):,} steps" if left_out else "",
        "style": _colours(styles) + drawing + styles,
        "picture": notice + "".join([] if packed else drawn),
        "frame": "" if rows else ' class="framed"',
        "table": rows,
        "form": "text/plain" if packed else "application/json",
        "data": _packed(data, drawn) if packed else data.replace("<", "\\u003c"),
        "script": "".join(_asset(f"{name}.js") for name in scripts),
    }
    return SLOT.sub(lambda slot: parts[slot.group(1)], _asset("page.html"))


def _packed(data: str, drawn: list[str]) -> str:
    """Return data and pictures as the script unpacks them: deflated (RFC 1951), in base 64."""
    text = json.dumps({"data": data, "pictures": drawn}, ensure_ascii=False)
    deflate = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    return b64encode(deflate.compress(text.encode()) + deflate.flush()).decode()


def _pictures(s: StepSequence) -> tuple[list[StepPicture], list[int], str]:
    """Return the pictures, which of them shows each step, and what is said if there are none."""
    count = min(len(s), MOST_STEPS)
    try:
        return *pictures_of(s, count), ""
    except MissingGraphviz as error:
        return [], [0] * count, f"<p>{escape(str(error))}</p>"


def _data(s: StepSequence, shown_in: list[int]) -> str:
    """Return what the script steps through: each step holds what changes in it, and no more."""
    record, trace = s.record, s.record.trace
    before = State(s, -1)
    maps = Maps()
    nodes = []
    for i in range(len(trace)):
        data, grad = before.data(i), before.gradient(i)
        node = {
            "name": s.builder.name(i),
            "data": format_value(data),
            "grad": format_value(grad),
            "uses": len(record.consumers.get(i, ())),
            "interior": trace.ops[i] is not None,
        }
        nodes.append(node | maps.of(data=data, grad=grad))
    largest = largest_amount(s)
    steps = [
        {**_step(s, step, largest, maps), "picture": picture}
        for step, picture in zip(s[: len(shown_in)], shown_in, strict=True)
    ]
    end = s.end("backward")
    if end < len(steps):
        steps[end]["left"] = closing(s)
    document = {
        "symbol": s.builder.symbol,
        "nodes": nodes,
        "steps": steps,
        "maps": maps.drawn,
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


class Maps:
    """The arrays that a page shows, each once.

    Attributes:
        drawn: what is seen of each.
    """

    def __init__(self) -> None:
        self.drawn: list[dict[str, Any]] = []
        self._places: dict[int, tuple[int, Any]] = {}  # which keep the arrays, and so their ids

    def of(self, **numbers: Any) -> dict[str, dict[str, int]]:
        """Return, for those that are arrays, where their heat maps are."""
        places = {name: self._place(x) for name, x in numbers.items() if hasattr(x, "shape")}
        return {"maps": places} if places else {}

    def written(self, position: int, number: Any) -> tuple[Any, ...]:
        """Return a node and its new number as text, and where its heat map is if it is an array."""
        text = format_value(number)
        place = (self._place(number),) if hasattr(number, "shape") else ()
        return (position, text, *place)

    def _place(self, array: Any) -> int:
        if id(array) not in self._places:
            self._places[id(array)] = (len(self.drawn), array)
            seen = heat_map(array)._asdict()
            self.drawn.append({name: what for name, what in seen.items() if what})
        return self._places[id(array)][0]


def _step(s: StepSequence, step: Step, largest: float, maps: Maps) -> dict[str, Any]:
    trace = s.record.trace
    operands = trace.operands[step.node] if step.node is not None and step.phase != "update" else ()
    constants = dict.fromkeys(s.builder.name(i) for i in operands if not trace.requires_grad[i])
    always = {"phase": step.phase, "node": step.node, "expr": step.expr, "why": step.reason}
    sometimes = {
        "upstream": None if step.upstream is None else brief(step.upstream),
        "source": None if step.source is None else short(step.source),
        "line": step.line,
        "remarks": step.remarks,
        "constants": list(constants) if step.phase == "backward" else [],
        "data": [maps.written(i, number) for i, number in _changed(s, step)],
        "parts": [_part(part, largest, maps) for part in (*step.parts, *step.partials)],
    }
    seen = maps.of(value=step.value, upstream=step.upstream)
    return always | {name: what for name, what in sometimes.items() if what} | seen


def _part(part: Partial, largest: float, maps: Maps) -> dict[str, Any]:
    """Return a local derivative and, in the backward pass, what flows."""
    rule = {
        "to": part.target,
        "operand": part.operand,
        "rule": part.rule,
        **({} if part.local is None else {"local": brief(part.local)}),
    }
    if not isinstance(part, Part):
        return rule | maps.of(local=part.local)
    flow = {
        "amount": brief(part.contribution),
        "after": brief(part.after),
        "use": part.use,
        "width": thickness(part.contribution, largest),
    }
    if not part.pull:
        return rule | flow
    seen = maps.of(local=part.local, amount=part.contribution, before=part.before, after=part.after)
    said = {"pull": part.pull, "summed": part.summed, "tone": tone_of(part.contribution)}
    return rule | flow | said | seen


def _changed(s: StepSequence, step: Step) -> list[tuple[int, Any]]:
    """Return the nodes whose number changes in a step, and what it becomes."""
    if step.phase == "backward":
        return []
    if step.node is not None:
        return [(step.node, step.value)]
    if step.phase == "update" and step.index == len(s) - 1:
        return [(i, s.builder.rerun[i]) for i in s.record.interior]
    return []


def _colours(styles: str) -> str:
    """Return what some CSS takes of the palette as variables, for light and for dark pages."""
    named = {"plus": PALETTE["leaf"]} | {
        name.replace(" ", "-"): colour for name, colour in PALETTE.items()
    }
    used = {name: colour for name, colour in named.items() if f"var(--{name})" in styles}
    light = "".join(f"--{name}:{colour.light};" for name, colour in used.items())
    dark = "".join(f"--{name}:{colour.dark};" for name, colour in used.items())
    return f":root{{{light}}}\n@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"


@lru_cache(maxsize=8)
def _asset(name: str) -> str:
    """Return one of the files beside this one, without comments and indentation."""
    text = files("engine.view.stepper").joinpath(name).read_text(encoding="utf-8")
    return re.sub(r"\n\s*", "\n", COMMENT.sub("", text)).lstrip()
