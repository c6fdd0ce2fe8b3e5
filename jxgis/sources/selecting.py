"""The rows a plan asks for: columns compared as text."""

from __future__ import annotations

import geopandas as gpd
import numpy as np

from jxgis.cleaning import place
from jxgis.cleaning.columns import as_text, attributes, missing
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.results import LedgerRow
from jxgis.spec import LayerSpec

# An error names so many of the values that are there.
_NAMED = 8


def keep_where(data: gpd.GeoDataFrame, spec: LayerSpec) -> tuple[gpd.GeoDataFrame, list[LedgerRow]]:
    """Keep the rows whose columns have the values that ``spec.where`` names.

    Several columns must all fit; of one column any of its values does. ``True`` keeps every
    value but an empty one. Row labels stay, so that later sentences name rows of the source.

    Raises
    ------
    MissingColumnError
        If there is no such column.
    InputError
        If no row is left.
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
    if len(data) and not keep.any():
        raise _none_left(data, spec)
    reason = _("{kept} of {n} rows are what the plan asks for: {where}").format(
        kept=int(keep.sum()), n=len(data), where=_said(spec)
    )
    return data.loc[keep], [LedgerRow("note", spec.name, int((~keep).sum()), reason)]


def _none_left(data: gpd.GeoDataFrame, spec: LayerSpec) -> InputError:
    there = []
    for column in spec.where:
        name = spec.columns.get(column, column)
        values = as_text(data[name]).dropna().unique().tolist()
        listed = ", ".join(str(value) for value in values[:_NAMED]) or _("nothing")
        if len(values) > _NAMED:
            listed = _("{names} and {n} more").format(names=listed, n=len(values) - _NAMED)
        there.append(_("column {column} holds: {values}").format(column=name, values=listed))
    return InputError(
        _("none of {n} rows is what the plan asks for: {where}").format(
            n=len(data), where=_said(spec)
        ),
        mend=_("Correct where = … under [layers.{layer}]; {there}").format(
            layer=spec.name, there="; ".join(there)
        ),
        **place(spec),
    )


def _said(spec: LayerSpec) -> str:
    parts = []
    for column, wanted in spec.where.items():
        value = _("any") if isinstance(wanted, bool) else _(" or ").join(wanted)
        parts.append(f"{column} = {value}")
    return "; ".join(parts)
