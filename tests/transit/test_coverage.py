"""The coverage measure: what it counts, against Shapely and against sums done by hand."""

import math
import re

import geopandas as gpd
import numpy as np
import pytest
import shapely

from jxgis.errors import InputError
from jxgis.layers import KINDS, Layer
from jxgis.results import InputFile, LedgerRow
from jxgis.rules import Rules
from jxgis.transit.coverage import Ask, Denominator, Exclusion, coverage

CRS = "EPSG:4549"
X, Y = 480_000.0, 3_330_000.0
DISC = math.pi * 500.0**2
HALF_KM = [Ask("bus-500", 500.0)]


def box(x0, y0, x1, y1):
    return shapely.box(X + x0, Y + y0, X + x1, Y + y1)


def layer(kind, geometries, **columns):
    data = gpd.GeoDataFrame(columns, geometry=list(geometries), crs=CRS)
    source = InputFile(f"{kind}.gpkg", None, len(data), CRS)
    return Layer(kind, KINDS[kind], data, (source,), (LedgerRow("note", kind, 1, f"of {kind}"),))


def stops(*places):
    return layer("stops", [shapely.Point(X + x, Y + y) for x, y in places])


def zones(**geometries):
    names = [f"District {i}" for i in geometries]
    return layer("zones", geometries.values(), zone_id=list(geometries), zone=names)


def measured(*layers, asks=HALF_KM, drawings=False, **options):
    rules = options.pop("rules", Rules())
    by_name = {own.name: own for own in layers}
    return coverage(by_name, asks, rules=rules, drawings=drawings, **options)


def rows(result, what):
    return [row for row in result.ledger if row.what == what]


def test_one_stop_in_the_middle_covers_its_disc():
    result = measured(stops((2000, 2000)), layer("built_up", [box(0, 0, 4000, 4000)]))
    (share,) = result.indicators
    assert (share.id, share.unit, share.zone) == ("bus-500", "1", None)
    assert share.params == {"radius_m": 500.0, "of": "area", "by": "straight"}
    assert share.numerator == pytest.approx(DISC)
    assert share.denominator == pytest.approx(16e6)
    assert share.value == pytest.approx(DISC / 16e6)
    assert result.measure == "transit.coverage"
    assert result.crs == CRS
    assert result.rules == {}
    assert [source.path for source in result.inputs] == ["stops.gpkg", "built_up.gpkg"]
    assert [row.reason for row in result.ledger] == ["of stops", "of built_up"]


def test_a_city_agrees_with_fine_buffers_by_zone_and_in_total():
    rng = np.random.default_rng(4)
    places = rng.uniform(-600, 8600, (150, 2))
    built_up = [
        box(0, 0, 3000, 8000).difference(box(500, 500, 900, 1500)),
        box(3500, 0, 8000, 8000),
    ]
    districts = {"a": box(-10, -10, 4000, 5000), "b": box(4000, -10, 9000, 8001)}
    asks = [Ask("near", 300.0), Ask("far", 500.0), Ask("far-b", 500.0, ("b",))]
    result = measured(stops(*places), layer("built_up", built_up), zones(**districts), asks=asks)
    areas = [
        *districts.values(),
        shapely.difference(
            shapely.union_all(built_up), shapely.union_all(list(districts.values()))
        ),
    ]
    table = result.by_zone
    assert list(table["zone_id"]) == ["a", "b", ""] * 2
    for radius in (300.0, 500.0):
        points = shapely.points(places + np.array([X, Y]))
        discs = shapely.union_all(shapely.buffer(points, radius, quad_segs=512))
        covered = shapely.intersection(shapely.union_all(built_up), discs)
        expected = shapely.area(shapely.intersection(covered, areas))
        own = table[table["radius_m"] == radius]
        assert list(own["covered_area_m2"]) == pytest.approx(list(expected), rel=1e-5)
        assert list(own["share"]) == pytest.approx(list(own["covered_area_m2"] / own["area_m2"]))
        total = next(i for i in result.indicators if i.params["radius_m"] == radius)
        assert total.numerator == pytest.approx(own["covered_area_m2"].sum(), rel=1e-12)
        assert total.denominator == pytest.approx(shapely.area(built_up).sum(), rel=1e-12)
    assert [i.id for i in result.indicators] == ["near", "far", "far-b"]
    assert result.indicators[2].value == pytest.approx(table["share"][4], rel=1e-12)
    assert result.indicators[2].zone == "District b"
    assert "outside every zone" in rows(result, "outside")[1].reason


def test_a_stop_outside_counts_where_it_reaches_in_and_is_on_the_ledger():
    result = measured(stops((-300, 2000)), layer("built_up", [box(0, 0, 4000, 4000)]))
    part = 500**2 * math.acos(0.6) - 300 * 400
    assert result.indicators[0].numerator == pytest.approx(part)
    assert [(row.layer, row.count) for row in rows(result, "outside")] == [("stops", 1)]


