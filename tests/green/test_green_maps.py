"""How cells become green: bands of any kind, several dates, parts of cells, classes of land."""

import datetime as dt
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from scenes_made import (
    SUMMER,
    UTM,
    bands,
    box,
    built_up,
    extracted,
    figures,
    grid_of,
    image,
    land_cover,
    measured,
    patchy,
    raster,
    rasters,
    reflectance,
    told,
    zones,
)

from jxgis.errors import InputError
from jxgis.green.cover import cover
from jxgis.rasters import Grid

SHAPE = (60, 70)
AREA = built_up(box(3.3, 4.1, 66.6, 55.5))
GREEN = patchy(SHAPE, 0.5, 3)


def numbers(seed=5, low=0, high=4000):
    rng = np.random.default_rng(seed)
    return {role: rng.integers(low, high, SHAPE).astype(np.uint16) for role in ("red", "nir")}


def green_m2(layer, **more):
    return figures(measured(cover, layer, AREA, **more))["it"].numerator


def expected(mask):
    return pytest.approx(extracted(AREA.data.geometry, mask)[0], rel=1e-6)


def test_whole_numbers_and_the_same_as_floats():
    stored = numbers()
    own = 6 * stored["nir"].astype(int) > 14 * stored["red"].astype(int)  # NDVI above 0.4
    found = green_m2(rasters("imagery", raster(stored)))
    assert found == expected(own)
    for dtype in (np.int16, np.int32, np.float64):
        same = {role: array.astype(dtype) for role, array in stored.items()}
        assert green_m2(rasters("imagery", raster(same))) == found


def test_the_threshold_is_a_rule():
    stored = numbers()
    n, r = (stored[role].astype(float) for role in ("nir", "red"))
    layer = rasters("imagery", raster(stored))
    found = green_m2(layer, rules={"green.ndvi_threshold": 0.25})
    assert found == expected((n - r) / np.maximum(n + r, 1) > 0.25)
    with pytest.raises(InputError, match="between 0 and 1"):
        green_m2(layer, rules={"green.ndvi_threshold": 1.0})


def test_an_offset_of_reflectance_is_taken_off():
    stored = bands(GREEN)
    moved = {role: array + np.uint16(1000) for role, array in stored.items()}
    late = rasters("imagery", raster(moved, scaling=reflectance(Fraction(-1, 10))))
    half = {"green.ndvi_threshold": 0.5}
    assert green_m2(late, rules=half) == expected(GREEN)
    assert green_m2(rasters("imagery", raster(moved)), rules=half) == 0  # 0.71 becomes 0.45
    both = rasters("imagery", late.rasters[0], raster(stored, date=SUMMER))  # each by its own
    assert green_m2(both, rules=half) == expected(GREEN)


def test_several_dates_give_the_middle_or_the_highest_of_those_that_saw_a_cell():
    rng = np.random.default_rng(8)
    masks, seen = rng.random((4, *SHAPE)) < 0.5, rng.random((4, *SHAPE)) < 0.6
    dates = [
        raster(bands(m), s, name=f"{n}.tif", date=dt.date(2023, 7, 1 + n))
        for n, (m, s) in enumerate(zip(masks, seen, strict=True))
    ]
    layer = rasters("imagery", *dates)
    votes, there = (masks & seen).sum(axis=0), seen.sum(axis=0)
    found = figures(measured(cover, layer, AREA))["it"]
    assert found.numerator == expected(2 * votes > there)  # of an even number the lower
    assert found.denominator == expected(there > 0)
    assert green_m2(layer, composite="max") == expected(votes > 0)
    assert "of 4 dates the median" in found.params["by"]


def test_a_cell_can_be_green_by_a_part():
    stored = numbers(low=1)
    n, r = (stored[role].astype(float) for role in ("nir", "red"))
    share = np.clip(((n - r) / (n + r) - 0.05) / 0.75, 0, 1)
    layer = rasters("imagery", raster(stored))
    found = green_m2(layer, by="fraction")
    assert found == expected(np.floor(share * 1000 + 0.5) / 1000)
    assert found == pytest.approx(extracted(AREA.data.geometry, share)[0], rel=1e-4)
    with pytest.raises(InputError, match="lies below"):
        green_m2(layer, by="fraction", rules={"green.ndvi_bare": 0.9})


def test_classes_of_land_cover():
    codes = np.random.default_rng(2).integers(1, 5, SHAPE)
    layer = land_cover(codes)
    assert green_m2(layer) == expected(codes <= 2)
    assert green_m2(layer, classes=("grass",)) == expected(codes == 2)
    assert green_m2(layer, classes=("grass", "water")) == expected((codes == 2) | (codes == 4))
    with pytest.raises(InputError, match="none of the classes moss") as caught:
        green_m2(layer, classes=("moss",))
    assert caught.value.mend == "It has: tree, grass, built, water"


def test_land_cover_without_trees_still_has_green():
    codes = np.random.default_rng(2).integers(2, 4, SHAPE)
    layer = land_cover(codes, legend={2: "grass", 3: "built"})
    found = measured(cover, layer, AREA)
    assert figures(found)["it"].numerator == expected(codes == 2)


def test_an_image_goes_before_land_cover_unless_it_is_asked_for():
    codes = np.where(patchy(SHAPE, 0.3, 9), 2, 3)
    both = image(GREEN), land_cover(codes), AREA
    assert figures(measured(cover, *both))["it"].numerator == expected(GREEN)
    found = measured(cover, *both, by="landcover")
    assert figures(found)["it"].numerator == expected(codes == 2)
    assert told(found, "note", "green is: land cover")[0].layer == "landcover"


def test_bands_taken_for_each_other_are_suspected():
    right = bands(np.ones(SHAPE, bool))
    swapped = {"red": right["nir"], "nir": right["red"]}
    found = measured(cover, rasters("imagery", raster(swapped)), AREA)
    (said,) = told(found, "suspected")
    assert "in 100% of the cells near-infrared is darker than red" in said.reason
    assert not told(measured(cover, rasters("imagery", raster(right)), AREA), "suspected")


@pytest.mark.parametrize(
    "other",
    [
        Grid(UTM, (20.0, 0.0, 300_000.0, 0.0, -20.0, 3_400_000.0), 70, 60),
        Grid(UTM, (10.0, 0.0, 300_005.0, 0.0, -10.0, 3_400_000.0), 70, 60),
        Grid(type(UTM)(32650), grid_of(SHAPE).transform, 70, 60),
    ],
)
def test_dates_on_different_grids_are_named(other):
    one = raster(bands(GREEN), name="july.tif")
    two = replace(raster(bands(GREEN), name="august.tif"), grid=other)
    with pytest.raises(InputError) as caught:
        measured(cover, rasters("imagery", one, two), AREA)
    assert "july.tif and august.tif are on different grids" in caught.value.problem
    assert "300000" in caught.value.problem
    assert caught.value.mend


def test_two_land_cover_maps_are_one_too_many():
    codes = np.full(SHAPE, 2, np.uint8)
    one = raster({"code": codes}, legend={2: "grass"})
    with pytest.raises(InputError, match="there are 2 rasters"):
        measured(cover, rasters("landcover", one, one), AREA)


def test_nothing_is_counted_where_both_bands_are_dark():
    nothing = {role: np.zeros(SHAPE, np.uint16) for role in ("red", "nir")}
    found = measured(cover, rasters("imagery", raster(nothing)), zones(a=box(0, 0, 9, 9)))
    assert figures(found)["it"].value == 0
