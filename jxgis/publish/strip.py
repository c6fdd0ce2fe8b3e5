"""Lines drawn straight: where one drives from at the left, where one drives to at the right.

What it is made of, from the top: names, what stands beside the line, its stretches, kilometres.

   | Jiaxing east
   *        o         <2>
[==========|################|===>
0          20          40 km
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

from jxgis.i18n import _
from jxgis.publish.flags import STEM, Flag, place_flags, spread
from jxgis.publish.numbers import format_quantity
from jxgis.publish.scale import Scale
from jxgis.publish.strip_looks import BAR, REACH, SYMBOL, arrow, bar, symbol
from jxgis.publish.strip_looks import swatch as swatch_of
from jxgis.publish.svg import INK, SOFT, picture, stroke, text_width, write
from jxgis.results import Mark, Result, Span, Strip

# In the picture's own units, which are pixels at the width of a phone.
WIDTH = 330.0
LEFT, RIGHT = 9.0, 17.0
ROW = 13.0
TOP, STALK, UNDER, AXIS = 4.0, 5.0, 5.0, 17.0

# No line has more kilometre marks after its start.
TICKS = 6

# A number of up to this width stands inside its symbol.
INSIDE = 9.0


@dataclass(frozen=True)
class Drawn:
    """A strip as the page shows it."""

    name: str
    title: str
    length: str
    svg: str


@dataclass(frozen=True)
class Strips:
    """All strips of a page, and look and name of what is seen in them."""

    drawn: tuple[Drawn, ...]
    legend: tuple[tuple[str, str], ...]


def strips(result: Result) -> Strips | None:
    """Return a result's strips, all in the scale of the longest; None where it has none."""
    if not result.strips:
        return None
    longest = max(s.length_m for s in result.strips) or 1.0
    drawn = tuple(Drawn(s.name, s.title, _km(s.length_m), strip(s, longest)) for s in result.strips)
    seen = {m.look for s in result.strips for m in s.marks}
    seen |= {p.look for s in result.strips for p in s.spans}
    legend = [(swatch_of(look), name) for look, name in _names().items() if look in seen]
    return Strips(drawn, (*legend, (swatch_of("direction"), _("direction of travel"))))


def strip(given: Strip, longest_m: float) -> str:
    """Return a strip as SVG.

    Parameters
    ----------
    given
        What is drawn.
    longest_m
        Length that the whole width stands for, metres.
    """
    scale = Scale((0.0, max(longest_m, given.length_m)), LEFT, WIDTH - RIGHT)
    end = scale.at(given.length_m)
    marks = sorted(given.marks, key=lambda m: m.at_m)
    places = [scale.at(min(max(m.at_m, 0.0), given.length_m)) for m in marks]
    stand = spread(places, 2 * SYMBOL + REACH, LEFT, WIDTH - LEFT)
    named = [(x, m.label) for x, m in zip(stand, marks, strict=True) if not _is_inside(m)]
    above = place_flags(named, 2, WIDTH - 2)
    below = place_flags(_narrow(given.spans, scale), 2, WIDTH - 2)
    middle = TOP + ROW * _rows(above) + SYMBOL + REACH + 1
    top = middle + SYMBOL + STALK if marks else TOP
    axis = top + BAR + UNDER + ROW * _rows(below)
    svg = picture("strip", WIDTH, axis + AXIS, said(given))
    _flags(svg, above, middle - SYMBOL - REACH, -1)
    _flags(svg, below, top + BAR, 1)
    _spans(svg, given.spans, scale, top)
    arrow(svg, end, top)
    _ticks(svg, scale, given.length_m, axis)
    for mark, place, x in zip(marks, places, stand, strict=True):
        stroke(svg, (place, top, x, middle), INK)
        made = symbol(svg, mark.look, x, middle)
        SubElement(made, "title").text = f"{mark.label} ({_km(mark.at_m)})"
        if _is_inside(mark):
            write(svg, (x, middle + 3.8), mark.label, INK, "middle")
    return tostring(svg, encoding="unicode")


