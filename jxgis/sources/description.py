"""What a file holds, for a reader who does not know yet what to ask of it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataSourceError

from jxgis.cleaning import geometries
from jxgis.cleaning.columns import as_text, attributes
from jxgis.errors import NoCrsError
from jxgis.layers import RawLayer
from jxgis.sources import files
from jxgis.spec import LayerSpec

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
        The values of each column of text that holds only a few, in their order of appearance.
    """

    layer: str | None
    geometry: str
    columns: tuple[str, ...]
    features: int
    crs: str | None
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


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
    found = {}
    for column in attributes(raw.data):
        if not pd.api.types.is_numeric_dtype(raw.data[column]):
            values = as_text(raw.data[column]).dropna().unique().tolist()
            if 0 < len(values) <= _CLASSES:
                found[column] = tuple(str(value) for value in values)
    return found


def _geometry(raw: RawLayer) -> str:
    dimensions = shapely.get_dimensions(geometries(raw.data)).tolist()
    return _GEOMETRY.get(max(set(dimensions), key=dimensions.count), "")
