"""Two states compared: what is gained less what is lost is the difference, with shapely's areas."""

import numpy as np
import pytest
import shapely
from cities import (
    HOUR,
    ORIGIN,
    box,
    city,
    discs,
    figures,
    layer,
    measured,
    near,
    residents,
    stops,
    table,
    timetable,
    zones,
)

from jxgis.transit.coverage import Ask, Exclusion

RNG = np.random.default_rng(11)
NOW, THEN = RNG.uniform(-200, 4200, (25, 2)), RNG.uniform(-200, 4200, (20, 2))
NOW = np.concatenate([NOW, THEN[:8]])  # some stay
TOWN = city(box(0, 0, 1900, 4000), box(2100, 0, 4000, 4000))
OLD_TOWN = city(box(300, 300, 2000, 3000), box(2500, -500, 3500, 2000), kind="built_up_before")
HOMES = RNG.uniform(-300, 4300, (300, 2))
NUMBER = RNG.integers(1, 20, 300)
A, B = box(0, -600, 1800, 4000), box(1800, -600, 3800, 4000)
AREAS = zones(a=A, b=B)
OUTSIDE = box(3800, -600, 5000, 4000)

STATES = {
    "stops": [stops(*THEN, kind="stops_before")],
    "town": [OLD_TOWN],
    "both": [stops(*THEN, kind="stops_before"), OLD_TOWN],
}


def states(name, now=NOW, then=THEN, town=TOWN, old_town=OLD_TOWN):
    """Return stops and ground after and before, as shapes."""
    after = shapely.union_all(town.data.geometry.to_numpy())
    before = shapely.union_all(old_town.data.geometry.to_numpy())
    return (now, after), (now if name == "town" else then, after if name == "stops" else before)


def parts(*shapes):
    return [*shapes, shapely.union_all(list(shapes))]


@pytest.mark.parametrize("name", STATES)
def test_gained_less_lost_is_after_less_before(name):
    result = measured(stops(*NOW), TOWN, AREAS, residents(HOMES, NUMBER), *STATES[name], asks=400.0)
    found, own = table(result, "change_400"), figures(result)
    (now, after), (then, before) = states(name)
    covered, covered_before = after & discs(now, 400), before & discs(then, 400)
    rows = parts(A, B, OUTSIDE)
    assert list(found["zone_id"]) == ["a", "b", "", ""]
    for column, area in (
        ("gained_m2", covered - covered_before), ("lost_m2", covered_before - covered),
    ):  # fmt: skip
        expected = shapely.area(shapely.intersection(area, rows))
        assert list(found[column]) == pytest.approx(list(expected), rel=2e-4, abs=20)
    for column, share, ground in (
        ("share_after", covered, after), ("share_before", covered_before, before),
    ):  # fmt: skip
        areas = [shapely.area(shapely.intersection(g, rows)) for g in (share, ground)]
        with np.errstate(invalid="ignore"):
            np.testing.assert_allclose(found[column], areas[0] / areas[1], rtol=1e-4)
    difference = own["bus"].numerator - own["bus-before"].numerator
    together = found.iloc[-1]
    assert together["gained_m2"] - together["lost_m2"] == pytest.approx(difference, abs=1e-3)
    assert own["bus-before"].value == pytest.approx(together["share_before"], rel=1e-12)
    assert own["bus-before"].beside == "bus"
    # People one by one.
    at = shapely.points(HOMES + ORIGIN)
    served = shapely.intersects(after, at) & near(HOMES, now, 400)
    earlier = shapely.intersects(before, at) & near(HOMES, then, 400)
    for column, who in (("people_gained", served & ~earlier), ("people_lost", earlier & ~served)):
        expected = [NUMBER[who & shapely.intersects(row, at)].sum() for row in rows]
        assert list(found[column]) == pytest.approx(expected)
    net = together["people_gained"] - together["people_lost"]
    assert net == NUMBER[served].sum() - NUMBER[earlier].sum()


def test_nothing_changes_between_a_state_and_itself():
    same = stops(*NOW, kind="stops_before"), city(*TOWN.data.geometry, kind="built_up_before")
    result = measured(stops(*NOW), TOWN, *same, residents(HOMES, NUMBER), drawings=True)
    found, own = table(result, "change_500"), figures(result)
    assert len(found) == 1
    values = found[["gained_m2", "lost_m2", "people_gained", "people_lost"]].to_numpy()
    assert np.abs(values).max() < 1e-3
    assert own["bus-before"].value == pytest.approx(own["bus"].value, rel=1e-12)
    assert not {d.role for d in result.layers} & {"gained", "lost"}


def test_drawings_are_near_the_figures():
    result = measured(stops(*NOW), TOWN, *STATES["both"], asks=400.0, drawings=True)
    found = table(result, "change_400").iloc[0]
    for role in ("gained", "lost"):
        (drawn,) = (d for d in result.layers if d.role == role)
        near_it = len(NOW) * 2 * np.pi * 400 * drawn.tolerance_m
        assert drawn.data.area.sum() == pytest.approx(found[f"{role}_m2"], abs=near_it)


def test_overlapping_zones_are_compared_once_together():
    areas = zones(a=box(0, 0, 2500, 4000), b=box(1500, 0, 4000, 4000))
    same = stops(*NOW, kind="stops_before")
    result = measured(stops(*NOW), TOWN, areas, same, asks=[Ask("bus", 500.0)])
    own = figures(result)
    assert own["bus-before"].value == pytest.approx(own["bus"].value, rel=1e-9)
    then = stops(*THEN, kind="stops_before")
    result = measured(stops(*NOW), TOWN, areas, then, residents(HOMES, NUMBER))
    own, together = figures(result), table(result, "change_500").iloc[-1]
    difference = own["bus"].numerator - own["bus-before"].numerator
    assert together["gained_m2"] - together["lost_m2"] == pytest.approx(difference, abs=1e-3)
    at = shapely.points(HOMES + ORIGIN)
    inside = shapely.intersects(shapely.union_all(TOWN.data.geometry.to_numpy()), at)
    gained = inside & near(HOMES, NOW, 500) & ~near(HOMES, THEN, 500)
    assert together["people_gained"] == pytest.approx(NUMBER[gained].sum())


