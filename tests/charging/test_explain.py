"""What is told of each site, against every exchange worked out anew."""

import numpy as np
import pytest
from siting_made import RULES, city, distance, question, served

from jxgis.charging import explain
from jxgis.charging.explain import explained
from jxgis.charging.siting import answer
from jxgis.charging.siting_result import siting

SEEDS = range(5)


def told(town, ask):
    found = answer(ask, town.layers, RULES)
    return found.solution.chosen.tolist(), explained(found)


def exchanges(town, chosen, place, worth):
    """Return what each candidate would be worth in the stead of a chosen one, best first."""
    others = [j for j in chosen if j != place] + town.there
    free = [j for j in range(town.n) if j not in chosen]
    return {j: worth([*others, j]) for j in free}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("capacity", [None, 45.0])
def test_what_sites_add_and_alone_serve(seed, capacity):
    town = city(seed)
    chosen, facts = told(town, question(4, capacity=capacity))

    def worth(opened):
        return served(town, opened, capacity)

    assert sorted(facts.order.tolist()) == chosen
    for k, place in enumerate(facts.order.tolist()):
        first = [*facts.order[:k].tolist(), *town.there]
        assert facts.before[k] == pytest.approx(worth(first))
        assert facts.after[k] == pytest.approx(worth([*first, place]))
        # Of those that are left, none adds more.
        rest = [worth([*first, j]) for j in facts.order[k:].tolist()]
        assert facts.after[k] == pytest.approx(max(rest))
        others = [j for j in chosen if j != place] + town.there
        assert facts.alone[k] == pytest.approx(worth([*chosen, *town.there]) - worth(others))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("capacity", [None, 45.0])
def test_no_exchange_of_one_site_would_serve_more(seed, capacity):
    town = city(seed)
    chosen, facts = told(town, question(4, capacity=capacity))
    whole = served(town, [*chosen, *town.there], capacity)
    for place, instead, cost in zip(facts.order, facts.instead, facts.cost, strict=True):
        found = exchanges(town, chosen, place, lambda opened: served(town, opened, capacity))
        assert found[instead] == pytest.approx(max(found.values()))
        assert cost == pytest.approx(whole - found[instead])
        assert cost >= 0


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("aim", ["median", "center"])
def test_what_a_site_saves_of_distances(seed, aim):
    town = city(seed)
    chosen, facts = told(town, question(4, aim))

    def worth(opened):
        return distance(town, opened, aim)

    whole = worth([*chosen, *town.there])
    for k, place in enumerate(facts.order.tolist()):
        first = [*facts.order[:k].tolist(), *town.there]
        assert facts.before[k] == pytest.approx(worth(first))
        assert facts.after[k] == pytest.approx(worth([*first, place]))
        others = [j for j in chosen if j != place] + town.there
        assert facts.alone[k] == pytest.approx(worth(others) - whole)
        found = exchanges(town, chosen, place, worth)
        assert found[facts.instead[k]] == pytest.approx(min(found.values()))
        assert facts.cost[k] == pytest.approx(min(found.values()) - whole)


@pytest.mark.parametrize("seed", SEEDS)
def test_exchanges_of_a_mean_distance_with_capacities(seed):
    town = city(seed)
    capacity = float(np.ceil(town.weight.sum() / 4.5))
    chosen, facts = told(town, question(4, "median", capacity=capacity))
    whole = distance(town, [*chosen, *town.there], capacity=capacity)
    for place, instead, cost in zip(facts.order, facts.instead, facts.cost, strict=True):
        found = exchanges(
            town, chosen, place, lambda opened: distance(town, opened, capacity=capacity)
        )
        assert found[instead] == pytest.approx(min(found.values()))
        assert cost == pytest.approx(found[instead] - whole, abs=1e-3)
    assert np.isnan([facts.before, facts.after, facts.alone]).all()


def test_without_stations_nothing_is_near_before_the_first():
    town = city(0, e=0)
    _chosen, facts = told(town, question(2, "median", e=0))
    assert facts.before[0] == np.inf
    assert np.isfinite(facts.after).all()
    result = siting(town.layers, question(2, "median", e=0), rules=RULES)
    assert "charging-mean-distance-now" not in [i.id for i in result.indicators]


def test_where_it_would_take_too_long_no_exchange_is_tried(monkeypatch):
    monkeypatch.setattr(explain, "WORK", 3)
    town = city(1)
    for ask in (question(4, capacity=45.0), question(4, "median", capacity=300.0)):
        _chosen, facts = told(town, ask)
        assert (facts.instead == -1).all()
        assert np.isnan(facts.cost).all()
        table = siting(town.layers, ask, rules=RULES).tables[0]
        assert "instead" not in table.fields
        assert "alone_demand" not in table.fields
        assert "name" in table.fields
    adds = siting(town.layers, question(4, capacity=45.0), rules=RULES).tables[0].data
    base = served(town, town.there, 45.0)
    assert adds["adds_demand"].sum() + base == pytest.approx(
        adds["share_after"].iloc[-1] * town.weight.sum()
    )


def test_where_each_candidate_is_chosen_there_is_no_exchange():
    town = city(2, n=3)
    for aim in ("served", "median"):
        _chosen, facts = told(town, question(3, aim))
        assert (facts.instead == -1).all()
        assert np.isnan(facts.cost).all()
