"""Which OpenStreetMap tags make which kind of layer, and which of its columns they fill.

=============  =================================================================================
kind           tags where the plan names none
=============  =================================================================================
stops          highway=bus_stop. Not public_transport=platform as well, which mostly doubles it
built_up       landuse=residential, commercial, retail, industrial
zones          boundary=administrative. Levels overlap: where = { admin_level = ["8"] } is better
land           natural=water, waterway=riverbank, landuse=reservoir, basin, military,
               leisure=park, amenity=school, college, university
streets        highway with a class of way that is open (no construction, no platforms)
expressways    highway=motorway, motorway_link
service_areas  highway=services
buildings      building with any value but no
parking        amenity=parking
chargers       amenity=charging_station
substations    power=substation
=============  =================================================================================

Of buildings, building:levels gives storeys, height metres, roof:shape and roof:direction the form,
and operator the owner.

What was before (stops_before, built_up_before) has the tags of what is. Other kinds that are not in
the table ask for ``where``. Several keys mean any of them, as OpenStreetMap itself puts one class
of things under several keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd

from jxgis.cleaning import place
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.layers import KINDS
from jxgis.results import LedgerRow
from jxgis.spec import LayerSpec

Where: TypeAlias = Mapping[str, tuple[str, ...] | bool]

ATTRIBUTION = "© OpenStreetMap contributors (ODbL)"

_STREETS = (
    *("motorway", "trunk", "primary", "secondary", "tertiary"),
    *("motorway_link", "trunk_link", "primary_link", "secondary_link", "tertiary_link"),
    *("unclassified", "residential", "living_street", "service", "road", "busway", "track"),
    *("pedestrian", "footway", "path", "steps", "cycleway", "bridleway"),
)

_STOPS: Where = {"highway": ("bus_stop",)}
_BUILT_UP: Where = {"landuse": ("residential", "commercial", "retail", "industrial")}

DEFAULT_TAGS: Mapping[str, Where] = MappingProxyType(
    {
        "stops": _STOPS,
        "stops_before": _STOPS,
        "built_up": _BUILT_UP,
        "built_up_before": _BUILT_UP,
        "zones": {"boundary": ("administrative",)},
        "land": {
            "natural": ("water",),
            "waterway": ("riverbank",),
            "landuse": ("reservoir", "basin", "military"),
            "leisure": ("park",),
            "amenity": ("school", "college", "university"),
        },
        "streets": {"highway": _STREETS},
        "expressways": {"highway": ("motorway", "motorway_link")},
        "service_areas": {"highway": ("services",)},
        "buildings": {"building": True},
        "parking": {"amenity": ("parking",)},
        "chargers": {"amenity": ("charging_station",)},
        "substations": {"power": ("substation",)},
    }
)

# The class of a land layer, by its tag; a tag that is not here gives its own value.
_LAND_CLASSES = {
    ("natural", "water"): "water",
    ("waterway", "riverbank"): "water",
    ("landuse", "reservoir"): "water",
    ("landuse", "basin"): "water",
    ("landuse", "military"): "military",
    ("leisure", "park"): "park",
    ("amenity", "school"): "school",
    ("amenity", "college"): "school",
    ("amenity", "university"): "school",
}

# A kind's column to the tag that fills it, where the names differ.
_COLUMN_TAGS = {
    "zone": "name",
    "spaces": "capacity",
    "posts": "capacity",
    "owner": "operator",
    "storeys": "building:levels",
    "roof_shape": "roof:shape",
    "height_m": "height",
    "roof_azimuth": "roof:direction",
}
_IDS = ("stop_id", "zone_id")

# What tags say in words and the wiki of OpenStreetMap allows: a unit that is the usual one, and
# points of the compass clockwise from north.
_WITH_UNIT = {"height_m": r"\s*m$", "roof_azimuth": r"\s*(?:°|deg)$"}
_POINTS = (
    *("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE"),
    *("S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW"),
)
_WORDS = {"roof_azimuth": {word: n * 360 / len(_POINTS) for n, word in enumerate(_POINTS)}}


def tags_of(spec: LayerSpec) -> tuple[Where, list[LedgerRow]]:
    """Return the tags that a layer takes, and a ledger row where the plan leaves them open.

    Raises
    ------
    InputError
        The plan names none, and the kind has no default.
    """
    if spec.where:
        return spec.where, []
    where = DEFAULT_TAGS.get(spec.kind)
    if where is None:
        raise InputError(
            _("it is not clear which OpenStreetMap tags are {kind}").format(kind=spec.kind),
            mend=_('Name them, like where = { amenity = ["school"] }'),
            **place(spec),
        )
    reason = _("the plan names no tags: {tags} were taken").format(tags=tags_text(where))
    return where, [LedgerRow("assumed", spec.name, 1, reason)]


def tags_text(where: Where) -> str:
    """Return tags as a person writes them: ``landuse=residential|retail, building``."""
    return ", ".join(
        key if isinstance(values, bool) else f"{key}={'|'.join(values)}"
        for key, values in where.items()
    )


def matches(tags: Mapping[str, str], where: Where) -> bool:
    """Return whether any of the keys has a value that is asked for; ``True`` is all but ``no``."""
    for key, values in where.items():
        value = tags.get(key)
        if value is None:
            continue
        if value != "no" if values is True else value in (values or ()):
            return True
    return False


def columns_of(
    osm_id: str, tags: Mapping[str, str], spec: LayerSpec, where: Where
) -> dict[str, str | None]:
    """Return one object's columns: the kind's own, then the tags that were asked for."""
    kind = KINDS[spec.kind]
    row: dict[str, str | None] = {"osm_id": osm_id, "name": tags.get("name")}
    for column in (*kind.required, *kind.optional):
        if column in _IDS:
            row[column] = osm_id
        elif column == "class":
            row[column] = _class_of(tags, where)
        else:
            row[column] = tags.get(_COLUMN_TAGS.get(column, column))
    if "zone" in row and not row["zone"]:
        row["zone"] = osm_id
    for tag in (*where, *spec.columns.values()):
        row.setdefault(tag, tags.get(tag))
    return row


def _class_of(tags: Mapping[str, str], where: Where) -> str | None:
    for key in where:
        value = tags.get(key)
        if value is not None and matches({key: value}, where):
            return _LAND_CLASSES.get((key, value), value)
    return None


def with_numbers(
    data: gpd.GeoDataFrame, spec: LayerSpec
) -> tuple[gpd.GeoDataFrame, list[LedgerRow]]:
    """Turn the kind's number columns into numbers; a tag like ``capacity=yes`` becomes unknown.

    Units and points of the compass are read: ``height=12 m`` is 12, ``roof:direction=SW`` is 225.
    """
    kind = KINDS[spec.kind]
    ledger = []
    for column, type_ in (*kind.required.items(), *kind.optional.items()):
        if type_ != "number" or column not in data or column in spec.columns:
            continue
        numbers = _numbers(data[column], column)
        unread = int((data[column].notna() & numbers.isna()).sum())
        data[column] = numbers
        if unread:
            reason = _("{column} is not a number and was left empty").format(column=column)
            ledger.append(LedgerRow("repaired", spec.name, unread, reason))
    return data, ledger


def _numbers(values: pd.Series[Any], column: str) -> pd.Series[float]:
    """Return the numbers that a column's tags say; what is none, or infinite, is unknown."""
    words = values.astype("string").str.strip()
    if column in _WITH_UNIT:
        words = words.str.replace(_WITH_UNIT[column], "", regex=True)
    numbers = pd.to_numeric(words.astype(object), errors="coerce").astype("float64")
    if column in _WORDS:
        numbers = numbers.fillna(words.str.upper().map(_WORDS[column]).astype("float64"))
    return numbers.where(np.isfinite(numbers))


