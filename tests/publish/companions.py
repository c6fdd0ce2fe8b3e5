# ruff: noqa: E501 - tables are read by their columns
"""The made-up city of `examples`, asked otherwise: people and walking, gaps, proposed stops."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import examples
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from jxgis.results import Drawing, Indicator, Result, Scoreboard, Table

CRS = examples.CRS
GAPS, PROPOSED = 23, 30

# of, by, departures an hour, share, half of its interval
ASKED = (
    ("area", "straight", 4, 0.8312, 0.004),
    ("streets", "walking", None, 0.8120, 0.006),
    ("near_streets", "walking", None, 0.8477, 0.006),
    ("people", "straight", None, 0.9766, 0.012),
    ("people", "walking", None, 0.9150, 0.021),
    ("jobs", "straight", None, 0.9533, 0.015),
)


def result(n: int = 800) -> Result:
    """Two radii with companions, gaps and proposals of the first, and what they gain and lose."""
    plain = examples.coverage(n)
    indicators = []
    for indicator, value, target in zip(
        plain.indicators, (0.9512, 0.7911), (0.96, 0.77), strict=True
    ):
        radius = indicator.params["radius_m"]
        whole = indicator.denominator
        params = {"radius_m": radius, "of": "area", "by": "straight"}
        main = replace(
            indicator,
            value=value,
            low=value - 0.0014,
            high=value + 0.0013,
            numerator=value * whole,
            params=params,
            target=target,
            met=value >= target,
            probability=0.0004 if value < target else 0.83,
        )
        indicators += [main, *_companions(main, radius, value - 0.9512)]
    proposals = _proposals()
    gaps = _gaps()
    drawings = (
        *plain.layers,
        Drawing("reached_500", "Streets within 500 m on foot", "reached", _streets(), shown=False, tolerance_m=0.0),
        Drawing("gaps_500", "Gaps within 500 m, by people", "gaps", gaps, GAP_FIELDS, shown=False),
        Drawing("gained_500", "Gained by the proposed stops", "gained", _discs(proposals, 500), shown=False),
        Drawing("lost_500", "Lost without the night services", "lost", _discs(proposals.tail(4), 900), shown=False),
        Drawing("proposed_500", "Proposed stops, 500 m", "proposed", proposals, PROPOSAL_FIELDS),
    )  # fmt: skip
    tables = (
        Table(
            "gaps_500",
            "Where people are farther than 500 m from a stop",
            pd.DataFrame(gaps.drop(columns="geometry")),
            GAP_FIELDS,
            drawing="gaps_500",
            note="Connected pieces of built-up area that no stop reaches, most people first.",
        ),
        Table(
            "proposed_500",
            "Stops that would close the gap, in the order of building",
            pd.DataFrame(proposals.drop(columns="geometry")),
            PROPOSAL_FIELDS,
            drawing="proposed_500",
            curve=("rank", "share_after"),
            note="Each stands on a street, and each is the one that gains most after those before it.",
        ),
    )
    return replace(plain, indicators=tuple(indicators), layers=drawings, tables=tables)


GAP_FIELDS = {
    "rank": "No.",
    "zone": "Zone",
    "area_m2": "Area",
    "people": "People",
    "nearest_stop_m": "To the nearest stop",
    "gain_share": "If closed",
}
PROPOSAL_FIELDS = {
    "rank": "No.",
    "street": "Street",
    "gain_area_m2": "Newly covered",
    "people": "People",
    "share_after": "Share of the area covered after it",
    "gain_share": "Gain",
}


def scoreboard() -> Scoreboard:
    """A board whose map is of this result."""
    return replace(examples.scoreboard(50), results=(result(),))


def hostile() -> Scoreboard:
    """The board with tables and drawings whose every text tries to be a script."""
    board = scoreboard()
    own = board.results[0]
    tables = tuple(
        replace(
            t,
            title=f"{t.title}{examples.END}",
            note=examples.IMAGE,
            fields={c: f"{n} {examples.IMAGE}" for c, n in t.fields.items()},
            data=t.data.assign(rank=[f"{examples.QUOTE}{i}" for i in range(len(t.data))]),
        )
        for t in own.tables
    )
    layers = tuple(
        replace(
            d,
            title=f"{d.title}{examples.IMAGE}",
            fields={c: f"{n} {examples.IMAGE}" for c, n in d.fields.items()},
            data=d.data.assign(rank=[f"{examples.IMAGE}{i}" for i in range(len(d.data))]),
        )
        for d in own.layers
    )
    return replace(board, results=(replace(own, tables=tables, layers=layers),))


def _companions(main: Indicator, radius: float, shift: float) -> list[Indicator]:
    made = []
    for of, by, departures, share, half in ASKED:
        value = share + shift
        whole = {"people": 1_234_567.0, "jobs": 512_340.0}.get(of, 4e8)
        params = {"radius_m": radius, "of": of, "by": by}
        if departures:
            params["departures_per_hour"] = departures
        made.append(
            Indicator(
                f"{main.id}-{of}-{by}-{departures}",
                value,
                "1",
                low=value - half,
                high=min(1.0, value + half),
                numerator=round(value * whole),
                denominator=whole,
                params=params,
                beside=main.id,
            )
        )
    return made


def _gaps() -> gpd.GeoDataFrame:
    random = np.random.default_rng(3)
    seat = np.arange(GAPS) % len(examples.SEATS)
    places = examples.SEATS[seat] + random.normal(0, 2600, (GAPS, 2))
    turns = np.linspace(0, 2 * np.pi, 9)[:-1]
    shapes = [
        shapely.Polygon(np.column_stack([np.cos(turns), np.sin(turns)]) * random.uniform(150, 620, (8, 1)) + p)
        for p in places
    ]  # fmt: skip
    people = np.sort(random.integers(80, 9000, GAPS))[::-1].astype(float)
    people[-1] = np.nan
    return gpd.GeoDataFrame(
        {
            "rank": np.arange(1, GAPS + 1),
            "zone": [examples.NAMES[s] for s in seat],
            "area_m2": shapely.area(shapes),
            "people": people,
            "nearest_stop_m": random.uniform(500, 1900, GAPS),
            "gain_share": people / 2e6,
        },
        geometry=shapes,
        crs=CRS,
    )


def _proposals() -> gpd.GeoDataFrame:
    random = np.random.default_rng(5)
    seat = np.arange(PROPOSED) % len(examples.SEATS)
    places = examples.SEATS[seat] + random.normal(0, 3000, (PROPOSED, 2))
    gain = 0.0022 * np.exp(-np.arange(PROPOSED) / 14)
    return gpd.GeoDataFrame(
        {
            "rank": np.arange(1, PROPOSED + 1),
            "street": [f"{examples.NAMES[s][:2]}路" for s in seat],
            "gain_area_m2": gain * 4e8,
            "people": np.round(gain * 1.2e6),
            "share_after": 0.9512 + np.cumsum(gain),
            "gain_share": gain,
            "target_share": 0.96,
        },
        geometry=gpd.points_from_xy(*places.T),
        crs=CRS,
    )


def _discs(points: gpd.GeoDataFrame, radius: float) -> gpd.GeoDataFrame:
    shape = shapely.union_all(shapely.buffer(points.geometry.to_numpy(), radius))
    return gpd.GeoDataFrame(geometry=[shape], crs=CRS)


def _streets() -> gpd.GeoDataFrame:
    """Cut at every crossing, as networks are."""
    lines = []
    for x, y in examples.SEATS:
        steps = np.arange(-3000, 3001, 300)
        for s in steps:
            across = np.column_stack([x + steps, np.full(len(steps), y + s)])
            up = np.column_stack([np.full(len(steps), x + s), y + steps])
            for line in (across, up):
                lines += [shapely.LineString(pair) for pair in pairwise(line)]
    return gpd.GeoDataFrame(geometry=[shapely.MultiLineString(lines)], crs=CRS)
