"""Where stations can be, and where they are already, as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from jxgis.charging.columns import numbers, of_classes, places, refuse, texts
from jxgis.charging.limits import (
    check_room,
    pile_limits,
    radius_at,
    radius_rows,
    rules_for,
)
from jxgis.charging.where import BoolArray, FloatArray, IntArray, in_core, zone_of
from jxgis.charging_spec import StationKind
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.layers import Layer
from jxgis.results import LedgerRow
from jxgis.rules import Rules


@dataclass(frozen=True)
class Substations:
    """Where power comes from: (k, 2) metres, names, and (k,) kW that each has to spare."""

    points: FloatArray
    names: tuple[str, ...]
    spare_kw: FloatArray
    ledger: tuple[LedgerRow, ...] = ()


@dataclass(frozen=True)
class Candidates:
    """Places where stations of a kind can be.

    Attributes
    ----------
    kind
        The kind of station.
    row
        (n,) row of the layer's data.
    points
        (n, 2) metres.
    names, classes
        For the reader, empty where there are none.
    zone
        (n,) index of the zone, as `jxgis.charging.where.zone_names` counts them; -1 outside.
    is_core
        (n,) whether it is in the built-up area.
    radius_m
        (n,) how far a station there serves.
    least, most
        (n,) fewest and most that a place gets if it gets any: piles, or one station.
    spaces
        (n,) parking spaces, nan where nothing says how many.
    cost
        (n,) of one station or pile, nan where nothing says it.
    substation
        (n,) index of the nearest substation, -1 where no power limits the kind.
    ledger
        What was left out and assumed.
    rules
        Names of the rules that were used.
    """

    kind: StationKind
    row: IntArray
    points: FloatArray
    names: tuple[str, ...]
    classes: tuple[str, ...]
    zone: IntArray
    is_core: BoolArray
    radius_m: FloatArray
    least: IntArray
    most: IntArray
    spaces: FloatArray
    cost: FloatArray
    substation: IntArray
    ledger: tuple[LedgerRow, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Existing:
    """Stations that there are.

    Attributes
    ----------
    row
        (n,) row of the layer's data.
    points
        (n, 2) metres.
    names
        For the reader, empty where there are none.
    posts
        (n,) charging posts, nan where nothing says how many.
    is_core
        (n,) whether each is in the built-up area.
    radius_m
        (n,) how far each serves, as a new one of its kind would.
    ledger
        What is taken for granted.
    """

    row: IntArray
    points: FloatArray
    names: tuple[str, ...]
    posts: FloatArray
    is_core: BoolArray
    radius_m: FloatArray
    ledger: tuple[LedgerRow, ...] = ()


def substations_of(layer: Layer | None) -> Substations:
    """Return the substations that say what they have to spare.

    Raises
    ------
    InputError
        One of them has less than nothing to spare.
    """
    if layer is None or "spare_kw" not in layer.data:
        return Substations(np.zeros((0, 2)), (), np.zeros(0))
    spare = numbers(layer, "spare_kw")
    refuse(layer, "spare_kw", spare < 0, _("{column} is {value}, which is below zero"))
    rows = np.flatnonzero(~np.isnan(spare))
    ledger = []
    if len(rows) < len(spare):
        reason = _("substations that do not say what they have to spare: nothing is fed from them")
        ledger.append(LedgerRow("dropped", layer.name, len(spare) - len(rows), reason))
    return Substations(places(layer, rows), texts(layer, "name", rows), spare[rows], tuple(ledger))


def candidates_of(
    kind: StationKind,
    layers: Mapping[str, Layer],
    *,
    zones: Layer | None,
    built_up: Layer | None,
    substations: Substations,
    rules: Rules,
) -> Candidates:
    """Return the places where stations of a kind can be.

    Parameters
    ----------
    kind
        What the plan says of the kind.
    layers
        The plan's layers by name.
    zones, built_up
        Of these kinds, or None.
    substations
        All that can feed stations.
    rules
        For radii and limits of piles that the plan does not give.

    Returns
    -------
    Candidates
        In the order of their layer. A polygon is at its centroid, or where that lies outside at a
        point inside.

    Raises
    ------
    InputError
        No such layer or class, spaces that are missing, or room for fewer than are wanted.
    """
    layer = _layer(kind.candidates, layers, kind)
    rows = of_classes(layer, kind.classes)
    ledger = list(radius_rows(kind, layer, built_up, rules))
    spaces = numbers(layer, "spaces")[rows]
    least = most = np.ones_like(rows)
    if kind.is_dispersed:
        least, most = pile_limits(kind, layer, rows, rules)
        small = most < least
        if small.any():
            reason = _("too few spaces for the fewest piles that one place gets")
            ledger.append(LedgerRow("excluded", layer.name, int(small.sum()), reason))
        rows, spaces, least, most = rows[~small], spaces[~small], least[~small], most[~small]
    check_room(kind, layer, least, most)
    points = places(layer, rows)
    is_core = in_core(points, built_up)
    cost = numbers(layer, "cost")[rows]
    refuse(layer, "cost", cost <= 0, _("{column} is {value}, which is not above zero"), rows)
    if kind.cost is not None:
        cost = np.where(np.isnan(cost), kind.cost, cost)
    substation = np.full(len(rows), -1)
    if kind.power_kw is not None and len(substations.points):
        substation = np.asarray(cKDTree(substations.points).query(points)[1], np.intp)
        reason = _("each is fed from the nearest substation that says what it has to spare")
        ledger.append(LedgerRow("assumed", layer.name, len(rows), reason))
    elif kind.power_kw is not None:
        reason = _("no substation says what it has to spare: power limits nothing")
        ledger.append(LedgerRow("assumed", layer.name, len(rows), reason))
    return Candidates(
        kind,
        rows,
        points,
        texts(layer, "name", rows),
        texts(layer, "class", rows),
        zone_of(points, zones),
        is_core,
        radius_at(kind, is_core, rules),
        least,
        most,
        spaces,
        cost,
        substation,
        tuple(ledger),
        tuple(rules_for(kind)),
    )


def existing_of(
    kind: StationKind, layers: Mapping[str, Layer], *, built_up: Layer | None, rules: Rules
) -> Existing:
    """Return the stations of a kind that there are, none where the plan names no layer.

    Raises
    ------
    InputError
        No such layer or class.
    """
    if kind.existing is None:
        nothing = np.zeros(0)
        return Existing(
            nothing.astype(np.intp), np.zeros((0, 2)), (), nothing, nothing > 0, nothing
        )
    layer = _layer(kind.existing, layers, kind)
    rows = of_classes(layer, kind.existing_classes)
    points = places(layer, rows)
    is_core = in_core(points, built_up)
    posts = numbers(layer, "posts")[rows]
    refuse(layer, "posts", posts < 0, _("{column} is {value}, which is below zero"), rows)
    reason = _("stations that there are: each serves as a new one of the kind {kind} would").format(
        kind=kind.title
    )
    return Existing(
        rows,
        points,
        texts(layer, "name", rows),
        posts,
        is_core,
        radius_at(kind, is_core, rules),
        (LedgerRow("note", layer.name, len(rows), reason),),
    )


def _layer(name: str, layers: Mapping[str, Layer], kind: StationKind) -> Layer:
    if name not in layers:
        raise InputError(
            _("the kind {kind} names a layer {name} that the plan does not have").format(
                kind=kind.title, name=name
            ),
            mend=_("Add [layers.{name}]").format(name=name),
        )
    return layers[name]
