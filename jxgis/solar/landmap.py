"""One pass over all land: what is free on each day, what belongs together, and what was lost."""

from __future__ import annotations

import datetime as dt
import os
import zlib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from jxgis.kernels.pieces import Labeller, Pieces
from jxgis.kernels.shares import STEPS
from jxgis.rasters import Window, watcher
from jxgis.solar.frame import TILE
from jxgis.solar.land import LAND_FORMS, Block, Land, core, together, wider
from jxgis.solar.overview import Overview, OverviewPart, looked_at, overview_of
from jxgis.solar.siting import RASTERS, Rule
from jxgis.solar_spec import LandUse

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


# Blocks that are worked on at once: memory grows with them.
_WORKERS = 4


@dataclass(frozen=True)
class Day:
    """Land on a day.

    Attributes
    ----------
    date
        The day.
    pieces
        What belongs together.
    area_m2 : (pieces, forms) array
        Free land of each piece, by `LAND_FORMS`.
    by_county_m2 : (counties, forms) array
        Free land of each county, also where it belongs to no piece.
    """

    date: dt.date
    pieces: Pieces
    area_m2: FloatArray
    by_county_m2: FloatArray


@dataclass(frozen=True)
class LandMap:
    """What the rules leave of all land.

    Attributes
    ----------
    land
        What it is of.
    days
        One for each day that was asked.
    lost_m2
        Of each rule by which land was lost between the first day and the last: how much of what
        was free it takes, (counties, forms). What several take is in each of them.
    lost_in_all_m2 : (counties, forms) array
        Land that was free on the first day and is not on the last, each place once.
    overview
        What can be asked of any place on the map.
    """

    land: Land
    days: tuple[Day, ...]
    lost_m2: Mapping[Rule, FloatArray]
    lost_in_all_m2: FloatArray
    overview: Overview


class _Part(NamedTuple):
    """What is found in a block, of each day: shares by form (packed), and what is together."""

    window: Window
    county: npt.NDArray[np.int16]
    packed: list[list[bytes]]
    joined: list[npt.NDArray[np.bool_]]
    by_county: IntArray
    lost: dict[Rule, IntArray]
    lost_in_all: IntArray
    overview: OverviewPart


def land_map(land: Land, size: int | None = None) -> LandMap:
    """Return what the rules leave of land, in one pass, block by block.

    Parameters
    ----------
    land
        Rules, features and days.
    size
        Side of a block, cells, a multiple of a tile; None has the usual one. The map does not
        depend on it.
    """
    frame = land.frame
    windows = list(frame.blocks() if size is None else frame.blocks(size))
    labellers = [Labeller(frame.grid.height, frame.grid.width, TILE) for _day in land.days]
    overview = overview_of(land)
    land.prepare()
    for rule in changed(land):
        prepare_loss(land, rule)
    shape = len(frame.zones), len(LAND_FORMS)
    by_county = np.zeros((len(land.days), *shape), np.int64)
    lost_in_all = np.zeros(shape, np.int64)
    lost: dict[Rule, IntArray] = {}
    kept: list[tuple[Window, list[list[bytes]]]] = []
    for part in _each(windows, partial(_worked, land, overview)):
        for labeller, joined in zip(labellers, part.joined, strict=True):
            labeller.add(part.window.row, part.window.column, joined, part.county)
        by_county += part.by_county
        lost_in_all += part.lost_in_all
        for rule, own in part.lost.items():
            lost[rule] = lost.get(rule, np.zeros(shape, np.int64)) + own
        overview.put(part.overview)
        kept.append((part.window, part.packed))
    m2 = frame.cell_m**2 / STEPS
    days = []
    for number, (date, labeller) in enumerate(zip(land.days, labellers, strict=True)):
        pieces = labeller.finish()
        area = _areas(pieces, [(window, packed[number]) for window, packed in kept])
        days.append(Day(date, pieces, area * m2, by_county[number] * m2))
    return LandMap(
        land,
        tuple(days),
        {rule: np.asarray(own * m2, np.float64) for rule, own in lost.items()},
        np.asarray(lost_in_all * m2, np.float64),
        overview,
    )


def _each(windows: Sequence[Window], work: Any) -> Iterator[_Part]:
    """Give what is made of each window, in their order, made on all cores."""
    tell, workers = watcher.get(), min(os.cpu_count() or 1, _WORKERS)
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[_Part]] = deque()
        try:
            for number, window in enumerate(windows):
                waiting.append(pool.submit(work, window))
                if len(waiting) > workers:
                    yield waiting.popleft().result()
                    tell(number + 1 - workers, len(windows))
            while waiting:
                yield waiting.popleft().result()
                tell(len(windows) - len(waiting), len(windows))
        finally:
            for future in waiting:
                future.cancel()


