"""The made-up city of `examples` with photovoltaics: legal land of two days, zones, roofs."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import examples
import geopandas as gpd
import numpy as np
import rasterio.features
import shapely
import solar_tables
from rasterio.transform import Affine

from jxgis.results import (
    Drawing,
    Indicator,
    InputFile,
    LedgerRow,
    Picture,
    Result,
    Scoreboard,
)

THEN, NOW = dt.date(2017, 12, 31), examples.DATE
GRID = "EPSG:4549"
LEGEND = {
    1: ("allowed_ground", "Allowed on the ground"),
    2: ("allowed_pond", "Allowed over ponds"),
    3: ("allowed_composite", "Allowed over crops"),
    4: ("roof", "Roof that can carry panels"),
    5: ("no_use", "Nothing is built there"),
    6: ("forbidden", "Forbidden"),
    7: ("forbidden", "Forbidden"),
    8: ("forbidden", "Forbidden"),
    9: ("forbidden", "Forbidden"),
}
RIVER = (
    "River: at least 50 m from its bank, since 2016-07-02 (Flood Control Act, article 22, and the"
    " provincial measures for the protection of river courses)"
)
FARMLAND = "Permanent basic farmland: no panels, since 2019-01-03 (natural resources notice 1)"
SLOPE = "Slope above 25°: no panels, always"
ANSWERS = {
    1: ("Bare land carries 60 W/m² (plan's own density)",),
    2: ("Fish ponds carry panels, since 2015-01-01",),
    3: ("Raised 2.5 m over crops, since 2018-06-01",),
    4: ("A park's flat roof: 0.70 of it is usable",),
    5: ("No rule gives this land a use for panels",),
    6: (RIVER,),
    7: (FARMLAND,),
    8: (RIVER, FARMLAND),
    9: (SLOPE, RIVER, FARMLAND),
}


def picture(cell: float = 250.0, day: dt.date = NOW) -> Picture:
    """What may be built where, on a day; farmland is forbidden from 2019 on."""
    city = shapely.union_all(examples.zones().geometry.to_numpy())
    west, south, east, north = (cell * round(v / cell) for v in city.bounds)
    columns, rows = int((east - west) / cell), int((north - south) / cell)
    transform = (cell, 0.0, west, 0.0, -cell, north)
    inside = rasterio.features.rasterize([city], (rows, columns), transform=Affine(*transform))
    random = np.random.default_rng(3)
    kinds = np.kron(random.choice([1, 2, 3, 5, 5, 7], (rows // 8 + 1, columns // 8 + 1)), _patch(8))
    fine = np.kron(random.random((rows // 3 + 1, columns // 3 + 1)), _patch(3))
    codes = np.where(fine[:rows, :columns] > 0.45, kinds[:rows, :columns], 5)
    codes = np.where(fine[:rows, :columns] > 0.97, 4, codes)
    v, u = np.mgrid[:rows, :columns]
    river = np.abs(v - rows / 2 - rows / 5 * np.sin(u / 25)) * cell < 900
    codes = np.where(river, np.where(codes == 7, 8, 6), codes)
    codes = np.where((u - 30) ** 2 + (v - 200) ** 2 < 400, 9, codes)
    if day < NOW:
        codes = np.where(codes == 7, 1, np.where(codes == 8, 6, codes))
    title = f"Where panels may be, as of {day}"
    name = f"legal_{day.year}"
    pixels = (codes * inside).astype(np.uint8)
    return Picture(name, title, pixels, GRID, transform, LEGEND, day == NOW, ANSWERS)


def _patch(side: int) -> np.ndarray:
    return np.ones((side, side), int)


def plots(n: int, size: float, seed: int) -> gpd.GeoSeries:
    """Compact zones near the seats, each of a few patches that stand apart."""
    random = np.random.default_rng(seed)
    shapes = []
    for k in range(n):
        centre = examples.SEATS[k % len(examples.SEATS)] + random.normal(0, 5000, 2)
        corners = centre + random.uniform(-size, size, (9, 2))
        blocks = [shapely.box(*c, *(c + random.uniform(300, 1100, 2))) for c in corners]
        shapes.append(shapely.union_all(blocks))
    return gpd.GeoSeries(shapes, crs=examples.CRS)


def best() -> gpd.GeoDataFrame:
    """The most compact zones of each county."""
    table = solar_tables.zones()
    return gpd.GeoDataFrame(table, geometry=plots(len(table), 1500, 4), crs=examples.CRS)


def roofs(n: int = 3000) -> gpd.GeoDataFrame:
    """Many roofs around the seats."""
    random = np.random.default_rng(8)
    places = examples.SEATS[random.integers(0, 7, n)] + random.normal(0, 2500, (n, 2))
    sides = random.uniform(12, 90, (n, 2))
    return gpd.GeoDataFrame(
        {
            "kind": random.choice(["Park", "Village", "Public"], n),
            "mw": sides.prod(axis=1) * 0.7 * 150 / 1e6,
            "roof_m2": sides.prod(axis=1),
            "mwh": sides.prod(axis=1) * 0.7 * 150 / 1e6 * 1043,
        },
        geometry=shapely.box(*places.T, *(places + sides).T),
        crs=examples.CRS,
    )


def enterprises() -> gpd.GeoDataFrame:
    """Those that use much energy, and what their roofs could carry of it."""
    table = solar_tables.enterprises()
    places = examples.SEATS[: len(table)] + np.array([1800.0, -1500.0])
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(*places.T), crs=examples.CRS)


def drawings() -> tuple[Drawing, ...]:
    counties = examples.zones().merge(solar_tables.by_zone(), on=["zone_id", "zone"])
    runners = plots(12, 2600, 9).to_frame("geometry")
    runners = runners.assign(zone=[examples.NAMES[n % 7] for n in range(12)], mw=101.3, score=0.41)
    substations = gpd.GeoDataFrame(
        {"name": [f"Substation {n}" for n in range(7)], "spare_kw": 63_000.0},
        geometry=gpd.points_from_xy(*(examples.SEATS + 900).T),
        crs=examples.CRS,
    )
    return (
        Drawing("counties", "Counties", "zones", counties, solar_tables.BY_ZONE),
        Drawing("best", "Zones of 100 MW", "best", best(), solar_tables.ZONES),
        Drawing(
            "runners", "Other zones", "runner_up", runners,
            {"zone": "County", "mw": "Capacity", "score": "Score"}, shown=False,
        ),
        Drawing(
            "roofs", "Roofs", "roofs", roofs(),
            {"kind": "Kind", "mw": "Capacity", "roof_m2": "Roof", "mwh": "Yield in a year"},
            shown=False,
        ),
        Drawing(
            "enterprises", "Enterprises", "sited", enterprises(), solar_tables.ENTERPRISES,
            group="verdict",
        ),
        Drawing(
            "substations", "Substations", "points", substations,
            {"name": "Substation", "spare_kw": "Spare power"}, shown=False,
        ),
    )  # fmt: skip


def indicators() -> tuple[Indicator, ...]:
    """Counties, megawatts of both days and by form, and the yield with its interval."""
    by_form = {"roof": 612.45, "ground": 1_204.0, "pond": 388.81, "composite": 0.0}
    return (
        Indicator("solar-zones", 5.0, "county", numerator=5, denominator=7, target=7.0,
                  met=False, params={"need_mw": 100.0}),
        Indicator("solar-mw", 2_205.26, "MW", params={"day": NOW.isoformat()}),
        Indicator("solar-mw-then", 3_390.5, "MW", params={"day": THEN.isoformat()},
                  beside="solar-mw"),
        *(Indicator(f"solar-{form}-mw", mw, "MW") for form, mw in by_form.items()),
        Indicator("solar-mwh", 2_300_086.4, "MWh", low=2_105_000.0, high=2_480_000.0,
                  params={"level": 0.9}),
        Indicator("solar-kwh-per-kwp", 1_043.2, "kWh/kWp", low=954.5, high=1_124.6,
                  params={"level": 0.9}),
    )  # fmt: skip


def zones(cell: float = 250.0) -> Result:
    """A result like that of solar.zones."""
    return Result(
        "solar.zones",
        NOW,
        examples.CRS,
        indicators(),
        solar_tables.by_zone(),
        drawings(),
        (
            LedgerRow("excluded", "land", 214, "land of classes that no rule names: 3.2 km²", None),
            LedgerRow("assumed", "weather", 1, "no irradiation is given: 1,210 kWh/m² a year"),
            LedgerRow("suspected", "buildings", 12, "heights of 0 or 999 m are not used", None),
        ),
        (InputFile("land.gpkg", "ab" * 32, 2140, "EPSG:4490", "land", NOW, "© 嘉兴"),),
        {
            "solar.density.ground": {"value": 60.0, "source": "the plan's own"},
            "solar.exclude.river": {"value": 50.0, "source": "Flood Control Act, article 22"},
        },
        solar_tables.tables(),
        (picture(cell), picture(cell, THEN)),
    )


def scoreboard(cell: float = 250.0) -> Scoreboard:
    """A board with the result."""
    return replace(examples.scoreboard(50), results=(zones(cell),))


def answer(code: int) -> tuple[str, ...]:
    """All that a click on a cell of this code says: the legend's label, and the reasons."""
    return (LEGEND[code][1], *ANSWERS[code])
