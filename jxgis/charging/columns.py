"""Columns and places of a layer as arrays, and the row of what is wrong in them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import shapely

from jxgis.charging.where import BoolArray, FloatArray, IntArray
from jxgis.errors import InputError, MissingColumnError
from jxgis.i18n import _
from jxgis.layers import Layer


def numbers(layer: Layer, column: str) -> FloatArray:
    """Return a column's numbers, (n,); nan where there is none, and for text that is no number."""
    if column not in layer.data:
        return np.full(len(layer.data), np.nan)
    values = pd.to_numeric(layer.data[column], errors="coerce")
    return values.to_numpy(float, na_value=np.nan)


def texts(layer: Layer, column: str, rows: IntArray) -> tuple[str, ...]:
    """Return a column's texts in some rows, empty where there is none."""
    if column not in layer.data:
        return ("",) * len(rows)
    return tuple(layer.data[column].iloc[rows].astype(object).fillna("").astype(str))


def places(layer: Layer, rows: IntArray) -> FloatArray:
    """Return where features are, (n, 2) metres.

    A polygon is at its centroid, or where that lies outside it at a point inside.
    """
    shapes = layer.data.geometry.to_numpy()[rows]
    points = shapely.centroid(shapes)
    outside = ~shapely.intersects(shapes, points)
    points[outside] = shapely.point_on_surface(shapes[outside])
    return shapely.get_coordinates(points)


def of_classes(layer: Layer, classes: Sequence[str]) -> IntArray:
    """Return the rows of some classes; without classes all rows.

    Raises
    ------
    MissingColumnError
        There is no column ``class``.
    InputError
        Nothing is of one of the classes.
    """
    if not classes:
        return np.arange(len(layer.data))
    if "class" not in layer.data:
        raise MissingColumnError(
            _("there is no column {name}").format(name="class"),
            layer=layer.name,
            mend=_("Add it, or take the classes out of the plan"),
        )
    own = layer.data["class"].astype(object)
    there = sorted({str(word) for word in own.dropna()})
    unknown = [word for word in classes if word not in there]
    if unknown:
        raise InputError(
            _("nothing is of the class {name}").format(name=unknown[0]),
            layer=layer.name,
            mend=_("There are: {names}").format(names=", ".join(there) or _("none")),
        )
    return np.flatnonzero(own.isin(list(classes)).to_numpy(dtype=bool))


def refuse(
    layer: Layer, column: str, wrong: BoolArray, problem: str, rows: IntArray | None = None
) -> None:
    """Refuse values that are wrong, and name the first one's row.

    Parameters
    ----------
    layer, column
        Where they are.
    wrong
        (n,) which are.
    problem
        What is wrong with one, with ``{column}`` and ``{value}`` for what it is.
    rows
        (n,) rows that ``wrong`` is of; None for all.

    Raises
    ------
    InputError
        One is wrong.
    """
    if not wrong.any():
        return
    row = int(np.argmax(wrong))
    row = row if rows is None else int(rows[row])
    raise InputError(
        problem.format(column=column, value=layer.data[column].iloc[row]),
        layer=layer.name,
        row=row + 1,
        mend=_("Correct it, or leave the feature out with where ="),
    )
