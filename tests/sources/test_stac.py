"""Scenes of a STAC API: found by place, day and cloud, and put together from items."""

import socket

import pystac
import pytest
from stac_server import SAMPLE, date, degrees, files, item, sample_item, stac

from jxgis.errors import InputError, NetworkError
from jxgis.sources.stac import Request
from jxgis.sources.stac.coverage import share_of
from jxgis.sources.stac.scenes import cloud_of, days, scenes_of
from jxgis.sources.stac.search import find_scenes

PLACE = degrees(282_000, 3_402_000, 286_000, 3_406_000)


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    items = [
        sample_item("2017-07-24", "http://127.0.0.1:9", cloud=2.0),
        sample_item("2019-08-03", "http://127.0.0.1:9", cloud=20.0),
        item(
            "S2B_elsewhere",
            {"red": "/r.tif", "nir": "/n.tif", "scl": "/s.tif"},
            time="2019-08-05T02:35:51Z",
            bounds=(380_000, 3_400_000, 390_000, 3_410_000),
        ),
    ]
    with stac(tmp_path_factory.mktemp("stac"), items) as url:
        yield url


def asked(url, **more):
    given = {"start": date("2017-01-01"), "end": date("2019-12-31"), "stac": url} | more
    return Request(PLACE, **given)


def found(request):
    return [scene.name for scene in find_scenes(request, lambda _line: None)]


def test_scenes_of_the_place_are_found_in_order_of_days(catalogue):
    assert found(asked(catalogue)) == ["2017-07-24_sentinel-2a", "2019-08-03_sentinel-2a"]


def test_the_first_and_the_last_day_count(catalogue):
    day = date("2019-08-03")
    assert found(asked(catalogue, start=day, end=day)) == ["2019-08-03_sentinel-2a"]
    with pytest.raises(InputError, match="from 2019-08-04 to 2019-12-31"):
        found(asked(catalogue, start=date("2019-08-04")))


def test_cloudy_days_are_left_out_though_the_server_does_not_do_it(catalogue):
    lines = []
    scenes = find_scenes(asked(catalogue, max_cloud=10), lines.append)
    assert [scene.name for scene in scenes] == ["2017-07-24_sentinel-2a"]
    assert lines == [
        "2 scenes found, 1 with at most 10 % of cloud, 1 to fetch",
        "2017-07-24, sentinel-2a: images of 100% of the place",
    ]


def test_where_all_are_cloudy_it_is_said_how_many_there_were(catalogue):
    with pytest.raises(InputError, match=r"all 2 scenes .* than 1 % \(the clearest has 2\.0 %\)"):
        found(asked(catalogue, max_cloud=1))


def test_a_limit_takes_the_least_cloudy(catalogue):
    assert found(asked(catalogue, limit=1)) == ["2017-07-24_sentinel-2a"]


def test_a_limit_takes_the_day_that_shows_most_of_the_place(tmp_path):
    bands = {"red": "/r.tif", "nir": "/n.tif", "scl": "/s.tif"}
    west, east = (270_000, 3_400_000, 282_600, 3_410_000), (282_000, 3_400_000, 290_000, 3_410_000)
    sliver = item("sliver", bands, time="2018-08-01T02:35:51Z", cloud=1.0, bounds=west)
    halves = [
        item(f"half_{n}", bands, time=f"2018-08-02T02:35:5{n}Z", cloud=25.0, bounds=bounds)
        for n, bounds in enumerate((west, east))
    ]
    again = item("again", bands, time="2018-08-01T02:36:00Z", cloud=1.0, bounds=west)
    lines = []
    with stac(tmp_path, [sliver, again, *halves]) as url:
        (scene,) = find_scenes(asked(url, limit=1), lines.append)
        assert scene.name == "2018-08-02_sentinel-2a"
        assert [tile.item for tile in scene.tiles] == ["half_0", "half_1"]
        assert lines[1:] == ["2018-08-02, sentinel-2a: images of 100% of the place"]
        find_scenes(asked(url), lines.append)
    # Two items of one tile show no more than one.
    share = (degrees(*west)[2] - PLACE[0]) / (PLACE[2] - PLACE[0])
    assert 0.05 < share < 0.2
    assert lines[3] == f"2018-08-01, sentinel-2a: images of {share:.0%} of the place"


def test_an_item_without_an_outline_has_its_box_and_one_without_any_is_everywhere():
    place = (120.0, 30.0, 121.0, 31.0)
    picture = pictured("a")
    picture.geometry, picture.bbox = None, [119.0, 29.0, 0.0, 120.25, 32.0, 900.0]
    assert share_of([picture], place) == 0.25
    picture.geometry = {"type": "Polygon", "coordinates": "lost"}
    assert share_of([picture], place) == 1
    picture.geometry = picture.bbox = None
    assert share_of([picture], place) == 1
    bow = [[120, 30], [121, 31], [121, 30], [120, 31], [120, 30]]
    picture.geometry = {"type": "Polygon", "coordinates": [bow]}
    assert share_of([picture], place) == 0.5


def test_all_pages_are_read(tmp_path):
    bands = {"red": "/r.tif", "nir": "/n.tif", "scl": "/s.tif"}
    items = [
        item(f"S2A_{day}_{n}", bands, time=f"2019-0{1 + day // 28}-{1 + day % 28:02}T02:35:{n:02}Z")
        for day in range(60)
        for n in range(4)
    ]
    with stac(tmp_path, items) as url:
        scenes = find_scenes(asked(url), lambda _line: None)
    assert len(scenes) == 60
    assert sum(len(scene.tiles) for scene in scenes) == 240


