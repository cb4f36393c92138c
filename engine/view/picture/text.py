"""A picture as a tree in plain text, from what was computed down to its operands."""

from __future__ import annotations

from engine.view.picture.diagram import Diagram, DiagramNode

DEEPEST = 20  # levels of indentation; what lies deeper is not indented further
MOST_LINES = 100


def tree(diagram: Diagram) -> str:
    """Return a picture as an indented tree; what was shown before is only named again."""
    nodes = {node.id: node for node in diagram.nodes}
    operands: dict[str, list[tuple[str, int]]] = {node.id: [] for node in diagram.nodes}
    read: set[str] = set()
    for edge in diagram.edges:
        if not edge.carried:
            operands[edge.target].append((edge.source, edge.count))
            read.add(edge.source)
    # Each entry: a node, how often it is read there, and the lines drawn to its left.
    stack = [(node.id, 1, "", "") for node in diagram.nodes if node.id not in read]
    lines: list[str] = []
    shown: set[str] = set()
    while stack and len(lines) < MOST_LINES:
        key, count, branch, trunk = stack.pop()
        again = key in shown and bool(operands[key])
        lines.append(branch + _line(nodes[key], count, again))
        if key in shown:
            continue
        shown.add(key)
        below = operands[key]
        deep = len(trunk) >= 3 * DEEPEST
        for place in range(len(below) - 1, -1, -1):
            last = place == len(below) - 1
            fork, bar = ("└─ ", "   ") if last else ("├─ ", "│  ")
            stack.append((*below[place], trunk + fork, trunk if deep else trunk + bar))
    left = len(diagram.nodes) - len(shown)
    if left:
        lines.append(f"… and {left:,} more")
    if diagram.notice:
        lines.append(f"{diagram.notice} {diagram.advice}".strip())
    return "\n".join(lines)


def _line(node: DiagramNode, count: int, again: bool) -> str:
    name = f"{node.title} {node.formula}".strip()
    times = f"  (×{count:,})" if count > 1 and node.count > 1 else ""
    if again:
        return f"{name}  (see above)"
    numbers = "".join(f"  {row.caption} {row.text}" for row in node.rows)
    return f"{name}{times}{numbers}"
