"""Layers given on the command line."""

import datetime as dt
import zipfile

import pytest

from jxgis.arguments import layer_specs, source_of
from jxgis.errors import InputError


def test_a_path_is_split_at_the_last_colon_only_where_that_makes_a_file(tmp_path):
    plain = tmp_path / "a.gpkg"
    odd = tmp_path / "b:c.gpkg"
    for file in (plain, odd):
        file.touch()
    assert source_of(str(plain)) == {"path": str(plain)}
    assert source_of(f"{plain}:stops") == {"path": str(plain), "layer": "stops"}
    assert source_of(str(odd)) == {"path": str(odd)}
    assert source_of(f"{odd}:stops") == {"path": str(odd), "layer": "stops"}
    assert source_of("C:/none.shp") == {"path": "C:/none.shp"}


def test_feeds_extracts_and_databases_are_told_apart(tmp_path):
    feed = tmp_path / "feed.zip"
    with zipfile.ZipFile(feed, "w") as archive:
        archive.writestr("stops.txt", "stop_id\n")
    shapes = tmp_path / "shapes.zip"
    with zipfile.ZipFile(shapes, "w") as archive:
        archive.writestr("a.shp", "")
    (tmp_path / "stops.txt").touch()
    assert source_of(str(feed)) == {"gtfs": str(feed)}
    assert source_of(str(tmp_path)) == {"gtfs": str(tmp_path)}
    assert source_of(str(shapes)) == {"path": str(shapes)}
    assert source_of("city.osm.pbf") == {"osm": "city.osm.pbf"}
    assert source_of("postgresql://localhost/city") == {"database": "postgresql://localhost/city"}


@pytest.mark.parametrize(
    "word",
    [
        "host=h password=x dbname=y",
        "password='my secret' host=h",
        "DBNAME = city",
        "service=planning",
        "postgis://me:secret@host/city",
        "PG:host=h password=x",
    ],
)
def test_words_of_a_connection_are_a_database(word):
    assert source_of(word) == {"database": word}


@pytest.mark.parametrize("setting", ["x.database={}", "stops.database.x={}", "stops {}", "{}"])
@pytest.mark.parametrize(
    "connection", ["postgresql://me:hun@ter2@h/d", "host=h password='hun ter2'", "password=hunter2"]
)
def test_no_password_is_in_what_is_said_of_a_setting(setting, connection):
    files = {"stops": "host=h password=hunter2 dbname=y"}
    with pytest.raises(InputError) as caught:
        layer_specs(files, [setting.format(connection)])
    assert "ter2" not in str(caught.value)
    with pytest.raises(InputError, match="either table or sql") as caught:
        layer_specs(files, [])
    assert "ter2" not in str(caught.value)
    assert layer_specs(files, ["stops.table=t"])["stops"].source == "postgresql://h/y"


def test_settings_are_what_a_plan_would_say():
    specs = layer_specs(
        {"stops": "s.shp", "zones": "z.shp", "land": None},
        [
            "stops.crs=EPSG:4490",
            "stops.as_of=2019-12-31",
            "zones.columns.zone_id=CODE",
            "zones.where.level=county,city",
            "zones.where.name=true",
        ],
    )
    assert specs.keys() == {"stops", "zones"}
    assert (specs["stops"].crs, specs["stops"].as_of) == ("EPSG:4490", dt.date(2019, 12, 31))
    assert specs["zones"].columns == {"zone_id": "CODE"}
    assert specs["zones"].where == {"level": ("county", "city"), "name": True}


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("stops", "not of the form"),
        ("stops.crs", "not of the form"),
        ("streets.crs=EPSG:4490", "not given"),
        ("stops.colour=red", "colour is not known here"),
        ("stops.datum=mars", "datum is mars"),
        ("stops.as_of=soon", "as_of must be a date"),
    ],
)
def test_a_setting_that_does_not_fit_gets_one_sentence(setting, sentence):
    with pytest.raises(InputError, match=sentence):
        layer_specs({"stops": "s.shp"}, [setting])
