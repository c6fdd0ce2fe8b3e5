"""The made-up city of `examples` with charging: expressways, and stations of three years."""

from __future__ import annotations

from dataclasses import replace

import examples
import geopandas as gpd
import numpy as np
import pandas as pd

from jxgis.results import (
    Drawing,
    Indicator,
    LedgerRow,
    Mark,
    Result,
    Scoreboard,
    Solution,
    Span,
    Strip,
    Table,
)

YEARS = (2017, 2018, 2019)
KINDS = {"Bus depot": 4, "City public": 9, "Intercity": 4, "Dispersed piles": 24}
SITED = sum(KINDS.values())


def strips() -> tuple[Strip, ...]:
    """Two long directions, one short, with crowded marks and stretches of all widths."""
    return (
        Strip(
            "g60-west",
            "G60 Shanghai\N{EN DASH}Kunming, towards Hangzhou",
            96_400.0,
            (
                Mark(2_100.0, "charging", "Fengjing"),
                Mark(30_500.0, "charging", "Jiaxing"),
                Mark(33_000.0, "bare", "Dayun"),
                Mark(64_000.0, "proposed", "2"),
                Mark(94_000.0, "bare", "Chang'an"),
            ),
            (
                Span(0.0, 2_100.0, "within", "2.1 km"),
                Span(2_100.0, 30_500.0, "within", "28.4 km"),
                Span(30_500.0, 96_400.0, "beyond", "65.9 km"),
            ),
        ),
        Strip(
            "g60-east",
            "G60 Shanghai\N{EN DASH}Kunming, towards Shanghai",
            96_400.0,
            (
                Mark(2_400.0, "bare", "Chang'an"),
                Mark(63_400.0, "bare", "Dayun"),
                Mark(65_900.0, "charging", "Jiaxing"),
                Mark(94_300.0, "charging", "Fengjing"),
            ),
            (
                Span(0.0, 65_900.0, "beyond", "65.9 km"),
                Span(65_900.0, 94_300.0, "within", "28.4 km"),
                Span(94_300.0, 96_400.0, "within", "2.1 km"),
            ),
        ),
        Strip(
            "s11",
            "S11 乍嘉苏高速公路, 往苏州方向",
            52_600.0,
            (
                Mark(20_900.0, "charging", "嘉兴服务区"),
                Mark(24_000.0, "bare", "七星服务区"),
                Mark(26_400.0, "bare", "新塍服务区"),
                Mark(28_000.0, "proposed", "1"),
            ),
            (
                Span(0.0, 20_900.0, "within", "20.9 km"),
                Span(20_900.0, 52_600.0, "within", "31.7 km"),
            ),
        ),
        Strip("s9", "S9 Access road", 6_200.0, (), (Span(0.0, 6_200.0, "beyond", "6.2 km"),)),
    )


def corridors() -> Result:
    """A result like that of charging.corridors."""
    rows = pd.DataFrame(
        {
            "direction": [s.title for s in strips()],
            "length_km": [s.length_m / 1000 for s in strips()],
            "longest_km": [65.9, 65.9, 31.7, 6.2],
            "posts": [8, 8, 4, 0],
        }
    )
    titles = ("Direction", "Length", "Longest stretch", "Posts")
    return Result(
        "charging.corridors",
        examples.DATE,
        examples.CRS,
        (
            Indicator("charging-longest-stretch", 65_900.0, "m", target=50_000.0, met=False,
                      sense="at_most", zone="G60"),
            Indicator("charging-additions", 2.0, "count"),
        ),
        pd.DataFrame(),
        (Drawing("zones", "Zones", "zones", examples.zones(), {"zone": "Zone"}),),
        tables=(Table("directions", "Directions", rows, dict(zip(rows, titles, strict=True))),),
        strips=strips(),
        solution=Solution(2.0, 2.0, 0.0, "optimal", 0),
    )  # fmt: skip


