"""How high buildings are, where that is known, and what is said of heights that cannot be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from jxgis.cleaning import rows_named
from jxgis.errors import InputError, InputErrors
from jxgis.i18n import _
from jxgis.layers import Layer
from jxgis.results import LedgerRow
from jxgis.rules import Rules

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

HEIGHT_RULES = ("solar.storey_m", "solar.highest_m", "solar.most_storeys")

_SOME = 8  # so many different values are named in an error


@dataclass(frozen=True)
class Heights:
    """Heights of the buildings of a layer.

    Attributes
    ----------
    metres : (n,) array
        NaN where it is not known.
    ledger
        How many are known, and from what.
    """

    metres: FloatArray
    ledger: tuple[LedgerRow, ...]


def heights(buildings: Layer, rules: Rules) -> Heights:
    """Return the height of each building: as it is given, else from its storeys.

    Parameters
    ----------
    buildings
        Of kind ``buildings``; ``height_m`` and ``storeys`` may be missing.
    rules
        Metres a storey, and what no building reaches.

    Returns
    -------
    Heights
        In the layer's order.

    Raises
    ------
    InputError
        `InputErrors` where heights and storeys are both wrong: see `height_faults`.
    """
    faults = height_faults(buildings, rules)
    if faults:
        raise faults[0] if len(faults) == 1 else InputErrors(faults)
    metres, storeys = numbers(buildings, "height_m"), numbers(buildings, "storeys")
    none = storeys == 0
    by_storeys = np.isnan(metres) & ~np.isnan(storeys) & ~none
    metres[by_storeys] = storeys[by_storeys] * rules["solar.storey_m"].value
    rows = []
    if by_storeys.any():
        reason = _("heights from the number of storeys, {metres:g} m each").format(
            metres=rules["solar.storey_m"].value
        )
        rows.append(LedgerRow("assumed", buildings.name, int(by_storeys.sum()), reason))
    below = none & np.isnan(metres)
    if below.any():
        reason = _("buildings with no storey above the ground: their height is not known: {rows}")
        text = reason.format(rows=rows_named(buildings.data.index[below]))
        rows.append(LedgerRow("suspected", buildings.name, int(below.sum()), text))
    unknown = np.isnan(metres)
    if unknown.any():
        reason = _("buildings whose height is not known: they cast no shadow and lie in none")
        rows.append(LedgerRow("assumed", buildings.name, int(unknown.sum()), reason))
    return Heights(metres, tuple(rows))


def height_faults(buildings: Layer, rules: Rules) -> list[InputError]:
    """Return what is said of heights and storeys that no building has, a sentence a column.

    Parameters
    ----------
    buildings
        Of kind ``buildings``.
    rules
        What no building reaches.

    Returns
    -------
    list of InputError
        Empty where all can be. No storey above the ground is possible, no height is not.
    """
    metres, storeys = numbers(buildings, "height_m"), numbers(buildings, "storeys")
    highest, most = rules["solar.highest_m"].value, rules["solar.most_storeys"].value
    found = []
    wrong = ~np.isnan(metres) & ~((metres > 0) & (metres <= highest))
    if wrong.any():
        problem = _(
            "{n} buildings have a height that none has, in metres: {values}; that of a building is "
            "more than 0 and at most {highest:g}"
        )
        found.append(_fault(buildings, problem, metres, wrong, {"highest": highest}))
    wrong = ~np.isnan(storeys) & ~((storeys >= 0) & (storeys <= most))
    if wrong.any():
        problem = _(
            "{n} buildings have a number of storeys that none has: {values}; it is from 0 to "
            "{most:g}"
        )
        found.append(_fault(buildings, problem, storeys, wrong, {"most": most}))
    return found


def numbers(layer: Layer, column: str) -> FloatArray:
    """Return a column's numbers, NaN where there is none or no such column.

    Parameters
    ----------
    layer
        Any.
    column
        Its name.

    Returns
    -------
    (n,) array
        Of its own, to be written to.
    """
    if column not in layer.data:
        return np.full(len(layer.data), np.nan)
    return np.array(pd.to_numeric(layer.data[column], errors="coerce"), dtype=np.float64)


def _fault(
    buildings: Layer, problem: str, values: FloatArray, wrong: BoolArray, limit: dict[str, float]
) -> InputError:
    named = [f"{value:g}" for value in np.unique(values[wrong]).tolist()]
    listed = ", ".join(named[:_SOME]) + (" …" if len(named) > _SOME else "")
    rows = rows_named(buildings.data.index[wrong])
    return InputError(
        problem.format(n=int(wrong.sum()), values=listed, **limit),
        layer=buildings.name,
        mend=_(
            "Correct {rows}, or leave the cell empty where it is not known: a roof of unknown "
            "height is taken as unshaded"
        ).format(rows=rows),
    )
