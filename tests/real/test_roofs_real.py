"""The roofs of Las Palmas: every building once, part of them by brute force, and their parks."""

import os
from pathlib import Path

import numpy as np
import osmium
import pyproj
import pytest
import shapely

from jxgis.crs import parse_crs
from jxgis.kernels.polygons import within_any
from jxgis.layers import prepare
from jxgis.rules import Rules
from jxgis.solar.parks import parks
from jxgis.solar.roofs import roofs
from jxgis.solar.shade import hours, shaded_areas, shadow_vectors, true_north
from jxgis.solar_spec import Density, RoofUse, SolarSettings
from jxgis.sources import osm
from jxgis.spec import LayerSpec

DATA = os.environ.get("JXGIS_REAL_DATA")
pytestmark = pytest.mark.skipif(DATA is None, reason="JXGIS_REAL_DATA names no folder")

FOLDER = Path(DATA or ".") / "las_palmas"
EXTRACT = "example_las_palmas_2023_osm_20230221.osm.pbf"
UTM = "EPSG:32628"
WATTS = 137.5
INDUSTRY = ("industrial", "warehouse")
SETTINGS = SolarSettings(
    roofs=(
        RoofUse("park", "Parks", INDUSTRY, "any", 0.3, in_park=True, source="test"),
        RoofUse("village", "Villages", ("house",), "outside", 0.2, in_park=False, source="test"),
        RoofUse("town", "Towns", ("*",), "any", 0.25, in_park=False, source="test"),
    ),
    density={"roof": Density(WATTS, "test")},
)


def layer(kind, **where):
    spec = LayerSpec(kind, kind, base=FOLDER, osm=EXTRACT, where=where)
    return prepare(osm.read(spec), spec, parse_crs(UTM))


@pytest.fixture(scope="module")
def buildings():
    return layer("buildings")


@pytest.fixture(scope="module")
def built_up():
    return layer("built_up", landuse=True)


@pytest.fixture(scope="module")
def found(buildings, built_up):
    return roofs(buildings, built_up, SETTINGS, Rules())


def outlines(layer):
    return np.array(layer.data.geometry, dtype=object)


def test_every_industrial_building_is_a_parks_roof(found, buildings):
    # 504 outlines, counted by their tags alone; those that are no areas are on the layer's ledger.
    tagged = sum(
        thing.tags["building"] in INDUSTRY
        and (thing.is_relation() or (thing.is_way() and thing.is_closed()))
        for thing in osmium.FileProcessor(FOLDER / EXTRACT).with_filter(
            osmium.filter.KeyFilter("building")
        )
    )
    assert (found.data["kind"] == "park").sum() == found.data["in_park"].sum() == tagged == 504
    assert len(found.data) == len(buildings.data)


def test_each_place_counts_once(found, buildings):
    whole = shapely.disjoint_subset_union_all(outlines(buildings))
    assert found.data["area_m2"].sum() == pytest.approx(whole.area, rel=1e-9)
    (row,) = (row for row in found.ledger if row.what == "overlap")
    lost = shapely.area(outlines(buildings)).sum() - whole.area
    assert f"{lost:,.0f} m²" in row.reason


def test_capacity_of_a_quarter_by_hand(found, buildings, built_up):
    x, y = pyproj.Transformer.from_crs(4326, UTM, always_xy=True).transform(-15.43, 28.13)
    quarter = shapely.box(x - 1000, y - 1000, x + 1000, y + 1000)
    points = np.asarray(shapely.point_on_surface(outlines(buildings)))
    plain = buildings.data["roof_shape"].isna() & (found.data["shaded"] == 0)
    inside = np.flatnonzero(shapely.within(points, quarter) & plain)
    assert len(inside) > 500
    town = shapely.union_all(outlines(built_up))
    total = 0.0
    for i in inside:
        word, own = buildings.data["class"].iloc[i], found.shapes[i].area
        village = word in ("house", "house;museum") and not town.intersects(points[i])
        share = 0.3 if word in INDUSTRY else 0.2 if village else 0.25
        total += own * share * WATTS / 1e6
    assert found.data["capacity_mw"].iloc[inside].sum() == pytest.approx(total, rel=1e-9)


def test_villages_are_what_lies_outside_the_built_up_area(found, buildings, built_up):
    points = np.asarray(shapely.point_on_surface(outlines(buildings)))
    inside = within_any(points, outlines(built_up))
    # Two are both a house and a museum.
    house = buildings.data["class"].isin(["house", "house;museum"])
    village = house.to_numpy() & ~inside
    np.testing.assert_array_equal((found.data["kind"] == "village").to_numpy(), village)
    assert 0 < village.sum() < len(village)


def test_parks_hold_all_roofs_of_industry(found):
    estates = layer("estates", landuse=("industrial",))
    joined = parks(found, None, None, 5.0, Rules())
    assert joined.data["roofs"].sum() == 504
    total = found.data.loc[found.data["in_park"], "capacity_mw"].sum()
    assert joined.data["capacity_mw"].sum() == pytest.approx(total)
    in_estates = parks(found, estates, None, 5.0, Rules())
    (left,) = (row for row in in_estates.ledger if row.what == "outside")
    assert in_estates.data["roofs"].sum() + left.count == 504
    area = shapely.union_all(outlines(estates))
    by_hand = shapely.intersects(
        shapely.point_on_surface(found.shapes[found.data["in_park"]]), area
    ).sum()
    assert in_estates.data["roofs"].sum() == by_hand


def test_shade_of_part_of_the_town_by_brute_force(buildings):
    shapes = outlines(buildings)
    points = shapely.get_coordinates(shapely.centroid(shapes))
    north = true_north(points, buildings.data.crs)
    # The extract has few heights: here they are drawn by lot.
    tall = np.random.default_rng(7).integers(1, 8, len(shapes)) * 3.0
    near = np.argsort(np.hypot(*(points - np.median(points, axis=0)).T))[:200]
    shapes, tall, north = shapes[near], tall[near], north[near]
    day = hours(Rules())
    ground = [
        own.difference(shapely.union_all(shapes[tall > h]))
        for own, h in zip(shapes, tall, strict=True)
    ]
    ground = np.array(ground, dtype=object)
    found = shaded_areas(ground, shapes, tall, north, day)
    tree = shapely.STRtree(shapes)
    for i in range(0, len(shapes), 4):
        shadows = []
        for j in tree.query(shapes[i], predicate="dwithin", distance=100):
            if tall[j] > tall[i]:
                for hour in day:
                    end = shadow_vectors(north[[j]], hour)[0] * (tall[j] - tall[i])
                    shadows.append(swept(shapes[j], end))
        expected = ground[i].intersection(shapely.union_all(shadows)).area if shadows else 0.0
        assert found[i] == pytest.approx(expected, rel=1e-6, abs=1e-3)
    assert (found > 1).sum() > 50


def swept(shape, end):
    """Sweep by triangles, each of which with itself moved spans what it goes over."""
    triangles = shapely.get_parts(shapely.constrained_delaunay_triangles(shapely.get_parts(shape)))
    triangles = shapely.get_parts(triangles)
    moved = shapely.transform(triangles, lambda xy: xy + end)
    return shapely.union_all(
        [shapely.union(a, b).convex_hull for a, b in zip(triangles, moved, strict=True)]
    )
