"""The columns a kind of layer requires: found, renamed, and turned into their types."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from jxgis.cleaning import place, row_number, rows_named
from jxgis.errors import InputError, InputErrors, JxgisError, MissingColumnError
from jxgis.i18n import _
from jxgis.results import LedgerRow
from jxgis.spec import REFERENCES, LayerSpec

if TYPE_CHECKING:
    from jxgis.layers import Kind

# An error lists this many columns of a wide table.
_LISTED = 30

_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_DATE = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?:[T ]00:00(?::00(?:\.0+)?)?)?Z?")

# A drawing's Layer says where it was drawn, a street's layer how many levels it is above ground.
_AS_WRITTEN = frozenset({"layer"})

# Kinds in which a row without its required text cannot be left out, because a total would change.
_INDISPENSABLE = frozenset({"zones", "townships", *REFERENCES})


def with_columns(
    data: gpd.GeoDataFrame, spec: LayerSpec, kind: Kind
) -> tuple[gpd.GeoDataFrame, list[LedgerRow]]:
    """Give a source's columns their kind's names and types.

    A name is taken from ``spec.columns`` first and then as it is, in any case of letters;
    ``layer`` in small letters only.

    Returns
    -------
    data : GeoDataFrame
        With the kind's columns beside the source's own; text without a number's ``.0``,
        numbers as floats, dates as timestamps.
    ledger : list of LedgerRow
        Rows left out because a required value is missing.

    Raises
    ------
    MissingColumnError
        If a required column, or one that ``spec.columns`` names, is not there.
    InputErrors
        If there is more than one thing wrong.
    """
    wanted = {**kind.required, **kind.optional}
    errors: list[JxgisError] = []
    out = data.copy()
    for ours, theirs in spec.columns.items():
        if theirs in data:
            out[ours] = data[theirs]
        else:
            errors.append(missing(spec, theirs, data, ours))
    _fold_case(out, wanted)
    errors += [
        missing(spec, name, data)
        for name in kind.required
        if name not in out and name not in spec.columns
    ]
    for name, type_ in wanted.items():
        if name in out:
            try:
                out[name] = _TYPES[type_](out[name], spec)
            except JxgisError as error:
                errors.append(error)
    if not errors:
        return _without_gaps(out, spec, kind)
    raise errors[0] if len(errors) == 1 else InputErrors(errors)


def missing(
    spec: LayerSpec, name: str, data: pd.DataFrame, ours: str | None = None
) -> MissingColumnError:
    """Return the error that says which column is not there, and which are.

    ``ours`` is what the kind calls it, where the plan gives it another name.
    """
    names = attributes(data)
    there = ", ".join(names[:_LISTED]) or _("none")
    if len(names) > _LISTED:
        there = _("{names} and {n} more").format(names=there, n=len(names) - _LISTED)
    return MissingColumnError(
        _("there is no column {name}").format(name=name),
        mend=_(
            "The columns are: {there}. Say which one it is: "
            'columns = {{ {ours} = "…" }} under [layers.{layer}]'
        ).format(there=there, ours=ours or name, layer=spec.name),
        **place(spec),
    )


def attributes(data: pd.DataFrame) -> list[str]:
    """Return the names of the columns that are not the geometry."""
    geometry = data.geometry.name if isinstance(data, gpd.GeoDataFrame) else None
    return [str(name) for name in data.columns if name != geometry]


def as_text(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return values as text: whole numbers without ``.0``, blanks stripped, nulls as None."""
    pairs = zip(values.astype(object), values.isna(), strict=True)
    texts = [None if gone else _text(value) for value, gone in pairs]
    return pd.Series(texts, values.index, dtype=object, name=values.name)


def _text(value: Any) -> str | None:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip()
    return text or None


def _fold_case(data: gpd.GeoDataFrame, wanted: Mapping[str, str]) -> None:
    """Add ``zone_id`` for a column ``ZONE_ID``, where only one could be meant."""
    for name in wanted:
        alike = [c for c in attributes(data) if c.lower() == name]
        if name not in data and len(alike) == 1 and name not in _AS_WRITTEN:
            data[name] = data[alike[0]]


