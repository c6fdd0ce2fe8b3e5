"""Numbers as a reader sees them: units, separators, and no miss ever rounded up to its target."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TypeGuard

from jxgis.i18n import _, ngettext

NOTHING = "\N{EM DASH}"

_KM2, _HA = 1e6, 1e4

# The sizes from which land has a decimal less.
_LAND_DECIMALS = {"ha": (100.0, 1000.0), "mu": (100.0, 100.0)}

# Decimals of units that deserve less than two.
_DECIMALS = {"MW": 1, "MWh": 0, "GWh": 1, "kWh": 0, "kWh/kWp": 0, "MW/km²": 1, "h": 0}

# From this length on a criterion is printed in kilometres.
_KM_FROM_M = 10_000.0

_MOST_PLACES = 12
"""No number is printed with more decimals than this, however small a target is."""

# Probabilities this near to none and to certainty are not told apart.
_UNLIKELY = 0.01


def format_share(
    value: float | None, target: float | None = None, sense: str = "at_least", decimals: int = 2
) -> str:
    """Return a share as a percentage.

    Parameters
    ----------
    value
        Share, 0 to 1; None and NaN give a dash.
    target
        Share that ``value`` is held against, or None.
    sense
        ``at_least`` or ``at_most``.
    decimals
        Decimals of the percentage; more are used where the target has more.

    Returns
    -------
    str
        Rounded half to even; a value that misses its target, and would not once rounded, is
        rounded away from it, so that the printed value misses the printed target as well:
        0.95996 against 0.96 gives 95.99 %.
    """
    if not _known(value):
        return NOTHING
    percent, wanted = _exact(value) * 100, None if target is None else _exact(target) * 100
    return _with_unit(_rounded(percent, wanted, sense, decimals), "1")


def format_quantity(value: float | None, unit: str, decimals: int | None = None) -> str:
    """Return a number with its unit, thousands separated; a share becomes a percentage.

    Where it is not said, there are as many decimals as the unit deserves.
    """
    if not _known(value):
        return NOTHING
    decimals = _DECIMALS.get(unit, 2) if decimals is None else decimals
    if unit == "1":
        return format_share(value, decimals=decimals)
    exact = _exact(value)
    return _with_unit(_rounded(exact, None, "at_least", min(decimals, _places(exact))), unit)


def format_power(megawatts: float | None) -> str:
    """Return megawatts with one decimal, for a column whose values all have it."""
    if not _known(megawatts):
        return NOTHING
    return _with_unit(round(_exact(megawatts), _DECIMALS["MW"]), "MW")


def format_area(area_m2: float | None, largest_m2: float | None = None) -> str:
    """Return an area in km², or in ha where the largest one beside it is under 1 km²."""
    if not _known(area_m2):
        return NOTHING
    if max(area_m2, largest_m2 or 0.0) >= _KM2:
        return _with_unit(_rounded(_exact(area_m2 / _KM2), None, "at_least", 2), "km2")
    return _with_unit(_rounded(_exact(area_m2 / _HA), None, "at_least", 2), "ha")


def format_land(
    value: float | None, unit: str, largest: float | None = None, *, bare: bool = False
) -> str:
    """Return hectares or mu, with fewer decimals the larger they are.

    Parameters
    ----------
    value
        In the unit; None and NaN give a dash.
    unit
        ``ha`` or ``mu``.
    largest
        The largest value beside it, which gives them all their decimals.
    bare
        Whether the unit is left out, because it is said elsewhere.
    """
    if not _known(value):
        return NOTHING
    size = float(max(abs(value), abs(largest or 0.0)))
    decimals = sum(size < limit for limit in _LAND_DECIMALS[unit])
    number = _rounded(_exact(value), None, "at_least", decimals)
    return _with_unit(number, "count" if bare else unit)


def format_points(effect: float | None) -> str:
    """Return a change of a share in signed percentage points; one under 0.01 says so."""
    if not _known(effect):
        return NOTHING
    points = _rounded(_exact(effect) * 100, None, "at_least", 2)
    if effect and not points:
        return _("under 0.01 pp")
    sign = "+" if points > 0 else ""
    return sign + _with_unit(points, "pp")


def format_probability(probability: float | None) -> str:
    """Return a probability in whole per cent, and never as certain: under 1 %, over 99 %."""
    if not _known(probability):
        return NOTHING
    if probability < _UNLIKELY:
        return _("under {limit}").format(limit=format_share(_UNLIKELY, decimals=0))
    if probability > 1 - _UNLIKELY:
        return _("over {limit}").format(limit=format_share(1 - _UNLIKELY, decimals=0))
    return format_share(probability, decimals=0)


@dataclass(frozen=True)
class Printed:
    """A criterion's value, what is required, and what is missing, as text that adds up."""

    value: str
    required: str
    gap: str


