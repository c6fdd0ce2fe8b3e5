"""Carriageways from lines as maps have them: one each way, chained, and named by direction."""

import pytest
from corridors_made import expressways, ground, line, ways

from jxgis.errors import InputError

DUAL = [line((0, 0), (40, 0)), line((40, 0), (100, 0)), line((100, 0.03), (0, 0.03))]
"""Two carriageways that are drawn apart: the southern one goes east, as one drives on the right."""

DUAL_TAGS = {"ref": ["G60"] * 3, "highway": ["motorway"] * 3}


def named(found):
    return [(way.expressway, way.direction) for way in found.ways]


def test_a_centreline_gives_one_carriageway_each_way():
    found = ways()
    assert [way.title for way in found.ways] == [
        "G60 沪昆高速, towards 杭州",
        "G60 沪昆高速, towards 上海",
    ]
    there, back = found.lines
    assert there.equals(ground(line((0, 0), (100, 0))))
    assert list(back.coords) == list(there.coords)[::-1]
    assert [way.comes_from for way in found.ways] == ["上海", "杭州"]
    assert all(way.centreline for way in found.ways)


def test_without_places_the_direction_is_the_compass():
    assert named(ways(expressways(name=["A1"]))) == [("A1", "eastbound"), ("A1", "westbound")]
    north = expressways(line((0, 0), (3, 9)))
    assert [way.title for way in ways(north).ways] == [
        "expressway without a name, northbound",
        "expressway without a name, southbound",
    ]


def test_a_ring_turns_one_way_and_the_other():
    ring = expressways(line((0, 0), (9, 0), (9, 9), (0, 9), (0, 0)))
    assert [way.direction for way in ways(ring).ways] == ["anticlockwise", "clockwise"]


def test_pieces_of_a_centreline_are_one_wherever_each_is_drawn_to():
    pieces = [line((60, 0), (100, 0)), line((60, 0), (20, 0)), line((0, 0), (20, 0))]
    roads = expressways(*pieces, name=["G60"] * 3, start=["", "", "上海"], end=["杭州", "", ""])
    there, back = ways(roads).ways
    assert there.line.equals(ground(line((0, 0), (20, 0), (60, 0), (100, 0))))
    assert (there.leads_to, back.leads_to) == ("杭州", "上海")
    assert (there.rows, back.rows) == ((2, 1, 0), (0, 1, 2))
    assert (there.forward, back.forward) == (True, False)


def test_motorways_are_one_way_and_chained_by_ref():
    found = ways(expressways(*DUAL, **DUAL_TAGS, name=["", "Long", "Long"]))
    assert named(found) == [("G60 Long", "eastbound"), ("G60 Long", "westbound")]
    assert [way.rows for way in found.ways] == [(0, 1), (2,)]
    assert not any(way.centreline for way in found.ways)
    assert found.ledger == ()


@pytest.mark.parametrize(("oneway", "leads_to"), [("yes", "东"), ("-1", "西"), ("True", "东")])
def test_a_column_oneway_says_which_way(oneway, leads_to):
    roads = expressways(name=["A1"], oneway=[oneway], start=["西"], end=["东"])
    [way] = ways(roads).ways
    assert way.leads_to == leads_to
    assert way.forward == (oneway != "-1")
    assert (
        way.line.coords[0][0]
        == ground(line((0, 0), (100, 0))).coords[-1 if oneway == "-1" else 0][0]
    )


def test_a_motorway_with_two_ways_is_a_centreline():
    found = ways(expressways(name=["A1"], highway=["motorway"], oneway=["no"]))
    assert [way.heading for way in found.ways] == ["east", "west"]


def test_what_two_expressways_share_belongs_to_both():
    pieces = [
        line((0, 0), (40, 0)),
        line((40, 0), (60, 0)),
        line((60, 0), (99, 9)),
        line((60, 0), (99, -9)),
    ]
    roads = expressways(*pieces, ref=["A", "A;B", "A", "B"], oneway=["yes"] * 4)
    found = {way.expressway: way.rows for way in ways(roads).ways}
    assert found == {"A": (0, 1, 2), "B": (1, 3)}


def test_links_and_branches_are_left_out_and_said():
    pieces = [*DUAL, line((40, 0), (40.5, -0.4)), line((50, 0), (50.9, -0.5))]
    tags = {"ref": ["G60"] * 5, "highway": [*["motorway"] * 3, "motorway_link", "motorway"]}
    found = ways(expressways(*pieces, **tags))
    assert [way.rows for way in found.ways] == [(0, 1), (2,)]
    assert [(row.what, row.count) for row in found.ledger] == [("excluded", 1), ("excluded", 1)]
    assert "shorter than 2000 m" in found.ledger[1].reason
    assert len(ways(expressways(*pieces, **tags), least_line_m=1000).ways) == 3


def test_a_short_expressway_by_itself_is_one():
    assert len(ways(expressways(line((0, 0), (1, 0)), name=["A1"], oneway=["yes"])).ways) == 1


def test_parts_that_would_have_the_same_title_are_numbered():
    roads = expressways(line((0, 0), (30, 0)), line((60, 0), (99, 0)), name=["A", "A"])
    assert [way.direction for way in ways(roads).ways] == [
        "eastbound (1)", "westbound (1)", "eastbound (2)", "westbound (2)",
    ]  # fmt: skip


def test_carriageways_that_no_column_tells_from_centrelines_are_suspected():
    found = ways(expressways(DUAL[0], line((40, 0.03), (0, 0.03)), name=["A", "A"]))
    assert [row.what for row in found.ledger] == ["suspected"]
    assert "column oneway" in found.ledger[0].reason
    assert ways(expressways(DUAL[0], DUAL[1], name=["A", "A"])).ledger == ()


def test_a_word_in_oneway_that_is_not_known():
    with pytest.raises(InputError, match=r"layer expressways, row 2: oneway is maybe. Known are"):
        ways(expressways(*DUAL, name=["A"] * 3, oneway=["yes", "maybe", ""]))


def test_links_alone_are_no_expressway():
    with pytest.raises(InputError, match="only links"):
        ways(expressways(highway=["motorway_link"]))


def test_driving_on_the_left_is_yes_or_no():
    with pytest.raises(InputError, match=r"corridors.drive_on_left is 0.5. It is 1 where"):
        ways(drive_on_left=0.5)
