"""Large users of energy: what their own roofs could carry against what they use."""

from __future__ import annotations

from collections.abc import Mapping
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
from jxgis.solar.heights import numbers
from jxgis.solar.joining import HOW, joined
from jxgis.solar.roofs import Roofs

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

ENTERPRISE_RULES = ("solar.enterprise_within_m", "solar.electricity_kgce")


@dataclass(frozen=True)
class Enterprises:
    """Enterprises at or above the threshold, those that use most first.

    Attributes
    ----------
    data
        A row each: ``row`` (in the layer, from 0), ``name``, ``tce``, ``joined`` (one of `HOW`;
        empty: it has no roof), ``roofs`` (their number), ``roof_m2``, ``capacity_mw``,
        ``yield_mwh`` (a year), ``use_mwh`` (a year), ``use_from`` (``electricity`` as it is given,
        or ``tce``) and ``share`` of its use that its roofs would give.
    roof_row : (m,) array
        Of each roof the row of its enterprise in ``data``; -1: no large user's.
    ledger
        Who has no roof, and what was assumed.
    """

    data: pd.DataFrame
    roof_row: IntArray
    ledger: tuple[LedgerRow, ...]


def enterprises(
    users: Layer,
    buildings: Layer,
    roofs: Roofs,
    areas: Mapping[str, Layer],
    *,
    threshold_tce: float,
    kwh_per_kwp: float,
    rules: Rules,
) -> Enterprises:
    """Return what the roofs of large users could carry, and what share of their use that is.

    Parameters
    ----------
    users
        Of kind ``enterprises``: ``tce`` a year, and where known ``electricity_mwh`` a year. Small
        ones have their own roofs too, and are not listed.
    buildings, roofs
        The same buildings.
    areas
        Layers by kind, of which ``parcels`` and ``estates`` are looked at.
    threshold_tce
        From how much energy a year on they are listed, tonnes of standard coal.
    kwh_per_kwp
        Yield of a roof a year.
    rules
        How far the nearest building may be, and standard coal to electricity.

    Returns
    -------
    Enterprises

    Raises
    ------
    InputError
        `InputErrors` where both columns have negative numbers.
    """
    tce, power = numbers(users, "tce"), numbers(users, "electricity_mwh")
    _check(users, {"tce": tce, "electricity_mwh": power})
    capacity = roofs.data["capacity_mw"].to_numpy(dtype=np.float64)
    within = rules["solar.enterprise_within_m"].value
    owner, how = joined(users, buildings, capacity, areas, within)
    large = np.flatnonzero(tce >= threshold_tce)
    large = large[np.argsort(-tce[large], kind="stable")]
    place = np.full(len(tce) + 1, -1)
    place[large] = np.arange(len(large))
    roof_row = place[owner]
    has = roof_row >= 0

    def total(values: FloatArray) -> FloatArray:
        sums = np.bincount(roof_row[has], values[has], minlength=len(large))
        return np.asarray(sums, dtype=np.float64)

    surest = np.full(len(large), len(HOW))
    np.minimum.at(surest, roof_row[has], how[has])
    mw = total(capacity)
    given = power[large] > 0
    # A tonne is 1,000 kg, and a megawatt hour 1,000 kilowatt hours.
    use = np.where(given, power[large], tce[large] / rules["solar.electricity_kgce"].value)
    made = mw * kwh_per_kwp
    data = pd.DataFrame(
        {
            "row": large,
            "name": _names(users, large),
            "tce": tce[large],
            "joined": [(*HOW, "")[i] for i in surest],
            "roofs": np.bincount(roof_row[has], minlength=len(large)),
            "roof_m2": total(roofs.data["area_m2"].to_numpy(dtype=np.float64)),
            "capacity_mw": mw,
            "yield_mwh": made,
            "use_mwh": use,
            "use_from": np.where(given, "electricity", "tce").astype(object),
            "share": np.divide(made, use, out=np.full(len(use), np.nan), where=use > 0),
        }
    )
    ledger = _ledger(users, data, tce, threshold_tce, rules)
    return Enterprises(data, roof_row, tuple(ledger))


def _check(users: Layer, columns: Mapping[str, FloatArray]) -> None:
    faults = []
    for column, values in columns.items():
        wrong = values < 0
        if wrong.any():
            problem = _("{n} enterprises have a negative {column}").format(
                n=int(wrong.sum()), column=column
            )
            mend = _("Correct {rows}, or leave the cell empty where it is not known").format(
                rows=rows_named(users.data.index[wrong])
            )
            faults.append(InputError(problem, layer=users.name, mend=mend))
    if faults:
        raise faults[0] if len(faults) == 1 else InputErrors(faults)


def _names(users: Layer, rows: IntArray) -> list[str]:
    found = []
    for row in rows.tolist():
        name = users.data["name"].iloc[row] if "name" in users.data else None
        number = _("row {row}").format(row=row + 1)
        found.append(name if isinstance(name, str) and name.strip() else number)
    return found


def _ledger(
    users: Layer, data: pd.DataFrame, tce: FloatArray, threshold_tce: float, rules: Rules
) -> list[LedgerRow]:
    rows = []

    def add(what: str, count: int, reason: str) -> None:
        if count:
            rows.append(LedgerRow(what, users.name, count, reason))

    unknown, small = int(np.isnan(tce).sum()), int((tce < threshold_tce).sum())
    add("excluded", unknown, _("enterprises whose use of energy is not known are not listed"))
    reason = _("enterprises that use less than {tce:,g} tce a year are not listed")
    add("excluded", small, reason.format(tce=threshold_tce))
    bare = data["joined"] == ""
    reason = _("large users of energy for which no roof was found: {names}")
    add("dropped", int(bare.sum()), reason.format(names=_(", ").join(data.loc[bare, "name"])))
    guessed = data["joined"].isin(["estates", "nearest"])
    reason = _(
        "large users of energy joined to roofs by what is near to their point: those of their "
        "estate or the nearest: {names}"
    )
    add(
        "suspected",
        int(guessed.sum()),
        reason.format(names=_(", ").join(data.loc[guessed, "name"])),
    )
    reason = _(
        "use of electricity is not given: all energy is taken as electricity, at {value:g} kgce a "
        "kWh, which is the most that it can be"
    ).format(value=rules["solar.electricity_kgce"].value)
    add("assumed", int((data["use_from"] == "tce").sum()), reason)
    return rows
