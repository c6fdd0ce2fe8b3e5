"""Tree cover and the forest rate: single trees, patches of a mu, shares of crowns."""

import json
import math

import numpy as np
import pytest
import scipy.ndimage
import shapely
from scenes_made import (
    box,
    built_up,
    canopy,
    drawn,
    extracted,
    figures,
    grid_of,
    ground,
    land_cover,
    looked_up,
    measured,
    patchy,
    table,
    told,
    zones,
)

from jxgis.errors import InputError
from jxgis.green import passes
from jxgis.green.asking import Ask
from jxgis.green.trees import forest, trees

SHAPE = (120, 80)
WOOD = patchy(SHAPE, 0.15, 11, side=3)
SEEN = np.random.default_rng(12).random(SHAPE) < 0.95
AREA = ground(shapely.Point(40.2, 60.4).buffer(37.1))
EVERYWHERE = zones(a=box(0, 0, 80, 120))


def large(mask, least):
    """Return the cells in patches of so many, by labels of the whole array."""
    labels, n = scipy.ndimage.label(mask, structure=np.ones((3, 3)))
    return mask & (scipy.ndimage.sum(mask, labels, range(n + 1)) >= least)[labels]


def codes(mask):
    return np.where(mask, 1, 3)


@pytest.fixture(params=[1, 900, 10**7])
def strips(request, monkeypatch):
    monkeypatch.setattr(passes, "_STRIP_CELLS", request.param)
    monkeypatch.setattr(passes, "_STRIP_ROWS", 1)


@pytest.mark.parametrize(("cell", "least"), [(10.0, 7), (20.0, 2), (30.0, 1)])
@pytest.mark.usefixtures("strips")
def test_all_trees_and_those_in_patches_of_a_mu(cell, least):
    area = ground(shapely.Point(40.2, 60.4).buffer(37.1), cell)
    layer = land_cover(codes(WOOD), SEEN, grid=grid_of(SHAPE, cell))
    found = measured(trees, layer, zones(a=area))
    seen, wood, woods = (
        extracted([area], own, cell)[0] for own in (SEEN, WOOD & SEEN, large(WOOD & SEEN, least))
    )
    own, beside = figures(found)["it"], figures(found)["it-forest"]
    assert (own.numerator, own.denominator) == pytest.approx((wood, seen), rel=1e-6)
    assert own.value == pytest.approx(wood / seen, rel=1e-6)
    assert beside.numerator == pytest.approx(woods, rel=1e-6)
    assert beside.value == pytest.approx(woods / seen, rel=1e-6)
    assert (beside.beside, own.beside) == ("it", None)
    (said,) = told(found, "note", "forest is")
    assert f"at least {least} cells (667 m²), joined at sides or corners" in said.reason
    assert said.reason.endswith(f"cover {(wood - woods) / 1e4:,.0f} ha")


def test_the_forest_rate_is_the_same_with_the_figures_changed_over():
    layer = land_cover(codes(WOOD), SEEN)
    one, two = measured(trees, layer, zones(a=AREA)), measured(forest, layer, zones(a=AREA))
    assert figures(two)["it"].value == figures(one)["it-forest"].value
    assert figures(two)["it-trees"].value == figures(one)["it"].value
    assert figures(two)["it-trees"].beside == "it"
    assert one.by_zone.equals(two.by_zone)
    assert [own.params["of"] for own in two.indicators] == ["forest", "trees"]


def test_mangroves_are_trees_and_shrubs_are_none():
    every = np.random.default_rng(1).integers(1, 5, SHAPE)
    legend = {1: "tree", 2: "mangrove", 3: "shrub", 4: "grass"}
    found = measured(trees, land_cover(every, legend=legend), EVERYWHERE)
    assert figures(found)["it"].numerator == 100 * (every <= 2).sum()


def test_single_trees_a_row_of_seven_and_corners():
    wood = np.zeros(SHAPE, bool)
    wood[5, 5] = True
    wood[20, 10:16] = True  # six in a row
    wood[40, 10:17] = True  # seven
    wood[np.arange(60, 67), np.arange(20, 27)] = True  # seven over corners
    found = measured(trees, land_cover(codes(wood)), EVERYWHERE, asks=[Ask("it", unit="mu")])
    assert figures(found)["it"].value == pytest.approx(21 * 0.15)
    assert figures(found)["it-forest"].value == pytest.approx(14 * 0.15)
    assert figures(found)["it-forest"].unit == "mu"


@pytest.mark.usefixtures("strips")
def test_shares_of_crowns_are_added_up_and_forest_counts_with_all_its_land():
    percent = np.where(WOOD, np.random.default_rng(3).integers(5, 101, SHAPE), 0).astype(np.uint8)
    found = measured(trees, canopy(percent, SEEN), zones(a=AREA))
    dense = large((percent >= 20) & SEEN, 7)
    crowns = np.where(SEEN, percent, 0) / 100
    assert figures(found)["it"].numerator == pytest.approx(extracted([AREA], crowns)[0], rel=1e-6)
    assert figures(found)["it-forest"].numerator == pytest.approx(
        extracted([AREA], dense.astype(float))[0], rel=1e-6
    )


