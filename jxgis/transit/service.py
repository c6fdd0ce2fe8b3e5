"""Departures an hour at each stop, from a feed's timetable.

A departure is a stop time at which one can board: not a trip's last, and not one with
``pickup_type`` 1. For a window [a, b) of a day D,

    per_hour = departures in [a, b) / (b - a)

where a departure at t of the services of D counts if a <= t < b, and one of the day before if its
t - 24 h does: service days go on after midnight. A window that itself goes on after midnight takes
the departures of the day after with t + 24 h.

The departures of all routes at a platform add up. Those of two platforms do not, since somebody who
waits goes one way, and the platforms across the street are the way back. The platforms of one
station (``parent_station``) are different, since a line may leave from any of them: the station's
departures are summed for each ``direction_id``, and each platform has its own departures or those
of the station's busier direction, whichever are more. Departures without a direction count in
either.

The day and the window are those of DG REGIO [1]_, 6:00 to 20:00 on a normal weekday.

References
----------
.. [1] H. Poelman, L. Dijkstra: Measuring access to public transport in European cities. European
   Commission, Regional Working Paper 01/2015.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.layers import Layer
from jxgis.results import LedgerRow
from jxgis.transit.days import DAYS, Picked, calendar_of, date_of, pick
from jxgis.transit.timetable import (
    DAY_S,
    BoolArray,
    FloatArray,
    IntArray,
    Tables,
    ids,
    in_windows,
    numbers,
    runs_of,
    stop_times,
    time_rows,
)

_WINDOW = re.compile(r"\s*(\d{1,2}):([0-5]\d)\s*[-–]\s*(\d{1,2}):([0-5]\d)\s*")
_LATEST_S = 36 * 3600


@dataclass(frozen=True)
class Service:
    """The day and the window in which departures are counted.

    Attributes
    ----------
    day
        ``weekday``, ``saturday`` or ``sunday``, which is the busiest ordinary one that a feed has,
        or a date (``2023-02-22``).
    start_s, end_s
        Seconds of the day; the end is not in the window, and may be after midnight.
    """

    day: str = "weekday"
    start_s: int = 6 * 3600
    end_s: int = 20 * 3600

    def __post_init__(self) -> None:
        if self.day not in DAYS:
            try:
                dt.date.fromisoformat(self.day)
            except ValueError as error:
                raise InputError(
                    _("{day} is no day").format(day=self.day),
                    mend=_("Write weekday, saturday, sunday or a date such as 2023-02-22"),
                ) from error
        if not 0 <= self.start_s < self.end_s:
            raise _no_window(f"{_clock(self.start_s)}-{_clock(self.end_s)}")

    @classmethod
    def parse(cls, day: str, window: str) -> Service:
        """Read a day and a window as they are written in a plan.

        Parameters
        ----------
        day
            As in the attribute.
        window
            ``07:00-09:00``; an end before the start is after midnight, and so is ``26:00``.

        Raises
        ------
        InputError
            The day is none, or the window is none or empty.
        """
        found = _WINDOW.fullmatch(window)
        if not found:
            raise _no_window(window)
        hours, minutes, end_hours, end_minutes = map(int, found.groups())
        start_s, end_s = hours * 3600 + minutes * 60, end_hours * 3600 + end_minutes * 60
        if end_s > _LATEST_S or start_s == end_s:
            raise _no_window(window)
        return cls(day.strip().lower(), start_s, end_s + DAY_S * (end_s < start_s))

    @property
    def hours(self) -> float:
        """Length of the window, hours."""
        return (self.end_s - self.start_s) / 3600


def _clock(time_s: int) -> str:
    return f"{time_s // 3600:02d}:{time_s % 3600 // 60:02d}"


def _no_window(window: str) -> InputError:
    return InputError(
        _("{window} is no window of time").format(window=window),
        mend=_('Write start and end as "07:00-09:00", the end not after 36:00'),
    )


@dataclass(frozen=True)
class Departures:
    """Departures at the stops of a layer.

    Attributes
    ----------
    per_hour
        (n_stops,) departures an hour in the order of the layer's rows, NaN without a timetable.
    dates
        The day that was counted, by feed (name of its layer); a feed that runs on no day of the
        kind is not there, and has no departures.
    ledger
        What was assumed and dropped.
    """

    per_hour: FloatArray
    dates: Mapping[str, dt.date]
    ledger: tuple[LedgerRow, ...]


def departures(stops: Layer, service: Service) -> Departures | None:
    """Count the departures an hour at each stop.

    Parameters
    ----------
    stops
        Points in a metric CRS, with the feed's ``tables``; several feeds joined have a column
        ``source_layer`` in data and tables.
    service
        Day and window.

    Returns
    -------
    Departures or None
        None where no layer has a timetable.

    Raises
    ------
    InputError
        A feed has no service on the given date, no feed has any on the kind of day, nothing leaves
        in the window, or a timetable lacks a table or a column.
    """
    if stops.tables.get("stop_times", pd.DataFrame()).empty:
        return None
    per_hour = np.full(len(stops.data), np.nan)
    dates: dict[str, dt.date] = {}
    ledger: list[LedgerRow] = []
    for feed in _feeds(stops):
        count, picked, rows = _counted(feed, service)
        per_hour[feed.rows] = count / service.hours
        if picked:
            dates[feed.name] = date_of(picked.day)
        ledger += rows
    if not np.nansum(per_hour) > 0:
        days = ", ".join(dict.fromkeys(map(str, dates.values()))) or _kinds()[service.day]
        raise InputError(
            _("nothing leaves any stop from {start} to {end} ({days})").format(
                start=_clock(service.start_s), end=_clock(service.end_s), days=days
            ),
            layer=stops.name,
            mend=_("Choose another day or window"),
        )
    without = int(np.isnan(per_hour).sum())
    if without:
        reason = _("stops of a source without a timetable: their departures are not known")
        ledger.append(LedgerRow("note", stops.name, without, reason))
    return Departures(per_hour, dates, tuple(ledger))


@dataclass(frozen=True)
class _Feed:
    """One feed: its layer's name, its tables, and its stops among the rows of the layer."""

    name: str
    tables: Tables
    rows: IntArray
    data: pd.DataFrame
    xy: FloatArray

    def table(self, name: str) -> pd.DataFrame:
        if name not in self.tables:
            raise InputError(
                _("it has stop_times.txt and no {table}.txt").format(table=name),
                layer=self.name,
                mend=_("Check the feed with a GTFS validator"),
            )
        return self.tables[name]

    def ids(self, table: str, column: str) -> pd.Index[Any]:
        return ids(self.table(table), column, (self.name, table))

    @property
    def stop_ids(self) -> pd.Index[Any]:
        return ids(self.data, "stop_id", (self.name, "stops"))


