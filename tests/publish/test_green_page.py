from __future__ import annotations

import csv
import json
import re
from dataclasses import replace

import examples
import green_examples
import numpy as np
import pandas as pd
import pytest

from jxgis.publish.axis import axis_note
from jxgis.publish.drawings import classes_for, shadings
from jxgis.publish.figures import figures
from jxgis.publish.numbers import format_land
from jxgis.publish.panel import zone_table
from jxgis.publish.sections import sections
from jxgis.publish.site import SiteOptions, write_result, write_site
from jxgis.publish.theme import GREEN_RAMP, RAMP
from jxgis.publish.words import (
    asked_title,
    column_title,
    format_cell,
    indicator_title,
    measure_title,
)
from jxgis.results import Drawing, Indicator

MEASURES = ("cover", "trees", "forest", "land", "parks", "wetland", "change")


@pytest.fixture(scope="module")
def result():
    return green_examples.result(200.0)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("green")
    written = write_site(folder, green_examples.scoreboard(200.0), SiteOptions())
    return folder, written, (folder / "green-cover.html").read_text(encoding="utf-8")


def data_of(text):
    return json.loads(re.search(r'id="map-data">(.*?)</script>', text, re.DOTALL)[1])


def body_of(text):
    return text[text.index("<body") : text.index('id="map-data"')]


def test_pictures_stand_beside_the_page_and_in_it(site):
    _folder, written, text = site
    names = [p.name for p in written]
    assert names[-2:] == ["green-cover-green.tif", "green-cover-change.tif"]
    assert all(f'<a href="{n}">' in text for n in names[-2:])
    green, change = data_of(text)["pictures"]
    assert (green["shown"], change["shown"]) == (True, False)
    assert green["image"].startswith("data:image/png;base64,")
    assert "img-src data:;" in text


def test_the_legend_of_a_picture_is_open_where_it_is_shown(site):
    body = body_of(site[2])
    pattern = r'<ul class="ramp" data-codes="(\d)"[^>]*?( hidden)?>(.*?)</ul>'
    lists = re.findall(pattern, body, re.DOTALL)
    assert [(n, bool(hidden)) for n, hidden, _rows in lists] == [("0", False), ("1", True)]
    assert re.findall(r"</svg>(.*?)</li>", lists[0][2]) == ["Green", "Not green", "Not seen"]


def test_the_cells_that_are_drawn_are_owned_up_to(site):
    assert "Green cover is drawn in cells of 200 m" in site[2]
    assert "Green gained and lost is drawn in cells of 400 m" in site[2]


def test_the_same_result_gives_the_same_bytes(site, tmp_path):
    write_site(tmp_path, green_examples.scoreboard(200.0), SiteOptions())
    for path in site[1]:
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


def test_text_of_a_picture_is_escaped(result, tmp_path):
    legend = {1: ("green", examples.IMAGE), 2: ("lost", examples.END)}
    hostile = replace(result.pictures[0], title=examples.SCRIPT + examples.END, legend=legend)
    write_result(tmp_path, replace(result, pictures=(hostile,)), SiteOptions())
    text = (tmp_path / "green-cover.html").read_text(encoding="utf-8")
    assert not re.search(r"<img|<script>window", text)
    assert data_of(text)["pictures"][0]["title"] == examples.SCRIPT + examples.END


@pytest.mark.parametrize("layers", [True, False])
def test_the_map_opens_at_the_pictures_that_are_shown(result, tmp_path, layers):
    write_result(tmp_path, result if layers else replace(result, layers=()), SiteOptions())
    data = data_of((tmp_path / "green-cover.html").read_text(encoding="utf-8"))
    corners = np.array([p["bounds"] for p in data["pictures"] if p["shown"]])
    assert len(corners)
    assert data["bounds"] == [
        corners[:, 0].min(axis=0).tolist(),
        corners[:, 1].max(axis=0).tolist(),
    ]


def test_zones_have_hectares_and_mu_and_what_was_seen(result, site):
    table = zone_table(result, {})
    assert table.titles == ("Green share", "Green, ha", "Green, mu", "Seen")
    first, *_rest, last = table.rows
    assert [c.text for c in first.cells] == ["41.20 %", "4,127", "61,912", "83.00 %"]
    assert [c.share for c in first.cells] == [0.412, None, None, None]
    assert [c.text for c in last.cells] == ["—", "—", "—", "0.00 %"]
    with (site[0] / "green-cover.csv").open(encoding="utf-8-sig", newline="") as file:
        assert "green_area_m2" in csv.DictReader(file).fieldnames


