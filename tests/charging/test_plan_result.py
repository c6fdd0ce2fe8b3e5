"""A whole plan against the best of all plans, tried one by one, and what it says of itself."""

import json
from dataclasses import replace

import numpy as np
import pytest
from layers_made import layer, point, reasons
from plan_made import BY_YEAR, PLACES, RADIUS, SPARE, States, made

from jxgis.charging import plan_result
from jxgis.charging.plan_result import charging_plan
from jxgis.charging_spec import DemandSpec, Source
from jxgis.errors import InputError
from jxgis.kernels.buildout import solve
from jxgis.rules import Rules

BUDGET = (9.0, 18.0)
ALL = {name: sum(numbers) for name, numbers in BY_YEAR.items()}
FIRST = {name: numbers[0] for name, numbers in BY_YEAR.items()}
YEARS = (2017, 2018)
TITLES = {f"the {name}": name for name in PLACES}
RULES = {
    "charging.gap": 1e-6,
    "charging.time_limit_s": 20.0,
    "charging.tradeoff_time_limit_s": 2.0,
    "charging.robust_time_limit_s": 2.0,
}


def planned(own, **rules):
    given = RULES | {f"charging.{name}": value for name, value in rules.items()}
    return charging_plan(own.layers, own.settings, rules=Rules(given))


def tables(result):
    return {table.name: table for table in result.tables}


def built(own, result):
    """Return units of each kind at each place by the end of each year, as the table says."""
    units = {name: np.zeros((2, n), int) for name, n in PLACES.items()}
    for site in tables(result)["sites"].data.itertuples():
        name = TITLES[site.kind]
        for t, year in enumerate(own.settings.years):
            count = getattr(site, f"piles_{year}") if name == "lots" else int(site.year <= year)
            units[name][t, site.row - 1] = count
        if name == "lots":
            assert units[name][-1, site.row - 1] == site.piles
            assert (units[name][:, site.row - 1] > 0).tolist() == [site.year <= y for y in YEARS]
    return units


def best(states, floor):
    """Return the value of the best plan of all: pairs of a first and of a last year."""
    one = np.flatnonzero(states.is_fed & states.at_most(**FIRST) & (states.spent <= states.first))
    two = np.flatnonzero(states.is_fed & states.at_most(**ALL) & (states.spent <= states.last))
    if floor:
        two = two[(states.zones[two] >= floor - 1e-6).all(axis=1)]
    stays = np.all([(u[one][:, None] <= u[two]).all(axis=2) for u in states.units.values()], axis=0)
    before, after = np.nonzero(stays)
    if not len(before):
        return None
    return ((2 * states.worth[one[before]] + states.worth[two[after]]) / 3).max()


def all_states(own):
    states = States(own)
    states.first, states.last = own.settings.budget or (np.inf, np.inf)
    return states


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("budget", [(), BUDGET])
@pytest.mark.parametrize("floor", [None, 0.3])
def test_the_plan_is_the_best_of_all_and_within_every_limit(seed, budget, floor):
    own = made(seed, budget=budget, floor=floor)
    states = all_states(own)
    expected = best(states, floor)
    if expected is None:
        with pytest.raises(InputError, match="floor"):
            planned(own)
        return
    result = planned(own)
    assert result.solution.status == "optimal"
    assert result.status == "done"
    assert result.solution.objective == pytest.approx(expected, abs=2e-6)
    assert result.solution.bound >= expected - 1e-9
    units = built(own, result)
    at = [
        np.flatnonzero(np.all([states.same(n, u[t]) for n, u in units.items()], axis=0)).item()
        for t in range(2)
    ]
    # What the sites serve is what the plan says that it is worth.
    own_worth = (2 * states.worth[at[0]] + states.worth[at[1]]) / 3
    assert result.solution.objective == pytest.approx(own_worth)
    for t, limits in enumerate((FIRST, ALL)):
        assert states.at_most(**limits)[at[t]]
        assert states.spent[at[t]] <= (states.first, states.last)[t]
        assert states.is_fed[at[t]]
    for number in units.values():
        assert (number[0] <= number[1]).all()
    if floor:
        assert (states.zones[at[1]] >= floor - 1e-6).all()
        assert (result.by_zone["share_cars_after"] >= floor - 1e-6).all()
    by_id = {i.id: i for i in result.indicators}
    cars, buses = (by_id[f"charging-served-{name}"] for name in ("cars", "buses"))
    assert cars.value == pytest.approx(states.share("homes", "jobs")[at[1]])
    assert buses.value == pytest.approx(states.share("stops")[at[1]])
    assert by_id["charging-served-now-cars"].value == 0


