"""A made county: land, a river, roads, a raster of land cover, and rules for them."""

import datetime as dt
from contextlib import contextmanager

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from jxgis.layers import KINDS, Layer
from jxgis.rasters import Grid, Raster
from jxgis.solar_spec import Exclusion, LandUse

CRS = pyproj.CRS("EPSG:4549")
WEST, SOUTH = 600_000.0, 3_400_000.0
THEN, NOW = dt.date(2017, 12, 31), dt.date(2026, 11, 25)
SINCE = dt.date(2023, 3, 20)
ON_LAND = ("ground", "pond", "composite")


def box(x0, y0, x1, y1):
    return shapely.box(WEST + x0, SOUTH + y0, WEST + x1, SOUTH + y1)


def line(*points):
    return shapely.LineString([(WEST + x, SOUTH + y) for x, y in points])


def layer(kind, shapes, **columns):
    data = gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS)
    return Layer(kind, KINDS[kind], data)


def zones(*shapes):
    ids = [f"z{n}" for n in range(len(shapes))]
    return layer("zones", shapes, zone_id=ids, zone=[f"Zone {n}" for n in ids])


def raster(kind, role, values, cell, legend=None, west=0.0, north=None):
    """A raster whose upper left corner is at ``west``, ``north`` (of the rows' height)."""
    values = np.asarray(values)
    rows, columns = values.shape
    top = SOUTH + (rows * cell if north is None else north)
    grid = Grid(CRS, (cell, 0.0, WEST + west, 0.0, -cell, top), columns, rows)

    @contextmanager
    def opened():
        def read(window):
            part = values[
                window.row : window.row + window.rows,
                window.column : window.column + window.columns,
            ]
            return {role: part, "seen": np.ones(part.shape, bool)}

        yield read

    handle = Raster(kind, grid, (role,), opened, (64, 64), legend=legend or {})
    empty = gpd.GeoDataFrame(geometry=[], crs=CRS)
    return Layer(kind, KINDS[kind], empty, rasters=(handle,))


def use(name, form, classes, *, since=None, until=None, kind="land"):
    return LandUse(since, until, name, name, form, kind, tuple(classes), "because", "a law")


def exclusion(name, kind, classes=(), value=0.0, **more):
    given = {
        "column": "highway" if kind == "streets" else "class",
        "unit": "m",
        "forms": ON_LAND,
        "cuts": False,
        "since": None,
        "until": None,
    } | more
    return Exclusion(
        id=name,
        title=name,
        kind=kind,
        classes=tuple(classes),
        value=value,
        reason="because",
        source="a law",
        **given,
    )
