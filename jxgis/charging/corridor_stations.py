"""Chargers at service areas: on which side they are, how many posts, and how many of them fast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from jxgis.charging.carriageways import Carriageways, texts
from jxgis.charging.corridor_notes import odd
from jxgis.charging.corridor_sides import (
    SIDE_RULE,
    WITHIN_RULE,
    At,
    Sides,
    Teller,
    places,
)
from jxgis.i18n import _
from jxgis.layers import Layer
from jxgis.results import LedgerRow
from jxgis.rules import Rules

STATION_RULE = "corridors.station_within_m"
FAST_RULE = "corridors.fast_kw"

Texts = Sequence[str]


@dataclass(frozen=True)
class Posts:
    """What stands on each side.

    Attributes
    ----------
    posts, fast
        (n_sides,) charging posts, and those of them that are fast.
    ledger
        What was assumed, and chargers that are on no side.
    """

    posts: NDArray[np.float64]
    fast: NDArray[np.float64]
    ledger: tuple[LedgerRow, ...] = ()

    @property
    def charging(self) -> NDArray[np.bool_]:
        """Whether there is a fast post on each side."""
        return self.fast > 0


def posts_at(chargers: Layer | None, sides: Sides, ways: Carriageways, *, rules: Rules) -> Posts:
    """Count the charging posts on each side of each service area.

    A charger is on the side of the service area that is near it if it lies on the same side of the
    carriageway as the service area's point does. Where one point stands for both sides, what tells
    of a service area tells of the charger: a column ``side``, its name, or its place.

    Parameters
    ----------
    chargers
        Points with ``posts`` and ``power_kw``; None where there is no such layer.
    sides
        As `attach` gives them.
    ways
        The carriageways.
    rules
        How near to a service area a charger is in it, and which power is fast.

    Returns
    -------
    Posts
        Where ``posts`` is unknown there is one post, and where ``power_kw`` is, it is fast. A
        charger on both sides, or of which the side cannot be told, has half of its posts on
        either. All this is on the ledger.
    """
    none = np.zeros(len(sides.data))
    if chargers is None:
        reason = _("there is no layer of chargers: no service area is taken to have charging")
        return Posts(none, none, (LedgerRow("assumed", "chargers", 1, reason),))
    finder = _Finder(sides, ways, rules)
    on, shares, odd = finder.find(chargers)
    posts, fast, ledger = _amounts(chargers, np.unique(on[:, 0]), rules)
    total, quick = none.copy(), none.copy()
    np.add.at(total, on[:, 1], posts[on[:, 0]] * shares)
    np.add.at(quick, on[:, 1], np.where(fast, posts, 0.0)[on[:, 0]] * shares)
    return Posts(total, quick, (*ledger, *odd))


class _Finder:
    """Finds the sides that chargers are on."""

    def __init__(self, sides: Sides, ways: Carriageways, rules: Rules) -> None:
        self.data, self.ways = sides.data, ways
        self.station_m = rules[STATION_RULE].value
        self.reach_m = self.station_m + max(
            rules[WITHIN_RULE].value, float(self.data["offset_m"].abs().max() or 0.0)
        )
        self.teller = Teller(ways, rules[SIDE_RULE].value)
        self.way = self.data["way"].to_numpy()
        self.offset = self.data["offset_m"].to_numpy()
        source = self.data["row"]
        self.shared = source.duplicated(keep=False).to_numpy()  # a point that is both sides'

    def find(
        self, chargers: Layer
    ) -> tuple[NDArray[np.intp], NDArray[np.float64], list[LedgerRow]]:
        """Return pairs of charger and side, the share of its posts, and what was odd."""
        points = np.asarray(chargers.data.geometry, dtype=object)
        own = np.asarray(self.data.geometry, dtype=object)
        charger, side = shapely.STRtree(own).query(
            points, predicate="dwithin", distance=self.station_m
        )
        order = np.lexsort((side, shapely.distance(points[charger], own[side]), charger))
        charger, side = charger[order], side[order]
        which = np.unique(charger)
        near = dict(
            zip(which.tolist(), places(self.ways, points[which], self.reach_m), strict=True)
        )
        names, said = texts(chargers, "name"), texts(chargers, "side")
        pairs: list[tuple[int, int]] = []
        shares: list[float] = []
        across, halved = [], 0
        for i in which.tolist():
            found = self._sides(side[charger == i], near[i], names[i], said[i])
            if not found:
                across.append(names[i] or str(i + 1))
            halved += len(found) > 1
            pairs += [(i, k) for k in found]
            shares += [1.0 / len(found) for _side in found]
        ledger = odd(self.teller.contradicted, self.teller.unknown, chargers.name)
        ledger += _not_counted(chargers, across, halved, which)
        return np.array(pairs, dtype=np.intp).reshape(-1, 2), np.array(shares), ledger

    def _sides(self, rows: NDArray[np.intp], near: Sequence[At], name: str, said: str) -> list[int]:
        """Return the sides a charger is on, of those near it, the nearest first."""
        way = self._told_way(near, rows, name, said)
        if way:
            own = [k for k in rows.tolist() if self.way[k] in way]
            nearest = {int(self.way[k]): k for k in reversed(own)}
            return sorted(nearest.values())
        offsets = {at.way: at.offset_m for at in near}
        for k in rows.tolist():
            if self.shared[k]:
                own = self.data["row"].to_numpy()[rows] == self.data["row"].iloc[k]
                return sorted(rows[own].tolist())
            here, there = offsets.get(int(self.way[k]), 0.0), self.offset[k]
            if here * there > 0 or min(abs(here), abs(there)) < self.teller.least_m:
                return [k]
        return []

    def _told_way(
        self, near: Sequence[At], rows: NDArray[np.intp], name: str, said: str
    ) -> set[int]:
        """Return the carriageways that words say; beside a shared point also that of the place."""
        expressway = self.ways.ways[int(self.way[rows[0]])].expressway
        own = [at for at in near if self.ways.ways[at.way].expressway == expressway]
        if not own:
            return set()
        told = self.teller.by_words(name, said, own)
        if told is not None:
            return {at.way for at in told}
        place = self.teller.by_place(own) if self.shared[rows[0]] else None
        return set() if place is None else {place.way}


def _not_counted(
    chargers: Layer, across: Sequence[str], halved: int, near: NDArray[np.intp]
) -> list[LedgerRow]:
    rows = []
    if across:
        reason = _(
            "near a service area, but on another side of the expressway; not counted: {names}"
        ).format(names=_(", ").join(across))
        rows.append(LedgerRow("suspected", chargers.name, len(across), reason))
    if halved:
        reason = _(
            "on both sides, or on which is not told: half of the posts are counted on either"
        )
        rows.append(LedgerRow("assumed", chargers.name, halved, reason))
    classes = [text.lower() for text in texts(chargers, "class")]
    away = sum(
        text == "expressway" and i not in set(near.tolist()) for i, text in enumerate(classes)
    )
    if away:
        reason = _("of class expressway, but near no service area; not counted")
        rows.append(LedgerRow("outside", chargers.name, away, reason))
    return rows


def _amounts(
    chargers: Layer, used: NDArray[np.intp], rules: Rules
) -> tuple[NDArray[np.float64], NDArray[np.bool_], list[LedgerRow]]:
    """Return posts and whether they are fast, of all, and what is not known of those used."""
    ledger = []
    posts, power = (_numbers(chargers, column) for column in ("posts", "power_kw"))
    for values, reason in (
        (posts, _("the number of posts is not known: one each")),
        (power, _("the power is not known: taken as fast")),
    ):
        unknown = int(np.isnan(values[used]).sum())
        if unknown:
            ledger.append(LedgerRow("assumed", chargers.name, unknown, reason))
    fast = np.isnan(power) | (power >= rules[FAST_RULE].value)
    return np.where(np.isnan(posts), 1.0, posts), fast, ledger


def _numbers(layer: Layer, column: str) -> NDArray[np.float64]:
    if column not in layer.data:
        return np.full(len(layer.data), np.nan)
    values: NDArray[np.float64] = pd.to_numeric(layer.data[column], errors="coerce").to_numpy(float)
    return values
