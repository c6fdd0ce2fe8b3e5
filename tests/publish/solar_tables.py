"""The tables of `solar_examples`: zones, rules, both days, losses, enterprises."""

from __future__ import annotations

import examples
import numpy as np
import pandas as pd

from jxgis.results import Table

ZONES = {
    "rank": "In its county",
    "zone": "County",
    "mw": "Capacity",
    "mwh": "Yield in a year",
    "first_share": "First in its county",
    "substation_km": "To the nearest substation",
    "spare_kw": "Its spare power",
    "radius_m": "Radius",
    "mw_per_km2": "Density",
    "score": "Score",
}
BY_ZONE = {
    "zone": "County",
    "mw": "Legal capacity",
    "roof_mw": "On roofs",
    "ground_mw": "On the ground",
    "pond_mw": "Over ponds",
    "best_mw": "Best zone",
    "missing_mw": "Missing",
    "mwh": "Yield in a year",
}
ENTERPRISES = {
    "name": "Enterprise",
    "verdict": "Its roofs",
    "tce": "Energy, tce",
    "electricity_mwh": "Uses",
    "mw": "Roofs could carry",
    "mwh": "Would yield",
}


def zones() -> pd.DataFrame:
    """The best zone of each of five counties, and what comes next in two of them."""
    return pd.DataFrame(
        {
            "rank": [1, 1, 1, 1, 1, 2, 2],
            "zone": [examples.NAMES[n] for n in (2, 0, 6, 5, 3, 2, 0)],
            "mw": [131.2, 112.94, 104.04, 100.1, 100.0, 101.5, 100.4],
            "mwh": [136_868.0, 117_796.4, 108_513.7, 104_404.3, 104_300.0, 105_884.8, 104_737.3],
            "first_share": [0.7312, 0.8704, 1.0, 1.0, 1.0, 0.2688, 0.1296],
            "substation_km": [2.31, 0.84, 5.75, 11.9, np.nan, 3.1, 1.44],
            "spare_kw": [63_000.0, 120_000.0, np.nan, 31_500.0, np.nan, 63_000.0, 120_000.0],
            "radius_m": [1480.0, 1733.0, 2250.0, 3921.0, 4410.0, 1911.0, 2640.0],
            "mw_per_km2": [19.07, 11.97, 6.54, 2.07, 1.64, 8.85, 4.59],
            "score": [0.812, 0.774, 0.691, 0.404, 0.372, 0.641, 0.533],
        }
    )


def by_zone() -> pd.DataFrame:
    """What each county could carry; two have no zone of 100 MW."""
    roof = np.array([201.4, 92.2, 81.0, 44.6, 88.9, 41.25, 63.1])
    ground = np.array([310.0, 0.0, 262.4, 130.1, 0.0, 281.5, 220.0])
    pond = np.array([0.0, 3.1, 121.7, 88.0, 2.01, 94.0, 80.0])
    mw = roof + ground + pond
    best = np.array([112.94, 62.0, 131.2, 100.0, 71.3, 100.1, 104.04])
    return pd.DataFrame(
        {
            "zone_id": examples.CODES,
            "zone": examples.NAMES,
            "mw": mw,
            "roof_mw": roof,
            "ground_mw": ground,
            "pond_mw": pond,
            "best_mw": best,
            "missing_mw": np.where(best < 100, 100 - best, np.nan),
            "mwh": mw * 1043.2,
        }
    )


def then_now() -> pd.DataFrame:
    """What was legal in each county and is; of one nothing was known then."""
    now = by_zone()["mw"].to_numpy()
    then = now + np.array([410.0, 0.0, 12.25, 166.0, np.nan, 303.1, -40.0])
    return pd.DataFrame(
        {
            "zone": examples.NAMES,
            "then_mw": then,
            "now_mw": now,
            "change_mw": now - then,
            "then_zone": ["yes", "no", "yes", "yes", "", "yes", "yes"],
            "now_zone": ["yes", "no", "yes", "yes", "no", "yes", "yes"],
        }
    )


def losses() -> pd.DataFrame:
    """A chain that begins with a gain."""
    steps = {
        "Irradiation on the level": 1.0,
        "Tilt of 22°": 1.072,
        "Shade of the row before": 0.977,
        "Reflection": 0.97,
        "Dust": 0.98,
        "Heat of the cells": 0.953,
        "Mismatch and wiring": 0.96,
        "Inverter": 0.977,
        "Transformer and line": 0.985,
    }
    left = 1_210.0 * np.cumprod(list(steps.values()))
    return pd.DataFrame({"step": list(steps), "factor": steps.values(), "kwh_per_kwp": left})