@pytest.mark.parametrize("percent", [19, 20])
def test_a_fifth_of_crowns_makes_forest(percent):
    wood = np.zeros(SHAPE, np.uint8)
    wood[10:20, 10:20] = percent
    found = measured(forest, canopy(wood), EVERYWHERE)
    assert figures(found)["it"].numerator == (100 * 100 if percent == 20 else 0)
    assert figures(found)["it-trees"].numerator == pytest.approx(100 * percent)


def test_canopy_goes_before_land_cover():
    percent = np.full(SHAPE, 50, np.uint8)
    found = measured(trees, canopy(percent), land_cover(codes(WOOD)), EVERYWHERE)
    assert figures(found)["it"].value == 0.5
    assert [own.path for own in found.inputs] == ["canopy.tif", "zones.gpkg"]


def test_all_land_counts_and_not_the_built_up_area_alone():
    layers = land_cover(codes(WOOD)), EVERYWHERE
    with_area = measured(trees, *layers, built_up(box(5, 5, 20, 20)))
    assert figures(with_area)["it"].value == pytest.approx(WOOD.mean())
    assert figures(with_area) == figures(measured(trees, *layers))


def test_the_built_up_area_taken_for_all_land_is_said():
    found = measured(trees, land_cover(codes(WOOD)), built_up(box(5, 5, 20, 20)))
    assert told(found, "assumed", "taken for all land")[0].layer == "built_up"
    assert not told(measured(trees, land_cover(codes(WOOD)), EVERYWHERE), "assumed")


def test_crowns_without_a_value_where_nothing_was_seen():
    percent = np.where(WOOD, 60.0, 0.0).astype(np.float32)
    blank = np.where(SEEN, percent, np.nan)
    found = measured(trees, canopy(blank, SEEN), EVERYWHERE)
    assert figures(found) == figures(measured(trees, canopy(percent, SEEN), EVERYWHERE))


def test_zones_and_townships():
    parts = {"a": box(3.3, 4.4, 41.7, 100.1), "b": box(41.7, 4.4, 78.1, 100.1)}
    towns = zones("townships", n=box(0, 0, 80, 50.5), s=box(0, 50.5, 80, 120))
    far = zones(**parts, far=box(300, 300, 320, 320))
    found = measured(trees, land_cover(codes(WOOD), SEEN), far, towns, asks=[Ask("b", ("b",))])
    rows = found.by_zone
    woods = extracted(list(parts.values()), large(WOOD & SEEN, 7))
    np.testing.assert_allclose(rows["forest_area_m2"][:2], woods, rtol=1e-6)
    np.testing.assert_allclose(rows["forest_share"][:2], woods / rows["seen_area_m2"][:2])
    np.testing.assert_allclose(rows["tree_mu"][:2], rows["tree_area_m2"][:2] * 15 / 1e4)
    assert figures(found)["b"].value == pytest.approx(rows["tree_share"].iloc[1])
    assert math.isnan(rows["forest_share"].iloc[2])
    assert math.isnan(rows["tree_share"].iloc[2])
    split = table(found, "townships")
    assert split["forest_ha"].sum() == pytest.approx(rows["forest_ha"].sum())
    assert split["tree_ha"].sum() == pytest.approx(rows["tree_ha"].sum())
    json.dumps(found.to_json(), allow_nan=False)


def test_a_zone_that_was_not_seen_has_no_figure():
    far = zones(a=AREA, far=box(300, 300, 320, 320))
    asks = [Ask("share", ("far",)), Ask("area", ("far",), unit="ha")]
    found = measured(trees, land_cover(codes(WOOD)), far, asks=asks)
    assert [own.value for own in found.indicators] == [None] * 4


def test_units_that_are_none_of_area():
    with pytest.raises(InputError, match="an area in MW") as caught:
        measured(trees, land_cover(codes(WOOD)), EVERYWHERE, asks=[Ask("it", unit="MW")])
    assert "m2, ha, mu, km2" in caught.value.mend


def test_what_is_lacking():
    with pytest.raises(InputError, match="there is no layer landcover"):
        measured(trees, EVERYWHERE)
    with pytest.raises(InputError, match="none of the classes tree, mangrove"):
        measured(forest, land_cover(codes(WOOD), legend={1: "grass", 3: "built"}), EVERYWHERE)
    with pytest.raises(InputError, match="nothing of the area was seen"):
        measured(forest, land_cover(codes(WOOD), np.zeros(SHAPE, bool)), EVERYWHERE)


def test_a_reference_sample_of_trees_judges_tree_cover_and_not_forest():
    layer = land_cover(codes(WOOD), SEEN)
    frame = drawn("trees", layer, EVERYWHERE, points=200)[1]
    sample = looked_up(frame, np.where(WOOD, "tree", "other"), "reference_trees")
    found = measured(trees, layer, EVERYWHERE, sample)
    own = figures(found)
    share = (WOOD & SEEN).sum() / SEEN.sum()
    assert list(own) == ["it", "it-mapped", "it-forest"]
    assert own["it"].value == pytest.approx(share)
    assert own["it"].low <= own["it"].value <= own["it"].high
    assert own["it-mapped"].value == pytest.approx(share)
    assert own["it-mapped"].beside == "it"
    assert own["it-forest"] == figures(measured(trees, layer, EVERYWHERE))["it-forest"]
    assert list(figures(measured(forest, layer, EVERYWHERE, sample))) == ["it", "it-trees"]
