"""Green cover by zone, against exactextract: what was seen, what was not, and what counts once."""

import json
import math

import numpy as np
import pytest
import shapely
from scenes_made import (
    box,
    built_up,
    extracted,
    figures,
    grid_of,
    ground,
    image,
    measured,
    patchy,
    polygons,
    table,
    told,
    zones,
)

from jxgis.errors import InputError
from jxgis.green.asking import Ask
from jxgis.green.cover import cover

SHAPE = (150, 190)
GREEN = patchy(SHAPE, 0.4, 1)
CLOUD = np.zeros(SHAPE, bool)
CLOUD[20:70, 30:100] = True
CLOUD[100:103, :] = True
SEEN = ~CLOUD

_MIDDLE = shapely.Point(60.3, 55.7).buffer(41.2)
DRAWN = {
    "with_hole": _MIDDLE.difference(shapely.Point(62.1, 50.4).buffer(9.7)),
    "in_two_parts": shapely.MultiPolygon(
        [shapely.box(110.3, 3.2, 121.7, 9.9), shapely.box(130.5, 12.5, 140.25, 20)]
    ),
    "one_mu": shapely.box(120.31, 60.17, 122.89, 62.753),  # 6.67 cells
    "in_a_cell": shapely.box(150.2, 70.3, 150.5, 70.4),
    "sliver": shapely.Polygon([(105, 75), (186, 75.3), (105, 75.6)]),
    "half_outside": shapely.box(170.4, 120.6, 230, 170.3),
    "all_cloud": shapely.box(40.5, 30.5, 50.5, 41),
    "far_away": shapely.box(400, 10, 420, 30),
}
ZONES = {name: ground(shape) for name, shape in DRAWN.items()}


def measure(*layers, **more):
    return measured(cover, *layers, **more)


@pytest.fixture(scope="module")
def result():
    return measure(image(GREEN, SEEN), zones(**ZONES), asks=[Ask("all"), Ask("two", ("one_mu",))])


def test_the_columns_of_the_table_by_zone(result):
    assert list(result.by_zone.columns) == [
        *("zone_id", "zone", "area_m2", "seen_area_m2", "seen_share"),
        *("green_area_m2", "green_ha", "green_mu", "green_share"),
    ]
    assert result.by_zone["zone_id"].tolist() == list(ZONES)
    assert result.by_zone["zone"].iloc[0] == "District with_hole"


def test_zones_of_any_size_are_those_of_exactextract(result):
    rows, shapes = result.by_zone, list(ZONES.values())
    seen, green = (extracted(shapes, layer) for layer in (SEEN, GREEN & SEEN))
    # It keeps the shares of cells in single precision.
    near = {"rtol": 1e-6, "atol": 1e-4}
    np.testing.assert_allclose(rows["area_m2"], shapely.area(shapes), rtol=1e-9)
    np.testing.assert_allclose(rows["seen_area_m2"], seen, **near)
    np.testing.assert_allclose(rows["green_area_m2"], green, **near)
    some = seen > 0
    np.testing.assert_allclose(rows["green_share"][some], green[some] / seen[some], atol=1e-6)
    np.testing.assert_allclose(rows["seen_share"], seen / shapely.area(shapes), atol=1e-6)
    np.testing.assert_allclose(rows["green_ha"][some], rows["green_area_m2"][some] / 1e4)
    np.testing.assert_allclose(rows["green_mu"], rows["green_ha"] * 15)
    assert rows["area_m2"].min() < 10
    assert rows["area_m2"].max() > 2e5


def test_what_was_not_seen_is_never_nought_per_cent(result):
    rows = result.by_zone.set_index("zone_id")
    for name in ("far_away", "all_cloud"):
        assert rows.loc[name, "seen_share"] == 0
        for column in ("green_share", "green_ha", "green_mu"):
            assert math.isnan(rows.loc[name, column])
    assert 0.1 < rows.loc["half_outside", "seen_share"] < 0.3
    written = {row["zone_id"]: row for row in result.to_json()["by_zone"]}
    assert written["far_away"]["green_share"] is None
    assert "NaN" not in json.dumps(result.to_json(), allow_nan=False)