def _to_text(values: pd.Series[Any], spec: LayerSpec) -> pd.Series[Any]:
    del spec
    return as_text(values)


def _to_number(values: pd.Series[Any], spec: LayerSpec) -> pd.Series[Any]:
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        numbers = values.astype(float)
    else:
        text = as_text(values)
        numbers = pd.to_numeric(text.map(_plain_number), errors="coerce")
        _refuse(text, text.notna() & numbers.isna(), spec, _("is not a number"))
    bad = numbers.notna() & ((numbers < 0) | (numbers == float("inf")))
    _refuse(numbers, bad, spec, _("is not a number that can be counted"))
    return numbers.astype(float)


def _plain_number(text: str | None) -> str | None:
    """Return a number's text without the commas that group its thousands."""
    return text.replace(",", "") if text and _THOUSANDS.fullmatch(text) else text


def _to_date(values: pd.Series[Any], spec: LayerSpec) -> pd.Series[Any]:
    if pd.api.types.is_datetime64_any_dtype(values):
        return values
    text = as_text(values)
    iso = text.map(_iso_date)
    dates = pd.to_datetime(iso, format="%Y-%m-%d", errors="coerce")
    _refuse(text, text.notna() & dates.isna(), spec, _("is not a date like 2019-12-31"))
    return dates


def _iso_date(text: str | None) -> str | None:
    match = _DATE.fullmatch(text) if text else None
    return "-".join(match.groups()) if match else None


_TYPES: Mapping[str, Callable[[pd.Series[Any], LayerSpec], pd.Series[Any]]] = {
    "text": _to_text,
    "number": _to_number,
    "date": _to_date,
}


def _refuse(values: pd.Series[Any], bad: pd.Series[bool], spec: LayerSpec, problem: str) -> None:
    if not bad.any():
        return
    label, value = bad.index[bad][0], values[bad].iloc[0]
    raise InputError(
        _("column {column}: {value!r} {problem}").format(
            column=values.name, value=getattr(value, "item", lambda: value)(), problem=problem
        ),
        mend=_("Correct {rows}, or leave the value empty where it is not known").format(
            rows=rows_named(bad.index[bad])
        ),
        row=row_number(label),
        **place(spec),
    )


def _without_gaps(
    data: gpd.GeoDataFrame, spec: LayerSpec, kind: Kind
) -> tuple[gpd.GeoDataFrame, list[LedgerRow]]:
    """Leave out the rows that lack a required value, or refuse them in a zones layer."""
    ledger = []
    for name in kind.required:
        empty = data[name].isna()
        if not empty.any():
            continue
        rows = rows_named(data.index[empty])
        if kind.name in _INDISPENSABLE:
            raise InputError(
                _("column {column} is empty").format(column=name),
                mend=_("Fill it in: {rows}").format(rows=rows),
                row=row_number(data.index[empty][0]),
                **place(spec),
            )
        reason = _("no value in column {column}: {rows}").format(column=name, rows=rows)
        ledger.append(LedgerRow("dropped", spec.name, int(empty.sum()), reason))
        data = data[~empty]
    if kind.name == "zones":
        _refuse_repeated_ids(data, spec)
    return data, ledger


def _refuse_repeated_ids(data: gpd.GeoDataFrame, spec: LayerSpec) -> None:
    repeated = data["zone_id"].duplicated(keep=False)
    if repeated.any():
        value = data.loc[repeated, "zone_id"].iloc[0]
        same = data.index[data["zone_id"] == value]
        raise InputError(
            _("zone_id {value} is there {n} times").format(value=value, n=len(same)),
            mend=_("Give each zone its own id, or merge its parts into one row: {rows}").format(
                rows=rows_named(same)
            ),
            row=row_number(same[1]),
            **place(spec),
        )
