"""GTFS feeds that the tests write: whole, odd and broken."""

import dataclasses
import hashlib
import zipfile

import pytest

from jxgis.errors import InputError, MissingColumnError
from jxgis.sources.gtfs import read
from jxgis.spec import LayerSpec

HEADER = "stop_id,stop_name,stop_lat,stop_lon,location_type"
STOPS = f"""{HEADER}
a,南湖,30.75,120.75,
b,"Mill, old",30.76,120.76,0
s,Station,30.77,120.77,1
e,Entrance,30.77,120.77,2
n,Node,30.77,120.77,3
p,Berth,30.77,120.77,4
"""
TRIPS = "route_id,service_id,trip_id\nr,w,t1\nr,w,t2\n"
TIMES = """trip_id,arrival_time,departure_time,stop_id,stop_sequence
t1,25:10:00,25:10:00,a,1
t1,25:20:00,25:20:00,b,2
t2,06:00:00,06:00:00,a,1
"""
CALENDAR = (
    "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
    "w,1,1,1,1,1,0,0,20190101,20191231\n"
)
FEED = {
    "stops.txt": STOPS,
    "trips.txt": TRIPS,
    "stop_times.txt": TIMES,
    "calendar.txt": CALENDAR,
    "routes.txt": "route_id,route_short_name,route_type\nr,K1,3\n",
}


@pytest.fixture
def feed(tmp_path):
    """Write files into a zip and read it."""

    def written(files, folder="", encoding="utf-8", **settings):
        with zipfile.ZipFile(tmp_path / "feed.zip", "w") as archive:
            for name, text in files.items():
                archive.writestr(folder + name, text.encode(encoding))
        return read(LayerSpec("stops", "stops", base=tmp_path, gtfs="feed.zip", **settings))

    return written


def counts(raw):
    return {row.what: row.count for row in raw.ledger}


def test_only_boarding_places_are_stops(feed, tmp_path):
    raw = feed(FEED)
    assert raw.data["stop_id"].to_list() == ["a", "b"]
    assert raw.data["name"].to_list() == ["南湖", "Mill, old"]
    assert [(p.x, p.y) for p in raw.data.geometry] == [(120.75, 30.75), (120.76, 30.76)]
    assert raw.data.crs.to_epsg() == 4326
    assert counts(raw) == {"excluded": 4}
    digest = hashlib.sha256((tmp_path / "feed.zip").read_bytes()).hexdigest()
    assert raw.inputs[0].sha256 == digest
    assert raw.inputs[0].features == 6


def test_the_timetable_is_kept(feed):
    tables = feed(FEED).tables
    assert {name: len(table) for name, table in tables.items()} == {
        "stops": 6,
        "stop_times": 3,
        "trips": 2,
        "routes": 1,
        "calendar": 1,
    }
    assert tables["stop_times"]["departure_time"].to_list() == ["25:10:00", "25:20:00", "06:00:00"]


def test_stops_alone_are_enough_and_other_tables_may_be_broken(feed):
    raw = feed(
        {"stops.txt": STOPS, "shapes.txt": "a;b\n\x00", "fare_attributes.txt": "price\nx,y\n"}
    )
    assert len(raw.data) == 2
    assert list(raw.tables) == ["stops"]


def test_a_folder_and_a_folder_inside_a_zip(feed, tmp_path):
    inside = feed({**FEED, "readme.md": "hello"}, folder="google_transit/")
    folder = tmp_path / "feed"
    folder.mkdir()
    for name, text in FEED.items():
        (folder / name.upper().replace(".TXT", ".txt")).write_text(text, encoding="utf-8-sig")
    unpacked = read(LayerSpec("stops", "stops", base=tmp_path, gtfs="feed"))
    for raw in (inside, unpacked):
        assert raw.data["stop_id"].to_list() == ["a", "b"]
        assert len(raw.tables["stop_times"]) == 3
    before = unpacked.inputs[0].sha256
    (folder / "TRIPS.txt").write_text(TRIPS + "r,w,t3\n", encoding="utf-8")
    assert read(LayerSpec("stops", "stops", base=tmp_path, gtfs="feed")).inputs[0].sha256 != before


