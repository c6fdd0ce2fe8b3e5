"""What `prepare` accepts, repairs, says and refuses; pyproj and Shapely are the oracles."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import (
    GeometryCollection,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
    box,
)

from jxgis.datum import apply
from jxgis.errors import InputError, InputErrors, MissingColumnError, NoCrsError
from jxgis.layers import RawLayer, geographic_bounds, prepare
from jxgis.spec import LayerSpec

METRIC = pyproj.CRS(4549)


def raw(shapes, crs="EPSG:4549", **columns):
    return RawLayer(gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs), ())


def spec(kind, **more):
    return LayerSpec(name=kind, kind=kind, path="data.gpkg", **more)


def made(kind, shapes, crs="EPSG:4549", metric=METRIC, plan=None, **columns):
    return prepare(raw(shapes, crs, **columns), spec(kind, **(plan or {})), metric)


def told(layer, what):
    return [row for row in layer.ledger if row.what == what]


def square(x=500_000, y=3_400_000, side=1000):
    return box(x, y, x + side, y + side)


def stop(dx=0.0, dy=0.0):
    return Point(500_000 + dx, 3_400_000 + dy)


def moved(shape):
    return shapely.transform(shape, lambda xy: xy + np.array([500_000, 3_400_000]))


# Geometry


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
    assert (row.count, row.effect) == (1, pytest.approx(500_000 / 1_500_000))
    assert "500,000 m²" in row.reason
    assert "row 1" in row.reason


def test_parts_that_overlap_are_united_not_cut_out():
    pair = MultiPolygon([square(), square(500_500)])
    layer = made("built_up", [pair])
    assert layer.data.area.iloc[0] == pytest.approx(shapely.union_all([*pair.geoms]).area)
    assert told(layer, "repaired")[0].effect == pytest.approx(0.5 / 1.5)


def winding(ring, x, y):
    """How often a closed ring goes round points: signed crossings of a ray to the right."""
    total = np.zeros(len(x), dtype=int)
    for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True):
        left = (bx - ax) * (y - ay) - (x - ax) * (by - ay)
        total += (ay <= y) & (y < by) & (left > 0)
        total -= (by <= y) & (y < ay) & (left < 0)
    return total


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=4, max_size=9))
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


def test_rows_are_those_of_the_file_after_a_choice():
    source = raw([stop(), None, stop(9)])
    source.data.index = [0, 6, 7]
    assert "row 7" in prepare(source, spec("stops"), METRIC).ledger[0].reason


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


def test_stops_at_one_position_are_all_kept():
    layer = made("stops", [stop(), stop(), stop(9)], name=["a", "a", "b"])
    assert len(layer.data) == 3
    assert (told(layer, "note")[0].count, told(layer, "dropped")) == (2, [])


def test_the_source_is_not_changed():
    source = raw([Polygon([(0, 0), (9, 9), (9, 0), (0, 9)]), square()], name=["a", "b"])
    before = source.data.copy()
    prepare(source, spec("built_up"), METRIC)
    pd.testing.assert_frame_equal(source.data, before)


def test_nothing_left_is_an_error_that_says_why():
    with pytest.raises(InputError, match="no feature is left of 2") as caught:
        made("stops", [None, Point()])
    assert "rows 1, 2" in str(caught.value)


# Columns


def zones(**columns):
    return made("zones", [square(), square(510_000)], **columns)


def test_numbers_as_ids_are_text_without_a_point():
    assert zones(zone_id=[330402.0, 330411.0], zone=["a", "b"]).data["zone_id"].tolist() == [
        "330402",
        "330411",
    ]


def test_names_of_the_plan_come_first_and_one_may_serve_twice():
    plan = {"columns": {"zone_id": "NAME", "zone": "NAME"}}
    layer = zones(NAME=["南湖区", "秀洲区"], zone_id=[7, 8], plan=plan)
    assert layer.data["zone_id"].tolist() == layer.data["zone"].tolist() == ["南湖区", "秀洲区"]


def test_capital_letters_are_the_same_name():
    assert zones(ZONE_ID=["1", "2"], Zone=["a", "b"]).data["zone"].tolist() == ["a", "b"]


def test_all_that_is_wrong_is_said_at_once():
    with pytest.raises(InputErrors) as caught:
        made("zones", [Point(1, 1)], crs=None, name=["a"])
    assert [type(e) for e in caught.value.errors] == [MissingColumnError] * 2 + [InputError]
    text = str(caught.value)
    assert "there is no column zone_id. The columns are: name." in text
    assert 'columns = { zone_id = "…" } under [layers.zones]' in text


def test_a_name_of_the_plan_that_is_not_there_is_said_with_our_name():
    with pytest.raises(MissingColumnError, match="no column code") as caught:
        zones(zone=["a", "b"], plan={"columns": {"zone_id": "code"}})
    assert 'columns = { zone_id = "…" }' in str(caught.value)


def test_ids_are_there_once():
    with pytest.raises(InputError, match="zone_id 1 is there 2 times") as caught:
        zones(zone_id=["1", 1.0], zone=["a", "b"])
    assert caught.value.row == 2


def test_a_zone_without_an_id_is_refused_and_a_place_without_people_left_out():
    with pytest.raises(InputError, match="column zone_id is empty") as caught:
        zones(zone_id=["1", " "], zone=["a", "b"])
    assert caught.value.row == 2
    layer = made("population", [stop(), stop(9)], population=[5, None])
    assert layer.data["population"].tolist() == [5]
    assert "row 2" in told(layer, "dropped")[0].reason


@pytest.mark.parametrize(("text", "value"), [("12", 12), (" 1.5 ", 1.5), ("1,234,567", 1_234_567)])
def test_numbers_as_text_are_numbers(text, value):
    layer = made("population", [stop()], population=[text])
    assert layer.data["population"].tolist() == [value]


@pytest.mark.parametrize("value", ["many", "12,5", -9999, float("inf"), "-1"])
def test_what_cannot_be_counted_names_its_row(value):
    with pytest.raises(InputError, match="column population") as caught:
        made("population", [stop(), stop(9)], population=["1", value])
    assert caught.value.row == 2


@pytest.mark.parametrize(
    "text", ["2019-12-31", "2019/12/31", "20191231", "2019年12月31日", "2019-12-31 00:00:00"]
)
def test_dates_as_people_write_them(text):
    layer = made("sites", [stop()], target=["x"], completed=[text])
    assert layer.data["completed"].tolist() == [pd.Timestamp(2019, 12, 31)]


@pytest.mark.parametrize("text", ["31.12.2019", "2019-13-01", "soon"])
def test_a_date_that_is_none_names_its_row(text):
    with pytest.raises(InputError, match="is not a date") as caught:
        made("sites", [stop()], target=["x"], completed=[text])
    assert caught.value.row == 1


def test_an_unknown_kind_lists_those_there_are():
    with pytest.raises(InputError, match="unknown kind of layer bus"):
        prepare(raw([stop()]), spec("bus"), METRIC)


# Positions


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4326", "OGC:CRS84", "EPSG:32650", "EPSG:4528"])
def test_any_crs_becomes_metric_easting_first_without_a_word(crs):
    to = pyproj.Transformer.from_crs(4490, crs, always_xy=True)
    layer = made("stops", [Point(to.transform(120.7, 30.7))], crs=crs)
    # CGCS2000's ellipsoid is GRS80's to 0.1 mm.
    plain = pyproj.Proj(proj="tmerc", lon_0=120, x_0=500_000, ellps="GRS80")
    assert layer.data.geometry.iloc[0].distance(Point(plain(120.7, 30.7))) < 1e-3
    assert layer.data.crs == METRIC
    assert layer.ledger == ()


@pytest.mark.parametrize("crs", ["EPSG:4610", "EPSG:4214"])
def test_a_datum_shift_that_nobody_publishes_is_said(crs):
    layer = made("stops", [Point(120.7, 30.7)], crs=crs)
    assert "no published transformation" in told(layer, "assumed")[0].reason


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4549"])
def test_a_shifted_datum_is_undone_also_in_metres(datum, crs):
    lon, lat = apply(np.array([120.7]), np.array([30.7]), datum)
    to = pyproj.Transformer.from_crs(4326, crs, always_xy=True)
    layer = made("stops", [Point(to.transform(lon[0], lat[0]))], crs=crs, plan={"datum": datum})
    assert layer.data.geometry.iloc[0].distance(Point(567062.160, 3397923.411)) < 0.1
    assert "undone to WGS 84" in told(layer, "assumed")[0].reason


def test_an_unknown_datum_is_refused():
    with pytest.raises(InputError, match="unknown datum mars"):
        made("stops", [Point(120.7, 30.7)], crs=4326, plan={"datum": "mars"})


def test_no_crs_is_refused():
    with pytest.raises(NoCrsError):
        made("stops", [stop()], crs=None)


@pytest.mark.parametrize("point", [(30.7, 120.7), (43.8, 87.6)])
def test_latitude_first_is_refused_and_not_corrected(point):
    with pytest.raises(InputError, match="longitude and latitude look swapped") as caught:
        made("stops", [Point(point), Point(point)], crs=4326)
    assert caught.value.row == 1
    assert "rows 1, 2" in str(caught.value)


def test_one_swapped_row_is_found_among_many():
    with pytest.raises(InputError, match=r"look swapped: 30\.75, 120\.75") as caught:
        made("stops", [Point(120.7, 30.7), Point(30.75, 120.75)], crs=4326)
    assert caught.value.row == 2


def test_latitude_first_shows_by_the_runs_area_elsewhere():
    canary = pyproj.CRS(32628)
    assert len(made("stops", [Point(-15.4, 28.1)], crs=4326, metric=canary).data) == 1
    with pytest.raises(InputError, match="look swapped"):
        made("stops", [Point(28.1, -15.4)], crs=4326, metric=canary)


def test_northing_first_is_refused():
    with pytest.raises(InputError, match="easting and northing look swapped"):
        made("stops", [Point(3_397_923, 567_062)])


def test_metres_called_degrees_name_what_would_fit():
    with pytest.raises(InputError, match="they look like metres") as caught:
        made("stops", [Point(40_567_062, 3_397_923)], crs=4490)
    assert "EPSG:4528 (CGCS2000, 3-degree zone 40)" in str(caught.value)


def test_degrees_called_metres_name_what_would_fit():
    with pytest.raises(InputError, match="look like degrees") as caught:
        made("stops", [Point(120.7, 30.7)], crs=4549)
    assert "EPSG:4490 (CGCS2000)" in str(caught.value)


def test_the_wrong_zone_is_outside_the_domain():
    with pytest.raises(InputError, match="outside the domain of CGCS2000 / 3-degree") as caught:
        made("stops", [Point(40_567_062, 3_397_923)], crs=4549)
    assert "EPSG:4528" in str(caught.value)


def test_a_stray_position_names_its_row():
    with pytest.raises(InputError, match="is no longitude and latitude") as caught:
        made("stops", [Point(120.7, 30.7), Point(120.7, 30.8), Point(999, 999)], crs=4326)
    assert caught.value.row == 3


def test_a_position_on_the_other_side_of_the_earth_names_its_row():
    with pytest.raises(InputError, match="no place in CGCS2000") as caught:
        made("stops", [Point(120.7, 30.7), Point(120.7, 30.8), Point(30.0, 0.0)], crs=4326)
    assert caught.value.row == 3


def test_a_position_of_zero_is_no_position():
    layer = made("stops", [Point(120.7, 30.7), Point(0, 0)], crs=4326)
    assert len(layer.data) == 1
    assert "at 0, 0, which means no position: row 2" in told(layer, "dropped")[0].reason


def test_bounds_in_degrees_choose_a_crs():
    source = raw([Point(567_062.160, 3_397_923.411), None, Point(np.nan, 1)])
    assert geographic_bounds(source, spec("stops")) == pytest.approx((120.7, 30.7, 120.7, 30.7))


@pytest.mark.parametrize("shapes", [[Point(30.7, 120.7)], [None], []])
def test_bounds_of_what_is_nowhere_are_refused(shapes):
    with pytest.raises(InputError):
        geographic_bounds(raw(shapes, crs=4326), spec("stops"))
