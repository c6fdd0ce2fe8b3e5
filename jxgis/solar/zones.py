"""Zones that reach a capacity: the most compact of each county, or how far the best falls short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.ndimage
import shapely

from jxgis.kernels.compact import compact
from jxgis.solar.frame import Frame
from jxgis.solar.land import LAND_FORMS
from jxgis.solar.landmap import Day
from jxgis.solar_spec import FORMS

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

RUNNERS_UP = 2
"""How many zones beside the best are shown for each county."""


@dataclass(frozen=True)
class Capacity:
    """What could be built on a day.

    Attributes
    ----------
    day
        The land and its pieces.
    xy : (pieces, 2) array
        Middle of each piece, metres in the run's CRS.
    mw : (pieces, forms) array
        Capacity of each, by `FORMS`.
    by_county : (counties, forms) array
        Capacity of each county, also what lies in no piece.
    """

    day: Day
    xy: FloatArray
    mw: FloatArray
    by_county: FloatArray

    @property
    def all_mw(self) -> FloatArray:
        """Capacity of each piece, all forms together."""
        return np.asarray(self.mw.sum(axis=1))


@dataclass(frozen=True)
class Zone:
    """Connected land and roofs that reach the capacity.

    Attributes
    ----------
    county, rank
        Number of the county, and 1 for its most compact zone.
    pieces
        What it is put together from.
    centre, radius_m
        The smallest circle round a piece's middle that holds the middles of its pieces.
    mw : (forms,) array
        By `FORMS`.
    """

    county: int
    rank: int
    pieces: IntArray
    centre: tuple[float, float]
    radius_m: float
    mw: FloatArray


@dataclass(frozen=True)
class Short:
    """A county without a zone.

    Attributes
    ----------
    county
        Its number.
    best_mw, pieces
        Of the patch that carries the most.
    patches
        Capacities of the patches in the smallest circle that carries it, whatever parts them, the
        largest first; empty where the whole county does not.
    radius_m
        Of that circle.
    """

    county: int
    best_mw: float
    pieces: IntArray
    patches: FloatArray
    radius_m: float


@dataclass(frozen=True)
class Patch:
    """Connected land and roofs of the whole map that reach the capacity, across counties.

    Attributes
    ----------
    pieces
        What it is put together from.
    mw : (forms,) array
        By `FORMS`.
    by_county : (counties,) array
        How much of it lies in each county, megawatts.
    """

    pieces: IntArray
    mw: FloatArray
    by_county: FloatArray


def patches_of(capacity: Capacity, need_mw: float) -> list[Patch]:
    """Return the components of the whole map that reach the capacity, largest first.

    Parameters
    ----------
    capacity
        Of all land, on a day.
    need_mw
        Capacity that makes a zone.
    """
    pieces, amount = capacity.day.pieces, capacity.all_mw
    total = np.bincount(pieces.component, weights=amount)
    order = np.argsort(pieces.component, kind="stable")
    first = np.searchsorted(pieces.component[order], np.arange(len(total) + 1))
    counties = len(capacity.by_county)
    found = []
    for number in np.argsort(-total, kind="stable").tolist():
        if total[number] < need_mw:
            break
        own = order[first[number] : first[number + 1]]
        shares = np.bincount(pieces.zone[own], weights=amount[own], minlength=counties)
        found.append(Patch(own, capacity.mw[own].sum(axis=0), np.asarray(shares, np.float64)))
    return found


def capacity(
    day: Day,
    frame: Frame,
    density: FloatArray,
    roofs: npt.NDArray[np.object_],
    roof_mw: FloatArray,
) -> Capacity:
    """Return what could be built on a day, piece by piece.

    Parameters
    ----------
    day, frame
        Free land, and its cells.
    density : (land forms,) array
        Watts a square metre, by `LAND_FORMS`.
    roofs
        A point in each roof; it belongs to the piece there.
    roof_mw : (roofs,) array
        Capacity of each on the day.
    """
    order = [LAND_FORMS.index(form) for form in FORMS[1:]]
    count = len(day.pieces.zone)
    mw = np.zeros((count, len(FORMS)))
    by_county = np.zeros((len(frame.zones), len(FORMS)))
    mw[:, 1:] = (day.area_m2 * density / 1e6)[:, order]
    by_county[:, 1:] = (day.by_county_m2 * density / 1e6)[:, order]
    at = places_of(frame, roofs)
    here = (at >= 0).all(axis=1)
    piece = np.full(len(at), -1)
    piece[here] = day.pieces.label[at[here, 0], at[here, 1]]
    mw[:, 0] = np.bincount(piece + 1, weights=roof_mw, minlength=count + 1)[1:]
    county = counties_of(frame, roofs)
    by_county[:, 0] = np.bincount(county + 1, weights=roof_mw, minlength=len(frame.zones) + 1)[1:]
    return Capacity(day, frame.grid.to_ground(day.pieces.xy), mw, by_county)


def places_of(frame: Frame, points: npt.NDArray[np.object_]) -> IntArray:
    """Return row and column of the cell of each point; -1 and -1 outside the grid."""
    pixels = frame.grid.to_pixels(shapely.get_coordinates(points))
    at = np.floor(pixels[:, ::-1]).astype(np.int64)
    outside = ((at < 0) | (at >= [frame.grid.height, frame.grid.width])).any(axis=1)
    at[outside] = -1
    return at


def counties_of(frame: Frame, points: npt.NDArray[np.object_]) -> IntArray:
    """Return the number of the county that each point lies in, the first of several; -1: none."""
    shapes = np.array(frame.shapes, dtype=object)
    point, county = shapely.STRtree(shapes).query(points, predicate="intersects")
    found = np.full(len(points), -1)
    order = np.lexsort((-county, point))
    found[point[order]] = county[order]
    return found


def zones_of(capacity: Capacity, county: int, need_mw: float) -> list[Zone] | Short:
    """Return the most compact zones of a county, or how far its best patch falls short.

    Parameters
    ----------
    capacity
        Of all land, on a day.
    county
        Number of the county.
    need_mw
        Capacity that makes a zone.
    """
    pieces = capacity.day.pieces
    own = np.flatnonzero(pieces.zone == county)
    number = np.full(len(pieces.zone), -1)
    number[own] = np.arange(len(own))
    edges = number[pieces.edges]
    edges = edges[(edges >= 0).all(axis=1)]
    amount = capacity.all_mw[own]
    found = compact(capacity.xy[own], amount, edges, need_mw, 1 + RUNNERS_UP)
    if not found:
        return _short(capacity, county, own, edges, need_mw)
    return [
        Zone(
            county,
            rank,
            own[zone.pieces],
            tuple(capacity.xy[own[zone.centre]].tolist()),
            zone.radius,
            capacity.mw[own[zone.pieces]].sum(axis=0),
        )
        for rank, zone in enumerate(found, 1)
    ]


def _short(
    capacity: Capacity, county: int, own: IntArray, edges: IntArray, need_mw: float
) -> Short:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not len(own):
        return Short(county, 0.0, own, np.zeros(0), 0.0)
    graph = coo_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(len(own),) * 2)
    _count, patch = connected_components(graph, directed=False)
    amounts = np.asarray(np.bincount(patch, weights=capacity.all_mw[own]), np.float64)
    best = int(np.argmax(amounts))
    xy = capacity.xy[own]
    circle = compact(xy, capacity.all_mw[own], _neighbours(xy), need_mw)
    if not circle:
        return Short(county, float(amounts[best]), own[patch == best], np.zeros(0), 0.0)
    inside = circle[0].pieces
    by_patch = np.bincount(patch[inside], weights=capacity.all_mw[own[inside]])
    parts = np.asarray(np.sort(by_patch[by_patch > 0])[::-1], np.float64)
    return Short(county, float(amounts[best]), own[patch == best], parts, circle[0].radius)


def _neighbours(xy: FloatArray) -> IntArray:
    """Return pairs of points so that those in any circle are connected: Delaunay's edges.

    Of points on one line, or so near to each other that they are left out, each is a neighbour of
    the next along the line, or of the one that it lies by.
    """
    from scipy.spatial import Delaunay, QhullError

    try:
        made = Delaunay(xy)
    except (QhullError, ValueError):  # too few, or on one line
        order = np.lexsort(xy.T)
        return np.column_stack([order[:-1], order[1:]])
    corners = made.simplices
    pairs = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]])
    return np.asarray(np.concatenate([pairs, made.coplanar[:, [0, 2]]]), np.int64)


def outlines(label: npt.NDArray[np.int32], frame: Frame, sets: Sequence[IntArray]) -> list[Any]:
    """Return the outlines of sets of pieces: the cells that they consist of.

    Parameters
    ----------
    label : (rows, columns) array
        The piece of each cell.
    frame
        The cells.
    sets
        Which pieces.

    Returns
    -------
    list of shapely.Geometry
        In the run's metric CRS.
    """
    places = scipy.ndimage.find_objects(label + 1)
    return [_outline(label, frame, own, [places[number] for number in own]) for own in sets]


def _outline(
    label: npt.NDArray[np.int32], frame: Frame, pieces: IntArray, places: Sequence[Any]
) -> Any:
    if not len(pieces):
        return shapely.Polygon()
    top, left = (min(place[axis].start for place in places) for axis in (0, 1))
    bottom, right = (max(place[axis].stop for place in places) for axis in (0, 1))
    rows, columns = np.nonzero(np.isin(label[top:bottom, left:right], pieces))
    rows, columns = rows + top, columns + left
    # runs of cells along a row become one box each
    first = np.ones(len(rows), dtype=bool)
    first[1:] = (rows[1:] != rows[:-1]) | (columns[1:] != columns[:-1] + 1)
    start = np.flatnonzero(first)
    end = np.append(start[1:], len(rows)) - 1
    west_north = frame.grid.to_ground(np.column_stack([columns[start], rows[start]]).astype(float))
    east_south = frame.grid.to_ground(
        np.column_stack([columns[end] + 1, rows[end] + 1]).astype(float)
    )
    boxes = shapely.box(west_north[:, 0], east_south[:, 1], east_south[:, 0], west_north[:, 1])
    return shapely.union_all(boxes)
