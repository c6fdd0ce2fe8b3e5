"""What a plan or the command line says about one layer: where it is and how to read it."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

# A password in a connection, which is refused later but must not be printed before.
_PASSWORD = re.compile(r"(://[^@?]*:)[^@?]*(?=@)|(?i:(password\s*=\s*)[^\s&]+)")


@dataclass(frozen=True)
class LayerSpec:
    """One ``[layers.NAME]`` table of a plan, checked for form but not yet read.

    Exactly one of ``path``, ``gtfs``, ``osm``, ``place`` and ``database`` is given.

    Attributes
    ----------
    name
        The layer's name in the plan.
    kind
        One of `jxgis.layers.KINDS`; the name itself where the plan does not say.
    base
        Folder that relative paths start from (the plan's own).
    path, layer
        A file that GDAL or a table reader opens, and a layer (sheet, band) inside it.
    gtfs, osm
        A GTFS feed (zip or folder); an ``.osm.pbf`` extract.
    place
        A place's name, looked up and fetched from OpenStreetMap.
    database, table, sql
        A PostGIS connection without a password, and what to read from it.
    crs, datum, encoding
        What a file does not say itself: ``EPSG:4490``; ``wgs84``, ``gcj02`` or ``bd09``;
        ``utf-8`` or ``gb18030``.
    where
        Column (or OSM tag) to the values that are kept; ``True`` keeps any value.
    columns
        The kind's column name to the name it has in the source.
    as_of, attribution
        Date of the data and whom to credit, printed on the map.
    """

    name: str
    kind: str
    base: Path = field(default_factory=Path)
    path: str | None = None
    layer: str | None = None
    gtfs: str | None = None
    osm: str | None = None
    place: str | None = None
    database: str | None = None
    table: str | None = None
    sql: str | None = None
    crs: str | None = None
    datum: str | None = None
    encoding: str | None = None
    where: Mapping[str, tuple[str, ...] | bool] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    as_of: dt.date | None = None
    attribution: str = ""

    @property
    def source(self) -> str:
        """The path, place or database, as the plan writes it, but for a password."""
        shown = self.path or self.gtfs or self.osm or self.place
        return shown or _PASSWORD.sub(r"\1\2***", self.database or "")

    def resolve(self, path: str) -> Path:
        """Return a path of the plan as one that can be opened: ``~`` and ``$NAME`` filled in."""
        return self.base / Path(os.path.expandvars(path)).expanduser()
