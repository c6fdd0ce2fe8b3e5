"""Ground counted twice: photovoltaic sites that a map shows as green."""

import numpy as np
import pytest
import shapely
from scenes_made import (
    box,
    built_up,
    extracted,
    figures,
    ground,
    image,
    measured,
    patchy,
    polygons,
    table,
    told,
)

from jxgis.green.cover import cover

SHAPE = (80, 100)
AREA = built_up(box(0, 0, 100, 80))
LAWN = np.zeros(SHAPE, bool)
LAWN[20:50, 20:60] = True


def sites(*shapes, names=None):
    return polygons("pv", shapes, name=names or [f"Site {n}" for n in range(len(shapes))])


def conflicts(result):
    return table(result, "conflicts")


def test_sites_on_green_land_are_found_largest_first():
    where = [
        box(22, 22, 25, 25),
        box(70, 10, 80, 20),
        box(55.5, 30.25, 65, 40),
        box(30, 30, 34, 34),
    ]
    found = measured(cover, image(LAWN), AREA, sites(*where), drawings=True)
    rows = conflicts(found)
    assert rows["name"].tolist() == ["Site 2", "Site 3", "Site 0"]
    green = extracted([where[i] for i in (2, 3, 0)], LAWN)
    np.testing.assert_allclose(rows["green_area_m2"], green, rtol=1e-6)
    np.testing.assert_allclose(rows["green_mu"], green * 15 / 1e4, rtol=1e-6)
    np.testing.assert_allclose(rows["area_m2"], [where[i].area for i in (2, 3, 0)])
    assert rows["green_share"].tolist() == pytest.approx([4.5 / 9.5, 1, 1], rel=1e-6)
    (said,) = told(found, "suspected")
    assert (said.layer, said.count) == ("pv", 3)
    assert f"{green.sum() / 1e4:,.2f} ha are counted twice" in said.reason
    assert said.effect == pytest.approx(green.sum() / figures(found)["it"].denominator, rel=1e-6)
    (drawing,) = (own for own in found.layers if own.name == "conflicts")
    assert drawing.data["name"].tolist() == rows["name"].tolist()
    assert drawing.data.geometry.iloc[0].equals(where[2])


def test_slivers_at_a_border_are_none():
    beside = box(60 - 0.05, 20, 70, 39.9)  # 0.995 of a cell
    found = measured(cover, image(LAWN), AREA, sites(beside))
    assert not [own for own in found.tables if own.name == "conflicts"]
    assert told(found, "note", "no photovoltaic site is counted as green as well")
    over = measured(cover, image(LAWN), AREA, sites(box(60 - 0.05, 20, 70, 40.1)))
    assert conflicts(over)["green_area_m2"].tolist() == pytest.approx([100.5])


def test_sites_that_were_not_seen_are_said():
    seen = np.ones(SHAPE, bool)
    seen[:, 40:] = False
    where = [box(36, 22, 46, 25), box(30, 30, 34, 34), box(41, 40, 44, 42)]
    found = measured(cover, image(LAWN, seen), AREA, sites(*where))
    (said,) = told(found, "note", "less than half was seen")
    assert said.count == 2
    assert conflicts(found)["name"].tolist() == ["Site 1", "Site 0"]


def test_sites_without_a_name_have_a_number():
    two = [box(30, 30, 34, 34), box(22, 22, 28, 28)]
    found = measured(cover, image(LAWN), AREA, sites(*two, names=[None, ""]))
    assert conflicts(found)["name"].tolist() == ["2", "1"]
    bare = polygons("pv", two)
    assert conflicts(measured(cover, image(LAWN), AREA, bare))["name"].tolist() == ["2", "1"]


def test_sites_outside_the_area_are_not_counted_twice():
    area = built_up(box(0, 0, 30, 80))
    where = [box(40, 30, 50, 40), box(25, 22, 35, 32), box(140, 10, 150, 20)]
    found = measured(cover, image(LAWN), area, sites(*where), drawings=True)
    rows = conflicts(found)
    assert rows["name"].tolist() == ["Site 1"]
    assert rows["green_area_m2"].tolist() == pytest.approx([5 * 10 * 100])
    (said,) = told(found, "suspected", "counted twice")
    assert said.effect == pytest.approx(5000 / figures(found)["it"].denominator)


def test_a_site_north_of_the_area_and_an_area_without_green():
    area = built_up(box(0, 60, 100, 80))
    found = measured(cover, image(LAWN), area, sites(box(22, 22, 25, 25)), drawings=True)
    assert figures(found)["it"].value == 0
    assert told(found, "note", "no photovoltaic site is counted as green as well")


def test_sites_over_each_other_are_counted_once_in_the_effect():
    two = [box(22, 22, 32, 32), box(27, 22, 37, 32)]
    found = measured(cover, image(LAWN), AREA, sites(*two))
    (said,) = told(found, "suspected", "1.50 ha are counted twice")
    assert said.effect == pytest.approx(15_000 / figures(found)["it"].denominator)
    assert conflicts(found)["green_area_m2"].tolist() == pytest.approx([10_000, 10_000])


def test_sites_of_any_shape_against_exactextract():
    rng = np.random.default_rng(5)
    mask = patchy(SHAPE, 0.4, 5)
    shapes = [
        ground(shapely.Point(*rng.uniform(8, 70, 2)).buffer(radius, quad_segs=3))
        for radius in rng.uniform(0.4, 7, 30)
    ]
    found = conflicts(measured(cover, image(mask), AREA, sites(*shapes)))
    green = extracted(shapes, mask)
    order = [i for i in np.argsort(-green, kind="stable") if green[i] >= 100]
    assert found["name"].tolist() == [f"Site {i}" for i in order]
    np.testing.assert_allclose(found["green_area_m2"], green[order], rtol=1e-6)
