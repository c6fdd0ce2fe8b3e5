"""What can be asked of any place on the map: the use, the forms allowed, and the rules that bind.

Looked at in the middle of cells that are large enough for a page to carry them.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from jxgis.kernels.zonal import inside, outlines
from jxgis.rasters import Grid
from jxgis.solar.land import LAND_FORMS, Block, Land, core, wider
from jxgis.solar.siting import RASTERS
from jxgis.solar_spec import Exclusion, LandUse

# Cells of the overview along its longer side, at most.
_MOST = 1200
# Rules that fit into the bits of a whole number.
MOST_RULES = 62


@dataclass(frozen=True)
class Overview:
    """The answers by cell.

    Attributes
    ----------
    grid
        Of the larger cells.
    factor
        Cells of the analysis along one of them.
    uses, exclusions
        The rules that the numbers stand for: those that hold on one of the days.
    days
        The days.
    county : (rows, columns) array
        Number of the county, -1 outside of all.
    use : (days, rows, columns) array
        Number of the use of the land, -1 where none of them names it.
    form : (days, rows, columns) array
        Number of the allowed form in `LAND_FORMS`, -1 where none is.
    binding : (rows, columns) array
        A bit for each exclusion that is of the place, whatever the use and the day.
    less
        How many rules did not fit into the bits.
    unseen
        Of each raster that rules are of, how many cells of the counties it does not show.
    """

    grid: Grid
    factor: int
    uses: tuple[LandUse, ...]
    exclusions: tuple[Exclusion, ...]
    days: tuple[dt.date, ...]
    county: npt.NDArray[np.int16]
    use: npt.NDArray[np.int16]
    form: npt.NDArray[np.int8]
    binding: npt.NDArray[np.int64]
    less: int
    unseen: dict[str, int]

    def put(self, part: OverviewPart) -> None:
        """Set the cells of a part."""
        rows, columns = part.rows, part.columns
        self.county[rows, columns] = part.county
        self.use[:, rows, columns] = part.use
        self.form[:, rows, columns] = part.form
        self.binding[rows, columns] = part.binding
        for kind, count in part.unseen.items():
            self.unseen[kind] = self.unseen.get(kind, 0) + count

    def holding(self, at: int) -> int:
        """Return the bits of the exclusions that hold on a day."""
        return sum(1 << n for n, x in enumerate(self.exclusions) if x.holds(self.days[at]))

    def relevant(self, at: int) -> npt.NDArray[np.int64]:
        """Return the rules of a day that forbid what the land could carry; where nothing, all."""
        of_form = {
            form: sum(1 << n for n, x in enumerate(self.exclusions) if form in x.forms)
            for form in LAND_FORMS
        }
        every = (1 << len(self.exclusions)) - 1
        masks = [of_form[use.form] if use.form else every for use in self.uses]
        masks = [mask & self.holding(at) for mask in (*masks, every)]
        return np.asarray(self.binding & np.array(masks, np.int64)[self.use[at]])


class OverviewPart(NamedTuple):
    """The cells of an overview whose middles lie in a block."""

    rows: slice
    columns: slice
    county: npt.NDArray[np.int16]
    use: npt.NDArray[np.int16]
    form: npt.NDArray[np.int8]
    binding: npt.NDArray[np.int64]
    unseen: dict[str, int]


def overview_of(land: Land) -> Overview:
    """Return an overview of land without answers yet."""
    grid = land.frame.grid
    factor = max(math.ceil(max(grid.width, grid.height) / _MOST), 1)
    coarse = land.frame.coarser(factor)
    shape = coarse.height, coarse.width
    every = [x for x in land.siting.exclusions if any(x.holds(day) for day in land.days)]
    return Overview(
        coarse,
        factor,
        tuple(use for use in land.siting.uses if any(use.holds(day) for day in land.days)),
        tuple(every[:MOST_RULES]),
        land.days,
        np.full(shape, -1, np.int16),
        np.full((len(land.days), *shape), -1, np.int16),
        np.full((len(land.days), *shape), -1, np.int8),
        np.zeros(shape, np.int64),
        len(every[MOST_RULES:]),
        {},
    )


def looked_at(
    block: Block, halo: int, overview: Overview, county: npt.NDArray[np.int16]
) -> OverviewPart:
    """Return the answers for the cells of an overview whose middles lie in a block.

    Parameters
    ----------
    block, halo
        The block, and the cells round it that are a neighbour's.
    overview
        The whole.
    county : (rows, columns) array
        Of the block's own cells.
    """
    window, factor = wider(block.window, -halo), overview.factor
    rows = _middles(window.row, window.rows, factor, overview.grid.height)
    columns = _middles(window.column, window.columns, factor, overview.grid.width)
    at = np.ix_(_fine(rows, factor) - window.row, _fine(columns, factor) - window.column)
    shape = rows.stop - rows.start, columns.stop - columns.start
    days = block.land.days
    use = np.full((len(days), *shape), -1, np.int16)
    form = np.full((len(days), *shape), -1, np.int8)
    binding = np.zeros(shape, np.int64)
    unseen = {
        kind: int(np.count_nonzero(~core(seen, halo) & (county >= 0)))
        for kind, seen in block.seen().items()
    }
    if not all(shape):
        return OverviewPart(rows, columns, county[at], use, form, binding, unseen)

    def cells(values: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        return np.asarray(core(values, halo)[at])

    def within(polygons: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
        if not len(polygons):
            return np.zeros(shape, bool)
        lines = outlines(list(shapely.transform(polygons, overview.grid.to_pixels)))
        return inside(lines, rows.start, shape[0], columns.start, shape[1])

    mapped = within(block.mapped)
    for number, x in enumerate(overview.exclusions):
        bound = cells(block.cells(x)) if x.kind in RASTERS else within(block.polygons(x))
        binding |= bound.astype(np.int64) << number
    for day, date in enumerate(days):
        for number, name in reversed(list(enumerate(LAND_FORMS))):
            free = block.free(name, date)
            allowed = within(free.polygons) | (within(free.by_cover) & cells(free.cover))
            form[day][allowed & cells(free.open)] = number
    covered = [
        cells(block.cells(own)) & ~mapped if own.kind in RASTERS else within(block.polygons(own))
        for own in overview.uses
    ]
    for day, date in enumerate(days):
        use[day] = _told(overview.uses, covered, form[day], date)
    return OverviewPart(rows, columns, county[at], use, form, binding, unseen)


def _told(
    uses: Sequence[LandUse],
    covered: Sequence[npt.NDArray[np.bool_]],
    form: npt.NDArray[np.int8],
    day: dt.date,
) -> npt.NDArray[np.int16]:
    """Return the use that is told of each cell on a day: of the allowed form, as `why` has it.

    Where none is allowed, the first that carries a form, else the first.
    """
    use = np.full(form.shape, -1, np.int16)
    numbers = {name: number for number, name in enumerate(LAND_FORMS)}
    every = [own for own in enumerate(zip(uses, covered, strict=True)) if own[1][0].holds(day)]
    every.reverse()
    for number, (_own, there) in every:
        use[there] = number
    for number, (own, there) in every:
        if own.form:
            use[there] = number
    for number, (own, there) in every:
        if own.form:
            use[there & (form == numbers[own.form])] = number
    return use


def _middles(first: int, count: int, factor: int, most: int) -> slice:
    """Return the larger cells whose middle lies in a range of cells."""
    start = math.ceil(first / factor - 0.5)
    stop = math.ceil((first + count) / factor - 0.5)
    return slice(start, max(min(stop, most), start))


def _fine(cells: slice, factor: int) -> npt.NDArray[np.int64]:
    """Return the cells that the middles of larger ones lie in."""
    return np.floor((np.arange(cells.start, cells.stop) + 0.5) * factor).astype(np.int64)


def forbidden_alone_m2(overview: Overview, counties: int) -> npt.NDArray[np.float64]:
    """Return how much land each rule alone keeps from the form that it could carry.

    Parameters
    ----------
    overview
        With its answers.
    counties
        How many there are.

    Returns
    -------
    (rules, counties, forms) array
        Square metres, by `LAND_FORMS`; counted at the middles of the cells.
    """
    number = {form: n for n, form in enumerate(LAND_FORMS)}
    of_use = np.array([*(number.get(use.form or "", -1) for use in overview.uses), -1])
    form = of_use[overview.use[-1]]
    open_ = (form >= 0) & (overview.form[-1] < 0) & (overview.county >= 0)
    form, county = form[open_], overview.county[open_]
    binding = overview.relevant(-1)[open_]
    found = np.zeros((len(overview.exclusions), counties, len(LAND_FORMS)))
    for n in range(len(overview.exclusions)):
        alone = binding == 1 << n
        np.add.at(found[n], (county[alone], form[alone]), 1.0)
    return found * overview.grid.transform[0] ** 2
