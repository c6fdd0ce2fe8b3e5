"""How many reference points are needed, how they are shared among strata, and where they fall."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jxgis.kernels.accuracy import LEAST, Z95, FloatArray, share_variance, undrawn

IntArray = NDArray[np.intp]
Strips = Callable[[], Iterable[tuple[int, NDArray[np.uint8]]]]
"""Gives a map from top to bottom, any number of times: the number of a first row, and the codes of
the strata, (rows, columns), in that row and those below it. Code 0 is of no stratum."""

MOST = 10_000_000
"""No plan asks for more points than this: what would is not reached by points at all."""

_CODES = 256
_WORD = 2**64


@dataclass(frozen=True)
class Drawn:
    """A stratified random sample of a map's cells.

    Attributes
    ----------
    counts
        Cells of the map by stratum, of every stratum that is there.
    cells : mapping to (n, 2) arrays
        Row and column of the drawn cells by stratum, in the order of reading.
    """

    counts: Mapping[int, int]
    cells: Mapping[int, IntArray]


def neyman(weights: ArrayLike, deviations: ArrayLike, n: int, least: ArrayLike = 0) -> IntArray:
    """Share points among strata so that the variance of the whole is smallest.

    Parameters
    ----------
    weights : (s,) array
        Share of the area in each stratum; one without area gets no point.
    deviations : (s,) array
        Standard deviation of a single point within each stratum.
    n
        Points in all.
    least : int or (s,) array
        Points that a stratum with area gets at any rate.

    Returns
    -------
    (s,) array
        Whole numbers whose sum is n: proportional to weight times deviation where that is not
        less than the least, rounded by largest remainders, the first stratum first where
        two are the same. Where no deviation is known to be above 0, in proportion to the weights.

    Raises
    ------
    ValueError
        More points are due to the strata than there are, or there is no stratum with area.
    """
    w, s = np.asarray(weights, dtype=np.float64), np.asarray(deviations, dtype=np.float64)
    bound = np.where(w > 0, np.broadcast_to(np.asarray(least, dtype=np.intp), w.shape), 0)
    if n < bound.sum() or not (w > 0).any():
        raise ValueError("there are fewer points than are due, or no stratum has area")
    wish = w * s if (w * s > 0).any() else w
    wish = wish / wish.max()  # far from the smallest numbers that there are
    free = wish > 0
    while free.any():
        rest = n - bound[~free].sum()
        quota = rest * wish[free] / wish[free].sum()
        short = quota < bound[free]
        if not short.any():
            break
        free[np.flatnonzero(free)[short]] = False
    allocation = bound.copy()
    if free.any():
        allocation[free] = _largest_remainders(quota, int(rest))
    else:  # rounding only: what is due adds up to all there is
        allocation[np.argmax(wish)] += n - bound.sum()
    return allocation


def _largest_remainders(quota: FloatArray, total: int) -> IntArray:
    whole = np.floor(quota).astype(np.intp)
    order = np.argsort(whole - quota, kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return whole


def points_for(
    weights: ArrayLike, expected: ArrayLike, half_width: float, least: int = LEAST
) -> tuple[int, IntArray]:
    """Return how many points give a share's 95 % interval a half width, and in which strata.

    Parameters
    ----------
    weights : (s,) array
        Share of the area in each stratum.
    expected : (s,) array
        Share of the class that is expected within each stratum: in the map's own stratum of the
        class the user's accuracy, in the others what the map misses.
    half_width
        Of the interval of the class's share, > 0.
    least
        Points that each stratum with area gets at any rate.

    Returns
    -------
    tuple of int and (s,) array
        Points in all, at most `MOST`, and by stratum.

    Raises
    ------
    ValueError
        A half width that is not above 0, or no stratum with area.

    Notes
    -----
    Cochran (1977), equation 5.25: the points that are needed are the square of the sum of weight
    times deviation, over the variance that is wanted.
    """
    w, p = np.asarray(weights, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    if not half_width > 0:
        raise ValueError("a half width above 0 is needed")
    s = np.sqrt(p * (1 - p))
    wanted = (half_width / Z95) ** 2

    def enough(allocation: IntArray) -> bool:
        return bool((w**2 * s**2 / np.maximum(allocation, 1)).sum() <= wanted)

    allocation = _fewest(w, s, np.full(w.shape, least), enough)
    return int(allocation.sum()), allocation


def more_points(
    matrix: ArrayLike, weights: ArrayLike, index: int, cells: ArrayLike | None = None
) -> IntArray:
    """Return the fewest further points that are expected to halve an interval, by stratum.

    Parameters
    ----------
    matrix : (s, k) array of counts
        The points that there are, by stratum and true class.
    weights : (s,) array
        Share of the area in each stratum.
    index
        Column of the class whose share is meant.
    cells : (s,) array, optional
        As of `jxgis.kernels.accuracy.area_adjusted`.

    Returns
    -------
    (s,) array
        Points to be added: a single point's variance within each stratum, by
        `jxgis.kernels.accuracy.share_variance`, is taken to stay as it is. None where all cells
        have one already.

    Raises
    ------
    ValueError
        No stratum has area.
    """
    n, w = np.asarray(matrix, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    size = n.sum(axis=1).astype(np.intp)
    squared = share_variance(n, w)[:, index]
    all_of_them = None if cells is None else np.maximum(np.asarray(cells, dtype=np.float64), size)

    def variance(allocation: IntArray) -> float:
        left = undrawn(allocation.astype(np.float64), all_of_them)
        return float((w**2 * squared * left / np.maximum(allocation - 1, 1)).sum())

    wanted = variance(size) / 4

    def enough(allocation: IntArray) -> bool:
        return variance(allocation) <= wanted

    there = np.where(w > 0, size, 0)
    s = np.sqrt(squared * (undrawn(there.astype(np.float64), all_of_them) > 0))
    found = _fewest(w, s, there, enough)
    if all_of_them is not None:
        found = np.minimum(found, np.ceil(all_of_them)).astype(np.intp)
    return found - there


def _fewest(
    weights: FloatArray, deviations: FloatArray, least: IntArray, enough: Callable[[IntArray], bool]
) -> IntArray:
    """Return the smallest allocation that is enough, found by halving."""

    def shared(n: int) -> IntArray:
        return neyman(weights, deviations, n, least)

    low = int(np.where(weights > 0, least, 0).sum())
    if enough(shared(low)):
        return shared(low)
    high = max(2 * low, 1)
    while not enough(shared(high)) and high < MOST:
        low, high = high, min(2 * high, MOST)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(shared(middle)) else (middle, high)
    return shared(high)


def draw(strips: Strips, sizes: Mapping[int, int], seed: int) -> Drawn:
    """Draw distinct cells of each stratum of a map, each as likely as any other.

    The map is read twice, first to count and then to find the cells that were drawn by number;
    nothing of it is held but a strip.

    Parameters
    ----------
    strips
        The map.
    sizes
        Points by code of stratum, 1 to 255; one that has no more cells than that gives all.
    seed
        The same seed gives the same cells on any machine, however high the strips are; and a
        larger sample of the same seed holds the smaller one.

    Returns
    -------
    Drawn
        Also the cells of each stratum that is there.

    Raises
    ------
    ValueError
        The strips do not follow each other from top to bottom.
    """
    counts = np.zeros(_CODES, dtype=np.int64)
    for _first, codes in _in_order(strips()):
        counts += np.bincount(codes.ravel(), minlength=_CODES)
    ranks = {
        code: _distinct(int(counts[code]), size, seed, code)
        for code, size in sorted(sizes.items())
        if size > 0
    }
    found: dict[int, list[IntArray]] = {code: [] for code in ranks}
    seen = dict.fromkeys(ranks, 0)
    for first, codes in _in_order(strips()):
        for code, rank in ranks.items():
            here = rank[np.searchsorted(rank, seen[code]) :] - seen[code]
            at = np.flatnonzero(codes == code)
            picked = at[here[: np.searchsorted(here, len(at))]]
            seen[code] += len(at)
            row, column = np.divmod(picked, codes.shape[1])
            found[code].append(np.column_stack([row + first, column]))
    empty = np.empty((0, 2), dtype=np.intp)
    return Drawn(
        {code: int(counts[code]) for code in range(1, _CODES) if counts[code]},
        {code: np.concatenate([empty, *parts]) for code, parts in found.items()},
    )


def _in_order(
    strips: Iterable[tuple[int, NDArray[np.uint8]]],
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    end = 0
    for first, codes in strips:
        if first < end:
            raise ValueError("strips follow each other from top to bottom")
        end = first + len(codes)
        yield first, codes


def _distinct(count: int, size: int, seed: int, code: int) -> IntArray:
    """Return distinct numbers below a count, ascending, each set of them as likely as any other.

    Fisher and Yates' shuffle, broken off, of numbers that are written down only where they have
    moved. Only the raw words of the generator are used, which NumPy promises never to change;
    how it makes numbers below a limit of them, it may.
    """
    size = min(size, count)
    if size == count:
        return np.arange(count, dtype=np.intp)
    words = np.random.PCG64([seed, code])
    moved: dict[int, int] = {}
    drawn = []
    for first in range(size):
        other = first + _below(words, count - first)
        drawn.append(moved.get(other, other))
        moved[other] = moved.get(first, first)
    return np.sort(np.array(drawn, dtype=np.intp))


def _below(words: np.random.PCG64, limit: int) -> int:
    """Return a number below a limit, all equally likely: words beyond its multiples are left."""
    end = _WORD - _WORD % limit
    while (word := int(words.random_raw())) >= end:
        pass
    return word % limit
