"""Strips: places, stretches and names against the numbers that they stand for."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import charging_examples
import examples
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jxgis.publish.strip import LEFT, RIGHT, WIDTH, strip, strips
from jxgis.publish.strip_looks import LOOKS, SYMBOL, swatch
from jxgis.publish.svg import text_width
from jxgis.results import Mark, Span, Strip

LONGEST = 96_400.0
ROOM = WIDTH - LEFT - RIGHT


def drawn(given_strip, longest=LONGEST):
    return ET.fromstring(strip(given_strip, longest))  # noqa: S314


def at(metres, longest=LONGEST):
    return LEFT + metres / longest * ROOM


def texts(svg):
    return [t.text for t in svg.iter("text")]


def line(*marks, length=50_000.0, spans=()):
    return Strip("s", "A road, north", length, tuple(marks), tuple(spans))


def test_stretches_begin_and_end_at_their_kilometres():
    given_strip = charging_examples.strips()[0]
    svg = drawn(given_strip)
    bars = {b.find("title").text.split(" (")[0]: b for b in svg.findall("rect")}
    assert len(bars) == 3
    for span in given_strip.spans:
        bar = bars[span.label]
        x, width = float(bar.get("x")), float(bar.get("width"))
        assert x == pytest.approx(at(span.from_m), abs=1.1)
        assert x + width == pytest.approx(at(span.to_m), abs=1.1)
        assert bar.get("fill") == LOOKS[span.look].fill
        assert ("stroke" in bar.attrib) == (span.look == "beyond")


def test_a_label_stands_in_its_stretch_or_hangs_under_it_or_is_dropped():
    svg = drawn(charging_examples.strips()[0])
    middles = {t.text: float(t.get("x")) for t in svg.iter("text")}
    assert middles["65.9 km"] == pytest.approx(at((30_500 + 96_400) / 2), abs=0.1)
    assert "2.1 km" not in middles
    svg = drawn(charging_examples.strips()[3])
    assert "6.2 km" in texts(svg)
    label = next(t for t in svg.iter("text") if t.text == "6.2 km")
    bar = svg.find("rect")
    assert float(label.get("y")) > float(bar.get("y")) + float(bar.get("height"))


def test_a_stalk_leads_from_each_place_to_its_symbol():
    svg = drawn(charging_examples.strips()[0])
    ends = [float(s.get("x1")) for s in svg.findall("line") if s.get("stroke") == "#16212b"]
    assert ends == pytest.approx(
        [at(m.at_m) for m in charging_examples.strips()[0].marks], abs=0.06
    )
    rings = [float(c.get("cx")) for c in svg.iter("circle")]
    assert all(b - a >= 2 * SYMBOL for a, b in zip(sorted(rings), sorted(rings)[1:], strict=False))


def test_looks_differ_in_more_than_colour():
    marks = (Mark(1e3, "charging", "A"), Mark(2e4, "bare", "B"), Mark(4e4, "proposed", "7"))
    svg = drawn(line(*marks))
    disc, ring = svg.iter("circle")
    assert disc.get("fill") != "#ffffff" == ring.get("fill")
    diamond = next(p for p in svg.iter("polygon") if "stroke-dasharray" in p.attrib)
    number = next(t for t in svg.iter("text") if t.text == "7")
    xs = [float(p.split(",")[0]) for p in diamond.get("points").split()]
    assert float(number.get("x")) == pytest.approx(sum(xs) / 4, abs=0.06)
    assert {"A", "B"} <= set(texts(svg))


def test_the_line_points_to_where_one_drives():
    svg = drawn(line(length=LONGEST))
    arrow = next(p for p in svg.iter("polygon"))
    xs = [float(p.split(",")[0]) for p in arrow.get("points").split()]
    assert min(xs) > at(LONGEST)
    assert max(xs) < WIDTH
    assert xs[1] == max(xs)


@pytest.mark.parametrize(
    ("length", "longest", "ticks"),
    [
        (96_400.0, 96_400.0, ["0", "20", "40", "60", "80 km"]),
        (52_600.0, 96_400.0, ["0", "20", "40 km"]),
        (6_200.0, 96_400.0, ["0"]),
        (2_300.0, 2_300.0, ["0", "0.5", "1", "1.5", "2 km"]),
    ],
)
def test_kilometres_are_those_of_one_scale(length, longest, ticks):
    assert texts(drawn(line(length=length), longest)) == ticks


def test_it_is_said_to_who_does_not_see_it():
    svg = drawn(charging_examples.strips()[0])
    assert svg.get("role") == "img"
    said = svg.get("aria-label")
    assert said.startswith("G60 Shanghai–Kunming, towards Hangzhou, 96.4 km; ")
    assert "beyond the limit from 30.5 km to 96.4 km: 65.9 km" in said
    assert "with charging at 30.5 km: Jiaxing" in said
    assert "proposed at 64 km: 2" in said


def test_the_longest_sets_the_scale_and_the_legend_says_what_is_seen():
    made = strips(charging_examples.corridors())
    ends = [
        max(float(b.get("x")) + float(b.get("width")) for b in ET.fromstring(d.svg).iter("rect"))  # noqa: S314
        for d in made.drawn
    ]
    lengths = [s.length_m for s in charging_examples.strips()]
    assert [(e - LEFT) / ROOM for e in ends] == pytest.approx(
        [n / max(lengths) for n in lengths], abs=0.004
    )
    assert [d.length for d in made.drawn] == ["96.4 km", "96.4 km", "52.6 km", "6.2 km"]
    names = [name for _svg, name in made.legend]
    assert names == ["with charging", "without charging", "proposed", "within the limit",
                     "beyond the limit", "direction of travel"]  # fmt: skip
    short = replace(charging_examples.corridors(), strips=charging_examples.strips()[3:])
    assert [name for _svg, name in strips(short).legend] == [
        "beyond the limit",
        "direction of travel",
    ]
    assert strips(replace(charging_examples.corridors(), strips=())) is None


def test_no_text_of_a_strip_is_markup():
    mark = Mark(2e4, "bare", examples.IMAGE)
    hostile = replace(
        line(mark, spans=[Span(0, 5e4, "beyond", examples.END)]), title=examples.QUOTE
    )
    text = strip(hostile, 5e4)
    assert "<img" not in text
    assert "<script" not in text
    assert " style=" not in text
    assert not re.search(r'"\s*onmouseover', text)
    assert swatch("charging").startswith("<svg")


LOOK = st.sampled_from(["charging", "bare", "proposed"])


@given(
    st.lists(
        st.tuples(
            st.floats(0, 80_000), LOOK, st.sampled_from(["1", "12", "嘉兴服务区", "Jiaxing"])
        ),
        max_size=12,
    ),
    st.floats(80_000, 300_000),
)
def test_everything_lies_inside_the_picture(marks, longest):
    spans = [Span(0, 30_000, "within", "30 km"), Span(30_000, 80_000, "beyond", "50 km")]
    given_strip = line(*(Mark(*m) for m in marks), length=80_000.0, spans=spans)
    svg = drawn(given_strip, longest)
    assert strip(given_strip, longest) == strip(given_strip, longest)
    _x, _y, width, height = map(float, svg.get("viewBox").split())
    assert width == WIDTH
    for text in svg.iter("text"):
        x, y, wide = float(text.get("x")), float(text.get("y")), text_width(text.text)
        left = {"start": x, "middle": x - wide / 2, "end": x - wide}[text.get("text-anchor")]
        assert left >= 0
        assert left + wide <= WIDTH + 1
        assert 8 <= y <= height
