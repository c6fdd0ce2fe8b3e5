"""A reference sample against the map: the published example, and samples that do not fit."""

import gettext
import math
from contextlib import contextmanager
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from jxgis import i18n
from jxgis.errors import InputError, InputErrors
from jxgis.green import reference
from jxgis.green.accuracy import accuracy_rows, accuracy_table, assess, confusion_table
from jxgis.layers import KINDS, Layer

# Olofsson et al. 2014, table 8, with a change map's words
PRINTED = [[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]]
COUNTS = {"lost": 200_000, "gained": 150_000, "green": 3_200_000, "other": 6_450_000}
AREA_M2 = 1e7 * 900
GREEN = {"green": 410_000, "other": 590_000}


def layer(rows):
    data = gpd.GeoDataFrame(
        pd.DataFrame(rows, columns=["point_id", "stratum", "reference"]),
        geometry=gpd.points_from_xy(range(len(rows)), range(len(rows))),
        crs=4549,
    )
    return Layer("reference", KINDS["reference"], data)


def rows_of(matrix, words):
    pairs = [
        (stratum, truth)
        for stratum, row in zip(words, matrix, strict=True)
        for truth, n in zip(words, row, strict=True)
        for _point in range(n)
    ]
    return [(f"G{i:04d}", *pair) for i, pair in enumerate(pairs, 1)]


def shown(rows):
    return np.array([stratum for _id, stratum, _truth in rows], dtype=object)


def green(matrix=((90, 10), (12, 188)), **kwargs):
    rows = rows_of(matrix, list(GREEN))
    return assess(layer(rows), GREEN, shown(rows), 1e8, "green", **{"least": 25, **kwargs})


def refused(rows, mapped=None, counts=None, cell=None):
    seen = shown(rows) if mapped is None else mapped
    with pytest.raises(InputError) as caught:
        assess(layer(rows), counts or GREEN, seen, 1e8, "green", least=25, cell=cell)
    return caught.value


@contextmanager
def speaking(language):
    before = i18n.language()
    i18n.set_language(language)
    yield
    i18n.set_language(before)


def test_the_published_example_as_a_table():
    rows = rows_of(PRINTED, list(COUNTS))
    found = assess(layer(rows), COUNTS, shown(rows), AREA_M2, "lost", least=25)
    table = accuracy_table(found).data
    assert table["class"].tolist() == ["lost", "gained", "green", "other"]
    assert table["mapped_ha"].tolist() == pytest.approx([18_000, 13_500, 288_000, 580_500])
    assert table["adjusted_ha"].round().tolist() == [21_158, 11_686, 285_770, 581_386]
    within = (table["high_ha"] - table["low_ha"]) / 2
    assert (within * 1.96 / 1.959964).round().tolist() == [6_158, 3_756, 15_510, 16_282]
    assert table["share_users"].round(2).tolist() == [0.88, 0.73, 0.93, 0.96]
    assert table["share_producers"].round(2).tolist() == [0.75, 0.85, 0.93, 0.96]
    assert table["share_users_within"].round(2).tolist() == [0.07, 0.10, 0.04, 0.02]
    assert table["share_producers_within"].round(2).tolist() == [0.21, 0.25, 0.03, 0.02]
    assert table["adjusted_mu"].tolist() == pytest.approx((table["adjusted_ha"] * 15).tolist())


def test_the_figure_its_interval_and_the_probability_of_a_target():
    found = green(target=0.40)
    share = 0.41 * 0.9 + 0.59 * 0.06
    se = math.sqrt(0.41**2 * 0.9 * 0.1 / 99 + 0.59**2 * 0.06 * 0.94 / 199)
    assert found.share == pytest.approx(share)
    assert (found.low, found.high) == pytest.approx((share - 1.959964 * se, share + 1.959964 * se))
    z = (share - 0.40) / se
    assert found.probability == pytest.approx((1 + math.erf(z / math.sqrt(2))) / 2)
    assert green().probability is None


def test_the_confusion_table_adds_up():
    table = confusion_table(green())
    assert table.data["mapped"].tolist() == ["green", "other", "Total"]
    assert table.data[["green", "other", "total"]].to_numpy().tolist() == [
        [90, 10, 100],
        [12, 188, 200],
        [102, 198, 300],
    ]
    assert table.data["share_users"].tolist()[:2] == [0.9, 0.94]
    assert math.isnan(table.data["share_users"].iloc[2])
    assert table.fields["other"] == "Truly other"
    assert set(table.fields) <= set(table.data.columns)


