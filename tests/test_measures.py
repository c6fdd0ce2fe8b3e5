"""How targets are put to their measures."""

import math
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import Point, box

from jxgis.errors import InputError, InputErrors
from jxgis.layers import KINDS, Layer
from jxgis.measures import MEASURES, check_criteria
from jxgis.plan import CoverageSettings, ExclusionSettings, Plan
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


def test_an_exclusion_takes_the_layer_it_names_and_no_other_of_its_kind(layers):
    for name, where in (("land", box(0, 0, 2000, 2000)), ("parks", box(2000, 2000, 4000, 4000))):
        land = gpd.GeoDataFrame({"class": ["park"]}, geometry=[where], crs=CRS)
        layers[name] = Layer(name, KINDS["land"], land)
    exclude = (ExclusionSettings("parks", ("park",)), ExclusionSettings("parks", ("park",)))
    plan = Plan(Path("plan.toml"), "T", coverage=CoverageSettings(exclude))
    result = MEASURES["transit.coverage"].run(plan, layers, [Criterion("bus", radius_m=500)])
    excluded = [row for row in result.ledger if row.what == "excluded"]
    assert result.indicators[0].denominator == pytest.approx(28e6)
    assert len(excluded) == 1
    assert "takes 4.00 km²" in excluded[0].reason


def test_the_effect_of_an_exclusion_is_on_the_figure_that_is_asked(layers):
    """The park is a quarter of the eastern half, and an eighth of the whole."""
    park = gpd.GeoDataFrame({"class": ["park"]}, geometry=[box(0, 0, 2000, 2000)], crs=CRS)
    layers["land"] = Layer("land", KINDS["land"], park)
    exclude = (ExclusionSettings("land", ("park",)),)
    plan = Plan(Path("plan.toml"), "T", coverage=CoverageSettings(exclude))
    disc = math.pi * 500**2
    for zones, whole in ((("*",), 16e6), ((), 32e6)):
        criterion = Criterion("bus", radius_m=500, zones=zones)
        result = MEASURES["transit.coverage"].run(plan, layers, [criterion])
        (row,) = (r for r in result.ledger if r.what == "excluded")
        assert row.effect == pytest.approx(0.75 * disc / (whole - 4e6) - disc / whole, abs=1e-9)
        assert row.reason.endswith("effect on bus")


def test_a_printed_area_is_of_the_zones_that_the_first_target_names(layers):
    settings = CoverageSettings(built_up_area_m2=20e6, built_up_source="Yearbook")
    plan = Plan(Path("plan.toml"), "T", coverage=settings)
    criteria = [
        Criterion("a", radius_m=500, zones=("*",)),
        Criterion("b", radius_m=300, zones=("*",)),
        Criterion("c", radius_m=300, zones=("1",)),
    ]
    result = MEASURES["transit.coverage"].run(plan, layers, criteria)
    printed = {i.id: i.value for i in result.indicators if i.id.endswith("-yearbook")}
    assert printed == {
        "a-yearbook": pytest.approx(math.pi * 500**2 / 20e6),
        "b-yearbook": pytest.approx(math.pi * 300**2 / 20e6),
    }


@pytest.mark.parametrize(
    ("measure", "asked", "said"),
    [
        ("green.cover", Criterion("it", of="net"), "asks green.cover of net"),
        ("green.change", Criterion("it", of="people", unit="ha"), "asks green.change of people"),
        ("green.parks", Criterion("it", unit="acre"), "an area in acre"),
    ],
)
def test_questions_that_a_measure_of_green_has_no_answer_to(measure, asked, said):
    with pytest.raises(InputError, match=said):
        check_criteria(PLAN, measure, [asked], {})
    check_criteria(PLAN, "green.change", [Criterion("it", of="net")], {})
