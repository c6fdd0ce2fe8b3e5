"""Made-up cities of any size for `bench.py`: built-up areas with holes, districts, stops.

The same size always gives the same city. Stops stand in pairs along roads, denser here than
there, with duplicates (several lines at one pole) and some outside the built-up area.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

CRS = "EPSG:4549"
ORIGIN = (480_000.0, 3_330_000.0)
STOPS_PER_KM2 = 20.8
KM2_PER_POLYGON = 4.0
BUILT_UP_SHARE = 0.49
QUARTER_M = 1600.0
SEED = 20240611


def make_city(folder: Path, stops: int) -> None:
    """Write ``stops.gpkg``, ``built_up.gpkg`` and ``zones.gpkg`` to a folder."""
    rng = np.random.default_rng([SEED, stops])
    built_up_km2 = stops / STOPS_PER_KM2
    extent = 1000 * np.sqrt(built_up_km2 / BUILT_UP_SHARE)
    polygons = _built_up(rng, max(int(built_up_km2 / KM2_PER_POLYGON), 4), extent)
    zones = _zones(rng, int(np.clip(stops**0.25, 4, 24)), extent)
    points = _stops(rng, stops, polygons, extent)
    folder.mkdir(parents=True, exist_ok=True)
    tables = {
        "built_up": gpd.GeoDataFrame({"id": range(len(polygons))}, geometry=polygons),
        "zones": gpd.GeoDataFrame(
            {
                "zone_id": [f"Z{i:03d}" for i in range(len(zones))],
                "zone": [f"District {i}" for i in range(len(zones))],
            },
            geometry=zones,
        ),
        "stops": gpd.GeoDataFrame(
            {"stop_id": [str(i) for i in range(stops)]}, geometry=shapely.points(points)
        ),
    }
    for name, table in tables.items():
        table.geometry = table.translate(*ORIGIN)
        table.set_crs(CRS).to_file(folder / f"{name}.gpkg", layer=name)


def blob(rng: np.random.Generator, points: int) -> np.ndarray:
    """Return a closed wavy outline around the origin, of radius about 1."""
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    radius = np.ones(points)
    for k in range(2, 9):
        radius += rng.normal(0, 0.22 / k) * np.cos(k * angle + rng.uniform(0, 2 * np.pi))
    radius = np.clip(radius, 0.4, 1.35) * rng.uniform(0.97, 1.03, points)
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])


def _built_up(rng: np.random.Generator, n: int, extent: float) -> np.ndarray:
    """Return blobs with holes, one to a cell of a grid: disjoint."""
    columns = int(np.ceil(np.sqrt(n)))
    cell = extent / columns
    polygons = []
    for k in range(n):
        shell = blob(rng, int(rng.integers(250, 700)))
        shell *= 0.49 * cell / np.abs(shell).max()
        reach = np.hypot(*shell.T).min()
        turn = rng.uniform(0, 2 * np.pi)
        holes = [  # each in a sector of its own, so that none meet
            blob(rng, int(rng.integers(20, 60))) * 0.1 * reach
            + 0.55 * reach * np.array([np.cos(turn + h), np.sin(turn + h)])
            for h in np.arange(int(rng.integers(2, 7))) * np.pi / 3
        ]
        centre = (np.array(divmod(k, columns)) + 0.5) * cell
        polygons.append(shapely.Polygon(shell + centre, [h + centre for h in holes]))
    return np.array(polygons)


def _zones(rng: np.random.Generator, n: int, extent: float) -> np.ndarray:
    """Return districts that fill the extent, with winding borders that they share."""
    seeds = shapely.MultiPoint(rng.uniform(0.05, 0.95, (n, 2)) * extent)
    box = shapely.box(0, 0, extent, extent)
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=box.buffer(extent)))
    lines = shapely.union_all(shapely.boundary(shapely.intersection(cells, box)))

    def wind(points: np.ndarray) -> np.ndarray:
        x, y = points.T / extent * 2 * np.pi
        shift = 0.006 * extent * np.column_stack([np.sin(6 * x + 11 * y), np.sin(9 * y - 7 * x)])
        return points + shift * (np.sin(x / 2) * np.sin(y / 2))[:, None]  # not at the outer edge

    lines = shapely.union_all(shapely.transform(shapely.segmentize(lines, 120.0), wind))
    return shapely.get_parts(shapely.polygonize([lines]))


def _stops(rng: np.random.Generator, n: int, polygons: np.ndarray, extent: float) -> np.ndarray:
    """Return stops of which some 8 % are outside and some 15 % repeat another one."""
    cells = int(np.ceil(extent / QUARTER_M))
    density = np.exp(rng.normal(0, 1, (cells, cells)))
    bounds = shapely.bounds(polygons)
    poles = np.empty((0, 2))
    while len(poles) < n:
        own = rng.integers(0, len(polygons), 4 * n)
        low, high = bounds[own, :2], bounds[own, 2:]
        tried = low + rng.random((4 * n, 2)) * (high - low)
        inside = shapely.contains_xy(polygons[own], tried[:, 0], tried[:, 1])
        where = np.clip((tried / QUARTER_M).astype(int), 0, cells - 1)
        dense = rng.random(4 * n) < density[where[:, 0], where[:, 1]] / 6
        poles = np.concatenate([poles, tried[dense & (inside | (rng.random(4 * n) < 0.2))]])
    poles = poles[: int(0.62 * n)]
    across = poles[rng.random(len(poles)) < 0.4]
    across = across + rng.normal(0, 30, across.shape)
    again = poles[rng.integers(0, len(poles), n - len(poles) - len(across))]
    stops = np.round(np.concatenate([poles, across, again]), 3)
    return rng.permutation(stops)[:n]
