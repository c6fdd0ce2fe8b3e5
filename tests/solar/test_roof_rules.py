"""Roofs that a rule of a day forbids: shares by hand, by shapely, and the capacity that is left."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from land_made import NOW, SINCE, THEN, box, exclusion, layer
from study_made import ON_ROOFS, RIVER, ROOF_MW, USES, county, made, study

from jxgis.solar.roof_rules import free_shares
from jxgis.solar.siting import sited

HERITAGE = exclusion("heritage", "land", ["heritage"], forms=ON_ROOFS, since=SINCE)


def shares(kinds, roofs, *rules, day=NOW):
    return free_shares(sited(kinds, made(rules)), np.array(roofs, dtype=object), day)


def old_town(*shapes):
    return {"land": layer("land", shapes, **{"class": ["heritage"] * len(shapes)})}


def test_half_a_roof_is_in_the_old_town():
    kinds = old_town(box(0, 0, 50, 100), box(20, 0, 50, 100))
    roofs = [box(40, 0, 60, 10), box(100, 0, 110, 10), box(1, 1, 9, 9), shapely.Polygon()]
    assert shares(kinds, roofs, HERITAGE) == pytest.approx([0.5, 1, 0, 1])
    assert shares(kinds, roofs, HERITAGE, day=THEN).tolist() == [1.0] * 4
    assert shares(kinds, [], HERITAGE).tolist() == []


def test_a_rule_of_land_alone_forbids_no_roof():
    kinds = old_town(box(0, 0, 50, 100))
    assert shares(kinds, [box(1, 1, 9, 9)], exclusion("x", "land", ["heritage"])).tolist() == [1.0]


def test_a_setback_reaches_a_roof():
    kinds = old_town(box(0, 0, 50, 100))
    rule = exclusion("near", "land", ["heritage"], 8.0, forms=("roof",))
    assert shares(kinds, [box(50, 20, 70, 60)], rule) == pytest.approx([12 / 20], abs=1e-4)


CORNERS = st.lists(
    st.tuples(*[st.integers(0, 60)] * 2, *[st.integers(1, 30)] * 2), min_size=1, max_size=5
)


@given(CORNERS, CORNERS, st.sampled_from([0.0, 3.0, 11.0]))
def test_shares_are_those_of_shapelys_overlay(places, roofs, setback):
    kinds = old_town(*[box(x, y, x + w, y + h) for x, y, w, h in places])
    roofs = [box(x, y, x + w, y + h) for x, y, w, h in roofs]
    rule = exclusion("near", "land", ["heritage"], setback, forms=("roof",))
    taken = shapely.union_all(shapely.buffer(kinds["land"].data.geometry, setback, quad_segs=99))
    wanted = [roof.difference(taken).area / roof.area for roof in roofs]
    assert shares(kinds, roofs, rule) == pytest.approx(wanted, abs=2e-2 if setback else 1e-9)


def test_a_protected_works_carried_panels_then_and_does_not_now():
    kinds = county()
    town = layer("land", [box(1200, 610, 1500, 700)], **{"class": ["heritage"]}).data
    data = kinds["land"].data
    data.loc[len(data)] = town.iloc[0]
    found = study(kinds, (*USES, RIVER, HERITAGE), days=(THEN, NOW), need_mw=5)
    then, now = (own.by_county[0, 0] for own in found.capacities)
    assert then == pytest.approx(ROOF_MW)
    assert now == 0
    first, last = (own.by_county[0, 1:] for own in found.capacities)
    assert first == pytest.approx(last), "of land nothing is protected there"
    assert found.roofs.data["capacity_mw"].sum() == 0
    assert found.parks.data["capacity_mw"].sum() == 0
    assert any("forbids roofs" in row.reason for row in found.ledger)
