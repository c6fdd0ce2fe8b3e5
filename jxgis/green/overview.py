"""A map of green land as a picture: one cell in so many, and no figure depends on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from jxgis.green.passes import Strip
from jxgis.i18n import _
from jxgis.kernels.zonal import Outlines, inside
from jxgis.rasters import Grid
from jxgis.results import Picture

MOST_CELLS = 4096
"""Cells along the longer side of a picture: what a telephone's browser can hold."""

Codes = Callable[[npt.NDArray[Any]], npt.NDArray[np.uint8]]


class Overview:
    """A picture that is filled strip by strip, of every n-th cell inside some outlines."""

    def __init__(self, lines: Outlines, grid: Grid) -> None:
        (top, bottom), (left, right) = lines.rows(), lines.columns()
        self._top, self._left = max(top, 0), max(left, 0)
        rows = max(min(bottom, grid.height) - self._top, 0)
        columns = max(min(right, grid.width) - self._left, 0)
        self._step = max(1, -(-max(rows, columns) // MOST_CELLS))
        self._grid = grid
        origin = np.array([self._left, self._top])
        self._lines = Outlines(
            lines.polygon,
            (lines.start - origin) / self._step,
            (lines.end - origin) / self._step,
            lines.count,
        )
        shape = (-(-rows // self._step), -(-columns // self._step))
        self._pixels = np.zeros(shape, dtype=np.uint8)

    def part(self, strip: Strip, codes: npt.NDArray[np.uint8]) -> tuple[int, Any]:
        """Return a strip's own rows of the picture, and the number of the first.

        Parameters
        ----------
        strip
            Where in the grid they are.
        codes : (rows, columns) array
            What each of its cells is.
        """
        step, window = self._step, strip.window
        middle = step // 2
        first = max(-(-(window.row - self._top - middle) // step), 0)  # strips begin above it
        own = np.arange(first, first + self._pixels.shape[0] - first)
        rows = self._top + own * step + middle - window.row
        rows = rows[(rows >= 0) & (rows < window.rows)]
        if not len(rows):
            return first, None
        columns = self._left + np.arange(self._pixels.shape[1]) * step + middle - window.column
        columns = np.clip(columns, 0, window.columns - 1)
        within = inside(self._lines, first, len(rows), 0, len(columns))
        return first, np.where(within, codes[np.ix_(rows, columns)], 0).astype(np.uint8)

    def add(self, part: tuple[int, Any]) -> None:
        """Put a strip's own rows in their place."""
        first, codes = part
        if codes is not None:
            self._pixels[first : first + len(codes)] = codes

    def picture(self, name: str, title: str, legend: Mapping[int, tuple[str, str]]) -> Picture:
        """Return the picture, with the legend's rows that it needs."""
        a, b, c, d, e, f = self._grid.transform
        left, top, step = self._left, self._top, self._step
        used = set(np.unique(self._pixels).tolist())
        if step > 1:
            title = _("{title} (one cell in {n}, to look at and not to measure)").format(
                title=title, n=step
            )
        return Picture(
            name,
            title,
            self._pixels,
            self._grid.crs.to_string()
            if self._grid.crs.to_authority()
            else self._grid.crs.to_wkt(),
            (
                a * step,
                b * step,
                a * left + b * top + c,
                d * step,
                e * step,
                d * left + e * top + f,
            ),
            {code: row for code, row in legend.items() if code in used},
        )
