"""Small layers to prepare."""

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from shapely.geometry import Point, box

from jxgis.layers import RawLayer, prepare
from jxgis.spec import LayerSpec

METRIC = pyproj.CRS(4549)


def raw(shapes, crs="EPSG:4549", **columns):
    return RawLayer(gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs), ())


def spec(kind, **more):
    return LayerSpec(name=kind, kind=kind, path="data.gpkg", **more)


def made(kind, shapes, crs="EPSG:4549", metric=METRIC, plan=None, **columns):
    return prepare(raw(shapes, crs, **columns), spec(kind, **(plan or {})), metric)


def told(layer, what):
    return [row for row in layer.ledger if row.what == what]


def square(x=500_000, y=3_400_000, side=1000):
    return box(x, y, x + side, y + side)


def stop(dx=0.0, dy=0.0):
    return Point(500_000 + dx, 3_400_000 + dy)


def moved(shape):
    return shapely.transform(shape, lambda xy: xy + np.array([500_000, 3_400_000]))
