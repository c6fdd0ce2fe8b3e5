"""The audit of expressways: shares of sides, stretches, additions, and what stands where."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from corridors_made import areas, expressways, g60, layer, line, made_rules, points, posts
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from jxgis.charging.corridors import MEASURE, Ask, corridors
from jxgis.errors import InputError

ASKED = (Ask(),)
PAIR = [(30, -90), (30, 90)]


def chargers(*places, posts=4.0, kw=120.0, **columns):
    n = len(places)
    return points("chargers", *places, posts=[posts] * n, power_kw=[kw] * n, **columns)


def measured(service_areas, stations=None, roads=None, zones=None, asks=ASKED, **rules):
    layers = {"expressways": roads or g60(), "service_areas": service_areas}
    layers |= {"chargers": stations} if stations is not None else {}
    layers |= {"zones": zones} if zones is not None else {}
    return corridors(layers, asks, rules=made_rules(rules))


def figures(result):
    return {i.id: i.value for i in result.indicators}


def table(result, name):
    return next(t for t in result.tables if t.name == name).data


def reasons(result, what):
    return [row.reason for row in result.ledger if row.what == what]


def test_each_side_counts():
    result = measured(areas(*PAIR), chargers((30.1, -90)))
    share = result.indicators[0]
    assert result.measure == MEASURE
    assert (share.id, share.unit) == ("service-area-charging", "1")
    assert (share.value, share.numerator, share.denominator) == (0.5, 1, 2)
    rows = table(result, "service_areas")
    assert rows["charging"].tolist() == ["yes", "no"]
    assert rows["missing_posts"].tolist() == [0, 4]
    assert rows["at_km"].tolist() == [30, 70]
    assert result.rules["corridors.spacing_m"]["value"] == 50_000


def test_what_is_no_main_service_area_is_not_in_the_share():
    result = measured(areas(*PAIR, main=["yes", "no"]), chargers((30, 90)))
    assert (result.indicators[0].numerator, result.indicators[0].denominator) == (0, 1)
    assert any("no main ones" in reason for reason in reasons(result, "excluded"))
    assert table(result, "service_areas")["missing_posts"].tolist() == [4, 0]
    no_main = measured(areas((30, -90), main=["no"]))
    assert no_main.indicators[0].value is None


def test_without_chargers_none_has_charging_and_the_ledger_says_so():
    result = measured(areas(*PAIR))
    assert figures(result)["service-area-charging"] == 0
    assert any("no layer of chargers" in reason for reason in reasons(result, "assumed"))


def test_stretches_run_from_charging_to_charging_and_to_the_ends_of_the_data():
    result = measured(areas((30, -90), (80, -90), (50, 90)), chargers((30, -90), (80, -90)))
    rows = table(result, "stretches")
    assert rows["longest_km"].tolist() == [50, 100]
    assert rows["from_km"].tolist() == [30, 0]
    assert rows["within_spacing"].tolist() == ["yes", "no"]
    assert rows["open"].tolist() == ["no", "yes"]
    assert rows["stations"].tolist() == [2, 0]
    longest = next(i for i in result.indicators if i.id == "charging-longest-stretch")
    assert (longest.value, longest.unit, longest.sense) == (100_000, "m", "at_most")
    assert longest.params == {"title": "G60 沪昆高速, towards 上海", "open": True}
    assert any("beyond the data" in reason for reason in reasons(result, "note"))


def test_additions_equip_every_main_side_and_keep_to_the_distance():
    minor = {"main": ["yes", "no", "no", "no"]}
    result = measured(areas((20, -90), (40, -90), (60, -90), (50, 90), **minor))
    rows = table(result, "additions")
    assert rows[["direction", "at_km"]].to_numpy().tolist() == [
        ["towards 杭州", 20], ["towards 杭州", 60], ["towards 上海", 50],
    ]  # fmt: skip
    beyond = "in a stretch of 100.0 km, more than 50 km"
    assert rows["reason"].tolist() == [
        f"a main service area without fast charging; {beyond}", beyond, beyond,
    ]  # fmt: skip
    assert figures(result)["charging-additions"] == 3
    alone = table(result, "additions_alone")
    # A new site in the middle would do, but two service areas need none.
    assert alone["limit_km"].tolist() == [50, 50, 50, 60, 60]
    assert "a new site" not in alone["service_area"].tolist()
    assert figures(result)["charging-additions-60000"] == 2


def test_a_place_that_no_service_area_has_is_not_moved_to_one_that_does_not_help():
    rows = table(measured(areas((45, -90), main=["no"])), "additions")
    assert rows["service_area"].tolist() == ["a new site"] * 2
    assert rows["at_km"].tolist() == [50, 50]


def test_where_no_service_area_is_a_new_site_is_needed_between_two_places():
    result = measured(areas((30, -90)), chargers((30, -90)))
    rows = table(result, "additions")
    assert rows["service_area"].tolist() == ["a new site"] * 2
    assert rows[["at_km", "from_km", "to_km"]].to_numpy().tolist() == [[65, 50, 80], [50, 50, 50]]
    assert "a new site is needed between km 50.0 and km 80.0" in rows["reason"].iloc[0]
    alone = table(result, "additions_alone")
    assert alone["limit_km"].tolist() == [50, 50, 60, 60]
    assert alone["to_km"].tolist() == [80, 50, 90, 60]


def test_nothing_is_added_where_nothing_is_missing():
    short = expressways(line((0, 0), (40, 0)), name=["A"])
    result = measured(areas((20, 0), side=["both"]), chargers((20, -50), (20, 50)), short)
    assert table(result, "additions").empty
    assert [d.name for d in result.layers] == ["ways", "service_areas"]
    assert next(t for t in result.tables if t.name == "additions").drawing is None


@settings(max_examples=30)
@given(st.lists(st.integers(1, 99), max_size=6, unique=True), st.data())
def test_additions_are_the_fewest_of_all_sets(at, data):
    equipped = [k for k in at if data.draw(st.booleans())]
    minor = areas(*[(k, -90) for k in at], (50, 90), main=["no"] * (len(at) + 1))
    stations = chargers(*[(k, -90) for k in equipped], (50, 90))
    result = measured(minor, stations, posts=1, spacing_m=30_000)

    def new_sites(some):
        gaps = np.diff([0, *sorted({*equipped, *some}), 100])
        return sum(max(math.ceil(gap / 30) - 1, 0) for gap in gaps)

    bare = [k for k in at if k not in equipped]
    best = min(
        (new_sites(some), k)
        for k in range(len(bare) + 1)
        for some in itertools.combinations(bare, k)
    )
    rows = table(result, "additions")
    own = rows[rows["direction"] == "towards 杭州"]
    new = int((own["service_area"] == "a new site").sum())
    assert (new, len(own) - new) == best
    there = [0, *equipped, *own["at_km"], 100]
    assert np.diff(sorted(there)).max() <= 30 + 0.02


def zones_of(*boxes):
    ids = [f"z{i}" for i in range(len(boxes))]
    return layer("zones", boxes, zone_id=ids, zone=[i.upper() for i in ids])


def test_sides_are_counted_by_zone():
    zones = zones_of(box(0, -1e4, 4e4, 1e4), box(4e4, -1e4, 6e4, 1e4), box(7e4, -1e4, 8e4, 1e4))
    result = measured(
        areas(*PAIR, (50, -90), (90, -90)), chargers((30, -90)), zones=zones,
        asks=[Ask(), Ask("east", ("z1",))],
    )  # fmt: skip
    assert result.by_zone["zone_id"].tolist() == ["z0", "z1", "z2", ""]
    assert result.by_zone["sides"].tolist() == [2, 1, 0, 1]
    assert result.by_zone["with_charging"].tolist() == [1, 0, 0, 0]
    assert result.by_zone["share"].iloc[0] == 0.5
    assert math.isnan(result.by_zone["share"].iloc[2])
    assert (
        result.layers[0]
        .data[["zone_id", "share"]]
        .equals(result.by_zone[["zone_id", "share"]].iloc[:3])
    )
    assert (result.indicators[1].value, result.indicators[1].zone) == (0, "Z1")
    with pytest.raises(InputError, match="asks for zones that are not there: z9"):
        measured(areas(*PAIR), zones=zones, asks=[Ask("x", ("z9",))])
    assert measured(areas(*PAIR)).by_zone["zone"].tolist() == ["all"]


def test_strips_show_every_place_and_stretch_in_driving_direction():
    result = measured(areas((30, -90), (60, -90), (90, -90)), chargers((30, -90)))
    there, back = result.strips
    assert there.title == "G60 沪昆高速, towards 杭州"
    assert [(mark.at_m, mark.look) for mark in there.marks] == [
        (30_000, "charging"), (60_000, "proposed"), (90_000, "proposed"),
    ]  # fmt: skip
    assert [(s.from_m, s.to_m, s.look, s.label) for s in there.spans] == [
        (0, 30_000, "within", "30.0 km"), (30_000, 100_000, "beyond", "70.0 km"),
    ]  # fmt: skip
    assert [(mark.look, mark.label) for mark in back.marks] == [("proposed", "a new site")]


def test_drawings_have_a_feature_for_each_row():
    result = measured(areas(*PAIR), chargers((30, -90)))
    drawn = {d.name: d for d in result.layers}
    assert {d.name: d.role for d in result.layers} == {
        "ways": "lines", "service_areas": "sited", "additions": "proposed",
    }  # fmt: skip
    for made in result.tables:
        if made.drawing:
            assert len(drawn[made.drawing].data) == len(made.data)
            assert set(made.fields) <= set(made.data)
    order = measured(areas((90, -90), (30, 90), (30, -90))).layers[1].data
    assert order[["direction", "at_km"]].to_numpy().tolist() == [
        ["towards 杭州", 30], ["towards 杭州", 90], ["towards 上海", 70],
    ]  # fmt: skip
    along = (order.geometry.x - 300_000) / 1000
    assert along.tolist() == [30, 90, 30]
    sited = drawn["service_areas"]
    assert sited.data[sited.group].tolist() == ["with fast charging", "without fast charging"]
    south, north = drawn["ways"].data.geometry.centroid.y
    assert north - south == pytest.approx(80)


def test_no_figure_depends_on_drawings():
    layers = {"expressways": g60(), "service_areas": areas(*PAIR)}
    plain, drawn = (corridors(layers, rules=made_rules({}), drawings=d) for d in (False, True))
    assert plain.indicators == drawn.indicators
    assert plain.layers == ()
    for one, other in zip(plain.tables, drawn.tables, strict=True):
        pd.testing.assert_frame_equal(one.data, other.data)
        assert one.drawing is None


def test_layers_and_rules_that_it_cannot_do_with():
    with pytest.raises(InputError, match="there is no layer service_areas"):
        corridors({"expressways": g60()}, rules=made_rules({}))
    with pytest.raises(InputError, match=r"rule corridors.spacing_m is 0. It is a length"):
        measured(areas(*PAIR), spacing_m=0)


def told(counted, what):
    return [row.reason for row in counted[2] if row.what == what]


def test_chargers_belong_to_the_side_that_they_are_on():
    total, fast, ledger = posts(chargers((30, -150), (30.1, -60), (30, 150)), areas(*PAIR))
    assert total == fast == [8, 4]
    assert ledger == ()


def test_a_charger_across_the_expressway_is_suspected():
    counted = posts(chargers((30, 60), name=["站"]), areas((30, -90)))
    assert counted[0] == [0]
    assert "another side of the expressway; not counted: 站" in told(counted, "suspected")[0]


def test_a_charger_that_is_on_the_line_or_far_away():
    counted = posts(chargers((30, 2), (31, -90), **{"class": ["expressway"] * 2}), areas((30, -90)))
    assert counted[0] == [4]
    assert told(counted, "outside") == [
        "of class expressway, but near no service area; not counted"
    ]
    assert posts(chargers((31, -90)), areas((30, -90)), station_within_m=1100)[0] == [4]


def test_where_one_point_is_both_sides_the_charger_tells():
    both = areas((30, 0), side=["both"])
    near = chargers((30, -50), (30, 50), (30, 50), posts=3, name=["", "", "站（杭州方向）"])
    counted = posts(near, both)
    assert counted[0] == [6, 3]
    assert told(counted, "suspected")[0].startswith(
        "on another side of the expressway than is said"
    )
    halved = posts(chargers((30, 0), posts=3), both)
    assert halved[0] == [1.5, 1.5]
    assert "half of the posts" in told(halved, "assumed")[0]


def test_what_is_not_known_of_chargers_is_assumed():
    counted = posts(chargers((30, -90), posts=None, kw=None), areas(*PAIR))
    assert counted[:2] == ([1, 0], [1, 0])
    assert told(counted, "assumed") == [
        "the number of posts is not known: one each", "the power is not known: taken as fast",
    ]  # fmt: skip
    bare = posts(points("chargers", (30, -90)), areas(*PAIR))
    assert bare[0] == [1, 0]


def test_slow_posts_are_no_fast_charging():
    slow = chargers((30, -90), kw=7)
    assert posts(slow, areas(*PAIR))[:2] == ([4, 0], [0, 0])
    assert figures(measured(areas(*PAIR), slow))["service-area-charging"] == 0
    assert figures(measured(areas(*PAIR), slow, fast_kw=7))["service-area-charging"] == 0.5
