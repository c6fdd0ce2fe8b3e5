"""Service areas on the carriageways that they are reached from: a row for each side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from jxgis.charging.carriageways import Carriageways, directions, texts
from jxgis.charging.corridor_notes import odd, one_sided, without_repeats
from jxgis.charging.corridor_words import (
    BOTH,
    MAIN,
    SIDES,
    is_named,
    leads,
    says_both,
    without_direction,
)
from jxgis.errors import InputError, InputErrors
from jxgis.i18n import _
from jxgis.kernels.chainage import located
from jxgis.layers import Layer
from jxgis.results import LedgerRow
from jxgis.rules import Rules

WITHIN_RULE = "corridors.attach_within_m"
SIDE_RULE = "corridors.side_least_m"


class At(NamedTuple):
    """A place on a carriageway: its index, and metres along it and to its right."""

    way: int
    at_m: float
    offset_m: float


@dataclass(frozen=True)
class Sides:
    """Things beside carriageways, a row a thing and side.

    Attributes
    ----------
    layer
        Name of the layer that they are from.
    data
        ``row`` (position in the layer), ``name``, ``area`` (the name without a direction),
        ``main``, ``way`` (index of the carriageway), ``at_m`` (along it), ``offset_m`` (to its
        right), ``told`` (by ``side``, ``name`` or ``place``) and the point as geometry.
    ledger
        What was assumed or looks wrong.
    """

    layer: str
    data: gpd.GeoDataFrame
    ledger: tuple[LedgerRow, ...] = ()


class Told(NamedTuple):
    """Which carriageways a thing belongs to, and what told so."""

    at: list[At]
    how: str


@dataclass
class Teller:
    """Tells on which side of an expressway things are.

    Attributes
    ----------
    ways
        The carriageways.
    least_m
        Nearer to a centreline than this, the place tells nothing, metres.
    contradicted
        Names of things that lie on another side than is said.
    unknown
        Names that say a direction which no carriageway nearby has.
    """

    ways: Carriageways
    least_m: float
    contradicted: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def tell(self, name: str, side: str, near: Sequence[At]) -> Told | str:
        """Return the carriageways, or what is wrong in the reader's language.

        Parameters
        ----------
        name, side
            Of the thing; empty where it has none.
        near
            Carriageways near it, the nearest first; at least one.
        """
        same = self._of_expressway(near, near[0])
        if side or says_both(name):
            return self._by_column(name, side.strip().lower() or BOTH[0], near, same)
        said = self._said(name, near)
        if said is not None:
            return self._checked(name, said, same, "name")
        if "方向" in name or "bound" in name.lower():
            self.unknown.append(name)
        place = self.by_place(same)
        if place is None:
            return _("on which side of {expressway} it is cannot be told").format(
                expressway=self.ways.ways[same[0].way].expressway
            )
        return Told([place], "place")

    def by_words(self, name: str, side: str, near: Sequence[At]) -> list[At] | None:
        """Return the carriageways that words alone say, None where they say none that is near."""
        same = self._of_expressway(near, near[0])
        if side or says_both(name):
            told = self._by_column(name, side.strip().lower() or BOTH[0], near, same)
            return told.at if isinstance(told, Told) else None
        said = self._said(name, near)
        return None if said is None else self._checked(name, said, same, "name").at

    def _by_column(self, name: str, side: str, near: Sequence[At], same: list[At]) -> Told | str:
        if side in BOTH:
            opposite = self._opposite(same)
            if opposite is None:
                return _("both sides are asked for, and only one carriageway is near")
            return Told([same[0], opposite], "side")
        if side in SIDES:
            told = self._drawn(SIDES[side], same)
            return self._checked(name, told, same, "side") if isinstance(told, At) else told
        named = [at for at in near if is_named(side, self.ways.ways[at.way])]
        if not named:
            return _("side is {side}, and no carriageway near leads there").format(side=side)
        return self._checked(name, named[0], same, "side")

    def _of_expressway(self, near: Sequence[At], one: At) -> list[At]:
        own = self.ways.ways[one.way].expressway
        return [at for at in near if self.ways.ways[at.way].expressway == own]

    def _apart(self, one: At, other: At) -> bool:
        """Return whether two carriageways are driven opposite ways."""
        first, second = (directions(self.ways.ways[a.way].line, [a.at_m]) for a in (one, other))
        return float((first * second).sum()) < 0

    def _opposite(self, same: Sequence[At]) -> At | None:
        return next((at for at in same[1:] if self._apart(same[0], at)), None)

    def _drawn(self, side: str, same: Sequence[At]) -> At | str:
        """Return the carriageway on a side of the line as it is drawn."""
        forward = (side == "right") != self.ways.drive_on_left
        centre = [at for at in same if self.ways.ways[at.way].centreline]
        own = [at for at in centre if self.ways.ways[at.way].forward == forward]
        if own:
            return own[0]
        return _("side is {side}, but each carriageway is a line of its own").format(side=side)

    def _said(self, name: str, near: Sequence[At]) -> At | None:
        """Return the nearest carriageway that a name says, where it says one direction only."""
        for at in near:
            if leads(name, self.ways.ways[at.way]):
                own = self._of_expressway(near, at)
                others = [o for o in own if leads(name, self.ways.ways[o.way])]
                return (
                    at if all(o.way == at.way or not self._apart(at, o) for o in others) else None
                )
        return None

    def by_place(self, same: Sequence[At]) -> At | None:
        """Return the carriageway from whose driving side a thing is reached, of one expressway."""
        nearest = same[0]
        if abs(nearest.offset_m) < self.least_m:
            return None if self.ways.ways[nearest.way].centreline else nearest
        sign = -1.0 if self.ways.drive_on_left else 1.0
        return next((at for at in same if sign * at.offset_m > 0), None)

    def _checked(self, name: str, at: At, same: Sequence[At], how: str) -> Told:
        """Return what was told, and note where the place says otherwise."""
        own = same if any(at.way == o.way for o in same) else [at]
        place = self.by_place(own)
        if place is not None and place.way != at.way and self._apart(place, at):
            self.contradicted.append(name)
        return Told([at], how)


def attach(layer: Layer, ways: Carriageways, *, rules: Rules) -> Sides:
    """Put service areas on the carriageways that they are reached from.

    A column ``side`` decides (``both``, ``left`` or ``right`` of the line as it is drawn, or a
    direction's name), else a direction in the name (``嘉兴服务区（上海方向）``), else the place.

    Parameters
    ----------
    layer
        ``service_areas``: points or polygons, in the metric CRS of the carriageways.
    ways
        The carriageways.
    rules
        How near it must be, and from how near on a place says nothing.

    Returns
    -------
    Sides
        What is on both sides has two rows. On the ledger is what lies on another side than its
        name or column says, and what lies on one side only with no word of it.

    Raises
    ------
    InputError
        For each row that is near no expressway, or whose carriageway cannot be told.
    """
    within = rules[WITHIN_RULE].value
    teller = Teller(ways, rules[SIDE_RULE].value)
    points = np.asarray(layer.data.geometry.representative_point(), dtype=object)
    near = places(ways, points, within)
    names, sides, mains = (texts(layer, column) for column in ("name", "side", "main"))
    rows, faults = [], []
    for i, (name, side) in enumerate(zip(names, sides, strict=True)):
        told = teller.tell(name, side, near[i]) if near[i] else _far(points[i], ways, within)
        main = MAIN.get(mains[i].lower())
        if main is None:
            told = _("main is {word}").format(word=mains[i])
        if isinstance(told, str):
            faults.append(InputError(told, layer=layer.name, row=i + 1, mend=_mend(near[i], ways)))
            continue
        area = without_direction(name, ways.ways) or _("service area {n}").format(n=i + 1)
        rows += [(i, name or area, area, main, *at, told.how, points[i]) for at in told.at]
    if faults:
        raise faults[0] if len(faults) == 1 else InputErrors(faults)
    columns = ["row", "name", "area", "main", *At._fields, "told", "geometry"]
    data = gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), crs=ways.crs)
    once, dropped = without_repeats(data, layer.name, within)
    ledger = (*odd(teller.contradicted, teller.unknown, layer.name), *dropped)
    return Sides(layer.name, once, (*ledger, *one_sided(once, layer.name, within)))


def places(
    ways: Carriageways, points: np.ndarray[tuple[int, ...], np.dtype[np.object_]], within_m: float
) -> list[list[At]]:
    """Return for each point its places on the carriageways near it, the nearest first."""
    found: list[list[At]] = [[] for _point in points]
    on = located(ways.lines, points, within_m)
    for k, point in enumerate(on.point.tolist()):
        found[point].append(At(int(on.line[k]), float(on.at_m[k]), float(on.offset_m[k])))
    return found


def _far(point: shapely.Point, ways: Carriageways, within_m: float) -> str:
    distance = float(shapely.distance(ways.lines, point).min())
    return _("it lies {distance:.0f} m from the nearest expressway, more than {limit:g} m").format(
        distance=distance, limit=within_m
    )


def _mend(near: Sequence[At], ways: Carriageways) -> str:
    if not near:
        return _("Move it, leave it out, or give the rule {name} another value").format(
            name=WITHIN_RULE
        )
    own = ways.ways[near[0].way].expressway
    to = [
        ways.ways[at.way].leads_to or ways.ways[at.way].heading
        for at in near
        if ways.ways[at.way].expressway == own
    ]
    return _("In a column side it can say {names}; in a column main, yes or no").format(
        names=", ".join(dict.fromkeys(["both", "left", "right", *to]))
    )
