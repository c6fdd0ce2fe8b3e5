"""Points drawn from a map: in cells of their class, inside, seen, as many as are wanted."""

import numpy as np
import pytest
import shapely
from scenes_made import (
    SUMMER,
    UTM,
    bands,
    box,
    built_up,
    canopy,
    cells_at,
    drawn,
    figures,
    ground,
    image,
    land_cover,
    looked_up,
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
from jxgis.green.change import change
from jxgis.green.cover import cover
from jxgis.kernels.sampling import points_for
from jxgis.rasters import Grid

SHAPE = (150, 130)
GREEN = patchy(SHAPE, 0.4, 1)
SEEN = np.random.default_rng(2).random(SHAPE) < 0.9
_RING = shapely.Point(60.2, 70.4).buffer(55.3).difference(shapely.Point(55, 60).buffer(12.2))
AREA = ground(_RING)
SCENE = image(GREEN, SEEN)
LAYERS = SCENE, built_up(AREA), zones(a=box(0, 0, 70, 150), b=box(70, 0, 130, 150))


def middles_inside(shape):
    row, column = np.indices(SHAPE)
    return shapely.contains_xy(shape, column + 0.5, row + 0.5)


INSIDE = middles_inside(_RING)


def test_each_point_lies_in_a_seen_cell_of_its_class_inside_the_area():
    result, frame, classes = drawn("green", *LAYERS, points=900)
    row, column = cells_at(frame)
    assert len(frame) == len(set(zip(row, column, strict=True))) == 900
    assert SEEN[row, column].all()
    assert INSIDE[row, column].all()
    assert (GREEN[row, column] == (frame["stratum"] == "green")).all()
    assert classes == {"green": "green", "other": "other"}
    assert figures(result)["points"].value == 900


def test_the_table_of_strata_counts_the_cells():
    result, frame, _classes = drawn("green", *LAYERS, points=900)
    rows = table(result, "strata")
    cells = [(own & SEEN & INSIDE).sum() for own in (GREEN, ~GREEN)]
    assert rows["mapped_ha"].tolist() == pytest.approx([n / 100 for n in cells])
    assert rows["mapped_mu"].tolist() == pytest.approx([n * 0.15 for n in cells])
    assert rows["share"].tolist() == pytest.approx(np.array(cells) / sum(cells))
    counts = frame["stratum"].value_counts()
    assert rows["points"].tolist() == [counts["green"], counts["other"]]


@pytest.mark.parametrize("margin", [0.02, 0.05])
def test_the_number_by_margin(margin):
    result, frame, _classes = drawn("green", *LAYERS, margin=margin)
    cells = np.array([(own & SEEN & INSIDE).sum() for own in (GREEN, ~GREEN)])
    n, sizes = points_for(cells / cells.sum(), [0.9, 0.06], margin, least=50)
    assert len(frame) == n
    assert table(result, "strata")["points"].tolist() == sizes.tolist()
    assert told(result, "assumed", f"about ±{margin:.2%}")


def test_a_change_is_taken_to_be_missed_rarely():
    then = image(GREEN, kind="imagery_before", date=SUMMER.replace(year=2020))
    layers = image(GREEN ^ patchy(SHAPE, 0.1, 3, side=8)), then, LAYERS[2]
    result, frame, _classes = drawn("change", *layers, margin=0.005)
    rows = table(result, "strata")
    shares = rows["share"].to_numpy()
    n, sizes = points_for(shares, [0.9, 0.005, 0.005, 0.005], 0.005, least=50)
    assert len(frame) == n
    assert rows["points"].tolist() == sizes.tolist()
    assert result.rules["green.missed_change_share"]["value"] == 0.005
    assert "green.missed_share" not in result.rules
    other = drawn("change", *layers, margin=0.005, rules={"green.missed_change_share": 0.02})[1]
    assert len(other) > n


def test_a_margin_that_no_number_of_points_gives():
    with pytest.raises(InputError, match="out of reach") as caught:
        drawn("green", *LAYERS, margin=1e-6)
    assert caught.value.mend


def test_no_more_points_than_cells():
    result, frame, _classes = drawn("green", *LAYERS, points=20_000)
    cells = (SEEN & INSIDE).sum()
    assert len(frame) <= cells
    assert table(result, "strata")["points"].max() < 20_000


@pytest.mark.parametrize("of", ["green", "trees", "change"])
def test_the_same_seed_draws_the_same_points_whatever_the_strips(of, monkeypatch):
    percent = np.where(patchy(SHAPE, 0.2, 3), 60, 10).astype(np.uint8)
    then = image(
        patchy(SHAPE, 0.4, 9), kind="imagery_before", date=SUMMER.replace(year=2020), name="old.tif"
    )
    layers = *LAYERS, canopy(percent, SEEN), then
    one = drawn(of, *layers, points=400, seed=7)[1]
    for cells, rows, workers in ((1, 1, 3), (2000, 1, 1)):
        monkeypatch.setattr(passes, "_STRIP_CELLS", cells)
        monkeypatch.setattr(passes, "_STRIP_ROWS", rows)
        monkeypatch.setattr(passes.os, "cpu_count", lambda workers=workers: workers)
        assert drawn(of, *layers, points=400, seed=7)[1].equals(one)
    assert not drawn(of, *layers, points=400, seed=8)[1].equals(one)


def test_trees_are_drawn_from_all_land_and_green_from_the_built_up_area():
    layers = land_cover(np.where(GREEN, 1, 3)), *LAYERS
    frame = drawn("trees", *layers, points=500)[1]
    row, column = cells_at(frame)
    assert ((frame["stratum"] == "tree") == GREEN[row, column]).all()
    assert not INSIDE[row, column].all()


def test_the_whole_sample_fits_its_own_map():
    frame = drawn("green", *LAYERS, points=400)[1]
    sample = looked_up(frame, np.where(GREEN, "green", "other"))
    found = table(measured(cover, *LAYERS, sample), "confusion")
    assert found["total"].tolist()[-1] == 400
    assert found["share_users"].tolist()[:2] == [1, 1]


def test_fewer_points_than_each_class_must_have():
    with pytest.raises(InputError) as caught:
        drawn("green", *LAYERS, points=99)
    assert caught.value.problem == "99 points are fewer than 50 for each class of the map"
    assert "Ask for at least 100" in caught.value.mend
    assert len(drawn("green", *LAYERS, points=99, rules={"green.least_points": 40})[1]) == 99


def test_a_class_with_fewer_cells_than_it_must_have_gives_them_all():
    few = np.zeros(SHAPE, bool)
    few[70, 75:88] = True
    frame = drawn("green", image(few), LAYERS[1], points=200)[1]
    assert (frame["stratum"] == "green").sum() == 13
    assert len(frame) == 200


def test_a_map_of_one_class():
    frame = drawn("green", image(np.ones(SHAPE, bool)), LAYERS[1], points=200)[1]
    assert frame["stratum"].tolist() == ["green"] * 200


def test_a_change_without_gains():
    then = image(GREEN, kind="imagery_before", date=SUMMER.replace(year=2020))
    now = image(GREEN & ~patchy(SHAPE, 0.1, 3, side=8))
    layers = now, then, LAYERS[2]
    result, frame, _classes = drawn("change", *layers, points=300)
    assert set(frame["stratum"]) == {"lost", "green", "other"}
    assert table(result, "strata")["points"].tolist()[0] == 0
    truth = np.full(SHAPE, "other")
    found = measured(change, *layers, looked_up(frame, truth, "reference_change"))
    assert figures(found)["it"].value == 0


def test_nothing_seen_is_nothing_to_draw_from():
    for layer in (image(GREEN, np.zeros(SHAPE, bool)), image(GREEN, grid=far_grid())):
        with pytest.raises(InputError, match="there is nothing to draw from"):
            drawn("green", layer, LAYERS[1], points=200)
    with pytest.raises(InputError, match="there is no layer"):
        drawn("green", LAYERS[1], points=200)


def far_grid():
    return Grid(UTM, (10.0, 0.0, 500_000.0, 0.0, -10.0, 3_300_000.0), *SHAPE[::-1])


def test_several_dates_are_one_map():
    rng = np.random.default_rng(4)
    masks, seen = rng.random((3, *SHAPE)) < 0.5, rng.random((3, *SHAPE)) < 0.7
    dates = [raster(bands(m), s, date=SUMMER) for m, s in zip(masks, seen, strict=True)]
    frame = drawn("green", rasters("imagery", *dates), LAYERS[1], points=500)[1]
    own = 2 * (masks & seen).sum(axis=0) > seen.sum(axis=0)
    row, column = cells_at(frame)
    assert (own[row, column] == (frame["stratum"] == "green")).all()
    assert seen.any(axis=0)[row, column].all()