def sited() -> gpd.GeoDataFrame:
    """Stations of four kinds, spread over three years."""
    random = np.random.default_rng(5)
    seats = examples.SEATS[random.integers(0, len(examples.SEATS), SITED)]
    places = seats + random.normal(0, 3000, (SITED, 2))
    kinds = np.repeat(list(KINDS), list(KINDS.values()))
    years = np.concatenate([np.sort(np.arange(n) % 3) for n in KINDS.values()]) + YEARS[0]
    frame = gpd.GeoDataFrame(
        {
            "rank": np.arange(SITED) + 1,
            "name": [f"Place {n}" for n in range(SITED)],
            "kind": kinds,
            "year": years,
            "piles": np.where(kinds == "Dispersed piles", 12, 6),
            "power_kw": np.where(kinds == "Dispersed piles", 84.0, 720.0),
            "demand": np.sort(random.gamma(2.0, 700.0, SITED))[::-1],
            "cost": np.round(random.uniform(60, 400, SITED), 1),
        },
        geometry=gpd.points_from_xy(*places.T),
        crs=examples.CRS,
    )
    frame["group"] = [f"{k}, {y}" for k, y in zip(kinds, years, strict=True)]
    return frame


FIELDS = {
    "rank": "No.",
    "name": "Place",
    "kind": "Kind",
    "year": "Year",
    "piles": "Piles",
    "power_kw": "Power",
    "demand": "Demand served by it alone",
    "cost": "Cost",
}


def yield_curve() -> pd.DataFrame:
    """What more stations would serve, and what they could serve at most."""
    stations = np.arange(1, 25)
    share = 1 - 0.93 * np.exp(-stations / 9)
    best = np.minimum(share + 0.002 * stations**0.9, 1.0)
    return pd.DataFrame({"stations": stations, "share": share, "share_bound": best})


def plan(status: str = "time_limit") -> Result:
    """A result like that of charging.plan."""
    data = sited()
    gap = 0.0 if status == "optimal" else (0.8131 - 0.8042) / 0.8131
    bound = 0.8042 if status == "optimal" else 0.8131
    zones = examples.zones()
    by_zone = pd.DataFrame(zones.drop(columns="geometry")).assign(
        demand=[52_310.0, 40_120.5, 18_300.0, 17_950.0, 31_000.0, 21_500.0, 33_480.0],
        served_share=[0.91, 0.88, 0.62, 0.6, 0.83, 0.71, 0.8],
        piles=[90, 80, 20, 20, 40, 24, 38],
    )
    zones = zones.assign(share=by_zone["served_share"])
    titles = {"stations": "Stations", "share": "Share of the demand served"}
    return Result(
        "charging.plan",
        examples.DATE,
        examples.CRS,
        (
            Indicator("charging-served", 0.8042, "1", numerator=172_450.0, denominator=214_437.0,
                      params={"unit_of_parts": "vehicle"}),
            Indicator("charging-piles", 300.0, "pile", target=300.0, met=True),
        ),
        by_zone,
        (
            Drawing("zones", "Zones by demand served", "zones", zones,
                    {"zone": "Zone", "share": "Demand served"}, shade="share"),
            Drawing("stations", "Stations by kind and year", "sited", data, FIELDS, group="group"),
        ),
        (LedgerRow("assumed", "demand", 3, "two demands are worth the same", None),),
        tables=(
            Table("stations", "Stations in the order of building", pd.DataFrame(
                data.drop(columns=["geometry", "group"])), FIELDS, drawing="stations"),
            Table("more", "What more stations would serve", yield_curve(),
                  titles | {"share_bound": "At most possible"}, curve=("stations", "share"),
                  bound="share_bound"),
        ),
        solution=Solution(0.8042, bound, gap, status, 0),
        status="time_limit" if status == "time_limit" else "done",
    )  # fmt: skip


def scoreboard() -> Scoreboard:
    """A board with both results."""
    return replace(examples.scoreboard(50), results=(corridors(), plan()))
