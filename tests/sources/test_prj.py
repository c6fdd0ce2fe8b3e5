"""Candidates for bare coordinates; pyproj's own projections are the oracle."""

import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jxgis.cleaning.candidates import candidates

DATUMS = {"CGCS2000": 4490, "Xi'an 1980": 4610, "Beijing 1954": 4214}


def projected(code, lon, lat):
    crs = pyproj.CRS(code)
    forward = pyproj.Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True)
    return np.array([forward.transform(lon, lat)])


@pytest.mark.parametrize(
    ("first", "datum"), [(4513, "CGCS2000"), (2349, "Xi'an 1980"), (2401, "Beijing 1954")]
)
@given(zone=st.integers(25, 45), east=st.floats(-1.5, 1.5), lat=st.floats(18.5, 53))
def test_an_easting_with_its_zone_gives_that_zone_of_every_datum(first, datum, zone, east, lat):
    code = first + zone - 25
    found = candidates(projected(code, 3 * zone + east, lat))
    assert f"EPSG:{code} ({datum}, 3-degree zone {zone})" in found
    assert len(found) == 3


@given(zone=st.integers(13, 23), east=st.floats(-3, 3), lat=st.floats(18.5, 53))
def test_six_degree_zones_too(zone, east, lat):
    code = 4491 + zone - 13
    found = candidates(projected(code, 6 * zone - 3 + east, lat))
    assert f"EPSG:{code} (CGCS2000, 6-degree zone {zone})" in found


def test_an_easting_without_a_zone_fits_every_zone():
    found = candidates(projected(4549, 120.7, 30.7))
    assert found[0].startswith("EPSG:4534…4554 (CGCS2000")
    assert len(found) == 6
    for text in found:
        codes = text.removeprefix("EPSG:").split(" ")[0].split("…")
        names = [pyproj.CRS(int(code)).name for code in codes]
        assert names[0].endswith("CM 75E")
        assert names[1].endswith("CM 135E")


def test_an_easting_wider_than_three_degrees_is_of_six_degree_zones():
    found = candidates(projected(4509, 119.9, 30.7))
    assert len(found) == 3
    assert all("6-degree" in text for text in found)


def test_degrees_in_china_are_of_four_systems_and_elsewhere_of_one():
    assert [int(t[5:9]) for t in candidates(np.array([[120.7, 30.7]]))] == [4490, 4610, 4214, 4326]
    assert candidates(np.array([[-15.4, 28.1]])) == ["EPSG:4326 (WGS 84)"]


def test_web_mercator_in_china_is_known():
    assert "EPSG:3857 (Web Mercator)" in candidates(projected(3857, 104.0, 30.7))


@pytest.mark.parametrize("point", [[np.nan, np.nan], [5e8, 5e8], [1.0, 2e5]])
def test_nothing_is_named_for_what_fits_nothing(point):
    assert candidates(np.array([point])) == []
