"""Pieces of the pictures that stand inside a page: lines, texts, and how wide a text is."""

from __future__ import annotations

import unicodedata
from xml.etree.ElementTree import Element, SubElement

INK, SOFT, GRID = "#16212b", "#52606c", "#e3e8ec"

# Of the pictures' own texts, in their units; `map.css` sets them so.
FONT_SIZE = 11.5

# Widths of letters as parts of the size: generous ones, since a reader's font is not known.
_WIDE, _CAPITAL, _NARROW, _PLAIN = 1.0, 0.72, 0.34, 0.58
_THIN = frozenset(" .,:;'!|()[]ijlIt")

ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


def picture(look: str, width: float, height: float, said: str) -> Element:
    """Return an empty picture that is one image to who does not see it.

    Parameters
    ----------
    look
        Its class in the style sheet.
    width, height
        In the picture's own units, pixels at the width of a phone.
    said
        What it shows, in words.
    """
    box = f"0 0 {width:g} {height:g}"
    return Element("svg", {"class": look, "viewBox": box, "role": "img", "aria-label": said})


def text_width(text: str, size: float = FONT_SIZE) -> float:
    """Return about how wide a text is, rather more than less."""
    return size * sum(_letter(letter) for letter in text)


def cut(text: str, room: float, size: float = FONT_SIZE) -> str:
    """Return as much of a text as there is room for, nothing where that is under two letters."""
    if text_width(text, size) <= room:
        return text
    while text and text_width(text + ELLIPSIS, size) > room:
        text = text[:-1]
    text = text.rstrip()
    return text + ELLIPSIS if len(text) > 1 else ""


def stroke(
    svg: Element, ends: tuple[float, float, float, float], colour: str, **more: str
) -> Element:
    """Draw a line from x1, y1 to x2, y2."""
    names = zip(("x1", "y1", "x2", "y2"), ends, strict=True)
    return SubElement(svg, "line", {n: f"{v:.1f}" for n, v in names} | {"stroke": colour} | more)


def write(
    svg: Element,
    place: tuple[float, float],
    text: str,
    colour: str,
    anchor: str = "start",
    *,
    bold: bool = False,
) -> Element:
    """Write a text whose start, middle or end is at a place; a bold one has a white rim."""
    x, y = place
    look = {"x": f"{x:.1f}", "y": f"{y:.1f}", "fill": colour, "text-anchor": anchor}
    if bold:
        look |= {
            "font-weight": "600",
            "stroke": "#fff",
            "stroke-width": "3",
            "paint-order": "stroke",
        }
    element = SubElement(svg, "text", look)
    element.text = text
    return element


def points_of(places: list[tuple[float, float]]) -> str:
    """Return places as a polyline or a polygon has them."""
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def _letter(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return _WIDE
    if letter in _THIN:
        return _NARROW
    return _CAPITAL if letter.isupper() or letter in "mwMW%" else _PLAIN
