"""The four rates side by side: the parts add up, and each is the figure of its own measure."""

import json

import numpy as np
import pytest
import scipy.ndimage
import shapely
from scenes_made import (
    box,
    built_up,
    canopy,
    extracted,
    figures,
    ground,
    image,
    land_cover,
    measured,
    patchy,
    polygons,
    table,
    zones,
)

from jxgis.green.cover import cover
from jxgis.green.parcels import land
from jxgis.green.trees import forest, trees

SHAPE = (100, 120)
GREEN, WOOD = patchy(SHAPE, 0.4, 1), patchy(SHAPE, 0.2, 2, side=3)
SEEN = np.random.default_rng(3).random(SHAPE) < 0.9
AREA = built_up(box(10.5, 10.5, 90.2, 80.8), box(85, 60, 110, 95))
LAND = zones(a=box(0, 0, 60, 100), b=box(60, 0, 120, 100))
PARCELS = polygons(
    "land",
    [ground(shapely.Point(*at).buffer(12.3)) for at in ((30, 30), (38, 33), (88, 75), (5, 5))],
    **{"class": ["park", "green", "square", "park"]},
)
COVER = land_cover(np.where(WOOD, 1, 3), SEEN[::-1])
IMAGE = image(GREEN, SEEN)

ROWS = [
    *("Green cover", "– in green parcels", "– elsewhere", "Green-land rate", "– not vegetated"),
    *("Tree cover", "– in the built-up area", "– outside forest", "Forest rate"),
]


def rates(*layers, **more):
    rows = table(measured(cover, *layers, **more), "rates")
    return rows.set_index("rate")


def test_the_parts_of_a_rate_add_up_to_it():
    rows = rates(IMAGE, COVER, PARCELS, AREA, LAND)
    assert rows.index.tolist() == ROWS
    for column in ("area_ha", "area_mu", "share"):
        parts = rows.loc[["– in green parcels", "– elsewhere"], column].sum()
        assert parts == pytest.approx(rows.loc["Green cover", column])
        parts = rows.loc[["Forest rate", "– outside forest"], column].sum()
        assert parts == pytest.approx(rows.loc["Tree cover", column])
    seen = rates(image(GREEN), PARCELS, AREA)
    parts = seen.loc[["– in green parcels", "– not vegetated"], "area_ha"].sum()
    assert parts == pytest.approx(seen.loc["Green-land rate", "area_ha"], rel=1e-6)
    assert parts > rows.loc[["– in green parcels", "– not vegetated"], "area_ha"].sum()
    np.testing.assert_allclose(rows["share"], rows["area_ha"] / rows["of_ha"])
    np.testing.assert_allclose(rows["area_mu"], rows["area_ha"] * 15)


def test_each_rate_is_the_figure_of_its_own_measure():
    layers = IMAGE, COVER, PARCELS, AREA, LAND
    rows = rates(*layers)
    for name, measure in (
        ("Green cover", cover),
        ("Green-land rate", land),
        ("Tree cover", trees),
        ("Forest rate", forest),
    ):
        own = figures(measured(measure, *layers))["it"]
        assert rows.loc[name, "share"] == pytest.approx(own.value, rel=1e-12)
        assert rows.loc[name, "area_ha"] * 1e4 == pytest.approx(own.numerator, rel=1e-12)
        assert rows.loc[name, "of_ha"] * 1e4 == pytest.approx(own.denominator, rel=1e-12)


def test_green_within_parcels_is_that_of_exactextract():
    rows = rates(IMAGE, PARCELS, AREA)
    assert rows.index.tolist() == ROWS[:5]
    within = shapely.intersection(
        shapely.union_all(PARCELS.data.geometry.to_numpy()),
        shapely.union_all(AREA.data.geometry.to_numpy()),
    )
    (m2,) = extracted([within], GREEN & SEEN)
    assert rows.loc["– in green parcels", "area_ha"] * 1e4 == pytest.approx(m2, rel=1e-6)
    (m2,) = extracted([within], SEEN & ~GREEN)
    assert rows.loc["– not vegetated", "area_ha"] * 1e4 == pytest.approx(m2, rel=1e-6)