def test_a_loss_is_signed_and_columns_without_hectares_stay():
    frame = pd.DataFrame({"zone_id": ["1", "2"], "zone": ["a", "b"], "net_ha": [-1.234, 0.5]})
    table = zone_table(
        replace(green_examples.result(800.0), measure="green.change", by_zone=frame), {}
    )
    assert [r.cells[0].text for r in table.rows] == ["−1.23", "+0.50"]
    bare = pd.DataFrame({"zone_id": ["1"], "zone": ["a"], "area_m2": [2e6], "tree_share": [0.5]})
    table = zone_table(
        replace(green_examples.result(800.0), measure="green.trees", by_zone=bare), {}
    )
    assert table.titles == ("Tree cover", "Area")
    assert [c.text for c in table.rows[0].cells] == ["50.00 %", "2.00 km²"]


@pytest.mark.parametrize(
    ("value", "unit", "largest", "text"),
    [
        (3.25, "ha", None, "3.25 ha"),
        (312.54, "ha", None, "312.5 ha"),
        (3000.4, "ha", None, "3,000 ha"),
        (-312.54, "ha", None, "−312.5 ha"),
        (3.25, "ha", 2e3, "3 ha"),
        (45000.4, "mu", None, "45,000 mu"),
        (99.994, "mu", None, "99.99 mu"),
        (100.4, "mu", None, "100 mu"),
        (None, "mu", 5.0, "—"),
    ],
)
def test_land_has_fewer_decimals_the_larger_it_is(value, unit, largest, text):
    assert format_land(value, unit, largest) == text


def test_an_interval_and_a_target_are_drawn_though_nothing_stands_beside(result):
    (figure,), axis = figures(result, {})
    (row,) = figure.comparison.rows
    assert (row.title, row.value, row.interval) == ("95 % interval", "38.24 %", "(36.89 to 39.59)")
    assert figure.comparison.target == (axis.place(0.41), "target ≥ 41 %")
    assert (axis.low, axis.high) == (0.36, 0.42)
    assert row.mark.low == pytest.approx(100 * (0.3689 - 0.36) / 0.06, abs=1e-3)
    assert "through them 95 % intervals" in axis_note(axis)
    assert not any("interval" in d for d in figure.details)
    assert figure.details[-2:] == ("160.70 km² of 420.20 km²", "83.5 % of the area was seen")


@pytest.mark.parametrize(
    ("params", "text"),
    [({"level": 0.95}, "95 % interval: 36.89 % to 39.59 %"), ({}, "Interval 36.89 % to 39.59 %"),
     ({"level": 0.995}, "99.5 % interval: 36.89 % to 39.59 %")],
)  # fmt: skip
def test_without_a_target_the_interval_is_said_at_its_level(result, params, text):
    own = replace(result.indicators[0], target=None, met=None, probability=None, params=params)
    (figure,), axis = figures(replace(result, indicators=(own,)), {})
    assert (figure.details[0], axis) == (text, None)


def test_levels_that_differ_are_both_said(result):
    own = result.indicators[0]
    other = replace(own, id="other", params={}, beside=own.id)
    _shown, axis = figures(replace(result, indicators=(own, other)), {})
    assert "through them 90 % / 95 % intervals" in axis_note(axis)


@pytest.mark.parametrize(
    ("seen", "text"), [(0.9998, "99.9 %"), (1.0, "100.0 %"), (0.125, "12.5 %")]
)
def test_no_area_is_wholly_seen_that_was_not(result, seen, text):
    own = replace(result.indicators[0], params={"seen_share": seen})
    details = figures(replace(result, indicators=(own,)), {})[0][0].details
    assert f"{text} of the area was seen" in details


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_of_green_has_its_title(name):
    title = measure_title(f"green.{name}")
    assert title != f"green.{name}"
    assert indicator_title(f"green.{name}", Indicator("x", 1.0, "ha")) == title


def test_figures_say_what_they_are_of_and_how_they_came_about():
    def said(**params):
        return asked_title(Indicator("x", 1.0, "ha", params=params))

    lost = Indicator("x", 1.0, "ha", params={"of": "lost"})
    assert indicator_title("green.change", lost) == "Green lost"
    assert indicator_title("other", lost) == "x"
    assert said(by="NDVI above 0.4") == ""
    assert said(mapped=True) == "As mapped, cell by cell"
    assert said(points=1, level=0.95) == "Corrected by 1 reference point"
    assert said(points=1612) == "Corrected by 1,612 reference points"
    assert said(of="forest") == "Forest rate"
    assert said(of="trees", points=40) == "Tree cover, corrected by 40 reference points"


