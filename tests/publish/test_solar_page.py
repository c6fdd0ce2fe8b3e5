"""The page of photovoltaics: answers, looks, words, numbers, and the pictures of its tables."""

from __future__ import annotations

import base64
import json
import math
import re
import zlib
from dataclasses import replace
from xml.etree import ElementTree as ET

import examples
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import solar_examples
import solar_tables
from hypothesis import given, settings
from hypothesis import strategies as st

from jxgis.publish import drawings
from jxgis.publish.answers import answers_data
from jxgis.publish.assets import days
from jxgis.publish.drawings import in_drawing_order, sketch
from jxgis.publish.figures import figures
from jxgis.publish.losses import losses
from jxgis.publish.numbers import format_power, format_quantity, print_criterion
from jxgis.publish.pairs import pairs
from jxgis.publish.pictures import overlay
from jxgis.publish.qml import qml
from jxgis.publish.site import SiteOptions, write_result
from jxgis.publish.theme import PICTURE_COLOURS
from jxgis.publish.words import (
    column_title,
    format_cell,
    indicator_title,
    layer_title,
    measure_title,
)
from jxgis.results import Drawing, Indicator, Table


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("solar")
    paths = write_result(folder, solar_examples.zones(), SiteOptions())
    return paths, (folder / "solar-zones.html").read_text(encoding="utf-8")


def data_of(text):
    return json.loads(re.search(r'id="map-data">(.*?)</script>', text, re.DOTALL)[1])


def unpacked(uri):
    """The codes of a PNG, by its specification: the bits of its lines after the filter's byte."""
    data, at, chunks = base64.b64decode(uri.partition(",")[2]), 8, []
    while at < len(data):
        length = int.from_bytes(data[at : at + 4])
        chunks.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += length + 12
    head = dict(chunks)[b"IHDR"]
    columns, rows, bits = (int.from_bytes(head[n : n + w]) for n, w in ((0, 4), (4, 4), (8, 1)))
    packed = b"".join(body for kind, body in chunks if kind == b"IDAT")
    lines = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(rows, -1)
    assert not lines[:, 0].any()
    every = np.unpackbits(lines[:, 1:], axis=1)[:, : columns * bits].reshape(rows, columns, bits)
    return every @ (1 << np.arange(bits)[::-1])


@pytest.mark.parametrize("most", [1, 3, 15, 255])
def test_the_image_carries_the_codes_however_many_share_a_colour(most):
    picture = solar_examples.picture(1000.0)
    random = np.random.default_rng(most)
    pixels = random.integers(1, most + 1, picture.pixels.shape).astype(np.uint8)
    legend = dict.fromkeys(range(1, most + 1), ("forbidden", "Forbidden"))
    answers = {code: (f"Rule {code}",) for code in legend}
    own = overlay(replace(picture, pixels=pixels, legend=legend, answers=answers))
    assert set(np.unique(unpacked(own.image))) - {0} == set(np.unique(pixels))
    assert own.rows == [(PICTURE_COLOURS["forbidden"], "Forbidden")]


def test_each_code_says_its_sentences_and_each_sentence_stands_once(written):
    _paths, text = written
    data = data_of(text)
    assert [p["answers"] is not None for p in data["pictures"]] == [True, True]
    own = data["pictures"][0]["answers"]
    assert len(set(own["sentences"])) == len(own["sentences"])
    for code, said in solar_examples.ANSWERS.items():
        assert [own["sentences"][n] for n in own["says"][str(code)]] == list(said)
        look, label = solar_examples.LEGEND[code]
        assert own["looks"][str(code)] == [PICTURE_COLOURS[look], label]


def test_a_picture_that_says_nothing_has_no_answers(tmp_path):
    result = solar_examples.zones()
    for answers in ({}, {1: ()}):
        silent = replace(result.pictures[0], answers=answers)
        assert answers_data(overlay(silent)) is None
    write_result(tmp_path, replace(result, pictures=(silent,)), SiteOptions())
    text = (tmp_path / "solar-zones.html").read_text(encoding="utf-8")
    assert 'role="status"' not in text
    assert "Choose any place" not in text


