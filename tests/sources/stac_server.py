"""A STAC server of the tests' own, and a server of files that counts what is asked of it."""

import datetime as dt
import json
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pyproj

SAMPLE = Path(__file__).parents[2] / "data" / "shapefiles"
COLLECTION = "sentinel-2-l2a"
WHOLE = (280_000, 3_400_000, 290_000, 3_410_000)  # of the sample's images, EPSG:32651
START_S = 30


def degrees(west, south, east, north, crs="EPSG:32651"):
    """Return bounds in degrees that lie just within bounds in a metric CRS."""
    to_lonlat = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    lon, lat = to_lonlat.transform([west, east, east, west], [south, south, north, north])
    return max(lon[0], lon[3]), max(lat[0], lat[1]), min(lon[1], lon[2]), min(lat[2], lat[3])


def item(  # noqa: PLR0913 - an item has many sides
    name,
    assets,
    *,
    time="2019-08-03T02:35:51Z",
    cloud=20.0,
    platform="sentinel-2a",
    properties=None,
    asset_fields=None,
    bounds=WHOLE,
    collection=COLLECTION,
):
    """Return a STAC item as Earth Search has them."""
    west, south, east, north = degrees(*bounds)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    said = {"datetime": time, "eo:cloud_cover": cloud, "platform": platform, "proj:epsg": 32651}
    said |= {"s2:processing_baseline": "02.07"} if properties is None else properties
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "stac_extensions": [],
        "id": name,
        "collection": collection,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "bbox": [west, south, east, north],
        "properties": {key: value for key, value in said.items() if value is not None},
        "links": [],
        "assets": {
            key: {"href": str(href), "type": "image/tiff; application=geotiff"}
            | (asset_fields or {} if key not in {"scl", "qa_pixel"} else {})
            for key, href in assets.items()
        },
    }


def sample_item(date, base=SAMPLE, **more):
    """Return an item of one of the sample's two scenes; ``base`` is a folder or a URL."""
    day = date.replace("-", "")
    bands = ("red", "nir", "scl")
    assets = {band: f"{base}/imagery_{day}_{band}.tif" for band in bands}
    return item(f"S2A_51RTQ_{day}_0_L2A", assets, time=f"{date}T02:35:51Z", **more)


@contextmanager
def stac(folder, items):
    """Serve items with rustac; give the address."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "items.json"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": items}), encoding="utf-8")
    process, address = _started(file, folder / "log")
    try:
        yield f"http://{address}"
    finally:
        process.kill()
        process.wait(START_S)


def _started(file, log):
    """Start rustac on a port that is free, and again on another where that was taken meanwhile."""
    program = Path(sys.executable).with_name("rustac")
    for _attempt in range(3):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{free.getsockname()[1]}"
        command = [str(program), "serve", str(file), "--create-collections", "-a", address]
        with log.open("wb") as out:
            process = subprocess.Popen(command, stdout=out, stderr=out)
        if _answers(process, f"http://{address}/collections"):
            return process, address
        process.kill()
        process.wait(START_S)
    raise AssertionError("rustac did not start: " + log.read_text(encoding="utf-8"))


def _answers(process, url):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        try:
            with opener.open(url, timeout=START_S) as answer:
                answer.read()
        except OSError:
            time.sleep(0.05)
        else:
            return True
    return False


class Files(ThreadingHTTPServer):
    """Serves a folder with byte ranges; ``asked`` has each path that was asked for.

    What ``broken`` names is not found; what ``held`` names waits, once its other file was asked
    for.
    """

    daemon_threads = True

    def __init__(self, folder):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = Path(folder)
        self.asked, self.broken, self.held = [], set(), {}
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_HEAD(self):
        self._answer(body=False)

    def do_GET(self):
        self._answer(body=True)

    def _answer(self, *, body):
        name = self.path.lstrip("/").partition("?")[0]
        self.server.asked.append(self.path.lstrip("/"))
        file = self.server.folder / name
        if name in self.server.broken or not file.is_file():
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        content = file.read_bytes()
        span = self.headers.get("Range", "")
        whole = len(content)
        first, last = 0, whole - 1
        if span:
            begin, _dash, end = span.removeprefix("bytes=").partition("-")
            first, last = int(begin), min(int(end or whole - 1), whole - 1)
        after, held = self.server.held.get(name, ("", None))
        if held is not None and after in self.server.asked:
            held.wait(START_S)
        self.send_response(206 if span else 200)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(last - first + 1))
        if span:
            self.send_header("Content-Range", f"bytes {first}-{last}/{whole}")
        self.end_headers()
        if body:
            self.wfile.write(content[first : last + 1])

    def log_message(self, *_args):
        pass


@contextmanager
def files(folder):
    """Serve a folder's files; give the server."""
    server = Files(folder)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        for _after, held in server.held.values():
            held.set()
        server.shutdown()
        server.server_close()
        thread.join(START_S)


def date(text):
    return dt.date.fromisoformat(text)
