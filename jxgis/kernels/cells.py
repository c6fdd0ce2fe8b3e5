"""Points, lines and polygons cut along a square grid, or each taken as a few points."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from jxgis.kernels.arcs import FloatArray, IntArray

Shapes = NDArray[np.object_]

PIECE_M = 1000.0
"""A line that is taken as points is one point for each piece of at most this length, metres."""

SHORT_M = 1e-9
"""Pieces of lines that are shorter than this come from rounding, metres."""

_POLYGON = 2


class Pieces(NamedTuple):
    """Parts of shapes.

    Attributes
    ----------
    row
        (p,) index of the shape, ascending.
    share
        (p,) share of the shape's area or length that the piece has; those of a shape add up to 1.
    points
        (p, 2) the piece's centre, metres.
    cell
        (p, 2) column and row of the cell that it is in, counted from the origin of coordinates.
    """

    row: IntArray
    share: FloatArray
    points: FloatArray
    cell: IntArray


def onto_cells(shapes: Shapes, side: float) -> Pieces:
    """Cut shapes along a grid of squares whose corners are multiples of a side.

    Parameters
    ----------
    shapes
        (n,) points, lines and polygons, metres.
    side
        Of the squares, metres, > 0.

    Returns
    -------
    Pieces
        A polygon's shares are of its area, a line's of its length. What lies on a border, or
        along it, is in the cell above or to the right.
    """
    dimension = shapely.get_dimensions(shapes)
    size = np.where(dimension == _POLYGON, shapely.area(shapes), shapely.length(shapes))
    lines, polygons = (dimension == 1) & (size > 0), (dimension == _POLYGON) & (size > 0)
    parts = []
    for of_kind, cut in (
        (~lines & ~polygons, _at_points),
        (lines, _cut_lines),
        (polygons, _cut_polygons),
    ):
        rows = np.flatnonzero(of_kind)
        if len(rows):
            own = cut(shapes[rows], side)
            parts.append(own._replace(row=rows[own.row]))
    if not parts:
        return _at_points(shapes, side)
    row, share, points, cell = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    total, order = np.bincount(row, share)[row], np.argsort(row, kind="stable")
    return Pieces(row[order], (share / total)[order], points[order], cell[order])


def _at_points(shapes: Shapes, side: float) -> Pieces:
    points = shapely.get_coordinates(shapely.centroid(shapes))
    cell = np.floor(points / side).astype(np.intp)
    return Pieces(np.arange(len(shapes)), np.ones(len(shapes)), points, cell)


def _cut_lines(shapes: Shapes, side: float) -> Pieces:
    """Cut each straight part of lines where it crosses the grid; shares are metres."""
    lines, line = shapely.get_parts(shapes, return_index=True)
    coordinates, part = shapely.get_coordinates(lines, return_index=True)
    segment = np.flatnonzero(np.diff(part) == 0)
    start, vector = coordinates[segment], coordinates[segment + 1] - coordinates[segment]
    every = np.arange(len(segment))
    of, at = [every, every], [np.zeros(len(segment)), np.ones(len(segment))]
    for axis in (0, 1):
        low = np.minimum(start, start + vector)[:, axis] / side
        high = np.maximum(start, start + vector)[:, axis] / side
        first = np.floor(low).astype(np.intp) + 1
        count = np.maximum(np.ceil(high).astype(np.intp) - first, 0)
        crossing = np.repeat(every, count)
        number = np.arange(len(crossing)) - np.repeat(np.cumsum(count) - count, count)
        border = (first[crossing] + number) * side
        of.append(crossing)
        at.append((border - start[crossing, axis]) / vector[crossing, axis])
    own, share = np.concatenate(of), np.concatenate(at)
    order = np.lexsort((share, own))
    own, share = own[order], share[order]
    last = np.flatnonzero(np.diff(own) == 0)
    middle, step = (share[last] + share[last + 1]) / 2, share[last + 1] - share[last]
    own = own[last]
    points = start[own] + middle[:, None] * vector[own]
    length = step * np.hypot(*vector[own].T)
    return _merged(line[part[segment]][own], length, points, side)


def _merged(row: IntArray, length: FloatArray, points: FloatArray, side: float) -> Pieces:
    """Return what a line has in each cell as one piece, at the middle of its length there."""
    there = length > SHORT_M
    row, length, points = row[there], length[there], points[there]
    cell = np.floor(points / side).astype(np.intp)
    order = np.lexsort((cell[:, 0], cell[:, 1], row))
    keys = np.column_stack([row, cell])[order]
    new = np.flatnonzero(np.append(True, (np.diff(keys, axis=0) != 0).any(axis=1)))
    total = np.add.reduceat(length[order], new)
    moment = np.add.reduceat((points * length[:, None])[order], new)
    return Pieces(keys[new, 0], total, moment / total[:, None], keys[new, 1:])


def _cut_polygons(shapes: Shapes, side: float) -> Pieces:
    """Cut polygons by the squares that they meet; shares are square metres."""
    west, south, east, north = np.floor(shapely.bounds(shapes) / side).astype(np.intp).T
    columns, rows = east - west + 1, north - south + 1
    count = columns * rows
    row = np.repeat(np.arange(len(shapes)), count)
    number = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    cell = np.column_stack([west[row] + number % columns[row], south[row] + number // columns[row]])
    piece = shapes[row]
    several = np.flatnonzero(count[row] > 1)
    corner = cell[several] * side
    box = np.asarray(shapely.box(*corner.T, *(corner + side).T), dtype=object)
    shapely.prepare(shapes)
    inner = shapely.contains_properly(piece[several], box)
    edge = ~inner & shapely.intersects(piece[several], box)
    piece[several] = None
    piece[several[inner]] = box[inner]
    piece[several[edge]] = shapely.intersection(shapes[row[several[edge]]], box[edge])
    area = np.nan_to_num(shapely.area(piece))
    met = area > 0
    centre = shapely.get_coordinates(shapely.centroid(piece[met]))
    return Pieces(row[met], area[met], centre, cell[met])


def as_points(shapes: Shapes) -> Pieces:
    """Take shapes as points: polygons as their centre, lines as one point for each kilometre.

    Parameters
    ----------
    shapes
        (n,) points, lines and polygons, metres.

    Returns
    -------
    Pieces
        Each in a cell of its own. A polygon's centroid, or where that lies outside a point inside;
        the middles of a line's pieces, which are equally long and no longer than `PIECE_M`.
    """
    points = shapely.centroid(shapes)
    dimension = shapely.get_dimensions(shapes)
    hollow = (dimension == _POLYGON) & ~shapely.intersects(shapes, points)
    points[hollow] = shapely.point_on_surface(shapes[hollow])
    long = (dimension == 1) & (shapely.length(shapes) > 0)
    whole = np.flatnonzero(~long)
    lines, line = shapely.get_parts(shapes[long], return_index=True)
    line = np.flatnonzero(long)[line]
    length = shapely.length(lines)
    count = np.maximum(np.ceil(length / PIECE_M), 1).astype(np.intp)
    part = np.repeat(np.arange(len(lines)), count)
    number = np.arange(len(part)) - np.repeat(np.cumsum(count) - count, count)
    middle = shapely.line_interpolate_point(
        lines[part], (number + 0.5) / count[part], normalized=True
    )
    total = np.bincount(line, length, minlength=len(shapes))
    share = length[part] / count[part] / total[line[part]]
    row = np.concatenate([whole, line[part]])
    order = np.argsort(row, kind="stable")
    at = np.concatenate([shapely.get_coordinates(points[whole]), shapely.get_coordinates(middle)])
    every = np.arange(len(row))
    return Pieces(
        row[order],
        np.concatenate([np.ones(len(whole)), share])[order],
        at[order],
        np.column_stack([every, np.zeros_like(every)]),
    )
