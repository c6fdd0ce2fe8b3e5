"""Departures in three real feeds, against loops over the very files."""

import csv
import datetime as dt
import io
import os
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from jxgis.crs import parse_crs
from jxgis.layers import prepare
from jxgis.sources import gtfs
from jxgis.spec import LayerSpec
from jxgis.transit.service import Service, departures

DATA = os.environ.get("JXGIS_REAL_DATA")
pytestmark = pytest.mark.skipif(DATA is None, reason="JXGIS_REAL_DATA names no folder")

LAS_PALMAS = ("las_palmas/gtfs_guaguas_20230222.zip", "EPSG:32628")
BUSES = ("porto_alegre/poa_eptc.zip", "EPSG:32722")
TRAINS = ("porto_alegre/poa_trensurb.zip", "EPSG:32722")


def layer(feed, crs):
    spec = LayerSpec("stops", "stops", base=Path(DATA), gtfs=feed)
    return prepare(gtfs.read(spec), spec, parse_crs(crs))


def table(feed, name):
    with zipfile.ZipFile(Path(DATA) / feed) as archive:
        member = next((m for m in archive.namelist() if m.endswith(f"{name}.txt")), None)
        if member is None:
            return []
        text = archive.read(member).decode("utf-8-sig")
    return [{k.strip(): v.strip() for k, v in r.items()} for r in csv.DictReader(io.StringIO(text))]


def running(feed, date):
    """Return the services of a date, row by row."""
    day, name = date.strftime("%Y%m%d"), date.strftime("%A").lower()
    services = {
        row["service_id"]
        for row in table(feed, "calendar")
        if row[name] == "1" and row["start_date"] <= day <= row["end_date"]
    }
    for row in table(feed, "calendar_dates"):
        if row["date"] == day:
            change = services.add if row["exception_type"] == "1" else services.discard
            change(row["service_id"])
    return services


def brute(feed, date, start_s, end_s):
    """Count departures by stop, one stop time after the other."""
    service = {row["trip_id"]: row["service_id"] for row in table(feed, "trips")}
    trips = {}
    for row in table(feed, "stop_times"):
        trips.setdefault(row["trip_id"], []).append(row)
    days = [(running(feed, date + dt.timedelta(days=j)), j * 86400) for j in (-1, 0)]
    found = Counter()
    for trip, rows in trips.items():
        rows.sort(key=lambda r: int(r["stop_sequence"]))
        for row in rows[:-1]:
            h, m, s = map(int, row["departure_time"].split(":"))
            for services, later in days:
                inside = start_s <= h * 3600 + m * 60 + s + later < end_s
                found[row["stop_id"]] += inside and service[trip] in services
    return found


@pytest.mark.parametrize(
    ("source", "day", "window", "date"),
    [
        (LAS_PALMAS, "weekday", "06:00-20:00", "2015-12-11"),
        (LAS_PALMAS, "2023-02-22", "07:00-09:00", "2023-02-22"),
        (LAS_PALMAS, "2023-02-19", "00:00-03:00", "2023-02-19"),
        (TRAINS, "weekday", "06:00-20:00", "2019-03-01"),
        (TRAINS, "sunday", "06:00-10:00", "2019-03-03"),
    ],
)
def test_every_stop_has_the_departures_that_a_loop_counts(source, day, window, date):
    stops, service = layer(*source), Service.parse(day, window)
    found = departures(stops, service)
    assert found.dates == {"stops": dt.date.fromisoformat(date)}
    counted = brute(source[0], found.dates["stops"], service.start_s, service.end_s)
    expected = [counted[stop] for stop in stops.data["stop_id"]]
    np.testing.assert_allclose(found.per_hour * service.hours, expected, atol=1e-9)
    assert sum(expected) > 0


def test_almost_all_of_porto_alegres_times_are_interpolated():
    stops = layer(*BUSES)
    found = departures(stops, Service())
    rows = table(BUSES[0], "stop_times")
    empty = sum(not row["departure_time"] and not row["arrival_time"] for row in rows)
    assert empty / len(rows) == pytest.approx(0.96, abs=0.005)
    assert [r.count for r in found.ledger if "interpolated" in r.reason] == [empty]
    assert not [r for r in found.ledger if r.what == "dropped"]


def test_porto_alegres_trips_leave_each_stop_but_the_last():
    date = dt.date(2019, 4, 15)  # a Monday; nothing runs on the day before
    found = departures(layer(*BUSES), Service(date.isoformat(), 0, 24 * 3600))
    services = running(BUSES[0], date)
    trips = {r["trip_id"] for r in table(BUSES[0], "trips") if r["service_id"] in services}
    times = sum(row["trip_id"] in trips for row in table(BUSES[0], "stop_times"))
    assert found.per_hour.sum() * 24 == pytest.approx(times - len(trips))
