"""Small cities to measure, and what shapely says of them."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from jxgis.layers import KINDS, Layer
from jxgis.results import InputFile
from jxgis.rules import Rules
from jxgis.transit.coverage import Ask, Service, coverage

CRS = "EPSG:4549"
X, Y = 480_000.0, 3_330_000.0
ORIGIN = np.array([X, Y])
HOUR = Service("weekday", 8 * 3600, 9 * 3600)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def box(x0, y0, x1, y1):
    return shapely.box(X + x0, Y + y0, X + x1, Y + y1)


def point(x, y):
    return shapely.Point(X + x, Y + y)


def line(*places):
    return shapely.LineString([(X + x, Y + y) for x, y in places])


def layer(kind, geometries, **columns):
    data = gpd.GeoDataFrame(columns, geometry=list(geometries), crs=CRS)
    return Layer(kind, KINDS[kind], data, (InputFile(f"{kind}.gpkg", None, len(data), CRS),))


def stops(*places, kind="stops", **columns):
    return layer(kind, [point(x, y) for x, y in places], **columns)


def city(*shapes, kind="built_up"):
    return layer(kind, shapes)


def zones(**geometries):
    names = [f"District {i}" for i in geometries]
    return layer("zones", geometries.values(), zone_id=list(geometries), zone=names)


def streets(*lines, **columns):
    return layer("streets", [line(*own) for own in lines], **columns)


def people(geometries, number):
    return layer("population", geometries, population=np.asarray(number, float))


def residents(places, number):
    return people([point(x, y) for x, y in places], number)


def timetable(places, departures):
    """Make stops with so many departures between eight and nine on every day of a week."""
    n = len(places)
    trips, times = [], []
    for i, count in enumerate(departures):
        for k in range(count):
            trip = f"{i}-{k}"
            trips.append({"trip_id": trip, "service_id": "S"})
            for sequence, (stop, minute) in enumerate(((i, k), ((i + 1) % n, k + 1))):
                call = f"08:{minute:02d}:00"
                row = {"trip_id": trip, "stop_id": str(stop), "stop_sequence": sequence}
                times.append(row | {"arrival_time": call, "departure_time": call})
    week = {"service_id": "S", **dict.fromkeys(DAYS, 1)}
    tables = {
        "stops": pd.DataFrame({"stop_id": [str(i) for i in range(n)]}),
        "trips": pd.DataFrame(trips),
        "stop_times": pd.DataFrame(times),
        "calendar": pd.DataFrame([week | {"start_date": "20230220", "end_date": "20230226"}]),
    }
    plain = stops(*places, stop_id=[str(i) for i in range(n)])
    return Layer("stops", KINDS["stops"], plain.data, plain.inputs, (), tables)


def measured(*layers, asks=500.0, rules=None, drawings=False, **options):
    asks = [Ask("bus", float(asks))] if isinstance(asks, int | float) else asks
    by_name = {own.name: own for own in layers}
    return coverage(by_name, asks, rules=Rules(rules or {}), drawings=drawings, **options)


def figures(result):
    return {own.id: own for own in result.indicators}


def told(result, what, layer=None):
    return [r for r in result.ledger if r.what == what and layer in (None, r.layer)]


def table(result, name):
    (own,) = (t for t in result.tables if t.name == name)
    return own.data


def discs(places, radius):
    """Draw discs so finely that their area is exact to five digits."""
    at = shapely.points(np.asarray(places, float).reshape(-1, 2) + ORIGIN)
    return shapely.union_all(shapely.buffer(at, radius, quad_segs=512))


def near(places, others, radius):
    """Say which places are within the radius of one of the others."""
    a, b = (np.asarray(p, float).reshape(-1, 2) for p in (places, others))
    return (np.hypot(*(a[:, None] - b[None]).transpose(2, 0, 1)) <= radius).any(axis=1)