def print_criterion(value: float | None, target: float | None, sense: str, unit: str) -> Printed:
    """Return value, requirement and gap of a criterion in its own unit.

    The gap is the difference of the two printed numbers (percentage points for a share), so the
    row adds up for a reader with a pencil; a target that is reached has no gap.
    """
    most = _DECIMALS.get(unit, 2)
    if unit == "m" and max(abs(v) for v in (value, target, 0.0) if _known(v)) >= _KM_FROM_M:
        value, target = (v / 1000 if _known(v) else v for v in (value, target))
        unit, most = "km", 1
    scale, decimals = (100, 2) if unit == "1" else (1, 0)
    wanted = None if target is None else _exact(target) * scale
    required = NOTHING
    if wanted is not None:
        mark = "\N{LESS-THAN OR EQUAL TO}" if sense == "at_most" else "\N{GREATER-THAN OR EQUAL TO}"
        required = f"{mark} {_with_unit(_trimmed(wanted), unit)}"
    if not _known(value):
        return Printed(NOTHING, required, NOTHING)
    exact = _exact(value) * scale
    if unit != "1":
        decimals = min(most, _places(exact))
    shown = _rounded(exact, wanted, sense, decimals)
    gap = NOTHING
    if wanted is not None and _misses(exact, wanted, sense):
        missing = abs(wanted - shown)
        places = max(_places(missing), 2 if unit == "1" else 0)
        gap = _with_unit(round(missing, places), "pp" if unit == "1" else unit)
    return Printed(_with_unit(shown, unit), required, gap)


def unit_name(unit: str, number: float) -> str:
    """Return a unit as it is written after a number; a unit without a name goes as it is."""
    n = 1 if number == 1 else 2
    names = {
        "count": "",
        "pp": _("pp"),
        "m2": "m²",
        "km2": "km²",
        "ha": _("ha"),
        "mu": _("mu"),
        "MW": _("MW"),
        "GW": _("GW"),
        "MWh": _("MWh"),
        "GWh": _("GWh"),
        "kWh": _("kWh"),
        "kWh/kWp": _("kWh/kWp"),
        "MW/km²": _("MW/km²"),
        "h": _("h"),
        "people": ngettext("person", "people", n),
        "jobs": ngettext("job", "jobs", n),
        "stop": ngettext("stop", "stops", n),
        "zone": ngettext("zone", "zones", n),
        "county": ngettext("county", "counties", n),
        "station": ngettext("station", "stations", n),
        "pile": ngettext("pile", "piles", n),
        "site": ngettext("site", "sites", n),
        "vehicle": ngettext("vehicle", "vehicles", n),
        "enterprise": ngettext("enterprise", "enterprises", n),
        "project": ngettext("project", "projects", n),
        "product": ngettext("product", "products", n),
        "city": ngettext("city", "cities", n),
        "town": ngettext("town", "towns", n),
    }
    return names.get(unit, unit)


def _known(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)


def _exact(value: float) -> Decimal:
    return Decimal(repr(float(value)))


def _places(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return min(max(0, -exponent), _MOST_PLACES) if isinstance(exponent, int) else 0


def _misses(value: Decimal, target: Decimal, sense: str) -> bool:
    return value > target if sense == "at_most" else value < target


def _rounded(value: Decimal, target: Decimal | None, sense: str, decimals: int) -> Decimal:
    decimals = max(decimals, _places(target) if target is not None else 0)
    rounded = round(value, decimals)
    if target is None or not _misses(value, target, sense) or _misses(rounded, target, sense):
        return rounded
    away = ROUND_CEILING if sense == "at_most" else ROUND_FLOOR
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=away)


def _trimmed(number: Decimal) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-_places(number)))


def _with_unit(number: Decimal, unit: str) -> str:
    text = f"{number:,f}".replace("-", "\N{MINUS SIGN}")
    if unit == "1":
        return _("{number} %").format(number=text)
    name = unit_name(unit, float(number))
    return _("{number} {unit}").format(number=text, unit=name) if name else text
