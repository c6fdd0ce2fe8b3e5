"""Plans for several growths of demand against the best of all plans, tried one by one."""

from dataclasses import replace

import numpy as np
import pytest
from plan_made import BY_YEAR, COUNTS, MIDDLE, PLACES, States, made, used

from jxgis.charging.growth import RULES
from jxgis.charging.robust import GAP, robust
from jxgis.charging_spec import Scenario
from jxgis.kernels.buildout import solve
from jxgis.rules import Rules

ALL = {name: sum(numbers) for name, numbers in BY_YEAR.items()}
SCENARIOS = (
    Scenario("homely", "many at home", 0.6, {"homes": 2.0}, 1.5),
    Scenario("busy", "many at work", 0.3, {"jobs": 4.0, "stops": 2.0}, 0.5),
    Scenario("south", "all in the south", 0.1, {"homes": 1.5, "jobs": 0.5, "stops": 3.0}, 0.1),
)


def planned(own):
    laid = own.laid
    return laid, solve(laid.problem, time_limit_s=20, gap=1e-6)


def grown(scenario):
    """Return the factor of a demand: the north is outside the built-up area."""
    return lambda name, xy: (
        scenario.growth.get(name, 1.0) * np.where(xy[:, 1] <= MIDDLE, 1.0, scenario.outside)
    )


def in_scenarios(states, scenarios):
    """Return (S, K) the share of all value that is served in each scenario."""
    found = []
    for scenario in scenarios:
        got = whole = 0.0
        for value, names in ((3, ("homes", "jobs")), (1, ("stops",))):
            now = sum(COUNTS[n] * states.own.amount[n].sum() for n in names)
            then = sum(
                COUNTS[n] * states.own.amount[n] @ grown(scenario)(n, states.own.xy[n])
                for n in names
            )
            got = got + value * states.share(*names, grown=grown(scenario)) * then / now
            whole += value * then / now
        found.append(got / whole)
    return np.array(found)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("budget", [(), (9.0, 18.0)])
def test_the_best_on_average_and_the_safest_are_those_of_all_plans(seed, budget):
    own = made(seed, budget=budget, scenarios=SCENARIOS)
    laid, found = planned(own)
    states = States(own)
    each = in_scenarios(states, SCENARIOS)
    chance = np.array([s.probability for s in SCENARIOS])
    allowed = states.is_fed & states.at_most(**ALL) & (states.spent <= (budget or (np.inf,))[-1])
    best = {"expected": (chance @ each)[allowed].max(), "worst": each.min(axis=0)[allowed].max()}
    table, indicators, ledger, rules = robust(laid, found, 20, Rules({}))
    assert (ledger, rules) == ([], ())
    rows = table.data
    shares = rows[[f"share_{s.id}" for s in SCENARIOS]].to_numpy()
    assert rows["expected_share"].to_numpy() == pytest.approx(shares @ chance)
    assert rows["worst_share"].to_numpy() == pytest.approx(shares.min(axis=1))
    units = [u[-1] for u in found.units]
    is_plan = np.all([states.same(n, u) for n, u in zip(PLACES, units, strict=True)], axis=0)
    assert shares[0] == pytest.approx(each[:, is_plan][:, 0])
    for number, of in ((1, "expected"), (2, "worst")):
        value, bound = rows.loc[number, [f"{of}_share", "bound_share"]]
        assert value <= best[of] + 1e-6
        assert bound >= best[of] - 1e-6
        assert bound - value <= GAP * bound + 1e-6
        assert rows[f"cost_{of}_share"].to_numpy() == pytest.approx(value - rows[f"{of}_share"])
        assert (rows[f"cost_{of}_share"] >= 0).all()
        indicator = indicators[number - 1]
        assert indicator.id == f"charging-served-{of}"
        assert indicator.value == rows.loc[0, f"{of}_share"]
        assert indicator.params["bound"] == bound >= indicator.value


def test_places_in_common_are_counted():
    own = made(2, scenarios=SCENARIOS)
    laid, found = planned(own)
    rows = robust(laid, found, 20, Rules({})).table.data
    assert rows.loc[0, "sites"] == sum((u[-1] > 0).sum() for u in found.units)
    assert rows.loc[0, "common"] == rows.loc[0, "sites"]
    assert (rows["common"] <= rows["sites"].clip(upper=rows.loc[0, "sites"])).all()


def test_without_scenarios_the_rules_have_three():
    laid, found = planned(made(1))
    told = robust(laid, found, 20, Rules({}))
    assert told.rules == RULES
    assert [f for f in told.table.fields if f.startswith("share_")] == [
        "share_low",
        "share_middle",
        "share_high",
    ]
    assert told.table.fields["share_middle"] == "middle growth (50%)"
    assert [row.layer for row in told.ledger] == ["homes, jobs, stops"] * 3
    assert "1.21 times" in told.ledger[2].reason
    assert "1.69 times" in told.ledger[2].reason


def test_growth_that_is_the_same_everywhere_changes_no_share():
    alike = Scenario("alike", "alike", 1.0, dict.fromkeys(COUNTS, 3.0))
    laid, found = planned(made(0, scenarios=(alike,)))
    rows = robust(laid, found, 20, Rules({})).table.data
    assert rows.loc[0, "expected_share"] == rows.loc[0, "worst_share"]
    assert rows.loc[0, "share_alike"] == pytest.approx(
        found.served[0, -1]
        @ (laid.problem.value * laid.problem.weight)
        / (laid.problem.value @ laid.problem.weight)
    )


@pytest.mark.parametrize("seed", range(3))
def test_stations_with_a_capacity_are_used_as_is_best_in_each_scenario(seed):
    own = made(seed, scenarios=SCENARIOS, capacity=7.0)
    laid, found = planned(own)
    rows = robust(laid, found, 20, Rules({})).table.data
    units = {k.id: u[-1] for k, u in zip(own.settings.kinds, found.units, strict=True)}
    for scenario in SCENARIOS:
        assert rows.loc[0, f"share_{scenario.id}"] == pytest.approx(best_use(own, units, scenario))
    assert rows.loc[1, "expected_share"] >= rows.loc[0, "expected_share"]
    assert rows.loc[2, "worst_share"] >= rows.loc[:1, "worst_share"].max() - 1e-9


def best_use(own, units, scenario):
    """Return the share of a scenario's value that stations serve at most."""
    now = {name: COUNTS[name] * own.amount[name] for name in COUNTS}
    weight = {name: now[name] * grown(scenario)(name, own.xy[name]) for name in COUNTS}
    cars, buses = 3 / (now["homes"].sum() + now["jobs"].sum()), 1 / now["stops"].sum()
    each = {"homes": cars, "jobs": cars, "stops": buses}
    worth = {name: np.full(len(now[name]), each[name]) for name in COUNTS}
    whole = sum(weight[name] @ worth[name] for name in COUNTS)
    return used(own, units, weight, worth, 7.0) / whole


def test_a_plan_that_breaks_its_floors_is_not_compared():
    laid, found = planned(made(0))
    assert robust(laid, replace(found, held=False), 5, Rules({})) is None


def test_no_time_still_has_values_and_bounds():
    laid, found = planned(made(3, scenarios=SCENARIOS))
    rows = robust(laid, found, 0, Rules({})).table.data
    assert (
        rows.loc[1, "bound_share"] >= rows.loc[1, "expected_share"] >= rows.loc[0, "expected_share"]
    )
    assert rows.loc[2, "bound_share"] >= rows.loc[2, "worst_share"] >= rows.loc[0, "worst_share"]
