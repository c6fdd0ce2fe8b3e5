"""The embedded sample: fit for every kind of layer, plausible, near its targets, reproducible."""

import platform
import subprocess
import sys
import tomllib
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely

from jxgis.layers import KINDS
from jxgis.plan import read_plan

ROOT = Path(__file__).parents[1]
SHAPEFILES = ROOT / "data" / "shapefiles"
PLAN = ROOT / "data" / "jiaxing.toml"
LAYERS = sorted(path.stem for path in SHAPEFILES.glob("*.shp"))
URBAN = ["330402", "330411"]

# Residents of 2021 as published.
RESIDENTS = {
    "330402": 862_700,
    "330411": 695_700,
    "330421": 659_000,
    "330424": 465_700,
    "330481": 1_099_400,
    "330482": 683_500,
    "330483": 1_049_900,
}
TOWNSHIPS = {
    "330402": 13,
    "330411": 9,
    "330421": 9,
    "330424": 9,
    "330481": 12,
    "330482": 9,
    "330483": 11,
}
# Official land areas in km2, where one was found, and how far the boundary may be off: Haiyan's
# reaches into Hangzhou Bay.
LAND_KM2 = {
    "330402": (426, 0.04),
    "330424": (584.96, 0.10),
    "330481": (863, 0.02),
    "330482": (557, 0.02),
    "330483": (727, 0.02),
}


@pytest.fixture(scope="module")
def layers():
    return {name: gpd.read_file(SHAPEFILES / f"{name}.shp") for name in LAYERS}


@pytest.fixture(scope="module")
def metric(layers):
    return {name: layer.to_crs("EPSG:4549") for name, layer in layers.items()}


@pytest.fixture(scope="module")
def urban(metric):
    zones = metric["zones"]
    return zones.geometry[zones["zone_id"].isin(URBAN)].union_all()


def test_it_is_small():
    assert sum(path.stat().st_size for path in SHAPEFILES.iterdir()) < 8e6


def test_the_plan_uses_every_layer_and_marks_every_reported_value():
    plan = read_plan(PLAN)
    features = {name for name, spec in plan.layers.items() if not KINDS[spec.kind].is_raster}
    assert sorted(features) == LAYERS
    rasters = {"imagery", "imagery_before", "landcover", "elevation"}
    assert set(plan.layers) - features == rasters
    elsewhere = {"jobs", "vehicles", "pois", "traffic", "demand", "routes", "stops_before"}
    elsewhere |= {"built_up_before", "reference_trees", "reference_change", "canopy"}
    elsewhere |= {"weather", "irradiance", "parcels"}
    assert set(KINDS) - elsewhere == set(plan.layers)
    assert all(spec.attribution and spec.as_of for spec in plan.layers.values())
    assert "emonstration" in plan.notice
    assert plan.reported
    assert all("sample value" in figure.source for figure in plan.reported.values())
    reported = [c.id for t in plan.targets if t.kind == "reported" for c in t.criteria]
    assert set(plan.reported) < set(reported), "some are left out to show what no data looks like"


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_is_what_its_kind_asks(layers, name):
    layer, kind = layers[name], KINDS[name]
    dimension = {"point": 0, "line": 1, "polygon": 2}
    allowed = {dimension[geometry] for geometry in kind.geometry}
    assert set(shapely.get_dimensions(layer.geometry)) <= allowed
    assert layer.is_valid.all()
    assert not layer.is_empty.any()
    assert not layer.geometry.duplicated().any()
    assert layer.crs.to_epsg() == 4490
    assert set(kind.required) <= set(layer.columns)
    tests = {
        "text": pd.api.types.is_string_dtype,
        "number": pd.api.types.is_numeric_dtype,
        "date": pd.api.types.is_datetime64_dtype,
    }
    for column, type_ in {**kind.required, **kind.optional}.items():
        if column in layer:
            assert tests[type_](layer[column]), column
            assert layer[column].notna().all() or column in ("name", "owner", "height_m")


@pytest.mark.parametrize("name", LAYERS)
def test_a_shapefile_says_its_encoding_and_date(name):
    assert (SHAPEFILES / f"{name}.cpg").read_text(encoding="ascii") == "UTF-8"
    header = (SHAPEFILES / f"{name}.dbf").read_bytes()[:4]
    assert header[1:] == bytes([119, 12, 31])


def test_ids_are_unique(layers):
    assert layers["zones"]["zone_id"].tolist() == list(RESIDENTS)
    for name, column in (
        ("stops", "stop_id"),
        ("sites", "name"),
        ("chargers", "name"),
        ("parking", "name"),
        ("substations", "name"),
        ("service_areas", "name"),
        ("townships", "zone_id"),
        ("pv", "name"),
        ("estates", "name"),
        ("enterprises", "name"),
        ("planned_green", "name"),
    ):
        assert layers[name][column].is_unique, name


def test_counties_fit_together_and_have_their_size(layers, metric):
    assert shapely.coverage_is_valid(layers["zones"].geometry.to_numpy(), gap_width=0.005)
    areas = metric["zones"].set_index("zone_id").area / 1e6
    for zone, (official, tolerance) in LAND_KM2.items():
        assert areas[zone] == pytest.approx(official, rel=tolerance)


def test_built_up_areas_are_plausible_and_within_the_counties(metric, urban):
    zones = metric["zones"]
    built = metric["built_up"].geometry
    pieces = shapely.STRtree(built).query(built, predicate="overlaps")
    assert pieces.size == 0
    union = built.union_all()
    assert union.difference(zones.union_all()).area < 1.0
    assert 100e6 < union.intersection(urban).area < 140e6
    elsewhere = zones[~zones["zone_id"].isin(URBAN)].geometry
    assert elsewhere.intersection(union).area.between(20e6, 90e6).all()
    assert any(len(part.interiors) for part in built), "fields enclosed by the city"


