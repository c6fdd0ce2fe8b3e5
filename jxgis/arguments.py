"""Layers given on the command line: ``--stops FILE``, ``--layer stops.crs=EPSG:4490``."""

from __future__ import annotations

import datetime as dt
import math
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.layer_tables import read_layer
from jxgis.spec import LayerSpec, is_connection
from jxgis.toml_reader import TableReader, raise_faults

# What ends the layer.setting before a value.
_NO_KEY = re.compile(r"[^\w.-]")


def layer_specs(
    files: Mapping[str, str | Mapping[str, Any] | None], settings: Sequence[str]
) -> dict[str, LayerSpec]:
    """Return the layers that a verb's options name.

    Parameters
    ----------
    files
        Layer name to what the option says: a file, ``file:layer``, a GTFS feed, an OSM extract,
        or a database; the bands of imagery as a table; None where the option was not given.
    settings
        Words like ``stops.crs=EPSG:4490``, ``zones.columns.zone_id=CODE`` or
        ``built_up.where.landuse=residential,retail``, for what a plan would say of a layer.

    Raises
    ------
    InputError
        If a setting is not of that form, is of no layer given, or has a value that does not fit.
    """
    tables = {
        name: source_of(given) if isinstance(given, str) else dict(given)
        for name, given in files.items()
        if given is not None
    }
    for setting in settings:
        _apply(setting, tables)
    faults: list[InputError] = []
    specs = {
        name: read_layer(name, TableReader(table, _place(name), Path(), faults), Path())
        for name, table in tables.items()
    }
    raise_faults([InputError(fault.problem, mend=fault.mend) for fault in faults])
    return specs


def _place(layer: str) -> str:
    """Return how a layer is named where its options are not called as it is."""
    return _("layer {layer}").format(layer=layer)


def rule_values(words: Sequence[str]) -> dict[str, float]:
    """Return the rules that ``--rule NAME=VALUE`` gives.

    Raises
    ------
    InputError
        If a word is not of that form; `jxgis.rules` knows the names.
    """
    values = {}
    for word in words:
        name, _equals, text = word.partition("=")
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if not (math.isfinite(value) and value >= 0):
            raise InputError(
                _("--rule {word} is not of the form NAME=VALUE with a number").format(word=word),
                mend=_("For example: --rule coverage.replicates=0"),
            )
        values[name] = value
    return values


def source_of(word: str) -> dict[str, Any]:
    """Return the ``[layers.NAME]`` table that a word on the command line stands for.

    ``file:layer`` is split at the last colon, and only when the whole is no existing path and
    what stands before the colon is: a Windows drive letter is part of a path.
    """
    if is_connection(word):
        return {"database": word}
    whole = Path(word)
    try:
        if not whole.exists() and ":" in word:
            left, _colon, layer = word.rpartition(":")
            if Path(left).exists():
                return {"path": left, "layer": layer}
        is_feed = _is_feed(whole)
    except OSError:  # a folder that may not be entered: reading it says so
        is_feed = False
    if word.endswith(".osm.pbf"):
        return {"osm": word}
    return {"gtfs": word} if is_feed else {"path": word}


def _is_feed(path: Path) -> bool:
    if path.is_dir():
        return (path / "stops.txt").exists()
    if path.suffix.lower() != ".zip" or not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(Path(name).name == "stops.txt" for name in archive.namelist())


def _apply(setting: str, tables: dict[str, dict[str, Any]]) -> None:
    key, equals, text = setting.partition("=")
    shown = _NO_KEY.split(setting, maxsplit=1)[0]  # not its value, which may hold a password
    name, *path = key.split(".")
    if not equals or not path:
        raise InputError(
            _("--layer {setting} is not of the form layer.setting=value").format(setting=shown),
            mend=_("For example: --layer stops.crs=EPSG:4490"),
        )
    if name not in tables:
        raise InputError(
            _("--layer {setting} is of a layer that is not given").format(setting=shown),
            mend=_("Given are: {names}").format(names=", ".join(tables)),
        )
    table = tables[name]
    for part in path[:-1]:
        table = table.setdefault(part, {})
        if not isinstance(table, dict):
            raise InputError(_("--layer {setting} goes on where a value is").format(setting=shown))
    table[path[-1]] = _value(path, text)


def _value(path: Sequence[str], text: str) -> Any:
    if path[0] == "where":
        return True if text == "true" else text.split(",")
    if path == ["as_of"]:
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            return text
    if path in (["scale"], ["offset"]):
        return _number(text, float)
    if path[0] == "codes":
        return [_number(word, int) for word in text.split(",")]
    return text


def _number(text: str, kind: type[int | float]) -> int | float | str:
    """Return a number as a plan has it; what is none stays a text, at which the plan's check is."""
    try:
        return kind(text)
    except ValueError:
        return text