def test_the_ledger_says_how_right_the_map_is_and_what_more_points_would_do():
    found = green()
    rows = list(accuracy_rows(found, "reference"))
    assert all((row.what, row.layer) == ("note", "reference") for row in rows)
    assert "by 300 reference points" in rows[0].reason
    assert rows[0].reason.startswith("92.4% ± 3.1% of the area")
    assert rows[1].effect == pytest.approx(found.share - 0.41)
    assert "41.00% on the map, 40.44% by the reference points" in rows[1].reason
    assert rows[2].reason == (
        f"about {found.more_points:,d} more reference points would halve that interval"
    )
    assert 500 < found.more_points < 1000


@pytest.mark.parametrize("n", [2, 10, 24])
def test_too_few_points_give_an_estimate_and_no_interval(n):
    found = green([[n, 0], [0, 40]], target=0.3)
    assert (found.low, found.share, found.high) == (None, 0.41, None)
    assert found.probability is None
    rows = list(accuracy_rows(found, "reference"))
    assert [row.what for row in rows] == ["note", "note", "suspected"]
    assert rows[2].count == 25 - n
    assert rows[2].reason.endswith(f"at least {25 - n} where the map shows green")
    assert not any("±" in row.reason or "confidence" in row.reason for row in rows)
    table = accuracy_table(found).data
    assert table["adjusted_ha"].notna().all()
    for name in ("low_ha", "high_mu", "share_users_within", "share_producers_within"):
        assert table[name].isna().all()


def test_points_that_are_all_alike_have_an_interval_with_a_width():
    found = green([[25, 0], [0, 25]], target=0.41)
    assert found.share == 0.41
    assert found.low < 0.40
    assert found.high > 0.42
    assert found.probability == 0.5
    assert found.more_points >= 25
    assert "would halve" in list(accuracy_rows(found, "reference"))[2].reason
    assert 0.5 < green([[25, 0], [0, 25]], target=0.405).probability < 1


def test_how_many_points_an_interval_needs_is_a_rule():
    assert green([[10, 0], [0, 40]], least=10).low is not None
    assert green([[10, 0], [0, 40]], least=11).low is None


def test_a_class_that_was_drawn_in_full_has_no_error():
    counts = {"green": 800.0, "other": 90_000.0}  # square metres; a cell has 100
    rows = rows_of([[6, 2], [3, 37]], list(counts))
    found = assess(layer(rows), counts, shown(rows), 90_800, "green", least=25, cell=100)
    w, p = 90_000 / 90_800, 3 / 40
    assert found.share == pytest.approx((1 - w) * 0.75 + w * p)
    se = w * math.sqrt(p * (1 - p) / 39 * (1 - 40 / 900))
    assert found.high - found.share == pytest.approx(1.959964 * se)
    # Of a class of 20 cells half are enough, and fewer are not.
    for n, sure in ((10, True), (9, False)):
        rows = rows_of([[n, 0], [3, 37]], list(counts))
        given = {"green": 2000.0, "other": 90_000.0}
        own = assess(layer(rows), given, shown(rows), 92_000, "green", least=25, cell=100)
        assert (own.low is not None) == sure


@pytest.mark.parametrize(
    ("cells", "n", "apart"), [(1.0, 1, True), (0.4, 0, False), (3.2, 1, False)]
)
def test_a_class_too_small_to_be_drawn_is_counted_with_the_others(cells, n, apart):
    counts = {"green": cells * 100, "other": 90_000.0}
    rows = rows_of([[n, 0], [4, 36]], list(counts))
    found = assess(layer(rows), counts, shown(rows), 90_000, "green", least=25, cell=100)
    share = cells * 100 / (cells * 100 + 90_000)
    assert found.mapped.tolist() == pytest.approx([share, 1 - share])
    said = [row for row in accuracy_rows(found, "reference") if row.what == "assumed"]
    assert found.low < found.share < found.high
    if apart:
        assert found.share == pytest.approx(share + (1 - share) * 0.1)
        assert not said
    else:
        assert found.share == pytest.approx((4 + n) / (40 + n))
        assert said[0].effect == pytest.approx(share)
        assert said[0].reason.startswith(
            f"green: the map shows {share * 90_000:,.0f} m² of it, with {n} reference points"
        )
        assert said[0].reason.endswith("where the map shows other")


def test_where_the_others_are_too_small_they_are_counted_with_the_largest():
    counts = {"gained": 4000.0, "lost": 0.0, "green": 90_000.0, "other": 30.0}
    rows = rows_of([[30, 0, 3, 0], [0] * 4, [1, 0, 40, 2], [0] * 4], list(counts))
    found = assess(layer(rows), counts, shown(rows), 94_030, "gained", least=25, cell=100)
    w = 4000 / 94_030
    assert found.share == pytest.approx(w * 30 / 33 + (1 - w) / 43)
    # Nothing that was not drawn could be counted with any class.
    few = {"green": 40.0, "other": 30.0}
    assert refused(rows_of([[0, 0], [0, 0]], list(few)), counts=few, cell=100)


