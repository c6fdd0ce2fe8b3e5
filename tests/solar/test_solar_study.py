"""A drawn county as a whole: what is legal then and now, yields, ranks, users, and what is told."""

import numpy as np
import pytest
import shapely
from land_made import NOW, SINCE, SOUTH, THEN, WEST, box, exclusion, layer, raster, zones
from study_made import (
    DENSITY,
    FIELD_MW,
    POND_MW,
    RIVER,
    ROOF_MW,
    USES,
    county,
    field,
    made,
    study,
)

from jxgis.errors import InputError
from jxgis.rules import Rules
from jxgis.solar.study import specific_yields, studied
from jxgis.solar.zones import Short

CROPS = exclusion("crops", "land", ["cropland"], since=SINCE)


def two_days():
    """A county whose field is of crops, which panels are kept from since a day between."""
    kinds = county()
    kinds["land"].data.loc[0, "class"] = "cropland"
    return kinds


def test_what_was_legal_then_and_is_not_now():
    found = study(two_days(), (*USES, RIVER, CROPS), days=(THEN, NOW), need_mw=40)
    then, now = (own.by_county[0] for own in found.capacities)
    crops = FIELD_MW / DENSITY["ground"] * DENSITY["composite"]
    assert then == pytest.approx([ROOF_MW, 0, POND_MW, crops], rel=1e-9)
    assert now == pytest.approx([ROOF_MW, 0, POND_MW, 0], rel=1e-9)
    assert isinstance(found.outcomes[0][0], list)
    assert isinstance(found.outcomes[1][0], Short)
    assert [rule.id for rule in found.land.lost_m2] == ["crops"]
    assert found.zones == ()


def test_the_same_run_twice_is_the_same():
    one, two = (study(county(), need_mw=5) for _n in range(2))
    assert (one.mwh == two.mwh).all()
    assert (one.ranking.first_of_all == two.ranking.first_of_all).all()
    for first, second in zip(one.zones, two.zones, strict=True):
        assert (first.pieces == second.pieces).all()


def test_a_years_yield_is_capacity_times_yield_of_its_mounting():
    found = study(county(), need_mw=5)
    each = specific_yields(found.yields, found.roofs)
    ways = ("flat_roof", "ground", "pond", "composite")
    assert each == pytest.approx([found.yields.mountings[way].kwh_per_kwp for way in ways])
    assert found.county_mwh == pytest.approx(found.capacities[-1].by_county @ each)
    assert found.mwh == pytest.approx([zone.mw @ each for zone in found.zones])


def test_pitched_roofs_yield_as_pitched():
    kinds = county()
    kinds["buildings"] = layer(
        "buildings",
        [box(1300, 620, 1400, 680), box(1500, 620, 1600, 680)],
        **{"class": ["industrial"] * 2, "roof_shape": ["flat", "gabled"]},
    )
    found = study(kinds, need_mw=5)
    own = found.roofs.data
    part = own["capacity_mw"].iloc[1] / own["capacity_mw"].sum()
    flat, pitched = (
        found.yields.mountings[way].kwh_per_kwp for way in ("flat_roof", "pitched_roof")
    )
    assert 0 < part < 1
    assert specific_yields(found.yields, found.roofs)[0] == pytest.approx(
        flat * (1 - part) + pitched * part
    )


def test_a_brighter_zone_yields_more_and_is_ranked_first():
    kinds = {
        "zones": zones(box(0, 0, 2000, 1000), box(0, 1000, 2000, 1100)),
        "land": field(box(0, 300, 400, 700), box(1600, 300, 2000, 700)),
        "irradiance": raster("irradiance", "irradiance", [[1300.0, 1430.0]], 1000.0),
    }
    found = study(kinds, need_mw=13, irradiation_kwh_per_m2=1300)
    assert len(found.zones) == 2
    light = found.ranking.values[:, 0]
    assert sorted(light) == [1300, 1430]
    bright, dull = int(np.argmax(light)), int(np.argmin(light))
    assert found.mwh[bright] / found.mwh[dull] == pytest.approx(1.1)
    assert found.county_mwh[0] == pytest.approx(found.mwh.sum(), rel=1e-6)
    assert found.county_mwh[1] == 0.0, "there is nothing, and no light is known"
    assert (found.ranking.score[bright], found.ranking.score[dull]) == (1.0, 0.0)
    assert found.ranking.first_in_county[bright] == 1.0


