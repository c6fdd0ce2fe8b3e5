"""Departures an hour, on small timetables whose departures are counted by hand."""

import datetime as dt
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jxgis.errors import InputError, MissingColumnError
from jxgis.layers import KINDS, Layer
from jxgis.measures import by_kind
from jxgis.transit.service import Service, departures

CRS = "EPSG:4549"
X, Y = 480_000.0, 3_330_000.0
STOPS = {"A": (0, 0), "B": (100, 0), "C": (400, 0), "D": (600, 0)}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
MONDAY = dt.date(2023, 2, 20)


def calendar(service, days=WEEKDAYS, start="20230220", end="20230324"):
    """Five weeks from a Monday, unless said otherwise."""
    names = (*WEEKDAYS, "saturday", "sunday")
    flags = {name: int(name in days) for name in names}
    return {"service_id": service, **flags, "start_date": start, "end_date": end}


def feed(*trips, stops=STOPS, data=None, **tables):
    """Make a stops layer; a trip is (id, [(stop, time)]) and perhaps columns of trips.txt."""
    rows, times = [], []
    for trip_id, calls, *columns in trips:
        rows.append({"trip_id": trip_id, "service_id": "W"} | (columns[0] if columns else {}))
        for sequence, (stop, call) in enumerate(calls):
            one = call if isinstance(call, dict) else at(call)
            named = {"trip_id": trip_id, "stop_id": stop, "stop_sequence": sequence * 10}
            times.append(named | one)
    given_tables = {
        "stops": pd.DataFrame({"stop_id": list(stops)}),
        "trips": pd.DataFrame(rows),
        "stop_times": pd.DataFrame(times[::-1]),  # no order is promised
        "calendar": pd.DataFrame([calendar("W")]),
        **{name: pd.DataFrame(table) for name, table in tables.items()},
    }
    x, y = np.array(list(stops.values())).T
    points = gpd.GeoDataFrame(
        {"stop_id": list(stops), **(data or {})}, geometry=gpd.points_from_xy(X + x, Y + y), crs=CRS
    )
    return Layer("bus", KINDS["stops"], points, tables=given_tables)


def at(arrival, departure=None, **columns):
    return {"arrival_time": arrival, "departure_time": departure or arrival, **columns}


def calls(**times):
    return list(times.items())


def count(layer, window="06:00-20:00", day="weekday"):
    """Return departures in the window, by stop."""
    service = Service.parse(day, window)
    found = departures(layer, service).per_hour * service.hours
    return dict(zip(layer.data["stop_id"], found.round(9).tolist(), strict=True))


def said(layer, what, day="weekday", window="06:00-20:00"):
    ledger = departures(layer, Service.parse(day, window)).ledger
    return [(row.count, row.reason) for row in ledger if row.what == what]


ONE = ("t1", calls(A="08:00:00", B="08:10:00", C="08:20:00"))


def test_nobody_boards_at_the_last_stop_nor_where_pickup_is_forbidden():
    closed, by_phone = at("08:10:00", pickup_type=1), at("09:10:00", pickup_type=2)
    layer = feed(
        ("t1", calls(A="08:00:00", B=closed, C="08:20:00")),
        ("t2", calls(A="09:00:00", B=by_phone, C="09:20:00")),
    )
    assert count(layer) == {"A": 2, "B": 1, "C": 0, "D": 0}
    assert departures(layer, Service()).per_hour == pytest.approx([2 / 14, 1 / 14, 0, 0])


def test_routes_at_a_platform_add_up_and_platforms_do_not():
    layer = feed(
        ONE, ("t2", calls(A="08:05:00", D="08:20:00")), ("t3", calls(B="09:00:00", A="9:05:00"))
    )
    assert count(layer) == {"A": 2, "B": 2, "C": 0, "D": 0}


