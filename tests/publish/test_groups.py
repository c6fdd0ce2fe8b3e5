"""Groups of sited points: looks that differ, on the page and in QGIS."""

from __future__ import annotations

import itertools
import sqlite3
from dataclasses import replace
from xml.etree import ElementTree as ET

import charging_examples
import examples
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from jxgis.publish.drawings import sketch
from jxgis.publish.geopackage import write_geopackage
from jxgis.publish.groups import COLOURS, SHAPES, groups_of, places_of, swatch

STATIONS = charging_examples.plan().layers[1]


def grouped(names):
    data = STATIONS.data.iloc[: len(names)].assign(group=names)
    return replace(STATIONS, data=data)


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return np.dot((0.2126, 0.7152, 0.0722), linear)


def contrast(a, b):
    dark, light = sorted((luminance(a), luminance(b)))
    return (light + 0.05) / (dark + 0.05)


def test_a_kind_has_a_colour_and_a_shape_and_later_years_are_lighter():
    groups = groups_of(STATIONS)
    assert [g.name for g in groups][:4] == [
        "Bus depot, 2017",
        "Bus depot, 2018",
        "Bus depot, 2019",
        "City public, 2017",
    ]
    assert len(groups) == len({(g.colour, g.shape) for g in groups}) == 12
    for n in range(0, 12, 3):
        kind = groups[n : n + 3]
        assert len({g.shape for g in kind}) == 1
        assert kind[0].colour == COLOURS[n // 3]
        light = [luminance(g.colour) for g in kind]
        assert light == sorted(light)
        assert all(b / a > 1.2 for a, b in itertools.pairwise(light))
    assert len({g.shape for g in groups}) == 4


def test_a_number_is_read_on_every_colour():
    many = grouped([f"{kind}, {year}" for kind in "ABCDEFGH" for year in (1, 2, 3)])
    assert all(contrast(g.ink, g.colour) >= 4.5 for g in groups_of(many))


def test_names_of_one_level_have_a_colour_each():
    names = [f"Kind {c}" for c in "ABCDEFGHIJKL"]
    groups = groups_of(grouped(names))
    assert [g.name for g in groups] == names
    assert len({(g.colour, g.shape) for g in groups}) == 12
    assert len({g.colour for g in groups[:8]}) == 8
    commas = groups_of(grouped(["A, one", "B, two", "C, three"]))
    assert [g.colour for g in commas] == list(COLOURS[:3])


def test_chinese_names_are_parted_and_categories_keep_their_order():
    names = ["城市公共，2018年", "公交，2018年", "城市公共，2017年"]
    groups = groups_of(grouped(names))
    assert [g.name for g in groups] == [names[2], names[0], names[1]]
    assert groups[0].shape == groups[1].shape != groups[2].shape
    order = [names[1], names[0], "没有，2018年", names[2]]
    column = pd.Categorical(names, categories=order)
    assert [g.name for g in groups_of(grouped(column))] == [names[1], names[0], names[2]]


def test_a_row_without_a_group_has_the_look_of_nothing():
    drawing = grouped(["A", None, "B"])
    groups = groups_of(drawing)
    assert places_of(drawing, groups) == [0, None, 1]
    data = sketch(drawing).data
    assert data["groups"]["of"] == [0, None, 1]
    assert sketch(replace(drawing, group=None)).data["groups"]["of"] == [None] * 3


def test_what_is_sited_is_numbered_by_its_row_though_one_has_no_place():
    data = STATIONS.data.copy()
    data.loc[1, "geometry"] = shapely.Point()
    sketched = sketch(replace(STATIONS, data=data))
    assert sketched.data["numbers"][:3] == ["1", "3", "4"]
    assert len(sketched.data["groups"]["of"]) == charging_examples.SITED - 1
    looks = sketched.data["groups"]["looks"]
    names = [sketched.groups[n].name for n in sketched.data["groups"]["of"]]
    assert names == data["group"].drop(index=1).tolist()
    assert looks[0]["corners"] == ()


@pytest.mark.parametrize("shape", [s for s in SHAPES if s != "circle"])
def test_a_shape_is_about_as_large_as_its_disc_and_around_its_middle(shape):
    polygon = shapely.Polygon(SHAPES[shape])
    assert 0.75 * np.pi < polygon.area < 1.1 * np.pi
    assert polygon.contains(shapely.Point(0, 0))
    assert abs(polygon.centroid.y) < 0.2


def test_the_legend_has_a_sample_of_each_shape():
    samples = [ET.fromstring(swatch(g, "#16212b")) for g in groups_of(STATIONS)]  # noqa: S314
    assert [s[0].tag for s in samples[::3]] == ["circle", "polygon", "polygon", "polygon"]
    assert [s[0].get("fill") for s in samples] == [g.colour for g in groups_of(STATIONS)]


def test_qgis_opens_the_groups_in_their_colours_and_shapes(tmp_path):
    path = tmp_path / "plan.gpkg"
    write_geopackage(path, charging_examples.plan())
    frame = pyogrio.read_dataframe(path, layer="stations")
    assert frame["group"].tolist() == STATIONS.data["group"].tolist()
    database = sqlite3.connect(path)
    row = database.execute("SELECT styleQML FROM layer_styles WHERE f_table_name = 'stations'")
    style = ET.fromstring(row.fetchone()[0])  # noqa: S314
    database.close()
    renderer = style.find("renderer-v2")
    assert (renderer.get("type"), renderer.get("attr")) == ("categorizedSymbol", "group")
    symbols = {s.get("name"): s for s in renderer.iter("symbol")}
    categories = {c.get("value"): symbols[c.get("symbol")] for c in renderer.iter("category")}
    assert set(categories) == set(frame["group"])
    for group in groups_of(STATIONS):
        options = {o.get("name"): o.get("value") for o in categories[group.name].iter("Option")}
        assert options["name"] == group.shape
        red, green, blue, _opacity = map(int, options["color"].split(","))
        assert f"#{red:02x}{green:02x}{blue:02x}" == group.colour


def test_categories_come_into_the_geopackage_as_words(tmp_path):
    column = pd.Categorical(["B", "A"], categories=["B", "A"])
    result = replace(charging_examples.plan(), layers=(grouped(column),))
    write_geopackage(tmp_path / "c.gpkg", result)
    frame = pyogrio.read_dataframe(tmp_path / "c.gpkg", layer="stations")
    assert frame["group"].tolist() == ["B", "A"]


def test_a_hostile_group_is_text():
    drawing = grouped([examples.IMAGE, examples.END, examples.SCRIPT])
    samples = [swatch(g, "#16212b") for g in groups_of(drawing)]
    assert not any("<img" in s or "<script" in s for s in samples)
