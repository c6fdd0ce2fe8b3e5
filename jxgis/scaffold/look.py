"""What lies in a planner's folder: every file that could be a layer, opened just far enough."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from jxgis.arguments import source_of
from jxgis.errors import InputError, JxgisError
from jxgis.i18n import _
from jxgis.scaffold.rasters import (
    BANDS,
    Bands,
    as_scenes,
    date_in_name,
    is_metadata,
    is_packed,
    is_scene_folder,
    kind_by_words,
    may_be_imagery,
)
from jxgis.sources import RASTERS
from jxgis.sources.description import (
    RasterHead,
    SceneDescription,
    describe,
    describe_raster,
    describe_scene,
    raster_head,
)
from jxgis.spec import LayerSpec

VECTOR_ENDINGS = (
    ".shp", ".gpkg", ".geojson", ".json", ".parquet", ".geoparquet", ".fgb", ".kml", ".kmz",
    ".gdb", ".dxf", ".zip",
)  # fmt: skip
TABLE_ENDINGS = (".csv", ".xlsx")
OSM_ENDING = ".osm.pbf"


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
        ``point``, ``line`` or ``polygon``; ``cells`` of a raster of one band, ``bands`` of one of
        several, ``scene`` of imagery; empty for an OSM extract.
    columns
        Column names.
    features
        Number of rows; 0 of a raster.
    crs
        What the file says of its coordinate system, or None where it says nothing.
    classes
        The values of each column of text that holds only a few; none of an empty column.
    raster, word
        Of ``cells``, the kind of layer and the word in its name or tags that tells it.
    legend
        Of land cover, its legend where that is known.
    bands
        Of a scene that is files, their paths by role, more than one where it has tiles. Where
        ``red`` or ``nir`` is not among them, it is no whole scene.
    scene
        What the bands say.
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
    raster: str = ""
    word: str = ""
    legend: str | None = None
    bands: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    scene: SceneDescription | None = None

    @property
    def dated_by_name(self) -> dt.date | None:
        """Of a scene, the date in its name or its folder's, where its bands do not say one."""
        if self.scene is None or self.scene.date:
            return None
        return date_in_name(self.path)


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
    if is_scene_folder(folder):
        folder, files = folder.absolute().parent, [folder.absolute()]
    else:
        files = list(_candidates(folder))
    rasters = [f.relative_to(folder).as_posix() for f in files if _ends(f, BANDS)]
    scenes = as_scenes(rasters)
    taken = {path for scene in scenes for path in scene.files.values()}
    for scene in scenes:
        try:
            found += _of_bands(folder, scene)
        except JxgisError as error:
            unread.append(error)
    for file in files:
        if file.relative_to(folder).as_posix() in taken:
            continue
        try:
            found += _open(folder, file)
        except JxgisError as error:
            unread.append(error)
    found.sort(key=lambda it: (it.path, it.layer or ""))
    if not found and not unread:
        raise InputError(
            _("no file in this folder could be a layer"),
            file=folder,
            mend=_("Looked for: {endings}").format(
                endings=", ".join((*VECTOR_ENDINGS, *TABLE_ENDINGS, OSM_ENDING, *BANDS))
            ),
        )
    return found, unread


def _candidates(folder: Path) -> Iterator[Path]:
    """Yield files and file-like folders: FileGDB, a GTFS feed, a scene; not what lies in those."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "~$")):
            continue
        name = path.name.lower()
        whole = "gtfs" in source_of(str(path)) or name.endswith(".gdb") or is_scene_folder(path)
        if path.is_dir() and not whole:
            yield from _candidates(path)
        elif whole or _may_be_a_layer(name):
            yield path


def _may_be_a_layer(name: str) -> bool:
    endings = (*VECTOR_ENDINGS, *TABLE_ENDINGS, OSM_ENDING, *BANDS)
    return (name.endswith(endings) and not is_metadata(name)) or is_packed(name)


def _ends(file: Path, endings: Sequence[str]) -> bool:
    return file.name.lower().endswith(tuple(endings)) and file.is_file()


def _open(folder: Path, file: Path) -> list[Found]:
    path = file.relative_to(folder).as_posix()
    if is_packed(file.name):
        raise InputError(
            _("it is a scene that is still packed"), file=path, mend=_("Unpack the whole product")
        )
    (source, _word), *_rest = source_of(str(file)).items()
    if source != "path":
        return [Found(folder, path, source)]
    if is_scene_folder(file):
        scene = describe_scene(LayerSpec("imagery", "imagery", base=folder, path=path))
        return [Found(folder, path, source, geometry="scene", crs=scene.crs, scene=scene)]
    if _ends(file, BANDS):
        return _raster(folder, file, path)
    descriptions = describe(file)
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


def _of_bands(folder: Path, scene: Bands) -> list[Found]:
    bands = {role: (file,) for role, file in scene.files.items()}
    path = scene.files.get("red") or scene.files["nir"]
    if not scene.lacks:
        said = describe_scene(LayerSpec("imagery", "imagery", base=folder, bands=bands))
        found = Found(folder, path, "path", geometry="scene", crs=said.crs)
        return [replace(found, bands=bands, scene=said)]
    if raster_head(folder / path).bands > 1:
        return _raster(folder, folder / path, path)
    return [Found(folder, path, "path", geometry="scene", bands=bands)]


def _raster(folder: Path, file: Path, path: str) -> list[Found]:
    """Look at a raster that is no band by its name; a picture is nothing, without a word."""
    told = kind_by_words([path])
    if told is not None and told[0] == "population":
        return _of_people(folder, file, path, told[1])
    try:
        head = raster_head(file)
    except JxgisError:
        if told is None:
            return []
        raise
    if head.bands > 1:
        is_imagery = told is None and may_be_imagery(path, head.bands)
        return [Found(folder, path, "path", geometry="bands", crs=head.crs)] if is_imagery else []
    told = told or _by_tags(head)
    if told is None:
        return []
    kind, word = told
    _check_codes(kind, head, path)
    found = Found(folder, path, "path", geometry="cells", crs=head.crs, raster=kind, word=word)
    return [replace(found, legend=head.legend)]


def _of_people(folder: Path, file: Path, path: str, word: str) -> list[Found]:
    if not _ends(file, RASTERS):
        return []
    d = describe_raster(file)
    found = Found(folder, path, "path", geometry=d.geometry, columns=d.columns, crs=d.crs)
    return [replace(found, raster="population", word=word)]


def _by_tags(head: RasterHead) -> tuple[str, str] | None:
    told = kind_by_words(head.tags.values()) if head.whole else None
    return None if told is None or told[0] == "population" else told


def _check_codes(kind: str, head: RasterHead, path: str) -> None:
    if kind == "landcover" and not head.whole:
        raise InputError(
            _("its cells are no whole numbers, and so no codes of land cover"),
            file=path,
            mend=_("Check the band, or save it as whole numbers"),
        )
