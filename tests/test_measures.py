"""How targets are put to their measures."""

from pathlib import Path

import geopandas as gpd
import pytest
from shapely import Point, box

from jxgis.errors import InputErrors
from jxgis.layers import KINDS, Layer
from jxgis.measures import MEASURES, check_criteria
from jxgis.plan import Plan
from jxgis.targets import Criterion

CRS = 4549
PLAN = Plan(Path("plan.toml"), "T")


@pytest.fixture
def layers():
    """A built-up area of which the eastern half lies in two zones and the western in none."""
    area = gpd.GeoDataFrame(geometry=[box(-4000, 0, 4000, 4000)], crs=CRS)
    stops = gpd.GeoDataFrame(geometry=[Point(2000, 2000)], crs=CRS)
    zones = gpd.GeoDataFrame(
        {"zone_id": ["1", "2"], "zone": ["A", "B"]},
        geometry=[box(0, 0, 4000, 2000), box(0, 2000, 4000, 4000)],
        crs=CRS,
    )
    data = {"built_up": area, "stops": stops, "zones": zones}
    return {name: Layer(name, KINDS[name], frame) for name, frame in data.items()}


@pytest.mark.parametrize(
    ("zones", "area_m2", "name"),
    [((), 32e6, None), (("*",), 16e6, "all zones"), (("2",), 8e6, "B")],
)
def test_a_target_is_asked_of_the_zones_it_names(layers, zones, area_m2, name):
    criterion = Criterion("bus", radius_m=500, zones=zones)
    result = MEASURES["transit.coverage"].run(PLAN, layers, [criterion])
    (indicator,) = result.indicators
    assert (indicator.denominator, indicator.zone) == (pytest.approx(area_m2), name)


def test_a_map_of_zones_alone_does_not_draw_what_lies_outside_them(layers):
    def drawn_m2(zones):
        criterion = Criterion("bus", radius_m=500, zones=zones)
        result = MEASURES["transit.coverage"].run(PLAN, layers, [criterion])
        return next(d.data.area.sum() for d in result.layers if d.name == "built_up")

    assert drawn_m2(("*",)) == pytest.approx(16e6)
    assert drawn_m2(()) == pytest.approx(32e6)


def test_every_criterion_that_cannot_be_measured_is_named(layers):
    criteria = [Criterion("no-radius"), Criterion("moon", radius_m=500, zones=("9",))]
    with pytest.raises(InputErrors) as caught:
        check_criteria(PLAN, "transit.coverage", criteria, layers)
    assert "no-radius has no radius_m" in str(caught.value)
    assert "does not have: 9. It has: 1, 2." in str(caught.value)


def test_every_zone_without_zones_is_named_too(layers):
    del layers["zones"]
    criteria = [
        Criterion("a", radius_m=500, zones=("*",)),
        Criterion("b", radius_m=1, zones=("1",)),
    ]
    with pytest.raises(InputErrors) as caught:
        check_criteria(PLAN, "transit.coverage", criteria, layers)
    assert [e.problem.split()[1] for e in caught.value.errors] == ["a", "b"]
