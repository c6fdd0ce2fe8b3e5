"""The pages of charging: how good the solution is, words, strips, columns."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import charging_examples
import examples
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jxgis.publish.figures import figures
from jxgis.publish.numbers import format_quantity, print_criterion
from jxgis.publish.site import SiteOptions, write_result, write_site
from jxgis.publish.solutions import format_gap, found
from jxgis.publish.words import (
    column_title,
    format_cell,
    indicator_title,
    layer_title,
    measure_title,
    parts_unit,
)
from jxgis.results import Indicator, Solution


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("charging")
    written = write_site(folder, charging_examples.scoreboard(), SiteOptions())
    names = ("corridors", "plan")
    texts = [(folder / f"charging-{n}.html").read_text(encoding="utf-8") for n in names]
    return written, *(t[t.index("<body") : t.index('id="map-data"')] for t in texts)


def data_of(text):
    return json.loads(re.search(r'id="map-data">(.*?)</script>', text, re.DOTALL)[1])


def said(**changes):
    given_solution = replace(Solution(80.0, 100.0, 0.2, "time_limit", 7), **changes)
    return found(replace(charging_examples.plan(), solution=given_solution))


def test_the_page_says_how_good_the_solution_is(site):
    _written, corridors, plan = site
    assert "Proven: no other choice of places is better." in corridors
    assert '<div class="solution proven">' in corridors
    assert "Time ran out: this is at most 1.10 % away from the best possible." in plan
    numbers = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", plan)
    assert numbers == [
        ("Objective", "0.8042"),
        ("Bound", "0.8131"),
        ("Gap", "1.10 %"),
        ("Seed", "0"),
    ]
    assert plan.index('class="solution"') < plan.index('class="figures"')
    assert "was stopped by the clock" not in plan


def test_only_a_proof_is_called_one():
    assert said(status="optimal").is_proven
    stopped = said(status="interrupted")
    assert not stopped.is_proven
    assert stopped.sentence.startswith("The search was stopped by hand: this is at most 20.00 %")
    assert not said(gap=1e-9, bound=80.0 + 1e-7).is_proven
    assert "open" in said(gap=float("inf")).sentence
    assert found(replace(charging_examples.plan(), solution=None)) is None


@pytest.mark.parametrize(
    ("gap", "text"),
    [
        (0.0, "0.00 %"),
        (1e-7, "under 0.01 %"),
        (0.0001, "0.01 %"),
        (0.001234, "0.13 %"),
        (0.2, "20.00 %"),
        (1.0, "100.00 %"),
        (float("nan"), "not known"),
    ],
)
def test_a_gap_is_never_printed_smaller_than_it_is(gap, text):
    assert format_gap(gap) == text


@given(st.floats(0.0001, 1))
def test_every_gap_is_rounded_up(gap):
    shown = float(format_gap(gap).split()[0].replace(",", ""))
    assert shown >= 100 * gap - 1e-12
    assert shown - 100 * gap < 0.01 + 1e-9


def test_an_objective_that_misses_its_bound_is_not_printed_like_it():
    numbers = dict(said(objective=1234.5671, bound=1234.5678).numbers)
    assert (numbers["Objective"], numbers["Bound"]) == ("1,234.567", "1,234.568")
    whole = dict(said(objective=3.0, bound=3.0, status="optimal").numbers)
    assert (whole["Objective"], whole["Bound"]) == ("3", "3")


def test_strips_stand_before_tables_with_one_legend(site):
    _written, corridors, plan = site
    assert corridors.index('id="strips"') < corridors.index('id="table-directions"')
    assert corridors.count('class="key"') == 1
    assert corridors.count('<svg class="strip"') == 4
    assert '<h2 id="strips">Expressways</h2>' in corridors
    assert 'id="strips"' not in plan


def test_the_legend_lists_the_groups(site):
    block = re.search(r'<ul class="ramp grouped".*?</ul>', site[2], re.DOTALL)[0]
    names = re.findall(r"</svg>(.*?)</li>", block)
    assert len(names) == 12
    assert names[0] == "Bus depot, 2017"


def test_files_of_charging_have_names_of_their_own(site):
    names = [p.name for p in site[0]]
    assert {"charging-plan.csv", "charging-plan.gpkg", "charging-plan-stations.csv"} <= set(names)


def test_the_same_result_gives_the_same_bytes(tmp_path):
    pages = []
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        pages.append(write_result(folder, charging_examples.plan(), SiteOptions())[0].read_bytes())
    assert pages[0] == pages[1]


def test_no_text_of_charging_is_markup(tmp_path):
    plan = charging_examples.plan()
    data = plan.layers[1].data.assign(group=examples.IMAGE)
    strips = tuple(
        replace(s, title=examples.IMAGE, name=f"{examples.QUOTE}{n}")
        for n, s in enumerate(charging_examples.strips())
    )
    hostile = replace(plan, strips=strips, layers=(replace(plan.layers[1], data=data),))
    page = write_result(tmp_path, hostile, SiteOptions())[0].read_text(encoding="utf-8")
    body = page[page.index("<body") : page.index('id="map-data"')]
    assert not re.search(r"<img|<script>window|\"\s*onmouseover", body)
    assert data_of(page)["drawings"][0]["groups"]["of"] == [0] * charging_examples.SITED


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        ("longest_km", 65.94, "65.9 km"),
        ("length_km", 96.0, "96 km"),
        ("power_kw", 719.6, "720 kW"),
        ("power_kw", 12_345.0, "12,345 kW"),
        ("year", 2018, "2018"),
        ("opening_year", 2018.0, "2018"),
        ("piles", 1300.0, "1,300"),
        ("posts", 4, "4"),
        ("demand", 52_310.4, "52,310"),
        ("demand", 0.25, "0.25"),
        ("demand_share", 0.25, "25.00 %"),
        ("share_worst", 0.25, "25.00 %"),
        ("cost", 1234.56, "1,235"),
        ("cost", 12.5, "12.5"),
        ("year", None, "—"),
    ],
)
def test_columns_of_charging_print_by_their_ends(column, value, text):
    assert format_cell(column, value) == text


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("corridors", "Expressway corridors"),
        ("siting", "Charging stations"),
        ("plan", "Charging plan"),
    ],
)
def test_measures_have_titles(name, title):
    assert measure_title(f"charging.{name}") == title


@pytest.mark.parametrize(
    ("name", "params", "title"),
    [
        ("charging-longest-stretch", {}, "Longest stretch without fast charging"),
        ("charging-served", {}, "Demand served"),
        ("charging-served-now", {}, "Demand served by the stations that there are"),
        ("charging-served-bus", {"title": "Bus depots"}, "Demand served, Bus depots"),
        ("charging-served", {"title": "Buses", "year": 2018}, "Demand served, Buses, 2018"),
        ("charging-additions", {}, "Places to be equipped with fast charging"),
        ("charging-servedx", {}, "charging-servedx"),
    ],
)
def test_figures_have_words(name, params, title):
    assert indicator_title("charging.plan", Indicator(name, 1.0, "count", params=params)) == title


def test_counts_stand_beside_each_other_on_an_axis_from_nothing():
    main = Indicator("charging-additions", 10.0, "count")
    beside = Indicator(
        "charging-additions-50000",
        8.0,
        "count",
        params={"title": "for 50 km alone"},
        beside=main.id,
    )
    share = Indicator("charging-served", 0.9, "1", low=0.8, high=0.95, target=0.8, met=True)
    result = replace(charging_examples.corridors(), indicators=(main, beside, share))
    (counted, served), axis = figures(result, {})
    own = counted.comparison.axis
    assert (own.low, own.high, own.unit) == (0.0, 10.0, "count")
    assert [row.mark.at for row in counted.comparison.rows] == [100.0, 80.0]
    assert counted.comparison.rows[1].title.endswith("for 50 km alone")
    assert axis.unit == "1"
    assert served.comparison.axis == axis


def test_a_stretch_that_goes_on_is_said_to_be_at_least_so_long():
    open_end = Indicator("charging-longest-stretch", 101_310.0, "m", params={"open": True})
    closed = replace(open_end, params={"open": False})
    result = replace(charging_examples.corridors(), indicators=(open_end,))
    (figure,), _axis = figures(result, {})
    assert figure.printed.value == "101.3 km"
    assert figure.details == ("The road goes on beyond the data: it is at least so long.",)
    (figure,), _axis = figures(replace(result, indicators=(closed,)), {})
    assert figure.details == ()


def test_a_page_without_zones_has_no_link_to_them(site):
    assert 'href="#zones"' not in site[1]
    assert 'href="#zones"' in site[2]


def test_other_words_of_charging():
    assert layer_title("service_areas") == "Service areas"
    assert column_title("served_share", "charging.plan") == "Demand served"
    assert column_title("served_share") == "served_share"
    served = Indicator("charging-served", 0.5, "1", params={"unit_of_parts": "vehicle"})
    assert parts_unit("charging.plan", served) == "vehicle"
    assert parts_unit("charging.plan", replace(served, params={})) is None


def test_a_long_way_is_held_against_its_limit_in_kilometres():
    printed = print_criterion(65_900.0, 50_000.0, "at_most", "m")
    assert (printed.value, printed.required, printed.gap) == ("65.9 km", "≤ 50 km", "15.9 km")
    assert print_criterion(50_000.4, 50_000.0, "at_most", "m").value == "50.1 km"
    assert print_criterion(500.0, 300.0, "at_most", "m").value == "500 m"
    assert print_criterion(None, None, "at_most", "m").value == format_quantity(None, "m")
