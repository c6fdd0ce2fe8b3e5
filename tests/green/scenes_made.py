"""Small scenes to measure, and what exactextract says of them.

Shapes are drawn in columns and rows of the scene, and put on the ground by `ground`.
"""

import datetime as dt
from contextlib import contextmanager
from fractions import Fraction

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource

from jxgis.green.asking import Ask, Settings
from jxgis.green.sampling import sample
from jxgis.layers import KINDS, Layer
from jxgis.rasters import Grid, Raster, Scaling
from jxgis.results import InputFile
from jxgis.rules import Rules

UTM = pyproj.CRS(32651)
WEST, NORTH = 300_000.0, 3_400_000.0
SUMMER = dt.date(2023, 7, 14)
GREEN, BARE = (500, 3000), (1200, 1500)  # red and near-infrared: NDVI 0.71 and 0.11
WORDS = {1: "tree", 2: "grass", 3: "built", 4: "water"}


def grid_of(shape, cell=10.0):
    """Return a grid of square cells with its corner at ``WEST`` and ``NORTH``."""
    return Grid(UTM, (cell, 0.0, WEST, 0.0, -cell, NORTH), shape[1], shape[0])


def raster(arrays, seen=None, *, name="scene.tif", block=(16, 16), grid=None, **more):
    """Return arrays (rows, columns) by role as a raster that is read by windows."""
    shape = next(iter(arrays.values())).shape
    held = {**arrays, "seen": np.ones(shape, bool) if seen is None else seen}

    @contextmanager
    def opened():
        def read(window):
            row, column, rows, columns = window
            assert 0 <= row < row + rows <= shape[0]
            assert 0 <= column < column + columns <= shape[1]
            place = np.s_[row : row + rows, column : column + columns]
            return {role: array[place].copy() for role, array in held.items()}

        yield read

    return Raster(name, grid or grid_of(shape), tuple(arrays), opened, block, **more)


def rasters(kind, *dates, name=None):
    crs = UTM.to_string()
    inputs = tuple(InputFile(own.name, None, 1, crs) for own in dates)
    empty = gpd.GeoDataFrame(geometry=[], crs=UTM)
    return Layer(name or kind, KINDS[kind], empty, inputs, rasters=dates)


def bands(green, dtype=np.uint16):
    """Return red and near-infrared of a mask of what is green."""
    pairs = zip(GREEN, BARE, strict=True)
    red, nir = (np.where(green, own, other).astype(dtype) for own, other in pairs)
    return {"red": red, "nir": nir}


def image(green, seen=None, kind="imagery", **more):
    return rasters(kind, raster(bands(green), seen, **{"date": SUMMER, **more}))


def land_cover(codes, seen=None, legend=None, **more):
    named = {"name": "cover.tif", "legend": legend or WORDS, **more}
    return rasters("landcover", raster({"code": codes.astype(np.uint8)}, seen, **named))


def canopy(percent, seen=None, **more):
    return rasters("canopy", raster({"canopy": percent}, seen, name="canopy.tif", **more))


def patchy(shape, share, seed, side=4):
    """Return a mask of squares and of single cells."""
    rng = np.random.default_rng(seed)
    coarse = rng.random((-(-shape[0] // side), -(-shape[1] // side))) < share
    fine = np.kron(coarse, np.ones((side, side), bool))[: shape[0], : shape[1]]
    return fine ^ (rng.random(shape) < 0.03)


def ground(shape, cell=10.0):
    """Put a shape in columns and rows on the ground."""
    return shapely.transform(shape, lambda uv: uv * [cell, -cell] + [WEST, NORTH])


def box(left, top, right, bottom, cell=10.0):
    return ground(shapely.box(left, top, right, bottom), cell)


def polygons(kind, shapes, **columns):
    data = gpd.GeoDataFrame(columns, geometry=list(shapes), crs=UTM)
    return Layer(kind, KINDS[kind], data, (InputFile(f"{kind}.gpkg", None, len(data), "32651"),))


def zones(kind="zones", **shapes):
    names = [f"District {i}" for i in shapes]
    return polygons(kind, shapes.values(), zone_id=list(shapes), zone=names)


def built_up(*shapes):
    return polygons("built_up", shapes)


def measured(measure, *layers, asks=None, rules=None, drawings=False, **settings):
    by_name = {own.kind.name: own for own in layers}
    asks = [Ask("it")] if asks is None else asks
    given = {"settings": Settings(**settings), "rules": Rules(rules or {})}
    return measure(by_name, asks, drawings=drawings, **given)


def figures(result):
    return {own.id: own for own in result.indicators}


def table(result, name):
    (own,) = (t for t in result.tables if t.name == name)
    return own.data


def told(result, what, words=""):
    return [row for row in result.ledger if row.what == what and words in row.reason]


def extracted(shapes, array, cell=10.0):
    """Return exactextract's sums of an array over shapes on the ground, in square metres."""
    rows, columns = array.shape
    bounds = WEST, NORTH - rows * cell, WEST + columns * cell, NORTH
    source = NumPyRasterSource(array.astype(float), *bounds, srs_wkt=UTM.to_wkt())
    frame = gpd.GeoDataFrame(geometry=list(shapes), crs=UTM)
    found = exact_extract(source, frame, ["sum"], output="pandas")["sum"]
    return found.fillna(0.0).to_numpy(dtype=float) * cell**2


def reflectance(offset, scale=Fraction(1, 10_000)):
    """Return how both bands are scaled."""
    return {role: Scaling(scale, Fraction(offset)) for role in ("red", "nir")}


def cells_at(frame):
    """Return row and column of points in degrees."""
    at = frame.to_crs(UTM).geometry
    row, column = np.floor((NORTH - at.y) / 10), np.floor((at.x - WEST) / 10)
    return row.to_numpy().astype(int), column.to_numpy().astype(int)


def drawn(of, *layers, seed=1, rules=None, points=None, margin=None, **settings):
    """Draw a reference sample from the map of some layers."""
    by_name = {own.kind.name: own for own in layers}
    given = {"settings": Settings(**settings), "rules": Rules(rules or {})}
    return sample(by_name, of, points=points, margin=margin, seed=seed, **given)


def looked_up(frame, truth, kind="reference", **columns):
    """Return a drawn sample with a word of the truth (an array of words) at each point."""
    data = frame[["point_id", "stratum", "geometry"]].to_crs(UTM)
    data["reference"] = truth[cells_at(frame)]
    return Layer(kind, KINDS[kind], data.assign(**columns))