def test_gaps_in_forest_bridge_tree_cover_and_the_forest_rate():
    rng = np.random.default_rng(5)
    percent = np.where(WOOD, rng.integers(5, 95, SHAPE), 0).astype(np.uint8)
    rows = rates(IMAGE, canopy(percent, SEEN), AREA, LAND)
    assert rows.index.tolist() == [ROWS[0], *ROWS[5:], "– gaps in forest"]
    tree, outside, woods, gaps = (
        rows.loc[name, "area_ha"]
        for name in ("Tree cover", "– outside forest", "Forest rate", "– gaps in forest")
    )
    assert tree - outside + gaps == pytest.approx(woods)
    labels, n = scipy.ndimage.label((percent >= 20) & SEEN, structure=np.ones((3, 3)))
    sizes = scipy.ndimage.sum(labels > 0, labels, range(n + 1))
    forest_cells = sizes[labels] >= 7
    assert gaps == pytest.approx((1 - percent / 100)[forest_cells].sum() / 100)
    assert gaps > 1


@pytest.mark.parametrize("crowns", [False, True])
def test_trees_in_the_built_up_area_are_those_that_green_cover_has_too(crowns):
    percent = np.where(WOOD, 60, 0).astype(np.uint8)
    layer = canopy(percent, SEEN[::-1]) if crowns else COVER
    beyond = zones(a=box(0, 0, 60, 100))  # the built-up area reaches out of it
    for land_of in (LAND, beyond):
        rows = rates(IMAGE, layer, AREA, land_of)
        within = shapely.intersection(
            *(shapely.union_all(own.data.geometry.to_numpy()) for own in (AREA, land_of))
        )
        (m2,) = extracted([within], np.where(WOOD & SEEN[::-1], 0.6 if crowns else 1.0, 0.0))
        assert rows.loc["– in the built-up area", "area_ha"] * 1e4 == pytest.approx(m2, rel=1e-6)


def test_as_far_as_the_layers_go():
    assert rates(IMAGE, canopy(np.where(WOOD, 60, 0)), AREA).index.tolist() == [
        ROWS[0],
        *ROWS[5:],
        "– gaps in forest",
    ]
    assert not [own for own in measured(cover, IMAGE, AREA).tables if own.name == "rates"]
    housing = polygons("land", [box(20, 20, 30, 30)], **{"class": ["housing"]})
    assert not [own for own in measured(cover, IMAGE, AREA, housing).tables if own.name == "rates"]


def test_parcels_outside_the_built_up_area_have_no_green_in_it():
    away = polygons("land", [box(0, 0, 5, 5)], **{"class": ["park"]})
    rows = rates(IMAGE, away, AREA)
    assert rows.loc["– in green parcels", "area_ha"] == 0
    assert rows.loc["Green-land rate", "share"] == 0
    assert rows.loc["– elsewhere", "area_ha"] == rows.loc["Green cover", "area_ha"]


def test_land_cover_that_saw_nothing_gives_no_rate_of_trees():
    hidden = land_cover(np.where(WOOD, 1, 3), np.zeros(SHAPE, bool))
    layers = IMAGE, hidden, PARCELS, AREA, LAND
    assert rates(*layers).index.tolist() == ROWS[:5]
    json.dumps(measured(cover, *layers).to_json(), allow_nan=False)


def test_the_layers_that_it_is_of_are_inputs():
    found = measured(cover, IMAGE, COVER, PARCELS, AREA, LAND)
    assert {own.path for own in found.inputs} == {
        *("scene.tif", "cover.tif", "land.gpkg", "built_up.gpkg", "zones.gpkg")
    }
