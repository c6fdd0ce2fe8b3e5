"""What looks odd in where service areas and chargers are, for the ledger."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely

from jxgis.i18n import _
from jxgis.results import LedgerRow


def odd(contradicted: Sequence[str], unknown: Sequence[str], layer: str) -> list[LedgerRow]:
    """Return rows for names that the place contradicts, and for directions that are not known."""
    rows = []
    if contradicted:
        reason = _("on another side of the expressway than is said: {names}").format(
            names=_(", ").join(contradicted)
        )
        rows.append(LedgerRow("suspected", layer, len(contradicted), reason))
    if unknown:
        reason = _(
            "the name says a direction that no expressway near is known to lead in; the place "
            "decided: {names}"
        ).format(names=_(", ").join(unknown))
        rows.append(LedgerRow("assumed", layer, len(unknown), reason))
    return rows


def without_repeats(
    data: gpd.GeoDataFrame, layer: str, within_m: float
) -> tuple[gpd.GeoDataFrame, list[LedgerRow]]:
    """Leave out rows with the name and side of one that is near before it on the carriageway.

    Parameters
    ----------
    data
        As `jxgis.charging.corridor_sides.Sides` has them.
    layer
        Its name.
    within_m
        How near along the carriageway, metres.
    """
    ordered = data.sort_values(["area", "way", "at_m", "row"])
    near = ordered.duplicated(["area", "way"]) & (ordered["at_m"].diff() <= within_m)
    again = near.reindex(data.index)
    if not again.any():
        return data, []
    reason = _("a second row of the same service area and side")
    row = LedgerRow("dropped", layer, int(again.sum()), reason)
    return data[~again].reset_index(drop=True), [row]


def one_sided(data: gpd.GeoDataFrame, layer: str, within_m: float) -> list[LedgerRow]:
    """Return a row for service areas with one side only, where nothing but the place tells so.

    Maps often have one point for both sides. Another side is there if a row on another carriageway
    has the same name, or lies within twice ``within_m``.
    """
    points, way = np.asarray(data.geometry, dtype=object), data["way"].to_numpy()
    one, other = shapely.STRtree(points).query(points, predicate="dwithin", distance=2 * within_m)
    paired = np.zeros(len(data), dtype=bool)
    paired[one[way[one] != way[other]]] = True
    paired |= (data.groupby("area")["way"].transform("nunique") > 1).to_numpy()
    silent = (data["told"] == "place") & (data["name"] == data["area"])
    lone = data[~paired & silent.to_numpy()]
    if lone.empty:
        return []
    reason = _(
        "on one side of the expressway only; where a point stands for both sides, a column side "
        "should say both: {names}"
    ).format(names=_(", ").join(lone["area"]))
    return [LedgerRow("suspected", layer, len(lone), reason)]