def test_a_place_without_scenes_is_said(catalogue):
    there = Request((10.0, 50.0, 10.1, 50.1), date("2017-01-01"), date("2019-12-31"), catalogue)
    with pytest.raises(InputError, match="no scene of sentinel-2-l2a was taken there"):
        found(there)


def test_a_collection_that_is_not_there_is_said_with_those_that_are(catalogue):
    with pytest.raises(InputError, match=r"no collection sentinel-9.* sentinel-2-l2a"):
        found(asked(catalogue, collection="sentinel-9"))


def test_an_asset_that_is_not_there_is_said_with_those_that_are(catalogue):
    with pytest.raises(InputError, match=r"no asset B4.*--red; there are: nir, red, scl"):
        found(asked(catalogue, assets={"red": "B4"}))


def test_no_server_is_one_sentence():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(NetworkError, match="cannot be reached"):
        found(asked(url))


def test_what_is_no_stac_api_is_one_sentence(tmp_path):
    (tmp_path / "page").write_text("<html>hello</html>", encoding="utf-8")
    (tmp_path / "catalog").write_text(
        '{"type": "Catalog", "stac_version": "1.0.0", "id": "x", "description": "", "links": []}',
        encoding="utf-8",
    )
    (tmp_path / "list").write_text("[]", encoding="utf-8")
    with files(tmp_path) as server:
        for name in ("page", "catalog", "list", "nothing"):
            with pytest.raises(InputError, match="no STAC API"):
                found(asked(f"{server.url}/{name}"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"place": (121.0, 30.0, 120.0, 31.0)}, "not west, south, east and north"),
        ({"place": (280_000, 3_400_000, 290_000, 3_410_000)}, "not west, south, east and north"),
        ({"place": (float("nan"), 30.0, 121.0, 31.0)}, "not west, south, east and north"),
        ({"end": date("2016-01-01")}, "is after"),
        ({"stac": "earth-search.aws.element84.com/v1"}, "not the address of a STAC API"),
    ],
)
def test_a_request_that_cannot_be_right_is_refused_before_asking(change, said):
    given = {"place": PLACE, "start": date("2017-01-01"), "end": date("2019-12-31")} | change
    with pytest.raises(InputError, match=said):
        found(Request(**given))


BANDS = {"B04": "https://x/r.tif", "B08": "https://x/n.tif", "SCL": "https://x/s.tif"}


BASELINE = {"s2:processing_baseline": "02.07"}


def pictured(name, **more):
    return pystac.Item.from_dict(item(name, BANDS, **more))


def test_the_day_is_that_of_the_sun_at_the_place():
    late = pictured("late", time="2019-08-02T23:50:00Z")
    assert list(days([late], 120.0)) == [(date("2019-08-03"), "sentinel-2a")]
    assert list(days([late], 0.0)) == [(date("2019-08-02"), "sentinel-2a")]


def test_items_without_a_time_are_left_out_and_a_span_counts_from_its_beginning():
    span = {"start_datetime": "2019-08-03T02:00:00Z", "end_datetime": "2019-08-03T03:00:00Z"}
    without = pictured("without", properties=span)
    without.datetime = None
    assert list(days([without], 120.0)) == [(date("2019-08-03"), "sentinel-2a")]
    del without.properties["start_datetime"]
    assert days([without], 120.0) == {}


def test_the_cloud_of_a_day_is_the_mean_of_its_items():
    items = [pictured("a", cloud=10.0), pictured("b", cloud=40.0), pictured("c", cloud=None)]
    assert cloud_of(items) == 25.0
    assert cloud_of(items[2:]) is None


def test_items_of_a_day_are_one_scene():
    items = [pictured("b"), pictured("a")]
    ((day, platform),) = grouped = days(items, 120.0)
    (scene,) = scenes_of(day, platform, grouped[day, platform], {})
    assert scene.name == "2019-08-03_sentinel-2a"
    assert [tile.item for tile in scene.tiles] == ["a", "b"]
    assert scene.tiles[0].assets == {"red": "B04", "nir": "B08", "quality": "SCL"}
    assert scene.to_json("https://x")["quality"] == {"file": "scl.tif", "as": "scl"}


def test_items_of_two_zones_are_two_scenes():
    items = [pictured("a"), pictured("b", properties=BASELINE | {"proj:epsg": 32650})]
    scenes = scenes_of(date("2019-08-03"), "sentinel-2a", items, {})
    assert [scene.name for scene in scenes] == [
        "2019-08-03_sentinel-2a_32650",
        "2019-08-03_sentinel-2a_32651",
    ]


def test_items_that_store_reflectance_differently_are_never_one_scene():
    items = [
        pictured("a", properties={"s2:processing_baseline": "02.07"}),
        pictured("b", properties={"s2:processing_baseline": "05.00"}),
    ]
    old, new = scenes_of(date("2019-08-03"), "sentinel-2a", items, {})
    assert [old.name, new.name] == ["2019-08-03_sentinel-2a", "2019-08-03_sentinel-2a_0500"]
    assert (old.to_json("")["red"]["offset"], new.to_json("")["red"]["offset"]) == ("0", "-0.1")
    assert new.to_json("")["baseline"] == "05.00"


def test_an_account_that_is_asked_for_is_said():
    bands = BANDS | {"B04": "s3://usgs-landsat/r.tif"}
    with pytest.raises(InputError, match="at s3://, which asks for an account"):
        scenes_of(date("2019-08-03"), "x", [pystac.Item.from_dict(item("a", bands))], {})


def test_the_sample_has_what_these_tests_name():
    assert len(list(SAMPLE.glob("imagery_*.tif"))) == 6
