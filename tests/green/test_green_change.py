"""Green land gained and lost: made-up changes, patches across strips, seasons, and clouds."""

import datetime as dt
import json
import math

import numpy as np
import pytest
import scipy.ndimage
import shapely
from scenes_made import (
    SUMMER,
    bands,
    box,
    built_up,
    extracted,
    figures,
    grid_of,
    ground,
    image,
    measured,
    patchy,
    raster,
    rasters,
    table,
    told,
    zones,
)

from jxgis.errors import InputError
from jxgis.green import passes
from jxgis.green.asking import Ask, Settings
from jxgis.green.change import change, change_strata
from jxgis.green.places import places
from jxgis.rules import Rules

SHAPE = (110, 90)
EARLIER = dt.date(2021, 7, 20)
ALL = (Ask("gained"), Ask("lost", of="lost"), Ask("net", of="net"))
HA = tuple(Ask(ask.of, of=ask.of, unit="ha") for ask in ALL)
CROSS = np.ones((3, 3), bool)
EVERYWHERE = zones(a=box(0, 0, 90, 110))


def before(green, seen=None, **more):
    return image(green, seen, "imagery_before", **{"date": EARLIER, "name": "old.tif", **more})


def measure(now, then, *layers, **more):
    return measured(change, now, then, *layers, **more)


def large(mask, least=7):
    """Return the cells in patches of so many, by labels of the whole array."""
    labels, n = scipy.ndimage.label(mask, structure=CROSS)
    return mask & (scipy.ndimage.sum(mask, labels, range(n + 1)) >= least)[labels]


def patches(*places, shape=SHAPE):
    """Return a mask of rectangles: row, column, rows, columns."""
    mask = np.zeros(shape, bool)
    for row, column, rows, columns in places:
        mask[row : row + rows, column : column + columns] = True
    return mask


def test_gains_and_losses_are_counted_exactly():
    ground_state = patches((0, 0, 40, 40))
    gain, loss = patches((50, 50, 5, 9), (80, 3, 1, 7)), patches((10, 10, 4, 6))
    found = measure(image(ground_state & ~loss | gain), before(ground_state), EVERYWHERE, asks=HA)
    values = {name: own.value for name, own in figures(found).items()}
    assert values == {"gained": 0.52, "lost": 0.24, "net": pytest.approx(0.28)}
    row = found.by_zone.iloc[0]
    assert (row["gained_ha"], row["lost_ha"]) == (0.52, 0.24)
    assert row["net_ha"] == pytest.approx(0.28)
    assert row["net_mu"] == pytest.approx(4.2)
    (left_out,) = told(found, "excluded")
    assert left_out.reason.startswith("0.0 ha of gains and losses in patches of fewer than 7 cells")


def test_a_share_is_of_what_was_seen_at_both_dates():
    gain, seen = patches((50, 50, 5, 9)), ~patches((0, 0, 10, 90))
    other = ~patches((5, 0, 10, 90))
    found = measure(image(gain, seen), before(np.zeros(SHAPE, bool), other), EVERYWHERE, asks=ALL)
    own = figures(found)["gained"]
    assert own.value == pytest.approx(45 / (95 * 90), rel=1e-9)
    assert own.params == {"of": "gained", "seen_share": pytest.approx(95 / 110)}
    assert figures(found)["lost"].value == 0
    assert found.by_zone["seen_share"].iloc[0] == pytest.approx(95 / 110)
    assert told(found, "suspected", "13.6% of the area was not seen at both dates")


@pytest.mark.parametrize("cells", [6, 7])
@pytest.mark.parametrize("kind", ["gained", "lost"])
def test_patches_under_a_mu_are_left_out_and_counted(cells, kind):
    mask = np.zeros(SHAPE, bool)
    mask[20 + np.arange(cells), 30 + np.arange(cells)] = True  # touching at corners
    nothing = np.zeros(SHAPE, bool)
    pair = (image(mask), before(nothing)) if kind == "gained" else (image(nothing), before(mask))
    found = measure(*pair, EVERYWHERE, asks=HA)
    assert figures(found)[kind].value == (0.07 if cells == 7 else 0)
    (left_out,) = told(found, "excluded")
    assert left_out.reason.startswith("0.0 ha" if cells == 7 else "0.1 ha")


