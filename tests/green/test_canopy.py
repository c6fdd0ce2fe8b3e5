"""Crowns as files store them: percent by scale and offset, shares taken for percent, and points."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scenes_made import (
    canopy,
    drawn,
    extracted,
    figures,
    ground,
    land_cover,
    looked_up,
    measured,
    patchy,
    told,
    zones,
)

from jxgis.green.trees import forest, trees
from jxgis.rasters import Scaling

SHAPE = (90, 80)
WOOD = patchy(SHAPE, 0.4, 21)
SEEN = np.random.default_rng(22).random(SHAPE) < 0.95
PERCENT = np.where(WOOD, np.random.default_rng(23).integers(5, 101, SHAPE), 0)
PLACE = zones(a=ground(shapely.Point(40.2, 44.4).buffer(34.1)))


def crowns(stored, scale=1, offset=0):
    scaling = {"canopy": Scaling(Fraction(scale), Fraction(offset))}
    return canopy(stored, SEEN, scaling=scaling)


STORED = {
    "percent": (PERCENT.astype(np.uint8), 1, 0),
    "hundredths": ((PERCENT * 100).astype(np.uint16), Fraction(1, 100), 0),
    "offset": ((PERCENT * 2 - 300).astype(np.int16), Fraction(1, 2), 150),
    "floats": (PERCENT.astype(np.float32), 1, 0),
    "doubles": (PERCENT.astype(np.float64), 1, 0),
    "shares": ((PERCENT / 100).astype(np.float32), 100, 0),
    "of 250": ((PERCENT * 2.5).astype(np.float32), Fraction(2, 5), 0),
    "missing": (PERCENT * 100 - 70, Fraction(1, 100), Fraction(7, 10)),
}


@pytest.mark.parametrize("way", STORED)
@pytest.mark.parametrize("measure", [trees, forest])
def test_one_figure_however_the_crowns_are_stored(way, measure):
    found = measured(measure, crowns(*STORED[way]), PLACE)
    one = measured(measure, canopy(PERCENT.astype(np.uint8), SEEN), PLACE)
    assert figures(found) == figures(one)
    assert not told(found, "suspected")
    area = PLACE.data.geometry
    (m2,) = extracted(area, np.where(SEEN, PERCENT, 0) / 100)
    name = "it" if measure is trees else "it-trees"
    assert figures(found)[name].numerator == pytest.approx(m2, rel=1e-6)


@given(st.integers(1, 1000), st.integers(-2000, 2000), st.integers(0, 2**32 - 1))
def test_any_scale_and_offset(scale, offset, seed):
    percent = np.random.default_rng(seed).integers(0, 101, (12, 12))
    stored = (percent - offset / 10) / (scale / 10)
    place = zones(a=ground(shapely.box(0, 0, 12, 12)))
    scaling = {"canopy": Scaling(Fraction(scale, 10), Fraction(offset, 10))}
    found = measured(trees, canopy(stored, scaling=scaling), place)
    assert figures(found)["it"].numerator == pytest.approx(percent.sum())


def test_parts_of_a_percent_count():
    rng = np.random.default_rng(24)
    percent = rng.integers(0, 1001, SHAPE) / 10
    found = measured(trees, crowns(percent), PLACE)
    (m2,) = extracted(PLACE.data.geometry, np.where(SEEN, percent, 0) / 100)
    assert figures(found)["it"].numerator == pytest.approx(m2, rel=1e-6)
    stored = np.rint(percent * 10).astype(np.uint16)
    assert figures(measured(trees, crowns(stored, Fraction(1, 10)), PLACE)) == figures(found)


def test_no_more_than_all_of_a_cell_and_no_less_than_nothing():
    wild = np.where(WOOD, 180.0, -40.0)
    found = measured(trees, crowns(wild), PLACE)
    plain = measured(trees, crowns(np.where(WOOD, 100.0, 0.0)), PLACE)
    assert figures(found) == figures(plain)


def test_shares_taken_for_percent_are_suspected_and_the_scale_mends_it():
    shares = (PERCENT / 100).astype(np.float32)
    found = measured(trees, crowns(shares), PLACE)
    (said,) = told(found, "suspected", "no cell has more than 1% of crowns")
    assert "scale = 100" in said.reason
    assert figures(found)["it-forest"].value == 0
    mended = measured(trees, crowns(shares, 100), PLACE)
    assert not told(mended, "suspected")
    assert figures(mended) == figures(measured(trees, crowns(PERCENT), PLACE))


def test_land_without_trees_is_not_suspected():
    for layer in (crowns(np.zeros(SHAPE)), land_cover(np.full(SHAPE, 3), SEEN)):
        assert not told(measured(trees, layer, PLACE), "suspected", "no cell has")
    few = np.where(WOOD, 2, 0)
    assert not told(measured(trees, crowns(few), PLACE), "suspected", "no cell has")


@pytest.mark.parametrize("share", [0.07, 0.29, 0.57, 0.2])
def test_the_share_that_makes_forest_is_met_exactly(share):
    stored = np.full(SHAPE, round(share * 100), np.uint8)
    rules = {"green.canopy_share": share}
    found = measured(forest, crowns(stored), PLACE, rules=rules)
    assert figures(found)["it"].value == pytest.approx(1)
    found = measured(forest, crowns(stored - np.uint8(1)), PLACE, rules=rules)
    assert figures(found)["it"].value == 0


def test_points_judge_the_land_under_trees_and_tree_cover_stays_the_share_of_crowns():
    layer = canopy(PERCENT.astype(np.uint8), SEEN)
    frame = drawn("trees", layer, PLACE, points=200)[1]
    sample = looked_up(frame, np.where(PERCENT >= 20, "tree", "other"), "reference_trees")
    own, plain = (figures(measured(trees, layer, PLACE, *more)) for more in ([sample], []))
    assert own["it"] == plain["it"]
    assert own["it"].low is None
    wooded = own["it-wooded"]
    assert wooded.beside == "it"
    assert wooded.low <= wooded.value <= wooded.high
    seen, wood = (extracted(PLACE.data.geometry, a)[0] for a in (SEEN, (PERCENT >= 20) & SEEN))
    assert wooded.value == pytest.approx(wood / seen, rel=1e-6)
    assert wooded.value > own["it"].value + 0.1
    assert own["it-forest"] == plain["it-forest"]
    assert replace(own["it-wooded-mapped"], id="") != replace(own["it"], id="")
    assert own["it-wooded-mapped"].value == pytest.approx(wood / seen, rel=1e-6)
    assert list(plain) == ["it", "it-forest"]
