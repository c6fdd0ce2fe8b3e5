"""Reading a TOML table by the names and types that are expected, and collecting every fault.

A plan is written by hand, so one run should name all that is wrong with it and not the first.
"""

from __future__ import annotations

import datetime as dt
import difflib
import math
import tomllib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar
from unicodedata import category

from jxgis.errors import InputError, InputErrors, JxgisError
from jxgis.i18n import _, language

T = TypeVar("T")


def parse_toml(text: str, file: Path) -> dict[str, Any]:
    """Return the document, or say where its syntax fails (and why, for a Windows path).

    Raises
    ------
    InputError
        If the text is no TOML.
    """
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        mend = ""
        if any('"' in line and "\\" in line for line in text.splitlines()):
            mend = _(
                'A Windows path is written with forward slashes ("C:/data/stops.shp") or in '
                "single quotes ('C:\\data\\stops.shp')"
            )
        raise InputError(
            _("the file is not valid TOML: {error}").format(error=error), file=file, mend=mend
        ) from None


class TableReader:
    """One table of a TOML document, read key by key.

    Parameters
    ----------
    table
        The table's keys and values.
    place
        Its name in the file, as a reader would look for it: ``[layers.stops]``.
    file
        The file it is in.
    faults
        The list that every fault found is added to, shared by all tables of the file.
    """

    def __init__(self, table: Any, place: str, file: Path, faults: list[InputError]) -> None:
        self.place = place
        self.file = file
        self.faults = faults
        self._known: list[str] = []
        self._table: dict[str, Any] = table if isinstance(table, dict) else {}
        if not isinstance(table, dict):
            self.fault(_("is not a table"))

    def fault(self, problem: str, mend: str = "") -> None:
        """Add a fault of this table to the list."""
        sentence = f"{self.place}: {problem}" if self.place else problem
        if all(sentence != fault.problem for fault in self.faults):  # a key may be read twice
            self.faults.append(InputError(sentence, file=self.file, mend=mend))

    def __contains__(self, key: str) -> bool:
        return key in self._table

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def _take(self, key: str, kind: Callable[[Any], T], expected: str) -> T | None:
        if key not in self._known:
            self._known.append(key)
        if key not in self._table:
            return None
        try:
            return kind(self._table[key])
        except (TypeError, ValueError, OverflowError):
            self.fault(_("{key} must be {expected}").format(key=key, expected=expected))
            return None

    def text(self, key: str) -> str | None:
        """Return a string."""
        return self._take(key, _text, _("text in quotes"))

    def required_text(self, key: str) -> str:
        """Return a string that must be there and say something."""
        value = self.text(key)
        if value is None and key not in self:
            self.fault(_("{key} is missing").format(key=key))
        elif value == "":
            self.fault(_("{key} is empty").format(key=key))
        return value or ""

    def path(self, key: str) -> str | None:
        """Return a path, and say so where a backslash has become a control character."""
        value = self.text(key)
        if value is not None and any(category(c) == "Cc" for c in value):
            self.fault(_("{key} holds a control character").format(key=key), _windows_paths())
        return value

    def number(self, key: str) -> float | None:
        """Return a finite number."""
        return self._take(key, _number, _("a number"))

    def positive(self, key: str) -> float | None:
        """Return a number above zero."""
        return self._take(key, _positive, _("a number above zero"))

    def date(self, key: str) -> dt.date | None:
        """Return a date."""
        return self._take(key, _date, _("a date like 2019-12-31, without quotes"))

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of strings, empty when the key is not there."""
        return self._take(key, _texts, _("a list of texts in quotes")) or ()

    def title(self, key: str) -> str | None:
        """Return a string, or the reader's own from a table by language."""
        return self._take(key, _title, _('text in quotes, or { en = "...", zh_CN = "..." }'))

    def choice(self, key: str, choices: Sequence[str]) -> str | None:
        """Return one of the given strings."""
        value = self.text(key)
        if value is not None and value not in choices:
            self.fault(
                _("{key} is {value}").format(key=key, value=value),
                _("It must be one of: {choices}").format(choices=", ".join(choices)),
            )
            return None
        return value

    def raw(self, key: str) -> Any:
        """Return the value as it is."""
        return self._take(key, lambda value: value, "")

    def table(self, key: str) -> TableReader:
        """Return a table in this one, empty when the key is not there."""
        if self.place.endswith("]"):
            place = f"{self.place[:-1]}.{key}]"
        else:
            place = f"{self.place}.{key}" if self.place else f"[{key}]"
        value = self.raw(key) if key in self else {}
        return TableReader(value, place, self.file, self.faults)

    def tables(self, key: str) -> list[TableReader]:
        """Return a list of tables, each named by its place in the list (or by its id)."""
        rows = self.raw(key)
        if rows is None:
            return []
        if not isinstance(rows, list):
            self.fault(_("{key} must be a list of tables").format(key=key))
            return []
        return [
            TableReader(row, f"[[{key}]] {_name(row, number)}", self.file, self.faults)
            for number, row in enumerate(rows, 1)
        ]

    def finish(self) -> None:
        """Add a fault for every key that nobody asked for."""
        for key in self._table:
            if key not in self._known:
                near = difflib.get_close_matches(key, self._known, 1)
                mend = _("Perhaps {name} is meant").format(name=near[0]) if near else ""
                self.fault(
                    _("{key} is not known here").format(key=key),
                    mend or _("Known here: {names}").format(names=", ".join(self._known)),
                )


def raise_faults(faults: Sequence[JxgisError]) -> None:
    """Raise what was collected: nothing, the one, or all in a list.

    Raises
    ------
    JxgisError
        The only fault there is.
    InputErrors
        Several of them.
    """
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise InputErrors(faults)


def _windows_paths() -> str:
    return _(
        'A Windows path is written with forward slashes, "C:/data/stops.shp", or in single '
        "quotes, 'C:\\data\\stops.shp'"
    )


def _name(row: Any, number: int) -> str:
    named = isinstance(row, dict) and isinstance(row.get("id"), str)
    return str(row["id"]) if named else f"#{number}"


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    if not math.isfinite(value):
        raise ValueError
    return float(value)


def _positive(value: Any) -> float:
    number = _number(value)
    if number <= 0:
        raise ValueError
    return number


def _date(value: Any) -> dt.date:
    if isinstance(value, dt.datetime):
        return value.date()
    if not isinstance(value, dt.date):
        raise TypeError
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError
    return tuple(_text(v) for v in value)


def _title(value: Any) -> str:
    if isinstance(value, dict):
        own = value.get(language(), value.get("en"))
        return _text(next(iter(value.values())) if own is None and value else own)
    return _text(value)
