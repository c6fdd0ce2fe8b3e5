"""Ways as a graph: what the tags of a street layer say, and the part that somebody can use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from jxgis.kernels.streets import Streets, street_graph
from jxgis.layers import Layer
from jxgis.results import LedgerRow

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Network:
    """A graph of the ways that somebody can use.

    Attributes
    ----------
    streets
        The graph, metres.
    data
        The layer's rows that went into it; ``streets.line`` counts them.
    ledger
        What was left out and assumed.
    """

    streets: Streets
    data: gpd.GeoDataFrame
    ledger: tuple[LedgerRow, ...]


def network_of(layer: Layer, usable: BoolArray, ledger: Iterable[LedgerRow] = ()) -> Network:
    """Return some ways of a layer as a graph.

    Lines join where they share a vertex on one level; what is on a bridge or in a tunnel joins
    others at its ends only. Every way leads both ways.

    Parameters
    ----------
    layer
        Of kind ``streets``.
    usable
        (n,) which of its rows are taken.
    ledger
        What there is to say of those that are not.
    """
    rows = np.flatnonzero(usable)
    lines, row = shapely.get_parts(layer.data.geometry.to_numpy()[rows], return_index=True)
    data = layer.data.iloc[rows[row]].reset_index(drop=True)
    return Network(street_graph(lines, level_of(data)), data, tuple(ledger))


def text_of(data: pd.DataFrame, column: str) -> pd.Series[str]:
    """Return a column's tags in small letters, empty where there is none."""
    if column not in data:
        return pd.Series("", index=data.index)
    return data[column].fillna("").astype(str).str.strip().str.lower()


def level_of(data: pd.DataFrame) -> NDArray[np.intp]:
    """Return 0 for ways on the ground, and another number for each height above or below."""
    layer = pd.to_numeric(text_of(data, "layer").str.split(";").str[0], errors="coerce")
    above, below = (
        ~text_of(data, tag).isin(("", "no", "false", "0")) for tag in ("bridge", "tunnel")
    )
    assumed = np.where(above, 1, np.where(below, -1, 0))
    return np.where(layer.isna(), assumed, layer.fillna(0)).astype(np.intp)
