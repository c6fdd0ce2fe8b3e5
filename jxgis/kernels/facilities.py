"""Where facilities are best: the fewest that cover enough, the most that some cover, with proof.

Both are integer programmes over the same variables: ``y`` says whether a candidate is chosen, and
``z``, which need not be integer, how much of a demand is covered: ``z_i <= sum_j A_ij y_j``.

- `fewest`: least ``sum y`` with ``sum w z >= reach`` (partial set cover; with the reach of all that
  can be covered it is the set cover of Toregas et al. 1971, "LSCP"),
- `most`: greatest ``sum w z`` with ``sum y <= count`` (maximal cover, Church and ReVelle 1974).

The nearest on average (`median`) and to the farthest demand (`center`) have rooms of their own.

All may have candidates that are there already, others that are ruled out, floors (a least weight
of parts of the demand) and capacities (`jxgis.kernels.limited`).

They are made small (`jxgis.kernels.covers`), bounded by a Lagrangian relaxation
(`jxgis.kernels.lagrange`) whose choices are made better by exchanges, and what prices do not decide
is left to HiGHS (Huangfu and Hall 2018).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from time import monotonic

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from jxgis.kernels.arcs import FloatArray, IntArray
from jxgis.kernels.centers import center
from jxgis.kernels.covers import (
    SHORT,
    Cover,
    Floor,
    Matrix,
    floor,
    greedy,
    merged,
    picked,
    picks,
    reduced,
    settled,
    whole,
)
from jxgis.kernels.exchanges import meeting, trimmed
from jxgis.kernels.limited import BoolArray, Limited, limited, limits
from jxgis.kernels.limited_answers import fewest_serving, most_served
from jxgis.kernels.medians import OutOfReach, TooFew, Undecided, median
from jxgis.kernels.proofs import Search
from jxgis.kernels.solution import Solution
from jxgis.kernels.unreachable import FloorUnreachable, Unreachable

__all__ = [
    "Cover",
    "FloorUnreachable",
    "OutOfReach",
    "Solution",
    "TooFew",
    "Undecided",
    "Unreachable",
    "center",
    "fewest",
    "greedy",
    "median",
    "merged",
    "most",
]


def fewest(  # noqa: PLR0913 - what a choice is bound to
    covers: Matrix,
    weight: ArrayLike,
    reach: float,
    *,
    fixed: ArrayLike = (),
    forbidden: ArrayLike = (),
    capacity: ArrayLike | None = None,
    floors: Sequence[Floor] = (),
    time_limit_s: float,
    threads: int = 2,
) -> Solution:
    """Return the fewest candidates that cover a weight.

    Parameters
    ----------
    covers
        (n_demand, n_candidates) sparse; not zero where a candidate covers a demand.
    weight
        (n_demand,) finite weights >= 0, in any unit.
    reach
        Weight to cover; a part of 1e-9 may lack.
    fixed
        Candidates that are there already, indices or a mask. What they cover counts; they are
        neither counted nor returned.
    forbidden
        Candidates that must not be chosen, indices or a mask. One that is fixed stays.
    capacity
        (n_candidates,) weight that each can serve at most, in the unit of the weights, infinite
        where there is no limit. Demand may then be shared, and what is served counts as covered.
    floors
        Parts of the demand (a mask or indices of its rows) and the least weight of each that is to
        be covered, also by what is fixed. Parts may overlap; a part of 1e-9 may lack.
    time_limit_s
        For the bound and the proof, seconds; some more pass before it and until HiGHS looks at its
        clock. When it ends, or on Ctrl-C, the best choice so far is returned. Only an answer that
        is ``"optimal"`` is the same each time.
    threads
        Of the solver.

    Returns
    -------
    Solution
        Its objective is how many are new, ``covered`` includes what is fixed.

    Raises
    ------
    Unreachable
        If all candidates do not cover so much.
    FloorUnreachable
        If they cannot meet a floor.
    ValueError
        Where weights do not fit the matrix, are negative or not finite, or another input means
        nothing.

    Notes
    -----
    HiGHS lets a row lack 1e-6, so a set that falls short might pass. Weights are divided by their
    mean, which makes that a small share; the programme's reach is `jxgis.kernels.programme.LOOSE`
    lower still, so that it forbids no set that reaches, and its bound holds. Each set it finds is
    held against the true weights. If it falls short, whatever reaches must cover something that the
    set does not: *one of the candidates of that demand* becomes a row, which forbids the set and
    nothing that reaches, and the programme is solved again.
    """
    if math.isnan(reach):
        raise ValueError("The weight to cover is not a number")
    end = monotonic() + time_limit_s
    cover, limit = _asked(covers, weight, floors, fixed, forbidden, capacity)
    if limit is not None:
        asked = Limited(_reaching(cover, reach), *limit)
        return fewest_serving(asked, reach, end, threads)
    total = cover.base + float(cover.weight.sum())
    if total < floor(reach):
        raise Unreachable(total)
    cover = _reaching(cover, reach)
    _check_floors(cover)
    cover = reduced(cover)
    search = Search(cover, None, trimmed(cover, meeting(cover)))
    if len(cover.least):
        search.run(end, threads)
    count = float(len(search.chosen))
    return Solution(
        chosen=np.sort(cover.candidate[search.chosen]),
        covered=cover.base + cover.covered(search.chosen),
        objective=count,
        bound=min(search.bound, count),
        lp_bound=min(search.lp_bound, count),
        status=search.status,
    )


def most(  # noqa: PLR0913 - what a choice is bound to
    covers: Matrix,
    weight: ArrayLike,
    count: int,
    *,
    fixed: ArrayLike = (),
    forbidden: ArrayLike = (),
    capacity: ArrayLike | None = None,
    floors: Sequence[Floor] = (),
    time_limit_s: float,
    threads: int = 2,
) -> Solution:
    """Return candidates, at most so many, that cover the most weight.

    Parameters
    ----------
    covers, weight
        As for `fewest`.
    count
        How many new candidates may be chosen, >= 0. Those that would add nothing are not.
    fixed, forbidden, capacity, floors
        As for `fewest`.
    time_limit_s, threads
        As for `fewest`.

    Returns
    -------
    Solution
        Its objective is the weight that is covered, also by what is fixed.

    Raises
    ------
    FloorUnreachable
        If so many candidates cannot meet the floors.
    ValueError
        Where weights do not fit the matrix, are negative or not finite, the count is negative, or
        another input means nothing.
    """
    if count < 0:
        raise ValueError(f"{count} candidates cannot be chosen")
    end = monotonic() + time_limit_s
    cover, limit = _asked(covers, weight, floors, fixed, forbidden, capacity)
    if limit is not None:
        return most_served(Limited(cover, *limit), count, end, threads)
    _check_floors(cover)
    cover = reduced(cover)
    start = _filled(cover, _meeting(cover, count, end, threads), count)
    search = Search(cover, count, start)
    search.run(end, threads)
    chosen = trimmed(cover, search.chosen, cover.covered(search.chosen))
    covered = cover.base + cover.covered(chosen)
    return Solution(
        chosen=np.sort(cover.candidate[chosen]),
        covered=covered,
        objective=covered,
        bound=max(cover.base + search.bound, covered),
        lp_bound=max(cover.base + search.lp_bound, covered),
        status=search.status,
    )


def _asked(
    covers: Matrix,
    weight: ArrayLike,
    floors: Sequence[Floor],
    fixed: ArrayLike,
    forbidden: ArrayLike,
    capacity: ArrayLike | None,
) -> tuple[Cover, tuple[FloatArray, BoolArray] | None]:
    """Return what is left to ask when what is fixed and forbidden is settled.

    With it come, where any capacity matters, the limit of each candidate and which are there.
    """
    cover = whole(covers, weight, floors)
    n = len(cover.candidate)
    there = picks(fixed, n, "fixed candidates")
    never = picks(forbidden, n, "forbidden candidates")
    if capacity is None:
        return settled(cover, there, np.setdiff1d(never, there)), None
    asked = limited(cover, limits(capacity, n), there, never)
    return asked.cover, (asked.limit, asked.there) if asked.is_limited() else None


def _check_floors(cover: Cover) -> None:
    """Raise where all candidates do not meet a floor."""
    had = np.asarray(cover.parts @ cover.weight)
    for k in np.flatnonzero(had < cover.enough)[:1].tolist():
        if cover.number[k] < 0:  # the reach, for which another sum may have been enough
            raise Unreachable(cover.base + float(had[k]))
        raise _short_of(cover, k, float(had[k]))


def _short_of(cover: Cover, k: int, had: float) -> FloorUnreachable:
    """Return what to raise where no more than a weight can be had for a floor."""
    wanted = float(cover.short[k] / SHORT)
    there = wanted - float(cover.least[k])
    return FloorUnreachable(int(cover.number[k]), wanted, there + had)


def _reaching(cover: Cover, reach: float) -> Cover:
    """Return a cover with one more floor: a weight of all demand, if any is lacking."""
    lack, short = reach - cover.base, SHORT * abs(reach)
    if lack <= short:
        return cover
    everything = sparse.csr_array(np.ones((1, len(cover.weight))))
    return replace(
        cover,
        parts=sparse.csr_array(sparse.vstack([cover.parts, everything])),
        least=np.append(cover.least, lack),
        short=np.append(cover.short, short),
        number=np.append(cover.number, -1),
    )


def _meeting(cover: Cover, count: int, end: float, threads: int) -> IntArray:
    """Return columns, at most so many, that meet the floors.

    Raises
    ------
    FloorUnreachable
        If there are none, or none was found in time.
    """
    start = trimmed(cover, meeting(cover))
    if len(start) <= count:
        return start
    search = Search(cover, None, start, enough=count)
    search.run(end, threads)
    if len(search.chosen) <= count:
        return search.chosen
    if search.status == "interrupted":
        raise KeyboardInterrupt
    wanted = float(cover.short.sum() / SHORT)
    if search.bound <= count:
        needed = len(search.chosen)
        raise FloorUnreachable(None, wanted, math.nan, needed, is_proven=False)
    for k, enough in enumerate(cover.enough):
        bound = _most_of(cover, k, count, end, threads)
        if bound < enough:
            raise _short_of(cover, k, bound)
    raise FloorUnreachable(None, wanted, math.nan, int(search.bound))


def _most_of(cover: Cover, k: int, count: int, end: float, threads: int) -> float:
    """Return what no so many columns cover more of the part of a floor."""
    rows = np.flatnonzero(cover.parts[[k]].toarray()[0])
    own = cover.without_floors(rows)
    search = Search(own, count, picked(own, None, count))
    search.run(end, threads)
    return search.bound


def _filled(cover: Cover, chosen: IntArray, count: int) -> IntArray:
    """Return some columns and those that add most to them, so many in all."""
    rest = settled(cover, chosen, np.empty(0, np.intp))
    more = picked(rest, None, count - len(chosen))
    own = np.searchsorted(cover.candidate, rest.candidate[more])
    return np.sort(np.append(chosen, own))
