"""Weather from files of every format, against pvlib's own station."""

import json

import numpy as np
import pandas as pd
import pvlib
import pytest
from weather_made import TMY3, epw, pvgis, pvgis_csv

from jxgis import sources
from jxgis.crs import parse_crs
from jxgis.errors import InputError
from jxgis.layers import prepare
from jxgis.sources import weather
from jxgis.spec import LayerSpec


def spec(path):
    return LayerSpec("weather", "weather", path=str(path))


def hours_of(path):
    return weather.read(spec(path)).tables["hours"]


@pytest.fixture(scope="module")
def greensboro():
    return weather.read(spec(TMY3))


def test_a_tmy3_is_one_point_with_its_hours(greensboro):
    assert greensboro.data.crs == "EPSG:4326"
    assert greensboro.data.geometry.iloc[0].coords[0] == (-79.95, 36.1)
    (station,) = greensboro.tables["station"].to_dict("records")
    assert station == {
        "name": "GREENSBORO PIEDMONT TRIAD INT",
        "latitude": 36.1,
        "longitude": -79.95,
        "altitude_m": 273,
    }
    hours = greensboro.tables["hours"]
    assert list(hours) == ["ghi", "dni", "dhi", "temp_air", "wind_speed"]
    assert hours["ghi"].sum() == 1_566_203
    assert str(hours.index.tz) == "UTC"
    # the file's first row is the hour that ends at 1 h, five hours west of Greenwich
    assert hours.index[0] == pd.Timestamp("1988-01-01 05:30", tz="UTC")
    assert greensboro.inputs[0].features == 8760


def test_the_times_are_the_suns(greensboro):
    """Half an hour off to either side, the file's own beam fits its global light worse."""
    hours = greensboro.tables["hours"]

    def misfit(minutes):
        at = hours.index + pd.Timedelta(minutes=minutes)
        zenith = pvlib.solarposition.get_solarposition(at, 36.1, -79.95)["zenith"].to_numpy()
        level = hours["dni"] * np.cos(np.radians(zenith)).clip(0) + hours["dhi"]
        return float((level - hours["ghi"]).abs().sum())

    assert misfit(0) < min(misfit(-30), misfit(30))


