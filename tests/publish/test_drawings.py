from __future__ import annotations

import examples
import geopandas as gpd
import numpy as np
import pytest
import shapely

from jxgis.publish.drawings import MAX_VERTICES, in_drawing_order, shadings, sketch
from jxgis.results import Drawing

CRS = examples.CRS


def places(differences):
    return np.cumsum(np.reshape(differences, (-1, 2)), axis=0) / 1e6


def drawn(data):
    """Read the page's shapes back, as the script does."""
    shapes = [
        shapely.MultiPolygon([(places(r[0]), [places(h) for h in r[1:]]) for r in parts])
        for parts in data["shapes"]
    ]
    return gpd.GeoSeries(shapes, crs=4326).to_crs(CRS)


def drawing(role, geometries, **columns):
    frame = gpd.GeoDataFrame(columns, geometry=geometries, crs=CRS)
    return Drawing("d", "D", role, frame, tolerance_m=0.6)


def test_an_outline_is_drawn_within_the_stated_tolerance():
    centre = shapely.Point(576000, 3403000)
    ring = centre.buffer(5000, quad_segs=500).difference(centre.buffer(800, quad_segs=300))
    sketched = sketch(drawing("area", [ring]))
    back = drawn(sketched.data)[0]
    distance = shapely.hausdorff_distance(ring.boundary, back.boundary, densify=0.2)
    assert 0.2 < distance <= sketched.tolerance_m - 0.6 + 0.1
    assert len(back.geoms[0].interiors) == 1
    assert shapely.get_num_coordinates(back) < shapely.get_num_coordinates(ring) / 4


def test_too_many_vertices_are_thinned_and_the_tolerance_says_so():
    random = np.random.default_rng(1)
    angle = np.linspace(0, 2 * np.pi, 4 * MAX_VERTICES)
    radius = 20000 + random.uniform(-9, 9, len(angle))
    wild = shapely.Polygon(
        np.column_stack([576000 + radius * np.cos(angle), 3403000 + radius * np.sin(angle)])
    )
    sketched = sketch(drawing("lines", [wild.exterior]))
    assert len(sketched.data["shapes"][0][0][0]) // 2 <= MAX_VERTICES
    assert sketched.tolerance_m > 1.6


def test_points_come_back_in_their_order():
    stops = examples.stops(50)
    data = sketch(Drawing("s", "S", "points", stops, {"name": "Name"})).data
    back = gpd.GeoSeries(gpd.points_from_xy(*places(data["points"]).T), crs=4326).to_crs(CRS)
    assert back.distance(stops.geometry).max() < 0.1
    assert data["rows"][0] == [examples.SCRIPT]
    assert len(data["rows"]) == 50


def test_splinters_of_covered_areas_are_left_out_but_never_an_exclusion():
    sliver = shapely.box(576000, 3403000, 576100, 3403000.05)
    block = shapely.box(577000, 3403000, 577500, 3403500)
    both = shapely.MultiPolygon([sliver, block])
    assert len(sketch(drawing("uncovered", [both])).data["shapes"]) == 1
    excluded = sketch(drawing("excluded", [both])).data
    assert len(excluded["shapes"][0]) == 2


def test_empty_and_missing_geometries_are_not_drawn():
    shapes = [None, shapely.Polygon(), shapely.box(577000, 3403000, 577500, 3403500)]
    data = sketch(drawing("area", shapes)).data
    assert len(data["shapes"]) == 1
    assert sketch(drawing("covered", [])).bounds is None


def test_a_label_stands_inside_its_zone():
    arch = shapely.Point(576000, 3403000).buffer(9000) - shapely.box(
        570000, 3390000, 582000, 3408000
    )
    zones = drawing("zones", [arch], zone_id=["1"], zone=["弯区"])
    data = sketch(zones).data["zones"]
    place = gpd.GeoSeries(gpd.points_from_xy(*places(data["places"]).T), crs=4326).to_crs(CRS)[0]
    assert arch.contains(place)
    assert arch.boundary.distance(place) > 1000


def test_zones_are_shaded_by_each_of_their_shares():
    result = examples.coverage(200)
    drawings = in_drawing_order(result.layers)
    assert drawings[0].role == "zones"
    assert drawings[-1].role == "points"
    both = shadings(drawings[0])
    assert [(d.name, d.shade, d.shown) for d in both] == [
        ("zones_500", "share_500", True),
        ("zones_300", "share_300", False),
    ]
    for each in both:
        sketched = sketch(each)
        data, limits = sketched.data["zones"], sketched.classes.limits
        assert data["ids"] == examples.CODES
        assert data["shares"] == [f"{100 * s:.2f} %" for s in each.data[each.shade]]
        for share, i in zip(each.data[each.shade], data["classes"], strict=True):
            assert limits[i] <= share <= limits[i + 1]


@pytest.mark.parametrize("role", ["zones", "area", "points"])
def test_a_drawing_without_shade_has_no_classes(role):
    shape = shapely.box(577000, 3403000, 577500, 3403500)
    assert sketch(drawing(role, [shape])).classes is None


def test_streets_cut_at_every_crossing_are_joined_and_never_too_many():
    x, y = np.meshgrid(np.arange(0, 22000, 90.0), np.arange(0, 22000, 90.0))
    begin = np.column_stack([x.ravel() + 570000, y.ravel() + 3390000])
    ends = [np.add(begin, step) for step in ((90, 0), (0, 90))]
    pieces = [pair for end in ends for pair in np.stack([begin, end], 1)]
    sketched = sketch(drawing("reached", [shapely.multilinestrings(pieces)]))
    vertices = sum(len(line) // 2 for part in sketched.data["shapes"][0] for line in part)
    assert 0 < vertices <= MAX_VERTICES
    assert sketched.data["rows"] == []
    straight = [[(570000 + 10 * i, 3390000), (570010 + 10 * i, 3390000)] for i in range(50)]
    joined = sketch(drawing("reached", [shapely.multilinestrings(straight)]))
    assert len(joined.data["shapes"][0][0][0]) == 4
    assert sketch(drawing("reached", [])).data["shapes"] in ([], [[]])


def test_a_gap_is_pointed_at_inside():
    arch = shapely.Point(576000, 3403000).buffer(900) - shapely.box(
        575400, 3390000, 576600, 3403500
    )
    data = sketch(drawing("gaps", [arch])).data
    place = gpd.GeoSeries(gpd.points_from_xy(*places(data["places"]).T), crs=4326).to_crs(CRS)[0]
    assert arch.contains(place)


def test_what_is_drawn_remembers_its_place_in_the_data():
    shapes = [None, shapely.box(577000, 3403000, 577500, 3403500), shapely.Polygon()]
    assert sketch(drawing("gaps", shapes)).features == (1,)
