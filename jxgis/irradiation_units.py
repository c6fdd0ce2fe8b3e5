"""A year's irradiation as a plan or a raster gives it: whether it can be kWh/m² at all."""

from __future__ import annotations

from collections.abc import Iterator

from jxgis.errors import InputError
from jxgis.i18n import _

LEAST_KWH_PER_M2 = 500.0
MOST_KWH_PER_M2 = 2800.0
"""Between these lies the global horizontal irradiation of a year wherever people live."""

_DAYS = 365.0
_HOURS = 8.76  # thousands a year
_MJ_PER_KWH = 3.6

# Below it a figure is rather kWh a day (1.4 to 7.7) than MJ a day (4.9 to 27.6).
_MOST_KWH_A_DAY = 9.0


def check_irradiation(
    value: float,
    *,
    file: object = None,
    layer: str | None = None,
    scale: float = 1.0,
    key: str = "irradiation_kwh_per_m2",
) -> None:
    """Raise where a year's global horizontal irradiation is in another unit.

    Parameters
    ----------
    value
        What is given as kWh/m² a year; of a raster its mean or median.
    file, layer
        Where it is, for the sentence; of a layer the mending is the scale of its values.
    scale
        What a layer's values were multiplied by.
    key
        The plan's key, where it is no layer.

    Raises
    ------
    InputError
        Outside of `LEAST_KWH_PER_M2` to `MOST_KWH_PER_M2`; it names the likely unit and what the
        value would be then.
    """
    if LEAST_KWH_PER_M2 <= value <= MOST_KWH_PER_M2:
        return
    for unit, factor in _units(value):
        right = value * factor
        if LEAST_KWH_PER_M2 <= right <= MOST_KWH_PER_M2:
            raise InputError(
                _("{value:,.6g} looks like {unit}: that is {right:,.0f} kWh/m² a year").format(
                    value=value, unit=unit, right=right
                ),
                mend=_mended(layer, key, right, scale * factor),
                file=file,
                layer=layer,
            )
    raise InputError(
        _(
            "{value:,.6g} kWh/m² a year falls nowhere where people live ({least:,.0f} to "
            "{most:,.0f})"
        ).format(value=value, least=LEAST_KWH_PER_M2, most=MOST_KWH_PER_M2),
        mend=_("Give the year's global irradiation on the level, in kWh/m²"),
        file=file,
        layer=layer,
    )


def _units(value: float) -> Iterator[tuple[str, float]]:
    """Give the units that a figure may be in, the likeliest first, and what makes kWh of it."""
    kwh_a_day = (_("kWh/m² a day"), _DAYS)
    mj_a_day = (_("MJ/m² a day"), _DAYS / _MJ_PER_KWH)
    yield from (kwh_a_day, mj_a_day) if value < _MOST_KWH_A_DAY else (mj_a_day,)
    yield _("a mean in W/m²"), _HOURS
    yield _("MJ/m² a year"), 1 / _MJ_PER_KWH
    yield _("Wh/m² a year"), 1e-3


def _mended(layer: str | None, key: str, right: float, scale: float) -> str:
    if layer is None:
        return _("Write {key} = {right:.0f}, or what it is in kWh/m² a year").format(
            key=key, right=right
        )
    return _(
        "Write scale = {scale:.6g} under [layers.{layer}], or give it in kWh/m² a year"
    ).format(scale=scale, layer=layer)
