"""A made-up region for benchmarks of land: ten layers that forbid, land to forbid it on, a plan.

Fields lie edge to edge, as in a survey of land use; rivers and woods lie across them, as they do
where layers come from several hands. Everything reaches a kilometre beyond the counties.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Shapes = NDArray[np.object_]

SEED = 20261125
CRS = "EPSG:4549"
WEST, SOUTH = 600_000.0, 3_370_000.0
MARGIN_M = 1_000.0
CELL_M, DEM_M = 10.0, 30.0
FIELD_M = 400.0
# For each square kilometre.
BUILDINGS, STREETS, POIS, PARKS = 16.0, 1.6, 0.5, 0.25
CLASSES = {
    "basic_farmland": 0.45,
    "cropland": 0.2,
    "forest": 0.12,
    "bare": 0.08,
    "grassland": 0.08,
    "fish_pond": 0.07,
}
FORMS = {
    "bare": "ground",
    "grassland": "composite",
    "fish_pond": "pond",
    "cropland": "composite",
}
"""Classes that carry panels, and how; of cropland only until 2023."""

EXCLUSIONS: tuple[tuple[str, str, tuple[str, ...], float, str], ...] = (
    ("farmland", "land", ("basic_farmland",), 0.0, ""),
    ("crops", "land", ("cropland",), 0.0, "since = 2023-03-20"),
    ("river", "land", ("river",), 50.0, "cuts = true"),
    ("woods", "land", ("forest",), 20.0, ""),
    ("buildings", "buildings", (), 30.0, ""),
    ("main-roads", "streets", ("primary",), 20.0, ""),
    ("lanes", "streets", ("residential",), 5.0, ""),
    ("expressways", "expressways", (), 100.0, "cuts = true\nsince = 2011-07-01"),
    ("towns", "built_up", (), 0.0, ""),
    ("parks", "planned_green", (), 10.0, ""),
    ("substations", "substations", (), 50.0, ""),
    ("monuments", "pois", (), 200.0, "since = 2020-01-01"),
    ("water", "landcover", ("water",), 30.0, ""),
    ("slope", "elevation", (), 10.0, ""),
)
"""Rules: id, kind of layer, classes, limit in metres or degrees, what else is said."""

COVERS = (
    *("tree", "shrub", "grass", "crop", "built", "bare", "water"),
    *("wetland", "mangrove", "moss", "snow"),
)


def make_region(folder: Path, side_km: float) -> None:
    """Write the layers of a square region and a plan of them."""
    import numpy as np

    rng = np.random.default_rng([SEED, round(side_km * 1000)])
    side = side_km * 1000
    km2 = (side_km + 2 * MARGIN_M / 1000) ** 2
    counties = _mesh(rng, 0.0, side, max(round(side_km / 20), 1), 0.3, inner_only=True)
    _write(folder, "zones", counties, zone_id=_ids(counties), zone=_ids(counties))
    fields = _fields(rng, side)
    rivers = _buffered(_walks(rng, side, max(round(km2 / 90), 2), 500, 80.0), rng, 15.0, 100.0)
    classes = rng.choice(list(CLASSES), len(fields), p=list(CLASSES.values())).tolist()
    land = np.concatenate([fields, rivers])
    _write(folder, "land", land, **{"class": [*classes, *["river"] * len(rivers)]})
    streets = _walks(rng, side, round(STREETS * km2), 40, 60.0)
    kinds = rng.choice(["primary", "residential"], len(streets), p=[0.15, 0.85])
    _write(folder, "streets", streets, highway=kinds)
    across = _walks(rng, side, max(round(side_km / 6), 1), round(side / 90), 100.0, bend=0.02)
    _write(folder, "expressways", across)
    _write(folder, "buildings", _rectangles(rng, side, round(BUILDINGS * km2), 12.0), **{
        "class": ["residential"] * round(BUILDINGS * km2)
    })  # fmt: skip
    _write(folder, "built_up", _blobs(rng, side, max(round(km2 / 12), 2), 100.0, 900.0))
    _write(folder, "planned_green", _blobs(rng, side, max(round(PARKS * km2), 2), 40.0, 250.0))
    _write(folder, "substations", _points(rng, side, max(round(km2 / 40), 2)))
    _write(folder, "pois", _points(rng, side, max(round(POIS * km2), 2)))
    _rasters(folder, rng, side)
    (folder / "plan.toml").write_text(_plan(), encoding="utf-8")


def _ids(shapes: Shapes) -> list[str]:
    return [f"z{n}" for n in range(len(shapes))]


def _write(folder: Path, name: str, shapes: Shapes, **columns: Any) -> None:
    import geopandas as gpd

    data = gpd.GeoDataFrame(columns or {"n": range(len(shapes))}, geometry=list(shapes), crs=CRS)
    data.to_file(folder / f"{name}.gpkg")


def _fields(rng: np.random.Generator, side: float) -> Shapes:
    count = math.ceil((side + 2 * MARGIN_M) / FIELD_M)
    return _mesh(rng, -MARGIN_M, side + MARGIN_M, count, 0.35)


def _mesh(
    rng: np.random.Generator,
    low: float,
    high: float,
    count: int,
    shake: float,
    *,
    inner_only: bool = False,
) -> Shapes:
    """Return quadrangles edge to edge, whose inner corners are shaken."""
    import numpy as np
    import shapely

    x, y = np.meshgrid(np.linspace(low, high, count + 1), np.linspace(low, high, count + 1))
    nodes = np.stack([x + WEST, y + SOUTH], axis=-1)
    moved = rng.uniform(-shake, shake, nodes.shape) * (high - low) / count
    if inner_only:
        moved[[0, -1], :, 1] = moved[:, [0, -1], 0] = 0
        moved[[0, -1]] = moved[:, [0, -1]] = 0
    nodes += moved
    around = [nodes[:-1, :-1], nodes[:-1, 1:], nodes[1:, 1:], nodes[1:, :-1], nodes[:-1, :-1]]
    rings = np.stack(around, axis=2).reshape(-1, 5, 2)
    return np.asarray(shapely.polygons(rings))


def _start(rng: np.random.Generator, side: float, count: int) -> NDArray[Any]:
    import numpy as np

    at = rng.uniform(-MARGIN_M, side + MARGIN_M, (count, 2))
    return np.asarray(at + np.array([WEST, SOUTH]))


def _walks(
    rng: np.random.Generator, side: float, count: int, steps: int, step_m: float, bend: float = 0.2
) -> Shapes:
    """Return winding lines."""
    import numpy as np
    import shapely

    turns = rng.uniform(0, 2 * math.pi, (count, 1))
    turns = turns + np.cumsum(rng.normal(0, bend, (count, steps)), axis=1)
    way = np.cumsum(np.stack([np.cos(turns), np.sin(turns)], axis=-1) * step_m, axis=1)
    return np.asarray(shapely.linestrings(_start(rng, side, count)[:, None] + way))


def _buffered(lines: Shapes, rng: np.random.Generator, least: float, most: float) -> Shapes:
    import numpy as np
    import shapely

    return np.asarray(shapely.buffer(lines, rng.uniform(least, most, len(lines)), quad_segs=4))


def _rectangles(rng: np.random.Generator, side: float, count: int, mean_m: float) -> Shapes:
    """Return turned rectangles in hamlets."""
    import numpy as np
    import shapely

    hamlets = _start(rng, side, max(count // 40, 1))
    centre = hamlets[rng.integers(0, len(hamlets), count)] + rng.normal(0, 120, (count, 2))
    size = mean_m * rng.gamma(4, 0.25, (count, 2)) / 2 + 2
    turn = rng.uniform(0, math.pi, count)
    corners = size[:, None] * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    cos, sin = np.cos(turn)[:, None], np.sin(turn)[:, None]
    x, y = corners[..., 0], corners[..., 1]
    turned = np.stack([x * cos - y * sin, x * sin + y * cos], axis=-1)
    return np.asarray(shapely.polygons(centre[:, None] + turned))


def _blobs(rng: np.random.Generator, side: float, count: int, least: float, most: float) -> Shapes:
    """Return rings round a centre, as far from it as chance has it."""
    import numpy as np
    import shapely

    corners = 24
    angle = np.arange(corners) * 2 * math.pi / corners
    reach = rng.uniform(least, most, (count, 1)) * rng.uniform(0.6, 1, (count, corners))
    ring = np.stack([np.cos(angle) * reach, np.sin(angle) * reach], axis=-1)
    return np.asarray(shapely.polygons(_start(rng, side, count)[:, None] + ring))


def _points(rng: np.random.Generator, side: float, count: int) -> Shapes:
    import numpy as np
    import shapely

    return np.asarray(shapely.points(_start(rng, side, count)))


def _rasters(folder: Path, rng: np.random.Generator, side: float) -> None:
    """Write land cover in patches and hills, both from smoothed noise."""
    import numpy as np

    wave = _smooth(rng, round((side + 2 * MARGIN_M) / CELL_M), 25)
    cuts = np.quantile(wave[::10, ::10], [0.15, 0.25, 0.5, 0.8, 0.9, 0.96])
    codes = np.array([10, 20, 30, 40, 50, 60, 80], np.uint8)
    _write_raster(folder / "landcover.tif", codes[np.digitize(wave, cuts)], CELL_M, side)
    hills = _smooth(rng, round((side + 2 * MARGIN_M) / DEM_M) + 1, 20)
    _write_raster(folder / "elevation.tif", 60 + 45 * hills, DEM_M, side)


def _smooth(rng: np.random.Generator, count: int, width: float) -> NDArray[Any]:
    import numpy as np
    from scipy.ndimage import gaussian_filter

    noise = gaussian_filter(rng.normal(size=(count, count)).astype(np.float32), width)
    return np.asarray(noise / noise.std(), np.float32)


def _write_raster(path: Path, values: NDArray[Any], cell: float, side: float) -> None:
    import rasterio
    from rasterio.transform import from_origin

    margin = math.floor(MARGIN_M / cell) * cell
    with rasterio.open(
        path, "w", driver="GTiff", width=values.shape[1], height=values.shape[0], count=1,
        dtype=values.dtype, crs=CRS, tiled=True, blockxsize=256, blockysize=256,
        compress="deflate", transform=from_origin(WEST - margin, SOUTH + side + margin, cell, cell),
    ) as out:  # fmt: skip
        out.write(values, 1)


def _plan() -> str:
    features = sorted({x[1] for x in EXCLUSIONS} - {"landcover", "elevation"} | {"zones"})
    parts = [f'[plan]\ntitle = "A made-up region"\ncrs = "{CRS}"\nas_of = 2026-11-25\n']
    parts += [f'[layers.{name}]\npath = "{name}.gpkg"\n' for name in features]
    parts.append('[layers.landcover]\npath = "landcover.tif"\nlegend = "worldcover"\n')
    parts.append('[layers.elevation]\npath = "elevation.tif"\n')
    parts.append("[solar]\ndates = [2017-12-31, 2026-11-25]\n[solar.density]")
    parts += [
        f'{form} = {{ w_per_m2 = 50, source = "made up" }}'
        for form in ("roof", "ground", "pond", "composite")
    ]
    said = 'reason = "made up"\nsource = "made up"\n'
    for name in (*CLASSES, "river"):
        form = f'form = "{FORMS[name]}"\n' if name in FORMS else ""
        parts.append(f'[[solar.uses]]\nid = "{name}"\nkind = "land"\n{form}classes = ["{name}"]')
        parts.append(said)
    covers = ", ".join(f'"{name}"' for name in COVERS)
    parts.append(f'[[solar.uses]]\nid = "cover"\nkind = "landcover"\nclasses = [{covers}]\n{said}')
    for own, kind, classes, value, more in EXCLUSIONS:
        listed = ", ".join(f'"{name}"' for name in classes)
        unit = "deg" if kind == "elevation" else "m"
        parts.append(f'[[solar.exclusions]]\nid = "{own}"\nkind = "{kind}"\nunit = "{unit}"')
        parts.append(
            f"value = {value:g}\n{more}\n{said}" + f"classes = [{listed}]\n" * bool(listed)
        )
    roof = '[[solar.roofs]]\nid = "homes"\nclasses = ["residential"]\nshare = 0.2\n'
    return "\n".join([*parts, roof, 'source = "made up"'])