def _feeds(stops: Layer) -> Iterator[_Feed]:
    xy = shapely.get_coordinates(stops.data.geometry.to_numpy())
    data = pd.DataFrame(stops.data.drop(columns=stops.data.geometry.name))
    times = stops.tables["stop_times"]
    if "source_layer" not in times:
        yield _Feed(stops.name, stops.tables, np.arange(len(data)), data, xy)
        return
    for name in times["source_layer"].unique():
        rows = np.flatnonzero(data["source_layer"] == name)
        own = {key: table[table["source_layer"] == name] for key, table in stops.tables.items()}
        tables = {key: table for key, table in own.items() if len(table)}
        yield _Feed(str(name), tables, rows, data.iloc[rows], xy[rows])


def _counted(feed: _Feed, service: Service) -> tuple[FloatArray, Picked | None, list[LedgerRow]]:
    """Return the departures in the window at each of a feed's stops, and the day."""
    trips = feed.table("trips")[~feed.ids("trips", "trip_id").duplicated()]
    trip_ids = ids(trips, "trip_id", (feed.name, "trips"))
    trip = trip_ids.get_indexer(feed.ids("stop_times", "trip_id"))
    of_trip, services = pd.factorize(ids(trips, "service_id", (feed.name, "trips")))
    runs, ledger = runs_of(feed.tables, trip_ids, feed.name)
    calendar, rows = calendar_of(feed.tables, pd.Index(services), feed.name)
    stopping = np.bincount(trip[trip >= 0], minlength=len(trips)) > 0
    times_run = np.where(stopping[runs.trip], runs.times, 0)
    per_service = np.bincount(of_trip[runs.trip], times_run, len(services)).astype(np.int64)
    picked = pick(calendar, per_service, service.day, feed.name)
    ledger = [_day_row(feed.name, service.day, picked), *rows, *ledger]
    if picked is None:
        return np.zeros(len(feed.rows)), None, ledger
    # The services of the day before too, and for a window beyond midnight those of the day after.
    offsets = np.arange(-1, 2 if service.end_s > DAY_S else 1)
    running = calendar.running(picked.day + offsets)[:, of_trip]
    windows = [(service.start_s - DAY_S * int(j), service.end_s - DAY_S * int(j)) for j in offsets]

    first_rows = ~feed.stop_ids.duplicated()
    places = feed.stop_ids[first_rows]
    stop_ids = feed.ids("stop_times", "stop_id")
    feed.ids("stop_times", "stop_sequence")
    used = np.flatnonzero((trip >= 0) & np.any(running, axis=0)[trip])
    times = stop_times(
        feed.table("stop_times").iloc[used],
        trip[used],
        places.get_indexer(stop_ids[used]),
        feed.xy[first_rows],
    )
    stop, leaving, count = in_windows(times, runs, running, windows)
    direction, known = pd.factorize(numbers(trips, "direction_id"))  # -1, the last, without one
    by_way = np.zeros((len(places), len(known) + 1))
    np.add.at(by_way, (stop, direction[leaving]), count)
    total, raised = _with_stations(by_way, places.get_indexer(feed.stop_ids), feed)
    reason = _(
        "platforms that are given the departures of their station's busier direction, more than "
        "their own; departures of other platforms are not added up, those of routes are"
    )
    ledger += [
        *_reference_rows(feed, trip < 0, stop_ids),
        *time_rows(feed.name, times, running[1]),
        LedgerRow("note", feed.name, raised, reason),
    ]
    return total, picked, ledger


