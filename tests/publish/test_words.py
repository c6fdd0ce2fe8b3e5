"""Values of a table as a reader sees them, by their column's name."""

import datetime as dt
import math

import pytest

from jxgis.publish.words import format_cell


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        ("share", 0.9457, "94.57 %"),
        ("share_500", 0.9457, "94.57 %"),
        ("share_500", math.nan, "—"),
        ("effect", 0.004, "+0.40 pp"),
        ("area_m2", 87.22e6, "87.22 km²"),
        ("distance_m", 250.0, "250 m"),
        ("amount", 1234.5, "1,234.5"),
        ("completed", dt.date(2019, 12, 31), "2019-12-31"),
        ("name", "=1+1", "=1+1"),
    ],
)
def test_a_column_says_its_unit(column, value, text):
    assert format_cell(column, value) == text
