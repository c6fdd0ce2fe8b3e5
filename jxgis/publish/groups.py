"""Groups of points told apart: a colour and a shape each, of 2019 lighter than of 2018.

Groups may be of one level (``City public``) or of two (``City public, 2018``). The first level
has the colour and the shape, the second how light it is. The colours are Okabe and Ito's, told
apart with any kind of colour vision.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

import pandas as pd

from jxgis.publish.svg import points_of
from jxgis.publish.theme import Look
from jxgis.results import Drawing

COLOURS = (
    "#0072b2",
    "#e69f00",
    "#cc79a7",
    "#009e73",
    "#d55e00",
    "#56b4e9",
    "#f0e442",
    "#6b7580",
)

# Corners of each shape around its middle, as parts of a point's radius; none is a disc. The names
# are those that QGIS has for them. Each is about as large as the disc.
SHAPES: Mapping[str, tuple[tuple[float, float], ...]] = {
    "circle": (),
    "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "diamond": ((0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)),
    "triangle": ((0.0, -1.35), (1.3, 0.9), (-1.3, 0.9)),
}

# The last part of a group's name is after the last of these.
_PARTED = re.compile(r"^(.+)(?:, |，|、| · )(.+?)$")

# How much white is in the lightest.
_LIGHTEST = 0.68

# Relative luminance (WCAG 2.1) of red, green and blue, and that on which black and white are read
# equally well.
_WEIGHTS = (0.2126, 0.7152, 0.0722)
_BRIGHT = 0.179
_LOW = 0.04045


@dataclass(frozen=True)
class Group:
    """A group's name and look; ``ink`` is the colour of a number in it."""

    name: str
    colour: str
    shape: str

    @property
    def ink(self) -> str:
        """Black or white, what is read on the colour."""
        linear = [_linear(part / 255) for part in _parts(self.colour)]
        bright = sum(w * part for w, part in zip(_WEIGHTS, linear, strict=True))
        return "#000000" if bright > _BRIGHT else "#ffffff"


def groups_of(drawing: Drawing) -> tuple[Group, ...]:
    """Return a drawing's groups in the order of their legend, none where it has no groups.

    Categories keep their order; words stand in that of their first rows, and the second parts of
    their names in that of the alphabet.
    """
    if drawing.group is None:
        return ()
    column = drawing.data[drawing.group].dropna()
    if isinstance(column.dtype, pd.CategoricalDtype):
        used = set(column)
        names = [str(c) for c in column.cat.categories if c in used]
        return _looks(names, is_ordered=True)
    return _looks(list(dict.fromkeys(column.astype(str))), is_ordered=False)


def places_of(drawing: Drawing, groups: Sequence[Group]) -> list[int | None]:
    """Return the place of each row's group among the groups, None where it has none."""
    if drawing.group is None:
        return []
    places = {g.name: n for n, g in enumerate(groups)}
    column = drawing.data[drawing.group]
    return [None if pd.isna(v) else places[str(v)] for v in column]


def swatch(group: Group, line: str) -> str:
    """Return a group's sample for the legend, as SVG, with an outline in a colour."""
    svg = Element("svg", {"class": "swatch", "viewBox": "0 0 22 14", "aria-hidden": "true"})
    look = {"fill": group.colour, "stroke": line}
    if SHAPES[group.shape]:
        corners = [(11 + 4.8 * x, 7 + 4.8 * y) for x, y in SHAPES[group.shape]]
        SubElement(svg, "polygon", {"points": points_of(corners)} | look)
    else:
        SubElement(svg, "circle", {"cx": "11", "cy": "7", "r": "5.2"} | look)
    return tostring(svg, encoding="unicode")


def outline(look: Look) -> str:
    """Return an outline's sample for the legend, as SVG."""
    svg = Element("svg", {"class": "swatch", "viewBox": "0 0 22 14", "aria-hidden": "true"})
    size = {"x": "1.5", "y": "1.5", "width": "19", "height": "11", "fill": "none"}
    drawn = {"stroke": look.line, "stroke-width": f"{look.width:g}"}
    drawn |= {"stroke-dasharray": look.dashes} if look.dashes else {}
    SubElement(svg, "rect", size | drawn)
    return tostring(svg, encoding="unicode")


def _looks(names: list[str], *, is_ordered: bool) -> tuple[Group, ...]:
    pairs = _levels(names)
    firsts = list(dict.fromkeys(first for first, _last in pairs.values()))
    lasts = list(dict.fromkeys(last for _first, last in pairs.values()))
    if not is_ordered:
        lasts.sort()
        names = sorted(names, key=lambda n: (firsts.index(pairs[n][0]), lasts.index(pairs[n][1])))
    made = []
    for name in names:
        first, last = firsts.index(pairs[name][0]), lasts.index(pairs[name][1])
        white = _LIGHTEST * last / max(len(lasts) - 1, 1)
        made.append(Group(name, _lighter(COLOURS[first % len(COLOURS)], white), _shape(first)))
    return tuple(made)


def _levels(names: list[str]) -> dict[str, tuple[str, str]]:
    """Return both parts of each name; the whole name and nothing where parts group nothing."""
    found = {name: _PARTED.match(name) for name in names}
    pairs = {name: (m[1], m[2]) for name, m in found.items() if m}
    if len(pairs) < len(names) or len({first for first, _last in pairs.values()}) == len(names):
        return {name: (name, "") for name in names}
    return pairs


def _shape(number: int) -> str:
    """Return a shape; a colour that comes again has another one."""
    return list(SHAPES)[(number + number // len(COLOURS)) % len(SHAPES)]


def _lighter(colour: str, white: float) -> str:
    mixed = (round(part + (255 - part) * white) for part in _parts(colour))
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _linear(part: float) -> float:
    """Return a part of an sRGB colour as light."""
    return part / 12.92 if part <= _LOW else ((part + 0.055) / 1.055) ** 2.4


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
