# ruff: noqa: E501 - cases are read by their columns
from __future__ import annotations

import math
import re
from dataclasses import replace

import companions
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jxgis.publish.axis import axis_note
from jxgis.publish.figures import figures
from jxgis.publish.numbers import format_probability
from jxgis.publish.site import SiteOptions, write_result
from jxgis.publish.words import asked_title
from jxgis.results import Indicator


@pytest.fixture(scope="module")
def result():
    return companions.result(50)


def share(name, value, **more):
    return Indicator(name, value, "1", **more)


def made(result, *indicators):
    return figures(replace(result, indicators=indicators), {})


def test_companions_stand_with_their_main_figure_in_their_order(result):
    (first, second), axis = figures(result, {"bus-500": "Within 500 m"})
    assert (first.title, second.title) == ("Within 500 m", "Within 300 m of a stop")
    assert (first.printed.value, first.status, second.status) == ("95.12 %", "not_met", "met")
    assert [r.title for r in first.comparison.rows] == [
        "Area, straight line (official figure)",
        "Area, stops with at least 4 departures an hour",
        "Streets, walking",
        "Land along reached streets, walking",
        "People, straight line",
        "People, walking",
        "Jobs, straight line",
    ]
    main, *rest = first.comparison.rows
    assert (main.value, main.interval, main.main) == ("95.12 %", "(94.98 to 95.25)", True)
    assert not any(r.main for r in rest)
    assert (axis.low, axis.ticks[-1]) == (0.6, 1.0)
    assert first.comparison.target[0] == axis.place(0.96) == 90.0
    assert "60 % to 100 %" in axis_note(axis)


def test_the_interval_is_said_once(result):
    alone = made(result, replace(result.indicators[0], target=None))[0][0]
    assert "Interval 94.98 % to 95.25 %" in alone.details
    assert not any("Interval" in d for d in figures(result, {})[0][0].details)


def test_people_who_are_not_covered_are_counted(result):
    rows = figures(result, {})[0][0].comparison.rows
    own = next(r for r in rows if r.title == "People, walking")
    beside = next(i for i in result.indicators if i.id == own.id.removeprefix("figure-"))
    missing = beside.denominator - beside.numerator
    assert own.details == (f"not covered: {missing:,.0f} people",)
    assert rows[0].details == rows[2].details == ()


@pytest.mark.parametrize(
    ("probability", "text"),
    [(0.83, "83 %"), (0.0, "under 1 %"), (0.0099, "under 1 %"), (0.01, "1 %"), (0.994, "over 99 %"),
     (1.0, "over 99 %"), (None, "—"), (math.nan, "—")],
)  # fmt: skip
def test_no_probability_is_certain(probability, text):
    assert format_probability(probability) == text


def test_the_probability_is_a_sentence_of_the_main_figure(result):
    first, second = figures(result, {})[0]
    assert "Probability that the target is met: under 1 %" in first.details
    assert "Probability that the target is met: 83 %" in second.details


@pytest.mark.parametrize("beside", ["nothing", "companion"])
def test_a_figure_beside_none_that_stands_alone_is_a_main_figure(result, beside):
    main = share("main", 0.9)
    companion = share("companion", 0.8, beside="main", params={"of": "people", "by": "walking"})
    third = share(
        "third", 0.7, beside=beside, params={"radius_m": 500, "of": "jobs", "by": "walking"}
    )
    shown, _axis = made(result, main, companion, third)
    assert [f.id for f in shown] == ["main", "third"]
    assert shown[1].title == "Within 500 m of a stop · Jobs, walking"
    assert shown[1].comparison is None


def test_without_companions_there_is_no_axis(result):
    shown, axis = made(result, share("a", 0.9), Indicator("stops", 12.0, "stop"))
    assert axis is None
    assert [f.printed.value for f in shown] == ["90.00 %", "12 stops"]
    assert all(f.comparison is None for f in shown)


def test_what_is_unknown_or_no_share_has_a_row_without_a_mark(result):
    shown, axis = made(
        result,
        share("m", None, target=0.5),
        share("n", math.nan, beside="m", low=math.nan, high=1.0),
        Indicator("s", 7.0, "stop", beside="m"),
    )
    rows = shown[0].comparison.rows
    assert [(r.value, r.interval, r.mark) for r in rows] == [
        ("—", "", None),
        ("—", "", None),
        ("7 stops", "", None),
    ]
    assert axis.low == 0.4


SHARES = st.integers(0, 10_000).map(lambda n: n / 10_000)


@settings(deadline=None)
@given(st.lists(SHARES, min_size=1, max_size=5), SHARES)
def test_the_axis_holds_everything_and_ends_at_a_hundred_where_shares_are_large(values, target):
    main = share("m", values[0], target=target)
    rest = [share(f"c{i}", v, beside="m", low=v) for i, v in enumerate(values)]
    result = companions.Result("m", None, "", (main, *rest), companions.pd.DataFrame())
    axis = figures(result, {})[1]
    assert axis.low < min(*values, target, 1) or axis.low == 0
    assert axis.ticks[0] == axis.low
    assert axis.ticks[-1] == axis.high >= max(*values, target)
    assert axis.high == 1 or max(*values, target) <= 0.6
    assert 3 <= len(axis.ticks) <= 8
    texts = [text for _place, text in axis.labels() if text]
    every = 1 if len(texts) == len(axis.ticks) else 2
    said = [float(x.split()[0]) / 100 for x in texts]
    assert said == pytest.approx(list(axis.ticks[::every]))
    assert [p for p, _ in axis.labels()][0 :: len(axis.ticks) - 1] == [0, 100]
    assert all(0 <= axis.place(v) <= 100 for v in (*values, target))


@pytest.mark.parametrize(
    ("params", "title"),
    [
        ({"of": "people", "by": "straight", "departures_per_hour": 1}, "People, stops with at least 1 departure an hour"),
        ({"of": "people", "by": "walking", "departures_per_hour": 2.5},
         "People, walking, stops with at least 2.5 departures an hour"),
        ({"of": "whales", "by": "walking"}, ""),
        ({}, ""),
    ],
)  # fmt: skip
def test_a_title_says_of_what_and_how(params, title):
    assert asked_title(share("x", 0.5, params=params)) == title


def test_only_the_figure_that_stands_beside_none_is_the_official_one():
    params = {"of": "area", "by": "straight"}
    assert asked_title(share("x", 0.5, params=params)).endswith("(official figure)")
    assert asked_title(share("x", 0.5, params=params, beside="y")) == "Area, straight line"


def test_the_page_draws_every_row_and_the_target(result, tmp_path):
    write_result(tmp_path, result, SiteOptions())
    text = (tmp_path / "transit-coverage.html").read_text(encoding="utf-8")
    assert len(re.findall('class="rail"', text)) == len(result.indicators)
    assert text.count("target ≽ 96 %") + text.count("target ≥ 96 %") >= 1
    assert text.count('class="scale"') == 2
    assert "style=" not in text[text.index("<body") : text.index('id="map-data"')].replace(
        'class="folium', ""
    )
