"""A place by its name, asked of a server on the loopback that answers as OpenStreetMap's do."""

import json
import socket
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import osmnx
import pytest
import shapely

from jxgis.errors import InputError, NetworkError
from jxgis.i18n import _
from jxgis.sources import place
from jxgis.spec import LayerSpec

SQUARE = [[120.7, 30.7], [120.8, 30.7], [120.8, 30.8], [120.7, 30.8], [120.7, 30.7]]
AREA = {
    "osm_type": "relation",
    "osm_id": 3164,
    "lat": "30.75",
    "lon": "120.75",
    "display_name": "Nanhu, Jiaxing, China",
    "name": "Nanhu",
    "importance": 0.5,
    "boundingbox": ["30.7", "30.8", "120.7", "120.8"],
    "geojson": {"type": "Polygon", "coordinates": [SQUARE]},
}
POINT = {**AREA, "geojson": {"type": "Point", "coordinates": [120.75, 30.75]}}


def node(osm_id, lon, lat, **tags):
    return {"type": "node", "id": osm_id, "lon": lon, "lat": lat, "tags": tags}


CORNERS = [
    {"type": "node", "id": i, "lon": 120.75 + dx, "lat": 30.75 + dy}
    for i, (dx, dy) in enumerate([(0, 0), (0.01, 0), (0.01, 0.01), (0, 0.01)], start=101)
]
ELEMENTS = [
    node(1, 120.71, 30.71, highway="bus_stop", name='<script>alert("南湖")</script>'),
    node(2, 120.72, 30.72, highway="bus_stop"),
    node(3, 120.73, 30.73, highway="crossing"),
    node(4, 120.90, 30.90, highway="bus_stop", name="outside"),
    node(5, 120.74, 30.74, amenity="charging_station", capacity="4"),
    *CORNERS,
    {
        "type": "way",
        "id": 11,
        "nodes": [101, 102, 103, 104, 101],
        "tags": {"amenity": "charging_station", "capacity": "some"},
    },
    {
        "type": "way",
        "id": 12,
        "nodes": [101, 102],
        "tags": {"highway": "residential", "layer": "1", "bridge": "yes", "sidewalk": "left"},
    },
    {
        "type": "way",
        "id": 13,
        "nodes": [101, 102, 103, 101],
        "tags": {"highway": "pedestrian", "area": "yes"},
    },
]


class Server:
    """What the server has been asked, and what it answers."""

    def __init__(self):
        self.found = [AREA]
        self.overpass = {"elements": ELEMENTS}
        self.status = 200
        self.asked = []


