"""Streets that can be walked, as a graph, with what the reader has to know about it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.kernels.streets import Links
from jxgis.layers import Layer
from jxgis.results import LedgerRow
from jxgis.ways import Network, network_of, text_of

BoolArray = NDArray[np.bool_]

NOT_WALKABLE = ("motorway", "motorway_link", "busway", "raceway")
"""Classes of ``highway`` that nobody walks along, whatever else is said of them."""

WITH_SIDEWALK_ONLY = ("trunk", "trunk_link")
"""Classes that are walked along only where they have a sidewalk, or say that feet are welcome."""

_SIDEWALKS = ("both", "left", "right", "yes", "separate")
_WELCOME = ("yes", "designated", "permissive", "official")
_FORBIDDEN = ("no", "private", "use_sidepath")


def walking_network(layer: Layer) -> Network:
    """Return the walkable part of a street layer as a graph.

    One-way streets are walked both ways; `jxgis.ways.network_of` says where lines join.

    Raises
    ------
    InputError
        No street is walkable.
    """
    data = layer.data
    walkable = _walkable(data)
    if not walkable.any():
        raise InputError(
            _("no street in it can be walked along"),
            layer=layer.name,
            mend=_("Give all streets of the city, or check the column highway"),
        )
    return network_of(layer, walkable, _left_out(layer, walkable))


def _walkable(data: pd.DataFrame) -> BoolArray:
    highway, foot = text_of(data, "highway"), text_of(data, "foot")
    welcome = foot.isin(_WELCOME)
    sidewalk = text_of(data, "sidewalk").isin(_SIDEWALKS)
    closed = foot.isin(_FORBIDDEN) | (text_of(data, "access").isin(("no", "private")) & ~welcome)
    kept = ~highway.isin(NOT_WALKABLE) & ~closed
    kept &= ~highway.isin(WITH_SIDEWALK_ONLY) | welcome | sidewalk
    return kept.to_numpy(dtype=bool)


def _left_out(layer: Layer, walkable: BoolArray) -> Iterator[LedgerRow]:
    if "highway" not in layer.data:
        reason = _("no column highway: every street is taken to be walkable")
        yield LedgerRow("assumed", layer.name, len(layer.data), reason)
    count = int((~walkable).sum())
    if count:
        reason = _(
            "streets that nobody walks along: motorways, trunk roads without a sidewalk, and what "
            "is closed to walkers"
        )
        yield LedgerRow("excluded", layer.name, count, reason)


def linking_rows(network: Network, stops: Layer, links: Links, limit_m: float) -> list[LedgerRow]:
    """Say which stops could not be linked to a street, and which pieces of streets they are on."""
    rows = []
    unlinked = int((links.edge < 0).sum())
    if unlinked:
        reason = _("stops farther than {limit:g} m from any walkable street: not walked to").format(
            limit=limit_m
        )
        rows.append(LedgerRow("dropped", stops.name, unlinked, reason))
    piece = network.streets.piece
    count = int(piece.max(initial=0)) + 1
    if count > 1:
        length = np.bincount(piece, network.streets.length, minlength=count)
        own = np.bincount(piece[links.edge[links.edge >= 0]], minlength=count)
        reason = _(
            "the streets are in {count} pieces that are not joined; the largest has {share:.1%} of "
            "their length and {stops} stops, {served} others have {rest} stops between them, and "
            "{bare} have none"
        ).format(
            count=count,
            share=length[0] / length.sum(),
            stops=int(own[0]),
            served=int((own[1:] > 0).sum()),
            rest=int(own[1:].sum()),
            bare=int((own == 0).sum()),
        )
        rows.append(LedgerRow("note", "streets", count, reason))
    return rows
