"""What a reader must know of photovoltaic zones, row by row of the ledger."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from jxgis.i18n import _
from jxgis.results import LedgerRow
from jxgis.solar.study import Study

# A raster that does not show more than this share of the counties is hardly meant for them.
_MUCH = 0.01


def notes(found: Study) -> Iterator[LedgerRow]:
    """Give the rows about land, roofs and zones.

    Parameters
    ----------
    found
        What was found.
    """
    yield from _cells(found)
    yield from _outside(found)
    yield from _apart(found)
    yield from _overlapping(found)
    yield from _rasters(found)
    yield from _panels(found)
    yield from _untold(found)


def _cells(found: Study) -> Iterator[LedgerRow]:
    reason = _(
        "free land is told apart in cells of {cell:g} m: the share of each that is free is exact, "
        "and a cell on a border between counties is of the one that its middle lies in"
    ).format(cell=found.frame.cell_m)
    yield LedgerRow("note", "zones", 1, reason)


def _outside(found: Study) -> Iterator[LedgerRow]:
    if found.roofs is None:
        return
    region = found.frame.region
    outside = ~shapely.intersects(region, found.points)
    if outside.any():
        reason = _("buildings lie in none of the counties and are not counted")
        yield LedgerRow("outside", "buildings", int(outside.sum()), reason)


def _apart(found: Study) -> Iterator[LedgerRow]:
    """Say how much is counted for counties and lies in no zone, where a river runs through."""
    last = found.capacities[-1]
    apart = float(last.by_county.sum() - last.mw.sum())
    total = float(last.by_county.sum())
    if total > 0 and apart / total > 1e-6:  # noqa: PLR2004 - more than rounding
        reason = _(
            "{mw:,.1f} MW lie in cells that a river or an expressway runs through: counted for the "
            "counties, and in no zone"
        ).format(mw=apart)
        yield LedgerRow("note", "land", 1, reason, apart / total)


def _overlapping(found: Study) -> Iterator[LedgerRow]:
    areas = shapely.area(np.array(found.frame.shapes, dtype=object))
    overlap = float(areas.sum() - found.frame.region.area)
    if overlap > 1.0:
        reason = _("counties overlap by {area:.4f} km²: what lies there is of the first").format(
            area=overlap / 1e6
        )
        yield LedgerRow("overlap", "zones", 1, reason)


def _rasters(found: Study) -> Iterator[LedgerRow]:
    siting = found.land.land.siting
    kinds = {use.kind for use in siting.uses}
    kinds |= {exclusion.kind for exclusion in siting.exclusions}
    if "landcover" in kinds:
        raster = found.kinds["landcover"].rasters[0]
        reason = _(
            "where no polygon of land lies, land cover decides, read at the middle of each cell"
        )
        yield LedgerRow("note", raster.name, 1, reason)
    if "elevation" in kinds:
        raster = found.kinds["elevation"].rasters[0]
        side = float(np.sqrt(raster.grid.middle_cell_m2()))
        reason = _(
            "slopes are those of the raster's own cells of {cell:.0f} m: steeper places within a "
            "cell are not seen"
        ).format(cell=side)
        yield LedgerRow("note", raster.name, 1, reason)
    cells = int(np.count_nonzero(found.land.overview.county >= 0)) * found.land.overview.factor**2
    for kind, unseen in found.land.overview.unseen.items():
        if unseen:
            raster = found.kinds[kind].rasters[0]
            reason = _(
                "{share:.1%} of the counties is not shown by the raster: rules of it were not "
                "looked at there"
            ).format(share=min(unseen / max(cells, 1), 1.0))
            what = "suspected" if unseen > _MUCH * cells else "note"
            yield LedgerRow(what, raster.name, unseen, reason)


def _panels(found: Study) -> Iterator[LedgerRow]:
    """Say that land with panels is not built on again."""
    if "pv" in found.kinds and len(found.land.land.panels):
        reason = _("land that panels stand on already is not counted again")
        yield LedgerRow("excluded", found.kinds["pv"].name, len(found.land.land.panels), reason)


def _untold(found: Study) -> Iterator[LedgerRow]:
    """Say what a click on the map cannot tell."""
    less = found.land.overview.less
    if less:
        reason = _("rules are applied, and not told by a click on the map: there are too many")
        yield LedgerRow("note", "land", less, reason)
