"""What stands on a strip and in its legend: told apart by shape, and by colour beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

from jxgis.publish.svg import INK, points_of

# Half of a symbol, and the height of the line.
SYMBOL, BAR = 6.0, 15.0

# How much farther the corners of a diamond reach, and how long the line's point is.
REACH, POINT = 2.6, 8.0

# Half of what is left white between two stretches.
SEAM = 0.4


@dataclass(frozen=True)
class StripLook:
    """How something on a strip is drawn: fill, outline, its width, and dashes."""

    fill: str
    line: str
    width: float
    dashes: str = ""


LOOKS: Mapping[str, StripLook] = {
    "charging": StripLook(INK, INK, 1.0),
    "bare": StripLook("#ffffff", INK, 1.6),
    "proposed": StripLook("#f9f3b0", INK, 1.2, "3 1.5"),
    "within": StripLook("#c3e4da", "#c3e4da", 0.0),
    "beyond": StripLook("#f8c09a", "#9c3600", 2.0),
}


def symbol(svg: Element, look: str, x: float, y: float) -> Element:
    """Draw a mark: a disc with a bolt, an empty ring, or a dashed diamond."""
    if look == "proposed":
        r = SYMBOL + REACH
        corners = [(x, y - r), (x + r, y), (x, y + r), (x - r, y)]
        return SubElement(svg, "polygon", {"points": points_of(corners)} | _look(look))
    size = {"cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": f"{SYMBOL - 0.8:g}"}
    if look != "charging":
        return SubElement(svg, "circle", size | _look(look))
    group = SubElement(svg, "g")
    SubElement(group, "circle", size | _look(look))
    bolt = [(1.0, -4.0), (-2.2, 0.7), (-0.2, 0.7), (-1.0, 4.0), (2.2, -0.8), (0.2, -0.8)]
    places = [(x + a, y + b) for a, b in bolt]
    SubElement(group, "polygon", {"points": points_of(places), "fill": "#ffffff"})
    return group


def bar(svg: Element, look: str, x: float, width: float, top: float) -> Element:
    """Draw a stretch: a plain one within a limit, one with an outline beyond it."""
    inner = LOOKS[look].width / 2 or SEAM
    size = {
        "x": x + inner,
        "y": top + LOOKS[look].width / 2,
        "width": max(width - 2 * inner, 0.5),
        "height": BAR - LOOKS[look].width,
    }
    places = {name: f"{value:.1f}" for name, value in size.items()}
    return SubElement(svg, "rect", places | _look(look))


def arrow(svg: Element, x: float, top: float) -> Element:
    """Draw the end of a line, which points to where one drives."""
    corners = [(x + 1, top), (x + 1 + POINT, top + BAR / 2), (x + 1, top + BAR)]
    return SubElement(svg, "polygon", {"points": points_of(corners), "fill": INK})


def swatch(look: str) -> str:
    """Return a look's sample for a legend, as SVG."""
    size = {"class": "swatch", "viewBox": "0 0 22 18", "aria-hidden": "true"}
    svg = Element("svg", size)
    if look == "direction":
        line = {"x": "1", "y": "6", "width": "11", "height": "6", "fill": LOOKS["within"].fill}
        SubElement(svg, "rect", line)
        arrow(svg, 11.0, 1.5)
    elif look in ("within", "beyond"):
        bar(svg, look, 0.5, 21.0, 1.5)
    else:
        symbol(svg, look, 11.0, 9.0)
    return tostring(svg, encoding="unicode")


def _look(name: str) -> dict[str, str]:
    look = LOOKS[name]
    drawn = {"fill": look.fill}
    if look.width:
        drawn |= {"stroke": look.line, "stroke-width": f"{look.width:g}"}
    return drawn | ({"stroke-dasharray": look.dashes} if look.dashes else {})
