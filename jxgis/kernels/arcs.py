"""The outline of a union of equal discs, as arcs of circles.

A point of circle *i* lies inside the union iff some centre is nearer to it than centre *i* is,
which is iff it lies outside the Voronoi cell of *i*, which is iff a **Delaunay neighbour** of *i*
is nearer. So the outline needs the neighbours only (fewer than 6 n directed pairs) and not all
discs that overlap (Aurenhammer 1988, "Improved algorithms for discs and balls using power
diagrams", for the general case).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay, QhullError, cKDTree

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
Pairs = tuple[IntArray, IntArray]

TAU = 2 * np.pi

MERGED = 1e-4
"""Centres nearer than this to another one are left out, metres."""

FLAT = 1e-9
"""Points whose distance from a line is less than this share of their extent are collinear."""

ROUNDING = 1e-7
"""A centre is nearer to a point than another one if it is so by more than this, metres."""

PROBE = 2**0.5 - 1
"""Where on an arc it is asked what the arc is inside of.

An arc that crosses nothing may still touch something, and on regular grids it does so in its
middle or at another simple fraction of its length, where the answer would be left to rounding.
"""


@dataclass(frozen=True)
class Arcs:
    """Arcs of equal circles, counter-clockwise, sorted by disc and then by start.

    Attributes
    ----------
    disc
        (n,) index of the centre.
    start, end
        (n,) angles in radians, ``-2 pi <= start < 2 pi`` and ``start < end <= 2 pi``; an arc that
        passes the angle zero starts below it.
    """

    disc: IntArray
    start: FloatArray
    end: FloatArray

    def without(self, discs: IntArray) -> Arcs:
        """Return the arcs of all other discs."""
        kept = ~np.isin(self.disc, discs)
        return Arcs(self.disc[kept], self.start[kept], self.end[kept])

    def joined(self, others: Arcs) -> Arcs:
        """Return these arcs and those of other discs."""
        disc = np.concatenate([self.disc, others.disc])
        order = np.argsort(disc, kind="stable")
        return Arcs(
            disc[order],
            np.concatenate([self.start, others.start])[order],
            np.concatenate([self.end, others.end])[order],
        )

    def find(self, disc: IntArray, angle: FloatArray) -> tuple[IntArray, FloatArray]:
        """Return the arc that each point of a circle lies on, and its angle in the arc's terms.

        Parameters
        ----------
        disc, angle
            (m,) circles and angles, ``0 <= angle <= 2 pi``.

        Returns
        -------
        (m,) arc or -1, and (m,) angle between that arc's start and end
        """
        found = np.full(len(disc), -1, np.intp)
        angle = angle.copy()
        key = self.disc + 1j * self.start  # complex numbers sort by real part, then imaginary
        for turn in (0.0, TAU):
            at = np.searchsorted(key, disc + 1j * (angle - turn), side="right") - 1
            hit = (found < 0) & (at >= 0)
            hit &= (self.disc[at] == disc) & (angle - turn <= self.end[at])
            found[hit] = at[hit]
            angle[hit] -= turn
        return found, angle


def on_circle(centre: FloatArray, angle: FloatArray, radius: float) -> FloatArray:
    """Return the point at an angle on each circle."""
    return centre + radius * np.column_stack([np.cos(angle), np.sin(angle)])


def nearest(tree: cKDTree, points: FloatArray) -> tuple[FloatArray, IntArray]:
    """Return distance and index of the centre nearest to each point."""
    distance, index = tree.query(points)
    return np.asarray(distance), np.asarray(index)


def distinct(points: FloatArray) -> FloatArray:
    """Return the points, less those within about `MERGED` of one that is kept.

    Nearly coincident centres make a triangulation's arithmetic meaningless (1e-7 m apart they
    have cost 1.6 % of the area), while leaving one of them out moves the outline by less than
    0.2 mm where that disc shows. All others keep their exact coordinates.

    Parameters
    ----------
    points
        (n, 2) coordinates, metres, near the origin.
    """
    column, row = np.floor(points / MERGED).T
    order = np.lexsort((row, column))
    column, row, points = column[order], row[order], points[order]
    new = np.ones(len(points), bool)
    new[1:] = (np.diff(column) != 0) | (np.diff(row) != 0)
    points = points[new]
    pairs = cKDTree(points).query_pairs(MERGED, output_type="ndarray")
    kept = np.ones(len(points), bool)
    for i, j in pairs[np.lexsort(pairs.T[::-1])].tolist():  # i < j, so i is decided before j
        if kept[i]:
            kept[j] = False
    return points[kept]


def neighbours(points: FloatArray) -> Pairs:
    """Return all directed pairs of Delaunay neighbours.

    Parameters
    ----------
    points
        (n, 2) distinct coordinates, metres, near the origin.

    Returns
    -------
    two (m,) arrays: from, to
    """
    offset = points - points[:1]
    reach = offset[np.argmax((offset**2).sum(axis=1))] if len(points) else np.zeros(2)
    off_line = np.abs(offset[:, 0] * reach[1] - offset[:, 1] * reach[0])
    if off_line.max(initial=0) <= FLAT * (reach @ reach):
        return _in_line(offset @ reach)
    try:
        triangulation = Delaunay(points)
    except QhullError:  # as good as collinear
        return _in_line(offset @ reach)
    corners = triangulation.simplices.astype(np.intp)
    following, opposite = np.roll(corners, -1, axis=1), np.roll(corners, 1, axis=1)
    # Triangles run counter-clockwise, so each inner side appears once in either direction and
    # each side of the hull (across corner k there is no triangle) in one only.
    hull = triangulation.neighbors < 0
    return (
        np.concatenate([corners.ravel(), opposite[hull]]),
        np.concatenate([following.ravel(), following[hull]]),
    )


def _in_line(position: FloatArray) -> Pairs:
    order = np.argsort(position)
    return np.concatenate([order[:-1], order[1:]]), np.concatenate([order[1:], order[:-1]])


def outline(points: FloatArray, pairs: Pairs, radius: float, tree: cKDTree) -> Arcs:
    """Return the outline of the union of discs.

    Qhull's arithmetic cannot tell points apart that are nearer than some 1e-7 of the extent, and
    then misses neighbours. So every arc is held against the tree: where another centre is nearer
    to it than its own, that one is made a neighbour and the two discs are done again.

    Parameters
    ----------
    points
        (n, 2) distinct centres, metres.
    pairs
        What `neighbours` gives for them.
    radius
        Metres, > 0.
    tree
        A tree of the same points.
    """
    arcs = todo = exposed_arcs(points, np.arange(len(points)), pairs, radius)
    while True:
        disc = np.tile(todo.disc, 2)
        angle = np.concatenate([todo.start, todo.start + PROBE * (todo.end - todo.start)])
        distance, other = nearest(tree, on_circle(points[disc], angle, radius))
        wrong = distance < radius - ROUNDING
        if not wrong.any():
            return arcs
        disc, other = disc[wrong], other[wrong]
        new = ~np.isin(disc * tree.n + other, pairs[0] * tree.n + pairs[1])
        if not new.any():
            return arcs
        disc, other = disc[new], other[new]
        pairs = (
            np.concatenate([pairs[0], disc, other]),
            np.concatenate([pairs[1], other, disc]),
        )
        again = np.unique(np.concatenate([disc, other]))
        mine = np.isin(pairs[0], again)
        todo = exposed_arcs(points, again, (pairs[0][mine], pairs[1][mine]), radius)
        arcs = arcs.without(again).joined(todo)


def exposed_arcs(points: FloatArray, discs: IntArray, pairs: Pairs, radius: float) -> Arcs:
    """Return the arcs of some discs that their neighbours leave uncovered.

    Neighbour *j* at distance *d* < 2 r covers the arc of circle *i* whose angle differs from the
    direction *ij* by less than acos(d / 2 r).

    Parameters
    ----------
    points
        (n, 2) distinct centres, metres.
    discs
        (m,) indices, ascending.
    pairs
        What `neighbours` gives, those from ``discs``.
    radius
        Metres, > 0.
    """
    disc, other = pairs
    dx, dy = (points[other] - points[disc]).T
    distance = np.hypot(dx, dy)
    near = distance < 2 * radius
    disc, half = disc[near], np.arccos(distance[near] / (2 * radius))
    start = (np.arctan2(dy[near], dx[near]) - half) % TAU
    order = np.argsort(start)
    order = order[np.argsort(disc[order], kind="stable")]
    disc, start, end = disc[order], start[order], (start + 2 * half)[order]

    # Going round a circle, the angle up to which the intervals so far cover it; before the first
    # interval that is where the farthest one ends, one turn earlier.
    covered_to = np.empty(len(disc))
    if len(disc):
        first = np.flatnonzero(np.diff(disc, prepend=-1))
        covered_to[1:] = np.maximum.accumulate(disc + 1j * end).imag[:-1]
        covered_to[first] = -np.inf
        last_end = np.repeat(np.maximum.reduceat(end, first), np.diff(first, append=len(disc)))
        covered_to = np.maximum(covered_to, last_end - TAU)
    gap = start > covered_to
    lonely = discs[np.bincount(disc, minlength=len(points))[discs] == 0]
    whole = Arcs(lonely, np.zeros(len(lonely)), np.full(len(lonely), TAU))
    return Arcs(disc[gap], covered_to[gap], start[gap]).joined(whole)