def test_two_feeds_in_one_zip_are_not_mixed(feed):
    two = {f"{name}/stops.txt": STOPS for name in ("bus", "metro")}
    with pytest.raises(InputError, match="several feeds: bus, metro"):
        feed(two)


def test_coordinates_that_are_none_are_dropped_and_counted(feed):
    rows = [
        "a,Good,30.75,120.75,",
        "b,Empty,,120.75,",
        "c,Word,north,120.75,",
        'd,Comma,"30,75",120.75,',
        "e,Far,130.75,120.75,",
        "f,NaN,NaN,120.75,",
        "g,Infinite,30.75,inf,",
        "h,Null,0,0,",
        "i,Greenwich,51.48,0,",
    ]
    raw = feed({"stops.txt": "\n".join([HEADER, *rows])})
    assert raw.data["stop_id"].to_list() == ["a", "i"]
    dropped = [row.count for row in raw.ledger if row.what == "dropped"]
    assert dropped == [6, 1]
    (note,) = (row for row in raw.ledger if row.what == "note")
    assert note.count == 2
    assert "rows 3, 4" in note.reason


def test_a_feed_in_gbk_is_read_and_said(feed):
    raw = feed(FEED, encoding="gb18030")
    assert raw.data["name"][0] == "南湖"
    assert "GB18030" in " ".join(row.reason for row in raw.ledger)


def test_an_encoding_that_the_plan_names(tmp_path):
    with zipfile.ZipFile(tmp_path / "feed.zip", "w") as archive:
        archive.writestr("stops.txt", f"{HEADER}\na,Caf\xe9,30,120,\n".encode("cp1252"))
    spec = LayerSpec("stops", "stops", base=tmp_path, gtfs="feed.zip", encoding="cp1252")
    assert read(spec).data["name"][0] == "Café"
    with pytest.raises(InputError, match="not UTF-8 throughout"):
        read(dataclasses.replace(spec, encoding="utf-8"))


def test_where_chooses_stops(feed):
    raw = feed(FEED, where={"stop_id": ("b", "s")})
    assert raw.data["stop_id"].to_list() == ["b"]
    with pytest.raises(MissingColumnError, match="zone"):
        feed(FEED, where={"zone": True})
    with pytest.raises(InputError, match=r"none of \d+ rows .*: stop_id = z"):
        feed(FEED, where={"stop_id": ("z",)})


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"readme.txt": "hello"}, "no stops.txt"),
        ({"stops.txt": ""}, "no rows"),
        ({"stops.txt": HEADER}, "no rows"),
        ({"stops.txt": "stop_id,stop_name\na,b\n"}, "no column stop_lon"),
        ({"stops.txt": "stop_name,stop_lat,stop_lon\na,30,120\n"}, "no column stop_id"),
        ({"stops.txt": f"{HEADER}\na,b,,,\n"}, "no stop is left"),
        ({"stops.txt": f"{HEADER}\na,b,30,120,depot\n"}, "not as GTFS asks"),
        ({**FEED, "stop_times.txt": "trip_id,stop_sequence\nt,first\n"}, "not as GTFS asks"),
    ],
)
def test_what_is_no_feed_is_one_sentence(feed, files, problem):
    with pytest.raises(InputError, match=problem) as caught:
        feed(files)
    assert str(caught.value).startswith("feed.zip, layer stops: ")
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be_opened(tmp_path):
    def error(name):
        with pytest.raises(InputError) as caught:
            read(LayerSpec("stops", "stops", base=tmp_path, gtfs=name))
        assert "\n" not in str(caught.value)
        return str(caught.value)

    (tmp_path / "junk.zip").write_bytes(b"hello")
    with zipfile.ZipFile(tmp_path / "whole.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("stops.txt", STOPS * 50)
    whole = (tmp_path / "whole.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    damaged = bytearray(whole)
    damaged[60:80] = bytes(20)
    (tmp_path / "damaged.zip").write_bytes(damaged)
    (tmp_path / "empty").mkdir()
    assert "no such file" in error("nowhere.zip")
    assert "cannot be opened" in error("junk.zip")
    assert "cannot be opened" in error("cut.zip")
    assert "cannot be opened" in error("damaged.zip")
    assert "no stops.txt" in error("empty")