def test_what_was_built_up_outside_every_zone_is_lost_too():
    town, old = city(box(0, 0, 2000, 2000)), city(box(0, 0, 4000, 2000), kind="built_up_before")
    result = measured(stops((3000, 1000)), town, zones(a=box(0, 0, 2000, 2000)), old)
    own, found = figures(result), table(result, "change_500")
    assert own["bus"].value == 0
    assert own["bus-before"].numerator == pytest.approx(np.pi * 500**2)
    assert own["bus-before"].denominator == pytest.approx(8e6)
    assert found["lost_m2"].iloc[-1] == pytest.approx(np.pi * 500**2)


def test_a_figure_of_one_zone_is_compared_in_it():
    asks = [Ask("b", 400.0, ("b",)), Ask("far", 500.0)]
    result = measured(stops(*NOW), TOWN, AREAS, *STATES["both"], asks=asks)
    _after, (then, before) = states("both")
    own = figures(result)["b-before"]
    assert own.numerator == pytest.approx((before & discs(then, 400) & B).area, rel=1e-4)
    assert own.denominator == pytest.approx((before & B).area)
    found = table(result, "change_400")
    assert list(found["zone_id"]) == ["b"]
    assert len(table(result, "change_500")) == 4


def test_exclusions_leave_both_states_and_their_people_stay():
    park = layer("land", [box(3000, -600, 5000, 1500)], **{"class": ["park"]})
    result = measured(
        stops(*NOW), TOWN, AREAS, *STATES["both"], park, residents(HOMES, NUMBER),
        exclusions=[Exclusion("land", ("park",))],
    )  # fmt: skip
    (now, after), (then, before) = states("both")
    land = park.data.geometry[0]
    covered, earlier = (after - land) & discs(now, 500), (before - land) & discs(then, 500)
    together = table(result, "change_500").iloc[-1]
    assert together["gained_m2"] == pytest.approx((covered - earlier).area, rel=1e-4)
    assert together["lost_m2"] == pytest.approx((earlier - covered).area, rel=1e-4)
    at = shapely.points(HOMES + ORIGIN)
    served = shapely.intersects(after, at) & near(HOMES, now, 500)
    before_that = shapely.intersects(before, at) & near(HOMES, then, 500)
    assert together["people_gained"] == pytest.approx(NUMBER[served & ~before_that].sum())
    assert together["people_lost"] == pytest.approx(NUMBER[before_that & ~served].sum())


# How often a service comes: each place counts in the best class that it has.

PLACES, DEPARTURES = [(1000, 1000), (1600, 1000), (3000, 3000), (3300, 3000)], [12, 10, 4, 3]
SQUARE = city(box(0, 0, 4000, 4000))


def frequencies(*layers, **options):
    halts = timetable(PLACES, DEPARTURES)
    return measured(halts, SQUARE, *layers, service=HOUR, **options)


def test_classes_of_frequency_make_up_the_whole():
    result = frequencies()
    found = table(result, "frequency_500")
    best = [discs(PLACES[:n], 500).area for n in (1, 3, 4)]
    expected = np.diff([0, *best, 16e6])
    assert list(found["area_m2"]) == pytest.approx(list(expected), rel=1e-4)
    assert found["share"].sum() == pytest.approx(1, rel=1e-12)
    assert figures(result)["bus-frequent"].numerator == pytest.approx(best[1], rel=1e-4)
    assert figures(result)["bus-frequent"].params["departures_per_hour"] == 4
    assert list(result.by_zone["share_frequent"]) == pytest.approx([best[1] / 16e6], rel=1e-4)


def test_classes_of_frequency_count_people_one_by_one():
    homes, number = RNG.uniform(0, 4000, (200, 2)), RNG.integers(1, 9, 200)
    found = table(frequencies(residents(homes, number)), "frequency_500")
    served = [number[near(homes, PLACES[:n], 500)].sum() for n in (1, 3, 4)]
    assert list(found["people"]) == pytest.approx(list(np.diff([0, *served, number.sum()])))
    assert found["share"].sum() == pytest.approx(1, rel=1e-12)


def test_the_limit_of_a_frequent_service_can_be_set():
    result = frequencies(rules={"service.frequent_departures_per_hour": 4.5})
    expected = discs(PLACES[:2], 500).area
    assert figures(result)["bus-frequent"].numerator == pytest.approx(expected, rel=1e-4)


def test_an_ask_may_have_its_own_limit():
    asks = [Ask("bus", 500.0), Ask("often", 500.0, departures_per_hour=11)]
    found = figures(frequencies(asks=asks))
    assert found["often"].numerator == pytest.approx(np.pi * 500**2)
    assert "often-frequent" not in found


def test_there_is_one_table_of_a_kind_and_radius():
    asks = [Ask("bus", 500.0), Ask("a", 500.0, ("a",)), Ask("often", 500.0, departures_per_hour=11)]
    areas = zones(a=box(0, 0, 2000, 4000), b=box(2000, 0, 4000, 4000))
    result = frequencies(areas, *STATES["stops"], asks=asks, drawings=True)
    names = [own.name for own in result.tables]
    assert sorted(names) == ["change_500", "frequency_500", "gaps_500", "zones_500"]
    drawn = [own.name for own in result.layers]
    assert len(set(drawn)) == len(drawn)
