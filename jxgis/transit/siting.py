"""Which new stops bring a coverage to its target: chosen with proof, then measured exactly.

The uncovered area is cut into cells of a stated size. A candidate covers a cell if it is within
the radius of a point inside it, and a programme over these cells (`jxgis.kernels.facilities`)
finds the fewest candidates that reach the target, or the best of a given number, with a bound
that no other choice can pass. Then the choice is measured exactly; if cells flattered it, the
programme is asked for a little more, and again.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from time import monotonic

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from jxgis.kernels.covers import greedy
from jxgis.kernels.discs import covered_area
from jxgis.kernels.drawn import parted
from jxgis.kernels.facilities import Unreachable, fewest, most
from jxgis.kernels.polygons import Polygons, squares
from jxgis.transit.drawings import QUAD_SEGS
from jxgis.transit.wholes import FloatArray

IntArray = NDArray[np.intp]

TRIES = 6
"""How often the programme is asked for more where cells flattered its choice."""

NEIGHBOUR = 2
"""A stop is moved to candidates within this part of the radius: a half."""

MEASURED = 50
"""As many candidates, those that add most by cells, are measured for one more stop."""


@dataclass(frozen=True)
class Demand:
    """What is not covered yet: (n, 2) points, metres, and the weight of each."""

    points: FloatArray
    weight: FloatArray


def uncovered_cells(area: Polygons, stops: FloatArray, radius: float, side: float) -> Demand:
    """Return the uncovered parts of an area, cell by cell, by a point inside and their area."""
    _covered, uncovered = next(parted(area, stops, [radius], QUAD_SEGS))
    cells = squares(uncovered, side)
    inside = shapely.get_coordinates(shapely.point_on_surface(cells))
    return Demand(inside, shapely.area(cells))


class Land:
    """The exact area that new stops add, measured around each stop only."""

    def __init__(self, area: Polygons, stops: FloatArray, radius: float) -> None:
        self._area = area
        self._tree = shapely.STRtree(area)
        self._stops, self._radius = stops, radius
        self._near = cKDTree(stops)

    def gain(self, new: FloatArray, chosen: FloatArray) -> float:
        """Return what a stop adds to the stops there are and some chosen ones, square metres."""
        disc = shapely.box(*(new - self._radius), *(new + self._radius))
        own = self._area[self._tree.query(disc, predicate="intersects")]
        local = shapely.get_parts(shapely.intersection(own, disc))
        local = local[shapely.get_type_id(local) == shapely.GeometryType.POLYGON]
        there = self._stops[self._near.query_ball_point(new, 2 * self._radius)]
        there = np.concatenate([there, chosen])
        before = covered_area(there, self._radius, local).sum() if len(there) else 0.0
        after = covered_area(np.vstack([there, new]), self._radius, local).sum()
        return float(after - before)

    def covered(self, chosen: FloatArray) -> float:
        """Return what all stops cover together, square metres."""
        points = np.concatenate([self._stops, chosen])
        return float(covered_area(points, self._radius, self._area).sum())


class Residents:
    """The people whom new stops add, of those who have none."""

    def __init__(self, unserved: Demand, served: float, radius: float) -> None:
        self.unserved, self._served, self._radius = unserved, served, radius

    def gain(self, new: FloatArray, chosen: FloatArray) -> float:
        """Return how many a stop adds to those whom some chosen ones serve."""
        points = self.unserved.points
        own = np.hypot(*(points - new).T) <= self._radius
        if len(chosen) and own.any():
            own[own] = cKDTree(chosen).query(points[own])[0] > self._radius
        return float(self.unserved.weight[own].sum())

    def covered(self, chosen: FloatArray) -> float:
        """Return how many all stops serve together."""
        points = self.unserved.points
        if not len(chosen) or not len(points):
            return self._served
        near = cKDTree(chosen).query(points)[0] <= self._radius
        return self._served + float(self.unserved.weight[near].sum())


Measured = Land | Residents


@dataclass(frozen=True)
class Choice:
    """Chosen candidates in build order, and what is known of other choices.

    Attributes
    ----------
    order
        (k,) candidates: of those that are left, always the one that adds most comes next.
    bound, lp_bound
        Of the programme over cells, as `jxgis.kernels.facilities.Solution` has them.
    status
        ``optimal``, ``time_limit`` or ``interrupted``.
    proven
        Whether no other choice can be better, counted over cells.
    quick
        How many candidates the quick (greedy) answer took, or what it covers of the cells.
    """

    order: IntArray
    bound: float
    lp_bound: float
    status: str
    proven: bool
    quick: float


def covers(demand: Demand, candidates: FloatArray, radius: float) -> csr_array[np.bool_]:
    """Return which candidate covers which demand, (n_demand, n_candidates)."""
    near = cKDTree(demand.points).sparse_distance_matrix(
        cKDTree(candidates), radius, output_type="ndarray"
    )
    shape = (len(demand.points), len(candidates))
    return csr_array((np.ones(len(near), bool), (near["i"], near["j"])), shape=shape)


def choose_fewest(
    demand: Demand,
    candidates: FloatArray,
    radius: float,
    measured: Measured,
    wanted: float,
    *,
    time_limit_s: float,
) -> Choice:
    """Return the fewest candidates with which what is covered reaches an amount, exactly.

    Parameters
    ----------
    demand
        What is not covered.
    candidates
        (n, 2) metres.
    radius
        Metres.
    measured
        Measures a choice exactly.
    wanted
        What is to be covered in all, in the unit of ``measured``.
    time_limit_s
        For the proof.

    Raises
    ------
    jxgis.kernels.facilities.Unreachable
        All candidates do not suffice.
    """
    end = monotonic() + time_limit_s
    matrix = covers(demand, candidates, radius)
    lack = wanted - measured.covered(np.empty((0, 2)))
    quick = len(greedy(matrix, demand.weight, reach=lack))
    first = fewest(matrix, demand.weight, lack, time_limit_s=time_limit_s)
    chosen, asked = first.chosen, lack
    for _attempt in range(TRIES):
        chosen = _moved(chosen, candidates, radius, measured, wanted, end)
        short = wanted - measured.covered(candidates[chosen])
        if short <= 0 or monotonic() > end:
            break
        asked += short  # what the cells promised too much
        try:
            left = max(end - monotonic(), 0.1)
            chosen = fewest(matrix, demand.weight, asked, time_limit_s=left).chosen
        except Unreachable:
            break
    chosen = _completed(chosen, candidates, matrix, demand, measured, wanted)
    proven = first.status == "optimal" and len(chosen) == first.bound
    order = build_order(chosen, candidates, measured)
    return Choice(order, first.bound, first.lp_bound, first.status, proven, quick)


def _moved(
    chosen: IntArray,
    candidates: FloatArray,
    radius: float,
    measured: Measured,
    wanted: float,
    end: float,
) -> IntArray:
    """Move chosen stops to neighbouring candidates that add more, until the amount is reached.

    Many sets are equally good by cells; the one that the programme finds first need not be the
    one that covers most exactly.
    """
    chosen = chosen.copy()
    tree = cKDTree(candidates)
    covered, before = measured.covered(candidates[chosen]), -np.inf
    while covered < wanted and covered > before and monotonic() < end:
        before = covered
        for k in range(len(chosen)):
            others = candidates[np.delete(chosen, k)]
            around = np.setdiff1d(
                tree.query_ball_point(candidates[chosen[k]], radius / NEIGHBOUR), chosen
            )
            tried = np.append(chosen[k], around).astype(np.intp)
            gains = [measured.gain(candidates[j], others) for j in tried]
            chosen[k] = tried[int(np.argmax(gains))]
        covered = measured.covered(candidates[chosen])
    return np.sort(chosen)


def _completed(
    chosen: IntArray,
    candidates: FloatArray,
    matrix: csr_array[np.bool_],
    demand: Demand,
    measured: Measured,
    wanted: float,
) -> IntArray:
    """Add the candidates that add most until the amount is reached, where it is not yet.

    Those that add most by cells are measured, and the best of them is taken.
    """
    while measured.covered(candidates[chosen]) < wanted:
        left = demand.weight * (matrix[:, chosen].sum(axis=1) == 0)
        best = np.argsort(-(matrix.T @ left), kind="stable")[:MEASURED]
        gains = [measured.gain(candidates[j], candidates[chosen]) for j in best]
        if max(gains, default=0.0) <= 0:
            break
        chosen = np.append(chosen, best[int(np.argmax(gains))])
    return chosen


def choose_most(
    demand: Demand,
    candidates: FloatArray,
    radius: float,
    measured: Measured,
    count: int,
    *,
    time_limit_s: float,
) -> Choice:
    """Return the candidates, so many, with which most is covered; as `choose_fewest`."""
    matrix = covers(demand, candidates, radius)
    chosen = greedy(matrix, demand.weight, count=count)
    near = cKDTree(candidates[chosen]).query(demand.points)[0] <= radius if len(chosen) else False
    quick = float(np.sum(demand.weight * near))
    found = most(matrix, demand.weight, count, time_limit_s=time_limit_s)
    order = build_order(found.chosen, candidates, measured)
    return Choice(
        order, found.bound, found.lp_bound, found.status, found.status == "optimal", quick
    )


def build_order(chosen: IntArray, candidates: FloatArray, measured: Measured) -> IntArray:
    """Return chosen candidates so that the next one is always the one that adds most.

    What a stop adds never grows when others come before it, so that only those at the top of a
    queue have to be measured again (Minoux 1978).
    """
    order: list[int] = []

    def gain(j: int) -> float:
        return measured.gain(candidates[j], candidates[order])

    queue = [(-gain(j), j, 0) for j in chosen.tolist()]
    heapify(queue)
    while queue:
        _worth, j, known = heappop(queue)
        if known == len(order):
            order.append(j)
        else:
            heappush(queue, (-gain(j), j, len(order)))
    return np.array(order, np.intp)