@pytest.mark.parametrize("cell", [10.0, 20.0, 30.0])
def test_patches_are_told_apart_across_strips(cell, monkeypatch):
    least = {10.0: 7, 20.0: 2, 30.0: 1}[cell]
    now, then = patchy(SHAPE, 0.3, 1), patchy(SHAPE, 0.3, 2)
    rng = np.random.default_rng(3)
    seen = [rng.random(SHAPE) < 0.9 for _n in range(2)]
    both, grid = seen[0] & seen[1], grid_of(SHAPE, cell)
    area = ground(shapely.Point(44.2, 57.9).buffer(35.3), cell)
    expected = {
        "gained": extracted([area], large(now & ~then & both, least), cell)[0],
        "lost": extracted([area], large(then & ~now & both, least), cell)[0],
    }
    pair = (image(now, seen[0], grid=grid), before(then, seen[1], grid=grid))
    answers = set()
    for cells in (1, 700, 10**7):
        monkeypatch.setattr(passes, "_STRIP_CELLS", cells)
        monkeypatch.setattr(passes, "_STRIP_ROWS", 1)
        found = measure(*pair, zones(a=area), asks=ALL)
        for name, m2 in expected.items():
            assert figures(found)[name].numerator == pytest.approx(m2, rel=1e-6)
        answers.add(json.dumps(found.to_json(), allow_nan=False))
    assert len(answers) == 1
    reason = told(found, "excluded")[0].reason
    small = sum(
        extracted([area], m & both & ~large(m & both, least), cell)[0]
        for m in (now & ~then, then & ~now)
    )
    assert reason.startswith(f"{small / 1e4:,.1f} ha")


def test_what_was_not_seen_at_one_of_the_dates_has_no_change():
    gain = patches((20, 20, 8, 8))
    hidden = ~patches((20, 20, 8, 8))
    nothing = np.zeros(SHAPE, bool)
    for pair in (
        (image(gain, hidden), before(nothing)),
        (image(gain), before(nothing, hidden)),
        (image(nothing), before(gain, hidden)),
    ):
        found = measure(*pair, EVERYWHERE, asks=HA)
        assert [own.value for own in found.indicators] == [0, 0, 0]
        assert told(found, "note", "0.6% of the area was not seen at both dates")


def test_nothing_seen_at_both_dates_is_an_error():
    half = patches((0, 0, 55, 90))
    with pytest.raises(InputError, match="nothing of the area was seen"):
        measure(image(half, half), before(half, ~half), EVERYWHERE, asks=ALL)


def test_all_land_counts_and_not_the_built_up_area_alone():
    pair = image(patchy(SHAPE, 0.3, 1)), before(patchy(SHAPE, 0.3, 2))
    own = measure(*pair, EVERYWHERE, built_up(box(5, 5, 20, 20)), asks=ALL)
    assert figures(own) == figures(measure(*pair, EVERYWHERE, asks=ALL))


def test_zones_and_townships():
    now, then = patchy(SHAPE, 0.3, 1), patchy(SHAPE, 0.3, 2)
    parts = {"a": box(3.3, 4.4, 41.7, 100.1), "b": box(41.7, 4.4, 88.1, 100.1)}
    north = zones("townships", n=box(0, 0, 90, 50.5), s=box(0, 50.5, 90, 110))
    hidden = zones(**parts, far=box(300, 300, 320, 320))
    found = measure(image(now), before(then), hidden, north, asks=[*ALL, Ask("b", ("b",))])
    rows = found.by_zone
    for word, mask in (("gained", now & ~then), ("lost", then & ~now)):
        m2 = extracted(list(parts.values()), large(mask))
        np.testing.assert_allclose(rows[f"{word}_ha"][:2], m2 / 1e4, rtol=1e-6)
        assert figures(found)[word].numerator == pytest.approx(m2.sum(), rel=1e-6)
        total = table(found, "townships")[f"{word}_ha"].sum()
        assert total == pytest.approx(m2.sum() / 1e4, rel=1e-6)
    np.testing.assert_allclose(rows["net_mu"], 15 * (rows["gained_ha"] - rows["lost_ha"]))
    assert figures(found)["b"].numerator == pytest.approx(rows["gained_ha"].iloc[1] * 1e4)
    assert math.isnan(rows["gained_ha"].iloc[2])
    json.dumps(found.to_json(), allow_nan=False)


def test_the_dates_in_the_wrong_order_and_on_different_grids():
    mask = patchy(SHAPE, 0.3, 1)
    with pytest.raises(InputError, match="the earlier imagery is of 2023-07-14") as caught:
        measure(image(mask, date=EARLIER), before(mask, date=SUMMER), EVERYWHERE)
    assert "the other way round" in caught.value.mend
    grid = grid_of(SHAPE, 20.0)
    with pytest.raises(InputError, match=r"scene.tif and old.tif are on different grids"):
        measure(image(mask), before(mask, grid=grid), EVERYWHERE)
    for one in (image(mask), before(mask)):
        with pytest.raises(InputError, match="there is no layer imagery"):
            measured(change, one, EVERYWHERE)


