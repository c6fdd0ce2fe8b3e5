"""What a charging plan says of itself in the ledger: what is made best, and what was assumed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from jxgis.charging.plan_flows import is_limited
from jxgis.charging.plan_limits import full_places
from jxgis.charging.plan_tables import pile_demand
from jxgis.charging.study import KindStudy, Study
from jxgis.charging.where import FloatArray, zone_names
from jxgis.i18n import _
from jxgis.kernels.buildout import Plan
from jxgis.results import LedgerRow

SAME_M = 1.0
"""Candidates of two layers that are nearer than this are one place, metres."""


def notes(laid: Study, found: Plan) -> Iterator[LedgerRow]:
    """Give the rows of the ledger that are of the plan, and of no single layer.

    Parameters
    ----------
    laid, found
        The plan.
    """
    yield _objective(laid)
    yield from _unmet(laid, found)
    for demand in laid.demands:
        yield from demand.ledger
    yield from laid.substations.ledger
    for own in laid.kinds:
        yield from own.candidates.ledger
        yield from own.existing.ledger
    yield from laid.ledger
    yield from _short(laid, found)
    yield from _full(laid, found)
    yield from _shared_power(laid)
    yield from _shared_places(laid, found)
    yield from _capacities(laid)
    yield from _pile_counts(laid)
    points = {d.spec.title: d.points for d in laid.demands}
    points |= {k.kind.title: k.candidates.points for k in laid.kinds}
    yield from laid.roads.linking(points)


def _objective(laid: Study) -> LedgerRow:
    """Say in plain words what is made as large as can be."""
    value = _(", ").join(f"{d.spec.title}: {d.spec.value:g}" for d in laid.demands)
    settings = laid.settings
    weights = zip(settings.years, settings.year_weights, strict=True)
    year = _(", ").join(f"{year}: {weight:g}" for year, weight in weights)
    reason = _(
        "what is made as large as can be is the share of demand that is served, on average over "
        "the demands and the years; a demand counts by its value ({values}) and a year by its "
        "weight ({years})"
    ).format(values=value, years=year)
    return LedgerRow("note", "charging", len(laid.demands) * len(settings.years), reason)


def _unmet(laid: Study, found: Plan) -> Iterator[LedgerRow]:
    """Say which floors are missed where the time ended before a plan was known that meets them."""
    if found.held:
        return
    missed = [limit for limit in found.limits if limit.kind == "floor" and limit.used < limit.limit]
    names = zone_names(laid.zones)
    zones = _(", ").join(
        _("{zone} ({demand})").format(zone=names.iloc[zone], demand=laid.demands[demand].spec.title)
        for demand, zone in (laid.floors[limit.index] for limit in missed)
    )
    reason = _(
        "the time ended before a plan was found that meets all floors; missed are {zones}. More "
        "time may find one: the rule charging.time_limit_s"
    ).format(zones=zones or _("some of them"))
    yield LedgerRow("suspected", "zones", len(missed), reason)


def _short(laid: Study, found: Plan) -> Iterator[LedgerRow]:
    """Say of which kinds fewer are built than the plan wants, and why that can be."""
    for own, units in zip(laid.kinds, found.units, strict=True):
        built = int(units[-1].sum())
        if built < own.kind.count:
            reason = _(
                "{kind}: {built} of {count} are placed; another limit binds, or no place is left "
                "where one would add anything"
            ).format(kind=own.kind.title, built=built, count=own.kind.count)
            yield LedgerRow("note", own.kind.candidates, own.kind.count - built, reason)


def _full(laid: Study, found: Plan) -> Iterator[LedgerRow]:
    for tier, count in full_places(found):
        own = laid.kinds[tier]
        reason = _("{kind}: places that have as many as their spaces allow").format(
            kind=own.kind.title
        )
        yield LedgerRow("note", own.kind.candidates, count, reason)


def _shared_power(laid: Study) -> Iterator[LedgerRow]:
    fed = [k for k in laid.kinds if (k.candidates.substation >= 0).any()]
    if fed:
        titles = _(", ").join(k.kind.title for k in fed)
        reason = _("what a substation has to spare is shared by all new ones near it: {kinds}")
        spare = len(laid.substations.spare_kw)
        yield LedgerRow("note", "substations", spare, reason.format(kinds=titles))


def _shared_places(laid: Study, found: Plan) -> Iterator[LedgerRow]:
    """Say where two kinds are built at one place."""
    built = [
        (own, own.candidates.points[units[-1] > 0], own.candidates.row[units[-1] > 0])
        for own, units in zip(laid.kinds, found.units, strict=True)
    ]
    for (one, here, rows), (other, there, others) in combinations(built, 2):
        if one.kind.candidates == other.kind.candidates and not _on_sides(one, other):
            both = len(np.intersect1d(rows, others))
        else:
            both = _near(here, there)
        if both:
            reason = _(
                "places with new ones of two kinds, {one} and {other}: each counts against its own "
                "number, and what one takes up is not taken off the spaces of the other"
            ).format(one=one.kind.title, other=other.kind.title)
            yield LedgerRow("note", one.kind.candidates, both, reason)


def _on_sides(one: KindStudy, other: KindStudy) -> bool:
    return one.beside_roads or other.beside_roads


def _near(here: FloatArray, there: FloatArray) -> int:
    if not len(here) or not len(there):
        return 0
    apart = np.hypot(*(here[:, None] - there[None]).transpose(2, 0, 1))
    return int((apart < SAME_M).any(axis=1).sum())


def _capacities(laid: Study) -> Iterator[LedgerRow]:
    for own in laid.kinds:
        if own.kind.capacity is None:
            continue
        words = (
            _("{kind}: a pile can serve {capacity:,g} {unit}")
            if own.kind.is_dispersed
            else _("{kind}: a station can serve {capacity:,g} {unit}")
        )
        unit = laid.demands[own.demand].spec.unit
        reason = words.format(kind=own.kind.title, capacity=own.kind.capacity, unit=unit)
        yield LedgerRow("note", own.kind.candidates, len(own.candidates.row), reason.strip())
        if own.kind.existing is not None and own.covered.shape[1]:
            reason = (
                _("each post that there is can serve as much as a new pile, and one where unknown")
                if own.kind.is_dispersed
                else _("each station that there is can serve as much as a new one")
            )
            yield LedgerRow("assumed", own.kind.existing, own.covered.shape[1], reason)
    for number, demand in enumerate(laid.demands):
        if is_limited(laid, number) and laid.zones is not None:
            reason = _(
                "{demand}: where not all can be served, which zone has how much of it is open"
            ).format(demand=demand.spec.title)
            yield LedgerRow("note", laid.zones.name, len(demand.zone_ids), reason)


def _pile_counts(laid: Study) -> Iterator[LedgerRow]:
    """Say which posts count where demand is divided by piles."""
    piled = pile_demand(laid)
    for own in laid.kinds:
        if own.demand != piled or not len(own.existing.row):
            continue
        unknown = int(np.isnan(own.existing.posts).sum())
        reason = _(
            "demand for each pile and post counts new piles and the posts of these stations, one "
            "where it is not said; posts that new stations get are not known and do not count"
        )
        what = "assumed" if unknown else "note"
        yield LedgerRow(what, own.kind.existing or "", len(own.existing.row), reason)
