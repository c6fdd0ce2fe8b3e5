"""Streets that cars use, and places linked to them, held against ways worked out by hand."""

import numpy as np
import pytest
from layers_made import X, Y, layer, line

from jxgis.charging.roads import driving_network, linked, linking_rows
from jxgis.errors import InputError
from jxgis.kernels.reach import along_streets
from jxgis.kernels.streets import link

ORIGIN = np.array([X, Y])


def network(*ways, **tags):
    return driving_network(layer("streets", [line(*own) for own in ways], **tags))


def test_what_no_car_uses_is_left_out_and_said():
    classes = ["residential", "footway", "steps", None, "motorway", "residential", "service"]
    own = network(
        *[((0, i), (10, i)) for i in range(7)],
        highway=classes,
        access=[None, None, None, None, None, "private", "private"],
        motor_vehicle=[None, None, None, None, None, None, "yes"],
    )
    assert sorted(set(own.streets.line)) == [0, 1, 2, 3]
    assert own.data["highway"].fillna("").tolist() == ["residential", "", "motorway", "service"]
    assert [(row.what, row.count) for row in own.ledger] == [("excluded", 3), ("assumed", 4)]
    assert "one-way streets are driven both ways" in own.ledger[-1].reason


def test_without_a_column_highway_every_street_is_driven():
    own = network(((0, 0), (10, 0)))
    assert own.ledger[0].what == "assumed"


def test_streets_without_any_for_cars_are_refused():
    with pytest.raises(InputError, match="no street in it can be driven along"):
        network(((0, 0), (10, 0)), highway=["footway"])


def test_a_bridge_does_not_join_the_street_below():
    ways = [((-10, 0), (0, 0), (10, 0)), ((0, -10), (0, 0), (0, 10))]
    for bridge, nodes in (("yes", 4), (None, 5)):
        own = network(*ways, highway=["primary"] * 2, bridge=[bridge, None])
        assert len(own.streets.nodes) == nodes


WAYS = [((0, 0), (1000, 0)), ((0, 100), (1000, 100)), ((1000, 0), (1000, 100))]
TAGS = ["motorway", "residential", "motorway_link"]


def test_only_what_belongs_to_a_motorway_is_linked_to_it():
    own = network(*WAYS, highway=TAGS)
    points = ORIGIN + np.array([(500, 10), (500, 80), (1001, 50)])
    links = linked(own, points)
    assert own.streets.line[links.edge].tolist() == [1, 1, 1]
    assert links.off == pytest.approx([90, 20, np.hypot(1, 50)])
    there = linked(own, points, motorways=True)
    assert own.streets.line[there.edge].tolist() == [0, 1, 2]
    assert np.array_equal(there.at, link(own.streets, points).at)


def test_where_all_streets_are_motorways_places_are_linked_to_them():
    own = network(*WAYS, highway=["motorway"] * 3)
    assert linked(own, ORIGIN + np.array([(500, 10)])).edge.tolist() == [0]


def test_ways_lead_over_a_motorway_all_the_same():
    own = network(*WAYS, highway=TAGS)
    service_area = linked(own, ORIGIN + np.array([(900, 0)]), motorways=True)
    town = linked(own, ORIGIN + np.array([(950, 100)]))
    assert along_streets(own.streets, town, service_area, 300).toarray().tolist() == [[250]]


def test_places_on_streets_apart_are_said():
    own = network(((0, 0), (1000, 0)), ((0, 500), (90, 500)), highway=["residential"] * 2)
    links = linked(own, ORIGIN + np.array([(10, 1), (10, 499), (50, 501)]))
    (row,) = linking_rows(own, {"population": links})
    assert (row.layer, row.count) == ("population", 2)
    assert linking_rows(own, {"population": linked(own, ORIGIN + np.array([(10, 1)]))}) == []