def _worked(land: Land, overview: Overview, window: Window) -> _Part:
    halo = land.halo
    block = Block(land, wider(window, halo))
    around = land.frame.county(block.window)
    county = core(around, halo)
    roofs = block.touched(land.roofs_placed.near(block.bounds))
    count = len(land.frame.zones)
    packed, joined = [], []
    by_county = np.zeros((len(land.days), count, len(LAND_FORMS)), np.int64)
    free = []
    for number, day in enumerate(land.days):
        found = [block.shares(block.free(form, day)) for form in LAND_FORMS]
        usable = (roofs | np.logical_or.reduce([own > 0 for own in found])) & (around >= 0)
        joined.append(core(together(block, usable, block.barrier(day)), halo) & (county >= 0))
        inside = [core(own, halo) for own in found]
        free.append(inside)
        packed.append([zlib.compress(own.tobytes(), 1) for own in inside])
        for form, own in enumerate(inside):
            by_county[number, :, form] = _by_county(own, county, count)
    lost = {rule: _lost(block, rule, free[0], county, count) for rule in changed(land)}
    lost_in_all = np.zeros((count, len(LAND_FORMS)), np.int64)
    before, after = (np.sum(own, axis=0, dtype=np.int64) for own in (free[0], free[-1]))
    each = [np.maximum(o.astype(np.int64) - n, 0) for o, n in zip(free[0], free[-1], strict=True)]
    # what only changes its form is not lost
    gone = np.maximum(before - after, 0) / np.maximum(np.sum(each, axis=0), 1)
    for form, own in enumerate(each):
        lost_in_all[:, form] = _by_county(np.rint(own * gone), county, count)
    return _Part(
        window,
        county,
        packed,
        joined,
        by_county,
        lost,
        lost_in_all,
        looked_at(block, halo, overview, county),
    )


def changed(land: Land) -> list[Rule]:
    """Return the rules by which land is lost after the first day: exclusions new, uses ended."""
    first, last = land.days[0], land.days[-1]
    new = [x for x in land.siting.exclusions if x.holds(last) and not x.holds(first)]
    ended = [u for u in land.siting.uses if u.form and u.holds(first) and not u.holds(last)]
    return [*new, *ended]


def prepare_loss(land: Land, rule: Rule) -> None:
    """Make what a rule leaves of what was free on the first day, before threads ask for it."""
    if rule.kind in RASTERS:
        return
    for form in _forms(rule):
        land.without(land.free(form, land.days[0]), rule)
        if land.covers(form, land.days[0]):
            land.without(land.unmapped(form, land.days[0]), rule)


def _forms(rule: Rule) -> list[str]:
    """Return the forms of land that a rule is of."""
    own = (rule.form,) if isinstance(rule, LandUse) else rule.forms
    return [form for form in LAND_FORMS if form in own]


def _lost(
    block: Block,
    rule: Rule,
    before: Sequence[npt.NDArray[np.uint16]],
    county: npt.NDArray[np.int16],
    count: int,
) -> IntArray:
    """Return how much of what was free on the first day a rule takes, by county and form."""
    day, halo = block.land.days[0], block.land.halo
    total = np.zeros((count, len(LAND_FORMS)), np.int64)
    for number, form in enumerate(LAND_FORMS):
        if form not in _forms(rule) or not before[number].any():
            continue
        if rule.kind in RASTERS:
            gone = np.where(core(_cells(block, rule), halo), before[number], 0)
        elif len(block.polygons(rule)):
            left = block.shares(block.less(block.free(form, day), form, rule))
            gone = before[number].astype(np.int64) - core(left, halo)
        else:
            continue
        total[:, number] = _by_county(gone, county, count)
    return total


def _after(land: Land, rule: LandUse) -> list[LandUse]:
    """Return the uses that carry land on the last day as one did that has ended."""
    return [
        use
        for use in land.siting.uses
        if use.form and use.holds(land.days[-1])
        if (use.kind in RASTERS) == (rule.kind in RASTERS)
    ]


def _cells(block: Block, rule: Rule) -> npt.NDArray[np.bool_]:
    """Return the cells that a rule of a raster takes; of a use that ended, no other carries."""
    found = block.cells(rule)
    if isinstance(rule, LandUse):
        for use in _after(block.land, rule):
            found = found & ~block.cells(use)
    return found


def _by_county(own: npt.NDArray[Any], county: npt.NDArray[np.int16], count: int) -> IntArray:
    """Return the sums of cells by county; those outside of all are left out."""
    if not own.any():
        return np.zeros(count, np.int64)
    sums = np.bincount(county.ravel() + 1, weights=own.ravel(), minlength=count + 1)
    return sums[1:].astype(np.int64)


def _areas(pieces: Pieces, kept: Sequence[tuple[Window, list[bytes]]]) -> FloatArray:
    """Return the free land of each piece by form, in steps."""
    count = len(pieces.zone)
    total = np.zeros((count, len(LAND_FORMS)))
    for window, packed in kept:
        rows = slice(window.row, window.row + window.rows)
        columns = slice(window.column, window.column + window.columns)
        label = pieces.label[rows, columns].ravel() + 1
        for form, own in enumerate(packed):
            values = np.frombuffer(zlib.decompress(own), np.uint16)
            total[:, form] += np.bincount(label, weights=values, minlength=count + 1)[1:]
    return total