def said(given: Strip) -> str:
    """Return what a strip shows, for who does not see it: its stretches and then its places."""
    names = _names()
    parts = [
        _("{what} from {start} to {end}: {label}").format(
            what=names[s.look], start=_km(s.from_m), end=_km(s.to_m), label=s.label
        )
        for s in given.spans
    ]
    parts += [
        _("{what} at {place}: {label}").format(what=names[m.look], place=_km(m.at_m), label=m.label)
        for m in sorted(given.marks, key=lambda m: m.at_m)
    ]
    head = _(", ").join([given.title, _km(given.length_m)])
    return _("; ").join([head, *parts])


def _names() -> dict[str, str]:
    return {
        "charging": _("with charging"),
        "bare": _("without charging"),
        "proposed": _("proposed"),
        "within": _("within the limit"),
        "beyond": _("beyond the limit"),
    }


def _km(metres: float) -> str:
    return format_quantity(metres / 1000, "km", decimals=1)


def _is_inside(mark: Mark) -> bool:
    return mark.look == "proposed" and text_width(mark.label) <= INSIDE


def _fits(span: Span, scale: Scale) -> bool:
    return text_width(span.label) + 6 <= scale.at(span.to_m) - scale.at(span.from_m)


def _narrow(spans: Sequence[Span], scale: Scale) -> list[tuple[float, str]]:
    """Return middle and label of stretches beyond the limit that are too narrow for it."""
    narrow = (s for s in spans if s.look == "beyond" and not _fits(s, scale))
    return [(scale.at((s.from_m + s.to_m) / 2), s.label) for s in narrow]


def _spans(svg: Element, spans: Sequence[Span], scale: Scale, top: float) -> None:
    # What is beyond has an outline, which lies over its neighbours.
    for span in sorted(spans, key=lambda s: s.look == "beyond"):
        x, end = scale.at(span.from_m), scale.at(span.to_m)
        made = bar(svg, span.look, x, end - x, top)
        where = f"{_km(span.from_m)} \N{EN DASH} {_km(span.to_m)}"
        SubElement(made, "title").text = f"{span.label} ({where})"
        if _fits(span, scale):
            write(svg, ((x + end) / 2, top + BAR - 3.7), span.label, INK, "middle")


def _ticks(svg: Element, scale: Scale, length_m: float, axis: float) -> None:
    step = _step(scale.ticks[-1])
    ticks = [n * step / 1000 for n in range(int(length_m / step * (1 + 1e-9)) + 1)]
    stroke(svg, (scale.start, axis, scale.at(length_m), axis), SOFT)
    for t in ticks:
        x = scale.at(t * 1000)
        stroke(svg, (x, axis, x, axis + 3), SOFT)
        text = format_quantity(t, "km" if t == ticks[-1] and t else "count")
        # Its number stands under the tick, and not the number and its unit, where there is room.
        begin = x - text_width(format_quantity(t, "count")) / 2
        begin = min(max(begin, 2.0), WIDTH - text_width(text))
        write(svg, (begin, axis + AXIS - 4), text, SOFT)


def _step(longest_m: float) -> float:
    """Return the round distance of ticks, the least of which few make the longest line."""
    size = 10.0 ** math.floor(math.log10(longest_m / TICKS))
    return next(size * m for m in (1, 2, 5, 10) if longest_m / (size * m) <= TICKS)


def _flags(svg: Element, flags: Sequence[Flag], edge: float, way: int) -> None:
    """Draw flags that rise from an edge (way -1) or hang from it (way 1)."""
    for flag in flags:
        if not flag.text:
            continue
        base = edge - 2 - ROW * flag.row if way < 0 else edge + ROW * (flag.row + 1)
        far = base - 8.5 if way < 0 else base
        stroke(svg, (flag.x, edge, flag.x, far), "#9aa7b2")
        shift = STEM if flag.anchor == "start" else -STEM
        write(svg, (flag.x + shift, base), flag.text, INK, flag.anchor)


def _rows(flags: Sequence[Flag]) -> int:
    return max((f.row + 1 for f in flags if f.text), default=0)
