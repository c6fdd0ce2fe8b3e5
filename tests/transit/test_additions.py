"""New stops: against every subset of candidates of a city small enough to try them all."""

import re
from itertools import combinations

import numpy as np
import pytest
import shapely
from cities import (
    ORIGIN,
    Y,
    box,
    city,
    figures,
    layer,
    line,
    measured,
    near,
    residents,
    stops,
    streets,
    told,
    zones,
)

from jxgis.errors import InputError
from jxgis.kernels.discs import covered_area
from jxgis.rules import Rules
from jxgis.transit.additions import additions
from jxgis.transit.candidates import candidates_along
from jxgis.transit.coverage import Ask

RULES = {"additions.spacing_m": 300, "additions.cell_m": 25, "additions.least_distance_m": 200}
# A bent strip with a street along its middle and one across it.
TOWN = city(box(0, 0, 2400, 700), box(1700, 700, 2400, 2000))
HALTS = [(200, 350), (2100, 1900)]
WAYS = [((0, 350), (2400, 350)), ((2050, 350), (2050, 2000))]


def added(*layers, target=0.9, radius=500.0, rules=None, asks=None, **options):
    asks = asks or [Ask("bus", radius, threshold=target)]
    by_name = {own.name: own for own in layers}
    options = {"rules": Rules({**RULES, **(rules or {})}), "drawings": False, **options}
    return additions(by_name, asks, **options)


def places(result):
    (own,) = result.tables
    return own.data[["x_m", "y_m"]].to_numpy() - ORIGIN


def area(halts, radius=500.0, town=TOWN):
    at = np.asarray(halts, float).reshape(-1, 2) + ORIGIN
    return float(covered_area(at, radius, town.data.geometry.to_numpy()).sum())


def candidates(ways=WAYS, halts=HALTS, spacing=300.0, least=200.0):
    """Step along each line by hand; lines are straight."""
    found = []
    for (x0, y0), (x1, y1) in ways:
        steps = int(np.ceil(np.hypot(x1 - x0, y1 - y0) / spacing - 1e-9))
        found += [
            (x0 + (x1 - x0) * i / steps, y0 + (y1 - y0) * i / steps) for i in range(steps + 1)
        ]
    return [p for p in dict.fromkeys(found) if not near([p], halts, least - 1e-9)[0]]


def fewest(worth, spots, wanted):
    """Try all subsets, small ones first."""
    for k in range(len(spots) + 1):
        best = max(worth([*own]) for own in combinations(spots, k))
        if best >= wanted:
            return k
    raise AssertionError


def is_greedy(found, worth):
    for k in range(len(found) - 1):
        own = worth(found[: k + 1])
        others = [worth([*found[:k], one]) for one in found[k + 1 :]]
        assert own >= max(others) * (1 - 1e-9)


@pytest.mark.parametrize("target", [0.6, 0.8, 0.92])
def test_the_fewest_stops_are_as_few_as_any_subset(target):
    result = added(stops(*HALTS), TOWN, streets(*WAYS), target=target)
    found, whole = [tuple(p) for p in places(result)], TOWN.data.area.sum()
    spots = candidates()
    assert near(found, spots, 1e-3).all()
    least = fewest(lambda own: area([*HALTS, *own]), spots, target * whole)
    assert len(found) == least
    own = figures(result)
    assert own["bus"].value == pytest.approx(area([*HALTS, *found]) / whole, rel=1e-9)
    assert own["bus"].value >= target
    assert own["bus"].met
    assert own["bus-before"].value == pytest.approx(area(HALTS) / whole, rel=1e-9)
    number = own["bus-stops"]
    assert number.value == least
    assert number.params["bound"] <= least <= number.params["greedy"]
    is_greedy(found, lambda those: area([*HALTS, *those]))
    (table,) = (t.data for t in result.tables)
    assert list(table["number"]) == list(range(1, least + 1))
    steps = [area([*HALTS, *found[:k]]) for k in range(least + 1)]
    assert list(table["gain_m2"]) == pytest.approx(list(np.diff(steps)), abs=1e-3)
    assert table["gain_m2"].sum() == pytest.approx(
        own["bus"].numerator - own["bus-before"].numerator, abs=1e-3
    )
    assert list(table["share_after"]) == pytest.approx([s / whole for s in steps[1:]])