def test_what_was_mapped_stands_beside_what_was_corrected(result):
    own = result.indicators[0]
    mapped = Indicator("m", 0.4012, "1", params={"mapped": True, "seen_share": 0.83}, beside=own.id)
    (figure,), axis = figures(replace(result, indicators=(own, mapped)), {})
    assert [(r.title, r.value, r.interval) for r in figure.comparison.rows] == [
        ("Corrected by 612 reference points", "38.24 %", "(36.89 to 39.59)"),
        ("As mapped, cell by cell", "40.12 %", ""),
    ]
    assert axis.high < 0.5


def area(name, value, **more):
    return Indicator(name, value, "mu", low=value - 4000, high=value + 3000, **more)


def test_areas_have_an_axis_of_their_own(result, tmp_path):
    params = {"level": 0.95}
    large = area("large", 41_250.4, target=45_000, met=False, params=params)
    small = area("small", 5_120.0, target=5_000, met=True, params=params)
    (first, second), axis = figures(replace(result, indicators=(large, small)), {})
    axes = [f.comparison.axis for f in (first, second)]
    assert [(a.unit, a.low, a.high) for a in axes] == [("mu", 36_000, 46_000), ("mu", 0, 10_000)]
    assert first.comparison.target == (pytest.approx(90.0), "target ≥ 45,000 mu")
    assert first.comparison.rows[0].mark.at == pytest.approx(52.504)
    assert (axis, axis_note(axis)) == (
        axes[0],
        "Dots are the values, lines through them 95 % intervals.",
    )
    both, of_shares = figures(replace(result, indicators=(large, *result.indicators)), {})
    assert (both[0].comparison.axis.unit, of_shares.unit, of_shares.high) == ("mu", "1", 0.42)
    write_result(tmp_path, replace(result, indicators=(large, small)), SiteOptions())
    text = (tmp_path / "green-cover.html").read_text(encoding="utf-8")
    assert all(f">{n}</text>" in text for n in ("36,000", "44,000", "8,000"))


def test_columns_of_an_estimate_are_shares_with_titles():
    assert format_cell("green_share_low", 0.3712) == "37.12 %"
    titles = [column_title(f"tree_share_{c}", "green.trees") for c in ("adjusted", "low", "high")]
    assert titles == ["Corrected share", "At least", "At most"]


def test_columns_of_green_have_titles_of_their_own():
    for quantity in ("green", "tree", "forest", "park", "wetland", "gained", "lost", "net", "land"):
        for unit in ("ha", "mu"):
            assert column_title(f"{quantity}_{unit}", "green.x").endswith(f", {unit}")
    assert column_title("area_m2", "green.cover") == column_title("area_m2") == "Built-up area"
    assert column_title("area_m2", "green.trees") == "Area"


def test_a_share_of_green_shades_the_zones_once(result):
    zones = result.layers[0]
    assert shadings(zones) == [zones]
    assert set(classes_for(zones).colours) <= set(GREEN_RAMP)
    assert set(classes_for(zones, beside_pictures=True).colours) <= set(RAMP)
    objects = zones.data.assign(green_share=zones.data["green_share"].astype(object))
    objects.loc[0, "green_share"] = None
    assert classes_for(replace(zones, data=objects)).limits[0] == 0.25
    covered = Drawing("z", "z", "zones", zones.data.assign(share_500=0.5), {}, shade="share_500")
    assert set(classes_for(covered).colours) <= set(RAMP)


def test_words_stand_left_and_numbers_right(result):
    rates, confusion = sections(result, [])
    assert "".join("nw"[not n] for _title, n in rates.columns) == "wnwwnnn"
    assert rates.open[1].cells[0] == "—"
    assert rates.open[0].cells[3:] == ("16,070 ha", "241,056 mu", "42,020 ha")
    assert [number for _title, number in confusion.columns] == [False] + [True] * 8
    holes = pd.DataFrame({"class": ["a", "b"], "n": pd.Series([1, None], dtype=object)})
    table = replace(result.tables[1], data=holes, fields={"class": "Class", "n": "N"})
    assert sections(replace(result, tables=(table,)), [])[0].columns[1] == ("N", True)
