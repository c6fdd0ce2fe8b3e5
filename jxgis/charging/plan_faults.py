"""What is said of a charging plan that cannot be had: floors, and a budget that is too small."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from jxgis.charging.laying import KindStudy
from jxgis.charging.where import zone_names
from jxgis.charging_spec import ChargingSettings, DemandSpec
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.kernels.buildout import Unmet
from jxgis.layers import Layer

if TYPE_CHECKING:
    from jxgis.charging.study import Study


def check_floors(specs: Iterable[DemandSpec], zones: Layer | None) -> None:
    """Refuse floors of zones that are not there.

    Raises
    ------
    InputError
        There are floors and no zones, or a floor names a zone that the layer does not have.
    """
    known = zone_names(zones).index.astype(str).tolist()
    for spec in specs:
        asked = [zone for zone, share in spec.floors.items() if share]
        if (spec.floor or asked) and zones is None:
            raise InputError(
                _("the demand {demand} has a floor in each zone, and the plan has no zones").format(
                    demand=spec.title
                ),
                mend=_("Add [layers.zones], or take out floor and floors"),
            )
        unknown = [zone for zone in spec.floors if zone not in known]
        if unknown:
            raise InputError(
                _("the demand {demand} has a floor in a zone {zone} that is not there").format(
                    demand=spec.title, zone=unknown[0]
                ),
                layer="zones",
                mend=_("There are: {names}").format(names=", ".join(known) or _("none")),
            )


def check_budget(settings: ChargingSettings, kinds: Sequence[KindStudy]) -> None:
    """Refuse a budget that does not pay for the cheapest thing that can be built.

    Raises
    ------
    InputError
        What may be spent in all the years is less than one station, or the fewest piles of a place.
    """
    if not settings.budget:
        return
    cheapest = [
        (float((own.candidates.cost * own.candidates.least).min()), own.kind.title)
        for own in kinds
        if len(own.candidates.row) and own.kind.count
    ]
    cost, title = min(cheapest, default=(0.0, ""))
    if settings.budget[-1] < cost:
        raise InputError(
            _(
                "the budget of {budget:,g} {unit} pays for nothing: the cheapest is one place of "
                "the kind {kind}, for {cost:,g}"
            ).format(budget=settings.budget[-1], unit=settings.budget_unit, kind=title, cost=cost),
            mend=_("Raise the budget, or check that it and the costs are in one unit"),
        )


def floor_fault(laid: Study, error: Unmet) -> InputError:
    """Say which floors cannot be met, and the best that can be had.

    Parameters
    ----------
    laid
        The plan.
    error
        What the search for it has found.
    """
    named = [
        _("{zone} ({demand})").format(
            zone=zone_names(laid.zones).iloc[zone], demand=laid.demands[demand].spec.title
        )
        for demand, zone in (laid.floors[i] for i in error.floors)
    ]
    mend = _("Lower the floor, raise the numbers or the budget, or give candidates there")
    if len(named) > 1:
        return InputError(
            _("the floors of {zones} cannot be met together").format(zones=_(", ").join(named)),
            layer="zones",
            mend=mend,
        )
    floor = laid.problem.floors[error.floors[0]]
    whole = float(laid.problem.weight[floor.rows].sum())
    best = error.bound / whole if np.isfinite(error.bound) else 1.0
    return InputError(
        _("the floor of {zone} is {wanted:.2%}, and the best that can be had is {best:.2%}").format(
            zone=named[0], wanted=floor.least / whole, best=best
        ),
        layer="zones",
        mend=mend,
    )
