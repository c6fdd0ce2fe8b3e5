"""Small layers to lay out demand and stations in."""

import geopandas as gpd
import shapely

from jxgis.layers import KINDS, Layer

CRS = "EPSG:4549"
X, Y = 480_000.0, 3_330_000.0


def box(x0, y0, x1, y1):
    return shapely.box(X + x0, Y + y0, X + x1, Y + y1)


def point(x, y):
    return shapely.Point(X + x, Y + y)


def line(*places):
    return shapely.LineString([(X + x, Y + y) for x, y in places])


def layer(kind, geometries, called=None, /, **columns):
    data = gpd.GeoDataFrame(columns, geometry=list(geometries), crs=CRS)
    return Layer(called or kind, KINDS[kind], data)


def zones(**geometries):
    names = [f"District {i}" for i in geometries]
    return layer("zones", geometries.values(), zone_id=list(geometries), zone=names)


def by_name(*layers):
    return {own.name: own for own in layers}


def reasons(ledger):
    return [row.reason for row in ledger]
