"""A feed's timetable as arrays: how often its trips run, and when they leave their stops.

A time is in seconds of the service day, which goes on beyond 24 hours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jxgis.errors import MissingColumnError
from jxgis.i18n import _
from jxgis.results import LedgerRow

Tables = Mapping[str, pd.DataFrame]
BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

DAY_S = 86_400
_NO_PICKUP = 1
_TIME = r"^\s*(\d+):([0-5]?\d)(?::([0-5]?\d))?\s*$"


def ids(table: pd.DataFrame, column: str, place: tuple[str, str]) -> pd.Index[Any]:
    """Return a required column of ids, without blanks around them.

    Parameters
    ----------
    table
        A table of a feed.
    column
        The column's name.
    place
        The layer's and the table's name, for what is said.

    Raises
    ------
    MissingColumnError
        If the column is not there.
    """
    if column not in table:
        layer, name = place
        raise MissingColumnError(
            _("{table}.txt has no column {name}").format(table=name, name=column),
            layer=layer,
            mend=_("Check the feed with a GTFS validator"),
        )
    codes, known = pd.factorize(table[column].astype(object))
    stripped = np.array([str(value).strip() for value in known] + [""], dtype=object)
    texts: pd.Index[Any] = pd.Index(stripped[codes], dtype=object)
    return texts


def numbers(table: pd.DataFrame, column: str) -> FloatArray:
    """Return a column as numbers, NaN where it is empty, no number or not there."""
    if column not in table:
        return np.full(len(table), np.nan)
    values = pd.to_numeric(table[column], errors="coerce")
    return values.to_numpy(dtype=np.float64, na_value=np.nan)


def seconds(table: pd.DataFrame, column: str) -> FloatArray:
    """Return a column of times (``25:10:00``) in seconds, NaN where there is none."""
    if column not in table:
        return np.full(len(table), np.nan)
    codes, texts = pd.factorize(table[column].astype(object))
    parts = pd.Series(texts, dtype=object).astype(str).str.extract(_TIME).astype(np.float64)
    parsed = parts[0] * 3600 + parts[1] * 60 + parts[2].fillna(0)
    return np.append(parsed.to_numpy(dtype=np.float64), np.nan)[codes]


@dataclass(frozen=True)
class Runs:
    """How often trips run in a day, in order of the trip.

    Attributes
    ----------
    trip
        (r,) number of the trip; a trip may have several rows.
    start_s
        (r,) seconds at which the first run leaves its first stop, NaN for a trip that runs once
        at its own times.
    headway_s
        (r,) seconds from run to run, > 0.
    times
        (r,) number of runs.
    """

    trip: IntArray
    start_s: FloatArray
    headway_s: FloatArray
    times: IntArray


def runs_of(tables: Tables, trips: pd.Index[Any], layer: str) -> tuple[Runs, list[LedgerRow]]:
    """Read how often trips run: once at their own times, or as ``frequencies`` says.

    A trip that frequencies name runs at ``start_time + k headway < end_time`` only, and not at all
    where they cannot be used.

    Parameters
    ----------
    tables
        The feed's.
    trips
        The ids of its trips.
    layer
        The layer's name.

    Returns
    -------
    runs : Runs
    ledger : list of LedgerRow
    """
    once = np.ones(len(trips), dtype=bool)
    table = tables.get("frequencies", pd.DataFrame({"trip_id": []}))
    trip = trips.get_indexer(ids(table, "trip_id", (layer, "frequencies")))
    once[trip[trip >= 0]] = False
    start, end = seconds(table, "start_time"), seconds(table, "end_time")
    headway = numbers(table, "headway_secs")
    headway[~(headway > 0)] = np.nan
    times = np.ceil((end - start) / headway)
    good = (trip >= 0) & (times > 0)
    ledger = []
    if not good.all():
        reason = _(
            "frequencies without a headway above zero, an end after their start or a known trip"
        )
        ledger.append(LedgerRow("dropped", layer, int((~good).sum()), reason))
    own = np.flatnonzero(once)
    which = np.concatenate([own, trip[good]])
    order = np.argsort(which, kind="stable")
    runs = Runs(
        trip=which[order],
        start_s=np.concatenate([np.full(len(own), np.nan), start[good]])[order],
        headway_s=np.concatenate([np.ones(len(own)), headway[good]])[order],
        times=np.concatenate([np.ones(len(own)), times[good]])[order].astype(np.int64),
    )
    return runs, ledger


def filled(
    trip: IntArray, arrival: FloatArray, departure: FloatArray, far: FloatArray, xy: FloatArray
) -> FloatArray:
    """Return when trips leave their stops, empty times interpolated between the known ones.

    Parameters
    ----------
    trip
        (n,) the trip of each stop time, in order of trip and sequence.
    arrival, departure
        (n,) seconds, NaN where empty; one stands for the other.
    far
        (n,) distance along the trip in any unit, used where a trip has it throughout.
    xy
        (n, 2) positions of the stops, metres, NaN where there is none.

    Returns
    -------
    (n,) array
        Seconds; those interpolated are whole. NaN before the first and after the last known time.

    Notes
    -----
    Between leaving one known stop and arriving at the next, time passes as distance does: along
    ``far``, else straight from stop to stop, else, where a stop between them has no position or
    all are at one place, in equal steps.
    """
    n = len(trip)
    leaves = np.where(np.isnan(departure), arrival, departure)
    arrives = np.where(np.isnan(arrival), departure, arrival)
    known, at = ~np.isnan(leaves), np.arange(n)
    before = np.maximum.accumulate(np.where(known, at, -1))
    after = np.minimum.accumulate(np.where(known, at, n)[::-1])[::-1]
    gap = np.flatnonzero(~known & (before >= 0) & (after < n))
    gap = gap[(trip[before[gap]] == trip[gap]) & (trip[after[gap]] == trip[gap])]
    if not len(gap):
        return leaves
    low, high = before[gap], after[gap]
    step = _steps(trip, far, xy)
    lost = np.cumsum(np.isnan(step))
    gone = np.cumsum(np.nan_to_num(step))
    whole = gone[high] - gone[low]
    even = (lost[high] > lost[low]) | ~(whole > 0)
    share = np.where(even, gap - low, gone[gap] - gone[low]) / np.where(even, high - low, whole)
    out = leaves.copy()
    out[gap] = np.rint(leaves[low] + share * (arrives[high] - leaves[low]))
    return out


def _steps(trip: IntArray, far: FloatArray, xy: FloatArray) -> FloatArray:
    """Return the distance from the stop before; of a trip's first, zero."""
    first = np.append(True, trip[1:] != trip[:-1])
    along = np.where(first, 0.0, np.diff(far, prepend=np.nan))
    straight = np.where(first, 0.0, np.hypot(*np.diff(xy, axis=0, prepend=np.nan).T))
    group = np.cumsum(first) - 1
    unusable = np.isnan(far) | (along < 0)
    whole = np.bincount(group, unusable)[group] == 0
    return np.where(whole, along, straight)