def test_overlapping_built_up_polygons_count_once():
    built_up = layer("built_up", [box(0, 0, 3000, 3000), box(2000, 0, 4000, 3000)])
    result = measured(stops((2500, 1500)), built_up)
    assert result.indicators[0].numerator == pytest.approx(DISC)
    assert result.indicators[0].denominator == pytest.approx(12e6)
    assert "3.0000 km²" in rows(result, "overlap")[0].reason


def test_adjacent_built_up_polygons_are_no_overlap():
    built_up = layer("built_up", [box(0, 0, 2000, 3000), box(2000, 0, 4000, 3000)])
    result = measured(stops((2000, 1500)), built_up)
    assert result.indicators[0].numerator == pytest.approx(DISC)
    assert not rows(result, "overlap")


def test_overlapping_zones_have_their_own_rows_and_the_total_is_their_union():
    city = layer("built_up", [box(0, 0, 4000, 4000)])
    areas = zones(a=box(0, 0, 2000, 4000), b=box(1500, 0, 4000, 4000), c=box(3500, 0, 4000, 4000))
    asks = [Ask("all", 500.0), Ask("ab", 500.0, ("a", "b")), Ask("ac", 500.0, ("a", "c"))]
    result = measured(stops((2000, 2000)), city, areas, asks=asks)
    cap = 0  # the disc reaches x = 1500 only, which is b's border
    assert list(result.by_zone["area_m2"]) == pytest.approx([8e6, 10e6, 2e6])
    assert list(result.by_zone["covered_area_m2"]) == pytest.approx([DISC / 2, DISC - cap, 0])
    whole, both, apart = result.indicators
    assert (whole.numerator, whole.denominator) == pytest.approx((DISC, 16e6))
    assert (both.numerator, both.denominator) == pytest.approx((DISC, 16e6))
    assert (apart.numerator, apart.denominator) == pytest.approx((DISC / 2, 10e6))
    (row,) = rows(result, "overlap")
    assert "4.0000 km²" in row.reason
    assert row.layer == "zones"


def test_a_zone_in_several_rows_is_one_zone():
    parts = layer(
        "zones",
        [box(0, 0, 1000, 4000), box(1000, 0, 2000, 4000), box(2000, 0, 4000, 4000)],
        zone_id=["a", "a", "b"],
        zone=["A", "A", "B"],
    )
    city = layer("built_up", [box(0, 0, 4000, 4000)])
    result = measured(stops((1000, 2000)), city, parts, drawings=True)
    assert list(result.by_zone["area_m2"]) == pytest.approx([8e6, 8e6])
    assert list(result.by_zone["covered_area_m2"]) == pytest.approx([DISC, 0])
    assert len(result.layers[0].data) == 2


def test_a_zone_without_built_up_area_has_no_share():
    areas = zones(a=box(0, 0, 4000, 4000), sea=box(5000, 0, 6000, 1000))
    asks = [Ask("sea", 500.0, ("sea",))]
    city = layer("built_up", [box(0, 0, 4000, 4000)])
    result = measured(stops((1000, 2000)), city, areas, asks=asks)
    assert result.indicators[0].value is None
    assert math.isnan(result.by_zone["share"][1])


def test_large_exclusions_leave_the_denominator_with_their_effect():
    places = ((600, 600), (2500, 2500))
    lake, pond, park = box(0, 0, 2000, 1000), box(3000, 3000, 3900, 3900), box(1000, 0, 3000, 2000)
    land = layer("land", [lake, pond, park], **{"class": ["water", "water", "park"]})
    city = layer("built_up", [box(0, 0, 4000, 4000)])
    exclude = [Exclusion("land", ("water", "park", "school"))]
    result = measured(stops(*places), city, land, exclusions=exclude)
    net = city.data.geometry[0].difference(lake).difference(park)

    def share(area):
        points = shapely.points(np.array(places) + np.array([X, Y]))
        discs = shapely.union_all(shapely.buffer(points, 500, quad_segs=512))
        return area.intersection(discs).area / area.area

    whole = city.data.geometry[0]
    assert result.indicators[0].denominator == pytest.approx(16e6 - 2e6 - 4e6 + 1e6)
    assert result.indicators[0].value == pytest.approx(share(net), abs=1e-6)
    first, second = rows(result, "excluded")
    assert first.effect == pytest.approx(share(net) - share(whole.difference(park)), abs=1e-6)
    assert second.effect == pytest.approx(share(net) - share(whole.difference(lake)), abs=1e-6)
    assert first.reason.startswith("water, 2.00 km²")
    notes = [row.reason for row in rows(result, "note") if "of " not in row.reason[:3]]
    assert any("0.81 km² of it" in reason for reason in notes)
    assert any("school" in reason for reason in notes)
    rule = "coverage.exclude_min_area_m2"
    assert result.rules == Rules().cite(rule)
    assert [source.path for source in result.inputs][-1] == "land.gpkg"


@pytest.mark.parametrize(("smallest", "left"), [(1e6, 16e6), (999_999.0, 15e6)])
def test_an_exclusion_must_be_larger_than_the_least_area(smallest, left):
    land = layer("land", [box(0, 0, 1000, 1000)], **{"class": ["water"]})
    city = layer("built_up", [box(0, 0, 4000, 4000)])
    exclude = [Exclusion("land", ("water",), smallest)]
    result = measured(stops((0, 0)), city, land, exclusions=exclude)
    assert result.indicators[0].denominator == pytest.approx(left)
    assert result.rules == {}


