"""The whole way of a layer from its source to a measure."""

import pandas as pd
import pytest
from making import METRIC, made, raw, spec, square, stop
from shapely.geometry import Point, Polygon

from jxgis.errors import InputError, InputErrors, MissingColumnError
from jxgis.layers import prepare


def test_rows_are_those_of_the_file_after_a_choice():
    source = raw([stop(), None, stop(9)])
    source.data.index = [0, 6, 7]
    assert "row 7" in prepare(source, spec("stops"), METRIC).ledger[0].reason


def test_the_source_is_not_changed():
    source = raw([Polygon([(0, 0), (9, 9), (9, 0), (0, 9)]), square()], name=["a", "b"])
    before = source.data.copy()
    prepare(source, spec("built_up"), METRIC)
    pd.testing.assert_frame_equal(source.data, before)


def test_nothing_left_is_an_error_that_says_why():
    with pytest.raises(InputError, match="no feature is left of 2") as caught:
        made("stops", [None, Point()])
    assert "rows 1, 2" in str(caught.value)


def test_all_that_is_wrong_is_said_at_once():
    with pytest.raises(InputErrors) as caught:
        made("zones", [Point(1, 1)], crs=None, name=["a"])
    assert [type(e) for e in caught.value.errors] == [MissingColumnError] * 2 + [InputError]
    text = str(caught.value)
    assert "there is no column zone_id. The columns are: name." in text
    assert 'columns = { zone_id = "…" } under [layers.zones]' in text


def test_an_unknown_kind_lists_those_there_are():
    with pytest.raises(InputError, match="unknown kind of layer bus"):
        prepare(raw([stop()]), spec("bus"), METRIC)
