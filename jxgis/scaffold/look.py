"""What lies in a planner's folder: every file that could be a layer, opened just far enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jxgis.arguments import source_of
from jxgis.errors import InputError, JxgisError
from jxgis.i18n import _
from jxgis.sources import RASTERS
from jxgis.sources.description import describe, describe_raster

VECTOR_ENDINGS = (
    ".shp", ".gpkg", ".geojson", ".json", ".parquet", ".geoparquet", ".fgb", ".kml", ".kmz",
    ".gdb", ".dxf", ".zip",
)  # fmt: skip
TABLE_ENDINGS = (".csv", ".xlsx")
OSM_ENDING = ".osm.pbf"

# What a raster of people is called; others, mostly pictures, are not looked at.
RASTER_WORDS = ("pop", "ppp", "人口")


@dataclass(frozen=True)
class Found:
    """A file, or one of several layers in a file.

    Attributes
    ----------
    folder, path
        The folder that was looked through, and the file's path in it.
    source
        How a plan names it: ``path``, ``gtfs`` or ``osm``.
    layer
        The layer's name, where the file holds several.
    geometry
        ``point``, ``line`` or ``polygon``; ``cells`` of a raster; empty for an OSM extract.
    columns
        Column names.
    features
        Number of rows; 0 of a raster.
    crs
        What the file says of its coordinate system, or None where it says nothing.
    classes
        The values of each column of text that holds only a few.
    """

    folder: Path
    path: str
    source: str
    layer: str | None = None
    geometry: str = ""
    columns: tuple[str, ...] = ()
    features: int = 0
    crs: str | None = None
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def look_through(folder: Path) -> tuple[list[Found], list[JxgisError]]:
    """Open every file of a folder that could be a layer.

    Parameters
    ----------
    folder
        Looked through with its sub-folders; hidden ones are left out.

    Returns
    -------
    found : list of Found
        In the order of their paths.
    unread : list of JxgisError
        Files that look like data and could not be opened.

    Raises
    ------
    InputError
        If it is no folder, or holds nothing that could be a layer.
    """
    if not folder.is_dir():
        raise InputError(_("there is no such folder"), file=folder)
    found: list[Found] = []
    unread: list[JxgisError] = []
    for file in _candidates(folder):
        try:
            found += _open(folder, file)
        except JxgisError as error:
            unread.append(error)
    if not found and not unread:
        raise InputError(
            _("no file in this folder could be a layer"),
            file=folder,
            mend=_("Looked for: {endings}").format(
                endings=", ".join((*VECTOR_ENDINGS, *TABLE_ENDINGS, OSM_ENDING))
            ),
        )
    return found, unread


def _candidates(folder: Path) -> Iterator[Path]:
    """Yield files and file-like folders (FileGDB, a GTFS feed); never what lies inside those."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "~$")):
            continue
        name = path.name.lower()
        whole = "gtfs" in source_of(str(path)) or name.endswith(".gdb")
        if path.is_dir() and not whole:
            yield from _candidates(path)
        elif whole or _may_be_a_layer(name):
            yield path


def _may_be_a_layer(name: str) -> bool:
    if name.endswith(RASTERS):
        return any(word in name for word in RASTER_WORDS)
    return name.endswith((*VECTOR_ENDINGS, *TABLE_ENDINGS, OSM_ENDING))


def _open(folder: Path, file: Path) -> list[Found]:
    path = file.relative_to(folder).as_posix()
    (source, _word), *_rest = source_of(str(file)).items()
    if source != "path":
        return [Found(folder, path, source)]
    raster = file.name.lower().endswith(RASTERS)
    descriptions = [describe_raster(file)] if raster else describe(file)
    return [
        Found(
            folder,
            path,
            source,
            layer=d.layer if len(descriptions) > 1 else None,
            geometry=d.geometry,
            columns=d.columns,
            features=d.features,
            crs=d.crs,
            classes=d.classes,
        )
        for d in descriptions
        if d.geometry
    ]
