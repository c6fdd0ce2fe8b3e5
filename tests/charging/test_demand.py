"""Demand from layers onto cells and points, held against what can be added up by hand."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from layers_made import X, Y, box, by_name, layer, line, point, reasons, zones

from jxgis.charging.demand import demand_of
from jxgis.charging.growth import usual_scenarios
from jxgis.charging_spec import DemandSpec, Scenario, Source
from jxgis.errors import InputError
from jxgis.rules import Rules

ORIGIN = np.array([X, Y])


def spec(*sources, **options):
    named = [Source(s) if isinstance(s, str) else Source(*s) for s in sources]
    options = {"unit": "people", "cell_m": 500.0} | options
    return DemandSpec("d", "D", sources=tuple(named), **options)


def laid_out(own, *layers, zones=None, built_up=None, rules=None):
    return demand_of(
        own, by_name(*layers), zones=zones, built_up=built_up, rules=Rules(rules or {})
    )


def people(places, number):
    return layer("population", [point(x, y) for x, y in places], population=number)


def at(demand):
    """The points by their coordinates, rounded, and what is at each."""
    places = np.round(demand.points - ORIGIN, 6).tolist()
    return {tuple(xy): own for xy, own in zip(places, demand.weight.tolist(), strict=True)}


def test_points_in_one_cell_are_one_point_at_their_weighted_centre():
    demand = laid_out(spec("population"), people([(100, 100), (300, 100), (700, 20)], [1, 3, 5]))
    assert at(demand) == {(250, 100): 4, (700, 20): 5}
    assert demand.parts.tolist() == [[4, 5]]
    assert demand.zone.tolist() == [-1, -1]
    assert not demand.is_core.any()


def test_cells_are_aligned_to_multiples_of_their_side():
    both = people([(499, 0), (501, 0)], [1, 1])
    assert len(laid_out(spec("population"), both).points) == 2
    assert len(laid_out(spec("population", cell_m=1000.0), both).points) == 1


def test_polygons_are_cut_by_area_and_lines_by_length():
    land = layer("population", [box(400, 0, 800, 200)], population=[400])
    assert at(laid_out(spec("population"), land)) == pytest.approx(
        {(450, 100): 100, (650, 100): 300}
    )
    road = layer("traffic", [line((0, 10), (2000, 10))], vehicles_per_day=[1000])
    demand = laid_out(spec("traffic"), road)
    assert at(demand) == pytest.approx({(250 + 500 * i, 10): 500 for i in range(4)})
    assert demand.table.data["column"].tolist() == ["vehicles_per_day × km"]


@given(
    st.lists(
        st.tuples(st.integers(-2000, 2000), st.integers(-2000, 2000), st.integers(0, 9)),
        min_size=1,
    )
)
def test_nothing_is_lost_and_points_stay_in_their_cells(rows):
    if not any(number for _x, _y, number in rows):
        return
    demand = laid_out(spec("population"), people([r[:2] for r in rows], [r[2] for r in rows]))
    expected = {}
    for x, y, number in rows:
        cell = (x // 500, y // 500)
        expected[cell] = expected.get(cell, 0) + number
    assert dict(
        zip(
            [tuple(c) for c in np.floor((demand.points - ORIGIN + 1e-6) / 500).tolist()],
            demand.weight.tolist(),
            strict=True,
        )
    ) == {cell: number for cell, number in expected.items() if number}


def test_sources_are_weighted_kept_apart_and_printed():
    cars = layer("parking", [point(100, 100), point(900, 900)], spaces=[30.0, 50.0])
    demand = laid_out(
        spec(("population", None, 0.5), ("parking", "spaces", 2.0)),
        people([(100, 100)], [40]),
        cars,
    )
    assert demand.parts.tolist() == [[20, 0], [60, 100]]
    table = demand.table.data
    assert table["amount"].tolist() == [40, 80]
    assert table["demand"].tolist() == [20, 160]
    assert table["share"].tolist() == pytest.approx([1 / 9, 8 / 9])
    assert list(table) == list(demand.table.fields)
    assert "spaces: one counts 2 of the demand D, in people" in reasons(demand.ledger)


def test_features_of_a_kind_without_amounts_count_one_each():
    demand = laid_out(spec("pois"), layer("pois", [point(1, 1), point(2, 1)]))
    assert demand.weight.tolist() == [2]


def test_a_column_of_the_plans_choice_is_counted():
    shops = layer("pois", [point(1, 1), point(900, 1)], seats=["4", None])
    demand = laid_out(spec(("pois", "seats")), shops)
    assert at(demand) == {(1, 1): 4}
    assert "features without seats: they count nothing" in reasons(demand.ledger)


def test_points_of_traffic_are_not_multiplied_by_a_length():
    counts = layer("traffic", [point(1, 1)], vehicles_per_day=[700])
    assert laid_out(spec("traffic"), counts).weight.tolist() == [700]


def test_demand_taken_as_points_stays_where_it_is():
    land = layer("demand", [point(5, 5), point(5, 5), box(0, 0, 40, 20)], weight=[1, 2, 3])
    road = layer("traffic", [line((0, 0), (1500, 0))], vehicles_per_day=[100])
    own = spec(("demand", None, 1), ("traffic", None, 1), as_points=True, cell_m=None)
    demand = laid_out(own, land, road)
    assert (demand.points - ORIGIN).tolist() == [[5, 5], [5, 5], [20, 10], [375, 0], [1125, 0]]
    assert demand.weight.tolist() == pytest.approx([1, 2, 3, 75, 75])
    assert demand.rules == ()


def test_a_cell_that_a_border_runs_through_is_a_point_on_each_side():
    both = zones(a=box(0, 0, 250, 500), b=box(250, 0, 5000, 500))
    core = layer("built_up", [box(400, 0, 500, 500)])
    rows = people([(100, 10), (200, 10), (300, 10), (450, 10), (700, 10)], [1, 1, 2, 4, 8])
    demand = laid_out(spec("population"), rows, zones=both, built_up=core)
    found = {
        (round(x), int(zone), bool(inside), own)
        for (x, _y), zone, inside, own in zip(
            demand.points - ORIGIN, demand.zone, demand.is_core, demand.weight, strict=True
        )
    }
    assert found == {
        (150, 0, False, 2.0),
        (300, 1, False, 2.0),
        (450, 1, True, 4.0),
        (700, 1, False, 8.0),
    }
    assert demand.zone_ids == ("a", "b")


def test_several_rows_of_one_zone_are_one_zone_and_the_first_of_two_has_a_border():
    parts = [box(0, 0, 10, 10), box(100, 0, 110, 10), box(10, 0, 20, 10)]
    own = layer("zones", parts, zone_id=["a", "a", "b"], zone=["A", "A", "B"])
    rows = people([(105, 5), (10, 5), (15, 5)], [1, 2, 4])
    demand = laid_out(spec("population", as_points=True), rows, zones=own)
    assert demand.zone.tolist() == [0, 0, 1]


def test_what_lies_outside_every_zone_stays_and_is_said():
    own = zones(a=box(0, 0, 500, 500))
    demand = laid_out(spec("population"), people([(1, 1), (900, 1)], [3, 1]), zones=own)
    assert demand.zone.tolist() == [0, -1]
    row = demand.ledger[-1]
    assert (row.what, row.count, row.effect) == ("outside", 1, 0.25)


def test_the_side_of_cells_is_a_rule_where_the_plan_has_none():
    rows = people([(100, 0), (900, 0)], [1, 1])
    demand = laid_out(spec("population", cell_m=None), rows, rules={"charging.cell_m": 1000})
    assert len(demand.points) == 1
    assert demand.rules == ("charging.cell_m",)
    assert any("cells of 1000 m" in reason for reason in reasons(demand.ledger))
    assert any("is 400 m away on average" in reason for reason in reasons(demand.ledger))


def test_growth_multiplies_sources_and_what_is_outside():
    core = layer("built_up", [box(0, 0, 500, 500)])
    cars = layer("parking", [point(1, 1)], spaces=[10])
    own = spec(("population", None, 1), ("parking", None, 1))
    demand = laid_out(own, people([(1, 1), (900, 1)], [100, 100]), cars, built_up=core)
    scenario = Scenario("s", "S", 1, {"population": 1.5}, outside=2)
    assert dict(zip(demand.is_core.tolist(), demand.grown(scenario).tolist(), strict=True)) == {
        True: 160.0,
        False: 300.0,
    }


def test_the_usual_scenarios_differ_in_size_and_in_place():
    low, middle, high = usual_scenarios((2017, 2018, 2019), ["population"], Rules())
    assert low.growth == {"population": pytest.approx(1.02**3)}
    assert high.growth == {"population": pytest.approx(1.1**3)}
    assert (low.outside, middle.outside, high.outside) == (0.85, 1, 1.4)
    assert low.probability + middle.probability + high.probability == 1
    nothing = {f"charging.growth_{name}_probability": 0 for name in ("low", "middle", "high")}
    with pytest.raises(InputError, match="probability above zero"):
        usual_scenarios((2017,), ["population"], Rules(nothing))


def test_two_runs_are_the_same():
    random = np.random.default_rng(1)
    rows = people(random.uniform(0, 5000, (500, 2)), random.uniform(0, 9, 500))
    first, second = (laid_out(spec("population"), rows) for _ in range(2))
    assert np.array_equal(first.points, second.points)
    assert np.array_equal(first.parts, second.parts)


def test_a_city_of_polygons_keeps_its_total():
    random = np.random.default_rng(2)
    corners = random.uniform(0, 20_000, (40, 2))
    shapes = [shapely.Point(X + x, Y + y).buffer(random.uniform(50, 4000)) for x, y in corners]
    number = random.uniform(1, 1000, 40)
    demand = laid_out(spec("population"), layer("population", shapes, population=number))
    assert demand.weight.sum() == pytest.approx(number.sum())
    centre = [shapely.get_coordinates(shapely.centroid(shape))[0] for shape in shapes]
    assert np.average(demand.points, axis=0, weights=demand.weight) == pytest.approx(
        np.average(centre, axis=0, weights=number)
    )


HERE = people([(1, 1)], [1])
CARS = layer("parking", [point(1, 1)], spaces=[1])
MIXED = (
    "the demand D adds up population (population), parking (spaces) without saying what one of "
    "each counts"
)


@pytest.mark.parametrize(
    ("own", "layers", "sentence"),
    [
        (spec("jobs"), [HERE], "the demand D counts a layer jobs that the plan does not have"),
        (
            spec(("population", "cars")),
            [HERE],
            "layer population: there is no column cars",
        ),
        (
            spec("population"),
            [people([(1, 1), (2, 2)], [1, -3])],
            "layer population, row 2: population is -3, which is below zero",
        ),
        (
            spec(("pois", "seats")),
            [layer("pois", [point(1, 1), point(2, 2)], seats=["4", "many"])],
            "layer pois, row 2: seats is many, which is no number",
        ),
        (
            spec("population"),
            [people([(1, 1)], [np.inf])],
            "layer population, row 1: population is inf, which is no number",
        ),
        (
            spec("population"),
            [people([(1, 1)], [0])],
            "layer population: the demand D comes to zero",
        ),
        (
            spec("population", "parking"),
            [HERE, CARS],
            MIXED,
        ),
        (
            spec(("population", None, 1), "parking"),
            [HERE, CARS],
            MIXED,
        ),
    ],
)
def test_a_demand_that_cannot_be_laid_out_is_refused(own, layers, sentence):
    with pytest.raises(InputError) as raised:
        laid_out(own, *layers)
    assert str(raised.value).startswith(sentence)
    assert raised.value.mend


def test_layers_of_one_unit_need_no_weights():
    more = layer("population", [point(2, 1)], "suburbs", population=[5])
    assert laid_out(spec("population", "suburbs"), HERE, more).weight.tolist() == [6]


def test_demand_that_is_in_no_zone_is_refused():
    with pytest.raises(InputError, match="none of the demand D is in any zone"):
        laid_out(spec("population"), HERE, zones=zones(a=box(5000, 0, 6000, 1000)))
