"""What of a run's rules cannot be: values out of their range, and setbacks that exclude nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import shapely

from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.layers import Layer
from jxgis.rules import Rules
from jxgis.solar.siting import RASTERS, sited
from jxgis.solar.yield_rules import yield_rule_faults
from jxgis.solar_spec import SolarSettings

LEAST_MW = 0.001
"""The least capacity that a zone can be asked to reach: a kilowatt, a few panels."""

# From and to; infinity where there is no upper bound.
_LIMITS = {
    "solar.cell_m": (0.5, 1000.0),
    "solar.join_within_m": (0.0, math.inf),
    "solar.rank_draws": (1.0, math.inf),
}
_POSITIVE = ("solar.shade_step_h",)


def value_faults(rules: Rules) -> Iterator[InputError]:
    """Find rules of zones, roofs and yields with a value that they cannot have.

    Parameters
    ----------
    rules
        The run's.
    """
    for name, (least, most) in _LIMITS.items():
        value = rules[name].value
        if not (least <= value <= most and math.isfinite(value)):
            mend = (
                _("Give from {least:g} to {most:g}").format(least=least, most=most)
                if math.isfinite(most)
                else _("Give {least:g} or more").format(least=least)
            )
            yield _fault(name, value, mend)
    for name in _POSITIVE:
        value = rules[name].value
        if not (value > 0 and math.isfinite(value)):
            yield _fault(name, value, _("Give more than 0"))
    yield from yield_rule_faults(rules)


def _fault(name: str, value: float, mend: str) -> InputError:
    problem = _("the rule {name} is {value:g}").format(name=name, value=value)
    return InputError(problem, mend=mend)


def idle_faults(
    kinds: Mapping[str, Layer], settings: SolarSettings, file: object = None
) -> Iterator[InputError]:
    """Find exclusions without a setback whose features have no area: those exclude nothing.

    A rule that ends zones (``cuts``) does something even then, and one without any feature may
    have some in another place.

    Parameters
    ----------
    kinds
        The layers by kind.
    settings
        The rules.
    file
        The plan's, for the errors.
    """
    siting = sited(kinds, settings)
    told = set()
    for rule in siting.exclusions:
        if rule.kind in RASTERS or rule.value > 0 or rule.cuts or rule.id in told:
            continue
        shapes = siting.of(rule).shapes
        if len(shapes) and not (shapely.area(shapes) > 0).any():
            told.add(rule.id)
            yield InputError(
                _(
                    "the rule {rule} has the value 0, and its features are lines or points without "
                    "an area: it excludes nothing"
                ).format(rule=rule.id),
                file=file,
                layer=kinds[rule.kind].name,
                mend=_("Give the metres that are kept from them, as value = 10"),
            )
