"""The rules that yields are reckoned by: which they are, and what values they can have."""

from __future__ import annotations

from jxgis.errors import InputError, InputErrors
from jxgis.i18n import _
from jxgis.irradiation_units import LEAST_KWH_PER_M2, MOST_KWH_PER_M2
from jxgis.rules import Rules
from jxgis.solar.climate import RANGE_RULES

SYSTEM_LOSSES = (
    *("soiling", "shading", "mismatch", "wiring"),
    *("connections", "light_induced", "nameplate", "availability"),
)
"""PVWatts's system losses, each a rule ``solar.loss_…``."""

LOSS_RULES = (
    "solar.power_loss_per_c",
    *(f"solar.loss_{name}" for name in SYSTEM_LOSSES),
    "solar.inverter_efficiency",
    "solar.dc_ac_ratio",
)
"""The rules that every chain of losses makes use of."""

ROW_RULE = "solar.row_gap_hours"
PITCH_RULE = "solar.roof_pitch"
ALBEDO_RULE = "solar.albedo"
WATER_RULE = "solar.albedo_water"

_LIMITS = {
    **{f"solar.loss_{name}": (0.0, 0.9) for name in SYSTEM_LOSSES},
    **dict.fromkeys(RANGE_RULES, (LEAST_KWH_PER_M2, MOST_KWH_PER_M2)),
    "solar.power_loss_per_c": (0.0, 0.01),
    "solar.inverter_efficiency": (0.5, 1.0),
    "solar.dc_ac_ratio": (0.5, 3.0),
    PITCH_RULE: (0.0, 90.0),
    ALBEDO_RULE: (0.0, 1.0),
    WATER_RULE: (0.0, 1.0),
    ROW_RULE: (0.0, 6.0),
    "solar.overcast_share": (0.0, 0.9),
    "solar.temperature_mean": (-30.0, 40.0),
    "solar.temperature_year_swing": (0.0, 40.0),
    "solar.temperature_day_swing": (0.0, 30.0),
    "solar.wind_speed": (0.0, 30.0),
}


def yield_rule_faults(rules: Rules) -> list[InputError]:
    """Find rules of yields with a value that they cannot have, such as a loss in per cent.

    Parameters
    ----------
    rules
        The run's.
    """
    faults = [
        InputError(
            _("the rule {name} is {value:g}").format(name=name, value=rules[name].value),
            mend=_("Give from {least:g} to {most:g}").format(least=least, most=most),
        )
        for name, (least, most) in _LIMITS.items()
        if not least <= rules[name].value <= most
    ]
    low, high = (rules[name].value for name in RANGE_RULES)
    if low > high:
        faults.append(
            InputError(
                _("the rule {low} is more than {high}").format(
                    low=RANGE_RULES[0], high=RANGE_RULES[1]
                ),
                mend=_("Exchange their values"),
            )
        )
    return faults


def check_rules(rules: Rules) -> None:
    """Raise where a rule of yields has a value that it cannot have.

    Parameters
    ----------
    rules
        The run's.

    Raises
    ------
    InputErrors
        One sentence for each.
    """
    faults = yield_rule_faults(rules)
    if faults:
        raise InputErrors(faults)
