"""The kinds of layer: what each must have, and how what arrives is checked and repaired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jxgis.results import InputFile, LedgerRow

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


@dataclass(frozen=True)
class Kind:
    """What a kind of layer must have.

    ``geometry`` is ``point``, ``line`` or ``polygon`` or a tuple of them; columns map a name to
    its type: ``text``, ``number`` or ``date``.
    """

    name: str
    geometry: tuple[str, ...]
    required: Mapping[str, str] = field(default_factory=dict)
    optional: Mapping[str, str] = field(default_factory=dict)


KINDS: Mapping[str, Kind] = {
    k.name: k
    for k in (
        Kind("stops", ("point",), {}, {"stop_id": "text", "name": "text"}),
        Kind("built_up", ("polygon",), {}, {"name": "text"}),
        Kind("zones", ("polygon",), {"zone_id": "text", "zone": "text"}),
        Kind("land", ("polygon",), {"class": "text"}, {"name": "text"}),
        Kind(
            "sites",
            ("point", "polygon", "line"),
            {"target": "text"},
            {"name": "text", "amount": "number", "completed": "date"},
        ),
        Kind("streets", ("line",), {}, {"highway": "text", "name": "text"}),
        Kind("expressways", ("line",), {}, {"name": "text"}),
        Kind("service_areas", ("point", "polygon"), {}, {"name": "text"}),
        Kind("population", ("point", "polygon"), {"population": "number"}),
        Kind("jobs", ("point", "polygon"), {"jobs": "number"}),
        Kind("buildings", ("polygon",), {}, {"class": "text"}),
        Kind("parking", ("point", "polygon"), {}, {"spaces": "number", "name": "text"}),
        Kind("chargers", ("point",), {}, {"name": "text", "posts": "number"}),
        Kind("candidates", ("point",), {}, {"name": "text"}),
        Kind("substations", ("point", "polygon"), {}, {"name": "text"}),
    )
}


@dataclass(frozen=True)
class RawLayer:
    """A source as it was read: its own CRS, its own column names.

    ``tables`` holds what came along without geometry (a GTFS feed's departures).
    """

    data: gpd.GeoDataFrame
    inputs: tuple[InputFile, ...]
    ledger: tuple[LedgerRow, ...] = ()
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True)
class Layer:
    """A layer that measures can trust: metric CRS, valid geometries, the kind's columns."""

    name: str
    kind: Kind
    data: gpd.GeoDataFrame
    inputs: tuple[InputFile, ...] = ()
    ledger: tuple[LedgerRow, ...] = ()
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
