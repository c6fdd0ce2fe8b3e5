"""One kind of station, against all choices that there are, spopt and networkx."""

import networkx as nx
import numpy as np
import pulp
import pytest
from layers_made import by_name, layer, line, point
from siting_made import RADIUS_M, RULES, choices, city, distance, question, served
from spopt.locate import MCLP, PCenter, PMedian

from jxgis.charging.siting import answer
from jxgis.charging.siting_result import siting
from jxgis.errors import InputError

# spopt makes its programmes in a way that PuLP will give up.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

SEEDS = range(6)
SHARE = 0.25


def value(result, name):
    (found,) = [i.value for i in result.indicators if i.id == name]
    return found


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("capacity", [None, 45.0])
def test_no_choice_of_so_many_serves_more(seed, capacity):
    town = city(seed)
    result = siting(town.layers, question(3, capacity=capacity), rules=RULES)
    best = max(served(town, some, capacity) for some in choices(town, 3))
    assert result.solution.objective == pytest.approx(best)
    assert result.solution.bound == pytest.approx(best)
    assert (result.solution.status, result.status) == ("optimal", "done")
    assert value(result, "charging-served") == pytest.approx(best / town.weight.sum())
    now = served(town, town.there, capacity)
    assert value(result, "charging-served-now") == pytest.approx(now / town.weight.sum())


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("capacity", [None, 60.0])
def test_no_fewer_serve_a_share(seed, capacity):
    town = city(seed)
    share = 0.9 * served(town, range(town.n + 1), capacity) / town.weight.sum()
    result = siting(town.layers, question(reach=share, capacity=capacity), rules=RULES)
    enough = share * town.weight.sum() * (1 - 1e-9)
    needed = [
        len(some) - 1 for some in choices(town, town.n) if served(town, some, capacity) >= enough
    ]
    assert result.solution.objective == result.solution.bound == min(needed)
    assert value(result, "charging-stations") == min(needed)
    (share_now,) = [i for i in result.indicators if i.id == "charging-served"]
    assert share_now.met
    assert any("fewer than" in row.reason for row in result.ledger)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("capacity", [None, 60.0])
def test_floors_of_zones_are_met_and_cost_no_more_than_they_must(seed, capacity):
    town = city(seed)
    parts = [np.flatnonzero(town.zone == zone) for zone in (0, 1)]
    floors = [(rows, SHARE * town.weight[rows].sum()) for rows in parts]
    found = [served(town, some, capacity, floors) for some in choices(town, 3)]
    possible = [amount for amount in found if amount is not None]
    ask = question(3, floor=SHARE, capacity=capacity)
    if not possible:
        with pytest.raises(InputError, match="floor"):
            siting(town.layers, ask, rules=RULES)
        return
    result = siting(town.layers, ask, rules=RULES)
    assert result.solution.objective == pytest.approx(max(possible))
    zones = result.by_zone[result.by_zone["zone_id"] != ""]
    assert (zones["share_after"] >= SHARE * (1 - 1e-6)).all()
    assert zones["floor_share"].tolist() == [SHARE] * 2


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("aim", "name"), [("median", "mean-distance"), ("center", "farthest")])
def test_no_choice_is_nearer(seed, aim, name):
    town = city(seed)
    result = siting(town.layers, question(3, aim), rules=RULES)
    best = min(distance(town, some, aim) for some in choices(town, 3))
    per = town.weight.sum() if aim == "median" else 1
    assert value(result, f"charging-{name}") == pytest.approx(best / per)
    assert result.solution.objective == pytest.approx(best / per)
    assert result.solution.status == "optimal"
    now = distance(town, town.there, aim)
    assert value(result, f"charging-{name}-now") == pytest.approx(now / per)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_choice_is_nearer_where_stations_have_a_capacity(seed):
    town = city(seed)
    capacity = float(np.ceil(town.weight.sum() / 3.5))
    result = siting(town.layers, question(3, "median", capacity=capacity), rules=RULES)
    best = min(distance(town, some, capacity=capacity) for some in choices(town, 3))
    assert result.solution.objective == pytest.approx(best / town.weight.sum(), rel=1e-5)
    sites = next(table.data for table in result.tables if table.name == "sites")
    assert (sites["serves_demand"] <= capacity * (1 + 1e-6)).all()