@pytest.mark.parametrize(
    ("window", "at_a"),
    [("08:00-08:01", 1), ("07:59-08:00", 0), ("07:00-9:00", 1), ("00:00-36:00", 2)],
)
def test_a_window_has_its_start_and_not_its_end(window, at_a):
    layer = feed(ONE, ("t2", calls(D="07:59:30", C="08:00:30")))
    assert count(layer, window)["A"] == at_a


def test_what_leaves_after_midnight_is_of_the_next_day_too():
    layer = feed(("t1", calls(A="25:10:00", B="25:20:00", C="26:00:00")), ONE)
    # 2023-02-21 is a Tuesday: Monday's trips are on the road at 1:10. No services on 2023-02-19.
    assert count(layer, "01:00-02:00", "2023-02-21") == {"A": 1, "B": 1, "C": 0, "D": 0}
    with pytest.raises(InputError, match="nothing leaves any stop from 01:00 to 02:00"):
        count(layer, "01:00-02:00", "2023-02-20")
    assert count(layer, "23:00-01:15")["A"] == 1
    assert count(layer, "25:00-26:00")["A"] == 1


def test_a_window_beyond_midnight_has_the_early_departures_of_the_day_after():
    layer = feed(
        ("t1", calls(A="00:30:00", B="00:40:00")), ("t2", calls(B="23:30:00", A="23:50:00"))
    )
    assert count(layer, "23:00-01:00") == {"A": 1, "B": 1, "C": 0, "D": 0}
    assert count(layer, "23:00-01:00", "2023-02-24")["A"] == 0  # a Friday


def test_arrival_stands_for_a_missing_departure():
    arrives = at("08:10:00") | {"departure_time": None}
    assert count(feed(("t1", calls(A="08:00:00", B=arrives, C="8:20:00"))), "08:10-08:11")["B"] == 1


EMPTY = at(None)
GAP = ("t1", [("A", "08:00:00"), ("B", EMPTY), ("C", EMPTY), ("D", "08:10:00")])


def leaves(layer, **minutes):
    """Say whether each stop's only departure is in its minute after eight."""
    for stop, minute in minutes.items():
        window = f"08:{minute:02d}-08:{minute + 1:02d}"
        if (count(layer)[stop], count(layer, window)[stop]) != (1, 1):
            return False
    return True


def test_empty_times_are_interpolated_by_distance():
    layer = feed(GAP)  # B lies at 100 m of 600 m, C at 400 m
    assert leaves(layer, B=1, C=6)
    reason = "2 of 4 stop times of the day had no time: interpolated"
    assert said(layer, "assumed")[1] == (2, reason)


def test_distance_along_the_shape_comes_first_where_the_whole_trip_has_it():
    def travelled(*far):
        times = ("08:00:00", None, None, "08:10:00")
        rows = [at(t, shape_dist_traveled=d) for t, d in zip(times, far, strict=True)]
        return feed(("t1", list(zip("ABCD", rows, strict=True))))

    along = travelled(5.0, 9.0, 13.0, 15.0)
    assert leaves(along, B=4, C=8)
    for broken in ((5.0, None, 13.0, 15.0), (5.0, 13.0, 9.0, 15.0)):
        assert leaves(travelled(*broken), B=1, C=6)


def test_a_stop_without_a_position_makes_steps_equal_and_so_does_one_place():
    layer = feed(GAP)
    beyond = Layer("bus", layer.kind, layer.data[layer.data["stop_id"] != "C"], tables=layer.tables)
    assert leaves(beyond, B=3)  # 3 min 20 s
    assert said(beyond, "excluded") == [(1, "stop times at stops that the layer leaves out")]
    heap = feed(GAP, stops=dict.fromkeys(STOPS, (0, 0)))
    assert leaves(heap, B=3, C=6)


def test_time_passes_from_leaving_one_stop_to_arriving_at_the_next():
    waits, stays = at("07:50:00", "08:00:00"), at("08:12:00", "08:30:00")
    layer = feed(("t1", calls(A=waits, B=EMPTY, D=stays, C="08:40:00")))
    assert leaves(layer, B=2, D=30)  # 100 m of 600 m of 12 min


