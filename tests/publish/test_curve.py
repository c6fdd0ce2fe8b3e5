from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree as ET

import companions
import examples
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jxgis.publish.curve import HEIGHT, WIDTH, curve
from jxgis.publish.scale import round_ticks
from jxgis.results import Table

FIELDS = {"n": "Stops built", "share": "Share covered"}


def table(shares, target=None, fields=FIELDS, **columns):
    data = pd.DataFrame({"n": np.arange(len(shares)) + 1, "share": shares, **columns})
    if target is not None:
        data["target_share"] = target
    return Table("t", "Title", data, fields, curve=("n", "share"))


def drawn(given_table):
    svg = ET.fromstring(curve(given_table))  # noqa: S314
    return svg, [t.text for t in svg.iter("text")]


def test_a_curve_has_axes_points_and_a_name_for_who_does_not_see_it():
    svg, texts = drawn(table([0.91, 0.93, 0.95]))
    assert svg.get("role") == "img"
    assert svg.get("aria-label") == (
        "Title. Share covered by Stops built: from 91.00 % at 1 to 95.00 % at 3"
    )
    assert {"Share covered", "Stops built", "91 %", "95 %", "3: 95.00 %"} <= set(texts)
    assert len(svg.find("polyline").get("points").split()) == 3
    assert len(svg.findall("circle")) == 4
    assert not any("style" in e.attrib for e in svg.iter())


def test_the_first_point_that_reaches_the_target_is_named():
    _svg, texts = drawn(table([0.93, 0.96, 0.97], target=0.955))
    assert "2: 96.00 %" in texts
    assert next(t for t in texts if t.startswith("target")).endswith("95.5 %")
    assert "2: 95.99 %" in drawn(table([0.93, 0.959996], target=0.96))[1]
    assert "3: 92.00 %" in drawn(table([0.9, 0.91, 0.92], target=0.96))[1]


@pytest.mark.parametrize("target", [[0.95, 0.96, 0.97], None])
def test_without_one_target_there_is_no_line(target):
    _svg, texts = drawn(table([0.93, 0.96, 0.97], target))
    assert not [t for t in texts if t.startswith("target")]


@pytest.mark.parametrize("shares", [[], [0.9], [0.9, np.nan]])
def test_one_point_is_no_curve(shares):
    assert curve(table(shares)) == ""


def test_a_hostile_title_is_text():
    fields = {"n": examples.IMAGE, "share": examples.END}
    text = curve(table([0.1, 0.2], fields=fields))
    assert "<img" not in text
    assert "<script" not in text


@settings(deadline=None)
@given(
    st.lists(st.floats(0, 1), min_size=2, max_size=60),
    st.one_of(st.none(), st.floats(0, 1)),
)
def test_everything_lies_inside_the_picture(shares, target):
    svg, texts = drawn(table(shares, target))
    for point in svg.find("polyline").get("points").split():
        x, y = map(float, point.split(","))
        assert 0 <= x <= WIDTH
        assert 0 <= y <= HEIGHT
    for text in svg.iter("text"):
        assert 0 <= float(text.get("x")) <= WIDTH
        assert 8 <= float(text.get("y")) <= HEIGHT
    ticks = [t for t in texts if t.endswith(" %") and ":" not in t and "target" not in t]
    assert len(ticks) == len(set(ticks))


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6), st.booleans())
def test_ticks_are_few_equal_steps_that_hold_all_values(low, span, whole):
    ticks = round_ticks(low, low + span, whole=whole)
    assert 2 <= len(ticks) <= 8
    steps = [b - a for a, b in pairwise(ticks)]
    assert max(steps) == pytest.approx(min(steps), rel=1e-3)
    assert ticks[0] <= low + 1e-6 * abs(low) + steps[0] * 1e-6
    assert ticks[-1] >= low + span - 1e-6 * abs(low + span) - steps[0] * 1e-6


def test_an_axis_of_shares_ends_at_a_hundred():
    assert round_ticks(0.3, 0.99, share=True)[-1] == 1.0
    assert companions.result(20).tables[1].curve == ("rank", "share_after")


def bounded(limits, shares=(0.5, 0.7, 0.8), **more):
    return replace(table(list(shares), limit=limits, **more), bound="limit")


def places(element):
    return [tuple(map(float, p.split(","))) for p in element.get("points").split()]


def test_what_is_possible_at_most_is_a_line_and_what_is_open_is_shaded():
    svg, texts = drawn(bounded([0.6, 0.85, 0.9]))
    bound = next(p for p in svg.findall("polyline") if p.get("class") == "bound")
    curve_line = next(p for p in svg.findall("polyline") if p.get("class") is None)
    above, below = places(bound), places(curve_line)
    assert [x for x, _y in above] == [x for x, _y in below]
    # One scale for both: equal differences of shares are equal heights.
    unit = (below[0][1] - below[2][1]) / 0.3
    gaps = [(b[1] - a[1]) / unit for a, b in zip(above, below, strict=True)]
    assert gaps == pytest.approx([0.1, 0.15, 0.1], abs=0.002)
    shade = places(svg.find("polygon"))
    assert shade == above + below[::-1]
    assert {"found", "at most possible", "open between them"} <= set(texts)
    assert svg.get("aria-label").endswith("At 3, 90.00 % is possible at most")


def test_a_bound_that_is_a_least_is_named_so():
    svg, texts = drawn(bounded([0.4, 0.6, 0.7]))
    assert "at least needed" in texts
    assert svg.get("aria-label").endswith("At 3, 70.00 % is needed at least")


def test_a_bound_is_drawn_where_it_is_known():
    svg, _texts = drawn(bounded([np.nan, 0.85, 0.9]))
    assert len(places(svg.find("polygon"))) == 4
    svg, texts = drawn(bounded([np.nan, np.inf, None]))
    assert svg.find("polygon") is None
    assert "found" not in texts


def test_the_target_stays_beside_a_bound():
    _svg, texts = drawn(bounded([0.6, 0.85, 0.9], target=0.7))
    assert "2: 70.00 %" in texts
    assert any(t.startswith("target") for t in texts)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=50))
def test_a_bound_lies_inside_the_picture(pairs):
    shares, limits = zip(*pairs, strict=True)
    svg, _texts = drawn(bounded(list(limits), shares))
    for line in (*svg.iter("polyline"), *svg.iter("polygon")):
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in places(line))
    for text in svg.iter("text"):
        assert 0 <= float(text.get("x")) <= WIDTH
        assert 8 <= float(text.get("y")) <= HEIGHT
