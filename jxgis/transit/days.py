"""The days on which a feed's services run, and the day that stands for all of its kind.

A day is a number of days since 1970-01-01.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.results import LedgerRow
from jxgis.transit.timetable import BoolArray, FloatArray, IntArray, Tables, ids, numbers

DAYS: Mapping[str, tuple[int, ...]] = {
    "weekday": (0, 1, 2, 3, 4),
    "saturday": (5,),
    "sunday": (6,),
}
"""Kinds of day, Monday is 0."""

_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_EPOCH = dt.date(1970, 1, 1).toordinal()
_THURSDAY = 3  # 1970-01-01
_ADDED, _REMOVED = 1, 2  # exception_type
_TENTH = 10


def day_of(date: dt.date) -> int:
    """Return the number of a date."""
    return date.toordinal() - _EPOCH


def date_of(day: int) -> dt.date:
    """Return the date of a number."""
    return dt.date.fromordinal(day + _EPOCH)


@dataclass(frozen=True)
class Calendar:
    """When the services of a feed run.

    Attributes
    ----------
    n_services
        Services are numbered from 0.
    service, first, last, weekdays
        (c,), (c,), (c,) and (c, 7): the service, first and last day and the weekdays of a row of
        ``calendar.txt``.
    changed, change_day, added
        (e,): the service, the day, and whether it runs then, of a row of ``calendar_dates.txt``.
    """

    n_services: int
    service: IntArray
    first: IntArray
    last: IntArray
    weekdays: BoolArray
    changed: IntArray
    change_day: IntArray
    added: BoolArray

    def running(self, days: IntArray) -> BoolArray:
        """Say which services run on each of some days, all different: (n_days, n_services)."""
        column = days[:, None]
        active = np.zeros((len(days), self.n_services), dtype=bool)
        covered = (self.first <= column) & (column <= self.last)
        active[:, self.service] = covered & self.weekdays[:, _weekday(days)].T
        order = np.argsort(days)
        at = np.searchsorted(days[order], self.change_day)
        at = order[np.minimum(at, len(days) - 1)]
        of_them = days[at] == self.change_day
        active[at[of_them], self.changed[of_them]] = self.added[of_them]
        return active

    def cells(self) -> tuple[IntArray, IntArray]:
        """Return the first of each set of days that are alike, and how many they are.

        The days of one weekday between two changes of the calendar are alike: a calendar of ten
        years has few more of these than it has changes.
        """
        edges = (self.first, self.last + 1, self.change_day, self.change_day + 1)
        cuts = np.unique(np.concatenate(edges))
        start, end = cuts[:-1, None], cuts[1:, None]
        first = start + (np.arange(7) - _weekday(start)) % 7
        count = np.maximum(0, (end - first + 6) // 7)
        return first[count > 0], count[count > 0]


def _weekday(days: IntArray) -> IntArray:
    return (days + _THURSDAY) % 7


def calendar_of(
    tables: Tables, services: pd.Index[Any], layer: str
) -> tuple[Calendar, list[LedgerRow]]:
    """Read when services run, from ``calendar``, ``calendar_dates`` or both.

    Parameters
    ----------
    tables
        The feed's.
    services
        The ids of the services that have trips; others do not matter.
    layer
        The layer's name.

    Returns
    -------
    calendar : Calendar
    ledger : list of LedgerRow
    """
    ledger: list[LedgerRow] = []
    none = pd.DataFrame({"service_id": [], "date": [], "start_date": [], "end_date": []})
    regular, changes = tables.get("calendar", none), tables.get("calendar_dates", none)
    service = services.get_indexer(ids(regular, "service_id", (layer, "calendar")))
    first, last = _days(regular, "start_date"), _days(regular, "end_date")
    # A service that is there twice: its first row
    row = np.flatnonzero((service >= 0) & ~np.isnan(first + last))
    row = row[np.unique(service[row], return_index=True)[1]]
    weekdays = np.column_stack([numbers(regular, name) == 1 for name in _NAMES])
    changed = services.get_indexer(ids(changes, "service_id", (layer, "calendar_dates")))
    day, kind = _days(changes, "date"), numbers(changes, "exception_type")
    known = (changed >= 0) & ~np.isnan(day) & np.isin(kind, (_ADDED, _REMOVED))
    unread = int(np.isnan(first + last).sum() + np.isnan(day).sum())
    if unread:
        reason = _("rows of the calendar with a date that cannot be read")
        ledger.append(LedgerRow("dropped", layer, unread, reason))
    calendar = Calendar(
        n_services=len(services),
        service=service[row],
        first=first[row].astype(np.int64),
        last=last[row].astype(np.int64),
        weekdays=weekdays[row],
        changed=changed[known],
        change_day=day[known].astype(np.int64),
        added=kind[known] == _ADDED,
    )
    return calendar, ledger


def _days(table: pd.DataFrame, column: str) -> FloatArray:
    """Return a column of dates (``20230222``) as numbers of days, NaN where there is none."""
    if column not in table:
        return np.full(len(table), np.nan)
    dates = pd.to_datetime(table[column].astype(str), format="%Y%m%d", errors="coerce")
    days = dates.to_numpy().astype("datetime64[D]")
    return np.where(np.isnat(days), np.nan, days.astype(np.int64).astype(np.float64))


@dataclass(frozen=True)
class Picked:
    """The day that stands for its kind.

    Attributes
    ----------
    day
        Its number.
    trips
        How many run.
    same, of
        On how many days of its kind the same services run, and how many days those are.
    first, last
        First and last day of the kind that has service.
    """

    day: int
    trips: int
    same: int
    of: int
    first: int
    last: int


def pick(calendar: Calendar, trips: IntArray, day: str, layer: str) -> Picked | None:
    """Pick the busiest ordinary day of a kind, or check that the given date has service.

    Days on which the same services run are of one pattern. A pattern is ordinary if it recurs, on
    at least a tenth of the served days of the kind and on two; if none does, all are ordinary. The
    ordinary pattern with most trips is picked, and its earliest date.

    Parameters
    ----------
    calendar
        When the services run.
    trips
        (n_services,) how many runs each has in a day.
    day
        ``weekday``, ``saturday``, ``sunday`` or a date (``2023-02-22``).
    layer
        The layer's name.

    Returns
    -------
    Picked or None
        None where no day of that kind is served.

    Raises
    ------
    InputError
        No day at all is served, or nothing runs on the given date.
    """
    first, count = calendar.cells()
    running = calendar.running(first) if len(first) else np.zeros((0, len(trips)), dtype=bool)
    total = running @ trips
    served = total > 0
    if not served.any():
        raise InputError(
            _("its calendar has no day on which a trip runs"),
            layer=layer,
            mend=_("Check the feed with a GTFS validator"),
        )
    first, count, total, running = first[served], count[served], total[served], running[served]
    last = first + 7 * (count - 1)
    if day not in DAYS:
        number = day_of(dt.date.fromisoformat(day))
        runs = int((calendar.running(np.array([number])) @ trips)[0])
        if not runs:
            raise InputError(
                _("no trip runs on {date}").format(date=day),
                layer=layer,
                mend=_("Choose a day with service, from {first} to {last}").format(
                    first=date_of(int(first.min())), last=date_of(int(last.max()))
                ),
            )
        return Picked(number, runs, 1, 1, int(first.min()), int(last.max()))
    kind = np.isin(_weekday(first), DAYS[day])
    if not kind.any():
        return None
    packed = np.packbits(running[kind], axis=1)
    index, pattern = np.unique(packed, axis=0, return_index=True, return_inverse=True)[1:]
    pattern = pattern.reshape(-1)
    same = np.bincount(pattern, count[kind]).astype(np.int64)
    earliest = np.full(len(index), np.iinfo(np.int64).max)
    np.minimum.at(earliest, pattern, first[kind])
    runs_of_pattern = total[kind][index]
    of = int(same.sum())
    ordinary = (same * _TENTH >= of) & (same >= min(2, of))
    best = np.lexsort((earliest, -same, -runs_of_pattern, ~ordinary))[0]
    return Picked(
        int(earliest[best]),
        int(runs_of_pattern[best]),
        int(same[best]),
        of,
        int(first[kind].min()),
        int(last[kind].max()),
    )
