"""One ``[layers.NAME]`` table, of a plan file or of the command line, read and checked for form."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from jxgis.i18n import _
from jxgis.layers import KINDS
from jxgis.spec import BAND_ROLES, DATUMS, LAND_CLASSES, LEGENDS, QUALITIES, LayerSpec
from jxgis.toml_reader import TableReader

SOURCES = ("path", "gtfs", "osm", "place", "database", "pvgis")
"""The keys of which a layer has one, where it is not given band by band."""


def read_layer(name: str, table: TableReader, base: Path) -> LayerSpec:
    """Read one ``[layers.NAME]`` table; its faults go to the table's list.

    Parameters
    ----------
    name
        The layer's name.
    table
        The table, of a plan file or of the command line.
    base
        The folder that relative paths start from.
    """
    kind = table.choice("kind", list(KINDS)) or name
    if kind not in KINDS and "kind" not in table:
        table.fault(
            _("{name} is no kind of layer").format(name=name),
            _("Add kind = with one of: {kinds}").format(kinds=", ".join(KINDS)),
        )
        kind = "land"
    if name in KINDS and kind != name:
        table.fault(
            _("a layer of kind {kind} is called {name}, as another kind is").format(
                kind=kind, name=name
            ),
            _("Give it another name"),
        )
    given = [source for source in SOURCES if source in table]
    bands = {role: _files(table, role) for role in BAND_ROLES if role in table}
    if len(given) + bool(bands) != 1:
        table.fault(
            _("{count} sources are given").format(count=len(given) + bool(bands)),
            _("Give exactly one of: {sources}").format(sources=", ".join((*SOURCES, "red + nir"))),
        )
    _check_bands(table, kind, bands)
    spec = LayerSpec(
        name=name,
        kind=kind,
        base=base,
        path=table.path("path"),
        gtfs=table.path("gtfs"),
        osm=table.path("osm"),
        place=table.path("place"),
        database=table.path("database"),
        pvgis=_read_pvgis(table, kind),
        layer=table.text("layer"),
        bands=bands,
        table=table.text("table"),
        sql=table.text("sql"),
        crs=table.text("crs"),
        datum=table.choice("datum", DATUMS),
        encoding=table.text("encoding"),
        where=_read_where(table),
        columns=_read_columns(table),
        quality_as=table.choice("quality_as", QUALITIES),
        baseline=table.text("baseline"),
        scale=table.positive("scale"),
        offset=table.number("offset"),
        legend=table.choice("legend", LEGENDS),
        codes=_read_codes(table),
        as_of=table.date("as_of"),
        attribution=table.title("attribution") or "",
    )
    if spec.database and bool(spec.table) == bool(spec.sql):
        table.fault(_("a database needs either table or sql"))
    table.finish()
    return spec


def _read_pvgis(table: TableReader, kind: str) -> tuple[float, float] | None:
    """Return longitude and latitude: ``pvgis = [120.75, 30.75]``."""
    if "pvgis" not in table:
        return None
    given = table.raw("pvgis")
    if kind != "weather":
        table.fault(
            _("PVGIS has weather, and no {kind}").format(kind=kind), _("Give another source")
        )
        return None
    pair = given if isinstance(given, list) else []
    numbers = [float(n) for n in pair if isinstance(n, int | float) and not isinstance(n, bool)]
    if len(pair) != 2 or len(numbers) != 2:  # noqa: PLR2004 - longitude and latitude
        table.fault(
            _("{key} must be {expected}").format(
                key="pvgis", expected=_("longitude and latitude, such as [120.75, 30.75]")
            )
        )
        return None
    longitude, latitude = numbers
    if not (abs(longitude) <= 180 and abs(latitude) <= 90):  # noqa: PLR2004 - degrees
        table.fault(
            _("pvgis is at longitude {longitude:g}, latitude {latitude:g}").format(
                longitude=longitude, latitude=latitude
            ),
            _("Give degrees, longitude first"),
        )
        return None
    return longitude, latitude


def _files(table: TableReader, role: str) -> tuple[str, ...]:
    """Return the files of a band: one, or the tiles of a list."""
    if isinstance(table.raw(role), str):
        return (table.required_text(role),)
    return table.texts(role)


def _check_bands(table: TableReader, kind: str, bands: Mapping[str, tuple[str, ...]]) -> None:
    if not bands:
        return
    if not kind.startswith("imagery"):
        table.fault(
            _("a layer of kind {kind} has no bands").format(kind=kind),
            _("Give path ="),
        )
    elif not ("red" in bands and "nir" in bands):
        table.fault(_("imagery is given by red and nir, both"), _("Add the other one"))
    elif twice := set(bands["red"]) & set(bands["nir"]):
        table.fault(
            _("{file} is both red and near-infrared").format(file=min(twice)),
            _("Name the other file, or the band of each: FILE:BAND"),
        )


def _read_codes(table: TableReader) -> dict[str, tuple[int, ...]]:
    """Return each class's codes: ``codes = { tree = [1, 2], water = 9 }``."""
    given = table.table("codes")
    codes = {}
    for word in given:
        numbers = given.raw(word)
        numbers = numbers if isinstance(numbers, list) else [numbers]
        if word not in LAND_CLASSES:
            given.fault(
                _("{name} is no class of land").format(name=word),
                _("Known are: {names}").format(names=", ".join(LAND_CLASSES)),
            )
        elif not all(isinstance(n, int) and not isinstance(n, bool) for n in numbers):
            given.fault(_("the codes of {name} are not whole numbers").format(name=word))
        else:
            codes[word] = tuple(numbers)
    return codes


def _read_where(table: TableReader) -> dict[str, tuple[str, ...] | bool]:
    where: dict[str, tuple[str, ...] | bool] = {}
    values = table.table("where")
    for key in values:
        wanted = values.raw(key)
        if wanted is True:
            where[key] = True
        elif _holds_no_value(wanted):
            values.fault(_("{key} must be a value, a list of values, or true").format(key=key))
        else:
            where[key] = tuple(str(v) for v in (wanted if isinstance(wanted, list) else [wanted]))
    return where


def _holds_no_value(wanted: object) -> bool:
    if isinstance(wanted, list):
        return not wanted or any(isinstance(value, dict | list) for value in wanted)
    return isinstance(wanted, dict) or wanted is False


def _read_columns(table: TableReader) -> dict[str, str]:
    columns = table.table("columns")
    return {ours: columns.required_text(ours) for ours in columns}
