"""How a plan does when demand grows otherwise, and what plans made for that would do.

A plan is compared with the one that serves most on average over the scenarios and the one whose
worst scenario is best: stochastic and robust facility location (Snyder 2006).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from jxgis.charging import growth
from jxgis.charging.curves import Clock, by_rows
from jxgis.charging.study import Study
from jxgis.charging.where import FloatArray, IntArray
from jxgis.charging_spec import Scenario
from jxgis.i18n import _
from jxgis.kernels.buildout import Aim, Buildout, Plan, Tier, solve
from jxgis.results import Indicator, LedgerRow, Table
from jxgis.rules import Rules

USED_S = 20.0
"""Seconds to find how stations with a capacity are used best; a linear programme needs fewer."""

EXACT = 1e-9
"""Gap to which that is found."""

GAP = 1e-4
"""Plans this near to their bounds are searched no further: they differ by little."""


class Robustness(NamedTuple):
    """How plans do in the scenarios.

    Attributes
    ----------
    table
        ``scenarios``: a row a plan.
    indicators
        What the plan as found serves on average and in the worst scenario; ``params`` has as
        ``bound`` what no plan can be better than.
    ledger
        What is assumed of growth.
    rules
        Names of the rules that were used.
    """

    table: Table
    indicators: list[Indicator]
    ledger: list[LedgerRow]
    rules: tuple[str, ...]


@dataclass(frozen=True)
class _Option:
    """A plan of the last year: (1, n) units of each tier, and (S,) what it serves."""

    title: str
    units: tuple[IntArray, ...]
    shares: FloatArray
    bound: float = float("nan")


def robust(laid: Study, found: Plan, limit_s: float, rules: Rules) -> Robustness | None:
    """Compare a plan with those that are best on average and in the worst scenario.

    Parameters
    ----------
    laid, found
        A plan laid out, and what is to be built.
    limit_s
        For the search of both, seconds.
    rules
        For the scenarios, where the plan has none.

    Returns
    -------
    Robustness or None
        Of the last year, with all limits of the plan; None where what was found does not meet the
        floors. Shares are of the demand of each scenario, over demands by their value.

    Raises
    ------
    InputError
        What `usual_scenarios` raises.
    """
    if not found.held:
        return None
    scenarios, used = _scenarios(laid, rules)
    problem = _last_year(laid, scenarios)
    options = _options(problem, found, Clock(limit_s, 2, GAP))
    chance = problem.chance
    expected = np.array([chance @ option.shares for option in options])
    worst = np.array([option.shares.min() for option in options])
    bounds = [np.fmax(options[1].bound, expected.max()), np.fmax(options[2].bound, worst.max())]
    table = pd.DataFrame(
        {
            "plan": [option.title for option in options],
            "expected_share": expected,
            "worst_share": worst,
            **{
                f"share_{scenario.id}": [option.shares[s] for option in options]
                for s, scenario in enumerate(scenarios)
            },
            "bound_share": [np.nan, *bounds],
            "cost_expected_share": expected.max() - expected,
            "cost_worst_share": worst.max() - worst,
            "sites": [_sites(option.units) for option in options],
            "common": [_common(option.units, options[0].units) for option in options],
        }
    )
    year = laid.settings.years[-1]
    title = _("What plans serve as demand grows, {year}").format(year=year)
    return Robustness(
        Table("scenarios", title, table, _fields(scenarios), note=_note()),
        [
            _indicator("expected", float(expected[0]), float(bounds[0]), year),
            _indicator("worst", float(worst[0]), float(bounds[1]), year),
        ],
        list(_assumed(scenarios)) if used else [],
        used,
    )


def _scenarios(laid: Study, rules: Rules) -> tuple[tuple[Scenario, ...], tuple[str, ...]]:
    """Return the plan's scenarios, or the usual ones with the names of their rules."""
    own = laid.settings.scenarios
    if own:
        return own, ()
    layers = [source.layer for demand in laid.demands for source in demand.spec.sources]
    names = tuple(dict.fromkeys(layers))
    return growth.usual_scenarios(laid.settings.years, names, rules), growth.RULES


def _last_year(laid: Study, scenarios: tuple[Scenario, ...]) -> Buildout:
    problem = laid.problem
    weights = [np.concatenate([d.grown(scenario) for d in laid.demands]) for scenario in scenarios]
    return replace(
        problem,
        tiers=tuple(replace(tier, count=tier.count[-1:]) for tier in problem.tiers),
        year=np.ones(1),
        budget=None if problem.budget is None else problem.budget[-1:],
        scenarios=np.array(weights),
        probability=np.array([scenario.probability for scenario in scenarios]),
    )