def _with_stations(by_way: FloatArray, at: IntArray, feed: _Feed) -> tuple[FloatArray, int]:
    """Return each row's departures, and how many platforms have their station's.

    ``by_way`` is (n_places, n_directions + 1), the last those without a direction; ``at`` the
    place of each row.
    """
    own = by_way.sum(axis=1)
    if "parent_station" not in feed.data:
        return own[at], 0
    parents = ids(feed.data, "parent_station", (feed.name, "stops"))
    station, names = pd.factorize(parents)
    once = np.flatnonzero(~feed.stop_ids.duplicated())
    of_station = np.zeros((len(names), by_way.shape[1]))
    np.add.at(of_station, station[once], by_way[at[once]])
    busier = of_station[:, :-1].max(axis=1, initial=0) + of_station[:, -1]
    busier[names == ""] = 0  # which is no station
    return np.maximum(own[at], busier[station]), int((busier[station] > own[at]).sum())


def _kinds() -> dict[str, str]:
    return {"weekday": _("weekdays"), "saturday": _("Saturdays"), "sunday": _("Sundays")}


def _day_row(name: str, day: str, picked: Picked | None) -> LedgerRow:
    words = _kinds()
    if picked is None:
        reason = _("it runs on no {days}: no departures").format(days=words[day])
        return LedgerRow("note", name, 0, reason)
    if day not in words:
        reason = _("{date}, the date asked for: {trips} trips").format(date=day, trips=picked.trips)
        return LedgerRow("note", name, 1, reason)
    reason = _(
        "{date} stands for {days}: the busiest ordinary day, {trips} trips; the same services run "
        "on {same} of {of} {days} from {first} to {last}"
    ).format(
        date=date_of(picked.day),
        days=words[day],
        trips=picked.trips,
        same=picked.same,
        of=picked.of,
        first=date_of(picked.first),
        last=date_of(picked.last),
    )
    return LedgerRow("assumed", name, 1, reason)


def _reference_rows(
    feed: _Feed, without_trip: BoolArray, stop_ids: pd.Index[Any]
) -> Iterator[LedgerRow]:
    """Say which stop times are of trips and stops that the feed or the layer does not have."""
    here = stop_ids.isin(feed.stop_ids)
    known = here | stop_ids.isin(feed.ids("stops", "stop_id")) if "stops" in feed.tables else here
    for what, rows, reason in (
        ("dropped", without_trip, _("stop times of trips that are not in trips.txt")),
        ("dropped", ~known, _("stop times at stops that are not in stops.txt")),
        ("excluded", known & ~here, _("stop times at stops that the layer leaves out")),
    ):
        if rows.any():
            yield LedgerRow(what, feed.name, int(rows.sum()), reason)
