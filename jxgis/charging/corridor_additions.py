"""Stretches of carriageways without charging, and the fewest service areas that mend them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jxgis.charging.carriageways import Carriageways
from jxgis.charging.corridor_sides import Sides
from jxgis.kernels.chainage import fewest_stops, stretches

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Stretch:
    """A part of a carriageway without charging, metres along it.

    Attributes
    ----------
    way
        Index of the carriageway.
    from_m, to_m
        Where it begins and ends.
    after, before
        Rows of the sides between which it is; None at an end of the data, where it is open.
    """

    way: int
    from_m: float
    to_m: float
    after: int | None
    before: int | None

    @property
    def length_m(self) -> float:
        """Its length, metres."""
        return self.to_m - self.from_m

    @property
    def is_open(self) -> bool:
        """Whether the road goes on beyond the data."""
        return self.after is None or self.before is None


@dataclass(frozen=True)
class Addition:
    """A place where charging is to be added.

    Attributes
    ----------
    way
        Index of the carriageway.
    at_m
        Metres along it.
    side
        Row of the service area's side; None where there is none, and a new site is needed.
    from_m, to_m
        Between which it may lie without another site being needed, metres.
    """

    way: int
    at_m: float
    side: int | None
    from_m: float
    to_m: float


def all_stretches(ways: Carriageways, sides: Sides, charging: BoolArray) -> list[Stretch]:
    """Return the stretches between sides with charging, by carriageway and along it.

    Parameters
    ----------
    ways, sides
        The carriageways and what is on them.
    charging
        (n_sides,) whether each has charging.
    """
    way, at = (sides.data[column].to_numpy() for column in ("way", "at_m"))
    found = []
    for k, line in enumerate(ways.lines):
        rows = np.flatnonzero(charging & (way == k))
        there = stretches(line.length, at[rows])
        where = {float(np.clip(at[row], 0.0, line.length)): int(row) for row in rows[::-1]}
        for start, end in zip(there[:-1].tolist(), there[1:].tolist(), strict=True):
            found.append(Stretch(k, start, end, where.get(start), where.get(end)))
    return found


def fewest_additions(
    ways: Carriageways, sides: Sides, there: ArrayLike, limit_m: float
) -> list[Addition]:
    """Return the fewest sides to equip so that no stretch is longer than a limit.

    Parameters
    ----------
    ways, sides
        The carriageways and what is on them: each side can be equipped.
    there
        (n_sides,) whether each has charging already, or gets it anyway.
    limit_m
        Metres, > 0.

    Returns
    -------
    list of Addition
        By carriageway and along it, with the fewest new sites where sides do not suffice.
    """
    has = np.asarray(there, dtype=bool)
    way, at = (sides.data[column].to_numpy() for column in ("way", "at_m"))
    found: list[Addition] = []
    for k, line in enumerate(ways.lines):
        own, bare = np.flatnonzero(has & (way == k)), np.flatnonzero(~has & (way == k))
        stops = fewest_stops(line.length, at[own], at[bare], limit_m)
        found += [equipped(sides, row) for row in bare[stops.chosen].tolist()]
        for start, end, new in zip(stops.from_m, stops.to_m, stops.new, strict=True):
            found += _new_sites(k, float(start), float(end), int(new), limit_m)
    return sorted(found, key=lambda a: (a.way, a.at_m))


def equipped(sides: Sides, row: int) -> Addition:
    """Return the addition of charging at a service area's side."""
    way, at = int(sides.data["way"].iloc[row]), float(sides.data["at_m"].iloc[row])
    return Addition(way, at, row, at, at)


def _new_sites(
    way: int, start: float, end: float, count: int, limit_m: float
) -> Iterator[Addition]:
    """Give new sites evenly along a stretch, and between which places each may lie."""
    for i in range(1, count + 1):
        first = max(start, end - (count - i + 1) * limit_m)
        last = min(end, start + i * limit_m)
        yield Addition(way, start + (end - start) * i / (count + 1), None, first, last)
