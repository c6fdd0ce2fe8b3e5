"""Where a new stop may stand: along streets that a bus can use, or along given routes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.kernels.polygons import spaced
from jxgis.layers import Layer
from jxgis.results import LedgerRow
from jxgis.transit.wholes import FloatArray

BUS_STREETS = (
    *("trunk", "primary", "secondary", "tertiary"),
    *("trunk_link", "primary_link", "secondary_link", "tertiary_link"),
    *("unclassified", "residential", "busway", "road"),
)
"""Classes of ``highway`` that a bus can use and stop on."""

SAME_M = 1.0
"""Candidates nearer than this to an earlier one are left out: lines meet at their ends."""


@dataclass(frozen=True)
class Candidates:
    """Places for new stops: (n, 2) metres, the street of each, and what was left out."""

    points: FloatArray
    names: tuple[str, ...]
    ledger: tuple[LedgerRow, ...]


def candidates_along(
    lines: Layer, stops: FloatArray, *, spacing_m: float, least_m: float
) -> Candidates:
    """Return places along lines, evenly spaced, and not beside a stop that there is.

    Parameters
    ----------
    lines
        Of kind ``routes``, all of which are used, or ``streets``, of which those that a bus can
        use are (all, where there is no column ``highway``).
    stops
        (m, 2) stops that there are, metres.
    spacing_m
        Largest distance between neighbours along a line.
    least_m
        Least straight distance from any stop.

    Raises
    ------
    InputError
        No line that a bus can use.
    """
    data = lines.data
    ledger = []
    if lines.kind.name == "streets" and "highway" in data:
        usable = data["highway"].isin(BUS_STREETS).to_numpy(dtype=bool)
        if not usable.all():
            reason = _("streets that no bus uses: no new stop is proposed along them")
            ledger.append(LedgerRow("excluded", lines.name, int((~usable).sum()), reason))
        data = data[usable]
    if data.empty:
        raise InputError(
            _("there is no street that a bus can use"),
            layer=lines.name,
            mend=_("Give all streets of the city, or routes"),
        )
    parts, row = shapely.get_parts(data.geometry.to_numpy(), return_index=True)
    points, line = spaced(parts, spacing_m)
    kept = _distinct(points)
    points, line = points[kept], line[kept]
    far = np.asarray(cKDTree(stops).query(points)[0]) >= least_m
    names = data["name"].fillna("").astype(str).to_numpy() if "name" in data else None
    owner = row[line[far]]
    return Candidates(
        points[far],
        tuple(names[owner].tolist()) if names is not None else ("",) * int(far.sum()),
        tuple(ledger),
    )


def _distinct(points: FloatArray) -> NDArray[np.intp]:
    """Return the indices of points that are not within `SAME_M` of an earlier one that is kept."""
    pairs = cKDTree(points).query_pairs(SAME_M, output_type="ndarray")
    dropped = np.zeros(len(points), bool)
    for first, second in pairs[np.lexsort(pairs.T[::-1])].tolist():
        if not dropped[first]:
            dropped[second] = True
    return np.flatnonzero(~dropped)