def test_the_figure_is_green_over_seen(result):
    whole = shapely.union_all(list(ZONES.values()))
    (seen,), (green,) = (extracted([whole], layer) for layer in (SEEN, GREEN & SEEN))
    found = figures(result)["all"]
    assert found.value == pytest.approx(green / seen, abs=1e-6)
    assert (found.numerator, found.denominator) == pytest.approx((green, seen), rel=1e-6)
    assert found.params["seen_share"] == pytest.approx(seen / whole.area, abs=1e-6)
    assert (found.unit, found.zone, found.low) == ("1", None, None)
    own = figures(result)["two"]
    row = result.by_zone.set_index("zone_id").loc["one_mu"]
    assert own.value == pytest.approx(row["green_share"], abs=1e-12)
    assert own.zone == "District one_mu"
    (said,) = told(result, "suspected", "was not seen")
    assert said.reason.startswith(f"{1 - seen / whole.area:.1%} of the area was not seen")


def test_a_scene_that_saw_everything_says_nothing_of_clouds():
    odd = ground(shapely.Point(60.3, 55.7).buffer(41.2))
    found = measure(image(GREEN), zones(odd=odd))
    assert not [row for row in found.ledger if "not seen" in row.reason]
    assert found.by_zone["seen_share"].tolist() == [pytest.approx(1, abs=1e-9)]


def test_zones_that_overlap_count_once_in_the_total():
    one, two = box(10, 10, 60, 60), box(40, 40, 90.5, 90)
    found = measure(
        image(GREEN), zones(a=one, b=two), asks=[Ask("all"), Ask("both", ("a", "b")), Ask("b", "b")]
    )
    union = shapely.union(one, two)
    (green,) = extracted([union], GREEN)
    for name in ("all", "both"):
        assert figures(found)[name].denominator == pytest.approx(union.area)
        assert figures(found)[name].numerator == pytest.approx(green, rel=1e-6)
    assert found.by_zone["area_m2"].tolist() == pytest.approx([one.area, two.area])
    assert figures(found)["b"].denominator == pytest.approx(two.area)
    assert figures(found)["both"].zone == "all zones"
    assert "0.0400 km²" in told(found, "overlap", "each zone's row has its own area")[0].reason


def test_only_the_built_up_area_counts_and_what_is_outside_every_zone_has_a_row():
    area = [box(5.5, 5.5, 80.5, 60), box(70, 50, 120, 99.25)]  # overlap
    parts = {"a": box(0, 0, 50, 150), "b": box(50, 0, 100, 150)}
    found = measure(image(GREEN, SEEN), zones(**parts), built_up(*area), asks=[Ask("all")])
    once = shapely.union_all(area)
    rest = once.difference(shapely.union_all(list(parts.values())))
    shapes = [*(once.intersection(own) for own in parts.values()), rest]
    assert found.by_zone["zone_id"].tolist() == ["a", "b", ""]
    assert found.by_zone["zone"].iloc[2] == "outside every zone"
    green = extracted(shapes, GREEN & SEEN)
    np.testing.assert_allclose(found.by_zone["green_area_m2"], green, rtol=1e-6)
    np.testing.assert_allclose(found.by_zone["area_m2"], shapely.area(shapes), rtol=1e-9)
    total = figures(found)["all"]
    assert total.numerator == pytest.approx(green.sum(), rel=1e-6)
    assert total.denominator == pytest.approx(found.by_zone["seen_area_m2"].sum(), rel=1e-9)
    assert [row.layer for row in told(found, "overlap")] == ["built_up"]
    assert [row.layer for row in told(found, "outside")] == ["built_up"]


def test_the_built_up_area_alone_is_one_row():
    found = measure(image(GREEN), built_up(box(5.5, 5.5, 80.5, 60)))
    assert found.by_zone["zone_id"].tolist() == [""]
    assert found.by_zone["green_share"].iloc[0] == pytest.approx(figures(found)["it"].value)


def test_a_zone_in_several_rows_is_one():
    parts = [box(0, 0, 40, 40), box(60.5, 60.5, 90, 90), box(100, 0, 120, 120)]
    layer = polygons("zones", parts, zone_id=list("aab"), zone=["A", "A", "B"])
    found = measure(image(GREEN), layer, asks=[Ask("a", ("a",))])
    assert found.by_zone["zone_id"].tolist() == ["a", "b"]
    m2 = extracted([shapely.union_all(parts[:2]), parts[2]], GREEN)
    assert found.by_zone["green_area_m2"].tolist() == pytest.approx(m2, rel=1e-6)
    assert figures(found)["a"].numerator == pytest.approx(m2[0], rel=1e-6)