def test_an_epw_and_both_of_pvgis_give_the_same_hours(greensboro, tmp_path):
    hours = greensboro.tables["hours"]
    answer = pvgis(hours)
    files = {
        "station.epw": epw(hours),
        "year.json": json.dumps(answer),
        "year.csv": pvgis_csv(answer),
        "misnamed.txt": epw(hours),
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        raw = weather.read(spec(tmp_path / name))
        assert raw.tables["hours"].to_numpy() == pytest.approx(hours.to_numpy()), name
        assert (raw.tables["hours"].index == hours.index).all(), name
        assert raw.data.geometry.iloc[0].coords[0] == (-79.95, 36.1)
        assert raw.tables["station"]["altitude_m"].tolist() == [273]
        assert raw.ledger == ()


def test_an_offset_of_the_satellite_is_the_suns_time(greensboro, tmp_path):
    hours = greensboro.tables["hours"]
    answer = pvgis(hours)
    answer["inputs"]["location"]["irradiance_time_offset"] = 0.1761
    (tmp_path / "year.json").write_text(json.dumps(answer), encoding="utf-8")
    shifted = hours_of(tmp_path / "year.json").index
    assert (shifted - hours.index == pd.Timedelta(hours=0.1761 - 0.5)).all()


def test_a_chinese_name_in_whatever_encoding(greensboro, tmp_path):
    text = epw(greensboro.tables["hours"], city="嘉兴南湖")
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        (tmp_path / "x.epw").write_bytes(text.encode(encoding))
        assert weather.read(spec(tmp_path / "x.epw")).data["name"].tolist() == ["嘉兴南湖"]


def test_it_goes_through_as_any_layer_does(greensboro):
    given = spec(TMY3)
    layer = prepare(sources.read(given), given, parse_crs("EPSG:32617"))
    assert len(layer.data) == 1
    assert layer.tables["hours"].equals(greensboro.tables["hours"])


def test_gaps_of_the_air_are_bridged_and_told(greensboro, tmp_path):
    hours = greensboro.tables["hours"].copy()
    hours.iloc[10:13, hours.columns.get_loc("temp_air")] = 99.9
    hours.iloc[5, hours.columns.get_loc("wind_speed")] = 999
    (tmp_path / "x.epw").write_text(epw(hours), encoding="utf-8")
    raw = weather.read(spec(tmp_path / "x.epw"))
    assert raw.tables["hours"].notna().all(axis=None)
    assert [(row.what, row.count) for row in raw.ledger] == [("assumed", 3), ("assumed", 1)]


def test_light_without_beam_stays_empty(greensboro, tmp_path):
    hours = greensboro.tables["hours"].assign(dni=9999, dhi=9999)
    (tmp_path / "x.epw").write_text(epw(hours), encoding="utf-8")
    read = hours_of(tmp_path / "x.epw")
    assert read[["dni", "dhi"]].isna().all(axis=None)
    assert read["ghi"].sum() == 1_566_203


def refused(path, match):
    with pytest.raises(InputError, match=match) as caught:
        weather.read(spec(path))
    assert caught.value.layer == "weather"
    return caught.value


def test_another_unit_of_light(greensboro, tmp_path):
    hours = greensboro.tables["hours"]
    for factor, said in ((3.6, "5,638.33"), (0.001, "1.5662"), (0.0036, "5.63833")):
        changed = hours.assign(**{n: hours[n] * factor for n in ("ghi", "dni", "dhi")})
        (tmp_path / "x.epw").write_text(epw(changed), encoding="utf-8")
        refused(tmp_path / "x.epw", f"adds up to {said}.*the unit may be wrong")


def test_a_year_that_is_none(greensboro, tmp_path):
    hours = greensboro.tables["hours"]
    (tmp_path / "x.epw").write_text(epw(hours.iloc[:-24]), encoding="utf-8")
    refused(tmp_path / "x.epw", "holds 8,736 hours")
    gap = hours.copy()
    gap.iloc[12, 0] = 9999
    (tmp_path / "x.epw").write_text(epw(gap), encoding="utf-8")
    refused(tmp_path / "x.epw", "1 of its hours have no global")
    cold = hours.assign(temp_air=99.9)
    (tmp_path / "x.epw").write_text(epw(cold), encoding="utf-8")
    refused(tmp_path / "x.epw", "8,760 of its hours have no temperature")
    (tmp_path / "x.epw").write_text(epw(hours, lat=361), encoding="utf-8")
    refused(tmp_path / "x.epw", "at latitude 361")


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "no weather file that is known"),
        (b"PK\x03\x04" + bytes(range(256)), "no weather file that is known"),
        (b"lon,lat\n1,2\n", "no weather file that is known"),
        (b"LOCATION,Jiaxing\n", "cannot be read as EPW"),
        (b"LOCATION,a,b,c,d,1,x,y,z,0\n" + b"\n" * 9, "cannot be read as EPW"),
        (b"{", "cannot be read as PVGIS JSON"),
        (b'{"outputs": []}', "cannot be read as PVGIS JSON"),
        (b'{"inputs": {}, "outputs": {"hourly": []}, "meta": {}}', "cannot be read as PVGIS JSON"),
        (b"Latitude (decimal degrees): 36\n", "cannot be read as PVGIS CSV"),
        (b"1,2\nDate (MM/DD/YYYY),Time (HH:MM)\n", "cannot be read as TMY3"),
    ],
)
def test_what_is_no_weather(content, match, tmp_path):
    (tmp_path / "x").write_bytes(content)
    assert refused(tmp_path / "x", match).mend


def test_a_tmy3_cut_anywhere_is_one_sentence(tmp_path):
    raw = TMY3.read_bytes()
    for size in (10, 500, 1800, 2200, 100_000, len(raw) - 400):
        (tmp_path / "x.csv").write_bytes(raw[:size])
        refused(tmp_path / "x.csv", "weather file|cannot be read|hours")


def test_no_file_a_folder_or_a_source_that_has_no_weather(tmp_path):
    refused(tmp_path / "none.epw", "there is no such file")
    refused(tmp_path, "cannot be opened")
    with pytest.raises(InputError, match="from a file or from PVGIS"):
        sources.read(LayerSpec("weather", "weather", osm="x.osm.pbf"))
