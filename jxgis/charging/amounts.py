"""What a plan's layer counts as demand: an amount for each of its features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from jxgis.charging.columns import numbers, refuse
from jxgis.charging_spec import DemandSpec, Source
from jxgis.errors import InputError, MissingColumnError
from jxgis.i18n import _
from jxgis.layers import Layer
from jxgis.results import LedgerRow

FloatArray = NDArray[np.float64]

COLUMNS: Mapping[str, str] = {
    "population": "population",
    "jobs": "jobs",
    "parking": "spaces",
    "vehicles": "vehicles",
    "traffic": "vehicles_per_day",
    "expressways": "vehicles_per_day",
    "demand": "weight",
}
"""The column of amounts of each kind of layer; one of any other kind counts its features."""

DRIVEN = "vehicles_per_day"
"""A column that is multiplied by a line's kilometres."""

_M_IN_KM = 1000.0


@dataclass(frozen=True)
class Amounts:
    """What a source counts.

    Attributes
    ----------
    layer
        The layer that is counted.
    column
        What is counted, for the reader: the column, with ``× km`` where it is multiplied by
        kilometres, or one a feature.
    amount
        (n,) amount of each feature, >= 0.
    weight
        What one of it counts.
    ledger
        What had to be assumed.
    """

    layer: Layer
    column: str
    amount: FloatArray
    weight: float
    ledger: tuple[LedgerRow, ...]


def amounts_of(spec: DemandSpec, layers: Mapping[str, Layer]) -> list[Amounts]:
    """Return the amounts of each source of a demand, in its order.

    Parameters
    ----------
    spec
        The demand.
    layers
        The plan's layers by name.

    Raises
    ------
    InputError
        A layer or column that is not there, an amount that is negative or no number, or amounts
        of several units that are added without a weight for each.
    """
    for source in spec.sources:
        if source.layer not in layers:
            raise InputError(
                _("the demand {demand} counts a layer {name} that the plan does not have").format(
                    demand=spec.title, name=source.layer
                ),
                mend=_("Add [layers.{name}]").format(name=source.layer),
            )
    found = [_amounts(source, layers[source.layer]) for source in spec.sources]
    _check_units(spec, found)
    return found


def _amounts(source: Source, layer: Layer) -> Amounts:
    data, column = layer.data, source.column or COLUMNS.get(layer.kind.name)
    weight = 1.0 if source.weight is None else source.weight
    if column is None:
        return Amounts(layer, _("one a feature"), np.ones(len(data)), weight, ())
    if column not in data:
        raise MissingColumnError(
            _("there is no column {name}").format(name=column),
            layer=layer.name,
            mend=_("Name the one that holds the amounts: column = under sources"),
        )
    values, given = numbers(layer, column), data[column].notna().to_numpy()
    odd = (np.isnan(values) & given) | np.isinf(values)
    refuse(layer, column, odd, _("{column} is {value}, which is no number"))
    refuse(layer, column, values < 0, _("{column} is {value}, which is below zero"))
    ledger = []
    unknown = np.isnan(values)
    if unknown.any():
        reason = _("features without {column}: they count nothing").format(column=column)
        ledger.append(LedgerRow("dropped", layer.name, int(unknown.sum()), reason))
    values = np.where(unknown, 0.0, values)
    kilometres = shapely.length(data.geometry.to_numpy()) / _M_IN_KM
    is_line = shapely.get_dimensions(data.geometry.to_numpy()) == 1
    if column == DRIVEN and is_line.any():
        values = np.where(is_line, values * kilometres, values)
        column = f"{column} × km"
    return Amounts(layer, column, values, weight, tuple(ledger))


def _check_units(spec: DemandSpec, found: Sequence[Amounts]) -> None:
    """Refuse to add people to parking spaces where nobody says what each of them counts."""
    units = {
        amounts.column if amounts.column != _("one a feature") else amounts.layer.kind.name
        for amounts in found
    }
    if len(units) > 1 and any(source.weight is None for source in spec.sources):
        parts = [f"{amounts.layer.name} ({amounts.column})" for amounts in found]
        raise InputError(
            _("the demand {demand} adds up {parts} without saying what one of each counts").format(
                demand=spec.title, parts=_(", ").join(parts)
            ),
            mend=_("Give each of its sources a weight ="),
        )
