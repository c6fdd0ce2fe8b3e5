"""Why each site of a plan is there, against all that is counted anew without it or exchanged."""

from dataclasses import replace

import numpy as np
import pytest
from plan_made import COUNTS, PLACES, POWER, RADIUS, SPARE, made, used

from jxgis.charging.plan_sites import sites, sites_table
from jxgis.kernels.buildout import solve

SEEDS = range(6)
YEAR = np.array([2.0, 1.0]) / 3
BUDGET = (9.0, 18.0)
SERVES = {"squares": ("homes", "jobs"), "lots": ("homes", "jobs"), "depots": ("stops",)}
CRS = "EPSG:4549"


def planned(own):
    laid = own.laid
    found = solve(laid.problem, time_limit_s=20, gap=1e-6)
    units = {k.id: u for k, u in zip(own.settings.kinds, found.units, strict=True)}
    return laid, found, units


def served(own, name, units):
    """Return the weight that is served of what a kind serves, where units are there."""
    total = 0.0
    for demand in SERVES[name]:
        weight = COUNTS[demand] * own.amount[demand]
        reached = np.zeros(len(weight), bool)
        for kind in PLACES:
            if SERVES[kind] == SERVES[name]:
                reached |= (own.apart(demand, kind) <= RADIUS[kind]) @ (units[kind] > 0) > 0
        total += weight[reached].sum()
    return total


def in_year(units, t):
    return {name: u[t] for name, u in units.items()}


def is_allowed(own, units):
    """Tell whether power and budget allow what there is in each year."""
    last = in_year(units, -1)
    drawn = np.zeros(2)
    for name in PLACES:
        feeder = own.apart(name, "substations").argmin(axis=1)
        drawn += [POWER[name] * last[name][feeder == k].sum() for k in range(2)]
    spent = [sum(u[t] @ own.cost[n] for n, u in units.items()) for t in range(2)]
    is_paid = not own.settings.budget or (np.array(spent) <= np.array(BUDGET) + 1e-9).all()
    most = {"squares": 1, "lots": own.most, "depots": 1}
    has_room = all((last[n] <= most[n]).all() for n in PLACES)
    return bool((drawn <= SPARE + 1e-9).all() and is_paid and has_room)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("budget", [(), BUDGET])
def test_alone_instead_and_swap_are_what_is_counted_anew(seed, budget):
    own = made(seed, budget=budget)
    laid, found, units = planned(own)
    names = [k.id for k in own.settings.kinds]
    explained = sites(laid, found)
    assert len(explained) == sum(int((u[-1] > 0).sum()) for u in units.values())
    for site in explained:
        name = names[site.tier]
        assert site.piles == tuple(units[name][:, site.candidate])
        assert site.year == (units[name][:, site.candidate] == 0).sum()
        without = {n: u.copy() for n, u in units.items()}
        without[name][:, site.candidate] = 0
        total = served(own, name, in_year(units, -1))
        assert site.alone == pytest.approx(total - served(own, name, in_year(without, -1)))
        losses = {}
        for other in np.flatnonzero(units[name][-1] == 0):
            moved = {n: u.copy() for n, u in without.items()}
            moved[name][:, other] = units[name][:, site.candidate]
            if is_allowed(own, moved):
                losses[int(other)] = sum(
                    YEAR[t] * (served(own, name, in_year(units, t)))
                    - YEAR[t] * served(own, name, in_year(moved, t))
                    for t in range(2)
                )
        if not losses:
            assert site.instead == -1
            assert np.isnan(site.swap)
            continue
        assert site.swap == pytest.approx(min(losses.values()))
        assert losses[site.instead] == pytest.approx(min(losses.values()))
        # What was proven best is bettered by no exchange.
        assert site.swap >= -1e-6 * total


@pytest.mark.parametrize("seed", SEEDS)
def test_with_capacities_the_others_take_over_what_they_can(seed):
    own = made(seed, capacity=15.0)
    laid, found, units = planned(own)
    weight = {name: COUNTS[name] * own.amount[name] for name in COUNTS}
    names = [k.id for k in own.settings.kinds]
    for site in sites(laid, found):
        name = names[site.tier]
        worth = {n: np.full(len(w), float(n in SERVES[name])) for n, w in weight.items()}
        last = in_year(units, -1)
        without = {n: u.copy() for n, u in last.items()}
        without[name][site.candidate] = 0
        both = [used(own, u, weight, worth, 15.0) for u in (last, without)]
        whole = sum(w.sum() for w in weight.values())
        assert site.alone == pytest.approx(both[0] - both[1], abs=1e-5 * whole)
        assert (site.instead == -1) == (name != "depots" or np.isnan(site.swap))


def test_the_table_names_kinds_years_places_and_units():
    own = made(3)
    laid, found, units = planned(own)
    table = sites_table(laid, sites(laid, found), CRS)
    data = table.data
    assert data["number"].tolist() == list(range(1, len(data) + 1))
    order = ["the squares", "the lots", "the depots"]
    ranks = [(order.index(k), y) for k, y in zip(data["kind"], data["year"], strict=True)]
    assert ranks == sorted(ranks)
    assert data["piles"].notna().tolist() == [kind == "the lots" for kind in data["kind"]]
    assert data["piles"].sum() == units["lots"][-1].sum()
    # The demands have no unit: the column is left out, but for a machine.
    assert "unit" not in table.fields
    assert table.fields["alone_demand"] == "It alone serves"
    assert "whatever the floors" in table.note


def test_one_unit_is_in_the_titles_and_several_in_a_column():
    own = made(3)
    for units in (("cars", "cars"), ("cars", "stops")):
        demands = own.settings.demands
        named = tuple(replace(d, unit=u) for d, u in zip(demands, units, strict=True))
        laid = replace(own, settings=replace(own.settings, demands=named)).laid
        found = solve(laid.problem, time_limit_s=20, gap=1e-6)
        table = sites_table(laid, sites(laid, found), CRS)
        is_one = len(set(units)) == 1
        assert ("unit" in table.fields) != is_one
        said = "It alone serves (cars)" if is_one else "It alone serves"
        assert table.fields["alone_demand"] == said


def test_with_capacities_the_table_says_that_no_exchange_was_looked_for():
    own = made(2, capacity=15.0)
    laid, found, _units = planned(own)
    table = sites_table(laid, sites(laid, found), CRS)
    assert "exchanges are not looked for there" in table.note
    cars = table.data["kind"] != "the depots"
    assert table.data.loc[cars, "swap_demand"].isna().all()


def test_a_place_that_gets_more_later_says_how_many_when():
    own = made(3)
    laid, found, units = planned(own)
    explained = sites(laid, found)
    grown = [replace(s, piles=(2, 3)) if s.tier == 1 else s for s in explained]
    still = [replace(s, piles=(0, 3)) if s.tier == 1 else s for s in explained]
    assert units["lots"].any()
    told = sites_table(laid, grown, CRS)
    assert told.fields["piles_2017"] == "Piles by 2017"
    lots = told.data["kind"] == "the lots"
    assert told.data.loc[lots, "piles_2017"].tolist() == [2] * lots.sum()
    assert told.data.loc[~lots, "piles_2017"].isna().all()
    assert "piles_2017" not in sites_table(laid, still, CRS).fields
