"""GCJ-02 and BD-09, against published pairs and the definition of an inverse."""

import numpy as np
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jxgis.datum import apply, undo
from jxgis.errors import InputError

GEOD = pyproj.Geod(ellps="WGS84")


def distance(a, b):
    return np.max(GEOD.inv(*a, *b)[2])


# WGS 84 and GCJ-02 as printed in eviltransform's tests (Shanghai, Shenzhen, Beijing) and in
# coordtransform's README; GCJ-02 and BD-09 in the latter.
GCJ02 = [
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ((116.404, 39.915), (116.41024449916938, 39.91640428150164)),
]
BD09_OF_GCJ02 = ((116.404, 39.915), (116.41036949371029, 39.92133699351021))


@pytest.mark.parametrize(("wgs84", "gcj02"), GCJ02)
def test_published_pairs_of_gcj02(wgs84, gcj02):
    assert distance(apply(*wgs84, "gcj02"), gcj02) < 1e-3
    assert distance(undo(*gcj02, "gcj02"), wgs84) < 1e-3


def test_a_published_pair_of_bd09():
    gcj02, bd09 = BD09_OF_GCJ02
    assert distance(apply(*undo(*gcj02, "gcj02"), "bd09"), bd09) < 1e-3
    assert distance(undo(*bd09, "bd09"), undo(*gcj02, "gcj02")) < 1e-3


@pytest.mark.parametrize(("datum", "metres"), [("gcj02", 486), ("bd09", 1113)])
def test_the_shift_at_jiaxing(datum, metres):
    jiaxing = (120.755, 30.746)
    assert distance(jiaxing, apply(*jiaxing, datum)) == pytest.approx(metres, abs=1)


@settings(deadline=None)
@given(st.floats(73.6, 135), st.floats(3.9, 53.5), st.sampled_from(["gcj02", "bd09"]))
def test_undo_is_the_inverse_of_apply(lon, lat, datum):
    there = apply(lon, lat, datum)
    assert 10 < distance((lon, lat), there) < 2000
    assert distance(undo(*there, datum), (lon, lat)) < 1e-6


def test_undo_is_exact_over_the_whole_of_china_at_once():
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(73.6, 135, 100_000), rng.uniform(3.9, 53.5, 100_000)
    for datum in ("gcj02", "bd09"):
        assert distance(undo(*apply(lon, lat, datum), datum), (lon, lat)) < 1e-6


@settings(deadline=None)
@given(st.floats(-180, 180), st.floats(-85, 85))
def test_gcj02_changes_nothing_abroad(lon, lat):
    abroad = not (72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271)
    same = apply(lon, lat, "gcj02") == (lon, lat)
    assert same == abroad
    if abroad:
        assert undo(lon, lat, "gcj02") == (lon, lat)


def test_wgs84_and_arrays_of_any_shape():
    lon, lat = np.full((2, 3), 120.0), np.full((2, 3), 30.0)
    lon[0, 0] = np.nan
    assert np.array_equal(apply(lon, lat, "wgs84")[0], lon, equal_nan=True)
    moved = undo(lon, lat, "bd09")
    assert moved[0].shape == (2, 3)
    assert np.isnan(moved[0]).sum() == 1
    assert undo([], [], "gcj02")[0].shape == (0,)


def test_an_unknown_datum_is_named():
    with pytest.raises(InputError, match=r"'gcj-02'.*gcj02, bd09"):
        undo(120, 30, "gcj-02")
