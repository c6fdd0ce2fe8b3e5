"""Where stations can be and are: classes, radii, piles, power, and what is too few."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from layers_made import X, Y, box, by_name, layer, point, reasons, zones

from jxgis.charging.limits import check_room
from jxgis.charging.places import candidates_of, existing_of, substations_of
from jxgis.charging_spec import StationKind
from jxgis.errors import InputError
from jxgis.rules import Rules

ORIGIN = np.array([X, Y])
CORE = layer("built_up", [box(0, 0, 100, 100)])


def kind(count=1, candidates="candidates", **options):
    return StationKind("k", "K", "people", candidates, count, **options)


def found(own, *layers, zones=None, built_up=CORE, substations=None, rules=None):
    return candidates_of(
        own,
        by_name(*layers),
        zones=zones,
        built_up=built_up,
        substations=substations_of(substations),
        rules=Rules(rules or {}),
    )


DEPOTS = layer(
    "candidates",
    [point(0, 0), point(50, 50), point(200, 0)],
    **{"name": ["a", None, "c"], "class": ["bus", "city", "bus"], "cost": [3.0, None, None]},
)


def test_candidates_are_those_of_a_class_in_the_layers_order():
    depots = found(kind(count=2, classes=("bus",)), DEPOTS, zones=zones(z=box(100, 0, 300, 9)))
    assert depots.row.tolist() == [0, 2]
    assert (depots.points - ORIGIN).tolist() == [[0, 0], [200, 0]]
    assert depots.names == ("a", "c")
    assert depots.classes == ("bus", "bus")
    assert depots.zone.tolist() == [-1, 0]
    assert depots.is_core.tolist() == [True, False]
    assert (depots.least.tolist(), depots.most.tolist()) == ([1, 1], [1, 1])
    assert depots.substation.tolist() == [-1, -1]


def test_radii_are_the_rules_or_the_plans_inside_and_outside_the_built_up_area():
    every = found(kind(), DEPOTS)
    assert every.radius_m.tolist() == [900, 900, 2500]
    assert every.radius_m.dtype == float
    assert every.rules == ("charging.radius_core_m", "charging.radius_outside_m")
    own = found(kind(radius_m=500, radius_outside_m=700), DEPOTS)
    assert own.radius_m.tolist() == [500, 500, 700]
    assert own.rules == ()
    nowhere = found(kind(), DEPOTS, built_up=None)
    assert nowhere.radius_m.tolist() == [2500] * 3
    assert reasons(nowhere.ledger)[-1].startswith("there is no built-up area")


def test_a_places_own_cost_comes_before_the_kinds():
    assert found(kind(cost=5), DEPOTS).cost.tolist() == [3, 5, 5]
    assert np.isnan(found(kind(), DEPOTS).cost).tolist() == [False, True, True]


def test_an_outline_is_at_a_point_inside_it():
    ring = shapely.Point(X, Y).buffer(90) - shapely.Point(X, Y).buffer(80)
    places = found(kind(), layer("candidates", [box(0, 0, 40, 20), ring]))
    assert (places.points[0] - ORIGIN).tolist() == [20, 10]
    assert shapely.contains_xy(ring, *places.points[1])
    assert places.names == ("", "")


def car_parks(*spaces):
    return layer("parking", [point(i, 0) for i in range(len(spaces))], spaces=list(spaces))


def test_piles_are_a_share_of_the_spaces_in_whole_piles():
    parks = found(kind(9, "parking", least_piles=2, most_share=0.29), car_parks(100, 6, 10))
    assert parks.row.tolist() == [0, 2]  # 1.74 piles are too few
    assert (parks.least.tolist(), parks.most.tolist()) == ([2, 2], [29, 2])  # and 0.29 of 100 is 29
    assert parks.spaces.tolist() == [100, 10]
    assert "too few spaces for the fewest piles that one place gets" in reasons(parks.ledger)


def test_limits_of_piles_that_the_plan_does_not_give_are_rules():
    parks = found(kind(2, "parking", least_piles=1), car_parks(30))
    assert parks.most.tolist() == [3]
    assert parks.rules[-1] == "charging.pile_share"
    parks = found(kind(2, "parking", most_share=0.5), car_parks(30))
    assert (parks.least.tolist(), parks.most.tolist()) == ([2], [15])
    assert parks.rules[-1] == "charging.least_piles"


def test_each_candidate_is_fed_from_the_nearest_substation_with_power():
    fed = layer(
        "substations",
        [point(190, 0), point(0, 5), point(201, 0)],
        spare_kw=[500.0, 0.0, None],
        name=["x", "y", "z"],
    )
    own = substations_of(fed)
    assert own.names == ("x", "y")
    assert own.spare_kw.tolist() == [500, 0]
    assert own.ledger[0].count == 1
    places = found(kind(power_kw=60), DEPOTS, substations=fed)
    assert places.substation.tolist() == [1, 1, 0]
    assert found(kind(), DEPOTS, substations=fed).substation.tolist() == [-1] * 3
    unlimited = found(kind(power_kw=60), DEPOTS)
    assert unlimited.substation.tolist() == [-1] * 3
    assert "no substation says what it has to spare" in reasons(unlimited.ledger)[-1]


def test_stations_that_there_are_have_posts_and_reach_as_new_ones_do():
    chargers = layer(
        "chargers",
        [point(1, 1), point(900, 0), point(2, 2)],
        **{"class": ["city", "city", "bus"], "posts": [4, None, 9], "name": ["a", "b", "c"]},
    )
    own = kind(existing="chargers", existing_classes=("city",))
    there = existing_of(own, by_name(chargers), built_up=CORE, rules=Rules())
    assert there.row.tolist() == [0, 1]
    assert there.names == ("a", "b")
    assert there.posts[0] == 4
    assert np.isnan(there.posts[1])
    assert there.radius_m.tolist() == [900, 2500]
    assert (there.points - ORIGIN).tolist() == [[1, 1], [900, 0]]
    nothing = existing_of(kind(), {}, built_up=CORE, rules=Rules())
    assert nothing.points.shape == (0, 2)
    assert nothing.is_core.dtype == bool


@pytest.mark.parametrize(
    ("own", "layers", "sentence"),
    [
        (kind(), [], "the kind K names a layer candidates that the plan does not have"),
        (kind(classes=("ship",)), [DEPOTS], "layer candidates: nothing is of the class ship"),
        (
            kind(classes=("bus",)),
            [layer("candidates", [point(0, 0)])],
            "layer candidates: there is no column class",
        ),
        (
            kind(4),
            [DEPOTS],
            "layer candidates: the kind K wants 4 stations, and there are 3 places for them",
        ),
        (
            kind(14, "parking", least_piles=2),
            [car_parks(100, 30)],
            "layer parking: the kind K wants 14 piles, and its 2 places have room for 13",
        ),
        (
            kind(3, "parking", least_piles=2),
            [car_parks(20, 20)],
            "layer parking: 3 piles cannot be laid out with 2 or more at each place",
        ),
        (
            kind(1, "parking", least_piles=2),
            [car_parks(100)],
            "layer parking: 1 piles cannot be laid out with 2 or more at each place",
        ),
        (
            kind(1, "parking", least_piles=1),
            [car_parks(100, None)],
            "layer parking, row 2: spaces is nan, which is no number above zero",
        ),
        (
            kind(1, "parking", least_piles=1),
            [car_parks(100, 0)],
            "layer parking, row 2: spaces is 0, which is no number above zero",
        ),
        (
            kind(1, least_piles=1),
            [layer("candidates", [point(0, 0)])],
            "layer candidates: there is no column spaces, which limits the piles at a place",
        ),
        (
            kind(classes=("city",)),
            [
                layer(
                    "candidates",
                    [point(0, 0), point(1, 0)],
                    **{"class": ["bus", "city"], "cost": [1, -2]},
                )
            ],
            "layer candidates, row 2: cost is -2, which is not above zero",
        ),
    ],
)
def test_too_few_or_unfit_places_are_refused(own, layers, sentence):
    with pytest.raises(InputError) as raised:
        found(own, *layers)
    assert str(raised.value).startswith(sentence)
    assert raised.value.mend


def test_a_class_that_nobody_has_is_answered_with_those_that_there_are():
    with pytest.raises(InputError, match="There are: bus, city"):
        found(kind(classes=("ship",)), DEPOTS)


def test_less_than_nothing_to_spare_is_refused():
    fed = layer("substations", [point(0, 0)], spare_kw=[-1.0])
    with pytest.raises(InputError, match="row 1: spare_kw is -1"):
        substations_of(fed)


@given(st.integers(1, 4), st.lists(st.integers(0, 6), min_size=1, max_size=5), st.integers(1, 20))
def test_there_is_room_where_some_choice_of_places_holds_the_number(least, most, count):
    most = [m for m in most if m >= least]
    sums = {0}
    for own in most:
        sums |= {total + n for total in sums for n in range(least, own + 1)}
    own = kind(count, "parking", least_piles=least)
    arguments = own, car_parks(1), np.full(len(most), least), np.array(most, int)
    if count in sums:
        check_room(*arguments)
    else:
        with pytest.raises(InputError):
            check_room(*arguments)
