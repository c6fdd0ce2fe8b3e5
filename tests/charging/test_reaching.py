"""How far demand is from places: straight, along streets, and what is told of both."""

import numpy as np
import pytest
from layers_made import X, Y, by_name, layer, line, point

from jxgis.charging.places import existing_of
from jxgis.charging.reaching import Roads
from jxgis.charging_spec import StationKind
from jxgis.errors import InputError
from jxgis.rules import Rules

STREETS = layer(
    "streets",
    [line((0, 0), (1000, 0)), line((1000, 0), (1000, 1000)), line((5000, 0), (6000, 0))],
    highway=["residential", "tertiary", "residential"],
)
DEMAND = np.array([[X, Y], [X + 1000, Y + 1000], [X + 5500, Y]])


def places(*points, radius=1500.0):
    stations = layer("chargers", [point(*p) for p in points])
    kind = StationKind(
        "k", "K", "d", "c", 0, existing="chargers", radius_m=radius, radius_outside_m=radius
    )
    return existing_of(kind, by_name(stations), built_up=None, rules=Rules())


def test_straight_distances_are_those_of_pythagoras():
    reach = Roads.of("straight", by_name(STREETS)).reach(DEMAND, places((1000, 0), (0, 300)))
    assert reach.toarray() == pytest.approx(
        np.array([[1000, 300], [1000, np.hypot(1000, 700)], [0, 0]])
    )
    assert Roads().ledger == ()
    assert Roads().linking({"demand": DEMAND}) == []


def test_a_way_along_streets_goes_round_the_corner():
    roads = Roads.of("streets", by_name(STREETS))
    reach = roads.reach(DEMAND, places((0, 0), (5000, 0), radius=2500))
    assert reach.toarray() == pytest.approx(np.array([[0, 0], [2000, 0], [0, 500]]), abs=1e-6)
    assert (reach.toarray()[0, 0], reach[[0]].nnz) == (0, 1)  # a zero that is stored
    shorter = roads.reach(DEMAND, places((0, 0), radius=1999))
    assert shorter.nnz == 1


def test_what_is_on_streets_apart_from_the_others_is_told():
    roads = Roads.of("streets", by_name(STREETS))
    rows = roads.linking({"demand": DEMAND})
    assert [(row.layer, row.count) for row in rows] == [("demand", 1)]


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        ([], "there is no layer of streets"),
        ([layer("streets", [line((0, 0), (9, 0))], highway=["footway"])], "no street"),
    ],
)
def test_streets_that_are_not_there_or_not_for_cars(layers, said):
    with pytest.raises(InputError, match=said):
        Roads.of("streets", by_name(*layers))


def test_demand_has_a_limit_of_its_own():
    own = places((0, 0), (1000, 0), (0, 10))
    free = Roads().reach(DEMAND, own).toarray()
    limit = np.array([5.0, 1000.0, 1000.0])[: len(DEMAND)]
    held = Roads().reach(DEMAND, own, limit)
    pairs = held.tocoo()
    kept = set(zip(pairs.row.tolist(), pairs.col.tolist(), strict=True))
    every = Roads().reach(DEMAND, own).tocoo()
    near = {
        (i, j)
        for i, j, d in zip(every.row.tolist(), every.col.tolist(), every.data, strict=True)
        if d <= limit[i]
    }
    assert kept == near
    assert len(kept) < every.nnz
    assert np.isin(held.toarray(), free).all()