def test_what_zones_are_ranked_by_is_measured_on_them():
    kinds = county()
    place = shapely.Point(WEST - 400, SOUTH + 500)
    kinds["substations"] = layer("substations", [place], name=["Salt Lake"], spare_kw=[9000.0])
    rise = np.tan(np.radians(3.0))
    heights = np.tile(np.arange(60) * 50.0 * rise, (40, 1))
    kinds["elevation"] = raster("elevation", "elevation", heights, 50.0, west=-500, north=1500)
    found = study(kinds, need_mw=81.6, weights={"slope": 1.0, "grid_distance": 1.0})
    ((_light, way, roof, slope),) = found.ranking.values
    assert way == pytest.approx(400)
    assert roof == 0, "the works is not in it"
    assert slope == pytest.approx(3.0, abs=0.01)
    assert found.ranking.weights == pytest.approx([0, 0.5, 0, 0.5])
    assert found.grid.names == ["Salt Lake"]


def test_zones_stand_in_the_order_of_their_ranks():
    kinds = {
        "zones": zones(box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)),
        "land": field(box(0, 0, 2000, 1000)),
    }
    found = study(kinds, need_mw=9)
    assert [(zone.rank, zone.county) for zone in found.zones] == [
        (1, 0), (1, 1), (2, 0), (2, 1), (3, 0), (3, 1),
    ]  # fmt: skip
    for zone, shape in zip(found.zones, found.shapes, strict=True):
        assert shape.area >= zone.mw.sum() / 86 * 1e6 - 1


def test_large_users_are_joined_to_their_roofs():
    kinds = county()
    kinds["enterprises"] = layer(
        "enterprises", [shapely.Point(WEST + 1350, SOUTH + 650)], tce=[9000.0], name=["Mill"]
    )
    (row,) = study(kinds, need_mw=5).enterprises.data.to_dict("records")
    assert row["roofs"] == 1
    assert row["capacity_mw"] == pytest.approx(ROOF_MW)


def test_without_buildings_there_are_no_roofs_parks_or_users():
    kinds = county()
    del kinds["buildings"]
    found = study(kinds, need_mw=5)
    assert found.roofs is found.parks is found.enterprises is None
    assert found.capacities[-1].by_county[0, 0] == 0


def test_roofs_alone_will_do():
    kinds = county()
    del kinds["land"]
    found = study(kinds, need_mw=ROOF_MW / 2)
    assert found.zones[0].mw == pytest.approx([ROOF_MW, 0, 0, 0])


def test_a_roof_outside_of_all_counties_is_in_none():
    kinds = county()
    kinds["buildings"] = layer(
        "buildings", [box(2100, 0, 2200, 100), box(0, 0, 1, 1)], **{"class": ["industrial"] * 2}
    )
    found = study(kinds, need_mw=5)
    assert found.capacities[-1].by_county[0, 0] == pytest.approx(0.5 * 137.5 / 1e6)


def test_without_land_and_buildings_it_is_refused():
    with pytest.raises(InputError, match="neither land nor a building"):
        studied({"zones": zones(box(0, 0, 9, 9))}, made(USES), days=(NOW,), rules=Rules({}))


def test_rules_that_no_layer_can_check_are_told():
    wind = exclusion("flightpath", "expressways", (), 45.0)
    found = study(county(), (*USES, RIVER, wind), need_mw=5)
    (row,) = [row for row in found.ledger if "not checked" in row.reason]
    assert (row.layer, row.reason.endswith("flightpath")) == ("expressways", True)
