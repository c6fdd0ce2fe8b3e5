"""Coordinates right, shifted, swapped and impossible; pyproj is the oracle."""

import geopandas as gpd
import numpy as np
import pyproj
import pytest
from making import METRIC, made, raw, spec, stop, told
from shapely.geometry import LineString, Point

from jxgis.cleaning.positions import to_metric
from jxgis.datum import apply
from jxgis.errors import InputError, NoCrsError
from jxgis.layers import geographic_bounds
from jxgis.spec import LayerSpec


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


def in_degrees(n, lon=120.7, lat=30.7):
    return [Point(lon + i / 1000, lat) for i in range(n)]


def test_a_stray_feature_is_named_with_its_distance():
    layer = made("stops", [*in_degrees(5), Point(2.35, 48.85)], crs=4490)
    (row,) = told(layer, "suspected")
    metres = pyproj.Geod(ellps="WGS84").inv(120.7025, 30.7, 2.35, 48.85)[2]
    assert row.count == 1
    assert len(layer.data) == 6
    assert row.reason.startswith(f"row 6: {metres / 1000:,.0f} km from the rest")


def test_a_row_in_degrees_among_metres_is_named():
    layer = made("stops", [stop(i) for i in range(5)] + [Point(120.7, 30.7)])
    (row,) = told(layer, "suspected")
    assert row.reason.startswith("row 6: ")


def test_a_stray_corner_of_an_area_is_named():
    areas = [Point(500_000 + 3000 * i, 3_400_000).buffer(1000) for i in range(5)]
    spike = areas[2].union(LineString([(506_000, 3_400_000), (506_000, 3_700_000)]).buffer(1))
    layer = made("built_up", [*areas[:2], spike, *areas[3:]])
    assert told(layer, "suspected")[0].reason.startswith("row 3: 300 km")


@pytest.mark.parametrize("apart_km", [30, 199])
def test_what_lies_in_one_region_is_not_suspected(apart_km):
    layer = made("stops", [stop(i) for i in range(5)] + [stop(apart_km * 1000)])
    assert not told(layer, "suspected")


def test_a_province_and_a_handful_are_not_suspected():
    province = [stop(dx, dy) for dx in range(0, 900_001, 90_000) for dy in (0, 400_000, 800_000)]
    assert not told(made("stops", province), "suspected")
    assert not told(made("stops", [*in_degrees(3), Point(116.4, 39.9)], crs=4490), "suspected")


@pytest.mark.parametrize("metric", ["EPSG:4549", "EPSG:32651"])
def test_an_unknown_shift_is_said_also_where_the_place_chooses_the_operation(metric):
    data = gpd.GeoDataFrame(geometry=[Point(120.7, 30.7)], crs="EPSG:4214")
    spec = LayerSpec("stops", "stops", path="stops.shp")
    _moved, ledger = to_metric(data, spec, pyproj.CRS(metric))
    assert any("no published transformation" in row.reason for row in ledger)
