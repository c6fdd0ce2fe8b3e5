"""Two maps of green land on one grid, strip by strip: what each cell became."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jxgis.errors import InputError
from jxgis.green.asking import Settings
from jxgis.green.grids import check_alike
from jxgis.green.maps import Cells, ClassMap, image_map
from jxgis.green.passes import Strip, each, strip_of, windows
from jxgis.green.patches import least_cells, with_halo
from jxgis.green.season import Shift, check_order
from jxgis.green.strata import Codes
from jxgis.i18n import _
from jxgis.kernels.patches import halo, of_least_size
from jxgis.kernels.zonal import Outlines
from jxgis.layers import Layer
from jxgis.rasters import Window
from jxgis.rules import Rules

GAINED, LOST, KEPT, OTHER, UNSEEN = 1, 2, 3, 4, 5
WORDS = {GAINED: "gained", LOST: "lost", KEPT: "green", OTHER: "other"}


@dataclass(frozen=True)
class Pair:
    """The maps of two dates, and how many cells make a change."""

    now: ClassMap
    before: ClassMap
    least: int


def pair(layers: Mapping[str, Layer], settings: Settings, rules: Rules) -> Pair:
    """Return the maps of ``imagery`` and ``imagery_before``.

    Raises
    ------
    InputError
        If one is not there, they cannot be compared, or are in the wrong order.
    """
    for kind in ("imagery", "imagery_before"):
        if kind not in layers:
            raise InputError(_("there is no layer {layer}").format(layer=kind))
    now, before = (
        image_map(layers[kind], "ndvi", settings.composite, rules)
        for kind in ("imagery", "imagery_before")
    )
    check_alike([*now.rasters, *before.rasters], layers["imagery_before"].name)
    check_order(now.rasters, before.rasters, layers["imagery_before"].name)
    return Pair(now, before, least_cells(now, rules))


@dataclass(frozen=True)
class Became:
    """A strip: what each cell became, changes in small patches undone, and where these are."""

    window: Window
    codes: Codes
    small: npt.NDArray[np.bool_]


def became(maps: Pair, lines: Outlines, shift: Shift) -> Iterator[Became]:
    """Give the strips of a change, from top to bottom.

    Parameters
    ----------
    maps
        Of the two dates.
    lines
        What is measured.
    shift
        Grows by how the index moved where nothing changed.

    Yields
    ------
    Became
        Gains in patches under the least size count as green that was kept, losses as other land.
    """
    now, before, margin = maps.now, maps.before, halo(maps.least)
    rasters = (*now.rasters, *before.rasters)

    def work(window: Window, cells: list[Cells]) -> tuple[Window, Codes, Shift]:
        k = len(now.rasters)
        late, early = strip_of(now, window, cells[:k]), strip_of(before, window, cells[k:])
        codes = _codes(late, early)
        kept, other = codes == KEPT, codes == OTHER
        return window, codes, Shift.of(kept, other, (now, cells[:k]), (before, cells[k:]))

    def strips() -> Iterator[tuple[Window, Codes]]:
        for window, codes, own in each(rasters, windows(rasters, lines, margin), work):
            shift.add(own)
            yield window, codes

    for window, codes, above in with_halo(strips(), margin):
        core = codes[above : above + window.rows].copy()
        gained, lost = (
            of_least_size(codes == code, maps.least, above, window.rows) for code in (GAINED, LOST)
        )
        small_gain, small_loss = (core == GAINED) & ~gained, (core == LOST) & ~lost
        core[small_gain], core[small_loss] = KEPT, OTHER
        yield Became(window, core, small_gain | small_loss)


def _codes(late: Strip, early: Strip) -> Codes:
    is_green, was_green = late.amount.astype(bool), early.amount.astype(bool)
    codes = np.where(is_green, np.where(was_green, KEPT, GAINED), np.where(was_green, LOST, OTHER))
    return np.where(late.seen & early.seen, codes, UNSEEN).astype(np.uint8)