def test_stop_coverage_is_near_its_targets_and_misses_them(metric, urban):
    land = metric["land"]
    large = land[land["class"].isin(["water", "park", "school"]) & (land.area >= 1e6)]
    built = metric["built_up"].geometry.union_all().intersection(urban)
    denominator = built.difference(large.geometry.union_all())
    assert 1e6 < built.area - denominator.area < 6e6, "the exclusions have something to show"
    stops = metric["stops"].geometry
    for radius, target in ((500, 0.96), (300, 0.77)):
        near = stops[shapely.dwithin(stops, urban, radius)]
        covered = shapely.union_all(shapely.buffer(near, radius, quad_segs=64))
        share = covered.intersection(denominator).area / denominator.area
        assert target - 0.03 < share < target - 0.005, radius


def test_stops_are_pairs_of_platforms_beside_streets(metric):
    stops, streets = metric["stops"].geometry, metric["streets"].geometry
    nearest, distance = shapely.STRtree(streets).query_nearest(
        stops, return_distance=True, all_matches=False
    )
    assert nearest.shape[1] == len(stops)
    assert np.percentile(distance, 95) < 15
    assert distance.max() < 40
    partners = stops[::2].distance(stops[1::2], align=False)
    assert partners.between(50, 65).all()


def test_streets_make_one_network(metric):
    lines = metric["streets"].geometry
    graph = nx.Graph()
    for line in lines:
        graph.add_edges_from(zip(line.coords[:-1], line.coords[1:], strict=True))
    largest = max(nx.connected_components(graph), key=len)
    inside = [line.length for line in lines if line.coords[0] in largest]
    assert sum(inside) > 0.95 * lines.length.sum()


def test_population_sums_to_the_published_figures(metric):
    joined = metric["population"].sjoin(metric["zones"], predicate="within")
    assert len(joined) == len(metric["population"])
    assert joined.groupby("zone_id")["population"].sum().to_dict() == RESIDENTS


def test_nothing_is_built_on_water(metric):
    land = metric["land"]
    water = land[(land["class"] == "water") & land["name"].notna()].geometry.union_all()
    shapely.prepare(water)
    for name in ("buildings", "parking"):
        assert not metric[name].intersects(water.buffer(-1.0)).any(), name


def test_service_areas_lie_on_their_expressways_with_two_sides(metric):
    areas, ways = metric["service_areas"], metric["expressways"].geometry.union_all()
    assert (areas.distance(ways) < 300).all()
    sides = areas["name"].str.extract(r"^(.+服务区)（(.+方向)）$")
    assert sides.notna().all(axis=None)
    assert sides.groupby(0)[1].nunique().to_dict() == dict.fromkeys(
        ("南湖服务区", "嘉善服务区", "嘉兴服务区", "长安服务区"), 2
    )


def test_sites_count_towards_targets_that_count(layers):
    text = (ROOT / "jxgis/rules/jiaxing-2017-2019.toml").read_text(encoding="utf-8")
    counted = set()
    for target in tomllib.loads(text)["targets"]:
        for row in target.get("criteria", [target]):
            if "count" in row or "sum" in row:
                counted.add(row["id"] if row is target else f"{target['id']}.{row['id']}")
    sites = layers["sites"]
    assert set(sites["target"]) == counted
    assert sites["name"].str.startswith("示例项目").all()
    assert sites["completed"].between("2018-01-01", "2019-12-31").all()


def test_townships_fill_each_county_exactly(layers):
    townships, zones = layers["townships"], layers["zones"]
    assert len(townships) == sum(TOWNSHIPS.values()) == 72
    county = townships["zone_id"].str[:6]
    assert county.value_counts().to_dict() == TOWNSHIPS
    assert shapely.coverage_is_valid(townships.geometry.to_numpy())
    for code, outline in zip(zones["zone_id"], zones.geometry, strict=True):
        union = shapely.coverage_union_all(townships.geometry[county == code].to_numpy())
        assert union.normalize() == outline.normalize(), code


def test_townships_are_marked_as_made_up(layers, metric):
    townships = layers["townships"]
    assert townships["zone_id"].str.fullmatch(r"\d{6}9\d\d").all(), "no real code has this 9"
    assert townships["zone"].str.fullmatch(r".{3}示例(街道|镇) \d\d").all()
    assert townships["zone"].is_unique
    assert metric["townships"].geom_type.eq("Polygon").all()
    assert metric["townships"].area.between(20e6, 150e6).all()


def test_photovoltaics_are_roofs_of_buildings_or_marked_as_not(metric):
    pv, buildings = metric["pv"], metric["buildings"].geometry.union_all()
    kinds = pv["name"].str.extract(r"^示例(屋顶光伏|地面光伏|光伏车棚) \d\d$")[0]
    assert kinds.value_counts().to_dict() == {"屋顶光伏": 40, "光伏车棚": 3, "地面光伏": 2}
    shapely.prepare(buildings)
    assert pv.within(buildings).eq(kinds == "屋顶光伏").all()
    assert pv.geometry.union_all().area == pytest.approx(pv.area.sum()), "none overlap"


@pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64",
    reason="GEOS, PROJ and GDAL differ in last bits from one platform to another; "
    "the sample was made on Linux x86-64",
)
def test_the_sample_is_made_anew_byte_for_byte(tmp_path):
    script = ROOT / "scripts" / "build_sample.py"
    subprocess.run([sys.executable, str(script), str(tmp_path)], check=True, timeout=300)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    kept = {path.name: path.read_bytes() for path in SHAPEFILES.iterdir()}
    assert sorted(made) == sorted(kept)
    assert [name for name, content in made.items() if content != kept[name]] == []
