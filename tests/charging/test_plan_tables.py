"""A plan by zone and by year, and its limits, against what the plan builds and serves."""

from dataclasses import replace

import numpy as np
import pytest
from layers_made import layer, point
from plan_made import BY_YEAR, PLACES, POWER, SPARE, States, made

from jxgis.charging.plan_limits import limits_table
from jxgis.charging.plan_tables import by_zone, years_table, zone_fields
from jxgis.charging.study import study
from jxgis.kernels.buildout import solve
from jxgis.rules import Rules

SEEDS = range(5)
BUDGET = (9.0, 18.0)


def planned(own):
    laid = own.laid
    return laid, solve(laid.problem, time_limit_s=20, gap=1e-6)


def state(states, found, own, t):
    """Return which of all states a plan is in in a year."""
    same = [states.same(k.id, u[t]) for k, u in zip(own.settings.kinds, found.units, strict=True)]
    (which,) = np.flatnonzero(np.all(same, axis=0))
    return which


@pytest.mark.parametrize("seed", SEEDS)
def test_zones_have_what_the_plan_serves_in_them(seed):
    own = made(seed, floor=0.1)
    laid, found = planned(own)
    table, states = by_zone(laid, found), States(own)
    last = state(states, found, own, -1)
    assert table["zone"].tolist() == ["District west", "District east"]
    assert table["share_cars_after"].to_numpy() == pytest.approx(states.zones[last])
    assert (table["share_cars_after"] >= 0.1 - 1e-6).all()
    for name, share in (("cars", states.share("homes", "jobs")), ("buses", states.share("stops"))):
        total = table[f"demand_{name}"].sum()
        number = {"cars": 0, "buses": 1}[name]
        assert total == pytest.approx(laid.whole[number])
        after = (table[f"demand_{name}"] * table[f"share_{name}_after"].fillna(0)).sum()
        assert after / total == pytest.approx(share[last])
    assert (table["share_cars_before"] == 0).all()
    built = {k.id: u[-1].sum() for k, u in zip(own.settings.kinds, found.units, strict=True)}
    assert table["stations"].sum() == built["squares"] + built["depots"]
    assert table["piles"].sum() == built["lots"]
    per_pile = table["demand_cars"] / table["piles"].replace(0, np.nan)
    assert table["demand_per_pile"].to_numpy() == pytest.approx(per_pile.to_numpy(), nan_ok=True)
    assert "posts_before" not in table


def test_posts_that_there_are_count_as_piles():
    own = made(1)
    chargers = layer(
        "chargers", [point(100, 2000), point(3900, 100), point(3900, 200)], posts=[3, np.nan, 5]
    )
    kinds = tuple(
        replace(k, existing="chargers") if k.id != "depots" else k for k in own.settings.kinds
    )
    laid = study(replace(own.settings, kinds=kinds), own.layers | {"chargers": chargers}, Rules({}))
    found = solve(laid.problem, time_limit_s=20, gap=1e-6)
    table = by_zone(laid, found)
    assert table["posts_before"].tolist() == [3, 6]
    piles = table["piles"] + table["posts_before"]
    assert table["demand_per_pile"].to_numpy() == pytest.approx(
        (table["demand_cars"] / piles).to_numpy()
    )
    assert (table["share_cars_before"] > 0).any()
    assert zone_fields(laid, table)["posts_before"] == "Posts that there are"


def test_what_lies_outside_every_zone_has_a_row_and_nothing_is_lost():
    own = made(0)
    west = own.layers["zones"]
    west = replace(west, data=west.data.iloc[:1])
    laid = study(own.settings, own.layers | {"zones": west}, Rules({}))
    found = solve(laid.problem, time_limit_s=20, gap=1e-6)
    table = by_zone(laid, found)
    assert table["zone"].tolist() == ["District west", "outside every zone"]
    assert table["demand_cars"].sum() == pytest.approx(laid.whole[0])
    built = sum(u[-1].sum() for u in found.units)
    assert table["stations"].sum() + table["piles"].sum() == built


def test_without_zones_all_is_one_row():
    own = made(2)
    given = {name: own for name, own in own.layers.items() if name != "zones"}
    laid = study(own.settings, given, Rules({}))
    found = solve(laid.problem, time_limit_s=20, gap=1e-6)
    table = by_zone(laid, found)
    assert table["zone"].tolist() == ["all"]


