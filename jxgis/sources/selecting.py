"""The rows a plan asks for: columns compared as text."""

from __future__ import annotations

import geopandas as gpd
import numpy as np

from jxgis.cleaning.columns import as_text, attributes, missing
from jxgis.i18n import _
from jxgis.results import LedgerRow
from jxgis.spec import LayerSpec


def keep_where(data: gpd.GeoDataFrame, spec: LayerSpec) -> tuple[gpd.GeoDataFrame, list[LedgerRow]]:
    """Keep the rows whose columns have the values that ``spec.where`` names.

    Several columns must all fit; of one column any of its values does. ``True`` keeps every
    value but an empty one. Row labels stay, so that later sentences name rows of the source.

    Raises
    ------
    MissingColumnError
        If there is no such column.
    """
    keep = np.ones(len(data), dtype=bool)
    for column, wanted in spec.where.items():
        name = spec.columns.get(column, column)
        if name not in attributes(data):
            raise missing(spec, name, data, column)
        text = as_text(data[name])
        fits = text.notna() if isinstance(wanted, bool) else text.isin([w.strip() for w in wanted])
        keep &= fits.to_numpy(dtype=bool)
    if not spec.where:
        return data, []
    reason = _("{kept} of {n} rows are what the plan asks for: {where}").format(
        kept=int(keep.sum()), n=len(data), where=_said(spec)
    )
    return data.loc[keep], [LedgerRow("note", spec.name, int((~keep).sum()), reason)]


def _said(spec: LayerSpec) -> str:
    parts = []
    for column, wanted in spec.where.items():
        value = _("any") if isinstance(wanted, bool) else _(" or ").join(wanted)
        parts.append(f"{column} = {value}")
    return "; ".join(parts)