def test_the_column_stratum_may_be_missing():
    rows = rows_of([[90, 10], [12, 188]], list(GREEN))
    sample = layer(rows)
    without = replace(sample, data=sample.data.drop(columns="stratum"))
    found = assess(without, GREEN, shown(rows), 1e8, "green", least=25)
    assert found.matrix.tolist() == green().matrix.tolist()


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_words_may_be_of_any_language_and_in_capitals(language):
    chinese = gettext.translation("jxgis", i18n._LOCALE_DIR, ["zh_CN"]).gettext
    forms = {word: chinese(word) for word in GREEN}
    assert forms["green"] != "green"
    rows = rows_of([[5, 1], [1, 5]], [forms["green"], " Other"])
    mapped = np.array(["green" if s == forms["green"] else "other" for _id, s, _truth in rows])
    with speaking(language):
        found = assess(layer(rows), GREEN, mapped, 1e8, "green", least=2)
        assert found.matrix.tolist() == [[5, 1], [1, 5]]
        rows[3] = (rows[3][0], rows[3][1], "草")
        error = refused(rows, mapped)
    assert "'草'" in error.problem
    assert all(word in error.mend for word in GREEN)
    assert (forms["green"] in error.mend) == (language == "zh_CN")


def test_a_class_that_the_map_does_not_show_needs_no_point():
    counts = {"gained": 0, "lost": 5, "green": 45, "other": 50}
    rows = rows_of([[0] * 4, [0, 3, 1, 0], [1, 0, 8, 1], [0, 0, 1, 9]], list(counts))
    found = assess(layer(rows), counts, shown(rows), 1e6, "gained", least=2)
    assert found.share == pytest.approx(0.45 * 0.1)
    table = accuracy_table(found).data
    assert math.isnan(table["share_users"].iloc[0])


@pytest.mark.parametrize("empty", ["", "  ", None, math.nan])
def test_points_that_are_not_filled_in_are_named(empty):
    rows = rows_of([[4, 4], [4, 4]], list(GREEN))
    rows[1:7] = [(i, s, empty) for i, s, _truth in rows[1:7]]
    error = refused(rows)
    assert not isinstance(error, InputErrors)
    assert error.layer == "reference"
    assert error.problem == (
        "6 of 16 points have no reference: G0002, G0003, G0004, G0005, G0006 and 1 more"
    )


def test_a_word_that_is_no_class_is_named_with_those_that_are():
    rows = rows_of([[4, 4], [4, 4]], list(GREEN))
    rows[2] = (*rows[2][:2], "grass")
    rows[9] = (*rows[9][:2], "1")
    error = refused(rows)
    assert error.problem == "reference 'grass', '1' is no class of the map: G0003, G0010"
    assert error.mend == "Write one of: green, other"


def test_an_id_that_is_there_twice():
    rows = rows_of([[4, 4], [4, 4]], list(GREEN))
    rows[5] = ("G0001", *rows[5][1:])
    assert refused(rows).problem == "point_id G0001 is there more than once"


def test_points_outside_the_mapped_area():
    rows = rows_of([[4, 4], [4, 4]], list(GREEN))
    mapped = shown(rows)
    mapped[[0, 15]] = ""
    assert refused(rows, mapped).problem == "2 points lie outside the mapped area: G0001, G0016"


def test_a_sample_of_another_map():
    rows = rows_of([[4, 4], [4, 4]], list(GREEN))
    mapped = shown(rows)
    mapped[4:6] = "other"
    error = refused(rows, mapped)
    assert "drawn from another map: at 2 points" in error.problem
    assert "at G0005 other and not green" in error.problem


@pytest.mark.parametrize("n", [0, 1])
def test_a_class_of_the_map_with_fewer_than_two_points(n):
    rows = rows_of([[n, 0], [4, 4]], list(GREEN))
    assert refused(rows).problem.startswith(f"{n} points lie where the map shows green")


def test_several_things_that_are_wrong_come_in_one_list():
    rows = rows_of([[4, 4], [4, 4]], list(GREEN))
    rows[0] = (*rows[0][:2], "")
    rows[1] = (*rows[1][:2], "grass")
    mapped = shown(rows)
    rows[2] = ("G0001", "meadow", "green")
    error = refused(rows, mapped)
    assert isinstance(error, InputErrors)
    assert len(error.errors) == 4
    assert len(str(error).splitlines()) == 4
    assert all("layer reference" in line for line in str(error).splitlines())


def test_the_names_in_an_error_are_few():
    assert reference._named(["a"]) == "a"
    assert reference._named("abcdefg") == "a, b, c, d, e and 2 more"
