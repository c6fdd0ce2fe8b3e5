"""The metric CRS, against PROJ's own registry and ellipsoidal areas."""

import math

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from jxgis.crs import check_metric, grid_scale, metric_crs, parse_crs
from jxgis.errors import InputError


def around(lon, lat, half=0.2):
    return lon - half, lat - half, lon + half, lat + half


@pytest.mark.parametrize(
    ("city", "lon", "lat", "meridian"),
    [
        ("Jiaxing", 120.75, 30.75, 120),
        ("Beijing", 116.4, 39.9, 117),
        ("Shanghai", 121.47, 31.23, 120),
        ("Urumqi", 87.6, 43.8, 87),
        ("Kashgar", 75.99, 39.47, 75),
        ("Lhasa", 91.1, 29.65, 90),
        ("Haikou", 110.3, 20.0, 111),
        ("Sanya", 109.5, 18.25, 108),
        ("Dandong", 124.35, 40.13, 123),
        ("Zhoushan", 122.1, 30.0, 123),
        ("Fuyuan", 134.3, 48.36, 135),
        ("Heihe", 127.5, 50.25, 126),
    ],
)
def test_chinese_cities_get_the_nearest_gauss_kruger_meridian(city, lon, lat, meridian):
    crs = metric_crs(around(lon, lat))
    assert crs.name == f"CGCS2000 / 3-degree Gauss-Kruger CM {meridian}E", city
    area = crs.area_of_use
    assert area.west <= lon <= area.east


@pytest.mark.parametrize(
    ("city", "lon", "lat", "zone"),
    [
        ("Hanoi", 105.85, 21.03, "48N"),
        ("Ulaanbaatar", 106.9, 47.9, "48N"),
        ("Seoul", 127.0, 37.55, "52N"),
        ("Delhi", 77.2, 28.6, "43N"),
        ("Kathmandu", 85.32, 27.7, "45N"),
        ("Almaty", 76.9, 43.25, "43N"),
        ("Vladivostok", 131.9, 43.1, "52N"),
        ("Las Palmas", -15.43, 28.1, "28N"),
        ("Porto Alegre", -51.2, -30.03, "22S"),
        ("Suva", 178.4, -18.1, "60S"),
    ],
)
def test_other_cities_get_their_utm_zone(city, lon, lat, zone):
    assert metric_crs(around(lon, lat)).name == f"WGS 84 / UTM zone {zone}", city


@settings(deadline=None, max_examples=40)
@given(st.floats(-179.9, 179.9), st.floats(-79, 83))
def test_the_crs_is_made_for_the_place(lon, lat):
    crs = metric_crs((lon, lat, lon, lat))
    assert check_metric(crs) == crs
    x, y = pyproj.Transformer.from_crs(4326, crs, always_xy=True).transform(lon, lat)
    low, high = grid_scale(crs, (x, y, x, y))
    # UTM's scale is 0.9996 on its meridian and 1.001 at its edges, in area about twice that.
    assert 0.999 < low <= high < 1.0021


def test_bounds_over_the_180th_meridian():
    assert metric_crs((179.5, -18, -179.9, -17)).name == "WGS 84 / UTM zone 60S"
    assert metric_crs((179.9, -18, -179.0, -17)).name == "WGS 84 / UTM zone 1S"


@pytest.mark.parametrize(
    "bounds", [(5e5, 3.4e6, 5.1e5, 3.41e6), (math.nan, 0, 1, 1), (0, 86, 1, 87), (0, -90, 1, 91)]
)
def test_bounds_that_are_no_place_for_a_metric_crs(bounds):
    with pytest.raises(InputError):
        metric_crs(bounds)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("EPSG:4326", "not a projected CRS"),
        ("EPSG:4490", "not a projected CRS"),
        ("EPSG:4978", "not a projected CRS"),
        ("EPSG:3857", "map of the world"),
        ("EPSG:3785", "map of the world"),
        ("EPSG:900913", "map of the world"),
        ("ESRI:102100", "map of the world"),
        ("EPSG:3395", "map of the world"),
        ("EPSG:4087", "map of the world"),
        ("+proj=merc +a=6378137 +b=6378137 +units=m +nadgrids=@null", "map of the world"),
        ("EPSG:3857+5773", "map of the world"),
        ("EPSG:2263", "US survey foot"),
        ("EPSG:nonsense", "not a coordinate system"),
    ],
)
def test_what_is_not_metric_is_refused_with_a_mend(text, problem):
    with pytest.raises(InputError, match=problem) as caught:
        check_metric(parse_crs(text))
    assert "EPSG:4549" in caught.value.mend
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "text",
    [
        "EPSG:4549",
        "EPSG:2437",
        "EPSG:32628",
        "EPSG:5635",
        "EPSG:3002",
        "EPSG:4549+5773",
        "+proj=tmerc +lon_0=120.75 +k=1 +x_0=500000 +ellps=GRS80 +units=m",
    ],
)
def test_what_is_metric_is_returned(text):
    crs = parse_crs(text)
    assert check_metric(crs) is crs


@pytest.mark.parametrize("code", [4549, 32651, 31985, 5635])
def test_the_areal_scale_is_that_of_small_squares_on_the_ellipsoid(code):
    crs = pyproj.CRS.from_epsg(code)
    area = crs.area_of_use
    lon, lat = (area.west + area.east) / 2 + 0.7, (area.south + area.north) / 2
    to_metric = pyproj.Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True)
    bounds = to_metric.transform_bounds(*around(lon, lat))
    low, high = grid_scale(crs, bounds)
    geod = crs.get_geod()
    scales = []
    for x in np.linspace(bounds[0], bounds[2], 9):
        for y in np.linspace(bounds[1], bounds[3], 9):
            square = shapely.box(x - 50, y - 50, x + 50, y + 50)
            ring = np.asarray(to_metric.transform(*square.exterior.xy, direction="INVERSE"))
            scales.append(1e4 / abs(geod.polygon_area_perimeter(*ring)[0]))
    assert low == pytest.approx(min(scales), abs=1e-6)
    assert high == pytest.approx(max(scales), abs=1e-6)


def test_gauss_kruger_at_jiaxing_is_within_0_04_percent():
    crs = pyproj.CRS.from_epsg(4549)
    to_metric = pyproj.Transformer.from_crs(4326, crs, always_xy=True)
    low, high = grid_scale(crs, to_metric.transform_bounds(120.3, 30.3, 121.3, 31.0))
    assert 1 <= low < high < 1.0004
