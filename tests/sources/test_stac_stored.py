"""Scale and offset of a band, by the words of its STAC item."""

import pytest

from jxgis.errors import InputError
from jxgis.sources.stac.stored import Stored, baseline_of, level_of, stored

S2 = "sentinel-2-l2a"
BASELINE, APPLIED = "s2:processing_baseline", "earthsearch:boa_offset_applied"
RAW = {"raster:bands": [{"nodata": 0, "scale": 0.0001, "offset": -0.1}]}


@pytest.mark.parametrize(
    ("properties", "asset", "offset"),
    [
        # Earth Search states -0.1 of pixels from which it has been taken off as well.
        ({BASELINE: "05.09", APPLIED: True}, RAW, "0"),
        ({APPLIED: True}, {}, "0"),
        ({BASELINE: "05.09", APPLIED: False}, RAW, "-0.1"),
        ({BASELINE: "05.09", APPLIED: False}, {}, "-0.1"),
        # Before baseline 04.00 there was none; what is processed again has one, whatever its date.
        ({BASELINE: "02.07"}, RAW, "0"),
        ({BASELINE: "04.00"}, {}, "-0.1"),
        ({BASELINE: "05.00"}, {}, "-0.1"),
        ({BASELINE: "05.00"}, {"raster:scale": 0.0001, "raster:offset": 0}, "0"),
        ({}, RAW, "-0.1"),
        ({}, {"bands": [{"raster:scale": 0.0001, "raster:offset": -0.1}]}, "-0.1"),
        ({}, {"raster:scale": 0.0001, "raster:offset": -0.1}, "-0.1"),
        ({}, {"raster:scale": 9.999999747378752e-05, "raster:offset": -0.10000000149}, "-0.1"),
        ({BASELINE: "05.00", "sentinel:boa_offset_applied": True}, {}, "0"),
    ],
)  # fmt: skip
def test_sentinel_2(properties, asset, offset):
    assert stored("S2A_x", S2, properties, asset) == Stored("0.0001", offset)


@pytest.mark.parametrize(
    ("properties", "asset"),
    [({}, {}), ({APPLIED: False}, {}), ({}, {"raster:bands": [{"scale": 0.0001}]})],
)
def test_sentinel_2_of_which_nothing_is_known_is_refused_of_whatever_year(properties, asset):
    said = properties | {"datetime": "2018-08-03T02:35:51Z"}
    with pytest.raises(InputError, match=r"S2A_x does not say its processing baseline"):
        stored("S2A_x", S2, said, asset)


@pytest.mark.parametrize(
    ("name", "collection", "properties", "level"),
    [
        ("S2A_x", "sentinel-2-l2a", {}, "surface"),
        ("S2A_x", "sentinel-2-c1-l2a", {}, "surface"),
        ("S2A_x_L1C", "sentinel-2-l1c", {}, "top"),
        ("LC08_L2SP_x", "landsat-c2-l2", {}, "surface"),
        ("LC08_L1TP_x", "landsat-c2-l1", {}, "top"),
        ("LC08_L1TP_118039", "landsat", {}, "top"),
        ("x", "images", {"processing:level": "L2A"}, "surface"),
        ("x", "images", {}, ""),
    ],
)
def test_the_level_is_in_the_names(name, collection, properties, level):
    assert level_of(name, collection, properties) == level


@pytest.mark.parametrize(
    ("name", "properties", "baseline"),
    [
        ("S2A_51RTQ_20190803_0_L2A", {BASELINE: "05.09"}, "05.09"),
        ("S2A_51RTQ_20190803_0_L2A", {"processing:version": "0509"}, "05.09"),
        ("S2B_MSIL2A_20250302T095029_N0511_R079_T33UXP_20250302T104753", {}, "05.11"),
        ("a", {"s2:product_uri": "S2A_MSIL2A_20190803T023551_N0213_R089_T51RTQ.SAFE"}, "02.13"),
        ("S2A_51RTQ_20190803_0_L2A", {}, None),
        ("x", {"platform": "landsat-8", "processing:version": "02.00"}, None),
    ],
)
def test_the_baseline_is_a_property_or_in_a_name(name, properties, baseline):
    collection = "landsat-c2-l2" if "platform" in properties else S2
    assert baseline_of(name, collection, properties) == baseline


def test_landsat_is_what_it_says_and_collection_2_where_it_says_nothing():
    said = {"raster:bands": [{"scale": 2.75e-05, "offset": -0.2}]}
    here = {"platform": "landsat-8"}
    assert stored("LC08", "landsat-c2-l2", here, said) == Stored("0.0000275", "-0.2")
    assert stored("LC08", "landsat-c2-l2", here, {}) == Stored("0.0000275", "-0.2")


def test_another_satellite_says_it_or_is_refused():
    said = {"raster:bands": [{"scale": 0.001}]}
    assert stored("X1", "x", {}, said) == Stored("0.001", "0")
    with pytest.raises(InputError, match="X1 does not say how reflectance follows"):
        stored("X1", "x", {}, {})
