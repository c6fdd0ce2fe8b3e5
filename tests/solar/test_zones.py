"""Zones of drawn counties, worked out by hand, and against the plainest search of all."""

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from land_made import box, exclusion, zones
from study_made import (
    DENSITY,
    FIELD_MW,
    POND_MW,
    RIVER,
    ROOF_MW,
    USES,
    county,
    field,
    land_of,
    road,
    study,
    zoned,
)

from jxgis.solar.frame import framed
from jxgis.solar.zone_land import free_land
from jxgis.solar.zones import RUNNERS_UP, Short, counties_of
from jxgis.solar_spec import FORMS

ROAD = exclusion("road", "streets", ["residential"], 6.0)
STREAM = exclusion("stream", "streets", ["river"], 6.0, cuts=True)
ROOF, GROUND, POND, COMPOSITE = range(len(FORMS))


def outcomes(found):
    """The outcome of each county on the last day."""
    return found.outcomes[-1]


def test_capacities_are_those_worked_out_by_hand():
    found = study(county(), need_mw=81.6)
    (mw,) = found.capacities[-1].by_county
    assert mw == pytest.approx([ROOF_MW, FIELD_MW, POND_MW, 0.0], rel=1e-9)
    ((zone,),) = outcomes(found)
    # all of the field is needed, and the pond lies behind the river
    assert zone.mw == pytest.approx([0.0, FIELD_MW, 0.0, 0.0], rel=1e-9)
    assert found.shapes[0].bounds[2] <= box(0, 0, 1000, 1).bounds[2]


def test_a_roof_and_a_pond_reach_it_together():
    without = county()
    without["land"].data.loc[0, "class"] = "river"
    (own,) = outcomes(study(without, need_mw=POND_MW + ROOF_MW / 2))
    assert own[0].mw == pytest.approx([ROOF_MW, 0.0, POND_MW, 0.0], rel=1e-9)
    del without["buildings"]
    (own,) = outcomes(study(without, need_mw=POND_MW + ROOF_MW / 2))
    assert isinstance(own, Short)
    assert own.best_mw == pytest.approx(POND_MW)


def test_where_nothing_reaches_it_the_best_patch_is_told():
    found = study(county(), need_mw=500)
    (own,) = outcomes(found)
    assert isinstance(own, Short)
    assert own.best_mw == pytest.approx(FIELD_MW, rel=1e-9)
    assert not len(own.patches), "the whole county does not carry it"
    assert found.zones == found.shapes == ()
    (own,) = outcomes(study(county(), need_mw=FIELD_MW + POND_MW + ROOF_MW))
    assert own.patches == pytest.approx([FIELD_MW, POND_MW + ROOF_MW], rel=1e-9)


def test_a_zone_across_two_counties_is_split_by_county():
    kinds = {
        "zones": zones(box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)),
        "land": field(box(400, 300, 1700, 700)),
    }
    found = study(kinds, need_mw=15)
    pieces = found.capacities[-1].day.pieces
    assert len(np.unique(pieces.component)) == 1, "of the whole map it is one"
    own = outcomes(found)
    for number, best in enumerate(own):
        for zone in best:
            assert (pieces.zone[zone.pieces] == number).all()
            assert zone.mw.sum() >= 15
    for zone, shape in zip(found.zones, found.shapes, strict=True):
        assert found.frame.shapes[zone.county].buffer(0.01).contains(shape)
    # neither half reaches what both would together
    _capacity, halves = zoned(kinds, need_mw=30)
    assert all(isinstance(half, Short) for half in halves)
    assert [half.best_mw for half in halves] == pytest.approx([0.6 * 0.4 * 86, 0.7 * 0.4 * 86])


def test_a_river_ends_a_zone_and_a_minor_road_does_not():
    kinds = {
        "zones": zones(box(0, 0, 1000, 1000)),
        "land": field(box(0, 0, 1000, 1000)),
    }
    whole = (1000 - 12) / 1e3 * 86
    need = 0.9 * whole
    _capacity, (own,) = zoned(kinds | {"streets": road(400)}, (USES[0], ROAD), need_mw=need)
    assert own[0].mw.sum() >= need
    cut = kinds | {"streets": road(400, "river")}
    _capacity, (own,) = zoned(cut, (USES[0], STREAM), need_mw=need)
    assert isinstance(own, Short)
    assert own.best_mw < 0.6 * whole + 0.1
    assert own.patches.sum() >= need


