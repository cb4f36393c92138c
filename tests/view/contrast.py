"""The contrast of two colours, as WCAG 2.2 measures it: 4.5 is enough for text, 3 for marks."""

from __future__ import annotations

Colour = tuple[float, float, float]  # red, green and blue, 0 to 255


def contrast(first: Colour, second: Colour) -> float:
    """Return the contrast of two colours, from 1 for the same to 21 for black on white."""

    def luminance(colour: Colour) -> float:
        channels = [part / 255 for part in colour]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


def rgb(colour: str) -> Colour:
    """Return the parts of a colour as "rgb(0, 0, 0)" or "#000000"."""
    if colour.startswith("#"):
        parts = [float(part) for part in bytes.fromhex(colour[1:])]
    else:
        parts = [float(part) for part in colour.split("(")[1].rstrip(")").split(",")]
    red, green, blue = parts[:3]
    return red, green, blue