@pytest.fixture
def server(monkeypatch, tmp_path):
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def answer(self, body):
            data = json.dumps(body).encode()
            self.send_response(state.status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self):
            query = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)
            state.asked.append(query["q"][0])
            self.answer(state.found)

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            state.asked.append(urllib.parse.parse_qs(body)["data"][0])
            self.answer(state.overpass)

        def log_message(self, *_args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        point_at(monkeypatch, tmp_path, httpd.server_address[1])
        yield state
        httpd.shutdown()
        thread.join()


def point_at(monkeypatch, tmp_path, port):
    monkeypatch.setenv("JXGIS_NOMINATIM_URL", f"http://127.0.0.1:{port}/")
    monkeypatch.setenv("JXGIS_OVERPASS_URL", f"http://127.0.0.1:{port}/api")
    monkeypatch.setenv("JXGIS_CACHE", str(tmp_path / "cache"))


def spec(kind, **settings):
    return LayerSpec(kind, kind, place="Nanhu, Jiaxing", **settings)


def counted(raw, what):
    return sum(row.count for row in raw.ledger if row.what == what)


def test_stops_of_a_place(server):
    raw = place.read(spec("stops"))
    assert raw.data.set_index("osm_id")["name"].fillna("").to_dict() == {
        "node/1": '<script>alert("南湖")</script>',
        "node/2": "",
    }
    assert raw.data.crs.to_epsg() == 4326
    assert list(raw.data["stop_id"]) == ["node/1", "node/2"]
    assert raw.inputs[0].attribution.startswith("© OpenStreetMap")
    assert "Nanhu, Jiaxing, China" in " ".join(row.reason for row in raw.ledger)
    assert "'highway'='bus_stop'" in server.asked[1]


def test_a_shelter_is_no_stop_of_before_either(server):
    shelter = {"type": "way", "id": 21, "nodes": [101, 102, 103, 101]}
    shelter["tags"] = {"highway": "bus_stop", "area": "yes"}
    server.overpass = {"elements": [*ELEMENTS, shelter]}
    assert list(place.read(spec("stops_before")).data["osm_id"]) == ["node/1", "node/2"]


def test_an_answer_is_asked_for_once(server):
    first = place.read(spec("stops"))
    asked = len(server.asked)
    server.status = 500
    again = place.read(spec("stops"))
    assert len(server.asked) == asked == 2
    assert again.inputs == first.inputs
    assert shapely.equals(again.data.geometry.array, first.data.geometry.array).all()


def test_areas_become_points_where_only_points_are_asked_for(server):
    raw = place.read(spec("chargers"))
    by_id = raw.data.set_index("osm_id")
    assert set(by_id.index) == {"node/5", "way/11"}
    assert shapely.box(120.75, 30.75, 120.76, 30.76).contains(by_id.geometry["way/11"])
    assert by_id["posts"].fillna(-1).to_dict() == {"node/5": 4.0, "way/11": -1.0}
    assert counted(raw, "repaired") == 1
    assert server.found


def test_lines_leave_surfaces_out(server):
    raw = place.read(spec("streets", where={"highway": True}))
    assert list(raw.data["osm_id"]) == ["way/12"]
    walking = raw.data[["highway", "layer", "bridge", "sidewalk", "foot"]]
    assert walking.to_numpy().tolist() == [["residential", "1", "yes", "left", None]]
    assert counted(raw, "excluded") == 1 + 3  # the surface, and three nodes inside
    assert server.found


def test_zones_are_the_place_itself(server):
    raw = place.read(spec("zones"))
    assert raw.data["zone"].to_list() == ["Nanhu"]
    assert raw.data["zone_id"].to_list() == ["relation/3164"]
    assert raw.data.geometry[0].equals(shapely.Polygon(SQUARE))
    assert len(server.asked) == 1


@pytest.mark.parametrize("found", [[], [POINT]])
def test_a_place_that_is_no_area(server, found):
    server.found = found
    with pytest.raises(InputError, match="no area of this name"):
        place.read(spec("stops"))


def test_nothing_tagged_as_asked(server):
    server.overpass = {"elements": []}
    with pytest.raises(InputError, match=r"amenity=ferry_terminal\|pier"):
        place.read(spec("stops", where={"amenity": ("ferry_terminal", "pier")}))
    server.overpass = {"elements": ELEMENTS[-2:] + CORNERS}
    with pytest.raises(InputError, match="highway and a point"):
        place.read(spec("stops", where={"highway": True}))


@pytest.mark.parametrize("status", [403, 429, 504])
def test_a_server_that_refuses(server, status):
    server.status = status
    with pytest.raises(NetworkError, match=str(status)):
        place.read(spec("stops"))
    assert len(server.asked) == 1


def test_half_an_answer_is_none(server):
    server.overpass = {"elements": ELEMENTS, "remark": "runtime error: Query timed out"}
    with pytest.raises(NetworkError, match="took too long"):
        place.read(spec("stops"))


def test_settings_and_resolver_are_left_as_they_were(server):
    names = [n for n in dir(osmnx.settings) if not n.startswith("_")]
    before = {name: getattr(osmnx.settings, name) for name in names}
    resolver = socket.getaddrinfo
    place.read(spec("stops"))
    server.status = 500
    with pytest.raises(NetworkError):
        place.read(spec("parking"))
    assert {name: getattr(osmnx.settings, name) for name in names} == before
    assert socket.getaddrinfo is resolver


def test_no_network(monkeypatch, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    point_at(monkeypatch, tmp_path, port)
    with pytest.raises(NetworkError, match=r"cannot be reached.*osm\.pbf") as caught:
        place.read(spec("stops"))
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)


def test_a_server_that_never_answers(monkeypatch, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        point_at(monkeypatch, tmp_path, silent.getsockname()[1])
        monkeypatch.setattr(place, "TIMEOUT_S", 1)
        with pytest.raises(NetworkError, match="no answer within 1 s"):
            place.read(spec("stops"))


def test_a_cache_that_cannot_be_used(server, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("JXGIS_CACHE", str(tmp_path / "file"))
    with pytest.raises(InputError, match="JXGIS_CACHE"):
        place.read(spec("stops"))
    assert server.found


def test_a_kind_without_tags_of_its_own(server):
    with pytest.raises(InputError, match=_("Name them")):
        place.read(spec("sites"))
    assert not server.asked
