"""Las Palmas' extract and feed, counted here and by other readers of the same files."""

import os
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import pyproj
import pytest
import shapely

from jxgis.crs import metric_crs, parse_crs
from jxgis.datum import undo
from jxgis.layers import prepare
from jxgis.shift import suspect_shift
from jxgis.sources import gtfs, osm
from jxgis.spec import LayerSpec

DATA = os.environ.get("JXGIS_REAL_DATA")
pytestmark = pytest.mark.skipif(DATA is None, reason="JXGIS_REAL_DATA names no folder")

FOLDER = Path(DATA or ".") / "las_palmas"
EXTRACT = "example_las_palmas_2023_osm_20230221.osm.pbf"
FEED = "gtfs_guaguas_20230222.zip"
UTM = "EPSG:32628"


def layer(kind, **where):
    return LayerSpec(kind, kind, base=FOLDER, osm=EXTRACT, where=where)


def left_out(raw):
    return sum(row.count for row in raw.ledger if row.what in ("dropped", "excluded"))


@pytest.mark.parametrize(
    ("spec", "objects"),
    [
        (layer("stops"), 696),
        (layer("built_up", landuse=True), 2304),
        (layer("built_up", landuse=("industrial",)), 169),
        (layer("parking"), 418),
        (layer("chargers"), 5),
        (layer("substations"), 81),
        (layer("expressways"), 405),
    ],
    ids=lambda value: value if isinstance(value, int) else value.kind,
)
def test_every_object_is_a_row_or_on_the_ledger(spec, objects):
    raw = osm.read(spec)
    assert len(raw.data) + left_out(raw) == objects
    assert raw.data.geometry.is_valid.all()
    assert raw.inputs[0].as_of.isoformat() == "2023-02-21"


def test_buildings_are_those_that_osmium_tags_alone_count():
    raw = osm.read(layer("buildings"))
    closed = parts = 0
    for thing in osmium.FileProcessor(FOLDER / EXTRACT).with_filter(
        osmium.filter.KeyFilter("building")
    ):
        if thing.is_way():
            closed += thing.is_closed() and len(thing.nodes) > 3
        elif thing.is_relation():
            parts += thing.tags.get("type") == "multipolygon"
    unclosed = sum(row.count for row in raw.ledger if row.what == "dropped")
    assert len(raw.data) + unclosed == closed + parts == 22611


def test_land_use_has_the_area_that_gdal_finds():
    ours = osm.read(layer("built_up", landuse=("industrial",))).data
    chosen = {"where": "landuse = 'industrial'", "on_invalid": "ignore"}
    gdal = gpd.read_file(FOLDER / EXTRACT, layer="multipolygons", **chosen)
    assert len(ours) == len(gdal)
    areas = [shapely.make_valid(d.to_crs(UTM).geometry.array) for d in (ours, gdal)]
    assert shapely.area(areas[0]).sum() == pytest.approx(shapely.area(areas[1]).sum(), rel=1e-6)


def test_streets_have_the_length_that_gdal_finds():
    ours = osm.read(layer("expressways")).data
    gdal = gpd.read_file(FOLDER / EXTRACT, layer="lines", columns=["highway"])
    gdal = gdal[gdal["highway"].isin(["motorway", "motorway_link"])]
    assert len(ours) == len(gdal)
    # GDAL bridges the gaps of the six ways that leave the extract.
    assert ours.to_crs(UTM).length.sum() == pytest.approx(gdal.to_crs(UTM).length.sum(), rel=0.01)


def test_the_feed_has_the_stops_of_its_table():
    raw = gtfs.read(LayerSpec("stops", "stops", base=FOLDER, gtfs=FEED))
    with zipfile.ZipFile(FOLDER / FEED) as archive, archive.open("stops.txt") as file:
        table = pd.read_csv(file, dtype=str)
    assert len(raw.data) == len(table) == 793
    assert raw.data["stop_id"].to_list() == table["stop_id"].to_list()
    assert raw.data.geometry.x.to_numpy() == pytest.approx(table["stop_lon"].astype(float))
    assert len(raw.tables["stop_times"]) == 152558


def test_stops_are_at_home_and_a_shift_is_found():
    crs = parse_crs(UTM)
    streets = prepare(osm.read(layer("streets")), layer("streets"), crs).data.geometry.array
    spec = LayerSpec("stops", "stops", base=FOLDER, gtfs=FEED)
    stops = prepare(gtfs.read(spec), spec, crs).data.geometry.array
    assert suspect_shift(stops, streets, crs) is None
    moved = shapely.transform(stops, lambda xy: xy + np.array([300, -380]))
    shift = suspect_shift(moved, streets, crs)
    assert shift is not None
    assert (shift.dx_m, shift.dy_m) == pytest.approx((300, -380), abs=12)


def test_the_counties_of_jiaxing_are_the_raw_ones_undone():
    """The published GCJ-02 outlines, against a package that undid them by itself."""
    folder = Path(DATA or ".") / "jiaxing"
    raw = gpd.read_file(folder / "jiaxing_counties_amap_RAW_GCJ02.geojson")
    undone = gpd.read_file(folder / "jiaxing_admin_wgs84.gpkg", layer="counties")
    assert metric_crs(tuple(undone.total_bounds)).to_epsg() == 4549
    theirs = shapely.get_coordinates(undone.geometry.array)
    ours = np.column_stack(undo(*shapely.get_coordinates(raw.geometry.array).T, "gcj02"))
    assert len(ours) == len(theirs) == 6921
    # The two packages do not have the parts of a county in the same order.
    nearest = shapely.STRtree(shapely.points(theirs)).nearest(shapely.points(ours))
    metres = pyproj.Geod(ellps="WGS84").inv(*ours.T, *theirs[nearest].T)[2]
    assert max(metres) < 0.1
