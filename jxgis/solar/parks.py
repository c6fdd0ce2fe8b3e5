"""Industrial parks and what their roofs carry; the fewest that make up a county's capacity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from jxgis.i18n import _
from jxgis.kernels.compact import fewest
from jxgis.layers import Layer
from jxgis.results import LedgerRow
from jxgis.rules import Rules
from jxgis.solar.roofs import Roofs

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Shapes = npt.NDArray[np.object_]

JOIN_RULE = "solar.join_within_m"


@dataclass(frozen=True)
class Parks:
    """Parks, largest first, and the fewest of each county.

    Attributes
    ----------
    data
        A row a park: ``park``, ``zone_id``, ``zone``, ``roofs`` (their number), ``roof_m2``,
        ``usable_m2``, ``capacity_mw`` and ``chosen`` (whether it is one of the fewest).
    shapes : (n,) array of polygons
        The estate of each, or its roofs.
    roof_park : (m,) array
        Of each roof the row of its park in ``data``; -1: none.
    counties
        A row a county, in the layer's order: ``zone_id``, ``zone``, ``parks``, ``capacity_mw`` of
        all its parks, ``fewest`` (how many reach the need; None: all together do not),
        ``chosen_mw`` and ``short_mw`` (what all together lack, 0 if nothing).
    ledger
        What was assumed, and roofs of industry in no park.
    """

    data: pd.DataFrame
    shapes: Shapes
    roof_park: IntArray
    counties: pd.DataFrame
    ledger: tuple[LedgerRow, ...]


def parks(
    roofs: Roofs, estates: Layer | None, counties: Layer | None, need_mw: float, rules: Rules
) -> Parks:
    """Return the parks, each with the roofs of industry in it, and the fewest by county.

    Parameters
    ----------
    roofs
        Those whose kind makes up parks are counted.
    estates
        Outlines of parks; a roof is in the first that its inner point lies in. None: roofs of
        industry near to each other make a park.
    counties
        Of kind ``zones``; a park is in the one that has most of its capacity. None: all are in one.
    need_mw
        What the parks of a county must carry.
    rules
        How near roofs must be to make a park.

    Returns
    -------
    Parks
    """
    at = np.flatnonzero(
        roofs.data["in_park"].to_numpy(dtype=bool) & ~shapely.is_empty(roofs.shapes)
    )
    points = np.asarray(shapely.point_on_surface(roofs.shapes[at]), dtype=object)
    capacity = roofs.data["capacity_mw"].to_numpy(dtype=np.float64)
    if estates is None:
        park = clusters(roofs.shapes[at], rules[JOIN_RULE].value)
        count = int(park.max(initial=-1)) + 1
        names = [""] * count
        rows = [_assumed(at, count, rules)]
        shapes = _together(roofs.shapes[at], park, count)
    else:
        shapes = np.array(estates.data.geometry, dtype=object)
        park, count, names = _first_within(points, shapes), len(shapes), _names(estates)
        rows = _outside(estates, capacity[at[park < 0]])
    found = _table(roofs, at, park, count)
    names_of, county = _counties(points, counties), np.full(count, -1)
    for own, mine in _by_group(park, count):
        county[own] = _largest(names_of.place[mine], capacity[at[mine]])
    order = np.lexsort((np.arange(count), -found["capacity_mw"].to_numpy()))
    found, county = found.iloc[order].reset_index(drop=True), county[order]
    found.insert(
        0, "park", [names[i] or _("Park {n}").format(n=n + 1) for n, i in enumerate(order)]
    )
    found.insert(1, "zone_id", [names_of.ids[c] for c in county])
    found.insert(2, "zone", [names_of.names[c] for c in county])
    table, chosen = _fewest(found["capacity_mw"].to_numpy(), county, names_of, need_mw)
    found["chosen"] = chosen
    place = np.empty(count + 1, dtype=np.intp)
    place[order], place[count] = np.arange(count), -1
    roof_park = np.full(len(roofs.data), -1)
    roof_park[at] = place[park]
    return Parks(found, shapes[order], roof_park, table, tuple(rows))


def clusters(shapes: Shapes, within_m: float) -> IntArray:
    """Return which cluster each shape is in, where those near to each other are in one.

    Parameters
    ----------
    shapes : (n,) array
        In a metric CRS.
    within_m
        Two are joined that are as near as this, whatever lies between them.

    Returns
    -------
    (n,) array
        Counted from 0 in the order of their first shapes.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = len(shapes)
    if not n:
        return np.empty(0, dtype=np.intp)
    one, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=within_m)
    graph = coo_array((np.ones(len(one), dtype=bool), (one, other)), shape=(n, n))
    _count, label = connected_components(graph, directed=False)
    _values, first, inverse = np.unique(label, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.intp)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]


