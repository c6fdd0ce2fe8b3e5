"""What a file holds, for a reader who does not know yet what to ask of it."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataSourceError

from jxgis.cleaning import geometries
from jxgis.cleaning.columns import as_text, attributes
from jxgis.errors import InputError, NoCrsError
from jxgis.i18n import _
from jxgis.layers import RawLayer
from jxgis.sources import files
from jxgis.sources.found import first_sentence
from jxgis.spec import LayerSpec

if TYPE_CHECKING:
    from jxgis.rasters import Grid
    from jxgis.sources.scene import Scene

_GEOMETRY = {0: "point", 1: "line", 2: "polygon"}
_SEVERAL_LAYERS = (".gpkg", ".gdb", ".kml", ".kmz", ".dxf")

# A column with more values than these holds names or numbers, not classes.
_CLASSES = 12


@dataclass(frozen=True)
class Description:
    """One layer of a file.

    Attributes
    ----------
    layer
        Its name, or None where the file has only one.
    geometry
        ``point``, ``line`` or ``polygon``, whichever most of its features are; ``cells`` of a
        raster.
    columns
        Column names.
    features
        Number of features; 0 of a raster, whose cells are not read.
    crs
        What the file says of its coordinate system, or None.
    classes
        The values of each column of text that holds only a few, in their order of appearance;
        none of a column that is empty.
    """

    layer: str | None
    geometry: str
    columns: tuple[str, ...]
    features: int
    crs: str | None
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class RasterHead:
    """What the head of a raster says.

    Attributes
    ----------
    bands
        How many there are, without one that only masks.
    whole
        Whether its cells are whole numbers.
    tags
        Of the file and of its first band, names in capitals; its description as ``DESCRIPTION``.
    crs
        What it says of its coordinate system, or None.
    legend
        One of `jxgis.spec.LEGENDS`, where its name or its tags tell it.
    """

    bands: int
    whole: bool
    tags: Mapping[str, str]
    crs: str | None
    legend: str | None


@dataclass(frozen=True)
class SceneDescription:
    """What the heads of a scene's bands say.

    Attributes
    ----------
    crs
        What they say of their coordinate system, or None.
    grid
        Of the red band; None without a coordinate system.
    date
        When it was taken, or None where nothing tells.
    assumed
        What reading it will assume of scale and offset; empty where they are known.
    unknown
        Why the offset of its reflectance is not known; empty where it is.
    files
        Role to the bands' files, from the plan's folder; empty of a scene that was fetched, whose
        bands need its description.
    """

    crs: str | None = None
    grid: Grid | None = None
    date: dt.date | None = None
    assumed: str = ""
    unknown: str = ""
    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def describe(path: Path) -> list[Description]:
    """Return what each layer of a file is.

    Raises
    ------
    InputError
        If the file cannot be read as a layer.
    """
    return [_describe(path, layer) for layer in _layers(path)]


def describe_raster(path: Path) -> Description:
    """Return what a raster of counts is, by its head alone.

    Raises
    ------
    InputError
        If it cannot be read, or has several bands.
    """
    from jxgis.sources import raster  # slow to import, and seldom needed

    spec = LayerSpec(path.name, "population", path=str(path))
    try:
        crs = raster.check(spec)
    except NoCrsError:
        crs = None
    return Description(None, "cells", ("population",), 0, crs)


def raster_head(path: Path) -> RasterHead:
    """Return what a raster is, without reading a cell of it.

    Raises
    ------
    InputError
        If it cannot be opened.
    """
    import rasterio  # slow to import, and seldom needed
    from rasterio.enums import ColorInterp
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    from jxgis.sources.landcover import told_legend

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            file = rasterio.open(path)
        with file:
            tags = {key.upper(): value for key, value in {**file.tags(), **file.tags(1)}.items()}
            return RasterHead(
                bands=sum(meaning != ColorInterp.alpha for meaning in file.colorinterp),
                whole=file.dtypes[0].startswith(("int", "uint")),
                tags={**tags, "DESCRIPTION": file.descriptions[0] or ""},
                crs=file.crs.to_string() if file.crs else None,
                legend=told_legend(path.name, tags),
            )
    except (RasterioError, OSError) as error:
        raise InputError(
            _("cannot be read: {reason}").format(reason=first_sentence(error)),
            mend=_("Open it in a GIS and save it again as a GeoTIFF"),
            file=path.name,
        ) from error


def describe_scene(spec: LayerSpec) -> SceneDescription:
    """Return what a scene of imagery is, by the heads of its red and near-infrared bands.

    Parameters
    ----------
    spec
        Of imagery: ``bands``, or ``path`` of a scene's folder.

    Raises
    ------
    InputError
        If it holds no scene, a band is missing or cannot be read, or the bands' grids differ.
    """
    from jxgis.sources import bands, grids, prj, reflectance  # slow to import

    scene = _scene(spec)
    try:
        red, nir = (
            bands.described(bands.named(scene.spec, scene.spec.bands[role][0]))
            for role in ("red", "nir")
        )
    except NoCrsError:
        return SceneDescription(date=scene.date)
    grids.same_grid(red, nir)
    unknown = ""
    try:
        about = reflectance.settled(red, scene, "red")
    except InputError as error:
        unknown = error.problem
        # The date is told all the same; what else is wrong is raised again.
        told = replace(scene, spec=replace(scene.spec, offset=0.0))
        about = reflectance.settled(red, told, "red")
    return SceneDescription(
        crs=prj.crs_name(red.grid.crs),
        grid=red.grid,
        date=scene.date or about.date,
        assumed="" if unknown else about.how,
        unknown=unknown,
        files={} if scene.scaling else scene.spec.bands,
    )


def _scene(spec: LayerSpec) -> Scene:
    from jxgis.sources import landsat, sentinel
    from jxgis.sources.archive import find
    from jxgis.sources.scene import Scene, fetched

    if spec.bands:
        return Scene(spec)
    folder = find(spec)
    for look in (fetched, sentinel.scene, landsat.scene):
        scene = look(folder, spec)
        if scene is not None:
            return scene
    raise InputError(
        _("it holds no scene of Sentinel-2 or Landsat, with a red and a near-infrared band"),
        file=spec.source,
    )


def _layers(path: Path) -> list[str | None]:
    if path.suffix.lower() not in _SEVERAL_LAYERS:
        return [None]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            listed = pyogrio.list_layers(path)
    except DataSourceError:
        return [None]  # reading it says what is wrong
    names: list[str | None] = [str(name) for name, kind in listed if kind is not None]
    return names if len(names) > 1 else [None]


def _describe(path: Path, layer: str | None) -> Description:
    spec = LayerSpec(path.name, "", path=str(path), layer=layer)
    try:
        raw = files.read(spec)
        crs = raw.inputs[0].crs
    except NoCrsError:
        raw = files.read(LayerSpec(path.name, "", path=str(path), layer=layer, crs="EPSG:4490"))
        crs = None
    columns = tuple(str(column) for column in attributes(raw.data))
    return Description(layer, _geometry(raw), columns, len(raw.data), crs, _classes(raw))


def _classes(raw: RawLayer) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for column in attributes(raw.data):
        if raw.data[column].isna().all():
            found[column] = ()
        elif not pd.api.types.is_numeric_dtype(raw.data[column]):
            values = as_text(raw.data[column]).dropna().unique().tolist()
            if len(values) <= _CLASSES:
                found[column] = tuple(str(value) for value in values)
    return found


def _geometry(raw: RawLayer) -> str:
    dimensions = shapely.get_dimensions(geometries(raw.data)).tolist()
    return _GEOMETRY.get(max(set(dimensions), key=dimensions.count), "")