def test_times_beyond_the_known_ones_are_dropped_and_counted():
    layer = feed(
        ("t1", calls(A=EMPTY, B="08:00:00", C="08:10:00", D=EMPTY)),
        ("t2", calls(A=EMPTY, B=EMPTY)),
    )
    assert count(layer) == {"A": 0, "B": 1, "C": 1, "D": 0}
    assert said(layer, "dropped") == [
        (2, "stop times before the first or after the last time of their trip"),
        (1, "trips without any time"),
    ]


def runs(trip="t1", start="07:00:00", end="09:00:00", headway=600):
    return {"trip_id": trip, "start_time": start, "end_time": end, "headway_secs": headway}


def test_frequencies_make_a_trip_a_template():
    layer = feed(ONE, frequencies=[runs(), runs(start="10:00:00", end="10:25:00")])
    assert count(layer) == {"A": 15, "B": 15, "C": 0, "D": 0}  # 12 and 3 at 10:00, 10:10, 10:20
    assert count(layer, "07:00-08:00") == {"A": 6, "B": 5, "C": 0, "D": 0}  # B from 7:10
    assert count(layer, "06:30-07:01") == {"A": 1, "B": 0, "C": 0, "D": 0}
    assert count(layer, "09:00-09:01") == {"A": 0, "B": 1, "C": 0, "D": 0}
    late = feed(ONE, frequencies=[runs(start="23:50:00", end="24:30:00")])
    assert count(late, "00:00-00:15", "2023-02-21") == {"A": 2, "B": 2, "C": 0, "D": 0}


def test_frequencies_that_cannot_be_used_are_dropped_and_counted():
    bad = [runs(headway=0), runs(headway=-60), runs(end="07:00:00"), runs(trip="ghost")]
    layer = feed(ONE, ("t2", calls(A="08:00:00", B="08:10:00")), frequencies=bad)
    assert count(layer)["A"] == 1
    assert [n for n, _reason in said(layer, "dropped")] == [4]


def test_unknown_trips_and_stops_are_dropped_and_counted():
    layer = feed(ONE, ("t2", calls(A="09:00:00", Z="09:10:00", B="09:20:00")))
    ghost = {"trip_id": "ghost", "stop_id": "A", "stop_sequence": 1, **at("10:00:00")}
    times = pd.concat([layer.tables["stop_times"], pd.DataFrame([ghost])])
    layer = Layer("bus", layer.kind, layer.data, tables=layer.tables | {"stop_times": times})
    assert count(layer) == {"A": 2, "B": 1, "C": 0, "D": 0}
    assert said(layer, "dropped") == [
        (1, "stop times of trips that are not in trips.txt"),
        (1, "stop times at stops that are not in stops.txt"),
    ]


def station(directions, parents):
    trips = [
        (f"t{i}", [(stop, f"08:{i:02d}:00"), ("D", "08:50:00")], {"direction_id": way})
        for i, (stop, way) in enumerate(directions)
    ]
    return feed(*trips, data={"parent_station": parents})


def test_platforms_of_a_station_have_its_busier_direction():
    ways = [("A", 0), ("A", 0), ("B", 0), ("A", 1), ("C", 1)]
    layer = station(ways, ["S", "S", None, ""])
    # S: three in direction 0, one in direction 1. A itself has three, both ways.
    assert count(layer) == {"A": 3, "B": 3, "C": 1, "D": 0}
    assert said(layer, "note")[0][0] == 1  # B
    assert count(station([*ways, ("A", 1), ("A", 1)], ["S", "S", None, None]))["A"] == 5  # its own
    assert count(station(ways, [None] * 4)) == {"A": 3, "B": 1, "C": 1, "D": 0}


def test_without_directions_a_station_is_summed():
    ways = [("A", None), ("A", None), ("B", None), ("C", None)]
    assert count(station(ways, ["S", "S", "S2", None])) == {"A": 3, "B": 3, "C": 1, "D": 0}
    assert count(station(ways, ["S", "S", "S", None])) == {"A": 4, "B": 4, "C": 4, "D": 0}
    mixed = [("A", 0), ("A", 1), ("A", 1), ("B", None)]
    assert count(station(mixed, ["S", "S", None, None])) == {"A": 3, "B": 3, "C": 0, "D": 0}


