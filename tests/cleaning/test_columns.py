"""Columns as they come, and as a kind of layer wants them."""

import pandas as pd
import pytest
from making import made, square, stop, told
from shapely import LineString

from jxgis.errors import InputError, MissingColumnError


def zones(**columns):
    return made("zones", [square(), square(510_000)], **columns)


def test_numbers_as_ids_are_text_without_a_point():
    assert zones(zone_id=[330402.0, 330411.0], zone=["a", "b"]).data["zone_id"].tolist() == [
        "330402",
        "330411",
    ]


def test_names_of_the_plan_come_first_and_one_may_serve_twice():
    plan = {"columns": {"zone_id": "NAME", "zone": "NAME"}}
    layer = zones(NAME=["南湖区", "秀洲区"], zone_id=[7, 8], plan=plan)
    assert layer.data["zone_id"].tolist() == layer.data["zone"].tolist() == ["南湖区", "秀洲区"]


def test_capital_letters_are_the_same_name():
    assert zones(ZONE_ID=["1", "2"], Zone=["a", "b"]).data["zone"].tolist() == ["a", "b"]


def test_a_name_of_the_plan_that_is_not_there_is_said_with_our_name():
    with pytest.raises(MissingColumnError, match="no column code") as caught:
        zones(zone=["a", "b"], plan={"columns": {"zone_id": "code"}})
    assert 'columns = { zone_id = "…" }' in str(caught.value)


def test_ids_are_there_once():
    with pytest.raises(InputError, match="zone_id 1 is there 2 times") as caught:
        zones(zone_id=["1", 1.0], zone=["a", "b"])
    assert caught.value.row == 2


def test_a_zone_without_an_id_is_refused_and_a_place_without_people_left_out():
    with pytest.raises(InputError, match="column zone_id is empty") as caught:
        zones(zone_id=["1", " "], zone=["a", "b"])
    assert caught.value.row == 2
    layer = made("population", [stop(), stop(9)], population=[5, None])
    assert layer.data["population"].tolist() == [5]
    assert "row 2" in told(layer, "dropped")[0].reason


@pytest.mark.parametrize(("text", "value"), [("12", 12), (" 1.5 ", 1.5), ("1,234,567", 1_234_567)])
def test_numbers_as_text_are_numbers(text, value):
    layer = made("population", [stop()], population=[text])
    assert layer.data["population"].tolist() == [value]


@pytest.mark.parametrize("value", ["many", "12,5", -9999, float("inf"), "-1"])
def test_what_cannot_be_counted_names_its_row(value):
    with pytest.raises(InputError, match="column population") as caught:
        made("population", [stop(), stop(9)], population=["1", value])
    assert caught.value.row == 2


@pytest.mark.parametrize(
    "text", ["2019-12-31", "2019/12/31", "20191231", "2019年12月31日", "2019-12-31 00:00:00"]
)
def test_dates_as_people_write_them(text):
    layer = made("sites", [stop()], target=["x"], completed=[text])
    assert layer.data["completed"].tolist() == [pd.Timestamp(2019, 12, 31)]


@pytest.mark.parametrize("text", ["31.12.2019", "2019-13-01", "soon"])
def test_a_date_that_is_none_names_its_row(text):
    with pytest.raises(InputError, match="is not a date") as caught:
        made("sites", [stop()], target=["x"], completed=[text])
    assert caught.value.row == 1


def test_a_drawings_layer_is_no_streets_level():
    line = [LineString([(500_000, 3_400_000), (500_100, 3_400_000)])]
    assert "layer" not in made("streets", line, Layer=["1"]).data
    levels = made("streets", line, layer=[1.0], BRIDGE=["yes"]).data
    assert levels[["layer", "bridge"]].to_numpy().tolist() == [["1", "yes"]]
    named = made("streets", line, plan={"columns": {"layer": "Layer"}}, Layer=["1"]).data
    assert named["layer"].tolist() == ["1"]
