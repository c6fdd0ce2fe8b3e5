"""Tables of the rules: what each forbids, and what was legal on the first day and is not now."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from jxgis.i18n import _
from jxgis.results import Table
from jxgis.solar.land import LAND_FORMS
from jxgis.solar.overview import forbidden_alone_m2
from jxgis.solar.study import Study
from jxgis.solar.zones import Short
from jxgis.solar_spec import Exclusion


def day_tables(found: Study) -> Iterator[Table]:
    """Give the tables of the first day beside the last, and of what was lost between them.

    Parameters
    ----------
    found
        What was found.
    """
    if len(found.days) > 1:
        yield _then_now(found)
        yield from _lost(found)


def _then_now(found: Study) -> Table:
    first, last = found.days[0].isoformat(), found.days[-1].isoformat()
    then, now = (found.capacities[n].by_county.sum(axis=1) for n in (0, -1))
    words = {True: _("yes"), False: _("no")}
    reached = [[words[not isinstance(own, Short)] for own in day] for day in found.outcomes]
    data = pd.DataFrame(
        {
            "zone": list(found.frame.zones),
            "then_mw": then,
            "now_mw": now,
            "change_mw": now - then,
            "then_zone": reached[0],
            "now_zone": reached[-1],
        }
    )
    fields = {
        "zone": _("County"),
        "then_mw": first,
        "now_mw": last,
        "change_mw": _("Change"),
        "then_zone": _("Zone {day}").format(day=first),
        "now_zone": _("Zone {day}").format(day=last),
    }
    title = _("Legal capacity {then} and {now}").format(then=first, now=last)
    return Table("then_now", title, data, fields)


def _lost(found: Study) -> Iterator[Table]:
    density = np.array([found.settings.w_per_m2(form) for form in LAND_FORMS])
    lost = [(rule, float(area.sum(axis=0) @ density / 1e6)) for rule, area in
            found.land.lost_m2.items()]  # fmt: skip
    lost = sorted((own for own in lost if own[1] > 0), key=lambda own: -own[1])
    if not lost:
        return
    together = float(found.land.lost_in_all_m2.sum(axis=0) @ density / 1e6)
    data = pd.DataFrame(
        {
            "rule": [rule.title for rule, _mw in lost] + [_("together, each place once")],
            "since": [_day(rule.since if hasattr(rule, "forms") else rule.until)
                      for rule, _mw in lost] + [""],
            "lost_mw": [mw for _rule, mw in lost] + [together],
            "source": [rule.source for rule, _mw in lost] + [""],
        }
    )  # fmt: skip
    fields = {
        "rule": _("Rule"),
        "since": _("Since"),
        "lost_mw": _("Capacity"),
        "source": _("Source"),
    }
    title = _("Legal {then} and not {now}, by rule").format(
        then=found.days[0].isoformat(), now=found.days[-1].isoformat()
    )
    note = _("Where several rules forbid the same place, it stands in the row of each.")
    yield Table("lost", title, data, fields, note=note)


def rule_table(found: Study) -> Table:
    """Return the table of all exclusions: limit, dates, law, and what each forbids by itself.

    Parameters
    ----------
    found
        What was found.
    """
    overview = found.land.overview
    density = np.array([found.settings.w_per_m2(form) for form in LAND_FORMS])
    area = forbidden_alone_m2(overview, len(found.frame.zones)).sum(axis=1)
    alone = dict(zip(overview.exclusions, (area @ density / 1e6).tolist(), strict=True))
    rows = found.settings.exclusions
    data = pd.DataFrame(
        {
            "rule": [rule.title for rule in rows],
            "value": [rule.value or np.nan for rule in rows],
            "unit": [("°" if rule.unit == "deg" else "m") if rule.value else "" for rule in rows],
            "since": [_day(rule.since) for rule in rows],
            "until": [_day(rule.until) for rule in rows],
            "cuts": [_("yes") if rule.cuts else "" for rule in rows],
            "checked": [_checked(found, rule) for rule in rows],
            "alone_mw": [alone.get(rule, np.nan) for rule in rows],
            "reason": [rule.reason for rule in rows],
            "source": [rule.source for rule in rows],
        }
    )
    fields = {
        "rule": _("Rule"),
        "value": _("Limit"),
        "unit": _("Unit"),
        "since": _("Since"),
        "until": _("Until"),
        "cuts": _("Cuts zones"),
        "checked": _("Checked"),
        "alone_mw": _("Forbids by itself"),
        "reason": _("Reason"),
        "source": _("Source"),
    }
    note = _(
        "What a rule forbids by itself would be free without it, other rules being as they are; "
        "counted at the middles of cells of {cell:g} m."
    ).format(cell=overview.grid.transform[0])
    return Table("rules", _("Where panels must not be"), data, fields, note=note)


def _checked(found: Study, rule: Exclusion) -> str:
    """Return whether a rule was looked at, and found anything."""
    siting = found.land.land.siting
    if rule not in siting.exclusions:
        return _("no layer")
    if rule in siting.features and not len(siting.of(rule).shapes):
        return _("none there")
    return _("yes")


def _day(day: object) -> str:
    return "" if day is None else str(day)