def test_zones_taken_for_the_built_up_area_are_said():
    whole = zones(a=box(0, 0, 190, 150))
    assert told(measure(image(GREEN), whole), "assumed", "taken for it")[0].layer == "zones"
    assert not told(measure(image(GREEN), whole, built_up(box(5, 5, 9, 9))), "assumed")


def test_townships_are_a_table_of_their_own():
    towns = {"t1": box(0, 0, 33.3, 150), "t2": box(33.3, 0, 190, 150)}
    area = box(10, 10, 100.5, 80)
    layers = image(GREEN, SEEN), zones(a=box(0, 0, 190, 150)), built_up(area)
    found = measure(*layers, zones("townships", **towns))
    rows = table(found, "townships")
    shapes = [area.intersection(own) for own in towns.values()]
    assert rows["zone_id"].tolist() == ["t1", "t2"]
    np.testing.assert_allclose(rows["green_area_m2"], extracted(shapes, GREEN & SEEN), rtol=1e-6)
    without = measure(*layers)
    assert figures(without)["it"] == figures(found)["it"]


def test_a_zone_without_any_of_the_built_up_area_has_no_figure():
    parts = {"a": box(0, 0, 50, 150), "b": box(120, 0, 170, 50)}
    layers = image(GREEN), zones(**parts), built_up(box(5, 5, 40, 40))
    found = measure(*layers, asks=[Ask("b", ("b",))])
    assert figures(found)["b"].value is None
    row = found.by_zone.set_index("zone_id").loc["b"]
    assert row["area_m2"] == 0
    assert math.isnan(row["green_share"])
    json.dumps(found.to_json(), allow_nan=False)


def test_all_cloud_and_a_scene_of_elsewhere_are_no_figures():
    area = built_up(box(5.5, 5.5, 80.5, 60))
    for layer in (image(GREEN, np.zeros(SHAPE, bool)), image(GREEN, grid=far_grid())):
        with pytest.raises(InputError) as caught:
            measure(layer, area)
        assert "nothing of the area was seen" in caught.value.problem
        assert "scene.tif" in str(caught.value)
        assert caught.value.mend


def far_grid():
    far = grid_of(SHAPE)
    return type(far)(far.crs, (10.0, 0.0, 500_000.0, 0.0, -10.0, 3_300_000.0), *SHAPE[::-1])


def test_no_layer_and_no_zone_of_that_name():
    area = built_up(box(5.5, 5.5, 80.5, 60))
    with pytest.raises(InputError, match="there is no layer landcover"):
        measure(area)
    with pytest.raises(InputError, match="there is no layer imagery"):
        measure(area, by="ndvi")
    with pytest.raises(InputError, match="there is no layer zones"):
        measure(image(GREEN))
    with pytest.raises(InputError, match="there is no zone x") as caught:
        measure(image(GREEN), zones(a=box(5, 5, 9, 9)), asks=[Ask("x", ("x",))])
    assert "a" in caught.value.mend


def test_drawings_change_no_figure():
    layers = image(GREEN, SEEN), zones(**ZONES), polygons("pv", [box(60, 90, 70, 98)])
    plain, drawn = (measure(*layers, drawings=own) for own in (False, True))
    assert plain.to_json() == drawn.to_json()
    assert [own.name for own in drawn.layers][:2] == ["zones", "area"]
    assert len(drawn.pictures) == 1
    assert not plain.pictures
    assert not plain.layers


def test_a_figure_can_be_asked_in_units_of_area():
    area = built_up(box(5.5, 5.5, 80.5, 60))
    asks = [Ask("share"), Ask("ha", unit="ha"), Ask("mu", unit="mu")]
    found = figures(measure(image(GREEN), area, asks=asks))
    assert found["ha"].unit == "ha"
    assert found["ha"].value == pytest.approx(found["share"].numerator / 1e4)
    assert found["mu"].value == pytest.approx(found["share"].numerator * 15 / 1e4)