@dataclass(frozen=True)
class StopTimes:
    """The stop times of some trips, in order of trip and sequence.

    Attributes
    ----------
    trip
        (n,) number of the trip.
    stop
        (n,) number of the stop, -1 for one without.
    time_s
        (n,) seconds at which the trip leaves, NaN where that is not known.
    empty
        (n,) whether the feed gives no time.
    boards
        (n,) whether one can board: not at a trip's last stop, and not with ``pickup_type`` 1.
    """

    trip: IntArray
    stop: IntArray
    time_s: FloatArray
    empty: BoolArray
    boards: BoolArray


def stop_times(table: pd.DataFrame, trip: IntArray, stop: IntArray, xy: FloatArray) -> StopTimes:
    """Put stop times in order, and fill in the times that are empty.

    Parameters
    ----------
    table
        Rows of the feed's ``stop_times``.
    trip, stop
        (n,) numbers of their trips and stops, -1 for a stop without one.
    xy
        (n_stops, 2) positions of the stops, metres.

    Returns
    -------
    StopTimes
    """
    order = np.lexsort((numbers(table, "stop_sequence"), trip))
    table, trip, stop = table.iloc[order], trip[order], stop[order]
    arrival, departure = seconds(table, "arrival_time"), seconds(table, "departure_time")
    at = np.vstack([xy, np.full((1, 2), np.nan)])[stop]
    last = np.ones(len(trip), dtype=bool)
    last[:-1] = trip[1:] != trip[:-1]
    return StopTimes(
        trip=trip,
        stop=stop,
        time_s=filled(trip, arrival, departure, numbers(table, "shape_dist_traveled"), at),
        empty=np.isnan(arrival) & np.isnan(departure),
        boards=~last & (numbers(table, "pickup_type") != _NO_PICKUP),
    )