def test_a_code_that_is_not_drawn_can_still_answer():
    picture = solar_examples.picture(1000.0)
    pixels = np.where(picture.pixels > 0, 200, 0).astype(np.uint8)
    own = overlay(replace(picture, pixels=pixels, legend={}, answers={200: ("Nothing.",)}))
    assert set(np.unique(unpacked(own.image))) == {0, 200}
    assert (own.rows, answers_data(own)["looks"]) == ([], {})


def test_texts_of_answers_can_not_end_the_page(tmp_path):
    result = solar_examples.zones(1000.0)
    hostile = {1: (examples.SCRIPT, examples.END)}
    picture = replace(result.pictures[0], answers=hostile)
    write_result(tmp_path, replace(result, pictures=(picture,)), SiteOptions())
    text = (tmp_path / "solar-zones.html").read_text(encoding="utf-8")
    assert examples.SCRIPT not in text
    assert data_of(text)["pictures"][0]["answers"]["sentences"] == list(hostile[1])


def test_the_page_has_its_title_its_legend_and_its_files(written):
    paths, text = written
    assert "<h1>Photovoltaic zones</h1>" in text
    body = text[: text.index('id="map-data"')]
    assert body.count("</svg>Forbidden</li>") == 2
    assert "Enter says what holds at its middle." in body
    assert " style=" not in body.replace('<div class="folium-map"', "")
    names = {p.name for p in paths}
    assert {"solar-zones.csv", "solar-zones-then_now.csv", "solar-zones-legal_2019.tif"} <= names


def test_best_zones_lie_over_those_that_come_next_and_under_roofs_and_points():
    order = [d.name for d in in_drawing_order(solar_examples.drawings())]
    assert order == ["counties", "runners", "best", "roofs", "substations", "enterprises"]


def test_the_best_zone_is_numbered_inside_of_it():
    best = solar_examples.drawings()[1]
    data = sketch(best).data
    assert [row[0] for row in data["rows"]] == ["1", "1", "1", "1", "1", "2", "2"]
    lonlat = np.cumsum(np.reshape(data["places"], (-1, 2)), axis=0) / 1e6
    places = gpd.GeoSeries(gpd.points_from_xy(*lonlat.T), crs=4326).to_crs(examples.CRS)
    assert best.data.geometry.contains(places).all()


def test_zones_of_one_drawing_that_are_not_the_best_are_drawn_as_what_comes_next(tmp_path):
    result = solar_examples.zones(1000.0)
    best = next(d for d in result.layers if d.role == "best")
    assert not any(sketch(replace(best, data=best.data.assign(rank=1))).data["next"])
    mixed = replace(best, data=best.data.assign(rank=[1, 1, 2, 1, 3, 1, 1]))
    assert sketch(mixed).data["next"] == [False, False, True, False, True, False, False]
    assert "next" not in sketch(replace(best, data=best.data.drop(columns="rank"), fields={})).data
    write_result(tmp_path, replace(result, layers=(mixed,)), SiteOptions())
    text = (tmp_path / "solar-zones.html").read_text(encoding="utf-8")
    assert data_of(text)["looks"]["runner_up"]["dashes"]
    assert "the most compact of its county</li>" in text
    assert "what comes next there</li>" in text


def test_of_how_many_counties_is_said():
    shown, _axis = figures(solar_examples.zones(1000.0), {})
    assert shown[0].title == "Counties with a legal zone of 100 MW"
    assert "of 7 counties" in shown[0].details


