"""Small expressways: straight lines east, 100 km long, and what stands beside them."""

import geopandas as gpd
import numpy as np
import shapely

from jxgis.charging.carriageways import carriageways
from jxgis.charging.corridor_sides import attach
from jxgis.charging.corridor_stations import posts_at
from jxgis.layers import KINDS, Layer
from jxgis.results import InputFile
from jxgis.rules import Rules

UTM = "EPSG:32651"
KM = 1000.0
WEST, NORTH = 300_000.0, 3_400_000.0


def ground(shapes):
    """Return shapes that are drawn in metres from a corner as they lie on the ground."""
    return shapely.transform(shapes, lambda xy: np.add(xy, (WEST, NORTH)))


def line(*points):
    """Return a line through points in kilometres."""
    return shapely.LineString([(x * KM, y * KM) for x, y in points])


def layer(kind, shapes, **columns):
    data = gpd.GeoDataFrame(columns, geometry=[ground(s) for s in shapes], crs=UTM)
    return Layer(kind, KINDS[kind], data, (InputFile(f"{kind}.gpkg", None, len(data), UTM),))


def expressways(*shapes, **columns):
    return layer("expressways", shapes or [line((0, 0), (100, 0))], **columns)


def g60(**columns):
    """Return a centreline that is drawn from 上海 in the west to 杭州 in the east."""
    named = {"name": ["G60 沪昆高速"], "start": ["上海"], "end": ["杭州"]}
    return expressways(**named | columns)


def points(kind, *places, **columns):
    """Return points at kilometres east and metres north of the line."""
    return layer(kind, [shapely.Point(x * KM, y) for x, y in places], **columns)


def areas(*places, **columns):
    return points("service_areas", *places, **columns)


def ways(roads=None, **rules):
    return carriageways(roads or g60(), rules=made_rules(rules))


def made_rules(given):
    return Rules({f"corridors.{name}": value for name, value in given.items()})


def sides(service_areas, roads=None, **rules):
    """Return the rows of service areas on carriageways, and the ledger."""
    found = attach(service_areas, ways(roads, **rules), rules=made_rules(rules))
    return found.data, found.ledger


def directions(service_areas, roads=None, **rules):
    """Return where each row's carriageway leads, in their order."""
    on = ways(roads, **rules)
    found = attach(service_areas, on, rules=made_rules(rules))
    return [on.ways[k].leads_to or on.ways[k].heading for k in found.data["way"]]


def posts(chargers, service_areas, roads=None, **rules):
    """Return posts by the direction of each side, fast posts, and the ledger."""
    on = ways(roads, **rules)
    found = attach(service_areas, on, rules=made_rules(rules))
    counted = posts_at(chargers, found, on, rules=made_rules(rules))
    return counted.posts.tolist(), counted.fast.tolist(), counted.ledger
