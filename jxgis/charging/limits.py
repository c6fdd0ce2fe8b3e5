"""How far a kind of station serves, and how many piles a place can have."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from jxgis.charging.columns import numbers, refuse
from jxgis.charging.where import BoolArray, FloatArray, IntArray
from jxgis.charging_spec import StationKind
from jxgis.errors import InputError, MissingColumnError
from jxgis.i18n import _
from jxgis.layers import Layer
from jxgis.results import LedgerRow
from jxgis.rules import Rules

CORE, OUTSIDE = "charging.radius_core_m", "charging.radius_outside_m"
LEAST, SHARE = "charging.least_piles", "charging.pile_share"

_WHOLE = 1e-9
"""A share of spaces is rounded down to whole piles unless it is below one by less than this."""


def pile_limits(
    kind: StationKind, layer: Layer, rows: IntArray, rules: Rules
) -> tuple[IntArray, IntArray]:
    """Return the fewest and the most piles at each place.

    Parameters
    ----------
    kind
        Of piles.
    layer, rows
        Its candidates.
    rules
        For what the plan does not say.

    Returns
    -------
    two (n,) arrays
        The most is the share of the place's spaces, in whole piles, and may be below the fewest.

    Raises
    ------
    MissingColumnError
        The layer has no column ``spaces``.
    InputError
        A place does not say how many spaces it has.
    """
    if "spaces" not in layer.data:
        raise MissingColumnError(
            _("there is no column {name}, which limits the piles at a place").format(name="spaces"),
            layer=layer.name,
            mend=_(
                'Say which one it is: columns = {{ spaces = "…" }} under [layers.{name}]'
            ).format(name=layer.name),
        )
    spaces = numbers(layer, "spaces")[rows]
    problem = _("{column} is {value}, which is no number above zero")
    refuse(layer, "spaces", ~(spaces > 0), problem, rows)
    least = rules[LEAST].value if kind.least_piles is None else kind.least_piles
    share = rules[SHARE].value if kind.most_share is None else kind.most_share
    most = np.floor(spaces * share + _WHOLE).astype(np.intp)
    return np.full(len(rows), int(least)), most


def check_room(kind: StationKind, layer: Layer, least: IntArray, most: IntArray) -> None:
    """Refuse to look for more than there is room for, or for a number that cannot be laid out.

    Parameters
    ----------
    kind, layer
        What is wanted, and its candidates.
    least, most
        (n,) fewest, equal for all, and most that each place gets if it gets any.

    Raises
    ------
    InputError
        There is no choice of places that hold exactly what is wanted.
    """
    room = int(most.sum())
    if room < kind.count:
        words = (
            _("the kind {kind} wants {count} piles, and its {places} places have room for {room}")
            if kind.is_dispersed
            else _("the kind {kind} wants {count} stations, and there are {room} places for them")
        )
        raise InputError(
            words.format(kind=kind.title, count=kind.count, places=len(most), room=room),
            layer=layer.name,
            mend=_("Give more candidates, or ask for fewer"),
        )
    # More places than the fewest piles of each allow are out of the question: so many must do.
    top = -np.sort(-most)
    holding = kind.count // int(least[0]) if kind.count else 0
    if int(top[:holding].sum()) < kind.count:
        raise InputError(
            _("{count} piles cannot be laid out with {least} or more at each place").format(
                count=kind.count, least=int(least[0])
            ),
            layer=layer.name,
            mend=_("Lower least_piles, or change count"),
        )


def radius_at(kind: StationKind, is_core: BoolArray, rules: Rules) -> FloatArray:
    """Return how far stations serve, metres, by whether each is in the built-up area."""
    core, outside = _radii(kind, rules)
    return np.where(is_core, core, outside)


def _radii(kind: StationKind, rules: Rules) -> tuple[float, float]:
    core = rules[CORE].value if kind.radius_m is None else kind.radius_m
    outside = rules[OUTSIDE].value if kind.radius_outside_m is None else kind.radius_outside_m
    return float(core), float(outside)


def rules_for(kind: StationKind) -> Iterator[str]:
    """Give the names of the rules that say what the plan leaves out of a kind."""
    if kind.radius_m is None:
        yield CORE
    if kind.radius_outside_m is None:
        yield OUTSIDE
    if kind.is_dispersed and kind.least_piles is None:
        yield LEAST
    if kind.is_dispersed and kind.most_share is None:
        yield SHARE


def radius_rows(
    kind: StationKind, layer: Layer, built_up: Layer | None, rules: Rules
) -> Iterator[LedgerRow]:
    """Say how far stations of a kind serve, and what is taken for the built-up area."""
    core, outside = _radii(kind, rules)
    reason = _("a station of the kind {kind} serves {core:g} m")
    if core != outside:
        reason = _(
            "a station of the kind {kind} serves {core:g} m in the built-up area and {outside:g} m "
            "outside it, and the smaller of the two across its border"
        )
    reason = reason.format(kind=kind.title, core=core, outside=outside)
    yield LedgerRow("note", layer.name, len(layer.data), reason)
    if built_up is None and core != outside:
        reason = _("there is no built-up area: everything is taken to be outside it")
        yield LedgerRow("assumed", layer.name, len(layer.data), reason)