def nothing_fits(spec: LayerSpec, where: Where) -> InputError:
    """Return the error for a source in which nothing has the tags and the kind's geometry."""
    return InputError(
        _("nothing in it is tagged {tags} and a {geometry}").format(
            tags=tags_text(where), geometry=" / ".join(KINDS[spec.kind].geometry)
        ),
        mend=_("Name other tags with where"),
        **place(spec),
    )


def ledger_rows(counts: Mapping[str, int], spec: LayerSpec) -> list[LedgerRow]:
    """Return a row for each thing that was mended or left out, by its count."""
    reasons = {
        "cut": ("repaired", _("ways with nodes outside the extract, cut at the gap")),
        "short": ("dropped", _("ways with fewer than two nodes in the extract")),
        "mended": ("repaired", _("areas whose rings cross; what they enclose was kept")),
        "clipped": ("repaired", _("areas that leave the extract, closed straight at its edge")),
        "lost": ("dropped", _("areas whose outline does not close in the extract")),
        "open": ("excluded", _("tagged ways that are not closed, so no areas")),
        "surface": ("excluded", _("ways that outline a surface (area=yes), so no lines")),
        "other": ("excluded", _("tagged objects of another geometry than the layer's")),
        "as_point": ("assumed", _("mapped as areas; a point inside each was taken")),
    }
    return [
        LedgerRow(what, spec.name, counts[key], reason)
        for key, (what, reason) in reasons.items()
        if counts[key]
    ]
