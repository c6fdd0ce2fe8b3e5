"""The made-up city of `examples` in green: cells, zones, an interval, and the four rates."""

from __future__ import annotations

from dataclasses import replace

import examples
import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio.features
import shapely
from rasterio.transform import Affine

from jxgis.results import (
    Drawing,
    Indicator,
    InputFile,
    LedgerRow,
    Picture,
    Result,
    Scoreboard,
    Table,
)

UTM = "EPSG:32651"
MU = 15 / 1e4
CLASSES = ("tree", "shrub", "grass", "crop", "built", "bare", "water")
LEGEND = {1: ("green", "Green"), 2: ("not_green", "Not green"), 3: ("unseen", "Not seen")}


def built_up() -> gpd.GeoDataFrame:
    """Discs around the seats of the zones."""
    sizes = np.array([6200, 4800, 3600, 3400, 4200, 3300, 4400])
    discs = shapely.buffer(shapely.points(examples.SEATS), sizes, quad_segs=6)
    return gpd.GeoDataFrame(geometry=[shapely.union_all(discs)], crs=examples.CRS)


def picture(cell: float = 60.0, name: str = "green") -> Picture:
    """Green, not green and not seen in the built-up area, on a grid that stands askew to it."""
    area = built_up().to_crs(UTM)
    west, _south, _east, north = area.total_bounds
    columns, rows = (int(n // cell) + 1 for n in area.total_bounds[2:] - area.total_bounds[:2])
    transform = (cell, 0.0, float(west), 0.0, -cell, float(north))
    inside = rasterio.features.rasterize(
        area.geometry, (rows, columns), transform=Affine(*transform), dtype="uint8"
    )
    random = np.random.default_rng(11)
    coarse = random.random((rows // 6 + 2, columns // 6 + 2))
    field = np.kron(coarse, np.ones((6, 6)))[:rows, :columns] + random.random((rows, columns))
    cloud = np.kron(random.random((rows // 40 + 2, columns // 40 + 2)), np.ones((40, 40)))
    codes = np.where(field > 1.1, 1, 2)
    codes = np.where(cloud[:rows, :columns] > 0.93, 3, codes)
    return Picture(name, "Green cover", (codes * inside).astype(np.uint8), UTM, transform, LEGEND)


def change(cell: float = 120.0) -> Picture:
    """What was gained and lost between two dates, switched off."""
    codes = picture(cell)
    pixels = np.where(
        codes.pixels > 0, 1 + np.arange(codes.pixels.size).reshape(codes.pixels.shape) % 5, 0
    )
    pixels = np.where(pixels > 3, 4, pixels).astype(np.uint8)
    legend = {
        1: ("gained", "Gained"),
        2: ("lost", "Lost"),
        3: ("kept", "Green before and after"),
        4: ("not_green", "Not green"),
    }
    title = "Green gained and lost"
    return replace(codes, name="change", title=title, pixels=pixels, legend=legend, shown=False)


def by_zone() -> pd.DataFrame:
    """As green.cover gives it; the last zone was not seen at all."""
    area = np.array([120.7, 72.4, 40.7, 36.3, 55.4, 34.2, 60.8]) * 1e6
    seen = np.array([0.83, 1.0, 0.97, 0.998, 1.0, 1.0, 0.0])
    share = np.array([0.412, 0.383, 0.275, 0.351, 0.402, 0.298, np.nan])
    green = share * seen * area
    return pd.DataFrame(
        {
            "zone_id": examples.CODES,
            "zone": examples.NAMES,
            "area_m2": area,
            "seen_area_m2": seen * area,
            "seen_share": seen,
            "green_area_m2": green,
            "green_ha": green / 1e4,
            "green_mu": green * MU,
            "green_share": share,
        }
    )


def indicators() -> tuple[Indicator, ...]:
    """The share with its interval, held against a target."""
    return (
        Indicator(
            "green-built-up",
            0.3824,
            "1",
            low=0.3689,
            high=0.3959,
            numerator=160.7e6,
            denominator=420.2e6,
            params={"level": 0.95, "seen_share": 0.8349, "points": 612},
            target=0.41,
            met=False,
            probability=0.0003,
        ),
    )


def tables() -> tuple[Table, ...]:
    """The four rates beside each other, and the classes of the map against the reference."""
    rates = pd.DataFrame(
        {
            "rate": ["Green cover", "Green-land rate", "Tree cover", "Forest rate"],
            "share": [0.3824, np.nan, 0.2127, 0.1266],
            "counts": [
                "all vegetation, roofs and single trees too",
                "parcels of green land",
                "tree canopy, wherever it stands",
                "patches of trees of at least 1 mu",
            ],
            "of": ["the built-up area", "the built-up area", "all zones", "all zones"],
            "area_ha": [16070.4, np.nan, 84212.6, 50123.4],
            "area_mu": [16070.4 * 15, np.nan, 84212.6 * 15, 50123.4 * 15],
            "of_ha": [42020.1, 42020.1, 395912.0, 395912.0],
        }
    )
    titles = ("Rate", "Share", "Counts", "Of", "Area", "Area in mu", "Of which area")
    random = np.random.default_rng(2)
    counts = random.integers(0, 40, (len(CLASSES), len(CLASSES))) + np.diag([1200] * len(CLASSES))
    matrix = pd.DataFrame(counts, columns=list(CLASSES))
    matrix.insert(0, "class", list(CLASSES))
    matrix["total"] = counts.sum(axis=1)
    return (
        Table("rates", "Four rates of one city", rates, dict(zip(rates, titles, strict=True)),
              note="Each has its own numerator and its own denominator; none stands for another."),
        Table("confusion", "The map against the reference sample", matrix,
              {c: c.capitalize() for c in matrix}),
    )  # fmt: skip


def result(cell: float = 60.0) -> Result:
    """A result like that of green.cover."""
    frame = by_zone()
    zones = examples.zones().merge(frame.drop(columns="zone"), on="zone_id")
    fields = {
        "zone": "Zone",
        "green_share": "Green share",
        "green_ha": "Green",
        "green_mu": "Green, mu",
        "seen_share": "Seen",
    }
    return Result(
        "green.cover",
        examples.DATE,
        examples.CRS,
        indicators(),
        frame,
        (
            Drawing("zones", "Zones by green share", "zones", zones, fields, shade="green_share"),
            Drawing("built_up", "Built-up area", "area", built_up()),
        ),
        (LedgerRow("excluded", "imagery", 62_340, "cells under cloud or its shadow", -0.0031),),
        (
            InputFile("imagery/S2A_T51RTQ_20191104.tif", "ab" * 32, 1, UTM, "imagery"),
            InputFile("shapefiles/built_up.shp", "cd" * 32, 7, "EPSG:4549", "built_up"),
        ),
        {"green.ndvi_above": {"value": 0.4, "source": "of the plan"}},
        tables(),
        (picture(cell), change(2 * cell)),
    )


def scoreboard(cell: float = 60.0) -> Scoreboard:
    """A board whose map is of this result."""
    own = result(cell)
    return replace(examples.scoreboard(50), results=(own,))
