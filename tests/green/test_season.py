"""Whether two dates can be compared: days of the year, and the median of how the index moved."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenes_made import SUMMER, bands, image, patchy, raster, rasters

from jxgis.errors import InputError
from jxgis.green.maps import image_map
from jxgis.green.season import Shift, check_order, days_apart, season_rows
from jxgis.kernels.pixels import index
from jxgis.rules import Rules

SHAPE = (40, 50)
MASK = patchy(SHAPE, 0.5, 1)


def map_of(layer):
    return image_map(layer, "ndvi", "median", Rules({}))


@pytest.mark.parametrize(
    ("one", "other", "days"),
    [
        ((2021, 7, 20), (2023, 7, 14), 6),
        ((2021, 12, 28), (2023, 1, 4), 7),  # over the turn of the year: 362 and 4
        ((2020, 3, 1), (2021, 3, 1), 0),  # a leap year
        ((2019, 8, 4), (2024, 8, 4), 0),
        ((2023, 7, 5), (2024, 8, 4), 30),  # over a season's limit by the number of the day alone
        ((2024, 7, 5), (2023, 8, 4), 30),
        ((2024, 2, 29), (2023, 2, 28), 0),
        ((2024, 2, 29), (2023, 3, 1), 1),
        ((2024, 2, 29), (2024, 2, 28), 0),
        ((2023, 7, 29), (2021, 7, 31), 2),
        ((2022, 12, 31), (2023, 1, 1), 1),
        ((2022, 1, 1), (2022, 7, 2), 182),
        ((2022, 1, 1), (2022, 7, 3), 182),
    ],
)
def test_days_apart_in_the_year(one, other, days):
    assert days_apart(dt.date(*one), dt.date(*other)) == days
    assert days_apart(dt.date(*other), dt.date(*one)) == days


@given(st.dates(dt.date(1985, 1, 1), dt.date(2040, 1, 1)), st.integers(0, 182), st.integers(1, 9))
def test_years_between_do_not_matter(day, days, years):
    later = day + dt.timedelta(days=days)
    moved = dt.date(later.year + years, later.month, min(later.day, 28))
    assert abs(days_apart(day, moved) - days) <= 4
    assert 0 <= days_apart(day, moved) <= 182
    if (day.month, day.day) != (2, 29):
        assert days_apart(day, day.replace(year=day.year + years)) == 0


def stable(rng, n):
    kept = rng.random(SHAPE) < 0.4
    return kept, ~kept & (rng.random(SHAPE) < n)


def cells(rng):
    stored = {role: rng.integers(1, 5000, SHAPE).astype(np.uint16) for role in ("red", "nir")}
    return {**stored, "seen": rng.random(SHAPE) < 0.9}


def ndvi(own):
    return index(own["nir"], own["red"], (1, 0), (1, 0))


@pytest.mark.parametrize("seed", range(5))
def test_the_medians_are_those_of_the_cells(seed):
    rng = np.random.default_rng(seed)
    kept, other = stable(rng, 0.7)
    now, then = cells(rng), cells(rng)
    one = map_of(image(MASK))
    found = Shift.of(kept, other, (one, [now]), (one, [then]))
    moved = ndvi(now) - ndvi(then)
    both = now["seen"] & then["seen"]
    every = np.ones(SHAPE, bool)
    for median, where in zip(found.medians(), (every, kept, other), strict=True):
        own = np.sort(moved[where & both])
        assert median == pytest.approx(own[(len(own) - 1) // 2], abs=0.00051)


def test_strips_add_up():
    rng = np.random.default_rng(9)
    kept, other = stable(rng, 0.7)
    now, then = cells(rng), cells(rng)
    one = map_of(image(MASK))
    whole = Shift.of(kept, other, (one, [now]), (one, [then]))
    parts = Shift()
    for rows in (np.s_[:7], np.s_[7:8], np.s_[8:]):
        late, early = ({k: v[rows] for k, v in own.items()} for own in (now, then))
        parts.add(Shift.of(kept[rows], other[rows], (one, [late]), (one, [early])))
    assert parts.medians() == whole.medians()


def test_the_ends_and_nothing_at_all():
    one = map_of(image(MASK))
    full = np.ones(SHAPE, bool)
    high = {"red": np.zeros(SHAPE), "nir": np.ones(SHAPE), "seen": full}
    low = {"red": np.ones(SHAPE), "nir": np.zeros(SHAPE), "seen": full}
    dark = {"red": np.zeros(SHAPE), "nir": np.zeros(SHAPE), "seen": full}
    assert Shift.of(full, ~full, (one, [high]), (one, [low])).medians() == [2.0, 2.0, None]
    assert Shift.of(~full, full, (one, [low]), (one, [high])).medians() == [-2.0, None, -2.0]
    assert Shift.of(~full, ~full, (one, [high]), (one, [low])).medians() == [2.0, None, None]
    assert Shift.of(full, ~full, (one, [dark]), (one, [high])).medians() == [None] * 3
    assert Shift().medians() == [None] * 3


def rows(late, early, shift=None):
    def side(dates):
        return map_of(rasters("imagery", *(raster(bands(MASK), date=d) for d in dates)))

    given_rules = Rules({})
    return list(season_rows(side(late), side(early), shift or Shift(), "before", given_rules))


def order(late, early):
    def side(dates):
        return [raster(bands(MASK), date=d) for d in dates]

    check_order(side(late), side(early), "before")


def test_the_dates_farthest_apart_decide():
    late = [dt.date(2023, 7, 1), dt.date(2023, 8, 20)]
    said = rows(late, [dt.date(2021, 7, 5), dt.date(2021, 6, 28)])[0]
    assert said.what == "suspected"
    assert "53 d apart in the year" in said.reason
    assert said.reason.startswith("2021-07-05, 2021-06-28 and 2023-07-01, 2023-08-20: ")
    assert rows([SUMMER], [SUMMER.replace(year=2022)])[0].what == "note"
    edge = SUMMER.replace(year=2022) + dt.timedelta(days=30)
    assert rows([SUMMER], [edge])[0].what == "note"
    assert rows([SUMMER], [edge + dt.timedelta(days=1)])[0].what == "suspected"


def test_dates_that_lie_between_each_other_are_in_no_order():
    late = [dt.date(2023, 7, 1), dt.date(2021, 7, 1)]
    with pytest.raises(InputError, match="the earlier imagery is of 2022-07-01, the later of 2021"):
        order(late, [dt.date(2022, 7, 1)])
    with pytest.raises(InputError, match="the earlier imagery is of 2023-07-14") as caught:
        order([SUMMER], [SUMMER])
    assert caught.value.mend == "Give two different dates"
    order([SUMMER, None], [None, SUMMER - dt.timedelta(days=1)])
    order([None], [SUMMER])
    order([SUMMER], [])


@pytest.mark.parametrize(("late", "early"), [([None], [SUMMER]), ([SUMMER], [None])])
def test_a_date_that_is_not_known(late, early):
    assert rows(late, early)[0].what == "assumed"


def test_ground_that_is_not_there_is_said():
    told = rows([SUMMER], [SUMMER.replace(year=2022)])[1:]
    assert [row.what for row in told] == ["suspected"] * 3
    assert [row.reason for row in told] == [
        f"there is no {ground}: how the index moved there is not known"
        for ground in (
            "all ground",
            "ground that is green at both dates",
            "ground that is green at neither",
        )
    ]
