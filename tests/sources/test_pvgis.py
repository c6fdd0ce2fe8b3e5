"""Weather from a server on the loopback that answers as PVGIS does, and what a plan says of it."""

import json
import socket
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from weather_made import TMY3, pvgis

from jxgis import sources
from jxgis.errors import InputError, NetworkError
from jxgis.layer_tables import read_layer
from jxgis.spec import LayerSpec
from jxgis.toml_reader import TableReader


@pytest.fixture(scope="module")
def hours():
    return sources.read(LayerSpec("weather", "weather", path=str(TMY3))).tables["hours"]


class Server:
    """What the server has been asked, and what it answers."""

    def __init__(self):
        self.body = b"{}"
        self.status = 200
        self.asked = []


@pytest.fixture
def server(monkeypatch, tmp_path):
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            url = urllib.parse.urlparse(self.path)
            state.asked.append((url.path, dict(urllib.parse.parse_qsl(url.query))))
            self.send_response(state.status)
            self.send_header("Content-Length", str(len(state.body)))
            self.end_headers()
            self.wfile.write(state.body)

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
    monkeypatch.setenv("JXGIS_PVGIS_URL", f"http://127.0.0.1:{port}/api/")
    monkeypatch.setenv("JXGIS_CACHE", str(tmp_path / "cache"))


ASKED = LayerSpec("weather", "weather", pvgis=(-79.95, 36.1))


def test_a_place_is_asked_for_once(server, hours):
    server.body = json.dumps(pvgis(hours)).encode()
    first, second = sources.read(ASKED), sources.read(ASKED)
    query = {"lat": "36.10000", "lon": "-79.95000", "outputformat": "json"}
    assert server.asked == [("/api/tmy", query)]
    assert first.tables["hours"].to_numpy() == pytest.approx(hours.to_numpy())
    assert first.inputs == second.inputs
    assert first.inputs[0].path == "PVGIS -79.95, 36.1"
    assert "European Union" in first.inputs[0].attribution


def test_what_pvgis_says_is_passed_on(server):
    server.status = 400
    server.body = b'{"message": "Location over the sea. Please, select another location"}'
    with pytest.raises(InputError, match="Location over the sea"):
        sources.read(ASKED)
    server.body = b"[]"
    with pytest.raises(InputError, match="400"):
        sources.read(ASKED)
    server.status = 529
    with pytest.raises(NetworkError, match="PVGIS answered: 529"):
        sources.read(ASKED)


@pytest.mark.parametrize("body", [b"<html>log in</html>", b"{}", b'{"outputs": {}}', b"3"])
def test_what_is_not_pvgis_is_not_kept(server, hours, body):
    server.body = body
    with pytest.raises(NetworkError, match="not PVGIS"):
        sources.read(ASKED)
    server.body = json.dumps(pvgis(hours)).encode()
    assert len(sources.read(ASKED).tables["hours"]) == 8760


def test_no_network_is_a_sentence(monkeypatch, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        point_at(monkeypatch, tmp_path, taken.getsockname()[1])
        with pytest.raises(NetworkError, match="PVGIS cannot be reached") as caught:
            sources.read(ASKED)
    assert caught.value.exit_code == 2
    assert "path =" in caught.value.mend


def test_a_cache_that_is_no_folder(server, monkeypatch, tmp_path, hours):
    server.body = json.dumps(pvgis(hours)).encode()
    (tmp_path / "file").write_text("x", encoding="utf-8")
    monkeypatch.setenv("JXGIS_CACHE", str(tmp_path / "file"))
    with pytest.raises(InputError, match="cache folder"):
        sources.read(ASKED)


def table(kind="weather", **given):
    faults = []
    reader = TableReader({"kind": kind, **given}, f"layers.{kind}", Path("plan.toml"), faults)
    return read_layer(kind, reader, Path()), [str(fault) for fault in faults]


def test_a_plan_says_where_pvgis_is_asked():
    read, faults = table(pvgis=[120.75, 30.75])
    assert faults == []
    assert read.pvgis == (120.75, 30.75)
    assert read.source == "PVGIS 120.75, 30.75"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"pvgis": [120.75]}, "pvgis must be longitude and latitude"),
        ({"pvgis": "Jiaxing"}, "pvgis must be longitude and latitude"),
        ({"pvgis": [True, 30]}, "pvgis must be longitude and latitude"),
        ({"pvgis": [30.75, 120.75]}, "longitude 30.75, latitude 120.75"),
        ({"pvgis": [float("nan"), 30]}, "longitude nan"),
        ({"pvgis": [120.75, 30.75], "path": "x.epw"}, "2 sources are given"),
        ({"kind": "stops", "pvgis": [120.75, 30.75]}, "PVGIS has weather, and no stops"),
    ],
)
def test_a_plan_that_says_it_wrongly(given, said):
    _read, faults = table(**given)
    assert any(said in fault for fault in faults), faults
