"""Land that panels may stand on: for each cell the exact share that the rules of a day leave.

What is forbidden is cut out of the land as polygons, setbacks measured from the features
themselves; only rules of rasters decide over whole cells. Blocks of cells are worked on by
themselves, with what lies round them, so that a map in blocks is the map in one.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from jxgis.kernels.fields import within
from jxgis.kernels.polygons import Polygons, disjoint, polygons_of
from jxgis.kernels.polygons import within as inside_of
from jxgis.kernels.shares import STEPS, shares
from jxgis.kernels.zonal import inside
from jxgis.layers import Layer
from jxgis.rasters import Window
from jxgis.solar.frame import Frame
from jxgis.solar.remains import NONE, Placed, remains
from jxgis.solar.sampling import sampled, slope_deg
from jxgis.solar.siting import RASTERS, Bounds, Rule, Siting
from jxgis.solar_spec import Exclusion, LandUse

BoolArray = npt.NDArray[np.bool_]
Shares = npt.NDArray[np.uint16]

LAND_FORMS = ("pond", "ground", "composite")
"""Forms on land; a place that could be several is the first of them."""

# Side of the squares that land without polygons is cut into, cells.
_SQUARE = 100
# A line this far from a cell's middle may run through the cell: half of a diagonal, and a little.
_TOUCHED = math.sqrt(0.5) + 1e-6


@dataclass(frozen=True)
class Land:
    """What decides over land: the rules, their features, and rasters.

    Attributes
    ----------
    frame
        The cells.
    siting
        The rules.
    kinds
        The layers by kind.
    days
        Those for which it is asked, ascending.
    roofs
        Footprints of roofs that carry panels: where they stand, land belongs together.
    join_m
        Land nearer to each other than this belongs together, where nothing cuts it.
    """

    frame: Frame
    siting: Siting
    kinds: Mapping[str, Layer]
    days: tuple[dt.date, ...]
    roofs: Polygons
    join_m: float

    @cached_property
    def mapped(self) -> Placed:
        """All polygons of land: the raster of land cover speaks only where there are none."""
        if "land" not in self.kinds:
            return Placed(NONE)
        return Placed(polygons_of(np.asarray(self.kinds["land"].data.geometry.array, dtype=object)))

    @cached_property
    def panels(self) -> Polygons:
        """What panels stand on already."""
        if "pv" not in self.kinds:
            return NONE
        return polygons_of(np.asarray(self.kinds["pv"].data.geometry.array, dtype=object))

    @cached_property
    def roofs_placed(self) -> Placed:
        """The roofs."""
        return Placed(self.roofs)

    @cached_property
    def _kept(self) -> dict[Any, Placed]:
        return {}

    def prepare(self) -> None:
        """Make what is left of all features, on every day, before threads ask for it."""
        for day in self.days:
            for form in LAND_FORMS:
                self.free(form, day)
                if self.covers(form, day):
                    self.unmapped(form, day)

    def covers(self, form: str, day: dt.date) -> list[LandUse]:
        """Return the rules by which a raster's land cover carries a form on a day."""
        return [use for use in self.uses(form, day) if use.kind in RASTERS]

    def free(self, form: str, day: dt.date) -> Placed:
        """Return what is left of features for a form on a day."""
        key = ("features", self._deciding(form, day))
        if key not in self._kept:
            before = LAND_FORMS[: LAND_FORMS.index(form)]
            earlier = [self.free(other, day).polygons for other in before]
            uses = [use for use in self.uses(form, day) if use.kind not in RASTERS]
            taken = np.concatenate([NONE, *earlier, *self._taken(form, day)])
            self._kept[key] = Placed(remains(self._carrying(uses), taken))
        return self._kept[key]

    def unmapped(self, form: str, day: dt.date) -> Placed:
        """Return what is left where no polygon of land lies, in squares."""
        key = ("squares", frozenset(self.exclusions(form, day)))
        if key not in self._kept:
            taken = np.concatenate([self.mapped.polygons, *self._taken(form, day)])
            self._kept[key] = Placed(remains(self._squares, taken))
        return self._kept[key]

    def without(self, free: Placed, rule: Rule) -> Placed:
        """Return what a rule leaves of land that was free; see `takes`."""
        key = (id(free), rule)
        if key not in self._kept:
            self._kept[key] = Placed(remains(free.polygons, self.takes(rule)))
        return self._kept[key]

    def takes(self, rule: Rule) -> Polygons:
        """Return the land that a rule takes; of a use that ended, what no other carries now."""
        found = self.siting.land(rule)
        if isinstance(rule, LandUse):
            now = [
                self.siting.land(use)
                for use in self.siting.uses
                if use.form and use.holds(self.days[-1]) and use.kind not in RASTERS
            ]
            found = remains(found, np.concatenate([NONE, *now]))
        return found

    def _taken(self, form: str, day: dt.date) -> list[Polygons]:
        # land under a roof with panels counts as the roof, whatever the rules say of buildings, and
        # what panels stand on already is not built on again
        forbidding = [x for x in self.exclusions(form, day) if x.kind not in RASTERS]
        return [self.roofs, self.panels, *(self.siting.land(x) for x in forbidding)]

    def _deciding(self, form: str, day: dt.date) -> frozenset[tuple[str, Rule | None]]:
        """Return all rules that decide over a form on a day: those of the forms before it too."""
        rules: list[tuple[str, Rule | None]] = [(form, None)]
        for own in LAND_FORMS[: LAND_FORMS.index(form) + 1]:
            rules += [(own, use) for use in self.uses(own, day)]
            rules += [(own, x) for x in self.exclusions(own, day)]
        return frozenset(rules)

    def _carrying(self, uses: Sequence[LandUse]) -> Polygons:
        """Return the land in the counties that uses are of, each place once."""
        shapes = np.concatenate([NONE, *(self.siting.land(use) for use in uses)])
        return disjoint(inside_of(shapes, self.frame.region))[0]

    @cached_property
    def _squares(self) -> Polygons:
        """The counties in squares, so large that few features lie in each."""
        west, south, east, north = self.frame.bounds(self.frame.whole)
        side = _SQUARE * self.frame.cell_m
        x, y = np.meshgrid(np.arange(west, east, side), np.arange(north, south, -side))
        squares = shapely.box(x.ravel(), y.ravel() - side, x.ravel() + side, y.ravel())
        return inside_of(np.asarray(squares, dtype=object), self.frame.region)

    @property
    def halo(self) -> int:
        """Cells round a block that decide what belongs together in it."""
        return math.ceil(self.join_m / 2 / self.frame.cell_m) + 1

    def uses(self, form: str, day: dt.date) -> list[LandUse]:
        """Return the rules by which land carries a form on a day."""
        return [use for use in self.siting.uses if use.form == form and use.holds(day)]

    def exclusions(self, form: str, day: dt.date) -> list[Exclusion]:
        """Return the rules that forbid a form on a day."""
        return [x for x in self.siting.exclusions if form in x.forms and x.holds(day)]


