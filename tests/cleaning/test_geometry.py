"""Geometries: Shapely and counted windings are the oracles."""

import numpy as np
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st
from making import made, moved, square, stop, told
from shapely.geometry import (
    GeometryCollection,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
)

from jxgis.errors import InputError


def test_a_clean_layer_is_left_as_it_is_without_a_word():
    layer = made("built_up", [square(), square(510_000)])
    assert layer.ledger == ()
    assert layer.data.geometry.tolist() == [square(), square(510_000)]


def test_a_bow_tie_keeps_both_lobes():
    bow_tie = moved(Polygon([(0, 0), (1000, 1000), (1000, 0), (0, 1000)]))
    layer = made("built_up", [bow_tie, square(510_000)])
    # Two triangles of 1000 m by 500 m by 1/2.
    assert layer.data.area.tolist() == [500_000, 1_000_000]
    assert layer.data.is_valid.all()
    (row,) = told(layer, "repaired")
    assert (row.count, row.effect) == (1, None)
    assert "500,000 m²" in row.reason
    assert "row 1" in row.reason


def test_parts_that_overlap_are_united_not_cut_out():
    pair = MultiPolygon([square(), square(500_500)])
    layer = made("built_up", [pair])
    assert layer.data.area.iloc[0] == pytest.approx(shapely.union_all([*pair.geoms]).area)
    assert "500,000 m²" in told(layer, "repaired")[0].reason


def winding(ring, x, y):
    """How often a closed ring goes round points: signed crossings of a ray to the right."""
    total = np.zeros(len(x), dtype=int)
    for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True):
        left = (bx - ax) * (y - ay) - (x - ax) * (by - ay)
        total += (ay <= y) & (y < by) & (left > 0)
        total -= (by <= y) & (y < ay) & (left < 0)
    return total


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=4, max_size=9))
@example([(0, 2), (2, 2), (0, 2), (0, 0), (0, 1), (1, 2), (0, 0), (2, 2)])
def test_any_ring_becomes_valid_and_holds_what_it_goes_round(ring):
    layer = made("built_up", [moved(Polygon(ring)), square(600_000)])
    assert layer.data.is_valid.all()
    x, y = (v.ravel() + 0.3719 for v in np.meshgrid(np.arange(0, 9, 0.5), np.arange(0, 9, 0.5)))
    shape = layer.data.union_all()
    inside = shapely.contains_xy(shape, x + 500_000, y + 3_400_000)
    sure = shapely.distance(moved(Polygon(ring)).exterior, moved(shapely.points(x, y))) > 1e-6
    assert (inside == (winding(ring, x, y) != 0))[sure].all()


def test_a_polygon_without_area_is_dropped():
    flat = Polygon([(500_000, 3_400_000), (500_100, 3_400_000), (500_200, 3_400_000)])
    layer = made("built_up", [flat, square()])
    assert len(layer.data) == 1
    assert "without an area" in told(layer, "dropped")[0].reason


def test_nothing_and_no_number_are_dropped_with_their_rows():
    shapes = [stop(), None, Point(), Point(np.nan, 1), Point(np.inf, 1), stop(5)]
    layer = made("stops", shapes)
    assert len(layer.data) == 2
    assert [row.count for row in told(layer, "dropped")] == [2, 2]
    assert "rows 2, 3" in layer.ledger[0].reason
    assert "rows 4, 5" in layer.ledger[1].reason


def test_heights_are_left_out():
    layer = made("stops", [Point(500_000, 3_400_000, 7)])
    assert not layer.data.has_z.any()
    assert told(layer, "note")[0].count == 1


def test_several_points_in_a_row_are_several_stops():
    layer = made("stops", [MultiPoint([stop(), stop(9)]), MultiPoint([stop(20)])], name=["a", "b"])
    assert layer.data.geom_type.tolist() == ["Point"] * 3
    assert layer.data["name"].tolist() == ["a", "a", "b"]
    assert "1 more rows" in told(layer, "note")[0].reason


def test_several_points_cannot_share_an_amount():
    with pytest.raises(InputError, match="share one value of population") as caught:
        made("population", [stop(), MultiPoint([stop(), stop(9)])], population=[1, 2])
    assert caught.value.row == 2


def test_a_site_in_several_places_is_one_site():
    layer = made("sites", [MultiPoint([stop(), stop(9)])], target=["pv-new"], amount=[5])
    assert len(layer.data) == 1


def test_areas_are_no_stops():
    with pytest.raises(InputError, match="kind stops has points, and this one has areas"):
        made("stops", [square()])


def test_points_are_no_zones():
    with pytest.raises(InputError, match="kind zones has areas, and this one has points and lines"):
        made(
            "zones",
            [stop(), LineString([(500_000, 3_400_000), (500_009, 3_400_000)])],
            zone_id=["1", "2"],
            zone=["a", "b"],
        )


def test_a_few_of_another_type_are_dropped_with_their_rows():
    layer = made("stops", [stop(), square()])
    assert len(layer.data) == 1
    assert "another type: row 2" in told(layer, "dropped")[0].reason


def test_collections_keep_the_parts_that_fit():
    inner = GeometryCollection([square(), GeometryCollection([square(502_000), stop()])])
    layer = made("built_up", [inner, GeometryCollection([stop()]), square(510_000)])
    assert layer.data.area.tolist() == [2_000_000, 1_000_000]
    assert "2 parts of another type" in told(layer, "note")[0].reason
    assert "row 2" in told(layer, "dropped")[0].reason


def test_closed_lines_of_a_drawing_are_areas_and_said_to_be():
    ring = LineString(square().exterior.coords)
    layer = made("built_up", [ring, LineString([(500_000, 3_400_000), (500_009, 3_400_000)])])
    assert layer.data.area.tolist() == [1_000_000]
    assert "row 1" in told(layer, "assumed")[0].reason


def test_closed_lines_of_a_street_network_stay_lines():
    ring = LineString(square().exterior.coords)
    layer = made("streets", [ring, MultiLineString([ring.coords[:3]])])
    assert layer.data.geom_type.tolist() == ["LineString", "MultiLineString"]


def test_the_same_twice_is_dropped_once():
    shapes = [square(), square(510_000), square().reverse()]
    layer = made("built_up", shapes, name=["a", "b", "a"])
    assert layer.data["name"].tolist() == ["a", "b"]
    assert "row 3" in told(layer, "dropped")[0].reason
    assert len(made("built_up", shapes, name=["a", "b", "c"]).data) == 3


@pytest.mark.parametrize("kind", ["stops", "stops_before"])
def test_stops_at_one_position_are_all_kept(kind):
    layer = made(kind, [stop(), stop(), stop(9)], name=["a", "a", "b"])
    assert len(layer.data) == 3
    assert (told(layer, "note")[0].count, told(layer, "dropped")) == (2, [])
