"""What a click on the map says, against what the rules say of the same place asked by itself."""

from dataclasses import replace

import numpy as np
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from land_made import CRS, NOW, SINCE, THEN, box, exclusion, layer, line, raster, use, zones
from study_made import land_of, made

from jxgis.rasters import Grid
from jxgis.solar.answers import pictures, said
from jxgis.solar.land import LAND_FORMS
from jxgis.solar.landmap import land_map
from jxgis.solar.overview import MOST_RULES, Overview
from jxgis.solar.why import why

TO_DEGREES = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
RULES = (
    use("crops", "composite", ["cropland"]),
    use("fallow", "ground", ["cropland", "bare"], until=SINCE),
    use("bare", "ground", ["bare"]),
    use("town", None, ["town"]),
    use("ponds", "pond", ["fish_pond"]),
    use("grass", "composite", ["grass"], kind="landcover"),
    exclusion("river", "land", ["river"], 37.0, cuts=True),
    exclusion("orchard", "land", ["orchard"], 5.0, forms=("ground",)),
    exclusion("road", "streets", ["residential"], 11.0),
    exclusion("works", "buildings", (), 25.0, since=SINCE),
    exclusion("grassland", "landcover", ["grass"], until=SINCE, forms=("composite",)),
    exclusion("steep", "elevation", (), 9.0, unit="deg", forms=("ground", "composite")),
)
WORDS = ["cropland", "bare", "town", "fish_pond", "river", "orchard"]
BOXES = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(1, 5), st.integers(1, 5)),
    min_size=len(WORDS),
    max_size=len(WORDS),
)


def county(corners):
    """Land of every class, which overlaps as it happens, and all that keeps panels away."""
    shapes = [box(97 * x, 97 * y, 97 * (x + w), 97 * (y + h)) for x, y, w, h in corners]
    random = np.random.default_rng(5)
    heights = np.add.accumulate(random.uniform(-3, 12, (11, 11)), axis=1)
    return {
        "zones": zones(box(0, 0, 600, 1000), box(600, 0, 1000, 1000)),
        "land": layer("land", shapes, **{"class": WORDS}),
        "streets": layer("streets", [line((0, 450), (900, 481))], highway=["residential"]),
        "buildings": layer("buildings", [box(300, 300, 371, 349)], **{"class": ["industrial"]}),
        "landcover": raster(
            "landcover", "code", random.integers(0, 2, (25, 25)), 40.0, {1: "grass"}
        ),
        "elevation": raster("elevation", "elevation", heights, 100.0),
    }


def middle(overview, row, column):
    return overview.grid.to_ground(np.array([[column + 0.5, row + 0.5]]))[0]


@settings(max_examples=3)
@given(BOXES, st.randoms(use_true_random=False))
def test_a_click_says_what_the_rules_say_of_the_place(corners, random):
    kinds = county(corners)
    overview = land_map(land_of(kinds, RULES, days=(THEN, NOW), cell=20.0)).overview
    now, then = pictures(overview, (THEN, NOW))
    own = made(RULES)
    for _n in range(12):
        row, column = (random.randrange(size) for size in now.pixels.shape)
        x, y = middle(overview, row, column)
        lonlat = TO_DEGREES.transform(x, y)
        before, today = why(kinds, own, lonlat, (THEN, NOW))
        answer = now.answers[now.pixels[row, column]]
        look, _title = now.legend[now.pixels[row, column]]
        assert look == (
            f"allowed_{today.form}" if today.form else "forbidden" if today.binding else "no_use"
        )
        forbidding = [said(bound.rule) for bound in today.binding]
        titles = [] if today.use is None else [f"{today.use.title}: because (a law)"]
        assert list(answer) == ([*forbidding, *titles] or ["No rule gives this land to panels."])
        look, _title = then.legend[then.pixels[row, column]]
        assert look.startswith("allowed_") == (before.form is not None)
        assert before.form is None or look == f"allowed_{before.form}"


