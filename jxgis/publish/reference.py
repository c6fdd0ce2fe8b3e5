"""The reference sample as files: a GeoPackage to fill in, a KML to look at, the strata apart."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from jxgis.errors import OutputError
from jxgis.i18n import _
from jxgis.publish.geopackage import _current_date
from jxgis.publish.tables import write_frame

SAMPLE = "sample.gpkg"
"""The file that is filled in."""

STRATA = "strata.csv"
"""What the map shows at each point, for the record."""

POINTS, CELLS = "reference_points", "reference_cells"
"""The layers."""

_BY_HAND = ("reference", "interpreter", "date", "remark")
_FIELDS = ("point_id", *_BY_HAND, "cell_m")
_KML = "http://www.opengis.net/kml/2.2"
_LOOKS = {"point": "ff42e4f0", "cell": "ff42e4f0"}  # alpha, blue, green, red: the theme's yellow


def write_reference(folder: Path, points: gpd.GeoDataFrame, classes: Mapping[str, str]) -> None:
    """Write the sample as `SAMPLE`, ``sample.kml`` and `STRATA`; the same points, the same bytes.

    The GeoPackage is filled in; the KML shows in a globe's viewer which ground is meant. Neither
    says which class the map shows at a point, for whoever looks up the truth had better not know:
    that is written apart, for the record, and nothing needs it to read the sample back.

    Parameters
    ----------
    folder
        That is there.
    points
        As `jxgis.green.points.reference_points` gives them: EPSG:4326, the cells' outlines as
        ``cell``.
    classes
        Class word to the class that it stands for in the reader's language: what may be written
        as ``reference``.

    Raises
    ------
    OutputError
        If a file cannot be written: a full disk, or a sample that somebody has filled in.
    """
    check_unfilled(folder)
    name = SAMPLE
    try:
        _write_geopackage(folder / name, points)
        name = "sample.kml"
        (folder / name).write_bytes(_kml(points, classes))
        name = STRATA
        write_frame(folder / name, pd.DataFrame(points[["point_id", "stratum"]]))
    except (DataSourceError, DataLayerError, sqlite3.Error, OSError) as error:
        reason = getattr(error, "strerror", None) or str(error).rpartition(" failed: ")[2]
        raise OutputError(
            _("the file cannot be written: {error}").format(error=reason),
            file=name,
            mend=_("Free space on the disk, where that is full, and run again"),
        ) from None


def check_unfilled(folder: Path) -> None:
    """Refuse to replace a sample in which somebody has written something.

    Parameters
    ----------
    folder
        With or without a sample.

    Raises
    ------
    OutputError
        If what is written in it would be lost, or it cannot be read.
    """
    path = folder / SAMPLE
    if not path.exists():
        return
    try:
        rows = pyogrio.read_dataframe(path, layer=POINTS, read_geometry=False)
        by_hand = rows.reindex(columns=list(_BY_HAND))
        filled = int(by_hand.map(_text).ne("").any(axis=1).sum())
    except (DataSourceError, DataLayerError):
        filled = None
    if filled == 0:
        return
    problem = _("the sample that is there cannot be read, and may be filled in")
    if filled is not None:
        problem = _("{n} points of the sample that is there are filled in, and would be lost")
    raise OutputError(
        problem.format(n=filled),
        file=path,
        mend=_("Move it away, or name another folder"),
    )


def _write_geopackage(path: Path, points: gpd.GeoDataFrame) -> None:
    path.unlink(missing_ok=True)
    frame = points[[*_FIELDS, points.geometry.name]]
    cells = gpd.GeoDataFrame(points[["point_id"]], geometry=points["cell"].array, crs=points.crs)
    with _current_date(f"{dt.date(1970, 1, 1).isoformat()}T00:00:00.000Z"):
        for layer, data, kind in ((POINTS, frame, "Point"), (CELLS, cells, "Polygon")):
            pyogrio.write_dataframe(
                data,
                path,
                layer=layer,
                driver="GPKG",
                geometry_type=kind,
                layer_options={"GEOMETRY_NAME": "geom"},
            )


def _kml(points: gpd.GeoDataFrame, classes: Mapping[str, str]) -> bytes:
    root = Element("kml", xmlns=_KML)
    document = SubElement(root, "Document")
    SubElement(document, "name").text = _("Reference points")
    SubElement(document, "description").text = _(
        "What is the ground within the outline? Write it as reference in sample.gpkg: {classes}"
    ).format(classes=", ".join(_choices(classes)))
    _styles(document)
    _placemarks(document, POINTS, points, list(_of_points(points)))
    _placemarks(document, CELLS, points, list(_of_cells(points)))
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, "unicode")}\n'.encode()


def _choices(classes: Mapping[str, str]) -> Iterator[str]:
    for word, title in classes.items():
        yield word if word == title else _("{word} ({title})").format(word=word, title=title)


def _styles(document: Element) -> None:
    for name, colour in _LOOKS.items():
        style = SubElement(document, "Style", id=name)
        icon = SubElement(style, "IconStyle")
        SubElement(icon, "color").text = colour
        SubElement(icon, "scale").text = "0.6"
        line = SubElement(style, "LineStyle")
        SubElement(line, "color").text = colour
        SubElement(line, "width").text = "2"
        SubElement(SubElement(style, "PolyStyle"), "fill").text = "0"
        # The fields are there to be filled in, and a balloon of empty ones says nothing.
        SubElement(SubElement(style, "BalloonStyle"), "text").text = "$[name]"


def _placemarks(
    document: Element, layer: str, points: gpd.GeoDataFrame, shapes: Sequence[Element]
) -> None:
    folder = SubElement(document, "Folder")
    SubElement(folder, "name").text = layer
    for row, shape in zip(points.to_dict("records"), shapes, strict=True):
        mark = SubElement(folder, "Placemark")
        SubElement(mark, "name").text = str(row["point_id"])
        SubElement(mark, "styleUrl").text = "#point" if layer == POINTS else "#cell"
        if layer == POINTS:
            data = SubElement(mark, "ExtendedData")
            for field in _FIELDS:
                one = SubElement(data, "Data", name=field)
                SubElement(one, "value").text = _text(row[field])
        mark.append(shape)


def _of_points(points: gpd.GeoDataFrame) -> Iterator[Element]:
    for position in _positions(points.geometry.to_numpy()):
        shape = Element("Point")
        SubElement(shape, "coordinates").text = position
        yield shape


def _of_cells(points: gpd.GeoDataFrame) -> Iterator[Element]:
    for cell in points["cell"]:
        shape = Element("Polygon")
        ring = SubElement(SubElement(shape, "outerBoundaryIs"), "LinearRing")
        outline = shapely.orient_polygons(cell)
        SubElement(ring, "coordinates").text = " ".join(_positions(outline))
        yield shape


def _positions(shapes: npt.NDArray[np.object_] | shapely.Polygon) -> Iterator[str]:
    return (f"{lon:.9f},{lat:.9f}" for lon, lat in shapely.get_coordinates(shapes).tolist())


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)