@pytest.mark.parametrize("seed", [11, 12])
def test_spopt_chooses_as_well(seed):
    town = city(seed, m=120, n=20, e=0)
    solver = pulp.HiGHS(msg=False)
    far, weight = town.far, town.weight
    cover = MCLP.from_cost_matrix(far, weight, RADIUS_M, p_facilities=5).solve(solver)
    ours = siting(town.layers, question(5, e=0), rules=RULES).solution
    assert ours.objective == pytest.approx(cover.problem.objective.value())
    median = PMedian.from_cost_matrix(far, weight, p_facilities=5).solve(solver)
    ours = siting(town.layers, question(5, "median", e=0), rules=RULES).solution
    total = median.problem.objective.value()
    assert ours.objective == pytest.approx(total / weight.sum())
    center = PCenter.from_cost_matrix(far, p_facilities=5).solve(solver)
    ours = siting(town.layers, question(5, "center", e=0), rules=RULES).solution
    assert ours.objective == pytest.approx(center.problem.objective.value())


@pytest.mark.parametrize("capacity", [None, 45.0])
def test_the_zones_add_up_to_the_whole(capacity):
    town = city(3)
    result = siting(town.layers, question(3, capacity=capacity), rules=RULES)
    zones = result.by_zone
    assert zones["zone_id"].tolist() == ["west", "east", ""]
    own = [town.weight[town.zone == zone].sum() for zone in (0, 1, -1)]
    assert zones["demand"].tolist() == pytest.approx(own)
    assert zones["served"].sum() == pytest.approx(result.solution.objective)
    assert (zones["served"] <= zones["demand"] * (1 + 1e-9)).all()
    before = (zones["share_before"] * zones["demand"]).sum()
    assert before == pytest.approx(served(town, town.there, capacity))


@pytest.mark.parametrize("aim", ["median", "center"])
def test_distances_by_zone_are_those_to_the_nearest_station(aim):
    town = city(4)
    ask = question(3, aim)
    result = siting(town.layers, ask, rules=RULES)
    opened = [*answer(ask, town.layers, RULES).solution.chosen, *town.there]
    nearest = town.far[:, opened].min(axis=1)
    for row, zone in zip(result.by_zone.to_dict("records"), (0, 1, -1), strict=True):
        own = town.zone == zone
        mean = np.average(nearest[own], weights=town.weight[own])
        assert row["mean_distance_m"] == pytest.approx(mean)
        assert row["farthest_m"] == pytest.approx(nearest[own].max())


def test_a_capacitated_mean_by_zone_adds_up():
    town = city(5)
    capacity = float(np.ceil(town.weight.sum() / 3.5))
    result = siting(town.layers, question(3, "median", capacity=capacity), rules=RULES)
    zones = result.by_zone
    total = (zones["mean_distance_m"] * zones["demand"]).sum()
    assert total / town.weight.sum() == pytest.approx(result.solution.objective, rel=1e-5)


def test_distances_along_streets_are_networkx():
    """A grid of streets, with everything at its crossings."""
    step, side, radius = 300.0, 8, RADIUS_M
    # The ways across are only at every third row, so that straight is not along streets.
    noded = [
        line((x * step, y * step), (x * step, (y + 1) * step))
        for x in range(side)
        for y in range(side - 1)
    ] + [
        line((x * step, y * step), ((x + 1) * step, y * step))
        for y in range(0, side, 3)
        for x in range(side - 1)
    ]
    graph = nx.Graph()
    for one in noded:
        a, b = (tuple(np.round(p, 3)) for p in one.coords)
        graph.add_edge(a, b, weight=one.length)
    rng = np.random.default_rng(1)
    crossings = rng.permutation([(x, y) for x in range(side) for y in range(side)])
    demand, places = crossings[:30] * step, crossings[30:42] * step
    weight = rng.integers(1, 20, 30)
    layers = by_name(
        layer("streets", noded, highway=["residential"] * len(noded)),
        layer("demand", [point(*p) for p in demand], weight=weight),
        layer("candidates", [point(*p) for p in places]),
    )
    nodes = [tuple(np.round(point(*p).coords[0], 3)) for p in [*demand, *places]]
    ways = [nx.single_source_dijkstra_path_length(graph, node) for node in nodes[30:]]
    far = np.array([[way[node] for way in ways] for node in nodes[:30]])
    for aim in ("served", "median"):
        found = answer(question(3, aim, e=0, by="streets"), layers, RULES)
        dense = np.where(far <= radius, far, 0) if aim == "served" else far
        assert found.tier.reach.toarray() == pytest.approx(dense, abs=1e-6)
    result = siting(layers, question(3, e=0, by="streets"), rules=RULES)
    cover = MCLP.from_cost_matrix(far, weight, radius, p_facilities=3)
    best = cover.solve(pulp.HiGHS(msg=False)).problem.objective.value()
    assert result.solution.objective == pytest.approx(best)
    assert "reach" not in [drawing.name for drawing in result.layers]


