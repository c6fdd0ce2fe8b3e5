"""The most compact connected set of pieces that carries a need, proven; and the fewest items.

How compact a set is: the radius of the smallest disc, centred on a piece's centre, that contains
the centres of its pieces. Only pieces inside the disc connect it, so the set is one connected part
of what lies in the disc, and the centre is a piece of the same component of the whole graph.

A disc that beats the best one known lies within that one's radius of its own centre. So centres
are taken a square at a time, the densest first, and everything within reach of the square is put
to ever stronger tests: whether any connected part of it carries the need, then whether what of that
part lies in each single disc does, then whether it does so connected. What passes becomes the best
and makes discs smaller for all that follow. Every centre is either tested or in a square where
nothing reaches, which proves the answer.

Squares of distances are compared as they are computed, and amounts are counted in whole
millionths, so neither depends on an order of adding, and equal discs are equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

UNITS = 10**6
"""Amounts are whole numbers of so many parts of one: watts, where they are in megawatts."""

SEEDS = 8
"""Dense squares that are tried first for a radius to begin with."""

SQUARES = 2**20
"""At most about so many squares cover the pieces while that radius is looked for."""

SHARE = 0.75
"""Side of the squares that centres are taken in, of that radius."""

LEAF = 4
"""A rectangle of more centres is halved before each of its discs is looked into by itself."""

TESTED = 2**15
"""Rectangles of more distances are halved before these are computed."""

SLACK = 1 + 1e-9
"""What a search for neighbours reaches further, so that its own rounding loses none."""


@dataclass(frozen=True)
class Compact:
    """A connected set of pieces in a disc.

    Attributes
    ----------
    centre
        The piece that the disc is centred on.
    radius
        Of the disc, in the unit of the pieces' places.
    pieces : (k,) array
        The set, ascending.
    amount
        What it carries.
    """

    centre: int
    radius: float
    pieces: IntArray
    amount: float


class _Key(NamedTuple):
    """What answers are compared by: the least is best."""

    square: float
    less: int
    centre: int


def compact(
    xy: FloatArray, amount: FloatArray, edges: IntArray, need: float, answers: int = 1
) -> list[Compact]:
    """Find the most compact connected set that carries a need, then the next without its pieces.

    Parameters
    ----------
    xy : (n, 2) array
        Centres of the pieces, metres.
    amount : (n,) array
        What each carries, at least 0; counted in whole millionths.
    edges : (m, 2) array
        Pairs of pieces that touch.
    need
        What a set must carry, > 0, in the unit of ``amount``.
    answers
        How many sets without common pieces to look for.

    Returns
    -------
    list of Compact
        As many as there are, each the most compact of what those before it leave. Of sets in equal
        discs the one that carries more comes first, then the one with the lower centre, then the
        one with the lowest piece. A set is all that is connected within its disc.

    Raises
    ------
    ValueError
        The need is not positive, or an amount is negative or not a number.
    """
    units, wanted = _whole(amount), round(need * UNITS)
    if wanted <= 0:
        raise ValueError("a need is positive")
    left = np.arange(len(units))
    found: list[Compact] = []
    place = np.full(len(units), -1, dtype=np.int64)
    while len(found) < answers and len(left):
        place[:] = -1
        place[left] = np.arange(len(left))
        pairs = place[edges]
        graph = _Graph(xy[left], units[left], pairs[(pairs >= 0).all(axis=1)], wanted)
        own = graph.best()
        if own is None:
            break
        pieces = left[own.pieces]
        found.append(Compact(int(left[own.centre]), own.radius, pieces, own.amount))
        left = np.setdiff1d(left, pieces, assume_unique=True)
    return found


def fewest(amounts: FloatArray, need: float) -> IntArray | None:
    """Find the fewest items that together reach a need.

    Parameters
    ----------
    amounts : (n,) array
        What each has, at least 0; counted in whole millionths.
    need
        What they must reach, in the same unit.

    Returns
    -------
    (k,) array, or None
        The largest first, of equal ones the lower index; no set of fewer reaches the need, and none
        as small has more. None where all together do not reach it.

    Raises
    ------
    ValueError
        An amount is negative or not a number.
    """
    units, wanted = _whole(amounts), round(need * UNITS)
    order = np.argsort(-units, kind="stable")
    reached = np.concatenate([[0], np.cumsum(units[order])])
    count = int(np.searchsorted(reached, wanted))
    return None if count == len(reached) else order[:count]


def _whole(amounts: FloatArray) -> IntArray:
    """Return amounts in whole units."""
    if not (np.asarray(amounts) >= 0).all():
        raise ValueError("an amount is a number, at least 0")
    return np.rint(np.asarray(amounts) * UNITS).astype(np.int64)


class _Graph:
    """Pieces that are left, and the search for the best disc among them."""

    def __init__(self, xy: FloatArray, units: IntArray, edges: IntArray, wanted: int) -> None:
        self.xy, self.units, self.wanted = np.asarray(xy, dtype=np.float64), units, wanted
        count = len(units)
        both = np.concatenate([edges, edges[:, ::-1]])
        order = np.argsort(both[:, 0], kind="stable")
        self.beside = both[order, 1]
        self.start = np.searchsorted(both[order, 0], np.arange(count + 1))
        self.place = np.full(count, -1, dtype=np.int64)
        self.component, total = self.parts(np.arange(count))
        self.live = np.flatnonzero(total[self.component] >= wanted)
        self.tree = KDTree(self.xy[self.live]) if len(self.live) else None

    def links(self, pieces: IntArray) -> tuple[IntArray, IntArray]:
        """Return the edges among some pieces, as places among them."""
        self.place[pieces] = np.arange(len(pieces))
        first, count = self.start[pieces], self.start[pieces + 1] - self.start[pieces]
        own = np.repeat(np.arange(len(pieces)), count)
        at = np.arange(len(own)) + np.repeat(first - (np.cumsum(count) - count), count)
        other = self.place[self.beside[at]]
        self.place[pieces] = -1
        once = own < other
        return own[once], other[once]

    def parts(self, pieces: IntArray) -> tuple[IntArray, IntArray]:
        """Return the connected part that each of some pieces is of, and what each part carries."""
        found = _parts(len(pieces), *self.links(pieces))
        return found, _sums(found, self.units[pieces])

    def away(self, centres: IntArray, pieces: IntArray) -> FloatArray:
        """Return the squares of the distances of pieces from each of some centres."""
        one, other = (np.subtract.outer(axis[centres], axis[pieces]) for axis in self.xy.T)
        return np.asarray(one * one + other * other)

    def may(self, centres: IntArray, square: FloatArray, units: IntArray, key: _Key) -> BoolArray:
        """Tell which discs carry enough to beat a key if all in them is connected."""
        weights = units.astype(np.float64)  # whole numbers: exact
        sums = (square <= key.square) @ weights
        # Enough inside; or where only the rim makes it enough, more than the best
        inside = (square < key.square) @ weights >= self.wanted
        more = (sums > -key.less) | ((sums == -key.less) & (centres < key.centre))
        return np.asarray(inside | ((sums >= self.wanted) & more))

    def near(self, place: FloatArray, radius: float) -> IntArray:
        """Return the pieces within reach of a place, ascending, of components that carry enough."""
        assert self.tree is not None  # noqa: S101  (only asked where there are any)
        found = self.tree.query_ball_point(place, radius * SLACK, return_sorted=True)
        return self.live[np.asarray(found, dtype=np.int64)]

    def best(self) -> Compact | None:
        """Return the best disc of all, proven, or None where no component carries the need."""
        if not len(self.live):
            return None
        key = _Key(np.inf, 0, -1)
        for seed in self.seeds():
            key = min(key, self.smallest(seed, key.square))
        side = max(SHARE * float(np.sqrt(key.square)), self.extent() / SQUARES**0.5)
        cell = self.cells(side) if side > 0 else np.zeros_like(self.live)
        order = np.argsort(cell, kind="stable")
        groups = np.split(self.live[order], np.flatnonzero(np.diff(cell[order])) + 1)
        sums = np.array([self.units[group].sum() for group in groups])
        for at in np.argsort(-sums, kind="stable"):
            low, high = self.xy[groups[at]].min(axis=0), self.xy[groups[at]].max(axis=0)
            reach = float(np.sqrt(key.square) + np.hypot(*(high - low)) / 2)
            key = self.tried(groups[at], self.near((low + high) / 2, reach), key)
        inside, total = self.set_of(key.centre, key.square)
        return Compact(key.centre, float(np.sqrt(key.square)), inside, total / UNITS)

    def extent(self) -> float:
        """Return the longer side of what the live pieces lie in."""
        return float(np.ptp(self.xy[self.live], axis=0).max())

    def cells(self, side: float) -> IntArray:
        """Return the square that each live piece lies in."""
        own = np.floor((self.xy[self.live] - self.xy[self.live].min(axis=0)) / side)
        column, row = own.astype(np.int64).T
        return np.asarray(row * (column.max() + 1) + column)

    def seeds(self) -> list[int]:
        """Return pieces in the middle of dense squares, the smallest squares that carry enough."""
        side = self.extent() / SQUARES**0.5
        cell, sums = np.zeros_like(self.live), self.units[self.live].sum(keepdims=True)
        while 0 < side <= self.extent():
            _, cell = np.unique(self.cells(side), return_inverse=True)
            sums = _sums(cell, self.units[self.live])
            if sums.max() >= self.wanted:
                break
            side *= 2
        seeds = []
        for dense in np.argsort(-sums, kind="stable")[:SEEDS]:
            own = self.live[cell == dense]
            away = self.xy[own] - self.xy[own].mean(axis=0)
            seeds.append(int(own[np.argmin((away**2).sum(axis=1))]))
        return seeds

    def smallest(self, centre: int, limit: float) -> _Key:
        """Return the smallest disc round a centre, or no key better than any at that limit."""
        reach = float(np.sqrt(limit))
        pieces = self.live if np.isinf(reach) else self.near(self.xy[centre], reach)
        pieces = pieces[self.component[pieces] == self.component[centre]]
        square = self.away(np.array([centre]), pieces)[0]
        order = np.argsort(square, kind="stable")
        order = order[square[order] <= limit]
        pieces, square = pieces[order], square[order]
        ends = np.append(np.flatnonzero(np.diff(square)) + 1, len(square))
        # Ends before `low` do not carry enough; the one at `high` does, if any
        low = int(np.searchsorted(np.cumsum(self.units[pieces])[ends - 1], self.wanted))
        high, step = low, 1
        while high < len(ends) and not self.carries(pieces[: ends[high]]):
            low, high, step = high + 1, high + step, 2 * step
        if high >= len(ends):
            high = len(ends)
            if low >= high or not self.carries(pieces):
                return _Key(np.inf, 0, -1)
        while low < high:
            middle = (low + high) // 2
            if self.carries(pieces[: ends[middle]]):
                high = middle
            else:
                low = middle + 1
        _, totals = self.parts(pieces[: ends[low]])
        return _Key(float(square[ends[low] - 1]), -int(totals.max()), centre)

    def carries(self, pieces: IntArray) -> bool:
        """Tell whether a connected part of some pieces carries the need."""
        return bool(self.parts(pieces)[1].max(initial=0) >= self.wanted)

    def tried(self, centres: IntArray, pieces: IntArray, key: _Key) -> _Key:
        """Return the best key with the centres in one rectangle, some pieces being round them."""
        low, high = self.xy[centres].min(axis=0), self.xy[centres].max(axis=0)
        middle, half = (low + high) / 2, (high - low) / 2
        away = np.abs(self.xy[pieces] - middle)
        pieces = pieces[(away <= (half + np.sqrt(key.square)) * SLACK).all(axis=1)]
        units = self.units[pieces]
        if units.sum() < self.wanted:
            return key
        if len(centres) * len(pieces) <= TESTED:
            centres = centres[self.may(centres, self.away(centres, pieces), units, key)]
            if not len(centres):
                return key
        part, totals = self.parts(pieces)
        for own in np.flatnonzero(totals >= self.wanted):
            members = pieces[part == own]
            fitting = centres[self.component[centres] == self.component[members[0]]]
            if len(fitting) > LEAF:
                longer = self.xy[fitting, int(np.argmax(half))]
                order = fitting[np.argsort(longer, kind="stable")]
                for side in np.array_split(order, 2):
                    key = self.tried(side, members, key)
            elif len(fitting):
                key = self.tested(fitting, members, key)
        return key

    def tested(self, centres: IntArray, members: IntArray, key: _Key) -> _Key:
        """Return the best key with some centres and one connected part round them."""
        square, units = self.away(centres, members), self.units[members]
        one, other = self.links(members)
        while len(centres):
            may = self.may(centres, square, units, key)
            centres, square = centres[may], square[may]
            if not len(centres):
                break
            most = _most(square <= key.square, one, other, units)
            may = most >= self.wanted
            centres, square, most = centres[may], square[may], most[may]
            if not len(centres):
                break
            closer = _most(square < key.square, one, other, units) >= self.wanted
            on_rim = np.flatnonzero(~closer)
            if len(on_rim):
                first = on_rim[np.lexsort([centres[on_rim], -most[on_rim]])[0]]
                key = min(key, _Key(key.square, -int(most[first]), int(centres[first])))
            if not closer.any():
                break
            centres, square, most = centres[closer], square[closer], most[closer]
            key = min(key, self.smallest(int(centres[np.argmax(most)]), key.square))
        return key

    def set_of(self, centre: int, limit: float) -> tuple[IntArray, int]:
        """Return the connected part that carries most in a disc, and what it carries."""
        pieces = self.near(self.xy[centre], float(np.sqrt(limit)))
        pieces = pieces[self.component[pieces] == self.component[centre]]
        pieces = pieces[self.away(np.array([centre]), pieces)[0] <= limit]
        part, totals = self.parts(pieces)
        # Parts are numbered as their first pieces are met: the first of equal ones
        own = part[np.argmax(totals[part])]
        return pieces[part == own], int(totals[own])


def _parts(count: int, one: IntArray, other: IntArray) -> IntArray:
    """Return the component of each node."""
    joined = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(count, count))
    return np.asarray(connected_components(joined, directed=False)[1], dtype=np.int64)


def _sums(group: IntArray, units: IntArray) -> IntArray:
    """Return sums of whole numbers by group."""
    return np.bincount(group, weights=units).astype(np.int64)


def _most(within: BoolArray, one: IntArray, other: IntArray, units: IntArray) -> IntArray:
    """Return what the best connected part in each disc carries.

    Parameters
    ----------
    within : (discs, pieces) array
        Which pieces lie in which disc.
    one, other
        Ends of the edges among the pieces.
    units
        What each piece carries.
    """
    discs, width = within.shape
    disc, edge = np.nonzero(within[:, one] & within[:, other])
    node = np.full(within.size, -1, dtype=np.int64)
    there = np.flatnonzero(within)
    node[there] = np.arange(len(there))
    part = _parts(len(there), node[disc * width + one[edge]], node[disc * width + other[edge]])
    sums = _sums(part, units[there % width])
    most = np.zeros(discs, dtype=np.int64)
    np.maximum.at(most, there // width, sums[part])
    return most
