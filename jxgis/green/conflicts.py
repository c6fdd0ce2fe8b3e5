"""Ground that is counted twice: as green land, and as the site of photovoltaics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from jxgis.green.asking import MU_M2
from jxgis.green.passes import Tally
from jxgis.green.places import joined
from jxgis.i18n import _
from jxgis.kernels.polygons import disjoint, polygons_of
from jxgis.layers import Layer
from jxgis.results import Drawing, LedgerRow, Table


def sites_within(pv: Layer, whole: Any) -> list[Any]:
    """Return what lies of each site within an area, and last of all sites, each place once.

    Parameters
    ----------
    pv
        Polygons.
    whole
        The area that green is counted in: green elsewhere is not counted, and not twice.
    """
    sites = np.array(pv.data.geometry, dtype=object)
    shapely.prepare(whole)
    beyond = ~shapely.covers(whole, sites)
    sites[beyond] = shapely.intersection(sites[beyond], whole)
    return [*sites, joined(disjoint(polygons_of(sites))[0])]


def conflicts(
    pv: Layer, found: Tally, cell_m2: float, seen_m2: float
) -> tuple[list[Table], list[Drawing], list[LedgerRow]]:
    """Return the sites of photovoltaics that a map shows as green, largest first.

    Parameters
    ----------
    pv
        Their polygons.
    found
        Areas on the map of each, in the layer's order, and last of all, each place once.
    cell_m2
        Less than a cell of green is a boundary's, not a conflict.
    seen_m2
        The area that green cover is a share of, for the effect of what is counted twice.

    Returns
    -------
    tables, drawings, ledger
        A row each; no table and no drawing where there is no conflict.
    """
    once, found = found.class_m2[-1], found.part(slice(0, -1))
    both = found.class_m2 >= cell_m2
    unseen = int(np.count_nonzero(found.seen_m2 < 0.5 * found.area_m2))
    ledger = []
    if unseen:
        reason = _(
            "photovoltaic sites of which less than half was seen: whether they are green too is "
            "not known"
        )
        ledger.append(LedgerRow("note", pv.name, unseen, reason))
    order = [int(i) for i in np.argsort(-found.class_m2, kind="stable") if both[i]]
    if not order:
        reason = _("no photovoltaic site is counted as green as well")
        return [], [], [LedgerRow("note", pv.name, len(pv.data), reason), *ledger]
    twice = float(once - found.class_m2[~both].sum())
    reason = _(
        "photovoltaic sites are green on the map as well: {area:,.2f} ha are counted twice"
    ).format(area=twice / 10_000)
    ledger.insert(0, LedgerRow("suspected", pv.name, len(order), reason, twice / seen_m2))
    return [_table(pv, found, order)], [_drawing(pv, order)], ledger


def _names(pv: Layer, order: Sequence[int]) -> Iterator[str]:
    for i in order:
        name = pv.data["name"].iloc[i] if "name" in pv.data else None
        yield str(name) if isinstance(name, str) and name else f"{i + 1}"


def _table(pv: Layer, found: Tally, order: Sequence[int]) -> Table:
    green = found.class_m2[order]
    data = pd.DataFrame(
        {
            "name": list(_names(pv, order)),
            "area_m2": found.area_m2[order],
            "green_area_m2": green,
            "green_mu": green / MU_M2,
            "green_share": np.minimum(green / found.area_m2[order], 1.0),
        }
    )
    fields = {
        "name": _("Site"),
        "area_m2": _("Area"),
        "green_area_m2": _("Green on the map"),
        "green_mu": _("Green, in mu"),
        "green_share": _("Share"),
    }
    title = _("Counted twice: photovoltaics on green land")
    note = _("Either the map is wrong there, or the site is: each is looked at before one counts.")
    return Table("conflicts", title, data, fields, drawing="conflicts", note=note)


def _drawing(pv: Layer, order: Sequence[int]) -> Drawing:
    data = gpd.GeoDataFrame(
        {"name": list(_names(pv, order))},
        geometry=pv.data.geometry.to_numpy()[order],
        crs=pv.data.crs,
    )
    return Drawing("conflicts", _("Photovoltaics on green land"), "gaps", data, {"name": _("Site")})
