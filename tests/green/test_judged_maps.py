"""A map with known errors, judged by samples of the truth: intervals, targets, what is refused."""

import math
from dataclasses import replace

import numpy as np
import pytest
import shapely
from scenes_made import (
    SUMMER,
    box,
    built_up,
    drawn,
    extracted,
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

from jxgis.errors import InputError, InputErrors, MissingColumnError
from jxgis.green.asking import Ask
from jxgis.green.change import change
from jxgis.green.cover import cover

SHAPE = (300, 300)
TRUTH = patchy(SHAPE, 0.4, 1)
_ERRORS = np.random.default_rng(2).random(SHAPE)
MAPPED = np.where(TRUTH, _ERRORS > 0.12, _ERRORS < 0.05)  # misses 12 %, and adds 5 %
SCENE = image(MAPPED)
WHOLE = ground(shapely.Point(149.7, 151.2).buffer(140.3))
AREA = built_up(WHOLE)
HALVES = zones(
    west=box(0, 0, 150.5, 300), east=box(150.5, 0, 300, 300), none=box(500, 500, 510, 510)
)


def words(mask, yes="green"):
    return np.where(mask, yes, "other")


def true_share(shape=WHOLE):
    return extracted([shape], TRUTH)[0] / shape.area


@pytest.fixture(scope="module")
def sampled():
    frame = drawn("green", SCENE, AREA, points=600)[1]
    return looked_up(frame, words(TRUTH))


def test_95_of_100_intervals_hold_the_truth():
    truth, held, means = true_share(), 0, []
    for seed in range(100):
        frame = drawn("green", SCENE, AREA, points=300, seed=seed)[1]
        sample = looked_up(frame, words(TRUTH))
        own = figures(measured(cover, SCENE, AREA, sample))["it"]
        assert own.low < own.value < own.high
        held += own.low <= truth <= own.high
        means.append(own.value)
    assert 92 <= held <= 98
    spread = np.std(means, ddof=1)
    assert abs(np.mean(means) - truth) < 3 * spread / 10
    assert 0.7 < (own.high - own.low) / 2 / (1.96 * spread) < 1.3


def test_the_figure_is_the_estimate_and_the_mapped_one_stands_beside_it(sampled):
    found = measured(cover, SCENE, AREA, sampled)
    own, beside = found.indicators
    assert (own.id, beside.id, beside.beside, own.beside) == ("it", "it-mapped", "it", None)
    (mapped,) = extracted([WHOLE], MAPPED)
    assert beside.value == pytest.approx(mapped / WHOLE.area, abs=1e-6)
    assert (beside.low, beside.high) == (None, None)
    assert beside.params["mapped"] is True
    assert (own.params["level"], own.params["points"]) == (0.95, 600)
    assert own.value != beside.value
    assert own.numerator == pytest.approx(own.value * WHOLE.area, rel=1e-6)
    stratum, truth = (sampled.data[c].to_numpy() == "green" for c in ("stratum", "reference"))
    weight = mapped / WHOLE.area
    rates = [truth[stratum].mean(), truth[~stratum].mean()]
    assert own.value == pytest.approx(weight * rates[0] + (1 - weight) * rates[1], abs=1e-6)
    assert [t.name for t in found.tables] == ["accuracy", "confusion"]
    assert table(found, "confusion")["total"].iloc[-1] == 600
    assert told(found, "note", "by 600 reference points")


def test_how_likely_a_target_is_met(sampled):
    asks = [
        Ask("low", threshold=0.1),
        Ask("high", threshold=0.9),
        Ask("not_low", threshold=0.1, sense="at_most"),
        Ask("not_high", threshold=0.9, sense="at_most"),
        Ask("middle", threshold=figures(measured(cover, SCENE, AREA, sampled))["it"].value),
        Ask("none"),
    ]
    own = figures(measured(cover, SCENE, AREA, sampled, asks=asks))
    assert own["low"].probability == pytest.approx(1, abs=1e-9)
    assert own["high"].probability == pytest.approx(0, abs=1e-9)
    assert own["not_low"].probability == pytest.approx(0, abs=1e-9)
    assert own["not_high"].probability == pytest.approx(1, abs=1e-9)
    assert own["middle"].probability == pytest.approx(0.5)
    assert own["none"].probability is None
    assert own["low-mapped"].probability is None


def test_units_of_area_and_their_targets(sampled):
    share = figures(measured(cover, SCENE, AREA, sampled))["it"]
    target = share.value * WHOLE.area * 15 / 1e4
    asks = [Ask("mu", unit="mu", threshold=target), Ask("far", unit="ha", threshold=1e9)]
    own = figures(measured(cover, SCENE, AREA, sampled, asks=asks))
    assert own["mu"].unit == own["mu-mapped"].unit == "mu"
    for name in ("value", "low", "high"):
        expected = getattr(share, name) * WHOLE.area * 15 / 1e4
        assert getattr(own["mu"], name) == pytest.approx(expected, rel=1e-6)
    assert own["mu"].probability == pytest.approx(0.5, abs=1e-3)
    assert own["far"].probability == 0


def test_each_zone_has_an_interval_of_the_points_in_it(sampled):
    asks = [Ask("w", ("west",)), Ask("it"), Ask("e", ("east",))]
    found = measured(cover, SCENE, AREA, HALVES, sampled, asks=asks)
    assert table(found, "confusion")["total"].iloc[-1] == 600  # of the largest area
    rows = found.by_zone.set_index("zone_id")
    assert rows.loc["west", "points"] + rows.loc["east", "points"] == 600
    for name in ("west", "east"):
        low, share, high = rows.loc[
            name, ["green_share_low", "green_share_adjusted", "green_share_high"]
        ]
        half = WHOLE.intersection(HALVES.data.set_index("zone_id").geometry[name])
        assert low < share < high
        assert low - 0.02 < true_share(half) < high + 0.02
    assert rows.loc["none", "points"] == 0
    assert math.isnan(rows.loc["none", "green_share_low"])
    own = figures(found)["w"]
    assert own.value == pytest.approx(rows.loc["west", "green_share_adjusted"])
    assert own.low == pytest.approx(rows.loc["west", "green_share_low"])
    assert own.params["points"] == rows.loc["west", "points"]


def test_a_zone_that_nobody_saw_has_no_figure_and_stops_nothing(sampled):
    asks = [Ask("it"), Ask("none", ("none",), threshold=0.4)]
    found = figures(
        measured(cover, SCENE, zones(all=WHOLE, none=box(500, 500, 510, 510)), sampled, asks=asks)
    )
    assert found["none"].value is None
    assert found["it"].low < found["it"].value


def test_a_zone_with_too_few_points_keeps_the_figure_of_the_map(sampled):
    small = zones(all=WHOLE, small=box(140, 140, 146.5, 147))
    asks = [Ask("small", ("small",), threshold=0.4), Ask("it")]
    found = measured(cover, SCENE, small, sampled, asks=asks)
    own, row = figures(found)["small"], found.by_zone.set_index("zone_id").loc["small"]
    assert own.value == pytest.approx(row["green_share"])
    assert (own.low, own.probability) == (None, None)
    assert math.isnan(row["green_share_low"])
    (said,) = told(found, "suspected")
    assert said.reason.startswith("District small: a class of the map has too few reference points")


def test_points_may_lie_on_the_outline_of_the_area():
    half = built_up(box(10.5, 10.5, 150.5, 150.5), box(150.5, 10.5, 250.5, 150.5))
    frame = drawn("green", SCENE, half, rules={"green.least_points": 5_000}, points=30_000)[1]
    sample = looked_up(frame, words(TRUTH))
    found = figures(measured(cover, SCENE, half, sample))
    assert found["it"].params["points"] == len(frame)


def test_points_outside_the_area_are_named(sampled):
    small = built_up(ground(shapely.Point(149.7, 151.2).buffer(100)))
    with pytest.raises(InputError, match="points lie outside the mapped area") as caught:
        measured(cover, SCENE, small, sampled)
    assert caught.value.layer == "reference"
    assert caught.value.mend


def test_a_sample_of_another_map_is_refused(sampled):
    with pytest.raises(InputError, match="the sample was drawn from another map"):
        measured(cover, image(TRUTH), AREA, sampled)
    with pytest.raises(InputError, match="drawn from another map"):
        measured(cover, SCENE, AREA, sampled, rules={"green.ndvi_threshold": 0.75})


def test_a_sample_that_is_not_filled_in_is_refused(sampled):
    data = sampled.data
    empty = replace(sampled, data=data.assign(reference=""))
    with pytest.raises(InputError, match="600 of 600 points have no reference"):
        measured(cover, SCENE, AREA, empty)
    half = data["reference"].where(np.arange(600) % 100 > 0, "")
    with pytest.raises(InputError, match="6 of 600 points have no reference"):
        measured(cover, SCENE, AREA, replace(sampled, data=data.assign(reference=half)))
    without = replace(sampled, data=data.drop(columns="reference"))
    with pytest.raises(MissingColumnError, match="no column reference"):
        measured(cover, SCENE, AREA, without)
    wrong = replace(sampled, data=data.assign(reference="tree", point_id="G0001"))
    with pytest.raises(InputErrors) as caught:
        measured(cover, SCENE, AREA, wrong)
    assert len(caught.value.errors) == 2


def test_a_map_of_parts_is_judged_by_its_cells(sampled):
    found = figures(measured(cover, SCENE, AREA, sampled, by="fraction"))
    share = figures(measured(cover, SCENE, AREA, sampled))["it"]
    assert (found["it"].value, found["it"].low) == pytest.approx((share.value, share.low), abs=1e-6)
    assert found["it-mapped"].value != pytest.approx(share.value, abs=0.01)


LATER = np.where(np.random.default_rng(7).random(SHAPE) < 0.3, patchy(SHAPE, 0.4, 5), TRUTH)


def test_a_change_is_judged_by_its_own_sample():
    now = image(LATER)
    then = image(MAPPED, kind="imagery_before", date=SUMMER.replace(year=2020))
    whole = zones(all=WHOLE)
    frame = drawn("change", now, then, whole, points=3000)[1]
    truth = np.select(
        [LATER & ~TRUTH, TRUTH & ~LATER, LATER & TRUTH], ["gained", "lost", "green"], "other"
    )
    sample = looked_up(frame, truth, "reference_change")
    asks = [Ask("gained"), Ask("lost", of="lost", unit="ha"), Ask("net", of="net", threshold=-1)]
    own = figures(measured(change, now, then, whole, sample, asks=asks))
    gained, lost = (
        extracted([WHOLE], truth == word)[0] / WHOLE.area for word in ("gained", "lost")
    )
    assert own["gained"].low < gained < own["gained"].high
    assert own["lost"].low < lost * WHOLE.area / 1e4 < own["lost"].high
    assert own["net"].low < gained - lost < own["net"].high
    assert own["net"].value == pytest.approx(
        own["gained"].value - own["lost"].value / WHOLE.area * 1e4, abs=1e-6
    )
    assert own["net"].probability == 1
    assert own["net-mapped"].value != own["net"].value
