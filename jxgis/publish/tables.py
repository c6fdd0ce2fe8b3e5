"""Tables beside the pages: CSV that a Chinese spreadsheet opens right, and opens safely."""

from __future__ import annotations

import csv
import datetime as dt
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from jxgis.results import Result

# What a spreadsheet may take for the beginning of a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

_LEDGER_COLUMNS = ("measure", "what", "layer", "count", "reason", "effect")


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write UTF-8 with a BOM and CRLF.

    Text that a spreadsheet would run as a formula gets a leading apostrophe; numbers stay
    numbers; None and NaN become empty.
    """
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([_cell(c) for c in columns])
        writer.writerows([_cell(v) for v in row] for row in rows)


def write_frame(path: Path, frame: pd.DataFrame) -> None:
    """Write a table with its own column names."""
    write_csv(path, list(frame.columns), frame.itertuples(index=False, name=None))


def write_ledger(path: Path, results: Sequence[Result]) -> None:
    """Write the ledger rows of all results, each with its measure."""
    rows = [
        (result.measure, row.what, row.layer, row.count, row.reason, row.effect)
        for result in results
        for row in result.ledger
    ]
    write_csv(path, _LEDGER_COLUMNS, rows)


def _cell(value: Any) -> str | int | float:
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else ""
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, dt.date):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