def in_windows(
    times: StopTimes, runs: Runs, running: BoolArray, windows: Sequence[tuple[int, int]]
) -> tuple[IntArray, IntArray, IntArray]:
    """Count the departures in the windows of some days, without writing each of them out.

    Parameters
    ----------
    times
        Stop times.
    runs
        How often trips run.
    running
        (n_days, n_trips) which trips run on which day.
    windows
        For each day start and end in seconds of that day, the end not included.

    Returns
    -------
    stop, trip, count : (m,) arrays
        Several rows may be of one stop and trip. Stops without a number are not there.

    Notes
    -----
    Of the runs at f + k h, k = 0 .. n - 1, those before an edge e are ceil((e - f) / h), held
    between 0 and n.
    """
    n = running.shape[1]
    timed = np.flatnonzero(~np.isnan(times.time_s))
    leaves = np.zeros(n)  # a trip's first departure: written last where it is written backwards
    leaves[times.trip[timed[::-1]]] = times.time_s[timed[::-1]]
    row = timed[times.boards[timed] & (times.stop[timed] >= 0)]
    size = np.bincount(runs.trip, minlength=n)
    start = np.cumsum(size) - size
    many = size[times.trip[row]]
    row = np.repeat(row, many)
    within = np.arange(len(row)) - np.repeat(np.cumsum(many) - many, many)
    trip = times.trip[row]
    run = start[trip] + within
    moved = np.where(np.isnan(runs.start_s[run]), 0.0, runs.start_s[run] - leaves[trip])
    first, headway, most = times.time_s[row] + moved, runs.headway_s[run], runs.times[run]
    count = np.zeros(len(row), dtype=np.int64)
    for on, (low, high) in zip(running, windows, strict=True):
        before = [np.clip(np.ceil((edge - first) / headway), 0, most) for edge in (low, high)]
        count += np.where(on[trip], before[1] - before[0], 0).astype(np.int64)
    return times.stop[row], trip, count


def time_rows(layer: str, times: StopTimes, running: BoolArray) -> Iterator[LedgerRow]:
    """Say how many times of a day were interpolated, and how many could not be.

    Parameters
    ----------
    layer
        The layer's name.
    times
        Stop times.
    running
        (n_trips,) which trips run on that day.
    """
    today = running[times.trip]
    lost = np.isnan(times.time_s)
    timeless = np.bincount(times.trip, ~lost, len(running)) == 0
    stopping = np.bincount(times.trip, minlength=len(running)) > 0
    between = int((today & times.empty & ~lost).sum())
    if between:
        reason = _("{n} of {m} stop times of the day had no time: interpolated").format(
            n=between, m=int(today.sum())
        )
        yield LedgerRow("assumed", layer, between, reason)
    outer = int((today & lost & ~timeless[times.trip]).sum())
    if outer:
        reason = _("stop times before the first or after the last time of their trip")
        yield LedgerRow("dropped", layer, outer, reason)
    trips = int((running & timeless & stopping).sum())
    if trips:
        yield LedgerRow("dropped", layer, trips, _("trips without any time"))