def test_the_least_area_can_be_set_by_the_plan():
    land = layer("land", [box(0, 0, 1000, 1000)], **{"class": ["water"]})
    city = layer("built_up", [box(0, 0, 4000, 4000)])
    rules = Rules({"coverage.exclude_min_area_m2": 5e5})
    result = measured(
        stops((0, 0)), city, land, exclusions=[Exclusion("land", ("water",))], rules=rules
    )
    assert result.indicators[0].denominator == pytest.approx(15e6)
    assert result.rules["coverage.exclude_min_area_m2"]["value"] == 5e5


def test_a_yearbook_area_gives_a_second_figure():
    city = layer("built_up", [box(0, 0, 4000, 4000)])
    result = measured(
        stops((2000, 2000)), city, denominator=Denominator(20e6, "Yearbook 2019, table 8")
    )
    own, printed = result.indicators
    assert own.denominator == pytest.approx(16e6)
    assert (printed.id, printed.denominator) == ("bus-500-yearbook", 20e6)
    assert printed.value == pytest.approx(DISC / 20e6)
    assert printed.params["source"] == "Yearbook 2019, table 8"
    assert not rows(result, "suspected")


def test_more_than_a_yearbook_area_is_never_silent():
    city = layer("built_up", [box(0, 0, 4000, 4000)])
    result = measured(stops((2000, 2000)), city, denominator=Denominator(0.5e6, "Yearbook"))
    assert result.indicators[1].value > 1
    assert len(rows(result, "suspected")) == 1


def test_drawings_are_near_the_figure_and_say_how_near():
    rng = np.random.default_rng(8)
    places = rng.uniform(0, 6000, (60, 2))
    city = layer("built_up", [box(0, 0, 2500, 6000), box(3000, 0, 6000, 6000)])
    areas = zones(a=box(0, 0, 3000, 6000), b=box(3000, 0, 6000, 6000))
    land = layer("land", [box(500, 500, 1900, 1900)], **{"class": ["water"]})
    asks = [Ask("far", 500.0), Ask("near", 300.0)]
    exclude = [Exclusion("land", ("water",))]
    options = {"asks": asks, "exclusions": exclude}
    result = measured(stops(*places), city, areas, land, drawings=True, **options)
    drawn = {drawing.name: drawing for drawing in result.layers}
    assert {d.role for d in result.layers} == {
        "zones", "area", "covered", "uncovered", "excluded", "points", "gaps",
    }  # fmt: skip
    for radius in (300, 500):
        covered, rest = drawn[f"covered_{radius}"], drawn[f"uncovered_{radius}"]
        exact = result.by_zone[result.by_zone["radius_m"] == radius]
        lack = exact["covered_area_m2"].sum() - covered.data.area.sum()
        assert 0 < lack < 60 * 2 * math.pi * radius * covered.tolerance_m
        total = covered.data.area.sum() + rest.data.area.sum()
        assert total == pytest.approx(exact["area_m2"].sum(), rel=1e-9)
        deviation = radius * (1 - math.cos(math.pi / 64))
        assert covered.tolerance_m == rest.tolerance_m == pytest.approx(deviation)
    assert list(drawn["zones"].data[drawn["zones"].shade]) == list(result.by_zone["share"][:2])
    assert set(drawn["zones"].fields) <= set(drawn["zones"].data.columns)
    assert not measured(stops(*places), city, areas, land, **options).layers


CITY = layer("built_up", [box(0, 0, 4000, 4000)])
SEA = layer("land", [box(-10, -10, 5000, 5000)], **{"class": ["water"]})


@pytest.mark.parametrize(
    ("layers", "options", "words"),
    [
        ([stops(), CITY], {}, "no stops"),
        ([CITY], {}, "no layer stops"),
        ([stops((0, 0))], {}, "no layer built_up"),
        ([stops((0, 0)), CITY], {"asks": []}, "no radius"),
        ([stops((0, 0)), CITY], {"asks": [Ask("r", 0.0)]}, "not a positive number"),
        ([stops((0, 0)), CITY], {"asks": [Ask("r", math.nan)]}, "not a positive number"),
        ([stops((0, 0)), CITY], {"asks": [Ask("r", 5.0, ("x",))]}, "no zone x.*none"),
        (
            [stops((0, 0)), CITY, zones(a=box(0, 0, 1, 1))],
            {"asks": [Ask("r", 5.0, ("x",))]},
            "no zone x.*Known zones: a",
        ),
        (
            [stops((0, 0)), CITY, SEA],
            {"exclusions": [Exclusion("land", ("water",))]},
            "no built-up area is left",
        ),
        ([stops((0, 0)), CITY], {"exclusions": [Exclusion("lakes", ("water",))]}, "lakes"),
    ],
)
def test_what_has_no_answer_is_one_sentence(layers, options, words):
    with pytest.raises(InputError) as error:
        measured(*layers, **options)
    assert re.search(words, str(error.value))
