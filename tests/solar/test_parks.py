"""Parks: estates or clusters of roofs, their capacity, and the fewest of a county."""

from itertools import combinations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from roofs_made import WATTS, box, buildings, layer, measured, told

from jxgis.rules import Rules
from jxgis.solar.parks import clusters, parks

# 1 m² of a park's roof
MW = 0.3 * WATTS / 1e6


def hall(x, y, area, height=10.0):
    return box(x, y, x + area / height, y + height)


def counties(*shapes):
    names = [f"C{n}" for n in range(len(shapes))]
    return layer("zones", shapes, zone_id=names, zone=[f"County {n}" for n in range(len(shapes))])


def found(roofs, estates=None, within=None, need=1.0, **rules):
    return parks(roofs, estates, within, need, Rules(rules))


def test_estates_carry_what_the_roofs_of_industry_in_them_carry():
    drawn = buildings(
        hall(0, 0, 100),
        hall(30, 0, 200),
        hall(0, 50, 300),
        hall(400, 0, 500),
        hall(900, 0, 50),
        **{"class": ["industrial", "warehouse", "house", "industrial", "industrial"]},
    )
    estates = layer("estates", [box(-10, -10, 100, 100), box(350, -10, 500, 20)], name=["A", None])
    got = found(measured(drawn), estates)
    assert got.data["park"].tolist() == ["Park 1", "A"]
    assert got.data["capacity_mw"].tolist() == pytest.approx([500 * MW, 300 * MW])
    assert got.data["roofs"].tolist() == [1, 2]
    assert got.data["roof_m2"].tolist() == pytest.approx([500, 300])
    assert got.roof_park.tolist() == [1, 1, -1, 0, -1]
    assert got.shapes[1].equals(estates.data.geometry.iloc[0])
    (row,) = told(got.ledger, "outside")
    assert row.count == 1
    assert not told(got.ledger, "assumed")


def test_a_roof_in_two_estates_counts_in_the_first():
    estates = layer("estates", [box(0, 0, 50, 50), box(0, 0, 90, 90)], name=["A", "B"])
    got = found(measured(buildings(hall(5, 5, 100), hall(60, 5, 100))), estates)
    assert dict(zip(got.data["park"], got.data["roofs"], strict=True)) == {"A": 1, "B": 1}


def test_without_estates_roofs_near_to_each_other_are_parks():
    # Gaps of 50 and 51 m; homes between do not join.
    drawn = buildings(
        *(box(x, 0, x + 10, 10) for x in (0, 60, 121, 85)),
        **{"class": ["industrial", "industrial", "industrial", "house"]},
    )
    got = found(measured(drawn))
    assert got.data["park"].tolist() == ["Park 1", "Park 2"]
    assert got.data["roofs"].tolist() == [2, 1]
    assert got.roof_park.tolist() == [0, 0, 1, -1]
    assert got.shapes[0].area == pytest.approx(200)
    (row,) = told(got.ledger, "assumed")
    assert "within 50 m" in row.reason
    assert found(measured(drawn), **{"solar.join_within_m": 51}).data["roofs"].tolist() == [3]


spots = st.lists(st.tuples(*[st.integers(0, 20)] * 2), min_size=1, max_size=12, unique=True)


@given(spots, st.integers(1, 4))
def test_clusters_are_those_that_chains_of_neighbours_reach(places, within):
    shapes = np.array([shapely.box(3 * x, 3 * y, 3 * x + 1, 3 * y + 1) for x, y in places])
    label = clusters(shapes, within)
    groups = [{i} for i in range(len(shapes))]
    for i, j in combinations(range(len(shapes)), 2):
        if shapes[i].distance(shapes[j]) <= within:
            one, other = (next(g for g in groups if k in g) for k in (i, j))
            if one is not other:
                groups.remove(other)
                one |= other
    assert {frozenset(np.flatnonzero(label == c).tolist()) for c in set(label)} == {
        frozenset(group) for group in groups
    }
    first = [int(np.flatnonzero(label == c)[0]) for c in range(label.max() + 1)]
    assert first == sorted(first)


def test_the_fewest_parks_of_each_county_reach_the_need():
    sizes = [300, 100, 250, 200, 90, 80]
    drawn = buildings(*(hall(200 * n, 0, size) for n, size in enumerate(sizes)))
    within = counties(box(-50, -50, 750, 100), box(750, -50, 950, 100), box(5000, 0, 5001, 1))
    got = found(measured(drawn), within=within, need=540 * MW)
    assert got.counties["zone"].tolist() == [
        "County 0", "County 1", "County 2", "outside every county",
    ]  # fmt: skip
    assert got.counties["parks"].tolist() == [4, 1, 0, 1]
    assert got.counties["fewest"].tolist() == [2, None, None, None]
    chosen = got.counties["chosen_mw"].tolist()
    assert chosen == pytest.approx([550 * MW, 0, 0, 0])
    short = got.counties["short_mw"].tolist()
    assert short == pytest.approx([0, 450 * MW, 540 * MW, 460 * MW])
    assert got.data["capacity_mw"].tolist() == pytest.approx([s * MW for s in sorted(sizes)[::-1]])
    assert got.data["chosen"].tolist() == [True, True, False, False, False, False]


@settings(max_examples=40)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=8), st.integers(1, 200))
def test_no_set_of_fewer_parks_reaches_the_need(sizes, need):
    drawn = buildings(*(hall(200 * n, 0, 10 * size) for n, size in enumerate(sizes)))
    # Half a unit less, so that rounding decides nothing.
    got = found(measured(drawn), need=(need - 0.5) * 10 * MW).counties
    reaching = [
        n
        for n in range(1, len(sizes) + 1)
        if any(sum(own) >= need for own in combinations(sizes, n))
    ]
    assert got["fewest"].tolist() == [min(reaching, default=None)]
    assert got["short_mw"].iloc[0] == pytest.approx(
        max(need - 0.5 - sum(sizes), 0) * 10 * MW if not reaching else 0
    )


def test_a_park_across_a_border_is_where_most_of_its_capacity_is():
    drawn = buildings(hall(-60, 0, 100), hall(-45, 0, 100), hall(10, 0, 250))
    within = counties(box(-100, -100, 0, 100), box(0, -100, 100, 100))
    got = found(measured(drawn), within=within)
    assert got.data["zone_id"].tolist() == ["C1"]
    assert got.counties["parks"].tolist() == [0, 1]


def test_no_roof_of_industry_is_no_park():
    drawn = buildings(hall(0, 0, 100), **{"class": ["house"]})
    got = found(measured(drawn), within=counties(box(-10, -10, 50, 50)), need=2.5)
    assert len(got.data) == 0
    assert got.counties[["parks", "short_mw"]].values.tolist() == [[0, 2.5]]
    estates = layer("estates", [box(0, 0, 100, 100)])
    empty = found(measured(drawn), estates, counties(box(-10, -10, 150, 150)))
    assert empty.data[["park", "capacity_mw"]].values.tolist() == [["Park 1", 0]]
