"""OpenStreetMap extracts: small ones that the tests write, whole and broken."""

import dataclasses

import osmium
import pytest
import shapely
from osmium.osm.mutable import Node, Relation, Way

from jxgis.errors import InputError
from jxgis.sources.osm import read
from jxgis.spec import LayerSpec

LON, LAT = 120.75, 30.75


def grid(i, j):
    """Return a position 100 m (about) apart from the next."""
    return LON + i * 0.001, LAT + j * 0.001


def square(i, j, size=1):
    return shapely.box(*grid(i, j), *grid(i + size, j + size))


class Extract:
    """Objects that become an extract; nodes get their ids from their places."""

    def __init__(self):
        self.nodes, self.ways, self.relations, self.missing = {}, [], [], set()

    def node(self, i, j, **tags):
        osm_id = 1000 + i * 100 + j
        self.nodes[osm_id] = Node(id=osm_id, location=grid(i, j), tags=tags, version=1)
        return osm_id

    def way(self, osm_id, places, **tags):
        nodes = [
            self.node(*p)
            if 1000 + p[0] * 100 + p[1] not in self.nodes
            else 1000 + p[0] * 100 + p[1]
            for p in places
        ]
        self.ways.append(Way(id=osm_id, nodes=nodes, tags=tags, version=1))

    def ring(self, osm_id, i, j, size=1, **tags):
        corners = [(i, j), (i + size, j), (i + size, j + size), (i, j + size), (i, j)]
        self.way(osm_id, corners, **tags)

    def relation(self, osm_id, members, **tags):
        members = [("w", way, role) for way, role in members]
        tags = {"type": "multipolygon", **tags}
        self.relations.append(Relation(id=osm_id, members=members, tags=tags, version=1))

    def without(self, i, j):
        self.missing.add(1000 + i * 100 + j)

    def write(self, path):
        with osmium.SimpleWriter(str(path)) as writer:
            for osm_id in sorted(self.nodes.keys() - self.missing):
                writer.add_node(self.nodes[osm_id])
            for way in sorted(self.ways, key=lambda w: w.id):
                writer.add_way(way)
            for relation in sorted(self.relations, key=lambda r: r.id):
                writer.add_relation(relation)


@pytest.fixture
def extract():
    return Extract()


@pytest.fixture
def layer(extract, tmp_path):
    """Read the extract as a kind of layer."""

    def read_as(kind, **settings):
        path = tmp_path / "city.osm.pbf"
        path.unlink(missing_ok=True)
        extract.write(path)
        return read(LayerSpec(kind, kind, base=tmp_path, osm="city.osm.pbf", **settings))

    return read_as


def shapes(raw):
    return dict(zip(raw.data["osm_id"], raw.data.geometry, strict=True))


def counts(raw):
    return {row.what: row.count for row in raw.ledger if row.what != "assumed"}


@pytest.mark.parametrize("kind", ["stops", "stops_before"])
def test_stops_are_nodes_only(extract, layer, kind):
    extract.node(0, 0, highway="bus_stop", name="南湖")
    extract.node(1, 0, public_transport="platform")
    extract.ring(5, 3, 3, highway="bus_stop")
    raw = layer(kind)
    assert list(raw.data["name"]) == ["南湖"]
    assert raw.data.geometry[0].equals(shapely.Point(grid(0, 0)))
    assert list(raw.data["stop_id"]) == list(raw.data["osm_id"]) == ["node/1000"]
    assert counts(raw) == {"excluded": 1}
    assert "highway=bus_stop" in raw.ledger[0].reason
    assert raw.ledger[0].what == "assumed"


def test_areas_come_from_ways_and_relations(extract, layer):
    extract.ring(1, 0, 0, landuse="residential")
    extract.ring(2, 10, 10, size=4)
    extract.ring(3, 11, 11)
    extract.relation(9, [(2, "outer"), (3, "inner")], landuse="industrial", name="厂")
    extract.ring(4, 20, 20, landuse="forest")
    raw = layer("built_up")
    found = shapes(raw)
    assert found.keys() == {"way/1", "relation/9"}
    assert found["way/1"].equals(square(0, 0))
    assert found["relation/9"].equals(square(10, 10, 4).difference(square(11, 11)))
    assert counts(raw) == {}