def test_what_a_change_cannot_be_asked_of():
    mask = patchy(SHAPE, 0.3, 1)
    with pytest.raises(InputError, match="target x asks for people") as caught:
        measure(image(mask), before(mask), EVERYWHERE, asks=[Ask("x", of="people")])
    assert caught.value.mend == "Write one of: gained, lost, net"


def test_a_season_apart_is_suspected():
    mask = patchy(SHAPE, 0.3, 1)
    found = measure(image(mask), before(mask, date=dt.date(2021, 1, 10)), EVERYWHERE)
    (said,) = told(found, "suspected")
    assert "2021-01-10 and 2023-07-14: 180 d apart in the year" in said.reason
    near = measure(image(mask), before(mask), EVERYWHERE)
    assert told(near, "note", "6 d apart in the year")
    assert not told(near, "suspected")
    unknown = measure(image(mask, date=None), before(mask), EVERYWHERE)
    assert told(unknown, "assumed", "a date is not known")


def test_how_far_the_index_moved_over_ground_that_did_not_change():
    mask = patchy(SHAPE, 0.3, 1)
    stored = bands(mask)
    low = {"red": stored["red"], "nir": np.where(mask, 2200, 1300).astype(np.uint16)}
    late = rasters("imagery", raster(stored, date=SUMMER))
    early = rasters("imagery_before", raster(low, date=EARLIER))
    found = measure(late, early, EVERYWHERE)
    green = 2500 / 3500 - 1700 / 2700
    bare = 300 / 2700 - 100 / 2500
    assert told(found, "suspected", f"green at both dates NDVI moved by {green:+.3f}")
    assert told(found, "suspected", f"green at neither NDVI moved by {bare:+.3f}")
    same = measure(late, before(mask), EVERYWHERE)
    assert len(told(same, "note", "NDVI moved by +0.000 (median)")) == 3


def test_an_offset_that_was_not_taken_off_shows_over_all_ground():
    rng = np.random.default_rng(7)
    lawn, changed = patchy(SHAPE, 0.75, 1), patches((50, 50, 5, 9))
    stored = {
        "red": np.where(lawn, rng.integers(500, 1100, SHAPE), 1200).astype(np.uint16),
        "nir": np.where(lawn, rng.integers(2500, 3000, SHAPE), 1500).astype(np.uint16),
    }
    late = {role: np.where(changed, 1300, own).astype(np.uint16) for role, own in stored.items()}
    moved = {role: own + np.uint16(1000) for role, own in late.items()}
    early = rasters("imagery_before", raster(stored, date=EARLIER))
    right, wrong = (
        measure(rasters("imagery", raster(own, date=SUMMER)), early, EVERYWHERE, asks=HA)
        for own in (late, moved)
    )
    assert not told(right, "suspected")
    assert figures(wrong)["lost"].value > 10 * figures(right)["lost"].value
    index = [(o["nir"] - o["red"].astype(float)) / (o["nir"] + o["red"]) for o in (moved, stored)]
    median = np.median(index[0] - index[1])
    assert median < -0.15
    (said,) = told(wrong, "suspected", "over all ground")
    said = said.reason.removeprefix("over all ground NDVI moved by ")
    assert float(said.split()[0]) == pytest.approx(median, abs=0.0011)


def test_ground_that_was_never_green_is_missed():
    nothing = np.zeros(SHAPE, bool)
    found = measure(image(nothing), before(nothing), EVERYWHERE, asks=HA)
    (said,) = told(found, "suspected")
    assert said.reason.startswith("there is no ground that is green at both dates")


def test_the_strata_are_the_map():
    now, then = patchy(SHAPE, 0.3, 1), patchy(SHAPE, 0.3, 2)
    seen = np.random.default_rng(3).random(SHAPE) < 0.9
    layers = {own.name: own for own in (image(now, seen), before(then), EVERYWHERE)}
    strata = change_strata(layers, places(layers, built_up=False), Settings(), Rules({}))
    codes = np.concatenate([own for _window, own in strata.strips()])
    gained, lost = large(now & ~then & seen), large(then & ~now & seen)
    green = (now & then | (now & ~then & ~gained)) & seen
    expected = np.select([~seen, gained, lost, green], [0, 1, 2, 3], 4)
    assert (codes == expected).all()
    assert (strata.words[1], strata.words[2], strata.of) == ("gained", "lost", "gained")
