"""Tables with positions: CSV and XLSX with columns of longitude and latitude, or of WKT."""

from __future__ import annotations

import csv
import datetime as dt
import re
import warnings
import zipfile
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd

from jxgis.cleaning import place
from jxgis.cleaning.columns import as_text
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.results import LedgerRow
from jxgis.sources import encodings
from jxgis.sources.found import Found, first_sentence
from jxgis.sources.lonlat import located
from jxgis.spec import LayerSpec

TEXT = (".csv", ".tsv", ".txt")
SHEETS = (".xlsx", ".xlsm")
OLD = (".xls", ".et", ".ods", ".wps")

_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")


def read(path: Path, spec: LayerSpec) -> Found:
    """Read a table, every value as text, with a geometry made from its columns.

    See `jxgis.sources.lonlat.located` for which columns are taken.

    Raises
    ------
    MissingColumnError
        If no columns of positions are found.
    InputError
        If the table cannot be read, or a position is not a number.
    """
    ledger: list[LedgerRow] = []
    suffix = path.suffix.lower()
    if suffix in OLD:
        raise InputError(
            _("tables of kind {suffix} are not read").format(suffix=suffix),
            mend=_("Save it as .xlsx or as CSV"),
            **place(spec),
        )
    table, sheet = _read_text(path, spec, ledger) if suffix in TEXT else _read_sheet(path, spec)
    if len(table) == 0:
        raise InputError(_("it holds no rows"), **place(spec))
    data, doubts, lacks = located(table, spec)
    return Found(data, sheet, ledger + doubts, lacks)


def _read_text(path: Path, spec: LayerSpec, ledger: list[LedgerRow]) -> tuple[pd.DataFrame, str]:
    raw = path.read_bytes()
    try:
        choice = encodings.of_bytes(raw, spec.encoding)
    except InputError as error:
        raise InputError(error.problem, mend=error.mend, **place(spec)) from error
    try:
        text = raw.decode(choice.codec)
    except UnicodeDecodeError as error:
        row = raw.count(b"\n", 0, error.start)
        raise InputError(
            _("its text is not {codec}").format(codec=choice.codec.upper()),
            mend=_(
                'Save it as UTF-8, or write the right encoding = "…" under [layers.{layer}]'
            ).format(layer=spec.name),
            row=row or None,
            **place(spec),
        ) from error
    if choice.why:
        ledger.append(LedgerRow("assumed", spec.name, 1, choice.why))
    try:
        separator = _separator(text)
        table = pd.read_csv(
            StringIO(text.lstrip("\ufeff\r\n")), sep=separator, dtype=str,
            keep_default_na=False, na_values=[""], skipinitialspace=True, skip_blank_lines=False,
        )  # fmt: skip
    except (ValueError, csv.Error) as error:
        raise _unreadable(error, spec) from error
    if not isinstance(table.index, pd.RangeIndex):
        raise InputError(
            _("rows have more values than there are column names"),
            mend=_("Correct the first line, or take away separators at the ends of rows"),
            **place(spec),
        )
    return _tidy(_with_points(table, separator, spec, ledger)), ""


def _separator(text: str) -> str:
    """Return the separator that is most in the first line; a comma where there is none."""
    header = text.lstrip("\ufeff\r\n").split("\n", 1)[0]
    return max((",", ";", "\t", ","), key=header.count)


def _with_points(
    table: pd.DataFrame, separator: str, spec: LayerSpec, ledger: list[LedgerRow]
) -> pd.DataFrame:
    """Write decimal commas as points, in columns that hold nothing but numbers with them."""
    if separator == ",":
        return table
    changed = []
    for column in table.columns:
        text = table[column].dropna()
        if len(text) and text.str.strip().str.fullmatch(_DECIMAL_COMMA).all():
            table[column] = table[column].str.replace(",", ".")
            changed.append(str(column))
    if changed:
        reason = _("commas read as decimal points in columns {columns}").format(
            columns=", ".join(changed)
        )
        ledger.append(LedgerRow("assumed", spec.name, len(table), reason))
    return table


def _read_sheet(path: Path, spec: LayerSpec) -> tuple[pd.DataFrame, str]:
    try:
        with warnings.catch_warnings():
            # What openpyxl warns of are styles and lists of choices, which are no data.
            warnings.simplefilter("ignore")
            sheets = pd.read_excel(
                path, sheet_name=None, dtype=object, engine="openpyxl",
                keep_default_na=False, na_values=[""],
            )  # fmt: skip
    except (zipfile.BadZipFile, ValueError, KeyError, OSError) as error:
        raise _unreadable(error, spec) from error
    names = list(sheets)
    if spec.layer is not None and spec.layer not in sheets:
        raise InputError(
            _("there is no sheet {name}").format(name=spec.layer),
            mend=_("Its sheets are: {names}").format(names=", ".join(names)),
            **place(spec),
        )
    full = [name for name, sheet in sheets.items() if len(sheet)]
    if spec.layer is None and len(full) > 1:
        raise InputError(
            _("it has several sheets: {names}").format(names=", ".join(full)),
            mend=_('Name one: layer = "{name}" under [layers.{layer}]').format(
                name=full[0], layer=spec.name
            ),
            **place(spec),
        )
    name = spec.layer or (full or names)[0]
    table = sheets[name]
    return _tidy(table.apply(_cells)), name


def _cells(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a sheet's cells as text; dates as 2019-12-31."""
    dates = column.map(_iso, na_action="ignore")
    return as_text(dates)


def _iso(value: Any) -> Any:
    return value.date().isoformat() if isinstance(value, dt.datetime) else value


def _tidy(table: pd.DataFrame) -> pd.DataFrame:
    table.columns = [str(name).strip() for name in table.columns]
    return table.dropna(how="all")


def _unreadable(error: Exception, spec: LayerSpec) -> InputError:
    return InputError(
        _("cannot be read: {reason}").format(reason=first_sentence(error)),
        mend=_("Open it in a spreadsheet program and save it again as CSV (UTF-8) or .xlsx"),
        **place(spec),
    )
