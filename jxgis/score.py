"""Results held against the targets of a plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from jxgis.i18n import _
from jxgis.results import CriterionStatus, Indicator, Result, TargetStatus
from jxgis.targets import Criterion, Target

SEEN_RULE = "green.seen_share"


class Figure(Protocol):
    """A figure that a department hands in."""

    @property
    def value(self) -> float:
        """The figure, in the target's unit."""

    @property
    def date(self) -> dt.date | None:
        """The date it is of."""

    @property
    def source(self) -> str:
        """Who hands it in."""


def score(
    targets: Sequence[Target],
    results: Sequence[Result],
    reported: Mapping[str, Figure],
    waits_for: Mapping[str, str],
) -> tuple[TargetStatus, ...]:
    """Hold results and reported figures against the targets.

    Parameters
    ----------
    targets
        The plan's targets, in its order.
    results
        The measures' results; a criterion's value is the indicator with its id.
    reported
        Figures by criterion id; one that is computed from layers wins over a reported one.
    waits_for
        Target id to what it waits for, in the reader's language, where it has no value.

    Returns
    -------
    tuple of TargetStatus
        One for every target: a target without data never disappears and never passes.
    """
    found = {i.id: (i, result) for result in results for i in result.indicators}
    return tuple(_target_status(t, found, reported, waits_for) for t in targets)


def _target_status(
    target: Target,
    found: Mapping[str, tuple[Indicator, Result]],
    reported: Mapping[str, Figure],
    waits_for: Mapping[str, str],
) -> TargetStatus:
    criteria = tuple(_criterion_status(c, found, reported) for c in target.criteria)
    measures = [found[c.id][1].measure for c in target.criteria if c.id in found]
    status = _worst(criteria)
    return TargetStatus(
        id=target.id,
        clause=target.clause,
        title=target.title,
        kind=target.kind,
        status=status,
        criteria=criteria,
        measure=measures[0] if measures else None,
        waits_for=_waits_for(target, criteria, waits_for) if status == "no_data" else "",
    )


def _worst(criteria: Sequence[CriterionStatus]) -> str:
    statuses = [c.status for c in criteria]
    return next(s for s in ("not_met", "no_data", "tracked", "met") if s in statuses)


def _waits_for(
    target: Target, criteria: Sequence[CriterionStatus], waits_for: Mapping[str, str]
) -> str:
    if target.id in waits_for:
        return waits_for[target.id]
    missing = ", ".join(c.id for c in criteria if c.status == "no_data")
    return _("a reported figure: {ids}").format(ids=missing)


def _criterion_status(
    criterion: Criterion,
    found: Mapping[str, tuple[Indicator, Result]],
    reported: Mapping[str, Figure],
) -> CriterionStatus:
    blank = CriterionStatus(
        id=criterion.id,
        title=criterion.title,
        status="no_data",
        value=None,
        target=criterion.threshold,
        sense=criterion.sense,
        unit=criterion.unit,
        gap=None,
    )
    if criterion.id in found and found[criterion.id][0].value is not None:
        indicator, result = found[criterion.id]
        threshold = criterion.threshold
        if criterion.each_zone_at_least is not None and threshold is None:
            threshold = indicator.denominator
        status = replace(
            blank,
            value=indicator.value,
            target=threshold,
            unit=indicator.unit,
            low=indicator.low,
            high=indicator.high,
            as_of=result.as_of,
            source=_caution(indicator, result),
        )
    elif criterion.id in reported:
        figure = reported[criterion.id]
        status = replace(blank, value=figure.value, as_of=figure.date, source=figure.source)
    else:
        return blank
    return _held_against_its_target(status)


def _caution(indicator: Indicator, result: Result) -> str:
    """Say where a value is of a small part of its area, the rest under cloud or not mapped."""
    seen, enough = indicator.params.get("seen_share"), result.rules.get(SEEN_RULE)
    if seen is None or enough is None or seen >= enough["value"]:
        return ""
    return _("only {share:.0%} of the area was seen").format(share=seen)


def _held_against_its_target(status: CriterionStatus) -> CriterionStatus:
    """Compare the unrounded value; ``gap`` is what is missing, zero or less where it is met."""
    if status.target is None or status.value is None:
        return replace(status, status="tracked")
    missing = status.target - status.value
    gap = missing if status.sense == "at_least" else -missing
    return replace(status, gap=gap, status="met" if gap <= 0 else "not_met")


def with_targets(result: Result, statuses: Sequence[TargetStatus]) -> Result:
    """Return the result with target and verdict at each of its indicators."""
    asked = {c.id: c for status in statuses for c in status.criteria}

    def judged(indicator: Indicator) -> Indicator:
        criterion = asked.get(indicator.id)
        if criterion is None or criterion.target is None:
            return indicator
        met = criterion.status == "met" if indicator.value is not None else None
        return replace(indicator, target=criterion.target, met=met, sense=criterion.sense)

    return replace(result, indicators=tuple(judged(i) for i in result.indicators))