def test_of_too_many_roofs_the_largest_are_drawn(monkeypatch, tmp_path):
    monkeypatch.setattr(drawings, "MAX_ROOFS", 100)
    result = solar_examples.zones(1000.0)
    roofs = next(d for d in result.layers if d.role == "roofs")
    own = sketch(roofs)
    drawn = set(own.features)
    assert (len(drawn), own.left_out) == (100, 2900)
    area = roofs.data.area.to_numpy()
    assert area[list(drawn)].min() >= np.delete(area, list(drawn)).max()
    write_result(tmp_path, result, SiteOptions())
    text = (tmp_path / "solar-zones.html").read_text(encoding="utf-8")
    assert "Roofs: the 100 largest are drawn, all 3,000 are in the GeoPackage." in text


def test_equal_roofs_and_missing_ones_keep_their_order(monkeypatch):
    monkeypatch.setattr(drawings, "MAX_ROOFS", 2)
    shapes = [None, *(shapely.box(k, 0, k + 1, 1) for k in range(4))]
    frame = gpd.GeoDataFrame({"mw": range(5)}, geometry=shapes, crs=examples.CRS)
    own = sketch(Drawing("r", "R", "roofs", frame, {"mw": "MW"}))
    assert (own.features, own.left_out) == ((1, 2), 2)


def test_what_comes_next_is_dashed_in_qgis_too():
    best, runners = (solar_examples.drawings()[n] for n in (1, 2))
    assert 'name="outline_style" type="QString" value="solid"' in qml(best, None)
    assert 'name="outline_style" type="QString" value="dash"' in qml(runners, None)


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        ("mw", 100.0, "100.0 MW"),
        ("roof_mw", 1234.56, "1,234.6 MW"),
        ("forbids_mw", None, "—"),
        ("mwh", 2_300_086.4, "2,300,086 MWh"),
        ("kwh_per_kwp", 1043.2, "1,043 kWh/kWp"),
        ("own_kwh", 12345.6, "12,346 kWh"),
        ("mw_per_km2", 19.07, "19.1 MW/km²"),
        ("full_load_h", 1043.4, "1,043 h"),
        ("substation_km", 2.31, "2.3 km"),
        ("spare_kw", 63_000.0, "63,000 kW"),
        ("first_share", 0.7312, "73.12 %"),
        ("score", 0.8, "0.800"),
        ("factor", 0.977, "97.70 %"),
        ("change_mw", 40.0, "+40.0 MW"),
        ("change_mw", -40.0, "\N{MINUS SIGN}40.0 MW"),
        ("change_mw", 0.0, "0.0 MW"),
    ],
)
def test_a_column_says_its_unit(column, value, text):
    assert format_cell(column, value) == text


def test_figures_have_the_decimals_of_their_unit():
    assert format_quantity(2_205.26, "MW") == "2,205.3 MW"
    assert format_quantity(2_300_086.4, "MWh") == "2,300,086 MWh"
    assert format_power(math.nan) == "—"
    short = print_criterion(99.98, 100.0, "at_least", "MW")
    assert (short.value, short.required, short.gap) == ("99.9 MW", "≥ 100 MW", "0.1 MW")


def test_both_days_stand_on_one_axis():
    shown, _axis = figures(solar_examples.zones(1000.0), {})
    own = next(f for f in shown if f.id == "solar-mw")
    assert own.title == "Legal capacity"
    assert [(r.title, r.value) for r in own.comparison.rows] == [
        ("As of 2019-12-31", "2,205.3 MW"),
        ("As of 2017-12-31", "3,390.5 MW"),
    ]
    assert own.comparison.axis.unit == "MW"


def test_measure_figures_columns_and_layers_have_titles():
    assert measure_title("solar.zones") == "Photovoltaic zones"
    for i in solar_examples.indicators():
        assert not indicator_title("solar.zones", i).startswith("solar-")
    mw = Indicator("solar-mw-2017", 1.0, "MW", params={"day": "2017-12-31"})
    assert indicator_title("solar.zones", mw) == "Legal capacity, as of 2017-12-31"
    assert indicator_title("solar.zones", Indicator("x", 1.0, "MW")) == "x"
    assert indicator_title("other", mw) == "solar-mw-2017"
    for column in solar_tables.by_zone().columns:
        assert column_title(column, "solar.zones") != column
    for layer in ("buildings", "estates", "enterprises", "planned_green", "weather", "elevation"):
        assert layer_title(layer) != layer