@dataclass(frozen=True)
class Free:
    """What is left of a block's land for one form on one day.

    Attributes
    ----------
    polygons
        By features: each place once.
    by_cover
        Where no polygon of land lies: what exclusions leave, to be taken where ``cover`` is true.
    cover, open
        Of each cell: whether its land cover carries the form, and whether rules of rasters leave
        it.
    """

    polygons: Polygons
    by_cover: Polygons
    cover: BoolArray
    open: BoolArray


class Block:
    """A window of cells and all that the rules say of it."""

    def __init__(self, land: Land, window: Window) -> None:
        self.land, self.window = land, window
        self.bounds: Bounds = land.frame.bounds(window)
        self._land: dict[Rule, Polygons] = {}
        self._cells: dict[Rule, BoolArray] = {}
        self._codes: dict[int, tuple[npt.NDArray[Any], BoolArray]] = {}
        self._touching: dict[int, BoolArray] = {}
        self._slope: tuple[npt.NDArray[np.float64], BoolArray] | None = None

    def polygons(self, rule: Rule) -> Polygons:
        """Return the land that a rule of features is of."""
        if rule not in self._land:
            self._land[rule] = self.land.siting.land_near(rule, self.bounds)
        return self._land[rule]

    def cells(self, rule: Rule) -> BoolArray:
        """Return the cells that a rule of a raster is of."""
        if rule not in self._cells:
            self._cells[rule] = self._of_raster(rule)
        return self._cells[rule]

    def _of_raster(self, rule: Rule) -> BoolArray:
        grid, window = self.land.frame.grid, self.window
        (raster,) = self.land.kinds[rule.kind].rasters[:1]
        if rule.kind == "elevation":
            if self._slope is None:
                self._slope = slope_deg(raster, grid, window)
            slope, seen = self._slope
            steepest = rule.value if isinstance(rule, Exclusion) else 0.0
            return np.asarray(seen & (slope > steepest))
        setback = rule.value / self.land.frame.cell_m if isinstance(rule, Exclusion) else 0.0
        beyond = math.ceil(setback)
        if beyond not in self._codes:  # one reading for all rules
            self._codes[beyond] = sampled(raster, "code", grid, wider(window, beyond))
        code, seen = self._codes[beyond]
        codes = [code for code, word in raster.legend.items() if word in rule.classes]
        of_class = seen & np.isin(code, codes)
        if beyond:
            (of_class,) = within(of_class, [setback])
        return core(of_class, beyond)

    def seen(self) -> dict[str, BoolArray]:
        """Return the cells that each raster that was asked shows."""
        found = {}
        if self._slope is not None:
            found["elevation"] = self._slope[1]
        for beyond, (_code, seen) in self._codes.items():
            found["landcover"] = core(seen, beyond)
        return found

    def free(self, form: str, day: dt.date) -> Free:
        """Return what is left for a form on a day."""
        shape = (self.window.rows, self.window.columns)
        cover, open_ = np.zeros(shape, bool), np.ones(shape, bool)
        for x in self.land.exclusions(form, day):
            if x.kind in RASTERS:
                open_ &= ~self.cells(x)
        for use in self.land.covers(form, day):
            cover |= self.cells(use)
        by_cover = self.land.unmapped(form, day).near(self.bounds) if cover.any() else NONE
        return Free(self.land.free(form, day).near(self.bounds), by_cover, cover, open_)

    def less(self, free: Free, form: str, rule: Rule) -> Free:
        """Return what a rule leaves of what was free for a form on the first day."""
        day, land = self.land.days[0], self.land
        by_cover = free.by_cover
        if len(by_cover):
            by_cover = land.without(land.unmapped(form, day), rule).near(self.bounds)
        left = land.without(land.free(form, day), rule).near(self.bounds)
        return Free(left, by_cover, free.cover, free.open)

    @cached_property
    def mapped(self) -> Polygons:
        """The polygons of land in the window, whatever their class."""
        return self.land.mapped.near(self.bounds)

    def shares(self, free: Free) -> Shares:
        """Return the share of each cell that is free, of `STEPS`."""
        found = self._shares(free.polygons)
        if len(free.by_cover):
            found += np.where(free.cover, self._shares(free.by_cover), 0)
            np.minimum(found, STEPS, out=found)
        found[~free.open] = 0
        return found

    def _shares(self, polygons: Polygons) -> Shares:
        w = self.window
        if not len(polygons):
            return np.zeros((w.rows, w.columns), np.uint16)
        lines = self.land.frame.lines(polygons)
        return np.asarray(shares(lines, w.row, w.rows, w.column, w.columns))

    def touched(self, polygons: Polygons) -> BoolArray:
        """Return the cells of which polygons, which may overlap, cover more than a trace."""
        return np.asarray(self._shares(polygons) > 0)

    def middles_in(self, polygons: Polygons) -> BoolArray:
        """Return the cells whose middle lies in one of several polygons, which may overlap."""
        w = self.window
        lines = self.land.frame.lines(polygons)
        return inside(lines, w.row, w.rows, w.column, w.columns)

    def barrier(self, day: dt.date) -> BoolArray:
        """Return the cells in which a zone ends on a day: those that cutting features touch."""
        found = np.zeros((self.window.rows, self.window.columns), bool)
        for x in self.land.siting.exclusions:
            if x.cuts and x.holds(day):
                found |= self.cells(x) if x.kind in RASTERS else self._cut_by(x)
        return found

    def _cut_by(self, rule: Rule) -> BoolArray:
        reach = _TOUCHED * self.land.frame.cell_m
        features = self.land.siting.of(rule)
        if id(features) not in self._touching:
            shapes = features.near(self.bounds, reach)
            around = polygons_of(shapely.buffer(shapes, reach, quad_segs=16))
            self._touching[id(features)] = self.middles_in(around)
        return self._touching[id(features)]


def together(block: Block, usable: BoolArray, barrier: BoolArray) -> BoolArray:
    """Return the cells that hold usable land together: near it, and not where it is cut.

    Parameters
    ----------
    block
        With a halo of `Land.halo`.
    usable, barrier
        Cells of the block.
    """
    reach = block.land.join_m / 2 / block.land.frame.cell_m
    (near,) = within(usable & ~barrier, [reach])
    return np.asarray(near & ~barrier)


def wider(window: Window, cells: int) -> Window:
    """Return a window with a halo; it may reach beyond the grid."""
    return Window(
        window.row - cells,
        window.column - cells,
        window.rows + 2 * cells,
        window.columns + 2 * cells,
    )


def core(values: npt.NDArray[Any], cells: int) -> npt.NDArray[Any]:
    """Return an array without its halo."""
    return values[cells : values.shape[0] - cells, cells : values.shape[1] - cells]