def _assumed(at: IntArray, count: int, rules: Rules) -> LedgerRow:
    reason = _(
        "no layer of parks (estates) is given: {n} roofs of industry, joined where they are within "
        "{metres:g} m of each other, make {count} parks"
    ).format(n=len(at), metres=rules[JOIN_RULE].value, count=count)
    return LedgerRow("assumed", "buildings", len(at), reason)


def _outside(estates: Layer, capacity: FloatArray) -> list[LedgerRow]:
    if not len(capacity):
        return []
    reason = _("roofs of industry in no park carry {mw:,.1f} MW, which no park counts")
    text = reason.format(mw=float(capacity.sum()))
    return [LedgerRow("outside", estates.name, len(capacity), text)]


def _together(shapes: Shapes, park: IntArray, count: int) -> Shapes:
    joined = np.empty(count, dtype=object)
    for own, mine in _by_group(park, count):
        joined[own] = shapely.union_all(shapes[mine])
    return joined


def _by_group(group: IntArray, count: int) -> list[tuple[int, IntArray]]:
    """Return each group that has members, with them."""
    order = np.argsort(group, kind="stable")
    bounds = np.searchsorted(group[order], np.arange(count + 1))
    return [
        (own, order[bounds[own] : bounds[own + 1]])
        for own in range(count)
        if bounds[own] < bounds[own + 1]
    ]


def _first_within(points: Shapes, areas: Shapes) -> IntArray:
    """Return the first area that each point is in, -1: none."""
    found = np.full(len(points), len(areas))
    point, area = shapely.STRtree(areas).query(points, predicate="intersects")
    np.minimum.at(found, point, area)
    return np.where(found == len(areas), -1, found)


def _names(estates: Layer) -> list[str]:
    if "name" not in estates.data:
        return [""] * len(estates.data)
    names = estates.data["name"].astype(object)
    return [str(name) for name in names.where(names.notna(), "")]


def _table(roofs: Roofs, at: IntArray, park: IntArray, count: int) -> pd.DataFrame:
    inside = park >= 0
    own = roofs.data.iloc[at[inside]]

    def total(column: str) -> FloatArray:
        values = own[column].to_numpy(dtype=np.float64)
        return np.asarray(np.bincount(park[inside], values, minlength=count), dtype=np.float64)

    return pd.DataFrame(
        {
            "roofs": np.bincount(park[inside], minlength=count),
            "roof_m2": total("area_m2"),
            "usable_m2": total("usable_m2"),
            "capacity_mw": total("capacity_mw"),
        }
    )


@dataclass(frozen=True)
class _Counties:
    """Ids and names, the last of what is outside; and the county of each point."""

    ids: Sequence[str]
    names: Sequence[str]
    place: IntArray


def _counties(points: Shapes, counties: Layer | None) -> _Counties:
    if counties is None:
        return _Counties([""], [_("all")], np.full(len(points), -1))
    data = counties.data
    ids = [*data["zone_id"].astype(str), ""]
    names = [*data["zone"].astype(str), _("outside every county")]
    return _Counties(ids, names, _first_within(points, np.array(data.geometry, dtype=object)))


def _largest(county: IntArray, capacity: FloatArray) -> int:
    """Return the county with most capacity; of equal ones the first, and outside the last."""
    own, inverse = np.unique(
        np.where(county < 0, np.iinfo(np.intp).max, county), return_inverse=True
    )
    best = int(own[np.argmax(np.bincount(inverse, capacity))])
    return -1 if best == np.iinfo(np.intp).max else best


def _fewest(
    capacity: FloatArray, county: IntArray, names: _Counties, need_mw: float
) -> tuple[pd.DataFrame, npt.NDArray[np.bool_]]:
    chosen = np.zeros(len(capacity), dtype=bool)
    rows = []
    last = len(names.ids) - 1
    for number in range(len(names.ids)):
        mine = np.flatnonzero((county == number) | ((number == last) & (county < 0)))
        if number == last and last and not len(mine):
            continue  # no park lies outside
        picked = fewest(capacity[mine], need_mw)
        if picked is not None:
            chosen[mine[picked]] = True
        total = float(capacity[mine].sum())
        rows.append(
            {
                "zone_id": names.ids[number],
                "zone": names.names[number],
                "parks": len(mine),
                "capacity_mw": total,
                "fewest": None if picked is None else len(picked),
                "chosen_mw": float(capacity[mine[chosen[mine]]].sum()),
                "short_mw": max(need_mw - total, 0.0) if picked is None else 0.0,
            }
        )
    table = pd.DataFrame(rows)
    # Whole numbers and None, which a column of numbers would make fractions and NaN.
    table["fewest"] = pd.Series([row["fewest"] for row in rows], dtype=object)
    return table, chosen