def picked(layer, day="weekday"):
    return departures(layer, Service(day)).dates["bus"]


def trips_of(service, n):
    return [
        (f"{service}{i}", calls(A="08:00:00", B="08:10:00"), {"service_id": service})
        for i in range(n)
    ]


def test_the_busiest_ordinary_weekday_is_picked():
    days = ("20230222", "20230301")
    fair = [{"service_id": "FAIR", "date": day, "exception_type": 1} for day in days]
    holiday = [{"service_id": "W", "date": "20230220", "exception_type": 2}]
    rows = [calendar("W"), calendar("F", ("friday",)), calendar("S", ("saturday",))]
    trips = [*trips_of("W", 2), *trips_of("F", 1), *trips_of("S", 1), *trips_of("FAIR", 9)]
    layer = feed(*trips, calendar=rows, calendar_dates=fair + holiday)
    # 25 weekdays less a holiday: Fridays recur (5 of 24), the fair (2 of 24) does not.
    assert picked(layer) == dt.date(2023, 2, 24)
    assert picked(layer, "saturday") == dt.date(2023, 2, 25)
    reason = (
        "2023-02-24 stands for weekdays: the busiest ordinary day, 3 trips; the same services run "
        "on 5 of 24 weekdays from 2023-02-21 to 2023-03-24"
    )
    assert said(layer, "assumed")[0] == (1, reason)
    without = feed(*trips_of("W", 2), *trips_of("FAIR", 9), calendar=rows[:1], calendar_dates=fair)
    assert picked(without) == MONDAY


def test_frequencies_count_as_the_trips_they_make():
    rows = [calendar("W", ("monday", "tuesday")), calendar("F", ("thursday", "friday"))]
    trips = [*trips_of("W", 5), *trips_of("F", 1)]
    assert picked(feed(*trips, calendar=rows)) == MONDAY
    layer = feed(*trips, calendar=rows, frequencies=[runs("F0")])
    assert picked(layer) == dt.date(2023, 2, 23)


def test_where_no_pattern_recurs_every_day_is_ordinary():
    added = [("X", "20230220"), ("Z", "20230221"), ("Z", "20230225")]
    dates = [{"service_id": s, "date": d, "exception_type": 1} for s, d in added]
    layer = feed(*trips_of("X", 1), *trips_of("Z", 2), calendar_dates=dates)
    del layer.tables["calendar"]  # calendar_dates alone
    assert picked(layer) == dt.date(2023, 2, 21)
    assert picked(layer, "saturday") == dt.date(2023, 2, 25)
    with pytest.raises(InputError, match=r"nothing leaves any stop .*Sundays"):
        picked(layer, "sunday")
    layer.tables["calendar_dates"].loc[3] = ("X", "20230222", 1)  # now that of X does
    assert picked(layer) == MONDAY


def test_a_calendar_of_a_thousand_years_is_no_burden():
    rows = [calendar("W", start="20000101", end="30000101")]
    (assumed,) = said(feed(ONE, calendar=rows), "assumed")
    days = np.busday_count("2000-01-01", "3000-01-02")
    assert f"{days} of {days} weekdays from 2000-01-03 to 3000-01-01" in assumed[1]


@pytest.mark.parametrize("day", ["2023-02-18", "2023-02-25", "2030-01-01"])
def test_a_date_without_service_is_refused_and_another_taken(day):
    assert picked(feed(ONE), "2023-03-01") == dt.date(2023, 3, 1)
    with pytest.raises(InputError, match=f"no trip runs on {day}.*2023-02-20 to 2023-03-24"):
        count(feed(ONE), day=day)


