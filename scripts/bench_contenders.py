"""The same question put to several tools: how much of the built-up area is near a stop.

Near is 300 m and 500 m, as the regulation asks. Each contender is a function from a folder to
square metres: what 300 m cover, what 500 m cover, the built-up area. It goes all the way from the
files to a table by district. The modules it needs are named, to be imported before it is asked,
so that the cost of importing can be told from the cost of measuring.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import bench_postgis

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

RADII = (300.0, 500.0)


@dataclass(frozen=True)
class Answer:
    """Square metres, and what a server beside the process used to find them."""

    areas: list[float]
    server_s: float = 0.0
    server_mb: float = 0.0


@dataclass(frozen=True)
class Contender:
    """A tool, and how it is asked.

    Attributes
    ----------
    title
        Its name in the table.
    ask
        The question.
    modules
        What `ask` imports, heavy modules that are imported late among them.
    ready
        What must be running while it is asked, off the clock.
    lacks
        Says what is not installed, where something is not.
    """

    title: str
    ask: Callable[[Path], Answer]
    modules: tuple[str, ...]
    ready: Callable[[Path], AbstractContextManager[None]] = lambda _city: nullcontext()
    lacks: Callable[[], str] = lambda: ""


def jxgis(folder: Path, *, drawings: bool = False) -> Answer:
    """Measure with this package: read, check and repair, measure exactly."""
    import pyproj

    from jxgis.layers import prepare
    from jxgis.rules import Rules
    from jxgis.sources import read
    from jxgis.spec import LayerSpec
    from jxgis.transit.coverage import Ask, coverage

    layers = {}
    for name in ("stops", "built_up", "zones"):
        spec = LayerSpec(name, name, folder, path=f"{name}.gpkg")
        layers[name] = prepare(read(spec), spec, pyproj.CRS("EPSG:4549"))
    asks = [Ask(f"coverage-{radius:g}", radius) for radius in RADII]
    found = coverage(layers, asks, rules=Rules(), drawings=drawings).indicators
    return Answer([*(i.numerator or 0.0 for i in found), found[0].denominator or 0.0])


def jxgis_drawn(folder: Path) -> Answer:
    """Measure with this package and make the layers of the map, too."""
    return jxgis(folder, drawings=True)


def geopandas_default(folder: Path) -> Answer:
    """Do as most tutorials do: buffer, one union of all, overlay, overlay with the districts."""
    import geopandas as gpd

    stops, built_up, zones = (
        gpd.read_file(folder / f"{name}.gpkg") for name in ("stops", "built_up", "zones")
    )
    answer = []
    for radius in RADII:
        union = gpd.GeoDataFrame(geometry=[stops.buffer(radius).union_all()], crs=stops.crs)
        covered = gpd.overlay(built_up, union, how="intersection")
        _by_zone(covered, zones)
        answer.append(covered.area.sum())
    _by_zone(built_up, zones)
    return Answer([*answer, built_up.area.sum()])


def geopandas_nearby(folder: Path) -> Answer:
    """Do as an expert does: cut each built-up polygon with the union of the buffers near it."""
    import geopandas as gpd
    import numpy as np
    import shapely

    stops, built_up, zones = (
        gpd.read_file(folder / f"{name}.gpkg") for name in ("stops", "built_up", "zones")
    )
    polygons = built_up.geometry.to_numpy()
    answer = []
    for radius in RADII:
        discs = stops.buffer(radius).to_numpy()
        polygon, disc = shapely.STRtree(discs).query(polygons, predicate="intersects")
        first = np.flatnonzero(np.diff(polygon, prepend=-1))
        pieces = [
            shapely.intersection(polygons[i], shapely.union_all(discs[own]))
            for i, own in zip(polygon[first], np.split(disc, first[1:]), strict=True)
        ]
        covered = gpd.GeoDataFrame(geometry=pieces, crs=stops.crs)
        _by_zone(covered, zones)
        answer.append(covered.area.sum())
    _by_zone(built_up, zones)
    return Answer([*answer, built_up.area.sum()])


def _by_zone(areas: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> pd.Series:
    import geopandas as gpd

    parts = gpd.overlay(areas[["geometry"]], zones[["zone_id", "geometry"]], how="intersection")
    return parts.area.groupby(parts["zone_id"]).sum()


def sedonadb_nearby(folder: Path) -> Answer:
    """Ask SedonaDB, each built-up polygon with the union of the buffers near it."""
    import geopandas as gpd
    import sedonadb  # not among the dependencies

    db = sedonadb.connect()
    for name in ("stops", "built_up", "zones"):
        db.create_data_frame(gpd.read_file(folder / f"{name}.gpkg")).to_view(name)

    def area(sql: str) -> float:
        return float(db.sql(sql).to_pandas().iloc[0, 0])

    answer = []
    for radius in RADII:
        steps = {
            "disc": f"select st_buffer(geometry, {radius}) g from stops",  # noqa: S608 - our own
            "near": "select b.id, st_union_agg(d.g) g from built_up b "
            "join disc d on st_intersects(b.geometry, d.g) group by b.id",
            "covered": "select st_intersection(b.geometry, n.g) g from built_up b "
            "join near n on b.id = n.id",
            "by_zone": "select z.zone_id, sum(st_area(st_intersection(c.g, z.geometry))) a "
            "from covered c join zones z on st_intersects(c.g, z.geometry) group by z.zone_id",
        }
        for name, sql in steps.items():
            db.sql(sql).to_memtable().to_view(name, overwrite=True)
        answer.append(area("select sum(st_area(g)) from covered"))
    return Answer([*answer, area("select sum(st_area(geometry)) from built_up")])


def postgis_nearby(folder: Path) -> Answer:
    """Ask PostGIS, each built-up polygon with the union of the buffers near it."""
    return Answer(*bench_postgis.ask(folder, RADII))


def _missing(*packages: str) -> Callable[[], str]:
    def lacks() -> str:
        return ", ".join(p for p in packages if not importlib.util.find_spec(p))

    return lacks


def _postgis_missing() -> str:
    server = "" if bench_postgis.binaries() else "PostgreSQL with PostGIS"
    return server or _missing("psycopg", "psutil")()


_JXGIS = (
    *("pyproj", "jxgis.sources.files", "jxgis.layers", "jxgis.cleaning.columns"),
    *("jxgis.cleaning.geometry", "jxgis.cleaning.positions", "jxgis.rules", "jxgis.spec"),
    *("jxgis.transit.coverage", "scipy.sparse.csgraph"),
)
_GEOPANDAS = ("geopandas", "pyogrio")

CONTENDERS = {
    "jxgis": Contender("jxgis", jxgis, _JXGIS),
    "jxgis-drawn": Contender("jxgis with drawings", jxgis_drawn, _JXGIS),
    "geopandas": Contender("GeoPandas, one union", geopandas_default, _GEOPANDAS),
    "geopandas-nearby": Contender("GeoPandas, nearby unions", geopandas_nearby, _GEOPANDAS),
    "sedonadb-nearby": Contender(
        "SedonaDB, nearby unions",
        sedonadb_nearby,
        (*_GEOPANDAS, "sedonadb", "pyarrow"),
        lacks=_missing("sedonadb"),
    ),
    "postgis-nearby": Contender(
        "PostGIS, nearby unions",
        postgis_nearby,
        ("psycopg", "psutil"),
        ready=bench_postgis.loaded,
        lacks=_postgis_missing,
    ),
}
