"""What a person reads of green land on the command line: short, however many zones there are."""

import pandas as pd

from jxgis.console import green_text
from jxgis.results import Result


def text_of(count):
    zones = [f"zone {number:03d}" for number in range(count)]
    table = pd.DataFrame({"zone_id": zones, "zone": zones, "green_ha": 1.0, "seen_share": 1.0})
    return green_text(Result("green.cover", None, "EPSG:4549", (), table))


def test_of_many_zones_the_first_are_shown_and_the_others_counted():
    text = text_of(25)
    assert text.count("zone 0") == 20
    assert "… and 5 more rows in result.json" in text


def test_of_few_zones_all_are_shown():
    text = text_of(20)
    assert text.count("zone 0") == 20
    assert "more rows" not in text
