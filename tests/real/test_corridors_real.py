"""Las Palmas' motorways as carriageways, and Jiaxing's service areas on the sample's expressways.

The 13 nodes of Jiaxing are as a Chinese web map has them (GCJ-02); the sample's expressways are
drawn through way points that are rounded to about a kilometre.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

from jxgis.charging.carriageways import carriageways
from jxgis.charging.corridor_sides import attach
from jxgis.charging.corridors import corridors
from jxgis.errors import InputError
from jxgis.layers import RawLayer, prepare
from jxgis.plan import read_plan
from jxgis.reading import read_layers
from jxgis.rules import Rules
from jxgis.sources import osm
from jxgis.spec import LayerSpec

ROOT = Path(__file__).parents[2]
EXTRACT = "example_las_palmas_2023_osm_20230221.osm.pbf"
WIDE = {"corridors.attach_within_m": 1000.0}


@pytest.fixture(scope="module")
def motorways(real_data):
    spec = LayerSpec("expressways", "expressways", base=real_data / "las_palmas", osm=EXTRACT)
    return prepare(osm.read(spec), spec, pyproj.CRS("EPSG:32628"))


def test_motorways_of_las_palmas_are_a_carriageway_each_way(motorways):
    found = carriageways(motorways, rules=Rules())
    pieces = motorways.data[motorways.data["highway"] == "motorway"]
    own = sum(way.line.length for way in found.ways)
    named = pieces[pieces["ref"].notna()].length.sum()
    assert len(pieces) == 223
    assert own == pytest.approx(named, rel=0.02)
    by_road = pd.Series([way.expressway for way in found.ways]).value_counts()
    assert by_road.to_dict() == dict.fromkeys(
        ("GC-1 Autopista del Sur", "GC-3", "GC-4", "GC-23", "GC-31"), 2
    )
    assert sum(len(way.rows) for way in found.ways) == pieces["ref"].notna().sum()
    assert not any(way.centreline for way in found.ways)


def test_both_ways_of_a_motorway_lie_beside_each_other_on_the_right(motorways):
    found = carriageways(motorways, rules=Rules()).ways
    for one, other in zip(found[::2], found[1::2], strict=True):
        assert one.expressway == other.expressway
        if one.expressway != "GC-31":  # it leaves the extract, and comes back one way only
            assert one.line.length == pytest.approx(other.line.length, rel=0.06)
        at = np.linspace(0.1, 0.9, 40) * one.line.length
        points = shapely.line_interpolate_point(one.line, at)
        near = shapely.dwithin(points, other.line, 80)
        across = shapely.get_coordinates(
            shapely.line_interpolate_point(
                other.line, shapely.line_locate_point(other.line, points)
            )
        ) - shapely.get_coordinates(points)
        along = shapely.get_coordinates(
            shapely.line_interpolate_point(one.line, at + 5)
        ) - shapely.get_coordinates(points)
        left = along[:, 0] * across[:, 1] - along[:, 1] * across[:, 0] > 0
        assert left[near].mean() > 0.9, one.expressway
        assert near.mean() > 0.5, one.expressway


def test_an_audit_of_las_palmas(motorways):
    way = carriageways(motorways, rules=Rules()).ways[0]
    beside = shapely.offset_curve(way.line, -60)
    data = gpd.GeoDataFrame(
        geometry=shapely.line_interpolate_point(beside, [0.3, 0.7], normalized=True),
        crs=motorways.data.crs,
    )
    spec = LayerSpec("service_areas", "service_areas")
    areas = prepare(RawLayer(data, ()), spec, pyproj.CRS("EPSG:32628"))
    result = corridors({"expressways": motorways, "service_areas": areas}, rules=Rules())
    sides = next(t for t in result.tables if t.name == "service_areas").data
    assert set(sides["direction"]) == {way.direction}
    longest = next(i for i in result.indicators if i.id == "charging-longest-stretch")
    assert longest.value == pytest.approx(16_506, abs=1)
    assert result.strips[0].length_m == pytest.approx(7_248, abs=1)


@pytest.fixture(scope="module")
def jiaxing():
    plan = read_plan(ROOT / "data" / "jiaxing.toml")
    wanted = {k: plan.layers[k] for k in ("expressways", "service_areas", "chargers", "zones")}
    layers, _notes = read_layers(wanted, plan.crs, lambda _line: None)
    return layers


@pytest.fixture(scope="module")
def real_areas(real_data, jiaxing):
    nodes = pd.read_csv(real_data / "jiaxing" / "jiaxing_expressway_nodes_13.csv")
    nodes = nodes[nodes["name"].str.contains("服务区")]
    nodes["side"] = np.where(nodes["name"].str.contains("方向"), "", "both")
    geometry = gpd.points_from_xy(nodes["lon_raw"], nodes["lat_raw"], crs=4326)
    spec = LayerSpec("service_areas", "service_areas", datum="gcj02")
    crs = pyproj.CRS(jiaxing["expressways"].data.crs)
    data = gpd.GeoDataFrame(nodes[["name", "side"]], geometry=geometry).reset_index(drop=True)
    return prepare(RawLayer(data, ()), spec, crs)


def test_real_service_areas_lie_near_the_expressways_of_the_sample(jiaxing, real_areas):
    ways = carriageways(jiaxing["expressways"], rules=Rules())
    found = attach(real_areas, ways, rules=Rules(WIDE))
    data = found.data.assign(way=[ways.ways[k].title for k in found.data["way"]])
    assert data.groupby("area")["way"].apply(set).to_dict() == {
        "嘉兴服务区": {"G60 沪昆高速, towards 上海", "G60 沪昆高速, towards 杭州"},
        "长安服务区": {"G60 沪昆高速, towards 上海", "G60 沪昆高速, towards 杭州"},
        "南湖服务区": {
            "杭州湾跨海大桥北接线, towards 宁波",
            "杭州湾跨海大桥北接线, towards 嘉兴",
        },
        "嘉善服务区": {"S12 申嘉湖高速, towards 湖州"},
    }
    assert data["offset_m"].abs().max() < 400
    assert [row.what for row in found.ledger] == []
    # The sample's own points of the same service areas are within a kilometre along the line.
    made = attach(jiaxing["service_areas"], ways, rules=Rules()).data
    both = found.data.merge(made, on=["area", "way"])
    assert len(both) == 7
    assert (both["at_m_x"] - both["at_m_y"]).abs().max() < 1000


def test_by_default_a_rough_expressway_is_too_far_from_them(jiaxing, real_areas):
    ways = carriageways(jiaxing["expressways"], rules=Rules())
    with pytest.raises(InputError, match="row 4: it lies 348 m from the nearest expressway"):
        attach(real_areas, ways, rules=Rules())


def test_real_service_areas_have_the_chargers_of_the_sample(jiaxing, real_areas):
    result = corridors({**jiaxing, "service_areas": real_areas}, rules=Rules(WIDE))
    assert result.indicators[0].denominator == 7
    assert result.by_zone["sides"].sum() == 7
    additions = next(t for t in result.tables if t.name == "additions").data
    assert not additions["service_area"].isna().any()


def test_the_sample_has_charging_on_both_sides_of_half_of_its_service_areas(jiaxing):
    result = corridors(jiaxing, rules=Rules())
    assert result.indicators[0].numerator == 4
    assert result.indicators[0].denominator == 8
    sides = next(t for t in result.tables if t.name == "service_areas").data
    with_it = sides[sides["charging"] == "yes"]["service_area"]
    assert set(with_it) == {"嘉兴服务区", "长安服务区"}
    assert {row.what for row in result.ledger} <= {"note"}
