# ruff: noqa: E501 - matrices are read by their rows
from __future__ import annotations

import math
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jxgis.publish.theme import GREEN_RAMP, LOOKS, PICTURE_COLOURS, RAMP, classes_of, ramp_of


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2.1."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_every_share_lies_in_the_class_that_the_legend_says(shares):
    classes = classes_of(shares)
    assert 1 <= len(classes.colours) <= len(RAMP)
    for share in shares:
        i = classes.of(share)
        assert classes.limits[i] - 1e-9 <= share <= classes.limits[i + 1] + 1e-9


def test_a_share_on_a_limit_belongs_to_the_class_above():
    classes = classes_of([0.62, 0.97])
    assert classes.limits == pytest.approx((0.6, 0.7, 0.8, 0.9, 1.0))
    assert [classes.of(s) for s in (0.6, 0.7, 0.9, 1.0)] == [0, 1, 3, 3]
    assert classes.labels()[0] == "60 % to 70 %"


def test_unknown_shares_have_no_class():
    classes = classes_of([None, math.nan, 0.5])
    assert classes.of(None) is None
    assert classes.of(math.nan) is None
    assert classes_of([]).limits == (0.0, 1.0)


@pytest.mark.parametrize("ramp", [RAMP, GREEN_RAMP])
def test_the_ramp_darkens_step_by_step(ramp):
    steps = [luminance(c) for c in ramp]
    assert all(a / b > 1.08 for a, b in pairwise(steps))


@pytest.mark.parametrize("role", ["covered", "uncovered"])
def test_an_area_is_one_colour_over_light_and_dark_zones(role):
    look = LOOKS[role]
    channels = [[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in (RAMP[0], RAMP[-1], "#ffffff")]
    light, dark, legend = (
        [look.opacity * f + (1 - look.opacity) * b for f, b in zip(own, below, strict=True)]
        for below in channels
        for own in [[int(look.fill[i : i + 2], 16) for i in (1, 3, 5)]]
    )
    for other in (dark, legend):
        assert max(abs(a - b) for a, b in zip(light, other, strict=True)) < 8


def test_covered_and_uncovered_differ_in_lightness_too():
    covered, uncovered = (luminance(LOOKS[r].fill) for r in ("covered", "uncovered"))
    assert covered != pytest.approx(uncovered, rel=0.05)


@pytest.mark.parametrize("role", ["gained", "lost"])
@pytest.mark.parametrize("other", ["covered", "uncovered"])
def test_what_changes_is_told_from_what_is_covered_and_what_is_not(role, other):
    a, b = ([int(LOOKS[r].fill[i : i + 2], 16) for i in (1, 3, 5)] for r in (role, other))
    assert sum(abs(x - y) for x, y in zip(a, b, strict=True)) > 120


def test_actions_are_drawn_over_areas():
    assert LOOKS["reached"].order > LOOKS["lost"].order > LOOKS["uncovered"].order
    top = sorted(LOOKS, key=lambda role: LOOKS[role].order)[-2:]
    assert top == ["sited", "proposed"]
    assert len({k.order for k in LOOKS.values()}) == len(LOOKS)


# What stands in one picture.
TOGETHER = (
    ("green", "not_green", "unseen"),
    ("tree", "green", "not_green", "unseen"),
    ("gained", "lost", "kept", "not_green", "unseen"),
    ("allowed_ground", "allowed_pond", "allowed_composite", "roof", "forbidden", "no_use"),
)

# How those see who lack one kind of cone: Machado, Oliveira and Fernandes 2009, severity 1.
SEEN_BY = {
    "all": np.eye(3),
    "protanopes": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopes": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopes": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    "nobody, in grey": [[0.2126, 0.7152, 0.0722]] * 3,
}  # fmt: skip


def lab(colour, seen_by):
    """CIELAB (D65) of a colour as somebody sees it."""
    c = np.array(list(bytes.fromhex(colour[1:]))) / 255
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.array(SEEN_BY[seen_by]) @ linear, 0, 1)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x, y, z = np.cbrt(np.maximum(to_xyz @ linear / [0.9505, 1.0, 1.089], 0.008856))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("seen_by", [s for s in SEEN_BY if "grey" not in s])
@pytest.mark.parametrize("looks", TOGETHER)
def test_what_stands_in_one_picture_is_told_apart_by_everyone(looks, seen_by):
    for a, b in combinations(looks, 2):
        apart = lab(PICTURE_COLOURS[a], seen_by) - lab(PICTURE_COLOURS[b], seen_by)
        assert np.linalg.norm(apart) > 15, (a, b)


def test_gained_is_told_from_lost_and_green_from_the_rest_in_grey():
    for a, b in [
        ("gained", "lost"),
        ("green", "not_green"),
        ("green", "unseen"),
        ("tree", "unseen"),
    ]:
        dark, light = (lab(PICTURE_COLOURS[k], "nobody, in grey")[0] for k in (a, b))
        assert light - dark > 15, (a, b)


@pytest.mark.parametrize(
    ("column", "ramp"),
    [("green_share", GREEN_RAMP), ("tree_share", GREEN_RAMP), ("share_500", RAMP), ("share", RAMP)],
)
def test_shares_of_green_are_shaded_in_green(column, ramp):
    assert ramp_of(column) == ramp
    assert classes_of([0.1, 0.9], ramp_of(column)).colours[-1] == ramp[-1]


def test_no_class_is_above_all_of_it():
    assert classes_of([1.0, 1.0]).limits[-1] == pytest.approx(1.0)
    assert classes_of([1.0, 1.0]).of(1.0) == 0