@pytest.mark.parametrize("more", [{}, {"budget": BUDGET, "floor": 0.1}, {"capacity": 15.0}])
def test_two_runs_give_the_same(more):
    own = made(3, **more)
    # Nothing may be cut short by the clock.
    time = {"tradeoff_time_limit_s": 100.0, "robust_time_limit_s": 100.0}
    one, two = (json.dumps(planned(own, **time).to_json(), sort_keys=True) for _run in range(2))
    assert one == two


def test_earlier_years_count_more():
    own = made(4)
    late = replace(own, settings=replace(own.settings, year_weights=(1.0, 1.0)))
    shares = []
    for plan in (own, late):
        years = tables(planned(plan))["years"].data
        shares.append((3 * years["served_cars_share"] + years["served_buses_share"]) / 4)
    assert shares[0][0] >= shares[1][0] - 1e-9
    assert shares[1].mean() >= shares[0].mean() - 1e-9


def test_what_there_is_stays_and_is_not_served_again():
    own = made(0)
    chargers = layer("chargers", [point(100, 2000)], name=["There"], posts=[4])
    kinds = tuple(
        replace(k, existing="chargers") if k.id == "squares" else k for k in own.settings.kinds
    )
    plan = replace(
        own,
        settings=replace(own.settings, kinds=kinds),
        layers=own.layers | {"chargers": chargers},
    )
    result = planned(plan)
    near = np.hypot(*(own.xy["homes"] - [100, 2000]).T) <= RADIUS["squares"]
    near_jobs = np.hypot(*(own.xy["jobs"] - [100, 2000]).T) <= RADIUS["squares"]
    served = own.amount["homes"][near].sum() + 2 * own.amount["jobs"][near_jobs].sum()
    cars, now = result.indicators[:2]
    assert now.numerator == pytest.approx(served)
    assert cars.numerator >= served
    years = tables(result)["years"].data
    assert years["served_cars_share"].is_monotonic_increasing
    drawn = {drawing.name: drawing for drawing in result.layers}
    assert drawn["chargers"].data["name"].tolist() == ["There"]


def test_what_is_made_best_is_said_in_plain_words():
    result = planned(made(1))
    (row,) = [r for r in result.ledger if "as large as can be" in r.reason]
    assert row.reason == (
        "what is made as large as can be is the share of demand that is served, on average over "
        "the demands and the years; a demand counts by its value (cars: 3, buses: 1) and a year "
        "by its weight (2017: 2, 2018: 1)"
    )


def test_two_kinds_at_one_place_are_allowed_and_said():
    own = made(1)
    kinds = tuple(
        replace(k, candidates="lots") if k.id == "squares" else k for k in own.settings.kinds
    )
    # Depots stand in car parks as well, and serve stops: both kinds want the same places.
    kinds = tuple(replace(k, candidates="lots") if k.id == "depots" else k for k in kinds)
    kinds = tuple(replace(k, power_kw=None, radius_m=9e3, radius_outside_m=9e3) for k in kinds)
    plan = replace(own, settings=replace(own.settings, kinds=kinds))
    result = planned(plan)
    sites = tables(result)["sites"].data
    twice = sites.groupby("row")["kind"].nunique()
    said = [r for r in result.ledger if "of two kinds" in r.reason]
    assert (twice > 1).any()
    pairs = sum(int(n * (n - 1) / 2) for n in twice)
    assert sum(r.count for r in said) == pairs


def test_one_substation_is_shared_and_that_is_said():
    own = made(1)
    result = planned(own)
    (row,) = [r for r in result.ledger if "is shared by all" in r.reason]
    assert row.count == len(SPARE)
    assert all(title in row.reason for title in TITLES)