def test_any_of_several_keys_is_enough_and_no_is_no_value(extract, layer):
    extract.ring(1, 0, 0, landuse="residential")
    extract.ring(2, 5, 0, leisure="park", landuse="grass")
    extract.ring(3, 10, 0, building="no")
    extract.ring(4, 15, 0, building="yes")
    where = {"landuse": ("residential",), "leisure": True, "building": True}
    raw = layer("built_up", where=where)
    assert set(shapes(raw)) == {"way/1", "way/2", "way/4"}
    assert list(raw.data["leisure"].fillna("")) == ["", "park", ""]
    assert not [row for row in raw.ledger if row.what == "assumed"]


def test_land_has_the_classes_of_the_rule(extract, layer):
    extract.ring(1, 0, 0, natural="water")
    extract.ring(2, 5, 0, leisure="park")
    extract.ring(3, 10, 0, amenity="university")
    extract.ring(4, 15, 0, landuse="military")
    raw = layer("land")
    assert sorted(raw.data["class"]) == ["military", "park", "school", "water"]
    chosen = layer("land", where={"landuse": ("military",), "leisure": ("park",)})
    assert sorted(chosen.data["class"]) == ["military", "park"]


def test_zones_have_ids_and_names(extract, layer):
    extract.ring(1, 0, 0, size=3)
    extract.relation(7, [(1, "outer")], type="boundary", boundary="administrative", name="南湖区")
    raw = layer("zones")
    assert raw.data[["zone_id", "zone"]].to_numpy().tolist() == [["relation/7", "南湖区"]]


def test_a_ring_that_crosses_itself_is_repaired(extract, layer):
    extract.way(1, [(0, 0), (1, 1), (1, 0), (0, 1), (0, 0)], landuse="retail")
    raw = layer("built_up")
    # Two of the four triangles that the diagonals of a square make.
    assert shapes(raw)["way/1"].area == pytest.approx(square(0, 0).area / 2)
    assert raw.data.geometry.is_valid.all()
    assert counts(raw) == {"repaired": 1}


def test_a_broken_multipolygon_keeps_the_rings_that_close(extract, layer):
    extract.ring(1, 0, 0)
    extract.way(2, [(5, 5), (6, 5), (6, 6)])  # not closed
    extract.relation(9, [(1, "outer"), (2, "outer")], landuse="industrial")
    extract.relation(10, [(2, "outer")], landuse="industrial")
    extract.ring(3, 20, 20, landuse="retail")
    raw = layer("built_up")
    assert set(shapes(raw)) == {"way/3", "relation/9"}
    assert shapes(raw)["relation/9"].equals(square(0, 0))
    assert counts(raw) == {"repaired": 1, "dropped": 1}


def test_a_multipolygon_with_members_outside_the_extract(extract, layer):
    extract.ring(1, 0, 0, size=4)
    extract.ring(2, 1, 1)
    extract.relation(9, [(1, "outer"), (2, "inner"), (77, "outer")], landuse="industrial")
    extract.relation(10, [(78, "outer"), (2, "inner")], landuse="industrial")
    raw = layer("built_up")
    assert shapes(raw).keys() == {"relation/9"}
    assert shapes(raw)["relation/9"].equals(square(0, 0, 4).difference(square(1, 1)))
    assert counts(raw) == {"repaired": 1, "dropped": 1}


def test_areas_at_the_edge_of_the_extract(extract, layer):
    extract.ring(1, 0, 0, landuse="retail")
    extract.without(1, 1)
    extract.ring(2, 5, 5, landuse="retail")
    extract.without(5, 6)
    extract.without(6, 6)
    extract.way(3, [(8, 8), (9, 8), (9, 9)], landuse="retail")  # open, so no area
    raw = layer("built_up")
    assert shapes(raw).keys() == {"way/1"}
    assert shapes(raw)["way/1"].area == pytest.approx(square(0, 0).area / 2)
    assert counts(raw) == {"repaired": 1, "dropped": 1, "excluded": 1}


