"""Buildings drawn for tests, and what is said of them."""

import geopandas as gpd
import pyproj
import shapely

from jxgis.layers import KINDS, Layer
from jxgis.rules import Rules
from jxgis.solar.roofs import roofs
from jxgis.solar_spec import Density, RoofUse, SolarSettings

# On the central meridian true north is the grid's north.
EAST_120 = pyproj.CRS(4549)
AT_30_N = (500_000.0, 3_320_000.0)
LIKE_120 = "+proj=tmerc +lat_0=0 +lon_0=120 +x_0=500000 +y_0=10000000 +ellps=GRS80 +units=m"
SOUTH = pyproj.CRS(LIKE_120)
AT_30_S = (500_000.0, 10_000_000.0 - 3_320_000.0)

WATTS = 137.5


def use(name, classes, place, share, *, in_park=False):
    return RoofUse(name, name, tuple(classes), place, share, in_park, "test")


HOMES = "residential", "house", ""
RULES = (
    use("park", ["industrial", "warehouse"], "any", 0.3, in_park=True),
    use("village", HOMES, "outside", 0.2),
    use("town", HOMES, "built_up", 0.25),
    use("none", ["ruins"], "any", 0.0),
)


def settings(uses=RULES, density=WATTS):
    given = {} if density is None else {"roof": Density(density, "test")}
    return SolarSettings(roofs=tuple(uses), density=given)


def box(left, bottom, right, top, origin=AT_30_N):
    """Draw a rectangle, metres from an origin."""
    x, y = origin
    return shapely.box(x + left, y + bottom, x + right, y + top)


def point(east, north, origin=AT_30_N):
    return shapely.Point(origin[0] + east, origin[1] + north)


def layer(kind, shapes, crs=EAST_120, **columns):
    data = gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs)
    return Layer(kind, KINDS[kind], data)


def buildings(*shapes, crs=EAST_120, **columns):
    columns.setdefault("class", ["industrial"] * len(shapes))
    return layer("buildings", shapes, crs, **columns)


def measured(drawn, built_up=None, uses=RULES, density=WATTS, panels=None, rules=None):
    return roofs(drawn, built_up, settings(uses, density), Rules(rules or {}), panels)


def told(ledger, what, words=""):
    return [row for row in ledger if row.what == what and words in row.reason]
