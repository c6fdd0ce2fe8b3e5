"""What a coverage is a share of: land, streets, people. Each says how much of it is reached.

A whole is laid out once, by the sets of the ground that figures are of, and is then asked about
any stops: the ones that there are, the frequent ones, and hundreds of replicates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import shapely
from numpy.typing import NDArray

from jxgis.kernels.discs import covered_areas
from jxgis.kernels.polygons import Polygons, spaced
from jxgis.kernels.streets import Links
from jxgis.kernels.stretches import Stretches, covered_lengths, reached_lines, total_lengths
from jxgis.kernels.walking import distance_at
from jxgis.transit.ground import Sets
from jxgis.transit.reach import Reach

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

STEPS = 10
"""Discs in a row along a reached street, within the distance that is near."""


class Whole(Protocol):
    """Something of which a share is reached, in n sets."""

    @property
    def total(self) -> FloatArray:
        """(n,) all of it, in its own unit."""

    def reached(self, reach: Reach, radii: Sequence[float]) -> FloatArray:
        """Return how much of it is reached, (len(radii), n), in its own unit."""


class Land:
    """Area within a straight distance of a stop, exactly, square metres."""

    def __init__(self, sets: Sets) -> None:
        self._polygons, self._owner = sets.flat()
        self._n = len(sets)
        self.total = _sums(self._owner, shapely.area(self._polygons), self._n)

    def reached(self, reach: Reach, radii: Sequence[float]) -> FloatArray:
        """Return the area that discs around the stops cover, (len(radii), n)."""
        return self.near(reach.points, radii)

    def near(self, points: FloatArray, radii: Sequence[float]) -> FloatArray:
        """Return the area that discs around points cover, (len(radii), n)."""
        covered = covered_areas(points, radii, self._polygons)
        sums = [_sums(self._owner, own, self._n) for own in covered]
        return np.clip(np.array(sums), 0, self.total)  # rounding


@dataclass(frozen=True)
class StreetLength:
    """Length of streets within a walking distance of a stop, exactly, metres."""

    stretches: Stretches
    n: int

    @property
    def total(self) -> FloatArray:
        """(n,) metres."""
        return total_lengths(self.stretches, self.n)

    def reached(self, reach: Reach, radii: Sequence[float]) -> FloatArray:
        """Return the length that is reached, (len(radii), n)."""
        return covered_lengths(
            reach.streets, self.stretches, reach.node_distance, reach.links, radii, self.n
        )


class LandNearStreets:
    """Area within a stated distance of streets that are reached, square metres.

    A street is a row of discs a tenth of the distance apart, whose union is measured exactly. Its
    edge is scalloped by at most an eight-hundredth of the distance; the discs are wider by a
    third of that, so that the scallops even out.
    """

    def __init__(self, sets: Sets, within_m: float) -> None:
        self._land = Land(sets)
        self._within_m = within_m
        self.total = self._land.total

    def reached(self, reach: Reach, radii: Sequence[float]) -> FloatArray:
        """Return the area near reached streets, (len(radii), n)."""
        step = self._within_m / STEPS
        wider = self._within_m * (1 + 1 / (24 * STEPS**2))
        areas = []
        for radius in radii:
            lines = reached_lines(reach.streets, reach.node_distance, reach.links, radius)
            points, _line = spaced(lines, step)
            nothing = np.zeros(len(self.total))
            areas.append(self._land.near(points, [wider])[0] if len(points) else nothing)
        return np.array(areas)


@dataclass(frozen=True)
class Places:
    """Points that carry people or jobs, in sets.

    Attributes
    ----------
    points
        (m, 2) metres.
    links
        Where they are on the streets; None where nobody asks for walking.
    """

    points: FloatArray
    weight: FloatArray
    owner: IntArray
    n: int
    links: Links | None = None

    @property
    def total(self) -> FloatArray:
        """(n,) people or jobs."""
        return _sums(self.owner, self.weight, self.n)

    def distance(self, reach: Reach, *, walking: bool) -> FloatArray:
        """Return each point's distance to the nearest stop, metres.

        Raises
        ------
        ValueError
            Walking, where the places are not linked to streets.
        """
        if walking:
            if self.links is None:
                raise ValueError("the places are not linked to streets")
            return distance_at(reach.streets, reach.node_distance, reach.links, self.links)
        distance, _nearest = reach.tree.query(self.points)
        return np.asarray(distance, float)

    def within(self, distance: FloatArray, radii: Sequence[float]) -> FloatArray:
        """Return how many are within each radius, (len(radii), n)."""
        return np.array(
            [_sums(self.owner, self.weight * (distance <= radius), self.n) for radius in radii]
        )


@dataclass(frozen=True)
class People:
    """People (or jobs) within a straight distance of a stop.

    Those at points count where their point is within the distance; those in polygons by the share
    of the polygon's area that is, exactly.

    Attributes
    ----------
    places
        Points, and polygons as a lattice of points.
    exact
        Pieces of polygons by set, with people a square metre; None where all are at points.
    """

    places: Places
    exact: tuple[Polygons, FloatArray, IntArray] | None = None
    at_points: Places | None = None

    @property
    def total(self) -> FloatArray:
        """(n,) people or jobs."""
        return self.places.total

    def reached(self, reach: Reach, radii: Sequence[float]) -> FloatArray:
        """Return how many are within each radius, (len(radii), n)."""
        if self.exact is None or self.at_points is None:
            return self.quick(reach, radii)
        polygons, density, owner = self.exact
        areas = covered_areas(reach.points, radii, polygons)
        own = np.array([_sums(owner, area * density, self.places.n) for area in areas])
        points = self.at_points
        return own + points.within(points.distance(reach, walking=False), radii)

    def quick(self, reach: Reach, radii: Sequence[float]) -> FloatArray:
        """Return what `reached` does, with polygons as lattices of points."""
        return self.places.within(self.places.distance(reach, walking=False), radii)


@dataclass(frozen=True)
class PeopleWalking:
    """People (or jobs) within a walking distance of a stop; a polygon is a lattice of points."""

    places: Places

    @property
    def total(self) -> FloatArray:
        """(n,) people or jobs."""
        return self.places.total

    def reached(self, reach: Reach, radii: Sequence[float]) -> FloatArray:
        """Return how many are within each radius, (len(radii), n)."""
        return self.places.within(self.places.distance(reach, walking=True), radii)


def _sums(owner: IntArray, values: FloatArray, n: int) -> FloatArray:
    return np.bincount(owner, values, minlength=n).astype(np.float64)