def test_a_street_is_cut_where_its_nodes_are_missing(extract, layer):
    extract.way(1, [(0, 0), (1, 0), (2, 0), (3, 0), (4, 0)], highway="primary", name="中山路")
    extract.without(2, 0)
    extract.way(2, [(0, 5), (1, 5)], highway="footway")
    extract.without(1, 5)
    extract.ring(3, 7, 7, highway="pedestrian", area="yes")
    extract.ring(4, 20, 7, highway="tertiary")
    extract.way(5, [(0, 9), (1, 9)], highway="construction")
    raw = layer("streets")
    found = shapes(raw)
    assert found.keys() == {"way/1", "way/4"}
    gap = shapely.MultiLineString([[grid(0, 0), grid(1, 0)], [grid(3, 0), grid(4, 0)]])
    assert found["way/1"].equals(gap)
    assert found["way/4"].equals(square(20, 7).exterior)
    assert counts(raw) == {"repaired": 1, "dropped": 1, "excluded": 1}
    assert raw.data.set_index("osm_id").loc["way/1", ["highway", "name"]].to_list() == [
        "primary",
        "中山路",
    ]


def test_parking_is_points_and_areas_with_spaces(extract, layer):
    extract.node(0, 0, amenity="parking", capacity="40")
    extract.ring(1, 5, 5, amenity="parking", capacity="many")
    raw = layer("parking")
    assert raw.data["spaces"].fillna(-1).to_list() == [40, -1]
    assert set(raw.data.geom_type) == {"Point", "Polygon"}
    assert counts(raw) == {"repaired": 1}


def test_buildings_have_what_decides_on_panels(extract, layer):
    tags = {"building:levels": "3", "height": "12.5 m", "roof:shape": "gabled"}
    tags |= {"roof:direction": "SSW", "operator": "Puerto", "name": "Nave 4"}
    extract.ring(1, 0, 0, building="industrial", **tags)
    extract.ring(2, 5, 0, building="yes")
    (row, bare) = layer("buildings").data.set_index("osm_id").loc[["way/1", "way/2"]].iloc
    said = row[["class", "storeys", "height_m", "roof_shape", "roof_azimuth", "owner", "name"]]
    assert said.to_list() == ["industrial", 3, 12.5, "gabled", 202.5, "Puerto", "Nave 4"]
    assert bare[["storeys", "height_m", "roof_shape", "roof_azimuth", "owner"]].isna().all()
    assert bare["class"] == "yes"


@pytest.mark.parametrize(
    ("tag", "column", "words", "numbers"),
    [
        ("height", "height_m", ["12", " 7.5m ", "9 m", "alto", "3;4", "inf"], [12, 7.5, 9]),
        ("building:levels", "storeys", ["2", "0.5", "sótano", "3;4", "1-2", "3m"], [2, 0.5]),
        (
            "roof:direction",
            "roof_azimuth",
            ["190", "90°", "s", "NW", "ne", "WNW", "O", "up"],
            [190, 90, 180, 315, 45, 292.5],
        ),
    ],
)
def test_words_of_tags_are_numbers_or_unknown(extract, layer, tag, column, words, numbers):
    for n, word in enumerate(words):
        extract.ring(n + 1, 3 * n, 0, building="yes", **{tag: word})
    raw = layer("buildings")
    by_id = raw.data.set_index("osm_id")[column]
    found = [by_id[f"way/{n + 1}"] for n in range(len(words))]
    assert found[: len(numbers)] == numbers
    assert all(value != value for value in found[len(numbers) :])  # noqa: PLR0124 - not a number
    (row,) = [row for row in raw.ledger if row.what == "repaired"]
    assert (row.count, row.reason) == (
        len(words) - len(numbers),
        f"{column} is not a number and was left empty",
    )


def test_a_charger_mapped_as_an_area_is_a_point_in_it(extract, layer):
    extract.ring(1, 5, 5, amenity="charging_station", capacity="4")
    raw = layer("chargers")
    assert square(5, 5).contains(raw.data.geometry[0])
    assert raw.data["posts"][0] == 4
    assert [row.what for row in raw.ledger] == ["assumed", "assumed"]