def test_the_share_then_is_the_coverage_with_these_stops():
    areas = zones(a=box(0, 0, 1500, 700), b=box(1500, 0, 2400, 2000))
    result = added(stops(*HALTS), TOWN, areas, streets(*WAYS))
    again = measured(stops(*HALTS, *places(result)), TOWN, areas)
    assert figures(again)["bus"].value == pytest.approx(figures(result)["bus"].value, rel=1e-12)
    assert list(again.by_zone["share"]) == pytest.approx(
        list(result.by_zone["share_after"]), rel=1e-12
    )
    before = measured(stops(*HALTS), TOWN, areas).by_zone["share"]
    assert list(result.by_zone["share_before"]) == pytest.approx(list(before), rel=1e-12)
    (table,) = (t.data for t in result.tables)
    inside = shapely.intersects(
        areas.data.geometry.to_numpy()[:, None], shapely.points(places(result) + ORIGIN)
    )
    for name, own in zip(table["zone"], inside.T, strict=True):
        assert name in {z for z, there in zip(areas.data["zone"], own, strict=True) if there}


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_best_of_a_number_is_the_best_of_all_subsets(count):
    result = added(stops(*HALTS), TOWN, streets(*WAYS), count=count)
    found = places(result)
    assert len(found) == count
    best = max(area([*HALTS, *own]) for own in combinations(candidates(), count))
    assert area([*HALTS, *found]) == pytest.approx(best, rel=2e-3)  # cells of 25 m
    own = figures(result)
    assert own["bus"].numerator == pytest.approx(area([*HALTS, *found]), rel=1e-9)
    assert (own["bus"].target, own["bus"].met) == (None, None)
    is_greedy(found.tolist(), lambda those: area([*HALTS, *those]))


RNG = np.random.default_rng(7)
HOMES = np.concatenate(
    [RNG.uniform((0, 0), (2400, 700), (60, 2)), RNG.uniform((1700, 700), (2400, 2000), (40, 2))]
)
NUMBER = RNG.integers(1, 30, 100)


def served(halts):
    return NUMBER[near(HOMES, halts, 400)].sum()


@pytest.mark.parametrize("target", [0.5, 0.75, 0.9])
def test_people_are_served_with_the_fewest_stops(target):
    asks = [Ask("bus", 400.0, of="people", threshold=target)]
    layers = stops(*HALTS), TOWN, streets(*WAYS), residents(HOMES, NUMBER)
    result = added(*layers, asks=asks)
    found = [tuple(p) for p in places(result)]
    least = fewest(lambda own: served([*HALTS, *own]), candidates(), target * NUMBER.sum())
    assert len(found) == least
    own = figures(result)
    assert own["bus"].numerator == pytest.approx(served([*HALTS, *found]))
    assert own["bus"].denominator == NUMBER.sum()
    assert own["bus"].value >= target
    assert own["bus-before"].numerator == pytest.approx(served(HALTS))
    assert own["bus-stops"].params["proven"]
    assert own["bus-stops"].params["bound"] == least
    is_greedy(found, lambda those: served([*HALTS, *those]))
    (table,) = (t.data for t in result.tables)
    steps = [served([*HALTS, *found[:k]]) for k in range(least + 1)]
    assert list(table["gain_people"]) == pytest.approx(list(np.diff(steps)))


def test_the_most_people_are_served_by_a_number_of_stops():
    layers = stops(*HALTS), TOWN, streets(*WAYS), residents(HOMES, NUMBER)
    result = added(*layers, asks=[Ask("bus", 400.0, of="people")], count=2)
    best = max(served([*HALTS, *own]) for own in combinations(candidates(), 2))
    assert figures(result)["bus"].numerator == pytest.approx(best)


def test_an_unreachable_target_says_how_far_one_gets():
    with pytest.raises(InputError) as error:
        added(stops(*HALTS), TOWN, streets(WAYS[0]), target=0.95)
    every = area([*HALTS, *candidates(WAYS[:1])]) / TOWN.data.area.sum()
    text = str(error.value)
    assert "no set of candidates reaches 95.00%" in text
    said = float(re.search(r"together reach ([\d.]+)%", text)[1]) / 100
    assert every - 1e-4 <= said <= every


def test_all_that_candidates_reach_is_reached():
    every = area([*HALTS, *candidates()]) / TOWN.data.area.sum()
    result = added(stops(*HALTS), TOWN, streets(*WAYS), target=every - 1e-6)
    assert figures(result)["bus"].value >= every - 1e-6


