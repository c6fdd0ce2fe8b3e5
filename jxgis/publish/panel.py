"""The tables beside a map: zones, ledger, inputs and rules, as rows of text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from jxgis.publish import green_words
from jxgis.publish.numbers import format_area, format_land, format_points, format_quantity
from jxgis.publish.words import (
    column_title,
    format_cell,
    layer_title,
    ledger_title,
    pivot_columns,
)
from jxgis.results import Result

MAX_LEDGER_ROWS = 200


@dataclass(frozen=True)
class Cell:
    """A cell of the zone table; ``share`` (0 to 1) draws a bar under its text."""

    text: str
    share: float | None = None


@dataclass(frozen=True)
class ZoneRow:
    """A row of the zone table; ``zone_id`` is empty where the row is of no zone."""

    zone_id: str
    zone: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class ZoneTable:
    """The zone table: titles of the columns after the zone's name, and rows."""

    titles: tuple[str, ...]
    rows: tuple[ZoneRow, ...]

    @property
    def title(self) -> str:
        """What the only row is of, where there are no zones; else nothing."""
        if len(self.rows) != 1 or self.rows[0].zone_id:
            return ""
        name = self.rows[0].zone
        return name[:1].upper() + name[1:]


def zone_table(result: Result, titles: Mapping[str, str]) -> ZoneTable:
    """Return a result's table by zone, one row a zone.

    A measure that has several rows a zone (one a radius, one a target) is spread over columns.
    ``titles`` maps a target's id to its title.
    """
    frame = result.by_zone
    if frame.empty:
        return ZoneTable((), ())
    pivot = pivot_columns(result.measure)
    if pivot and set(pivot) <= set(frame.columns):
        return _spread(frame, *pivot, titles)
    green = green_words.is_green(result.measure)
    columns = [c for c in frame.columns if c not in ("zone_id", "zone")]
    if green:
        columns = green_words.shown_columns(columns)
    cell = _green_cell if green else table_cell
    rows = tuple(
        ZoneRow(
            _text(r["zone_id"]),
            _text(r["zone"]),
            tuple(cell(c, r[c], frame) for c in columns),
        )
        for r in frame.to_dict("records")
    )
    return ZoneTable(tuple(_title(c, result) for c in columns), rows)


def _title(column: str, result: Result) -> str:
    """Return a column's title; a measure's own columns have those of its zones on the map."""
    title = column_title(column, result.measure)
    drawn = (d.fields for d in result.layers if d.role == "zones" and column in d.fields)
    return next(drawn, {}).get(column, title) if title == column else title


def _spread(frame: pd.DataFrame, key: str, value: str, titles: Mapping[str, str]) -> ZoneTable:
    """Return one row a zone, with a column for each of the key's values, in their order."""
    keys = list(dict.fromkeys(frame[key]))
    shared = ["area_m2"] if "area_m2" in frame else []
    rows = []
    for _zone, own in frame.groupby(["zone_id", "zone"], sort=False, dropna=False):
        first = own.iloc[0]
        by_key = own.drop_duplicates(key).set_index(key)[value]
        cells = [table_cell(c, first[c], frame) for c in shared]
        cells += [table_cell(value, by_key.get(k), frame) for k in keys]
        rows.append(ZoneRow(_text(first["zone_id"]), _text(first["zone"]), tuple(cells)))
    spread = [format_quantity(k, "m") if key.endswith("_m") else titles.get(k, k) for k in keys]
    return ZoneTable((*(column_title(c) for c in shared), *spread), tuple(rows))


def table_cell(column: str, value: Any, frame: pd.DataFrame) -> Cell:
    """Return a value as text, its area in the unit of its whole column."""
    if column.endswith("_m2"):
        return Cell(format_area(value, frame[column].max()))  # one unit for the whole column
    is_share = column == "share" and pd.notna(value)
    return Cell(format_cell(column, value), float(value) if is_share else None)


def _green_cell(column: str, value: Any, frame: pd.DataFrame) -> Cell:
    """Return a value as text; hectares and mu are in the column's title."""
    if column.endswith(green_words.UNITS):
        text = format_land(value, column[-2:], frame[column].abs().max(), bare=True)
        gains = column.startswith("net_") and pd.notna(value) and value > 0
        return Cell(f"+{text}" if gains else text)
    cell = table_cell(column, value, frame)
    is_share = column.endswith("_share") and column != "seen_share" and pd.notna(value)
    return Cell(cell.text, float(value)) if is_share else cell


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)


@dataclass(frozen=True)
class Ledger:
    """The ledger's rows as text, and how many more there are than the page shows."""

    rows: tuple[tuple[str, str, str, str, str], ...]
    more: int


def ledger_rows(result: Result) -> Ledger:
    """Return what, layer, count, reason and effect of each row, largest effect first."""
    ordered = sorted(result.ledger, key=lambda r: -abs(r.effect or 0.0))
    rows = tuple(
        (
            ledger_title(r.what),
            layer_title(r.layer),
            f"{r.count:,d}",
            r.reason,
            format_points(r.effect),
        )
        for r in ordered[:MAX_LEDGER_ROWS]
    )
    return Ledger(rows, len(ordered) - len(rows))


def input_rows(result: Result) -> list[dict[str, str]]:
    """Return the inputs with the first 12 digits of their SHA-256."""
    return [
        {
            "path": i.path,
            "layer": i.layer,
            "features": f"{i.features:,d}",
            "crs": i.crs or "",
            "date": i.as_of.isoformat() if i.as_of else "",
            "sha256": (i.sha256 or "")[:12],
            "attribution": i.attribution,
        }
        for i in result.inputs
    ]


_FINE = 0.01
"""A value under this is printed with as many decimals as it needs."""


def _rule_value(name: str, value: Any) -> str:
    if isinstance(value, float) and 0 < value < _FINE:
        return f"{value:g}"
    if isinstance(value, float) and format_cell(name, value) == format_cell("", value):
        return f"{value:,g}"  # without a unit, as it is written
    return format_cell(name, value)


def rule_rows(result: Result) -> list[tuple[str, str, str]]:
    """Return name, value and source of every rule that the result used."""
    return [
        (name, _rule_value(name, rule.get("value")), str(rule.get("source", "")))
        for name, rule in sorted(result.rules.items())
    ]