def test_columns_may_come_from_other_tags(extract, layer):
    extract.node(0, 0, highway="bus_stop", **{"name:en": "South Lake", "ref": "12"})
    raw = layer("stops", columns={"name": "name:en", "stop_id": "ref"})
    assert raw.data["name:en"].to_list() == ["South Lake"]
    assert raw.data["ref"].to_list() == ["12"]


def test_date_and_credit(extract, tmp_path):
    extract.node(0, 0, highway="bus_stop")
    header = osmium.io.Header()
    header.set("osmosis_replication_timestamp", "2023-02-21T03:31:14Z")
    path = tmp_path / "dated.osm.pbf"
    with osmium.SimpleWriter(str(path), header=header) as writer:
        writer.add_node(extract.nodes[1000])
    raw = read(LayerSpec("stops", "stops", osm=str(path)))
    assert raw.inputs[0].as_of.isoformat() == "2023-02-21"
    assert raw.inputs[0].attribution == "© OpenStreetMap contributors (ODbL)"
    assert raw.inputs[0].features == 1
    assert raw.data.crs.to_epsg() == 4326


def test_nothing_that_matches_names_the_tags(extract, layer):
    extract.node(0, 0, highway="bus_stop")
    with pytest.raises(InputError, match=r"landuse=residential\|commercial\|retail\|industrial"):
        layer("built_up")
    with pytest.raises(InputError, match="Name them, like where"):
        layer("sites")


def test_sites_of_any_geometry(extract, layer):
    extract.node(0, 0, amenity="bicycle_rental")
    extract.ring(1, 5, 5, amenity="bicycle_rental")
    extract.way(2, [(0, 9), (1, 9)], amenity="bicycle_rental")
    raw = layer("sites", where={"amenity": ("bicycle_rental",)})
    assert sorted(raw.data.geom_type) == ["LineString", "Point", "Polygon"]


WALKING = {
    "bridge": "viaduct",
    "tunnel": "building_passage",
    "layer": "-1",
    "sidewalk": "both",
    "foot": "designated",
    "access": "private",
    "service": "driveway",
}


def test_streets_have_what_decides_on_walking(extract, layer):
    extract.way(1, [(0, 0), (1, 0)], highway="service", **WALKING)
    extract.way(2, [(0, 5), (1, 5)], highway="footway")
    streets = layer("streets").data.set_index("osm_id")
    assert streets.loc["way/1", list(WALKING)].to_dict() == WALKING
    assert streets.loc["way/2", list(WALKING)].isna().all()


def test_what_was_before_has_the_tags_of_what_is(extract, layer):
    extract.ring(1, 0, 0, landuse="retail")
    extract.way(2, [(0, 5), (1, 5)], route="bus")
    assert shapes(layer("built_up_before")).keys() == {"way/1"}
    assert shapes(layer("routes", where={"route": ("bus",)})).keys() == {"way/2"}
    with pytest.raises(InputError, match="Name them, like where"):
        layer("routes")


@pytest.mark.parametrize("how", ["empty", "junk", "truncated", "text", "missing"])
def test_what_is_no_extract_is_one_sentence(extract, tmp_path, how):
    for i in range(50):
        for j in range(50):
            extract.node(i, j, highway="bus_stop", name=f"{i} {j}")
    whole = tmp_path / "whole.osm.pbf"
    extract.write(whole)
    content = {
        "empty": b"",
        "junk": b"hello, planner " * 100,
        "truncated": whole.read_bytes()[: whole.stat().st_size // 2],
        "text": b"\xff\xfe",
    }
    path = tmp_path / ("city.txt" if how == "text" else "city.osm.pbf")
    if how in content:
        path.write_bytes(content[how])
    spec = LayerSpec("stops", "stops", base=tmp_path, osm=path.name)
    with pytest.raises(InputError) as caught:
        read(spec)
    sentence = str(caught.value)
    assert sentence.startswith(f"{path.name}, layer stops: ")
    assert "\n" not in sentence
    assert read(dataclasses.replace(spec, osm="whole.osm.pbf")).inputs[0].features == 2500
