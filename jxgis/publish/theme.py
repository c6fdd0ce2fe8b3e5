"""Colours and classes: what each role looks like, on the page and in QGIS.

Zones are shaded with one hue from light to dark; covered and uncovered are a tint of the
bluish green and the vermilion of Okabe and Ito's palette, told apart with any kind of colour
vision. They let next to nothing through: each is one colour over light and dark zones alike.
What a proposal gains and loses is that palette's blue and reddish purple, what is proposed its
yellow; what is sited has a colour for each of its groups. Cells of green are green; of two dates,
what was gained is a dark blue and what was lost a light orange. Of photovoltaics, what is legal is
coloured by what panels would stand on, and what is not is grey: dark enough to be seen, so that
ground without a use of its own stays the lightest.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from jxgis.i18n import _
from jxgis.publish.numbers import format_share

RAMP = ("#f4f7fa", "#e0e9f2", "#c9d9e8", "#b0c8de", "#95b4d2", "#789fc4")
GREEN_RAMP = ("#f5f8f2", "#e2eedd", "#cbe1c2", "#b0d1a5", "#92bf88", "#74aa6d")
UNKNOWN = "#e9e6e1"

# Steps of the class limits, in tenths of a per cent.
_STEPS = (1, 2, 5, 10, 20, 50, 100, 200)


@dataclass(frozen=True)
class Look:
    """How a role is drawn.

    Attributes
    ----------
    fill, line
        Colours of fill and outline, ``#rrggbb``.
    opacity
        Of the fill, 0 to 1.
    width
        Of the outline, pixels.
    order
        Place from the bottom of the map to its top.
    kind
        ``area``, ``line`` or ``point``.
    hatched
        Whether the fill is a hatch.
    dashes
        Lengths of the outline's dashes and gaps, pixels; empty for a line without gaps.
    size
        Diameter of a point in QGIS, millimetres.
    """

    fill: str
    line: str
    opacity: float
    width: float
    order: int
    kind: str = "area"
    hatched: bool = False
    dashes: str = ""
    size: float = 1.6


LOOKS: Mapping[str, Look] = {
    "zones": Look(RAMP[0], "#6b7f92", 1.0, 1.0, order=0),
    "area": Look("#ffffff", "#8a8f94", 0.35, 0.8, order=1),
    "covered": Look("#7fceb9", "#00795a", 0.95, 0.0, order=2),
    "uncovered": Look("#d55e00", "#a34700", 0.95, 0.0, order=3),
    "gained": Look("#0072b2", "#004c78", 0.95, 0.0, order=4),
    "lost": Look("#cc79a7", "#8a3b66", 0.95, 0.0, order=5),
    "excluded": Look("#6f7378", "#55595e", 0.9, 0.8, order=6, hatched=True),
    "reached": Look("#00664b", "#00664b", 0.95, 1.3, order=7, kind="line"),
    "lines": Look("#55595e", "#55595e", 0.9, 1.4, order=8, kind="line"),
    "gaps": Look("#000000", "#000000", 0.0, 2.2, order=9),
    "runner_up": Look("#1f2a33", "#1f2a33", 0.0, 1.8, order=10, dashes="5 4"),
    "best": Look("#000000", "#000000", 0.0, 2.8, order=11),
    "roofs": Look("#c46fb5", "#4a1041", 0.95, 0.6, order=12),
    "points": Look("#14324a", "#ffffff", 0.95, 0.6, order=13, kind="point"),
    "proposed": Look("#f0e442", "#000000", 1.0, 1.5, order=15, kind="point", size=3.4),
    "sited": Look("#e9e6e1", "#16212b", 1.0, 1.4, order=14, kind="point", size=3.4),
}


# What the cells of a picture show: told apart by everyone, gained from lost in grey as well.
PICTURE_COLOURS: Mapping[str, str] = {
    "green": "#2e8b57",
    "tree": "#14532d",
    "not_green": "#efe6d8",
    "unseen": "#a9a6bd",
    "kept": "#86b884",
    "gained": "#00568a",
    "lost": "#f2b35e",
    "allowed_ground": "#e39400",
    "allowed_pond": "#4a9fdb",
    "allowed_composite": "#12734a",
    "roof": "#6a1b5d",
    "forbidden": "#cbc8c4",
    "no_use": "#f9f8f5",
}

# Shares whose name begins so are of something green.
_GREEN = ("green", "tree", "forest", "land", "park", "wetland")


@dataclass(frozen=True)
class Classes:
    """Classes of a share: ``limits`` rise, and class i holds limits[i] <= share < limits[i + 1].

    The last class holds its upper limit too.
    """

    limits: tuple[float, ...]
    colours: tuple[str, ...]

    def of(self, share: float | None) -> int | None:
        """Return the class of a share, or None where there is no share."""
        if share is None or not math.isfinite(share):
            return None
        inside = sum(share >= limit for limit in self.limits) - 1
        return min(max(inside, 0), len(self.colours) - 1)

    def labels(self) -> list[str]:
        """Return each class's limits as the legend prints them."""
        texts = [format_share(limit, decimals=self._decimals()) for limit in self.limits]
        return [_("{low} to {high}").format(low=low, high=high) for low, high in pairwise(texts)]

    def _decimals(self) -> int:
        return int(any(round(limit * 1000) % 10 for limit in self.limits))


def ramp_of(column: str) -> tuple[str, ...]:
    """Return the colours that shade a column of shares: green ones where it is of green."""
    return GREEN_RAMP if column.startswith(_GREEN) else RAMP


def classes_of(shares: Sequence[float | None], ramp: tuple[str, ...] = RAMP) -> Classes:
    """Return at most six equal classes with round limits that hold all shares.

    Parameters
    ----------
    shares
        Shares; None and NaN are left out.
    ramp
        Colours from light to dark.

    Returns
    -------
    Classes
        One class of 0 to 100 % where no share is known.
    """
    known = [s for s in shares if s is not None and math.isfinite(s)]
    if not known:
        return Classes((0.0, 1.0), (ramp[0],))
    for step in _STEPS:
        low = math.floor(round(min(known) * 1000, 6) / step)
        high = max(math.ceil(round(max(known) * 1000, 6) / step), low + 1)
        if high - low <= len(ramp):
            break
    if max(known) <= 1 < high * step / 1000:  # all are 100 %: nothing is above it
        low, high = low - 1, high - 1
    limits = tuple(k * step / 1000 for k in range(low, high + 1))
    return Classes(limits, _spread(high - low, ramp))


def _spread(n: int, ramp: tuple[str, ...]) -> tuple[str, ...]:
    """Return n colours of the ramp, the darkest among them, as far apart as they can be."""
    last = len(ramp) - 1
    return tuple(ramp[round(last - (n - 1 - i) * last / max(n - 1, 1))] for i in range(n))
