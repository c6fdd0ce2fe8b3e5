"""Answers where candidates serve no more than a capacity, or what cannot be answered."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from jxgis.kernels.arcs import IntArray
from jxgis.kernels.covers import SHORT
from jxgis.kernels.filling import filled
from jxgis.kernels.limited import FLOW_SHORT, Limited, flows
from jxgis.kernels.limited_search import LimitedSearch
from jxgis.kernels.solution import Solution
from jxgis.kernels.unreachable import FloorUnreachable, Unreachable

TRIED = 30
"""As many of the first choice, those last picked, are tried to be left out."""


def fewest_serving(asked: Limited, reach: float, end: float, threads: int) -> Solution:
    """Return the fewest columns that meet the floors of a problem, one of which is its reach.

    Parameters
    ----------
    asked
        The problem; a floor with the number -1 stands for the reach.
    reach
        Weight to serve.
    end
        When to stop, on the clock of `time.monotonic`, seconds.
    threads
        Of the solver.

    Raises
    ------
    Unreachable
        If all columns do not serve so much.
    FloorUnreachable
        If they cannot meet a floor, or not all at once.
    """
    everyone = np.flatnonzero(~asked.there)
    total = asked.cover.base + _most_in(asked, None, everyone)
    if total < reach * (1 - FLOW_SHORT):
        raise Unreachable(total)
    search = LimitedSearch(asked.cover, None, _enough(asked), asked=asked)
    if len(asked.cover.least):
        search.run(end, threads)
    count = float(len(search.chosen))
    return _solution(search, count, min(search.bound, count), min(search.lp_bound, count))


def most_served(asked: Limited, count: int, end: float, threads: int) -> Solution:
    """Return the columns, at most so many, that serve the most and meet the floors.

    Parameters
    ----------
    asked
        The problem.
    count
        How many columns may be chosen.
    end, threads
        As for `fewest_serving`.

    Raises
    ------
    FloorUnreachable
        If so many cannot meet the floors.
    """
    start = np.sort(filled(asked, count))
    if flows(asked, start) is None:
        start = _meeting(asked, count, end, threads)
    search = LimitedSearch(asked.cover, count, start, asked=asked)
    search.run(end, threads)
    served, base = search.value(search.chosen), asked.cover.base
    covered = base + served
    return _solution(
        search, covered, max(base + search.bound, covered), max(base + search.lp_bound, covered)
    )


def _solution(search: LimitedSearch, objective: float, bound: float, lp_bound: float) -> Solution:
    cover = search.cover
    return Solution(
        chosen=np.sort(cover.candidate[search.chosen]),
        covered=cover.base + search.served(search.chosen),
        objective=objective,
        bound=bound,
        lp_bound=lp_bound,
        status=search.status,
    )


def _most_in(asked: Limited, k: int | None, columns: IntArray) -> float:
    """Return the most that some columns serve of the part of a floor, or of everything."""
    cover = asked.cover
    rows = np.arange(len(cover.weight))
    if k is not None:
        rows = np.flatnonzero(cover.parts[[k]].toarray()[0])
    own = cover.without_floors(rows)
    flow = flows(replace(asked, cover=own), columns)
    return 0.0 if flow is None else float(flow.sum())


def _enough(asked: Limited) -> IntArray:
    """Return columns that meet the floors.

    Raises
    ------
    FloorUnreachable
        If all of them do not.
    """
    cover = asked.cover
    everyone = np.flatnonzero(~asked.there)
    if flows(asked, everyone) is None:
        for k, least in enumerate(cover.least):
            wanted = float(cover.short[k] / SHORT)
            had = _most_in(asked, k, everyone)
            if had < least - FLOW_SHORT * wanted:
                raise FloorUnreachable(int(cover.number[k]), wanted, wanted - float(least) + had)
        raise FloorUnreachable(None, float(cover.short.sum() / SHORT), math.nan)
    picks = filled(asked, None)
    order = np.append(picks, np.setdiff1d(everyone, picks))
    low, high = 0, len(order)
    if flows(asked, picks) is not None:
        high = len(picks)
    while low < high:
        middle = (low + high) // 2
        if flows(asked, order[:middle]) is None:
            low = middle + 1
        else:
            high = middle
    chosen = order[:high]
    for j in chosen[::-1][:TRIED].tolist():
        fewer = chosen[chosen != j]
        chosen = fewer if flows(asked, fewer) is not None else chosen
    return np.sort(chosen)


def _meeting(asked: Limited, count: int, end: float, threads: int) -> IntArray:
    """Return columns, at most so many, that meet the floors, or raise."""
    cover = asked.cover
    start = _enough(asked)
    if len(start) <= count:
        return start
    search = LimitedSearch(cover, None, start, enough=count, asked=asked)
    search.run(end, threads)
    if len(search.chosen) <= count:
        return search.chosen
    if search.status == "interrupted":
        raise KeyboardInterrupt
    wanted = float(cover.short.sum() / SHORT)
    is_proven = search.bound > count
    needed = int(search.bound) if is_proven else len(search.chosen)
    raise FloorUnreachable(None, wanted, math.nan, needed, is_proven=is_proven)
