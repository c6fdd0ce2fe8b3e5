"""From what a source gave to what a measure can trust: columns, geometries, positions.

`jxgis.layers.prepare` calls the rooms in turn; each returns the rows it keeps and what it did.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from jxgis.i18n import _
from jxgis.spec import LayerSpec

if TYPE_CHECKING:
    import geopandas as gpd

# A ledger row or an error names this many rows before it says "and so on".
_NAMED = 5


class Place(TypedDict):
    """Where an error is: keyword arguments of `jxgis.errors.JxgisError`."""

    file: str
    layer: str


def place(spec: LayerSpec) -> Place:
    """Return the place that errors about this layer name."""
    return {"file": spec.source, "layer": spec.name}


def row_number(label: Any) -> int:
    """Return the row's number in the source, from 1, for an index label that counts from 0."""
    return int(label) + 1


def rows_named(labels: Iterable[Any]) -> str:
    """Return ``row 3`` or ``rows 3, 8, 11`` for index labels, with the first few only."""
    numbers = sorted({row_number(label) for label in labels})
    listed = ", ".join(str(n) for n in numbers[:_NAMED])
    if len(numbers) > _NAMED:
        return _("rows {rows} and {n} more").format(rows=listed, n=len(numbers) - _NAMED)
    return (_("row {rows}") if len(numbers) == 1 else _("rows {rows}")).format(rows=listed)


def geometries(data: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return the geometries as an array of its own, which may be written to."""
    return np.array(data.geometry.array, dtype=object)
