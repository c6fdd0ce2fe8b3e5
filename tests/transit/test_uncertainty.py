"""Intervals of a coverage: seeds, limits without errors, and outlines moved by hand."""

import math

import numpy as np
import pytest
from cities import box, city, figures, measured, residents, stops, streets, timetable, zones
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from jxgis.errors import InputError
from jxgis.transit.coverage import Ask
from jxgis.transit.uncertainty import OUTLINES, Errors, draw_replicates, interval, probability

PREFIX = "coverage."
NONE = {"stop_position_error_m": 0, "stops_missing_share": 0, "outline_error_m": 0}
TOWN = city(box(0, 0, 3000, 3000))
RNG = np.random.default_rng(6)
HALTS = [tuple(p) for p in RNG.uniform(0, 3000, (12, 2))]
AREAS = zones(a=box(0, 0, 1500, 3000), b=box(1500, 0, 3000, 3000))
WAYS = streets(*[((x, 0), (x, 3000)) for x in range(0, 3001, 500)])
HOMES = residents(RNG.uniform(0, 3000, (50, 2)), RNG.integers(1, 20, 50))


def sure(*layers, replicates=20, asks=500.0, **rules):
    rules = {"replicates": replicates, **rules}
    named = {PREFIX + name: value for name, value in rules.items()}
    return measured(*layers, asks=asks, rules=named, intervals=True)


def ends(result, key="bus"):
    own = figures(result)[key]
    return own.low, own.high


def test_the_same_seed_gives_the_same_answer_and_another_another():
    layers = stops(*HALTS), TOWN, AREAS, WAYS, HOMES
    first, again, other = (sure(*layers, seed=seed) for seed in (1, 1, 2))
    assert first.indicators == again.indicators
    assert first.by_zone.equals(again.by_zone)
    assert [own.value for own in first.indicators] == [own.value for own in other.indicators]
    for key in ("bus", "bus-walking", "bus-people", "bus-people-walking"):
        low, high = ends(first, key)
        assert 0 <= low < high <= 1
        assert ends(first, key) != ends(other, key)
    assert ends(first, "bus-land-walking") == (None, None)
    assert set(first.rules) >= {PREFIX + "seed", PREFIX + "replicates", PREFIX + "outline_error_m"}


def test_without_errors_the_interval_is_the_figure():
    halts = timetable(HALTS, [3, 6, *[5] * 10])
    result = sure(halts, TOWN, AREAS, WAYS, HOMES, replicates=6, **NONE)
    for own in result.indicators:
        if own.id != "bus-land-walking":
            assert (own.low, own.high) == pytest.approx((own.value, own.value), rel=1e-12), own.id
    table = result.by_zone
    assert list(table["low"]) == pytest.approx(list(table["share"]), rel=1e-12)
    assert list(table["high"]) == pytest.approx(list(table["share"]), rel=1e-12)


def test_outlines_are_moved_by_the_means_of_fifths():
    result = sure(stops((1500, 1500)), TOWN, **{**NONE, "outline_error_m": 100})
    disc = math.pi * 500**2
    shares = [disc / (3000 + 2 * 100 * step) ** 2 for step in (-1.3998, 1.3998)]
    assert ends(result) == pytest.approx(shares[::-1])


def test_the_means_of_fifths_are_those_of_a_normal_distribution():
    draws = np.sort(np.random.default_rng(0).normal(size=500_000)).reshape(5, -1)
    assert list(OUTLINES) == pytest.approx(list(draws.mean(axis=1)), abs=0.01)


def test_missing_stops_go_both_ways():
    result = sure(stops((700, 700), (2300, 2300)), TOWN, replicates=60,
                  **{**NONE, "stops_missing_share": 0.4})  # fmt: skip
    disc = math.pi * 500**2 / 9e6
    # One of two that stand alone is left out, or as many more are there.
    assert ends(result) == pytest.approx((0, 4 * disc))


def test_more_error_of_position_widens():
    widths = []
    for error in (5, 50, 200):
        low, high = ends(sure(stops(*HALTS), TOWN, **{**NONE, "stop_position_error_m": error}))
        widths.append(high - low)
    assert widths == sorted(widths)
    assert widths[2] > 2 * widths[0]


def test_stops_move_by_the_stated_distance():
    errors = Errors(30.0, 0.1, 0.0, 50, 4)
    at = np.zeros((1000, 2))
    draws = draw_replicates(at, errors)
    squares = [(own.points**2).sum(axis=1).mean() for own in draws]
    assert np.sqrt(np.mean(squares)) == pytest.approx(30, rel=0.02)
    assert np.mean([own.kept.mean() for own in draws]) == pytest.approx(0.9, abs=0.005)
    assert sum(own.sign for own in draws) == 0
    assert np.bincount([own.outline for own in draws]).tolist() == [10] * 5


@pytest.mark.parametrize(
    ("threshold", "sense", "likely"),
    [(0.01, "at_least", 1), (0.99, "at_least", 0), (0.01, "at_most", 0), (0.99, "at_most", 1)],
)
def test_a_target_far_away_is_met_surely_or_never(threshold, sense, likely):
    asks = [Ask("bus", 500.0, threshold=threshold, sense=sense), Ask("other", 500.0)]
    found = figures(sure(stops(*HALTS), TOWN, asks=asks))
    assert found["bus"].probability == likely
    assert found["other"].probability is None


def test_a_target_on_the_figure_is_met_about_every_other_time():
    at = figures(sure(stops(*HALTS), TOWN))["bus"].value
    asks = [Ask("bus", 500.0, threshold=at)]
    assert (
        0.15
        < figures(sure(stops(*HALTS), TOWN, asks=asks, replicates=60))["bus"].probability
        < 0.85
    )


@given(arrays(float, st.integers(1, 60), elements=st.floats(0, 1)))
def test_an_interval_leaves_a_twentieth_at_either_end(shares):
    low, high = interval(shares)

    def quantile(q):
        own = np.sort(shares)
        at = q * (len(own) - 1)
        first = math.floor(at)
        return own[first] + (at - first) * (own[math.ceil(at)] - own[first])

    assert (low, high) == pytest.approx((quantile(0.05), quantile(0.95)), abs=1e-12)


def test_the_least_and_the_most_of_shares():
    shares = np.array([0.2, 0.4, 0.6, 0.8])
    assert probability(shares, 0.6, "at_least") == 0.5
    assert probability(shares, 0.6, "at_most") == 0.75
    for none in (np.empty(0), np.array([0.5, np.nan])):
        assert interval(none) is None
        assert probability(none, 0.5, "at_least") is None


def test_no_replicates_give_no_interval():
    asks = [Ask("bus", 500.0, threshold=0.5)]
    for result in (
        sure(stops(*HALTS), TOWN, asks=asks, replicates=0),
        measured(stops(*HALTS), TOWN, asks=asks),
    ):
        (own,) = result.indicators
        assert (own.low, own.high, own.probability) == (None, None, None)
        assert "low" not in result.by_zone


@pytest.mark.parametrize(
    "wrong", [{"replicates": 1}, {"replicates": 2.5}, {"seed": 0.5}, {"stops_missing_share": 1}]
)
def test_what_cannot_be_drawn_is_refused(wrong):
    with pytest.raises(InputError, match="whole numbers"):
        sure(stops(*HALTS), TOWN, **wrong)