def test_the_most_compact_zone_of_a_drawn_county():
    kinds = {
        "zones": zones(box(0, 0, 2000, 1000)),
        "land": field(box(0, 0, 2000, 100), box(1200, 400, 1700, 900)),
    }
    density = DENSITY | {"ground": 100.0}
    # tiles of 100 m carry 1 MW each: nine of them in a square are the nearest to the middle one
    _capacity, (own,) = zoned(kinds, density=density, need_mw=9)
    assert own[0].radius_m == pytest.approx(100 * np.sqrt(2))
    assert own[0].mw.sum() == pytest.approx(9.0)
    (x, y) = own[0].centre
    assert box(1300, 500, 1600, 800).contains(shapely.Point(x, y))
    # the whole square, then the strip: 4 tiles to each side of the middle one
    _capacity, (own,) = zoned(kinds, density=density, need_mw=18)
    assert own[0].radius_m == pytest.approx(100 * np.sqrt(5))
    assert own[1].radius_m == pytest.approx(900.0, abs=1)
    assert [zone.rank for zone in own] == [1, 2]


def plainest(xy, amount, edges, need):
    """The smallest disc round a piece in which a connected part reaches the need: all are tried."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    best = np.inf
    for centre in range(len(xy)):
        away = np.hypot(*(xy - xy[centre]).T)
        for radius in np.unique(away[away < best]):
            inside = away <= radius
            own = edges[inside[edges].all(axis=1)]
            graph = coo_array((np.ones(len(own)), own.T), shape=(len(xy),) * 2)
            part = connected_components(graph, directed=False)[1][inside]
            if np.bincount(part, weights=amount[inside]).max() >= need - 1e-6:
                best = min(best, radius)
                break
    return best


BOXES = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(1, 6), st.integers(1, 6)),
    min_size=1,
    max_size=4,
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(BOXES, st.floats(0.5, 12.0))
def test_the_most_compact_is_that_of_the_plainest_search(corners, need):
    shapes = [box(70 * x, 70 * y, 70 * (x + w), 70 * (y + h)) for x, y, w, h in corners]
    kinds = {"zones": zones(box(0, 0, 1000, 1000)), "land": field(*shapes)}
    capacity, (own,) = zoned(kinds, cell=20.0, need_mw=need)
    best = plainest(capacity.xy, capacity.all_mw, capacity.day.pieces.edges, need)
    if isinstance(own, Short):
        assert best == np.inf
    else:
        assert own[0].radius_m == pytest.approx(best, abs=1e-6)
        assert len(own) <= 1 + RUNNERS_UP
        radii = [zone.radius_m for zone in own]
        assert radii == sorted(radii)
        taken = np.concatenate([zone.pieces for zone in own])
        assert len(taken) == len(np.unique(taken)), "they have nothing in common"
        assert all(zone.mw.sum() >= need - 1e-6 for zone in own)


def test_the_land_of_a_zone_is_what_its_capacity_stands_on():
    kinds = county()
    kinds["streets"] = road(330)
    kinds["land"].data.geometry = [
        box(7, 0, 1000, 991).difference(box(300, 300, 377, 411)),
        box(1000, 0, 1100, 1000),
        box(1203, 200, 1700, 607),
    ]
    found = study(kinds, (*USES, RIVER, ROAD), need_mw=5)
    every = outcomes(found)[0]
    assert len(every) == 3
    for zone, shape in zip(found.zones, found.shapes, strict=True):
        free = free_land(found.land.land, shape)
        mw = [free[form].area * DENSITY[form] / 1e6 if form in free else 0.0 for form in FORMS]
        assert mw[1:] == pytest.approx(zone.mw[1:], rel=1e-4)


def test_the_land_of_a_county_is_that_of_its_cells():
    free = free_land(land_of(county()), box(0, 0, 2000, 1000))
    assert free["ground"].area == pytest.approx(FIELD_MW / 86 * 1e6, rel=1e-6)
    assert free["pond"].area == pytest.approx(POND_MW / 36 * 1e6, rel=1e-6)
    assert set(free) == {"ground", "pond"}


def test_a_point_on_the_border_is_of_the_first_county():
    frame = framed(zones(box(0, 0, 100, 100), box(100, 0, 200, 100)), 10.0)
    points = [box(90, 0, 110, 10), box(120, 0, 130, 9), box(900, 0, 910, 9)]
    own = counties_of(frame, shapely.centroid(np.array(points)))
    assert own.tolist() == [0, 1, -1]
