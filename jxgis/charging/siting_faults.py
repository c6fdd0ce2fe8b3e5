"""What is said where one kind of station cannot be chosen as it is asked for."""

from __future__ import annotations

import numpy as np

from jxgis.charging.demand import Demand
from jxgis.charging.places import Candidates
from jxgis.charging.where import zone_names
from jxgis.charging_spec import StationKind
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.kernels.covers import Floor
from jxgis.kernels.medians import OutOfReach, TooFew
from jxgis.kernels.reach import Csr
from jxgis.kernels.unreachable import FloorUnreachable
from jxgis.layers import Layer


def pairs_fault(kind: StationKind, pairs: int) -> InputError:
    """Say that there are too many distances to hold them all."""
    return InputError(
        _("{pairs:,} distances are too many for this aim").format(pairs=pairs),
        layer=kind.candidates,
        mend=_("Sum the demand onto larger cells, or give fewer candidates"),
    )


def no_capacity_fault() -> InputError:
    """Say that the farthest distance knows no capacity."""
    return InputError(
        _("the farthest distance does not depend on what a station can serve"),
        mend=_("Leave the capacity out, or ask for the mean distance"),
    )


def check_reached(kind: StationKind, reach: Csr) -> None:
    """Refuse candidates that serve nothing at all.

    Raises
    ------
    InputError
        None of them reaches any demand.
    """
    if reach.nnz:
        return
    raise InputError(
        _("none of the {count} candidates is within reach of any demand").format(
            count=reach.shape[1]
        ),
        layer=kind.candidates,
        mend=_("Give candidates near the demand or a larger radius, or check the CRS of both"),
    )


def reach_fault(candidates: Candidates, demand: Demand, best: float) -> InputError:
    """Say that a share of the demand cannot be served, and the best that can."""
    count, kind = len(candidates.row), candidates.kind
    problem = _("all {count} candidates together serve {best:.2%} of the demand")
    mend = _("Ask for less, give more candidates, or a larger radius")
    if kind.existing is not None:
        problem = _(
            "all {count} candidates and the stations that there are together serve {best:.2%} of "
            "the demand"
        )
    if kind.capacity is not None:
        mend = _("Ask for less, give more candidates, or a larger radius or capacity")
    return InputError(
        problem.format(count=count, best=best / demand.weight.sum()),
        layer=kind.candidates,
        mend=mend,
    )


def distance_fault(
    kind: StationKind, demand: Demand, stations: int, error: OutOfReach | TooFew
) -> InputError:
    """Say why not all demand can be served, which an aim of distance needs.

    Parameters
    ----------
    kind, demand
        What is chosen, and for what.
    stations
        How many are open in the end, those that there are included.
    error
        What was found.
    """
    whole = float(demand.weight.sum())
    if isinstance(error, OutOfReach):
        share = float(demand.weight[error.demand].sum()) / whole
        return InputError(
            _("{share:.2%} of the demand cannot be reached from any station").format(share=share),
            layer=kind.candidates,
            mend=_("Connect the streets, or take that demand out"),
        )
    mend = _("Ask for more stations, or connect the streets")
    if kind.capacity is not None:
        mend = _("Ask for more stations, or give a larger capacity")
    if kind.capacity is not None and stations * kind.capacity < whole:
        problem = _("{stations} stations can serve {room:,.0f}, and the demand is {whole:,.0f}")
        said = problem.format(stations=stations, room=stations * kind.capacity, whole=whole)
        return InputError(said, layer=kind.candidates, mend=mend)
    problem = _("no choice of {count} stations serves all demand")
    return InputError(problem.format(count=kind.count), layer=kind.candidates, mend=mend)


def undecided_fault() -> InputError:
    """Say that there was no time to find any choice."""
    return InputError(
        _("there was no time to find any choice that serves all demand"),
        mend=_("Raise --time-limit"),
    )


def floor_fault(
    kind: StationKind,
    demand: Demand,
    zones: Layer | None,
    floors: list[tuple[int, Floor]],
    error: FloorUnreachable,
) -> InputError:
    """Say which zone's floor cannot be had, and the best that can.

    Parameters
    ----------
    kind, demand, zones
        What is chosen, for what, and the zones.
    floors
        The floor of each zone that has one, with the zone's index.
    error
        What was found.
    """
    mend = _("Lower the floor, ask for more stations, or give candidates there")
    if error.floor is None:
        problem = _("the floors of all zones cannot be met at once with so many stations")
        if error.needed is not None:
            problem = (
                _("meeting the floors of all zones takes {needed} stations, and {count} are wanted")
                if error.is_proven
                else _(
                    "there was no time to meet the floors of all zones with {count} stations; "
                    "{needed} would do"
                )
            ).format(needed=error.needed, count=kind.count)
        return InputError(problem, layer=kind.candidates, mend=mend)
    zone, (rows, least) = floors[error.floor]
    whole = float(demand.weight[np.asarray(rows)].sum())
    return InputError(
        _("the floor of {zone} is {wanted:.2%}, and the best that can be had is {best:.2%}").format(
            zone=zone_names(zones).iloc[zone], wanted=least / whole, best=error.reachable / whole
        ),
        layer=kind.candidates,
        mend=mend,
    )
