"""What limits one kind of station, said in the ledger."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from jxgis.charging.siting import Answer
from jxgis.charging.where import FloatArray
from jxgis.i18n import _
from jxgis.results import LedgerRow, Table

_SAME = 1e-9
"""Amounts that differ by less than this share are the same."""


def notes(found: Answer, served: FloatArray, curve: Table | None) -> Iterator[LedgerRow]:
    """Say which limit binds, and what was taken for granted.

    Parameters
    ----------
    found
        The answer.
    served
        (m,) what is served of each demand.
    curve
        What so many stations serve without floors, if that is known.
    """
    tier = found.tier
    kind = tier.candidates.kind
    yield LedgerRow("note", kind.candidates, len(found.solution.chosen), _limit(found, served))
    if found.question.aim == "served":
        alone = int((np.diff(tier.covers[:, : len(tier.candidates.row)].tocsc().indptr) == 0).sum())
        if alone:
            reason = _("places that no demand is within reach of: no station would serve any there")
            yield LedgerRow("note", kind.candidates, alone, reason)
    if found.floors and curve is not None:
        yield from _floors_cost(found, curve)
    if kind.capacity is not None:
        yield from _capacity(found)
    named = {
        tier.demand.spec.title: tier.demand.points,
        kind.candidates: tier.candidates.points,
    }
    if len(tier.existing.points) and kind.existing is not None:
        named[kind.existing] = tier.existing.points
    yield from tier.roads.linking(named)


def _limit(found: Answer, served: FloatArray) -> str:
    """Say which limit binds."""
    if found.question.reach is not None:
        return _limit_of_fewest(found, found.question.reach)
    tier = found.tier
    wanted, got = tier.candidates.kind.count, len(found.solution.chosen)
    whole = float(tier.demand.weight.sum())
    if found.question.aim == "served" and served.sum() >= whole * (1 - _SAME):
        return _("nothing limits it: all demand is served")
    if got < wanted:
        return _("{got} sites suffice: no other one of the {wanted} would add anything").format(
            got=got, wanted=wanted
        )
    if got == len(tier.candidates.row):
        return _("what limits it is the candidates: each of them is chosen")
    return _("what limits it is the number: {count} stations").format(count=got)


def _limit_of_fewest(found: Answer, share: float) -> str:
    solution, got = found.solution, len(found.solution.chosen)
    if solution.status != "optimal":
        reason = _("{count} serve {share:.2%}; it takes {bound:.0f} or more, as far as is proven")
    elif found.floors:
        reason = _("what limits it is the share and the floors: fewer than {count} meet not all")
    else:
        reason = _("what limits it is the share: fewer than {count} do not serve {share:.2%}")
    return reason.format(count=got, share=share, bound=solution.bound)


def _floors_cost(found: Answer, curve: Table) -> Iterator[LedgerRow]:
    """Say what the floors keep from being served, as far as that is proven."""
    kind, whole = found.tier.candidates.kind, float(found.tier.demand.weight.sum())
    own = curve.data.loc[curve.data["sites"] == kind.count]
    if own.empty or found.question.reach is not None:
        return
    free, share = float(own["served_share"].iloc[0]), found.solution.objective / whole
    if free <= share * (1 + _SAME):
        reason = _("the floors of the zones cost nothing: so many stations serve no more without")
        yield LedgerRow("note", kind.candidates, len(found.floors), reason)
        return
    reason = _("without the floors of the zones so many stations would serve {free:.2%}")
    yield LedgerRow(
        "note", kind.candidates, len(found.floors), reason.format(free=free), free - share
    )


def _capacity(found: Answer) -> Iterator[LedgerRow]:
    tier = found.tier
    kind, unit = tier.candidates.kind, tier.demand.spec.unit
    limit = 0.0 if kind.capacity is None else kind.capacity
    reason = _("a station can serve {capacity:,g} ({unit}); its demand may be shared with others")
    text = reason.format(capacity=limit, unit=unit)
    yield LedgerRow("note", kind.candidates, len(tier.candidates.row), text)
    if kind.existing is not None:
        reason = _("each of them is taken to have that capacity too, however many posts it has")
        yield LedgerRow("assumed", kind.existing, len(tier.existing.row), reason)
    if tier.zones is not None and found.question.aim == "served":
        reason = _("where not all demand can be served, which zone has how much of it is open")
        yield LedgerRow("note", tier.zones.name, len(tier.demand.zone_ids), reason)
