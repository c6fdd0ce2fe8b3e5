"""The ``[solar]`` table of a plan, read and checked for form."""

from __future__ import annotations

import datetime as dt
import difflib
import math
from typing import Any

from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.irradiation_units import check_irradiation
from jxgis.solar_density import read_densities
from jxgis.solar_rule_sets import RuleSet, check_uses, merged, read_rules, shipped_rules
from jxgis.solar_spec import CRITERIA, SolarSettings
from jxgis.toml_reader import TableReader

TODAY = "today"
"""What the last of the dates may be called."""

MOST_DAYS = 2
"""Days that are asked: one, or one beside another."""


def read_solar(
    table: TableReader, zone_mw: float | None = None, today: dt.date | None = None
) -> SolarSettings:
    """Read the ``[solar]`` table; its faults go to the table's list.

    Parameters
    ----------
    table
        The table, empty where the plan has none.
    zone_mw
        What the plan's target asks of every zone, megawatts: what a zone must reach where the
        table does not say.
    today
        The day that ``"today"`` is; None: the machine's.
    """
    if not list(table):
        return SolarSettings()
    rules = _rules(table)
    settings = SolarSettings(
        uses=rules.uses,
        exclusions=rules.exclusions,
        roofs=rules.roofs,
        density=read_densities(table.table("density")),
        dates=_read_dates(table, today),
        need_mw=table.positive("need_mw") or zone_mw or SolarSettings.need_mw,
        weights=_read_weights(table.table("weights")),
        irradiation_kwh_per_m2=_read_irradiation(table),
        enterprise_tce=table.positive("enterprise_tce") or SolarSettings.enterprise_tce,
        is_asked=True,
    )
    table.finish()
    return settings


def _rules(table: TableReader) -> RuleSet:
    shipped = RuleSet()
    for name in _names(table, "rules"):
        try:
            shipped = merged(shipped, shipped_rules(name, table.faults))
        except InputError as error:
            table.fault(error.problem, error.mend)
    off = table.texts("off")
    for name in sorted(set(off) - shipped.ids):
        near = difflib.get_close_matches(name, sorted(shipped.ids), 1)
        table.fault(
            _("off names {name}, which is no shipped rule").format(name=name),
            _("Perhaps {name} is meant").format(name=near[0]) if near else "",
        )
    rules = merged(shipped.without(off), read_rules(table, "solar."))
    if not rules.uses and not rules.roofs and "rules" not in table:
        table.fault(
            _("no rule says where panels may stand"),
            _('Write rules = "siting-cn", or your own [[solar.uses]] and [[solar.roofs]]'),
        )
    check_uses(table, rules.uses)
    return rules


def _names(table: TableReader, key: str) -> tuple[str, ...]:
    """Return one name or several."""
    if isinstance(table.raw(key), list):
        return table.texts(key)
    name = table.text(key)
    return (name,) if name else ()


def _read_dates(table: TableReader, today: dt.date | None) -> tuple[dt.date, ...]:
    values: Any = table.raw("dates")
    if values is None:
        return ()
    dates = []
    listed = values if isinstance(values, list) else [None]
    for i, value in enumerate(listed, 1):
        if value == TODAY and i == len(listed):
            dates.append(today or dt.datetime.now().astimezone().date())
        elif isinstance(value, dt.datetime):
            dates.append(value.date())
        elif isinstance(value, dt.date):
            dates.append(value)
        else:
            table.fault(
                _("{key} must be {expected}").format(
                    key="dates",
                    expected=_('a list of dates without quotes, of which the last may be "today"'),
                ),
                _('Write dates = [2017-12-31, "today"]'),
            )
            return ()
    if dates != sorted(set(dates)):
        table.fault(_("dates do not ascend"), _("The last one is the day that zones are for"))
    elif len(dates) > MOST_DAYS:
        table.fault(
            _("{n} days are given").format(n=len(dates)),
            _("Two days are compared: give the first and the last"),
        )
    return tuple(dates)


def _read_weights(table: TableReader) -> dict[str, float]:
    weights = {}
    faults = len(table.faults)
    for name in table:
        if name not in CRITERIA:
            table.fault(
                _("zones are not ranked by {name}").format(name=name),
                _("They are by: {names}").format(names=", ".join(CRITERIA)),
            )
            continue
        value = table.number(name)
        if value is not None and value < 0:
            table.fault(_("{key} is below zero").format(key=name))
        elif value is not None:
            weights[name] = value
    if list(table) and len(table.faults) == faults and math.fsum(weights.values()) <= 0:
        table.fault(_("all weights are zero"), _("Leave the table out to weigh all alike"))
    return weights


def _read_irradiation(table: TableReader) -> float | None:
    key = "irradiation_kwh_per_m2"
    value = table.positive(key)
    if value is not None:
        try:
            check_irradiation(value, key=key)
        except InputError as error:
            table.fault(f"{key}: {error.problem}", error.mend)
    return value
