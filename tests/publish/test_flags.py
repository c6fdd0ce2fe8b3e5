"""Names on stems: none over another, and as near as can be to their places."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from jxgis.publish.flags import PAD, place_flags, spread
from jxgis.publish.svg import FONT_SIZE, cut, text_width

LEFT, RIGHT = 2.0, 328.0
NAMES = st.text(st.sampled_from("abWi 嘉兴服务区"), min_size=1, max_size=12).map(str.strip)


def crossings(flags):
    """Pairs in which a stem runs through the other's text, or two texts of a row meet."""
    found = []
    for flag in flags:
        for other in flags:
            if flag is other or not (flag.text and other.text):
                continue
            if flag.covers(other.x) and other.row >= flag.row:
                found.append((flag, other))
            if flag.row == other.row and flag.touches(other):
                found.append((flag, other))
    return found


@given(st.lists(st.tuples(st.floats(9, 321), NAMES), max_size=14))
def test_no_name_lies_over_another_or_over_a_stem(labels):
    labels.sort()
    flags = place_flags(labels, LEFT, RIGHT)
    assert crossings(flags) == []
    for flag, (x, text) in zip(flags, labels, strict=True):
        assert flag.x == x
        assert flag.text == text or flag.text.endswith("…") or not flag.text
        left, right = flag.box
        assert not flag.text or (left >= LEFT - 1e-6 and right <= RIGHT + 1e-6)


def test_names_with_room_stand_in_one_row_whole():
    flags = place_flags([(10.0, "Fengjing"), (150.0, "Jiaxing"), (320.0, "Hangzhou")], LEFT, RIGHT)
    assert [(f.text, f.anchor, f.row) for f in flags] == [
        ("Fengjing", "start", 0),
        ("Jiaxing", "start", 0),
        ("Hangzhou", "end", 0),
    ]


def test_crowded_names_go_up_like_stairs_and_stay_whole():
    labels = [(100.0 + 14 * n, f"Service area {n}") for n in range(4)]
    flags = place_flags(labels, LEFT, RIGHT)
    assert [f.row for f in flags] == [3, 2, 1, 0]
    assert [f.text for f in flags] == [text for _x, text in labels]


def test_two_of_one_place_are_not_written_over_each_other():
    flags = place_flags([(50.0, "One"), (50.0 + PAD / 2, "Two")], LEFT, RIGHT)
    assert sorted(f.text for f in flags) == ["", "Two"]


def test_a_text_is_cut_to_its_room_or_left_out():
    assert cut("Jiaxing", 100) == "Jiaxing"
    short = cut("Jiaxing service area", 60)
    assert short.endswith("…")
    assert text_width(short) <= 60
    assert cut("Jiaxing", 8) == ""
    assert text_width("嘉兴") == 2 * FONT_SIZE


@given(st.lists(st.floats(9, 321), min_size=1, max_size=18))
def test_neighbours_stand_apart_in_their_order(places):
    places.sort()
    moved = spread(places, 14.0, 9.0, 321.0)
    assert all(b - a >= 14.0 - 1e-9 for a, b in pairwise(moved))
    assert moved[0] >= 9.0 - 1e-9
    assert moved[-1] <= 321.0 + 1e-9


def test_places_far_apart_are_not_moved_and_too_many_stand_closer():
    assert spread([10.0, 100.0, 300.0], 14.0, 9.0, 321.0) == [10.0, 100.0, 300.0]
    many = spread([50.0] * 40, 14.0, 9.0, 321.0)
    assert np.allclose(np.diff(many), 312 / 39)
    assert spread([], 14.0, 9.0, 321.0) == []
    assert spread([50.0], 14.0, 9.0, 321.0) == [50.0]


@pytest.mark.parametrize("seed", range(5))
def test_the_moves_are_the_least_squares(seed):
    places = np.sort(np.random.default_rng(seed).uniform(9, 321, 9))
    moved = np.array(spread(places.tolist(), 20.0, 9.0, 321.0))
    apart = [{"type": "ineq", "fun": lambda p, n=n: p[n + 1] - p[n] - 20} for n in range(8)]
    ends = [
        {"type": "ineq", "fun": lambda p: p[0] - 9},
        {"type": "ineq", "fun": lambda p: 321 - p[-1]},
    ]
    best = minimize(
        lambda p: ((p - places) ** 2).sum(),
        moved + 0.1,
        constraints=[*apart, *ends],
        method="SLSQP",
    )
    assert ((moved - places) ** 2).sum() <= best.fun + 1e-6