@pytest.mark.parametrize("seed", SEEDS)
def test_years_add_up_to_the_plan(seed):
    own = made(seed, budget=BUDGET)
    laid, found = planned(own)
    data, states = years_table(laid, found).data, States(own)
    assert data["year"].tolist() == [2017, 2018]
    for k, kind in enumerate(own.settings.kinds):
        new = data[f"new_{kind.id}"]
        assert (new >= 0).all()
        assert new.cumsum().tolist() == found.units[k].sum(axis=1).tolist()
        assert (new.cumsum().to_numpy() <= np.cumsum(BY_YEAR[kind.id])).all()
    assert (data["cost"].cumsum().to_numpy() <= np.array(BUDGET) + 1e-9).all()
    for t in range(2):
        now = state(states, found, own, t)
        assert data["cost"].cumsum()[t] == pytest.approx(states.spent[now])
        assert data["served_cars_share"][t] == pytest.approx(states.share("homes", "jobs")[now])
        assert data["served_buses_share"][t] == pytest.approx(states.share("stops")[now])


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("budget", [(), BUDGET])
def test_a_limit_is_named_where_nothing_fits_in_what_is_left(seed, budget):
    own = made(seed, budget=budget)
    laid, found = planned(own)
    data = limits_table(laid, found).data
    named = set(zip(data["limit"], data["year"], strict=True))
    units = {k.id: u for k, u in zip(own.settings.kinds, found.units, strict=True)}
    most = {"squares": 1, "lots": own.most, "depots": 1}
    for t, year in enumerate((2017, 2018)):
        for name in PLACES:
            is_full = units[name][t].sum() == sum(BY_YEAR[name][: t + 1])
            assert ((f"number: the {name}", year) in named) == is_full
        if budget:
            left = budget[t] - sum(units[n][t] @ own.cost[n] for n in PLACES)
            is_short = left < 1e-6 or too_dear(own, units, t, most, left)
            assert (("budget (coins)", year) in named) == is_short
        if t == 1:
            for k in range(2):
                left = SPARE[k] - drawn(own, units, k)
                name = f"power at substation (no. {k + 1}) (kW)"
                assert ((name, year) in named) == (
                    left < 1e-6 or too_weak(own, units, k, most, left)
                )


def short(units, t):
    return [n for n in PLACES if units[n][t].sum() < sum(BY_YEAR[n][: t + 1])]


def needs(units, name, t, most):
    least = 2 if name == "lots" else 1
    fits = (units[name][t] < most[name]) & (np.asarray(most[name]) >= least)
    return np.where(units[name][t] > 0, 1, least), fits


def too_dear(own, units, t, most, left):
    found = False
    for name in short(units, t):
        count, fits = needs(units, name, t, most)
        cost = (count * own.cost[name])[fits]
        found |= bool(len(cost)) and cost.min() > left + 1e-6
    return found


def drawn(own, units, feeder):
    return sum(
        POWER[n] * units[n][-1][own.apart(n, "substations").argmin(axis=1) == feeder].sum()
        for n in PLACES
    )


def too_weak(own, units, feeder, most, left):
    found = False
    for name in short(units, 1):
        count, fits = needs(units, name, 1, most)
        fits &= own.apart(name, "substations").argmin(axis=1) == feeder
        power = (count * POWER[name])[fits]
        found |= bool(len(power)) and power.min() > left + 1e-6
    return found


def test_a_budget_with_less_left_than_the_cheapest_is_named_with_what_is_left():
    own = made(0, budget=(100.0, 100.0))
    laid, found = planned(own)
    assert not limits_table(laid, found).data["limit"].str.startswith("budget").any()
    units = {k.id: u for k, u in zip(own.settings.kinds, found.units, strict=True)}
    spent = sum(units[n][-1] @ own.cost[n] for n in PLACES)
    first = sum(units[n][0] @ own.cost[n] for n in PLACES)
    # One coin short of all that the plan costs: what is left pays for nothing.
    own = made(0, budget=(first, spent - 1.0))
    laid, found = planned(own)
    table = limits_table(laid, found)
    rows = table.data[table.data["limit"] == "budget (coins)"]
    assert 2018 in rows["year"].tolist()
    row = rows[rows["year"] == 2018].iloc[0]
    assert row["at_most"] == spent - 1.0
    if "left" in rows and row["left"] > 0:
        assert row["why"]
        assert table.fields["why"] == "Too little is left for one more"


def test_a_floor_that_costs_something_is_named():
    free = made(7)
    laid, found = planned(free)
    east = by_zone(laid, found)["share_cars_after"][1]
    assert not limits_table(laid, found).data["limit"].str.startswith("floor").any()
    states = States(free)
    can = states.is_fed & states.at_most(**{n: sum(b) for n, b in BY_YEAR.items()})
    most = states.zones[can, 1].max()
    assert most > east
    own = made(7, floors={"east": float(most)})
    laid, found = planned(own)
    table = limits_table(laid, found)
    assert "floor of District east: cars" in table.data["limit"].tolist()
    assert "A floor is named where" in table.note


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("budget", [(), BUDGET])
def test_one_more_of_a_limit_adds_no_more_than_is_said(seed, budget):
    own = made(seed, budget=budget)
    laid, found = planned(own)
    problem, years = laid.problem, list(own.settings.years)
    for row in limits_table(laid, found).data.itertuples():
        t = years.index(row.year)
        if row.limit.startswith("number"):
            k = [f"number: {kind.title}" for kind in own.settings.kinds].index(row.limit)
            count = problem.tiers[k].count + (np.arange(2) == t)
            if np.isnan(row.adds_share):
                assert row.at_most < problem.tiers[k].fewest
                continue
            if count[0] > count[1]:
                continue
            tiers = list(problem.tiers)
            tiers[k] = replace(tiers[k], count=count)
            more = replace(problem, tiers=tuple(tiers))
        elif row.limit.startswith("budget"):
            more = replace(problem, budget=problem.budget + (np.arange(2) == t))
        else:
            feeder = int(row.limit.split("no. ")[1][0]) - 1
            more = replace(problem, feeder_limit=problem.feeder_limit + (np.arange(2) == feeder))
        best = solve(more, time_limit_s=20, gap=1e-6).objective
        assert best <= found.lp_bound + row.adds_share + 1e-6