def test_of_land_that_is_drawn_twice_the_form_and_the_rules_that_count_are_told():
    corners = [(0, 0, 5, 5), (9, 9, 1, 1), (0, 0, 2, 2), (0, 4, 3, 3), (4, 2, 1, 1), (4, 0, 3, 3)]
    kinds = {name: own for name, own in county(corners).items() if name in ("zones", "land")}
    overview = land_map(land_of(kinds, RULES[:8], days=(NOW,), cell=50.0)).overview
    (now,) = pictures(overview, (NOW,))

    def answer(x, y):
        return list(now.answers[now.pixels[int((1000 - y) // 50), int(x // 50)]])

    assert answer(125, 425) == ["ponds: because (a law)"], "crops come first, and ponds are allowed"
    assert answer(125, 125) == ["crops: because (a law)"], "a town carries nothing, crops do"
    assert answer(425, 125) == ["crops: because (a law)"]
    river = [said(RULES[6]), "crops: because (a law)"]
    assert answer(425, 225) == river, "orchards forbid ground alone"
    assert answer(625, 125) == [said(RULES[7])], "of no use all rules are told"


def drawn(count, uses=1, size=64):
    """An overview of one county where each cell has its own choice of rules."""
    every = tuple(exclusion(f"x{n}", "land", [f"w{n}"]) for n in range(count))
    used = tuple(use(f"u{n}", LAND_FORMS[n % 3], ["bare"]) for n in range(uses))
    random = np.random.default_rng(1)
    binding = np.zeros((size, size), np.int64)
    for n in range(count):
        binding |= random.integers(0, 2, (size, size)) << n
    form = np.where(binding == 0, 0, -1).astype(np.int8)[None]
    return Overview(
        Grid(CRS, (10.0, 0.0, 600_000.0, 0.0, -10.0, 3_400_000.0), size, size),
        1,
        used,
        every,
        (NOW,),
        np.zeros((size, size), np.int16),
        random.integers(0, uses, (1, size, size)).astype(np.int16),
        form,
        binding,
        0,
        {},
    )


@pytest.mark.parametrize(("count", "told"), [(7, None), (9, 2), (40, 2), (MOST_RULES, 2)])
def test_of_many_rules_only_the_first_are_told(count, told):
    overview = drawn(count)
    (picture,) = pictures(overview, (NOW,))
    assert len(picture.answers) < 256
    for row, column in np.ndindex(16, 16):
        bits = int(overview.binding[row, column])
        binding = [said(x) for n, x in enumerate(overview.exclusions) if bits >> n & 1]
        answer = [own for own in picture.answers[picture.pixels[row, column]] if own in binding]
        assert answer == (binding if told is None else binding[:told])
        look, _title = picture.legend[picture.pixels[row, column]]
        assert look == ("forbidden" if binding else "allowed_pond")


def test_where_rules_are_left_out_the_answer_says_where_they_are_told():
    whole, short = (next(pictures(drawn(count), (NOW,))) for count in (7, 40))
    hint = "All the rules that hold here: jxgis solar PLAN --why LON LAT"
    assert not any(hint in own for own in whole.answers.values())
    overview = drawn(40)
    for row, column in np.ndindex(16, 16):
        many = int(overview.binding[row, column]).bit_count() > 2
        answer = short.answers[short.pixels[row, column]]
        assert (answer[-1] == hint) == many


@pytest.mark.parametrize("uses", [100, 300])
def test_more_uses_than_codes_are_no_wrong_answers(uses):
    overview = drawn(3, uses)
    (picture,) = pictures(overview, (NOW,))
    assert max(picture.answers) < 256
    for row, column in np.ndindex(32, 32):
        code = picture.pixels[row, column]
        look, _title = picture.legend[code]
        forbidden = overview.binding[row, column] != 0
        assert look == ("forbidden" if forbidden else "allowed_pond")
        title = overview.uses[overview.use[-1][row, column]].title
        told = [own for own in picture.answers[code] if own.startswith("u")]
        assert told in ([f"{title}: because (a law)"], [])


def test_outside_of_all_counties_there_is_no_answer():
    overview = drawn(3)
    outside = replace(overview, county=np.where(np.eye(64) > 0, -1, 0).astype(np.int16))
    (picture,) = pictures(outside, (NOW,))
    assert (np.diag(picture.pixels) == 0).all()
    assert 0 not in picture.answers
    assert 0 not in picture.legend


def test_a_rule_is_told_with_its_setback_its_dates_and_its_law():
    rule = exclusion("River", "land", ["river"], 37.0, since=THEN, until=NOW)
    assert said(rule) == ("River, 37 m, since 2017-12-31, until 2026-11-25. because (a law)")
    assert "9°" in said(exclusion("Steep", "elevation", (), 9.0, unit="deg"))
