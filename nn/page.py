"""Pages that need nothing but a browser: their templates, and the colours of the house."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files

from engine.view.theme import PALETTE

SLOT = re.compile(r"\{\{(\w+)\}\}")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def filled(package: str, template: str, parts: Mapping[str, str]) -> str:
    """Return a template with its slots, as `{{title}}`, filled; in one pass, so never twice.

    Args:
        package: where the template is.
        template: the name of the file.
        parts: what goes into each slot, escaped as it has to be there.
    """
    return SLOT.sub(lambda slot: parts[slot.group(1)], asset(package, template))


def asset(package: str, name: str) -> str:
    """Return a file of a package without comments of CSS and indentation."""
    text = files(package).joinpath(name).read_text(encoding="utf-8")
    return re.sub(r"\n\s*", "\n", COMMENT.sub("", text)).lstrip()


def colours(dark: bool | None = None) -> str:
    """Return the palette as variables of CSS.

    Args:
        dark: whether the page is dark; None follows the reader's choice.
    """
    forms = {
        tone: "".join(
            f"--{name.replace(' ', '-')}:{getattr(colour, tone)};"
            for name, colour in PALETTE.items()
        )
        for tone in ("light", "dark")
    }
    if dark is not None:
        tone = "dark" if dark else "light"
        return f":root{{color-scheme:{tone};{forms[tone]}}}"
    return (
        f":root{{color-scheme:light dark;{forms['light']}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{forms['dark']}}}}}"
    )