def _options(problem: Buildout, found: Plan, clock: Clock) -> list[_Option]:
    """Return the plan as found, the best on average, and the best in the worst scenario."""
    now = tuple(units[-1:] for units in found.units)
    known = [_Option(_("as planned"), now, shares(problem, now))]
    bounds = []
    aims: tuple[tuple[str, Aim], ...] = (
        (_("best on average"), "expected"),
        (_("best in the worst scenario"), "worst"),
    )
    for title, aim in aims:
        best = clock.solve(replace(problem, aim=aim), now)
        bounds.append(best.bound)
        if best.held:
            known.append(_Option(title, best.units, shares(problem, best.units)))
    # One that was cut short may be worse than another one that is known.
    average = max(known, key=lambda option: float(problem.chance @ option.shares))
    safe = max(known, key=lambda option: float(option.shares.min()))
    return [
        known[0],
        *(
            replace(option, title=title, bound=bound)
            for option, (title, _aim), bound in zip((average, safe), aims, bounds, strict=True)
        ),
    ]


def shares(problem: Buildout, units: tuple[IntArray, ...]) -> FloatArray:
    """Return which share of its value some stations serve in each scenario.

    Parameters
    ----------
    problem
        Of one year, with scenarios.
    units
        (1, n) units of each tier.

    Returns
    -------
    (S,) array
        Stations with a capacity are used as is best in each scenario.
    """
    if problem.has_capacity:
        alone = replace(
            problem,
            tiers=tuple(_only(t, u[-1]) for t, u in zip(problem.tiers, units, strict=True)),
            floors=(),
            feeder_limit=np.zeros(0),
            budget=None,
            probability=None,
            aim="expected",
        )
        return solve(alone, time_limit_s=USED_S, gap=EXACT).worth
    served = np.zeros(len(problem.weight), bool)
    for tier, number in zip(problem.tiers, units, strict=True):
        served |= tier.covers @ (number[-1] > 0).astype(float) > 0
        if tier.existing is not None:
            served |= by_rows(tier.existing).sum(axis=1) > 0
    return np.asarray(problem.values @ served)  # noqa: PD011 - no table


def _only(tier: Tier, units: IntArray) -> Tier:
    """Return a tier that can have some units and no others."""
    there = np.flatnonzero(units)
    return replace(
        tier,
        covers=sparse.csr_array(by_rows(tier.covers)[:, there]),
        count=np.array([units.sum()]),
        most=None if tier.most is None else units[there],
        cost=None,
        power=0.0,
        feeder=None,
    )


def _sites(units: tuple[IntArray, ...]) -> int:
    return sum(int((number > 0).sum()) for number in units)


def _common(units: tuple[IntArray, ...], others: tuple[IntArray, ...]) -> int:
    both = zip(units, others, strict=True)
    return sum(int(((number > 0) & (other > 0)).sum()) for number, other in both)


def _indicator(of: str, value: float, bound: float, year: int) -> Indicator:
    params = {"bound": bound, "year": year}
    return Indicator(f"charging-served-{of}", value, "1", params=params)


def _fields(scenarios: tuple[Scenario, ...]) -> dict[str, str]:
    return {
        "plan": _("Plan"),
        "expected_share": _("Served on average"),
        "worst_share": _("Served in the worst scenario"),
        **{
            f"share_{scenario.id}": _("{scenario} ({probability:.0%})").format(
                scenario=scenario.title, probability=scenario.probability
            )
            for scenario in scenarios
        },
        "bound_share": _("At most possible"),
        "cost_expected_share": _("Less on average than the best"),
        "cost_worst_share": _("Less in the worst scenario than the best"),
        "sites": _("Places"),
        "common": _("Places as planned"),
    }


def _note() -> str:
    return _(
        "Shares of each scenario's own demand, over demands by their value, with all limits of the "
        "last year. What is at most possible is of the average in the second row and of the worst "
        "scenario in the third."
    )


def _assumed(scenarios: tuple[Scenario, ...]) -> list[LedgerRow]:
    rows = []
    for scenario in scenarios:
        factor = max(scenario.growth.values(), default=1.0)
        reason = _(
            "{scenario}: demand is {factor:.2f} times what it is, and outside the built-up area "
            "{outside:.2f} times; probability {probability:.0%}"
        ).format(
            scenario=scenario.title,
            factor=factor,
            outside=factor * scenario.outside,
            probability=scenario.probability,
        )
        rows.append(LedgerRow("assumed", ", ".join(scenario.growth), 1, reason))
    return rows
