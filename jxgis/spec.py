"""What a plan or the command line says about one layer: where it is and how to read it."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl

DATUMS = ("wgs84", "gcj02", "bd09")
"""Datums of degrees: the first as GPS has them, the others shifted by Chinese web maps."""

BAND_ROLES = ("red", "nir", "quality")
"""The bands of imagery that a plan can give file by file."""

QUALITIES = ("scl", "qa_pixel", "bqa", "mask")
"""What a quality band can hold: Sentinel-2's scene classes, the bits of Landsat Collection 2 or of
the time before collections, or 0 for what is seen and anything else for what is not."""

LEGENDS = ("worldcover", "dynamic-world", "esri")
"""Land-cover legends whose codes are known."""

REFERENCES = ("reference", "reference_trees", "reference_change")
"""Kinds of points at which the truth was looked up: of green land, of trees, and of green land
gained and lost."""

LAND_CLASSES = (
    *("tree", "shrub", "grass", "crop", "built", "bare", "snow", "water"),
    *("wetland", "mangrove", "moss", "cloud"),
)
"""The classes of land that land-cover maps are read into."""

# What begins like a connection: a URL, GDAL's PG:, or a word that libpq knows and "=".
_CONNECTION = re.compile(
    r"\s*(?:postg\w*(?:\+\w+)?:|pg:|(?:host|hostaddr|port|dbname|user|service|passfile|ssl\w+"
    r"|channel_binding|connect_timeout|client_encoding|options|application_name)\s*=)"
    r"|.*\bpassword\s*=",
    re.IGNORECASE | re.DOTALL,
)

_URL = re.compile(r"\s*\w+(?:\+\w+)?://")

# host:port/database of a URL, after the user and before the question mark.
_PLACE = re.compile(r"(\[[\da-f:.]*\]|[^/:@?\s]*)(?::\d*)?(?:/([^/:@?\s]*))?", re.IGNORECASE)

# One key=value of libpq, whose value may stand in single quotes.
_PAIR = re.compile(r"\s*(\w+)\s*=\s*(?:'((?:\\.|[^'\\])*)'|((?:\\.|[^\s\\'])*))(?=\s|$)")

# A value that can be the name of a host (or a socket's folder), a database or a service.
_NAME = re.compile(r"[^\s@:=?&']*|[\da-f:]*", re.IGNORECASE)

# What stands before "=" on a command line: an option, or a setting of a layer.
_OPTION = re.compile(r"--?[\w-]+|\w+\.[\w.]+")

_HIDDEN = "postgresql://…"


def is_connection(word: str) -> bool:
    """Return whether a word is meant as a connection to a database, however it is spelt."""
    return _CONNECTION.match(word) is not None


def shown_connection(connection: str) -> str:
    """Return a connection as it may be printed: its service, or its host and database.

    Nothing is masked: what is shown is picked out, and only where the parts can be told apart. A
    password with an ``@``, ``/`` or ``?`` that was not percent-encoded makes that impossible.
    """
    known = _parts_of_url(connection) if _URL.match(connection) else _parts_of_words(connection)
    if known is None or not all(_NAME.fullmatch(value) for value in known.values()):
        return _HIDDEN
    if "service" in known:
        return f"service={known['service']}"
    return f"postgresql://{known.get('host', '')}/{known.get('dbname', '')}"


def shown_words(words: Iterable[str]) -> str:
    """Return a command line as it may be written down, with no more of its connections."""
    return " ".join(_shown_word(word) for word in words)


def _shown_word(word: str) -> str:
    option, _equals, value = word.partition("=")
    if _OPTION.fullmatch(option) and is_connection(value):
        return f"{option}={shown_connection(value)}"
    return shown_connection(word) if is_connection(word) else word


def _parts_of_url(url: str) -> dict[str, str] | None:
    address, _question, query = url.partition("://")[2].partition("?")
    place = _PLACE.fullmatch(address.rpartition("@")[2])
    if "@" in query or place is None:
        return None
    host, database = place.groups()
    given = {"host": host.strip("[]"), "dbname": database or ""}
    return {key: value for key, value in given.items() if value} | _public(parse_qsl(query))


def _parts_of_words(words: str) -> dict[str, str] | None:
    if _PAIR.sub("", words).strip():
        return None
    return _public((key, quoted or bare) for key, quoted, bare in _PAIR.findall(words))


def _public(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {key: value for key, value in pairs if key in {"host", "dbname", "service"}}


@dataclass(frozen=True)
class LayerSpec:
    """One ``[layers.NAME]`` table of a plan, checked for form but not yet read.

    Exactly one of ``path``, ``bands``, ``gtfs``, ``osm``, ``place``, ``database`` and ``pvgis`` is
    given.

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
    bands
        Of imagery that is files a band: ``red``, ``nir`` and ``quality`` to one file or several
        tiles, each ``FILE`` or ``FILE:BAND``.
    gtfs, osm
        A GTFS feed (zip or folder); an ``.osm.pbf`` extract.
    place
        A place's name, looked up and fetched from OpenStreetMap.
    database, table, sql
        A PostGIS connection without a password, and what to read from it.
    pvgis
        Longitude and latitude, degrees, of which PVGIS is asked for a typical year of weather.
    crs, datum, encoding
        What a file does not say itself: ``EPSG:4490``; ``wgs84``, ``gcj02`` or ``bd09``;
        ``utf-8`` or ``gb18030``.
    where
        Column (or OSM tag) to the values that are kept; ``True`` keeps any value.
    columns
        The kind's column name to the name it has in the source.
    quality_as
        What the quality band holds: one of `QUALITIES`; None reads it from names and metadata.
    baseline, scale, offset
        Of imagery, what its metadata does not say: Sentinel-2's processing baseline, and how
        reflectance follows from what is stored (``value * scale + offset``).
    legend, codes
        Of land cover: the name of its legend, or each class's codes.
    as_of, attribution
        Date of the data and whom to credit, printed on the map.
    """

    name: str
    kind: str
    base: Path = field(default_factory=Path)
    path: str | None = None
    layer: str | None = None
    bands: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    gtfs: str | None = None
    osm: str | None = None
    place: str | None = None
    database: str | None = None
    table: str | None = None
    sql: str | None = None
    pvgis: tuple[float, float] | None = None
    crs: str | None = None
    datum: str | None = None
    encoding: str | None = None
    where: Mapping[str, tuple[str, ...] | bool] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    quality_as: str | None = None
    baseline: str | None = None
    scale: float | None = None
    offset: float | None = None
    legend: str | None = None
    codes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    as_of: dt.date | None = None
    attribution: str = ""

    @property
    def source(self) -> str:
        """The path or place as the plan writes it; of a database only its host and name."""
        if self.database is not None:
            return shown_connection(self.database)
        if self.pvgis is not None:
            return "PVGIS {:.8g}, {:.8g}".format(*self.pvgis)
        files = [file for files in self.bands.values() for file in files]
        return self.path or ", ".join(files) or self.gtfs or self.osm or self.place or ""

    def resolve(self, path: str) -> Path:
        """Return a path of the plan as one that can be opened: ``~`` and ``$NAME`` filled in."""
        return self.base / Path(os.path.expandvars(path)).expanduser()
