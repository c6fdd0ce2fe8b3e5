"""A made-up satellite scene for the bench of green cover: two bands, an index and zones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

CRS = "EPSG:32651"
COLUMNS = 10_980
STRIP = 512
ZONES = 100
CELL_M = 10.0
WEST, NORTH = 300_000.0, 3_500_040.0
SEED = 20260711


def make_scene(folder: Path, height: int) -> None:
    """Write ``red.tif``, ``nir.tif``, ``ndvi.tif``, ``green.tif`` and ``zones.gpkg``, in strips.

    Parameters
    ----------
    folder
        Where to.
    height
        Rows of cells of 10 m; there are `COLUMNS` columns.
    """
    import numpy as np
    import rasterio
    from rasterio.transform import from_origin
    from rasterio.windows import Window

    whole = {
        "driver": "GTiff",
        "height": height,
        "width": COLUMNS,
        "count": 1,
        "crs": CRS,
        "transform": from_origin(WEST, NORTH, CELL_M, CELL_M),
        "tiled": True,
        "blockxsize": STRIP,
        "blockysize": STRIP,
        "compress": "DEFLATE",
    }
    stored = {"dtype": "uint16", "nodata": 0, "predictor": 2}
    derived = {"dtype": "float32", "nodata": -9999.0, "predictor": 3}
    mask = {"dtype": "uint8", "nodata": 255}
    fields = {name: _coarse(name, cells, height) for name, cells in _FIELDS.items()}
    with (
        rasterio.open(folder / "red.tif", "w", **whole, **stored) as red_file,
        rasterio.open(folder / "nir.tif", "w", **whole, **stored) as nir_file,
        rasterio.open(folder / "ndvi.tif", "w", **whole, **derived) as ndvi_file,
        rasterio.open(folder / "green.tif", "w", **whole, **mask) as mask_file,
    ):
        for row in range(0, height, STRIP):
            rows = min(STRIP, height - row)
            red, nir = _bands(fields, row, rows)
            window = Window(0, row, COLUMNS, rows)
            red_file.write(red, 1, window=window)
            nir_file.write(nir, 1, window=window)
            r, n = red.astype(np.float32), nir.astype(np.float32)
            ndvi = np.divide(n - r, n + r, out=np.full_like(r, -9999.0), where=red > 0)
            ndvi_file.write(ndvi, 1, window=window)
            green = 3 * nir.astype(np.int32) > 7 * red.astype(np.int32)
            mask_file.write(np.where(red > 0, green, 255).astype(np.uint8), 1, window=window)
    _make_zones(folder / "zones.gpkg", height)


# Hills of vegetation, brightness and cloud: how many cells of the scene one of theirs has.
_FIELDS = {"coarse": 280, "fine": 48, "bright": 120, "cloud": 370}


def _coarse(name: str, cells: int, height: int) -> tuple[int, Any]:
    import numpy as np

    rng = np.random.default_rng([SEED, list(_FIELDS).index(name)])
    shape = (height // cells + 3, COLUMNS // cells + 3)
    return cells, rng.normal(size=shape).astype(np.float32)


def _smooth(field: tuple[int, Any], row: int, rows: int) -> Any:
    """Return a strip of a field, linear between its places."""
    import numpy as np

    cells, coarse = field
    v, u = (row + np.arange(rows)) / cells, np.arange(COLUMNS) / cells
    top, left = v.astype(int), u.astype(int)
    down, right = (v - top).astype(np.float32)[:, None], (u - left).astype(np.float32)
    lines = coarse[top] * (1 - down) + coarse[top + 1] * down
    return lines[:, left] * (1 - right) + lines[:, left + 1] * right


def _bands(fields: dict[str, tuple[int, Any]], row: int, rows: int) -> tuple[Any, Any]:
    import numpy as np

    rng = np.random.default_rng([SEED, 9, row])
    green = _smooth(fields["coarse"], row, rows) + 0.5 * _smooth(fields["fine"], row, rows)
    green += 0.35 * rng.standard_normal(green.shape, dtype=np.float32)
    index = np.clip(0.38 + 0.22 * green, -0.35, 0.92)
    total = np.clip(2200 + 500 * _smooth(fields["bright"], row, rows), 600, 6000)
    nir, red = (np.rint(total * (1 + sign * index) / 2).astype(np.uint16) for sign in (1, -1))
    cloud = _smooth(fields["cloud"], row, rows) > 1.8
    red[cloud] = nir[cloud] = 0
    return red, nir


def _make_zones(path: Path, height: int) -> None:
    import geopandas as gpd
    import numpy as np
    import shapely

    rng = np.random.default_rng([SEED, ZONES])
    south, east = NORTH - height * CELL_M, WEST + COLUMNS * CELL_M
    box = shapely.box(WEST, south, east, NORTH)
    middles = rng.uniform([WEST, south], [east, NORTH], (ZONES, 2))
    cells = shapely.voronoi_polygons(shapely.MultiPoint(middles), extend_to=box).geoms
    lines = shapely.segmentize(shapely.union_all([cell.boundary for cell in cells]), 120.0)
    bent = shapely.transform(
        lines, lambda xy: xy + 90 * np.sin(xy[:, ::-1] / 700) + 35 * np.sin(xy / 230)
    )
    zones = [
        part.intersection(box) for part in shapely.get_parts(shapely.polygonize([bent])).tolist()
    ]
    zones = [zone for zone in zones if zone.area > 0]
    names = [f"{number:03d}" for number in range(len(zones))]
    data = gpd.GeoDataFrame({"zone_id": names, "zone": names}, geometry=zones, crs=CRS)
    data.to_file(path)