def test_a_date_never_breaks_and_what_is_around_it_is_escaped():
    assert days("as of 2019-12-31 <b>") == ('as of <span class="day">2019-12-31</span> &lt;b&gt;')
    assert days("12019-12-31") == "12019-12-31"
    assert days("") == ""


def bars(svg):
    """Fill, start and length of each bar."""
    found = ET.fromstring(svg).iter("rect")  # noqa: S314
    return [(r.get("fill"), *(float(r.get(k)) for k in ("x", "width"))) for r in found]


def table(frame, fields=None):
    return Table("t", "T", frame, fields or dict(zip(frame, frame, strict=True)))


POWERS = st.integers(0, 10**6).map(lambda n: n / 10)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(POWERS, POWERS), min_size=1, max_size=12))
def test_bars_are_as_long_as_their_values(values):
    frame = pd.DataFrame(values, columns=["then_mw", "now_mw"])
    frame.insert(0, "zone", [f"Z{n}" for n in range(len(values))])
    svg = pairs(table(frame))
    most = max(map(max, values))
    if not most:
        assert svg == ""
        return
    drawn = [width for _fill, x, width in bars(svg)[2:]]
    wanted = np.ravel(values)
    longest = max(drawn)
    lengths = wanted / most * longest
    assert drawn == pytest.approx(lengths[lengths > 0.0].tolist(), abs=0.11)


def test_pairs_say_all_of_it_to_who_does_not_see_it():
    given_table = next(t for t in solar_tables.tables() if t.name == "then_now")
    svg = pairs(given_table)
    said = re.search(r'aria-label="(.*?)"', svg)[1]
    assert "南湖区: from 921.4 MW to 511.4 MW" in said
    assert "海宁市: from — to 90.9 MW" in said
    assert "−410.0 MW" in svg
    assert "+40.0 MW" in svg
    assert len(bars(svg)) == 2 + 13


def test_a_table_without_such_columns_has_no_pairs():
    frame = pd.DataFrame({"zone": ["a"], "then_mw": [1.0], "now_km": [2.0]})
    assert pairs(table(frame)) == ""
    named = frame.assign(now_mw=3.0)
    assert pairs(table(named))
    assert pairs(table(named, {"zone": "Z", "then_mw": "T"})) == ""
    assert pairs(table(named.iloc[:0])) == ""
    assert pairs(table(pd.concat([named] * 41))) == ""


def test_a_chain_of_losses_adds_up():
    given_table = next(t for t in solar_tables.tables() if t.name == "losses")
    svg = losses(given_table)
    frame = given_table.data
    left = frame["kwh_per_kwp"].to_numpy()
    drawn = bars(svg)
    rest = [b for b in drawn if b[0] == drawn[0][0]]
    changed = [b for b in drawn if b[0] != drawn[0][0]]
    assert len(rest) == len(frame)
    assert len(changed) == len(frame) - 1
    scale = 328.0 / left.max()
    lower = np.minimum(left[1:], left[:-1])
    assert [b[2] for b in rest[1:]] == pytest.approx((lower * scale).tolist(), abs=0.11)
    steps = np.abs(np.diff(left)) * scale
    assert [b[2] for b in changed] == pytest.approx(steps.tolist(), abs=0.11)
    assert changed[0][0] != changed[1][0]
    assert "+7.2 %" in svg
    assert "−2.3 %" in svg
    assert "Tilt of 22°: 1,297 kWh/kWp are left" in svg


def test_a_chain_with_a_hole_or_of_one_step_is_a_table_only():
    frame = solar_tables.losses()
    assert losses(table(frame.iloc[:1])) == ""
    assert losses(table(frame.assign(kwh_per_kwp=[np.nan, *frame["kwh_per_kwp"][1:]]))) == ""
    assert losses(table(frame.rename(columns={"factor": "f"}))) == ""