def test_feeds_have_ids_and_days_of_their_own_and_other_sources_none():
    bus = feed(ONE)
    rows = [calendar("W", ("friday", "saturday"), "20240101", "20240301")]
    tram = feed(ONE, ("t2", calls(A="09:00:00", D="09:10:00")), calendar=rows)
    tram = Layer("tram", tram.kind, tram.data, tables=tram.tables)
    drawn = Layer("drawn", bus.kind, bus.data[["geometry"]].head(2))
    layer = by_kind({"bus": bus, "tram": tram, "drawn": drawn})["stops"]
    found = departures(layer, Service())
    expected = [1, 1, 0, 0, 2, 1, 0, 0, np.nan, np.nan]
    np.testing.assert_allclose(found.per_hour * 14, expected)
    assert found.dates == {"bus": MONDAY, "tram": dt.date(2024, 1, 5)}
    without = "stops of a source without a timetable: their departures are not known"
    assert [r.count for r in found.ledger if r.reason == without] == [2]
    saturday = departures(layer, Service("saturday"))
    np.testing.assert_allclose(saturday.per_hour[:8] * 14, [0, 0, 0, 0, 2, 1, 0, 0])
    assert set(saturday.dates) == {"tram"}


def test_without_a_timetable_there_is_no_answer():
    layer = feed(ONE)
    assert departures(Layer("drawn", layer.kind, layer.data), Service()) is None


def test_a_timetable_that_lacks_a_table_column_or_day_is_refused():
    layer = feed(ONE)
    for name, fault in (
        ("trips", r"stop_times.txt and no trips.txt"),
        ("calendar", r"no day on which a trip runs"),
    ):
        tables = {key: table for key, table in layer.tables.items() if key != name}
        with pytest.raises(InputError, match=fault):
            departures(Layer("bus", layer.kind, layer.data, tables=tables), Service())
    tables = layer.tables | {"stop_times": layer.tables["stop_times"].drop(columns="stop_sequence")}
    with pytest.raises(MissingColumnError, match=r"stop_times.txt has no column stop_sequence"):
        departures(Layer("bus", layer.kind, layer.data, tables=tables), Service())


@pytest.mark.parametrize(
    ("window", "start_s", "end_s"),
    [("07:00-09:00", 25200, 32400), ("22:00 – 2:00", 79200, 93600), ("5:30-36:00", 19800, 129600)],
)
def test_a_window_is_read(window, start_s, end_s):
    assert Service.parse(" Saturday ", window) == Service("saturday", start_s, end_s)


@pytest.mark.parametrize(
    "window", ["", "7-9", "07:00-07:00", "07:00", "07:60-08:00", "20:00-36:30"]
)
def test_a_window_that_is_none_is_refused(window):
    with pytest.raises(InputError, match="is no window of time"):
        Service.parse("weekday", window)


def test_a_day_that_is_none_is_refused():
    for day in ("everyday", "2023-02-30", ""):
        with pytest.raises(InputError, match="is no day"):
            Service.parse(day, "07:00-09:00")


def clock(s):
    return f"{s // 3600}:{s % 3600 // 60:02d}:{s % 60:02d}"


@settings(deadline=None, max_examples=20)
@given(
    st.lists(st.tuples(st.integers(0, 30 * 3600), st.integers(0, 5000)), min_size=1, max_size=6),
    st.lists(st.integers(0, 36 * 3600), min_size=3, max_size=5, unique=True).map(sorted),
    st.integers(1, 7200),
)
def test_the_parts_of_a_window_add_up_to_it(trips, edges, headway):
    layer = feed(
        *((f"t{i}", calls(A=clock(s), B=EMPTY, C=clock(s + d))) for i, (s, d) in enumerate(trips)),
        frequencies=[runs("t0", headway=headway)],
    )

    def number(start, end):
        try:
            found = departures(layer, Service("2023-02-22", start, end)).per_hour
        except InputError:
            return np.zeros(4)
        return found * (end - start) / 3600

    parts = sum(number(a, b) for a, b in pairwise(edges))
    np.testing.assert_allclose(parts, number(edges[0], edges[-1]), atol=1e-9)