def rules() -> pd.DataFrame:
    """Rules with their dates, one that has ended."""
    return pd.DataFrame(
        {
            "rule": ["River", "Permanent basic farmland", "Expressway", "Slope"],
            "since": ["2016-07-02", "2019-01-03", "2011-07-01", ""],
            "until": ["", "", "2018-01-01", ""],
            "value": [50.0, 0.0, 30.0, 25.0],
            "unit": ["m", "m", "m", "°"],
            "source": [
                "Flood Control Act, article 22, and the provincial measures for river courses",
                "Natural resources notice 1 of 2019",
                "Regulation on Highway Safety Protection, article 11",
                "Assumption: steeper ground is not built on",
            ],
            "forbids_mw": [412.5, 1_185.24, 0.0, 2.31],
        }
    )


def enterprises() -> pd.DataFrame:
    """Five that use much energy; of one the roofs are not known."""
    return pd.DataFrame(
        {
            "name": ["Weaving mill", "Chemical fibre works", "Paper mill", "Foundry", "Brewery"],
            "verdict": ["Found", "Found", "Found", "Not found", "Found"],
            "tce": [12_400.0, 88_000.0, 41_250.0, 6_020.0, 5_300.0],
            "electricity_mwh": [31_200.0, 240_500.0, 96_000.0, np.nan, 8_800.0],
            "mw": [4.21, 11.02, 6.4, np.nan, 2.75],
            "mwh": [4_391.8, 11_496.1, 6_676.5, np.nan, 2_868.8],
        }
    )


def tables() -> tuple[Table, ...]:
    """All that the result has."""
    missing = pd.DataFrame(
        {
            "zone": [examples.NAMES[n] for n in (1, 4)],
            "best_mw": [62.0, 71.3],
            "missing_mw": [38.0, 28.7],
            "closes": [
                "19.0 ha more of ground within 4,200 m, or 25.3 ha of roofs",
                "A crossing of the river, which parts two zones of 71.3 and 44.9 MW",
            ],
        }
    )
    lost = pd.DataFrame({"rule": ["Permanent basic farmland"], "lost_mw": [1_185.24]})
    parks = pd.DataFrame(
        {"park": ["East", "Port", "North"], "roofs": [41, 63, 22], "mw": [52.1, 33.3, 16.0],
         "sum_mw": [52.1, 85.4, 101.4]}
    )  # fmt: skip
    roofs = pd.DataFrame(
        {"kind": ["Park", "Village", "Public"], "roofs": [1204, 18_220, 431],
         "roof_m2": [6.2e6, 3.41e6, 0.52e6], "usable_m2": [4.3e6, 1.2e6, 0.26e6],
         "mw": [430.5, 160.2, 21.75]}
    )  # fmt: skip
    conflicts = pd.DataFrame(
        {"what": ["Planned green under panels", "Orchard under panels"], "area_m2": [2.1e5, 8.4e5],
         "mw": [12.6, 50.4]}
    )  # fmt: skip
    return (
        Table("zones", "Zones by rank", zones(), ZONES, "best"),
        Table("short", "Counties without a zone of 100 MW", missing,
              {"zone": "County", "best_mw": "Best", "missing_mw": "Missing",
               "closes": "What would close it"}),
        Table("then_now", "Legal capacity, 2017 and 2019", then_now(),
              {"zone": "County", "then_mw": "2017-12-31", "now_mw": "2019-12-31",
               "change_mw": "Change", "then_zone": "Zone then", "now_zone": "Zone now"}),
        Table("lost", "Legal in 2017 and not in 2019, by rule", lost,
              {"rule": "Rule", "lost_mw": "Capacity"}),
        Table("parks", "The fewest parks that make up 100 MW", parks,
              {"park": "Park", "roofs": "Roofs", "mw": "Capacity", "sum_mw": "In all"}),
        Table("roofs", "Roofs by kind", roofs,
              {"kind": "Kind", "roofs": "Roofs", "roof_m2": "Area", "usable_m2": "Usable",
               "mw": "Capacity"}),
        Table("losses", "From irradiation to yield", losses(),
              {"step": "Step", "factor": "Factor", "kwh_per_kwp": "Left"}),
        Table("enterprises", "Enterprises of 5,000 tce or more", enterprises(), ENTERPRISES,
              "enterprises"),
        Table("conflicts", "Conflicts with green", conflicts,
              {"what": "What", "area_m2": "Area", "mw": "Capacity"}),
        Table("rules", "Siting rules", rules(),
              {"rule": "Rule", "since": "Since", "until": "Until", "value": "Value",
               "unit": "Unit", "forbids_mw": "Forbids", "source": "Source"}),
    )  # fmt: skip
