"""Samples that are small, or of maps with hardly any of a class: read back, and not oversure."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from scenes_made import (
    SUMMER,
    box,
    built_up,
    drawn,
    figures,
    ground,
    image,
    looked_up,
    measured,
    patchy,
    table,
    told,
    zones,
)

from jxgis.errors import InputError
from jxgis.green.asking import Ask
from jxgis.green.change import change
from jxgis.green.cover import cover

SHAPE = (100, 100)
MAPPED = patchy(SHAPE, 0.4, 1)
SCENE = image(MAPPED)
AREA = built_up(ground(shapely.box(2, 2, 98, 98)))


def read_back(scene, area, mapped, points=60, **more):
    """Draw a sample of a map, find it right everywhere, and measure with it."""
    rules = {"green.least_points": 10}
    frame = drawn("green", scene, area, points=points, rules=rules)[1]
    return measured(
        cover, scene, area, looked_up(frame, np.where(mapped, "green", "other")), **more
    )


def test_two_points_a_class_that_agree_are_no_certainty():
    rules = {"green.least_points": 2}
    frame = drawn("green", SCENE, AREA, points=4, rules=rules)[1]
    sample = looked_up(frame, np.where(MAPPED, "green", "other"))
    found = measured(cover, SCENE, AREA, sample, asks=[Ask("it", threshold=0.3)])
    own = figures(found)["it"]
    assert own.value == pytest.approx(figures(found)["it-mapped"].value)
    assert (own.low, own.high, own.probability) == (None, None, None)
    assert "level" not in own.params
    assert own.params["points"] == 4
    (said,) = told(found, "suspected", "takes more reference points")
    assert said.count == 46
    assert "23 where the map shows green" in said.reason
    assert "23 where the map shows other" in said.reason


def test_a_net_change_of_few_points_has_no_interval_either():
    then = image(MAPPED, kind="imagery_before", date=SUMMER.replace(year=2020))
    now_green = MAPPED ^ patchy(SHAPE, 0.1, 3, side=8)
    layers = image(now_green), then, zones(all=box(2, 2, 98, 98))
    truth = np.select(
        [now_green & ~MAPPED, MAPPED & ~now_green, MAPPED], ["gained", "lost", "green"], "other"
    )
    asks = [Ask("it", of="gained"), Ask("net", of="net", threshold=0.0)]
    for least, sure in ((10, False), (25, True)):
        rules = {"green.least_points": least}
        frame = drawn("change", *layers, points=4 * least, rules=rules)[1]
        sample = looked_up(frame, truth, "reference_change")
        own = figures(measured(change, *layers, sample, asks=asks))
        for name in ("it", "net"):
            assert (own[name].low is not None) == (own[name].high is not None) == sure
            assert ("level" in own[name].params) == sure
            if sure:
                assert own[name].low < own[name].value < own[name].high
        assert (own["net"].probability is not None) == sure


def test_a_sample_too_small_for_an_interval_says_so_when_it_is_drawn():
    result = drawn("green", SCENE, AREA, points=40, rules={"green.least_points": 10})[0]
    said = told(result, "suspected", "the figure has no interval")
    counts = dict(zip(("green", "other"), table(result, "strata")["points"].tolist(), strict=True))
    expected = [f"{word} has {n} points" for word, n in counts.items() if n < 25]
    assert expected
    assert [row.reason.partition(",")[0] for row in said] == expected
    enough = drawn("green", SCENE, AREA, points=100)[0]
    assert not told(enough, "suspected", "no interval")
    few = np.zeros(SHAPE, bool)
    few[50, 20:28] = True  # all of its cells are drawn
    assert not told(drawn("green", image(few), AREA, points=100)[0], "suspected", "no interval")


def test_points_enough_that_agree_have_an_interval_all_the_same():
    found = read_back(SCENE, AREA, MAPPED, asks=[Ask("it", threshold=0.3)])
    own = figures(found)["it"]
    assert own.low < own.value - 0.005
    assert own.value + 0.005 < own.high
    assert 0.5 < own.probability < 1


def test_of_a_zone_with_few_points_the_map_has_the_figure():
    thirds = zones(most=box(2, 2, 70, 98), few=box(70, 2, 98, 98))
    asks = [Ask("few", ("few",), threshold=0.3), Ask("it")]
    frame = drawn("green", SCENE, thirds, points=150)[1]
    sample = looked_up(frame, np.where(MAPPED, "green", "other"))
    found = measured(cover, SCENE, thirds, sample, asks=asks)
    rows = found.by_zone.set_index("zone_id")
    columns = ["green_share_adjusted", "green_share_low", "green_share_high"]
    assert 4 < rows.loc["few", "points"] < 50
    assert rows.loc["few", columns].isna().all()
    assert rows.loc["most", columns].notna().all()
    own = figures(found)["few"]
    assert own.value == pytest.approx(rows.loc["few", "green_share"])
    assert (own.low, own.probability) == (None, None)
    assert told(found, "suspected", "District few")


@pytest.mark.parametrize("cells", [0, 1, 8])
def test_a_map_with_hardly_any_of_a_class_reads_its_own_sample(cells):
    mapped = np.zeros(SHAPE, bool)
    mapped[50, 20 : 20 + cells] = True
    mapped[10:14, 98] = True  # of these cells 0.4 are inside, without their middles
    area = built_up(ground(shapely.box(2, 2, 98.4, 98)))
    found = read_back(image(mapped), area, mapped)
    own, beside = found.indicators
    assert beside.numerator == pytest.approx((cells + 1.6) * 100)
    assert table(found, "confusion")["total"].iloc[0] == cells
    assert 0 <= own.low <= own.value < own.high
    said = told(found, "assumed", "too little to be judged apart")
    area_m2 = f"{(cells + 1.6) * 100:,.0f}"
    begins = f"green: the map shows {area_m2} m² of it, with {cells} reference points"
    assert [row.reason.startswith(begins) for row in said] == ([True] if cells < 2 else [])
    if cells == 8:  # all of them, and they are right
        assert own.value == pytest.approx(beside.value)


def test_a_class_that_points_could_be_drawn_in_must_have_some():
    frame = drawn("green", SCENE, AREA, points=100)[1]
    sample = looked_up(frame, np.where(MAPPED, "green", "other"))
    others = replace(sample, data=sample.data[sample.data["stratum"] == "other"])
    with pytest.raises(InputError, match="0 points lie where the map shows green"):
        measured(cover, SCENE, AREA, others)
