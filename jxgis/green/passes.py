"""One pass over rasters: strip by strip, on all cores, and a few strips in memory."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from jxgis.errors import InputError
from jxgis.green.maps import Cells, ClassMap
from jxgis.i18n import _
from jxgis.kernels.zonal import STEPS, Outlines, areas, outlines, sums
from jxgis.rasters import Grid, Raster, Reader, Window, watcher

FloatArray = npt.NDArray[np.float64]
T = TypeVar("T")

# Cells of a strip at most, and the fewest rows of one: patches are told apart over a few rows.
_STRIP_CELLS = 6_000_000
_STRIP_ROWS = 64
# Cells of a strip with its neighbours' rows at most, where patches are told apart.
_HALO_CELLS = 60_000_000
# Rows that are worked on at once, so that they stay in the processor's cache.
_CHUNK_CELLS = 400_000
# In another CRS a straight edge of so many metres bends by a centimetre or less.
_EDGE_M = 1000.0


@dataclass(frozen=True)
class Strip:
    """A strip of a map: its window, how much of each cell is the class, and where it is seen."""

    window: Window
    amount: npt.NDArray[Any]
    seen: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Tally:
    """Areas on a map by polygon, square metres: of it all, what is seen, and of the class."""

    area_m2: FloatArray
    seen_m2: FloatArray
    class_m2: FloatArray

    def part(self, rows: slice) -> Tally:
        """Return the areas of some of the polygons."""
        return Tally(self.area_m2[rows], self.seen_m2[rows], self.class_m2[rows])


def on_grid(polygons: Sequence[Any], crs: pyproj.CRS, grid: Grid) -> Outlines:
    """Return polygons of a metric CRS as outlines in a grid's columns and rows.

    Parameters
    ----------
    polygons
        Valid shapely geometries in ``crs``.
    crs
        Theirs.
    grid
        The raster's; polygons go to it, and it is never warped.
    """
    shapes = np.asarray(polygons, dtype=object)
    if grid.crs != crs:
        to_grid = pyproj.Transformer.from_crs(crs, grid.crs, always_xy=True)
        shapes = shapely.segmentize(shapes, _EDGE_M)
        shapes = shapely.transform(
            shapes, lambda xy: np.column_stack(to_grid.transform(xy[:, 0], xy[:, 1]))
        )
    return outlines(list(shapely.transform(shapes, grid.to_pixels)))


def on_grid_points(points: npt.NDArray[np.object_], crs: pyproj.CRS, grid: Grid) -> FloatArray:
    """Return points of a metric CRS as columns and rows of a grid, (n, 2), fractions included."""
    x, y = shapely.get_x(points), shapely.get_y(points)
    if grid.crs != crs:
        x, y = pyproj.Transformer.from_crs(crs, grid.crs, always_xy=True).transform(x, y)
    return grid.to_pixels(np.column_stack([x, y]))


def areas_on_grid(lines: Outlines, grid: Grid) -> FloatArray:
    """Return the areas of polygons on a grid, square metres, also where they reach beyond it."""
    first, after = lines.rows()
    return areas(lines, grid.cell_areas_m2(first, after - first), first)


def windows(rasters: Sequence[Raster], lines: Outlines, margin: int = 0) -> list[Window]:
    """Return the strips of a grid that outlines reach, along the blocks that the files store.

    Parameters
    ----------
    rasters
        On one grid.
    lines
        What is measured.
    margin
        Cells round it that are read too, and the fewest rows of a strip.

    Raises
    ------
    InputError
        If the margin is so wide that a strip with its neighbours does not fit into memory.
    """
    grid = rasters[0].grid
    (top, bottom), (left, right) = lines.rows(), lines.columns()
    top, bottom = max(top - margin, 0), min(bottom + margin, grid.height)
    left, right = max(left - margin, 0), min(right + margin, grid.width)
    if top >= bottom or left >= right:
        return []
    if min(3 * margin, bottom - top) * (right - left) > _HALO_CELLS:
        raise InputError(
            _("its cells are so fine that a patch has {n:,} of them: memory would not do").format(
                n=margin + 1
            ),
            layer=rasters[0].name,
            mend=_("Resample it to cells of a metre or more, or clip it to a smaller place"),
        )
    return _strips(rasters, (top, bottom), (left, right), margin)


def whole_windows(raster: Raster) -> list[Window]:
    """Return the strips of all of a raster, along the blocks that its files store."""
    grid = raster.grid
    return _strips([raster], (0, grid.height), (0, grid.width), 0)


def _strips(
    rasters: Sequence[Raster], of_rows: tuple[int, int], of_columns: tuple[int, int], least: int
) -> list[Window]:
    (top, bottom), (left, right) = of_rows, of_columns
    stored = max(raster.block[0] for raster in rasters)
    most = max(_STRIP_CELLS // (right - left), _STRIP_ROWS)
    rows = max(stored * (most // stored), min(stored, most), least, 1)
    first = top - top % rows
    return [
        Window(max(row, top), left, min(row + rows, bottom) - max(row, top), right - left)
        for row in range(first, bottom, rows)
    ]


def each(
    rasters: Sequence[Raster],
    places: Sequence[Window],
    work: Callable[[Window, list[Cells]], T],
) -> Iterator[T]:
    """Read windows of rasters and give what is made of each, in their order.

    Parameters
    ----------
    rasters
        Read together; each thread opens its own.
    places
        Windows, each read once. Whoever `jxgis.rasters.watching` is told of each.
    work
        Makes something of a window and its cells, one mapping a raster.

    Yields
    ------
    object
        What ``work`` returns.
    """
    tasks: SimpleQueue[tuple[Future[T], Window] | None] = SimpleQueue()

    def serve() -> None:
        with ExitStack() as opened:  # in the thread that reads: GDAL keeps a state for each
            readers: list[Reader] = []
            while (task := tasks.get()) is not None:
                future, window = task
                try:
                    readers = readers or [opened.enter_context(r.opened()) for r in rasters]
                    future.set_result(work(window, [read(window) for read in readers]))
                except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
                    future.set_exception(error)

    workers = os.cpu_count() or 1
    tell = watcher.get()
    with ThreadPoolExecutor(workers) as pool:
        served = [pool.submit(serve) for _n in range(workers)]
        waiting: deque[Future[T]] = deque()
        try:
            for number, window in enumerate(places):
                future: Future[T] = Future()
                waiting.append(future)
                tasks.put((future, window))
                if len(waiting) > workers:
                    yield waiting.popleft().result()
                    tell(number - workers + 1, len(places))
            while waiting:
                yield waiting.popleft().result()
                tell(len(places) - len(waiting), len(places))
        finally:
            for _n in served:
                tasks.put(None)
    for thread in served:
        thread.result()


def chunks(window: Window) -> Iterator[slice]:
    """Give the rows of a window in pieces that fit the processor's cache."""
    rows = max(_CHUNK_CELLS // window.columns, 1)
    for row in range(0, window.rows, rows):
        yield slice(row, min(row + rows, window.rows))


def classified(
    class_map: ClassMap,
    lines: Outlines,
    work: Callable[[Strip, list[Cells]], T],
    margin: int = 0,
) -> Iterator[T]:
    """Give what is made of each strip of a map.

    Parameters
    ----------
    class_map
        How cells become parts of a class.
    lines
        What is measured: strips that they do not reach are not read.
    work
        Makes something of a strip of the map and the cells that it is of.
    margin
        Cells round what is measured that are made too.

    Yields
    ------
    object
        What ``work`` returns, from the top of the grid to its bottom.
    """

    def made(window: Window, cells: list[Cells]) -> T:
        return work(strip_of(class_map, window, cells), cells)

    yield from each(class_map.rasters, windows(class_map.rasters, lines, margin), made)


def strip_of(class_map: ClassMap, window: Window, cells: Sequence[Mapping[str, Any]]) -> Strip:
    """Return a window of a map."""
    kind = np.bool_ if class_map.parts == 1 else np.uint16
    amount: npt.NDArray[Any] = np.empty((window.rows, window.columns), kind)
    several = len(cells) > 1
    seen = np.empty(amount.shape, np.bool_) if several else cells[0]["seen"]
    for rows in chunks(window):
        piece = [{role: array[rows] for role, array in one.items()} for one in cells]
        amount[rows], at_any_date = class_map.values(piece)
        if several:
            seen[rows] = at_any_date
    return Strip(window, amount, seen)


class Sums:
    """Sums of layers over polygons that grow strip by strip, the same in any order of strips."""

    def __init__(self, lines: Outlines, grid: Grid, layers: int) -> None:
        self._lines = lines
        _ = lines.edges  # made once, and not in each thread
        self._uneven = not grid.true_to_area
        self._grid = grid
        areas_of_rows = grid.cell_areas_m2(0, grid.height if self._uneven else 1)
        self._largest = float(areas_of_rows.max())
        self._total = np.zeros((layers, lines.count), dtype=object)

    def of(self, window: Window, layers: Sequence[npt.NDArray[Any]]) -> npt.NDArray[np.int64]:
        """Return a strip's own sums; no state is touched, so any thread may ask."""
        weights = None
        if self._uneven:
            weights = self._grid.cell_areas_m2(window.row, window.rows) / self._largest
        return sums(self._lines, layers, window.row, window.column, weights)

    def add(self, part: npt.NDArray[np.int64]) -> None:
        """Add a strip's own sums."""
        self._total += part.astype(object)

    def square_metres(self, parts: int = 1) -> FloatArray:
        """Return the sums as areas, (layers, polygons), where a whole cell counts ``parts``."""
        whole = self._total.astype(np.float64) / (STEPS * parts)
        return np.asarray(whole * self._largest, dtype=np.float64)


def tallied(total: Sums, lines: Outlines, class_map: ClassMap) -> Tally:
    """Return the areas of sums whose first two layers are a map's values and what is seen."""
    found = total.square_metres()
    area = areas_on_grid(lines, class_map.grid)
    return Tally(area, found[1], found[0] / class_map.parts)
