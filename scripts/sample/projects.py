"""Invented projects that the counted targets count: some reach their target, some do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from sample.blocks import Town
from sample.frame import FloatArray, Table, metres, rng
from sample.places import SERVICE_AREAS

_ASIDE_M = 45.0


@dataclass(frozen=True)
class Batch:
    """Projects of one target: how many, and the amounts that are dealt out to them."""

    target: str
    count: int
    amounts: tuple[int, int] = (1, 1)


BATCHES = (
    Batch("charging-bus", 3),
    Batch("charging-city", 4),
    Batch("charging-intercity", 1),
    Batch("charging-piles", 24, (4, 16)),
    Batch("pv-new", 36, (6, 26)),
    Batch("pv-enterprise", 18),
    Batch("plain-greening", 30, (50, 140)),
    Batch("park-green", 14, (3, 10)),
    Batch("forest-city.cities", 2),
    Batch("forest-city.towns", 4),
    Batch("sub-metering", 16),
    Batch("carbon-audit", 5),
)
PV_ZONES_MW = {
    "330402": (62, 45),
    "330411": (110,),
    "330421": (58, 30),
    "330424": (130,),
    "330481": (74, 41),
    "330482": (102,),
    "330483": (55, 25),
}
PILOTS = {
    "330402": 2,
    "330411": 1,
    "330421": 1,
    "330424": 0,
    "330481": 2,
    "330482": 1,
    "330483": 1,
}
"""County to its low-carbon pilots: one has none yet."""


def site_table(towns: Sequence[Town], counties: Mapping[str, shapely.Polygon]) -> Table:
    """Return the layer ``sites``: ``target``, ``name``, ``amount`` and ``completed``.

    ``amount`` is in the target's unit: piles, MW or ha; 1 where projects are only counted.
    """
    random = rng(14)
    places = _positions(towns)
    highway = np.array([metres(lon, lat) for _, lon, lat, _ in SERVICE_AREAS])
    homes = {
        code: places[shapely.covers(county.buffer(-2 * _ASIDE_M), shapely.points(places))]
        for code, county in counties.items()
    }
    rows: list[tuple[str, int, FloatArray]] = []
    for batch in BATCHES:
        amounts = random.integers(*batch.amounts, size=batch.count, endpoint=True).tolist()
        where = highway if batch.target == "charging-intercity" else places
        rows += [(batch.target, n, where[random.integers(len(where))]) for n in amounts]
    for code, home in homes.items():
        kinds = [("pv-zone", mw) for mw in PV_ZONES_MW[code]]
        kinds += [("near-zero-pilot", 1)] * PILOTS[code]
        rows += [(target, n, home[random.integers(len(home))]) for target, n in kinds]
    aside = _ASIDE_M * (2.0 * random.random((len(rows), 2)) - 1.0)
    points = np.round(np.array([row[2] for row in rows]) + aside, 2)
    offsets = random.integers(0, 730, size=len(rows))
    completed = np.datetime64("2018-01-01") + offsets.astype("timedelta64[D]")
    names = [f"示例项目 {i + 1:03d}" for i in range(len(rows))]
    return Table(
        "sites",
        list(shapely.points(points)),
        {
            "target": np.array([r[0] for r in rows], dtype=object),
            "name": np.array(names, dtype=object),
            "amount": np.array([r[1] for r in rows], dtype=np.int32),
            "completed": completed,
        },
    )


def _positions(towns: Sequence[Town]) -> FloatArray:
    blocks = np.concatenate([town.blocks[town.built & (town.park < 0)] for town in towns])
    points: FloatArray = shapely.get_coordinates(shapely.centroid(blocks))
    return points