def test_a_result_is_the_same_each_time_and_whole():
    town = city(2)
    one, two = (siting(town.layers, question(3), rules=RULES) for _turn in range(2))
    assert one.to_json() == two.to_json()
    assert set(one.to_json()["solution"]) == {"objective", "bound", "gap", "status", "seed"}
    assert [table.name for table in one.tables] == ["sites", "curve"]
    names = [drawing.name for drawing in one.layers]
    assert names == ["zones", "reach_now", "reach", "unserved_people", "chargers", "sites"]
    sites = one.layers[-1].data
    table = one.tables[0].data
    named = {f"c{j}": place for j, place in enumerate(town.layers["candidates"].data.geometry)}
    assert [named[name] for name in table["name"]] == list(sites.geometry)


def test_the_curve_is_the_best_of_each_number_of_stations():
    town = city(1)
    curve = siting(town.layers, question(3), rules=RULES).tables[1].data
    assert curve["sites"].tolist() == [0, 1, 2, 3, 4]
    for row in curve.to_dict("records"):
        best = max(served(town, some) for some in choices(town, row["sites"]))
        assert row["served_share"] == pytest.approx(best / town.weight.sum())
        assert row["bound_share"] == pytest.approx(row["served_share"])


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (question(8), "no station would serve any there|each of them is chosen|would add anything"),
        (question(2), "what limits it is the number: 2 stations"),
        (question(2, capacity=20.0), "a station can serve 20"),
        (question(2, capacity=20.0), "however many posts it has"),
        (question(3, floor=0.1), "the floors of the zones"),
    ],
)
def test_the_ledger_says_what_limits(ask, said):
    reasons = " | ".join(row.reason for row in siting(city(0).layers, ask, rules=RULES).ledger)
    assert any(part in reasons for part in said.split("|")), reasons


def test_a_radius_is_not_said_to_limit_a_distance():
    ledger = siting(city(0).layers, question(3, "median"), rules=RULES).ledger
    assert not [row for row in ledger if "built-up area" in row.reason]
    cited = siting(city(0).layers, question(3, "median"), rules=RULES).rules
    assert set(cited) == {"charging.time_limit_s"}


def test_demand_that_no_station_is_connected_with():
    streets = [line((0, 0), (900, 0)), line((5000, 0), (5900, 0))]
    layers = by_name(
        layer("streets", streets, highway=["residential"] * 2),
        layer("demand", [point(0, 0), point(5900, 0)], weight=[3, 1]),
        layer("candidates", [point(900, 0), point(100, 0)]),
    )
    with pytest.raises(InputError, match=r"25\.00% of the demand cannot be reached"):
        siting(layers, question(1, "median", e=0, by="streets"), rules=RULES)
    with pytest.raises(InputError, match="does not depend on what a station can serve"):
        siting(layers, question(1, "center", e=0, capacity=3.0), rules=RULES)


def test_too_many_distances_to_hold(monkeypatch):
    monkeypatch.setattr("jxgis.charging.siting.PAIRS", 100)
    with pytest.raises(InputError, match="225 distances are too many"):
        siting(city(0).layers, question(1, "center"), rules=RULES)
    assert siting(city(0).layers, question(1), rules=RULES).solution.status == "optimal"


@pytest.mark.parametrize(("floor", "costs"), [(0.25, False), (0.5, True)])
def test_what_the_floors_of_zones_cost_is_said(floor, costs):
    town = city(1)
    result = siting(town.layers, question(2, floor=floor), rules=RULES)
    free = max(served(town, some) for some in choices(town, 2)) / town.weight.sum()
    lost = free - result.solution.objective / town.weight.sum()
    (row,) = [row for row in result.ledger if "floors of the zones" in row.reason]
    assert (lost > 0) == costs
    assert row.effect == (pytest.approx(lost) if costs else None)
    assert (f"{free:.2%}" in row.reason) == costs


def test_a_share_and_floors_limit_together():
    town = city(1)
    result = siting(town.layers, question(reach=0.1, floor=0.5), rules=RULES)
    reasons = [row.reason for row in result.ledger]
    assert any("the share and the floors" in reason for reason in reasons)


def test_an_exchange_that_is_no_better_than_nothing_is_not_named():
    places = [point(0, 0), point(3000, 0), point(90_000, 0)]
    layers = by_name(
        layer("demand", [point(0, 100), point(3000, 100)], weight=[3, 5]),
        layer("candidates", places, name=["a", "b", "far"]),
    )
    (sites, _curve) = siting(layers, question(2, e=0), rules=RULES).tables
    assert sites.data["name"].tolist() == ["b", "a"]
    assert sites.data["instead"].tolist() == ["", ""]
    assert sites.data["swap_demand"].tolist() == sites.data["alone_demand"].tolist() == [5, 3]
    assert "instead" not in sites.fields
