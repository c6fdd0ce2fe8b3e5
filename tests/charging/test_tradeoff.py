"""Curves and fronts against the best of all plans, tried one by one."""

import numpy as np
import pytest
from plan_made import BY_YEAR, COUNTS, MIDDLE, PLACES, States, made, used

from jxgis.charging.curves import GAP, site_curves
from jxgis.charging.tradeoff import BUDGET_GAP, BUDGETS, pareto_budget, pareto_evenness, tradeoffs
from jxgis.kernels.buildout import solve

SEEDS = range(4)
ALL = {name: sum(numbers) for name, numbers in BY_YEAR.items()}
CARS = ("homes", "jobs")


def planned(own):
    laid = own.laid
    return laid, solve(laid.problem, time_limit_s=20, gap=1e-6)


def is_between(served, best, bound, gap=GAP):
    """Tell whether what was found is as near to the best as it is to be, and the bound is one."""
    assert served <= best + 1e-6
    assert bound >= best - 1e-6
    assert bound - served <= gap * bound + 1e-6


def last(found, own):
    return {k.id: u[-1] for k, u in zip(own.settings.kinds, found.units, strict=True)}


@pytest.mark.parametrize("seed", SEEDS)
def test_each_number_serves_what_the_best_of_all_choices_does(seed):
    own = made(seed)
    laid, found = planned(own)
    states, there = States(own), last(found, own)
    curves = {t.name: t for t in site_curves(laid, found, 20)}
    assert list(curves) == ["curve_squares", "curve_lots", "curve_depots"]
    for name in PLACES:
        table = curves[f"curve_{name}"]
        numbers = table.data.iloc[:, 0]
        assert ALL[name] in numbers.tolist()
        assert table.curve == (numbers.name, "served_share")
        assert numbers.name == ("piles" if name == "lots" else "stations")
        is_bus = name == "depots"
        share = states.share("stops") if is_bus else states.share(*CARS)
        kept = [n for n in PLACES if (n == "depots") != is_bus]
        fixed = np.all([states.same(n, there[n]) for n in kept], axis=0) & states.is_fed
        for row in table.data.itertuples(index=False):
            allowed = fixed & states.at_most(**ALL | dict.fromkeys(kept, 99) | {name: row[0]})
            is_between(row.served_share, share[allowed].max(), row.bound_share)
        assert table.data["served_share"].is_monotonic_increasing
        assert table.data["bound_share"].is_monotonic_increasing


def test_numbers_go_from_none_to_half_as_many_again_where_there_is_room():
    own = made(1)
    laid, found = planned(own)
    curves = {t.name: t.data.iloc[:, 0].tolist() for t in site_curves(laid, found, 20)}
    assert curves["curve_squares"] == [0, 1, 2, 3]
    assert curves["curve_lots"] == [0, 1, 2, 3, 4, 5, 6]
    assert curves["curve_depots"] == [0, 1, 2]


def plans(states):
    """Return pairs of states, of the first year and of the last, in which nothing is taken down."""
    first = {name: numbers[0] for name, numbers in BY_YEAR.items()}
    one = np.flatnonzero(states.is_fed & states.at_most(**first))
    two = np.flatnonzero(states.is_fed & states.at_most(**ALL))
    stays = np.all([(u[one][:, None] <= u[two]).all(axis=2) for u in states.units.values()], axis=0)
    before, after = np.nonzero(stays)
    return one[before], two[after]


def best_of(states, pairs, part, floor):
    """Return the value of the best plan for a part of the budget, None where the floors forbid."""
    one, two = pairs
    allowed = (states.spent[one] <= 9 * part + 1e-9) & (states.spent[two] <= 18 * part + 1e-9)
    if floor is not None:
        allowed &= (states.zones[two] >= floor - 1e-6).all(axis=1)
    worth = (2 * states.worth[one] + states.worth[two]) / 3
    return worth[allowed].max() if allowed.any() else None


@pytest.mark.parametrize(("seed", "floor"), [(2, None), (4, None), (1, 0.2), (5, 0.3), (7, 0.3)])
def test_each_budget_serves_what_the_best_of_all_plans_does(seed, floor):
    own = made(seed, budget=(9.0, 18.0), floor=floor)
    states = States(own)
    pairs = plans(states)
    laid, found = planned(own)
    (table,) = pareto_budget(laid, found, 20)
    assert table.data["budget"].tolist() == pytest.approx([18 * part for part in BUDGETS])
    for row, part in zip(table.data.itertuples(), BUDGETS, strict=True):
        best = best_of(states, pairs, part, floor)
        if best is None:
            assert np.isnan([row.served_share, row.bound_share]).all()
            assert row.note == "too little for the floors"
        else:
            is_between(row.served_share, best, row.bound_share, BUDGET_GAP)
    assert ("note" in table.fields) == (floor is not None)
    known = table.data.dropna(subset=["served_share"])
    assert known["served_share"].is_monotonic_increasing
    assert known["bound_share"].is_monotonic_increasing


