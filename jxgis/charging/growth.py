"""How demand grows where a plan has no scenarios of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from jxgis.charging_spec import Scenario
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.rules import Rules

_NAMES = ("low", "middle", "high")

RULES = tuple(
    f"charging.growth_{name}{part}" for name in _NAMES for part in ("", "_outside", "_probability")
)
"""Rules that the scenarios are made of: growth a year, a factor outside, and a probability."""


def usual_scenarios(
    years: Sequence[int], layers: Iterable[str], rules: Rules
) -> tuple[Scenario, ...]:
    """Return slow, middle and fast growth until the end of the last year.

    Parameters
    ----------
    years
        Of the plan, ascending; demand is that of the day before the first one.
    layers
        Names of the layers that are counted as demand, all of which grow alike.
    rules
        Growth a year, a further factor outside the built-up area, and probability of each.

    Returns
    -------
    tuple of Scenario
        They differ in where demand grows, too: slow growth stays in the built-up area, fast growth
        spreads, so that not one set of sites is best in all of them. Probabilities add up to 1.

    Raises
    ------
    InputError
        The rules make none of them probable.
    """
    total = sum(rules[f"charging.growth_{name}_probability"].value for name in _NAMES)
    if not total > 0:
        raise InputError(
            _("no scenario of growth has a probability above zero"),
            mend=_("Raise one of the rules charging.growth_…_probability"),
        )
    elapsed = years[-1] - years[0] + 1
    titles = {"low": _("slow growth"), "middle": _("middle growth"), "high": _("fast growth")}
    names = list(layers)
    return tuple(
        Scenario(
            name,
            titles[name],
            rules[f"charging.growth_{name}_probability"].value / total,
            dict.fromkeys(names, (1 + rules[f"charging.growth_{name}"].value) ** elapsed),
            rules[f"charging.growth_{name}_outside"].value,
        )
        for name in _NAMES
    )
