from __future__ import annotations

import csv
import re
from dataclasses import replace

import companions
import examples
import pandas as pd
import pytest
import shapely

from jxgis.publish.drawings import in_drawing_order, sketch
from jxgis.publish.sections import MAX_ROWS, OPEN_ROWS, sections
from jxgis.publish.site import SiteOptions, write_result, write_site
from jxgis.results import Table


@pytest.fixture(scope="module")
def result():
    return companions.result(50)


@pytest.fixture(scope="module")
def sketches(result):
    return [sketch(d) for d in in_drawing_order(result.layers)]


@pytest.fixture(scope="module")
def page(result, tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    write_result(folder, replace(result, status="time_limit"), SiteOptions())
    return folder, (folder / "transit-coverage.html").read_text(encoding="utf-8")


def test_a_table_is_a_section_of_numbers_that_lead_to_the_map(result, sketches):
    gaps, proposed = sections(result, sketches)
    assert gaps.title == "Where people are farther than 500 m from a stop"
    assert gaps.columns[0] == ("No.", True)
    assert gaps.columns[1] == ("Zone", False)
    assert (len(gaps.open), len(gaps.folded), gaps.more) == (OPEN_ROWS, 13, "")
    assert gaps.fold_title == "Show 13 more"
    lines = [*gaps.open, *gaps.folded]
    assert [x.head for x in lines] == [str(n) for n in range(1, 24)]
    assert [x.feature for x in lines] == list(range(23))
    assert {sketches[x.drawing].drawing.name for x in lines} == {"gaps_500"}
    first = result.tables[0].data.iloc[0]
    assert lines[0].cells == (
        first["zone"],
        f"{first['area_m2'] / 1e4:.2f} ha",
        f"{first['people']:,.0f}",
        f"{first['nearest_stop_m']:,.0f} m",
        f"+{100 * first['gain_share']:.2f} pp",
    )
    assert lines[-1].cells[2] == lines[-1].cells[4] == "—"
    assert gaps.curve == ""
    assert proposed.curve.startswith("<svg")


def test_a_row_whose_shape_is_empty_leads_nowhere_and_shifts_no_other(result):
    gaps = next(d for d in result.layers if d.role == "gaps")
    data = gaps.data.copy()
    data.loc[1, "geometry"] = shapely.Polygon()
    section = sections(result, [sketch(replace(gaps, data=data))])[0]
    assert [x.feature for x in section.open[:4]] == [0, None, 1, 2]
    assert section.open[1].drawing is None


def test_a_table_of_no_drawing_has_no_buttons(result, sketches):
    plain = replace(result, tables=(replace(result.tables[0], drawing=None),))
    assert not sections(plain, sketches)[0].on_map
    nowhere = replace(result, tables=(replace(result.tables[0], drawing="other"),))
    assert not sections(nowhere, sketches)[0].on_map


def test_a_table_without_rows_is_no_section(result, sketches):
    empty = replace(result.tables[0], data=result.tables[0].data.head(0))
    assert sections(replace(result, tables=(empty,)), sketches) == []


def test_a_very_long_table_says_what_is_left_out(result):
    data = pd.DataFrame({"rank": range(MAX_ROWS + 50)})
    table = Table("long", "Long", data, {"rank": "No."})
    section = sections(replace(result, tables=(table,)), [])[0]
    assert len(section.open) + len(section.folded) == MAX_ROWS
    assert section.more == "and 50 more in the table beside this page"


def test_actions_stand_before_zones_and_the_clock_is_owned_up_to(page):
    text = page[1]
    order = [text.index(f'id="{i}"') for i in ("table-gaps_500", "table-proposed_500", "zones")]
    assert order == sorted(order)
    assert "stopped by the clock" in text


def test_each_table_is_a_csv_beside_the_page(page, result):
    folder, text = page
    for table in result.tables:
        name = f"coverage-{table.name}.csv"
        back = pd.read_csv(folder / name, encoding="utf-8-sig")
        pd.testing.assert_frame_equal(back, table.data, check_dtype=False)
        assert f'<a href="{name}">' in text


def test_no_text_of_a_table_is_markup_and_none_a_formula(tmp_path):
    board = companions.hostile()
    own = board.results[0]
    gaps = replace(own.tables[0], data=own.tables[0].data.assign(zone="=HYPERLINK(1)"))
    board = replace(board, results=(replace(own, tables=(gaps, own.tables[1])),))
    write_site(tmp_path, board, SiteOptions())
    text = (tmp_path / "transit-coverage.html").read_text(encoding="utf-8")
    body = text[text.index("<body") : text.index('id="map-data"')]
    assert not re.search(r"<img|<script>window|\"\s*onmouseover", body)
    assert "&lt;img src=x" in body
    with (tmp_path / "coverage-gaps_500.csv").open(encoding="utf-8-sig", newline="") as file:
        assert {r["zone"] for r in csv.DictReader(file)} == {"'=HYPERLINK(1)"}
    assert examples.QUOTE not in body
