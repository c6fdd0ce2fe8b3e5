"""Streets that can be driven, as a graph, and where places are linked to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.kernels.streets import Links, Streets, link
from jxgis.layers import Layer
from jxgis.results import LedgerRow
from jxgis.ways import Network, network_of, text_of

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]

NOT_DRIVEABLE = (
    *("footway", "path", "steps", "cycleway", "pedestrian", "bridleway", "corridor", "track"),
    *("elevator", "escalator", "platform", "busway", "bus_guideway", "raceway"),
    *("construction", "proposed", "planned", "abandoned", "razed", "no"),
)
"""Classes of ``highway`` that no car uses, or not yet, or no more."""

MOTORWAYS = ("motorway", "motorway_link")
"""Classes that what lies beside them has no access to."""

_WELCOME = ("yes", "designated", "permissive", "official")
_FORBIDDEN = ("no", "private", "agricultural", "forestry")


def driving_network(layer: Layer) -> Network:
    """Return the part of a street layer that cars can use as a graph.

    One-way streets are driven both ways; `jxgis.ways.network_of` says where lines join.

    Raises
    ------
    InputError
        No street can be driven along.
    """
    driveable = _driveable(layer.data)
    if not driveable.any():
        raise InputError(
            _("no street in it can be driven along"),
            layer=layer.name,
            mend=_("Give all streets of the city, or check the column highway"),
        )
    return network_of(layer, driveable, _left_out(layer, driveable))


def linked(network: Network, points: FloatArray, *, motorways: bool = False) -> Links:
    """Link places to the nearest place on a street, however far.

    Parameters
    ----------
    network
        What can be driven.
    points
        (n, 2) metres.
    motorways
        Whether a place beside a motorway is on it, as a service area is, and what is counted along
        it. Other places are linked to other streets, unless there is none.
    """
    streets = network.streets
    barred = text_of(network.data, "highway").isin(MOTORWAYS).to_numpy(dtype=bool)[streets.line]
    if motorways or not barred.any() or barred.all():
        return link(streets, points)
    edges = np.flatnonzero(~barred)
    own = link(_only(streets, ~barred), points)
    return replace(own, edge=edges[own.edge])


def linking_rows(network: Network, links: Mapping[str, Links]) -> list[LedgerRow]:
    """Say which linked places are on pieces of streets that do not join the largest one.

    Parameters
    ----------
    network
        What can be driven.
    links
        Layer, or what else the places are called, to where they are linked.
    """
    piece = network.streets.piece
    count = int(piece.max(initial=0)) + 1
    rows = []
    for name, own in links.items():
        apart = int((piece[own.edge] > 0).sum())
        if apart:
            reason = _(
                "on streets that do not join the others: reached along the same piece of streets "
                "alone ({count} pieces in all)"
            ).format(count=count)
            rows.append(LedgerRow("suspected", name, apart, reason))
    return rows


def _driveable(data: pd.DataFrame) -> BoolArray:
    kept = ~text_of(data, "highway").isin(NOT_DRIVEABLE)
    cars = [text_of(data, tag) for tag in ("motor_vehicle", "motorcar")]
    welcome = cars[0].isin(_WELCOME) | cars[1].isin(_WELCOME)
    closed = text_of(data, "access").isin(_FORBIDDEN) & ~welcome
    closed |= cars[0].isin(_FORBIDDEN) | cars[1].isin(_FORBIDDEN)
    return (kept & ~closed).to_numpy(dtype=bool)


def _left_out(layer: Layer, driveable: BoolArray) -> Iterator[LedgerRow]:
    if "highway" not in layer.data:
        reason = _("no column highway: every street is taken to be open to cars")
        yield LedgerRow("assumed", layer.name, len(layer.data), reason)
    count = int((~driveable).sum())
    if count:
        reason = _("ways that no car uses: footpaths, cycleways, tracks and what is closed to cars")
        yield LedgerRow("excluded", layer.name, count, reason)
    reason = _("one-way streets are driven both ways: a way along them may be longer in truth")
    yield LedgerRow("assumed", layer.name, int(driveable.sum()), reason)


def _only(streets: Streets, kept: BoolArray) -> Streets:
    """Return some edges, in their order, to link places to; nodes stay as they are."""
    of_point = kept[streets.edge_of_point]
    return Streets(
        streets.nodes,
        streets.start[kept],
        streets.end[kept],
        streets.length[kept],
        streets.line[kept],
        streets.points[of_point],
        np.append(0, np.cumsum(np.diff(streets.first)[kept])),
        streets.along[of_point],
        streets.piece[kept],
    )
