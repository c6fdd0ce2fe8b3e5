"""Square grids of the sample's images: points of the drawing on them, shapes burnt onto them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import rasterio
import shapely
from affine import Affine
from rasterio.features import rasterize
from rasterio.transform import from_origin

from sample.frame import METRIC, FloatArray

CRS = "EPSG:32651"
_TILE = 256


@dataclass(frozen=True)
class Grid:
    """Where the cells of an image are: its west and north edge in `CRS`, metres, and its size."""

    west: float
    north: float
    rows: int
    columns: int
    cell_m: float

    @property
    def transform(self) -> Affine:
        """From column and row to `CRS`."""
        return from_origin(self.west, self.north, self.cell_m, self.cell_m)

    def points(self, rows: slice = slice(None)) -> FloatArray:
        """Return the cells' centres in `METRIC` metres (close enough: an affine fit of the grid).

        Of ``rows`` only, as ``(rows, columns, 2)``.
        """
        east = self.west + self.columns * self.cell_m
        south = self.north - self.rows * self.cell_m
        to_metric = pyproj.Transformer.from_crs(CRS, METRIC, always_xy=True)
        x, y = to_metric.transform([self.west, east, self.west], [self.north, self.north, south])
        along = (np.arange(self.columns) + 0.5) / self.columns
        below = ((np.arange(self.rows) + 0.5) / self.rows)[rows]
        down, right = np.meshgrid(below, along, indexing="ij")
        columns = [c[0] + right * (c[1] - c[0]) + down * (c[2] - c[0]) for c in (x, y)]
        return np.stack(columns, axis=-1)

    def moved(self, shapes: Sequence[Any]) -> npt.NDArray[np.object_]:
        """Return shapes of the drawing in `CRS`, rounded to the centimetre."""
        to_grid = pyproj.Transformer.from_crs(METRIC, CRS, always_xy=True)
        moved = shapely.transform(
            np.array(shapes, dtype=object), to_grid.transform, interleaved=False
        )
        rounded: npt.NDArray[np.object_] = shapely.transform(moved, lambda xy: np.round(xy, 2))
        return rounded

    def burn(
        self, shapes: Sequence[Any], values: Sequence[int] | None = None
    ) -> npt.NDArray[np.int32]:
        """Return the value of the last shape over each cell's centre, or 0; 1 without values."""
        numbers = values if values is not None else [1] * len(shapes)
        burnt: npt.NDArray[np.int32] = rasterize(
            zip(self.moved(shapes), numbers, strict=True),
            out_shape=(self.rows, self.columns),
            transform=self.transform,
            dtype="int32",
        )
        return burnt

    def write(
        self,
        path: Path,
        cells: npt.NDArray[Any],
        description: str,
        tags: Mapping[str, str],
        predictor: int = 1,
    ) -> None:
        """Write a GeoTIFF of one band, 0 where there is nothing."""
        with rasterio.open(
            path,
            "w",
            driver="GTiff",
            width=self.columns,
            height=self.rows,
            count=1,
            dtype=cells.dtype,
            crs=CRS,
            transform=self.transform,
            nodata=0,
            compress="DEFLATE",
            zlevel=9,
            predictor=predictor,
            tiled=True,
            blockxsize=_TILE,
            blockysize=_TILE,
        ) as image:
            image.write(cells, 1)
            image.set_band_description(1, description)
            image.update_tags(**tags)