def test_a_plan_without_a_budget_has_no_other_budgets():
    laid, found = planned(made(0))
    assert pareto_budget(laid, found, 5) == []


@pytest.mark.parametrize(
    ("seed", "budget", "west"),
    [
        *((seed, (), 0.0) for seed in (1, 7, 8)),
        *((seed, (9.0, 18.0), 0.0) for seed in (7, 11)),
        (1, (8.0, 14.0), 0.0),
        (7, (), 0.6),
    ],
)
def test_each_evenness_leaves_what_the_best_of_all_plans_does(seed, budget, west):
    own = made(seed, budget=budget, floors={"west": west})
    states = States(own)
    laid, found = planned(own)
    there = last(found, own)
    allowed = states.is_fed & states.at_most(**ALL) & states.same("depots", there["depots"])
    allowed &= states.zones[:, 0] >= west - 1e-6
    if budget:
        allowed &= states.spent <= budget[-1]
    is_plan = np.all([states.same(n, u) for n, u in there.items()], axis=0)
    least, share = states.zones.min(axis=1), states.share(*CARS)
    (table,) = pareto_evenness(laid, found, 20)
    asked = table.data["least_zone_share"]
    assert asked.iloc[0] == pytest.approx(least[is_plan][0])
    assert asked.iloc[-1] == pytest.approx(least[allowed].max(), rel=GAP)
    assert asked.is_monotonic_increasing
    for row in table.data.itertuples():
        even = allowed & (least >= row.least_zone_share - 1e-6)
        is_between(row.served_share, share[even].max(), row.bound_share)
        alike = even & (np.abs(share - row.served_share) < 1e-6)
        names = {f"District {('west', 'east')[z]}" for z in states.zones[alike].argmin(axis=1)}
        assert row.zone in names
    assert table.data["served_share"].is_monotonic_decreasing
    assert table.data["bound_share"].is_monotonic_decreasing


def test_where_the_plan_is_as_even_as_can_be_there_is_no_front():
    own = made(2)
    laid, found = planned(own)
    states, there = States(own), last(found, own)
    allowed = states.is_fed & states.at_most(**ALL) & states.same("depots", there["depots"])
    is_plan = np.all([states.same(n, u) for n, u in there.items()], axis=0)
    least = states.zones.min(axis=1)
    assert least[is_plan] == least[allowed].max()
    assert pareto_evenness(laid, found, 20) == []


def test_stations_with_a_capacity_serve_all_zones_at_once():
    """A share that each zone can have alone, but not all together, is left out."""
    own = made(8, capacity=25.0)
    laid, found = planned(own)
    (table,) = pareto_evenness(laid, found, 20)
    states, there = States(own), last(found, own)
    allowed = states.is_fed & states.at_most(**ALL) & states.same("depots", there["depots"])
    weight = {name: COUNTS[name] * own.amount[name] for name in COUNTS}
    worth = {name: np.full(len(w), float(name != "stops")) for name, w in weight.items()}
    xy, every = (np.concatenate([by[n] for n in COUNTS]) for by in (own.xy, weight))
    is_car = np.arange(len(xy)) < len(xy) - len(own.xy["stops"])
    zones = [is_car & (xy[:, 0] <= MIDDLE), is_car & (xy[:, 0] > MIDDLE)]
    step = np.diff(table.data["least_zone_share"])[0]
    asked = [*table.data["least_zone_share"], table.data["least_zone_share"].max() + step]
    best = []
    for least in asked:
        floors = [(zone, (least - 1e-7) * every[zone].sum()) for zone in zones]
        values = [
            used(own, {n: u[k] for n, u in states.units.items()}, weight, worth, 25.0, floors)
            for k in np.flatnonzero(allowed)
        ]
        best.append(max((v for v in values if v is not None), default=None))
    assert best.pop() is None
    for row, value in zip(table.data.itertuples(), best, strict=True):
        is_between(row.served_share, value / every[is_car].sum(), row.bound_share)


def test_no_time_still_has_values_and_bounds():
    laid, found = planned(made(3, budget=(9.0, 18.0)))
    for table in tradeoffs(laid, found, 0):
        known = table.data.dropna(subset=["served_share"])
        assert (known["bound_share"] >= known["served_share"]).all()