def test_a_target_that_is_met_needs_no_stops():
    result = added(stops(*HALTS), TOWN, streets(*WAYS), target=0.1)
    own = figures(result)
    assert own["bus-stops"].value == 0
    assert own["bus"].value == own["bus-before"].value


def test_a_figure_of_one_zone_is_brought_up_there():
    west = box(0, 0, 1500, 700)
    asks = [Ask("bus", 500.0, ("a",), threshold=0.9)]
    areas = zones(a=west, b=box(1500, 0, 2400, 2000))
    result = added(stops(*HALTS), TOWN, areas, streets(*WAYS), asks=asks)
    found = [tuple(p) for p in places(result)]
    part = city(west)
    least = fewest(lambda own: area([*HALTS, *own], town=part), candidates(), 0.9 * west.area)
    assert len(found) == least
    assert figures(result)["bus"].numerator == pytest.approx(area([*HALTS, *found], town=part))


# Where a stop may stand.


def spots(lines, halts=((-9000, 0),), spacing=100.0, least=150.0):
    own = candidates_along(lines, np.array(halts, float) + ORIGIN, spacing_m=spacing, least_m=least)
    return own.points - ORIGIN, own


def test_candidates_keep_their_spacing_and_their_distance_from_stops():
    ways = [((0, 0), (1030, 0)), ((1030, 0), (1030, 777)), ((50, 3), (50, 40))]
    found, _own = spots(streets(*ways), [(500, 20)])
    assert (np.hypot(*(found - [500, 20]).T) >= 150).all()
    for way in ways:
        own = shapely.transform(line(*way), lambda xy: xy - ORIGIN)
        on_it = [p for p in shapely.points(found) if own.distance(p) < 1e-6]
        along = np.sort([own.project(p) for p in on_it])
        steps = np.diff(along)
        near_stop = (along[:-1] < 500) & (along[1:] > 500) & (own.length > 1000)
        assert (steps[~near_stop] <= 100 + 1e-6).all()
        assert along[-1] == pytest.approx(own.length)
    gaps = np.hypot(*(found[:, None] - found[None]).transpose(2, 0, 1))
    assert (gaps[~np.eye(len(found), dtype=bool)] > 1).all()


def test_no_stop_is_proposed_where_no_bus_goes():
    classes = ["residential", "footway", "motorway", "service", "secondary"]
    ways = streets(*[((0, y), (500, y)) for y in range(0, 2500, 500)], highway=classes,
                   name=["A", "B", "C", "D", None])  # fmt: skip
    found, own = spots(ways)
    assert set(found[:, 1].round(6)) == {0, 2000}
    assert set(own.names) == {"A", ""}
    (row,) = own.ledger
    assert (row.what, row.count) == ("excluded", 3)
    with pytest.raises(InputError, match="no street that a bus can use"):
        spots(streets(WAYS[0], highway=["footway"]))
    result = added(stops(*HALTS), TOWN, streets(*WAYS, highway=["primary", "cycleway"]), count=9)
    assert set(places(result)[:, 1].round(6)) == {350}
    assert any("no bus uses" in row.reason for row in told(result, "excluded"))


def test_routes_come_before_streets_and_have_no_classes():
    routes = layer("routes", [line(*WAYS[0])], name=["Line 1"])
    result = added(stops(*HALTS), TOWN, routes, streets(*WAYS), count=2)
    (table,) = (t.data for t in result.tables)
    assert set(table["street"]) == {"Line 1"}
    assert set(table["y_m"].round(6)) == {350 + Y}


def test_without_lines_there_is_nowhere_to_put_a_stop():
    with pytest.raises(InputError, match="no layer of streets or routes"):
        added(stops(*HALTS), TOWN)
    with pytest.raises(InputError, match="no place for a new stop"):
        added(stops(*HALTS), TOWN, streets(((0, 9000), (900, 9000))))


def test_the_distance_to_the_nearest_stop_counts_new_ones_too():
    result = added(stops(*HALTS), TOWN, streets(*WAYS))
    (table,) = (t.data for t in result.tables)
    every = np.concatenate([HALTS, places(result)])
    for (x, y), nearest in zip(places(result), table["nearest_m"], strict=True):
        others = np.sort(np.hypot(*(every - [x, y]).T))[1:]
        assert nearest == pytest.approx(others[0])