def test_capacities_are_said():
    result = planned(made(1, capacity=15.0))
    said = reasons(result.ledger)
    assert "the squares: a station can serve 15" in said
    assert any("is open" in reason for reason in said)


def test_places_are_missing_and_that_is_said():
    own = made(1)
    kinds = tuple(
        replace(k, count=4, by_year=(1, 3)) if k.id == "squares" else k for k in own.settings.kinds
    )
    result = planned(replace(own, settings=replace(own.settings, kinds=kinds)))
    placed = next(i.value for i in result.indicators if i.id == "charging-stations-squares")
    said = [r for r in result.ledger if "are placed" in r.reason and "squares" in r.reason]
    assert placed < 4
    (row,) = said
    assert row.count == 4 - placed


def test_a_floor_that_cannot_be_met_is_named_with_the_best_that_can_be():
    own = made(0, floors={"east": 1.0})
    states = all_states(own)
    allowed = states.is_fed & states.at_most(**ALL)
    most = states.zones[allowed, 1].max()
    assert most < 1
    with pytest.raises(InputError) as error:
        planned(own)
    assert "the floor of District east (cars) is 100.00%" in str(error.value)
    assert f"the best that can be had is {most:.2%}" in str(error.value)


def test_floors_that_cannot_be_met_together_are_named():
    for seed in range(30):
        own = made(seed)
        states = all_states(own)
        allowed = states.is_fed & states.at_most(**ALL)
        alone = states.zones[allowed].max(axis=0)
        if not (states.zones[allowed] >= alone - 1e-9).all(axis=1).any():
            break
    asked = dict(zip(("west", "east"), (alone - 1e-7).tolist(), strict=True))
    with pytest.raises(InputError, match="cannot be met together") as error:
        planned(made(seed, floors=asked))
    for zone in ("District west", "District east"):
        assert zone in str(error.value)


def test_a_plan_that_misses_a_floor_for_want_of_time_says_so(monkeypatch):
    own = made(0, floor=0.05)

    def hasty(problem, **more):
        return replace(solve(problem, **more), held=False, status="time_limit")

    monkeypatch.setattr(plan_result, "solve", hasty)
    result = planned(own)
    (row,) = [r for r in result.ledger if "the time ended before" in r.reason]
    assert row.what == "suspected"
    assert result.status == "time_limit"


def test_what_is_interrupted_is_written_without_what_takes_longer(monkeypatch):
    def stopped(problem, **more):
        return replace(solve(problem, **more), status="interrupted")

    monkeypatch.setattr(plan_result, "solve", stopped)
    result = planned(made(0, budget=BUDGET))
    assert result.is_interrupted
    names = set(tables(result))
    assert {"sites", "years", "limits"} <= names
    assert not {"pareto_budget", "scenarios"} & names


def test_drawings_have_names_of_their_own_and_sites_their_rows():
    own = made(2)
    result = planned(own)
    names = [drawing.name for drawing in result.layers]
    assert len(names) == len(set(names))
    sites = next(d for d in result.layers if d.role == "sited")
    table = tables(result)["sites"].data
    assert len(sites.data) == len(table)
    for shape, row in zip(sites.data.geometry, table.itertuples(), strict=True):
        at = own.layers[TITLES[row.kind]].data.geometry.iloc[row.row - 1]
        assert shape.distance(at) < 1e-6


def test_a_demand_without_a_kind_counts_nothing():
    own = made(2)
    extra = DemandSpec("more", "More", "", (Source("stops"),), value=100.0)
    settings = replace(own.settings, demands=(*own.settings.demands, extra))
    one, two = planned(own), planned(replace(own, settings=settings))
    assert one.solution == two.solution
    assert any("More" in r.reason and r.what == "dropped" for r in two.ledger)


def test_rules_of_all_that_is_used_are_cited():
    result = planned(made(2))
    assert {"charging.time_limit_s", "charging.gap"} <= set(result.rules)
    # Radii are all the plan's own here.
    assert "charging.radius_core_m" not in result.rules
