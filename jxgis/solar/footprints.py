"""Each place under a roof once: outlines that overlap, panels that are there, parcels too small."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from jxgis.cleaning import rows_named
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.kernels.polygons import SLIVER_M2, disjoint, polygons_of
from jxgis.layers import Layer
from jxgis.results import LedgerRow
from jxgis.rules import Rules

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Shapes = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Footprints:
    """What is left of outlines where each place counts once.

    Attributes
    ----------
    shapes : (n,) array of polygons
        Of each building what is its own and free; empty where nothing is.
    area_m2 : (n,) array
        Its own, with panels that are there.
    panels_m2 : (n,) array
        Of that, under panels that are there already.
    ledger
        What overlaps, and the panels.
    """

    shapes: Shapes
    area_m2: FloatArray
    panels_m2: FloatArray
    ledger: tuple[LedgerRow, ...]


def footprints(buildings: Layer, heights: FloatArray, panels: Layer | None) -> Footprints:
    """Return the place of each building, those under two given to one of them.

    The higher has it, as its roof is what the sun sees; of those whose height is not known, the
    smaller, which is the finer drawing (a part inside an outline); of equal ones the first.

    Parameters
    ----------
    buildings
        Of kind ``buildings``.
    heights : (n,) array
        Metres; NaN where not known.
    panels
        Of kind ``pv``: what carries panels already.

    Returns
    -------
    Footprints
        In the layer's order.
    """
    outlines = np.array(buildings.data.geometry, dtype=object)
    whole = shapely.area(outlines)
    own = _own(outlines, heights)
    area = shapely.area(own)
    rows = []
    lost = float(whole.sum() - area.sum())
    if lost > SLIVER_M2:
        cut = int((whole - area > SLIVER_M2).sum())
        reason = _(
            "buildings overlap others, higher or smaller ones, which have the place: "
            "{area:,.0f} m² are counted once"
        ).format(area=lost)
        rows.append(LedgerRow("overlap", buildings.name, cut, reason, lost / float(whole.sum())))
    free = own
    if panels is not None:
        free = _less(own, disjoint(polygons_of(np.array(panels.data.geometry, dtype=object)))[0])
    taken = np.maximum(area - shapely.area(free), 0.0)
    if (taken > SLIVER_M2).any() and panels is not None:
        reason = _("roofs carry panels already: their {area:,.0f} m² are left out").format(
            area=float(taken.sum())
        )
        share = float(taken.sum() / area.sum())
        rows.append(
            LedgerRow("excluded", panels.name, int((taken > SLIVER_M2).sum()), reason, share)
        )
    return Footprints(free, area, taken, tuple(rows))


def _own(outlines: Shapes, heights: FloatArray) -> Shapes:
    """Return outlines less those that come before them: higher, then smaller, then earlier ones."""
    known = np.where(np.isnan(heights), -np.inf, heights)
    order = np.lexsort((np.arange(len(outlines)), shapely.area(outlines), -known))
    rank = np.empty(len(order), dtype=np.intp)
    rank[order] = np.arange(len(order))
    one, other = shapely.STRtree(outlines).query(outlines, predicate="intersects")
    later = rank[one] > rank[other]
    one, other = one[later], other[later]
    # What only touches has no area in common.
    common = shapely.relate_pattern(outlines[one], outlines[other], "T********")
    return _without(outlines, one[common], outlines[other[common]])


def _less(shapes: Shapes, others: Shapes) -> Shapes:
    at, other = shapely.STRtree(others).query(shapes, predicate="intersects")
    return _without(shapes, at, others[other])


def _without(shapes: Shapes, at: IntArray, others: Shapes) -> Shapes:
    """Return shapes, and of those named in ``at`` only what the others beside it leave."""
    left = shapes.copy()
    order = np.argsort(at, kind="stable")
    which, first = np.unique(at[order], return_index=True)
    for i, group in zip(which.tolist(), np.split(others[order], first[1:]), strict=False):
        rest = polygons_of(shapely.difference(shapes[i], shapely.union_all(group)))
        rest = rest[shapely.area(rest) > SLIVER_M2]
        left[i] = rest[0] if len(rest) == 1 else shapely.multipolygons(rest)
    return left


def larger_than_parcel(buildings: Layer, parcels: Layer, rules: Rules) -> list[InputError]:
    """Return what is said of buildings that are larger than the parcel they stand on.

    Parameters
    ----------
    buildings
        Of kind ``buildings``.
    parcels
        Polygons. A building stands on those that its inner point lies in; where several overlap,
        it must be larger than each.
    rules
        By how much a roof may be larger, for the accuracy of the drawing.

    Returns
    -------
    list of InputError
        One sentence for all of them, or none.
    """
    outlines = np.array(buildings.data.geometry, dtype=object)
    lots = np.array(parcels.data.geometry, dtype=object)
    roof, lot = shapely.STRtree(lots).query(
        shapely.point_on_surface(outlines), predicate="intersects"
    )
    room = np.zeros(len(outlines))
    np.maximum.at(room, roof, shapely.area(lots)[lot])
    area = shapely.area(outlines)
    limit = room * (1 + rules["solar.parcel_tolerance"].value)
    wrong = np.flatnonzero((room > 0) & (area > limit))
    if not len(wrong):
        return []
    worst = int(wrong[np.argmax(area[wrong] / room[wrong])])
    problem = _(
        "{n} buildings are larger than the parcel that they stand on: {rows}; the worst, row "
        "{row}, has {area:,.0f} m² on a parcel of {room:,.0f} m²"
    ).format(
        n=len(wrong),
        rows=rows_named(buildings.data.index[wrong]),
        row=worst + 1,
        area=area[worst],
        room=room[worst],
    )
    mend = _(
        "Correct the outlines or the parcels; where the two are of different years or datums, "
        "leave {layer} out"
    ).format(layer=parcels.name)
    return [InputError(problem, layer=buildings.name, mend=mend)]
