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
        ("nearest_stop_m", 1234.56, "1,235 m"),
        ("off_m", 2.346, "2.35 m"),
        ("radius_m", 402.336, "402.34 m"),
        ("people", 12345.4, "12,345"),
        ("people_uncovered", 12345.4, "12,345"),
        ("jobs", 7, "7"),
        ("gain_people", 7.6, "8"),
        ("gain_share", 0.0044, "+0.44 pp"),
        ("people_share", 0.5, "50.00 %"),
        ("area_ha", 3.25, "3.25 ha"),
        ("area_ha", 84212.6, "84,213 ha"),
        ("area_mu", 45000.4, "45,000 mu"),
        ("gained_mu", 12.5, "12.50 mu"),
        ("green_share", 0.41, "41.00 %"),
        ("people", None, "—"),
        ("lon", 120.7512345, "120.75123"),
        ("amount", 1234.5, "1,234.5"),
        ("completed", dt.date(2019, 12, 31), "2019-12-31"),
        ("name", "=1+1", "=1+1"),
    ],
)
def test_a_column_says_its_unit(column, value, text):
    assert format_cell(column, value) == text
